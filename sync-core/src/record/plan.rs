//! Correction plans: what an official will put right, and by when, written together by people who do not meet.
//!
//! A version of a plan names the versions that it was written from. What no other version names stands; if more than
//! one stands and they differ, somebody wrote without having read the other, and a further version that names both
//! settles it. Confirmation and progress name the version they are about, so a version that was written after a
//! confirmation waits for another one.

use super::entry::SETTLED_MAX;
use super::{EntryRef, PersonId};
use crate::cbor::{FormatError, Reader, Writer, strictly_ascending};
use crate::id::{CODE_MAX, is_code};
use crate::package::TEXT_MAX;
use std::collections::{BTreeMap, BTreeSet};

/// Most shortcomings of a plan.
pub const SHORTCOMINGS_MAX: usize = 8;
/// Most measures of a plan.
pub const MEASURES_MAX: usize = 12;
/// Latest day that a measure may name, in days since 1970: some 270 years.
pub const DAY_MAX: u32 = 100_000;

/// One version of the plan of an official.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Code of the official, as on the sheet.
    pub official: String,
    /// Name of the official, for whoever reads it when the sheet is gone.
    pub name: String,
    /// The versions from which it was written, ascending; none for the first.
    pub based_on: Vec<EntryRef>,
    /// What was found wanting, 1 to [`SHORTCOMINGS_MAX`].
    pub shortcomings: Vec<String>,
    /// What will be done, 1 to [`MEASURES_MAX`].
    pub measures: Vec<Measure>,
}

/// Something that will be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// What.
    pub text: String,
    /// By which day, in days since 1970; nothing if it has no end.
    pub by: Option<u32>,
}

/// What became of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The version that it is about.
    pub plan: EntryRef,
    /// Whether everything of the plan is done.
    pub done: bool,
    /// What was done.
    pub text: String,
}

impl Plan {
    /// Whether two versions say the same, whatever they were written from.
    pub fn says_the_same(&self, other: &Self) -> bool {
        (&self.shortcomings, &self.measures) == (&other.shortcomings, &other.measures)
    }

    /// The last day that a measure names.
    pub fn ends(&self) -> Option<u32> {
        self.measures.iter().filter_map(|measure| measure.by).max()
    }

    pub(super) fn write(&self, w: &mut Writer) {
        w.text(&self.official).text(&self.name);
        w.list(&self.based_on, |w, place| place.write(w));
        w.list(&self.shortcomings, |w, text| {
            w.text(text);
        });
        w.list(&self.measures, |w, measure| {
            w.array(2).text(&measure.text);
            match measure.by {
                Some(day) => w.uint(day),
                None => w.null(),
            };
        });
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let official = r.text(CODE_MAX, "official code")?;
        if !is_code(official) {
            return Err(FormatError::Range { what: "official code" });
        }
        let plan = Self {
            official: official.to_owned(),
            name: some_text(r, "name")?,
            based_on: r.list(SETTLED_MAX, "versions of a plan", EntryRef::read)?,
            shortcomings: r.list(SHORTCOMINGS_MAX, "shortcomings", |r| some_text(r, "shortcoming"))?,
            measures: r.list(MEASURES_MAX, "measures", |r| {
                r.array(2, "measure")?;
                let text = some_text(r, "measure")?;
                Ok(Measure { text, by: r.maybe("measure", |r| r.u32(DAY_MAX, "day of a measure"))? })
            })?,
        };
        if !strictly_ascending(&plan.based_on) {
            return Err(FormatError::Unsorted { what: "versions of a plan" });
        }
        if plan.shortcomings.is_empty() || plan.measures.is_empty() {
            return Err(FormatError::Range { what: "plan" });
        }
        Ok(plan)
    }
}

impl Progress {
    pub(super) fn write(&self, w: &mut Writer) {
        self.plan.write(w);
        w.flag(self.done).text(&self.text);
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let (plan, done) = (EntryRef::read(r)?, r.flag("progress")?);
        Ok(Self { plan, done, text: some_text(r, "progress")? })
    }
}

fn some_text(r: &mut Reader<'_>, what: &'static str) -> Result<String, FormatError> {
    let text = r.text(TEXT_MAX, what)?;
    if text.trim().is_empty() { Err(FormatError::Range { what }) } else { Ok(text.to_owned()) }
}

/// Something of a plan with who noted it, and when by that device's clock, in minutes since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By<T> {
    /// Who.
    pub person: PersonId,
    /// When.
    pub at: Option<u64>,
    /// What.
    pub said: T,
}

/// Everything that was noted about the plan of one official.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plans {
    /// Every version there ever was.
    pub versions: BTreeMap<EntryRef, By<Plan>>,
    /// Confirmations that count: each by another person than who wrote the version, and not by the official.
    pub confirmations: BTreeMap<EntryRef, By<EntryRef>>,
    /// What became of it.
    pub progress: BTreeMap<EntryRef, By<Progress>>,
}

impl Plans {
    /// The versions that stand: those that no other names. Versions that all name each other stand together, so that
    /// none of them hides the others.
    pub fn live(&self) -> BTreeSet<EntryRef> {
        let named: BTreeSet<EntryRef> = self
            .versions
            .iter()
            .flat_map(|(place, version)| version.said.based_on.iter().filter(move |named| *named != place))
            .copied()
            .collect();
        let live: BTreeSet<EntryRef> =
            self.versions.keys().filter(|place| !named.contains(place)).copied().collect();
        if live.is_empty() { self.versions.keys().copied().collect() } else { live }
    }

    /// The plan as it holds; nothing while nobody wrote one, or those that stand differ.
    pub fn current(&self) -> Option<(EntryRef, &By<Plan>)> {
        let live = self.live();
        let first = *live.first()?;
        let plan = &self.versions[&first];
        let agree = live.iter().all(|place| self.versions[place].said.says_the_same(&plan.said));
        agree.then_some((first, plan))
    }

    /// Whether versions that stand differ, so that somebody has to settle it.
    pub fn is_conflict(&self) -> bool {
        !self.versions.is_empty() && self.current().is_none()
    }

    /// Who confirmed the plan as it holds; of several the first by place.
    pub fn confirmed(&self) -> Option<&By<EntryRef>> {
        let holds = self.current()?;
        self.confirmations.values().find(|one| self.is_about(&one.said, &holds))
    }

    /// That the plan as it holds is done, as somebody noted.
    pub fn done(&self) -> Option<&By<Progress>> {
        let holds = self.current()?;
        self.progress.values().find(|one| one.said.done && self.is_about(&one.said.plan, &holds))
    }

    /// Whether something became of the plan as it holds.
    pub fn is_in_progress(&self) -> bool {
        let Some(holds) = self.current() else { return false };
        self.progress.values().any(|one| self.is_about(&one.said.plan, &holds))
    }

    /// Whether a place names the plan that holds, or one that stands beside it and says the same.
    fn is_about(&self, place: &EntryRef, holds: &(EntryRef, &By<Plan>)) -> bool {
        self.live().contains(place)
            && self.versions.get(place).is_some_and(|version| version.said.says_the_same(&holds.1.said))
    }
}

/// Confirmations and progress, before it is known what they are about.
#[derive(Debug, Default)]
pub(super) struct Loose {
    pub confirmations: Vec<(EntryRef, By<EntryRef>)>,
    pub progress: Vec<(EntryRef, By<Progress>)>,
}

impl Loose {
    /// Puts everything to the plan that it is about. What names no version that is here waits for it, unseen.
    pub fn settle(self, plans: &mut BTreeMap<String, Plans>) {
        let officials: BTreeMap<EntryRef, String> = plans
            .iter()
            .flat_map(|(official, plan)| plan.versions.keys().map(move |place| (*place, official.clone())))
            .collect();
        for (place, confirmation) in self.confirmations {
            let Some(plan) = officials.get(&confirmation.said).and_then(|code| plans.get_mut(code)) else {
                continue;
            };
            let written = &plan.versions[&confirmation.said];
            let own = PersonId::of(&written.said.name);
            if confirmation.person != written.person && confirmation.person != own {
                plan.confirmations.insert(place, confirmation);
            }
        }
        for (place, progress) in self.progress {
            let plan = officials.get(&progress.said.plan).and_then(|code| plans.get_mut(code));
            if let Some(plan) = plan {
                plan.progress.insert(place, progress);
            }
        }
    }
}
