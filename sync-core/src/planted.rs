//! Bugs planted on purpose, which show that the simulator's checkers can fail.
//!
//! Without the feature `planted-bugs` none of them exists: [`is`] is a constant `false`. Only the simulator's tests
//! turn the feature on, and `tests/tests/architecture.rs` sees that nothing else does.

macro_rules! bugs {
    ($($(#[$doc:meta])* $bug:ident = $name:literal,)*) => {
        /// A bug that may be planted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Bug {
            $($(#[$doc])* $bug,)*
        }

        impl Bug {
            /// Every bug with its name.
            pub const ALL: &[(Self, &str)] = &[$((Self::$bug, $name),)*];
        }
    };
}

bugs! {
    /// A box is cut as soon as the smallest batch waits.
    CutAtBatchMin = "cut-at-batch-min",
    /// Ballots of an envelope stay in the box as well.
    BoxKeepsSealed = "box-keeps-sealed",
    /// Of two envelopes with one number the first is not held.
    FirstCloneWins = "first-clone-wins",
    /// What comes beyond a tablet's close is not held.
    AcceptsBeyondClose = "accepts-beyond-close",
    /// What comes after the close of the round is not held.
    AcceptsLate = "accepts-late",
    /// What a revoked tablet sealed is not held.
    TrustsRevoked = "trusts-revoked",
    /// What was sealed under a replaced sheet is not held.
    TrustsReplacedSheet = "trusts-replaced-sheet",
    /// What was sealed under a sheet that nobody knows is not held.
    TrustsUnknownSheet = "trusts-unknown-sheet",
    /// Ballots of another length are not held.
    TrustsAnyLength = "trusts-any-length",
    /// Envelopes for a unit that their tablet is not certified for are not held.
    TrustsAnyScope = "trusts-any-scope",
    /// A wrong link to the envelope before is not held.
    TrustsBrokenChain = "trusts-broken-chain",
    /// A tablet that never closed is not missed.
    MissesNoClose = "misses-no-close",
    /// The centre takes an envelope into any unit.
    SkipsUnitCheck = "skips-unit-check",
    /// A tablet refuses an envelope whose predecessor it does not have.
    RefusesWithoutPredecessor = "refuses-without-predecessor",
    /// Envelopes are told apart by tablet and number instead of their id.
    KnowsByNumber = "knows-by-number",
    /// Of two signatures on one envelope the first that came stays.
    FirstBytesStay = "first-bytes-stay",
    /// What waited for a certificate is taken and not stored.
    WakesWithoutStoring = "wakes-without-storing",
    /// What waits is not bounded.
    WaitsWithoutBound = "waits-without-bound",
    /// A ballot that carries another code counts for its nullifier.
    CountsForged = "counts-forged",
    /// Ballots of one permit with different marks: the first counts.
    CountsFirstOfConflicting = "counts-first-of-conflicting",
    /// Ballots of one permit with equal marks count each.
    CountsEqualMarksTwice = "counts-equal-marks-twice",
    /// A ballot without a permit is collected, invalid.
    CollectsNotIssued = "collects-not-issued",
    /// A replaced sheet with other officials makes no difference.
    CountsOtherOfficials = "counts-other-officials",
    /// Small groups are shown by level.
    ShowsSmallGroups = "shows-small-groups",
    /// A later order changes figures by any number of ballots.
    ShowsAnyDifference = "shows-any-difference",
    /// What is left out is opened and counted.
    CountsLeftOut = "counts-left-out",
    /// The closing total leaves the last envelope out.
    WrongTotal = "wrong-total",
    /// The box loses its ballots before the envelope is stored.
    BoxBeforeEnvelope = "box-before-envelope",
    /// An envelope is left out when the store is read.
    DropsEnvelopeOnRestart = "drops-envelope-on-restart",
    /// At the start, ballots found in an own envelope stay in the box.
    NoRescueAtStart = "no-rescue-at-start",
    /// Numbers begin anew after a restart.
    NumbersBeginAnew = "numbers-begin-anew",
    /// What a failed write left is not made durable before going on.
    NoSettle = "no-settle",
    /// An envelope is deleted as soon as a receipt covers it.
    DeletesOnReceipt = "deletes-on-receipt",
    /// A statement deletes every envelope of its unit, listed or not.
    DeletesUnlisted = "deletes-unlisted",
    /// What a statement lists is deleted before the statement is stored.
    DeletesBeforeStatement = "deletes-before-statement",
    /// A statement is taken into any unit.
    TakesForeignStatement = "takes-foreign-statement",
    /// A statement is taken whoever signed it.
    TakesForgedStatement = "takes-forged-statement",
    /// What was deleted by a statement is taken again as new.
    TakesBackDeleted = "takes-back-deleted",
    /// A deletion that a crash broke off is not gone on with at the start.
    LeavesRestOfDeletion = "leaves-rest-of-deletion",
    /// A round is finished although something came, or is undecided, after its last order.
    FinishesOutdated = "finishes-outdated",
    /// What a receipt covers is never given again.
    TrustsOldReceipt = "trusts-old-receipt",
    /// Somebody's word that it has an envelope counts as the centre's receipt.
    HaveIsConfirmed = "have-is-confirmed",
    /// Couriers hand nothing on.
    CourierKeepsAll = "courier-keeps-all",
    /// A box without ballots is not closed.
    EmptyBoxStaysOpen = "empty-box-stays-open",
    /// The close leaves one ballot behind.
    CloseForgetsOne = "close-forgets-one",
    /// A copied tablet keeps ballots for ever when its close comes back.
    KeepsAfterForeignClose = "keeps-after-foreign-close",
    /// A tablet without its device key passes for a fresh one.
    ForgetsLostKey = "forgets-lost-key",
    /// The nullifier of the last ballot is noted in clear.
    NotesNullifier = "notes-nullifier",
    /// The code of the last slip is noted in clear.
    NotesCode = "notes-code",
    /// Who only carries gets sheets and envelopes from the centre like a tablet of the unit.
    GivesToCouriers = "gives-to-couriers",
    /// Sheets with their names are handed to whoever carries, and taken there.
    HandsNamesOn = "hands-names-on",
    /// What is given is not cut into messages of the longest size.
    SendsInOnePiece = "sends-in-one-piece",
    /// A bit of a ballot is turned when its envelope is sealed.
    SpoilsWhenSealing = "spoils-when-sealing",
    /// A tablet counts ballots that are in its box as sealed ones too.
    CountsBoxTwice = "counts-box-twice",
    /// What two people left out stays undecided.
    AsksAgain = "asks-again",
    /// What was decided stands in the way of publishing all the same.
    HoldsUpPublication = "holds-up-publication",
    /// Revocations are left out of the bundle.
    BundleForgetsRevocations = "bundle-forgets-revocations",
    /// A message of which only the beginning arrived ends the program.
    PanicsOnCut = "panics-on-cut",
    /// After a write failed, the next change of a record gets the same number again.
    RecordNumberAgain = "record-number-again",
    /// A tablet writes in a record under the same run after each start.
    RecordRunAgain = "record-run-again",
    /// A person is told that something is noted, and it is not stored.
    RecordNotStored = "record-not-stored",
    /// Of two changes with one number the first that came counts.
    RecordFirstTwinWins = "record-first-twin-wins",
    /// Heads do not show that there are two changes with one number.
    RecordHidesTwins = "record-hides-twins",
    /// A change is taken without the change before it.
    RecordWithoutPredecessor = "record-without-predecessor",
    /// Nobody compares the hash of a change.
    RecordAnyHash = "record-any-hash",
    /// What a revoked device noted is refused.
    RecordRefusesRevoked = "record-refuses-revoked",
    /// Of settlements that race one holds, and nobody hears of the other.
    RecordOneSettlementWins = "record-one-settlement-wins",
    /// What was undone still counts.
    RecordUndoneCounts = "record-undone-counts",
    /// A second check-in of one voter is not shown.
    RecordHidesDouble = "record-hides-double",
    /// Whoever noted something may explain it.
    RecordInvolvedExplains = "record-involved-explains",
    /// Minutes that nobody signed pass for signed.
    RecordUnsignedHolds = "record-unsigned-holds",
    /// A record is handed in clear to whoever comes by.
    RecordHandedInClear = "record-handed-in-clear",
    /// A courier takes a record in clear.
    RecordTakenInClear = "record-taken-in-clear",
    /// A copy of a parcel that ends early passes for a whole one.
    TornPassesForWhole = "torn-passes-for-whole",
    /// A part of a parcel that is damaged is told as read.
    HidesUnreadable = "hides-unreadable",
    /// In a local session one envelope that the other side lacks is not given.
    SessionLeavesOne = "session-leaves-one",
    /// Whoever joins a session with a certificate of the round is let in, whatever key it has.
    LetsStrangersIn = "lets-strangers-in",
    /// A revoked tablet gets in a session what every other one gets.
    GivesToRevoked = "gives-to-revoked",
    /// Whoever is met in a session counts as holding everything that is here.
    HandedWhenMet = "handed-when-met",
    /// The status shows as confirmed what was only handed over.
    ConfirmsHandedOver = "confirms-handed-over",
    /// A courier carries more than it has room for.
    CarriesBeyondRoom = "carries-beyond-room",
    /// A courier deletes what it handed on.
    DeletesHandedOn = "deletes-handed-on",
    /// A parcel of another round is read like one of this round.
    ReadsForeignParcels = "reads-foreign-parcels",
}

/// Whether a bug is planted on this thread.
#[cfg(not(feature = "planted-bugs"))]
#[inline]
pub const fn is(_: Bug) -> bool {
    false
}

#[cfg(feature = "planted-bugs")]
mod active {
    use super::Bug;
    use core::cell::Cell;

    thread_local! {
        static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
    }

    /// Whether a bug is planted on this thread.
    pub fn is(bug: Bug) -> bool {
        PLANTED.get() == Some(bug)
    }

    /// Plants one bug on this thread, or none.
    pub fn plant(bug: Option<Bug>) {
        PLANTED.set(bug);
    }
}

#[cfg(feature = "planted-bugs")]
pub use active::{is, plant};
