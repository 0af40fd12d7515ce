//! Joining another tablet's session.

use super::conversation::{Conversation, Happened};
use super::error::LocalError;
use super::frame::Frame;
use super::hold::{Hold, say_why};
use super::invitation::Invitation;
use super::link::Link;
use super::talk::Outgoing;
use super::tls;
use super::visit::{Step, Visit, Who};
use crate::error::TabletError;
use crate::store::Store;
use crate::tablet::Tablet;
use rand_core::CryptoRng;
use std::net::TcpStream;
use std::ops::ControlFlow;
use std::time::Duration;
use thiserror::Error;

/// How a tablet joins.
#[derive(Debug, Clone, Copy)]
pub struct JoinOptions {
    /// Whether it stays after everything is exchanged, to get what others bring, until the session ends or it is
    /// stopped.
    pub stay: bool,
    /// How long one address may take to answer.
    pub connect: Duration,
    /// How long the host may be silent.
    pub patience: Duration,
}

impl Default for JoinOptions {
    fn default() -> Self {
        Self { stay: false, connect: Duration::from_secs(10), patience: Duration::from_mins(2) }
    }
}

/// What came of joining.
pub type JoinReport = Visit;

/// Joining was not finished. What is in the report is done nevertheless.
#[derive(Debug, Error)]
#[error("{error}")]
pub struct JoinError {
    /// Why not.
    pub error: LocalError,
    /// What passed before; nothing if the host was not even recognised.
    pub report: Option<Box<JoinReport>>,
}

impl From<LocalError> for JoinError {
    fn from(error: LocalError) -> Self {
        Self { error, report: None }
    }
}

/// Joins a session, exchanges everything both ways, and leaves. `watch` is told how far it is, and stops it with
/// [`ControlFlow::Break`].
///
/// # Errors
/// [`JoinError`]. What had arrived is stored, and joining again goes on from there.
pub fn join<S: Store, R: CryptoRng>(
    tablet: &mut Tablet<S, R>,
    invitation: &Invitation,
    watch: impl FnMut(&Step) -> ControlFlow<()>,
) -> Result<JoinReport, JoinError> {
    join_with(tablet, invitation, &JoinOptions::default(), watch)
}

/// Joins a session as the options say.
///
/// # Errors
/// As [`join`].
pub fn join_with<S: Store, R: CryptoRng>(
    mut tablet: &mut Tablet<S, R>,
    invitation: &Invitation,
    options: &JoinOptions,
    mut watch: impl FnMut(&Step) -> ControlFlow<()>,
) -> Result<JoinReport, JoinError> {
    let Met { mut link, mut conversation, who } = greet(&mut tablet, invitation, options)?;
    let done = told(&mut watch, &Step::Met(who))
        .and_then(|()| stay(&mut tablet, &mut link, &mut conversation, &mut watch));
    if let Err(error) = &done {
        say_why(&mut link, &mut conversation, error);
    }
    let visit = conversation.into_visit().map(|visit| Visit { traffic: link.traffic(), ..visit });
    match (done, visit) {
        (Ok(()), Some(visit)) => Ok(visit),
        (Ok(()), None) => Err(LocalError::Ended.into()),
        (Err(error), visit) => Err(JoinError { error, report: visit.map(Box::new) }),
    }
}

/// A host that is the one of the invitation.
struct Met {
    link: Link,
    conversation: Conversation,
    who: Who,
}

/// Connects, and finds out who is there.
fn greet<H: Hold>(hold: &mut H, invitation: &Invitation, options: &JoinOptions) -> Result<Met, LocalError> {
    let key = hold.with(|tablet| tablet.own_key())?;
    if tls::pin_of(&key.public()) == invitation.pin() {
        return Err(LocalError::Itself);
    }
    let config = tls::guest(&key, invitation.pin()).map_err(LocalError::of_tls)?;
    let socket = connect(invitation, options.connect)?;
    let mut link = Link::to_host(socket, config, options.patience)?;
    let host = link.host_key().ok_or(LocalError::Stranger)?;
    let mut conversation = hold.with(|tablet| Ok(Conversation::guest(tablet, host, options.stay)))??;
    while let Some(Outgoing { frame, .. }) = conversation.next_frame() {
        link.send(&frame)?;
    }
    let frame = link.receive(conversation.limit())?;
    match hold.with(|tablet| Ok(conversation.take(tablet, frame)))?? {
        Happened::Met(who) => Ok(Met { link, conversation, who }),
        _ => Err(LocalError::Malformed("no hello".to_owned())),
    }
}

fn connect(invitation: &Invitation, limit: Duration) -> Result<TcpStream, LocalError> {
    let mut failed = String::new();
    for address in invitation.addresses() {
        match TcpStream::connect_timeout(address, limit) {
            Ok(socket) => return Ok(socket),
            Err(error) => failed = format!("{address}: {error}"),
        }
    }
    Err(LocalError::Unreachable(failed))
}

/// Goes on until everything is exchanged, and as long as it stays.
fn stay<H: Hold>(
    hold: &mut H,
    link: &mut Link,
    conversation: &mut Conversation,
    watch: &mut impl FnMut(&Step) -> ControlFlow<()>,
) -> Result<(), LocalError> {
    loop {
        while let Some(Outgoing { frame, progress }) = conversation.next_frame() {
            if frame == Frame::Wait {
                told(watch, &Step::Waiting)?;
            }
            link.send(&frame)?;
            progress.map_or(Ok(()), |progress| told(watch, &Step::Moved(progress)))?;
        }
        if conversation.is_over() {
            return Ok(());
        }
        let frame = link.receive(conversation.limit())?;
        let happened = hold.with(|tablet| Ok(conversation.take(tablet, frame)))??;
        if let Happened::Moved(progress) | Happened::Heard { progress: Some(progress), .. } = happened {
            told(watch, &Step::Moved(progress))?;
        }
    }
}

fn told(watch: &mut impl FnMut(&Step) -> ControlFlow<()>, step: &Step) -> Result<(), LocalError> {
    match watch(step) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(LocalError::Stopped),
    }
}

impl From<TabletError> for JoinError {
    fn from(error: TabletError) -> Self {
        LocalError::from(error).into()
    }
}
