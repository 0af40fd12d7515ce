//! Setting a round up: what it is made of and how it is to be run, until its package is signed. Whoever changes something
//! names the revision they saw.

use super::access::Caller;
use super::extract::{Asked, At, Binary, Body};
use super::page::{Page, Paging};
use super::problem::Problem;
use super::rosters::{Grid, blocking, roster_of};
use super::rounds::{RoundView, round};
use crate::domain::draft::{Base, Choices, DraftUnit};
use crate::error::AppError;
use crate::roster::{UnitKind, to_tables};
use crate::service::{Drafted, Drafting};
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use sync_core::fingerprint;
use sync_core::package::{Level, Mode};
use sync_core::permit::slips_for;
use utoipa::ToSchema;

/// A level of the rating.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LevelView {
    #[schema(min_length = 1, max_length = 32)]
    code: String,
    /// Vietnamese label.
    #[schema(min_length = 1, max_length = 200)]
    vi: String,
    /// English label.
    #[schema(min_length = 1, max_length = 200)]
    en: String,
}

/// What percentages refer to.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum BaseName {
    Collected,
    Summoned,
    Present,
    Valid,
}

/// Whether a round counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ModeName {
    Official,
    Training,
}

/// How a round is to be run.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoundRules {
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    mode: ModeName,
    /// Levels, highest first.
    #[schema(min_items = 2, max_items = 9)]
    levels: Vec<LevelView>,
    percent_base: BaseName,
    /// Ballots that leave a tablet together at least.
    #[schema(minimum = 1, maximum = 1000)]
    batch_min: u32,
    /// Valid ballots below which nothing by level is shown.
    #[schema(minimum = 2, maximum = 1000)]
    min_publish: u32,
    /// Codes of the units that vote without slips; the team unlocks each ballot.
    #[schema(max_items = 1000)]
    attended: Vec<String>,
}

impl From<RoundRules> for Choices {
    fn from(rules: RoundRules) -> Self {
        let level = |level: LevelView| Level { code: level.code, vi: level.vi, en: level.en };
        Self {
            title: rules.title,
            mode: if rules.mode == ModeName::Official { Mode::Official } else { Mode::Training },
            levels: rules.levels.into_iter().map(level).collect(),
            percent_base: match rules.percent_base {
                BaseName::Collected => Base::Collected,
                BaseName::Summoned => Base::Summoned,
                BaseName::Present => Base::Present,
                BaseName::Valid => Base::Valid,
            },
            batch_min: rules.batch_min,
            min_publish: rules.min_publish,
            attended: rules.attended,
        }
    }
}

impl From<Choices> for RoundRules {
    fn from(choices: Choices) -> Self {
        let level = |level: Level| LevelView { code: level.code, vi: level.vi, en: level.en };
        Self {
            title: choices.title,
            mode: if choices.mode == Mode::Official { ModeName::Official } else { ModeName::Training },
            levels: choices.levels.into_iter().map(level).collect(),
            percent_base: match choices.percent_base {
                Base::Collected => BaseName::Collected,
                Base::Summoned => BaseName::Summoned,
                Base::Present => BaseName::Present,
                Base::Valid => BaseName::Valid,
            },
            batch_min: choices.batch_min,
            min_publish: choices.min_publish,
            attended: choices.attended,
        }
    }
}

/// A round to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDraft {
    #[schema(max_items = 32)]
    tables: Vec<Grid>,
    rules: RoundRules,
    /// Title of a training round that is made of the same roster beside it; nothing for none.
    #[schema(min_length = 1, max_length = 200)]
    training_beside: Option<String>,
}

/// Make a round of a roster; if asked, a training round beside it
#[utoipa::path(post, path = "/api/v1/drafts", tag = "set-up", operation_id = "create_draft", request_body = NewDraft, responses(
    (status = 201, description = "made: the round, and the training round beside it", body = Vec<RoundView>),
))]
pub(super) async fn create(
    caller: Caller,
    Body(asked): Body<NewDraft>,
) -> Result<(StatusCode, Json<Vec<RoundView>>), AppError> {
    let NewDraft { tables, rules, training_beside } = asked;
    let roster = blocking(move || roster_of(tables)).await??;
    let mut all = vec![Choices::from(rules)];
    if let Some(title) = training_beside {
        let beside = Choices { title, mode: Mode::Training, ..all[0].clone() };
        all.push(beside);
    }
    let made = caller.centre.import_all(&roster, all).await?;
    Ok((StatusCode::CREATED, Json(made.iter().map(RoundView::from).collect())))
}

/// The trustees' public keys.
#[derive(Serialize, ToSchema)]
struct KeysView {
    /// Six groups of five digits, which trustees compare.
    digits: String,
    /// Shares that open.
    threshold: u8,
    /// Shares there are.
    trustees: u8,
}

/// A round that is being set up.
#[derive(Serialize, ToSchema)]
pub(super) struct DraftView {
    round: RoundView,
    /// Tells this content from any other; named with `If-Match` by whoever changes it.
    revision: String,
    rules: RoundRules,
    officials: usize,
    voters: u64,
    /// Voters with names.
    named: usize,
    /// People in teams.
    team: usize,
    /// Units that need slips.
    with_slips: usize,
    /// Of these, units whose slips are confirmed as printed.
    printed: usize,
    /// Slips that are confirmed as printed.
    slips: usize,
    /// Once they were handed in.
    keys: Option<KeysView>,
}

impl From<&Drafting> for DraftView {
    fn from(drafting: &Drafting) -> Self {
        let draft = &drafting.round.draft;
        let with_slips = || draft.units.iter().filter(|unit| !unit.attended);
        Self {
            round: RoundView::from(&drafting.round),
            revision: drafting.revision.clone(),
            rules: draft.choices().into(),
            officials: draft.units.iter().map(|unit| unit.officials.len()).sum(),
            voters: draft.units.iter().map(|unit| u64::from(unit.voters)).sum(),
            named: draft.units.iter().map(|unit| unit.voter_names.len()).sum(),
            team: draft.units.iter().map(|unit| unit.team.len()).sum(),
            with_slips: with_slips().count(),
            printed: with_slips().filter(|unit| drafting.printed.contains_key(&unit.code)).count(),
            slips: drafting.printed.values().sum(),
            keys: drafting.keys.as_ref().map(|keys| KeysView {
                digits: fingerprint::line(&keys.id()),
                threshold: keys.value().keys.threshold,
                trustees: keys.value().keys.trustees,
            }),
        }
    }
}

/// How a round's setting up stands; of a signed round, how it was set up
#[utoipa::path(get, path = "/api/v1/rounds/{round}/draft", tag = "set-up", operation_id = "show_draft", params(("round" = uuid::Uuid, Path)), responses(
    (status = 200, description = "the draft", body = DraftView),
))]
pub(super) async fn show(caller: Caller, At(id): At<uuid::Uuid>) -> Result<Json<DraftView>, AppError> {
    Ok(Json(DraftView::from(&caller.centre.drafting(&round(id)).await?)))
}

/// Somebody on the ballot.
#[derive(Serialize, ToSchema)]
pub(super) struct BallotLine {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) post: String,
}

/// A unit of a round that is being set up.
#[derive(Serialize, ToSchema)]
pub(super) struct DraftUnitView {
    code: String,
    name: String,
    /// `party_cell` or `grassroots_committee`.
    kind: &'static str,
    /// Whether the team unlocks each ballot.
    attended: bool,
    voters: u32,
    /// In the order of the ballot.
    officials: Vec<BallotLine>,
    /// Voters with names.
    named: usize,
    team: Vec<String>,
    /// Slips that it needs.
    slips: u32,
    /// Whether they are confirmed as printed.
    printed: bool,
}

impl DraftUnitView {
    fn of(unit: &DraftUnit, printed: bool) -> Self {
        Self {
            code: unit.code.clone(),
            name: unit.name.clone(),
            kind: match unit.kind {
                UnitKind::PartyCell => "party_cell",
                UnitKind::GrassrootsCommittee => "grassroots_committee",
            },
            attended: unit.attended,
            voters: unit.voters,
            officials: unit
                .officials
                .iter()
                .map(|o| BallotLine { code: o.code.clone(), name: o.name.clone(), post: o.post.clone() })
                .collect(),
            named: unit.voter_names.len(),
            team: unit.team.clone(),
            slips: if unit.attended { 0 } else { slips_for(unit.voters) },
            printed,
        }
    }
}

/// Units of a round that is being set up
#[utoipa::path(get, path = "/api/v1/rounds/{round}/draft/units", tag = "set-up", operation_id = "list_draft_units",
    params(("round" = uuid::Uuid, Path), Paging), responses(
    (status = 200, description = "a page of units, by code", body = Page<DraftUnitView>),
))]
pub(super) async fn units(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<DraftUnitView>>, AppError> {
    let drafting = caller.centre.drafting(&round(id)).await?;
    let units = drafting.round.draft.units.iter();
    let units = units.map(|unit| DraftUnitView::of(unit, drafting.printed.contains_key(&unit.code)));
    Ok(Json(paging.cut(units.collect(), |unit| unit.code.clone())?))
}

/// The tables of a round's roster.
#[derive(Serialize, ToSchema)]
pub(super) struct RosterTables {
    tables: Vec<Grid>,
}

/// The roster of a round as tables that can be changed and given back, or made another round of
#[utoipa::path(get, path = "/api/v1/rounds/{round}/draft/roster", tag = "set-up", operation_id = "get_roster_tables", params(("round" = uuid::Uuid, Path)), responses(
    (status = 200, description = "its tables", body = RosterTables),
))]
pub(super) async fn roster(caller: Caller, At(id): At<uuid::Uuid>) -> Result<Json<RosterTables>, AppError> {
    let roster = caller.centre.roster_of(&round(id)).await?;
    Ok(Json(RosterTables { tables: to_tables(&roster).iter().map(Grid::from).collect() }))
}

/// What a change of a draft did.
#[derive(Serialize, ToSchema)]
pub(super) struct DraftedView {
    /// The revision that it has now.
    revision: String,
    /// Units whose printed slips no longer fit and are void: destroy them and make new ones.
    void: Vec<String>,
}

impl From<Drafted> for DraftedView {
    fn from(done: Drafted) -> Self {
        Self { revision: done.revision, void: done.void }
    }
}

/// The revision that somebody saw.
fn seen(headers: &HeaderMap) -> Result<String, AppError> {
    let given = headers.get(header::IF_MATCH).ok_or_else(|| AppError::Refused {
        status: 428,
        code: "if_match",
        detail: "say with If-Match which revision of the draft you change".to_owned(),
    })?;
    // A tag that is none matches no revision.
    Ok(given.to_str().unwrap_or_default().trim().trim_matches('"').to_owned())
}

/// Change title, mode, rules and which units vote attended
#[utoipa::path(put, path = "/api/v1/rounds/{round}/draft/rules", tag = "set-up", operation_id = "change_draft", request_body = RoundRules,
    params(("round" = uuid::Uuid, Path), ("If-Match" = Option<String>, Header, description = "the revision that was seen")), responses(
    (status = 200, description = "changed", body = DraftedView),
    (status = 409, description = "changed by somebody else, or signed", body = Problem, content_type = "application/problem+json"),
    (status = 428, description = "no If-Match", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn change(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    headers: HeaderMap,
    Body(asked): Body<RoundRules>,
) -> Result<Json<DraftedView>, AppError> {
    Ok(Json(caller.centre.redraft(&round(id), &seen(&headers)?, asked.into()).await?.into()))
}

/// A roster to put in the place of another.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OtherRoster {
    #[schema(max_items = 32)]
    tables: Vec<Grid>,
}

/// Give a round that is not signed another roster
#[utoipa::path(put, path = "/api/v1/rounds/{round}/draft/roster", tag = "set-up", operation_id = "change_draft_roster", request_body = OtherRoster,
    params(("round" = uuid::Uuid, Path), ("If-Match" = Option<String>, Header, description = "the revision that was seen")), responses(
    (status = 200, description = "changed", body = DraftedView),
    (status = 409, description = "changed by somebody else, or signed", body = Problem, content_type = "application/problem+json"),
    (status = 428, description = "no If-Match", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn change_roster(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    headers: HeaderMap,
    Body(asked): Body<OtherRoster>,
) -> Result<Json<DraftedView>, AppError> {
    let seen = seen(&headers)?;
    let roster = blocking(move || roster_of(asked.tables)).await??;
    Ok(Json(caller.centre.redraft_roster(&round(id), &seen, &roster).await?.into()))
}

/// Hand in the trustees' key file (`.hpk`)
#[utoipa::path(put, path = "/api/v1/rounds/{round}/draft/keys", tag = "set-up", operation_id = "hand_in_keys",
    params(("round" = uuid::Uuid, Path), ("If-Match" = Option<String>, Header, description = "the revision that was seen")),
    request_body(content = Binary, content_type = "application/cose"), responses(
    (status = 200, description = "kept until the package is signed", body = DraftedView),
    (status = 409, description = "changed by somebody else, or signed", body = Problem, content_type = "application/problem+json"),
    (status = 428, description = "no If-Match", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn hand_in_keys(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<DraftedView>, AppError> {
    Ok(Json(caller.centre.hand_in_keys(&round(id), &seen(&headers)?, &body?).await?.into()))
}

/// Sign the package of a round as it was seen: from then on nothing of it changes but single sheets
#[utoipa::path(post, path = "/api/v1/rounds/{round}/signature", tag = "set-up", operation_id = "sign_round",
    params(("round" = uuid::Uuid, Path), ("If-Match" = Option<String>, Header, description = "the revision that was seen")), responses(
    (status = 200, description = "signed", body = RoundView),
    (status = 409, description = "changed by somebody else, or signed", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "slips or keys are missing", body = Problem, content_type = "application/problem+json"),
    (status = 428, description = "no If-Match", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn sign(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    headers: HeaderMap,
) -> Result<Json<RoundView>, AppError> {
    Ok(Json(RoundView::from(&caller.centre.sign_draft(&round(id), &seen(&headers)?).await?)))
}

/// Remove a round that is not signed
#[utoipa::path(delete, path = "/api/v1/rounds/{round}/draft", tag = "set-up", operation_id = "delete_draft",
    params(("round" = uuid::Uuid, Path), ("If-Match" = Option<String>, Header, description = "the revision that was seen")), responses(
    (status = 204, description = "removed"),
    (status = 409, description = "changed by somebody else, or signed", body = Problem, content_type = "application/problem+json"),
    (status = 428, description = "no If-Match", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn delete(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    headers: HeaderMap,
) -> Result<StatusCode, AppError> {
    caller.centre.delete_draft(&round(id), &seen(&headers)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
