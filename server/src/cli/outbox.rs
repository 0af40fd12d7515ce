//! `homphieu outbox`: messages that wait, were sent or failed; sending again, giving up.

use super::io::Io;
use super::user::sign_in;
use super::{CliError, moment};
use crate::domain::outgoing::{Message, MessageId, MessageState};
use crate::service::{Centre, PAGE_MAX};
use crate::store::outbox::OutboxSearch;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List messages, the newest first.
    List {
        /// Only those that stand like this.
        #[arg(long, value_parser = ["waiting", "sent", "failed", "given_up"])]
        state: Option<String>,
        /// Only of this round.
        #[arg(long)]
        round: Option<uuid::Uuid>,
    },
    /// Try a message that was not sent again now, to where its receiver is reached by now.
    Again {
        /// The message, as `outbox list` shows it.
        message: uuid::Uuid,
        /// Login of the organiser who wants it; asks for their password.
        #[arg(long = "as", env = "HOMPHIEU_USER")]
        login: String,
    },
    /// Give a message up.
    GiveUp {
        /// The message, as `outbox list` shows it.
        message: uuid::Uuid,
        /// Login of the organiser who wants it; asks for their password.
        #[arg(long = "as", env = "HOMPHIEU_USER")]
        login: String,
    },
}

pub(super) async fn run(centre: &Centre, command: Command) -> Result<(), CliError> {
    match command {
        Command::List { state, round } => {
            let state = state.as_deref().and_then(MessageState::parse);
            let round = round.map(|id| sync_core::id::RoundId(id.into_bytes()));
            list(centre, &OutboxSearch { state, kind: None, round }).await
        }
        Command::Again { message, login } => {
            let centre = sign_in(centre, &mut Io::standard(), &login).await?;
            say!("{}", line(&centre.send_again(MessageId(message.into_bytes())).await?));
            Ok(())
        }
        Command::GiveUp { message, login } => {
            let centre = sign_in(centre, &mut Io::standard(), &login).await?;
            say!("{}", line(&centre.give_message_up(MessageId(message.into_bytes())).await?));
            Ok(())
        }
    }
}

async fn list(centre: &Centre, which: &OutboxSearch) -> Result<(), CliError> {
    let (mut after, mut any) = (None, false);
    loop {
        let found = centre.messages(which, after, PAGE_MAX).await?;
        for message in &found {
            say!("{}", line(message));
        }
        any |= !found.is_empty();
        match found.last() {
            Some(last) if found.len() == PAGE_MAX as usize => after = Some((last.made_at, last.id.0)),
            _ => break,
        }
    }
    if !any {
        say!("{}", tr!("outbox-none"));
    }
    Ok(())
}

fn line(message: &Message) -> String {
    let done = message.done_at.map(moment).unwrap_or_default();
    let why = message.why.clone().unwrap_or_default();
    let stands = match message.state {
        MessageState::Waiting if message.tries == 0 => tr!("outbox-waiting"),
        MessageState::Waiting => {
            tr!("outbox-trying", tries = message.tries, next = moment(message.next_at), why = why)
        }
        MessageState::Sent => tr!("outbox-sent", at = done),
        MessageState::Failed => tr!("outbox-failed", at = done, why = why),
        MessageState::GivenUp if why.is_empty() => tr!("outbox-given-up", at = done),
        MessageState::GivenUp => tr!("outbox-not-needed", at = done, why = why),
    };
    let who = format!("{} <{}>", message.name, message.address);
    format!("{}  {:<10} {who:<44} {stands}", message.id.uuid(), message.kind.code())
}
