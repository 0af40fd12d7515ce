//! Everything that does not belong is refused, waits or is held, each with its own word, over real HTTP.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use homphieu_server::domain::person::Role;
use homphieu_tests::device::{Device, item};
use homphieu_tests::office::{ORGANISER, Office, unit};
use homphieu_tests::server::{Answer, Server, post, request};
use sync_core::cbor;
use sync_core::cose::{SecretKey, Signed};
use sync_core::device::{Certificate, Scope, device_id};
use sync_core::enrol::{EnrolRequest, EnrolToken};
use sync_core::envelope::{Chain, Envelope};
use sync_core::id::{DeviceId, PackageHash, UnitCode};
use sync_core::message::{Item, ItemKind, Message, Outcome, Request};
use sync_core::package::Mode;
use sync_core::receipt::{Holdings, Receipt};
use sync_core::survey::HoldReason;

fn begun() -> (Office, Server, Device) {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let device = Device::enrol(&office, &server, &["A"]);
    (office, server, device)
}

fn held_reasons(office: &Office, code: &str) -> Vec<Vec<HoldReason>> {
    let (_, standings) = office.on_centre(async |centre| centre.standings(&office.round).await.unwrap());
    let standing = standings.into_iter().find(|s| s.unit == unit(code)).unwrap();
    standing.survey.held.into_values().map(|reasons| reasons.into_iter().collect()).collect()
}

fn stored(office: &Office, code: &str) -> usize {
    let (_, standings) = office.on_centre(async |centre| centre.standings(&office.round).await.unwrap());
    standings.into_iter().find(|s| s.unit == unit(code)).unwrap().facts.envelopes.len()
}

#[test]
fn another_package_unit_version_or_device_is_refused_by_name() {
    let (office, server, device) = begun();
    let refusal = |answer: Answer| {
        assert_eq!(answer.kind, "application/problem+json");
        (answer.status, answer.code())
    };
    let foreign = Message::new(PackageHash([9; 32]), unit("A"));
    assert_eq!(refusal(device.send(&server, &foreign)), (409, "other_package".to_owned()));
    let nowhere = Message::new(device.package.hash(), UnitCode::new("Z9").unwrap());
    assert_eq!(refusal(device.send(&server, &nowhere)), (404, "unknown_unit".to_owned()));
    let mut newer = cbor::encode(&device.message("A"));
    newer[1] = 0x02;
    let request = Request { device: device.id, nonce: [0; 8], certificate: None, message: newer };
    let body = Signed::sign(request, &device.key).into_bytes();
    assert_eq!(refusal(post(&server.address, "/api/v1/sync", &body)), (400, "unknown_version".to_owned()));
    let stranger = SecretKey::from_seed(&[5; 32]);
    let unknown = Request {
        device: device_id(&stranger.public(), &[1; 32]),
        nonce: [0; 8],
        certificate: Some(device.certificate.clone()),
        message: cbor::encode(&device.message("A")),
    };
    let body = Signed::sign(unknown, &stranger).into_bytes();
    assert_eq!(refusal(post(&server.address, "/api/v1/sync", &body)), (403, "unknown_device".to_owned()));
    let pretender = Request {
        device: device.id,
        nonce: [0; 8],
        certificate: None,
        message: cbor::encode(&device.message("A")),
    };
    let body = Signed::sign(pretender, &stranger).into_bytes();
    assert_eq!(refusal(post(&server.address, "/api/v1/sync", &body)), (401, "bad_signature".to_owned()));
    assert_eq!(stored(&office, "A"), 0, "refusals change nothing");
}

#[test]
fn a_training_tablet_is_turned_away_by_an_official_round() {
    let training = Office::with(Mode::Training, true);
    let practice = Server::start(&training.folder());
    let device = Device::enrol(&training, &practice, &["A"]);
    let (_kept, server, _) = begun();
    let (envelope, _) = device.envelope("A", &Chain::default(), 1, true);
    let mut message = device.message("A");
    message.give = vec![item(&envelope)];
    assert_eq!(device.send(&server, &message).code(), "other_package");
    let (_office, server, official) = begun();
    let answer = official.give(&server, "A", vec![item(&envelope)]);
    assert_eq!(answer.outcomes, [(0, Outcome::OtherPackage)], "not inside a good message either");
}

#[test]
fn every_other_form_of_a_request_is_malformed() {
    let (_office, server, device) = begun();
    let good = device.request(&device.message("A"), None);
    let code = |body: &[u8]| {
        let answer = post(&server.address, "/api/v1/sync", body);
        (answer.status, answer.code())
    };
    let malformed = (400, "malformed".to_owned());
    assert_eq!(code(b""), malformed);
    assert_eq!(code(&good[..good.len() - 1]), malformed);
    assert_eq!(code(&[&good[..], &[0]].concat()), malformed, "nothing may follow");
    assert_eq!(code(&good[1..]), malformed, "without the tag");
    let mut longer_head = good.clone();
    longer_head.splice(1..2, [0x98, 0x04]);
    assert_eq!(code(&longer_head), malformed, "the same object in another encoding");
    let mut header = good.clone();
    let at = header.iter().position(|b| *b == 0xa0).unwrap();
    header.splice(at..=at, [0xa1, 0x04, 0x41, 0x00]);
    assert_eq!(code(&header), malformed, "an unprotected header");
    let (status, too_long) = code(&vec![0xd2; 400 * 1024]);
    assert_eq!((status, too_long.as_str()), (413, "too_long"));
    let flipped: Vec<(u16, String)> = (0..good.len())
        .map(|at| {
            let mut bad = good.clone();
            bad[at] ^= 1;
            code(&bad)
        })
        .collect();
    assert!(
        flipped.iter().all(|(status, code)| (400..500).contains(status) && !code.is_empty()),
        "{flipped:?}"
    );
    assert_eq!(post(&server.address, "/api/v1/sync", &good).status, 200, "the server is well");
}

#[test]
fn items_are_judged_one_by_one_and_a_bad_one_blocks_nothing() {
    let (office, server, device) = begun();
    let (good, _) = device.envelope("A", &Chain::default(), 1, true);
    let mut bad_signature = item(&good);
    let last = bad_signature.bytes.len() - 1;
    bad_signature.bytes[last] ^= 1;
    let other_unit = Device::enrol(&office, &server, &["S"]).envelope("S", &Chain::default(), 2, true).0;
    let stranger = Device { key: SecretKey::from_seed(&[6; 32]), id: DeviceId([6; 16]), ..device.copy() };
    let (unknown, _) = stranger.envelope("A", &Chain::default(), 3, true);
    let mut newer: Vec<u8> = good.bytes().to_vec();
    let version = newer.windows(2).position(|w| w == [0x8a, 0x01]).unwrap();
    newer[version + 1] = 2;
    let answer = device.give(
        &server,
        "A",
        vec![
            bad_signature,
            Item::new(ItemKind::Envelope, b"junk".to_vec()),
            item(&other_unit),
            item(&unknown),
            Item::new(ItemKind::Envelope, newer),
            Item::new(ItemKind::RecordChange, vec![0x80]),
            item(&good),
        ],
    );
    assert_eq!(
        answer.outcomes,
        [
            (0, Outcome::BadSignature),
            (1, Outcome::Malformed),
            (2, Outcome::OtherUnit),
            (3, Outcome::WaitsForCertificate),
            (4, Outcome::UnknownVersion),
            (5, Outcome::Malformed),
        ]
    );
    assert_eq!(answer.have.unwrap().envelopes, [good.envelope_id()]);
    let receipt = answer.give.iter().find(|item| item.kind == ItemKind::Receipt).unwrap();
    let receipt = Signed::<Receipt>::open(&receipt.bytes, &device.package.value().centre.sign).unwrap();
    assert_eq!(
        receipt.value().envelopes,
        [good.envelope_id()],
        "a receipt for what is stored, and nothing else"
    );
    assert_eq!(stored(&office, "A"), 1);
}

#[test]
fn the_same_envelope_by_many_ways_is_one_and_a_replayed_request_is_success() {
    let (office, server, device) = begun();
    let (envelope, _) = device.envelope("A", &Chain::default(), 1, true);
    let mut message = device.message("A");
    message.give = vec![item(&envelope), item(&envelope)];
    let body = device.request(&message, None);
    for _ in 0..3 {
        let answer = post(&server.address, "/api/v1/sync", &body);
        let answer: Message = cbor::decode(&answer.body).unwrap();
        assert!(answer.outcomes.is_empty(), "already here is success");
        assert_eq!(answer.have.unwrap().envelopes, [envelope.envelope_id()]);
    }
    let courier = Device::enrol(&office, &server, &[]);
    let answer = courier.give(&server, "A", vec![item(&envelope)]);
    assert!(answer.outcomes.is_empty());
    assert_eq!(stored(&office, "A"), 1);
    let signed = post(&server.address, "/api/v1/holdings", &courier.request(&courier.message("A"), None));
    let signed = Signed::<Holdings>::open(&signed.body, &device.package.value().centre.sign).unwrap();
    assert_eq!(signed.value().envelopes, [envelope.envelope_id()], "the signed list says the same");
}

#[test]
fn an_author_the_centre_forgot_comes_back_with_its_certificate() {
    let (office, server, device) = begun();
    let (envelope, _) = device.envelope("A", &Chain::default(), 1, true);
    // A certificate that the centre signed and a restored backup does not have.
    let key = SecretKey::from_seed(&[7; 32]);
    let seed: [u8; 64] = std::fs::read(office.folder().join("centre.key")).unwrap().try_into().unwrap();
    let centre = SecretKey::from_seed(seed.first_chunk().unwrap());
    let certificate = Certificate {
        package: device.package.hash(),
        sign: key.public(),
        seal: [8; 32],
        scope: Scope::Units(vec![unit("A")]),
        label: "Máy cũ".to_owned(),
    };
    let id = certificate.device();
    let certificate = Signed::sign(certificate, &centre);
    let forgotten = Device { key, id, certificate: certificate.bytes().to_vec(), ..device.copy() };
    let (lost, _) = forgotten.envelope("A", &Chain::default(), 2, true);
    let answer = device.give(&server, "A", vec![item(&envelope), item(&lost)]);
    assert_eq!(answer.outcomes, [(1, Outcome::WaitsForCertificate)]);
    let answer =
        device.give(&server, "A", vec![item(&lost), Item::new(ItemKind::Certificate, certificate.bytes())]);
    assert!(answer.outcomes.is_empty());
    let mut message = forgotten.message("A");
    message.give = vec![item(&lost)];
    let answer = post(
        &server.address,
        "/api/v1/sync",
        &forgotten.request(&message, Some(forgotten.certificate.clone())),
    );
    assert_eq!(answer.status, 200);
    assert_eq!(stored(&office, "A"), 2);
}

#[test]
fn what_is_well_formed_but_doubtful_is_kept_and_held_with_its_reason() {
    let (office, server, device) = begun();
    let reasons = |code: &str| held_reasons(&office, code).concat();
    let (first, chain) = device.envelope("A", &Chain::default(), 1, false);
    let (twin, _) = device.envelope("A", &Chain::default(), 2, false);
    device.give(&server, "A", vec![item(&first), item(&twin)]);
    assert_eq!(reasons("A"), [HoldReason::ClonedTablet, HoldReason::ClonedTablet]);

    let foreign = Device::enrol(&office, &server, &["A"]);
    let mut other_sheet = foreign.copy();
    if let Some(sheet) = &mut other_sheet.sheet {
        sheet.officials[0].name = "Ai đó".to_owned();
    }
    let (unknown_sheet, _) = other_sheet.envelope("A", &Chain::default(), 3, true);
    foreign.give(&server, "A", vec![item(&unknown_sheet)]);
    assert!(reasons("A").contains(&HoldReason::UnknownSheet));

    let out_of_scope = Device::enrol(&office, &server, &["S"]);
    let mut wrong_unit = out_of_scope.copy();
    wrong_unit.sheet.clone_from(&device.sheet);
    let (envelope, _) = wrong_unit.envelope("A", &Chain::default(), 4, true);
    out_of_scope.give(&server, "A", vec![item(&envelope)]);
    assert!(reasons("A").contains(&HoldReason::OutOfScope));

    let revoked = Device::enrol(&office, &server, &["A"]);
    let (before, after) = revoked.envelope("A", &Chain::default(), 5, false);
    revoked.give(&server, "A", vec![item(&before)]);
    office.on_centre(async |centre| centre.revoke(&office.round, &revoked.id, "mất máy").await.unwrap());
    let (later, _) = revoked.envelope("A", &after, 6, true);
    let answer = revoked.give(&server, "A", vec![item(&later)]);
    assert!(answer.outcomes.is_empty(), "a revoked device's envelopes are kept");
    assert!(answer.give.iter().any(|item| item.kind == ItemKind::Revocation), "and it learns of it");
    let found = reasons("A");
    assert_eq!(found.iter().filter(|r| **r == HoldReason::RevokedDevice).count(), 2, "earlier ones too");

    office.on_centre(async |centre| centre.close_round(&office.round).await.unwrap());
    let (late, _) = device.envelope("A", &chain, 7, true);
    device.give(&server, "A", vec![item(&late)]);
    assert!(reasons("A").contains(&HoldReason::Late));
    assert_eq!(stored(&office, "A"), 7, "nothing was thrown away");
    office.on_centre(async |centre| centre.open_round(&office.round).await.unwrap());
    assert!(!reasons("A").contains(&HoldReason::Late), "reasons are derived when read");
}

#[test]
fn one_device_cannot_fill_the_centre() {
    let (office, server, device) = begun();
    let mut fill = 0_u8;
    let mut refused = 0;
    for round in 0..6 {
        // Each time all twins of one number: a device that signs whatever it likes.
        let twins: Vec<Item> = (0..100)
            .map(|i| {
                fill = fill.wrapping_add(1);
                let chain = Chain { number: round * 100 + i, ..Chain::default() };
                let chain = Chain {
                    last: (chain.number > 0).then_some(sync_core::id::EnvelopeId([fill; 32])),
                    ..chain
                };
                item(&device.envelope("A", &Chain { number: chain.number % 500, ..chain }, fill, true).0)
            })
            .filter(|item| sync_core::cose::Unverified::<Envelope>::decode(&item.bytes).is_ok())
            .collect();
        let answer = device.give(&server, "A", twins);
        refused += answer.outcomes.iter().filter(|(_, outcome)| *outcome == Outcome::TooMany).count();
    }
    let held = stored(&office, "A");
    assert!(held <= 512 && refused > 0, "{held} stored, {refused} refused");
}

#[test]
fn a_round_that_is_not_open_takes_nothing() {
    let office = Office::with(Mode::Official, false);
    let server = Server::start(&office.folder());
    let device = Device::enrol(&office, &server, &["A"]);
    let (envelope, _) = device.envelope("A", &Chain::default(), 1, true);
    let mut message = device.message("A");
    message.give = vec![item(&envelope)];
    let answer = device.send(&server, &message);
    assert_eq!((answer.status, answer.code().as_str()), (409, "round_not_open"));
    assert_eq!(stored(&office, "A"), 0);
    office.on_centre(async |centre| centre.open_round(&office.round).await.unwrap());
    device.give(&server, "A", vec![item(&envelope)]);
    assert_eq!(stored(&office, "A"), 1);
}

#[test]
fn a_token_enrols_one_device_which_may_ask_again() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let token = office.token(&["A"], &server.address);
    let parsed = EnrolToken::parse(&token).unwrap();
    let ask = |seed: u8| {
        let key = SecretKey::from_seed(&[seed; 32]);
        let enrol = EnrolRequest { secret: parsed.secret.clone(), sign: key.public(), seal: [seed; 32] };
        post(&server.address, "/api/v1/enrol", Signed::sign(enrol, &key).bytes())
    };
    let first = ask(1);
    assert_eq!(first.status, 200);
    assert_eq!(ask(1).body, first.body, "the answer was lost; the same device asks again");
    let second = ask(2);
    assert_eq!((second.status, second.code().as_str()), (403, "token_spent"));
    assert_eq!(post(&server.address, "/api/v1/enrol", b"x").code(), "malformed");
}

#[test]
fn the_office_signs_in_and_every_refusal_is_a_problem() {
    let (office, server, _) = begun();
    office.hire("quan", &[Role::Administrator], |_| ());
    let bearer = office.bearer(ORGANISER);
    let base = format!("{}/api/v1/rounds", server.address);
    let round = format!("{base}/{}", office.round.uuid());
    let token = bearer.strip_prefix("Bearer ").unwrap();
    for path in ["", "/units", "/holds", "/results", "/results.csv", "/bundle", "/devices"] {
        let url = format!("{round}{path}");
        for headers in [vec![], vec![("authorization", "Bearer x")], vec![("authorization", token)]] {
            let answer = request("GET", &url, &headers, b"");
            assert_eq!((answer.status, answer.code().as_str()), (401, "sign_in"), "{url}");
            assert_eq!(answer.kind, "application/problem+json");
        }
    }
    let get = |url: &str| request("GET", url, &[("authorization", &bearer)], b"");
    assert_eq!(get(&base).json()["items"][0]["state"], "open");
    assert_eq!(get(&format!("{round}/results")).code(), "not_published");
    assert_eq!(get(&format!("{base}/{}", uuid_of(9))).code(), "unknown_round");
    assert_eq!(get(&format!("{base}/x")).code(), "no_route");
    assert_eq!(get(&format!("{base}?limit=0")).code(), "query");
    assert_eq!(get(&format!("{base}?more=1")).code(), "query");
    assert_eq!(get(&format!("{}/nothing", server.address)).code(), "no_route");
    let answer = request("DELETE", &round, &[("authorization", &bearer)], b"");
    assert_eq!((answer.status, answer.code().as_str()), (405, "method"));
    let answer =
        request("POST", &format!("{}/api/v1/sync", server.address), &[("content-type", "text/plain")], b"x");
    assert_eq!((answer.status, answer.code().as_str()), (415, "media_type"));
    let devices = format!("{round}/devices");
    let bearer = office.bearer("quan");
    for body in [&b"{"[..], b"{}", b"{\"label\":\"x\",\"units\":[],\"address\":\"y\",\"more\":1}"] {
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let answer = request("POST", &devices, &headers, body);
        assert!((400..500).contains(&answer.status) && !answer.code().is_empty(), "{answer:?}");
    }
}

fn uuid_of(byte: u8) -> String {
    sync_core::id::RoundId([byte; 16]).uuid().to_string()
}
