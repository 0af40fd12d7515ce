//! `homphieu notice`: who was told their result, who is to be told by when, who is late.

use super::io::Io;
use super::user::sign_in;
use super::{CliError, chosen, moment, offline};
use crate::domain::calendar::{day_text, parse_day};
use crate::domain::contact::Channel;
use crate::domain::notice::{Notice, Stage, Tally, Told, Way};
use crate::service::{Centre, PAGE_MAX};
use crate::store::notices::{NoticeSearch, Place, place};
use sync_core::id::UnitCode;
use time::Date;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List notices by the day on which they are due.
    List {
        /// Only of this round.
        #[arg(long)]
        round: Option<uuid::Uuid>,
        /// Only of this unit.
        #[arg(long)]
        unit: Option<String>,
        /// Only those that stand like this.
        #[arg(long, value_parser = ["waiting", "overdue", "in_time", "late"])]
        stage: Option<String>,
        /// Only with this in name, post or a code, with or without diacritics.
        #[arg(long, default_value = "")]
        text: String,
    },
    /// How many were told in time, are waited for, are overdue: in all and by unit.
    Figures {
        /// The round, if there is more than one.
        #[arg(long)]
        round: Option<uuid::Uuid>,
    },
    /// Send out what was not sent yet, to everybody who is reached by e-mail or webhook; a serving centre does it.
    Send {
        /// The round, if there is more than one.
        #[arg(long)]
        round: Option<uuid::Uuid>,
        /// Login of the organiser who sends; asks for their password.
        #[arg(long = "as", env = "HOMPHIEU_USER")]
        login: String,
    },
    /// Note that an official signed the printed notice.
    Signed {
        /// The round, if there is more than one.
        #[arg(long)]
        round: Option<uuid::Uuid>,
        /// The unit.
        #[arg(long)]
        unit: String,
        /// Code of the official.
        #[arg(long)]
        official: String,
        /// Day on which it was signed, as 2026-11-27.
        #[arg(long, value_name = "DAY", value_parser = day)]
        on: Date,
        /// Login of the organiser who notes it; asks for their password.
        #[arg(long = "as", env = "HOMPHIEU_USER")]
        login: String,
    },
}

pub(super) async fn run(centre: &Centre, command: Command) -> Result<(), CliError> {
    match command {
        Command::List { round, unit, stage, text } => {
            let unit = unit.map(|code| UnitCode::new(code.trim()).map_err(offline)).transpose()?;
            let stage = stage.as_deref().and_then(Stage::parse);
            let round = round.map(|id| sync_core::id::RoundId(id.into_bytes()));
            list(centre, &NoticeSearch { round, unit, stage, text }).await
        }
        Command::Figures { round } => {
            let figures = centre.round_tallies(&chosen(centre, round).await?).await?;
            for (unit, tally) in &figures.notices_of {
                say!("{:<10} {}", unit.as_str(), line_of(tally));
            }
            say!("{:<10} {}", tr!("notice-all"), line_of(&figures.notices));
            Ok(())
        }
        Command::Send { round, login } => {
            let round = chosen(centre, round).await?;
            let centre = sign_in(centre, &mut Io::standard(), &login).await?;
            let done = centre.send_notices(&round).await?;
            let (email, webhook, before, letter) = (done.email, done.webhook, done.before, done.letter);
            say!(
                "{}",
                tr!("notice-sending", email = email, webhook = webhook, before = before, letter = letter)
            );
            Ok(())
        }
        Command::Signed { round, unit, official, on, login } => {
            let round = chosen(centre, round).await?;
            let centre = sign_in(centre, &mut Io::standard(), &login).await?;
            let (notice, stage) = centre.note_signed(&round, &unit, &official, on).await?;
            say!("{}", line(&notice, stage));
            Ok(())
        }
    }
}

async fn list(centre: &Centre, which: &NoticeSearch) -> Result<(), CliError> {
    let mut after = Place::default();
    let mut any = false;
    loop {
        let found = centre.notices(which, &after, PAGE_MAX).await?;
        for (notice, stage) in &found {
            say!("{}", line(notice, *stage));
        }
        any |= !found.is_empty();
        match found.last() {
            Some((last, _)) if found.len() == PAGE_MAX as usize => after = place(last),
            _ => break,
        }
    }
    if !any {
        say!("{}", tr!("notice-none"));
    }
    Ok(())
}

fn line(notice: &Notice, stage: Stage) -> String {
    let due = day_text(notice.due_on);
    // Who said so themselves did it at a moment; of a signature only the day is known.
    let told_on = |told: &Told| match told.at {
        Some(at) => format!("{} ({})", day_text(told.on), moment(at)),
        None => day_text(told.on),
    };
    let stands = match (&notice.told, stage) {
        (None, Stage::Overdue) => tr!("notice-overdue", due = due),
        (None, _) => tr!("notice-waiting", due = due),
        (Some(told), Stage::Late) => tr!("notice-late", on = told_on(told), due = due),
        (Some(told), _) => tr!("notice-in-time", on = told_on(told), due = due),
    };
    let sent = match (&notice.told, &notice.sent) {
        (None, Some(sent)) => match sent.way {
            Channel::Letter => tr!("notice-sent-letter", on = day_text(sent.on)),
            Channel::Email => tr!("notice-sent-email", on = day_text(sent.on)),
            Channel::Webhook => tr!("notice-sent-webhook", on = day_text(sent.on)),
        },
        (None, None) => tr!("notice-not-sent"),
        (Some(told), _) => match told.way {
            Way::Page => tr!("notice-by-page"),
            Way::Paper => tr!("notice-by-paper"),
            Way::Code => tr!("notice-by-code"),
        },
    };
    let who = format!("{} ({})", notice.name, notice.official);
    format!("{:<10} {who:<40} {stands}; {sent}", notice.unit.as_str())
}

fn line_of(tally: &Tally) -> String {
    let (all, waiting, overdue) = (tally.notices, tally.waiting, tally.overdue);
    let counts = tr!(
        "notice-tally",
        all = all,
        time = tally.in_time,
        late = tally.late,
        waiting = waiting,
        overdue = overdue
    );
    match tally.median_days {
        Some(days) => format!("{counts}; {}", tr!("notice-median", days = days)),
        None => counts,
    }
}

fn day(text: &str) -> Result<Date, String> {
    parse_day(text.trim()).ok_or_else(|| tr!("notice-day-form"))
}
