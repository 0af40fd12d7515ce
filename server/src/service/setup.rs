//! Setting a round up: import, permits, signature, opening for voting, close.

use super::{Centre, Round, load_round, random};
use crate::domain::draft::{Choices, Draft, DraftError};
use crate::domain::state::RoundState;
use crate::error::AppError;
use crate::print::UnitSlips;
use crate::roster::Roster;
use crate::store::{StoreError, Tx, envelopes, rounds, units};
use std::collections::BTreeMap;
use sync_core::ceremony::KeyStatement;
use sync_core::cose::Signed;
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

impl std::fmt::Debug for Slips {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Slips({}, {})", self.unit, self.commitments.len())
    }
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
        let mut made = self.import_all(roster, vec![choices]).await?;
        made.pop().ok_or_else(|| AppError::Internal("no round was made".to_owned()))
    }

    /// Stores new rounds of one roster as drafts: all of them, or none.
    ///
    /// # Errors
    /// As [`Self::import`].
    pub async fn import_all(&self, roster: &Roster, all: Vec<Choices>) -> Result<Vec<Round>, AppError> {
        let drafts: Vec<Draft> = all
            .into_iter()
            .map(|choices| Draft::new(roster, choices).map_err(|error| not_drafted(&error)))
            .collect::<Result<_, _>>()?;
        let mut tx = self.begin_write().await?;
        let mut made = Vec::new();
        for draft in drafts {
            let id = RoundId::from_random(random());
            rounds::insert(&mut tx, &id, draft.mode().code(), RoundState::Draft.name(), &text_of(&draft))
                .await?;
            for unit in &draft.units {
                units::insert(&mut tx, &id, &code_of(&unit.code)?).await?;
            }
            self.note(&mut tx, "round_imported", &id.uuid().to_string(), &draft.title).await?;
            made.push(Round { id, state: RoundState::Draft, draft, package: None });
        }
        tx.commit().await.map_err(StoreError::from)?;
        Ok(made)
    }

    /// Draws the permits of some units (of all that vote with permits, if none is named), without keeping anything.
    ///
    /// # Errors
    /// [`AppError`] with code `signed` once the package is signed: there is no reprint.
    pub async fn draw_slips(&self, round: &RoundId, only: &[String]) -> Result<Vec<Slips>, AppError> {
        let stored = self.round(round).await?;
        refuse_if_signed(&stored)?;
        draw(&stored, only)
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
        let mut tx = self.begin_round(round).await?;
        let stored = load_round(&mut tx, round).await?;
        refuse_if_signed(&stored)?;
        self.sign_within(tx, &stored, statement).await
    }

    /// The same within a transaction, which it ends.
    pub(super) async fn sign_within(
        &self,
        mut tx: Tx,
        stored: &Round,
        statement: &[u8],
    ) -> Result<Round, AppError> {
        let round = &stored.id;
        let statement = keys_of(round, statement)?;
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
            .sign(*round, statement.value().keys.clone(), self.keys(), self.key(), |code| {
                permits.get(code).cloned()
            })
            .map_err(|error| not_drafted(&error))?;
        let signed = RoundState::Signed.name();
        if !rounds::sign(&mut tx, round, signed, package.bytes(), &package.hash()).await? {
            return Err(already_signed());
        }
        for sheet in &sheets {
            let bytes = sync_core::cbor::encode(sheet);
            units::insert_sheet(&mut tx, round, &sheet.unit, &sheet.hash(), &bytes).await?;
        }
        // Every request on the round reads the draft: what the sheets have must not make it long.
        rounds::set_draft(&mut tx, round, &text_of(&stored.draft.once_signed())).await?;
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

/// Draws the permits of some units, or of all that vote with permits if none is named.
pub(super) fn draw(stored: &Round, only: &[String]) -> Result<Vec<Slips>, AppError> {
    let wanted = only.iter().map(|code| stored.unit(code)).collect::<Result<Vec<_>, _>>()?;
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let mut all = Vec::new();
    for unit in stored.draft.units.iter().filter(|unit| !unit.attended) {
        let code = stored.unit(&unit.code)?;
        if wanted.is_empty() || wanted.contains(&code) {
            let (codes, commitments) = draw_permits(slips_for(unit.voters), &stored.id, &code, &mut rng);
            all.push(Slips { unit: code, name: unit.name.clone(), codes, commitments });
        }
    }
    if all.is_empty() {
        return Err(AppError::unprocessable("attended", "these units vote attended and have no slips"));
    }
    Ok(all)
}

/// The signed public keys of a ceremony that was held for this round.
pub(super) fn keys_of(round: &RoundId, statement: &[u8]) -> Result<Signed<KeyStatement>, AppError> {
    let statement = KeyStatement::open(statement).map_err(|error| AppError::unprocessable("keys", error))?;
    if statement.value().round != *round {
        return Err(AppError::unprocessable("keys", "the key file belongs to another round"));
    }
    Ok(statement)
}

/// Why a round cannot be set up like this, as a refusal.
pub(super) fn not_drafted(error: &DraftError) -> AppError {
    match error {
        DraftError::PermitsMissing(_) => AppError::unprocessable("slips_missing", error),
        _ => AppError::unprocessable("draft", error),
    }
}

/// A draft as it is stored.
pub(super) fn text_of(draft: &Draft) -> String {
    serde_json::to_string(draft).expect("a draft is plain data")
}

pub(super) fn code_of(unit: &str) -> Result<UnitCode, AppError> {
    UnitCode::new(unit).map_err(|error| AppError::unprocessable("draft", error))
}

fn already_signed() -> AppError {
    AppError::conflict(
        "signed",
        "the package is signed already; slips and rules are fixed, there is no reprint",
    )
}

pub(super) fn refuse_if_signed(round: &Round) -> Result<(), AppError> {
    if round.package.is_some() { Err(already_signed()) } else { Ok(()) }
}
