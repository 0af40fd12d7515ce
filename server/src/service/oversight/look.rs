//! One round as the inspection committee sees it.

use super::signs::Found;
use crate::domain::calendar::{day_of, parse_day};
use crate::domain::notice::Tally;
use crate::domain::oversight::{
    Facts, Grade, Progress, Reason, Seen, Stage, StageCount, Step, count_stages, days_late, maybe_day, rank,
    reasons, stage_of,
};
use crate::domain::periodic::DueDays;
use crate::domain::plan::PlanTally;
use crate::domain::signs::Sign;
use crate::domain::visit::{Visit, VisitState};
use crate::error::AppError;
use crate::service::counting::load_counted;
use crate::service::shelf::Shelf;
use crate::service::tallies::{Basis, Tallies};
use crate::service::{Centre, Explained, FindingSummary, Round, UnitStatus, load_round, now};
use crate::store::audit::{self, Search};
use crate::store::{Db, statements, visits};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use sync_core::id::{RoundId, UnitCode};
use sync_core::record::Language;
use time::Date;
use utoipa::ToSchema;

/// A round as the inspection committee sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Oversight {
    /// State of the round, by name.
    pub state: String,
    /// Units of the round.
    pub units_all: u32,
    /// Of these, units that held their ballot and signed their minutes.
    pub units_held: u32,
    /// Of these, published ones.
    pub units_published: u32,
    /// Units that somebody should visit.
    pub units_to_visit: u32,
    /// How many units are how far.
    pub stages: Vec<StageCount>,
    /// Every notice of the round.
    pub notices: Tally,
    /// Every correction plan of the round.
    pub plans: PlanTally,
}

/// A round with its units.
#[derive(Debug, Clone)]
pub struct Overseen {
    /// The round as a whole.
    pub whole: Oversight,
    /// Units, those to visit first.
    pub units: Vec<UnitOversight>,
}

/// Rounds as they were last looked at. Whoever looks for the first time after somebody wrote works it out for all who
/// wait.
#[derive(Debug, Default)]
pub(in crate::service) struct Looked {
    shelf: Shelf<Basis, Overseen>,
    working: tokio::sync::Mutex<()>,
}

/// A unit as the inspection committee sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UnitOversight {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Voters on the roster.
    pub voters: u32,
    /// How far it is.
    pub stage: Stage,
    /// The steps it took, with the day where one is noted.
    pub steps: Vec<Step>,
    /// By when its ballot was to be held, as `2026-11-27`.
    pub due_on: Option<String>,
    /// Days by which it is or was behind that day.
    pub days_late: Option<u32>,
    /// Held envelopes that nobody decided.
    pub held: usize,
    /// What is missing and not written off.
    pub gaps: usize,
    /// Things about which people of its team disagree.
    pub conflicts: usize,
    /// What does not reconcile.
    pub findings: Vec<FindingLine>,
    /// Of these, warnings that a second person explained.
    pub explained: usize,
    /// Its notices of results.
    pub notices: Tally,
    /// Correction plans that are overdue.
    pub plans_overdue: u32,
    /// Correction plans past the last day of their measures and not done.
    pub plans_behind: u32,
    /// Its visits.
    pub visits: VisitsLine,
    /// Signs of formalism.
    pub signs: Vec<Sign>,
    /// Why somebody should visit it, the gravest first; empty if nobody needs to.
    pub reasons: Vec<ReasonLine>,
}

/// Something that does not reconcile, for the list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FindingLine {
    /// Stable name.
    pub code: String,
    /// `error` or `warning`.
    pub severity: String,
    /// Whether a second person explained it.
    pub explained: bool,
    /// What was said to explain it, and by whom.
    pub explanations: Vec<Explained>,
    /// What it is, in Vietnamese.
    pub vi: String,
    /// The same in English.
    pub en: String,
}

/// A reason to visit a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReasonLine {
    /// Stable name.
    pub code: &'static str,
    /// How grave it is.
    pub grade: Grade,
    /// What it is, in Vietnamese.
    pub vi: String,
    /// The same in English.
    pub en: String,
}

/// The visits of a unit in short.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisitsLine {
    /// The next day for which one is planned.
    pub planned_on: Option<String>,
    /// The last day on which one was made.
    pub made_on: Option<String>,
    /// What is to be put right.
    pub open: u32,
    /// Of this, what is past its day.
    pub overdue: u32,
}

impl From<&FindingSummary> for FindingLine {
    fn from(found: &FindingSummary) -> Self {
        let FindingSummary { code, severity, explained, explanations, vi, en, .. } = found.clone();
        Self { code, severity, explained, explanations, vi, en }
    }
}

impl From<&Reason> for ReasonLine {
    fn from(reason: &Reason) -> Self {
        Self {
            code: reason.code(),
            grade: reason.grade(),
            vi: reason.text(Language::Vietnamese),
            en: reason.text(Language::English),
        }
    }
}

impl VisitsLine {
    fn of<'a>(visits: impl Iterator<Item = &'a Visit>, today: Date) -> Self {
        let mut line = Self::default();
        for Visit { content, .. } in visits {
            let planned = (content.state == VisitState::Planned).then_some(&content.planned_on);
            line.planned_on = line.planned_on.into_iter().chain(planned.cloned()).min();
            line.made_on = line.made_on.max(content.made_on.clone());
            line.open += number(content.open());
            line.overdue += number(content.overdue(today));
        }
        line
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// What of a round belongs to no unit alone, read once.
struct Ground {
    closed: bool,
    /// Days on which results were accepted, by number of their order.
    accepted: BTreeMap<u32, Date>,
    /// The first order whose accepted result has ballots of a unit.
    counted: BTreeMap<UnitCode, u32>,
    left: BTreeSet<UnitCode>,
    tallies: Arc<Tallies>,
    visits: BTreeMap<UnitCode, Vec<Visit>>,
    due: DueDays,
}

impl Centre {
    /// How every unit of a signed round stands, and which ones somebody should visit; those first.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_round`, `not_signed`.
    pub async fn oversight(&self, round: &RoundId) -> Result<Arc<Overseen>, AppError> {
        let Looked { shelf, working } = &self.inner.overseen;
        let basis = Basis::of(&mut *self.inner.store.reader().await?, round, now()).await?;
        if let Some(seen) = shelf.find(round, &basis) {
            return Ok(seen);
        }
        let _turn = working.lock().await;
        let basis = Basis::of(&mut *self.inner.store.reader().await?, round, now()).await?;
        if let Some(seen) = shelf.find(round, &basis) {
            return Ok(seen);
        }
        let seen = Arc::new(self.look(round, &basis).await?);
        shelf.keep(*round, basis, &seen);
        Ok(seen)
    }

    async fn look(&self, round: &RoundId, basis: &Basis) -> Result<Overseen, AppError> {
        let board = self.board(round).await?;
        let figures = match self.kept_figures(round).await {
            Ok(figures) => Some(figures),
            Err(error) if error.code() == "not_published" => None,
            Err(error) => return Err(error),
        };
        let mut tx = self.begin().await?;
        let stored = load_round(&mut tx, round).await?;
        let (today, tallies) = (basis.day(), self.tallies(&mut tx, round, basis).await?);
        let ground = load_ground(&mut tx, &stored, tallies).await?;
        let found = self.found(&mut tx, &stored, figures.as_deref(), &board).await?;
        let nothing = Found::default();
        let mut units = Vec::new();
        for status in board.units.iter().map(|unit| &unit.status) {
            let found = found.get(&status.code).unwrap_or(&nothing);
            units.push(unit_of(status, &ground, found, today));
        }
        units.sort_by_cached_key(|(unit, reasons)| rank(reasons, unit.days_late, &unit.code));
        let units: Vec<UnitOversight> = units.into_iter().map(|(unit, _)| unit).collect();
        let count = |of: fn(&UnitOversight) -> bool| number(units.iter().filter(|unit| of(unit)).count());
        let whole = Oversight {
            state: board.state.clone(),
            units_all: number(units.len()),
            units_held: count(|unit| unit.stage.is_held()),
            units_published: count(|unit| unit.stage == Stage::Published),
            units_to_visit: count(|unit| !unit.reasons.is_empty()),
            stages: count_stages(&units.iter().map(|unit| unit.stage)),
            notices: ground.tallies.notices.clone(),
            plans: ground.tallies.plans.clone(),
        };
        Ok(Overseen { whole, units })
    }
}

async fn load_ground(db: &mut Db, stored: &Round, tallies: Arc<Tallies>) -> Result<Ground, AppError> {
    let round = &stored.id;
    let left = statements::left_unpublished(db, round).await?;
    let mut counted = BTreeMap::new();
    for result in load_counted(db, &stored.id, stored.signed()?.value())
        .await?
        .iter()
        .filter_map(|counted| counted.result.as_ref())
    {
        let result = result.value();
        for unit in result.units.iter().filter(|unit| unit.collected() > 0) {
            counted.entry(unit.unit.clone()).or_insert(result.number);
        }
    }
    let action = "result_accepted".to_owned();
    let what = Search { action, object: round.uuid().to_string(), ..Search::default() };
    let accepted = audit::search(db, &what, crate::service::PAGE_MAX).await?.into_iter();
    let accepted = accepted.filter_map(|line| {
        let (number, _) = line.detail.split_once(':')?;
        Some((number.parse().ok()?, day_of(line.at)))
    });
    let mut of_units: BTreeMap<UnitCode, Vec<Visit>> = BTreeMap::new();
    for visit in visits::of_round(db, round).await? {
        of_units.entry(visit.unit.clone()).or_default().push(visit);
    }
    Ok(Ground {
        closed: stored.state.is_over(),
        accepted: accepted.collect(),
        counted,
        left: left.into_iter().map(|left| left.unit).collect(),
        tallies,
        visits: of_units,
        due: DueDays::load(db, round).await?.content,
    })
}

fn unit_of(status: &UnitStatus, ground: &Ground, found: &Found, today: Date) -> (UnitOversight, Vec<Reason>) {
    let code = status.code.as_str();
    let key = UnitCode::new(code).ok();
    let key = key.as_ref();
    let counted = key.and_then(|unit| ground.counted.get(unit)).copied();
    let seen = Seen {
        tablets: status.tablets,
        closed: status.closed,
        traces: found.entries + status.envelopes,
        signed: status.record.signed,
        counted: counted.is_some(),
        left: key.is_some_and(|unit| ground.left.contains(unit)),
        published: status.published.is_some(),
    };
    let progress = Progress {
        stage: stage_of(seen),
        first_noted_on: found.first_noted_on,
        signed_on: found.signed_on,
        counted_on: counted.and_then(|order| ground.accepted.get(&order).copied()),
        published_on: key.and_then(|unit| ground.tallies.first_made.get(unit)).copied(),
    };
    let visits = VisitsLine::of(key.and_then(|unit| ground.visits.get(unit)).into_iter().flatten(), today);
    let plans = key.and_then(|unit| ground.tallies.plans_of.get(unit)).cloned().unwrap_or_default();
    let due_on = ground.due.of(code).and_then(parse_day);
    let facts = Facts {
        progress,
        due_on,
        closed: ground.closed,
        held: status.held,
        gaps: status.gaps,
        blocking: status.record.blocking(),
        conflicts: status.record.conflicts,
        notices: key.and_then(|unit| ground.tallies.notices_of.get(unit)).cloned().unwrap_or_default(),
        plans_overdue: plans.overdue,
        plans_behind: plans.behind,
        follow_ups_overdue: visits.overdue,
        signs: found.signs.clone(),
    };
    let why = reasons(&facts, today);
    let unit = UnitOversight {
        code: status.code.clone(),
        name: status.name.clone(),
        voters: status.voters,
        stage: facts.progress.stage,
        steps: facts.progress.steps(),
        due_on: maybe_day(due_on),
        days_late: days_late(&facts, today),
        held: status.held,
        gaps: status.gaps,
        conflicts: status.record.conflicts,
        findings: status.record.findings.iter().map(FindingLine::from).collect(),
        explained: status.record.findings.iter().filter(|found| found.explained).count(),
        notices: facts.notices,
        plans_overdue: facts.plans_overdue,
        plans_behind: facts.plans_behind,
        visits,
        signs: facts.signs,
        reasons: why.iter().map(ReasonLine::from).collect(),
    };
    (unit, why)
}

impl UnitOversight {
    /// Everything that somebody may look for: code, name, the words of its reasons.
    pub fn words(&self) -> String {
        let reasons = self.reasons.iter().flat_map(|reason| [reason.vi.as_str(), reason.en.as_str()]);
        let all: Vec<&str> = [self.code.as_str(), self.name.as_str()].into_iter().chain(reasons).collect();
        sync_core::record::plain(&all.join(" "))
    }

    /// The day of a step, for tables.
    pub fn day(&self, stage: Stage) -> &str {
        let step = self.steps.iter().find(|step| step.stage == stage);
        step.and_then(|step| step.on.as_deref()).unwrap_or_default()
    }
}
