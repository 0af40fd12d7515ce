//! Tablets of a team that notes, and a courier between them.

use super::{World, rng, unit};
use client_ffi::store::MemoryStore;
use client_ffi::{Acting, Tablet};
use sync_core::message::{Item, ItemKind, Message};

pub type Memory = Tablet<MemoryStore, rand_chacha::ChaCha20Rng>;

pub fn acts(tablet: &mut Memory, name: &str) -> Acting {
    let a = unit("A");
    let person = tablet.join(&a, name).unwrap();
    if tablet.set_pin(&a, &person, None, "4711").is_err() {
        return tablet.act_as(&a, &person, "4711").unwrap();
    }
    tablet.act_as(&a, &person, "4711").unwrap()
}

pub fn courier(world: &World) -> Memory {
    let mut courier = Tablet::open_with(MemoryStore::default(), rng(77)).unwrap();
    courier.enrol(&world.token(b'C'), world).unwrap();
    courier
}

/// A tablet that noted something about people, with names.
pub fn noted(world: &World, seed: u64) -> (Memory, Acting) {
    let mut tablet = world.tablet(MemoryStore::default(), seed);
    let acting = acts(&mut tablet, "Giàng Seo Phử");
    tablet.check_in(&acting, 1, true).unwrap();
    tablet.incident(&acting, "Bà Giàng Thị Mỷ ngất", Some(1)).unwrap();
    (tablet, acting)
}

pub fn same_record(world: &World, tablets: &[&Memory]) {
    let a = unit("A");
    for tablet in tablets {
        assert_eq!(tablet.record(&a).unwrap().heads(), world.record(&a).heads());
    }
}

pub fn items_of(messages: &[Message], kind: ItemKind) -> Vec<Item> {
    messages.iter().flat_map(|message| &message.give).filter(|item| item.kind == kind).cloned().collect()
}
