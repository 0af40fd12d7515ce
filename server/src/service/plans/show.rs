//! A plan as people read it, with everything that was ever written of it.

use super::{one, today};
use crate::domain::attachment::Attachment;
use crate::domain::plan::{PlanRow, PlanStage, day_from, revision};
use crate::error::AppError;
use crate::service::record::load_record;
use crate::service::standing::load_sheets;
use crate::service::{Centre, Round, load_round};
use crate::store::{Db, attachments, devices};
use std::collections::BTreeMap;
use sync_core::id::{DeviceId, RoundId};
use sync_core::record::{By, EntryRef, PersonId, Plan, Plans, State};
use time::Date;

/// A plan, all of it.
#[derive(Debug, Clone)]
pub struct PlanDetail {
    /// Who owes it by when, and how far it is.
    pub row: PlanRow,
    /// How it stands today.
    pub stage: PlanStage,
    /// Whether the last day of its measures is over and it is not done.
    pub behind: bool,
    /// Title of the round.
    pub round_title: String,
    /// Name of the unit.
    pub unit_name: String,
    /// Names what stands: whoever writes on says from which revision.
    pub revision: String,
    /// Every version, in the order in which they were written as far as tablets' clocks tell.
    pub versions: Vec<VersionDetail>,
    /// Who confirmed the plan as it holds.
    pub confirmed: Option<PlanSaid>,
    /// What became of it, in the order of the clocks.
    pub progress: Vec<ProgressDetail>,
    /// Its files.
    pub files: Vec<Attachment>,
}

/// Who said something, where, and when by that device's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanSaid {
    /// Name, if the person joined.
    pub person: Option<String>,
    /// Label of the tablet; nothing for the centre.
    pub tablet: Option<String>,
    /// Minutes since 1970, a note for people.
    pub at: Option<u64>,
}

/// A version of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionDetail {
    /// Its place in the record.
    pub entry: EntryRef,
    /// Whether it stands; if several do and differ, people disagree.
    pub stands: bool,
    /// Who wrote it.
    pub said: PlanSaid,
    /// The versions from which it was written.
    pub based_on: Vec<EntryRef>,
    /// What was found wanting.
    pub shortcomings: Vec<String>,
    /// What will be done, each by which day.
    pub measures: Vec<(String, Option<Date>)>,
}

/// What became of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgressDetail {
    /// Its place in the record.
    pub entry: EntryRef,
    /// Whether it says that everything is done.
    pub done: bool,
    /// What was done.
    pub text: String,
    /// Who noted it.
    pub said: PlanSaid,
}

impl PlanDetail {
    /// The version that holds; nothing while nobody wrote one or people disagree.
    pub fn holds(&self) -> Option<&VersionDetail> {
        let mut standing = self.versions.iter().filter(|version| version.stands);
        standing.next().filter(|_| self.stage != PlanStage::Conflict)
    }
}

impl Centre {
    /// The plan of an official, with its history: for pages, and for the form that is printed of it.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_plan`.
    pub async fn plan(
        &self,
        round: &RoundId,
        unit: Option<&str>,
        official: &str,
    ) -> Result<PlanDetail, AppError> {
        let mut tx = self.begin().await?;
        let row = one(&mut tx, round, unit, official).await?;
        let stored = load_round(&mut tx, round).await?;
        let folded = load_record(&mut tx, self.kept(), &stored, &row.unit).await?;
        let files = attachments::list(&mut tx, (round, &row.unit, official)).await?;
        let names = Names::load(&mut tx, &stored, &row, &folded.state).await?;
        let none = Plans::default();
        let plans = folded.state.plans.get(official).unwrap_or(&none);
        let today = today();
        let unit_name = stored.draft.unit(row.unit.as_str()).map(|unit| unit.name.clone());
        Ok(PlanDetail {
            stage: row.stage(today),
            behind: row.is_behind(today),
            round_title: stored.draft.title.clone(),
            unit_name: unit_name.unwrap_or_default(),
            revision: revision(&plans.live()),
            versions: names.versions(plans),
            confirmed: confirmed(plans, &names),
            progress: names.progress(plans),
            files,
            row,
        })
    }
}

fn confirmed(plans: &Plans, names: &Names) -> Option<PlanSaid> {
    let holds = plans.confirmed()?;
    let (place, _) = plans.confirmations.iter().find(|(_, one)| *one == holds)?;
    Some(names.said(place, holds))
}

/// Names of people and devices.
struct Names {
    people: BTreeMap<PersonId, String>,
    devices: BTreeMap<DeviceId, String>,
    centre: DeviceId,
}

impl Names {
    async fn load(db: &mut Db, round: &Round, row: &PlanRow, state: &State) -> Result<Self, AppError> {
        let mut people = state.persons.clone();
        for sheet in load_sheets(db, &round.id, &row.unit).await?.values() {
            people.extend(sheet.team.iter().map(|name| (PersonId::of(name), name.clone())));
        }
        let mut known = BTreeMap::new();
        for device in &state.devices {
            if let Some(row) = devices::get(db, &round.id, device).await? {
                known.insert(*device, row.label);
            }
        }
        Ok(Self { people, devices: known, centre: round.signed()?.value().centre.device() })
    }

    fn said<T>(&self, place: &EntryRef, by: &By<T>) -> PlanSaid {
        let device = place.actor.device();
        let label = || self.devices.get(&device).cloned().unwrap_or_else(|| device.to_string());
        PlanSaid {
            person: self.people.get(&by.person).cloned(),
            tablet: (device != self.centre).then(label),
            at: by.at,
        }
    }

    fn versions(&self, plans: &Plans) -> Vec<VersionDetail> {
        let live = plans.live();
        let version = |(place, version): (&EntryRef, &By<Plan>)| VersionDetail {
            entry: *place,
            stands: live.contains(place),
            said: self.said(place, version),
            based_on: version.said.based_on.clone(),
            shortcomings: version.said.shortcomings.clone(),
            measures: version
                .said
                .measures
                .iter()
                .map(|measure| (measure.text.clone(), measure.by.and_then(day_from)))
                .collect(),
        };
        let mut all: Vec<VersionDetail> = plans.versions.iter().map(version).collect();
        all.sort_by_key(|version| (version.stands, version.said.at, version.entry));
        all
    }

    fn progress(&self, plans: &Plans) -> Vec<ProgressDetail> {
        let one = |(place, by): (&EntryRef, &By<sync_core::record::Progress>)| ProgressDetail {
            entry: *place,
            done: by.said.done,
            text: by.said.text.clone(),
            said: self.said(place, by),
        };
        let mut all: Vec<ProgressDetail> = plans.progress.iter().map(one).collect();
        all.sort_by_key(|progress| (progress.said.at, progress.entry));
        all
    }
}
