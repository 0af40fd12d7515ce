//! What two tablets in one local session tell each other, and what they may.
//!
//! Names (sheets, and the record in clear) go from a tablet of the unit to a tablet of the unit, if neither is known to
//! be revoked. TLS has shown by then whose key the other side has. Everybody else is a carrier: it gets what anybody may
//! see, and the record sealed to the centre. A revoked device hands over what it has, for ballots must not be lost with
//! it, and gets what the centre would give it: revocations, receipts and the round statement.

use super::Tablet;
use super::carry::Route;
use super::exchange::Taken;
use crate::error::TabletError;
use crate::local::{Begin, Hello, Mark, Reason};
use crate::store::Store;
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use sync_core::cose::{PublicKey, SecretKey};
use sync_core::device::{Scope, SignedCertificate};
use sync_core::id::{DeviceId, UnitCode};
use sync_core::message::{Have, Item, ItemKind, Message, Outcome, pieces_of};
use sync_core::planted::{self, Bug};
use zeroize::Zeroizing;

/// Longest message of a turn, in bytes: what a link that breaks in the middle of one costs.
const PIECE_MAX: usize = 64 * 1024;

/// The device at the other end, certified for this round by the centre.
#[derive(Debug, Clone)]
pub(crate) struct Peer(SignedCertificate);

impl Peer {
    pub fn device(&self) -> DeviceId {
        self.0.value().device()
    }

    pub fn label(&self) -> &str {
        &self.0.value().label
    }

    pub fn is_courier(&self) -> bool {
        self.0.value().scope == Scope::Courier
    }
}

/// What one side said about a unit when its turn began.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// What `have` names.
    pub have: Have,
    /// The rest.
    pub holds: Vec<Mark>,
}

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// The device's secret key, for TLS.
    pub(crate) fn own_key(&self) -> Result<SecretKey, TabletError> {
        self.membership()?;
        let identity = self.identity.as_ref().ok_or(TabletError::NotEnrolled)?;
        let seed: Zeroizing<[u8; 32]> = identity.sign.seed();
        Ok(SecretKey::from_seed(&seed))
    }

    /// Who this tablet is.
    pub(crate) fn hello(&self) -> Result<Hello, TabletError> {
        let round = self.membership()?;
        Ok(Hello {
            package: round.package.hash(),
            title: round.package.value().title.clone(),
            certificate: round.certificate.bytes().to_vec(),
            units: self.held_units(),
        })
    }

    /// Who the other side is, by its hello and the key that TLS showed it to have.
    pub(crate) fn recognise(
        &self,
        hello: &Hello,
        key: &PublicKey,
    ) -> Result<Result<Peer, Reason>, TabletError> {
        let package = &self.membership()?.package;
        if hello.package != package.hash() {
            return Ok(Err(Reason::OtherRound));
        }
        let certificate = SignedCertificate::open(&hello.certificate, &package.value().centre.sign).ok();
        let certificate = certificate.filter(|certificate| {
            let value = certificate.value();
            value.package == package.hash() && (value.sign == *key || planted::is(Bug::LetsStrangersIn))
        });
        let Some(certificate) = certificate else { return Ok(Err(Reason::Stranger)) };
        if Some(certificate.value().device()) == self.device() {
            return Ok(Err(Reason::Itself));
        }
        Ok(Ok(Peer(certificate)))
    }

    /// Whether the centre revoked a device, as far as this tablet heard of it for any unit.
    pub(crate) fn is_revoked(&self, device: &DeviceId) -> bool {
        let units = self.round.as_ref().map(|round| &round.units);
        units.is_some_and(|units| units.values().any(|state| state.replica.revoked().contains(device)))
    }

    /// Units of the round among those somebody names, and those held here; ascending.
    pub(crate) fn units_with(&self, theirs: &[UnitCode]) -> Result<Vec<UnitCode>, TabletError> {
        let package = self.membership()?.package.value();
        let known = theirs.iter().filter(|unit| package.unit(unit).is_some()).cloned();
        Ok(self.held_units().into_iter().chain(known).collect::<BTreeSet<_>>().into_iter().collect())
    }

    /// A turn: says what is held of a unit and gives the peer what it lacks. What it holds is known once it had a
    /// turn; before that nothing is given. `outcomes` tell what became of what the peer gave.
    pub(crate) fn turn(
        &self,
        unit: &UnitCode,
        peer: &Peer,
        told: Option<&Told>,
        outcomes: Vec<(u32, Outcome)>,
    ) -> Result<(Begin, Vec<Message>), TabletError> {
        let give = told.map(|told| self.lacking(unit, peer, told)).transpose()?.unwrap_or_default();
        let mut first = self.message(unit)?;
        first.have = Some(self.state(unit).map(|state| state.replica.have()).unwrap_or_default());
        first.outcomes = outcomes;
        let items = give.len();
        let messages = pieces_of(first, give, PIECE_MAX);
        let bytes: usize =
            messages.iter().flat_map(|message| &message.give).map(|item| item.bytes.len()).sum();
        let short = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let begin = Begin {
            unit: unit.clone(),
            holds: self.marks(unit),
            messages: short(messages.len()),
            items: short(items),
            bytes: short(bytes),
        };
        Ok((begin, messages))
    }

    /// Whether anything is here that a peer lacks and may have.
    pub(crate) fn has_for(&self, unit: &UnitCode, peer: &Peer, told: &Told) -> Result<bool, TabletError> {
        Ok(!self.lacking(unit, peer, told)?.is_empty())
    }

    /// Takes a message of a turn. What the peer shows to hold counts as handed over to it.
    pub(crate) fn take_from(&mut self, peer: &Peer, message: &Message) -> Result<Taken, TabletError> {
        let route = if self.shares_names(&message.unit, peer) { Route::Local } else { Route::Open };
        self.attempt(|tablet| {
            let taken = tablet.take_items(message, route)?;
            if let Some(have) = &message.have {
                tablet.note_handed(&message.unit, have, Some(peer.device()))?;
                if planted::is(Bug::HandedWhenMet) {
                    let ours = tablet.state(&message.unit)?.replica.have();
                    tablet.note_handed(&message.unit, &ours, Some(peer.device()))?;
                }
            }
            Ok(taken)
        })
    }

    /// Whether names of a unit may pass between this tablet and a peer.
    fn shares_names(&self, unit: &UnitCode, peer: &Peer) -> bool {
        let revoked =
            self.device().is_none_or(|own| self.is_revoked(&own)) || self.is_revoked(&peer.device());
        self.units().contains(unit) && peer.0.value().scope.covers(unit) && !revoked
    }

    /// What a peer lacks of a unit and may have; ballots first, names last.
    fn lacking(&self, unit: &UnitCode, peer: &Peer, told: &Told) -> Result<Vec<Item>, TabletError> {
        let Ok(state) = self.state(unit) else { return Ok(Vec::new()) };
        let names = self.shares_names(unit, peer);
        let revoked = self.is_revoked(&peer.device());
        let theirs: BTreeSet<_> = told.have.envelopes.iter().collect();
        let unknown = |item: &Item| told.holds.binary_search(&mark(item)).is_err();
        let may = |kind| match kind {
            ItemKind::Revocation | ItemKind::Receipt | ItemKind::RoundStatement => true,
            ItemKind::Certificate => !revoked,
            ItemKind::SheetReplacement | ItemKind::Sheet => names,
            _ => false,
        };
        let (sheets, mut give): (Vec<Item>, Vec<Item>) = state
            .replica
            .items()
            .into_iter()
            .filter(|item| may(item.kind) && unknown(item))
            .partition(|item| matches!(item.kind, ItemKind::SheetReplacement | ItemKind::Sheet));
        if revoked && !planted::is(Bug::GivesToRevoked) {
            return Ok(give);
        }
        let envelopes = state.replica.envelopes();
        let envelopes = envelopes.filter(|envelope| !theirs.contains(&envelope.envelope_id()));
        let envelopes = envelopes.skip(usize::from(planted::is(Bug::SessionLeavesOne)));
        give.extend(envelopes.map(|envelope| Item::new(ItemKind::Envelope, envelope.bytes())));
        // Certificates before what needs them, and that before the rest.
        give.sort_by_key(|item| match item.kind {
            ItemKind::Certificate => 0,
            ItemKind::Envelope => 1,
            _ => 2,
        });
        give.extend(sheets);
        if names {
            let changes = state.replica.record().lacking(&told.have.records);
            give.extend(changes.iter().map(|change| Item::new(ItemKind::RecordChange, change.bytes())));
            give.extend(state.replica.carried().filter(unknown));
        } else {
            give.extend(self.parcels(unit, &self.centre_reader()?, &[])?.into_iter().filter(unknown));
        }
        Ok(give)
    }

    fn marks(&self, unit: &UnitCode) -> Vec<Mark> {
        let Ok(state) = self.state(unit) else { return Vec::new() };
        let named = |kind| matches!(kind, ItemKind::Envelope | ItemKind::RecordChange);
        let items = state.replica.items();
        let marks: BTreeSet<Mark> =
            items.iter().filter(|item| !named(item.kind)).map(mark).take(crate::local::HOLDS_MAX).collect();
        marks.into_iter().collect()
    }
}

fn mark(item: &Item) -> Mark {
    let hash: [u8; 32] = Sha256::digest(&item.bytes).into();
    *hash.first_chunk().expect("32 bytes have 16")
}
