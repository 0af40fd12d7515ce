//! What the office asks of many units at once: findings and figures, without folding every record each time.
//!
//! A summary is a projection. It names what it rests on, counts only while that is what is stored, and is made anew
//! otherwise. Nothing is decided by it: publication works findings out from the changes themselves.

use super::cache::{Records, load_record};
use super::look::{admitted, all_known, closes, current_sheet, findings_of};
use crate::error::AppError;
use crate::service::{Centre, Round};
use crate::store::{Db, StoreError, records};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use sync_core::id::{RoundId, UnitCode};
use sync_core::package::Sheet;
use sync_core::record::{Finding, FindingCode, Language, PersonId, Record, Severity, State};
use sync_core::standing::UnitStanding;
use utoipa::ToSchema;

const DOMAIN: &[u8] = b"homphieu/record-summary/2";

/// What a unit's record amounts to, for lists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordSummary {
    /// Entries that count.
    pub entries: usize,
    /// Figures by their names; nothing where people disagree.
    pub figures: BTreeMap<String, Option<u32>>,
    /// Voters who are checked in.
    pub checked_in: u32,
    /// Slips that were handed out.
    pub slips: u32,
    /// Whether chair and counting head signed the minutes as they are now.
    pub signed: bool,
    /// Things about which people disagree.
    pub conflicts: usize,
    /// What does not reconcile.
    pub findings: Vec<FindingSummary>,
}

/// Something that does not reconcile, for lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingSummary {
    /// Names it where it is explained; it changes with the numbers.
    pub key: String,
    /// Stable name.
    pub code: String,
    /// `error` or `warning`.
    pub severity: String,
    /// What it is about.
    pub subject: String,
    /// Whether a second person explained it.
    pub explained: bool,
    /// What was said to explain it, in the order of the record.
    pub explanations: Vec<Explained>,
    /// Whether it stands in the way of publication.
    pub blocks: bool,
    /// What it is, in Vietnamese.
    pub vi: String,
    /// The same in English.
    pub en: String,
}

/// What somebody said to explain a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Explained {
    /// Name of who explains, or the person's id where no name is known.
    pub who: String,
    /// The explanation.
    pub text: String,
    /// Whether it is the one by which the finding counts as explained; those of people who noted it themselves never are.
    pub counts: bool,
}

impl Explained {
    /// What was said of a finding. A member of the sheet's team need not have joined to be known by name.
    pub fn of(finding: &Finding, state: &State, sheet: Option<&Sheet>) -> Vec<Self> {
        let name = |person: &PersonId| {
            let team = sheet.iter().flat_map(|sheet| &sheet.team);
            let known = state
                .name(person)
                .or_else(|| team.map(String::as_str).find(|name| PersonId::of(name) == *person));
            known.map_or_else(|| person.to_string(), str::to_owned)
        };
        let said = state.explanations.get(&finding.key()).into_iter().flatten();
        said.map(|words| Self {
            who: name(&words.person),
            text: words.text.clone(),
            counts: finding.explained == Some(words.entry),
        })
        .collect()
    }
}

impl FindingSummary {
    /// A finding with what was said of it.
    pub fn of(finding: &Finding, state: &State, sheet: Option<&Sheet>) -> Self {
        let severity = match finding.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        Self {
            key: hex(&finding.key()),
            code: finding.code.code().to_owned(),
            severity: severity.to_owned(),
            subject: finding.subject.to_string(),
            explained: finding.explained.is_some(),
            explanations: Explained::of(finding, state, sheet),
            blocks: finding.blocks(),
            vi: finding.text(Language::Vietnamese),
            en: finding.text(Language::English),
        }
    }
}

impl RecordSummary {
    /// What stands in the way of publication.
    pub fn blocking(&self) -> usize {
        self.findings.iter().filter(|finding| finding.blocks).count()
    }

    fn of(record: &Record, state: &State, sheet: Option<&Sheet>, findings: &[Finding]) -> Self {
        let unsigned = |finding: &Finding| {
            matches!(
                finding.code,
                FindingCode::NoRecord | FindingCode::NotSigned | FindingCode::MinutesOutdated
            )
        };
        let figures = state.figures.iter();
        Self {
            entries: record.entries().count(),
            figures: figures.map(|(kind, topic)| (kind.code().to_owned(), topic.value().copied())).collect(),
            checked_in: state.present(),
            slips: state.slips(),
            signed: !findings.iter().any(unsigned),
            conflicts: findings.iter().filter(|finding| finding.code == FindingCode::Conflict).count(),
            findings: findings.iter().map(|found| FindingSummary::of(found, state, sheet)).collect(),
        }
    }
}

/// A summary that was made anew, with what it rests on: to be kept.
pub(in crate::service) struct Fresh {
    unit: UnitCode,
    basis: [u8; 32],
    summary: String,
}

impl Fresh {
    /// Whether a kept summary says that it rests on the same, and says something else.
    pub fn contradicts(&self, basis: &[u8], summary: &str) -> bool {
        self.basis == basis && self.summary != summary
    }

    /// Keeps it.
    pub async fn keep(&self, db: &mut Db, round: &RoundId) -> Result<(), StoreError> {
        records::put_summary(db, (round, &self.unit), &self.basis, &self.summary).await
    }
}

/// The summary of a unit; made anew if what is kept rests on something else.
pub(in crate::service) async fn summarise(
    db: &mut Db,
    kept: Option<&Records>,
    round: &Round,
    standing: &UnitStanding,
) -> Result<(RecordSummary, Option<Fresh>), AppError> {
    let unit = &standing.unit;
    let basis = basis(db, round, standing).await?;
    if let Some((rests_on, summary)) = records::summary(db, &round.id, unit).await?
        && rests_on == basis
        && let Ok(summary) = serde_json::from_str(&summary)
    {
        return Ok((summary, None));
    }
    let folded = load_record(db, kept, round, unit).await?;
    let sheet = current_sheet(db, round, standing).await?;
    let findings = findings_of(db, round, standing, (&folded.record, sheet.as_ref())).await?;
    let summary = RecordSummary::of(&folded.record, &folded.state, sheet.as_ref(), &findings);
    let text = serde_json::to_string(&summary).expect("a summary is plain data");
    Ok((summary, Some(Fresh { unit: unit.clone(), basis, summary: text })))
}

impl Centre {
    /// Keeps summaries that were made anew. Failing to is no loss: they are made again.
    pub(in crate::service) async fn keep_summaries(&self, round: &RoundId, fresh: Vec<Fresh>) {
        if fresh.is_empty() {
            return;
        }
        let kept = async {
            let mut tx = self.begin_write().await?;
            for fresh in &fresh {
                fresh.keep(&mut tx, round).await?;
            }
            Ok::<_, AppError>(tx.commit().await.map_err(StoreError::from)?)
        };
        if let Err(error) = kept.await {
            tracing::warn!("summaries of records could not be kept, and will be made again: {error}");
        }
    }
}

/// What a summary rests on: how far the record is, and everything else that findings follow from.
async fn basis(db: &mut Db, round: &Round, standing: &UnitStanding) -> Result<[u8; 32], AppError> {
    let mut sum = Sha256::new();
    let mut add = |bytes: &[u8]| {
        sum.update((bytes.len() as u64).to_be_bytes());
        sum.update(bytes);
    };
    add(DOMAIN);
    add(standing.unit.as_str().as_bytes());
    for head in records::heads(db, &round.id, &standing.unit).await? {
        add(&head.actor.0);
        add(&head.sequence.to_be_bytes());
        add(&head.hash);
    }
    add(b"sheet");
    add(&standing.facts.current.map(|hash| hash.0).unwrap_or_default());
    for (device, close) in closes(standing) {
        add(&device.0);
        add(&close.total.map(u32::to_be_bytes).unwrap_or_default());
        add(&[u8::from(close.total.is_some())]);
    }
    add(b"revoked");
    standing.facts.revoked.iter().for_each(|device| add(&device.0));
    add(b"admitted");
    admitted(standing).iter().for_each(|id| add(&id.0));
    add(&[u8::from(all_known(standing))]);
    Ok(sum.finalize().into())
}

/// Bytes in hexadecimal.
pub(in crate::service) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
