//! Local sessions: one tablet opens one, others join, frame by frame in any order, over links that are cut at any byte.
//! TLS is left outside: a link shows here whose key the other side has, as it does there.

use super::World;
use super::way::{Holdings, holdings, is_of_the_medium};
use crate::chance::Chance;
use crate::fault::Fault;
use client_ffi::local::{Conversation, Happened, LocalError, Visit, Word};
use std::collections::VecDeque;
use sync_core::cbor::{self, Reader};
use sync_core::cose::{PublicKey, SecretKey};
use sync_core::id::DeviceId;
use sync_core::message::Message;

/// Steps after which a session that does not end is stuck.
const STEPS_MAX: usize = 200_000;

/// One guest's link to the host.
struct Link {
    guest: usize,
    here: Conversation,
    there: Conversation,
    to_host: VecDeque<Vec<u8>>,
    to_guest: VecDeque<Vec<u8>>,
    /// Bytes after which it is cut.
    left: Option<usize>,
    asks: bool,
    /// How much was brought before the guest last heard of it.
    known: usize,
    over: bool,
    /// Whether one side said that it goes on no further, and why.
    failed: bool,
    /// What the guest held at first.
    held: Holdings,
}

/// Which end of a link.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Guest,
    Host,
}

impl World {
    /// A tablet opens a session, and others join it.
    pub(super) fn open_session(&mut self, host: usize, guests: &[usize]) {
        if self.bodies[host].tablet.is_none() || self.is_away(host) {
            return;
        }
        let mut chance = Chance::of(self.plan.seed, &format!("session {}", self.parcels));
        self.parcels += 1;
        let guests = self.who_comes(host, guests);
        if self.dice.is_due(Fault::SessionStranger, 150) {
            self.stranger_comes(host);
        }
        let mut links: Vec<Link> = Vec::new();
        for guest in guests {
            links.extend(self.join(host, guest, chance.hits(400)));
        }
        if links.len() > 1 && self.plan.faults.on(Fault::SessionCrowd) {
            self.notes.fired(Fault::SessionCrowd);
        }
        self.notes.say(&self.bodies[host].name, || format!("opens a session for {} tablets", links.len()));
        let mut news = 0;
        for _ in 0..STEPS_MAX {
            let open: Vec<usize> = (0..links.len()).filter(|at| !links[*at].over).collect();
            if open.is_empty() || self.notes.first_broken().is_some() {
                break;
            }
            let at = *chance.pick(&open);
            // Whoever asks is told to wait as long as others are busy.
            let all_ask = open.iter().all(|at| links[*at].asks);
            self.go_on(host, &mut links[at], &mut news, all_ask);
        }
        let stuck = links.iter().any(|link| !link.over) && self.notes.first_broken().is_none();
        self.notes.check("no tablet is stuck", !stuck, || "a session does not end".to_owned());
        self.session_is_over(host, &links);
    }

    fn is_away(&self, at: usize) -> bool {
        let cut_off = self.bodies[at].cut_off_until > self.notes.now();
        if cut_off {
            self.notes.fired(Fault::Partition);
        }
        cut_off
    }

    fn who_comes(&mut self, host: usize, guests: &[usize]) -> Vec<usize> {
        let mut guests = guests.to_vec();
        if self.dice.is_due(Fault::SessionCrowd, 250) {
            guests.extend((0..self.bodies.len()).take(8));
        }
        if self.dice.is_due(Fault::SessionRevoked, 250) {
            let revoked = |at: &usize| self.truth.revoked.contains(&self.bodies[*at].device);
            guests.extend((0..self.bodies.len()).find(revoked));
        }
        guests.sort_unstable();
        guests.dedup();
        guests.retain(|at| *at != host && self.bodies[*at].tablet.is_some() && !self.is_away(*at));
        guests
    }

    /// The key that a device shows by TLS.
    fn key_of(&self, device: &DeviceId) -> PublicKey {
        self.net.borrow().centre.books.certificates[device].value().sign
    }

    fn join(&mut self, host: usize, guest: usize, stay: bool) -> Option<Link> {
        let (host_key, guest_key) =
            (self.key_of(&self.bodies[host].device), self.key_of(&self.bodies[guest].device));
        let tablet = self.bodies[guest].tablet.as_ref()?;
        let held = holdings(tablet);
        let here = Conversation::guest(tablet, host_key, stay).expect("it is enrolled");
        let left = self.dice.is_due(Fault::LinkCut, 150).then(|| self.dice.below(Fault::LinkCut, 20_000));
        let mut link = Link {
            guest,
            here,
            there: Conversation::host(guest_key),
            to_host: VecDeque::new(),
            to_guest: VecDeque::new(),
            left,
            asks: false,
            known: 0,
            over: false,
            failed: false,
            held,
        };
        self.send_all(host, &mut link, End::Guest);
        Some(link)
    }

    /// One frame goes one way.
    fn go_on(&mut self, host: usize, link: &mut Link, news: &mut usize, all_ask: bool) {
        if self.bodies[host].tablet.is_none() || self.bodies[link.guest].tablet.is_none() {
            (link.over, link.failed) = (true, true);
            return;
        }
        if let Some(bytes) = link.to_host.pop_front() {
            self.deliver(host, link, End::Host, &bytes, news);
        } else if let Some(bytes) = link.to_guest.pop_front() {
            self.deliver(host, link, End::Guest, &bytes, news);
        } else if link.asks && (*news > link.known || all_ask) {
            let word = if *news > link.known { Word::News } else { Word::End };
            (link.asks, link.known) = (false, *news);
            let there = &mut link.there;
            drop(self.step(host, |tablet| Ok(there.tell(tablet, word).is_ok())));
            self.send_all(host, link, End::Host);
        } else {
            link.over = !link.asks;
        }
    }

    fn deliver(&mut self, host: usize, link: &mut Link, end: End, bytes: &[u8], news: &mut usize) {
        let (at, other, conversation) = match end {
            End::Host => (host, link.guest, &mut link.there),
            End::Guest => (link.guest, host, &mut link.here),
        };
        // Who went on no further hears nothing more.
        if conversation.is_over() {
            return;
        }
        let Some(Ok(done)) = self.step(at, |tablet| Ok(conversation.receive(tablet, bytes))) else {
            return;
        };
        match done {
            Ok(Happened::Met(who)) => {
                let right = who.device == self.bodies[other].device;
                self.notes.check("strangers stay outside", right, || {
                    format!("{} takes {} for {who:?}", self.bodies[at].name, self.bodies[other].name)
                });
                if who.revoked {
                    self.notes.fired(Fault::SessionRevoked);
                }
                if end == End::Host {
                    link.there.admit();
                }
            }
            Ok(Happened::Heard { new, .. }) if end == End::Host && new > 0 => {
                *news += 1;
                link.known += 1;
            }
            Ok(Happened::Asked) => link.asks = true,
            Ok(_) => {}
            Err(error) => {
                link.failed = true;
                self.only_honest_ends(at, other, &error);
            }
        }
        self.send_all(host, link, end);
    }

    /// A visit may end for want of a medium that works here or there, or when a tablet meets a copy of itself.
    fn only_honest_ends(&self, at: usize, other: usize, error: &LocalError) {
        let twins = self.bodies[at].device == self.bodies[other].device;
        let honest = match error {
            LocalError::Tablet(error) => is_of_the_medium(error),
            LocalError::NoRoomThere | LocalError::FailedThere => true,
            LocalError::Itself => twins,
            _ => false,
        };
        self.notes.check("no tablet is stuck", honest, || {
            format!("{} with {}: {error}", self.bodies[at].name, self.bodies[other].name)
        });
    }

    /// What one end has to say goes on its way, as far as the link holds.
    fn send_all(&mut self, host: usize, link: &mut Link, end: End) {
        loop {
            let next = if end == End::Guest { link.here.send() } else { link.there.send() };
            let Some(bytes) = next else { return };
            self.watch_frame(host, link.guest, &bytes);
            if let Some(left) = &mut link.left {
                if *left < bytes.len() {
                    // Of the frame only a beginning arrives, and whatever was still under way may be lost with it.
                    self.notes.fired(Fault::LinkCut);
                    (link.over, link.failed) = (true, true);
                    return;
                }
                *left -= bytes.len();
            }
            match end {
                End::Guest => link.to_host.push_back(bytes),
                End::Host => link.to_guest.push_back(bytes),
            }
        }
    }

    /// Names pass between tablets of one unit alone; slips never.
    fn watch_frame(&self, host: usize, guest: usize, bytes: &[u8]) {
        let (a, b) = (&self.bodies[host], &self.bodies[guest]);
        let shared = |unit: usize| a.own.contains(&unit) && b.own.contains(&unit);
        if let Some(message) = message_in(bytes) {
            self.net.borrow().watch(&message);
            let of_unit = self.round.unit(&message.unit).is_some_and(shared);
            let names = !of_unit && self.secrets.names_somebody(bytes);
            self.notes.check("secrecy", !names, || {
                format!("{} and {} tell each other names of unit {}", a.name, b.name, message.unit)
            });
        }
    }

    fn session_is_over(&mut self, host: usize, links: &[Link]) {
        for link in links {
            for at in [host, link.guest] {
                if self.bodies[at].tablet.is_some() && !self.bodies[at].stale {
                    self.look(at);
                }
                self.check_status(at);
            }
            let (Some(here), Some(there)) = (link.here.visit(), link.there.visit()) else { continue };
            self.check_visit(link.guest, here);
            self.check_visit(host, there);
            let revoked = |at: usize| self.truth.revoked.contains(&self.bodies[at].device);
            let full = self.note_refusals(link.guest, here.refused_here.iter().map(|refusal| &refusal.2))
                | self.note_refusals(host, there.refused_here.iter().map(|refusal| &refusal.2));
            if !link.failed && !full && !revoked(host) && !revoked(link.guest) {
                self.check_brought(host, &link.held, "a session");
                let bodies = [host, link.guest].map(|at| self.bodies[at].tablet.as_ref().map(holdings));
                if let ([Some(held), Some(_)], 1) = (bodies, links.len()) {
                    self.check_brought(link.guest, &held, "a session");
                }
            }
        }
    }

    /// A tablet that is known to be revoked gets no envelope.
    fn check_visit(&self, at: usize, visit: &Visit) {
        let given: usize = visit.units.values().map(|passed| passed.envelopes_given).sum();
        self.notes.check("strangers stay outside", !visit.who.revoked || given == 0, || {
            format!(
                "{} gave {given} envelopes to {}, which it knows to be revoked",
                self.bodies[at].name, visit.who.label
            )
        });
    }

    /// Somebody with a hello that they overheard, and a key of their own; or a tablet of another round.
    fn stranger_comes(&mut self, host: usize) {
        let (seed, victim) = (self.plan.seed, self.dice.below(Fault::SessionStranger, self.bodies.len()));
        let stranger =
            SecretKey::from_seed(&std::array::from_fn(|at| seed.to_le_bytes()[at % 8] ^ 0x33)).public();
        let of_round = self.dice.below(Fault::SessionStranger, 2) == 0;
        let host_key = self.key_of(&self.bodies[host].device);
        let (key, hello) = if of_round {
            let Some(overheard) = &self.bodies[victim].tablet else { return };
            (stranger, Conversation::guest(overheard, host_key, false).expect("it is enrolled").send())
        } else {
            let (foreign, key) = self.foreign();
            (key, Conversation::guest(foreign, host_key, false).expect("it is enrolled").send())
        };
        let hello = hello.expect("a hello comes first");
        self.notes.fired(Fault::SessionStranger);
        let mut there = Conversation::host(key);
        let Some(Ok(done)) = self.step(host, |tablet| Ok(there.receive(tablet, &hello))) else { return };
        let outside = match &done {
            Err(LocalError::Stranger) => of_round,
            Err(LocalError::OtherRound { .. }) => !of_round,
            _ => false,
        };
        let said: Vec<Vec<u8>> = std::iter::from_fn(|| there.send()).collect();
        let little = said.len() == 1 && said[0].len() < 1_100;
        self.notes.check("strangers stay outside", outside && little && there.is_over(), || {
            format!("{} lets a stranger in: {done:?}", self.bodies[host].name)
        });
    }
}

/// The message in a frame, if there is one in it.
fn message_in(bytes: &[u8]) -> Option<Message> {
    let mut reader = Reader::new(bytes.get(4..)?);
    reader.array(2, "frame").ok()?;
    (reader.u8(7, "kind").ok()? == 3).then_some(())?;
    cbor::decode(reader.bytes(bytes.len(), "message").ok()?).ok()
}
