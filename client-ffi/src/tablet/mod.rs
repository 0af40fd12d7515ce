//! One tablet: its identity, its round, and per unit a replica, an open box and a chain of envelopes.

mod carry;
mod courier;
mod enrol;
mod exchange;
mod finish;
mod guidance;
mod handed;
#[cfg(not(target_family = "wasm"))]
mod local;
mod pace;
mod parcel;
mod record;
mod recover;
mod seal;
mod seals;
mod status;
mod sync;
mod sync_record;
mod vote;

pub use courier::{CARRY_ROOM, CourierView};
pub(crate) use exchange::OPEN_KINDS;
pub use exchange::Taken;
pub use finish::Finished;
#[cfg(not(target_family = "wasm"))]
pub(crate) use local::{Peer, Told};
pub use parcel::{ImportReport, UnitImport};
pub use record::{
    Acting, CheckedIn, Earlier, FigureView, FindingView, Live, NewPlan, NoteView, PIN_MAX, PIN_MIN,
    PaperSeen, PaperView, Person, PlanProgressSeen, PlanSeen, PlanVersionSeen, RecordView, Seen, TotalView,
    VersionView, Voter,
};
pub use status::{Carried, Held, NextStep, Status, Taker, UnitStatus};
pub use sync::{Post, SyncReport, SyncRun};

use crate::error::TabletError;
use crate::store::Store;

use crate::values::{BoxCipher, Identity, bytes_hash};
use handed::Handed;
use pace::Pace;
use rand_core::CryptoRng;
use seals::Seals;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use sync_core::cose::Signed;
use sync_core::device::{Scope, SignedCertificate};
use sync_core::envelope::{Chain, SignedEnvelope};
use sync_core::id::{DeviceId, Nullifier, SheetHash, UnitCode};
use sync_core::message::RecordHead;
use sync_core::open_box::OpenBox;
use sync_core::package::{Package, Sheet};
use sync_core::planted::{self, Bug};
use sync_core::record::Writer;
use sync_core::replica::Replica;

/// Random bytes of the operating system.
pub type SystemRng = rand_core::UnwrapErr<getrandom::SysRng>;

/// A tablet or courier over a store.
///
/// Every method that changes something stores it durably before it returns. After an error of the store the tablet
/// reads everything again before it goes on, so memory never runs ahead of what is stored.
pub struct Tablet<S, R = SystemRng> {
    store: S,
    rng: R,
    identity: Option<Identity>,
    round: Option<Membership>,
    stale: bool,
    /// How large pieces get through to the centre, in this run.
    pace: Pace,
}

/// What the tablet has since it enrolled.
struct Membership {
    package: Signed<Package>,
    certificate: SignedCertificate,
    address: String,
    units: BTreeMap<UnitCode, UnitState>,
}

/// One unit on this tablet: its own, or one it carries for.
struct UnitState {
    replica: Replica,
    chain: Chain,
    open_box: Option<OpenBox>,
    cipher: Option<BoxCipher>,
    confirmed_sheet: Option<SheetHash>,
    used: BTreeSet<Nullifier>,
    handed: Handed,
    /// This run's chain in the record, once it wrote something. After the store failed there is none again.
    writer: Option<Writer>,
    /// How far the centre's record was when it last said so, in this run.
    centre_heads: Option<Vec<RecordHead>>,
    /// Sealed lists that the centre took in this run, by the hash of their bytes.
    delivered: BTreeSet<[u8; 32]>,
    /// Lists that were sealed or opened here in this run.
    seals: Seals,
}

/// Where the ballots cast on this tablet are. Each counts once, in the furthest state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// In the open box.
    pub in_box: usize,
    /// In envelopes that are only here.
    pub sealed: usize,
    /// In envelopes that another tablet or courier holds as well.
    pub handed_over: usize,
    /// In envelopes that the centre has confirmed.
    pub confirmed: usize,
    /// In envelopes that were counted or decided about and, the round being finished, are deleted here.
    pub finished: usize,
}

impl Counts {
    /// Ballots cast on this tablet.
    pub fn cast(&self) -> usize {
        self.in_box + self.sealed + self.handed_over + self.confirmed + self.finished
    }
}

impl<S: Store> Tablet<S> {
    /// Opens a tablet over its store.
    ///
    /// # Errors
    /// [`TabletError::Damaged`] with the value's key, or [`TabletError::Store`].
    pub fn open(store: S) -> Result<Self, TabletError> {
        Self::open_with(store, rand_core::UnwrapErr(getrandom::SysRng))
    }
}

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// Opens a tablet with another source of randomness, as simulations need.
    ///
    /// # Errors
    /// As [`Tablet::open`].
    pub fn open_with(store: S, rng: R) -> Result<Self, TabletError> {
        let mut tablet = Self { store, rng, identity: None, round: None, stale: true, pace: Pace::default() };
        tablet.reload()?;
        Ok(tablet)
    }

    /// Its id, once it has keys.
    pub fn device(&self) -> Option<DeviceId> {
        self.identity.as_ref().map(Identity::device)
    }

    /// The round's package, once enrolled.
    pub fn package(&self) -> Option<&Signed<Package>> {
        self.round.as_ref().map(|round| &round.package)
    }

    /// The address of the centre, once enrolled.
    pub fn address(&self) -> Option<&str> {
        self.round.as_ref().map(|round| round.address.as_str())
    }

    /// Units it takes ballots for; none for a courier.
    pub fn units(&self) -> &[UnitCode] {
        match self.round.as_ref().map(|round| &round.certificate.value().scope) {
            Some(Scope::Units(units)) => units,
            _ => &[],
        }
    }

    /// Units it holds something of: its own and those it carries for.
    pub fn held_units(&self) -> Vec<UnitCode> {
        self.round.as_ref().map(|round| round.units.keys().cloned().collect()).unwrap_or_default()
    }

    /// The sheet of a unit that holds now, if it is here.
    pub fn sheet(&self, unit: &UnitCode) -> Option<&Sheet> {
        self.state(unit).ok()?.replica.sheet()
    }

    /// The hash of the sheet that holds now, as the team compares it with paper.
    pub fn sheet_hash(&self, unit: &UnitCode) -> Option<SheetHash> {
        Some(self.state(unit).ok()?.replica.current_sheet())
    }

    /// Whether the team compared the sheet that holds now with paper, so that ballots can be cast.
    pub fn is_confirmed(&self, unit: &UnitCode) -> bool {
        self.state(unit).is_ok_and(|state| state.confirmed_sheet == Some(state.replica.current_sheet()))
    }

    /// Whether the box for this unit is closed.
    pub fn is_closed(&self, unit: &UnitCode) -> bool {
        self.state(unit).is_ok_and(|state| state.chain.closed)
    }

    /// The replica of a unit, to look at.
    pub fn replica(&self, unit: &UnitCode) -> Option<&Replica> {
        Some(&self.state(unit).ok()?.replica)
    }

    /// Where the ballots cast here are.
    pub fn counts(&self, unit: &UnitCode) -> Counts {
        let mut counts = Counts::default();
        let (Ok(state), Some(device)) = (self.state(unit), self.device()) else { return counts };
        let confirmed = state.replica.confirmed();
        counts.in_box = state.open_box.as_ref().map_or(0, OpenBox::len);
        if planted::is(Bug::CountsBoxTwice) {
            counts.sealed = counts.in_box;
        }
        for envelope in state.own_envelopes(&device) {
            let id = envelope.envelope_id();
            let ballots = envelope.value().ballots.len();
            if confirmed.contains(&id)
                || planted::is(Bug::HaveIsConfirmed) && state.handed.0.contains_key(&id)
            {
                counts.confirmed += ballots;
            } else if state.handed.0.contains_key(&id) {
                counts.handed_over += ballots;
            } else {
                counts.sealed += ballots;
            }
        }
        if state.replica.is_finished() {
            let chained = state.own_envelopes(&device).filter(|e| e.value().number <= state.chain.number);
            let here: usize = chained.map(|envelope| envelope.value().ballots.len()).sum();
            counts.finished = usize::try_from(state.chain.ballots).unwrap_or(usize::MAX).saturating_sub(here);
        }
        counts
    }

    /// A hash over everything that a sync could bring to the centre, or that it may ask for: another one means that
    /// something new is here. It says when to sync ([`crate::retry::Retry`]) and nothing else.
    pub fn stamp(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for (unit, state) in self.round.iter().flat_map(|round| &round.units) {
            let have = state.replica.have();
            hash.update([u8::try_from(unit.as_str().len()).unwrap_or(u8::MAX)]);
            hash.update(unit.as_str());
            hash.update((have.envelopes.len() as u64).to_be_bytes());
            have.envelopes.iter().for_each(|id| hash.update(id.as_bytes()));
            hash.update((have.records.len() as u64).to_be_bytes());
            for head in &have.records {
                hash.update(head.actor);
                hash.update(head.sequence.to_be_bytes());
                hash.update(head.hash);
            }
            state.replica.carried().for_each(|item| hash.update(bytes_hash(&item.bytes)));
        }
        hash.finalize().into()
    }

    /// The store, to look at.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// The store, to change what it does; in simulations.
    pub fn store_mut(&mut self) -> &mut S {
        &mut self.store
    }

    /// Ends the tablet and gives its store back.
    pub fn into_store(self) -> S {
        self.store
    }

    /// Does something that may write. If the store failed before, everything is read again first; if it fails now,
    /// what memory says is no longer believed.
    fn attempt<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, TabletError>,
    ) -> Result<T, TabletError> {
        if self.stale {
            self.reload()?;
        }
        let done = work(self);
        if matches!(done, Err(TabletError::Store(_) | TabletError::Damaged { .. })) {
            self.stale = true;
        }
        done
    }

    fn membership(&self) -> Result<&Membership, TabletError> {
        self.round.as_ref().ok_or(TabletError::NotEnrolled)
    }

    fn state(&self, unit: &UnitCode) -> Result<&UnitState, TabletError> {
        let units = &self.membership()?.units;
        units.get(unit).ok_or_else(|| TabletError::OtherUnit(unit.clone()))
    }

    /// Everything that a change of one unit needs, borrowed apart.
    fn desk(&mut self, unit: &UnitCode) -> Result<Desk<'_, S, R>, TabletError> {
        let round = self.round.as_mut().ok_or(TabletError::NotEnrolled)?;
        let identity = self.identity.as_ref().ok_or(TabletError::NotEnrolled)?;
        let Membership { package, certificate, units, .. } = round;
        let state = units.get_mut(unit).ok_or_else(|| TabletError::OtherUnit(unit.clone()))?;
        Ok(Desk { store: &mut self.store, rng: &mut self.rng, identity, package, certificate, state })
    }
}

/// One unit's state with what is needed to change it.
struct Desk<'a, S, R> {
    store: &'a mut S,
    rng: &'a mut R,
    identity: &'a Identity,
    package: &'a Signed<Package>,
    certificate: &'a SignedCertificate,
    state: &'a mut UnitState,
}

impl UnitState {
    fn new(replica: Replica) -> Self {
        Self {
            replica,
            chain: Chain::default(),
            open_box: None,
            cipher: None,
            confirmed_sheet: None,
            used: BTreeSet::new(),
            handed: Handed::default(),
            writer: None,
            centre_heads: None,
            delivered: BTreeSet::new(),
            seals: Seals::default(),
        }
    }

    fn own_envelopes<'a>(&'a self, device: &'a DeviceId) -> impl Iterator<Item = &'a SignedEnvelope> {
        self.replica.envelopes().filter(move |envelope| envelope.value().device == *device)
    }
}
