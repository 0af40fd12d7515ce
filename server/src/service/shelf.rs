//! What was worked out last of each round, with what it rests on.
//!
//! It is a memory of what follows from what is stored, never a source of it: what is found counts only while everything
//! it rests on is the same, and that is read anew each time somebody asks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use sync_core::id::RoundId;

/// Rounds that are kept: those that are compared, and some.
const KEPT_MAX: usize = 16;

/// Something of the rounds that were asked for last.
#[derive(Debug)]
pub(super) struct Shelf<B, V>(Mutex<Kept<B, V>>);

#[derive(Debug)]
struct Kept<B, V> {
    rounds: BTreeMap<RoundId, One<B, V>>,
    /// How often somebody asked; tells which round was not asked for longest.
    asked: u64,
}

#[derive(Debug)]
struct One<B, V> {
    basis: B,
    asked: u64,
    value: Arc<V>,
}

impl<B, V> Default for Shelf<B, V> {
    fn default() -> Self {
        Self(Mutex::new(Kept { rounds: BTreeMap::new(), asked: 0 }))
    }
}

impl<B: PartialEq, V> Shelf<B, V> {
    /// What is kept of a round, if it rests on the same.
    pub fn find(&self, round: &RoundId, basis: &B) -> Option<Arc<V>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.asked += 1;
        let asked = kept.asked;
        let one = kept.rounds.get_mut(round).filter(|one| one.basis == *basis)?;
        one.asked = asked;
        Some(Arc::clone(&one.value))
    }

    /// Keeps something of a round in place of what was kept of it before.
    pub fn keep(&self, round: RoundId, basis: B, value: &Arc<V>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.rounds.len() >= KEPT_MAX && !kept.rounds.contains_key(&round) {
            let longest = kept.rounds.iter().min_by_key(|(_, one)| one.asked).map(|(round, _)| *round);
            longest.and_then(|longest| kept.rounds.remove(&longest));
        }
        let asked = kept.asked;
        kept.rounds.insert(round, One { basis, asked, value: Arc::clone(value) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_same_basis_finds_what_is_kept_and_the_round_asked_for_longest_ago_makes_room() {
        let shelf = Shelf::default();
        let round = |number: u8| RoundId([number; 16]);
        let all = u8::try_from(KEPT_MAX).unwrap();
        for number in 0..all {
            assert_eq!(shelf.find(&round(number), &1), None);
            shelf.keep(round(number), 1, &Arc::new(number));
        }
        let found = |number, basis| shelf.find(&round(number), &basis).map(|value| *value);
        assert_eq!((found(0, 1), found(0, 2), found(all, 1)), (Some(0), None, None));
        shelf.keep(round(all), 1, &Arc::new(all));
        assert_eq!((found(1, 1), found(0, 1), found(all, 1)), (None, Some(0), Some(all)));
        shelf.keep(round(0), 2, &Arc::new(77));
        assert_eq!((found(0, 1), found(0, 2)), (None, Some(77)), "a newer one takes the place of the older");
        assert_eq!(shelf.0.lock().unwrap().rounds.len(), KEPT_MAX);
    }
}
