//! `homphieu plan`: who owes a correction plan, what it says, how far it is.

use super::io::Io;
use super::user::sign_in;
use super::{CliError, chosen, offline};
use crate::domain::calendar::day_text;
use crate::domain::plan::{PlanRow, PlanStage, PlanTally, Rule, USUAL_DAYS, Who};
use crate::service::{Centre, PAGE_MAX, PlanDetail, PlanRule, PlanSaid, VersionDetail};
use crate::store::plans::{PlanSearch, beginning, place};
use sync_core::id::UnitCode;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List plans: what waits for somebody first, the oldest due day before others.
    List {
        /// Only of this round.
        #[arg(long)]
        round: Option<uuid::Uuid>,
        /// Only of this unit.
        #[arg(long)]
        unit: Option<String>,
        /// Only those that stand like this.
        #[arg(long, value_parser = ["not_owed", "due", "overdue", "conflict", "written", "confirmed", "in_progress", "done"])]
        stage: Option<String>,
        /// Only with this in name, post or a code, with or without diacritics.
        #[arg(long, default_value = "")]
        text: String,
    },
    /// Show the plan of an official: what it says, who wrote and confirmed it, what became of it.
    Show {
        /// The round, if there is more than one.
        #[arg(long)]
        round: Option<uuid::Uuid>,
        /// Code of the official.
        #[arg(long)]
        official: String,
    },
    /// How many are owed, in time, overdue, done: in all and by unit.
    Figures {
        /// The round, if there is more than one.
        #[arg(long)]
        round: Option<uuid::Uuid>,
    },
    /// Show who owes a plan in a round, or say it before the first result is published.
    Rule {
        /// The round, if there is more than one.
        #[arg(long)]
        round: Option<uuid::Uuid>,
        /// Who owes a plan; shows the rule if it is not given.
        #[arg(long, value_parser = ["everybody", "over_half", "two_thirds"], requires = "login")]
        who: Option<String>,
        /// Within how many working days after publication.
        #[arg(long, default_value_t = USUAL_DAYS)]
        days: u16,
        /// Login of the organiser who says it; asks for their password.
        #[arg(long = "as", env = "HOMPHIEU_USER")]
        login: Option<String>,
    },
}

pub(super) async fn run(centre: &Centre, command: Command) -> Result<(), CliError> {
    match command {
        Command::List { round, unit, stage, text } => {
            let unit = unit.map(|code| UnitCode::new(code.trim()).map_err(offline)).transpose()?;
            let stage = stage.as_deref().and_then(PlanStage::parse);
            let round = round.map(|id| sync_core::id::RoundId(id.into_bytes()));
            list(centre, &PlanSearch { round, unit, stage, text }).await
        }
        Command::Show { round, official } => {
            let round = chosen(centre, round).await?;
            show(&centre.plan(&round, None, &official).await?);
            Ok(())
        }
        Command::Figures { round } => {
            let figures = centre.round_tallies(&chosen(centre, round).await?).await?;
            for (unit, tally) in &figures.plans_of {
                say!("{:<10} {}", unit.as_str(), line_of(tally));
            }
            say!("{:<10} {}", tr!("notice-all"), line_of(&figures.plans));
            Ok(())
        }
        Command::Rule { round, who, days, login } => {
            let round = chosen(centre, round).await?;
            if let (Some(who), Some(login)) = (who.as_deref().and_then(Who::parse), login) {
                // What somebody else sets while the password is typed is not written over.
                let before = centre.plan_rule(&round).await?;
                let centre = sign_in(centre, &mut Io::standard(), &login).await?;
                centre.set_plan_rule(&round, Rule { who, working_days: days }, before.revision).await?;
            }
            let PlanRule { rule, open, .. } = centre.plan_rule(&round).await?;
            let who = match rule.who {
                Who::Everybody => tr!("plan-rule-everybody", days = rule.working_days),
                Who::OverHalf => tr!("plan-rule-over-half", days = rule.working_days),
                Who::TwoThirds => tr!("plan-rule-two-thirds", days = rule.working_days),
            };
            say!("{who}");
            if !open {
                say!("{}", tr!("plan-rule-stands"));
            }
            Ok(())
        }
    }
}

async fn list(centre: &Centre, which: &PlanSearch) -> Result<(), CliError> {
    let mut after = beginning();
    let mut any = false;
    loop {
        let found = centre.plans(which, &after, PAGE_MAX).await?;
        for (plan, stage, behind) in &found {
            say!("{}", line(plan, *stage, *behind));
        }
        any |= !found.is_empty();
        match found.last() {
            Some((last, ..)) if found.len() == PAGE_MAX as usize => after = place(last),
            _ => break,
        }
    }
    if !any {
        say!("{}", tr!("plan-none"));
    }
    Ok(())
}

fn line(plan: &PlanRow, stage: PlanStage, behind: bool) -> String {
    let who = format!("{} ({})", plan.name, plan.official);
    let behind = if behind { format!("; {}", tr!("plan-behind")) } else { String::new() };
    format!("{:<10} {who:<40} {}{behind}", plan.unit.as_str(), stands(plan, stage))
}

fn stands(plan: &PlanRow, stage: PlanStage) -> String {
    let due = day_text(plan.due_on);
    match stage {
        PlanStage::NotOwed => tr!("plan-not-owed"),
        PlanStage::Due => tr!("plan-due", due = due),
        PlanStage::Overdue => tr!("plan-overdue", due = due),
        PlanStage::Conflict => tr!("plan-conflict"),
        PlanStage::Written => tr!("plan-written"),
        PlanStage::Confirmed => tr!("plan-confirmed"),
        PlanStage::InProgress => tr!("plan-in-progress"),
        PlanStage::Done => tr!("plan-done"),
    }
}

fn show(plan: &PlanDetail) {
    say!("{}", line(&plan.row, plan.stage, plan.behind));
    for version in plan.versions.iter().filter(|version| version.stands) {
        said(version);
    }
    if let Some(by) = &plan.confirmed {
        say!("{}", tr!("plan-confirmed-by", who = who(by)));
    }
    for note in &plan.progress {
        say!("- {} ({})", note.text, who(&note.said));
    }
    for file in plan.files.iter().filter(|file| file.kind.is_some()) {
        say!("{}", tr!("plan-file", name = file.name.clone(), bytes = file.size));
    }
    let earlier = plan.versions.iter().filter(|version| !version.stands).count();
    if earlier > 0 {
        say!("{}", tr!("plan-earlier", count = earlier));
    }
}

fn said(version: &VersionDetail) {
    say!("{}", tr!("plan-version", who = who(&version.said)));
    for shortcoming in &version.shortcomings {
        say!("  {}", tr!("plan-shortcoming", text = shortcoming.clone()));
    }
    for (text, by) in &version.measures {
        let text = text.clone();
        match by {
            Some(by) => say!("  {}", tr!("plan-measure-by", text = text, by = day_text(*by))),
            None => say!("  {}", tr!("plan-measure", text = text)),
        }
    }
}

fn who(said: &PlanSaid) -> String {
    let person = said.person.clone().unwrap_or_else(|| "?".to_owned());
    match &said.tablet {
        Some(tablet) => format!("{person}, {tablet}"),
        None => person,
    }
}

fn line_of(tally: &PlanTally) -> String {
    tr!(
        "plan-tally",
        owed = tally.owed,
        time = tally.in_time,
        late = tally.late,
        due = tally.due,
        overdue = tally.overdue,
        confirmed = tally.confirmed + tally.in_progress,
        done = tally.done,
        conflict = tally.conflict
    )
}
