//! The conversation of two tablets without a link, a thread or a clock: frames in, frames out.
//!
//! ```text
//! guest: Greeting ─Hello─► First(unit) ─Begin, Message…─► Second(unit) ─Begin, Message…─► First(next) … Waits ─► Over
//! host:  Greeting ─Hello─► AtDoor ─admit─► Ready ─Begin, Message…─► Ready … ─Wait─► Asked ─news, still─► Ready … Over
//! ```
//!
//! Send everything that [`Conversation::send`] gives, in order, before handing in what came. Whose key the other side has
//! is for the link to show before the first frame.

mod exchange;
mod serve;

use super::error::LocalError;
use super::frame::{FIRST_FRAME_MAX, Frame, HEAD, Hello, Reason};
use super::talk::{Hearing, Outgoing, Talk, refused};
use super::visit::{Visit, Who};
use crate::progress::{Amount, Progress};
use crate::store::Store;
use crate::tablet::{Peer, Tablet};
use rand_core::CryptoRng;
use std::collections::VecDeque;
use sync_core::cbor::{self, Format};
use sync_core::cose::PublicKey;
use sync_core::id::UnitCode;

/// What a frame led to, besides frames to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// Nothing to be told.
    Nothing,
    /// The other side was recognised. A host goes on when it says [`Conversation::admit`] or
    /// [`Conversation::turn_away`].
    Met(Who),
    /// Something came and is stored.
    Moved(Progress),
    /// A turn was heard to its end; so many items were new here. Of its last piece, how far it went.
    Heard {
        /// Items that were new.
        new: usize,
        /// The last piece.
        progress: Option<Progress>,
    },
    /// The guest asks for more ([`Conversation::tell`]).
    Asked,
    /// Nothing more comes.
    Over,
}

/// What a host tells a guest that asks for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// There is something new.
    News,
    /// Not yet.
    Still,
    /// The session is over.
    End,
}

/// One end of a conversation.
pub struct Conversation {
    place: Place,
    /// Frames before the other side was met.
    hello: VecDeque<Outgoing>,
    talk: Option<Talk>,
    hearing: Option<Hearing>,
}

enum Place {
    GreetingHost {
        host: PublicKey,
        ours: String,
        stay: bool,
    },
    GreetingGuest {
        guest: PublicKey,
    },
    AtDoor {
        ours: Hello,
    },
    /// What was given to the guest and is not known to be there.
    Serving {
        given: Option<(UnitCode, Amount)>,
        asked: bool,
    },
    Exchanging {
        unit: UnitCode,
        given: Option<Amount>,
        left: VecDeque<UnitCode>,
        stay: bool,
    },
    Waiting,
    Over,
}

impl Conversation {
    /// The side that joins. `host` is the key that the link showed the host to have; with `stay` it waits for what
    /// others bring when everything is exchanged.
    ///
    /// # Errors
    /// [`LocalError::Tablet`] if the tablet is not enrolled.
    pub fn guest<S: Store, R: CryptoRng>(
        tablet: &Tablet<S, R>,
        host: PublicKey,
        stay: bool,
    ) -> Result<Self, LocalError> {
        let hello = tablet.hello()?;
        let ours = hello.title.clone();
        let hello = VecDeque::from([Frame::Hello(hello).into()]);
        Ok(Self { place: Place::GreetingHost { host, ours, stay }, hello, talk: None, hearing: None })
    }

    /// The side that opened the session. `guest` is the key that the link showed the guest to have.
    pub fn host(guest: PublicKey) -> Self {
        let place = Place::GreetingGuest { guest };
        Self { place, hello: VecDeque::new(), talk: None, hearing: None }
    }

    /// What passed with the other side, once it was recognised.
    pub fn visit(&self) -> Option<&Visit> {
        self.talk.as_ref().map(|talk| &talk.visit)
    }

    /// Whether nothing more comes from either side.
    pub fn is_over(&self) -> bool {
        matches!(self.place, Place::Over)
    }

    /// Longest frame that may come now, in bytes, without its head.
    pub(super) fn limit(&self) -> usize {
        if self.talk.is_none() { FIRST_FRAME_MAX } else { Frame::MAX_BYTES }
    }

    /// What passed, at the end.
    pub(super) fn into_visit(self) -> Option<Visit> {
        self.talk.map(|talk| talk.visit)
    }

    /// The next frame to send.
    pub(super) fn next_frame(&mut self) -> Option<Outgoing> {
        self.hello.pop_front().or_else(|| self.talk.as_mut()?.out.pop_front())
    }

    /// The bytes of the next frame as they go over a link; ask until nothing is left.
    pub fn send(&mut self) -> Option<Vec<u8>> {
        let body = cbor::encode(&self.next_frame()?.frame);
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes();
        Some([length.as_slice(), &body].concat())
    }

    /// Takes the bytes of one frame as [`Conversation::send`] gave them at the other end. After an error what
    /// [`Conversation::send`] still gives tells the other side why, and then it is over.
    ///
    /// # Errors
    /// [`LocalError`]. What came before is stored.
    pub fn receive<S: Store, R: CryptoRng>(
        &mut self,
        tablet: &mut Tablet<S, R>,
        bytes: &[u8],
    ) -> Result<Happened, LocalError> {
        let malformed = |what: &str| LocalError::Malformed(what.to_owned());
        let read = |limit| {
            let (head, body) =
                bytes.split_first_chunk::<HEAD>().ok_or_else(|| malformed("no whole frame"))?;
            let length = usize::try_from(u32::from_be_bytes(*head)).unwrap_or(usize::MAX);
            if length > limit || length != body.len() {
                return Err(malformed("the length of a frame"));
            }
            cbor::decode(body).map_err(|error| LocalError::Malformed(error.to_string()))
        };
        let done = read(self.limit()).and_then(|frame| self.take(tablet, frame));
        if let Err(error) = &done {
            self.give_up(error);
        }
        done
    }

    /// Says why it goes on no further, if the other side can still hear it and has not said so itself.
    pub(super) fn give_up(&mut self, error: &LocalError) {
        let in_greeting = matches!(self.place, Place::GreetingGuest { .. });
        let turned_away = self.is_over() && !self.hello.is_empty();
        let (reason, title) = match error {
            LocalError::Malformed(_) if in_greeting => (Reason::Malformed, String::new()),
            LocalError::OtherRound { ours, .. } if in_greeting => (Reason::OtherRound, ours.clone()),
            LocalError::Stranger if in_greeting => (Reason::Stranger, String::new()),
            LocalError::Itself if in_greeting => (Reason::Itself, String::new()),
            LocalError::Full | LocalError::Ended if turned_away => return,
            _ if self.talk.is_none() => return self.fall_silent(),
            LocalError::Malformed(_) => (Reason::Malformed, String::new()),
            error if error.is_full_here() => (Reason::NoRoom, String::new()),
            LocalError::Tablet(_) | LocalError::Broken => (Reason::Failed, String::new()),
            _ => return self.fall_silent(),
        };
        self.fall_silent();
        self.hello = VecDeque::from([Frame::Refused(reason, title).into()]);
    }

    fn fall_silent(&mut self) {
        self.place = Place::Over;
        self.hello.clear();
        self.talk.iter_mut().for_each(|talk| talk.out.clear());
    }

    /// The host lets a guest in that was met.
    pub fn admit(&mut self) {
        if let Place::AtDoor { ours } = &self.place {
            self.hello.push_back(Frame::Hello(ours.clone()).into());
            self.place = Place::Serving { given: None, asked: false };
        }
    }

    /// The host has no place for a guest that was met, or its session is over.
    pub fn turn_away(&mut self, over: bool) {
        if matches!(self.place, Place::AtDoor { .. }) {
            let full = Frame::Refused(Reason::Full, String::new());
            self.hello.push_back(if over { Frame::End } else { full }.into());
            self.place = Place::Over;
        }
    }

    /// The host answers a guest that asked for more. Whoever is in the middle of something is heard out first, so a word
    /// that nobody waits for is none.
    ///
    /// # Errors
    /// [`LocalError::Tablet`].
    pub fn tell<S: Store, R: CryptoRng>(
        &mut self,
        tablet: &Tablet<S, R>,
        word: Word,
    ) -> Result<(), LocalError> {
        let (Some(talk), Place::Serving { asked: asked @ true, .. }) = (&mut self.talk, &mut self.place)
        else {
            return Ok(());
        };
        *asked = false;
        let frame = match word {
            Word::News => Frame::News(tablet.held_units()),
            Word::Still => Frame::Still,
            Word::End => Frame::End,
        };
        if word == Word::End {
            self.place = Place::Over;
        }
        talk.out.push_back(frame.into());
        Ok(())
    }

    /// Takes a frame of the other side.
    pub(super) fn take<S: Store, R: CryptoRng>(
        &mut self,
        tablet: &mut Tablet<S, R>,
        frame: Frame,
    ) -> Result<Happened, LocalError> {
        match &self.place {
            Place::GreetingGuest { guest } => {
                let guest = *guest;
                self.meet_guest(tablet, &guest, frame)
            }
            Place::GreetingHost { host, ours, stay } => {
                let (host, ours, stay) = (*host, ours.clone(), *stay);
                self.meet_host(tablet, (&host, &ours, stay), frame)
            }
            Place::Serving { .. } => self.serve(tablet, frame),
            Place::Exchanging { .. } => self.exchange(tablet, frame),
            Place::Waiting => self.wait(tablet, frame),
            Place::AtDoor { .. } | Place::Over => Err(unexpected(tablet, frame)),
        }
    }

    fn meet_guest<S: Store, R: CryptoRng>(
        &mut self,
        tablet: &Tablet<S, R>,
        key: &PublicKey,
        frame: Frame,
    ) -> Result<Happened, LocalError> {
        let Frame::Hello(theirs) = frame else { return Err(LocalError::Malformed("no hello".to_owned())) };
        let ours = tablet.hello()?;
        let who = self.recognise(tablet, &theirs, &ours.title, key)?;
        self.place = Place::AtDoor { ours };
        Ok(Happened::Met(who))
    }

    fn meet_host<S: Store, R: CryptoRng>(
        &mut self,
        tablet: &Tablet<S, R>,
        (key, ours, stay): (&PublicKey, &str, bool),
        frame: Frame,
    ) -> Result<Happened, LocalError> {
        let theirs = match frame {
            Frame::Hello(theirs) => theirs,
            Frame::Refused(reason, title) => return Err(refused(reason, title, ours)),
            Frame::End => return Err(LocalError::Ended),
            _ => return Err(LocalError::Malformed("no hello".to_owned())),
        };
        let who = self.recognise(tablet, &theirs, ours, key)?;
        self.begin_next(tablet, tablet.units_with(&theirs.units)?.into(), stay)?;
        Ok(Happened::Met(who))
    }

    fn recognise<S: Store, R: CryptoRng>(
        &mut self,
        tablet: &Tablet<S, R>,
        theirs: &Hello,
        ours: &str,
        key: &PublicKey,
    ) -> Result<Who, LocalError> {
        let peer: Peer = tablet.recognise(theirs, key)?.map_err(|reason| match reason {
            Reason::Stranger => LocalError::Stranger,
            reason => refused(reason, theirs.title.clone(), ours),
        })?;
        let who = Who::of(&peer, tablet.is_revoked(&peer.device()));
        self.talk = Some(Talk::new(peer, Visit::new(who.clone())));
        Ok(who)
    }
}

fn unexpected<S: Store, R: CryptoRng>(tablet: &Tablet<S, R>, frame: Frame) -> LocalError {
    match frame {
        Frame::Refused(reason, title) => {
            refused(reason, title, &tablet.hello().map(|hello| hello.title).unwrap_or_default())
        }
        _ => LocalError::Malformed("a frame that does not come now".to_owned()),
    }
}
