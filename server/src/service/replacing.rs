//! Replacing the sheet of one unit in a signed round: preview, signature, and what was replaced so far.

use super::record::{Records, load_record};
use super::setup::Slips;
use super::standing::{load_replacements, load_sheets};
use super::{Centre, Round, load_round};
use crate::domain::person::Role;
use crate::domain::replacement::{Corrected, Correction, Meeting, SheetProblem, Situation};
use crate::domain::state::RoundState;
use crate::error::AppError;
use crate::roster::Roster;
use crate::store::{Db, StoreError, envelopes, orders, rounds, units};
use std::collections::BTreeMap;
use sync_core::cbor;
use sync_core::cose::Signed;
use sync_core::id::{RoundId, SheetHash, UnitCode};
use sync_core::package::{PermitChange, Sheet, SheetReplacement, sheet_chain};
use sync_core::permit::{draw_permits, slips_for};

/// A corrected roster, and the one unit that is meant.
#[derive(Clone, Copy)]
pub struct SheetCorrection<'a> {
    /// Code of the unit.
    pub unit: &'a str,
    /// The roster, of the whole district or of this unit alone; of other units nothing is taken.
    pub roster: &'a Roster,
    /// Freshly drawn slips that replace all earlier ones; nothing if the slips stay good.
    pub slips: Option<&'a Slips>,
    /// Why.
    pub reason: &'a str,
}

/// What a correction would do.
#[derive(Debug, Clone)]
pub struct SheetPreview {
    /// The unit.
    pub unit: UnitCode,
    /// Its name.
    pub name: String,
    /// The sheet that holds now.
    pub holds: SheetHash,
    /// What stands on it.
    pub sheet: Sheet,
    /// The sheet that would hold, or everything that stands against it.
    pub corrected: Result<Corrected, Vec<SheetProblem>>,
}

impl Centre {
    /// Draws slips for as many voters as a unit of a signed round is to have, without keeping anything.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_unit`.
    pub async fn draw_new_slips(&self, round: &RoundId, unit: &str, voters: u32) -> Result<Slips, AppError> {
        let stored = self.round(round).await?;
        let unit = stored.unit(unit)?;
        let name = stored.draft.unit(unit.as_str()).map(|unit| unit.name.clone()).unwrap_or_default();
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        let (codes, commitments) = draw_permits(slips_for(voters), round, &unit, &mut rng);
        Ok(Slips { unit, name, codes, commitments })
    }

    /// What a correction would change, or what stands against it. Nothing is stored.
    ///
    /// # Errors
    /// [`AppError`] with code `not_signed`, `round_state` if the round is closed, `already_ordered` if its ballots
    /// were opened once, `unknown_unit`.
    pub async fn preview_replacement(
        &self,
        round: &RoundId,
        correction: SheetCorrection<'_>,
    ) -> Result<SheetPreview, AppError> {
        let mut tx = self.begin().await?;
        let stored = load_round(&mut tx, round).await?;
        look(&mut tx, self.kept(), &stored, correction).await
    }

    /// Signs and stores a corrected sheet in the place of the one that a person saw. Slips must be confirmed as
    /// printed before; the commitments of the earlier ones are gone then.
    ///
    /// # Errors
    /// As [`Self::preview_replacement`], with code `sheet` and everything that stands against it, `changed_meanwhile`
    /// if another sheet holds than the one that was seen, `person_needed` or `role` if no organiser asks.
    pub async fn replace_sheet(
        &self,
        round: &RoundId,
        correction: SheetCorrection<'_>,
        seen: &SheetHash,
    ) -> Result<Signed<SheetReplacement>, AppError> {
        self.person_with(&[Role::Organiser])?;
        let mut tx = self.begin_round(round).await?;
        let mut stored = load_round(&mut tx, round).await?;
        units::take_any_turn(&mut tx, round, &stored.unit(correction.unit)?).await?;
        let preview = look(&mut tx, None, &stored, correction).await?;
        if preview.holds != *seen {
            let detail = "the unit's sheet was replaced meanwhile: look again at what would change";
            return Err(AppError::conflict("changed_meanwhile", detail));
        }
        let corrected = preview.corrected.map_err(|problems| not_replaced(&problems))?;
        let (unit, sheet) = (preview.unit, &corrected.sheet);
        let statement = corrected.statement(stored.signed()?.hash(), preview.holds);
        let signed = Signed::sign(statement, self.key());
        let hash = sheet.hash();
        units::insert_sheet(&mut tx, round, &unit, &hash, &cbor::encode(sheet)).await?;
        units::insert_replacement(&mut tx, round, &unit, corrected.number, signed.bytes()).await?;
        if sheet.permits != preview.sheet.permits {
            let commitments: Vec<u8> = sheet.permits.iter().flat_map(|permit| permit.0).collect();
            units::set_permits(&mut tx, round, &unit, &commitments).await?;
        }
        // Who is rated where, and how many vote, is asked of the draft.
        stored.draft.correct(&unit, sheet);
        let draft = serde_json::to_string(&stored.draft).expect("a draft is plain data");
        rounds::set_draft(&mut tx, round, &draft).await?;
        let slips = match corrected.permits {
            PermitChange::Kept => "slips kept",
            PermitChange::Replaced => "all slips replaced",
        };
        let detail =
            format!("{}: {} to {hash}, {slips}: {}", corrected.number, preview.holds, corrected.reason);
        self.commit(tx, "sheet_replaced", &unit, detail).await?;
        Ok(signed)
    }

    /// The replacements of a unit's sheet, the first one first.
    ///
    /// # Errors
    /// [`AppError`] with code `not_signed`, `unknown_unit`.
    pub async fn replacements(
        &self,
        round: &RoundId,
        unit: &str,
    ) -> Result<Vec<Signed<SheetReplacement>>, AppError> {
        let mut tx = self.begin().await?;
        let stored = load_round(&mut tx, round).await?;
        let centre = stored.signed()?.value().centre.sign;
        load_replacements(&mut tx, round, &stored.unit(unit)?, &centre).await
    }
}

/// What a correction would do within one transaction, and the sheet that holds.
async fn look(
    db: &mut Db,
    kept: Option<&Records>,
    stored: &Round,
    correction: SheetCorrection<'_>,
) -> Result<SheetPreview, AppError> {
    may_replace(db, stored).await?;
    let unit = stored.unit(correction.unit)?;
    let package = stored.signed()?.value();
    let missing = || AppError::not_found("unknown_unit", format!("there is no unit {unit} in the round"));
    let entry = package.unit(&unit).ok_or_else(missing)?;
    let replacements = load_replacements(db, &stored.id, &unit, &package.centre.sign).await?;
    let chain = sheet_chain(entry.sheet, &replacements);
    let holds = chain.last().copied().unwrap_or(entry.sheet);
    let sheet = load_sheets(db, &stored.id, &unit).await?.remove(&holds);
    let sheet = sheet.ok_or(StoreError::Damaged { what: "sheet" })?;
    let situation = Situation {
        entry,
        sheet: &sheet,
        replaced: u32::try_from(chain.len() - 1).unwrap_or(u32::MAX),
        rated_elsewhere: &rated_elsewhere(stored, &unit),
        meeting: meeting(db, kept, stored, &unit, &holds).await?,
    };
    let corrected = Correction {
        unit: correction.roster.units.iter().find(|known| known.code == unit.as_str()),
        new_permits: correction.slips.map(|slips| slips.commitments.as_slice()),
        reason: correction.reason,
    }
    .apply(&situation);
    let preview = SheetPreview { name: entry.name.clone(), unit, holds, sheet, corrected };
    Ok(preview)
}

/// A sheet is replaced once the package is signed, before the round is closed and its ballots are opened.
async fn may_replace(db: &mut Db, stored: &Round) -> Result<(), AppError> {
    stored.not_finished()?;
    stored.signed()?;
    if !matches!(stored.state, RoundState::Signed | RoundState::Open) {
        return Err(AppError::conflict(
            "round_state",
            format!("the round is {}; a sheet is replaced only before the close", stored.state),
        ));
    }
    if !orders::list(db, &stored.id).await?.is_empty() {
        return Err(AppError::conflict(
            "already_ordered",
            "an opening order of this round was made: its ballots are opened under the sheets that hold",
        ));
    }
    Ok(())
}

/// What the centre knows of a unit's meeting. It has begun with the first check-in in the unit's record. Ballots that
/// came under the sheet that holds are no check-in, for whoever decides about the replacement may know better: they are
/// held.
async fn meeting(
    db: &mut Db,
    kept: Option<&Records>,
    round: &Round,
    unit: &UnitCode,
    sheet: &SheetHash,
) -> Result<Meeting, AppError> {
    let checked_in = load_record(db, kept, round, unit).await?.state.present();
    let headers = envelopes::headers(db, &round.id, unit).await?;
    let under = headers.iter().filter(|header| header.sheet == *sheet);
    let (envelopes, ballots) =
        under.fold((0, 0), |(count, ballots), header| (count + 1, ballots + u64::from(header.ballots)));
    Ok(Meeting { checked_in, envelopes, ballots })
}

fn rated_elsewhere(stored: &Round, unit: &UnitCode) -> BTreeMap<String, UnitCode> {
    let others = stored.draft.units.iter().filter(|other| other.code != unit.as_str());
    let rated = others.filter_map(|other| Some((UnitCode::new(&other.code).ok()?, &other.officials)));
    rated
        .flat_map(|(unit, officials)| {
            officials.iter().map(move |official| (official.code.to_ascii_uppercase(), unit.clone()))
        })
        .collect()
}

fn not_replaced(problems: &[SheetProblem]) -> AppError {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    AppError::unprocessable("sheet", lines.join("\n"))
}
