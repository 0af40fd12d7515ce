//! Messages as large as they may be: how a large give is cut, and how far an answer is filled, to the byte.

use crate::common::{World, permit_unit};
use sync_core::cbor;
use sync_core::centre::{Admission, Admitted, Certificates};
use sync_core::cose::{PublicKey, Signed};
use sync_core::id::{DeviceId, EnvelopeId, PackageHash};
use sync_core::message::{Have, ITEMS_MAX, Item, ItemKind, MESSAGE_MAX, Message, Outcome, pieces};
use sync_core::receipt::{Holdings, IDS_MAX, Receipt};

fn world() -> World {
    World::new(100, &[permit_unit(12, 2)])
}

fn empty(world: &World) -> Message {
    Message::new(world.package(), world.units[0].code.clone())
}

fn of(len: usize) -> Item {
    Item::new(ItemKind::Envelope, vec![0x55; len])
}

/// How many bytes each message of a cut gives, item by item.
fn cut(first: &Message, lens: &[usize]) -> Vec<Vec<usize>> {
    let messages = pieces(first.clone(), lens.iter().copied().map(of));
    for message in &messages {
        let bytes = cbor::encode(message);
        assert!(bytes.len() <= MESSAGE_MAX);
        assert_eq!(cbor::decode::<Message>(&bytes).as_ref(), Ok(message), "each is accepted on its own");
    }
    messages.iter().map(|message| message.give.iter().map(|item| item.bytes.len()).collect()).collect()
}

/// Room for the bytes of one item beside what a message says already: the item's head and those of growing lists.
fn room(message: &Message) -> usize {
    MESSAGE_MAX - 16 - 8 - cbor::encode(message).len()
}

#[test]
fn a_message_is_filled_to_its_last_byte_and_what_does_not_fit_begins_the_next() {
    let world = world();
    let message = empty(&world);
    let room = room(&message);
    assert_eq!(cut(&message, &[room]), [[room]]);
    assert_eq!(cut(&message, &[100, room - 108]), [[100, room - 108]]);
    assert_eq!(cut(&message, &[100, room - 107]), [[100], [room - 107]]);
    assert_eq!(cut(&message, &[room, 0, 1]), [vec![room], vec![0, 1]]);
    assert_eq!(cut(&message, &[10, room, 20, 30]), [vec![10], vec![room], vec![20, 30]]);
}

#[test]
fn an_item_that_no_message_holds_is_left_out_and_holds_nothing_else_back() {
    let world = world();
    let message = empty(&world);
    let room = room(&message);
    assert_eq!(cut(&message, &[5, room + 1, 6]), [[5, 6]]);
    assert_eq!(cut(&message, &[MESSAGE_MAX * 2]), [[0; 0]]);
}

#[test]
fn what_the_first_message_says_already_takes_its_room_alone() {
    let world = world();
    let whole = room(&empty(&world));
    let mut first = empty(&world);
    let envelopes = (0..1_000_u32).map(|i| {
        let mut id = [0; 32];
        id[..4].copy_from_slice(&i.to_be_bytes());
        EnvelopeId(id)
    });
    first.have = Some(Have { envelopes: envelopes.collect(), records: Vec::new() });
    let less = room(&first);
    assert!(less + 32_000 <= whole);
    assert_eq!(cut(&first, &[less, whole, whole]), [[less], [whole], [whole]]);
    assert_eq!(cut(&first, &[less + 1]), [vec![], vec![less + 1]]);
    let messages = pieces(first.clone(), [of(less), of(1)]);
    assert_eq!((&messages[0].have, &messages[1].have), (&first.have, &None), "it is said once");
}

#[test]
fn a_first_message_without_any_room_still_leaves_and_the_rest_follows() {
    let world = world();
    let whole = room(&empty(&world));
    // Up to the last byte that a message may have, which is beyond what is filled otherwise.
    for more in [0, 1, 2, 16] {
        let mut first = empty(&world);
        first.give = vec![of(whole + more)];
        assert_eq!(cut(&first, &[1, 2]), [vec![whole + more], vec![1, 2]], "{more}");
    }
}

#[test]
fn no_message_has_more_items_than_may_be_read() {
    let world = world();
    let message = empty(&world);
    let sizes = |count: usize| cut(&message, &vec![1; count]).iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(sizes(ITEMS_MAX), [ITEMS_MAX]);
    assert_eq!(sizes(ITEMS_MAX + 1), [ITEMS_MAX, 1]);
}

/// The centre of one world, asked about its first unit.
struct Office {
    world: World,
    package: PackageHash,
    centre: PublicKey,
}

impl Office {
    fn new() -> Self {
        let world = world();
        let (package, centre) = (world.package(), world.centre.public());
        Self { world, package, centre }
    }

    fn admission(&self) -> Admission<'_> {
        Admission {
            package: &self.package,
            unit: &self.world.units[0].code,
            centre: &self.world.archive.package.value().centre,
        }
    }
}

fn holding(envelopes: &[EnvelopeId]) -> Have {
    Have { envelopes: envelopes.to_vec(), records: Vec::new() }
}

struct Nobody;

impl Certificates for Nobody {
    fn key_of(&self, _: &DeviceId) -> Option<PublicKey> {
        None
    }
}

const UNSORTED: [EnvelopeId; 4] =
    [EnvelopeId([3; 32]), EnvelopeId([1; 32]), EnvelopeId([3; 32]), EnvelopeId([2; 32])];
const SORTED: [EnvelopeId; 3] = [EnvelopeId([1; 32]), EnvelopeId([2; 32]), EnvelopeId([3; 32])];

#[test]
fn a_receipt_and_a_list_of_holdings_name_each_envelope_once_and_in_order() {
    let office = Office::new();
    let (unit, key) = (office.world.units[0].code.clone(), &office.world.centre);
    let receipt = office.admission().receipt(&UNSORTED, key).expect("something was stored");
    let receipt = Signed::<Receipt>::open(receipt.bytes(), &office.centre).expect("signed by the centre");
    let envelopes = SORTED.to_vec();
    assert_eq!(*receipt.value(), Receipt { package: office.package, unit: unit.clone(), envelopes });
    assert_eq!(office.admission().receipt(&[], key), None, "nothing was stored, so nothing is confirmed");
    let holdings = office.admission().holdings(&UNSORTED, key);
    let holdings = Signed::<Holdings>::open(holdings.bytes(), &office.centre).expect("signed by the centre");
    let envelopes = SORTED.to_vec();
    assert_eq!(*holdings.value(), Holdings { package: office.package, unit: unit.clone(), envelopes });
    let nothing = office.admission().holdings(&[], key);
    assert_eq!(nothing.value().envelopes, [], "that nothing is held is an answer too");
}

#[test]
fn an_answer_says_what_is_held_gives_the_receipt_and_tells_of_every_item() {
    let office = Office::new();
    let receipt = office.admission().receipt(&SORTED, &office.world.centre);
    let outcomes = vec![(2, Outcome::OtherUnit), (7, Outcome::TooMany)];
    let answer =
        office.admission().answer(holding(&UNSORTED), receipt.as_ref(), None, outcomes.clone()).finish();
    assert_eq!((answer.package, &answer.unit), (office.package, &office.world.units[0].code));
    assert_eq!(answer.have, Some(Have { envelopes: SORTED.to_vec(), records: Vec::new() }));
    let receipt = receipt.expect("something was stored");
    assert_eq!(
        (answer.give, answer.outcomes),
        (vec![Item::new(ItemKind::Receipt, receipt.bytes())], outcomes)
    );
    let many: Vec<EnvelopeId> = (0..=u32::try_from(IDS_MAX).expect("few"))
        .map(|i| {
            let mut id = [0; 32];
            id[..4].copy_from_slice(&i.to_be_bytes());
            EnvelopeId(id)
        })
        .collect();
    let answer = office.admission().answer(holding(&many), None, None, Vec::new()).finish();
    assert_eq!(answer.have.map(|have| have.envelopes), Some(many[..IDS_MAX].to_vec()));
}

#[test]
fn an_answer_takes_what_fits_to_the_last_byte() {
    let office = Office::new();
    let answer = || office.admission().answer(holding(&SORTED), None, None, Vec::new());
    let room = MESSAGE_MAX - 1024 - cbor::encode(&answer().finish()).len();
    assert!(answer().give(of(room - 8)));
    assert!(!answer().give(of(room - 7)));
    let mut two = answer();
    assert!(two.give(of(1_000)));
    assert!(!two.give(of(room - 1_008 - 7)), "the first took its part");
    assert!(two.give(of(room - 1_008 - 8)));
    assert!(!two.give(of(0)), "now it is full");
    assert_eq!(two.finish().give.len(), 2);
}

#[test]
fn what_the_centre_itself_issued_is_no_news_to_it() {
    let office = Office::new();
    let judged = |kind: ItemKind| office.admission().judge(&Item::new(kind, b"anything".as_slice()), &Nobody);
    for kind in [ItemKind::Package, ItemKind::Sheet, ItemKind::SheetReplacement, ItemKind::Revocation] {
        assert!(matches!(judged(kind), Ok(Admitted::Nothing)), "{kind:?}");
    }
    assert!(matches!(judged(ItemKind::Receipt), Ok(Admitted::Nothing)));
    for kind in [ItemKind::RecordChange, ItemKind::SealedRecordChange] {
        assert!(matches!(judged(kind), Err(Outcome::Malformed)), "{kind:?}");
    }
    assert!(matches!(judged(ItemKind::Certificate), Err(Outcome::Malformed)));
}

#[test]
fn a_certificate_that_a_backup_had_lost_comes_back_if_it_is_ours() {
    let mut office = Office::new();
    let tablet = office.world.enrol(0);
    let judged = |bytes: &[u8]| office.admission().judge(&Item::new(ItemKind::Certificate, bytes), &Nobody);
    assert!(
        matches!(judged(tablet.certificate.bytes()), Ok(Admitted::Certificate(back)) if back == tablet.certificate)
    );
    let own = Signed::sign(tablet.certificate.value().clone(), &tablet.key);
    assert!(matches!(judged(own.bytes()), Err(Outcome::BadSignature)));
}
