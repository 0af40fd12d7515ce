//! What is said about a corrected sheet: what stands against it, what it changes, what should be known.

use sync_core::id::UnitCode;
use sync_core::package::REPLACEMENTS_MAX;
use thiserror::Error;

/// Why a sheet is not replaced.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SheetProblem {
    /// No reason, or one that does not fit.
    #[error("give a reason of one line, of at most 200 characters")]
    Reason,
    /// The meeting has begun.
    #[error(
        "{checked_in} voters are checked in already: a sheet is replaced only before the unit's first check-in"
    )]
    MeetingBegun {
        /// How many.
        checked_in: u32,
    },
    /// The corrected roster lacks the unit.
    #[error("the corrected roster does not have unit {unit}: add it, or correct the code")]
    NotInRoster {
        /// The unit.
        unit: UnitCode,
    },
    /// An official is rated in another unit.
    #[error("official {code} is rated in unit {unit} already: every official has a code of their own")]
    RatedElsewhere {
        /// Code of the official.
        code: String,
        /// The other unit.
        unit: UnitCode,
    },
    /// More voters than slips.
    #[error("there are only {permits} slips for {voters} voters: replace all of them, with --new-permits")]
    TooFewSlips {
        /// Slips that were printed.
        permits: usize,
        /// Voters of the corrected roster.
        voters: u32,
    },
    /// No slips to replace.
    #[error("the unit votes attended, so it has no slips to replace: leave --new-permits out")]
    Attended,
    /// New slips are fewer than voters and their spares.
    #[error("{printed} slips were printed where {wanted} are due: print them again")]
    WrongSlips {
        /// New slips.
        printed: usize,
        /// Voters and spares.
        wanted: u32,
    },
    /// The sheet names its voters, and there would be more or fewer of them.
    #[error(
        "the sheet names {names} voters and the corrected roster has {voters}: it cannot keep their names"
    )]
    VoterNames {
        /// Names on the sheet.
        names: usize,
        /// Voters of the corrected roster.
        voters: u32,
    },
    /// Nothing changes.
    #[error(
        "the corrected roster says of this unit what its sheet says already: there is nothing to replace"
    )]
    Unchanged,
    /// It was replaced too often.
    #[error("the sheet was replaced {REPLACEMENTS_MAX} times, which is the most")]
    TooOften,
    /// It outgrows its format.
    #[error("the sheet would be too large: {0}")]
    TooLarge(String),
}

impl SheetProblem {
    /// Stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Reason => "reason",
            Self::MeetingBegun { .. } => "meeting_begun",
            Self::NotInRoster { .. } => "not_in_roster",
            Self::RatedElsewhere { .. } => "rated_elsewhere",
            Self::TooFewSlips { .. } => "too_few_slips",
            Self::Attended => "attended",
            Self::WrongSlips { .. } => "wrong_slips",
            Self::VoterNames { .. } => "voter_names",
            Self::Unchanged => "unchanged",
            Self::TooOften => "too_often",
            Self::TooLarge(_) => "too_large",
        }
    }
}

/// One thing that a corrected sheet changes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Change {
    /// The name of an official.
    #[error("{code}: name {from:?} becomes {to:?}")]
    Name {
        /// Code of the official.
        code: String,
        /// Earlier.
        from: String,
        /// From now on.
        to: String,
    },
    /// The post of an official.
    #[error("{code}: post {from:?} becomes {to:?}")]
    Post {
        /// Code of the official.
        code: String,
        /// Earlier.
        from: String,
        /// From now on.
        to: String,
    },
    /// An official comes onto the ballot.
    #[error("{code}: {name:?}, {post:?} is added in place {place}")]
    Added {
        /// Code of the official.
        code: String,
        /// Name.
        name: String,
        /// Post.
        post: String,
        /// Place on the new ballot, from 1.
        place: usize,
    },
    /// An official leaves the ballot.
    #[error("{code}: {name:?}, {post:?} is taken off the ballot")]
    Removed {
        /// Code of the official.
        code: String,
        /// Name.
        name: String,
        /// Post.
        post: String,
    },
    /// Those who stay stand in another order.
    #[error("the order on the ballot changes to {}", .0.join(", "))]
    Order(Vec<String>),
    /// The number of voters.
    #[error("voters: {from} become {to}")]
    Voters {
        /// Earlier.
        from: u32,
        /// From now on.
        to: u32,
    },
    /// Names of voters.
    #[error("voters: {count} names are new or change")]
    VoterNames {
        /// How many.
        count: usize,
    },
    /// The team.
    #[error("the team is {}", .0.join(", "))]
    Team(Vec<String>),
    /// All slips.
    #[error("slips: all {from} are void, {to} new ones are good")]
    Slips {
        /// Earlier slips.
        from: usize,
        /// New slips.
        to: usize,
    },
}

impl Change {
    /// Stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Name { .. } => "name",
            Self::Post { .. } => "post",
            Self::Added { .. } => "added",
            Self::Removed { .. } => "removed",
            Self::Order(_) => "order",
            Self::Voters { .. } => "voters",
            Self::VoterNames { .. } => "voter_names",
            Self::Team(_) => "team",
            Self::Slips { .. } => "slips",
        }
    }
}

/// Something that people should know before they go on.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Note {
    /// Ballots under the earlier sheet never count.
    #[error(
        "official codes or their order differ: ballots that are cast under the earlier sheet are collected and \
         invalid, also if two people admit them"
    )]
    OtherBallot,
    /// Envelopes are here already.
    #[error(
        "{envelopes} envelopes with {ballots} ballots came before the replacement: they are held until two people \
         decide about each"
    )]
    Arrived {
        /// Envelopes.
        envelopes: usize,
        /// Ballots in them.
        ballots: u64,
    },
    /// Earlier slips are void.
    #[error(
        "earlier slips are void: collect and destroy them; a ballot cast with one is listed and never counted"
    )]
    SlipsVoid,
    /// Fewer slips to spare than are printed for so many voters.
    #[error(
        "there are {permits} slips for {voters} voters, where {wanted} would be printed: few are left to spare"
    )]
    FewToSpare {
        /// Slips that were printed.
        permits: usize,
        /// Voters from now on.
        voters: u32,
        /// Voters and spares.
        wanted: u32,
    },
    /// The unit's name is in the package.
    #[error("the unit's name was signed with the package and stays {signed:?}")]
    NameStays {
        /// Its name.
        signed: String,
    },
}

impl Note {
    /// Stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherBallot => "other_ballot",
            Self::Arrived { .. } => "arrived",
            Self::SlipsVoid => "slips_void",
            Self::FewToSpare { .. } => "few_to_spare",
            Self::NameStays { .. } => "name_stays",
        }
    }
}
