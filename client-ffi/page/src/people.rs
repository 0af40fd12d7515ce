//! Who acts on this tablet: the team of a unit, PINs, and the person who works now.

use crate::{Desk, Pin, Problem};
use client_ffi::store::Store;
use client_ffi::{Acting, TabletError};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sync_core::id::UnitCode;
use sync_core::record::PersonId;

/// A person of a unit's team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Person {
    /// The id, which follows from the name.
    pub id: String,
    /// Full name.
    pub name: String,
    /// The person has a PIN on this tablet.
    pub has_pin: bool,
}

impl From<client_ffi::Person> for Person {
    fn from(person: client_ffi::Person) -> Self {
        Self { id: person.id.to_string(), name: person.name, has_pin: person.has_pin }
    }
}

impl<S: Store, R: CryptoRng> Desk<'_, S, R> {
    /// Who acts for this unit now.
    pub(crate) fn acting(&self, unit: &str) -> Result<Acting, Problem> {
        let acting = self.under_way.acting.as_ref().filter(|acting| acting.unit().as_str() == unit);
        Ok(acting.cloned().ok_or(TabletError::NobodyActs)?)
    }

    /// The person of the team with this id.
    pub(crate) fn person(&self, unit: &UnitCode, id: &str) -> Result<PersonId, Problem> {
        let mut team = self.tablet.persons(unit)?.into_iter();
        let found = team.find(|person| person.id.to_string() == id);
        Ok(found.ok_or_else(|| TabletError::NotOnTeam(unit.clone()))?.id)
    }
}

pub(crate) fn persons<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
) -> Result<Vec<Person>, Problem> {
    Ok(desk.tablet.persons(&UnitCode::new(&unit)?)?.into_iter().map(Person::from).collect())
}

pub(crate) fn join_team<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
    name: String,
) -> Result<String, Problem> {
    Ok(desk.tablet.join(&UnitCode::new(&unit)?, &name)?.to_string())
}

pub(crate) fn set_pin<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
    person: String,
    old: Option<Pin>,
    new: Pin,
) -> Result<(), Problem> {
    let unit = UnitCode::new(&unit)?;
    let person = desk.person(&unit, &person)?;
    Ok(desk.tablet.set_pin(&unit, &person, old.as_deref(), &new)?)
}

pub(crate) fn act_as<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
    person: String,
    pin: Pin,
) -> Result<(), Problem> {
    desk.under_way.acting = None;
    let unit = UnitCode::new(&unit)?;
    let person = desk.person(&unit, &person)?;
    desk.under_way.acting = Some(desk.tablet.act_as(&unit, &person, &pin)?);
    Ok(())
}

pub(crate) fn lock<S: Store, R: CryptoRng>(desk: &mut Desk<'_, S, R>) -> Result<(), Problem> {
    desk.under_way.acting = None;
    Ok(())
}
