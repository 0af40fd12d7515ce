//! Shares: any k open, fewer do not, and a wrong one is named or left aside.

use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sha2::{Digest, Sha256};
use sync_core::ceremony::{Ceremony, KeyStatement, TrialError, try_opening};
use sync_core::id::RoundId;
use sync_core::package::RoundKeys;
use sync_core::secret::{
    JoinError, RoundSecret, Share, ShareError, SharingError, TRUSTEES_MAX, check_sharing, join,
};

const ROUND: RoundId = RoundId([7; 16]);

/// A secret, shared.
struct Shared {
    keys: RoundKeys,
    shares: Vec<Share>,
    rng: ChaCha20Rng,
}

fn shared(seed: u64, threshold: u8, trustees: u8) -> Shared {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let secret = RoundSecret::draw(&mut rng);
    let keys = secret.public(&ROUND, threshold, trustees).expect("an allowed sharing");
    let shares = secret.split(&ROUND, threshold, trustees, &mut rng).expect("an allowed sharing");
    Shared { keys, shares, rng }
}

/// The share of another secret for the same round and sharing: its checksum fits, its value does not.
fn wrong(seed: u64, like: &Shared, index: usize) -> Share {
    shared(seed, like.keys.threshold, like.keys.trustees).shares[index].clone()
}

fn subsets(count: usize) -> impl Iterator<Item = Vec<usize>> {
    (0..1_usize << count).map(move |set| (0..count).filter(|i| set >> i & 1 == 1).collect())
}

#[test]
fn every_subset_of_at_least_k_opens_and_every_smaller_one_does_not() {
    for (threshold, trustees) in [(2, 3), (3, 5), (4, 5), (2, 6)] {
        let mut shared = shared(1, threshold, trustees);
        for chosen in subsets(usize::from(trustees)) {
            let given: Vec<Share> = chosen.iter().map(|i| shared.shares[*i].clone()).collect();
            let opened = try_opening(&ROUND, &shared.keys, &given, &mut shared.rng);
            if given.len() >= usize::from(threshold) {
                assert_eq!(opened, Ok(Vec::new()), "{chosen:?}");
            } else {
                let too_few = JoinError::TooFew { needed: threshold, found: given.len() };
                assert_eq!(opened, Err(TrialError::Join(too_few)));
            }
        }
    }
}

#[test]
fn the_order_of_shares_and_a_share_given_twice_do_not_matter() {
    let shared = shared(2, 3, 5);
    let [a, b, c] = [4, 0, 2].map(|i| shared.shares[i].clone());
    assert!(join(&ROUND, &shared.keys, &[a.clone(), b.clone(), c]).is_ok());
    let twice = join(&ROUND, &shared.keys, &[a.clone(), b, a]);
    assert_eq!(twice.unwrap_err(), JoinError::TooFew { needed: 3, found: 2 });
}

#[test]
fn a_share_that_was_mistyped_is_refused_by_its_checksum_wherever_the_slip_is() {
    let shared = shared(3, 2, 3);
    let text = shared.shares[1].reveal();
    for at in text.char_indices().filter(|(_, c)| *c != '-').map(|(at, _)| at) {
        let mut typed: Vec<u8> = text.bytes().collect();
        typed[at] = if typed[at] == b'7' { b'8' } else { b'7' };
        let typed = String::from_utf8(typed).unwrap();
        assert_eq!(Share::parse(&typed), Err(ShareError::Checksum), "place {at}");
    }
    let swapped: String = text.split('-').rev().collect::<Vec<_>>().join("-");
    assert_eq!(Share::parse(&swapped), Err(ShareError::Checksum));
}

#[test]
fn a_share_survives_careless_typing_and_says_what_is_wrong_otherwise() {
    let shared = shared(4, 2, 3);
    for share in &shared.shares {
        let careless = share.reveal().to_lowercase().replace('0', "o").replace('1', "i").replace('-', " ");
        assert_eq!(Share::parse(&careless).as_ref(), Ok(share));
    }
    let text = shared.shares[0].reveal();
    assert_eq!(Share::parse(&text[..text.len() - 1]), Err(ShareError::Length { found: 71 }));
    assert_eq!(Share::parse(&format!("{}0", *text)), Err(ShareError::Length { found: 73 }));
    let strange = text.replacen('-', "-U", 1);
    assert_eq!(Share::parse(&strange), Err(ShareError::Symbol { group: 2 }));
    assert_eq!(Share::parse(""), Err(ShareError::Length { found: 0 }));
}

#[test]
fn one_wrong_share_among_enough_does_not_stop_the_count_and_is_named() {
    let shared = shared(5, 3, 5);
    for bad in 0..5 {
        let mut given = shared.shares.clone();
        given[bad] = wrong(55, &shared, bad);
        let joined = join(&ROUND, &shared.keys, &given).unwrap();
        assert_eq!(joined.wrong, [given[bad].index()]);
        assert_eq!(joined.secret.public(&ROUND, 3, 5).unwrap(), shared.keys);
    }
}

#[test]
fn all_wrong_shares_are_named_as_long_as_k_right_ones_are_there() {
    let shared = shared(6, 2, 6);
    for set in subsets(6).filter(|set| set.len() <= 4) {
        let mut given = shared.shares.clone();
        set.iter().for_each(|i| given[*i] = wrong(66, &shared, *i));
        let joined = join(&ROUND, &shared.keys, &given).unwrap();
        let expected: Vec<u8> = set.iter().map(|i| given[*i].index()).collect();
        assert_eq!(joined.wrong, expected);
    }
}

#[test]
fn wrong_shares_that_leave_fewer_than_k_right_ones_open_nothing() {
    let shared = shared(7, 3, 4);
    let mut given = shared.shares.clone();
    given[0] = wrong(77, &shared, 0);
    given[3] = wrong(78, &shared, 3);
    assert_eq!(join(&ROUND, &shared.keys, &given).unwrap_err(), JoinError::NoneFits { needed: 3 });
}

#[test]
fn k_shares_of_another_secret_that_fit_each_other_open_nothing() {
    let (ours, theirs) = (shared(8, 2, 3), shared(9, 2, 3));
    let error = join(&ROUND, &ours.keys, &theirs.shares).unwrap_err();
    assert_eq!(error, JoinError::NoneFits { needed: 2 });
}

#[test]
fn shares_of_another_round_or_sharing_and_two_for_one_index_are_named() {
    let ours = shared(10, 2, 3);
    let mut rng = ChaCha20Rng::seed_from_u64(11);
    let other_round = RoundSecret::draw(&mut rng).split(&RoundId([8; 16]), 2, 3, &mut rng).unwrap().remove(1);
    let good = |i: usize| ours.shares[i].clone();
    let error = |shares: &[Share]| join(&ROUND, &ours.keys, shares).unwrap_err();
    assert_eq!(error(&[good(0), other_round]), JoinError::OtherRound { index: 2 });
    for (threshold, trustees) in [(3, 4), (2, 4)] {
        let other = shared(12, threshold, trustees).shares[2].clone();
        assert_eq!(error(&[good(0), other]), JoinError::OtherSharing { index: 3 });
    }
    assert_eq!(error(&[good(0), good(1), wrong(13, &ours, 1)]), JoinError::Twice { index: 2 });
    assert_eq!(error(&[]), JoinError::TooFew { needed: 2, found: 0 });
}

/// A share whose bytes before the checksum were changed, and whose checksum fits again: not mistyped, but made so.
fn remade(share: &Share, change: impl FnOnce(&mut [u8])) -> String {
    const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let values =
        share.reveal().bytes().filter_map(|c| SYMBOLS.iter().position(|s| *s == c)).collect::<Vec<_>>();
    let mut bytes: Vec<u8> = values
        .chunks(8)
        .flat_map(|eight| {
            let bits = eight.iter().fold(0_u64, |bits, value| bits << 5 | *value as u64);
            bits.to_be_bytes()[3..].to_vec()
        })
        .collect();
    change(&mut bytes);
    let hash = Sha256::new().chain_update(b"homphieu/share/1").chain_update(&bytes[..40]).finalize();
    bytes[40..].copy_from_slice(&hash[..5]);
    let symbols = bytes.chunks(5).flat_map(|five| {
        let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        (0..8).rev().map(move |place| char::from(SYMBOLS[(bits >> (5 * place) & 31) as usize]))
    });
    symbols.collect()
}

#[test]
fn a_share_of_a_later_version_is_named_as_such_and_not_as_mistyped() {
    let shared = shared(21, 2, 3);
    assert_eq!(Share::parse(&remade(&shared.shares[0], |_| ())).as_ref(), Ok(&shared.shares[0]));
    assert_eq!(Share::parse(&remade(&shared.shares[0], |bytes| bytes[0] = 2)), Err(ShareError::Version));
}

#[test]
fn a_share_says_how_many_there_are_and_one_that_says_otherwise_is_of_another_sharing() {
    let shared = shared(22, 2, 4);
    for (share, index) in shared.shares.iter().zip(1..) {
        assert_eq!((share.index(), share.threshold(), share.trustees()), (index, 2, 4));
        assert!(share.belongs_to(&ROUND) && !share.belongs_to(&RoundId([8; 16])));
    }
    // Bytes 5 to 7 say k, n and which share it is.
    for (place, value, index) in [(5, 3, 2), (6, 5, 2), (7, 0, 0), (7, 5, 5)] {
        let odd = Share::parse(&remade(&shared.shares[1], |bytes| bytes[place] = value)).unwrap();
        let error = join(&ROUND, &shared.keys, &[shared.shares[0].clone(), odd]).unwrap_err();
        assert_eq!(error, JoinError::OtherSharing { index }, "byte {place} is {value}");
    }
}

#[test]
fn a_sharing_needs_at_least_two_and_never_all() {
    for threshold in 0..=20 {
        for trustees in 0..=20 {
            let allowed = threshold >= 2 && threshold < trustees && trustees <= TRUSTEES_MAX;
            assert_eq!(check_sharing(threshold, trustees).is_ok(), allowed, "{threshold} of {trustees}");
        }
    }
    let mut rng = ChaCha20Rng::seed_from_u64(14);
    assert_eq!(Ceremony::begin(ROUND, 3, 3, &mut rng).err(), Some(SharingError));
}

#[test]
fn the_largest_sharing_with_as_many_wrong_shares_as_it_bears_still_opens() {
    let shared = shared(15, 8, 15);
    let mut given = shared.shares.clone();
    // The first seven are wrong: every subset that has one of them is tried in vain before.
    (0..7).for_each(|i| given[i] = wrong(16, &shared, i));
    let joined = join(&ROUND, &shared.keys, &given[5..]).unwrap();
    assert_eq!(joined.wrong, [6, 7]);
}

#[test]
fn neither_share_nor_secret_shows_itself_in_a_debug_print() {
    let shared = shared(17, 2, 3);
    let mut rng = ChaCha20Rng::seed_from_u64(17);
    assert_eq!(format!("{:?}", shared.shares[1]), "Share(2 of 3)");
    assert_eq!(format!("{:?}", RoundSecret::draw(&mut rng)), "RoundSecret(…)");
}

#[test]
fn one_secret_gives_other_keys_in_another_round() {
    let mut rng = ChaCha20Rng::seed_from_u64(18);
    let secret = RoundSecret::draw(&mut rng);
    let (a, b) = (secret.public(&ROUND, 2, 3).unwrap(), secret.public(&RoundId([8; 16]), 2, 3).unwrap());
    assert_ne!(a.box_key, b.box_key);
    assert_ne!(a.result_key, b.result_key);
}

#[test]
fn a_ceremony_ends_with_keys_that_its_shares_open_and_no_other() {
    let mut rng = ChaCha20Rng::seed_from_u64(19);
    let mut ceremony = Ceremony::begin(ROUND, 2, 3, &mut rng).unwrap();
    let shares = ceremony.shares().to_vec();
    for share in &shares {
        ceremony.read_back(share.index(), &share.reveal()).unwrap();
    }
    let statement = KeyStatement::open(ceremony.finish(&mut rng).unwrap().bytes()).unwrap();
    let keys = &statement.value().keys;
    assert_eq!(try_opening(&ROUND, keys, &shares[..2], &mut rng), Ok(vec![]));
    let other = shared(20, 2, 3);
    assert!(try_opening(&ROUND, keys, &other.shares, &mut rng).is_err());
}

proptest! {
    #[test]
    fn any_text_is_a_share_or_is_refused(text in "\\PC{0,100}") {
        let _ = Share::parse(&text);
    }

    #[test]
    fn any_bytes_in_the_right_shape_are_a_share_or_are_refused(symbols in "[0-9A-HJKMNP-TV-Z]{72}") {
        if let Ok(share) = Share::parse(&symbols) {
            prop_assert_eq!(share.reveal().replace('-', ""), symbols);
        }
    }
}
