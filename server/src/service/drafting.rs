//! A round that is being set up by people at several desks: what is changed names what was seen, and slips whose print no
//! longer fits are void.

use super::setup::{code_of, keys_of, not_drafted, refuse_if_signed, text_of};
use super::standing::{load_replacements, load_sheets};
use super::{Centre, Round, load_round};
use crate::domain::draft::{Choices, Draft};
use crate::error::AppError;
use crate::roster::Roster;
use crate::store::{Db, StoreError, Tx, rounds, units};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use sync_core::ceremony::KeyStatement;
use sync_core::cose::Signed;
use sync_core::fingerprint;
use sync_core::id::{RoundId, SheetHash, UnitCode};
use sync_core::package::{Sheet, Voting, sheet_chain};

/// A round that is being set up, as it stands.
#[derive(Debug)]
pub struct Drafting {
    /// The round.
    pub round: Round,
    /// Tells this content from any other: who changes it names what they saw.
    pub revision: String,
    /// Slips confirmed as printed, by unit.
    pub printed: BTreeMap<String, usize>,
    /// The trustees' keys, once handed in.
    pub keys: Option<Signed<KeyStatement>>,
}

/// What a change did.
#[derive(Debug)]
pub struct Drafted {
    /// The content's new revision.
    pub revision: String,
    /// Units whose confirmed slips no longer fit and are void.
    pub void: Vec<String>,
}

/// The sheet of a unit that holds.
#[derive(Debug)]
pub struct UnitSheet {
    /// The unit's name.
    pub name: String,
    /// How it votes.
    pub voting: Voting,
    /// The sheet.
    pub sheet: Sheet,
    /// Number of the replacement that brought it, and the sheet that no longer holds.
    pub replaces: Option<(u32, SheetHash)>,
}

impl Centre {
    /// How a round's setting up stands. Of a signed one, how it was set up.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_round`.
    pub async fn drafting(&self, round: &RoundId) -> Result<Drafting, AppError> {
        let mut tx = self.begin().await?;
        let stored = load_round(&mut tx, round).await?;
        let printed = units::permits(&mut tx, round).await?;
        let printed =
            printed.into_iter().filter_map(|(unit, bytes)| Some((unit.to_string(), bytes?.len() / 16)));
        let revision = revision(&stored.draft);
        let keys =
            stored.draft.keys.as_deref().map(|digits| keys_of(round, &from_hex(digits)?)).transpose()?;
        Ok(Drafting { round: stored, revision, printed: printed.collect(), keys })
    }

    /// The roster of a round with all names, also of a signed one.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_round`.
    pub async fn roster_of(&self, round: &RoundId) -> Result<Roster, AppError> {
        let mut tx = self.begin().await?;
        let stored = load_round(&mut tx, round).await?;
        let mut roster = stored.draft.roster();
        if stored.package.is_none() {
            return Ok(roster);
        }
        for unit in &mut roster.units {
            let of_unit = sheet_of(&mut tx, &stored, &code_of(&unit.code)?).await?;
            unit.voter_names = of_unit.sheet.voter_names;
            unit.team = of_unit.sheet.team;
        }
        Ok(roster)
    }

    /// Changes how a round is to be run.
    ///
    /// # Errors
    /// [`AppError`] with code `changed_meanwhile` if it is not what was seen, `draft` if a choice is wrong, `signed`.
    pub async fn redraft(&self, round: &RoundId, seen: &str, choices: Choices) -> Result<Drafted, AppError> {
        let (mut tx, stored) = self.begin_draft(round, seen).await?;
        let mut draft = Draft::new(&stored.draft.roster(), choices).map_err(|error| not_drafted(&error))?;
        draft.keys.clone_from(&stored.draft.keys);
        let done = change(&mut tx, &stored, &draft).await?;
        self.commit(tx, "draft_rules_changed", round.uuid(), void_of(&done)).await?;
        Ok(done)
    }

    /// Gives a round another roster. Units that are still there keep how they vote.
    ///
    /// # Errors
    /// As [`Self::redraft`].
    pub async fn redraft_roster(
        &self,
        round: &RoundId,
        seen: &str,
        roster: &Roster,
    ) -> Result<Drafted, AppError> {
        let (mut tx, stored) = self.begin_draft(round, seen).await?;
        let mut choices = stored.draft.choices();
        choices.attended.retain(|code| roster.units.iter().any(|unit| unit.code == *code));
        let mut draft = Draft::new(roster, choices).map_err(|error| not_drafted(&error))?;
        draft.keys.clone_from(&stored.draft.keys);
        let done = change(&mut tx, &stored, &draft).await?;
        let detail = format!("{} units{}", draft.units.len(), void_of(&done));
        self.commit(tx, "draft_roster_changed", round.uuid(), detail).await?;
        Ok(done)
    }

    /// Keeps the trustees' public keys until the package is signed with them.
    ///
    /// # Errors
    /// As [`Self::redraft`], with code `keys` if they are none, or another round's.
    pub async fn hand_in_keys(
        &self,
        round: &RoundId,
        seen: &str,
        statement: &[u8],
    ) -> Result<Drafted, AppError> {
        let (mut tx, stored) = self.begin_draft(round, seen).await?;
        let keys = keys_of(round, statement)?;
        let digits = statement.iter().map(|byte| format!("{byte:02x}")).collect();
        let draft = Draft { keys: Some(digits), ..stored.draft.clone() };
        let done = change(&mut tx, &stored, &draft).await?;
        self.commit(tx, "draft_keys_handed_in", round.uuid(), fingerprint::line(&keys.id())).await?;
        Ok(done)
    }

    /// Signs the package of a round as it was seen, with the keys that were handed in.
    ///
    /// # Errors
    /// [`AppError`] with code `changed_meanwhile`, `keys_missing`, `slips_missing`, `signed`.
    pub async fn sign_draft(&self, round: &RoundId, seen: &str) -> Result<Round, AppError> {
        let (tx, stored) = self.begin_draft(round, seen).await?;
        let Some(digits) = stored.draft.keys.as_deref() else {
            let detail =
                "hand in the trustees' key file first: only with their keys can the package be signed";
            return Err(AppError::unprocessable("keys_missing", detail));
        };
        let statement = from_hex(digits)?;
        self.sign_within(tx, &stored, &statement).await
    }

    /// Removes a round that is not signed.
    ///
    /// # Errors
    /// [`AppError`] with code `changed_meanwhile`, `signed`.
    pub async fn delete_draft(&self, round: &RoundId, seen: &str) -> Result<(), AppError> {
        let (mut tx, stored) = self.begin_draft(round, seen).await?;
        for unit in &stored.draft.units {
            units::delete(&mut tx, round, &code_of(&unit.code)?).await?;
        }
        if !rounds::delete_draft(&mut tx, round).await? {
            return Err(StoreError::Damaged { what: "round" }.into());
        }
        self.commit(tx, "draft_deleted", round.uuid(), &stored.draft.title).await
    }

    /// The sheets that hold, by unit.
    ///
    /// # Errors
    /// [`AppError`] with code `not_signed`.
    pub async fn sheets_that_hold(&self, round: &RoundId) -> Result<Vec<UnitSheet>, AppError> {
        let mut tx = self.begin().await?;
        let stored = load_round(&mut tx, round).await?;
        let mut all = Vec::new();
        for entry in &stored.signed()?.value().units {
            all.push(sheet_of(&mut tx, &stored, &entry.code).await?);
        }
        Ok(all)
    }

    /// Begins to change a draft that somebody saw.
    async fn begin_draft(&self, round: &RoundId, seen: &str) -> Result<(Tx, Round), AppError> {
        let mut tx = self.begin_round(round).await?;
        let stored = load_round(&mut tx, round).await?;
        refuse_if_signed(&stored)?;
        if revision(&stored.draft) != seen {
            let detail = "somebody changed this round meanwhile: look at it as it is now, then change it";
            return Err(AppError::conflict("changed_meanwhile", detail));
        }
        Ok((tx, stored))
    }
}

/// The sheet of a unit that holds, within one transaction.
pub(super) async fn sheet_of(db: &mut Db, stored: &Round, unit: &UnitCode) -> Result<UnitSheet, AppError> {
    let package = stored.signed()?.value();
    let missing = || AppError::not_found("unknown_unit", format!("there is no unit {unit} in the round"));
    let entry = package.unit(unit).ok_or_else(missing)?;
    let replacements = load_replacements(db, &stored.id, unit, &package.centre.sign).await?;
    let holds = sheet_chain(entry.sheet, &replacements).last().copied().unwrap_or(entry.sheet);
    let sheet = load_sheets(db, &stored.id, unit).await?.remove(&holds);
    Ok(UnitSheet {
        name: entry.name.clone(),
        voting: entry.voting,
        sheet: sheet.ok_or(StoreError::Damaged { what: "sheet" })?,
        replaces: replacements
            .iter()
            .map(Signed::value)
            .find(|one| one.new == holds)
            .map(|one| (one.number, one.old)),
    })
}

/// Tells the content of a draft from any other.
pub(super) fn revision(draft: &Draft) -> String {
    let hash = Sha256::digest(text_of(draft));
    hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

/// Stores a changed draft: units that are new, units that are gone, and slips whose print no longer fits.
async fn change(db: &mut Db, stored: &Round, draft: &Draft) -> Result<Drafted, AppError> {
    let round = &stored.id;
    if !rounds::change_draft(db, round, draft.mode().code(), &text_of(draft)).await? {
        return Err(StoreError::Damaged { what: "round" }.into());
    }
    let known: BTreeSet<&str> = stored.draft.units.iter().map(|unit| unit.code.as_str()).collect();
    let wanted: BTreeSet<&str> = draft.units.iter().map(|unit| unit.code.as_str()).collect();
    let mut void = Vec::new();
    for (unit, permits) in units::permits(db, round).await? {
        let fits = stored.draft.printed(unit.as_str()) == draft.printed(unit.as_str());
        let gone = !wanted.contains(unit.as_str());
        if permits.is_some() && (gone || !fits) {
            void.push(unit.to_string());
            units::void_permits(db, round, &unit).await?;
        }
        if gone {
            units::delete(db, round, &unit).await?;
        }
    }
    for new in wanted.difference(&known) {
        units::insert(db, round, &code_of(new)?).await?;
    }
    Ok(Drafted { revision: revision(draft), void })
}

fn void_of(done: &Drafted) -> String {
    if done.void.is_empty() { String::new() } else { format!("; slips void: {}", done.void.join(",")) }
}

fn from_hex(digits: &str) -> Result<Vec<u8>, AppError> {
    let byte = |at: usize| digits.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(byte).collect();
    bytes.ok_or_else(|| StoreError::Damaged { what: "keys" }.into())
}
