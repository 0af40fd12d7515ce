//! Units' records: what a team noted, what does not reconcile, and what the office adds.

use super::access::Caller;
use super::extract::{Asked, At, Body};
use super::page::{Page, Paging};
use super::problem::Problem;
use super::rounds::round;
use crate::domain::record::{Register, finding_key, register};
use crate::error::AppError;
use crate::service::{Explained, FindingSummary, Settlement, SignedMinutes, UnitRecord};
use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use sync_core::package::Sheet;
use sync_core::record::{EntryRef, Paper, PersonId, Topic, Version};
use utoipa::ToSchema;

/// The record of a unit. Its register is a list of its own.
#[derive(Serialize, ToSchema)]
pub(super) struct RecordView {
    unit: String,
    /// People who noted something, or belong to the sheet's team.
    persons: Vec<RecordPerson>,
    /// Voters who are checked in, and slips that were handed out.
    checked_in: u32,
    slips: u32,
    /// Figures by kind.
    figures: Vec<TopicView>,
    /// Who leads and who counts.
    committee: Option<TopicView>,
    /// Closing totals by tablet, as read aloud.
    totals: Vec<TopicView>,
    /// Paper counts that stand: what of them can be read before the trustees open them.
    papers: Vec<PaperView>,
    /// Incidents and notes that nothing replaced.
    notes: Vec<NoteView>,
    findings: Vec<FindingView>,
    /// Minutes that somebody signed, those that hold last.
    minutes: Vec<MinutesView>,
    /// Writers who claimed one number twice: neither change counts, nor what follows.
    twins: Vec<TwinsView>,
}

/// What two persons counted from one box of paper ballots. The marks are sealed.
#[derive(Serialize, ToSchema)]
struct PaperView {
    /// By what an opening order names it.
    id: String,
    /// Ballots in the box.
    collected: u32,
    valid: u32,
    invalid: u32,
    /// Who entered the numbers, the first one first.
    entered: Vec<RecordPerson>,
    /// Whether it follows the sheet that holds; another one is not opened.
    counts: bool,
}

#[derive(Serialize, ToSchema)]
struct RecordPerson {
    id: String,
    /// Name, if the person joined.
    name: Option<String>,
}

/// What people noted about one thing.
#[derive(Serialize, ToSchema)]
struct TopicView {
    /// `figure:present`, `tablet:ID` or `committee`.
    subject: String,
    /// What holds; nothing while people disagree.
    value: Option<String>,
    conflict: bool,
    /// What stands, each with who says so.
    said: Vec<SaidView>,
}

#[derive(Serialize, ToSchema)]
struct SaidView {
    /// Place of the entry: writer, number, index.
    entry: String,
    device: String,
    /// Label of the device.
    label: String,
    person: RecordPerson,
    value: String,
}

#[derive(Serialize, ToSchema)]
struct NoteView {
    entry: String,
    person: RecordPerson,
    incident: bool,
    text: String,
    /// Minutes since 1970 by that tablet's clock: a note, nothing rests on it.
    at: Option<u64>,
}

#[derive(Serialize, ToSchema)]
struct MinutesView {
    /// Hash as signed.
    hash: String,
    /// Whether all that the signatures cover is here.
    whole: bool,
    /// Whether chair and counting head signed and nobody corrected it since.
    complete: bool,
    signed: Vec<SignedView>,
    /// Signatures that name other changes than the minutes follow from.
    wrong: Vec<String>,
    /// Why it does not hold any more.
    corrected: Vec<CorrectedView>,
}

#[derive(Serialize, ToSchema)]
struct SignedView {
    /// `meeting_chair` or `counting_head`.
    post: &'static str,
    person: RecordPerson,
    entry: String,
}

#[derive(Serialize, ToSchema)]
struct CorrectedView {
    person: RecordPerson,
    reason: String,
}

#[derive(Serialize, ToSchema)]
struct TwinsView {
    writer: String,
    number: u32,
    device: String,
    label: String,
}

/// Something that does not reconcile.
#[derive(Serialize, ToSchema)]
pub(super) struct FindingView {
    /// Names it where it is explained; it changes with the numbers.
    key: String,
    code: String,
    /// `error`: to be corrected; `warning`: to be explained by a second person.
    severity: String,
    /// What it is about.
    subject: String,
    explained: bool,
    /// What was said to explain it, and by whom.
    explanations: Vec<Explained>,
    /// Whether it stands in the way of publication.
    blocks: bool,
    /// What it is, in Vietnamese.
    vi: String,
    /// The same in English.
    en: String,
}

impl From<FindingSummary> for FindingView {
    fn from(f: FindingSummary) -> Self {
        Self {
            key: f.key,
            code: f.code,
            severity: f.severity,
            subject: f.subject,
            explained: f.explained,
            explanations: f.explanations,
            blocks: f.blocks,
            vi: f.vi,
            en: f.en,
        }
    }
}

/// Names and labels for what a record names by ids.
struct Names<'a>(&'a UnitRecord);

impl Names<'_> {
    fn person(&self, id: &PersonId) -> RecordPerson {
        RecordPerson { id: id.to_string(), name: self.0.state.name(id).map(str::to_owned) }
    }

    fn label(&self, entry: &EntryRef) -> (String, String) {
        let device = entry.actor.device();
        let label = if device == self.0.centre { "centre" } else { self.0.label(&device) };
        (device.to_string(), label.to_owned())
    }

    fn papers(&self) -> Vec<PaperView> {
        let Names(looked) = self;
        let holds = looked.sheet.as_ref().map(Sheet::hash);
        let view = |paper: &Paper| PaperView {
            id: paper.id(looked.record.package(), looked.record.unit()).to_string(),
            collected: paper.collected,
            valid: paper.valid,
            invalid: paper.invalid,
            entered: vec![self.person(&paper.first), self.person(&paper.second)],
            counts: holds == Some(paper.sheet),
        };
        looked.state.papers_of(None).into_iter().map(view).collect()
    }

    fn topic<T: PartialEq>(
        &self,
        subject: impl Display,
        topic: &Topic<T>,
        words: impl Fn(&T) -> String,
    ) -> TopicView {
        let said = topic.live.iter().map(|(entry, (person, value))| {
            let (device, label) = self.label(entry);
            let person = self.person(person);
            SaidView { entry: entry.to_string(), device, label, person, value: words(value) }
        });
        TopicView {
            subject: subject.to_string(),
            value: topic.value().map(&words),
            conflict: topic.is_conflict(),
            said: said.collect(),
        }
    }

    fn minutes(&self, version: &Version) -> MinutesView {
        let signed = version.signed.iter().map(|(post, person, entry)| SignedView {
            post: post.code(),
            person: self.person(person),
            entry: entry.to_string(),
        });
        let corrected = version.corrected.iter();
        MinutesView {
            hash: version.hash.to_string(),
            whole: version.minutes.is_some(),
            complete: version.is_complete(),
            signed: signed.collect(),
            wrong: version.wrong.iter().map(ToString::to_string).collect(),
            corrected: corrected
                .map(|(person, reason)| CorrectedView { person: self.person(person), reason: reason.clone() })
                .collect(),
        }
    }
}

impl RecordView {
    fn of(looked: &UnitRecord) -> Self {
        let names = Names(looked);
        let state = &looked.state;
        let figures = state.figures.iter();
        let totals = state.totals.iter();
        let committee = |members: &Vec<sync_core::record::Member>| {
            let members = members.iter().map(|member| format!("{}: {}", member.post.code(), member.name));
            members.collect::<Vec<_>>().join("; ")
        };
        let twins = looked.record.twins().map(|(first, _)| {
            let (writer, number) = (first.value().actor, first.value().sequence);
            let (device, label) = names.label(&EntryRef { actor: writer, sequence: number, index: 0 });
            TwinsView { writer: writer.to_string(), number, device, label }
        });
        let mut persons = state.writers.clone();
        persons.extend(state.persons.keys());
        Self {
            unit: looked.record.unit().to_string(),
            persons: persons.iter().map(|id| names.person(id)).collect(),
            checked_in: state.present(),
            slips: state.slips(),
            figures: figures
                .map(|(kind, topic)| {
                    names.topic(format!("figure:{}", kind.code()), topic, ToString::to_string)
                })
                .collect(),
            committee: state.committee.as_ref().map(|topic| names.topic("committee", topic, committee)),
            totals: totals
                .map(|(device, topic)| names.topic(format!("tablet:{device}"), topic, ToString::to_string))
                .collect(),
            papers: names.papers(),
            notes: state
                .notes
                .iter()
                .map(|(entry, noted)| NoteView {
                    entry: entry.to_string(),
                    person: names.person(&noted.person),
                    incident: noted.incident,
                    text: noted.text.clone(),
                    at: noted.at,
                })
                .collect(),
            findings: findings_of(looked),
            minutes: looked.record.versions().iter().map(|version| names.minutes(version)).collect(),
            twins: twins.collect(),
        }
    }
}

fn findings_of(looked: &UnitRecord) -> Vec<FindingView> {
    looked.summaries().into_iter().map(FindingView::from).collect()
}

/// The record of a unit in JSON, for the command line.
pub(crate) fn json(looked: &UnitRecord) -> String {
    serde_json::to_string_pretty(&RecordView::of(looked)).expect("a record is plain data")
}

/// The record of a unit: figures with who said what, conflicts, findings, minutes
#[utoipa::path(get, path = "/api/v1/rounds/{round}/units/{unit}/record", tag = "records", operation_id = "show_record",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path)), responses(
    (status = 200, description = "the record", body = RecordView),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn show(
    caller: Caller,
    At((id, unit)): At<(uuid::Uuid, String)>,
) -> Result<Json<RecordView>, AppError> {
    Ok(Json(RecordView::of(&caller.centre.unit_record(&round(id), &unit).await?)))
}

/// A unit's record as an Automerge document, which any Automerge program opens
#[utoipa::path(get, path = "/api/v1/rounds/{round}/units/{unit}/record/document", tag = "records", operation_id = "get_record_document",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path)), responses(
    (status = 200, description = "the document", content_type = "application/vnd.automerge", body = super::extract::Binary),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn document(
    caller: Caller,
    At((id, unit)): At<(uuid::Uuid, String)>,
) -> Result<Response, AppError> {
    let looked = caller.centre.unit_record(&round(id), &unit).await?;
    let headers = [
        (CONTENT_TYPE, "application/vnd.automerge"),
        (CONTENT_DISPOSITION, "attachment; filename=\"record.automerge\""),
    ];
    Ok((headers, looked.record.document()).into_response())
}

/// Which voters are asked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RegisterQuery {
    /// Part of a name, with or without diacritics, or a voter's number.
    #[param(max_length = 200)]
    search: Option<String>,
    /// Only voters who are (or are not) checked in.
    checked_in: Option<bool>,
    /// Only voters who are (or are not) checked in, or got a slip, more than once.
    twice: Option<bool>,
    /// Most items of one page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    #[param(max_length = 600)]
    after: Option<String>,
}

/// One voter of the register.
#[derive(Serialize, ToSchema)]
pub(super) struct VoterView {
    number: u32,
    /// Name, if the sheet has names.
    name: Option<String>,
    /// Who noted that the voter came, and on which tablet.
    check_ins: Vec<NotedView>,
    /// Who handed a slip out; never which.
    slips: Vec<NotedView>,
}

#[derive(Serialize, ToSchema)]
struct NotedView {
    entry: String,
    device: String,
    label: String,
    person: RecordPerson,
}

/// Voters of a unit by number, and what is noted of each
#[utoipa::path(get, path = "/api/v1/rounds/{round}/units/{unit}/record/register", tag = "records", operation_id = "list_register",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path), RegisterQuery), responses(
    (status = 200, description = "a page of voters", body = Page<VoterView>),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn list_register(
    caller: Caller,
    At((id, unit)): At<(uuid::Uuid, String)>,
    Asked(query): Asked<RegisterQuery>,
) -> Result<Json<Page<VoterView>>, AppError> {
    let paging = Paging::new(query.limit, query.after);
    let looked = caller.centre.unit_record(&round(id), &unit).await?;
    let asked = Register { search: query.search, checked_in: query.checked_in, twice: query.twice };
    let names = Names(&looked);
    let noted = |noted: &sync_core::record::CheckIn| {
        let (device, label) = names.label(&noted.entry);
        NotedView { entry: noted.entry.to_string(), device, label, person: names.person(&noted.person) }
    };
    let voters = register(looked.sheet.as_ref(), &looked.state, &asked);
    let voters = voters.into_iter().map(|(number, name, presence)| VoterView {
        number,
        name: name.map(str::to_owned),
        check_ins: presence.check_ins.iter().map(noted).collect(),
        slips: presence.slips.iter().map(noted).collect(),
    });
    Ok(Json(paging.cut(voters.collect(), |voter| format!("{:08}", voter.number))?))
}

/// What of a unit does not reconcile
#[utoipa::path(get, path = "/api/v1/rounds/{round}/units/{unit}/findings", tag = "records", operation_id = "list_findings",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path)), responses(
    (status = 200, description = "every finding, errors and warnings", body = Vec<FindingView>),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn findings(
    caller: Caller,
    At((id, unit)): At<(uuid::Uuid, String)>,
) -> Result<Json<Vec<FindingView>>, AppError> {
    Ok(Json(findings_of(&caller.centre.unit_record(&round(id), &unit).await?)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewExplanation {
    /// `key` of the finding.
    #[schema(min_length = 32, max_length = 32)]
    finding: String,
    /// Why it is as it is.
    #[schema(min_length = 1, max_length = 200)]
    text: String,
}

/// Explain a warning that somebody else's entries gave
#[utoipa::path(post, path = "/api/v1/rounds/{round}/units/{unit}/explanations", tag = "records", operation_id = "explain_finding",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path)), request_body = NewExplanation, responses(
    (status = 204, description = "explained"),
    (status = 409, description = "it cannot be explained", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn explain(
    caller: Caller,
    At((id, unit)): At<(uuid::Uuid, String)>,
    Body(new): Body<NewExplanation>,
) -> Result<StatusCode, AppError> {
    let key = finding_key(&new.finding)
        .ok_or_else(|| AppError::unprocessable("finding", "a finding has a key of 32 hexadecimal digits"))?;
    caller.centre.explain(&round(id), &unit, &key, &new.text).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSettlement {
    /// What people disagree about, as the finding names it.
    #[schema(max_length = 200)]
    subject: String,
    /// The entry that holds.
    #[schema(max_length = 80)]
    holds: String,
}

/// Settle what people disagree about: one of their entries holds
#[utoipa::path(post, path = "/api/v1/rounds/{round}/units/{unit}/settlements", tag = "records", operation_id = "settle_conflict",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path)), request_body = NewSettlement, responses(
    (status = 204, description = "settled"),
    (status = 409, description = "nobody disagrees about it", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn settle(
    caller: Caller,
    At((id, unit)): At<(uuid::Uuid, String)>,
    Body(new): Body<NewSettlement>,
) -> Result<StatusCode, AppError> {
    let holds = EntryRef::parse(new.holds.trim())
        .ok_or_else(|| AppError::unprocessable("entry", "an entry is named WRITER-NUMBER-INDEX"))?;
    caller.centre.settle(&round(id), &unit, &Settlement { subject: new.subject, holds }).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewNote {
    /// The note.
    #[schema(min_length = 1, max_length = 200)]
    text: String,
    /// Write it although the minutes are signed: they are then outdated, and chair and counting head sign again.
    #[serde(default)]
    outdates_minutes: bool,
}

/// Note something in a unit's record
#[utoipa::path(post, path = "/api/v1/rounds/{round}/units/{unit}/notes", tag = "records", operation_id = "note_in_record",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path)), request_body = NewNote, responses(
    (status = 204, description = "noted"),
    (status = 409, description = "it cannot be noted now; `minutes_signed`: it would make signed minutes outdated", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn note(
    caller: Caller,
    At((id, unit)): At<(uuid::Uuid, String)>,
    Body(new): Body<NewNote>,
) -> Result<StatusCode, AppError> {
    let minutes = if new.outdates_minutes { SignedMinutes::MayBeOutdated } else { SignedMinutes::Stand };
    caller.centre.note_in_record(&round(id), &unit, &new.text, minutes).await?;
    Ok(StatusCode::NO_CONTENT)
}
