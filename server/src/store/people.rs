//! People and how they sign in.

use super::{Db, StoreError, fixed, number};
use crate::domain::person::{Person, PersonId, Role};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::BTreeSet;
use sync_core::id::UnitCode;

/// What signing in compares with, and how it went so far.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Argon2id hash in PHC form.
    pub password: String,
    /// Wrong passwords in a row.
    pub failures: u32,
    /// Until when nobody signs in, in seconds since 1970.
    pub locked_until: i64,
    /// Secret of the second factor, while one is being set up or is on.
    pub second_factor: Option<Vec<u8>>,
    /// Last time step of which a code was used.
    pub second_factor_step: i64,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, login, name, roles, unit, votes_in, officials, disabled, version, must_change, second_factor_on, ",
            "password, failures, locked_until, second_factor, second_factor_step FROM person ",
            $rest
        )
    };
}

const INSERT: &str = "INSERT INTO person (id, login, name, sort_key, roles, unit, votes_in, officials, disabled, version, \
     password, must_change) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11) ON CONFLICT DO NOTHING RETURNING id";
const UPDATE: &str = "UPDATE person SET name = $3, sort_key = $4, roles = $5, unit = $6, votes_in = $7, officials = $8, \
     disabled = $9, version = version + 1 WHERE id = $1 AND version = $2 RETURNING id";
const GET: &str = select!("WHERE id = $1");
const BY_LOGIN: &str = select!("WHERE login = $1");
const LIST: &str = select!("WHERE sort_key > $1 ORDER BY sort_key LIMIT $2");
const TAKE_TURN: &str = "UPDATE person SET failures = failures WHERE id = $1 RETURNING id";
const SET_PASSWORD: &str = "UPDATE person SET password = $2, must_change = $3, failures = 0, locked_until = 0 WHERE id = $1 \
     RETURNING id";
const FAILED: &str = "UPDATE person SET failures = failures + 1 WHERE id = $1 RETURNING failures";
const LOCK: &str = "UPDATE person SET locked_until = $2 WHERE id = $1 RETURNING id";
const SUCCEEDED: &str = "UPDATE person SET failures = 0, locked_until = 0 WHERE id = $1 RETURNING id";
const SET_FACTOR: &str = "UPDATE person SET second_factor = $2, second_factor_on = $3, second_factor_step = 0, \
     version = version + 1 WHERE id = $1 RETURNING id";
const USE_STEP: &str =
    "UPDATE person SET second_factor_step = $2 WHERE id = $1 AND second_factor_step < $2 RETURNING id";

pub(super) const ALL: &[&str] = &[
    INSERT,
    UPDATE,
    GET,
    BY_LOGIN,
    LIST,
    TAKE_TURN,
    SET_PASSWORD,
    FAILED,
    LOCK,
    SUCCEEDED,
    SET_FACTOR,
    USE_STEP,
];

/// By what people are listed: the name as it is compared, then the id, so that no two are equal.
fn sort_key(person: &Person) -> String {
    format!("{}\u{1}{}", crate::domain::text::sort_key(&person.name), person.id.uuid())
}

fn roles(person: &Person) -> String {
    person.roles.iter().map(|role| role.code()).collect::<Vec<_>>().join(",")
}

fn officials(person: &Person) -> String {
    person.officials.iter().map(String::as_str).collect::<Vec<_>>().join(",")
}

/// Stores a new person; `false` if the login is taken.
pub async fn insert(
    db: &mut Db,
    person: &Person,
    password: &str,
    must_change: bool,
) -> Result<bool, StoreError> {
    let query = sqlx::query(INSERT)
        .bind(person.id.0.to_vec())
        .bind(person.login.as_str())
        .bind(person.name.as_str())
        .bind(sort_key(person))
        .bind(roles(person))
        .bind(person.unit.as_ref().map(|unit| unit.as_str().to_owned()))
        .bind(person.votes_in.as_ref().map(|unit| unit.as_str().to_owned()))
        .bind(officials(person))
        .bind(i64::from(person.disabled))
        .bind(password)
        .bind(i64::from(must_change));
    Ok(query.fetch_optional(db).await?.is_some())
}

/// Stores changes of a person who still has the given version; `false` if somebody else was faster.
pub async fn update(db: &mut Db, person: &Person) -> Result<bool, StoreError> {
    let query = sqlx::query(UPDATE)
        .bind(person.id.0.to_vec())
        .bind(i64::from(person.version))
        .bind(person.name.as_str())
        .bind(sort_key(person))
        .bind(roles(person))
        .bind(person.unit.as_ref().map(|unit| unit.as_str().to_owned()))
        .bind(person.votes_in.as_ref().map(|unit| unit.as_str().to_owned()))
        .bind(officials(person))
        .bind(i64::from(person.disabled));
    Ok(query.fetch_optional(db).await?.is_some())
}

/// The person with this id.
pub async fn get(db: &mut Db, id: PersonId) -> Result<Option<(Person, Credentials)>, StoreError> {
    let row = sqlx::query(GET).bind(id.0.to_vec()).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// The person with this login.
pub async fn by_login(db: &mut Db, login: &str) -> Result<Option<(Person, Credentials)>, StoreError> {
    let row = sqlx::query(BY_LOGIN).bind(login).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// People by name after a position (empty for the first page), each with the position to go on from.
pub async fn list(db: &mut Db, after: &str, limit: u32) -> Result<Vec<(String, Person)>, StoreError> {
    let rows = sqlx::query(LIST).bind(after).bind(i64::from(limit)).fetch_all(db).await?;
    let people = rows.iter().map(|row| Ok(read(row)?.0));
    people.map(|person| person.map(|person| (sort_key(&person), person))).collect()
}

/// Begins what rests on how somebody stands now: others who do the same for the same person wait.
pub async fn take_turn(db: &mut Db, id: PersonId) -> Result<(), StoreError> {
    sqlx::query(TAKE_TURN).bind(id.0.to_vec()).fetch_optional(db).await?;
    Ok(())
}

/// Stores a new password hash and forgets failures.
pub async fn set_password(
    db: &mut Db,
    id: PersonId,
    password: &str,
    must_change: bool,
) -> Result<(), StoreError> {
    let query = sqlx::query(SET_PASSWORD).bind(id.0.to_vec()).bind(password).bind(i64::from(must_change));
    query.fetch_optional(db).await?;
    Ok(())
}

/// Counts a wrong password; the failures in a row by now.
pub async fn failed(db: &mut Db, id: PersonId) -> Result<u32, StoreError> {
    let row = sqlx::query(FAILED).bind(id.0.to_vec()).fetch_one(db).await?;
    number(&row, "failures", "number of failures")
}

/// Locks the account until a moment.
pub async fn lock(db: &mut Db, id: PersonId, until: i64) -> Result<(), StoreError> {
    sqlx::query(LOCK).bind(id.0.to_vec()).bind(until).fetch_optional(db).await?;
    Ok(())
}

/// Forgets failures.
pub async fn succeeded(db: &mut Db, id: PersonId) -> Result<(), StoreError> {
    sqlx::query(SUCCEEDED).bind(id.0.to_vec()).fetch_optional(db).await?;
    Ok(())
}

/// Stores or forgets the secret of a second factor, and whether it is asked for.
pub async fn set_factor(
    db: &mut Db,
    id: PersonId,
    secret: Option<&[u8]>,
    on: bool,
) -> Result<(), StoreError> {
    let query = sqlx::query(SET_FACTOR).bind(id.0.to_vec()).bind(secret.map(<[u8]>::to_vec));
    query.bind(i64::from(on)).fetch_optional(db).await?;
    Ok(())
}

/// Uses up a time step of the second factor; `false` if it, or a later one, was used before.
pub async fn use_step(db: &mut Db, id: PersonId, step: i64) -> Result<bool, StoreError> {
    Ok(sqlx::query(USE_STEP).bind(id.0.to_vec()).bind(step).fetch_optional(db).await?.is_some())
}

fn read(row: &AnyRow) -> Result<(Person, Credentials), StoreError> {
    let damaged = || StoreError::Damaged { what: "person" };
    let unit = |column: &str| -> Result<Option<UnitCode>, StoreError> {
        let code: Option<String> = row.try_get(column)?;
        code.map(|code| UnitCode::new(&code).map_err(|_| damaged())).transpose()
    };
    let list = |column: &str| -> Result<Vec<String>, StoreError> {
        let text: String = row.try_get(column)?;
        Ok(text.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect())
    };
    let flag = |column: &str| -> Result<bool, StoreError> { Ok(row.try_get::<i64, _>(column)? != 0) };
    let roles: Option<BTreeSet<Role>> = list("roles")?.iter().map(|code| Role::parse(code)).collect();
    let person = Person {
        id: PersonId(fixed(row, "id", "person")?),
        login: row.try_get("login")?,
        name: row.try_get("name")?,
        roles: roles.ok_or_else(damaged)?,
        unit: unit("unit")?,
        votes_in: unit("votes_in")?,
        officials: list("officials")?.into_iter().collect(),
        disabled: flag("disabled")?,
        version: number(row, "version", "version")?,
        must_change: flag("must_change")?,
        second_factor: flag("second_factor_on")?,
    };
    let credentials = Credentials {
        password: row.try_get("password")?,
        failures: number(row, "failures", "number of failures")?,
        locked_until: row.try_get("locked_until")?,
        second_factor: row.try_get("second_factor")?,
        second_factor_step: row.try_get("second_factor_step")?,
    };
    Ok((person, credentials))
}
