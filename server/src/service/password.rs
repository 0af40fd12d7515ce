//! Argon2id: hashing and checking passwords, a few at a time, away from the threads that answer requests.

use super::random;
use crate::error::AppError;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// Hashes that run at once. Each takes 19 MiB and a core (Argon2id, 2 passes: the parameters OWASP names).
static RUNNING: Semaphore = Semaphore::const_new(2);

/// The hash of a password in PHC form.
pub(super) async fn hash(password: Zeroizing<String>) -> Result<String, AppError> {
    run(move || {
        let salt: [u8; 16] = random();
        let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(|error| failed(&error))
    })
    .await?
}

/// Whether a password is the one behind a hash. Without a hash the same work is done for nothing, so that the time
/// does not tell whether there is such a login.
pub(super) async fn verify(password: Zeroizing<String>, hash: Option<String>) -> Result<bool, AppError> {
    run(move || match hash {
        Some(hash) => {
            let hash = PasswordHash::new(&hash).map_err(|error| failed(&error))?;
            Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
        }
        None => {
            drop(Argon2::default().hash_password_with_salt(password.as_bytes(), &[0; 16]));
            Ok(false)
        }
    })
    .await?
}

/// A password that people can read aloud and type: four groups of four letters and digits, 80 random bits.
pub(super) fn draw() -> Zeroizing<String> {
    // Crockford's alphabet in small letters: nothing in it is taken for something else.
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let drawn: [u8; 16] = random();
    let mut text = Zeroizing::new(String::with_capacity(19));
    for (place, byte) in drawn.iter().enumerate() {
        if place > 0 && place % 4 == 0 {
            text.push('-');
        }
        text.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    text
}

async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
    let _turn = RUNNING.acquire().await.map_err(|error| failed(&error))?;
    tokio::task::spawn_blocking(work).await.map_err(|error| failed(&error))
}

fn failed(error: &dyn std::fmt::Display) -> AppError {
    let source = std::io::Error::other(error.to_string());
    AppError::File { action: "cannot hash", path: "a password".to_owned(), source }
}
