//! From the facts of a unit to its part of an opening order, and to what stands in the way of publishing it.

use crate::count::UnitResult;
use crate::id::{EnvelopeId, UnitCode};
use crate::order::{Decision, Ruling, UnitOrder};
use crate::planted::{self, Bug};
use crate::record::{Finding, Language};
use crate::survey::{Gap, HoldReason, Survey, UnitFacts, survey};
use std::collections::{BTreeMap, BTreeSet};

/// A unit at one moment: facts, what they amount to, and what two people decided.
#[derive(Debug, Clone)]
pub struct UnitStanding {
    /// The unit.
    pub unit: UnitCode,
    /// The facts.
    pub facts: UnitFacts,
    /// What is held and what is missing.
    pub survey: Survey,
    /// Decisions so far.
    pub decisions: Vec<Decision>,
    /// What in the unit's record does not reconcile, as far as it was looked at.
    pub findings: Vec<Finding>,
}

/// What stands in the way of publishing a unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// A held envelope that nobody decided about.
    Undecided(EnvelopeId, BTreeSet<HoldReason>),
    /// Something missing that nobody wrote off.
    Missing(Gap),
    /// No tablet was ever certified for the unit: it has not voted, which is not a result of zero.
    NoTablet,
    /// The round has no accepted result yet.
    NotCounted,
    /// Envelopes, paper counts or decisions came after the order that was counted: a new order is needed.
    OrderOutdated,
    /// The unit's record does not reconcile: an error, or a warning that nobody explained.
    Record(Finding),
}

impl UnitStanding {
    /// Surveys the facts.
    pub fn new(unit: UnitCode, facts: UnitFacts, decisions: Vec<Decision>) -> Self {
        let survey = survey(&facts);
        Self { unit, facts, survey, decisions, findings: Vec::new() }
    }

    /// The same with what [`crate::record::reconcile`] found in the unit's record.
    #[must_use]
    pub fn with_findings(self, findings: Vec<Finding>) -> Self {
        Self { findings, ..self }
    }

    /// Ballots in all envelopes here.
    pub fn ballots(&self) -> u64 {
        self.facts.envelopes.iter().map(|header| u64::from(header.ballots)).sum()
    }

    /// Held envelopes that nobody decided about.
    pub fn undecided(&self) -> BTreeMap<EnvelopeId, &BTreeSet<HoldReason>> {
        let decided = |id: &EnvelopeId| {
            let about = |d: &Decision| match d.ruling {
                Ruling::LeaveOut(x) => x == *id && !planted::is(Bug::AsksAgain),
                Ruling::Admit(x) => x == *id,
                Ruling::WriteOff(_) => false,
            };
            self.decisions.iter().any(about)
        };
        self.survey.held.iter().filter(|(id, _)| !decided(id)).map(|(id, why)| (*id, why)).collect()
    }

    /// Gaps that nobody wrote off.
    pub fn open_gaps(&self) -> Vec<Gap> {
        let written_off = |gap: &&Gap| self.decisions.iter().any(|d| d.ruling == Ruling::WriteOff(**gap));
        self.survey.gaps.iter().filter(|gap| !written_off(gap)).copied().collect()
    }

    fn admitted(&self, id: &EnvelopeId) -> bool {
        let admit = |d: &Decision| d.ruling == Ruling::Admit(*id);
        !self.survey.held.contains_key(id) || self.decisions.iter().any(admit)
    }

    /// The unit's part of an opening order made now. Held envelopes that nobody decided about are left out.
    pub fn order(&self) -> Option<UnitOrder> {
        let ids: BTreeSet<EnvelopeId> = self.facts.envelopes.iter().map(|header| header.id).collect();
        let (admitted, left_out): (Vec<_>, Vec<_>) = ids.into_iter().partition(|id| self.admitted(id));
        let authors = self.facts.envelopes.iter().map(|header| header.device);
        let concerned: BTreeSet<_> = self.facts.certified.iter().copied().chain(authors).collect();
        let mut decisions: Vec<Decision> = self
            .decisions
            .iter()
            .filter(|decision| match &decision.ruling {
                Ruling::Admit(id) | Ruling::LeaveOut(id) => self.survey.held.contains_key(id),
                Ruling::WriteOff(gap) => self.survey.gaps.contains(gap),
            })
            .cloned()
            .collect();
        decisions.sort();
        Some(UnitOrder {
            unit: self.unit.clone(),
            sheet: self.facts.current?,
            tablets: self.facts.certified.iter().copied().collect(),
            revoked: concerned.intersection(&self.facts.revoked).copied().collect(),
            left_out: left_out
                .into_iter()
                .map(|id| (id, self.survey.held.get(&id).cloned().unwrap_or_default()))
                .collect(),
            admitted,
            decisions,
            papers: self.facts.papers.iter().copied().collect(),
        })
    }

    /// Everything that stands in the way of publishing the unit by an order and its result.
    pub fn obstacles(&self, counted: Option<(&UnitOrder, &UnitResult)>) -> Vec<Obstacle> {
        let mut undecided = self.undecided();
        if planted::is(Bug::HoldsUpPublication) {
            undecided = self.survey.held.iter().map(|(id, why)| (*id, why)).collect();
        }
        let undecided = undecided.into_iter().map(|(id, why)| Obstacle::Undecided(id, why.clone()));
        let missing = self.open_gaps().into_iter().map(Obstacle::Missing);
        let counting = match counted {
            None => Some(Obstacle::NotCounted),
            Some((order, _)) => {
                let now = self.order();
                let same = now.is_some_and(|now| {
                    (&now.admitted, &now.papers, &now.sheet) == (&order.admitted, &order.papers, &order.sheet)
                });
                (!same).then_some(Obstacle::OrderOutdated)
            }
        };
        let no_tablet = self.facts.certified.is_empty().then_some(Obstacle::NoTablet);
        let findings = self.findings.iter().filter(|finding| finding.blocks()).cloned();
        let record = findings.map(Obstacle::Record);
        no_tablet.into_iter().chain(undecided).chain(missing).chain(counting).chain(record).collect()
    }
}

impl Obstacle {
    /// Stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Undecided(..) => "undecided_hold",
            Self::Missing(Gap::Number { .. }) => "missing_number",
            Self::Missing(Gap::Close { .. }) => "missing_close",
            Self::Missing(Gap::Total { .. }) => "closing_total",
            Self::NoTablet => "no_tablet",
            Self::NotCounted => "not_counted",
            Self::OrderOutdated => "order_outdated",
            Self::Record(finding) => finding.code.code(),
        }
    }

    /// What it is and what to do, for a person.
    pub fn text(&self) -> String {
        match self {
            Self::Undecided(id, why) => {
                let why: Vec<_> = why.iter().map(|reason| reason.code()).collect();
                format!(
                    "envelope {id} is held ({}); two people decide to admit it or leave it out",
                    why.join(", ")
                )
            }
            Self::Missing(Gap::Number { device, number }) => {
                format!(
                    "envelope {number} of tablet {device} is missing; fetch it, or two people write it off"
                )
            }
            Self::Missing(Gap::Close { device }) => {
                format!(
                    "tablet {device} has not closed its box; close and sync it, or two people write it off"
                )
            }
            Self::Missing(Gap::Total { device, stated, found }) => format!(
                "tablet {device} stated {stated} ballots and {found} are here; find out why, or two people write it off"
            ),
            Self::NoTablet => {
                "no tablet was certified for this unit: it has not voted, and there is nothing to publish"
                    .to_owned()
            }
            Self::NotCounted => "the round has no accepted result yet".to_owned(),
            Self::OrderOutdated => {
                "something came or was decided after the counted order; make, count and accept a new order"
                    .to_owned()
            }
            Self::Record(finding) => finding.text(Language::English),
        }
    }
}
