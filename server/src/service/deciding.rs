//! Decisions of two people about what is held or missing, about leaving a unit unpublished, or about finishing without a
//! tablet: one proposes, another confirms. Both have the role that decides, and neither votes or is rated in the unit.

use super::actor::role_needed;
use super::people::{named, unknown};
use super::standing::load_standing;
use super::{Centre, Round, load_round, random};
use crate::domain::decision::{Matter, people};
use crate::domain::person::{Interest, Person, PersonId, Role};
use crate::error::AppError;
use crate::store::decisions::DecisionRow;
use crate::store::proposals::ProposalRow;
use crate::store::restoration::{self, WithoutRow};
use crate::store::statements::{self, LeftRow};
use crate::store::{self, Db, StoreError, decisions, proposals};
use sync_core::id::{RoundId, UnitCode};
use sync_core::order::Ruling;

/// What one person proposed and nobody has confirmed yet.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// Its id.
    pub id: [u8; 16],
    /// The unit.
    pub unit: UnitCode,
    /// What is to be decided.
    pub matter: Matter,
    /// Who proposed it.
    pub person: PersonId,
    /// Their name.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl Centre {
    /// Proposes a decision; it holds once a second person confirms it.
    ///
    /// # Errors
    /// [`AppError`] with code `person_needed`, `role`, `interest`, `decision` without a reason, `nothing_to_decide`; for
    /// leaving a unit unpublished `round_state` and `already_published`, for going on without a tablet `round_state`.
    pub async fn propose(
        &self,
        round: &RoundId,
        unit: &str,
        matter: Matter,
        reason: &str,
    ) -> Result<Proposal, AppError> {
        let person = self.person_with(&[Role::Inspector])?;
        // The form of the reason is checked now, with a second name in the place of whoever will confirm.
        let (_, reason) = people([&person.name, "?"], reason).map_err(invalid)?;
        let mut tx = self.begin_unit(round, unit).await?;
        let stored = load_round(&mut tx, round).await?;
        stored.not_finished()?;
        let unit = stored.unit(unit)?;
        may_decide(&stored, &unit, person)?;
        check_open(&mut tx, &stored, &unit, &matter).await?;
        let (subject, verdict) = matter.to_text();
        let row = ProposalRow {
            unit: unit.clone(),
            id: random(),
            person: person.id,
            subject: subject.clone(),
            verdict: verdict.to_owned(),
            reason,
        };
        proposals::insert(&mut tx, round, &row).await?;
        self.commit(tx, "decision_proposed", &unit, format!("{verdict} {subject}: {}", row.reason)).await?;
        let by = person.name.clone();
        Ok(Proposal { id: row.id, unit, matter, person: person.id, by, reason: row.reason })
    }

    /// Confirms what somebody else proposed.
    ///
    /// # Errors
    /// [`AppError`] with code `same_person`, `unknown_proposal`, and as [`Self::propose`].
    pub async fn confirm(&self, round: &RoundId, unit: &str, id: &[u8; 16]) -> Result<(), AppError> {
        let second = self.person_with(&[Role::Inspector])?;
        // Units are published together, so leaving one out takes the turn of them all.
        let mut tx = self.begin_units(round).await?;
        let stored = load_round(&mut tx, round).await?;
        let unit = stored.unit(unit)?;
        let row = proposals::get(&mut tx, round, &unit, id).await?.ok_or_else(no_proposal)?;
        // Who proposed it must still be somebody who may.
        let (first, _) = store::people::get(&mut tx, row.person).await?.ok_or_else(unknown)?;
        let detail = format!("{} {}: {}; proposed by {}", row.verdict, row.subject, row.reason, first.login);
        let event = settle(&mut tx, &stored, &unit, &matter(&row)?, [&first, second], &row.reason).await?;
        self.commit(tx, event, &unit, detail).await
    }

    /// Takes a proposal back, or turns somebody else's down.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_proposal`.
    pub async fn withdraw(&self, round: &RoundId, unit: &str, id: &[u8; 16]) -> Result<(), AppError> {
        self.person_with(&[Role::Inspector])?;
        let mut tx = self.begin_unit(round, unit).await?;
        let stored = load_round(&mut tx, round).await?;
        let unit = stored.unit(unit)?;
        let row = proposals::get(&mut tx, round, &unit, id).await?.ok_or_else(no_proposal)?;
        proposals::remove(&mut tx, round, &unit, id).await?;
        self.commit(tx, "proposal_withdrawn", &unit, format!("{} {}", row.verdict, row.subject)).await
    }

    /// What waits for a second person.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn proposals(&self, round: &RoundId) -> Result<Vec<Proposal>, AppError> {
        let mut tx = self.begin().await?;
        load_round(&mut tx, round).await?;
        let mut all = Vec::new();
        for row in proposals::list(&mut tx, round).await? {
            let matter = matter(&row)?;
            let by = store::people::get(&mut tx, row.person).await?.map(|(person, _)| person.name);
            let by = by.unwrap_or_default();
            let (person, reason) = (row.person, row.reason);
            all.push(Proposal { id: row.id, unit: row.unit, matter, person, by, reason });
        }
        Ok(all)
    }

    /// Stores a decision of two people, named by their logins, who both answered for themselves.
    ///
    /// # Errors
    /// As [`Self::confirm`].
    pub async fn decide(
        &self,
        round: &RoundId,
        unit: &str,
        matter: impl Into<Matter>,
        logins: [&str; 2],
        reason: &str,
    ) -> Result<(), AppError> {
        let matter = matter.into();
        // Units are published together, so leaving one out takes the turn of them all.
        let mut tx = match &matter {
            Matter::LeaveUnpublished => self.begin_units(round).await?,
            Matter::Ruling(_) | Matter::GoOnWithout(_) => self.begin_unit(round, unit).await?,
        };
        let stored = load_round(&mut tx, round).await?;
        let unit = stored.unit(unit)?;
        let [first, second] = [named(&mut tx, logins[0]).await?, named(&mut tx, logins[1]).await?];
        let event = settle(&mut tx, &stored, &unit, &matter, [&first, &second], reason).await?;
        let (subject, verdict) = matter.to_text();
        let detail = format!("{verdict} {subject}: {reason}; by {} and {}", first.login, second.login);
        self.commit(tx, event, &unit, detail).await
    }
}

/// Stores what two people decided, and drops what else was proposed about it. Gives the name of the event.
async fn settle(
    db: &mut Db,
    round: &Round,
    unit: &UnitCode,
    matter: &Matter,
    both: [&Person; 2],
    reason: &str,
) -> Result<&'static str, AppError> {
    round.not_finished()?;
    let (persons, reason) = two_people(round, unit, both, reason)?;
    check_open(db, round, unit, matter).await?;
    let (subject, verdict) = matter.to_text();
    proposals::settled(db, &round.id, unit, &subject).await?;
    match matter {
        Matter::Ruling(_) => {
            let row = DecisionRow { subject, verdict: verdict.to_owned(), persons, reason };
            decisions::put(db, &round.id, unit, &row).await?;
        }
        Matter::LeaveUnpublished => {
            let left = LeftRow { unit: unit.clone(), persons, reason };
            statements::leave_unpublished(db, &round.id, &left).await?;
            return Ok("unit_left_unpublished");
        }
        Matter::GoOnWithout(device) => {
            let row = WithoutRow { unit: unit.clone(), device: *device, persons, reason };
            restoration::go_on_without(db, &round.id, &row).await?;
        }
    }
    Ok("decided")
}

/// Two different persons who may both decide for a unit, by the names that stand under it, and their reason.
fn two_people(
    round: &Round,
    unit: &UnitCode,
    [first, second]: [&Person; 2],
    reason: &str,
) -> Result<([String; 2], String), AppError> {
    if first.id == second.id {
        return Err(AppError::forbidden("same_person", "a decision needs a second person"));
    }
    for person in [first, second] {
        if person.disabled || !person.has(Role::Inspector) {
            return Err(role_needed(&[Role::Inspector]));
        }
        may_decide(round, unit, person)?;
    }
    // Two people may have one name; the order names them so that they are seen to be two.
    let same = first.name.to_lowercase() == second.name.to_lowercase();
    let names = [first, second].map(|person| match same {
        true => format!("{} ({})", person.name, person.login),
        false => person.name.clone(),
    });
    people([&names[0], &names[1]], reason).map_err(invalid)
}

/// What stands against somebody's deciding or publishing for a unit of this round.
pub(super) fn interest(round: &Round, unit: &UnitCode, person: &Person) -> Option<Interest> {
    let officials = round.draft.unit(unit.as_str()).into_iter().flat_map(|unit| &unit.officials);
    person.interest(unit, officials.map(|official| official.code.as_str()))
}

fn may_decide(round: &Round, unit: &UnitCode, person: &Person) -> Result<(), AppError> {
    match interest(round, unit, person) {
        Some(interest) => {
            let detail = format!("{} {interest}: somebody else must decide", person.name);
            Err(AppError::forbidden("interest", detail))
        }
        None => Ok(()),
    }
}

fn matter(row: &ProposalRow) -> Result<Matter, StoreError> {
    Matter::from_text(&row.subject, &row.verdict).ok_or(StoreError::Damaged { what: "proposal" })
}

async fn check_open(db: &mut Db, round: &Round, unit: &UnitCode, matter: &Matter) -> Result<(), AppError> {
    let standing = load_standing(db, None, round, unit).await?;
    let open = match matter {
        Matter::LeaveUnpublished => return super::finish::may_be_left(db, round, unit).await,
        Matter::GoOnWithout(device) => return super::finish::may_go_on(db, round, unit, *device).await,
        Matter::Ruling(Ruling::Admit(id) | Ruling::LeaveOut(id)) => standing.survey.held.contains_key(id),
        Matter::Ruling(Ruling::WriteOff(gap)) => standing.survey.gaps.contains(gap),
    };
    if open {
        return Ok(());
    }
    let detail = "this is not held or missing in the unit; look at `round holds` again";
    Err(AppError::conflict("nothing_to_decide", detail))
}

fn invalid(error: crate::domain::decision::DecisionError) -> AppError {
    AppError::unprocessable("decision", error)
}

fn no_proposal() -> AppError {
    AppError::not_found("unknown_proposal", "there is no such proposal: it was decided or taken back")
}
