//! What a camera reads from a screen: frames of a series, one a line.

use crate::common::samples::Sample;
use client_ffi::qr::{Decoder, Encoder, QrError, Received};
use ur::bytewords::{Style, encode};

/// A series of one code, and one of several with a mixture in place of a fragment.
pub fn samples() -> Vec<Sample> {
    let several: Vec<u8> = (0..=255).chain(0..=255).collect();
    let mixed = frames(&several, 40).into_iter().skip(1).collect::<Vec<_>>().join("\n");
    vec![
        Sample { name: "qr", read, bytes: frames(b"parcel", 1).concat().into_bytes() },
        Sample { name: "qr-several", read, bytes: mixed.into_bytes() },
    ]
}

fn frames(bytes: &[u8], count: usize) -> Vec<String> {
    let encoder = Encoder::new(bytes).expect("a series carries as much");
    encoder.take(count).map(|frame| frame.text().to_owned()).collect()
}

/// Reads frames until a series is complete, and shows its bytes again.
fn read(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut decoder = Decoder::new();
    for line in std::str::from_utf8(bytes).ok()?.split('\n') {
        let before = decoder.progress();
        match decoder.receive(line) {
            Ok(Received::New | Received::Complete) => {
                assert!(decoder.progress().frames == before.frames + 1, "what is new is one frame more");
            }
            Ok(Received::Known | Received::OtherSeries) => assert!(decoder.progress() == before),
            Err(QrError::Contradiction) => assert!(decoder.progress().frames == 0),
            Err(_) => assert!(decoder.progress() == before, "what is refused changes nothing"),
        }
    }
    let read = decoder.bytes()?;
    let fragments = Encoder::new(read).expect("what one series carried another carries").fragments();
    Some(frames(read, fragments).join("\n").into_bytes())
}

/// The same bytes as the content of frames whose checksums are right: number, count, and what they hold.
pub fn forged(bytes: &[u8]) {
    let mut decoder = Decoder::new();
    let Some((head, bytes)) = bytes.split_at_checked(4) else { return };
    let count = 1 + usize::from(u16::from_be_bytes([head[0], head[1]])) % 1_040;
    let size = 1 + usize::from(head[2]) % 32;
    let length = (count * size).saturating_sub(usize::from(head[3]) % size);
    for chunk in bytes.chunks_exact(2 + size) {
        let number = usize::from(u16::from_be_bytes([chunk[0], chunk[1]]));
        let mut w = sync_core::cbor::Writer::new();
        w.array(5).uint(number as u64).uint(count as u64).uint(length as u64).uint(7_u32).bytes(&chunk[2..]);
        let words = encode(&w.finish(), Style::Minimal);
        // Whatever comes of it: a sum over one fragment may even complete a series of one.
        let _ = decoder.receive(&format!("ur:hpgoi/{number}-{count}/{words}"));
        let progress = decoder.progress();
        assert!(progress.frames <= progress.needed && progress.needed <= 1_024);
        assert!((progress.percent() == 100) == decoder.bytes().is_some());
    }
}
