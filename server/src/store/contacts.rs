//! Where people are reached.

use super::{Db, StoreError, number};
use crate::domain::contact::{Channel, Contact, ContactKind};
use sqlx::Row;
use sqlx::any::AnyRow;
use sync_core::record::plain;

const GET: &str =
    "SELECT kind, code, name, email, phone, way, version FROM contact WHERE kind = $1 AND code = $2";
const INSERT: &str = "INSERT INTO contact (kind, code, name, plain, email, phone, way, version) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, 1) ON CONFLICT DO NOTHING RETURNING code";
const UPDATE: &str = "UPDATE contact SET name = $4, plain = $5, email = $6, phone = $7, way = $8, \
     version = version + 1 WHERE kind = $1 AND code = $2 AND version = $3 RETURNING code";
const REMOVE: &str = "DELETE FROM contact WHERE kind = $1 AND code = $2 AND version = $3 RETURNING code";
/// Text and way are asked for only if the number before them is not 0.
const LIST: &str = "SELECT kind, code, name, email, phone, way, version FROM contact WHERE \
     (CAST($1 AS BIGINT) = 0 OR kind = $2) AND (CAST($3 AS BIGINT) = 0 OR plain LIKE $4 ESCAPE '!') AND \
     (CAST($5 AS BIGINT) = 0 OR way = $6) AND (kind, code) > ($7, $8) ORDER BY kind, code LIMIT $9";

pub(super) const ALL: &[&str] = &[GET, INSERT, UPDATE, REMOVE, LIST];

/// Which contacts are looked for; all, if nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactSearch {
    /// Only of this kind.
    pub kind: Option<ContactKind>,
    /// Only with this way.
    pub way: Option<Channel>,
    /// Only with this in name, code or address, with or without diacritics.
    pub text: String,
}

/// One contact.
pub async fn get(db: &mut Db, kind: ContactKind, code: &str) -> Result<Option<Contact>, StoreError> {
    sqlx::query(GET).bind(kind.code()).bind(code).fetch_optional(db).await?.map(|row| read(&row)).transpose()
}

fn found_by(contact: &Contact) -> String {
    let [email, phone] = [&contact.email, &contact.phone].map(|text| text.as_deref().unwrap_or_default());
    plain(&format!("{} {} {email} {phone}", contact.name, contact.code))
}

/// Stores a new contact; `false` if there is one.
pub async fn insert(db: &mut Db, contact: &Contact) -> Result<bool, StoreError> {
    let query = sqlx::query(INSERT)
        .bind(contact.kind.code())
        .bind(contact.code.as_str())
        .bind(contact.name.as_str())
        .bind(found_by(contact))
        .bind(contact.email.clone())
        .bind(contact.phone.clone())
        .bind(contact.way.code());
    Ok(query.fetch_optional(db).await?.is_some())
}

/// Changes the contact that still has this version; `false` if somebody else was faster.
pub async fn update(db: &mut Db, contact: &Contact) -> Result<bool, StoreError> {
    let query = sqlx::query(UPDATE)
        .bind(contact.kind.code())
        .bind(contact.code.as_str())
        .bind(i64::from(contact.version))
        .bind(contact.name.as_str())
        .bind(found_by(contact))
        .bind(contact.email.clone())
        .bind(contact.phone.clone())
        .bind(contact.way.code());
    Ok(query.fetch_optional(db).await?.is_some())
}

/// Removes the contact that still has this version; `false` if there is none.
pub async fn remove(db: &mut Db, kind: ContactKind, code: &str, version: u32) -> Result<bool, StoreError> {
    let query = sqlx::query(REMOVE).bind(kind.code()).bind(code).bind(i64::from(version));
    Ok(query.fetch_optional(db).await?.is_some())
}

/// Some contacts by kind and code, from after a place on.
pub async fn list(
    db: &mut Db,
    which: &ContactSearch,
    after: (&str, &str),
    limit: u32,
) -> Result<Vec<Contact>, StoreError> {
    let text = plain(&which.text);
    let query = sqlx::query(LIST)
        .bind(i64::from(which.kind.is_some()))
        .bind(which.kind.map_or("", ContactKind::code))
        .bind(i64::from(!text.is_empty()))
        .bind(super::containing(&text))
        .bind(i64::from(which.way.is_some()))
        .bind(which.way.map_or("", Channel::code))
        .bind(after.0.to_owned())
        .bind(after.1.to_owned())
        .bind(i64::from(limit));
    query.fetch_all(db).await?.iter().map(read).collect()
}

fn read(row: &AnyRow) -> Result<Contact, StoreError> {
    let damaged = || StoreError::Damaged { what: "contact" };
    let (kind, way): (String, String) = (row.try_get("kind")?, row.try_get("way")?);
    Ok(Contact {
        kind: ContactKind::parse(&kind).ok_or_else(damaged)?,
        code: row.try_get("code")?,
        name: row.try_get("name")?,
        email: row.try_get("email")?,
        phone: row.try_get("phone")?,
        way: Channel::parse(&way).ok_or_else(damaged)?,
        version: number(row, "version", "contact")?,
    })
}
