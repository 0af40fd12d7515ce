//! Slips that a page prints: drawn, handed over once, and confirmed by what was signed with them. Nothing is kept of them
//! between, so that any process of the centre can take the confirmation, and nobody can read them twice.

use super::drafting::sheet_of;
use super::setup::{Slips, draw, refuse_if_signed};
use super::{Centre, Round, load_round};
use crate::domain::slips::{DRAWN_MAX, Drawn, basis_of_draft, basis_of_sheet};
use crate::error::AppError;
use crate::store::{Db, StoreError, units};
use std::collections::BTreeMap;
use sync_core::cose::Signed;
use sync_core::id::{Commitment, RoundId, UnitCode};
use sync_core::package::VOTERS_MAX;
use sync_core::permit::slips_for;

/// Slips for a page to print, and what confirms them.
#[derive(Debug)]
pub struct DrawnSlips {
    /// The slips.
    pub slips: Vec<Slips>,
    /// The signed commitments: handed in once the slips lie there on paper.
    pub confirmation: Vec<u8>,
}

impl Centre {
    /// Draws slips of some units of a draft for a page to print. Nothing is kept; who drew them is noted.
    ///
    /// # Errors
    /// As [`Self::draw_slips`]; code `too_many_slips` if one request cannot hold them.
    pub async fn draw_to_print(&self, round: &RoundId, only: &[String]) -> Result<DrawnSlips, AppError> {
        let mut tx = self.begin_round(round).await?;
        let stored = load_round(&mut tx, round).await?;
        refuse_if_signed(&stored)?;
        let wanted = stored.draft.units.iter().filter(|unit| !unit.attended);
        let wanted = wanted.filter(|unit| only.is_empty() || only.contains(&unit.code));
        few_enough(wanted.map(|unit| slips_for(unit.voters) as usize).sum())?;
        let slips = draw(&stored, only)?;
        let units: Vec<_> = slips.iter().map(|unit| (unit.unit.clone(), unit.commitments.clone())).collect();
        let codes: Vec<&UnitCode> = units.iter().map(|(unit, _)| unit).collect();
        let basis = draft_basis(&mut tx, &stored, &codes).await?;
        let confirmation = Signed::sign(Drawn { round: *round, basis, units }, self.key()).bytes().to_vec();
        self.commit(tx, "slips_drawn", round.uuid(), names(&slips)).await?;
        Ok(DrawnSlips { slips, confirmation })
    }

    /// Draws slips for the corrected sheet of a unit, for a page to print. Nothing is kept; who drew them is noted.
    ///
    /// # Errors
    /// [`AppError`] with code `not_signed`, `unknown_unit`, `attended`, `voters`.
    pub async fn draw_new_to_print(
        &self,
        round: &RoundId,
        unit: &str,
        voters: u32,
    ) -> Result<DrawnSlips, AppError> {
        if !(1..=VOTERS_MAX).contains(&voters) {
            let detail = format!("a unit has 1 to {VOTERS_MAX} voters");
            return Err(AppError::unprocessable("voters", detail));
        }
        let mut tx = self.begin_round(round).await?;
        let stored = load_round(&mut tx, round).await?;
        let holds = sheet_of(&mut tx, &stored, &stored.unit(unit)?).await?;
        if holds.voting == sync_core::package::Voting::Attended {
            return Err(AppError::unprocessable("attended", "this unit votes attended and has no slips"));
        }
        let slips = self.draw_new_slips(round, unit, voters).await?;
        let drawn = Drawn {
            round: *round,
            basis: basis_of_sheet(&holds.sheet.hash()),
            units: vec![(slips.unit.clone(), slips.commitments.clone())],
        };
        let confirmation = Signed::sign(drawn, self.key()).bytes().to_vec();
        let slips = vec![slips];
        self.commit(tx, "slips_drawn", round.uuid(), names(&slips)).await?;
        Ok(DrawnSlips { slips, confirmation })
    }

    /// Keeps the commitments of slips that lie there on paper; earlier slips of their units are void. Once more is
    /// success.
    ///
    /// # Errors
    /// [`AppError`] with code `slips` if this confirms nothing of the round, `changed_meanwhile` if title, mode, unit or
    /// its slips are not any more what they were when these were drawn, `signed`.
    pub async fn confirm_printed(&self, round: &RoundId, confirmation: &[u8]) -> Result<(), AppError> {
        let drawn = self.drawn(round, confirmation)?;
        let mut tx = self.begin_round(round).await?;
        let stored = load_round(&mut tx, round).await?;
        refuse_if_signed(&stored)?;
        let held: BTreeMap<UnitCode, Option<Vec<u8>>> =
            units::permits(&mut tx, round).await?.into_iter().collect();
        let bytes = |permits: &[Commitment]| permits.iter().flat_map(|permit| permit.0).collect::<Vec<u8>>();
        let same = |(unit, permits): &(UnitCode, Vec<Commitment>)| {
            held.get(unit).and_then(Option::as_ref).is_some_and(|held| *held == bytes(permits))
        };
        if drawn.units.iter().all(same) {
            return Ok(());
        }
        let codes: Vec<&UnitCode> = drawn.units.iter().map(|(unit, _)| unit).collect();
        if draft_basis(&mut tx, &stored, &codes).await? != drawn.basis {
            let detail = "the round or its slips changed after these were drawn: destroy what was printed, and make new \
                          slips";
            return Err(AppError::conflict("changed_meanwhile", detail));
        }
        for (unit, permits) in &drawn.units {
            units::set_permits(&mut tx, round, unit, &bytes(permits)).await?;
        }
        let codes: Vec<_> = codes.into_iter().map(UnitCode::as_str).collect();
        self.commit(tx, "slips_printed", round.uuid(), codes.join(",")).await
    }

    /// The slips for a corrected sheet that a confirmation stands for; their codes are on paper alone.
    ///
    /// # Errors
    /// [`AppError`] with code `slips`, `unknown_unit`, `changed_meanwhile`.
    pub async fn printed_for(
        &self,
        round: &RoundId,
        unit: &str,
        confirmation: &[u8],
    ) -> Result<Slips, AppError> {
        let drawn = self.drawn(round, confirmation)?;
        let mut tx = self.begin().await?;
        let stored = load_round(&mut tx, round).await?;
        let unit = stored.unit(unit)?;
        let holds = sheet_of(&mut tx, &stored, &unit).await?;
        if drawn.basis != basis_of_sheet(&holds.sheet.hash()) {
            let detail =
                "the unit's sheet was replaced after these slips were drawn: destroy them, and make new ones";
            return Err(AppError::conflict("changed_meanwhile", detail));
        }
        match drawn.units.into_iter().next() {
            Some((of, commitments)) if of == unit => {
                Ok(Slips { unit, name: holds.name, codes: Vec::new(), commitments })
            }
            _ => Err(no_slips()),
        }
    }

    fn drawn(&self, round: &RoundId, confirmation: &[u8]) -> Result<Drawn, AppError> {
        let signed = Signed::<Drawn>::open(confirmation, &self.key().public()).map_err(|_| no_slips())?;
        if signed.value().round == *round { Ok(signed.value().clone()) } else { Err(no_slips()) }
    }
}

fn no_slips() -> AppError {
    AppError::unprocessable(
        "slips",
        "this confirms no slips of this round that the centre drew: make new ones",
    )
}

fn few_enough(count: usize) -> Result<(), AppError> {
    if count <= DRAWN_MAX {
        return Ok(());
    }
    let detail = format!("these are {count} slips; at most {DRAWN_MAX} are made at once: choose fewer units");
    Err(AppError::unprocessable("too_many_slips", detail))
}

async fn draft_basis(db: &mut Db, stored: &Round, of: &[&UnitCode]) -> Result<[u8; 32], StoreError> {
    let held: BTreeMap<UnitCode, Option<Vec<u8>>> =
        units::permits(db, &stored.id).await?.into_iter().collect();
    let units = of.iter().map(|unit| (*unit, held.get(*unit).and_then(Option::as_ref)));
    Ok(basis_of_draft(&stored.draft, units))
}

fn names(slips: &[Slips]) -> String {
    slips.iter().map(|unit| unit.unit.as_str()).collect::<Vec<_>>().join(",")
}
