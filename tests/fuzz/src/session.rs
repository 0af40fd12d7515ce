//! What a tablet of a local session gets from whoever else is in the network: an invitation, and frames.

use crate::behind;
use crate::common::samples::Sample;
use client_ffi::local::{Invitation, frames_again, sample_frames};
use sync_core::message::MESSAGE_MAX;

/// Bytes before a frame's content.
const HEAD: usize = 4;
const NAMES: [&str; 8] = [
    "session-hello",
    "session-refused",
    "session-begin",
    "session-message",
    "session-wait",
    "session-still",
    "session-news",
    "session-end",
];

/// Frames of each kind, all of them one after the other, and invitations to one address and to several.
pub fn samples() -> Vec<Sample> {
    let frames = sample_frames();
    let mut samples = vec![Sample { name: "session", read: frames_again_of, bytes: frames.concat() }];
    assert_eq!(frames.len(), NAMES.len(), "a name for each kind of frame");
    let named = NAMES.iter().zip(frames);
    samples.extend(named.map(|(name, bytes)| Sample { name, read: frames_again_of, bytes }));
    let pin = "5c".repeat(32);
    for (name, addresses) in
        [("invitation", "192.168.43.1:40123"), ("invitation-several", "10.0.0.1:1,[fe80::1]:40123")]
    {
        let bytes = format!("HPL1.{pin}.{addresses}").into_bytes();
        samples.push(Sample { name, read: invitation, bytes });
    }
    samples
}

fn frames_again_of(bytes: &[u8]) -> Option<Vec<u8>> {
    frames_again(bytes).filter(|again| !again.is_empty())
}

fn invitation(bytes: &[u8]) -> Option<Vec<u8>> {
    let invitation: Invitation = std::str::from_utf8(bytes).ok()?.parse().ok()?;
    assert!(!invitation.addresses().is_empty(), "there is somewhere to go to");
    Some(invitation.to_string().into_bytes())
}

/// The same bytes as the message in a frame, and the message in them to whoever takes it.
pub fn frame(bytes: &[u8]) {
    if bytes.len() <= MESSAGE_MAX {
        let mut w = sync_core::cbor::Writer::new();
        w.array(2).uint(3_u8).bytes(bytes);
        let content = w.finish();
        let length = u32::try_from(content.len()).expect("a message is short");
        let travels = [length.to_be_bytes().as_slice(), &content].concat();
        if let Some(again) = frames_again(&travels) {
            assert!(again == travels, "a second form of a frame is taken");
            behind::message(bytes);
        }
    }
    // What is behind the head of a message's frame, as the search finds it: tag, kind, and the head of its bytes.
    for head in [HEAD + 3, HEAD + 4, HEAD + 5] {
        if let Some(message) = bytes.get(head..) {
            behind::message(message);
        }
    }
}
