//! People with accounts: the first one, new ones, changes, passwords given by an administrator.

use super::{Actor, Centre, password, random};
use crate::domain::person::{self, Person, PersonId, Role};
use crate::error::AppError;
use crate::store::{Db, StoreError, people, sessions};
use std::collections::BTreeSet;
use std::sync::Arc;
use sync_core::id::UnitCode;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// Login of the person who is made at the first start.
pub const FIRST_LOGIN: &str = "admin";
/// Most people on one page.
pub const PAGE_MAX: u32 = 200;

/// What an administrator says about somebody. Where somebody votes and is rated must always be said, also if nowhere:
/// it decides for what they may not decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// What others read.
    pub name: String,
    /// Roles.
    pub roles: BTreeSet<Role>,
    /// The unit of somebody with the role *unit*.
    pub unit: Option<UnitCode>,
    /// Where they vote.
    pub votes_in: Option<UnitCode>,
    /// Codes under which they are rated.
    pub officials: BTreeSet<String>,
    /// Whether the account is closed.
    pub disabled: bool,
}

impl Profile {
    /// Somebody who votes and is rated nowhere.
    pub fn outsider(name: &str, roles: &[Role]) -> Self {
        Self {
            name: name.to_owned(),
            roles: roles.iter().copied().collect(),
            unit: None,
            votes_in: None,
            officials: BTreeSet::new(),
            disabled: false,
        }
    }
}

/// Which people are looked for; everybody, if nothing is said.
#[derive(Debug, Clone, Default)]
pub struct PeopleSearch {
    /// Only people with this role.
    pub role: Option<Role>,
    /// Only people whose account is closed, or is not.
    pub closed: Option<bool>,
    /// Only people whose login or name has this in it, however it is capitalised.
    pub text: String,
}

impl PeopleSearch {
    fn finds(&self, person: &Person) -> bool {
        let folded = |text: &str| text.to_lowercase().nfc().collect::<String>();
        let text = folded(self.text.trim());
        self.role.is_none_or(|role| person.has(role))
            && self.closed.is_none_or(|closed| person.disabled == closed)
            && (person.login.contains(&text) || folded(&person.name).contains(&text))
    }
}

impl Centre {
    /// Makes the first administrator if there is none yet, and gives their one-time password.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn first_person(&self) -> Result<Option<Zeroizing<String>>, AppError> {
        if an_administrator_is_left(&mut *self.inner.store.reader().await?).await? {
            return Ok(None);
        }
        let profile = Profile::outsider("Quản trị viên", &[Role::Administrator]);
        match self.acting_for(Actor::Centre).add_person(FIRST_LOGIN, &profile).await {
            Ok((_, password)) => Ok(Some(password)),
            // Another process was faster, or somebody without the role was given this login.
            Err(error) if error.code() == "login_taken" => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Adds somebody; gives the one-time password that they change when they first sign in.
    ///
    /// # Errors
    /// [`AppError`] with code `person` if something is wrong with it, `login_taken`.
    pub async fn add_person(
        &self,
        login: &str,
        profile: &Profile,
    ) -> Result<(Person, Zeroizing<String>), AppError> {
        let invalid = |error| AppError::unprocessable("person", error);
        let login = person::login(login).map_err(invalid)?;
        let mut person = Person {
            id: PersonId(random()),
            login,
            name: String::new(),
            roles: BTreeSet::new(),
            unit: None,
            votes_in: None,
            officials: BTreeSet::new(),
            disabled: false,
            version: 1,
            must_change: true,
            second_factor: false,
        };
        take_over(&mut person, profile);
        person::check(&person).map_err(invalid)?;
        let password = password::draw();
        let hash = password::hash(password.clone()).await?;
        let mut tx = self.begin_write().await?;
        if !people::insert(&mut tx, &person, &hash, true).await? {
            return Err(AppError::conflict(
                "login_taken",
                format!("somebody has the login {} already", person.login),
            ));
        }
        self.commit(tx, "person_added", &person.login, describe(&person)).await?;
        Ok((person, password))
    }

    /// Changes what is said about somebody, if they still are at this version.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_person`, `person`, `changed_meanwhile`, or `last_administrator` if nobody could
    /// manage people any more.
    pub async fn change_person(
        &self,
        id: PersonId,
        version: u32,
        profile: &Profile,
    ) -> Result<Person, AppError> {
        let mut tx = self.begin_write().await?;
        let (mut person, _) = people::get(&mut tx, id).await?.ok_or_else(unknown)?;
        let changed = || AppError::Refused {
            status: 412,
            code: "changed_meanwhile",
            detail: "somebody else changed this meanwhile: load it again and repeat your change".to_owned(),
        };
        if person.version != version {
            return Err(changed());
        }
        take_over(&mut person, profile);
        person::check(&person).map_err(|error| AppError::unprocessable("person", error))?;
        if !people::update(&mut tx, &person).await? {
            return Err(changed());
        }
        if person.disabled {
            sessions::end_others(&mut tx, id, &[0; 32]).await?;
        }
        self.note(&mut tx, "person_changed", &person.login, &describe(&person)).await?;
        // The log's head is held now, so nobody else takes the other last administrator away at the same time.
        if !an_administrator_is_left(&mut tx).await? {
            return Err(AppError::conflict(
                "last_administrator",
                "somebody must stay administrator: make another one first",
            ));
        }
        tx.commit().await.map_err(StoreError::from)?;
        person.version += 1;
        Ok(person)
    }

    /// Gives somebody a new one-time password, ends their sessions and, if asked, forgets their second factor.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_person`.
    pub async fn reset_password(
        &self,
        id: PersonId,
        forget_factor: bool,
    ) -> Result<Zeroizing<String>, AppError> {
        let password = password::draw();
        let hash = password::hash(password.clone()).await?;
        let mut tx = self.begin_write().await?;
        let (person, _) = people::get(&mut tx, id).await?.ok_or_else(unknown)?;
        people::set_password(&mut tx, id, &hash, true).await?;
        if forget_factor {
            people::set_factor(&mut tx, id, None, false).await?;
        }
        sessions::end_others(&mut tx, id, &[0; 32]).await?;
        let detail = if forget_factor { "second factor forgotten" } else { "" };
        self.commit(tx, "password_reset", &person.login, detail).await?;
        Ok(password)
    }

    /// One person.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_person`.
    pub async fn person(&self, id: PersonId) -> Result<Person, AppError> {
        let found = people::get(&mut *self.inner.store.reader().await?, id).await?;
        found.map(|(person, _)| person).ok_or_else(unknown)
    }

    /// The person with a login.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_person`.
    pub async fn person_named(&self, login: &str) -> Result<Arc<Person>, AppError> {
        named(&mut *self.inner.store.reader().await?, login).await
    }

    /// The person with a login, also if the account is closed.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_person`.
    pub async fn person_named_or_closed(&self, login: &str) -> Result<Person, AppError> {
        let login = person::login(login).map_err(|_| unknown())?;
        let found = people::by_login(&mut *self.inner.store.reader().await?, &login).await?;
        found.map(|(person, _)| person).ok_or_else(unknown)
    }

    /// People by name, after a position; each with the position to go on from. At most [`PAGE_MAX`].
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn people(
        &self,
        which: &PeopleSearch,
        after: &str,
        limit: u32,
    ) -> Result<Vec<(String, Person)>, AppError> {
        let limit = limit.min(PAGE_MAX) as usize;
        let mut db = self.inner.store.reader().await?;
        let (mut found, mut after) = (Vec::new(), after.to_owned());
        // Letters with marks are folded here, where both engines do it alike; a district has some hundred people.
        while found.len() < limit {
            let page = people::list(&mut db, &after, PAGE_MAX).await?;
            let Some((position, _)) = page.last() else { break };
            after.clone_from(position);
            found.extend(page.into_iter().filter(|(_, person)| which.finds(person)));
        }
        found.truncate(limit);
        Ok(found)
    }
}

/// Somebody by login who may act.
pub(super) async fn named(db: &mut Db, login: &str) -> Result<Arc<Person>, AppError> {
    let login = person::login(login).map_err(|_| unknown())?;
    let found = people::by_login(db, &login).await?.map(|(person, _)| person);
    match found {
        Some(person) if person.disabled => {
            Err(AppError::forbidden("disabled", format!("the account {} is closed", person.login)))
        }
        Some(person) => Ok(Arc::new(person)),
        None => Err(unknown()),
    }
}

fn take_over(person: &mut Person, profile: &Profile) {
    profile.name.trim().clone_into(&mut person.name);
    person.roles.clone_from(&profile.roles);
    person.unit.clone_from(&profile.unit);
    person.votes_in.clone_from(&profile.votes_in);
    person.officials.clone_from(&profile.officials);
    person.disabled = profile.disabled;
}

async fn an_administrator_is_left(db: &mut Db) -> Result<bool, AppError> {
    let mut after = String::new();
    loop {
        let page = people::list(db, &after, PAGE_MAX).await?;
        if page.iter().any(|(_, person)| person.has(Role::Administrator) && !person.disabled) {
            return Ok(true);
        }
        match page.into_iter().next_back() {
            Some((position, _)) => after = position,
            None => return Ok(false),
        }
    }
}

fn describe(person: &Person) -> String {
    let roles: Vec<_> = person.roles.iter().map(|role| role.code()).collect();
    let officials: Vec<_> = person.officials.iter().map(String::as_str).collect();
    format!(
        "roles {}; unit {}; votes in {}; rated as {}{}",
        roles.join(","),
        person.unit.as_ref().map_or("none", UnitCode::as_str),
        person.votes_in.as_ref().map_or("none", UnitCode::as_str),
        if officials.is_empty() { "none".to_owned() } else { officials.join(",") },
        if person.disabled { "; closed" } else { "" }
    )
}

pub(super) fn unknown() -> AppError {
    AppError::not_found("unknown_person", "there is no such person")
}
