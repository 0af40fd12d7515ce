//! The centre over HTTP: routes, who may use them, and problems as answers (RFC 9457).

mod access;
mod audit;
mod backups;
mod board;
mod cache;
mod comparison;
mod contacts;
mod decisions;
mod devices;
mod documents;
mod drafts;
mod envelopes;
mod extract;
mod holds;
mod letters;
mod listen;
mod notices;
mod once;
mod openapi;
mod orders;
mod orphans;
mod outbox;
mod oversight;
mod page;
mod people;
mod periodic;
mod plan;
mod plan_files;
mod plans;
mod problem;
pub mod rate;
mod record;
mod replacements;
mod results;
mod rosters;
mod rounds;
mod session;
mod sheets;
mod slips;
mod status;
mod tablets;
pub(crate) mod web;

pub use access::Access;
pub use listen::{ClientAddress, Front, Limits, Network, Proxies, listener, raise_open_files, serve};
pub(crate) use record::json as record_json;
pub use session::SecureCookies;

use crate::domain::person::Role::{
    self, Administrator, Inspector, Observer, Official, Organiser, Trustee, Unit,
};
use crate::service::Centre;
use access::guarded;
use axum::extract::DefaultBodyLimit;
use axum::{Extension, Router, middleware};
use once::repeatable;
use std::sync::Arc;
use sync_core::cbor::Format;
use sync_core::message::Request;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

/// Largest body of a request in bytes: a signed sync request with a certificate.
const BODY_MAX: usize = Request::MAX_BYTES + sync_core::cose::COSE_OVERHEAD;

/// Largest body of a request with a roster in bytes: a workbook, or the cells of one, with the names of some 40,000 voters.
/// The parcel of a tablet that lost its key may be as long: a unit's envelopes and a box of ballots.
const ROSTER_MAX: usize = 6 * 1024 * 1024;

/// Largest body of a request to this path. Who asks is only known once it is read, so what is longer than other requests
/// lies in the same bounded memory, and whoever is slow makes way.
fn body_max(path: &str) -> usize {
    let long = path.starts_with("/api/v1/rosters/")
        || path == "/api/v1/drafts"
        || (path.starts_with("/api/v1/rounds/")
            && (path.ends_with("/draft/roster") || path.ends_with("/orphans")));
    if long { ROSTER_MAX } else { BODY_MAX }
}

const EVERY_ROLE: &[Role] = &[Administrator, Organiser, Inspector, Unit, Official, Observer, Trustee];

/// Every route with who may use it.
fn routes(centre: &Centre) -> OpenApiRouter<Centre> {
    OpenApiRouter::with_openapi(openapi::frame())
        .merge(people_routes(centre))
        .merge(round_routes(centre))
        .merge(told_routes(centre))
        .merge(oversight_routes(centre))
        .merge(plan_routes(centre))
}

/// How the centre is, tablets, people, devices and the log.
fn people_routes(centre: &Centre) -> OpenApiRouter<Centre> {
    let open = |routes| guarded(centre, Access::Open, routes);
    let signed_in = |routes| guarded(centre, Access::SignedIn, routes);
    let only = |roles: &'static [Role], routes| guarded(centre, Access::Roles(roles), routes);
    OpenApiRouter::new()
        .routes(open(routes!(status::health)))
        .routes(open(routes!(status::ready)))
        .routes(only(&[Administrator, Observer], routes!(status::metrics)))
        .routes(open(routes!(openapi::document)))
        .routes(open(routes!(tablets::enrol)))
        .routes(open(routes!(tablets::sync)))
        .routes(open(routes!(tablets::holdings)))
        .routes(open(routes!(tablets::team_guidance)))
        .routes(open(routes!(session::sign_in)))
        .routes(signed_in(routes!(session::show, session::sign_out)))
        .routes(signed_in(routes!(session::list)))
        .routes(signed_in(routes!(session::end)))
        .routes(signed_in(routes!(session::change_password)))
        .routes(signed_in(routes!(session::draw_factor, session::turn_factor_on)))
        .routes(signed_in(routes!(session::turn_factor_off)))
        .routes(only(EVERY_ROLE, repeatable(routes!(session::issue_token))))
        .routes(only(&[Administrator], routes!(people::list)))
        .routes(only(&[Administrator], repeatable(routes!(people::add))))
        .routes(only(&[Administrator], routes!(people::show, people::change)))
        .routes(only(&[Administrator], repeatable(routes!(people::reset))))
        .routes(only(&[Administrator], routes!(people::sessions)))
        .routes(only(&[Administrator], routes!(people::end_session)))
        .routes(only(&[Administrator, Inspector], routes!(audit::search)))
        .routes(only(&[Administrator, Inspector], routes!(audit::head)))
        .routes(only(&[Administrator, Organiser, Inspector], routes!(backups::list)))
        .routes(only(&[Administrator], routes!(backups::make)))
        .routes(only(&[Administrator, Organiser, Inspector], routes!(devices::list)))
        .routes(only(&[Administrator], repeatable(routes!(devices::invite))))
        .routes(only(&[Administrator], routes!(devices::revoke)))
}

/// A round from its draft to its end, with records and decisions.
fn round_routes(centre: &Centre) -> OpenApiRouter<Centre> {
    let only = |roles: &'static [Role], routes| guarded(centre, Access::Roles(roles), routes);
    OpenApiRouter::new()
        .routes(only(EVERY_ROLE, routes!(rounds::list)))
        .routes(only(EVERY_ROLE, routes!(rounds::show)))
        .routes(only(&[Administrator, Organiser, Inspector], routes!(rounds::roster)))
        .routes(only(&[Organiser, Inspector, Observer, Unit], routes!(rounds::units)))
        .routes(only(&[Organiser, Inspector, Observer, Unit], routes!(board::follow)))
        .routes(only(&[Organiser, Inspector, Unit], routes!(holds::list)))
        .routes(only(&[Organiser, Inspector, Unit], routes!(envelopes::of_unit)))
        .routes(only(&[Organiser, Inspector], routes!(replacements::list)))
        .routes(only(&[Organiser], repeatable(routes!(replacements::replace))))
        .routes(only(&[Organiser], routes!(replacements::preview)))
        .routes(only(&[Organiser], long(routes!(orphans::take))))
        .routes(only(&[Organiser], long(routes!(rosters::read))))
        .routes(only(&[Organiser], long(routes!(rosters::check))))
        .routes(only(&[Organiser], long(routes!(drafts::create))))
        .routes(only(&[Organiser], routes!(drafts::delete)))
        .routes(only(&[Organiser, Inspector], routes!(drafts::show)))
        .routes(only(&[Organiser, Inspector], routes!(drafts::units)))
        .routes(only(&[Organiser], routes!(drafts::change)))
        .routes(only(&[Organiser], long(routes!(drafts::roster, drafts::change_roster))))
        .routes(only(&[Organiser], routes!(drafts::hand_in_keys)))
        .routes(only(&[Organiser], routes!(drafts::sign)))
        .routes(only(&[Organiser], routes!(slips::draw)))
        .routes(only(&[Organiser], routes!(slips::confirm)))
        .routes(only(&[Organiser], routes!(slips::draw_new)))
        .routes(only(&[Organiser, Inspector], routes!(sheets::list)))
        .routes(only(&[Organiser], routes!(rounds::open)))
        .routes(only(&[Organiser], routes!(rounds::close)))
        .routes(only(&[Organiser], routes!(rounds::finish)))
        .routes(only(&[Organiser, Inspector, Trustee], routes!(orders::list)))
        .routes(only(&[Organiser, Inspector], routes!(rounds::ending)))
        .routes(only(&[Organiser], repeatable(routes!(rounds::make_order))))
        .routes(only(&[Organiser, Trustee], routes!(rounds::accept)))
        .routes(only(&[Organiser], routes!(rounds::publish)))
        .routes(only(&[Organiser, Inspector, Trustee], routes!(rounds::bundle)))
        .routes(only(&[Organiser, Inspector], routes!(decisions::list)))
        .routes(only(&[Inspector], repeatable(routes!(decisions::propose))))
        .routes(only(&[Inspector], routes!(decisions::confirm)))
        .routes(only(&[Inspector], routes!(decisions::withdraw)))
        .routes(only(&[Organiser, Inspector, Unit], routes!(record::show)))
        .routes(only(&[Organiser, Inspector, Unit], routes!(record::document)))
        .routes(only(&[Organiser, Inspector, Unit], routes!(record::list_register)))
        .routes(only(&[Organiser, Inspector, Unit], routes!(record::findings)))
        .routes(only(&[Organiser, Inspector], repeatable(routes!(record::explain))))
        .routes(only(&[Organiser, Inspector], repeatable(routes!(record::settle))))
        .routes(only(&[Organiser, Inspector], repeatable(routes!(record::note))))
}

/// Published figures, and how they reach people.
fn told_routes(centre: &Centre) -> OpenApiRouter<Centre> {
    let open = |routes| guarded(centre, Access::Open, routes);
    let only = |roles: &'static [Role], routes| guarded(centre, Access::Roles(roles), routes);
    OpenApiRouter::new()
        .routes(only(&[Organiser, Inspector], routes!(results::all)))
        .routes(only(&[Organiser, Inspector], routes!(results::csv)))
        .routes(only(&[Organiser, Inspector], routes!(results::sums_csv)))
        .routes(only(&[Organiser, Inspector, Unit], routes!(results::unit)))
        .routes(only(&[Organiser, Inspector, Unit], routes!(results::unit_csv)))
        .routes(only(&[Organiser, Inspector, Official], routes!(results::official)))
        .routes(only(&[Organiser, Inspector, Official], routes!(results::official_csv)))
        .routes(only(&[Organiser, Inspector], routes!(comparison::rounds)))
        .routes(only(&[Organiser, Inspector], routes!(comparison::rounds_csv)))
        .routes(only(&[Organiser, Inspector], routes!(comparison::units)))
        .routes(only(&[Organiser, Inspector], routes!(comparison::units_csv)))
        .routes(only(&[Organiser, Inspector, Unit], routes!(comparison::unit)))
        .routes(only(&[Organiser, Inspector, Unit], routes!(comparison::unit_csv)))
        .routes(only(&[Organiser, Inspector, Official], routes!(comparison::official)))
        .routes(only(&[Organiser, Inspector, Official], routes!(comparison::official_csv)))
        .routes(only(&[Organiser, Inspector], routes!(notices::list)))
        .routes(only(&[Organiser, Inspector], routes!(notices::figures)))
        .routes(only(&[Organiser, Inspector, Unit], routes!(notices::of_unit)))
        .routes(only(&[Organiser, Unit], routes!(notices::note_signed)))
        .routes(only(&[Organiser, Inspector, Official], routes!(notices::show)))
        .routes(only(&[Official], routes!(notices::acknowledge)))
        .routes(only(&[Organiser], routes!(notices::due_day)))
        .routes(only(&[Organiser], routes!(notices::send)))
        .routes(open(routes!(letters::open)))
        .routes(open(routes!(letters::acknowledge)))
        .routes(only(&[Organiser, Inspector], routes!(outbox::list)))
        .routes(only(&[Organiser, Inspector], routes!(outbox::figures)))
        .routes(only(&[Organiser], routes!(outbox::again)))
        .routes(only(&[Organiser], routes!(outbox::give_up)))
        .routes(only(&[Organiser], routes!(contacts::list)))
        .routes(only(&[Organiser], routes!(contacts::import)))
        .routes(only(&[Organiser], routes!(contacts::show, contacts::put, contacts::forget)))
        .routes(only(&[Organiser, Inspector], routes!(documents::of_round)))
        .routes(only(&[Organiser, Inspector], routes!(documents::set)))
        .routes(only(&[Organiser, Inspector, Unit], routes!(documents::of_unit)))
        .routes(only(&[Organiser, Inspector, Official], routes!(documents::of_official)))
        .routes(only(&[Organiser], routes!(documents::letters)))
        .routes(only(&[Organiser, Inspector], routes!(documents::years)))
        .routes(only(&[Organiser, Inspector], routes!(documents::year)))
}

/// What the inspection committee looks at, and rounds that come again.
fn oversight_routes(centre: &Centre) -> OpenApiRouter<Centre> {
    let only = |roles: &'static [Role], routes| guarded(centre, Access::Roles(roles), routes);
    OpenApiRouter::new()
        .routes(only(&[Organiser, Inspector], routes!(oversight::show)))
        .routes(only(&[Organiser, Inspector], routes!(oversight::units)))
        .routes(only(&[Organiser, Inspector], routes!(oversight::csv)))
        .routes(only(&[Organiser, Inspector], routes!(oversight::trend)))
        .routes(only(&[Organiser, Inspector], routes!(oversight::visits)))
        .routes(only(&[Organiser, Inspector, Unit], routes!(oversight::follow_ups)))
        .routes(only(&[Organiser, Inspector], routes!(oversight::history)))
        .routes(only(&[Inspector], repeatable(routes!(oversight::plan))))
        .routes(only(&[Inspector], routes!(oversight::change)))
        .routes(only(&[Organiser, Inspector], routes!(periodic::rhythm)))
        .routes(only(&[Organiser], routes!(periodic::set_rhythm)))
        .routes(only(&[Organiser, Inspector], routes!(periodic::due_days)))
        .routes(only(&[Organiser], routes!(periodic::set_due_days)))
        .routes(only(&[Organiser, Inspector], routes!(periodic::changes)))
        .routes(only(&[Organiser], routes!(periodic::set_changes)))
        .routes(only(&[Organiser, Inspector], routes!(periodic::next)))
        .routes(only(&[Organiser], repeatable(routes!(periodic::draft_next))))
        .routes(only(&[Organiser, Inspector], routes!(periodic::reminders)))
        .routes(only(EVERY_ROLE, routes!(periodic::guidance)))
        .routes(only(&[Organiser, Inspector], routes!(periodic::guidance_history)))
        .routes(only(&[Organiser], routes!(periodic::set_guidance)))
}

/// Routes of correction plans.
fn plan_routes(centre: &Centre) -> OpenApiRouter<Centre> {
    let only = |roles: &'static [Role], routes| guarded(centre, Access::Roles(roles), routes);
    OpenApiRouter::new()
        .routes(only(&[Organiser, Inspector], routes!(plans::list)))
        .routes(only(&[Organiser, Inspector], routes!(plans::figures)))
        .routes(only(&[Organiser, Inspector, Unit], routes!(plans::rule)))
        .routes(only(&[Organiser], routes!(plans::set_rule)))
        .routes(only(&[Organiser, Inspector, Unit], routes!(plans::of_unit)))
        .routes(only(&[Organiser, Inspector, Unit], routes!(plan::of_unit)))
        .routes(only(&[Unit], routes!(plan::write_for)))
        .routes(only(&[Organiser, Unit], repeatable(routes!(plan::confirm))))
        .routes(only(&[Organiser, Unit], repeatable(routes!(plan::progress_for))))
        .routes(only(&[Organiser, Inspector, Unit], routes!(plan_files::of_unit)))
        .routes(only(&[Unit], routes!(plan_files::add_for)))
        .routes(only(&[Unit], routes!(plan_files::remove_for)))
        .routes(only(&[Organiser, Inspector, Official], routes!(plan::of_official)))
        .routes(only(&[Official], routes!(plan::write_own)))
        .routes(only(&[Official], repeatable(routes!(plan::progress_own))))
        .routes(only(&[Organiser, Inspector, Official], routes!(plan_files::of_official)))
        .routes(only(&[Official], routes!(plan_files::add_own)))
        .routes(only(&[Official], routes!(plan_files::remove_own)))
}

/// Lets the requests of a route be as long as a roster is.
fn long(routes: UtoipaMethodRouter<Centre>) -> UtoipaMethodRouter<Centre> {
    let (schemas, paths, router) = routes;
    (schemas, paths, router.layer(DefaultBodyLimit::max(ROSTER_MAX)))
}

/// The API as a document.
pub fn document(centre: &Centre) -> utoipa::openapi::OpenApi {
    routes(centre).into_openapi()
}

/// All routes, ready to serve.
pub fn router(centre: Centre) -> Router {
    let (router, document) = routes(&centre).split_for_parts();
    router
        .merge(web::routes())
        .fallback(problem::no_route)
        .method_not_allowed_fallback(problem::wrong_method)
        .layer(middleware::from_fn(cache::tag))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(middleware::from_fn(status::measure))
        .layer(Extension(Arc::new(status::Metrics::new())))
        .layer(Extension(Arc::new(rate::LoginRate::default())))
        .layer(Extension(Arc::new(rate::LetterRate::default())))
        .layer(Extension(openapi::Document(Arc::new(document))))
        .with_state(centre)
}
