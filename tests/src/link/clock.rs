//! What a link would have cost: time computed from bytes and waits, the same on every machine and in every run.
//!
//! The model, all of it conservative where it is simpler than the world:
//!
//! - Both directions have the same rate. What goes one way without waiting for the other side is a *flight*; it is cut
//!   into segments of at most [`SEGMENT`] bytes, each with [`HEADER`] bytes of IP and TCP, and every two of them are
//!   acknowledged by a packet of the other direction, which counts as bytes.
//! - A flight begins with ten segments; each acknowledgement lets two more out (RFC 6928, RFC 5681). The window of an
//!   earlier flight is not remembered.
//! - A lost segment comes two round trips later, as a tail loss probe would bring it (RFC 8985); lost again, four
//!   later, and so on. What follows it goes on meanwhile, but is not read before it. A lost segment takes its time on
//!   the link twice. A lost first packet of a connection is sent again after a second (RFC 6298).
//! - Nobody needs time to think: neither tablet nor centre, nor the disk of either.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::time::Duration;

/// Most bytes of a connection in one packet.
pub const SEGMENT: u64 = 1_400;
/// Bytes of IPv4 and TCP around them, with the time stamps that every system sends.
pub const HEADER: u64 = 52;
/// Packets that open a connection carry a few options more.
const OPENING: u64 = 60;
/// Segments that leave before anything is acknowledged.
const WINDOW: usize = 10;
/// After so long a lost first packet is sent again, in microseconds.
const OPENING_AGAIN: u64 = 1_000_000;

/// When a link is cut. Whoever is connected loses the connection; a new one can be made at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cuts {
    /// Never.
    Never,
    /// Whenever so much time has passed, counted from the beginning.
    Every(Duration),
    /// Every connection after so many of its bytes, both ways together.
    After(u64),
}

/// How a link is.
#[derive(Debug, Clone, Copy)]
pub struct Profile {
    /// Name for tables.
    pub name: &'static str,
    /// Bits a second, each way.
    pub bits_a_second: u64,
    /// From a packet to its answer.
    pub round_trip: Duration,
    /// Of a hundred packets, so many are lost.
    pub loss_percent: u32,
    /// When it is cut.
    pub cuts: Cuts,
}

/// GPRS at the edge of a cell.
pub const TWO_G: Profile = Profile {
    name: "2G",
    bits_a_second: 20_000,
    round_trip: Duration::from_millis(1_200),
    loss_percent: 5,
    cuts: Cuts::Never,
};
/// A geostationary satellite.
pub const SATELLITE: Profile = Profile {
    name: "satellite",
    bits_a_second: 256_000,
    round_trip: Duration::from_millis(650),
    loss_percent: 1,
    cuts: Cuts::Never,
};

impl Profile {
    /// The same without loss.
    #[must_use]
    pub fn without_loss(self) -> Self {
        Self { loss_percent: 0, ..self }
    }

    /// The same with cuts.
    #[must_use]
    pub fn cut(self, cuts: Cuts) -> Self {
        Self { cuts, ..self }
    }

    /// What no program can beat by much: the payload alone, one way after the other, and four round trips (a
    /// connection, TLS 1.3, a question with its answer, and one more).
    pub fn floor(&self, payload: u64) -> Duration {
        Duration::from_micros(self.on_the_link(payload)) + 4 * self.round_trip
    }

    /// Microseconds that so many bytes take up the link.
    fn on_the_link(&self, bytes: u64) -> u64 {
        bytes * 8_000_000 / self.bits_a_second
    }

    fn latency(&self) -> u64 {
        micros(self.round_trip) / 2
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the one who is connected to.
    Up,
    /// To the one who connects.
    Down,
}

/// What happened on a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Somebody connected.
    Connected,
    /// So many bytes went one way.
    Sent(Way, u64),
}

/// What the same would have cost on another link, or with other luck. What happened must have happened without cuts, and
/// the other link must have none: then neither its pace nor its losses change what is said over it.
pub fn spent_on(profile: Profile, seed: u64, events: &[Event]) -> Spent {
    let mut clock = Clock::new(profile, seed);
    for event in events {
        match *event {
            Event::Connected => {
                clock.connects();
            }
            Event::Sent(way, bytes) => {
                clock.sends(way, bytes);
            }
        }
    }
    clock.spent()
}

/// What was spent on a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// Until the last byte arrived at the one who connects.
    pub time: Duration,
    /// Bytes of packets to the one who is connected to, with those that were lost.
    pub up: u64,
    /// Bytes of packets the other way.
    pub down: u64,
    /// How often somebody waited for the other side: once for each connection, and once for each flight that was
    /// answered.
    pub round_trips: u64,
    /// Connections.
    pub connections: u64,
    /// Packets that were lost.
    pub lost: u64,
    /// Connections that were cut.
    pub cuts: u64,
}

/// The clock of a link. One connection after the other, one flight after the other.
#[derive(Debug)]
pub(super) struct Clock {
    profile: Profile,
    luck: ChaCha20Rng,
    now: u64,
    next_cut: u64,
    left: u64,
    spent: Spent,
    flight: Option<(Way, Flight)>,
    events: Vec<Event>,
}

/// Bytes on their way in one direction.
#[derive(Debug)]
struct Flight {
    /// When the link is free for the next segment.
    free: u64,
    bytes: u64,
    begin: u64,
    /// When each segment was there, as far as it was sent.
    there: Vec<u64>,
    /// When all but the present one were.
    before: u64,
    /// When the present segment left, and how much later than usual it arrives.
    leaves: u64,
    late: u64,
}

impl Clock {
    pub fn new(profile: Profile, seed: u64) -> Self {
        let next_cut = match profile.cuts {
            Cuts::Every(time) => micros(time),
            Cuts::Never | Cuts::After(_) => u64::MAX,
        };
        let luck = ChaCha20Rng::seed_from_u64(seed);
        Self {
            profile,
            luck,
            now: 0,
            next_cut,
            left: u64::MAX,
            spent: Spent::default(),
            flight: None,
            events: Vec::new(),
        }
    }

    pub fn spent(&self) -> Spent {
        self.spent
    }

    pub fn events(&self) -> Vec<Event> {
        self.events.clone()
    }

    /// A connection is made; whether it lived to see it.
    pub fn connects(&mut self) -> bool {
        self.events.push(Event::Connected);
        self.spent.connections += 1;
        self.spent.round_trips += 1;
        self.spent.up += OPENING + HEADER;
        self.spent.down += OPENING;
        self.flight = None;
        self.left = match self.profile.cuts {
            Cuts::After(bytes) => bytes,
            Cuts::Never | Cuts::Every(_) => u64::MAX,
        };
        let mut wait = OPENING_AGAIN;
        for _ in 0..2 {
            while self.loses() {
                self.spent.up += OPENING;
                self.now += wait;
                wait *= 2;
            }
        }
        let packets = 2 * self.profile.on_the_link(OPENING);
        self.now += micros(self.profile.round_trip) + packets;
        !self.was_cut(self.now)
    }

    /// So many bytes are sent; how many of them arrive before the connection is cut.
    pub fn sends(&mut self, way: Way, bytes: u64) -> u64 {
        self.events.push(Event::Sent(way, bytes));
        let mut flight = match self.flight.take() {
            Some((same, flight)) if same == way => flight,
            before => {
                if before.is_some() && way == Way::Down {
                    self.spent.round_trips += 1;
                }
                Flight::from(self.now)
            }
        };
        let mut arrived = 0;
        while arrived < bytes {
            let some = self.sends_some(way, &mut flight, bytes - arrived);
            if some == 0 {
                break;
            }
            arrived += some;
        }
        if arrived < bytes {
            self.is_cut();
        } else {
            self.now = flight.last();
            self.flight = Some((way, flight));
        }
        if way == Way::Down && arrived > 0 {
            self.spent.time = Duration::from_micros(self.now);
        }
        arrived
    }

    /// Of the present segment.
    fn sends_some(&mut self, way: Way, flight: &mut Flight, bytes: u64) -> u64 {
        let profile = self.profile;
        let within = flight.bytes % SEGMENT;
        if within == 0 {
            let mut wait = 2 * micros(profile.round_trip);
            flight.begins_segment(profile.latency());
            self.packet(way, HEADER);
            if flight.there.len() % 2 == 1 {
                self.packet(if way == Way::Up { Way::Down } else { Way::Up }, HEADER);
            }
            while self.loses() {
                flight.late += wait;
                wait *= 2;
                self.packet(way, SEGMENT + HEADER);
            }
        }
        let mut some = bytes.min(SEGMENT - within).min(self.left);
        let arrival = |some: u64| {
            let alone =
                flight.leaves + profile.on_the_link(within + some + HEADER) + profile.latency() + flight.late;
            alone.max(flight.before)
        };
        while some > 0 && arrival(some) > self.next_cut {
            some -= 1;
        }
        if some == 0 {
            return 0;
        }
        let there = arrival(some);
        self.left -= some;
        self.packet(way, some);
        flight.bytes += some;
        flight.is_at(there, profile.on_the_link(within + some + HEADER));
        some
    }

    fn packet(&mut self, way: Way, bytes: u64) {
        match way {
            Way::Up => self.spent.up += bytes,
            Way::Down => self.spent.down += bytes,
        }
    }

    fn loses(&mut self) -> bool {
        let lost = self.luck.next_u32() % 100 < self.profile.loss_percent;
        self.spent.lost += u64::from(lost);
        lost
    }

    fn was_cut(&mut self, at: u64) -> bool {
        let cut = at > self.next_cut;
        if cut {
            self.is_cut();
        }
        cut
    }

    fn is_cut(&mut self) {
        self.spent.cuts += 1;
        self.flight = None;
        if let Cuts::Every(time) = self.profile.cuts {
            self.now = self.next_cut;
            self.next_cut += micros(time);
        }
    }
}

impl Flight {
    fn from(now: u64) -> Self {
        Self { free: now, begin: now, bytes: 0, there: Vec::new(), before: now, leaves: now, late: 0 }
    }

    /// The next segment leaves when the link is free and enough of those before it are acknowledged.
    fn begins_segment(&mut self, latency: u64) {
        let acknowledged =
            self.there.len().checked_sub(WINDOW).map(|behind| self.there[behind / 2] + latency);
        self.leaves = self.free.max(acknowledged.unwrap_or(self.begin));
        self.late = 0;
        self.before = self.last();
        self.there.push(self.before);
    }

    /// More of the present segment was sent, and would be there then.
    fn is_at(&mut self, there: u64, on_the_link: u64) {
        let times = if self.late > 0 { 2 } else { 1 };
        self.free = self.leaves + times * on_the_link;
        if let Some(last) = self.there.last_mut() {
            *last = there;
        }
    }

    fn last(&self) -> u64 {
        self.there.last().copied().unwrap_or(self.begin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A greeting, and one question of some bytes with its answer.
    fn talk(question: u64) -> Vec<Event> {
        use Way::{Down, Up};
        vec![
            Event::Connected,
            Event::Sent(Up, 240),
            Event::Sent(Down, 1_200),
            Event::Sent(Up, 80),
            Event::Sent(Up, question),
            Event::Sent(Down, 600),
        ]
    }

    #[test]
    fn time_is_bytes_by_rate_and_a_round_trip_for_each_wait() {
        let spent = spent_on(TWO_G.without_loss(), 1, &talk(2_720));
        let bytes = 2 * OPENING + (240 + HEADER) + (1_200 + HEADER) + (2_800 + 2 * HEADER) + (600 + HEADER);
        assert_eq!(spent.time, Duration::from_micros(bytes * 400 + 3 * 1_200_000));
        assert_eq!((spent.round_trips, spent.connections, spent.lost), (3, 1, 0));
    }

    #[test]
    fn a_long_flight_on_a_long_link_waits_for_acknowledgements() {
        let far = Profile { bits_a_second: 800_000_000, ..SATELLITE.without_loss() };
        let times = [10, 20, 40].map(|segments| {
            let events =
                [Event::Connected, Event::Sent(Way::Up, segments * SEGMENT), Event::Sent(Way::Down, 1)];
            spent_on(far, 1, &events).time.as_millis() / far.round_trip.as_millis()
        });
        assert_eq!(times, [2, 3, 4], "ten segments, twenty more, forty more");
    }

    #[test]
    fn a_lost_last_segment_costs_two_round_trips_and_one_in_the_middle_less() {
        let calm = spent_on(TWO_G.without_loss(), 0, &talk(12_000)).time;
        let once: Vec<Duration> = (0..400)
            .map(|seed| spent_on(Profile { loss_percent: 3, ..TWO_G }, seed, &talk(12_000)))
            .filter(|spent| spent.lost == 1)
            .map(|spent| spent.time - calm)
            .collect();
        let (least, most) = (once.iter().min().unwrap(), once.iter().max().unwrap());
        assert!(*most >= 2 * TWO_G.round_trip && *most <= 3 * TWO_G.round_trip, "{most:?}");
        assert!(*least < TWO_G.round_trip, "{least:?}");
    }

    proptest! {
        #[test]
        fn how_a_flight_is_read_piece_by_piece_changes_nothing(
            pieces in prop::collection::vec(1..3_000_u64, 1..12),
            loss_percent in 0..20_u32,
            seed in any::<u64>(),
            every in prop::option::of(2..9_u64),
        ) {
            let cuts = every.map_or(Cuts::Never, |seconds| Cuts::Every(Duration::from_secs(seconds)));
            let profile = Profile { loss_percent, cuts, ..TWO_G };
            let (mut whole, mut parts) = (Clock::new(profile, seed), Clock::new(profile, seed));
            prop_assert_eq!(whole.connects(), parts.connects());
            let arrived = whole.sends(Way::Up, pieces.iter().sum());
            let mut sum = 0;
            for piece in &pieces {
                let some = parts.sends(Way::Up, *piece);
                sum += some;
                if some < *piece {
                    break;
                }
            }
            prop_assert_eq!(sum, arrived);
            prop_assert_eq!(whole.spent(), parts.spent());
        }

        #[test]
        fn what_arrives_before_a_cut_is_what_would_have_arrived_without_it(bytes in 1..40_000_u64, seconds in 1..20_u64) {
            let profile = TWO_G.without_loss().cut(Cuts::Every(Duration::from_secs(seconds)));
            let mut clock = Clock::new(profile, 1);
            let arrived = if clock.connects() { clock.sends(Way::Down, bytes) } else { 0 };
            prop_assert_eq!(clock.spent().cuts, u64::from(arrived < bytes));
            let in_time = |bytes| {
                let events = [Event::Connected, Event::Sent(Way::Down, bytes)];
                spent_on(TWO_G.without_loss(), 1, &events).time <= Duration::from_secs(seconds)
            };
            prop_assert!(arrived == 0 || in_time(arrived));
            prop_assert!(arrived == bytes || !in_time(arrived + 1));
        }
    }
}
