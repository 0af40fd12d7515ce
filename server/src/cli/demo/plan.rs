//! The planted truth of a demo round: who marks what on which tablet, and what goes wrong. Everything follows from
//! the seed, and nothing of it is known to the system under test.

use crate::domain::signs::Sign;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sync_core::id::UnitCode;
use sync_core::permit::PermitCode;

/// Marks of one ballot: per official a level, or nothing.
pub(super) type Lines = Vec<Option<u8>>;

/// What happens to a tablet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// Nothing unusual: it synchronises when it finds a network.
    Ordinary,
    /// It never reaches a network and hands over to a courier.
    Offline,
    /// Nobody of its unit ever reaches a network: its tablets have each other, a stick and their screens.
    Isolated,
    /// The centre's first answer to it is lost after the envelopes were stored.
    LostAnswer,
    /// Its memory is copied in the middle of the voting, and both copies go on.
    Cloned,
    /// It is lost before its box is closed.
    NeverClosed,
    /// It is killed while it writes a ballot, and starts again.
    Killed,
    /// It is revoked after it synchronised.
    Revoked,
    /// It synchronises only after the round was closed.
    Late,
}

/// The faults that befall tablets.
pub(super) const FATES: [Fate; 7] = [
    Fate::Offline,
    Fate::LostAnswer,
    Fate::Cloned,
    Fate::NeverClosed,
    Fate::Killed,
    Fate::Revoked,
    Fate::Late,
];

/// One voter.
pub(super) struct Voter {
    /// The slip, where the unit votes with slips.
    pub permit: Option<PermitCode>,
    /// What is marked.
    pub marks: Lines,
    /// The tablet, by place in the unit.
    pub tablet: usize,
    /// The same slip once more, on another tablet.
    pub again: Option<(usize, Lines)>,
}

/// One unit.
pub(super) struct UnitPlan {
    /// Its code.
    pub code: UnitCode,
    /// Rated officials.
    pub officials: usize,
    /// Whether it votes without slips.
    pub attended: bool,
    /// Slips printed for it.
    pub printed: u32,
    /// Voters on its roster, who are all summoned.
    pub summoned: u32,
    /// What there is held for show.
    pub shows: Vec<Sign>,
    /// Voters in the order in which they vote.
    pub voters: Vec<Voter>,
    /// Fates of its tablets.
    pub tablets: Vec<Fate>,
    /// Whether one more tablet, certified like the others, is in bad hands.
    pub rogue: bool,
}

impl UnitPlan {
    /// Whether nobody of it ever reaches a network.
    pub fn is_isolated(&self) -> bool {
        self.tablets.contains(&Fate::Isolated)
    }
}

/// What the plan needs to know of a unit.
pub(super) struct Outline {
    pub code: UnitCode,
    pub officials: usize,
    pub attended: bool,
    pub voters: usize,
    /// Every printed slip, shuffled.
    pub slips: Vec<PermitCode>,
}

/// Voters below which nothing is planted in a unit.
const ELIGIBLE: usize = 30;

/// Makes the plan of a round.
pub(super) fn plan(seed: u64, outlines: Vec<Outline>, levels: u8) -> Vec<UnitPlan> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let few = outlines.len() < 12;
    let isolated = isolated(&outlines);
    let mut units: Vec<UnitPlan> = Vec::with_capacity(outlines.len());
    for (place, outline) in outlines.into_iter().enumerate() {
        let alone = isolated == Some(place);
        let mut unit = unit_plan(outline, few || alone, levels, &mut rng);
        if alone {
            unit.tablets.fill(Fate::Isolated);
        }
        units.push(unit);
    }
    plant_fates(&mut units, &mut rng);
    plant_duplicates(&mut units, levels, &mut rng);
    units
}

/// The unit that never reaches a network: the largest one in which something may be planted.
fn isolated(outlines: &[Outline]) -> Option<usize> {
    let places = (0..outlines.len()).filter(|place| {
        let outline = &outlines[*place];
        !outline.attended && outline.voters >= ELIGIBLE
    });
    places.max_by_key(|place| (outlines[*place].voters, std::cmp::Reverse(*place)))
}

fn unit_plan(outline: Outline, four: bool, levels: u8, rng: &mut ChaCha20Rng) -> UnitPlan {
    // One tablet per 2 × batch_min voters, as set-up proposes; in a small demo, enough for every fault.
    let tablets = if four && outline.voters >= ELIGIBLE { 4 } else { (outline.voters / 20).clamp(2, 4) };
    // Units differ in how they judge, and officials within them.
    let mood = below(rng, 30);
    let leaning: Vec<usize> = (0..outline.officials).map(|_| mood + below(rng, 25)).collect();
    let printed = u32::try_from(outline.slips.len()).unwrap_or(u32::MAX);
    let mut slips = outline.slips.into_iter();
    // Queues are about equally long, and who stands in which is chance.
    let mut queues: Vec<usize> = (0..outline.voters).map(|voter| voter % tablets).collect();
    shuffle(&mut queues, rng);
    let voters = queues
        .into_iter()
        .map(|tablet| Voter {
            permit: slips.next(),
            marks: leaning.iter().map(|leaning| mark(*leaning, levels, rng)).collect(),
            tablet,
            again: None,
        })
        .collect();
    UnitPlan {
        code: outline.code,
        officials: outline.officials,
        attended: outline.attended,
        printed,
        summoned: u32::try_from(outline.voters).unwrap_or(u32::MAX),
        shows: Vec::new(),
        voters,
        tablets: vec![Fate::Ordinary; tablets],
        rogue: false,
    }
}

/// One mark: mostly high, the lower levels more often the more the unit leans there, one in fifty left blank.
fn mark(leaning: usize, levels: u8, rng: &mut ChaCha20Rng) -> Option<u8> {
    if below(rng, 50) == 0 {
        return None;
    }
    let mut level = 0;
    while level + 1 < levels && below(rng, 100) < leaning {
        level += 1;
    }
    Some(level)
}

/// Gives every fault to at least one tablet, and in a large round to more.
fn plant_fates(units: &mut [UnitPlan], rng: &mut ChaCha20Rng) {
    let mut slots: Vec<(usize, usize)> = Vec::new();
    for (u, unit) in units.iter().enumerate().filter(|(_, unit)| eligible(unit) && !unit.is_isolated()) {
        slots.extend((0..unit.tablets.len()).map(|t| (u, t)));
    }
    shuffle(&mut slots, rng);
    let each = (slots.len() / (FATES.len() * 3)).max(1);
    let wanted = FATES.iter().flat_map(|fate| std::iter::repeat_n(*fate, each));
    for ((u, t), fate) in slots.into_iter().zip(wanted) {
        units[u].tablets[t] = fate;
    }
    // A tablet in bad hands needs ballots to copy that will count in the end.
    let has_victim = |unit: &UnitPlan| {
        unit.tablets.iter().any(|fate| matches!(fate, Fate::Ordinary | Fate::LostAnswer | Fate::Offline))
    };
    let mut order: Vec<usize> =
        (0..units.len()).filter(|u| eligible(&units[*u]) && has_victim(&units[*u])).collect();
    shuffle(&mut order, rng);
    for u in order.into_iter().take(each) {
        units[u].rogue = true;
    }
}

/// Voters who use their slip twice on two tablets: half of them with equal marks, half with others.
fn plant_duplicates(units: &mut [UnitPlan], levels: u8, rng: &mut ChaCha20Rng) {
    let mut equal = true;
    let safe = |fate: &Fate| {
        let arrives = [Fate::Ordinary, Fate::Offline, Fate::Isolated, Fate::LostAnswer, Fate::Late];
        arrives.contains(fate)
    };
    for unit in units.iter_mut().filter(|unit| eligible(unit)) {
        let tablets: Vec<usize> = (0..unit.tablets.len()).filter(|t| safe(&unit.tablets[*t])).collect();
        if tablets.len() < 2 {
            continue;
        }
        for _ in 0..2 {
            let candidates: Vec<usize> = (0..unit.voters.len())
                .filter(|v| unit.voters[*v].again.is_none() && tablets.contains(&unit.voters[*v].tablet))
                .collect();
            if candidates.is_empty() {
                break;
            }
            let voter = &mut unit.voters[candidates[below(rng, candidates.len())]];
            let others: Vec<usize> = tablets.iter().copied().filter(|t| *t != voter.tablet).collect();
            let other = others[below(rng, others.len())];
            let mut marks = voter.marks.clone();
            if !equal {
                marks[0] = match marks[0] {
                    Some(level) => Some((level + 1) % levels),
                    None => Some(0),
                };
            }
            voter.again = Some((other, marks));
            equal = !equal;
        }
    }
}

/// Whether something may be planted in a unit.
pub(super) fn eligible(unit: &UnitPlan) -> bool {
    // By the roster, which does not change when somebody stays at home.
    !unit.attended && unit.summoned as usize >= ELIGIBLE
}

/// A number below `bound`.
pub(super) fn below(rng: &mut ChaCha20Rng, bound: usize) -> usize {
    let scaled = (u128::from(rng.next_u64()) * bound as u128) >> 64;
    usize::try_from(scaled).unwrap_or(0)
}

/// Puts things into random order.
pub(super) fn shuffle<T>(things: &mut [T], rng: &mut ChaCha20Rng) {
    for i in (1..things.len()).rev() {
        things.swap(i, below(rng, i + 1));
    }
}
