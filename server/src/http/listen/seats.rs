//! Who is connected, and who must go when all seats are taken.
//!
//! A connection works while a complete request of it is worked on. At all other times it rests, also while it sends a
//! request, however slowly: a byte now and then earns nobody a seat. A newcomer takes the seat of the one that has
//! rested longest; from an address that has too many, of that address's own. So no number of resting connections
//! keeps anybody out, and one address cannot push out the others.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Number of a seat; never given twice.
pub(super) type SeatId = u64;

#[derive(Debug)]
struct Seat<H> {
    address: Option<IpAddr>,
    /// Since when it rests, in steps of this table; none while it works.
    rests: Option<u64>,
    /// Since when it sends a body, likewise.
    sends: Option<u64>,
    handle: H,
}

/// The seats. `H` is what a connection is asked to leave with.
#[derive(Debug)]
pub(super) struct Seats<H> {
    max: usize,
    per_address_max: usize,
    step: u64,
    taken: BTreeMap<SeatId, Seat<H>>,
    resting: BTreeSet<(u64, SeatId)>,
    resting_at: BTreeSet<(IpAddr, u64, SeatId)>,
    sending: BTreeSet<(u64, SeatId)>,
    at: BTreeMap<IpAddr, usize>,
}

/// Every connection works on something.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

impl<H> Seats<H> {
    pub fn new(max: usize, per_address_max: usize) -> Self {
        Self {
            max,
            per_address_max,
            step: 0,
            taken: BTreeMap::new(),
            resting: BTreeSet::new(),
            resting_at: BTreeSet::new(),
            sending: BTreeSet::new(),
            at: BTreeMap::new(),
        }
    }

    /// Takes a seat. An address of `None` is not counted by address. Whoever must go for it is given back, out of its
    /// seat already.
    pub fn take(&mut self, address: Option<IpAddr>, handle: H) -> Result<(SeatId, Option<H>), Full> {
        let crowded = address
            .filter(|address| self.at.get(address).is_some_and(|count| *count >= self.per_address_max));
        let leaves = if let Some(address) = crowded {
            let own = self.resting_at.range((address, 0, 0)..=(address, u64::MAX, u64::MAX)).next();
            Some(own.ok_or(Full)?.2)
        } else if self.taken.len() >= self.max {
            Some(self.resting.first().ok_or(Full)?.1)
        } else {
            None
        };
        let gone = leaves.and_then(|id| self.leave(id));
        let id = self.next_step();
        self.taken.insert(id, Seat { address, rests: None, sends: None, handle });
        if let Some(address) = address {
            *self.at.entry(address).or_insert(0) += 1;
        }
        self.rest(id);
        Ok((id, gone))
    }

    /// A body begins. The connection still rests.
    pub fn send(&mut self, id: SeatId) {
        let step = self.next_step();
        if let Some(seat) = self.taken.get_mut(&id)
            && seat.sends.is_none()
        {
            seat.sends = Some(step);
            self.sending.insert((step, id));
        }
    }

    /// A request is complete. Whether the seat is still there.
    pub fn work(&mut self, id: SeatId) -> bool {
        self.stop_sending(id);
        self.stop_resting(id);
        self.taken.contains_key(&id)
    }

    /// The work is done.
    pub fn rest(&mut self, id: SeatId) {
        self.stop_sending(id);
        self.stop_resting(id);
        let step = self.next_step();
        if let Some(seat) = self.taken.get_mut(&id) {
            seat.rests = Some(step);
            self.resting.insert((step, id));
            if let Some(address) = seat.address {
                self.resting_at.insert((address, step, id));
            }
        }
    }

    /// The seat becomes free; nothing happens if it is already.
    pub fn leave(&mut self, id: SeatId) -> Option<H> {
        self.stop_sending(id);
        self.stop_resting(id);
        let seat = self.taken.remove(&id)?;
        if let Some(address) = seat.address
            && let Some(count) = self.at.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                self.at.remove(&address);
            }
        }
        Some(seat.handle)
    }

    /// The connection that has been sending a body longest leaves, other than the one that asks.
    pub fn slowest_leaves(&mut self, asker: SeatId) -> Option<H> {
        let (_, id) = *self.sending.iter().find(|(_, id)| *id != asker)?;
        self.leave(id)
    }

    /// The connection that has rested longest leaves.
    pub fn longest_at_rest_leaves(&mut self) -> Option<H> {
        let (_, id) = *self.resting.first()?;
        self.leave(id)
    }

    /// How many are taken.
    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.taken.len()
    }

    fn next_step(&mut self) -> u64 {
        self.step += 1;
        self.step
    }

    fn stop_resting(&mut self, id: SeatId) {
        if let Some(seat) = self.taken.get_mut(&id)
            && let Some(step) = seat.rests.take()
        {
            self.resting.remove(&(step, id));
            if let Some(address) = seat.address {
                self.resting_at.remove(&(address, step, id));
            }
        }
    }

    fn stop_sending(&mut self, id: SeatId) {
        if let Some(step) = self.taken.get_mut(&id).and_then(|seat| seat.sends.take()) {
            self.sending.remove(&(step, id));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ip(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([10, 0, 0, last]))
    }

    #[test]
    fn the_one_that_rested_longest_makes_room_and_one_that_works_never_does() {
        let mut seats = Seats::new(3, 3);
        let ids: Vec<_> = ["a", "b", "c"].map(|name| seats.take(ip(1), name).unwrap()).into();
        assert!(ids.iter().all(|(_, gone)| gone.is_none()));
        assert!(seats.work(ids[0].0));
        assert_eq!(seats.take(ip(2), "d").unwrap().1, Some("b"));
        seats.rest(ids[0].0);
        assert_eq!(seats.take(ip(2), "e").unwrap().1, Some("c"), "c rested before d came and a was done");
        assert_eq!(seats.take(ip(2), "f").unwrap().1, Some("d"));
        assert_eq!(seats.take(ip(3), "g").unwrap().1, Some("a"));
        assert!(!seats.work(ids[0].0), "it is told that it had to leave");
        assert_eq!(seats.count(), 3);
    }

    #[test]
    fn a_slow_sender_does_not_look_fresh() {
        let mut seats = Seats::new(2, 2);
        let (slow, _) = seats.take(ip(1), "slow").unwrap();
        seats.take(ip(1), "idle").unwrap();
        for _ in 0..9 {
            seats.send(slow);
        }
        assert_eq!(seats.take(ip(2), "new").unwrap().1, Some("slow"));
    }

    #[test]
    fn an_address_with_too_many_pays_with_its_own() {
        let mut seats = Seats::new(10, 2);
        seats.take(ip(1), "other").unwrap();
        let (first, _) = seats.take(ip(2), "first").unwrap();
        let (second, _) = seats.take(ip(2), "second").unwrap();
        assert_eq!(seats.take(ip(2), "third").unwrap().1, Some("first"));
        assert!(seats.leave(first).is_none());
        assert!(seats.work(second));
        let (fourth, gone) = seats.take(ip(2), "fourth").unwrap();
        assert_eq!(gone, Some("third"));
        assert!(seats.work(fourth));
        assert_eq!(seats.take(ip(2), "fifth").unwrap_err(), Full, "both of it work");
        assert!(seats.take(ip(3), "elsewhere").is_ok());
        assert!((0..6).all(|_| seats.take(None, "proxy").unwrap().1.is_none()), "a proxy speaks for many");
    }

    #[test]
    fn short_of_memory_the_longest_sender_goes_but_not_for_its_own_sake() {
        let mut seats = Seats::new(4, 4);
        let ids = ["a", "b"].map(|name| seats.take(ip(1), name).unwrap().0);
        assert!(seats.slowest_leaves(ids[0]).is_none());
        seats.send(ids[0]);
        assert!(seats.slowest_leaves(ids[0]).is_none());
        seats.send(ids[1]);
        assert_eq!(seats.slowest_leaves(ids[1]), Some("a"));
        assert!(seats.slowest_leaves(ids[1]).is_none());
    }

    proptest! {
        #[test]
        fn whatever_happens_no_bound_is_passed_and_nothing_is_left_behind(
            steps in proptest::collection::vec((0_u8..6, 0_u8..4, any::<proptest::sample::Index>()), 0..200),
        ) {
            let mut seats = Seats::new(6, 3);
            let mut ids = Vec::new();
            for (what, last, which) in steps {
                if what < 2 || ids.is_empty() {
                    if let Ok((id, _)) = seats.take(ip(last), ()) {
                        ids.push(id);
                    }
                } else {
                    let id = *which.get(&ids);
                    match what {
                        2 => seats.send(id),
                        3 => drop(seats.work(id)),
                        4 => seats.rest(id),
                        _ => drop(seats.leave(id)),
                    }
                }
                prop_assert!(seats.count() <= 6);
                prop_assert!(seats.at.values().all(|count| (1..=3).contains(count)));
                prop_assert_eq!(seats.at.values().sum::<usize>(), seats.count());
                prop_assert_eq!(seats.resting.len(), seats.resting_at.len());
                prop_assert!(seats.resting.len() <= seats.count() && seats.sending.len() <= seats.count());
            }
            for id in ids {
                seats.leave(id);
            }
            let empty = seats.taken.is_empty() && seats.resting.is_empty() && seats.resting_at.is_empty();
            prop_assert!(empty && seats.sending.is_empty() && seats.at.is_empty());
        }
    }
}
