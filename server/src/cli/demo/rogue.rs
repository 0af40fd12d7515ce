//! A tablet in bad hands: certified like any other, it copies, forges and invents ballots, and delivers an envelope of
//! somebody else with one byte changed.

use super::DemoError;
use client_ffi::transport::{Http, Transport};
use sync_core::ballot::{Claim, Form, Marks, Place, Record, seal};
use sync_core::cbor;
use sync_core::cose::{SecretKey, Signed, Unverified};
use sync_core::enrol::{EnrolRequest, EnrolToken, Enrolment};
use sync_core::envelope::{Batch, Chain, Envelope, Sealer};
use sync_core::id::{DeviceId, Nullifier, UnitCode};
use sync_core::message::{Have, Item, ItemKind, Message, Outcome, Request};
use sync_core::package::{Package, Sheet};
use sync_core::permit::PermitCode;

/// What it managed to deliver, and what the centre said to the changed envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mischief {
    /// The envelope with a copied, a forged and an invented ballot was taken: its signature is good.
    pub delivered: bool,
    /// The changed envelope was refused.
    pub corrupted_refused: bool,
}

/// The device in bad hands.
pub(super) struct Rogue {
    key: SecretKey,
    device: DeviceId,
    package: Signed<Package>,
    sheet: Sheet,
    unit: UnitCode,
}

type SystemRng = rand_core::UnwrapErr<getrandom::SysRng>;

fn rng() -> SystemRng {
    rand_core::UnwrapErr(getrandom::SysRng)
}

fn other(error: impl std::fmt::Display) -> DemoError {
    DemoError::Other(error.to_string())
}

impl Rogue {
    /// Enrols with a token of the unit.
    pub fn enrol(token: &str, unit: &UnitCode, http: &Http) -> Result<Self, DemoError> {
        let parsed = EnrolToken::parse(token).map_err(other)?;
        let key = SecretKey::from_seed(&crate::service::random());
        let seal = crate::service::random();
        let request = EnrolRequest { secret: parsed.secret.clone(), sign: key.public(), seal };
        let answer = http.post("/api/v1/enrol", Signed::sign(request, &key).bytes()).map_err(other)?;
        let answer: Enrolment = cbor::decode(&answer).map_err(other)?;
        let package = Package::open(&answer.package).map_err(other)?;
        let sheet = answer.items.iter().find(|item| item.kind == ItemKind::Sheet);
        let sheet = sheet.ok_or_else(|| other("the rogue got no sheet"))?;
        Ok(Self {
            device: sync_core::device::device_id(&key.public(), &seal),
            key,
            package,
            sheet: cbor::decode(&sheet.bytes).map_err(other)?,
            unit: unit.clone(),
        })
    }

    /// Fetches what other tablets of the unit delivered, and does its worst with it. `victims` are tablets whose
    /// ballots count in the end.
    pub fn act(&self, victims: &[DeviceId], http: &Http) -> Result<Mischief, DemoError> {
        let fetched = self.exchange(Vec::new(), http)?;
        let mut records: Vec<Record> = Vec::new();
        let mut honest: Option<Vec<u8>> = None;
        for item in fetched.give.iter().filter(|item| item.kind == ItemKind::Envelope) {
            let Ok(envelope) = Unverified::<Envelope>::decode(&item.bytes) else { continue };
            if victims.contains(&envelope.claim().device) {
                records.extend(envelope.claim().ballots.records());
                honest = Some(item.bytes.clone());
            }
        }
        let ([copied, victim, ..], Some(mut changed)) = (records.as_slice(), honest) else {
            return Err(other("the rogue found nothing to copy"));
        };
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        let ballots = vec![copied.clone(), self.forge(&victim.nullifier())?, self.invent()?];
        let batch = Batch::new(self.sheet.record_len(), ballots).map_err(other)?;
        let sealer = Sealer {
            package: self.package.hash(),
            unit: &self.unit,
            sheet: self.sheet.hash(),
            device: self.device,
            key: &self.key,
        };
        let (envelope, _) = sealer.seal(&Chain::default(), batch, true).map_err(other)?;
        let give =
            vec![Item::new(ItemKind::Envelope, envelope.bytes()), Item::new(ItemKind::Envelope, changed)];
        let answer = self.exchange(give, http)?;
        let refused = |outcome: &Outcome| matches!(outcome, Outcome::BadSignature | Outcome::Malformed);
        let held = answer.have.unwrap_or_default();
        Ok(Mischief {
            delivered: held.envelopes.contains(&envelope.envelope_id()),
            corrupted_refused: answer.outcomes.iter().any(|(place, outcome)| *place == 1 && refused(outcome)),
        })
    }

    /// A ballot under a nullifier that was seen, without its code.
    fn forge(&self, seen: &Nullifier) -> Result<Record, DemoError> {
        self.seal(&PermitCode::draw(&mut rng()), seen)
    }

    /// A ballot under a code that was never printed.
    fn invent(&self) -> Result<Record, DemoError> {
        let code = PermitCode::draw(&mut rng());
        self.seal(&code, &code.nullifier(&self.sheet.round, &self.unit))
    }

    fn seal(&self, code: &PermitCode, nullifier: &Nullifier) -> Result<Record, DemoError> {
        let package = self.package.value();
        let (hash, package_hash) = (self.sheet.hash(), self.package.hash());
        let officials = self.sheet.officials.len();
        let form = Form { officials, levels: package.levels.len() };
        let place = Place { package: &package_hash, unit: &self.unit, sheet: &hash };
        let worst = u8::try_from(package.levels.len() - 1).map_err(other)?;
        let marks = Marks::new(vec![Some(worst); officials]);
        let claim = Claim::Permit(code.clone());
        seal(&claim, nullifier, &marks, form, place, &package.keys.box_key, &mut rng()).map_err(other)
    }

    fn exchange(&self, give: Vec<Item>, http: &Http) -> Result<Message, DemoError> {
        let mut message = Message::new(self.package.hash(), self.unit.clone());
        message.have = Some(Have::default());
        message.give = give;
        let request = Request {
            device: self.device,
            nonce: crate::service::random(),
            certificate: None,
            message: cbor::encode(&message),
        };
        let answer = http.post("/api/v1/sync", Signed::sign(request, &self.key).bytes()).map_err(other)?;
        cbor::decode(&answer).map_err(other)
    }
}
