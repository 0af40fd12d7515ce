//! Where people are reached: entered, imported, found.

use super::Centre;
use crate::domain::contact::{Channel, Contact, ContactKind};
use crate::domain::person::Role;
use crate::error::AppError;
use crate::roster::{Problems, RosterContact};
use crate::store::StoreError;
use crate::store::contacts::{self, ContactSearch};
use std::collections::BTreeSet;

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ContactsImported {
    /// Contacts that are new.
    pub added: u32,
    /// Contacts that say something else now.
    pub changed: u32,
    /// Contacts that stood like this already.
    pub same: u32,
}

impl Centre {
    /// Contacts by kind and code, from after a place on.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn contacts(
        &self,
        which: &ContactSearch,
        after: (&str, &str),
        limit: u32,
    ) -> Result<Vec<Contact>, AppError> {
        Ok(contacts::list(&mut *self.inner.store.reader().await?, which, after, limit.min(super::PAGE_MAX))
            .await?)
    }

    /// One contact.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_contact`.
    pub async fn contact(&self, kind: ContactKind, code: &str) -> Result<Contact, AppError> {
        contacts::get(&mut *self.inner.store.reader().await?, kind, code).await?.ok_or_else(unknown)
    }

    /// What somebody entered as a contact, if it can be one.
    ///
    /// # Errors
    /// [`AppError`] with code `contact`.
    pub fn read_contact(
        kind: ContactKind,
        code: &str,
        name: &str,
        (email, phone): (&str, &str),
        way: Channel,
    ) -> Result<Contact, AppError> {
        let contact = Contact::new(kind, code, name, email, phone, way);
        contact.map_err(|error| AppError::unprocessable("contact", error))
    }

    /// Stores a contact: a new one with version 0, a changed one with the version that it has.
    ///
    /// # Errors
    /// [`AppError`] with code `changed_meanwhile`, `person_needed`, `role`.
    pub async fn put_contact(&self, contact: &Contact) -> Result<Contact, AppError> {
        self.person_with(&[Role::Organiser])?;
        let mut tx = self.begin_write().await?;
        let stored = if contact.version == 0 {
            contacts::insert(&mut tx, contact).await?
        } else {
            contacts::update(&mut tx, contact).await?
        };
        if !stored {
            return Err(changed());
        }
        self.commit(tx, "contact_noted", object(contact), describe(contact)).await?;
        Ok(Contact { version: contact.version + 1, ..contact.clone() })
    }

    /// Forgets a contact that still has this version.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_contact`, `changed_meanwhile`, `person_needed`, `role`.
    pub async fn forget_contact(&self, kind: ContactKind, code: &str, version: u32) -> Result<(), AppError> {
        self.person_with(&[Role::Organiser])?;
        let mut tx = self.begin_write().await?;
        let contact = contacts::get(&mut tx, kind, code).await?.ok_or_else(unknown)?;
        if !contacts::remove(&mut tx, kind, code, version).await? {
            return Err(changed());
        }
        self.commit(tx, "contact_forgotten", object(&contact), "").await
    }

    /// Reads contacts of officials from a workbook or CSV; the officials of every round are known. `name` is what the file is
    /// called. What is wrong with it comes as every problem with its cell.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn read_contacts(
        &self,
        name: &str,
        bytes: &[u8],
    ) -> Result<Result<Vec<RosterContact>, Problems>, AppError> {
        Ok(crate::roster::contacts(name, bytes, &self.official_codes().await?))
    }

    /// What is wrong with a table of contacts, as one refusal.
    pub fn not_contacts(problems: &Problems) -> AppError {
        AppError::unprocessable("contacts", problems.to_string().trim_end())
    }

    /// Codes of the officials of every round.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn official_codes(&self) -> Result<BTreeSet<String>, AppError> {
        let units = self.rounds().await?.into_iter().flat_map(|round| round.draft.units);
        Ok(units.flat_map(|unit| unit.officials).map(|official| official.code).collect())
    }

    /// Takes contacts of officials over from a table. What stands there holds, whatever was known before; whoever does
    /// not stand there stays as they are.
    ///
    /// # Errors
    /// [`AppError`] with code `person_needed`, `role`.
    pub async fn import_contacts(&self, rows: &[RosterContact]) -> Result<ContactsImported, AppError> {
        self.person_with(&[Role::Organiser])?;
        let mut done = ContactsImported::default();
        let mut tx = self.begin_write().await?;
        for row in rows {
            let contact = &row.contact;
            match contacts::get(&mut tx, contact.kind, &contact.code).await? {
                None => {
                    contacts::insert(&mut tx, contact).await?;
                    done.added += 1;
                }
                Some(known) => {
                    let wanted = Contact { version: known.version, ..contact.clone() };
                    if wanted == known {
                        done.same += 1;
                    } else if contacts::update(&mut tx, &wanted).await? {
                        done.changed += 1;
                    } else {
                        return Err(StoreError::Raced.into());
                    }
                }
            }
        }
        if done.added + done.changed > 0 {
            let detail = format!("{} added, {} changed, {} the same", done.added, done.changed, done.same);
            self.commit(tx, "contacts_imported", "officials", detail).await?;
        }
        Ok(done)
    }
}

fn object(contact: &Contact) -> String {
    format!("{}/{}", contact.kind.code(), contact.code)
}

/// What the log keeps: which way, and what is known, but no address.
fn describe(contact: &Contact) -> String {
    let known = |known: bool, what: &'static str| if known { what } else { "" };
    format!(
        "way {}{}{}",
        contact.way.code(),
        known(contact.email.is_some(), "; e-mail"),
        known(contact.phone.is_some(), "; phone")
    )
}

fn unknown() -> AppError {
    AppError::not_found("unknown_contact", "nobody noted where this one is reached")
}

fn changed() -> AppError {
    AppError::Refused {
        status: 412,
        code: "changed_meanwhile",
        detail: "somebody else changed this meanwhile: load it again and repeat your change".to_owned(),
    }
}
