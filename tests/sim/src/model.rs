//! The smallest world, exhaustively: two tablets, a courier, a centre and two voters, in every order of events and with
//! a crash before and after every write, up to a depth.
//!
//! States are walked breadth first and told apart by a digest of what matters in them. That is an enumeration of our
//! own: a state here is real stores that real programs run on, which a model checker's crate would want to clone,
//! hash and print as values of its own; what it would add on top is the hundred lines below.
//!
//! Every event begins with the start of the program on what is durable, so a restart lies between any two events.

use crate::chance::rng_for;
use crate::disk::{Disk, Strike, Values};
use crate::notes::{Broken, Notes};
use crate::small::{Small, TABLETS, VOTERS};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use sync_core::id::EnvelopeId;

/// Events of one history unless said otherwise.
pub const DEPTH: usize = 5;
/// Crashes of one history.
pub const CRASHES_MAX: usize = 1;

/// Something that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A voter casts on a tablet.
    Vote(usize, usize),
    /// A tablet closes its box.
    Close(usize),
    /// A participant reaches the centre; the answer arrives or is lost.
    Sync(usize, bool),
    /// A participant hands everything to another.
    HandOver(usize, usize),
}

/// Participants: two tablets, then the courier.
const EVERYBODY: usize = TABLETS + 1;

/// What a voter knows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// The tablet that said: it is in the box.
    pub by: Option<usize>,
}

/// One state of the small world.
#[derive(Clone)]
pub struct State {
    /// What is durable on each participant.
    pub stores: Vec<Values>,
    /// Envelopes at the centre.
    pub centre: BTreeMap<EnvelopeId, Vec<u8>>,
    /// Voters.
    pub voters: Vec<Told>,
    /// Crashes so far.
    pub crashes: usize,
    /// How it came to be.
    pub history: Vec<String>,
}

/// What an exploration found.
#[derive(Debug)]
pub struct Report {
    /// Depth.
    pub depth: usize,
    /// Distinct states.
    pub states: usize,
    /// Transitions tried.
    pub steps: usize,
    /// Crashes among them.
    pub crashes: usize,
    /// The first broken rule with the history that leads to it.
    pub broken: Option<(Broken, Vec<String>)>,
}

/// Walks every state up to a depth.
pub fn explore(depth: usize) -> Report {
    let small = Small::new();
    let mut report = Report { depth, states: 1, steps: 0, crashes: 0, broken: None };
    let first = small.first();
    let mut seen = BTreeSet::from([digest(&small, &first)]);
    let mut frontier = vec![first];
    for _ in 0..depth {
        let mut next = Vec::new();
        for state in &frontier {
            for step in steps(&small, state) {
                for (after, notes) in outcomes(&small, state, step, &mut report) {
                    let new = seen.insert(digest(&small, &after));
                    if new {
                        small.check(&after, &notes);
                    }
                    if let Some(broken) = notes.first_broken() {
                        report.broken = Some((broken, after.history));
                        return report;
                    }
                    if new {
                        report.states += 1;
                        next.push(after);
                    }
                }
            }
        }
        frontier = next;
    }
    report
}

/// Everything that can happen next.
fn steps(small: &Small, state: &State) -> Vec<Step> {
    let mut steps = Vec::new();
    for voter in (0..VOTERS).filter(|voter| state.voters[*voter].by.is_none()) {
        steps.extend((0..TABLETS).map(|tablet| Step::Vote(voter, tablet)));
    }
    steps.extend((0..TABLETS).filter(|tablet| !small.is_closed(state, *tablet)).map(Step::Close));
    for from in 0..EVERYBODY {
        steps.push(Step::Sync(from, true));
        steps.push(Step::Sync(from, false));
        steps.extend((0..EVERYBODY).filter(|to| *to != from).map(|to| Step::HandOver(from, to)));
    }
    steps
}

/// The step without a crash, and with one before and after every write that it does.
fn outcomes(small: &Small, state: &State, step: Step, report: &mut Report) -> Vec<(State, Notes)> {
    let (calm, writes) = perform(small, state, step, None);
    report.steps += 1;
    let mut all = vec![calm];
    if state.crashes < CRASHES_MAX {
        for write in 0..writes {
            for strike in [Strike::CrashBefore, Strike::CrashAfter] {
                report.steps += 1;
                report.crashes += 1;
                all.push(perform(small, state, step, Some((write, strike))).0);
            }
        }
    }
    all
}

/// One step over the store of whoever acts in it; also says how many writes it took.
fn perform(
    small: &Small,
    state: &State,
    step: Step,
    strike: Option<(usize, Strike)>,
) -> ((State, Notes), usize) {
    let mut after = state.clone();
    let notes = Notes::default();
    let acting = match step {
        Step::Vote(_, at) | Step::Close(at) | Step::Sync(at, _) | Step::HandOver(_, at) => at,
    };
    let secrets = small.secrets();
    let disk = Disk::holding("participant", after.stores[acting].clone(), notes.clone(), secrets);
    if let Some((write, strike)) = strike {
        disk.plan(write, strike);
        after.crashes += 1;
    }
    after.history.push(match strike {
        None => format!("{step:?}"),
        Some((write, strike)) => format!("{step:?}, {strike:?} at write {}", write + 1),
    });
    // The same step draws the same randomness whatever went before, so that equal states are seen to be equal.
    let rng = rng_for(0, &format!("{step:?}"));
    small.perform(&mut after, step, &disk, rng);
    after.stores[acting] = disk.durable();
    ((after, notes), disk.writes())
}

/// What tells states apart: everything but the randomness of a box's cipher, and how the state came about.
fn digest(small: &Small, state: &State) -> [u8; 32] {
    let mut hash = Sha256::new();
    for values in &state.stores {
        for (key, value) in values {
            hash.update(key.as_str());
            if !key.as_str().starts_with("box") {
                hash.update(value);
            }
        }
        for record in small.in_boxes(values) {
            hash.update(record);
        }
        hash.update([0xff]);
    }
    for id in state.centre.keys() {
        hash.update(id.0);
    }
    for voter in &state.voters {
        hash.update([u8::try_from(voter.by.map_or(9, |by| by)).unwrap_or(8)]);
    }
    hash.update([u8::try_from(state.crashes).unwrap_or(u8::MAX)]);
    hash.finalize().into()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} states, {} steps, {} of them with a crash; histories of up to {} events with up to {CRASHES_MAX} crash",
            self.states, self.steps, self.crashes, self.depth
        )?;
        match &self.broken {
            None => writeln!(f, "every rule holds in every state"),
            Some((broken, history)) => {
                writeln!(f, "BROKEN: {}: {}", broken.rule, broken.what)?;
                history.iter().try_for_each(|step| writeln!(f, "  {step}"))
            }
        }
    }
}
