//! Why a tablet did not do it, in words for the person who holds it.

use crate::store::StoreError;
use crate::transport::TransportError;
use sync_core::ballot::MarkError;
use sync_core::enrol::TokenError;
use sync_core::fingerprint::GroupDiffers;
use sync_core::id::UnitCode;
use sync_core::open_box::InsertError;
use sync_core::permit::LookupError;
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
    /// So many envelopes were sealed here that no number is left.
    #[error("this tablet cannot seal another envelope: go on with another tablet")]
    ChainFull,
    /// The store failed. A ballot that was being cast is not confirmed: cast it again, and should the tablet say then
    /// that the slip was used, it is in the box.
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
