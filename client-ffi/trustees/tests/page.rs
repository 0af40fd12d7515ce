//! What the page does is what `homphieu keys`, `count` and `verify` do with the same files, and no file makes it panic.

#![expect(clippy::unwrap_used, reason = "a test fails on the spot")]

use homphieu_trustees::{Checked, Code, FINDINGS, Keys, Making, Opener, PARTS, Problem};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use std::collections::BTreeSet;
use sync_core::ballot::{Claim, Form, Marks, Place, seal};
use sync_core::bundle::Bundle;
use sync_core::ceremony::{KeyStatement, try_opening};
use sync_core::cose::{SecretKey, Signed};
use sync_core::count::count;
use sync_core::device::{Certificate, Scope};
use sync_core::envelope::{Batch, Chain, Sealer};
use sync_core::id::{RoundId, UnitCode};
use sync_core::order::{OpeningOrder, UnitOrder};
use sync_core::package::{
    CentreKeys, Mode, Official, Package, Rules, Sheet, UnitEntry, Voting, commitment, default_levels,
};
use sync_core::permit::PermitCode;
use sync_core::secret::{Share, join};
use sync_core::verify::verify;

const ROUND: &str = "0190a5f4-52d1-4c8e-9f6b-3a2b1c0d9e8f";

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

/// A ceremony on the page: the key file, and what stands on paper.
fn made(seed: u64) -> (Vec<u8>, Vec<String>) {
    let mut rng = rng(seed);
    let mut making = Making::of(&format!(" {ROUND}\n"), 2, 3, &mut rng).unwrap();
    let papers: Vec<String> = (1..=3).map(|index| making.reveal(index).unwrap().to_string()).collect();
    for (index, paper) in (1..).zip(&papers) {
        making.take_back(index, &paper.to_lowercase().replace('-', "  ")).unwrap();
    }
    (making.end(&mut rng).unwrap().bytes, papers)
}

fn shares(papers: &[String]) -> Vec<Share> {
    papers.iter().map(|paper| Share::parse(paper).unwrap()).collect()
}

/// A round over a key file of the page: one unit of 30 slips, of which `voters` voted, and one order.
fn bundle(keys: &[u8], voters: usize) -> Bundle {
    let mut rng = rng(77);
    let KeyStatement { round, keys } = KeyStatement::open(keys).unwrap().value().clone();
    let code = UnitCode::new("U1").unwrap();
    let slips: Vec<PermitCode> = (0..30).map(|_| PermitCode::draw(&mut rng)).collect();
    let official =
        |n: usize| Official { code: format!("C{n}"), name: format!("Người {n}"), post: "Phó".into() };
    let mut permits: Vec<_> = slips.iter().map(|slip| commitment(&slip.nullifier(&round, &code))).collect();
    permits.sort_unstable();
    let sheet = Sheet {
        round,
        unit: code.clone(),
        officials: vec![official(1), official(2)],
        voters: 30,
        voter_names: Vec::new(),
        team: Vec::new(),
        permits,
    };
    let centre = SecretKey::from_seed(&[3; 32]);
    let package = Package {
        round,
        mode: Mode::Official,
        title: "Đợt thử".into(),
        levels: default_levels(),
        rules: Rules::default(),
        keys: keys.clone(),
        centre: CentreKeys { sign: centre.public(), seal: [7; 32] },
        units: vec![UnitEntry {
            code: code.clone(),
            name: "Chi bộ".into(),
            voting: Voting::Permit,
            sheet: sheet.hash(),
        }],
    };
    let mut bundle = Bundle::new(Signed::sign(package, &centre));
    let (package, hash) = (bundle.package.hash(), sheet.hash());
    let key = SecretKey::from_seed(&[4; 32]);
    let certificate = Certificate {
        package,
        sign: key.public(),
        seal: [9; 32],
        scope: Scope::Units(vec![code.clone()]),
        label: "Máy 1".into(),
    };
    let device = certificate.device();
    bundle.certificates.push(Signed::sign(certificate, &centre));
    let place = Place { package: &package, unit: &code, sheet: &hash };
    let records = slips.iter().take(voters).enumerate().map(|(voter, slip)| {
        let marks = Marks::new(vec![u8::try_from(voter % 3).ok(), (voter % 4 != 0).then_some(1)]);
        let form = Form { officials: 2, levels: 3 };
        let claim = Claim::Permit(slip.clone());
        seal(&claim, &slip.nullifier(&round, &code), &marks, form, place, &keys.box_key, &mut rng).unwrap()
    });
    let batch = Batch::new(sheet.record_len(), records.collect()).unwrap();
    let sealer = Sealer { package, unit: &code, sheet: hash, device, key: &key };
    let (envelope, _) = sealer.seal(&Chain::default(), batch, true).unwrap();
    let order = OpeningOrder {
        package,
        number: 1,
        previous_order: None,
        previous_result: None,
        units: vec![UnitOrder {
            unit: code,
            sheet: hash,
            tablets: vec![device],
            revoked: Vec::new(),
            admitted: vec![envelope.envelope_id()],
            left_out: Vec::new(),
            decisions: Vec::new(),
            papers: Vec::new(),
        }],
    };
    bundle.add_sheet(sheet);
    bundle.add_envelope(envelope);
    bundle.orders.push(Signed::sign(order, &centre));
    bundle
}

fn refusal<T>(of: Result<T, Problem>) -> String {
    of.map(drop).unwrap_err().code
}

#[test]
fn keys_of_the_page_are_a_key_file_of_the_command_line_and_its_shares_open() {
    let (file, papers) = made(1);
    let statement = KeyStatement::open(&file).unwrap();
    assert_eq!(statement.value().round.uuid().to_string(), ROUND);
    let keys = &statement.value().keys;
    assert_eq!((keys.threshold, keys.trustees), (2, 3));
    for pair in [[0, 1], [1, 2], [2, 0]] {
        let pair = pair.map(|at| Share::parse(&papers[at]).unwrap());
        assert_eq!(try_opening(&statement.value().round, keys, &pair, &mut rng(9)), Ok(Vec::new()));
    }
    // And the page reads what the command line writes: the same bytes.
    let mut read = Keys::read(&file).unwrap();
    assert_eq!((read.look().round.as_str(), read.look().threshold, read.look().trustees), (ROUND, 2, 3));
    for paper in &papers[..2] {
        read_share(&mut read, paper).unwrap();
    }
    assert_eq!(read.open_with(&mut rng(3)).unwrap(), Vec::<u8>::new());
}

fn read_share(keys: &mut Keys, paper: &str) -> Result<Vec<u8>, Problem> {
    keys.share(paper).map(|given| given.indexes)
}

#[test]
fn a_share_is_shown_once_and_the_keys_leave_only_when_each_was_read_back() {
    assert_eq!(refusal(Making::of("đợt 1", 2, 3, &mut rng(1))), "round_id");
    for (threshold, trustees) in [(3, 3), (1, 3), (2, 2), (0, 0), (2, 16), (255, 255)] {
        assert_eq!(refusal(Making::of(ROUND, threshold, trustees, &mut rng(1))), "sharing");
    }
    let mut making = Making::of(ROUND, 2, 3, &mut rng(2)).unwrap();
    let first = making.reveal(1).unwrap().to_string();
    assert_eq!(refusal(making.reveal(1)), "share_shown");
    assert_eq!(refusal(making.reveal(4)), "fault");
    assert_eq!(refusal(making.take_back(2, &first)), "share_other");
    assert_eq!(refusal(making.take_back(1, &first[5..])), "share_length");
    assert_eq!(refusal(making.take_back(1, &format!("U{}", &first[1..]))), "share_symbol");
    let swapped: String = if first.starts_with('0') { "1" } else { "0" }.to_owned() + &first[1..];
    assert_eq!(refusal(making.take_back(1, &swapped)), "share_checksum");
    making.take_back(1, &first).unwrap();
    assert_eq!(refusal(making.end(&mut rng(2))), "share_not_read");
}

#[test]
fn a_count_by_many_openers_is_the_result_of_the_command_line_to_the_last_byte() {
    let (file, papers) = made(4);
    for voters in [4, 19, 30] {
        let bundle = bundle(&file, voters);
        let bytes = bundle.to_bytes();
        let keys = &bundle.package.value().keys;
        let joined = join(&bundle.package.value().round, keys, &shares(&papers)[1..]).unwrap();
        let orders: Vec<_> = bundle.orders.iter().collect();
        let alone = count(&bundle.material(), &orders, &joined.secret, &mut |_, _| ()).unwrap();

        let mut page = Checked::read(&bytes).unwrap();
        let look = page.look();
        assert_eq!((look.units, look.ballots, look.orders), (1, voters, 1));
        assert_eq!(look.order.as_ref().map(|order| (order.number, order.counted)), Some((1, false)));
        page.share(&papers[2]).unwrap();
        assert_eq!(refusal(page.unlock()), "shares_few", "one share of two");
        page.share(&papers[0]).unwrap();
        let to_open = page.unlock().unwrap();
        assert_eq!(to_open.parts.iter().sum::<usize>(), voters);
        assert!(page.share_count() == 0, "the shares are wiped once they are joined");
        let openers =
            [Opener::with(&*page.key().unwrap()).unwrap(), Opener::with(&*page.key().unwrap()).unwrap()];
        for number in (0..to_open.parts.len()).rev() {
            let answer = openers[number % 2].answer(&page.cut(number).unwrap()).unwrap();
            page.put(number, &answer).unwrap();
        }
        let counted = page.end().unwrap();
        assert_eq!(counted.bytes, alone.bytes());
        assert_eq!((counted.collected, counted.same), (voters as u64, false));
        assert_eq!(refusal(page.key()), "fault", "the secret is gone");

        // What the page signed verifies with the command line's shares, and the page recounts it.
        let mut whole = bundle.clone();
        whole.results.push(alone);
        let report = verify(&whole.to_bytes(), &shares(&papers)[..2], &mut |_, _| ()).unwrap();
        let mut again = Checked::read(&whole.to_bytes()).unwrap();
        assert_eq!(report.result.map(|id| id.0.to_vec()).is_some(), again.look().result.is_some());
        again.share(&papers[0]).unwrap();
        again.share(&papers[1]).unwrap();
        again.unlock().unwrap();
        assert!(again.end().unwrap().same, "nobody opened ahead, and it is the same");
    }
}

#[test]
fn every_wrong_share_is_told_by_what_is_wrong_with_it() {
    let (file, papers) = made(5);
    let (_, foreign) = {
        let mut rng = rng(6);
        let mut making = Making::of("11111111-1111-4111-8111-111111111111", 2, 3, &mut rng).unwrap();
        ((), making.reveal(1).unwrap().to_string())
    };
    let mut other = Making::of(ROUND, 3, 5, &mut rng(7)).unwrap();
    let mut liar = Making::of(ROUND, 2, 3, &mut rng(8)).unwrap();
    let mut page = Checked::read(&bundle(&file, 6).to_bytes()).unwrap();
    assert_eq!(refusal(page.share(&foreign)), "share_round");
    assert_eq!(refusal(page.share(&other.reveal(2).unwrap())), "share_sharing");
    assert_eq!(refusal(page.share("")), "share_length");
    assert_eq!(refusal(page.share(&"\u{202e}ế".repeat(40_000))), "share_symbol");
    page.share(&liar.reveal(2).unwrap()).unwrap();
    assert_eq!(refusal(page.share(&papers[1])), "share_twice");
    page.share(&papers[0]).unwrap();
    assert_eq!(refusal(page.share(&papers[0].to_lowercase())), "share_again");
    assert_eq!(refusal(page.unlock()), "shares_none_fit");
    assert_eq!(page.share_count(), 2, "they stay, and another one may come");
    page.share(&papers[2]).unwrap();
    assert_eq!(page.unlock().unwrap().wrong, [2], "the wrong one is named");
}

#[test]
fn whatever_file_it_is_the_page_says_so() {
    let (file, papers) = made(10);
    let mut bundle = bundle(&file, 6);
    let bytes = bundle.to_bytes();
    let keys = &bundle.package.value().keys;
    let joined = join(&bundle.package.value().round, keys, &shares(&papers)).unwrap();
    let orders: Vec<_> = bundle.orders.iter().collect();
    let result = count(&bundle.material(), &orders, &joined.secret, &mut |_, _| ()).unwrap();
    for (given, as_bundle, as_keys) in [
        (&b""[..], "file_empty", "file_empty"),
        (b"PK\x03\x04", "file_not_bundle", "file_not_keys"),
        (b"\x89HPGOI\r\n\x01", "file_is_parcel", "file_is_parcel"),
        (&file, "file_is_keys", ""),
        (result.bytes(), "file_is_result", "file_is_result"),
        (&bytes, "", "file_is_bundle"),
        (&bytes[..bytes.len() / 2], "file_not_bundle", "file_is_bundle"),
    ] {
        assert_eq!(Checked::read(given).map(drop).err().map_or(String::new(), |p| p.code), as_bundle);
        assert_eq!(Keys::read(given).map(drop).err().map_or(String::new(), |p| p.code), as_keys);
    }
    // A list that claims a million parts, and one within another.
    for bomb in [&b"\x8a\x6fhomphieu bundle\x01\x5a\x3f\xff\xff\xff"[..], &[0x9f; 4_096], &[0x81; 100_000]] {
        assert_eq!(refusal(Checked::read(bomb)), "file_not_bundle");
    }
    bundle.orders.clear();
    let mut none = Checked::read(&bundle.to_bytes()).unwrap();
    assert!(none.look().order.is_none());
    assert_eq!(refusal(none.unlock()), "no_order");
}

#[test]
fn a_result_that_is_not_what_the_ballots_say_is_found_out_by_the_recount() {
    let (file, papers) = made(11);
    let mut bundle = bundle(&file, 12);
    let keys = &bundle.package.value().keys;
    let joined = join(&bundle.package.value().round, keys, &shares(&papers)).unwrap();
    let orders: Vec<_> = bundle.orders.iter().collect();
    let mut lie = count(&bundle.material(), &orders, &joined.secret, &mut |_, _| ()).unwrap().value().clone();
    // One mark goes from one level to another; it still adds up.
    let line = &mut lie.units[0].lines.as_mut().unwrap()[0];
    line.levels[0] += 1;
    line.levels[2] -= 1;
    bundle.results.push(Signed::sign(lie, &joined.secret.result_key(&RoundId(line_round()))));
    let mut page = Checked::read(&bundle.to_bytes()).unwrap();
    papers[..2].iter().for_each(|paper| drop(page.share(paper).unwrap()));
    page.unlock().unwrap();
    let told = page.end().unwrap_err();
    assert_eq!(told.code, "recount");
    assert!(told.value("signed").is_some() && told.value("signed") != told.value("recounted"));
}

fn line_round() -> [u8; 16] {
    uuid::Uuid::parse_str(ROUND).unwrap().into_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_bundle_with_any_byte_changed_is_refused_in_words_and_never_panics(at in 0_usize..6_000, with in 1_u8..) {
        let (file, _) = made(12);
        let mut bytes = bundle(&file, 5).to_bytes();
        let at = at % bytes.len();
        bytes[at] ^= with;
        let told = Checked::read(&bytes).map(drop).unwrap_err();
        prop_assert!(Code::ALL.iter().any(|code| code.name() == told.code), "{told:?}");
    }

    #[test]
    fn no_bytes_make_anything_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in ".{0,120}") {
        drop((Checked::read(&bytes), Keys::read(&bytes), Opener::with(&bytes)));
        let (file, _) = made(13);
        let mut keys = Keys::read(&file).unwrap();
        prop_assert!(keys.share(&text).is_err());
        prop_assert!(Making::of(&text, 2, 3, &mut rng(1)).is_err());
    }
}

#[test]
fn the_page_has_words_in_both_languages_for_everything_that_is_told_by_a_code() {
    for texts in [
        include_str!("../../../server/web/src/trustees/texts/vi.json"),
        include_str!("../../../server/web/src/trustees/texts/en.json"),
    ] {
        let texts: serde_json::Value = serde_json::from_str(texts).unwrap();
        let has = |group: &str, name: &str| {
            let text = texts.pointer(&format!("/{group}/{name}")).and_then(|text| text.as_str());
            assert!(text.is_some_and(|text| !text.is_empty()), "{group}.{name}");
        };
        Code::ALL.iter().for_each(|code| has("problem", code.name()));
        PARTS.iter().for_each(|(_, part)| has("part", part));
        for code in FINDINGS {
            has("finding/say", code);
            has("finding/means", code);
        }
    }
    let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(names.len(), Code::ALL.len(), "each code has a name of its own");
}
