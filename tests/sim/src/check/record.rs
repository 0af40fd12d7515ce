//! What a record amounts to, worked out again from what was signed: entry by entry, in no way that the code goes.

use crate::truth::Truth;
use crate::world::placed;
use std::collections::{BTreeMap, BTreeSet};
use sync_core::record::{
    Act, Actor, ChangeHash, Entry, EntryRef, FigureKind, Finding, FindingCode, Record, State, Subject,
};

/// A record by the truth.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Per figure the values that stand.
    figures: BTreeMap<FigureKind, Vec<u32>>,
    /// Per voter the check-ins and slips that stand.
    register: BTreeMap<u32, (usize, usize)>,
    /// Notes and incidents that stand.
    notes: BTreeSet<EntryRef>,
    /// Whether anybody ever signed.
    signed: bool,
    /// Whether there is any entry.
    any: bool,
}

/// The entries that count of those changes of a unit that arrived: of each writer up to the first number that is
/// missing or stands under two contents.
pub fn counting(truth: &Truth, unit: usize, arrived: &BTreeSet<ChangeHash>) -> Vec<(EntryRef, Entry)> {
    let mut entries = Vec::new();
    let mut next: BTreeMap<Actor, u32> = BTreeMap::new();
    for ((of, actor, sequence), written) in &truth.written {
        let here: Vec<_> = written.iter().filter(|w| arrived.contains(&w.hash)).collect();
        let expected = next.entry(*actor).or_insert(1);
        if *of == unit
            && let [only] = here.as_slice()
            && sequence == expected
        {
            *expected += 1;
            entries.extend(placed(*actor, *sequence, &only.entries));
        }
    }
    entries
}

impl Expected {
    /// What these entries amount to.
    pub fn of(entries: &[(EntryRef, Entry)]) -> Self {
        let undone: Vec<EntryRef> = entries
            .iter()
            .filter_map(|(_, entry)| match entry.act {
                Act::Undo { entry } => Some(entry),
                _ => None,
            })
            .collect();
        let mut expected = Self { any: !entries.is_empty(), ..Self::default() };
        let mut replaced = Vec::new();
        for (place, entry) in entries.iter().filter(|(place, _)| !undone.contains(place)) {
            match &entry.act {
                Act::CheckIn { voter } => expected.register.entry(*voter).or_default().0 += 1,
                Act::Slip { voter } => expected.register.entry(*voter).or_default().1 += 1,
                Act::Incident { .. } => drop(expected.notes.insert(*place)),
                Act::Note { replaces, .. } => {
                    expected.notes.insert(*place);
                    replaced.extend(*replaces);
                }
                Act::SignOff { .. } => expected.signed = true,
                _ => {}
            }
        }
        expected.notes.retain(|place| !replaced.contains(place));
        for kind in FigureKind::ALL {
            let about: BTreeMap<EntryRef, u32> = entries
                .iter()
                .filter(|(place, _)| !undone.contains(place))
                .filter_map(|(place, entry)| match entry.act {
                    Act::Figure { kind: of, value } if of == *kind => Some((*place, value)),
                    _ => None,
                })
                .collect();
            if !about.is_empty() {
                expected.figures.insert(*kind, standing(&about, entries));
            }
        }
        expected
    }

    /// Figures about which people disagree.
    fn conflicts(&self) -> BTreeSet<FigureKind> {
        let disagree =
            |values: &&Vec<u32>| values.is_empty() || values.iter().any(|value| *value != values[0]);
        self.figures.iter().filter(|(_, values)| disagree(values)).map(|(kind, _)| *kind).collect()
    }

    /// Voters who are noted twice.
    fn twice(&self) -> BTreeSet<u32> {
        let twice = self.register.iter().filter(|(_, (came, slips))| *came > 1 || *slips > 1);
        twice.map(|(voter, _)| *voter).collect()
    }

    /// What a state shows otherwise than it should.
    pub fn differs(&self, state: &State) -> Option<String> {
        let shown: BTreeMap<FigureKind, Vec<u32>> = state
            .figures
            .iter()
            .map(|(kind, topic)| {
                let mut values: Vec<u32> = topic.live.values().map(|(_, value)| *value).collect();
                values.sort_unstable();
                (*kind, values)
            })
            .collect();
        if shown != self.figures {
            return Some(format!("figures that stand are {shown:?}, and should be {:?}", self.figures));
        }
        let shown: BTreeSet<FigureKind> =
            state.figures.iter().filter(|(_, topic)| topic.is_conflict()).map(|(kind, _)| *kind).collect();
        if shown != self.conflicts() {
            return Some(format!("conflicts are {shown:?}, and should be {:?}", self.conflicts()));
        }
        let shown: BTreeMap<u32, (usize, usize)> = state
            .register
            .iter()
            .map(|(voter, noted)| (*voter, (noted.check_ins.len(), noted.slips.len())))
            .collect();
        if shown != self.register {
            return Some(format!("the register shows {shown:?}, and should show {:?}", self.register));
        }
        let shown: BTreeSet<EntryRef> = state.notes.keys().copied().collect();
        (shown != self.notes).then(|| format!("notes are {shown:?}, and should be {:?}", self.notes))
    }

    /// What the findings say otherwise than they should of the simple cases.
    pub fn misjudged(&self, findings: &[Finding]) -> Option<String> {
        let of = |code| findings.iter().filter(move |finding| finding.code == code);
        let conflicts: BTreeSet<FigureKind> = of(FindingCode::Conflict)
            .filter_map(|finding| match finding.subject {
                Subject::Figure(kind) => Some(kind),
                _ => None,
            })
            .collect();
        let twice: BTreeSet<u32> = of(FindingCode::DoubleCheckIn)
            .filter_map(|finding| match finding.subject {
                Subject::Voter(voter) => Some(voter),
                _ => None,
            })
            .collect();
        if conflicts != self.conflicts() || twice != self.twice() {
            return Some(format!(
                "conflicts {conflicts:?} and double check-ins {twice:?}, where there are {:?} and {:?}",
                self.conflicts(),
                self.twice()
            ));
        }
        let unsigned = of(FindingCode::NotSigned).count() > 0;
        let nothing = of(FindingCode::NoRecord).count() > 0;
        if nothing == self.any {
            return Some("an empty record is not told from one with entries".to_owned());
        }
        (self.any && !self.signed && !unsigned).then(|| "nobody signed, and nothing says so".to_owned())
    }

    /// Explanations that may not count, for who explains noted it.
    pub fn explained_by_involved(record: &Record, findings: &[Finding]) -> Option<String> {
        let wrong = findings.iter().find(|finding| {
            let by = finding.explained.and_then(|place| record.entry(&place)).map(|entry| entry.person);
            by.is_some_and(|person| finding.involved.contains(&person))
        });
        wrong.map(|finding| format!("{:?} counts as explained by somebody who noted it", finding.code))
    }
}

/// Values of the entries and settlements that no settlement names, of those that are about this.
fn standing(about: &BTreeMap<EntryRef, u32>, entries: &[(EntryRef, Entry)]) -> Vec<u32> {
    let settlements: Vec<(EntryRef, &Vec<EntryRef>, u32)> = entries
        .iter()
        .filter_map(|(place, entry)| match &entry.act {
            Act::Settle { entries, holds } => Some((*place, entries, *about.get(holds)?)),
            _ => None,
        })
        .collect();
    let named = |place: &EntryRef| settlements.iter().any(|(_, names, _)| names.contains(place));
    let originals = about.iter().filter(|(place, _)| !named(place)).map(|(_, value)| *value);
    let settled = settlements.iter().filter(|(place, ..)| !named(place)).map(|(.., value)| *value);
    let mut values: Vec<u32> = originals.chain(settled).collect();
    values.sort_unstable();
    values
}
