//! Guidance of the organisation board: fetched from the own centre beside a sync, kept, shown at its steps.

use super::Tablet;
use crate::error::TabletError;
use crate::store::Store;
use crate::transport::{Transport, TransportError};
use crate::values::guidance_key;
use rand_core::CryptoRng;
use sync_core::cbor;
use sync_core::cose::Signed;
use sync_core::guidance::Guidance;
use sync_core::message::{Message, Request};

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// The guidance that holds here; none if none was ever fetched.
    ///
    /// # Errors
    /// [`TabletError::Store`]. What lies there damaged counts as none: the next sync brings it again.
    pub fn guidance(&self) -> Result<Option<Guidance>, TabletError> {
        Ok(self.kept_guidance()?.map(|kept| kept.value().clone()))
    }

    /// Fetches guidance after a sync or an enrolment, if there is another one than the tablet has. Whether that went
    /// well is told; it stands in the way of nothing.
    ///
    /// # Errors
    /// [`TabletError::Transport`], [`TabletError::NotEnrolled`], or the store's.
    pub fn fetch_guidance(&mut self, transport: &impl Transport) -> Result<bool, TabletError> {
        let Some((path, body)) = self.guidance_request()? else { return Ok(false) };
        let answer = transport.post(&path, &body)?;
        self.take_guidance(&answer)
    }

    /// The request for it: path and body, to be posted. None for a courier, whom it does not concern.
    ///
    /// # Errors
    /// [`TabletError::NotEnrolled`], or the store's.
    pub fn guidance_request(&mut self) -> Result<Option<(String, Vec<u8>)>, TabletError> {
        self.attempt(|tablet| {
            let package = tablet.membership()?.package.hash();
            let Some(unit) = tablet.units().first().cloned() else { return Ok(None) };
            let known = tablet.kept_guidance()?;
            let path = match known {
                Some(known) => format!("/api/v1/team-guidance?known={}", known.digest()),
                None => "/api/v1/team-guidance".to_owned(),
            };
            let mut nonce = [0; 8];
            tablet.rng.fill_bytes(&mut nonce);
            let identity = tablet.identity.as_ref().ok_or(TabletError::NotEnrolled)?;
            let message = cbor::encode(&Message::new(package, unit));
            let request = Request { device: identity.device(), nonce, certificate: None, message };
            Ok(Some((path, Signed::sign(request, &identity.sign).into_bytes())))
        })
    }

    /// Takes the answer; whether anything is new.
    ///
    /// # Errors
    /// [`TabletError::Transport`] if it is not the centre's guidance for this round; the tablet keeps what it has. Or the
    /// store's.
    pub fn take_guidance(&mut self, answer: &[u8]) -> Result<bool, TabletError> {
        self.attempt(|tablet| {
            if answer.is_empty() {
                return Ok(false);
            }
            let package = &tablet.membership()?.package;
            let not_ours = |what: &str| TransportError::NotACentre(format!("guidance: {what}"));
            let signed = Signed::<Guidance>::open(answer, &package.value().centre.sign)
                .map_err(|error| not_ours(&error.to_string()))?;
            if signed.value().package != package.hash() {
                return Err(not_ours("of another round").into());
            }
            let before = tablet.store.get(&guidance_key())?;
            if before.as_deref() == Some(signed.bytes()) {
                return Ok(false);
            }
            tablet.store.put(&guidance_key(), signed.bytes())?;
            Ok(true)
        })
    }

    fn kept_guidance(&self) -> Result<Option<Signed<Guidance>>, TabletError> {
        let Ok(round) = self.membership() else { return Ok(None) };
        let Some(bytes) = self.store.get(&guidance_key())? else { return Ok(None) };
        let signed = Signed::<Guidance>::open(&bytes, &round.package.value().centre.sign);
        Ok(signed.ok().filter(|signed| signed.value().package == round.package.hash()))
    }
}
