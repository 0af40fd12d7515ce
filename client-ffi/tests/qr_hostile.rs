//! Whatever is held before the camera: nothing panics, nothing is taken for what it is not, nothing grows.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails on the spot")]

use client_ffi::qr::{Decoder, Encoder, Progress, QrError, Received};
use proptest::prelude::*;
use sync_core::cbor::Writer;
use ur::bytewords::{Style, encode};

/// What a forger writes into a frame.
#[derive(Debug, Clone)]
struct Forged {
    sequence: u64,
    count: u64,
    length: u64,
    checksum: u32,
    sum: Vec<u8>,
}

impl Forged {
    fn cbor(&self) -> Vec<u8> {
        let mut w = Writer::new();
        w.array(5)
            .uint(self.sequence)
            .uint(self.count)
            .uint(self.length)
            .uint(self.checksum)
            .bytes(&self.sum);
        w.finish()
    }

    fn text(&self) -> String {
        framed(&format!("{}-{}", self.sequence, self.count), &self.cbor())
    }
}

fn framed(place: &str, cbor: &[u8]) -> String {
    format!("UR:HPGOI/{place}/{}", encode(cbor, Style::Minimal).to_uppercase())
}

/// One that could be true.
fn plain() -> Forged {
    Forged { sequence: 2, count: 3, length: 600, checksum: 7, sum: vec![1; 200] }
}

#[track_caller]
fn refused(text: &str) -> QrError {
    let mut decoder = Decoder::new();
    let error = decoder.receive(text).unwrap_err();
    assert_eq!(decoder.progress(), Progress::default(), "nothing began");
    error
}

#[test]
fn what_could_be_true_is_taken_so_the_refusals_below_mean_something() {
    assert_eq!(Decoder::new().receive(&plain().text()), Ok(Received::New));
    assert_eq!(Decoder::new().receive(&format!(" {}\n", plain().text().to_lowercase())), Ok(Received::New));
}

#[test]
fn other_codes_are_named_and_their_text_is_repeated_nowhere() {
    for text in
        ["", "ABCD-EFGH-JKMN-PQRS", "https://example.org/ur:hpgoi/1-1/", "ur:", "HPE1.abc", "ur:hpgoi"]
    {
        assert_eq!(refused(text), QrError::NotASeries, "{text}");
    }
    for text in
        ["ur:bytes/1-1/aeae", "UR:HPGOI2/1-1/AEAE", "ur:/1-1/aeae", "ur:crypto-seed/aeadaolazmjendeoti"]
    {
        assert_eq!(refused(text), QrError::OtherType, "{text}");
    }
    let slip = refused("ABCD-EFGH-JKMN-PQRS");
    assert!(!format!("{slip} {slip:?}").contains("ABCD"));
}

#[test]
fn frames_beyond_the_bounds_are_refused_by_what_their_text_says() {
    // The words are none, so nothing was read beyond the numbers.
    for place in ["1-1025", "1-999999", "16385-1024", "33-2", "17-1"] {
        assert!(matches!(
            refused(&format!("ur:hpgoi/{place}/zz")),
            QrError::Damaged { .. } | QrError::Bounds { .. }
        ));
        assert!(matches!(refused(&framed(place, &plain().cbor())), QrError::Bounds { .. }), "{place}");
    }
    for place in [
        "",
        "1",
        "-",
        "1-",
        "-1",
        "0-1",
        "1-0",
        "01-3",
        "+1-3",
        "1-3-3",
        "1- 3",
        "4294967297-1",
        "1-18446744073709551617",
        "²-3",
    ] {
        assert!(matches!(refused(&framed(place, &plain().cbor())), QrError::Damaged { .. }), "{place}");
    }
    assert_eq!(refused(&"u".repeat(4_297)), QrError::TooLong { found: 4_297 });
}

#[test]
fn frames_beyond_the_bounds_are_refused_by_what_they_hold() {
    let changes: [fn(&mut Forged); 7] = [
        |frame| frame.count = 1_025,
        |frame| frame.count = u64::from(u32::MAX),
        |frame| frame.sequence = 16_385,
        |frame| frame.sequence = 0,
        |frame| frame.length = 256 * 1_024 + 1,
        |frame| frame.length = u64::MAX,
        |frame| frame.length = 0,
    ];
    for change in changes {
        let mut frame = plain();
        change(&mut frame);
        // The text goes on saying what is within the bounds.
        let error = refused(&framed("2-3", &frame.cbor()));
        assert!(matches!(error, QrError::Bounds { .. }), "{frame:?}: {error:?}");
    }
}

#[test]
fn a_frame_whose_text_and_content_differ_is_refused() {
    for place in ["1-3", "3-3", "2-2", "2-4"] {
        assert!(matches!(refused(&framed(place, &plain().cbor())), QrError::Damaged { .. }), "{place}");
    }
}

#[test]
fn a_frame_whose_sizes_do_not_belong_together_is_refused() {
    for (count, length, size) in
        [(3, 600, 199), (3, 600, 201), (3, 600, 0), (3, 2, 1), (1_024, 1_025, 2), (1_024, 1_536, 2)]
    {
        let frame = Forged { sequence: 1, count, length, checksum: 7, sum: vec![1; size] };
        assert!(matches!(refused(&frame.text()), QrError::Damaged { .. }), "{count} {length} {size}");
    }
}

#[test]
fn a_second_encoding_of_the_same_frame_is_refused() {
    let cbor = plain().cbor();
    assert_eq!(cbor[..4], [0x85, 2, 3, 0x19]);
    let long_head = [&[0x85, 0x18, 2, 3], &cbor[3..]].concat();
    let trailing = [&cbor[..], &[0]].concat();
    let endless = [&[0x9f], &cbor[1..], &[0xff]].concat();
    for other in [long_head, trailing, endless, cbor[..cbor.len() - 1].to_vec(), vec![], vec![0xff; 40]] {
        assert!(matches!(refused(&framed("2-3", &other)), QrError::Damaged { .. }));
    }
}

#[test]
fn frames_that_contradict_each_other_are_said_to_and_the_series_begins_anew() {
    let mut decoder = Decoder::new();
    let one = Forged { sequence: 1, ..plain() };
    decoder.receive(&one.text()).unwrap();
    let other = Forged { sum: vec![2; 200], ..one };
    assert_eq!(decoder.receive(&other.text()), Err(QrError::Contradiction));
    assert_eq!(decoder.progress(), Progress::default());
    assert_eq!(decoder.receive(&plain().text()), Ok(Received::New), "what comes next begins a series");
}

#[test]
fn frames_that_fit_together_but_not_their_checksum_give_nothing() {
    let mut decoder = Decoder::new();
    for sequence in [1, 2] {
        assert_eq!(decoder.receive(&Forged { sequence, ..plain() }.text()), Ok(Received::New));
    }
    assert_eq!(decoder.receive(&Forged { sequence: 3, ..plain() }.text()), Err(QrError::Contradiction));
    assert_eq!((decoder.bytes(), decoder.progress()), (None, Progress::default()));
}

#[test]
fn a_message_that_is_not_one_byte_string_gives_nothing() {
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    for message in
        [&[0x40][..], &[0x41, 1, 1], &[0x58, 1, 1], &[0x42, 1], &[0x61, 0x61], &[0x5f, 0x41, 1, 0xff]]
    {
        let words = encode(message, Style::Minimal);
        assert_eq!(refused(&format!("ur:hpgoi/{words}")), QrError::Contradiction, "{message:x?}");
        let length = message.len() as u64;
        let numbered =
            Forged { sequence: 1, count: 1, length, checksum: crc.checksum(message), sum: message.to_vec() };
        assert_eq!(refused(&numbered.text()), QrError::Contradiction, "{message:x?}");
    }
    assert!(matches!(refused(&format!("ur:hpgoi/{}", encode(&[], Style::Minimal))), QrError::Bounds { .. }));
}

#[test]
fn a_forger_with_many_frames_takes_little_memory() {
    let used = allocation_counter::measure(|| {
        let mut decoder = Decoder::new();
        for sequence in 1_025..=16_384_u64 {
            // Every sum is as it would be in a message of zeros, so nothing ever contradicts.
            let frame =
                Forged { sequence, count: 1_024, length: 256 * 1_024, checksum: 7, sum: vec![0; 256] };
            if decoder.receive(&frame.text()).is_err() {
                break;
            }
        }
    });
    println!("{} bytes at one time", used.bytes_max);
    assert!(used.bytes_max < 2 * 1_024 * 1_024, "{} bytes at one time", used.bytes_max);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_does_harm(texts in prop::collection::vec("(?s).{0,300}", 1..8)) {
        let mut decoder = Decoder::new();
        for text in texts {
            prop_assert!(decoder.receive(&text).is_err());
        }
    }

    #[test]
    fn no_bytes_in_a_frame_do_harm(
        sequence in 0_u64..20_000, count in 0_u64..1_100, cbor in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let place = format!("{sequence}-{count}");
        prop_assert!(Decoder::new().receive(&framed(&place, &cbor)).is_err());
    }

    #[test]
    fn no_forged_frames_do_harm(
        count in 1_u64..40, size in 1_usize..60, checksum in 0_u32..4,
        frames in prop::collection::vec((1_u64..640, any::<u8>()), 1..60),
    ) {
        let mut decoder = Decoder::new();
        for (sequence, byte) in frames {
            let length = count * size as u64;
            let frame = Forged { sequence: 1 + sequence % (16 * count), count, length, checksum, sum: vec![byte; size] };
            match decoder.receive(&frame.text()) {
                Err(QrError::Contradiction) => prop_assert_eq!(decoder.progress(), Progress::default()),
                received => prop_assert_ne!(received.unwrap(), Received::Complete, "no checksum fits"),
            }
        }
    }

    #[test]
    fn a_frame_with_one_letter_changed_is_refused_or_means_the_same(place: prop::sample::Index, letter in "[A-Z0-9/:-]") {
        let bytes = vec![9; 900];
        let frame = Encoder::new(&bytes).unwrap().nth(7).unwrap();
        let mut text = frame.text().to_owned();
        let place = place.index(text.len());
        text.replace_range(place..=place, &letter);
        let mut decoder = Decoder::new();
        match decoder.receive(&text) {
            Ok(_) => prop_assert_eq!(text, frame.text()),
            Err(_) => prop_assert_eq!(decoder.progress(), Progress::default()),
        }
    }
}
