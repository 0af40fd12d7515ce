//! Limits: what is exactly as large as a format allows is read, one more is refused, and `FORMAT.md` says the same.

use crate::common::reading::Read::{self, Fine, Range, TooLong};
use crate::common::reading::{read, reads};
use crate::common::{World, attended_unit, permit_unit};
use sync_core::ballot::{Record, record_len};
use sync_core::cbor::{self, Format, FormatError, Reader, Writer};
use sync_core::ceremony::KeyStatement;
use sync_core::cose::{COSE_OVERHEAD, SecretKey, Signed, SignedKind, Unverified};
use sync_core::count::{Line, Pool, RoundResult, SIGNS_MIN, UnitResult};
use sync_core::device::{Certificate, Revocation};
use sync_core::enrol::{EnrolRequest, EnrolToken, Enrolment, TokenSecret};
use sync_core::envelope::{BALLOTS_MAX_BYTES, Batch, Envelope, NUMBER_MAX, batch_capacity};
use sync_core::guidance::{GUIDANCE_TEXT_MAX, Guidance};
use sync_core::id::{Commitment, DeviceId, EnvelopeId, ObjectId, PackageHash, SheetHash, UnitCode};
use sync_core::message::{
    Have, ITEMS_MAX, Item, ItemKind, MESSAGE_MAX, Message, Outcome, RecordHead, Request,
};
use sync_core::open_box::{BOX_MAX, OpenBox};
use sync_core::order::{DECISIONS_MAX, ORDERS_MAX, OpeningOrder, Ruling, TABLETS_MAX, UnitOrder};
use sync_core::package::{
    Level, OFFICIALS_MAX, Official, Package, Sheet, SheetReplacement, TEXT_MAX, UNITS_MAX, VOTERS_MAX,
};
use sync_core::parcel::{Acknowledgement, OrphanBox, PARCEL_MAX};
use sync_core::receipt::{Holdings, IDS_MAX, Receipt, RoundStatement};
use sync_core::replica::{WAITING_MAX, WAITING_MAX_BYTES};

fn world() -> World {
    World::new(70, &[permit_unit(5, 2), attended_unit(4, 1)])
}

fn number(number: usize) -> u32 {
    u32::try_from(number).expect("a small number")
}

/// Ids that ascend.
fn ids<const LEN: usize>(count: usize) -> impl Iterator<Item = [u8; LEN]> {
    (0..count).map(|i| {
        let mut id = [0; LEN];
        id[..8].copy_from_slice(&(i as u64).to_be_bytes());
        id
    })
}

#[test]
fn the_table_of_limits_says_what_holds() {
    let format = include_str!("../FORMAT.md");
    let says = |row: String| assert!(format.contains(&row), "FORMAT.md does not say {row}");
    let both = |what: &str, limits: &[usize]| {
        assert!(limits.iter().all(|limit| *limit == limits[0]), "{what}: {limits:?}");
        says(format!("| {what} | {} bytes |", limits[0]));
    };
    both("package, sheet", &[Package::MAX_BYTES, Sheet::MAX_BYTES]);
    both("sheet replacement, revocation", &[SheetReplacement::MAX_BYTES, Revocation::MAX_BYTES]);
    both("certificate", &[Certificate::MAX_BYTES]);
    both("envelope", &[Envelope::MAX_BYTES]);
    both(
        "receipt, holdings, statement",
        &[Receipt::MAX_BYTES, Holdings::MAX_BYTES, RoundStatement::MAX_BYTES],
    );
    both("guidance", &[Guidance::MAX_BYTES]);
    says(format!("| one text of guidance | {GUIDANCE_TEXT_MAX} characters |"));
    both("enrolment request, key statement", &[EnrolRequest::MAX_BYTES, KeyStatement::MAX_BYTES]);
    both("enrolment answer", &[Enrolment::MAX_BYTES]);
    both("message, one item", &[Message::MAX_BYTES, MESSAGE_MAX]);
    both("request", &[Request::MAX_BYTES]);
    both("open box", &[OpenBox::MAX_BYTES]);
    both("opening order, result", &[OpeningOrder::MAX_BYTES, RoundResult::MAX_BYTES]);
    both("COSE around a payload", &[COSE_OVERHEAD]);
    both("records of an envelope", &[BALLOTS_MAX_BYTES]);
    both("any other text", &[TEXT_MAX]);
    both("orphaned box", &[OrphanBox::MAX_BYTES]);
    both("acknowledgement", &[Acknowledgement::MAX_BYTES]);
    both("parcel", &[PARCEL_MAX]);
    says(format!("| record | {}..{} bytes |", record_len(1), record_len(OFFICIALS_MAX)));
    says(format!("| waiting per unit | {WAITING_MAX} items, {WAITING_MAX_BYTES} bytes |"));
    for (what, limit) in [
        ("units of a round", format!("1..{UNITS_MAX}")),
        ("officials of a sheet", format!("1..{OFFICIALS_MAX}")),
        ("voters of a unit", format!("1..{VOTERS_MAX}")),
        ("ids in one list", IDS_MAX.to_string()),
        ("items, outcomes, record heads of a message", format!("{ITEMS_MAX} each")),
        ("records of an open box", BOX_MAX.to_string()),
        ("orders of a round", ORDERS_MAX.to_string()),
        ("decisions, left out, per unit and order", format!("{DECISIONS_MAX} each")),
        ("tablets, revoked, papers per unit and order", format!("{TABLETS_MAX} each")),
        ("valid ballots for signs", format!("from {SIGNS_MIN}")),
    ] {
        says(format!("| {what} | {limit} |"));
    }
}

/// A signed kind whose values can be as long as it allows.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Blob(Vec<u8>);

impl SignedKind for Blob {
    const DOMAIN: &'static str = "test/blob";
}

impl Format for Blob {
    const WHAT: &'static str = "blob";
    const MAX_BYTES: usize = 70_000;

    fn write(&self, w: &mut Writer) {
        w.bytes(&self.0);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        Ok(Self(r.bytes(Self::MAX_BYTES, Self::WHAT)?.to_vec()))
    }
}

#[test]
fn an_object_of_exactly_the_longest_size_is_read_and_one_byte_more_is_not() {
    let key = SecretKey::from_seed(&[1; 32]);
    // The head of so long a string takes five bytes.
    for (len, fits) in [(Blob::MAX_BYTES - 5, true), (Blob::MAX_BYTES - 4, false)] {
        let blob = Blob(vec![7; len]);
        assert_eq!(read(&blob), if fits { Fine } else { TooLong });
        let signed = Signed::sign(blob.clone(), &key).into_bytes();
        assert_eq!(signed.len(), len + 5 + COSE_OVERHEAD, "this is the most that a signature adds");
        match Unverified::<Blob>::decode(&signed) {
            Ok(read) => assert!(fits && *read.claim() == blob),
            Err(error) => assert!(!fits && matches!(error, FormatError::TooLong { .. }), "{error}"),
        }
    }
}

#[test]
fn texts_and_codes_end_where_the_format_says() {
    let world = world();
    let package = world.archive.package.value();
    let title = |package: &mut Package, len| package.title = "t".repeat(len);
    assert_eq!(reads(package, [0, TEXT_MAX, TEXT_MAX + 1], title), [Fine, Fine, TooLong]);
    let mut control = package.clone();
    control.title = "Đợt\n1".to_owned();
    assert_eq!(read(&control), Range);
    for (len, fits) in [(1, true), (32, true), (33, false), (0, false)] {
        assert_eq!(UnitCode::new(&"x".repeat(len)).is_ok(), fits, "{len}");
    }
}

#[test]
fn a_package_has_two_to_nine_levels_and_up_to_a_thousand_units() {
    let world = world();
    let package = world.archive.package.value();
    let levels = |package: &mut Package, count| {
        let level = |i| Level { code: format!("l{i}"), vi: String::new(), en: String::new() };
        package.levels = (0..count).map(level).collect();
    };
    assert_eq!(reads(package, [0, 1, 2, 9, 10], levels), [Range, Range, Fine, Fine, TooLong]);
    let units = |package: &mut Package, count| {
        let unit = |i| {
            let code = UnitCode::new(&format!("U{i:05}")).expect("a code");
            sync_core::package::UnitEntry { code, ..package.units[0].clone() }
        };
        package.units = (0..count).map(unit).collect();
    };
    assert_eq!(reads(package, [1, UNITS_MAX, UNITS_MAX + 1], units), [Fine, Fine, TooLong]);
    assert_eq!(reads(package, [0], units), [Read::Unsorted]);
}

#[test]
fn rules_and_sharing_keep_their_bounds() {
    let world = world();
    let package = world.archive.package.value();
    let batch_min = |package: &mut Package, limit| package.rules.batch_min = number(limit);
    assert_eq!(reads(package, [0, 1, 1_000, 1_001], batch_min), [Range, Fine, Fine, Range]);
    let min_publish = |package: &mut Package, limit| package.rules.min_publish = number(limit);
    assert_eq!(reads(package, [0, 1, 2, 1_000, 1_001], min_publish), [Range, Range, Fine, Fine, Range]);
    for (threshold, trustees, expected) in
        [(1, 3, Range), (2, 3, Fine), (3, 3, Range), (14, 15, Fine), (2, 16, Range)]
    {
        let mut changed = package.clone();
        (changed.keys.threshold, changed.keys.trustees) = (threshold, trustees);
        assert_eq!(read(&changed), expected, "{threshold} of {trustees}");
    }
}

#[test]
fn a_sheet_keeps_its_bounds_and_names_every_voter_or_none() {
    let world = world();
    let sheet = world.sheet(0);
    let officials = |sheet: &mut Sheet, count| {
        let official = |i| Official { code: format!("o{i}"), name: String::new(), post: String::new() };
        sheet.officials = (0..count).map(official).collect();
    };
    assert_eq!(
        reads(sheet, [0, 1, OFFICIALS_MAX, OFFICIALS_MAX + 1], officials),
        [Range, Fine, Fine, TooLong]
    );
    let voters = |sheet: &mut Sheet, count| sheet.voters = number(count);
    let most = VOTERS_MAX as usize;
    assert_eq!(reads(sheet, [0, 1, most, most + 1], voters), [Range, Fine, Fine, Range]);
    let names = |sheet: &mut Sheet, count| sheet.voter_names = vec!["Vàng".to_owned(); count];
    assert_eq!(reads(sheet, [0, 1, 4, 5, 6], names), [Fine, Range, Range, Fine, Range]);
    let team = |sheet: &mut Sheet, count| sheet.team = vec!["Lò".to_owned(); count];
    assert_eq!(reads(sheet, [0, 100, 101], team), [Fine, Fine, TooLong]);
    let permits = |sheet: &mut Sheet, count| sheet.permits = ids(count).map(Commitment).collect();
    assert_eq!(reads(sheet, [0, 5_250, 5_251], permits), [Fine, Fine, TooLong]);
    let long_names = |sheet: &mut Sheet, len| {
        sheet.voters = 4_000;
        sheet.voter_names = vec!["x".repeat(len); 4_000];
    };
    assert_eq!(reads(sheet, [50, 100], long_names), [Fine, TooLong], "the sheet as a whole has a bound too");
}

#[test]
fn a_replacement_is_numbered_from_one_to_a_hundred() {
    let replacement =
        world().replace_sheet(0, sync_core::package::PermitChange::Kept, |sheet| sheet.team.clear());
    let numbered = |replacement: &mut SheetReplacement, value| replacement.number = number(value);
    assert_eq!(reads(replacement.value(), [0, 1, 100, 101], numbered), [Range, Fine, Fine, Range]);
}

/// Records of this length that ascend.
fn records(count: usize, len: usize) -> Vec<Record> {
    let bytes = ids::<8>(count).map(|id| [&id[..], &vec![0; len - 8]].concat());
    bytes.map(|bytes| Record::from_slice(&bytes).expect("long enough")).collect()
}

#[test]
fn an_envelope_is_full_at_its_last_byte() {
    // Records of 128 bytes fill it exactly.
    let len = record_len(53);
    assert_eq!((len, batch_capacity(len)), (128, 1_024));
    assert_eq!(Batch::new(len, records(1_024, len)).map(|batch| batch.len()), Ok(1_024));
    assert!(matches!(Batch::new(len, records(1_025, len)), Err(FormatError::TooLong { .. })));
    for officials in [1, 3, OFFICIALS_MAX] {
        let len = record_len(officials);
        let full = Batch::new(len, records(batch_capacity(len), len)).expect("what fits");
        assert_eq!((full.record_len(), full.is_empty()), (len, false));
        assert!(Batch::new(len, records(batch_capacity(len) + 1, len)).is_err());
    }
    for len in [record_len(0), record_len(OFFICIALS_MAX + 1)] {
        assert!(matches!(Batch::new(len, Vec::new()), Err(FormatError::Range { .. })), "{len}");
    }
    assert_eq!(batch_capacity(0), BALLOTS_MAX_BYTES, "asked for nonsense it still answers");
}

#[test]
fn an_envelope_has_a_number_from_one_to_the_last() {
    let mut world = world();
    let mut tablet = world.enrol(0);
    let mut envelope = world.send(&mut tablet, Vec::new(), true).value().clone();
    assert_eq!(read(&envelope), Fine);
    envelope.previous = Some(EnvelopeId([1; 32]));
    let numbered = |envelope: &mut Envelope, value| envelope.number = number(value);
    let last = NUMBER_MAX as usize;
    assert_eq!(reads(&envelope, [0, 1, 2, last, last + 1], numbered), [Range, Range, Fine, Fine, Range]);
}

#[test]
fn lists_of_ids_hold_as_many_as_a_unit_may_have_envelopes() {
    let world = world();
    let (package, unit) = (world.package(), world.units[0].code.clone());
    let receipt = Receipt { package, unit: unit.clone(), envelopes: Vec::new() };
    let named = |receipt: &mut Receipt, count| receipt.envelopes = ids(count).map(EnvelopeId).collect();
    assert_eq!(reads(&receipt, [0, IDS_MAX, IDS_MAX + 1], named), [Fine, Fine, TooLong]);
}

#[test]
fn a_message_keeps_the_bounds_of_each_list_and_of_the_whole() {
    let world = world();
    let message = Message::new(world.package(), world.units[0].code.clone());
    let bounds = [ITEMS_MAX, ITEMS_MAX + 1];
    let items = |message: &mut Message, count| message.give = vec![Item::new(ItemKind::Sheet, []); count];
    assert_eq!(reads(&message, bounds, items), [Fine, TooLong]);
    let outcomes = |message: &mut Message, count| {
        message.outcomes = (0..number(count)).map(|at| (at, Outcome::TooMany)).collect();
    };
    assert_eq!(reads(&message, bounds, outcomes), [Fine, TooLong]);
    let heads = |message: &mut Message, count| {
        let records = ids(count).map(|actor| RecordHead { actor, sequence: 1, hash: [0; 8] }).collect();
        message.have = Some(Have { envelopes: Vec::new(), records });
    };
    assert_eq!(reads(&message, bounds, heads), [Fine, TooLong]);
    let empty = cbor::encode(&message).len();
    // An item's own head takes two bytes, that of its long string five.
    let long = |message: &mut Message, len| message.give = vec![Item::new(ItemKind::Sheet, vec![0; len])];
    let room = MESSAGE_MAX - empty - 7;
    assert_eq!(reads(&message, [room, room + 1], long), [Fine, TooLong]);
}

#[test]
fn a_request_carries_a_whole_message_and_a_whole_certificate() {
    let request =
        Request { device: DeviceId([1; 16]), nonce: [2; 8], certificate: None, message: Vec::new() };
    let message = |request: &mut Request, len| request.message = vec![0; len];
    assert_eq!(reads(&request, [MESSAGE_MAX, MESSAGE_MAX + 1], message), [Fine, TooLong]);
    let longest = Certificate::MAX_BYTES + COSE_OVERHEAD;
    let certificate = |request: &mut Request, len| request.certificate = Some(vec![0; len]);
    assert_eq!(reads(&request, [longest, longest + 1], certificate), [Fine, TooLong]);
    let both = Request { certificate: Some(vec![0; longest]), message: vec![0; MESSAGE_MAX], ..request };
    assert_eq!(read(&both), Fine);
}

#[test]
fn an_enrolment_carries_the_longest_package_and_certificate_and_four_items_a_unit() {
    let enrolment = Enrolment { package: Vec::new(), certificate: Vec::new(), items: Vec::new() };
    let longest = Package::MAX_BYTES + COSE_OVERHEAD;
    let package = |enrolment: &mut Enrolment, len| enrolment.package = vec![0; len];
    assert_eq!(reads(&enrolment, [longest, longest + 1], package), [Fine, TooLong]);
    let longest = Certificate::MAX_BYTES + COSE_OVERHEAD;
    let certificate = |enrolment: &mut Enrolment, len| enrolment.certificate = vec![0; len];
    assert_eq!(reads(&enrolment, [longest, longest + 1], certificate), [Fine, TooLong]);
    let items = |enrolment: &mut Enrolment, count| {
        enrolment.items = vec![Item::new(ItemKind::Sheet, []); count];
    };
    assert_eq!(reads(&enrolment, [4_000, 4_001], items), [Fine, TooLong]);
    for kind in ItemKind::ALL {
        let taken = matches!(kind, ItemKind::Sheet | ItemKind::SheetReplacement);
        let items = vec![Item::new(kind, [])];
        assert_eq!(
            read(&Enrolment { items, ..enrolment.clone() }),
            if taken { Fine } else { Range },
            "{kind:?}"
        );
    }
}

#[test]
fn a_token_has_an_address_of_one_to_six_hundred_bytes() {
    let text = |address: String| {
        let token = EnrolToken { centre: world().centre.public(), secret: TokenSecret([1; 16]), address };
        token.to_text()
    };
    for (len, fits) in [(0, false), (1, true), (TEXT_MAX, true), (TEXT_MAX + 1, false)] {
        assert_eq!(EnrolToken::parse(&text("a".repeat(len))).is_ok(), fits, "{len}");
    }
    assert!(EnrolToken::parse(&text("http://a\u{7}b".to_owned())).is_err(), "no control characters");
}

#[test]
fn an_order_keeps_the_bounds_of_each_of_its_lists() {
    let mut world = world();
    let order = world.order(&[]).value().clone();
    let change = |order: &mut OpeningOrder, change: &dyn Fn(&mut UnitOrder)| change(&mut order.units[0]);
    let bounds = [TABLETS_MAX, TABLETS_MAX + 1];
    let tablets = |order: &mut OpeningOrder, count| {
        change(order, &|unit| unit.tablets = ids(count).map(DeviceId).collect());
    };
    assert_eq!(reads(&order, bounds, tablets), [Fine, TooLong]);
    let revoked = |order: &mut OpeningOrder, count| {
        change(order, &|unit| unit.revoked = ids(count).map(DeviceId).collect());
    };
    assert_eq!(reads(&order, bounds, revoked), [Fine, TooLong]);
    let papers = |order: &mut OpeningOrder, count| {
        change(order, &|unit| unit.papers = ids(count).map(ObjectId).collect());
    };
    assert_eq!(reads(&order, bounds, papers), [Fine, TooLong]);
    let bounds = [DECISIONS_MAX, DECISIONS_MAX + 1];
    let left_out = |order: &mut OpeningOrder, count| {
        change(order, &|unit| {
            unit.left_out = ids(count).map(|id| (EnvelopeId(id), Default::default())).collect();
        });
    };
    assert_eq!(reads(&order, bounds, left_out), [Fine, TooLong]);
    let decisions = |order: &mut OpeningOrder, count| {
        let decided = |id| crate::common::decision(Ruling::Admit(EnvelopeId(id)));
        change(order, &|unit| unit.decisions = ids(count).map(decided).collect());
    };
    assert_eq!(reads(&order, bounds, decisions), [Fine, TooLong]);
    let mut later = order;
    (later.previous_order, later.previous_result) = (Some(ObjectId([1; 32])), Some(ObjectId([2; 32])));
    let numbered = |order: &mut OpeningOrder, value| order.number = number(value);
    let last = ORDERS_MAX as usize;
    assert_eq!(reads(&later, [0, 1, 2, last, last + 1], numbered), [Range, Range, Fine, Fine, Range]);
}

#[test]
fn a_result_keeps_the_bounds_of_each_of_its_lists() {
    let unit = UnitResult {
        unit: UnitCode::new("U1").expect("a code"),
        sheet: SheetHash([1; 32]),
        valid: 9,
        invalid: Vec::new(),
        facts: Vec::new(),
        stands: false,
        lines: None,
        signs: None,
        papers: None,
    };
    let pool = Pool { units: Vec::new(), valid: 0, levels: Vec::new(), invalid: 0 };
    let result = RoundResult {
        package: PackageHash([2; 32]),
        number: 2,
        order: ObjectId([3; 32]),
        previous: Some(ObjectId([4; 32])),
        units: vec![unit],
        pool: Some(pool),
    };
    let lines = |result: &mut RoundResult, count| {
        result.units[0].lines = Some(vec![Line { levels: vec![1], invalid: 0 }; count]);
    };
    assert_eq!(reads(&result, [OFFICIALS_MAX, OFFICIALS_MAX + 1], lines), [Fine, TooLong]);
    let levels = |result: &mut RoundResult, count| {
        result.units[0].lines = Some(vec![Line { levels: vec![1; count], invalid: 0 }]);
    };
    assert_eq!(reads(&result, [9, 10], levels), [Fine, TooLong]);
    let together = |result: &mut RoundResult, count| {
        result.pool =
            result.pool.take().map(|pool| Pool { levels: vec![u64::from(u32::MAX); count], ..pool });
    };
    assert_eq!(reads(&result, [9, 10], together), [Fine, TooLong]);
    let numbered = |result: &mut RoundResult, value| result.number = number(value);
    let last = ORDERS_MAX as usize;
    assert_eq!(reads(&result, [0, 1, 2, last, last + 1], numbered), [Range, Range, Fine, Fine, Range]);
}

#[test]
fn a_box_takes_ballots_as_long_as_one_official_makes_them_at_least() {
    for (len, fits) in [(record_len(1) - 1, false), (record_len(1), true), (record_len(3), true)] {
        let open_box = OpenBox::new(UnitCode::new("U").expect("a code"), SheetHash([1; 32]), len);
        assert_eq!(read(&open_box) == Fine, fits, "{len}");
    }
}
