//! `homphieu remind`: who is to be reminded of what today; a serving centre does it by itself.

use super::CliError;
use crate::domain::calendar::day_text;
use crate::domain::periodic::reminder::{Owed, Reminder, Whom};
use crate::service::Centre;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only list them; nothing is made.
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(centre: &Centre, args: &Args) -> Result<(), CliError> {
    if !args.dry_run {
        let done = centre.remind().await?;
        say!("{}", tr!("remind-done", made = done.made, before = done.before, without = done.no_address));
        return Ok(());
    }
    let due = centre.reminders().await?;
    if due.reminders.is_empty() {
        say!("{}", tr!("remind-none"));
    }
    for reminder in &due.reminders {
        say!("{}", line(reminder));
    }
    Ok(())
}

fn line(reminder: &Reminder) -> String {
    let debt = &reminder.debt;
    let which = debt.which.as_str();
    let what = match debt.owed {
        Owed::Ballot => tr!("remind-ballot"),
        Owed::Notice => tr!("remind-notice", which = which),
        Owed::Plan => tr!("remind-plan", which = which),
        Owed::PlanBehind => tr!("remind-plan-behind", which = which),
        Owed::PlanConfirmation => tr!("remind-plan-confirmation", which = which),
        Owed::NextRound => tr!("remind-next-round"),
        Owed::FollowUp => tr!("remind-follow-up"),
    };
    let whom = match reminder.whom {
        Whom::Unit => tr!("remind-to-unit"),
        Whom::Official => tr!("remind-to-official"),
        Whom::Organisers => tr!("remind-to-organisers"),
        Whom::Inspectors => tr!("remind-to-inspectors"),
    };
    let due = day_text(debt.due_on);
    let when = match reminder.days_late {
        0 => tr!("remind-due", due = due),
        days => tr!("remind-late", due = due, days = days),
    };
    format!("{:<10} {whom:<22} {what:<44} {when}", debt.unit)
}
