//! What goes out to people: made once, in the transaction of what it tells of; sent by whoever serves, until it was taken.
//!
//! A message is taken for a while ([`HOLD`]) before it is sent, so several processes on one database share the work. Who
//! dies between sending and noting leaves it held, and another one sends it again after that time: towards the outside a
//! message arrives at least once, always under the same id, by which a receiver drops what it has.

use super::{Actor, Centre, now, random};
use crate::domain::calendar::day_of;
use crate::domain::contact::{Channel, ContactKind};
use crate::domain::notice::Notice;
use crate::domain::outgoing::{About, Failure, Message, MessageId, MessageKind, MessageState, Words};
use crate::domain::person::Role;
use crate::error::AppError;
use crate::store::outbox::{self, Count, OutboxSearch};
use crate::store::{Db, StoreError, contacts, notices};
use crate::ways::Ways;
use std::time::Duration;

/// Seconds for which a message is held by whoever sends it: longer than any try takes ([`crate::ways::TRY_MAX`]).
const HOLD: i64 = 300;
/// How often a serving centre looks for something to send.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Most messages of one pass, so that who asks for the end is heard.
const PASS_MAX: usize = 200;
/// Most characters of a reason that are kept.
const WHY_MAX: usize = 300;

/// What became of telling somebody something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enqueued {
    /// It goes out by this way.
    Now(Channel),
    /// It was made before; nothing changed.
    Before,
    /// Nobody noted where they are reached, or they get letters.
    NoAddress,
}

/// A message that this process sends now.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The message.
    pub message: Message,
    by: [u8; 16],
}

/// What a pass of sending did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent {
    /// Taken by server or gateway.
    pub sent: u32,
    /// Tried in vain; tried again later.
    pub later: u32,
    /// Refused for good, or tried too often.
    pub failed: u32,
}

/// Stores a message to somebody, if it is known where they are reached. `key` says what it is, such as
/// `reminder/ROUND/UNIT/2026-11-27`: with the same key nothing is made twice, whoever asks and however often.
pub(super) async fn enqueue(
    db: &mut Db,
    key: &str,
    kind: MessageKind,
    about: About,
    to: (ContactKind, &str),
    words: Words,
) -> Result<Enqueued, AppError> {
    let Some(contact) = contacts::get(db, to.0, to.1).await? else { return Ok(Enqueued::NoAddress) };
    let Some(address) = contact.address().map(str::to_owned) else { return Ok(Enqueued::NoAddress) };
    let message = Message {
        id: MessageId(random()),
        key: key.to_owned(),
        kind,
        way: contact.way,
        about,
        name: contact.name,
        address,
        words,
        made_at: now(),
        state: MessageState::Waiting,
        tries: 0,
        next_at: 0,
        done_at: None,
        why: None,
    };
    Ok(if outbox::enqueue(db, &message).await? { Enqueued::Now(contact.way) } else { Enqueued::Before })
}

/// Gives up what waits to tell an official of a result that they know by now.
pub(super) async fn not_needed(db: &mut Db, notice: &Notice) -> Result<(), AppError> {
    let key = (&notice.round, &notice.unit, notice.official.as_str());
    Ok(outbox::withdraw(db, key, "", now(), "they were told already").await?)
}

impl Centre {
    /// Messages, the newest first, from after a place on.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn messages(
        &self,
        which: &OutboxSearch,
        after: Option<(i64, [u8; 16])>,
        limit: u32,
    ) -> Result<Vec<Message>, AppError> {
        Ok(outbox::list(&mut *self.inner.store.reader().await?, which, after, limit.min(super::PAGE_MAX))
            .await?)
    }

    /// One message.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_message`.
    pub async fn message(&self, id: MessageId) -> Result<Message, AppError> {
        outbox::get(&mut *self.inner.store.reader().await?, id).await?.ok_or_else(unknown)
    }

    /// How many messages stand how.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn message_counts(&self) -> Result<Vec<Count>, AppError> {
        Ok(outbox::count(&mut *self.inner.store.reader().await?).await?)
    }

    /// Has a message that was not sent tried again now, to where its receiver is reached by now.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_message`, `message_sent`, `person_needed`, `role`.
    pub async fn send_again(&self, id: MessageId) -> Result<Message, AppError> {
        self.person_with(&[Role::Organiser])?;
        let mut tx = self.begin_write().await?;
        let mut message = outbox::get(&mut tx, id).await?.ok_or_else(unknown)?;
        if let Some(official) = &message.about.official
            && let Some(contact) = contacts::get(&mut tx, ContactKind::Official, official).await?
            && let Some(address) = contact.address()
        {
            message.address = address.to_owned();
            message.name.clone_from(&contact.name);
            message.way = contact.way;
        }
        if !outbox::again(&mut tx, &message, now()).await? {
            return Err(sent_already());
        }
        self.commit(tx, "message_again", id.uuid(), &message.key).await?;
        self.message(id).await
    }

    /// Gives a message up. Giving it up again is success.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_message`, `message_sent`, `person_needed`, `role`.
    pub async fn give_message_up(&self, id: MessageId) -> Result<Message, AppError> {
        self.person_with(&[Role::Organiser])?;
        let mut tx = self.begin_write().await?;
        let message = outbox::get(&mut tx, id).await?.ok_or_else(unknown)?;
        match message.state {
            MessageState::Sent => return Err(sent_already()),
            MessageState::GivenUp => return Ok(message),
            MessageState::Waiting | MessageState::Failed => {}
        }
        if !outbox::give_up(&mut tx, id, now()).await? {
            return Err(sent_already());
        }
        self.commit(tx, "message_given_up", id.uuid(), &message.key).await?;
        self.message(id).await
    }

    /// Takes the next message that is due by one of these ways; nobody else sends it for a while.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn claim_message(&self, ways: (bool, bool), now: i64) -> Result<Option<Claimed>, AppError> {
        if ways == (false, false) {
            return Ok(None);
        }
        loop {
            // Looking takes no writer's turn: most of the time there is nothing.
            let due = outbox::due(&mut *self.inner.store.reader().await?, now, ways).await?;
            let Some(id) = due else { return Ok(None) };
            let mut tx = self.begin_write().await?;
            let by = random();
            let claimed = outbox::claim(&mut tx, id, &by, now.saturating_add(HOLD), now).await?;
            tx.commit().await.map_err(StoreError::from)?;
            // Another process may have been faster; then the next one is looked for.
            if let Some(message) = claimed {
                return Ok(Some(Claimed { message, by }));
            }
        }
    }

    /// Notes how sending a message ended. That it was taken is noted whoever holds it by now.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn note_try(
        &self,
        claimed: &Claimed,
        outcome: Result<(), Failure>,
        now: i64,
    ) -> Result<MessageState, AppError> {
        let Claimed { message, by } = claimed;
        let centre = self.acting_for(Actor::Centre);
        let mut tx = match message.about.round {
            Some(round) if message.kind == MessageKind::Notice && outcome.is_ok() => {
                self.begin_follow_up(&round).await?
            }
            _ => self.begin_write().await?,
        };
        let failure = match outcome {
            Ok(()) => {
                // First the notice, then its message, as everybody takes them: so nobody waits for each other.
                if message.kind == MessageKind::Notice {
                    notices::sent(&mut tx, &message.about, day_of(now), message.way).await?;
                }
                if outbox::sent(&mut tx, message.id, now).await? {
                    centre.commit(tx, "message_sent", message.id.uuid(), &message.key).await?;
                }
                return Ok(MessageState::Sent);
            }
            Err(failure) => failure,
        };
        let (state, next_at) = failure.then(message.tries, now);
        let done_at = (state != MessageState::Waiting).then_some(now);
        let why: String = failure.why().chars().filter(|c| !c.is_control()).take(WHY_MAX).collect();
        let noted = outbox::failed(&mut tx, message.id, by, (state, next_at), done_at, &why).await?;
        if noted && state == MessageState::Failed {
            centre.commit(tx, "message_failed", message.id.uuid(), &message.key).await?;
        } else {
            tx.commit().await.map_err(StoreError::from)?;
        }
        Ok(state)
    }

    /// Sends what is due at this moment. A way that nobody answers on is left alone for the rest of the pass.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn send_due(&self, ways: &Ways, now: i64) -> Result<Sent, AppError> {
        let (mut open, mut done) = ((ways.mail.is_some(), ways.webhook.is_some()), Sent::default());
        for _ in 0..PASS_MAX {
            let Some(claimed) = self.claim_message(open, now).await? else { break };
            let outcome = ways.send(&claimed.message).await;
            if matches!(outcome, Err(Failure::Away(_))) {
                match claimed.message.way {
                    Channel::Email => open.0 = false,
                    Channel::Webhook | Channel::Letter => open.1 = false,
                }
            }
            match self.note_try(&claimed, outcome, now).await? {
                MessageState::Sent => done.sent += 1,
                MessageState::Waiting => done.later += 1,
                MessageState::Failed | MessageState::GivenUp => done.failed += 1,
            }
        }
        Ok(done)
    }

    /// Sends what is due from now on, until the centre closes.
    pub fn keep_sending(&self, ways: Ways) {
        let centre = self.acting_for(Actor::Centre);
        let task = tokio::spawn(async move {
            loop {
                match centre.send_due(&ways, now()).await {
                    // Never an address: logs hold no name.
                    Ok(done) if done != Sent::default() => tracing::info!(?done, "messages"),
                    Ok(_) => {}
                    Err(error) => tracing::warn!("messages wait: {error}"),
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        });
        if let Some(before) = self.inner.sending.lock().expect("no holder panics").replace(task) {
            before.abort();
        }
    }

    /// Ends sending. What was under way is sent again later, under the same id.
    pub(super) async fn stop_sending(&self) {
        let task = self.inner.sending.lock().expect("no holder panics").take();
        if let Some(task) = task {
            task.abort();
            // Aborted, or done; either way its connection is free now.
            drop(task.await);
        }
    }
}

fn unknown() -> AppError {
    AppError::not_found("unknown_message", "there is no such message")
}

fn sent_already() -> AppError {
    AppError::conflict("message_sent", "this message was sent; what was sent is not sent again or taken back")
}
