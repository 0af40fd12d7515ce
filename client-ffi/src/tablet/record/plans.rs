//! Correction plans on a tablet: written by the unit for its officials, weeks away from a network, also after the round
//! is finished.

use super::entry;
use super::people::Acting;
use super::register::Lookup;
use super::words;
use crate::error::TabletError;
use crate::store::Store;
use crate::tablet::Tablet;
use rand_core::CryptoRng;
use std::collections::{BTreeMap, BTreeSet};
use sync_core::id::{DeviceId, UnitCode};
use sync_core::record::{
    Act, By, DAY_MAX, EntryRef, MEASURES_MAX, Measure, PersonId, Plan, Plans, Progress, SHORTCOMINGS_MAX,
};

/// The plan of an official as a screen shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanSeen {
    /// Code of the official.
    pub official: String,
    /// Name, as far as it is known here.
    pub name: String,
    /// Post; nothing once the list is gone.
    pub post: Option<String>,
    /// The versions that stand: none, the one that holds, or several.
    pub standing: Vec<PlanVersionSeen>,
    /// Whether those that stand differ, so that somebody has to settle it.
    pub conflict: bool,
    /// Who confirmed the plan as it holds.
    pub confirmed: Option<String>,
    /// Whether it is done.
    pub done: bool,
    /// What became of it, by the clocks of the tablets.
    pub progress: Vec<PlanProgressSeen>,
}

/// A version of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanVersionSeen {
    /// Its place.
    pub entry: EntryRef,
    /// What was found wanting.
    pub shortcomings: Vec<String>,
    /// What will be done, each by which day, in days since 1970.
    pub measures: Vec<(String, Option<u32>)>,
    /// Who wrote it.
    pub person: Option<String>,
    /// On which device.
    pub device: DeviceId,
    /// Its name, if it is a tablet of the unit.
    pub tablet: Option<String>,
    /// When, by that device's clock, in minutes since 1970.
    pub at: Option<u64>,
}

/// What became of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanProgressSeen {
    /// What was done.
    pub text: String,
    /// Whether everything is.
    pub done: bool,
    /// Who noted it.
    pub person: Option<String>,
    /// When, by that device's clock, in minutes since 1970.
    pub at: Option<u64>,
}

/// What a plan says, as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewPlan {
    /// Code of the official.
    pub official: String,
    /// The versions that the writer saw.
    pub based_on: Vec<EntryRef>,
    /// What was found wanting.
    pub shortcomings: Vec<String>,
    /// What will be done, each by which day, in days since 1970.
    pub measures: Vec<(String, Option<u32>)>,
}

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// Every official of the unit with their plan: those of the list, in its order, then others of whom something is
    /// written.
    ///
    /// # Errors
    /// [`TabletError::OtherUnit`].
    pub fn plans(&self, unit: &UnitCode) -> Result<Vec<PlanSeen>, TabletError> {
        let mut plans = self.record_state(unit)?.plans;
        let people = Lookup::new(self, unit)?;
        let listed = self.sheet(unit).map(|sheet| sheet.officials.clone()).unwrap_or_default();
        let mut seen = Vec::with_capacity(listed.len());
        for official in listed {
            let plan = plans.remove(&official.code).unwrap_or_default();
            seen.push(people.plan(official.code, Some((official.name, official.post)), &plan));
        }
        seen.extend(plans.iter().map(|(code, plan)| people.plan(code.clone(), None, plan)));
        Ok(seen)
    }

    /// Writes the plan of an official, or writes it anew from the versions that were seen.
    ///
    /// # Errors
    /// [`TabletError::Text`], [`TabletError::TooMuch`], [`TabletError::NoEntry`] for an official or a version that is
    /// not here.
    pub fn write_plan(
        &mut self,
        acting: &Acting,
        plan: NewPlan,
        at: Option<u64>,
    ) -> Result<EntryRef, TabletError> {
        let unit = acting.unit().clone();
        let missing = || TabletError::NoEntry(unit.clone());
        let known = self.plans(&unit)?.into_iter().find(|known| known.official == plan.official);
        let name = known.ok_or_else(missing)?.name;
        let versions = self.record_state(&unit)?.plans.remove(&plan.official).unwrap_or_default().versions;
        let based_on: BTreeSet<EntryRef> = plan.based_on.into_iter().collect();
        if !based_on.iter().all(|place| versions.contains_key(place)) {
            return Err(missing());
        }
        let full = plan.shortcomings.len() > SHORTCOMINGS_MAX || plan.measures.len() > MEASURES_MAX;
        if full || plan.measures.iter().any(|(_, by)| by.is_some_and(|day| day > DAY_MAX)) {
            return Err(TabletError::TooMuch);
        }
        if plan.shortcomings.is_empty() || plan.measures.is_empty() {
            return Err(TabletError::Text { what: "a plan", found: 0 });
        }
        let shortcomings = plan.shortcomings.iter().map(|text| words("a shortcoming", text));
        let measures =
            plan.measures.iter().map(|(text, by)| Ok(Measure { text: words("a measure", text)?, by: *by }));
        let plan = Plan {
            official: plan.official,
            name,
            based_on: based_on.into_iter().collect(),
            shortcomings: shortcomings.collect::<Result<_, _>>()?,
            measures: measures.collect::<Result<_, TabletError>>()?,
        };
        self.write_of_plan(acting, Act::Plan(plan), at)
    }

    /// A second person confirms a version of a plan: not who wrote it, and not the official.
    ///
    /// # Errors
    /// [`TabletError::NoEntry`], [`TabletError::PlanSecondPerson`].
    pub fn confirm_plan(
        &mut self,
        acting: &Acting,
        plan: EntryRef,
        at: Option<u64>,
    ) -> Result<EntryRef, TabletError> {
        let written = self.version_of(acting.unit(), &plan)?;
        let person = acting.person();
        if person == written.person || person == PersonId::of(&written.said.name) {
            return Err(TabletError::PlanSecondPerson);
        }
        self.write_of_plan(acting, Act::ConfirmPlan { plan }, at)
    }

    /// Notes what became of a plan. That all of it is done says somebody else than the official.
    ///
    /// # Errors
    /// [`TabletError::NoEntry`], [`TabletError::Text`], [`TabletError::PlanSecondPerson`].
    pub fn note_plan_progress(
        &mut self,
        acting: &Acting,
        plan: EntryRef,
        (text, done): (&str, bool),
        at: Option<u64>,
    ) -> Result<EntryRef, TabletError> {
        let written = self.version_of(acting.unit(), &plan)?;
        if done && acting.person() == PersonId::of(&written.said.name) {
            return Err(TabletError::PlanSecondPerson);
        }
        let text = words("progress", text)?;
        self.write_of_plan(acting, Act::PlanProgress(Progress { plan, done, text }), at)
    }

    fn version_of(&self, unit: &UnitCode, place: &EntryRef) -> Result<By<Plan>, TabletError> {
        let plans: BTreeMap<String, Plans> = self.record_state(unit)?.plans;
        let mut versions = plans.into_values().flat_map(|plan| plan.versions);
        let found = versions.find(|(known, _)| known == place).map(|(_, version)| version);
        found.ok_or_else(|| TabletError::NoEntry(unit.clone()))
    }

    /// Writes an entry about a plan; a finished round does not stand in its way.
    fn write_of_plan(&mut self, acting: &Acting, act: Act, at: Option<u64>) -> Result<EntryRef, TabletError> {
        self.attempt(|tablet| {
            let unit = acting.unit();
            if !tablet.on_team(unit, &acting.person())? {
                return Err(TabletError::NotOnTeam(unit.clone()));
            }
            tablet.desk(unit)?.note(unit, vec![entry(acting, at, act)])
        })
    }
}

impl Lookup {
    fn plan(&self, official: String, listed: Option<(String, String)>, plans: &Plans) -> PlanSeen {
        let version = |place: &EntryRef| {
            let by = &plans.versions[place];
            PlanVersionSeen {
                entry: *place,
                shortcomings: by.said.shortcomings.clone(),
                measures: by.said.measures.iter().map(|one| (one.text.clone(), one.by)).collect(),
                person: self.person(&by.person),
                device: place.actor.device(),
                tablet: self.tablet(&place.actor.device()),
                at: by.at,
            }
        };
        let mut progress: Vec<_> = plans.progress.iter().collect();
        progress.sort_by_key(|(place, by)| (by.at, **place));
        let noted = |(_, by): (&EntryRef, &By<Progress>)| PlanProgressSeen {
            text: by.said.text.clone(),
            done: by.said.done,
            person: self.person(&by.person),
            at: by.at,
        };
        let standing: Vec<_> = plans.live().iter().map(version).collect();
        let written = plans.versions.values().next().map(|by| by.said.name.clone());
        let (name, post) = match listed {
            Some((name, post)) => (name, Some(post)),
            None => (written.unwrap_or_default(), None),
        };
        let confirmed = plans.confirmed();
        PlanSeen {
            official,
            name,
            post,
            standing,
            conflict: plans.is_conflict(),
            confirmed: confirmed.map(|by| self.person(&by.person).unwrap_or_default()),
            // As at the centre: nothing is done that nobody confirmed.
            done: confirmed.is_some() && plans.done().is_some(),
            progress: progress.into_iter().map(noted).collect(),
        }
    }
}
