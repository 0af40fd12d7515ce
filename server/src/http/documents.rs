//! Documents for paper, and the year-end figures.

use super::access::Caller;
use super::extract::{Asked, At, Binary, Body};
use super::problem::Problem;
use super::rounds::round;
use crate::domain::letter::USUAL_DAYS;
use crate::error::AppError;
use crate::service::{LetterSearch, Wanted, WantedYear, YearFormat};
use axum::Json;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use homphieu_documents::Language;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// In which language.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct InLanguage {
    /// Vietnamese, unless it is said otherwise.
    #[param(inline)]
    lang: Option<Lang>,
}

/// A language.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Lang {
    /// Vietnamese.
    Vi,
    /// English.
    En,
}

impl InLanguage {
    fn language(&self) -> Language {
        match self.lang {
            None | Some(Lang::Vi) => Language::Vietnamese,
            Some(Lang::En) => Language::English,
        }
    }
}

/// A document of a unit.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum UnitDocument {
    /// The form that voters mark on paper.
    Ballot,
    /// Permit slips with invented codes, marked so.
    SlipsSpecimen,
    /// Counting minutes.
    Minutes,
    /// Report of the unit.
    Report,
    /// A letter to each official.
    Notices,
    /// A correction plan for each official.
    Plans,
}

/// A document of an official.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum OfficialDocument {
    /// The letter with the own result.
    Notice,
    /// The own correction plan.
    Plan,
}

/// How the figures of a year are written.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    /// A workbook.
    Xlsx,
    /// A table as text.
    Csv,
    /// On paper.
    Pdf,
}

/// A file to look at or to keep. Its name holds nobody's name.
fn file(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let way = if kind == PDF { "inline" } else { "attachment" };
    let headers =
        [(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, format!("{way}; filename=\"{name}\""))];
    (headers, bytes).into_response()
}

const PDF: &str = "application/pdf";
const ZIP: &str = "application/zip";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The report of a round as PDF
#[utoipa::path(get, path = "/api/v1/rounds/{round}/documents/report", tag = "documents", operation_id = "get_round_report",
    params(("round" = uuid::Uuid, Path), InLanguage), responses(
    (status = 200, description = "a PDF", content_type = "application/pdf", body = Binary),
))]
pub(super) async fn of_round(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    Asked(asked): Asked<InLanguage>,
) -> Result<Response, AppError> {
    let bytes = caller.centre.document(&round(id), &Wanted::RoundReport, asked.language()).await?;
    Ok(file(PDF, "report.pdf", bytes))
}

/// Every document of a round as one ZIP file, a folder for each unit
///
/// The set is whole or it is not there: a document that cannot be made is named. Slips that vote are never part of it.
#[utoipa::path(get, path = "/api/v1/rounds/{round}/documents/set", tag = "documents", operation_id = "get_document_set",
    params(("round" = uuid::Uuid, Path), InLanguage), responses(
    (status = 200, description = "a ZIP file of PDFs", content_type = "application/zip", body = Binary),
    (status = 409, description = "a unit is neither published nor left unpublished by two people", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn set(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    Asked(asked): Asked<InLanguage>,
) -> Result<Response, AppError> {
    let bytes = caller.centre.document_archive(&round(id), asked.language()).await?;
    Ok(file(ZIP, "documents.zip", bytes))
}

/// A document of a unit as PDF
#[utoipa::path(get, path = "/api/v1/rounds/{round}/units/{unit}/documents/{document}", tag = "documents", operation_id = "get_document_of_unit",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path), ("document" = inline(UnitDocument), Path), InLanguage), responses(
    (status = 200, description = "a PDF", content_type = "application/pdf", body = Binary),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn of_unit(
    caller: Caller,
    At((id, unit, document)): At<(uuid::Uuid, String, UnitDocument)>,
    Asked(asked): Asked<InLanguage>,
) -> Result<Response, AppError> {
    let (wanted, name) = match document {
        UnitDocument::Ballot => (Wanted::Ballot(unit), "ballot.pdf"),
        UnitDocument::SlipsSpecimen => (Wanted::Specimens(unit), "slips-specimen.pdf"),
        UnitDocument::Minutes => (Wanted::Minutes(unit), "minutes.pdf"),
        UnitDocument::Report => (Wanted::UnitReport(unit), "report.pdf"),
        UnitDocument::Notices => (Wanted::Notices(unit), "notices.pdf"),
        UnitDocument::Plans => (Wanted::Plans(unit), "plans.pdf"),
    };
    Ok(file(PDF, name, caller.centre.document(&round(id), &wanted, asked.language()).await?))
}

/// A document of an official as PDF
#[utoipa::path(get, path = "/api/v1/rounds/{round}/officials/{official}/documents/{document}", tag = "documents", operation_id = "get_document_of_official",
    params(("round" = uuid::Uuid, Path), ("official" = String, Path), ("document" = inline(OfficialDocument), Path), InLanguage), responses(
    (status = 200, description = "a PDF", content_type = "application/pdf", body = Binary),
))]
pub(super) async fn of_official(
    caller: Caller,
    At((id, official, document)): At<(uuid::Uuid, String, OfficialDocument)>,
    Asked(asked): Asked<InLanguage>,
) -> Result<Response, AppError> {
    let (wanted, name) = match document {
        OfficialDocument::Notice => (Wanted::Notice(official), "notice.pdf"),
        OfficialDocument::Plan => (Wanted::Plan(official), "plan.pdf"),
    };
    Ok(file(PDF, name, caller.centre.document(&round(id), &wanted, asked.language()).await?))
}

/// Letters that are asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LettersAsked {
    /// Address under which officials open the centre in a browser.
    #[schema(max_length = 200, example = "https://phieu.dongvan.vn")]
    address: String,
    /// Days for which the codes hold.
    #[schema(minimum = 1, maximum = 90, default = 30)]
    days: Option<u16>,
    /// Only to those who are reached by neither e-mail nor webhook.
    #[serde(default)]
    without_other_way: bool,
    /// Only to these officials of the unit.
    #[serde(default)]
    officials: BTreeSet<String>,
    /// In which language; Vietnamese, unless it is said otherwise.
    lang: Option<Lang>,
}

/// Make letters with one-time codes to those of a unit who were not told
///
/// Each new code takes the place of an earlier one. The codes are in this answer and nowhere else.
#[utoipa::path(post, path = "/api/v1/rounds/{round}/units/{unit}/letters", tag = "documents", operation_id = "make_letters",
    request_body = LettersAsked, params(("round" = uuid::Uuid, Path), ("unit" = String, Path)), responses(
    (status = 200, description = "a PDF, to be printed at once", content_type = "application/pdf", body = Binary),
    (status = 409, description = "nobody here waits for a letter", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn letters(
    caller: Caller,
    At((id, unit)): At<(uuid::Uuid, String)>,
    Body(asked): Body<LettersAsked>,
) -> Result<Response, AppError> {
    let id = round(id);
    caller.centre.round(&id).await?.unit(&unit)?;
    let which = LetterSearch {
        units: BTreeSet::from([unit]),
        officials: asked.officials,
        without_other_way: asked.without_other_way,
    };
    let days = asked.days.unwrap_or(USUAL_DAYS);
    let language = InLanguage { lang: asked.lang }.language();
    let papers = caller.centre.letters_on_paper(&id, &which, days, &asked.address, language).await?;
    let (_, pdf) = papers.into_iter().next().unwrap_or_default();
    let mut answer = file(PDF, "letters.pdf", pdf.to_vec());
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// Which figures, in which language.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OfYear {
    /// Vietnamese, unless it is said otherwise.
    #[param(inline)]
    lang: Option<Lang>,
    /// The figures of training rounds, marked so, instead of those that count.
    training: Option<bool>,
}

/// A year with published rounds.
#[derive(Serialize, ToSchema)]
pub(super) struct YearView {
    /// The year.
    year: u16,
    /// Whether these are training rounds.
    training: bool,
    /// Rounds that were first published in it.
    rounds: u32,
}

/// Years in which rounds were published, the latest first
#[utoipa::path(get, path = "/api/v1/years", tag = "documents", operation_id = "list_years", responses(
    (status = 200, description = "every year", body = Vec<YearView>),
))]
pub(super) async fn years(caller: Caller) -> Result<Json<Vec<YearView>>, AppError> {
    let years = caller.centre.years().await?.into_iter();
    let view = |(WantedYear { year, training }, rounds)| YearView { year, training, rounds };
    Ok(Json(years.map(view).collect()))
}

/// Figures of a year by unit and official, for the year-end evaluation
#[utoipa::path(get, path = "/api/v1/years/{year}/{format}", tag = "documents", operation_id = "get_year",
    params(("year" = u16, Path), ("format" = inline(Format), Path), OfYear), responses(
    (status = 200, description = "a file; the same figures give the same bytes", content(
        (Binary = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (String = "text/csv; charset=utf-8"),
        (Binary = "application/pdf"),
    )),
))]
pub(super) async fn year(
    caller: Caller,
    At((year, format)): At<(u16, Format)>,
    Asked(OfYear { lang, training }): Asked<OfYear>,
) -> Result<Response, AppError> {
    let (wanted, kind, ending) = match format {
        Format::Xlsx => (YearFormat::Xlsx, XLSX, "xlsx"),
        Format::Csv => (YearFormat::Csv, "text/csv; charset=utf-8", "csv"),
        Format::Pdf => (YearFormat::Pdf, PDF, "pdf"),
    };
    let asked = WantedYear { year, training: training == Some(true) };
    let bytes = caller.centre.year(asked, wanted, InLanguage { lang }.language()).await?;
    let name = if asked.training { "training-year" } else { "year" };
    Ok(file(kind, &format!("{name}-{year}.{ending}"), bytes))
}
