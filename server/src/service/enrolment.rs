//! Devices: invite, enrol, revoke.

use super::{Actor, Centre, load_round, random};
use crate::error::AppError;
use crate::store::{devices, rounds, units};
use crate::tls::{self, Authority};
use sha2::{Digest, Sha256};
use sync_core::address::{AddressError, CentreAddress};
use sync_core::cbor;
use sync_core::cose::{Signed, Unverified};
use sync_core::device::{Certificate, Revocation, Scope, device_id};
use sync_core::enrol::{EnrolRequest, EnrolToken, Enrolment, TokenSecret};
use sync_core::id::{DeviceId, RoundId, UnitCode};
use sync_core::message::{Item, ItemKind};

/// What an invited device may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InviteScope {
    /// Take ballots for these units.
    Units(Vec<String>),
    /// Carry only.
    Courier,
}

impl Centre {
    /// Makes a one-time token. The secret is stored only as its hash.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn invite(
        &self,
        round: &RoundId,
        scope: &InviteScope,
        label: &str,
        address: &str,
    ) -> Result<EnrolToken, AppError> {
        let label = label.trim();
        if label.is_empty() || label.chars().count() > 100 || label.chars().any(char::is_control) {
            return Err(AppError::unprocessable("label", "give the device a name of at most 100 characters"));
        }
        let mut tx = self.begin_round(round).await?;
        let stored = load_round(&mut tx, round).await?;
        stored.signed()?;
        stored.not_finished()?;
        let address = self.device_address(address)?;
        let scope = match scope {
            InviteScope::Courier => String::new(),
            InviteScope::Units(codes) if codes.is_empty() => {
                return Err(AppError::unprocessable("scope", "name at least one unit, or make it a courier"));
            }
            InviteScope::Units(codes) => {
                let mut units = codes.iter().map(|code| stored.unit(code)).collect::<Result<Vec<_>, _>>()?;
                units.sort();
                units.dedup();
                units.iter().map(UnitCode::as_str).collect::<Vec<_>>().join(",")
            }
        };
        let secret = TokenSecret(random());
        devices::invite(&mut tx, &secret_hash(&secret), round, label, &scope).await?;
        let detail = format!("{label}: {}", if scope.is_empty() { "courier" } else { &scope });
        self.commit(tx, "device_invited", round.uuid(), detail).await?;
        Ok(EnrolToken { centre: self.keys().sign, secret, address: address.to_string() })
    }

    /// The address for a token: as it was given, and with the pin of the centre's own authority if it has none.
    fn device_address(&self, given: &str) -> Result<CentreAddress, AppError> {
        let authority = Authority::at(&self.folder().join(tls::FOLDER));
        let given = given.trim();
        let parsed = if given.starts_with("https://") && !given.contains('#') && authority.exists() {
            let pin = authority.pin().map_err(|error| AppError::Internal(error.to_string()))?;
            CentreAddress::parse(&format!("{given}#pin={pin}"))
        } else {
            CentreAddress::parse(given)
        };
        parsed.map_err(|error| match error {
            AddressError::NoPin => AppError::unprocessable(
                "address",
                "the centre has no authority of its own: end the address in #pin=… (`homphieu tls pin FILE` says the \
                 pins of a certificate's file)",
            ),
            error => AppError::unprocessable("address", error),
        })
    }

    /// Answers a device that was invited. The same device may ask again with the same token, since an answer can be
    /// lost; another device may not.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn enrol(&self, body: &[u8]) -> Result<Vec<u8>, AppError> {
        let request = Unverified::<EnrolRequest>::decode(body)
            .map_err(|error| AppError::bad_request("malformed", error))?;
        let key = request.claim().sign;
        let request = request.verify(&key).map_err(|error| AppError::unauthorised("bad_signature", error))?;
        let EnrolRequest { secret, sign, seal } = request.value();
        let device = device_id(sign, seal);
        let hash = secret_hash(secret);
        let spent = || {
            AppError::forbidden(
                "token_spent",
                "this enrolment token was used or never made: have a new one made",
            )
        };
        let mut tx = self.begin_write().await?;
        if !devices::use_invite(&mut tx, &hash, &device).await? {
            let same = devices::invited(&mut tx, &hash).await?.is_some_and(|row| row.device == Some(device));
            if !same {
                return Err(spent());
            }
        }
        let invite = devices::invited(&mut tx, &hash).await?.ok_or_else(spent)?;
        rounds::take_turn(&mut tx, &invite.round).await?;
        let round = load_round(&mut tx, &invite.round).await?;
        round.not_finished()?;
        let package = round.signed()?;
        let covered: Vec<UnitCode> =
            invite.scope.split(',').filter_map(|code| UnitCode::new(code).ok()).collect();
        let mut enrolled = false;
        if devices::get(&mut tx, &invite.round, &device).await?.is_none() {
            let certificate = Certificate {
                package: package.hash(),
                sign: *sign,
                seal: *seal,
                scope: if covered.is_empty() { Scope::Courier } else { Scope::Units(covered.clone()) },
                label: invite.label.clone(),
            };
            let signed = Signed::sign(certificate, self.key());
            devices::insert(&mut tx, &invite.round, &device, &invite.label, signed.bytes(), &covered).await?;
            enrolled = true;
        }
        let row = devices::get(&mut tx, &invite.round, &device).await?.ok_or_else(spent)?;
        let mut items = Vec::new();
        for unit in &covered {
            for bytes in units::replacements(&mut tx, &invite.round, unit).await? {
                items.push(Item::new(ItemKind::SheetReplacement, bytes));
            }
            for (_, bytes) in units::sheets(&mut tx, &invite.round, unit).await? {
                items.push(Item::new(ItemKind::Sheet, bytes));
            }
        }
        let enrolment = Enrolment { package: package.bytes().to_vec(), certificate: row.certificate, items };
        if enrolled {
            let centre = self.acting_for(Actor::Centre);
            centre.commit(tx, "device_enrolled", device, &invite.label).await?;
        } else {
            tx.commit().await.map_err(crate::store::StoreError::from)?;
        }
        Ok(cbor::encode(&enrolment))
    }

    /// Revokes a device. Its envelopes are held from now on, never deleted.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn revoke(&self, round: &RoundId, device: &DeviceId, reason: &str) -> Result<(), AppError> {
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > 200 || reason.chars().any(char::is_control) {
            return Err(AppError::unprocessable("reason", "give a reason of at most 200 characters"));
        }
        let mut tx = self.begin_units(round).await?;
        let stored = load_round(&mut tx, round).await?;
        let package = stored.signed()?.hash();
        if devices::get(&mut tx, round, device).await?.is_none() {
            return Err(AppError::not_found(
                "unknown_device",
                format!("there is no device {device} in the round"),
            ));
        }
        let revocation = Revocation { package, device: *device, reason: reason.to_owned() };
        let revocation = Signed::sign(revocation, self.key());
        // Revoking twice keeps the first revocation, which is what the second asked for.
        if !devices::revoke(&mut tx, round, device, revocation.bytes()).await? {
            return Ok(());
        }
        self.commit(tx, "device_revoked", device, reason).await
    }

    /// Every device of the round.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn devices(&self, round: &RoundId) -> Result<Vec<devices::DeviceRow>, AppError> {
        let mut tx = self.begin().await?;
        load_round(&mut tx, round).await?;
        Ok(devices::list(&mut tx, round).await?)
    }
}

fn secret_hash(secret: &TokenSecret) -> [u8; 32] {
    Sha256::digest(secret.0).into()
}
