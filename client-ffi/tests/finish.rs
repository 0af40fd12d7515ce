//! The end of a round: tablets and couriers delete by the centre's statement, and by nothing else.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use client_ffi::store::{Fault, FaultyStore, FileStore, Key, MemoryStore, Store, StoreError};
use client_ffi::{Finished, Tablet, TabletError};
use common::{World, marks, rng, unit};
use rand_chacha::ChaCha20Rng;
use std::cell::RefCell;
use std::rc::Rc;
use sync_core::cbor;
use sync_core::cose::{SecretKey, Signed};
use sync_core::id::EnvelopeId;
use sync_core::message::{Item, ItemKind, Message, Outcome};
use sync_core::receipt::RoundStatement;

type Memory = Tablet<MemoryStore, ChaCha20Rng>;

const VOTERS: usize = 8;

/// A tablet of unit `A` that cast, closed and was confirmed.
fn voted(world: &World, seed: u64) -> Memory {
    let mut tablet = world.tablet(MemoryStore::default(), seed);
    for voter in 0..VOTERS {
        tablet.cast(&unit("A"), world.permit("A", voter), &marks(voter)).unwrap();
    }
    tablet.close(&unit("A")).unwrap();
    tablet.sync(world).unwrap();
    assert_eq!(tablet.counts(&unit("A")).confirmed, VOTERS);
    tablet
}

fn courier(world: &World) -> Memory {
    let mut courier = Tablet::open_with(MemoryStore::default(), rng(70)).unwrap();
    courier.enrol(&world.token(b'C'), world).unwrap();
    courier
}

fn message(world: &World, code: &str, statement: &Signed<RoundStatement>) -> Message {
    let mut message = Message::new(world.package.hash(), unit(code));
    message.give.push(Item::new(ItemKind::RoundStatement, statement.bytes()));
    message
}

/// What a tablet stores of unit `A`, by kind of value; items with the number of their kind.
fn stored(store: &impl Store) -> Vec<String> {
    let keys = store.keys().unwrap();
    let of_unit = keys.iter().filter(|key| key.parts().contains(&"A"));
    let mut kinds: Vec<String> = of_unit
        .map(|key| match key.parts().as_slice() {
            ["item", _, kind, _] => format!("item {kind}"),
            parts => parts[0].to_owned(),
        })
        .collect();
    kinds.dedup();
    kinds
}

fn envelopes(tablet: &Memory) -> Vec<EnvelopeId> {
    let replica = tablet.replica(&unit("A"));
    replica.into_iter().flat_map(|replica| replica.envelopes()).map(|e| e.envelope_id()).collect()
}

/// Everything that stays of a finished unit: the word by which the rest went, certificates, number and link.
fn only_the_word_is_left(tablet: &Memory, what: &str) {
    let a = unit("A");
    let kinds: Vec<String> = stored(tablet.store()).into_iter().filter(|kind| kind != "item 3").collect();
    assert_eq!(kinds, ["chain", "item 9"], "{what}");
    assert_eq!(tablet.finished(&a), Some(Finished::default()), "{what}");
    let counts = tablet.counts(&a);
    assert_eq!((counts.finished, counts.cast()), (VOTERS, VOTERS), "{what}");
    for value in tablet.store().values().values() {
        let text = String::from_utf8_lossy(value).into_owned();
        assert!(!text.contains("Cán bộ"), "{what}: no name is left");
    }
}

#[test]
fn a_receipt_deletes_nothing_and_the_statement_deletes_all_that_it_lists() {
    let world = World::new(1);
    let a = unit("A");
    let mut tablet = voted(&world, 1);
    assert_eq!(tablet.finished(&a), None);
    assert_eq!((envelopes(&tablet).len(), stored(tablet.store()).len()), (2, 5));
    world.finish("A");
    let report = tablet.sync(&world).unwrap();
    assert_eq!((report.requests, report.finished), (1, vec![a.clone()]));
    only_the_word_is_left(&tablet, "after the sync");
    let report = tablet.sync(&world).unwrap();
    assert_eq!((report.requests, report.received, report.finished), (1, 0, vec![]), "it is known by now");
    let tablet = Tablet::open_with(tablet.into_store(), rng(5)).unwrap();
    only_the_word_is_left(&tablet, "after a restart");
}

#[test]
fn file_by_file_nothing_of_the_ballots_is_left_on_the_medium() {
    let world = World::new(2);
    let folder = tempfile::tempdir().unwrap();
    let mut tablet = world.tablet(FileStore::open(folder.path()).unwrap(), 1);
    for voter in 0..VOTERS {
        tablet.cast(&unit("A"), world.permit("A", voter), &marks(voter)).unwrap();
    }
    tablet.close(&unit("A")).unwrap();
    tablet.sync(&world).unwrap();
    let sealed: Vec<Vec<u8>> = {
        let replica = tablet.replica(&unit("A")).unwrap();
        let records = replica.envelopes().flat_map(|envelope| envelope.value().ballots.records());
        records.map(|record| record.as_bytes().to_vec()).collect()
    };
    assert_eq!(sealed.len(), VOTERS);
    world.finish("A");
    tablet.sync(&world).unwrap();
    drop(tablet);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(sealed.iter().all(|record| !bytes.windows(record.len()).any(|window| window == record)));
    }
}

#[test]
fn an_own_envelope_that_the_statement_omits_stays_and_is_said_and_reaches_the_centre() {
    let world = World::new(3);
    let a = unit("A");
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    for voter in 0..6 {
        tablet.cast(&a, world.permit("A", voter), &marks(voter)).unwrap();
    }
    tablet.sync(&world).unwrap();
    // Two people wrote the rest off: the round is finished with what was here.
    let statement = world.finish("A");
    assert_eq!(statement.value().envelopes.len(), 1);
    tablet.cast(&a, world.permit("A", 6), &marks(6)).unwrap();
    tablet.take(&message(&world, "A", &statement)).unwrap();
    assert_eq!(tablet.finished(&a), Some(Finished { left: Vec::new(), in_box: 4 }));
    let refused = tablet.cast(&a, world.permit("A", 7), &marks(7));
    assert!(matches!(refused, Err(TabletError::Finished(_))), "nothing is cast that cannot count");
    let again = tablet.cast(&a, world.permit("A", 0), &marks(0));
    assert!(matches!(again, Err(TabletError::Finished(_))), "nor a slip whose envelope is gone");
    tablet.close(&a).unwrap();
    let late = envelopes(&tablet);
    assert_eq!(tablet.finished(&a), Some(Finished { left: late.clone(), in_box: 0 }));
    let closing = tablet.replica(&a).unwrap().envelopes().next().unwrap().value().clone();
    assert_eq!((closing.number, closing.total), (2, Some(7)), "number and link go on");
    assert_eq!(closing.previous, statement.value().envelopes.first().copied());
    let report = tablet.sync(&world).unwrap();
    assert_eq!(report.confirmed, 1);
    assert!(world.held(&a).contains(&late[0]), "the centre has it, and holds it as late");
    let tablet = Tablet::open_with(tablet.into_store(), rng(6)).unwrap();
    assert_eq!(envelopes(&tablet), late, "a receipt alone deletes nothing, now or at the next start");
    let counts = tablet.counts(&a);
    assert_eq!((counts.finished, counts.confirmed, counts.cast()), (3, 4, 7));
}

#[test]
fn a_foreign_forged_or_damaged_statement_is_refused_and_deletes_nothing() {
    let world = World::new(4);
    let mut tablet = voted(&world, 1);
    let ids = world.held(&unit("A"));
    let genuine = world.statement("A", &ids);
    let stranger = SecretKey::from_seed(&[77; 32]);
    let forged = Signed::sign(genuine.value().clone(), &stranger);
    let for_b = world.statement("B", &ids);
    let before = tablet.store().values().clone();
    for (statement, outcome) in [(&forged, Outcome::BadSignature), (&for_b, Outcome::OtherUnit)] {
        let taken = tablet.take(&message(&world, "A", statement)).unwrap();
        assert_eq!(taken.refused, [(0, outcome)]);
    }
    let receipts: Vec<_> = tablet.replica(&unit("A")).unwrap().receipts().cloned().collect();
    let mut disguised = Message::new(world.package.hash(), unit("A"));
    disguised.give.push(Item::new(ItemKind::RoundStatement, receipts[0].bytes()));
    assert_eq!(tablet.take(&disguised).unwrap().refused, [(0, Outcome::BadSignature)]);
    // For its own unit the other one is genuine: unit A stays what it is.
    let taken = tablet.take(&message(&world, "B", &for_b)).unwrap();
    assert_eq!(taken.new, 1);
    let after = tablet.store().values().clone();
    assert!(before.iter().all(|(key, value)| after.get(key) == Some(value)));
    assert_eq!((tablet.finished(&unit("A")), envelopes(&tablet)), (None, ids));
}

#[test]
fn no_old_message_brings_back_what_was_deleted() {
    let world = World::new(5);
    let a = unit("A");
    let mut tablet = voted(&world, 1);
    let old = tablet.hand_over(&a).unwrap();
    let sheets = tablet.share_sheet(&a).unwrap();
    world.finish("A");
    tablet.sync(&world).unwrap();
    let mut tablet = Tablet::open_with(tablet.into_store(), rng(7)).unwrap();
    for message in old.iter().chain(&sheets) {
        let taken = tablet.take(message).unwrap();
        assert_eq!((taken.new, taken.waiting, taken.refused.len()), (0, 0, 0), "known, and ignored");
    }
    only_the_word_is_left(&tablet, "after old messages");
    tablet.close(&a).unwrap();
    assert_eq!(envelopes(&tablet), [], "closed stays closed");
}

#[test]
fn a_courier_deletes_what_it_carried_and_brings_the_word_to_tablets_without_network() {
    let world = World::new(6);
    let a = unit("A");
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    for voter in 0..VOTERS {
        tablet.cast(&a, world.permit("A", voter), &marks(voter)).unwrap();
    }
    tablet.close(&a).unwrap();
    let mut courier = courier(&world);
    let carry = |from: &Memory, to: &mut Memory| {
        for message in from.hand_over(&a).unwrap() {
            assert_eq!(to.take_bytes(&cbor::encode(&message)).unwrap().refused, []);
        }
    };
    carry(&tablet, &mut courier);
    tablet.take(&courier.have(&a).unwrap()).unwrap();
    courier.sync(&world).unwrap();
    carry(&courier, &mut tablet);
    assert_eq!(tablet.counts(&a).confirmed, VOTERS);
    world.finish("A");
    assert_eq!(courier.sync(&world).unwrap().finished, std::slice::from_ref(&a));
    assert_eq!(envelopes(&courier), []);
    assert_eq!(stored(courier.store()), ["item 3", "item 9"], "the author's certificate and the word");
    assert_eq!(envelopes(&tablet).len(), 2, "nothing reached this tablet yet");
    carry(&courier, &mut tablet);
    only_the_word_is_left(&tablet, "by courier");
}

#[test]
fn two_tablets_that_talk_pass_the_word_on_before_anything_else_is_given() {
    let world = World::new(7);
    let a = unit("A");
    let mut tablet = voted(&world, 1);
    let mut other = world.tablet(MemoryStore::default(), 2);
    other.close(&a).unwrap();
    other.sync(&world).unwrap();
    tablet.sync(&world).unwrap();
    assert_eq!((envelopes(&other).len(), envelopes(&tablet).len()), (3, 3));
    world.finish("A");
    tablet.sync(&world).unwrap();
    // The finished one asks, and the other gives it nothing that was deleted.
    let question = tablet.have(&a).unwrap();
    let mut asked = Tablet::open_with(other.store().clone(), rng(8)).unwrap();
    let (taken, answer) = asked.answer(&question).unwrap();
    assert_eq!(taken.new, 1);
    let kinds = |messages: &[Message]| -> Vec<ItemKind> {
        messages.iter().flat_map(|message| &message.give).map(|item| item.kind).collect()
    };
    assert_eq!(kinds(&answer), [ItemKind::RoundStatement]);
    assert_eq!(envelopes(&asked), []);
    // The other one asks, and is given the word.
    let (taken, answer) = tablet.answer(&other.have(&a).unwrap()).unwrap();
    assert_eq!((taken.new, kinds(&answer)), (0, vec![ItemKind::RoundStatement]));
    for message in answer {
        other.take(&message).unwrap();
    }
    assert_eq!(envelopes(&other), []);
}

#[test]
fn a_tablet_nobody_closed_needs_no_close_any_more_once_the_round_is_finished() {
    let world = World::new(8);
    let a = unit("A");
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    world.finish("A");
    tablet.sync(&world).unwrap();
    tablet.close(&a).unwrap();
    assert_eq!(envelopes(&tablet), [], "no envelope is made that no statement will ever list");
    let paper = sync_core::fingerprint::groups(&world.sheets[&a].hash().0);
    let confirmed = tablet.confirm_sheet(&a, &[(0, &paper[0]), (3, &paper[3])]);
    assert!(matches!(confirmed, Err(TabletError::Finished(_))));
    assert_eq!(tablet.finished(&a), Some(Finished::default()));
}

#[test]
fn own_envelopes_that_come_back_beside_the_statement_still_move_the_number_on() {
    let world = World::new(9);
    let a = unit("A");
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    let old = tablet.store().clone();
    for voter in 0..6 {
        tablet.cast(&a, world.permit("A", voter), &marks(voter)).unwrap();
    }
    tablet.sync(&world).unwrap();
    let statement = world.finish("A");
    // Set back to an old copy, it gets the statement first in the message and its own envelope after it.
    let mut back = Tablet::open_with(old, rng(9)).unwrap();
    let mut both = message(&world, "A", &statement);
    let handed = tablet.hand_over(&a).unwrap();
    both.give.extend(handed.into_iter().flat_map(|message| message.give));
    back.take(&both).unwrap();
    let mut back = Tablet::open_with(back.into_store(), rng(10)).unwrap();
    assert_eq!((envelopes(&back), back.counts(&a).finished), (vec![], 3));
    back.close(&a).unwrap();
    assert_eq!(envelopes(&back), []);
}

/// The statement arrives over a store that fails at one write. Whatever the failure left, the next start, or the next
/// message, brings it to its end.
#[test]
fn a_fault_at_every_write_of_a_deletion_deletes_nothing_too_much_and_leaves_nothing_behind() {
    let world = World::new(10);
    let a = unit("A");
    let mut begun = voted(&world, 1);
    world.replace_sheet("A");
    begun.sync(&world).unwrap();
    let listed = world.held(&a);
    // One more, which no statement lists.
    let mut late = world.tablet(MemoryStore::default(), 2);
    late.cast(&a, world.permit("A", 30), &marks(30)).unwrap();
    late.close(&a).unwrap();
    for message in late.hand_over(&a).unwrap() {
        begun.take(&message).unwrap();
    }
    let kept = envelopes(&late);
    begun
        .take(&{
            let mut have = begun.have(&a).unwrap();
            have.have.as_mut().unwrap().envelopes.retain(|id| listed.contains(id));
            have
        })
        .unwrap();
    let start = begun.into_store();
    let given = message(&world, "A", &world.statement("A", &listed));
    let open = |store| Tablet::open_with(store, rng(11)).unwrap();
    let calm = || FaultyStore::failing(start.clone(), usize::MAX, Fault::Before);
    let mut whole = open(calm());
    whole.take(&given).unwrap();
    let writes = whole.store().writes();
    assert!(writes >= 8, "statement, envelopes, receipts, sheets, replacement, marks: {writes}");
    let end = whole.into_store().into_inner();
    for at in 0..writes {
        for fault in [Fault::Before, Fault::After] {
            for restart in [true, false] {
                let what = format!("write {at}, {fault:?}, restart {restart}");
                let mut tablet = open(FaultyStore::failing(start.clone(), at, fault));
                assert!(matches!(tablet.take(&given), Err(TabletError::Store(_))), "{what}");
                tablet.store_mut().revive();
                let left = tablet.store().clone().into_inner();
                let word = left.values().keys().any(|key| key.as_str().starts_with("item~A~9~"));
                let gone = start.values().keys().any(|key| !left.values().contains_key(key));
                assert!(word || !gone, "{what}: the statement is stored before anything is deleted");
                if restart {
                    tablet = open(tablet.into_store());
                    assert_eq!(tablet.finished(&a).is_some(), word, "{what}");
                }
                tablet.take(&given).unwrap();
                let ids: Vec<_> = tablet.replica(&a).unwrap().envelopes().map(|e| e.envelope_id()).collect();
                assert_eq!(ids, kept, "{what}: what no statement lists stays");
                assert_eq!(tablet.into_store().into_inner().values(), end.values(), "{what}");
            }
        }
    }
}

/// A medium that outlives the program on it, which dies at its second write.
struct Dying {
    medium: Rc<RefCell<MemoryStore>>,
    left: usize,
}

impl Dying {
    fn write(
        &mut self,
        change: impl FnOnce(&mut MemoryStore) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        if self.left == 0 {
            return Err(StoreError::Full);
        }
        self.left -= 1;
        change(&mut self.medium.borrow_mut())
    }
}

impl Store for Dying {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        self.medium.borrow().get(key)
    }

    fn put(&mut self, key: &Key, value: &[u8]) -> Result<(), StoreError> {
        self.write(|medium| medium.put(key, value))
    }

    fn destroy(&mut self, key: &Key) -> Result<(), StoreError> {
        self.write(|medium| medium.destroy(key))
    }

    fn keys(&self) -> Result<Vec<Key>, StoreError> {
        self.medium.borrow().keys()
    }

    fn settle(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}

#[test]
fn a_deletion_that_breaks_off_again_and_again_comes_to_its_end_by_itself() {
    let world = World::new(11);
    let begun = voted(&world, 1);
    let given = message(&world, "A", &world.finish("A"));
    let medium = Rc::new(RefCell::new(begun.into_store()));
    let start = |seed| Tablet::open_with(Dying { medium: Rc::clone(&medium), left: 1 }, rng(seed));
    assert!(matches!(start(12).unwrap().take(&given), Err(TabletError::Store(_))));
    // From here on nobody gives the statement again: it is there.
    let failures = (13..60).take_while(|seed| start(*seed).is_err()).count();
    assert!(failures >= 2, "{failures} starts died in the middle");
    let tablet = Tablet::open_with(medium.borrow().clone(), rng(60)).unwrap();
    only_the_word_is_left(&tablet, "in the end");
}
