//! After publication: correction plans in every state, two of them written on tablets without a network.

use super::DemoError;
use super::centre::Running;
use super::counting::ORGANISER;
use super::field::Machine;
use super::meeting::act;
use super::plan::Fate;
use super::round::Field;
use crate::domain::calendar::day_of;
use crate::domain::person::Role;
use crate::domain::plan::{PlanRow, PlanStage, day_number};
use crate::service::{Actor, Centre, PlanText, Profile, now};
use crate::store::plans::{PlanSearch, beginning};
use client_ffi::NewPlan;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use sync_core::id::{RoundId, UnitCode};
use time::{Date, Duration};

/// What became of the plans.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FollowUp {
    /// States in which a plan should be, and in which one is.
    pub states: (usize, usize),
    /// Plans that were written on a tablet, and how many of them the centre has.
    pub offline: (usize, usize),
}

/// States that are planted.
const STATES: [PlanStage; 7] = [
    PlanStage::Due,
    PlanStage::Overdue,
    PlanStage::Conflict,
    PlanStage::Written,
    PlanStage::Confirmed,
    PlanStage::InProgress,
    PlanStage::Done,
];

/// Plans are written, confirmed and followed; some are not.
pub(super) fn follow_up(field: &Field<'_>, running: &Running<'_>) -> Result<FollowUp, DemoError> {
    let (centre, round) = (&running.centre, &field.set_up.round);
    let rows = running.block_on(centre.plans(&PlanSearch::default(), &beginning(), 200))?;
    let rows: Vec<PlanRow> = rows.into_iter().map(|(row, ..)| row).collect();
    let tablets: BTreeMap<&UnitCode, &Machine> = field
        .machines
        .iter()
        .filter(|machine| machine.fate == Fate::Ordinary)
        .map(|machine| (&machine.code, machine))
        .collect();
    let mut units = BTreeSet::new();
    // One official of each of some units, so that every unit of the story is another one.
    let mut of_each = rows.iter().filter(|row| units.insert(row.unit.clone()));
    let (with_tablet, others): (Vec<&PlanRow>, Vec<&PlanRow>) =
        of_each.by_ref().partition(|row| tablets.contains_key(&row.unit));
    let mut with_tablet = with_tablet.into_iter();
    let offline: Vec<&PlanRow> = with_tablet.by_ref().take(2).collect();
    let at_centre: Vec<&PlanRow> = with_tablet.chain(others).take(2).collect();
    let today = day_of(now());
    for row in &offline {
        write_offline(tablets[&row.unit], row, today)?;
    }
    running.block_on(async {
        // One of the two also writes at the centre, which does not know of the tablet's.
        if let Some(row) = offline.last() {
            at_the_centre(centre, round, row, PlanStage::Written, today).await?;
        }
        // What is written, confirmed, going on and done in one unit, and another that nobody reminded in time.
        if let [story, late] = at_centre.as_slice() {
            let of_unit = rows.iter().filter(|row| row.unit == story.unit);
            for (row, stage) in of_unit.zip([PlanStage::Confirmed, PlanStage::InProgress, PlanStage::Done]) {
                at_the_centre(centre, round, row, stage, today).await?;
            }
            centre
                .backdate_plans(round, &late.unit, (today - Duration::days(40), today - Duration::days(19)))
                .await?;
        }
        Ok::<_, DemoError>(())
    })?;
    for row in &offline {
        tablets[&row.unit].open()?.sync(field.http)?;
    }
    running.block_on(async {
        let figures = centre.round_tallies(round).await?.plans.clone();
        let counts = [
            figures.due,
            figures.overdue,
            figures.conflict,
            figures.written,
            figures.confirmed,
            figures.in_progress,
            figures.done,
        ];
        let mut arrived = 0;
        for row in &offline {
            let plan = centre.plan(round, Some(row.unit.as_str()), &row.official).await?;
            arrived += usize::from(plan.versions.iter().any(|version| version.said.tablet.is_some()));
        }
        let there = counts.iter().filter(|count| **count > 0).count();
        Ok(FollowUp { states: (STATES.len(), there), offline: (offline.len(), arrived) })
    })
}

/// A team writes a plan on its tablet, which has no network.
fn write_offline(machine: &Machine, row: &PlanRow, today: Date) -> Result<(), DemoError> {
    let mut tablet = machine.open()?;
    let acting = act(&mut tablet, machine, 0)?;
    let plan = NewPlan {
        official: row.official.clone(),
        based_on: Vec::new(),
        shortcomings: vec!["Chưa thường xuyên xuống thôn bản, nắm việc qua báo cáo là chính".to_owned()],
        measures: vec![
            (
                "Mỗi tháng xuống ít nhất hai thôn, có biên bản làm việc".to_owned(),
                day_number(today + Duration::days(120)),
            ),
            ("Họp dân mỗi quý một lần".to_owned(), None),
        ],
    };
    tablet.write_plan(&acting, plan, u64::try_from(now() / 60).ok())?;
    Ok(())
}

/// The official writes at the centre; whoever is needed for the stage does the rest.
async fn at_the_centre(
    centre: &Centre,
    round: &RoundId,
    row: &PlanRow,
    stage: PlanStage,
    today: Date,
) -> Result<(), DemoError> {
    let official = Profile {
        officials: BTreeSet::from([row.official.clone()]),
        votes_in: Some(row.unit.clone()),
        ..Profile::outsider(&row.name, &[Role::Official])
    };
    let login = format!("cb-{}", row.official.to_lowercase());
    let (person, _) = centre.add_person(&login, &official).await?;
    let official = centre.acting_for(Actor::Person(Arc::new(person)));
    let of = (round, Some(row.unit.as_str()));
    let revision = async || Ok::<_, DemoError>(centre.plan(round, of.1, &row.official).await?.revision);
    let text = PlanText {
        shortcomings: vec![
            "Nói chưa đi đôi với làm ở một số việc đã hứa với dân".to_owned(),
            "Giải quyết đơn thư còn chậm".to_owned(),
        ],
        measures: vec![
            (
                "Công khai việc đã hứa và ngày hoàn thành tại nhà văn hóa thôn".to_owned(),
                Some(today + Duration::days(60)),
            ),
            ("Trả lời đơn thư trong mười ngày làm việc".to_owned(), Some(today + Duration::days(180))),
        ],
    };
    official.write_plan(of, &row.official, &revision().await?, &text).await?;
    if stage == PlanStage::Written {
        return Ok(());
    }
    let organiser = centre.acting_for(Actor::Person(centre.person_named(ORGANISER).await?));
    organiser.confirm_plan((round, row.unit.as_str()), &row.official, &revision().await?).await?;
    if stage == PlanStage::Confirmed {
        return Ok(());
    }
    let note = ("Đã công khai danh mục việc đã hứa", false);
    official.note_plan_progress(of, &row.official, &revision().await?, note).await?;
    if stage == PlanStage::Done {
        let note = ("Mọi việc đã hứa đã xong, đơn thư không còn tồn đọng", true);
        organiser.note_plan_progress(of, &row.official, &revision().await?, note).await?;
    }
    Ok(())
}
