//! For whom the centre does something: every handle on it acts for somebody, and what it does is noted as theirs.

use super::{Centre, now};
use crate::domain::audit::{Entry, TEXT_MAX};
use crate::domain::person::{Person, Role};
use crate::error::AppError;
use crate::store::{Db, StoreError, Tx, audit};
use std::sync::Arc;

/// Somebody for whom the centre acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Whoever sits at the centre's machine and may use its command line.
    Operator,
    /// The centre by itself, as when it makes a planned backup or answers a device.
    Centre,
    /// A person with an account.
    Person(Arc<Person>),
}

impl Actor {
    /// How the audit log calls them.
    pub fn name(&self) -> &str {
        match self {
            Self::Operator => "operator",
            Self::Centre => "centre",
            Self::Person(person) => &person.login,
        }
    }

    /// The person, where a rule asks for one who can answer for it.
    ///
    /// # Errors
    /// [`AppError`] with code `person_needed`.
    pub fn person(&self) -> Result<&Arc<Person>, AppError> {
        match self {
            Self::Person(person) => Ok(person),
            Self::Operator | Self::Centre => Err(AppError::forbidden(
                "person_needed",
                "this needs somebody with an account: name them with --as and type their password",
            )),
        }
    }
}

impl Centre {
    /// The same centre, acting for somebody else.
    pub fn acting_for(&self, actor: Actor) -> Self {
        Self { inner: Arc::clone(&self.inner), actor }
    }

    /// For whom this handle acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The person for whom this handle acts, who has one of these roles now.
    pub(super) fn person_with(&self, roles: &[Role]) -> Result<&Arc<Person>, AppError> {
        let person = self.actor.person()?;
        if roles.iter().any(|role| person.has(*role)) { Ok(person) } else { Err(role_needed(roles)) }
    }

    /// Notes what is done and commits it. The note comes last: whoever holds the log's head holds it until the commit.
    pub(super) async fn commit(
        &self,
        mut tx: Tx,
        action: &str,
        object: impl ToString,
        detail: impl ToString,
    ) -> Result<(), AppError> {
        self.note(&mut tx, action, &object.to_string(), &detail.to_string()).await?;
        Ok(tx.commit().await.map_err(StoreError::from)?)
    }

    /// Notes what is done, in its transaction.
    pub(super) async fn note(
        &self,
        db: &mut Db,
        action: &str,
        object: &str,
        detail: &str,
    ) -> Result<(), AppError> {
        let entry = Entry {
            seq: 0,
            at: now(),
            actor: self.actor.name().to_owned(),
            action: action.to_owned(),
            object: bounded(object),
            detail: bounded(detail),
        };
        Ok(audit::append(db, self.key(), entry).await?)
    }
}

/// Somebody lacks every role that the rule asks for.
pub(super) fn role_needed(roles: &[Role]) -> AppError {
    let names: Vec<_> = roles.iter().map(|role| role.code()).collect();
    AppError::forbidden("role", format!("this is for somebody with the role {}", names.join(" or ")))
}

/// A text that every engine takes, no longer than a line of the log may be.
fn bounded(text: &str) -> String {
    let mut left = TEXT_MAX;
    let fits = |c: &char| match left.checked_sub(c.len_utf8()) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    text.chars().filter(|c| *c != '\0').take_while(fits).collect()
}
