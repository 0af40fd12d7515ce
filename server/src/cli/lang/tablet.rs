//! What a tablet says, in words. English is what its errors say themselves; here is the Vietnamese, and both languages of
//! what is no error.

use super::explain::with_detail;
use super::{Lang, current};
use client_ffi::local::LocalError;
use client_ffi::store::StoreError;
use client_ffi::transport::TransportError;
use client_ffi::{PIN_MAX, PIN_MIN, TabletError};
use sync_core::message::{ItemKind, Outcome};
use sync_core::open_box::InsertError;
use sync_core::parcel::{ParcelError, STORY_MAX};
use sync_core::record::{Language, PaperError};

/// An error of a tablet in the language of the process.
pub(in crate::cli) fn words(error: &TabletError) -> String {
    match current() {
        Lang::Vi => vietnamese(error),
        Lang::En => error.to_string(),
    }
}

/// An error of the way to the centre in the language of the process.
pub(in crate::cli) fn transport_words(error: &TransportError) -> String {
    match current() {
        Lang::Vi => transport(error),
        Lang::En => error.to_string(),
    }
}

pub(super) fn vietnamese(error: &TabletError) -> String {
    match error {
        TabletError::NotEnrolled => vi!("tablet-error-not-enrolled"),
        TabletError::Enrolled => vi!("tablet-error-enrolled"),
        TabletError::Token(_) => vi!("tablet-error-token"),
        TabletError::Enrolment { .. } => with_detail(&vi!("tablet-error-enrolment"), &error.to_string()),
        TabletError::Message { .. } => with_detail(&vi!("tablet-error-message"), &error.to_string()),
        TabletError::Parcel(ParcelError::NotAParcel) => vi!("tablet-error-not-a-parcel"),
        TabletError::Parcel(ParcelError::Torn) => vi!("tablet-error-torn"),
        TabletError::Parcel(_) => with_detail(&vi!("tablet-error-message"), &error.to_string()),
        TabletError::OtherRound { title, own } => {
            vi!("tablet-error-other-round", title = title.as_str(), own = own.as_str())
        }
        TabletError::NotOrphaned => vi!("tablet-error-not-orphaned"),
        TabletError::Story { .. } => vi!("tablet-error-story", bytes = STORY_MAX),
        TabletError::ChainFull => vi!("tablet-error-chain-full"),
        TabletError::NoMemory => vi!("tablet-error-no-memory"),
        TabletError::UnknownTablet(device, unit) => {
            vi!("tablet-error-unknown-tablet", device = device.to_string(), unit = unit.as_str())
        }
        TabletError::Store(error) => store(error),
        TabletError::Damaged { key } => vi!("tablet-error-damaged", key = key.as_str()),
        TabletError::Transport(error) => transport(error),
        other => voting(other),
    }
}

/// What goes wrong between slip and box.
fn voting(error: &TabletError) -> String {
    match error {
        TabletError::OtherUnit(unit) => vi!("tablet-error-other-unit", unit = unit.as_str()),
        TabletError::UnknownUnit(unit) => vi!("tablet-error-unknown-unit", unit = unit.as_str()),
        TabletError::NoSheet(unit) => vi!("tablet-error-no-sheet", unit = unit.as_str()),
        TabletError::SheetNotConfirmed => vi!("tablet-error-sheet-not-confirmed"),
        TabletError::TwoGroups => vi!("tablet-error-two-groups"),
        TabletError::Digits(differs) => vi!("tablet-error-digits", group = differs.group),
        TabletError::Closed => vi!("tablet-error-closed"),
        TabletError::Finished(unit) => vi!("tablet-error-finished", unit = unit.as_str()),
        TabletError::NeedsPermit(unit) => vi!("tablet-error-needs-permit", unit = unit.as_str()),
        TabletError::Attended(unit) => vi!("tablet-error-attended", unit = unit.as_str()),
        TabletError::Permit(_) => vi!("tablet-error-permit"),
        TabletError::Box(InsertError::AlreadyUsed) => vi!("tablet-error-used"),
        TabletError::Box(InsertError::Full) => vi!("tablet-error-box-full"),
        TabletError::Box(_) => vi!("tablet-error-box"),
        TabletError::Marks(_) => with_detail(&vi!("tablet-error-marks"), &error.to_string()),
        other => meeting(other),
    }
}

/// What goes wrong with register, record and minutes.
fn meeting(error: &TabletError) -> String {
    match error {
        TabletError::NotOnTeam(unit) => vi!("tablet-error-not-on-team", unit = unit.as_str()),
        TabletError::PinForm => vi!("tablet-error-pin-form", least = PIN_MIN, most = PIN_MAX),
        TabletError::NoPin => vi!("tablet-error-no-pin"),
        TabletError::PinSet => vi!("tablet-error-pin-set"),
        TabletError::WrongPin { pause } => vi!("tablet-error-wrong-pin", pause = *pause),
        TabletError::PinPause { left } => vi!("tablet-error-pin-pause", left = *left),
        TabletError::UnknownVoter { unit, voter, voters } => {
            vi!("tablet-error-unknown-voter", unit = unit.as_str(), voter = *voter, voters = *voters)
        }
        TabletError::Text { .. } => with_detail(&vi!("tablet-error-text"), &error.to_string()),
        TabletError::TooMuch => vi!("tablet-error-too-much"),
        TabletError::Moment { .. } => vi!("tablet-error-moment"),
        TabletError::NoEntry(unit) => vi!("tablet-error-no-entry", unit = unit.as_str()),
        TabletError::NotUndoable => vi!("tablet-error-not-undoable"),
        TabletError::NotANote => vi!("tablet-error-not-a-note"),
        TabletError::NothingToSettle => vi!("tablet-error-nothing-to-settle"),
        TabletError::Unsettled(count) => vi!("tablet-error-unsettled", count = *count),
        TabletError::Committee => vi!("tablet-error-committee"),
        TabletError::NotInPost(post) => {
            vi!("tablet-error-not-in-post", post = post.label(Language::Vietnamese))
        }
        TabletError::SaidWrong => vi!("tablet-error-said-wrong"),
        TabletError::NothingSigned(unit) => vi!("tablet-error-nothing-signed", unit = unit.as_str()),
        TabletError::NoFinding => vi!("tablet-error-no-finding"),
        TabletError::NotExplainable => vi!("tablet-error-not-explainable"),
        TabletError::SecondPerson => vi!("tablet-error-second-person"),
        TabletError::Paper(PaperError::SamePerson) => vi!("tablet-error-paper-same-person"),
        TabletError::Paper(_) => with_detail(&vi!("tablet-error-paper"), &error.to_string()),
        TabletError::PaperStep { .. } => with_detail(&vi!("tablet-error-paper-step"), &error.to_string()),
        TabletError::PaperSheet(unit) => vi!("tablet-error-paper-sheet", unit = unit.as_str()),
        TabletError::RecordFull(unit) => vi!("tablet-error-record-full", unit = unit.as_str()),
        // Said by the functions above; what a later core adds says its English.
        other => other.to_string(),
    }
}

fn store(error: &StoreError) -> String {
    match error {
        StoreError::InUse { folder } => vi!("tablet-error-in-use", folder = folder.as_str()),
        StoreError::Damaged { key } => vi!("tablet-error-damaged", key = key.as_str()),
        StoreError::Foreign { name } => vi!("tablet-error-foreign", name = name.as_str()),
        StoreError::Full => vi!("tablet-error-store-full"),
        StoreError::TooLong { .. } | StoreError::Io { .. } => {
            with_detail(&vi!("tablet-error-store"), &error.to_string())
        }
    }
}

fn transport(error: &TransportError) -> String {
    match error {
        TransportError::Unreachable(_) => with_detail(&vi!("tablet-error-unreachable"), &error.to_string()),
        TransportError::Broken(_) => with_detail(&vi!("tablet-error-broken"), &error.to_string()),
        TransportError::Refused { code, .. } => {
            let known = super::find(Lang::Vi, &super::explain::error_key(code), None, &[]);
            with_detail(&known.unwrap_or_else(|| vi!("tablet-error-refused")), &error.to_string())
        }
        TransportError::NotACentre(_) => with_detail(&vi!("tablet-error-not-a-centre"), &error.to_string()),
        TransportError::Address(_) => with_detail(&vi!("tablet-error-address"), &error.to_string()),
        TransportError::NotTheCentre(_) => {
            with_detail(&vi!("tablet-error-not-the-centre"), &error.to_string())
        }
    }
}

/// What went wrong between two tablets, in the language of the process.
pub(in crate::cli) fn local(error: &LocalError) -> String {
    if current() == Lang::En {
        return error.to_string();
    }
    match error {
        LocalError::Invitation(_) => vi!("tablet-error-local-invitation"),
        LocalError::Unreachable(_) | LocalError::NoNetwork(_) => {
            with_detail(&vi!("tablet-error-local-unreachable"), &error.to_string())
        }
        LocalError::NotTheHost => vi!("tablet-error-local-not-the-host"),
        LocalError::OtherRound { ours, theirs } => {
            vi!("tablet-error-local-other-round", ours = ours.as_str(), theirs = theirs.as_str())
        }
        LocalError::Stranger | LocalError::NotBelieved => vi!("tablet-error-local-stranger"),
        LocalError::Itself => vi!("tablet-error-local-itself"),
        LocalError::Full => vi!("tablet-error-local-full"),
        LocalError::Cut(_) | LocalError::Slow => {
            with_detail(&vi!("tablet-error-local-cut"), &error.to_string())
        }
        LocalError::Ended | LocalError::Superseded | LocalError::Stopped => vi!("tablet-error-local-ended"),
        LocalError::NoRoomThere | LocalError::FailedThere => vi!("tablet-error-local-there"),
        LocalError::Tablet(error) => vietnamese(error),
        LocalError::Malformed(_) | LocalError::NotUnderstood | LocalError::Broken => {
            with_detail(&vi!("tablet-error-local-strange"), &error.to_string())
        }
    }
}

/// What an item is, for people.
pub(in crate::cli) fn kind(kind: ItemKind) -> String {
    match kind {
        ItemKind::Package => tr!("tablet-kind-package"),
        ItemKind::Sheet => tr!("tablet-kind-sheet"),
        ItemKind::SheetReplacement => tr!("tablet-kind-replacement"),
        ItemKind::Certificate => tr!("tablet-kind-certificate"),
        ItemKind::Revocation => tr!("tablet-kind-revocation"),
        ItemKind::Envelope => tr!("tablet-kind-envelope"),
        ItemKind::RecordChange | ItemKind::SealedRecordChange => tr!("tablet-kind-record"),
        ItemKind::Receipt => tr!("tablet-kind-receipt"),
        ItemKind::RoundStatement => tr!("tablet-kind-statement"),
    }
}

/// Why an item was not taken, and what comes of it.
pub(in crate::cli) fn outcome(outcome: Outcome) -> String {
    match outcome {
        Outcome::WaitsForCertificate => tr!("tablet-outcome-certificate"),
        Outcome::WaitsForPredecessor => tr!("tablet-outcome-predecessor"),
        Outcome::Malformed => tr!("tablet-outcome-malformed"),
        Outcome::BadSignature => tr!("tablet-outcome-signature"),
        Outcome::OtherPackage => tr!("tablet-outcome-package"),
        Outcome::OtherUnit => tr!("tablet-outcome-unit"),
        Outcome::UnknownVersion => tr!("tablet-outcome-version"),
        Outcome::NotTaken => tr!("tablet-outcome-not-taken"),
        Outcome::TooMany => tr!("tablet-outcome-too-many"),
    }
}
