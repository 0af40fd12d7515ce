//! Synchronising over links that break: everything gets through in the end, in pieces as small as they have to be.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use client_ffi::retry::{Retry, Tried};
use client_ffi::store::MemoryStore;
use client_ffi::transport::{Transport, TransportError};
use client_ffi::{Progress, TabletError, Way};
use common::team::{Memory, noted, same_record};
use common::{World, marks, rng, unit};
use proptest::prelude::*;
use std::cell::{Cell, RefCell};
use std::time::Duration;

/// A link that breaks whenever more than so many bytes go one way; the centre may have got the request by then.
struct Thin<'a> {
    world: &'a World,
    bytes: usize,
    asked: RefCell<Vec<String>>,
}

impl<'a> Thin<'a> {
    fn to(world: &'a World, bytes: usize) -> Self {
        Self { world, bytes, asked: RefCell::default() }
    }
}

impl Transport for Thin<'_> {
    fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, TransportError> {
        self.asked.borrow_mut().push(path.to_owned());
        let broken = || TransportError::Broken("cut".to_owned());
        if body.len() > self.bytes {
            return Err(broken());
        }
        let answer = self.world.post(path, body)?;
        if answer.len() > self.bytes { Err(broken()) } else { Ok(answer) }
    }
}

fn voted(world: &World, seed: u64, voters: std::ops::Range<usize>) -> Memory {
    let a = unit("A");
    let mut tablet = world.tablet(MemoryStore::default(), seed);
    for voter in voters {
        tablet.cast(&a, world.permit("A", voter), &marks(voter)).unwrap();
    }
    tablet.close(&a).unwrap();
    tablet
}

#[test]
fn a_good_link_is_asked_for_nothing_special() {
    let world = World::new(1);
    let link = Thin::to(&world, usize::MAX);
    let report = voted(&world, 1, 0..5).sync(&link).unwrap();
    assert_eq!((report.requests, report.broken), (1, 0));
    assert_eq!(*link.asked.borrow(), ["/api/v1/sync"]);
}

#[test]
fn over_a_link_that_carries_a_few_kilobytes_at_a_time_a_long_record_gets_through_both_ways() {
    let world = World::with_names(2);
    let (mut one, acting) = noted(&world, 1);
    for _ in 0..120 {
        one.incident(&acting, &"dài ".repeat(80), None).unwrap();
    }
    let link = Thin::to(&world, 4_000);
    let report = one.sync(&link).unwrap();
    assert!(report.broken > 3 && report.refused.is_empty(), "{report:?}");
    same_record(&world, &[&one]);
    let mut two = voted(&world, 2, 0..4);
    let report = two.sync(&link).unwrap();
    assert_eq!((report.confirmed, report.refused.len()), (1, 0));
    same_record(&world, &[&two]);
    assert!(report.received > 100 && report.requests < 200, "{report:?}");
    assert!(link.asked.borrow().iter().any(|path| path.contains("answer_max=")));
    let again = two.sync(&link).unwrap();
    assert!(again.requests == 1 && again.broken == 0, "what was learnt of the link is kept");
}

#[test]
fn a_list_that_is_here_is_not_sent_again_and_again_over_a_bad_link() {
    let world = World::with_names(3);
    let mut one = voted(&world, 1, 0..4);
    one.sync(&world).unwrap();
    world.replace_sheet("A");
    let mut two = world.tablet(MemoryStore::default(), 2);
    let sheet = sync_core::cbor::encode(&world.replacements.borrow()[0].1).len();
    let link = Thin::to(&world, sheet + 800);
    let first = two.sync(&link).unwrap();
    assert!(first.broken > 0, "the list and the rest do not get through together: {first:?}");
    assert_eq!(two.sheet_hash(&unit("A")).unwrap(), world.replacements.borrow()[0].1.hash());
    let again = two.sync(&link).unwrap();
    assert!(again.bytes_down < sheet, "{again:?}");
    assert_eq!(two.replica(&unit("A")).unwrap().envelopes().count(), 1);
}

#[test]
fn a_link_over_which_nothing_gets_through_is_given_up_after_a_few_tries_and_tried_again_later() {
    let world = World::new(4);
    let mut tablet = voted(&world, 1, 0..5);
    let link = Thin::to(&world, 0);
    let mut retry = Retry::default();
    let tried = tablet.sync(&link);
    assert!(matches!(tried, Err(TabletError::Transport(TransportError::Broken(_)))));
    assert!(link.asked.borrow().len() <= 12, "{}", link.asked.borrow().len());
    let wait = retry.note(&Tried::of(&tried), tablet.stamp(), &mut rng(1));
    assert!(!retry.is_due(Duration::ZERO, tablet.stamp()) && retry.is_due(wait, tablet.stamp()));
    let tried = tablet.sync(&world);
    assert_eq!(tried.as_ref().unwrap().confirmed, 1);
    retry.note(&Tried::of(&tried), tablet.stamp(), &mut rng(1));
    assert!(!retry.is_due(wait, tablet.stamp()), "nothing new happened");
    let stamp = tablet.stamp();
    tablet.sync(&world).unwrap();
    assert_eq!(tablet.stamp(), stamp, "a sync that brings nothing makes none due");
}

#[test]
fn only_what_can_be_synchronised_makes_a_sync_due() {
    let world = World::with_names(5);
    let (a, (mut tablet, acting)) = (unit("A"), noted(&world, 1));
    let before = tablet.stamp();
    tablet.cast(&a, world.permit("A", 0), &marks(0)).unwrap();
    assert_eq!(tablet.stamp(), before, "a ballot in the box tells nobody when it was cast");
    tablet.incident(&acting, "mất điện", None).unwrap();
    let noted = tablet.stamp();
    assert_ne!(noted, before);
    tablet.close(&a).unwrap();
    assert_ne!(tablet.stamp(), noted);
}

#[test]
fn a_cut_link_is_gone_on_with_where_it_broke_and_the_way_is_told() {
    struct Cuts<'a>(&'a World, Cell<u32>);
    impl Transport for Cuts<'_> {
        fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, TransportError> {
            self.1.set(self.1.get() + 1);
            let answer = self.0.post(path, body);
            if self.1.get().is_multiple_of(3) {
                Err(TransportError::Broken("cut".to_owned()))
            } else {
                answer
            }
        }
    }
    let world = World::with_names(6);
    let (mut one, acting) = noted(&world, 1);
    for _ in 0..400 {
        one.incident(&acting, &"dài ".repeat(100), None).unwrap();
    }
    let mut seen: Vec<Progress> = Vec::new();
    let report =
        one.sync_watched(&Cuts(&world, Cell::new(0)), &mut |progress| seen.push(progress.clone())).unwrap();
    assert!(report.broken > 0 && report.refused.is_empty());
    same_record(&world, &[&one]);
    let out: Vec<_> = seen.iter().filter(|progress| progress.way == Way::Out).collect();
    assert!(out.len() > 1 && out.is_sorted_by(|a, b| a.done.bytes < b.done.bytes));
    let last = out.last().unwrap();
    assert!(last.done.items > 300 && last.done.items <= last.total.items, "{last:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn whatever_a_link_carries_at_least_one_thing_at_a_time_everything_arrives(bytes in 2_500..20_000_usize, seed in 0..50_u64) {
        let world = World::with_names(seed);
        let (mut one, acting) = noted(&world, seed + 1);
        for _ in 0..20 {
            one.incident(&acting, &"dài ".repeat(80), None).unwrap();
        }
        let link = Thin::to(&world, bytes);
        one.sync(&link).unwrap();
        let mut two = voted(&world, seed + 2, 0..9);
        two.sync(&link).unwrap();
        one.sync(&link).unwrap();
        same_record(&world, &[&one, &two]);
        let a = unit("A");
        prop_assert_eq!(two.counts(&a).confirmed, 9);
        prop_assert_eq!(one.replica(&a).unwrap().have(), two.replica(&a).unwrap().have());
    }
}
