//! What a unit's record tells about how it was written.

use std::collections::BTreeMap;
use sync_core::id::DeviceId;
use sync_core::record::{Act, EntryRef, Record};

/// Entries from which a record can have been written in one go.
const NOTES_MIN: usize = 5;
/// Longest time that counts as one go, in minutes.
const ONE_GO: u64 = 30;
/// What counts as long after, in minutes.
const LONG_AFTER: u64 = 24 * 60;

/// When the entries of a record were written, as they say themselves: minutes since 1970 by the tablets' clocks. They are
/// notes; nothing but a sign rests on them. Check-ins and slips have no time at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timing {
    /// Figures, committee, closing totals, notes: what was written up to the first signature, with the signature.
    pub notes: Vec<u64>,
    /// When the round was closed with ballots of the unit here, by the centre's clock.
    pub closed_at: Option<u64>,
}

impl Timing {
    /// Of a record. The centre's own entries are no part of what a team wrote.
    pub fn of(record: &Record, centre: &DeviceId, closed_at: Option<u64>) -> Self {
        let own = || record.entries().filter(|(place, _)| place.actor.device() != *centre);
        let signed = own().filter(|(_, entry)| matches!(entry.act, Act::SignOff { .. }));
        let first = signed.filter_map(|(_, entry)| entry.at).min().unwrap_or(u64::MAX);
        let wrote = |act: &Act| {
            !matches!(act, Act::Join { .. } | Act::Undo { .. } | Act::Explain { .. } | Act::Correct { .. })
        };
        let times = own().filter(|(_, entry)| wrote(&entry.act)).filter_map(|(_, entry)| entry.at);
        Self { notes: times.filter(|at| *at <= first).collect(), closed_at }
    }
}

/// By how many minutes after the close of the round a record was written in one go, though ballots of the unit had come in
/// before; nothing if it was not, as far as its times can be believed.
pub fn written_later(timing: &Timing) -> Option<u64> {
    let (first, last) = (timing.notes.iter().min()?, timing.notes.iter().max()?);
    let after = first.checked_sub(timing.closed_at?)?;
    let in_one_go = timing.notes.len() >= NOTES_MIN && last - first <= ONE_GO;
    (in_one_go && after >= LONG_AFTER).then_some(after)
}

/// Whether somebody signed minutes that lack the closing total of a tablet, which was noted later. The order is that of
/// the record, where a signature names how far each writer's chain had come; no clock takes part.
pub fn signed_early(record: &Record) -> bool {
    let mut totals: BTreeMap<DeviceId, Vec<EntryRef>> = BTreeMap::new();
    for (place, entry) in record.entries() {
        if let Act::TabletTotal { device, .. } = &entry.act {
            totals.entry(*device).or_default().push(place);
        }
    }
    record.entries().any(|(_, entry)| match &entry.act {
        Act::SignOff { heads, .. } => {
            let covers = |place: &EntryRef| {
                heads.iter().any(|(actor, sequence)| *actor == place.actor && *sequence >= place.sequence)
            };
            totals.values().any(|places| !places.iter().any(covers))
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 1_440;

    fn written(from: u64, span: u64, entries: usize) -> Option<u64> {
        let mut notes = vec![from; entries];
        notes[entries - 1] = from + span;
        written_later(&Timing { notes, closed_at: Some(5_000) })
    }

    #[test]
    fn a_day_after_the_close_and_within_half_an_hour_is_later() {
        assert_eq!(written(5_000 + DAY, 30, 5), Some(DAY));
        assert_eq!(written(5_000 + DAY, 31, 5), None, "not in one go");
        assert_eq!(written(4_999 + DAY, 30, 5), None, "23 hours and 59 minutes");
        assert_eq!(written(5_000 + DAY, 0, 4), None, "four entries say nothing");
    }

    #[test]
    fn without_a_close_or_without_times_it_says_nothing_and_no_clock_makes_it_panic() {
        assert_eq!(written_later(&Timing { notes: vec![9_000; 9], closed_at: None }), None);
        assert_eq!(written_later(&Timing { notes: vec![], closed_at: Some(0) }), None);
        assert_eq!(written_later(&Timing { notes: vec![0; 9], closed_at: Some(u64::MAX) }), None);
        let far = Timing { notes: vec![u64::MAX; 9], closed_at: Some(0) };
        assert_eq!(written_later(&far), Some(u64::MAX));
    }
}
