//! Joining another tablet's session.

use super::error::LocalError;
use super::frame::{Begin, FIRST_FRAME_MAX, Frame, Reason};
use super::invitation::Invitation;
use super::link::Link;
use super::talk::{Hold, Talk, refused};
use super::tls;
use super::visit::{Step, Visit, Who};
use crate::error::TabletError;
use crate::progress::Progress;
use crate::store::Store;
use crate::tablet::{Peer, Tablet};
use rand_core::CryptoRng;
use std::net::TcpStream;
use std::ops::ControlFlow;
use std::time::Duration;
use sync_core::id::UnitCode;
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
    let Met { link, peer, units, who } = greet(&mut tablet, invitation, options)?;
    let mut talk = Talk::new(tablet, link, peer, Visit::new(who.clone()));
    let done = told(&mut watch, &Step::Met(who)).and_then(|()| stay(&mut talk, units, options, &mut watch));
    if let Err(error) = &done {
        talk.refuse(error);
    }
    talk.visit.traffic = talk.link.traffic();
    match done {
        Ok(()) => Ok(talk.visit),
        Err(error) => Err(JoinError { error, report: Some(Box::new(talk.visit)) }),
    }
}

/// A host that is the one of the invitation.
struct Met {
    link: Link,
    peer: Peer,
    /// Units that either side holds something of.
    units: Vec<UnitCode>,
    who: Who,
}

/// Connects, and finds out who is there.
fn greet<H: Hold>(hold: &mut H, invitation: &Invitation, options: &JoinOptions) -> Result<Met, LocalError> {
    let (key, hello) = hold.with(|tablet| Ok((tablet.own_key()?, tablet.hello()?)))?;
    if tls::pin_of(&key.public()) == invitation.pin() {
        return Err(LocalError::Itself);
    }
    let config = tls::guest(&key, invitation.pin()).map_err(LocalError::of_tls)?;
    let socket = connect(invitation, options.connect)?;
    let mut link = Link::to_host(socket, config, options.patience)?;
    let ours = hello.title.clone();
    link.send(&Frame::Hello(hello))?;
    let theirs = match link.receive_up_to(FIRST_FRAME_MAX)? {
        Frame::Hello(theirs) => theirs,
        Frame::Refused(reason, title) => return Err(refused(reason, title, &ours)),
        Frame::End => return Err(LocalError::Ended),
        _ => return Err(LocalError::Malformed("no hello".to_owned())),
    };
    let host = link.host_key().ok_or(LocalError::Stranger)?;
    let (recognised, units) =
        hold.with(|tablet| Ok((tablet.recognise(&theirs, &host)?, tablet.units_with(&theirs.units)?)))?;
    let peer = recognised.map_err(|reason| match reason {
        Reason::Stranger => LocalError::Stranger,
        other => refused(other, theirs.title, &ours),
    })?;
    let revoked = hold.with(|tablet| Ok(tablet.is_revoked(&peer.device())))?;
    let who = Who::of(&peer, revoked);
    Ok(Met { link, peer, units, who })
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

/// Exchanges unit by unit, and again whenever the host has news, as long as the tablet stays.
fn stay<H: Hold>(
    talk: &mut Talk<H>,
    mut units: Vec<UnitCode>,
    options: &JoinOptions,
    watch: &mut impl FnMut(&Step) -> ControlFlow<()>,
) -> Result<(), LocalError> {
    loop {
        for unit in &units {
            match exchange(talk, unit, &mut |progress| watch(&Step::Moved(progress))) {
                Err(LocalError::Ended) if options.stay => return Ok(()),
                other => other?,
            }
        }
        if !options.stay {
            return talk.link.send(&Frame::End);
        }
        units = loop {
            told(watch, &Step::Waiting)?;
            talk.link.send(&Frame::Wait)?;
            match talk.link.receive()? {
                Frame::Still => {}
                Frame::News(news) => break talk.hold.with(|tablet| tablet.units_with(&news))?,
                Frame::End => return Ok(()),
                other => return Err(unexpected(talk, other)),
            }
        };
    }
}

/// One unit: says what is here, takes what comes, and gives what the host lacks. One round trip if nothing is missing.
fn exchange<H: Hold>(
    talk: &mut Talk<H>,
    unit: &UnitCode,
    watch: &mut impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<(), LocalError> {
    talk.say(unit, None, Vec::new(), watch)?;
    let begin = answer(talk, unit)?;
    let heard = talk.hear(begin, watch)?;
    let peer = &talk.peer;
    let lacks = talk.hold.with(|tablet| tablet.has_for(unit, peer, &heard.told))?;
    if !lacks && heard.new == 0 {
        return Ok(());
    }
    let given = talk.say(unit, Some(&heard.told), heard.outcomes, watch)?;
    let begin = answer(talk, unit)?;
    talk.note_given(unit, given);
    talk.hear(begin, watch).map(|_| ())
}

fn answer<H: Hold>(talk: &mut Talk<H>, unit: &UnitCode) -> Result<Begin, LocalError> {
    match talk.link.receive()? {
        Frame::Begin(begin) if begin.unit == *unit => Ok(begin),
        Frame::End => Err(LocalError::Ended),
        other => Err(unexpected(talk, other)),
    }
}

fn unexpected<H: Hold>(talk: &mut Talk<H>, frame: Frame) -> LocalError {
    match frame {
        Frame::Refused(reason, title) => {
            let ours = talk.hold.with(|tablet| Ok(tablet.hello()?.title)).unwrap_or_default();
            refused(reason, title, &ours)
        }
        _ => LocalError::Malformed("a frame that does not come now".to_owned()),
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
