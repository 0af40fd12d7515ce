//! Orphaned ballots at the centre: nobody signed for them, so the centre seals them itself, and they are held.

use super::Admission;
use crate::ballot::Record;
use crate::cose::SecretKey;
use crate::envelope::{Chain, Sealer, SignedEnvelope};
use crate::message::Outcome;
use crate::parcel::OrphanBox;
use std::collections::BTreeSet;

impl Admission<'_> {
    /// Puts orphaned ballots into an envelope of the centre's own, the next of its chain in the unit. Ballots that are in
    /// one already are left out; nothing comes of a box that brought no others, so the same box twice is one.
    ///
    /// `own` are all envelopes of the unit that the centre sealed so far. The envelope never closes a chain: the box it
    /// stands for may come again with more.
    ///
    /// # Errors
    /// [`Outcome::OtherPackage`], [`Outcome::OtherUnit`], or [`Outcome::TooMany`] if the centre's chain is full.
    pub fn adopt(
        &self,
        orphan: &OrphanBox,
        own: &[SignedEnvelope],
        key: &SecretKey,
    ) -> Result<Option<SignedEnvelope>, Outcome> {
        if orphan.package != *self.package {
            return Err(Outcome::OtherPackage);
        }
        if orphan.unit != *self.unit {
            return Err(Outcome::OtherUnit);
        }
        let known: BTreeSet<Record> = own.iter().flat_map(|e| e.value().ballots.records()).collect();
        let Some(ballots) = orphan.ballots.without(|record| known.contains(record)) else { return Ok(None) };
        let last = own.iter().max_by_key(|envelope| envelope.value().number);
        let sealed = own.iter().map(|envelope| envelope.value().ballots.len()).sum::<usize>();
        let chain = Chain {
            number: last.map_or(0, |envelope| envelope.value().number),
            last: last.map(SignedEnvelope::envelope_id),
            ballots: u32::try_from(sealed).unwrap_or(u32::MAX),
            closed: false,
        };
        let sealer = Sealer {
            package: *self.package,
            unit: self.unit,
            sheet: orphan.sheet,
            device: self.centre.device(),
            key,
        };
        let (envelope, _) = sealer.seal(&chain, ballots, false).map_err(|_| Outcome::TooMany)?;
        Ok(Some(envelope))
    }
}
