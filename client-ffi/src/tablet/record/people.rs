//! Who acts: the team on the sheet, and those who joined.

use super::{entry, words};
use crate::error::TabletError;
use crate::store::Store;
use crate::tablet::Tablet;
use crate::values::pin_key;
use rand_core::CryptoRng;
use std::collections::BTreeMap;
use sync_core::id::UnitCode;
use sync_core::record::{Act, PersonId};

/// A person who typed the right PIN on this tablet and acts for a unit. It tells who notes something, and protects
/// nothing from somebody who holds an unlocked tablet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acting {
    unit: UnitCode,
    person: PersonId,
}

impl Acting {
    pub(super) fn new(unit: UnitCode, person: PersonId) -> Self {
        Self { unit, person }
    }

    /// For which unit.
    pub fn unit(&self) -> &UnitCode {
        &self.unit
    }

    /// Who.
    pub fn person(&self) -> PersonId {
        self.person
    }
}

/// A person of a unit's team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The id, which follows from the name.
    pub id: PersonId,
    /// Full name.
    pub name: String,
    /// Whether the person has a PIN on this tablet.
    pub has_pin: bool,
}

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// The team of a unit: those whom the sheet names, and those who joined, by name.
    ///
    /// # Errors
    /// [`TabletError::OtherUnit`], or the store's.
    pub fn persons(&self, unit: &UnitCode) -> Result<Vec<Person>, TabletError> {
        let names = self.names(unit)?;
        let mut persons = Vec::with_capacity(names.len());
        for (id, name) in names {
            let has_pin = self.store.get(&pin_key(&id))?.is_some();
            persons.push(Person { id, name, has_pin });
        }
        persons.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        Ok(persons)
    }

    /// Somebody joins the unit's team, by name. Who is on it already stays so, which is success. Also when the round is
    /// finished, for then the sheet's team is gone, and plans go on.
    ///
    /// # Errors
    /// [`TabletError::Text`].
    pub fn join(&mut self, unit: &UnitCode, name: &str) -> Result<PersonId, TabletError> {
        let name = words("a name", name)?;
        self.attempt(|tablet| {
            let person = PersonId::of(&name);
            if tablet.on_team(unit, &person)? {
                return Ok(person);
            }
            let mut desk = tablet.desk(unit)?;
            let acting = Acting::new(unit.clone(), person);
            desk.note(unit, vec![entry(&acting, None, Act::Join { name })])?;
            Ok(person)
        })
    }

    pub(super) fn on_team(&self, unit: &UnitCode, person: &PersonId) -> Result<bool, TabletError> {
        Ok(self.names(unit)?.contains_key(person))
    }

    /// Names of those who are known to belong to the unit's team.
    pub(super) fn names(&self, unit: &UnitCode) -> Result<BTreeMap<PersonId, String>, TabletError> {
        let joined = self.record_of(unit)?.entries().filter_map(|(_, entry)| match &entry.act {
            Act::Join { name } => Some((entry.person, name.clone())),
            _ => None,
        });
        let mut names: BTreeMap<PersonId, String> = BTreeMap::new();
        for (person, name) in joined {
            let known = names.entry(person).or_insert_with(|| name.clone());
            if name < *known {
                *known = name;
            }
        }
        let sheet = self.state(unit)?.replica.sheet();
        names.extend(sheet.iter().flat_map(|s| &s.team).map(|name| (PersonId::of(name), name.clone())));
        Ok(names)
    }
}
