//! The audit log: a chain of hashes, so that nobody changes, drops or inserts a line without its being seen.
//!
//! The hash of an entry is SHA-256 over a domain string and the canonical CBOR array of the hash before it and all its
//! fields. The head (number and hash of the last entry) is signed by the centre's key; whoever notes a head elsewhere
//! can later show that the log still goes on from it.

use sha2::{Digest, Sha256};
use sync_core::cbor::{Format, FormatError, Reader, Writer};
use sync_core::cose::{PublicKey, Signed, SignedKind};
use thiserror::Error;

const ENTRY_DOMAIN: &[u8] = b"homphieu/audit-entry/1";
const VERSION: u64 = 1;
/// Longest text of a field in bytes.
pub const TEXT_MAX: usize = 4_096;

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Number, from 1.
    pub seq: u64,
    /// When, in seconds since 1970: a note for people, it decides nothing.
    pub at: i64,
    /// Who: a login, `operator` for the command line on the centre's machine, `centre` for what it does by itself.
    pub actor: String,
    /// What, as a stable word.
    pub action: String,
    /// On what.
    pub object: String,
    /// What else is worth knowing, for people.
    pub detail: String,
}

/// Hash of an entry, or of nothing before the first.
pub type Hash = [u8; 32];

impl Entry {
    /// The hash of this entry after the one before it.
    pub fn hash(&self, previous: &Hash) -> Hash {
        let mut w = Writer::new();
        // Seconds before 1970 come from a wrong clock and are written as 0.
        let at = u64::try_from(self.at).unwrap_or(0);
        w.array(8).uint(VERSION).bytes(previous).uint(self.seq).uint(at);
        w.text(&self.actor).text(&self.action).text(&self.object).text(&self.detail);
        Sha256::new().chain_update(ENTRY_DOMAIN).chain_update(w.finish()).finalize().into()
    }
}

/// The end of the log at some moment, signed by the centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditHead {
    /// Number of the last entry.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
}

impl SignedKind for AuditHead {
    const DOMAIN: &'static str = "homphieu/audit-head/1";
}

impl Format for AuditHead {
    const WHAT: &'static str = "audit head";
    const MAX_BYTES: usize = 64;

    fn write(&self, w: &mut Writer) {
        w.array(3).uint(VERSION).uint(self.seq).bytes(&self.hash);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(3, VERSION, Self::WHAT)?;
        Ok(Self { seq: r.uint(0..=i64::MAX.unsigned_abs(), Self::WHAT)?, hash: r.fixed(Self::WHAT)? })
    }
}

/// What is wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AuditError {
    /// Numbers do not follow on each other.
    #[error("entry {found} stands where entry {expected} should: lines were removed or inserted")]
    Number {
        /// Expected.
        expected: u64,
        /// Found.
        found: u64,
    },
    /// A line is not what was written.
    #[error("entry {seq} was changed, or one before it")]
    Changed {
        /// Its number.
        seq: u64,
    },
    /// The log ends elsewhere than its head says.
    #[error("the log ends with entry {found}, its signed head says {head}")]
    Head {
        /// Number in the head.
        head: u64,
        /// Number of the last entry.
        found: u64,
    },
    /// The head is not signed by this centre.
    #[error("the head of the log is not signed by this centre")]
    Signature,
    /// A head noted earlier does not lie on this log.
    #[error("the log does not go on from the head noted at entry {seq}: it was replaced or set back")]
    NotFromThere {
        /// Number in the noted head.
        seq: u64,
    },
}

/// Walks a log from its beginning.
#[derive(Debug, Default)]
pub struct Walk {
    seq: u64,
    hash: Hash,
    wanted: Option<AuditHead>,
    met: bool,
}

impl Walk {
    /// A walk that must pass a head noted earlier.
    pub fn past(noted: Option<AuditHead>) -> Self {
        Self { met: noted.is_none_or(|head| head.seq == 0), wanted: noted, ..Self::default() }
    }

    /// Takes the next entry with the hash stored beside it.
    ///
    /// # Errors
    /// [`AuditError`].
    pub fn step(&mut self, entry: &Entry, stored: &Hash) -> Result<(), AuditError> {
        if entry.seq != self.seq + 1 {
            return Err(AuditError::Number { expected: self.seq + 1, found: entry.seq });
        }
        let hash = entry.hash(&self.hash);
        if hash != *stored {
            return Err(AuditError::Changed { seq: entry.seq });
        }
        (self.seq, self.hash) = (entry.seq, hash);
        if let Some(noted) = self.wanted.filter(|noted| noted.seq == entry.seq) {
            self.met = noted.hash == hash;
        }
        Ok(())
    }

    /// Ends the walk at the signed head; nothing is signed of an empty log.
    ///
    /// # Errors
    /// [`AuditError`].
    pub fn end(&self, head: Option<&[u8]>, key: &PublicKey) -> Result<AuditHead, AuditError> {
        if let (false, Some(noted)) = (self.met, self.wanted) {
            return Err(AuditError::NotFromThere { seq: noted.seq });
        }
        let here = AuditHead { seq: self.seq, hash: self.hash };
        let Some(bytes) = head else {
            return if self.seq == 0 { Ok(here) } else { Err(AuditError::Signature) };
        };
        let head = Signed::<AuditHead>::open(bytes, key).map_err(|_| AuditError::Signature)?;
        if head.value().seq != self.seq {
            return Err(AuditError::Head { head: head.value().seq, found: self.seq });
        }
        if *head.value() == here { Ok(here) } else { Err(AuditError::Changed { seq: self.seq }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync_core::cose::SecretKey;

    fn log(len: u64) -> Vec<(Entry, Hash)> {
        let mut previous = Hash::default();
        let entry = |seq: u64| Entry {
            seq,
            at: 1_700_000_000,
            actor: "lan".to_owned(),
            action: "round_closed".to_owned(),
            object: "A".to_owned(),
            detail: format!("số {seq}"),
        };
        let step = |seq| {
            let entry = entry(seq);
            previous = entry.hash(&previous);
            (entry, previous)
        };
        (1..=len).map(step).collect()
    }

    fn key() -> SecretKey {
        SecretKey::from_seed(&[7; 32])
    }

    fn signed(log: &[(Entry, Hash)]) -> Vec<u8> {
        let (entry, hash) = log.last().unwrap();
        Signed::sign(AuditHead { seq: entry.seq, hash: *hash }, &key()).into_bytes()
    }

    fn walk(log: &[(Entry, Hash)], head: &[u8], noted: Option<AuditHead>) -> Result<AuditHead, AuditError> {
        let mut walk = Walk::past(noted);
        for (entry, hash) in log {
            walk.step(entry, hash)?;
        }
        walk.end(Some(head), &key().public())
    }

    #[test]
    fn a_log_as_written_is_whole_and_goes_on_from_every_head_it_had() {
        let log = log(5);
        let head = signed(&log);
        for (entry, hash) in &log {
            let noted = AuditHead { seq: entry.seq, hash: *hash };
            assert_eq!(walk(&log, &head, Some(noted)).unwrap().seq, 5);
        }
        assert_eq!(Walk::past(None).end(None, &key().public()).unwrap().seq, 0);
    }

    #[test]
    fn every_change_of_every_field_is_seen() {
        let whole = log(4);
        let head = signed(&whole);
        let changes: [fn(&mut Entry); 6] = [
            |e| e.seq += 1,
            |e| e.at += 1,
            |e| e.actor.push('x'),
            |e| e.action.push('x'),
            |e| e.object.clear(),
            |e| e.detail.push(' '),
        ];
        for place in 0..4 {
            for change in changes {
                let mut changed = whole.clone();
                change(&mut changed[place].0);
                assert!(walk(&changed, &head, None).is_err());
            }
        }
    }

    #[test]
    fn dropped_moved_and_rewritten_lines_are_seen() {
        let whole = log(4);
        let head = signed(&whole);
        for place in 0..4 {
            let mut shorter = whole.clone();
            shorter.remove(place);
            assert!(walk(&shorter, &head, None).is_err(), "without entry {}", place + 1);
        }
        let mut swapped = whole.clone();
        swapped.swap(1, 2);
        assert!(walk(&swapped, &head, None).is_err());
        // Somebody with the disk but not the key writes the whole log anew: the head no longer fits.
        let mut forged = whole.clone();
        forged[3].0.detail = "nothing happened".to_owned();
        forged[3].1 = forged[3].0.hash(&forged[2].1);
        assert_eq!(walk(&forged, &head, None), Err(AuditError::Changed { seq: 4 }));
        let stranger = Signed::sign(AuditHead { seq: 4, hash: forged[3].1 }, &SecretKey::from_seed(&[8; 32]));
        assert_eq!(walk(&forged, stranger.bytes(), None), Err(AuditError::Signature));
    }

    #[test]
    fn a_log_that_was_set_back_does_not_pass_a_head_noted_elsewhere() {
        let whole = log(4);
        let noted = AuditHead { seq: 4, hash: whole[3].1 };
        let back = &whole[..2];
        assert_eq!(walk(back, &signed(back), Some(noted)), Err(AuditError::NotFromThere { seq: 4 }));
    }
}
