//! Correction plans as the page shows and writes them.

use crate::{Desk, Problem};
use client_ffi::store::Store;
use client_ffi::{NewPlan, PlanSeen, PlanVersionSeen};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sync_core::id::UnitCode;
use sync_core::record::EntryRef;

/// The plan of an official.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct OfficialPlan {
    /// Code of the official.
    pub official: String,
    /// Name.
    pub name: String,
    /// Post; nothing once the list is gone.
    pub post: Option<String>,
    /// The versions that stand: none, the one that holds, or several.
    pub standing: Vec<PlanVersion>,
    /// Those that stand differ.
    pub conflict: bool,
    /// Who confirmed it.
    pub confirmed: Option<String>,
    /// It is done.
    pub done: bool,
    /// What became of it.
    pub progress: Vec<PlanProgress>,
}

/// A version of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct PlanVersion {
    /// Where it stands: who writes anew from it names this.
    pub entry: String,
    /// What was found wanting.
    pub shortcomings: Vec<String>,
    /// What will be done.
    pub measures: Vec<PlanMeasure>,
    /// Who wrote it, if the name is known here.
    pub person: Option<String>,
    /// The id of the device on which it was written.
    pub device: String,
    /// The tablet's name, if it is known here.
    pub tablet: Option<String>,
    /// It was written on this tablet.
    pub here: bool,
}

/// Something that will be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct PlanMeasure {
    /// What.
    pub text: String,
    /// By which day, in days since 1970.
    pub by: Option<u32>,
}

/// What became of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct PlanProgress {
    /// What was done.
    pub text: String,
    /// Everything is.
    pub done: bool,
    /// Who noted it, if the name is known here.
    pub person: Option<String>,
    /// When, by that device's clock, in minutes since 1970.
    #[cfg_attr(feature = "typescript", tsify(type = "number | null"))]
    pub at: Option<u64>,
}

fn version(seen: PlanVersionSeen, here: &str) -> PlanVersion {
    let device = seen.device.to_string();
    PlanVersion {
        entry: seen.entry.to_string(),
        shortcomings: seen.shortcomings,
        measures: seen.measures.into_iter().map(|(text, by)| PlanMeasure { text, by }).collect(),
        person: seen.person,
        here: device == here,
        device,
        tablet: seen.tablet,
    }
}

fn plan(seen: PlanSeen, here: &str) -> OfficialPlan {
    let noted = |one: client_ffi::PlanProgressSeen| PlanProgress {
        text: one.text,
        done: one.done,
        person: one.person,
        at: one.at,
    };
    OfficialPlan {
        official: seen.official,
        name: seen.name,
        post: seen.post,
        standing: seen.standing.into_iter().map(|seen| version(seen, here)).collect(),
        conflict: seen.conflict,
        confirmed: seen.confirmed,
        done: seen.done,
        progress: seen.progress.into_iter().map(noted).collect(),
    }
}

pub(crate) fn plans<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
) -> Result<Vec<OfficialPlan>, Problem> {
    let here = desk.here();
    let seen = desk.tablet.plans(&UnitCode::new(&unit)?)?;
    Ok(seen.into_iter().map(|seen| plan(seen, &here)).collect())
}

pub(crate) fn write_plan<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
    official: String,
    based_on: Vec<String>,
    shortcomings: Vec<String>,
    measures: Vec<PlanMeasure>,
    minutes: u32,
) -> Result<(), Problem> {
    let based_on = based_on.iter().map(|place| known(place)).collect::<Result<_, _>>()?;
    let measures = measures.into_iter().map(|PlanMeasure { text, by }| (text, by)).collect();
    let plan = NewPlan { official, based_on, shortcomings, measures };
    desk.tablet.write_plan(&desk.acting(&unit)?, plan, Some(minutes.into()))?;
    Ok(())
}

pub(crate) fn confirm_plan<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
    plan: String,
    minutes: u32,
) -> Result<(), Problem> {
    desk.tablet.confirm_plan(&desk.acting(&unit)?, known(&plan)?, Some(minutes.into()))?;
    Ok(())
}

pub(crate) fn plan_progress<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
    plan: String,
    text: String,
    done: bool,
    minutes: u32,
) -> Result<(), Problem> {
    let at = Some(minutes.into());
    desk.tablet.note_plan_progress(&desk.acting(&unit)?, known(&plan)?, (&text, done), at)?;
    Ok(())
}

/// A place that the page has from here.
fn known(place: &str) -> Result<EntryRef, Problem> {
    EntryRef::parse(place).ok_or_else(Problem::malformed_call)
}
