//! `homphieu oversight`: how every unit stands, which ones somebody should visit and why, the signs, the visits.

use super::io::Io;
use super::lang::language;
use super::user::sign_in;
use super::{CliError, chosen};
use crate::domain::oversight::rule;
use crate::domain::periodic::DueDays;
use crate::domain::signs::Sign;
use crate::domain::visit::{VisitContent, VisitState};
use crate::service::{Centre, UnitOversight, oversight_table};
use sync_core::record::Language;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// How every unit stands, those first that somebody should visit.
    Show {
        /// The round, if there is more than one.
        #[arg(long)]
        round: Option<uuid::Uuid>,
        /// Only units that somebody should visit.
        #[arg(long)]
        visit: bool,
        /// As CSV.
        #[arg(long)]
        csv: bool,
    },
    /// What each sign of formalism means: its formula, and when it rings falsely.
    Signs,
    /// How the last rounds compare.
    Trend,
    /// Visits of a round.
    Visits {
        /// The round, if there is more than one.
        #[arg(long)]
        round: Option<uuid::Uuid>,
    },
    /// Plan a visit to a unit.
    Plan {
        /// The round, if there is more than one.
        #[arg(long)]
        round: Option<uuid::Uuid>,
        /// The unit.
        #[arg(long)]
        unit: String,
        /// Day of the visit, as 2026-11-27.
        #[arg(long, value_name = "DAY")]
        on: String,
        /// Who goes; once for each.
        #[arg(long, required = true)]
        who: Vec<String>,
        /// What for.
        #[arg(long)]
        purpose: String,
        /// Login of the inspector who plans it; asks for their password.
        #[arg(long = "as", env = "HOMPHIEU_USER")]
        login: String,
    },
    /// Set the day by which the units of a round are to be done.
    Due {
        /// The round, if there is more than one.
        #[arg(long)]
        round: Option<uuid::Uuid>,
        /// Only this unit; without it, every unit that has no day of its own.
        #[arg(long)]
        unit: Option<String>,
        /// The day, as 2026-11-27.
        #[arg(long, value_name = "DAY")]
        on: String,
        /// Login of the organiser who sets it; asks for their password.
        #[arg(long = "as", env = "HOMPHIEU_USER")]
        login: String,
    },
}

pub(super) async fn run(centre: &Centre, command: Command) -> Result<(), CliError> {
    match command {
        Command::Show { round, visit, csv } => look(centre, round, visit, csv).await,
        Command::Signs => {
            explain_signs();
            Ok(())
        }
        Command::Trend => trend(centre).await,
        Command::Visits { round } => visits(centre, round).await,
        Command::Plan { round, unit, on, who, purpose, login } => {
            let round = chosen(centre, round).await?;
            let centre = sign_in(centre, &mut Io::standard(), &login).await?;
            let content = VisitContent {
                state: VisitState::Planned,
                planned_on: on,
                made_on: None,
                people: who,
                purpose,
                findings: Vec::new(),
            };
            let visit = centre.plan_visit(&round, &unit, content).await?;
            say!("{}", tr!("oversight-visit-planned", unit = unit.as_str(), on = visit.content.planned_on));
            Ok(())
        }
        Command::Due { round, unit, on, login } => {
            let round = chosen(centre, round).await?;
            let centre = sign_in(centre, &mut Io::standard(), &login).await?;
            let before = centre.due_days(&round).await?;
            let mut due: DueDays = before.content;
            match unit {
                Some(unit) => drop(due.units.insert(unit, on.clone())),
                None => due.all = Some(on.clone()),
            }
            centre.set_due_days(&round, due, before.revision).await?;
            say!("{}", tr!("oversight-due-set", on = on));
            Ok(())
        }
    }
}

async fn look(centre: &Centre, round: Option<uuid::Uuid>, visit: bool, csv: bool) -> Result<(), CliError> {
    let overseen = centre.oversight(&chosen(centre, round).await?).await?;
    let seen = &overseen.whole;
    let wanted = |unit: &&UnitOversight| !visit || !unit.reasons.is_empty();
    let units: Vec<UnitOversight> = overseen.units.iter().filter(wanted).cloned().collect();
    if csv {
        say!("{}", oversight_table(&units, language()).trim_end());
        return Ok(());
    }
    let (held, published) = (seen.units_held, seen.units_published);
    let (all, visit) = (seen.units_all, seen.units_to_visit);
    say!("{}", tr!("oversight-head", held = held, all = all, published = published, visit = visit));
    say!("{}\n", rule(language()));
    units.iter().for_each(show);
    Ok(())
}

fn explain_signs() {
    for sign in Sign::ALL {
        let words = sign.words(language());
        say!("{}", words.name);
        say!("  {}: {}", tr!("oversight-formula"), words.formula);
        say!("  {}: {}\n", tr!("oversight-false-alarms"), words.false_alarms);
    }
}

async fn trend(centre: &Centre) -> Result<(), CliError> {
    for round in centre.oversight_trend().await? {
        let signed = round.signed_on.unwrap_or_else(|| "–".to_owned());
        say!("{signed}  {}", round.title);
        say!(
            "            {}",
            tr!(
                "oversight-trend",
                held = round.units_held,
                all = round.units_all,
                published = round.units_published,
                late = round.units_late,
                signs = round.units_with_signs,
                overdue = round.notices.overdue + round.notices.late,
                plans = round.plans.overdue + round.plans.late
            )
        );
    }
    Ok(())
}

async fn visits(centre: &Centre, round: Option<uuid::Uuid>) -> Result<(), CliError> {
    let visits = centre.visits(&chosen(centre, round).await?).await?;
    if visits.is_empty() {
        say!("{}", tr!("oversight-no-visits"));
    }
    for visit in visits {
        let content = &visit.content;
        let day = content.made_on.as_ref().unwrap_or(&content.planned_on);
        let state = match content.state {
            VisitState::Planned => tr!("oversight-planned"),
            VisitState::Made => tr!("oversight-made"),
            VisitState::CalledOff => tr!("oversight-called-off"),
        };
        say!("{:<10} {day}  {state}  {}", visit.unit.as_str(), content.purpose);
        for found in &content.findings {
            say!("             - {}", found.text);
        }
    }
    Ok(())
}

fn show(unit: &UnitOversight) {
    let due = unit.due_on.as_ref().map(|on| tr!("oversight-due", on = on.as_str())).unwrap_or_default();
    let stage = unit.stage.label(language());
    say!("{:<10} {:<36} {stage:<22} {due}", unit.code, unit.name);
    for reason in &unit.reasons {
        let text = match language() {
            Language::Vietnamese => &reason.vi,
            Language::English => &reason.en,
        };
        say!("             - {text}");
    }
}
