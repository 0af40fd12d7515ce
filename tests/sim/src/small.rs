//! The smallest world, for [`crate::model`]: what its participants do in one step, and what must hold in every state.

use crate::body::Machine;
use crate::centre::Centre;
use crate::chance::{SimRng, rng_for};
use crate::disk::{Disk, Values};
use crate::fault::Faults;
use crate::look;
use crate::model::{State, Step, Told};
use crate::net::{Dice, Line, Net};
use crate::notes::Notes;
use crate::plan::Plan;
use crate::round::{ROUND, Round};
use crate::secrets::Secrets;
use client_ffi::{Tablet, TabletError};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use sync_core::ballot::Marks;
use sync_core::cose::{SecretKey, Unverified};
use sync_core::device::Scope;
use sync_core::enrol::{EnrolToken, TokenSecret};
use sync_core::envelope::{Envelope, SignedEnvelope};
use sync_core::fingerprint;
use sync_core::id::{DeviceId, EnvelopeId, UnitCode};
use sync_core::open_box::InsertError;
use sync_core::permit::PermitCode;

/// Voting tablets.
pub const TABLETS: usize = 2;
/// Voters.
pub const VOTERS: usize = 2;

/// What does not change.
pub struct Small {
    round: Round,
    code: UnitCode,
    stores: Vec<Values>,
    devices: Vec<DeviceId>,
    books: crate::centre::Books,
    secrets: Rc<Secrets>,
}

impl Small {
    /// Two tablets of one unit and a courier, enrolled, their sheet compared. The smallest batch is one, so that a
    /// second ballot cuts.
    pub fn new() -> Self {
        let plan = Plan {
            seed: 0,
            units: 1,
            tablets: TABLETS,
            couriers: 1,
            ballots: VOTERS,
            faults: Faults::none(),
        };
        let round = Round::smallest(&plan);
        let secrets = Rc::new(Secrets::of(&ROUND, round.permits(), &round.names()));
        let code = round.units[0].code.clone();
        let mut centre = new_centre(&round);
        let mut stores = Vec::new();
        let mut devices = Vec::new();
        for at in 0..=TABLETS {
            let disk = Disk::new("new", Notes::default(), Rc::clone(&secrets));
            let mut tablet =
                Tablet::open_with(disk.clone(), rng_for(0, &format!("enrol {at}"))).expect("an empty store");
            let token = EnrolToken {
                centre: round.centre.public(),
                secret: TokenSecret([1; 16]),
                address: "http://127.0.0.1:1".to_owned(),
            };
            let request = tablet.enrol_request(&token.to_text()).expect("a fresh tablet");
            let scope = if at < TABLETS { Scope::Units(vec![code.clone()]) } else { Scope::Courier };
            let answer = centre.enrol(&request, &scope, &format!("{at}"));
            tablet.finish_enrolment(&token.to_text(), &answer).expect("a genuine answer");
            if at < TABLETS {
                let digits = fingerprint::groups(&round.units[0].first.hash().0);
                tablet.confirm_sheet(&code, &[(0, &digits[0]), (1, &digits[1])]).expect("the right digits");
            }
            devices.push(tablet.device().expect("it has keys"));
            stores.push(disk.durable());
        }
        Self { round, code, stores, devices, books: centre.books, secrets }
    }

    /// The state before anything happens.
    pub fn first(&self) -> State {
        State {
            stores: self.stores.clone(),
            centre: BTreeMap::new(),
            voters: vec![Told::default(); VOTERS],
            crashes: 0,
            history: Vec::new(),
        }
    }

    /// The search for secrets.
    pub fn secrets(&self) -> Rc<Secrets> {
        Rc::clone(&self.secrets)
    }

    /// Whether a tablet's chain is closed: its closing envelope is stored.
    pub fn is_closed(&self, state: &State, at: usize) -> bool {
        self.envelopes(&state.stores[at]).iter().any(|e| e.device == self.devices[at] && e.total.is_some())
    }

    /// Records in the open box of a store.
    pub fn in_boxes(&self, values: &Values) -> BTreeSet<Vec<u8>> {
        look::open_box(values, &self.code)
            .map(|(records, _)| records.into_iter().collect())
            .unwrap_or_default()
    }

    fn envelopes(&self, values: &Values) -> Vec<Envelope> {
        look::envelopes(values, &self.code)
    }

    fn slip(&self, voter: usize) -> &PermitCode {
        &self.round.units[0].slips[voter]
    }

    fn marks(&self, voter: usize) -> Marks {
        let lines = self.round.units[0].first.officials.len();
        Marks::new((0..lines).map(|_| u8::try_from(voter).ok()).collect())
    }

    /// The centre with what a state says it has.
    fn centre(&self, state: &State) -> Centre {
        let mut centre = new_centre(&self.round);
        centre.books = self.books.clone();
        let envelopes = state.centre.iter().map(|(id, bytes)| {
            let object = Unverified::<Envelope>::decode(bytes).expect("the centre stored it");
            let key = centre.books.certificates[&object.claim().device].value().sign;
            let envelope: SignedEnvelope = object.verify(&key).expect("the centre stored it");
            (*id, envelope)
        });
        let envelopes = envelopes.collect();
        centre.books.envelopes.insert(self.code.clone(), envelopes);
        centre
    }

    /// Does a step. The program is started on what is durable; if it dies, what it had told before stays told.
    pub fn perform(&self, state: &mut State, step: Step, disk: &Disk, rng: SimRng) {
        let Ok(mut tablet) = Tablet::open_with(disk.clone(), rng) else { return };
        match step {
            Step::Vote(voter, at) => match tablet.cast(&self.code, self.slip(voter), &self.marks(voter)) {
                Ok(()) | Err(TabletError::Box(InsertError::AlreadyUsed)) => state.voters[voter].by = Some(at),
                Err(_) => {}
            },
            Step::Close(_) => drop(tablet.close(&self.code)),
            Step::Sync(_, answered) => self.sync(state, &mut tablet, answered),
            Step::HandOver(from, _) => {
                let notes = Notes::default();
                let giver = Disk::holding("giver", state.stores[from].clone(), notes, self.secrets());
                let giver = Tablet::open_with(giver, rng_for(0, "giver")).expect("its store is whole");
                for message in giver.hand_over(&self.code).unwrap_or_default() {
                    drop(tablet.take(&message));
                }
            }
        }
    }

    fn sync(&self, state: &mut State, tablet: &mut Machine, answered: bool) {
        let notes = Notes::default();
        let mut faults = Faults::none();
        faults.set(crate::fault::Fault::AnswerLost, u8::from(!answered));
        let dice = Dice::new(0, faults, notes.clone());
        dice.always(!answered);
        let mut net = Net::new(self.centre(state), notes, dice, self.secrets());
        net.calm = answered;
        let net = Rc::new(RefCell::new(net));
        let line =
            Line { net: Rc::clone(&net), who: "participant".to_owned(), cut_off: false, courier: false };
        drop(tablet.sync(&line));
        let net = net.borrow();
        let stored = net.centre.books.envelopes[&self.code].values();
        state.centre = stored.map(|envelope| (envelope.envelope_id(), envelope.bytes().to_vec())).collect();
    }

    /// What must hold in every state, and that everybody can still finish from it.
    pub fn check(&self, state: &State, notes: &Notes) {
        for (voter, told) in state.voters.iter().enumerate() {
            let Some(at) = told.by else { continue };
            let nullifier = self.nullifier(voter);
            let held = self.held(&state.stores[at], at);
            notes.check("nothing lost", held.iter().any(|record| record[..16] == nullifier), || {
                format!("tablet {} told voter {} and holds nothing", at + 1, voter + 1)
            });
        }
        if notes.first_broken().is_none() {
            self.finish(state, notes);
        }
    }

    fn nullifier(&self, voter: usize) -> Vec<u8> {
        self.slip(voter).nullifier(&ROUND, &self.code).0.to_vec()
    }

    fn held(&self, values: &Values, at: usize) -> Vec<Vec<u8>> {
        let own = self.envelopes(values).into_iter().filter(|envelope| envelope.device == self.devices[at]);
        let sealed = own.flat_map(|e| e.ballots.records().map(|r| r.as_bytes().to_vec()).collect::<Vec<_>>());
        self.in_boxes(values).into_iter().chain(sealed).collect()
    }

    /// Both tablets close and reach the centre: every told ballot is there once, nothing is held, nothing is missing.
    fn finish(&self, state: &State, notes: &Notes) {
        let mut end = state.clone();
        for at in 0..TABLETS {
            let values = end.stores[at].clone();
            let disk = Disk::holding("participant", values, notes.clone(), self.secrets());
            for step in [Step::Close(at), Step::Sync(at, true)] {
                self.perform(&mut end, step, &disk, rng_for(0, &format!("finish {at}")));
            }
            let device = self.devices[at];
            let after = self.envelopes(&disk.durable());
            let own: Vec<_> = after.iter().filter(|envelope| envelope.device == device).collect();
            let here: usize = own.iter().map(|envelope| envelope.ballots.len()).sum();
            let records: BTreeSet<_> = self.held(&disk.durable(), at).into_iter().collect();
            notes.check("nothing twice", here == records.len(), || {
                format!("tablet {} sealed {here} ballots, of which {} are different", at + 1, records.len())
            });
        }
        let centre = self.centre(&end);
        let standing = centre.standing(&self.code);
        notes.check("held for the right reason", standing.survey.held.is_empty(), || {
            format!("honest envelopes are held: {:?}", standing.survey.held)
        });
        notes.check("no tablet is stuck", standing.survey.gaps.is_empty(), || {
            format!("honest tablets leave gaps: {:?}", standing.survey.gaps)
        });
        let envelopes = centre.books.envelopes[&self.code].values();
        let mut records: BTreeMap<Vec<u8>, Vec<EnvelopeId>> = BTreeMap::new();
        for envelope in envelopes {
            for record in envelope.value().ballots.records() {
                records.entry(record.as_bytes().to_vec()).or_default().push(envelope.envelope_id());
            }
        }
        for (voter, told) in end.voters.iter().enumerate().filter(|(_, told)| told.by.is_some()) {
            let nullifier = self.nullifier(voter);
            let arrived = records.keys().any(|record| record[..16] == nullifier);
            notes.check("nothing lost", arrived, || {
                format!("the ballot of voter {}, told by tablet {:?}, never arrives", voter + 1, told.by)
            });
        }
        notes.check("nothing twice", records.values().all(|ids| ids.len() == 1), || {
            "a ballot is in two envelopes".to_owned()
        });
    }
}

impl Default for Small {
    fn default() -> Self {
        Self::new()
    }
}

fn new_centre(round: &Round) -> Centre {
    let sheets = round.units.iter().map(|unit| unit.first.clone()).collect();
    Centre::new(SecretKey::from_seed(&round.centre.seed()), round.package.clone(), sheets)
}
