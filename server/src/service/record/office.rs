//! What the office itself writes in a unit's record: explanations, settlements and notes, signed with the centre's key.
//!
//! The centre writes as a device does, in one chain for each run of the program. Where that chain ends is read from the
//! database under the unit's turn, so that a transaction that fails leaves no second change with the same number.

use super::look::{UnitRecord, load_unit_record};
use super::take;
use crate::domain::person::Role;
use crate::error::AppError;
use crate::service::deciding::interest;
use crate::service::standing::load_standing;
use crate::service::{Centre, Round, load_round, now};
use crate::store::{StoreError, Tx, records};
use sync_core::id::{RoundId, UnitCode};
use sync_core::record::{
    Act, Actor, Entry, EntryRef, FindingCode, Minutes, PersonId, Record, SETTLED_MAX, Severity, SignedChange,
    Subject, Taken, Writer,
};

/// Who may add to a record at the centre.
const WRITERS: &[Role] = &[Role::Inspector, Role::Organiser];

/// What is settled: the thing about which people disagree, and the entry whose word shall hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The thing, as the finding `conflict` names it: `figure:present`, `tablet:ID`, `committee`.
    pub subject: String,
    /// The entry that holds.
    pub holds: EntryRef,
}

/// What becomes of minutes that chair and counting head signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedMinutes {
    /// They stand: nothing is written that would make them outdated.
    Stand,
    /// They may become outdated, and are then signed anew.
    MayBeOutdated,
}

impl Centre {
    /// Explains a warning. Only somebody may who noted nothing of what it rests on, and neither votes nor is rated in
    /// the unit.
    ///
    /// # Errors
    /// [`AppError`] with code `person_needed`, `role`, `interest`, `same_person`, `unknown_finding`, `not_explainable`,
    /// `text`.
    pub async fn explain(
        &self,
        round: &RoundId,
        unit: &str,
        finding: &[u8; 16],
        text: &str,
    ) -> Result<(), AppError> {
        let (tx, stored, unit) = self.begin_entry(round, unit).await?;
        let mut tx = tx;
        let looked = load_unit_record(&mut tx, None, &stored, &unit).await?;
        let found = looked.findings.iter().find(|found| found.key() == *finding).ok_or_else(|| {
            AppError::not_found(
                "unknown_finding",
                "there is no such finding any more: its numbers changed; look at the findings again",
            )
        })?;
        if found.severity() == Severity::Error {
            return Err(AppError::conflict(
                "not_explainable",
                "this is an error: it is corrected by further entries of the unit, no explanation is enough",
            ));
        }
        if found.involved.contains(&self.writer_id()?) {
            return Err(AppError::forbidden(
                "same_person",
                "you noted something of what this rests on: a second person must explain it",
            ));
        }
        let act = Act::Explain { finding: *finding, text: words(text)? };
        let detail = format!("{} {}: {}", found.code.code(), super::summary::hex(finding), text.trim());
        self.write_entry(tx, (&stored, &unit), &looked.record, act, ("record_explained", detail)).await
    }

    /// Settles what people disagree about: one of their entries holds.
    ///
    /// # Errors
    /// [`AppError`] with code `person_needed`, `role`, `interest`, `nothing_to_settle`, `unknown_entry`.
    pub async fn settle(&self, round: &RoundId, unit: &str, settlement: &Settlement) -> Result<(), AppError> {
        let (tx, stored, unit) = self.begin_entry(round, unit).await?;
        let mut tx = tx;
        let looked = load_unit_record(&mut tx, None, &stored, &unit).await?;
        let act = settling(&looked, settlement)?;
        let detail = format!("{}: {} holds", settlement.subject, settlement.holds);
        self.write_entry(tx, (&stored, &unit), &looked.record, act, ("record_settled", detail)).await
    }

    /// Notes something in a unit's record. Notes are part of the minutes, so one that comes after the signatures makes
    /// these outdated, and chair and counting head have to sign again: that is done only if `minutes` allows it.
    ///
    /// # Errors
    /// [`AppError`] with code `person_needed`, `role`, `interest`, `text`, `minutes_signed`.
    pub async fn note_in_record(
        &self,
        round: &RoundId,
        unit: &str,
        text: &str,
        minutes: SignedMinutes,
    ) -> Result<(), AppError> {
        let (tx, stored, unit) = self.begin_entry(round, unit).await?;
        let mut tx = tx;
        let looked = load_unit_record(&mut tx, None, &stored, &unit).await?;
        let act = Act::Note { text: words(text)?, replaces: None };
        if minutes == SignedMinutes::Stand && is_signed(&looked) {
            return Err(AppError::conflict(
                "minutes_signed",
                "chair and counting head signed the minutes of this unit, and a note would make them outdated: both \
                 would have to sign again. Explain findings instead, or say that the minutes are to be signed anew",
            ));
        }
        self.write_entry(tx, (&stored, &unit), &looked.record, act, ("record_noted", text.trim().to_owned()))
            .await
    }

    pub(in crate::service) async fn begin_entry(
        &self,
        round: &RoundId,
        unit: &str,
    ) -> Result<(Tx, Round, UnitCode), AppError> {
        let person = self.person_with(WRITERS)?;
        let mut tx = self.begin_unit(round, unit).await?;
        let stored = load_round(&mut tx, round).await?;
        stored.not_finished()?;
        stored.signed()?;
        let unit = stored.unit(unit)?;
        if let Some(interest) = interest(&stored, &unit, person) {
            let detail = format!("{} {interest}: somebody else must do this", person.name);
            return Err(AppError::forbidden("interest", detail));
        }
        Ok((tx, stored, unit))
    }

    /// The person of a record for whom this handle acts.
    fn writer_id(&self) -> Result<PersonId, AppError> {
        Ok(PersonId::of(&self.actor.person()?.name))
    }

    pub(in crate::service) async fn write_entry(
        &self,
        mut tx: Tx,
        (stored, unit): (&Round, &UnitCode),
        record: &Record,
        act: Act,
        (action, detail): (&str, String),
    ) -> Result<(), AppError> {
        let name = self.actor.person()?.name.clone();
        let person = PersonId::of(&name);
        let minutes = u64::try_from(now() / 60).ok();
        let joined = record.state().persons.contains_key(&person);
        let join = Entry { person, at: minutes, act: Act::Join { name } };
        let entry = Entry { person, at: minutes, act };
        let entries: Vec<Entry> = (!joined).then_some(join).into_iter().chain([entry]).collect();
        let change = self.next_change(&mut tx, (stored, unit), record, entries).await?;
        let package = stored.signed()?.hash();
        let mut heads = records::heads(&mut tx, &stored.id, unit).await?;
        let taken = take(&mut tx, (&stored.id, &package, unit), &mut heads, &[change]).await?;
        match taken.as_slice() {
            [Taken::New] => self.commit(tx, action, unit, detail).await,
            [Taken::Refused(outcome)] => {
                let detail = format!("the unit's record takes no more from the centre ({})", outcome.code());
                Err(AppError::conflict("record_full", detail))
            }
            _ => Err(StoreError::Damaged { what: "record" }.into()),
        }
    }

    async fn next_change(
        &self,
        tx: &mut Tx,
        (stored, unit): (&Round, &UnitCode),
        record: &Record,
        entries: Vec<Entry>,
    ) -> Result<SignedChange, AppError> {
        let package = stored.signed()?.hash();
        let sheet = load_standing(tx, None, stored, unit).await?.facts.current;
        let sheet = sheet.ok_or(StoreError::Damaged { what: "sheet" })?;
        let actor = Actor::new(&self.keys().device(), self.inner.run);
        let mine = record.changes().filter(|change| change.value().actor == actor);
        let mut writer = Writer::following(actor, mine.map(sync_core::cose::Signed::value));
        let full = || {
            AppError::unprocessable(
                "text",
                "this is too long for one entry, or too much was written since the centre started: shorten it, or \
                 start the centre again",
            )
        };
        writer.write((&package, unit, &sheet), entries, self.key()).ok_or_else(full)
    }
}

/// Whether chair and counting head signed the minutes as they are now.
fn is_signed(looked: &UnitRecord) -> bool {
    let record = &looked.record;
    let now = || Minutes::of(record.package(), record.unit(), &record.state()).hash();
    record.versions().last().is_some_and(|version| version.is_complete() && version.hash == now())
}

/// The entry that settles a conflict.
fn settling(looked: &UnitRecord, settlement: &Settlement) -> Result<Act, AppError> {
    let conflict = looked.findings.iter().find(|found| {
        found.code == FindingCode::Conflict && found.subject.to_string() == settlement.subject.trim()
    });
    let conflict = conflict.ok_or_else(|| {
        AppError::conflict("nothing_to_settle", "nobody disagrees about this; look at the findings again")
    })?;
    let state = &looked.state;
    let live: Vec<EntryRef> = match &conflict.subject {
        Subject::Figure(kind) => state.figures[kind].live.keys().copied().collect(),
        Subject::Tablet(device) => state.totals[device].live.keys().copied().collect(),
        _ => state.committee.iter().flat_map(|topic| topic.live.keys().copied()).collect(),
    };
    if !live.contains(&settlement.holds) {
        return Err(AppError::not_found(
            "unknown_entry",
            "this entry is not one of those that disagree; look at the record again",
        ));
    }
    if live.len() > SETTLED_MAX {
        return Err(AppError::conflict("nothing_to_settle", "too many entries disagree: undo some first"));
    }
    // A settlement that is chosen stands for the entry that it chose.
    let holds = match looked.record.entry(&settlement.holds).map(|entry| &entry.act) {
        Some(Act::Settle { holds, .. }) => *holds,
        _ => settlement.holds,
    };
    Ok(Act::Settle { entries: live, holds })
}

/// A text that a record takes.
fn words(text: &str) -> Result<String, AppError> {
    let text = text.trim();
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(AppError::unprocessable("text", "write a line that says something"));
    }
    Ok(text.to_owned())
}
