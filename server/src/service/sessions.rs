//! Signing in: passwords, second factors, sessions of browsers, bearer tokens of programs.

use super::{Actor, Centre, now, password, people::unknown, random};
use crate::domain::person::{self, Person, PersonId, lock_seconds};
use crate::error::AppError;
use crate::store::people::Credentials;
use crate::store::sessions::SessionRow;
use crate::store::{StoreError, people, sessions};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroizing;

/// How long a browser may be idle, in seconds.
pub const IDLE_SECONDS: i64 = 2 * 3600;
/// How long a browser stays signed in at most, in seconds.
pub const SESSION_SECONDS: i64 = 12 * 3600;
/// Longest life of a bearer token in days.
pub const TOKEN_DAYS_MAX: u32 = 366;
/// Most sessions and tokens of one person; the oldest end first.
pub const SESSIONS_MAX: usize = 50;
/// Longest label of a session in characters.
pub const LABEL_MAX: usize = 100;

/// Secret of a session, as the browser or program holds it.
pub type SessionSecret = Zeroizing<String>;

/// Somebody who signed in, and the session it is.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The person.
    pub person: Arc<Person>,
    /// The session.
    pub session: SessionRow,
}

/// What a second factor is set up with.
#[derive(Debug)]
pub struct FactorSetup {
    /// The secret in base32, to type.
    pub secret: Zeroizing<String>,
    /// The same as an address for a QR code (otpauth).
    pub address: Zeroizing<String>,
}

impl Centre {
    /// Who somebody is, by password and, if they have one, a code of their second factor.
    ///
    /// # Errors
    /// [`AppError`] with code `bad_credentials`, `second_factor` if a code is needed or wrong, `locked` after too many
    /// failures, `disabled`.
    pub async fn identify(
        &self,
        login: &str,
        password: Zeroizing<String>,
        code: Option<&str>,
    ) -> Result<Arc<Person>, AppError> {
        let login = person::login(login).unwrap_or_default();
        let known = people::by_login(&mut *self.inner.store.reader().await?, &login).await?;
        let now = now();
        if let Some((_, credentials)) = &known
            && credentials.locked_until > now
        {
            return Err(locked(credentials.locked_until - now));
        }
        let hash = known.as_ref().map(|(_, credentials)| credentials.password.clone());
        let right = password::verify(password, hash).await?;
        let Some((person, credentials)) = known else { return Err(bad_credentials()) };
        if !right {
            self.failed(&person).await?;
            return Err(bad_credentials());
        }
        if person.disabled {
            return Err(AppError::forbidden("disabled", "this account is closed: ask an administrator"));
        }
        if person.second_factor {
            self.check_factor(&person, &credentials, code, now).await?;
        }
        if credentials.failures > 0 {
            let mut tx = self.begin_write().await?;
            people::succeeded(&mut tx, person.id).await?;
            tx.commit().await.map_err(StoreError::from)?;
        }
        Ok(Arc::new(person))
    }

    async fn failed(&self, person: &Person) -> Result<(), AppError> {
        let mut tx = self.begin_write().await?;
        let failures = people::failed(&mut tx, person.id).await?;
        let seconds = lock_seconds(failures);
        if seconds == 0 {
            return Ok(tx.commit().await.map_err(StoreError::from)?);
        }
        people::lock(&mut tx, person.id, now() + seconds).await?;
        let detail = format!("{failures} failures, {seconds} seconds");
        self.acting_for(Actor::Centre).commit(tx, "account_locked", &person.login, detail).await
    }

    async fn check_factor(
        &self,
        person: &Person,
        credentials: &Credentials,
        code: Option<&str>,
        now: i64,
    ) -> Result<(), AppError> {
        let wrong = |detail: &str| AppError::unauthorised("second_factor", detail);
        let Some(code) = code.map(str::trim).filter(|code| !code.is_empty()) else {
            return Err(wrong("type the code that your second device shows"));
        };
        let secret = credentials.second_factor.as_deref().unwrap_or_default();
        let Some(step) = totp(secret, &person.login)?.check(code, u64::try_from(now).unwrap_or(0)) else {
            self.failed(person).await?;
            return Err(wrong("this code is wrong or too old: type the one that shows now"));
        };
        let mut tx = self.begin_write().await?;
        let fresh = people::use_step(&mut tx, person.id, i64::try_from(step).unwrap_or(i64::MAX)).await?;
        tx.commit().await.map_err(StoreError::from)?;
        if fresh { Ok(()) } else { Err(wrong("this code was used already: wait for the next one")) }
    }

    /// Begins the session of a browser.
    ///
    /// # Errors
    /// As [`Self::identify`].
    pub async fn sign_in(
        &self,
        login: &str,
        password: Zeroizing<String>,
        code: Option<&str>,
        label: &str,
    ) -> Result<(SessionSecret, SignedIn), AppError> {
        let person = self.identify(login, password, code).await?;
        self.begin_session(person, "cookie", label, SESSION_SECONDS).await
    }

    /// Makes a bearer token for a program that acts for the person of this handle.
    ///
    /// # Errors
    /// [`AppError`] with code `days` or `label`.
    pub async fn issue_token(&self, label: &str, days: u32) -> Result<(SessionSecret, SignedIn), AppError> {
        let person = Arc::clone(self.actor().person()?);
        if !(1..=TOKEN_DAYS_MAX).contains(&days) {
            let detail = format!("a token lives 1 to {TOKEN_DAYS_MAX} days");
            return Err(AppError::unprocessable("days", detail));
        }
        self.begin_session(person, "token", label, i64::from(days) * 24 * 3600).await
    }

    async fn begin_session(
        &self,
        person: Arc<Person>,
        kind: &str,
        label: &str,
        seconds: i64,
    ) -> Result<(SessionSecret, SignedIn), AppError> {
        let label: String = label.trim().chars().filter(|c| !c.is_control()).take(LABEL_MAX).collect();
        if label.is_empty() {
            return Err(AppError::unprocessable("label", "give it a name by which you know it again"));
        }
        let secret: SessionSecret =
            Zeroizing::new(random::<32>().iter().map(|b| format!("{b:02x}")).collect());
        let now = now();
        let session = SessionRow {
            id: random(),
            person: person.id,
            kind: kind.to_owned(),
            label,
            began: now,
            used: now,
            ends: now + seconds,
        };
        let mut tx = self.begin_write().await?;
        people::take_turn(&mut tx, person.id).await?;
        sessions::sweep(&mut tx, now, now - IDLE_SECONDS).await?;
        let earlier = sessions::list(&mut tx, person.id).await?;
        for old in earlier.iter().take((earlier.len() + 1).saturating_sub(SESSIONS_MAX)) {
            sessions::end(&mut tx, person.id, &old.id).await?;
        }
        sessions::insert(&mut tx, &secret_hash(&secret), &session).await?;
        let action = if kind == "token" { "token_made" } else { "signed_in" };
        let whose = self.acting_for(Actor::Person(Arc::clone(&person)));
        whose.commit(tx, action, &person.login, &session.label).await?;
        Ok((secret, SignedIn { person, session }))
    }

    /// Whose session a secret is; nobody's if it has ended, or the account is closed.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn session(&self, secret: &str) -> Result<Option<SignedIn>, AppError> {
        let hash = secret_hash(secret);
        let mut db = self.inner.store.reader().await?;
        let Some(session) = sessions::get(&mut db, &hash).await? else { return Ok(None) };
        let now = now();
        let idle = session.kind == "cookie" && session.used < now - IDLE_SECONDS;
        if session.ends < now || idle {
            return Ok(None);
        }
        let Some((person, _)) = people::get(&mut db, session.person).await? else { return Ok(None) };
        drop(db);
        if person.disabled {
            return Ok(None);
        }
        // To the minute, so that reading does not become writing.
        if session.used < now - 60 {
            let mut tx = self.begin_write().await?;
            sessions::touch(&mut tx, &hash, now).await?;
            tx.commit().await.map_err(StoreError::from)?;
        }
        Ok(Some(SignedIn { person: Arc::new(person), session }))
    }

    /// Every session and token of somebody, the oldest first.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn sessions_of(&self, person: PersonId) -> Result<Vec<SessionRow>, AppError> {
        let now = now();
        let all = sessions::list(&mut *self.inner.store.reader().await?, person).await?;
        let live = |s: &SessionRow| s.ends >= now && (s.kind != "cookie" || s.used >= now - IDLE_SECONDS);
        Ok(all.into_iter().filter(live).collect())
    }

    /// Ends one session of somebody.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_session`, `unknown_person`.
    pub async fn end_session(&self, person: PersonId, session: &[u8; 16]) -> Result<(), AppError> {
        let mut tx = self.begin_write().await?;
        let (whose, _) = people::get(&mut tx, person).await?.ok_or_else(unknown)?;
        if !sessions::end(&mut tx, person, session).await? {
            return Err(AppError::not_found("unknown_session", "there is no such session: it ended already"));
        }
        self.commit(tx, "session_ended", &whose.login, "").await
    }

    /// Changes the own password and ends every other session.
    ///
    /// # Errors
    /// As [`Self::identify`] for the old one, `person` if the new one is too short.
    pub async fn change_password(
        &self,
        old: Zeroizing<String>,
        new: Zeroizing<String>,
        keep: &str,
    ) -> Result<(), AppError> {
        let person = Arc::clone(self.actor().person()?);
        let (_, credentials) =
            people::get(&mut *self.inner.store.reader().await?, person.id).await?.ok_or_else(unknown)?;
        let now = now();
        if credentials.locked_until > now {
            return Err(locked(credentials.locked_until - now));
        }
        let same = *old == *new;
        if !password::verify(old, Some(credentials.password)).await? {
            self.failed(&person).await?;
            return Err(bad_credentials());
        }
        if same {
            return Err(AppError::unprocessable("person", "the new password is the old one"));
        }
        person::check_password(&new, &person.login, &person.name)
            .map_err(|error| AppError::unprocessable("person", error))?;
        let hash = password::hash(new).await?;
        let mut tx = self.begin_write().await?;
        people::set_password(&mut tx, person.id, &hash, false).await?;
        sessions::end_others(&mut tx, person.id, &secret_hash(keep)).await?;
        self.commit(tx, "password_changed", &person.login, "").await
    }

    /// Draws the secret of a second factor; it is asked for once [`Self::turn_factor_on`] was given a code of it.
    ///
    /// # Errors
    /// [`AppError`] with code `second_factor_on` if there is one.
    pub async fn draw_factor(&self) -> Result<FactorSetup, AppError> {
        let person = Arc::clone(self.actor().person()?);
        let mut tx = self.begin_write().await?;
        people::take_turn(&mut tx, person.id).await?;
        let (current, _) = people::get(&mut tx, person.id).await?.ok_or_else(unknown)?;
        if current.second_factor {
            return Err(AppError::conflict("second_factor_on", "turn the present second factor off first"));
        }
        let secret: [u8; 20] = random();
        people::set_factor(&mut tx, person.id, Some(&secret), false).await?;
        self.commit(tx, "second_factor_drawn", &person.login, "").await?;
        let totp = totp(&secret, &person.login)?;
        let address = totp.to_url().map_err(|error| broken(&error))?;
        Ok(FactorSetup {
            secret: Zeroizing::new(totp.secret().to_base32()),
            address: Zeroizing::new(address),
        })
    }

    /// Asks for the second factor from now on, after a first code has shown that it is set up rightly.
    ///
    /// # Errors
    /// [`AppError`] with code `second_factor`.
    pub async fn turn_factor_on(&self, code: &str) -> Result<(), AppError> {
        let person = Arc::clone(self.actor().person()?);
        let mut tx = self.begin_write().await?;
        people::take_turn(&mut tx, person.id).await?;
        let (current, credentials) = people::get(&mut tx, person.id).await?.ok_or_else(unknown)?;
        let secret = credentials.second_factor.filter(|_| !current.second_factor);
        let secret = secret.ok_or_else(|| AppError::conflict("second_factor", "draw a secret first"))?;
        let at = u64::try_from(now()).unwrap_or(0);
        let Some(step) = totp(&secret, &person.login)?.check(code.trim(), at) else {
            let detail = "this code does not belong to the secret: compare the clocks of both machines";
            return Err(AppError::unprocessable("second_factor", detail));
        };
        people::set_factor(&mut tx, person.id, Some(&secret), true).await?;
        people::use_step(&mut tx, person.id, i64::try_from(step).unwrap_or(i64::MAX)).await?;
        self.commit(tx, "second_factor_on", &person.login, "").await
    }

    /// Asks for no second factor any more, after password and code were given once more.
    ///
    /// # Errors
    /// As [`Self::identify`].
    pub async fn turn_factor_off(&self, password: Zeroizing<String>, code: &str) -> Result<(), AppError> {
        let person = Arc::clone(self.actor().person()?);
        self.identify(&person.login, password, Some(code)).await?;
        self.forget_own_factor().await
    }

    /// Asks for no second factor any more, of somebody who has just been identified with it.
    ///
    /// # Errors
    /// [`AppError`] with code `second_factor_off` if there is none.
    pub async fn forget_own_factor(&self) -> Result<(), AppError> {
        let person = Arc::clone(self.actor().person()?);
        let mut tx = self.begin_write().await?;
        people::take_turn(&mut tx, person.id).await?;
        let (current, _) = people::get(&mut tx, person.id).await?.ok_or_else(unknown)?;
        if !current.second_factor {
            return Err(AppError::conflict("second_factor_off", "there is no second factor to turn off"));
        }
        people::set_factor(&mut tx, person.id, None, false).await?;
        self.commit(tx, "second_factor_off", &person.login, "").await
    }
}

/// Time-based codes (RFC 6238) as every authenticator knows them: SHA-1, six digits, 30 seconds, one step of grace.
fn totp(secret: &[u8], login: &str) -> Result<Totp, AppError> {
    let builder = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(secret.to_vec())
        .with_account_name(login.to_owned())
        .with_issuer(Some("Hòm Phiếu".to_owned()));
    builder.build().map_err(|error| broken(&error))
}

fn broken(error: &dyn std::fmt::Display) -> AppError {
    tracing::error!(%error, "a second factor cannot be used");
    AppError::Store(StoreError::Damaged { what: "second factor" })
}

fn bad_credentials() -> AppError {
    AppError::unauthorised("bad_credentials", "login or password is wrong")
}

fn locked(seconds: i64) -> AppError {
    AppError::Later {
        code: "locked",
        detail: "too many wrong passwords: wait and try again, or ask an administrator for a new one"
            .to_owned(),
        seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
    }
}

fn secret_hash(secret: &str) -> [u8; 32] {
    Sha256::new().chain_update(b"homphieu/session/1").chain_update(secret.as_bytes()).finalize().into()
}
