//! What stands in the way of counting a unit: envelopes that are held and why, numbers and closes that are missing.
//!
//! Everything here is derived from the set of facts each time it is read; nothing is fixed when an item arrives, so
//! the answer does not depend on the order of arrival.

use crate::cbor::FormatError;
use crate::envelope::SignedEnvelope;
use crate::id::{DeviceId, EnvelopeId, ObjectId, SheetHash};
use crate::planted::{self, Bug};
use std::collections::{BTreeMap, BTreeSet};

/// What the survey needs to know of an envelope; no ballot is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Its id.
    pub id: EnvelopeId,
    /// Its tablet.
    pub device: DeviceId,
    /// Its number.
    pub number: u32,
    /// The envelope it follows on.
    pub previous: Option<EnvelopeId>,
    /// The sheet of its ballots.
    pub sheet: SheetHash,
    /// Its closing total, if it closes.
    pub total: Option<u32>,
    /// Ballots in it.
    pub ballots: u32,
    /// Length of its records.
    pub record_len: usize,
}

impl From<&SignedEnvelope> for Header {
    fn from(signed: &SignedEnvelope) -> Self {
        let envelope = signed.value();
        Self {
            id: signed.envelope_id(),
            device: envelope.device,
            number: envelope.number,
            previous: envelope.previous,
            sheet: envelope.sheet,
            total: envelope.total,
            ballots: u32::try_from(envelope.ballots.len()).unwrap_or(u32::MAX),
            record_len: envelope.ballots.record_len(),
        }
    }
}

/// Why an envelope is kept but not counted until two people decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HoldReason {
    /// Its tablet was revoked.
    RevokedDevice,
    /// It came after the round was closed.
    Late,
    /// Another envelope has the same tablet and number: a cloned or restored tablet. Both are held.
    ClonedTablet,
    /// Its number lies beyond its tablet's closing envelope.
    BeyondClose,
    /// It was sealed under a sheet that was replaced.
    ReplacedSheet,
    /// It was sealed under a sheet that nobody here knows.
    UnknownSheet,
    /// Its tablet was not certified for this unit.
    OutOfScope,
    /// Its ballots have another length than the sheet gives.
    BallotLength,
    /// It does not follow on the envelope that has the number before.
    BrokenChain,
    /// The centre itself sealed it, with the ballots of a box whose tablet could sign nothing any more.
    Orphan,
}

impl HoldReason {
    /// Every reason in the order of its number on the wire.
    pub const ALL: [Self; 10] = [
        Self::RevokedDevice,
        Self::Late,
        Self::ClonedTablet,
        Self::BeyondClose,
        Self::ReplacedSheet,
        Self::UnknownSheet,
        Self::OutOfScope,
        Self::BallotLength,
        Self::BrokenChain,
        Self::Orphan,
    ];

    /// Stable name for logs and JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::RevokedDevice => "revoked_device",
            Self::Late => "late",
            Self::ClonedTablet => "cloned_tablet",
            Self::BeyondClose => "beyond_close",
            Self::ReplacedSheet => "replaced_sheet",
            Self::UnknownSheet => "unknown_sheet",
            Self::OutOfScope => "out_of_scope",
            Self::BallotLength => "ballot_length",
            Self::BrokenChain => "broken_chain",
            Self::Orphan => "orphan",
        }
    }

    pub(crate) fn from_number(number: u8) -> Result<Self, FormatError> {
        Self::ALL.get(usize::from(number)).copied().ok_or(FormatError::Range { what: "hold reason" })
    }
}

/// Something missing that blocks publication until it arrives, or two people write it off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// A tablet's envelope with this number is not here.
    Number {
        /// The tablet.
        device: DeviceId,
        /// The number.
        number: u32,
    },
    /// A tablet of the unit has not closed.
    Close {
        /// The tablet.
        device: DeviceId,
    },
    /// A tablet's closing total is not the number of ballots in its envelopes.
    Total {
        /// The tablet.
        device: DeviceId,
        /// Total as signed.
        stated: u32,
        /// Ballots found.
        found: u32,
    },
}

impl Gap {
    /// The tablet it concerns.
    pub fn device(&self) -> DeviceId {
        match self {
            Self::Number { device, .. } | Self::Close { device } | Self::Total { device, .. } => *device,
        }
    }
}

/// The facts of one unit at one moment.
#[derive(Debug, Clone, Default)]
pub struct UnitFacts {
    /// The id under which the centre itself takes part: its envelopes hold orphaned ballots.
    pub centre: Option<DeviceId>,
    /// Known sheets of the unit and the record length of each.
    pub sheets: BTreeMap<SheetHash, usize>,
    /// The sheet that holds.
    pub current: Option<SheetHash>,
    /// Tablets certified for the unit, revoked or not.
    pub certified: BTreeSet<DeviceId>,
    /// Tablets that are revoked.
    pub revoked: BTreeSet<DeviceId>,
    /// If the round was closed: ids of the envelopes here at that moment.
    pub at_close: Option<BTreeSet<EnvelopeId>>,
    /// Envelopes of the unit.
    pub envelopes: Vec<Header>,
    /// Paper counts that stand in the unit's record and follow the sheet that holds.
    pub papers: BTreeSet<ObjectId>,
}

impl UnitFacts {
    /// Whether everything that a tablet sealed up to its close is here, and the close itself.
    pub fn is_whole(&self, device: &DeviceId) -> bool {
        let own: Vec<&Header> = self.envelopes.iter().filter(|header| header.device == *device).collect();
        gaps(*device, &own).is_empty()
    }
}

/// What a survey finds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Survey {
    /// Held envelopes with every reason that applies.
    pub held: BTreeMap<EnvelopeId, BTreeSet<HoldReason>>,
    /// What is missing.
    pub gaps: BTreeSet<Gap>,
}

/// Surveys a unit.
pub fn survey(facts: &UnitFacts) -> Survey {
    let mut result = Survey::default();
    let mut tablets: BTreeMap<DeviceId, Vec<&Header>> = BTreeMap::new();
    for header in &facts.envelopes {
        tablets.entry(header.device).or_default().push(header);
        let reasons = own_reasons(facts, header);
        if !reasons.is_empty() {
            result.held.insert(header.id, reasons);
        }
    }
    for envelopes in tablets.values() {
        for (id, reason) in chain_reasons(envelopes) {
            result.held.entry(id).or_default().insert(reason);
        }
    }
    for device in facts.certified.difference(&facts.revoked) {
        let envelopes = tablets.get(device).map_or(&[][..], Vec::as_slice);
        result.gaps.extend(gaps(*device, envelopes));
    }
    result
}

fn own_reasons(facts: &UnitFacts, header: &Header) -> BTreeSet<HoldReason> {
    let mut reasons = BTreeSet::new();
    if facts.revoked.contains(&header.device) && !planted::is(Bug::TrustsRevoked) {
        reasons.insert(HoldReason::RevokedDevice);
    }
    if facts.centre == Some(header.device) {
        reasons.insert(HoldReason::Orphan);
    } else if !facts.certified.contains(&header.device) && !planted::is(Bug::TrustsAnyScope) {
        reasons.insert(HoldReason::OutOfScope);
    }
    if facts.at_close.as_ref().is_some_and(|ids| !ids.contains(&header.id)) && !planted::is(Bug::AcceptsLate)
    {
        reasons.insert(HoldReason::Late);
    }
    match facts.sheets.get(&header.sheet) {
        None if planted::is(Bug::TrustsUnknownSheet) => {}
        None => {
            reasons.insert(HoldReason::UnknownSheet);
        }
        Some(len) => {
            if *len != header.record_len && !planted::is(Bug::TrustsAnyLength) {
                reasons.insert(HoldReason::BallotLength);
            }
            if Some(header.sheet) != facts.current && !planted::is(Bug::TrustsReplacedSheet) {
                reasons.insert(HoldReason::ReplacedSheet);
            }
        }
    }
    reasons
}

fn first_close(envelopes: &[&Header]) -> Option<u32> {
    envelopes.iter().filter(|header| header.total.is_some()).map(|header| header.number).min()
}

fn chain_reasons<'a>(envelopes: &'a [&'a Header]) -> impl Iterator<Item = (EnvelopeId, HoldReason)> + 'a {
    let close = first_close(envelopes);
    let mut numbers: BTreeMap<u32, Vec<EnvelopeId>> = BTreeMap::new();
    for header in envelopes {
        numbers.entry(header.number).or_default().push(header.id);
    }
    envelopes.iter().flat_map(move |header| {
        let cloned = numbers.get(&header.number).is_some_and(|ids| ids.len() > 1);
        let cloned = cloned && !(planted::is(Bug::FirstCloneWins) && numbers[&header.number][0] == header.id);
        let beyond = close.is_some_and(|number| header.number > number);
        let beyond = beyond && !planted::is(Bug::AcceptsBeyondClose);
        let before = header.number.checked_sub(1).and_then(|number| numbers.get(&number));
        let broken = before.is_some_and(|ids| header.previous.is_none_or(|id| !ids.contains(&id)));
        let broken = broken && !planted::is(Bug::TrustsBrokenChain);
        [
            cloned.then_some(HoldReason::ClonedTablet),
            beyond.then_some(HoldReason::BeyondClose),
            broken.then_some(HoldReason::BrokenChain),
        ]
        .into_iter()
        .flatten()
        .map(|reason| (header.id, reason))
    })
}

fn gaps(device: DeviceId, envelopes: &[&Header]) -> BTreeSet<Gap> {
    let close = first_close(envelopes);
    let last = close.or_else(|| envelopes.iter().map(|header| header.number).max()).unwrap_or(0);
    let numbers: BTreeSet<u32> = envelopes.iter().map(|header| header.number).collect();
    let mut gaps: BTreeSet<Gap> = (1..=last)
        .filter(|number| !numbers.contains(number))
        .map(|number| Gap::Number { device, number })
        .collect();
    let Some(close) = close else {
        if !planted::is(Bug::MissesNoClose) {
            gaps.insert(Gap::Close { device });
        }
        return gaps;
    };
    let chain: Vec<_> = envelopes.iter().filter(|header| header.number <= close).collect();
    let whole = gaps.is_empty() && chain.len() == numbers.range(..=close).count();
    if let Some(stated) = chain.iter().find_map(|header| header.total)
        && whole
    {
        let found = chain.iter().map(|header| header.ballots).fold(0, u32::saturating_add);
        if found != stated {
            gaps.insert(Gap::Total { device, stated, found });
        }
    }
    gaps
}
