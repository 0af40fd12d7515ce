//! Enrolment: token, own keys, certificate, package and sheets.

use super::Tablet;
use super::recover::new_state;
use crate::error::TabletError;
use crate::store::Store;
use crate::transport::Transport;
use crate::values::{Identity, address_key, certificate_key, identity_key, item_key, package_key};
use rand_core::CryptoRng;
use std::collections::BTreeMap;
use sync_core::cbor;
use sync_core::cose::Signed;
use sync_core::device::{Scope, SignedCertificate};
use sync_core::enrol::{EnrolRequest, EnrolToken, Enrolment};
use sync_core::id::UnitCode;
use sync_core::message::{Item, ItemKind};
use sync_core::package::{Package, Sheet, SheetReplacement};
use sync_core::replica::Applied;

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// Enrols with the token that the office made, over a transport to its centre.
    ///
    /// # Errors
    /// [`TabletError`]; with the same token it can be tried again.
    pub fn enrol(&mut self, token: &str, transport: &impl Transport) -> Result<(), TabletError> {
        let request = self.enrol_request(token)?;
        let answer = transport.post("/api/v1/enrol", &request)?;
        self.finish_enrolment(token, &answer)
    }

    /// The request with which the tablet answers a token. Its keys are made and stored first.
    ///
    /// # Errors
    /// [`TabletError::Token`], [`TabletError::Enrolled`], [`TabletError::Store`].
    pub fn enrol_request(&mut self, token: &str) -> Result<Vec<u8>, TabletError> {
        let token = EnrolToken::parse(token)?;
        self.attempt(|tablet| {
            if tablet.round.is_some() {
                return Err(TabletError::Enrolled);
            }
            if tablet.identity.is_none() {
                let identity = Identity::draw(&mut tablet.rng);
                tablet.store.put(&identity_key(), &zeroize::Zeroizing::new(cbor::encode(&identity)))?;
                tablet.identity = Some(identity);
            }
            let identity = tablet.identity.as_ref().ok_or(TabletError::NotEnrolled)?;
            let request = EnrolRequest {
                secret: token.secret.clone(),
                sign: identity.sign.public(),
                seal: identity.seal_public(),
            };
            Ok(Signed::sign(request, &identity.sign).into_bytes())
        })
    }

    /// Takes the centre's answer, which may also have come as a file. Everything in it must lead back to the centre
    /// key in the token.
    ///
    /// # Errors
    /// [`TabletError::Enrolment`] with what does not fit.
    pub fn finish_enrolment(&mut self, token: &str, answer: &[u8]) -> Result<(), TabletError> {
        let token = EnrolToken::parse(token)?;
        self.attempt(|tablet| {
            if tablet.round.is_some() {
                return Err(TabletError::Enrolled);
            }
            let identity = tablet.identity.as_ref().ok_or(TabletError::NotEnrolled)?;
            let wrong = |what| TabletError::Enrolment { what };
            let answer: Enrolment = cbor::decode(answer).map_err(|_| wrong("answer"))?;
            let package = Package::open(&answer.package).map_err(|_| wrong("round package"))?;
            if package.value().centre.sign != token.centre {
                return Err(wrong("centre"));
            }
            let certificate = SignedCertificate::open(&answer.certificate, &token.centre)
                .map_err(|_| wrong("device certificate"))?;
            let value = certificate.value();
            if value.package != package.hash() || value.device() != identity.device() {
                return Err(wrong("device certificate"));
            }
            let units = match &value.scope {
                Scope::Units(units) => units.as_slice(),
                Scope::Courier => &[],
            };
            if units.iter().any(|unit| package.value().unit(unit).is_none()) {
                return Err(wrong("units"));
            }
            let items = check_items(&package, &certificate, units, answer.items)
                .ok_or_else(|| wrong("unit sheet"))?;
            for (unit, item) in &items {
                tablet.store.put(&item_key(unit, item), &item.bytes)?;
            }
            tablet.store.put(&address_key(), token.address.as_bytes())?;
            tablet.store.put(&certificate_key(), certificate.bytes())?;
            // Last, for its presence means that everything before it is there.
            tablet.store.put(&package_key(), package.bytes())?;
            tablet.reload()
        })
    }
}

/// The items with their units, if every one of them is new, genuine and of a unit of the device.
fn check_items(
    package: &Signed<Package>,
    certificate: &SignedCertificate,
    units: &[UnitCode],
    mut items: Vec<Item>,
) -> Option<Vec<(UnitCode, Item)>> {
    items.sort_by_key(|item| item.kind != ItemKind::SheetReplacement);
    let mut states = BTreeMap::new();
    for unit in units {
        states.insert(unit, new_state(package, certificate, unit).ok()?);
    }
    let check = |item: Item| {
        let unit = unit_of(item.kind, &item.bytes)?;
        let applied = states.get_mut(&unit)?.replica.apply(&item).0;
        (applied == Applied::New).then_some((unit, item))
    };
    items.into_iter().map(check).collect()
}

fn unit_of(kind: ItemKind, bytes: &[u8]) -> Option<UnitCode> {
    match kind {
        ItemKind::Sheet => Some(cbor::decode::<Sheet>(bytes).ok()?.unit),
        ItemKind::SheetReplacement => {
            let object = sync_core::cose::Unverified::<SheetReplacement>::decode(bytes).ok()?;
            Some(object.claim().unit.clone())
        }
        _ => None,
    }
}
