//! What a tablet says, in the language of the process.

use super::explain::{error_key, with_detail};
use super::{Lang, find, language};
use crate::cli::tablet::Refusal;
use client_ffi::TabletError;
use client_ffi::transport::TransportError;
use sync_core::message::{ItemKind, Outcome};
use sync_core::record::Language;

/// An error of a tablet.
pub(in crate::cli) fn words(error: &TabletError) -> String {
    match error {
        TabletError::Transport(error) => transport(error),
        other => other.text(language()),
    }
}

/// An error of the way to the centre. Where the centre refused, it has words for its own codes.
pub(in crate::cli) fn transport(error: &TransportError) -> String {
    let known = match (error, language()) {
        (TransportError::Refused { code, .. }, Language::Vietnamese) => {
            find(Lang::Vi, &error_key(code), None, &[])
        }
        _ => None,
    };
    known.map_or_else(|| error.text(language()), |known| with_detail(&known, &error.to_string()))
}

/// Why somebody is not let into the kiosk.
pub(in crate::cli) fn refusal(language: Language, why: Refusal) -> String {
    match (language, why) {
        (Language::English, why) => why.to_string(),
        (Language::Vietnamese, Refusal::Spent) => vi!("refusal-spent"),
        (Language::Vietnamese, Refusal::NotOpened) => vi!("refusal-not-opened"),
        (Language::Vietnamese, Refusal::OtherHost) => vi!("refusal-other-host"),
        (Language::Vietnamese, Refusal::OtherPage) => vi!("refusal-other-page"),
    }
}

/// A parcel that is too long for the kiosk's page.
pub(in crate::cli) fn parcel_too_long(language: Language, mebibytes: usize) -> String {
    match language {
        Language::English => format!(
            "this file has more than {mebibytes} MiB, too much for a page: take it with `homphieu tablet import`"
        ),
        Language::Vietnamese => vi!("refusal-parcel-too-long", mebibytes = mebibytes),
    }
}

/// Joining is for tablets that have no session open themselves.
pub(in crate::cli) fn session_open(language: Language) -> String {
    match language {
        Language::English => {
            "this tablet has a session open itself: end it first, or let the other tablet join it".to_owned()
        }
        Language::Vietnamese => vi!("refusal-session-open"),
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
