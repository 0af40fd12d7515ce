//! Whatever a team notes on its tablets, by whatever ways it travels: in the end all have one record, and nothing that
//! was confirmed is missing.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use client_ffi::store::MemoryStore;
use client_ffi::{Acting, Earlier, Tablet, TabletError};
use common::{TEAM, World, rng, unit};
use proptest::prelude::*;
use std::collections::BTreeSet;
use sync_core::message::Message;
use sync_core::record::{EntryRef, FigureKind, PersonId};

type Memory = Tablet<MemoryStore, rand_chacha::ChaCha20Rng>;

const TABLETS: usize = 3;

#[derive(Debug, Clone)]
enum Step {
    CheckIn { at: usize, voter: u32, slip: bool },
    Figure { at: usize, kind: usize, value: u32, settled: bool },
    Settle { at: usize, pick: usize },
    Undo { at: usize, pick: usize },
    Sync { at: usize },
    ToCourier { at: usize },
    FromCourier { at: usize },
    CourierSyncs,
    Across { from: usize, to: usize },
    Restart { at: usize },
    Copy { at: usize },
    Restore { at: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let at = 0..TABLETS;
    prop_oneof![
        4 => (at.clone(), 1_u32..6, any::<bool>()).prop_map(|(at, voter, slip)| Step::CheckIn { at, voter, slip }),
        4 => (at.clone(), 0_usize..2, 0_u32..4, any::<bool>())
            .prop_map(|(at, kind, value, settled)| Step::Figure { at, kind, value, settled }),
        2 => (at.clone(), 0_usize..8).prop_map(|(at, pick)| Step::Settle { at, pick }),
        1 => (at.clone(), 0_usize..8).prop_map(|(at, pick)| Step::Undo { at, pick }),
        2 => at.clone().prop_map(|at| Step::Sync { at }),
        2 => at.clone().prop_map(|at| Step::ToCourier { at }),
        1 => at.clone().prop_map(|at| Step::FromCourier { at }),
        1 => Just(Step::CourierSyncs),
        2 => (at.clone(), at.clone()).prop_map(|(from, to)| Step::Across { from, to }),
        1 => at.clone().prop_map(|at| Step::Restart { at }),
        1 => at.clone().prop_map(|at| Step::Copy { at }),
        1 => at.prop_map(|at| Step::Restore { at }),
    ]
}

/// A tablet with what it confirmed, and an old copy of both.
struct Held {
    tablet: Memory,
    acting: Acting,
    confirmed: BTreeSet<EntryRef>,
    copy: (MemoryStore, BTreeSet<EntryRef>),
}

struct Team {
    world: World,
    held: Vec<Held>,
    courier: Memory,
    starts: u64,
}

impl Team {
    fn new() -> Self {
        let world = World::with_names(1);
        let a = unit("A");
        let held = (0..TABLETS).map(|at| {
            let mut tablet = world.tablet(MemoryStore::default(), at as u64);
            let person = PersonId::of(TEAM[at % 2]);
            tablet.set_pin(&a, &person, None, "4711").unwrap();
            let acting = tablet.act_as(&a, &person, "4711").unwrap();
            let copy = (tablet.store().clone(), BTreeSet::new());
            Held { tablet, acting, confirmed: BTreeSet::new(), copy }
        });
        let held = held.collect();
        let mut courier = Tablet::open_with(MemoryStore::default(), rng(77)).unwrap();
        courier.enrol(&world.token(b'C'), &world).unwrap();
        courier.take(&Message::new(world.package.hash(), a)).unwrap();
        Self { world, held, courier, starts: 100 }
    }

    fn start(&mut self, at: usize, store: MemoryStore) {
        self.starts += 1;
        self.held[at].tablet = Tablet::open_with(store, rng(self.starts)).unwrap();
    }

    fn live(&self, at: usize, pick: usize) -> Option<EntryRef> {
        let state = self.held[at].tablet.record_state(&unit("A")).unwrap();
        let live: Vec<_> = state.figures.values().flat_map(|topic| topic.live.keys().copied()).collect();
        live.get(pick % live.len().max(1)).copied()
    }

    fn play(&mut self, step: &Step) {
        let a = unit("A");
        match *step {
            Step::CheckIn { at, voter, slip } => {
                let acting = self.held[at].acting.clone();
                self.held[at].tablet.check_in(&acting, voter, slip).unwrap();
            }
            Step::Figure { at, kind, value, settled } => {
                let acting = self.held[at].acting.clone();
                let earlier = if settled { Earlier::Settled } else { Earlier::Stands };
                let kind = FigureKind::ALL[kind];
                let held = &mut self.held[at];
                held.confirmed.insert(held.tablet.figure(&acting, kind, value, earlier, None).unwrap());
                let now = held.tablet.record_state(&a).unwrap().figure(kind);
                assert!(!settled || now == Some(value), "what settles holds");
            }
            Step::Settle { at, pick } => {
                let Some(holds) = self.live(at, pick) else { return };
                let acting = self.held[at].acting.clone();
                match self.held[at].tablet.settle(&acting, holds, None) {
                    Ok(_) | Err(TabletError::NothingToSettle) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            Step::Undo { at, pick } => {
                let Some(mistake) = self.live(at, pick) else { return };
                let acting = self.held[at].acting.clone();
                match self.held[at].tablet.undo(&acting, mistake) {
                    Ok(()) | Err(TabletError::NotUndoable) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            _ => self.travel(step),
        }
    }

    fn travel(&mut self, step: &Step) {
        let a = unit("A");
        let take = |tablet: &mut Memory, messages: Vec<Message>| {
            for message in messages {
                assert_eq!(tablet.take(&message).unwrap().refused, []);
            }
        };
        match *step {
            Step::Sync { at } => {
                let report = self.held[at].tablet.sync(&self.world).unwrap();
                assert!(report.refused.is_empty(), "{report:?}");
            }
            Step::ToCourier { at } => take(&mut self.courier, self.held[at].tablet.hand_over(&a).unwrap()),
            Step::FromCourier { at } => take(&mut self.held[at].tablet, self.courier.hand_over(&a).unwrap()),
            Step::CourierSyncs => drop(self.courier.sync(&self.world).unwrap()),
            Step::Across { from, to } => {
                let device = self.held[to].tablet.device().unwrap();
                let messages = match self.held[from].tablet.hand_over_to(&a, &device) {
                    Ok(messages) => messages,
                    Err(TabletError::UnknownTablet(..)) => return,
                    Err(error) => panic!("{error}"),
                };
                take(&mut self.held[to].tablet, messages);
            }
            Step::Restart { at } => self.start(at, self.held[at].tablet.store().clone()),
            Step::Copy { at } => {
                let held = &mut self.held[at];
                held.copy = (held.tablet.store().clone(), held.confirmed.clone());
            }
            Step::Restore { at } => {
                let (store, confirmed) = self.held[at].copy.clone();
                self.held[at].confirmed = confirmed;
                self.start(at, store);
            }
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_way_leads_to_one_record(steps in proptest::collection::vec(step(), 1..60)) {
        let a = unit("A");
        let mut team = Team::new();
        for step in &steps {
            team.play(step);
        }
        for at in (0..TABLETS).chain(0..TABLETS) {
            team.play(&Step::CourierSyncs);
            team.play(&Step::Sync { at });
        }
        let centre = team.world.record(&a);
        prop_assert_eq!(centre.twins().count(), 0);
        for held in &team.held {
            let record = held.tablet.record(&a).unwrap();
            prop_assert_eq!(record.heads(), centre.heads());
            prop_assert_eq!(held.tablet.record_state(&a).unwrap(), centre.state());
            for place in &held.confirmed {
                prop_assert!(record.entry(place).is_some(), "{} was confirmed", place);
            }
        }
        prop_assert!(team.courier.replica(&a).unwrap().record().is_empty());
    }
}
