//! Why a tablet did not do it, in words for the person who holds it.

use crate::store::StoreError;
use crate::tablet::{PIN_MAX, PIN_MIN};
use crate::transport::TransportError;
use sync_core::ballot::MarkError;
use sync_core::enrol::TokenError;
use sync_core::fingerprint::GroupDiffers;
use sync_core::id::{DeviceId, UnitCode};
use sync_core::open_box::InsertError;
use sync_core::package::TEXT_MAX;
use sync_core::parcel::{ParcelError, STORY_MAX};
use sync_core::permit::LookupError;
use sync_core::record::{HEADS_MAX, Language, MEMBERS_MAX, PaperError, Post};
use thiserror::Error;

/// What went wrong. Nothing was changed, unless the store itself failed ([`TabletError::Store`]).
#[derive(Debug, Error)]
pub enum TabletError {
    /// The tablet belongs to no round yet.
    #[error("this tablet is not enrolled: scan the token from the office")]
    NotEnrolled,
    /// It belongs to a round already.
    #[error("this tablet belongs to a round already; use a tablet that was not enrolled before")]
    Enrolled,
    /// The token cannot be read.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// What came back for the token is not what the centre of the token signed for this tablet.
    #[error(
        "the answer to the enrolment is not genuine ({what}): try again, and ask the office if it stays so"
    )]
    Enrolment {
        /// What does not fit.
        what: &'static str,
    },
    /// The tablet is not certified for the unit.
    #[error("this tablet takes no ballots for unit {0}")]
    OtherUnit(UnitCode),
    /// The round does not have the unit.
    #[error("unit {0} is not in this round")]
    UnknownUnit(UnitCode),
    /// The unit's sheet has not arrived.
    #[error("the list of unit {0} is not on this tablet yet: fetch it from the centre or another tablet")]
    NoSheet(UnitCode),
    /// The sheet has not been compared with paper.
    #[error("compare the digits of the unit's list with the paper first")]
    SheetNotConfirmed,
    /// Two different groups of digits are needed.
    #[error("type two different groups of digits from the paper")]
    TwoGroups,
    /// The typed digits differ.
    #[error(transparent)]
    Digits(#[from] GroupDiffers),
    /// The box is closed.
    #[error("the box of this tablet is closed: no more ballots can be cast here")]
    Closed,
    /// The centre has finished the round.
    #[error("the round is finished in unit {0}: no more ballots can be cast")]
    Finished(UnitCode),
    /// The unit votes the other way.
    #[error("unit {0} votes with slips: the ballot needs one")]
    NeedsPermit(UnitCode),
    /// The unit votes attended.
    #[error("unit {0} votes without slips: the team unlocks each ballot")]
    Attended(UnitCode),
    /// The slip is not of this unit.
    #[error(transparent)]
    Permit(#[from] LookupError),
    /// The ballot does not go into the box.
    #[error(transparent)]
    Box(#[from] InsertError),
    /// The marks are no ballot.
    #[error(transparent)]
    Marks(#[from] MarkError),
    /// A message that is none, or of another round.
    #[error("this parcel cannot be taken: {what}")]
    Message {
        /// Why.
        what: String,
    },
    /// A file that is no parcel, or of which nothing is whole.
    #[error(transparent)]
    Parcel(#[from] ParcelError),
    /// A parcel of another round.
    #[error("this parcel belongs to another round ({title}); this tablet is in {own}")]
    OtherRound {
        /// Title of the parcel's round, as it says.
        title: String,
        /// Title of the tablet's round.
        own: String,
    },
    /// The store is that of a tablet which can sign.
    #[error("this tablet has its key: close its box and hand over as usual")]
    NotOrphaned,
    /// Ballots of a broken tablet without a word about it, or with too many.
    #[error("say in one line of 1 to {STORY_MAX} bytes what happened to the tablet; this has {found}")]
    Story {
        /// Its bytes.
        found: usize,
    },
    /// So many envelopes were sealed here that no number is left.
    #[error("this tablet cannot seal another envelope: go on with another tablet")]
    ChainFull,
    /// Nobody of this name is on the unit's team here.
    #[error("this person is not on the team of unit {0}: choose a name of the team, or enter the name first")]
    NotOnTeam(UnitCode),
    /// Whoever acted has gone.
    #[error("nobody works on this tablet now: choose your name and type your PIN")]
    NobodyActs,
    /// A PIN has another form.
    #[error("a PIN is {PIN_MIN} to {PIN_MAX} digits")]
    PinForm,
    /// The person has no PIN on this tablet.
    #[error("this person has no PIN on this tablet yet: set one first")]
    NoPin,
    /// The person has a PIN, and the old one was not typed.
    #[error("this person has a PIN on this tablet already: type the old one to change it")]
    PinSet,
    /// Another PIN.
    #[error("the PIN is wrong; the next {pause} tries are not looked at")]
    WrongPin {
        /// So many tries are not looked at from now on.
        pause: u32,
    },
    /// After several wrong PINs some tries are not looked at.
    #[error("after several wrong PINs this try was not looked at, nor will the next {left} be")]
    PinPause {
        /// So many more tries are not looked at.
        left: u32,
    },
    /// A PIN cannot be checked for want of memory.
    #[error("the tablet has too little memory free to check a PIN: close other programs")]
    NoMemory,
    /// The sheet has no voter of this number.
    #[error("there is no voter {voter} in unit {unit}: the list goes from 1 to {voters}")]
    UnknownVoter {
        /// The unit.
        unit: UnitCode,
        /// The number.
        voter: u32,
        /// Voters on the sheet.
        voters: u32,
    },
    /// A text without words, or a longer one than a record holds.
    #[error("{what} must have 1 to {TEXT_MAX} bytes of text, and has {found}")]
    Text {
        /// What.
        what: &'static str,
        /// Its bytes.
        found: usize,
    },
    /// An entry longer than one change holds.
    #[error("that is too much for one entry: shorten it")]
    TooMuch,
    /// A moment that no clock shows.
    #[error("the moment {at} is no number of minutes since 1970: set the tablet's clock")]
    Moment {
        /// As given.
        at: u64,
    },
    /// No such entry is here, or it does not count.
    #[error("there is no such entry in the record of unit {0}")]
    NoEntry(UnitCode),
    /// Only what was noted by mistake can be undone.
    #[error("this entry cannot be undone: add what is right by a further entry")]
    NotUndoable,
    /// Only a note or an incident can be replaced by a note.
    #[error("only a note or an incident can be replaced by a note")]
    NotANote,
    /// A plan is confirmed by a second person.
    #[error("somebody else says this: not who wrote the plan, and not the official whom it is about")]
    PlanSecondPerson,
    /// Nobody disagrees about it.
    #[error("nobody disagrees about this: there is nothing to settle")]
    NothingToSettle,
    /// Nothing is signed while people disagree.
    #[error("{0} things are noted in two ways: settle each before you sign")]
    Unsettled(usize),
    /// The committee is none.
    #[error(
        "name one chair of the meeting and one head of the counting committee, two persons; at most {MEMBERS_MAX} members"
    )]
    Committee,
    /// The person does not hold the post.
    #[error("only who is noted as {} can sign as that", .0.label(Language::English))]
    NotInPost(Post),
    /// Minutes that somebody corrected are not signed again.
    #[error("these minutes were said not to hold: note what is right, then sign")]
    SaidWrong,
    /// Nobody signed anything that could be corrected.
    #[error("no minutes of unit {0} are signed that could be corrected: just note what is right")]
    NothingSigned(UnitCode),
    /// No such tablet is known here.
    #[error(
        "tablet {0} is not known as one of unit {1}: fetch from the centre, or take over from that tablet"
    )]
    UnknownTablet(DeviceId, UnitCode),
    /// No such finding stands now.
    #[error("this is no finding any more: look at the list again")]
    NoFinding,
    /// An error is corrected, not explained.
    #[error("this cannot be explained, only corrected: note what is right")]
    NotExplainable,
    /// Who noted it cannot explain it.
    #[error("who noted the figures cannot explain them: a second person has to")]
    SecondPerson,
    /// The numbers cannot be a paper count, or somebody else has to enter them.
    #[error(transparent)]
    Paper(#[from] PaperError),
    /// The double entry of a paper count is not so far, or further.
    #[error("it is not the moment to {what}: look how far the two entries of this box are")]
    PaperStep {
        /// What was tried.
        what: &'static str,
    },
    /// The sheet was replaced while two persons were entering a paper count.
    #[error("the list of unit {0} was replaced: discard the numbers entered so far and enter them anew")]
    PaperSheet(UnitCode),
    /// The bounds of a record are reached.
    #[error("the record of unit {0} takes no more entries from this tablet: go on with another tablet")]
    RecordFull(UnitCode),
    /// The minutes rest on entries of more writers than a signature names. No honest meeting comes near.
    #[error(
        "the minutes of unit {0} rest on entries of {1} writers, and a signature can name only {HEADS_MAX}: some tablet \
         wrote too much; undo what does not belong to the meeting, then sign"
    )]
    TooManyWriters(UnitCode, usize),
    /// The store failed. A ballot that was being cast is not confirmed: cast it again, and should the tablet say then
    /// that the slip was used, it is in the box. An entry of the record is not confirmed either: look whether it is there.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored value is no longer what it was.
    #[error("the stored value {key} is damaged: keep this tablet as it is and ask the office")]
    Damaged {
        /// Its key.
        key: String,
    },
    /// The centre could not be reached, or refused.
    #[error(transparent)]
    Transport(#[from] TransportError),
}
