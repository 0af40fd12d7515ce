//! Answers kept for requests that are sent again with the same key, so that nothing is done twice. Some hold secrets
//! that are shown once, so they lie sealed under a key that follows from the centre's.

use super::{Centre, now, random};
use crate::domain::person::PersonId;
use crate::error::AppError;
use crate::store::{StoreError, answered};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// How long an answer is kept, in seconds.
pub const KEPT_SECONDS: i64 = 24 * 3600;
/// After so many seconds a request that never got its answer, because the centre ended meanwhile, may be sent again.
pub const ABANDONED_SECONDS: i64 = 60;

/// What is known of a request with a key.
#[derive(Debug)]
pub enum Earlier {
    /// It is new: do it, then say what came of it.
    New,
    /// It is being worked on.
    UnderWay,
    /// Another request had this key.
    Other,
    /// It was done; this was the answer.
    Done {
        /// HTTP status.
        status: u16,
        /// Body.
        body: Vec<u8>,
    },
}

impl Centre {
    /// Begins a request with a key, or finds what became of it.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn begin_once(
        &self,
        person: PersonId,
        key: &[u8; 32],
        request: &[u8; 32],
    ) -> Result<Earlier, AppError> {
        let now = now();
        let mut tx = self.begin_write().await?;
        answered::sweep(&mut tx, now - KEPT_SECONDS).await?;
        if answered::begin(&mut tx, person, key, request, now).await? {
            tx.commit().await.map_err(StoreError::from)?;
            return Ok(Earlier::New);
        }
        let row = answered::get(&mut tx, person, key).await?;
        let Some(row) = row else { return Ok(Earlier::UnderWay) };
        if row.request != request {
            return Ok(Earlier::Other);
        }
        match row.answer {
            Some((status, sealed)) => Ok(Earlier::Done { status, body: self.unseal(key, &sealed)? }),
            None if row.at < now - ABANDONED_SECONDS => {
                answered::forget(&mut tx, person, key).await?;
                answered::begin(&mut tx, person, key, request, now).await?;
                tx.commit().await.map_err(StoreError::from)?;
                Ok(Earlier::New)
            }
            None => Ok(Earlier::UnderWay),
        }
    }

    /// Keeps the answer of a request, or forgets the request if nothing was done.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn end_once(
        &self,
        person: PersonId,
        key: &[u8; 32],
        answer: Option<(u16, &[u8])>,
    ) -> Result<(), AppError> {
        let mut tx = self.begin_write().await?;
        match answer {
            Some((status, body)) => {
                let sealed = self.seal(key, body)?;
                answered::finish(&mut tx, person, key, status, &sealed).await?;
            }
            None => answered::forget(&mut tx, person, key).await?,
        }
        Ok(tx.commit().await.map_err(StoreError::from)?)
    }

    fn seal(&self, key: &[u8; 32], body: &[u8]) -> Result<Vec<u8>, AppError> {
        let nonce: [u8; 24] = random();
        let payload = Payload { msg: body, aad: key };
        let sealed = self.answer_cipher().encrypt(&XNonce::from(nonce), payload).map_err(|_| damaged())?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    fn unseal(&self, key: &[u8; 32], sealed: &[u8]) -> Result<Vec<u8>, AppError> {
        let (nonce, sealed) = sealed.split_first_chunk::<24>().ok_or_else(damaged)?;
        let payload = Payload { msg: sealed, aad: key };
        self.answer_cipher().decrypt(&XNonce::from(*nonce), payload).map_err(|_| damaged())
    }

    fn answer_cipher(&self) -> XChaCha20Poly1305 {
        let mut key = Zeroizing::new([0; 32]);
        let derived = Hkdf::<Sha256>::new(None, self.key().seed().as_ref());
        derived.expand(b"homphieu/kept-answer/1", key.as_mut()).expect("32 bytes are no long output");
        XChaCha20Poly1305::new((&*key).into())
    }
}

fn damaged() -> AppError {
    AppError::Store(StoreError::Damaged { what: "kept answer" })
}
