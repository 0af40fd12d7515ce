//! Visits: planned, made, followed up. Whoever writes says on which revision it rests.

use crate::domain::calendar::day_of;
use crate::domain::person::Role;
use crate::domain::visit::{Visit, VisitContent, VisitState};
use crate::error::AppError;
use crate::service::deciding::interest;
use crate::service::{Centre, load_round, now, random};
use crate::store::visits;
use sync_core::id::RoundId;

/// Most visits of a unit in one round.
const VISITS_MAX: usize = 100;

impl Centre {
    /// Every visit of a round as it stands, by unit.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_round`.
    pub async fn visits(&self, round: &RoundId) -> Result<Vec<Visit>, AppError> {
        let mut tx = self.begin().await?;
        load_round(&mut tx, round).await?;
        Ok(visits::of_round(&mut tx, round).await?)
    }

    /// A visit as it was written each time, the first one first.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_visit`.
    pub async fn visit_history(
        &self,
        round: &RoundId,
        unit: &str,
        id: &[u8; 16],
    ) -> Result<Vec<Visit>, AppError> {
        let mut tx = self.begin().await?;
        let unit = load_round(&mut tx, round).await?.unit(unit)?;
        let history = visits::history(&mut tx, (round, &unit), id).await?;
        if history.is_empty() { Err(no_visit()) } else { Ok(history) }
    }

    /// Plans a visit, or notes one that was made.
    ///
    /// # Errors
    /// [`AppError`] with code `person_needed`, `role`, `interest`, `unknown_unit`, `visit` for what cannot be.
    pub async fn plan_visit(
        &self,
        round: &RoundId,
        unit: &str,
        content: VisitContent,
    ) -> Result<Visit, AppError> {
        self.write_visit(round, unit, None, content).await
    }

    /// Writes a visit anew, on top of the revision that somebody saw.
    ///
    /// # Errors
    /// As [`Self::plan_visit`], `unknown_visit`, `changed_meanwhile` if somebody else wrote it after that revision.
    pub async fn change_visit(
        &self,
        round: &RoundId,
        unit: &str,
        (id, revision): (&[u8; 16], u32),
        content: VisitContent,
    ) -> Result<Visit, AppError> {
        self.write_visit(round, unit, Some((*id, revision)), content).await
    }

    async fn write_visit(
        &self,
        round: &RoundId,
        unit: &str,
        before: Option<([u8; 16], u32)>,
        content: VisitContent,
    ) -> Result<Visit, AppError> {
        let person = self.person_with(&[Role::Inspector])?;
        let at = now();
        let content = content.checked(day_of(at)).map_err(|error| AppError::unprocessable("visit", error))?;
        let mut tx = self.begin_follow_up(round).await?;
        let stored = load_round(&mut tx, round).await?;
        let unit = stored.unit(unit)?;
        if let Some(interest) = interest(&stored, &unit, person) {
            let detail = format!("{} {interest}: somebody else must visit it", person.name);
            return Err(AppError::forbidden("interest", detail));
        }
        let (id, revision) = match before {
            None => {
                let all = visits::of_round(&mut tx, round).await?;
                if all.iter().filter(|visit| visit.unit == unit).count() >= VISITS_MAX {
                    let detail = format!("a unit has at most {VISITS_MAX} visits in a round");
                    return Err(AppError::conflict("too_many_visits", detail));
                }
                (random(), 1)
            }
            Some((id, seen)) => {
                let history = visits::history(&mut tx, (round, &unit), &id).await?;
                let last = history.last().ok_or_else(no_visit)?.revision;
                if last != seen {
                    return Err(changed());
                }
                (id, last + 1)
            }
        };
        let by = person.login.clone();
        let visit = Visit { round: *round, unit, id, revision, at, by, content };
        if !visits::write(&mut tx, &visit).await? {
            return Err(changed());
        }
        let action = match visit.content.state {
            VisitState::Planned => "visit_planned",
            VisitState::Made => "visit_made",
            VisitState::CalledOff => "visit_called_off",
        };
        let (found, open) = (visit.content.findings.len(), visit.content.open());
        let id = uuid::Uuid::from_bytes(id);
        let detail = format!("{id} revision {revision}: {found} findings, {open} to be put right");
        self.commit(tx, action, &visit.unit, detail).await?;
        Ok(visit)
    }
}

fn no_visit() -> AppError {
    AppError::not_found("unknown_visit", "there is no such visit of this unit")
}

/// Two people wrote at the same time, and the second would write over the first.
fn changed() -> AppError {
    AppError::conflict(
        "changed_meanwhile",
        "somebody else changed it meanwhile: load it again, then change it",
    )
}
