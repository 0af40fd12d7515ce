//! Bytes from one screen to another camera: whatever is missed, whatever comes twice, wherever the camera begins.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails on the spot")]

use client_ffi::qr::{BYTES_MAX, Decoder, Encoder, FRAGMENTS_MAX, Frame, Progress, QrError, Received};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::path::Path;

fn random(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Bytes that no two seeds share.
fn parcel(length: usize, seed: u64) -> Vec<u8> {
    let mut bytes = vec![0; length];
    random(seed).fill_bytes(&mut bytes);
    bytes
}

/// Whether one of `of` happens.
fn one_in(of: u64, rng: &mut impl Rng) -> bool {
    rng.next_u64().is_multiple_of(of)
}

/// Shows frames until everything is there; how many were shown. `misses` says which the camera does not read.
fn shown(
    frames: impl Iterator<Item = Frame>,
    decoder: &mut Decoder,
    mut misses: impl FnMut() -> bool,
) -> usize {
    for (shown, frame) in (1..).zip(frames) {
        if !misses() && decoder.receive(frame.text()).unwrap() == Received::Complete {
            return shown;
        }
    }
    unreachable!("a series has no end")
}

#[test]
fn bytes_of_every_length_arrive_as_they_were() {
    for length in
        [1, 23, 24, 197, 198, 199, 200, 201, 255, 256, 257, 15_000, 65_535, 65_536, 204_796, BYTES_MAX]
    {
        let bytes = parcel(length, 1);
        let mut decoder = Decoder::new();
        let encoder = Encoder::new(&bytes).unwrap();
        let fragments = encoder.fragments();
        assert!(fragments <= FRAGMENTS_MAX, "{length} bytes make {fragments} fragments");
        // Nothing is missed: the first pass alone is enough.
        assert_eq!(shown(encoder, &mut decoder, || false), fragments);
        assert_eq!(decoder.bytes().unwrap(), bytes);
        assert_eq!(decoder.progress().percent(), 100);
    }
}

#[test]
fn nothing_and_too_much_make_no_series() {
    for length in [0, BYTES_MAX + 1] {
        let refused = Encoder::new(&vec![0; length]).err().unwrap();
        assert_eq!(refused, QrError::Length { found: length });
        assert!(refused.to_string().contains("hand it over as a file"));
    }
}

/// 5 frames a second for 30 seconds.
const HALF_A_MINUTE: usize = 150;

/// Frames that were always enough to be read for so many fragments, whichever they were.
fn enough(fragments: usize) -> usize {
    fragments + fragments / 20 + 20
}

#[test]
fn fifteen_kilobytes_arrive_within_half_a_minute_though_every_fifth_frame_is_missed() {
    for late in [false, true] {
        let mut counts: Vec<usize> = (0..1_000)
            .map(|seed| {
                let mut rng = random(seed);
                let start = if late { usize::try_from(rng.next_u64() % 400).unwrap() } else { 0 };
                let frames = Encoder::new(&parcel(15_000, seed)).unwrap().skip(start);
                shown(frames, &mut Decoder::new(), || one_in(5, &mut rng))
            })
            .collect();
        counts.sort_unstable();
        let at = |thousandths: usize| counts[(counts.len() - 1) * thousandths / 1_000];
        let whence = if late { "anywhere" } else { "at the first frame" };
        println!("from {whence}: half {}, 99 % {}, all {}", at(500), at(990), at(1_000));
        assert!(at(1_000) <= HALF_A_MINUTE, "{} frames at most", at(1_000));
    }
}

#[test]
fn that_too_few_frames_are_read_in_half_a_minute_happens_once_in_ten_thousand_times_at_most() {
    let needed = enough(Encoder::new(&parcel(15_000, 0)).unwrap().fragments());
    // How likely each number of frames is to be read, after each frame that is shown.
    let mut likely = vec![1.0];
    for _ in 0..HALF_A_MINUTE {
        let read = std::iter::once(0.0).chain(likely.iter().map(|chance| chance * 0.8));
        let missed = likely.iter().map(|chance| chance * 0.2).chain(std::iter::once(0.0));
        likely = read.zip(missed).map(|(read, missed)| read + missed).collect();
    }
    let too_few: f64 = likely[..needed].iter().sum();
    println!("fewer than {needed} of {HALF_A_MINUTE} frames are read with a chance of {too_few:.1e}");
    assert!(too_few < 1e-4);
}

#[test]
fn a_bad_link_costs_the_frames_it_swallows_and_little_more() {
    for (length, lost) in [(2_000, 2), (15_000, 2), (15_000, 10), (100_000, 3), (BYTES_MAX, 4)] {
        for seed in 0..5 {
            let mut rng = random(seed);
            let encoder = Encoder::new(&parcel(length, seed)).unwrap();
            let fragments = encoder.fragments();
            let mut read = 0;
            let mut decoder = Decoder::new();
            shown(encoder, &mut decoder, || {
                let missed = one_in(lost, &mut rng);
                read += usize::from(!missed);
                missed
            });
            let bound = enough(fragments);
            assert!(read <= bound, "{length} bytes, one in {lost} lost: {read} read of {fragments}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_and_repetition_do_not_matter(length in 1_usize..20_000, seed: u64) {
        let mut rng = random(seed);
        let bytes = parcel(length, seed);
        let encoder = Encoder::new(&bytes).unwrap();
        let fragments = encoder.fragments();
        let start = usize::try_from(rng.next_u64()).unwrap() % (16 * fragments);
        let mut frames: Vec<Frame> = encoder.skip(start).take(2 * fragments + 60).collect();
        for place in (1..frames.len()).rev() {
            frames.swap(place, usize::try_from(rng.next_u64()).unwrap() % (place + 1));
        }
        let mut decoder = Decoder::new();
        let mut before = Progress::default();
        for frame in &frames {
            let received = decoder.receive(frame.text()).unwrap();
            let after = decoder.progress();
            prop_assert_eq!(received == Received::Known, after == before, "only news is progress");
            prop_assert_eq!(decoder.receive(frame.text()).unwrap(), Received::Known);
            prop_assert_eq!(decoder.progress(), after);
            prop_assert_eq!(after.percent() == 100, decoder.bytes().is_some());
            before = after;
        }
        prop_assert_eq!(decoder.bytes(), Some(&bytes[..]));
    }
}

#[test]
fn a_series_begins_again_after_its_last_number_and_nobody_notices() {
    let bytes = parcel(1_000, 3);
    let fragments = Encoder::new(&bytes).unwrap().fragments();
    let all: Vec<Frame> = Encoder::new(&bytes).unwrap().take(20 * fragments).collect();
    let again = (1..all.len()).find(|place| all[*place] == all[0]).unwrap();
    assert!(again > 2 * fragments && again <= 16 * fragments, "it begins again after {again}");
    assert_eq!(all[again..], all[..all.len() - again]);
    let mut decoder = Decoder::new();
    shown(Encoder::new(&bytes).unwrap().skip(again - 2), &mut decoder, || false);
    assert_eq!(decoder.bytes(), Some(&bytes[..]));
}

#[test]
fn a_short_parcel_is_one_code_shown_again_and_again() {
    let bytes = parcel(150, 4);
    let mut frames = Encoder::new(&bytes).unwrap();
    let first = frames.next().unwrap();
    assert_eq!(first.text().matches('/').count(), 1, "the form for a single code: {}", first.text());
    assert_eq!(frames.next(), Some(first.clone()));
    // What another writer numbers as 1 of 1 is the same series.
    let numbered =
        ur::Encoder::new(&[&[0x58, 150], &bytes[..]].concat(), 1_000, "hpgoi").unwrap().next_part();
    for text in [first.text(), &numbered.unwrap()] {
        let mut decoder = Decoder::new();
        assert_eq!(decoder.receive(text), Ok(Received::Complete));
        assert_eq!(decoder.bytes(), Some(&bytes[..]));
        assert_eq!(decoder.receive(first.text()), Ok(Received::Known));
    }
}

#[test]
fn another_series_is_named_and_changes_nothing_until_somebody_starts_over() {
    let (one, two) = (parcel(3_000, 5), parcel(3_000, 6));
    let mut decoder = Decoder::new();
    let mut first = Encoder::new(&one).unwrap();
    assert_eq!(decoder.receive(first.next().unwrap().text()), Ok(Received::New));
    let before = decoder.progress();
    for frame in Encoder::new(&two).unwrap().take(40) {
        assert_eq!(decoder.receive(frame.text()), Ok(Received::OtherSeries));
    }
    assert_eq!(decoder.progress(), before);
    shown(first, &mut decoder, || false);
    assert_eq!(decoder.bytes(), Some(&one[..]));
    // Also after the end: what is here is not mixed with what comes next.
    let frame = Encoder::new(&two).unwrap().next().unwrap();
    assert_eq!(decoder.receive(frame.text()), Ok(Received::OtherSeries));
    assert_eq!(decoder.bytes(), Some(&one[..]));
    decoder.start_over();
    assert_eq!(decoder.progress(), Progress::default());
    shown(Encoder::new(&two).unwrap(), &mut decoder, || false);
    assert_eq!(decoder.bytes(), Some(&two[..]));
}

#[test]
fn the_ordinary_decoder_of_uniform_resources_reads_a_series_too() {
    for length in [500, 15_000, BYTES_MAX] {
        let bytes = parcel(length, 7);
        let mut theirs = ur::Decoder::default();
        for frame in Encoder::new(&bytes).unwrap() {
            theirs.receive(frame.text()).unwrap();
            if theirs.complete() {
                break;
            }
        }
        let message = theirs.message().unwrap().unwrap();
        assert!(message.ends_with(&bytes) && message.len() <= bytes.len() + 5);
        assert_eq!(minicbor::decode::<&minicbor::bytes::ByteSlice>(&message).unwrap().as_ref(), bytes);
    }
}

#[test]
fn the_frames_of_these_bytes_are_these() {
    let bytes: Vec<u8> = (0..=255).chain(0..=255).collect();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/qr-frames.txt");
    let frames: Vec<Frame> = Encoder::new(&bytes).unwrap().take(8).collect();
    let texts: String = frames.iter().map(|frame| format!("{}\n", frame.text())).collect();
    if std::env::var_os("HOMPHIEU_BLESS").is_some() {
        std::fs::write(&golden, &texts).unwrap();
    }
    assert!(texts == std::fs::read_to_string(&golden).unwrap(), "the frames are not those of before");
}
