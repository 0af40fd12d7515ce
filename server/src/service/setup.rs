//! Setting a round up: import, permits, signature, opening for voting, close.

use super::{Centre, Round, load_round, random};
use crate::domain::draft::{Choices, Draft};
use crate::domain::state::RoundState;
use crate::error::AppError;
use crate::print::UnitSlips;
use crate::roster::Roster;
use crate::store::{envelopes, rounds, units};
use std::collections::BTreeMap;
use sync_core::ceremony::KeyStatement;
use sync_core::id::{Commitment, RoundId, UnitCode};
use sync_core::permit::{PermitCode, draw_permits, slips_for};
use zeroize::Zeroizing;

/// Freshly drawn permits of a unit. They live only in the process that drew them; nothing is kept until the slips
/// are confirmed as printed.
pub struct Slips {
    /// The unit.
    pub unit: UnitCode,
    /// Its name.
    pub name: String,
    /// The codes in random order, wiped when dropped.
    pub codes: Vec<PermitCode>,
    pub(super) commitments: Vec<Commitment>,
}

impl Slips {
    /// What is printed for the unit.
    pub fn page(&self) -> UnitSlips<'_> {
        UnitSlips { code: self.unit.as_str(), name: &self.name, permits: &self.codes }
    }

    /// The same as PDF, in Vietnamese. It is wiped when dropped; what set the pages forgets them.
    ///
    /// # Errors
    /// [`AppError`] if the pages cannot be set.
    pub fn pdf(&self, draft: &Draft) -> Result<Zeroizing<Vec<u8>>, AppError> {
        super::documents::slips(draft, self).map(Zeroizing::new)
    }
}

impl Centre {
    /// Stores a new round as a draft.
    ///
    /// # Errors
    /// [`AppError`] with code `draft` if a choice is wrong.
    pub async fn import(&self, roster: &Roster, choices: Choices) -> Result<Round, AppError> {
        let draft = Draft::new(roster, choices).map_err(|error| AppError::unprocessable("draft", error))?;
        let id = RoundId::from_random(random());
        let text = serde_json::to_string(&draft).expect("a draft is plain data");
        let mut tx = self.begin_write().await?;
        rounds::insert(&mut tx, &id, draft.mode().code(), RoundState::Draft.name(), &text).await?;
        for unit in &draft.units {
            let code = UnitCode::new(&unit.code).map_err(|error| AppError::unprocessable("draft", error))?;
            units::insert(&mut tx, &id, &code).await?;
        }
        self.commit(tx, "round_imported", id.uuid(), &draft.title).await?;
        Ok(Round { id, state: RoundState::Draft, draft, package: None })
    }

    /// Draws the permits of some units (of all that vote with permits, if none is named), without keeping anything.
    ///
    /// # Errors
    /// [`AppError`] with code `signed` once the package is signed: there is no reprint.
    pub async fn draw_slips(&self, round: &RoundId, only: &[String]) -> Result<Vec<Slips>, AppError> {
        let stored = self.round(round).await?;
        refuse_if_signed(&stored)?;
        let wanted = only.iter().map(|code| stored.unit(code)).collect::<Result<Vec<_>, _>>()?;
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        let mut all = Vec::new();
        for unit in stored.draft.units.iter().filter(|unit| !unit.attended) {
            let code = stored.unit(&unit.code)?;
            if wanted.is_empty() || wanted.contains(&code) {
                let (codes, commitments) = draw_permits(slips_for(unit.voters), round, &code, &mut rng);
                all.push(Slips { unit: code, name: unit.name.clone(), codes, commitments });
            }
        }
        if all.is_empty() {
            return Err(AppError::unprocessable("attended", "these units vote attended and have no slips"));
        }
        Ok(all)
    }

    /// Keeps the commitments of slips that were confirmed as printed; earlier slips of the unit are void.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn confirm_slips(&self, round: &RoundId, slips: &[Slips]) -> Result<(), AppError> {
        let mut tx = self.begin_round(round).await?;
        refuse_if_signed(&load_round(&mut tx, round).await?)?;
        for unit in slips {
            let commitments: Vec<u8> = unit.commitments.iter().flat_map(|c| c.0).collect();
            units::set_permits(&mut tx, round, &unit.unit, &commitments).await?;
        }
        let codes: Vec<_> = slips.iter().map(|unit| unit.unit.as_str()).collect();
        self.commit(tx, "slips_printed", round.uuid(), codes.join(",")).await
    }

    /// Signs the package with the public keys of the ceremony.
    ///
    /// # Errors
    /// [`AppError`] if permits are missing or the keys are another round's.
    pub async fn sign(&self, round: &RoundId, statement: &[u8]) -> Result<Round, AppError> {
        let statement =
            KeyStatement::open(statement).map_err(|error| AppError::unprocessable("keys", error))?;
        let statement = statement.value();
        if statement.round != *round {
            return Err(AppError::unprocessable("keys", "the key file belongs to another round"));
        }
        let mut tx = self.begin_round(round).await?;
        let stored = load_round(&mut tx, round).await?;
        refuse_if_signed(&stored)?;
        let permits: BTreeMap<String, Vec<Commitment>> = units::permits(&mut tx, round)
            .await?
            .into_iter()
            .filter_map(|(code, bytes)| {
                let bytes = bytes?;
                let (entries, _) = bytes.as_chunks::<16>();
                Some((code.to_string(), entries.iter().copied().map(Commitment).collect()))
            })
            .collect();
        let (package, sheets) = stored
            .draft
            .sign(*round, statement.keys.clone(), self.keys(), self.key(), |code| permits.get(code).cloned())
            .map_err(|error| AppError::unprocessable("draft", error))?;
        let signed = RoundState::Signed.name();
        if !rounds::sign(&mut tx, round, signed, package.bytes(), &package.hash()).await? {
            return Err(already_signed());
        }
        for sheet in &sheets {
            let bytes = sync_core::cbor::encode(sheet);
            units::insert_sheet(&mut tx, round, &sheet.unit, &sheet.hash(), &bytes).await?;
        }
        self.commit(tx, "round_signed", round.uuid(), package.hash()).await?;
        self.round(round).await
    }

    /// Opens a signed round for voting, or a closed one again.
    ///
    /// # Errors
    /// [`AppError`] with code `round_state`.
    pub async fn open_round(&self, round: &RoundId) -> Result<(), AppError> {
        let mut tx = self.begin_units(round).await?;
        change_state(&mut tx, round, RoundState::Open).await?;
        envelopes::forget_close(&mut tx, round).await?;
        self.commit(tx, "round_opened", round.uuid(), "").await
    }

    /// Closes a round: envelopes that come later are stored and held as late.
    ///
    /// # Errors
    /// [`AppError`] with code `round_state`.
    pub async fn close_round(&self, round: &RoundId) -> Result<(), AppError> {
        let mut tx = self.begin_units(round).await?;
        change_state(&mut tx, round, RoundState::Closed).await?;
        envelopes::note_close(&mut tx, round).await?;
        self.commit(tx, "round_closed", round.uuid(), "").await
    }
}

pub(super) async fn change_state(
    db: &mut crate::store::Db,
    round: &RoundId,
    next: RoundState,
) -> Result<(), AppError> {
    let stored = load_round(db, round).await?;
    stored.not_finished()?;
    let wrong = || {
        let detail = format!("the round is {} and cannot become {next} now", stored.state);
        AppError::conflict("round_state", detail)
    };
    if !stored.state.may_become(next)
        || !rounds::set_state(db, round, stored.state.name(), next.name()).await?
    {
        return Err(wrong());
    }
    Ok(())
}

fn already_signed() -> AppError {
    AppError::conflict(
        "signed",
        "the package is signed already; slips and rules are fixed, there is no reprint",
    )
}

fn refuse_if_signed(round: &Round) -> Result<(), AppError> {
    if round.package.is_some() { Err(already_signed()) } else { Ok(()) }
}
