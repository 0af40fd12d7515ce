//! Who may do what over HTTP: every route with every role, with none, and with what is another's.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::Tablet;
use client_ffi::store::FileStore;
use client_ffi::transport::Http;
use homphieu_server::domain::person::Role;
use homphieu_tests::office::{Office, unit};
use homphieu_tests::server::{Answer, Server, request};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Every operation, and the roles that may use it as the design gives them; written down here a second time, so that a
/// slip where the route is registered is seen.
const EVERYBODY: &[&str] = &[
    "GET /health",
    "GET /ready",
    "GET /api/v1/openapi.json",
    "POST /api/v1/enrol",
    "POST /api/v1/sync",
    "POST /api/v1/holdings",
    "POST /api/v1/team-guidance",
    "POST /api/v1/session",
    "POST /api/v1/letter/opening",
    "POST /api/v1/letter/acknowledgement",
];
const SIGNED_IN: &[&str] = &[
    "GET /api/v1/session",
    "DELETE /api/v1/session",
    "GET /api/v1/sessions",
    "DELETE /api/v1/sessions/{session}",
    "PUT /api/v1/password",
    "POST /api/v1/second-factor",
    "PUT /api/v1/second-factor",
    "POST /api/v1/second-factor/removal",
];

/// Units' records: the first four only show, and a unit sees its own.
const RECORD: [&str; 7] = [
    "GET /api/v1/rounds/{round}/units/{unit}/record",
    "GET /api/v1/rounds/{round}/units/{unit}/record/document",
    "GET /api/v1/rounds/{round}/units/{unit}/record/register",
    "GET /api/v1/rounds/{round}/units/{unit}/findings",
    "POST /api/v1/rounds/{round}/units/{unit}/explanations",
    "POST /api/v1/rounds/{round}/units/{unit}/settlements",
    "POST /api/v1/rounds/{round}/units/{unit}/notes",
];

/// Notices of results: a unit sees its own and notes what was signed there, an official acknowledges the own.
const NOTICES: [&str; 6] = [
    "GET /api/v1/rounds/{round}/officials/{official}/notice",
    "POST /api/v1/rounds/{round}/officials/{official}/notice/acknowledgement",
    "GET /api/v1/notices",
    "GET /api/v1/rounds/{round}/notices/figures",
    "GET /api/v1/rounds/{round}/units/{unit}/notices",
    "POST /api/v1/rounds/{round}/units/{unit}/notices/{official}/signature",
];

/// Ways by which notices reach people: the first two only show.
const WAYS: [&str; 11] = [
    "GET /api/v1/outbox",
    "GET /api/v1/outbox/figures",
    "POST /api/v1/outbox/{message}/retry",
    "POST /api/v1/outbox/{message}/surrender",
    "GET /api/v1/contacts",
    "GET /api/v1/contacts/{kind}/{contact}",
    "PUT /api/v1/contacts/{kind}/{contact}",
    "DELETE /api/v1/contacts/{kind}/{contact}",
    "POST /api/v1/contacts/import",
    "POST /api/v1/rounds/{round}/notices/sending",
    "GET /api/v1/notices/due-day",
];

/// Oversight and periodic rounds: all read them, inspectors write visits, organisers set what is set.
const OVERSIGHT: [&str; 13] = [
    "GET /api/v1/rounds/{round}/oversight",
    "GET /api/v1/rounds/{round}/oversight/units",
    "GET /api/v1/rounds/{round}/oversight.csv",
    "GET /api/v1/oversight/trend",
    "GET /api/v1/rounds/{round}/visits",
    "GET /api/v1/rounds/{round}/units/{unit}/follow-ups",
    "GET /api/v1/rounds/{round}/units/{unit}/visits/{visit}",
    "GET /api/v1/rhythm",
    "GET /api/v1/rounds/{round}/due-days",
    "GET /api/v1/changes",
    "GET /api/v1/rounds/{round}/next",
    "GET /api/v1/reminders",
    "GET /api/v1/guidance/{step}",
];
const VISITS: [&str; 2] = [
    "POST /api/v1/rounds/{round}/units/{unit}/visits",
    "PUT /api/v1/rounds/{round}/units/{unit}/visits/{visit}",
];
const PERIODIC: [&str; 5] = [
    "PUT /api/v1/rhythm",
    "PUT /api/v1/rounds/{round}/due-days",
    "PUT /api/v1/changes",
    "POST /api/v1/rounds/{round}/next",
    "PUT /api/v1/guidance/{step}",
];

/// Correction plans: a unit writes those of its officials, an official the own; the office reads, and confirms where the
/// unit's head cannot.
const PLANS: [&str; 18] = [
    "GET /api/v1/plans",
    "GET /api/v1/rounds/{round}/plans/figures",
    "GET /api/v1/rounds/{round}/plans/rule",
    "PUT /api/v1/rounds/{round}/plans/rule",
    "GET /api/v1/rounds/{round}/units/{unit}/plans",
    "GET /api/v1/rounds/{round}/units/{unit}/plans/{official}",
    "GET /api/v1/rounds/{round}/units/{unit}/plans/{official}/files/{file}",
    "POST /api/v1/rounds/{round}/units/{unit}/plans/{official}/confirmation",
    "POST /api/v1/rounds/{round}/units/{unit}/plans/{official}/progress",
    "PUT /api/v1/rounds/{round}/units/{unit}/plans/{official}",
    "PUT /api/v1/rounds/{round}/units/{unit}/plans/{official}/files/{file}",
    "DELETE /api/v1/rounds/{round}/units/{unit}/plans/{official}/files/{file}",
    "GET /api/v1/rounds/{round}/officials/{official}/plan",
    "GET /api/v1/rounds/{round}/officials/{official}/plan/files/{file}",
    "PUT /api/v1/rounds/{round}/officials/{official}/plan",
    "POST /api/v1/rounds/{round}/officials/{official}/plan/progress",
    "PUT /api/v1/rounds/{round}/officials/{official}/plan/files/{file}",
    "DELETE /api/v1/rounds/{round}/officials/{official}/plan/files/{file}",
];

/// Setting a round up: the first three only show, and inspectors read them.
const SET_UP: [&str; 15] = [
    "GET /api/v1/rounds/{round}/draft",
    "GET /api/v1/rounds/{round}/draft/units",
    "GET /api/v1/rounds/{round}/sheets",
    "GET /api/v1/rounds/{round}/draft/roster",
    "POST /api/v1/rosters/reading",
    "POST /api/v1/rosters/check",
    "POST /api/v1/drafts",
    "PUT /api/v1/rounds/{round}/draft/rules",
    "PUT /api/v1/rounds/{round}/draft/roster",
    "PUT /api/v1/rounds/{round}/draft/keys",
    "DELETE /api/v1/rounds/{round}/draft",
    "POST /api/v1/rounds/{round}/signature",
    "POST /api/v1/rounds/{round}/slips",
    "POST /api/v1/rounds/{round}/slips/confirmation",
    "POST /api/v1/rounds/{round}/units/{unit}/slips",
];

/// Published figures: all of them, then those of a unit, then those of an official.
const RESULTS: [&str; 7] = [
    "GET /api/v1/rounds/{round}/results",
    "GET /api/v1/rounds/{round}/results.csv",
    "GET /api/v1/rounds/{round}/results/sums.csv",
    "GET /api/v1/rounds/{round}/results/units/{unit}",
    "GET /api/v1/rounds/{round}/results/units/{unit}/csv",
    "GET /api/v1/rounds/{round}/results/officials/{official}",
    "GET /api/v1/rounds/{round}/results/officials/{official}/csv",
];

/// Published figures beside others: the round, its units, then one unit, then one official.
const COMPARISON: [&str; 8] = [
    "GET /api/v1/rounds/{round}/comparison/rounds",
    "GET /api/v1/rounds/{round}/comparison/rounds.csv",
    "GET /api/v1/rounds/{round}/comparison/units",
    "GET /api/v1/rounds/{round}/comparison/units.csv",
    "GET /api/v1/rounds/{round}/comparison/units/{unit}",
    "GET /api/v1/rounds/{round}/comparison/units/{unit}/csv",
    "GET /api/v1/rounds/{round}/comparison/officials/{official}",
    "GET /api/v1/rounds/{round}/comparison/officials/{official}/csv",
];

/// Documents for paper and the figures of years: a unit prints its own, an official too.
const DOCUMENTS: [&str; 7] = [
    "GET /api/v1/rounds/{round}/units/{unit}/documents/{document}",
    "GET /api/v1/rounds/{round}/officials/{official}/documents/{document}",
    "GET /api/v1/rounds/{round}/documents/report",
    "GET /api/v1/rounds/{round}/documents/set",
    "GET /api/v1/years",
    "GET /api/v1/years/{year}/{format}",
    "POST /api/v1/rounds/{round}/units/{unit}/letters",
];

/// What an administrator may do besides.
const ADMINISTRATION: [&str; 16] = [
    "GET /metrics",
    "GET /api/v1/backups",
    "POST /api/v1/backups",
    "GET /api/v1/people",
    "POST /api/v1/people",
    "GET /api/v1/people/{person}",
    "PUT /api/v1/people/{person}",
    "POST /api/v1/people/{person}/password",
    "GET /api/v1/people/{person}/sessions",
    "DELETE /api/v1/people/{person}/sessions/{session}",
    "GET /api/v1/audit",
    "GET /api/v1/audit/head",
    "GET /api/v1/rounds/{round}/devices",
    "GET /api/v1/rounds/{round}/roster",
    "POST /api/v1/rounds/{round}/devices",
    "POST /api/v1/rounds/{round}/devices/{device}/revocation",
];

/// What each role may do besides.
fn allowed(role: Role) -> BTreeSet<&'static str> {
    let every =
        ["POST /api/v1/tokens", "GET /api/v1/rounds", "GET /api/v1/rounds/{round}", "GET /api/v1/guidance"];
    let own: &[&str] = match role {
        Role::Administrator => &ADMINISTRATION,
        Role::Organiser => &[
            "GET /api/v1/backups",
            "GET /api/v1/rounds/{round}/units",
            "GET /api/v1/rounds/{round}/board",
            "GET /api/v1/rounds/{round}/holds",
            "GET /api/v1/rounds/{round}/units/{unit}/envelopes",
            "GET /api/v1/rounds/{round}/units/{unit}/replacements",
            "POST /api/v1/rounds/{round}/units/{unit}/replacements",
            "POST /api/v1/rounds/{round}/units/{unit}/replacements/preview",
            "POST /api/v1/rounds/{round}/orphans",
            "POST /api/v1/rounds/{round}/opening",
            "POST /api/v1/rounds/{round}/closing",
            "GET /api/v1/rounds/{round}/finish",
            "POST /api/v1/rounds/{round}/finish",
            "POST /api/v1/rounds/{round}/orders",
            "POST /api/v1/rounds/{round}/result",
            "POST /api/v1/rounds/{round}/publication",
            "GET /api/v1/rounds/{round}/bundle",
            "GET /api/v1/rounds/{round}/orders",
            "GET /api/v1/rounds/{round}/proposals",
            "GET /api/v1/rounds/{round}/devices",
            "GET /api/v1/rounds/{round}/roster",
        ],
        Role::Inspector => &[
            "GET /api/v1/backups",
            "GET /api/v1/audit",
            "GET /api/v1/audit/head",
            "GET /api/v1/rounds/{round}/units",
            "GET /api/v1/rounds/{round}/board",
            "GET /api/v1/rounds/{round}/holds",
            "GET /api/v1/rounds/{round}/units/{unit}/envelopes",
            "GET /api/v1/rounds/{round}/units/{unit}/replacements",
            "GET /api/v1/rounds/{round}/bundle",
            "GET /api/v1/rounds/{round}/orders",
            "GET /api/v1/rounds/{round}/finish",
            "GET /api/v1/rounds/{round}/proposals",
            "POST /api/v1/rounds/{round}/units/{unit}/proposals",
            "POST /api/v1/rounds/{round}/units/{unit}/proposals/{proposal}/confirmation",
            "DELETE /api/v1/rounds/{round}/units/{unit}/proposals/{proposal}",
            "GET /api/v1/rounds/{round}/devices",
            "GET /api/v1/rounds/{round}/roster",
        ],
        Role::Unit => &[
            "GET /api/v1/rounds/{round}/units",
            "GET /api/v1/rounds/{round}/board",
            "GET /api/v1/rounds/{round}/holds",
            "GET /api/v1/rounds/{round}/units/{unit}/envelopes",
            "GET /api/v1/rounds/{round}/units/{unit}/follow-ups",
        ],
        Role::Official => &[],
        Role::Observer => {
            &["GET /metrics", "GET /api/v1/rounds/{round}/units", "GET /api/v1/rounds/{round}/board"]
        }
        Role::Trustee => &[
            "POST /api/v1/rounds/{round}/result",
            "GET /api/v1/rounds/{round}/bundle",
            "GET /api/v1/rounds/{round}/orders",
        ],
    };
    every.iter().chain(own).copied().chain(prepared(role)).chain(told(role)).chain(overseen(role)).collect()
}

/// What each role may do about a round that is set up, and about the records of its units.
fn prepared(role: Role) -> Vec<&'static str> {
    let record: &[&str] = match role {
        Role::Organiser | Role::Inspector => &RECORD,
        Role::Unit => &RECORD[..4],
        _ => &[],
    };
    let set_up: &[&str] = match role {
        Role::Organiser => &SET_UP,
        Role::Inspector => &SET_UP[..3],
        _ => &[],
    };
    record.iter().chain(set_up).copied().collect()
}

/// What each role may do about published results and notices of them.
fn told(role: Role) -> Vec<&'static str> {
    let notices: &[usize] = match role {
        Role::Organiser => &[0, 2, 3, 4, 5],
        Role::Inspector => &[0, 2, 3, 4],
        Role::Unit => &[4, 5],
        Role::Official => &[0, 1],
        Role::Administrator | Role::Observer | Role::Trustee => &[],
    };
    let results: &[&str] = match role {
        Role::Organiser | Role::Inspector => &RESULTS,
        Role::Unit => &RESULTS[3..5],
        Role::Official => &RESULTS[5..],
        _ => &[],
    };
    let plans: Vec<usize> = match role {
        Role::Organiser => (0..9).chain(12..14).collect(),
        Role::Inspector => (0..3).chain(4..7).chain(12..14).collect(),
        Role::Unit => [2].into_iter().chain(4..12).collect(),
        Role::Official => (12..18).collect(),
        Role::Administrator | Role::Observer | Role::Trustee => Vec::new(),
    };
    let plans = plans.into_iter().map(|place| PLANS[place]);
    let ways: &[&str] = match role {
        Role::Organiser => &WAYS,
        Role::Inspector => &WAYS[..2],
        _ => &[],
    };
    let documents: &[&str] = match role {
        Role::Organiser => &DOCUMENTS,
        Role::Inspector => &DOCUMENTS[..6],
        Role::Unit => &DOCUMENTS[..1],
        Role::Official => &DOCUMENTS[1..2],
        _ => &[],
    };
    let notices = notices.iter().map(|place| NOTICES[*place]);
    let comparison: &[&str] = match role {
        Role::Organiser | Role::Inspector => &COMPARISON,
        Role::Unit => &COMPARISON[4..6],
        Role::Official => &COMPARISON[6..],
        _ => &[],
    };
    notices
        .chain(results.iter().chain(ways).chain(comparison).chain(documents).copied())
        .chain(plans)
        .collect()
}

/// What each role may do about oversight and periodic rounds.
fn overseen(role: Role) -> Vec<&'static str> {
    let own: &[&str] = match role {
        Role::Organiser => &PERIODIC,
        Role::Inspector => &VISITS,
        _ => return Vec::new(),
    };
    OVERSIGHT.iter().chain(own).copied().collect()
}

/// One operation of the document.
struct Operation {
    name: String,
    method: String,
    path: String,
    access: BTreeSet<String>,
    body: bool,
}

fn operations(server: &Server) -> Vec<Operation> {
    let document = request("GET", &format!("{}/api/v1/openapi.json", server.address), &[], b"").json();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = method.to_uppercase();
            let access =
                operation["x-access"].as_array().unwrap_or_else(|| panic!("{method} {path} says nothing"));
            all.push(Operation {
                name: format!("{method} {path}"),
                access: access.iter().map(|word| word.as_str().unwrap().to_owned()).collect(),
                body: operation.get("requestBody").is_some(),
                method,
                path: path.clone(),
            });
        }
    }
    all
}

/// Asks for an operation on things that are not there, which changes nothing.
fn ask(server: &Server, office: &Office, operation: &Operation, bearer: Option<&str>, unit: &str) -> Answer {
    let nobody = "00000000-0000-4000-8000-000000000000";
    let path = operation
        .path
        .replace("{round}", &office.round.uuid().to_string())
        .replace("{unit}", unit)
        .replace("{official}/documents/{document}", "{official}/documents/plan")
        .replace("{official}", &format!("{unit}1"))
        .replace("{device}", &"0".repeat(32))
        .replace("{file}", &"0".repeat(64))
        .replace("{kind}", "official")
        .replace("{contact}", "x")
        .replace("{document}", "plans")
        .replace("{year}/{format}", "2018/csv")
        .replace("{step}", "steer");
    let path = ["{person}", "{session}", "{proposal}", "{message}", "{visit}"]
        .iter()
        .fold(path, |path, part| path.replace(part, nobody));
    let mut headers = vec![];
    if let Some(bearer) = bearer {
        headers.push(("authorization", bearer));
    }
    if operation.body {
        headers.push(("content-type", "application/json"));
    }
    let url = format!("{}{path}", server.address);
    request(&operation.method, &url, &headers, if operation.body { b"{\"no such field\":1}" } else { b"" })
}

#[test]
fn every_route_is_open_to_those_roles_alone_that_the_design_gives_it() {
    // Not opened for voting, so that neither opening nor closing it is refused for being done.
    let office = Office::with(sync_core::package::Mode::Training, false);
    let server = Server::start(&office.folder());
    let operations = operations(&server);
    let names: BTreeSet<_> = operations.iter().map(|operation| operation.name.clone()).collect();
    let mut known: BTreeSet<String> = EVERYBODY.iter().chain(SIGNED_IN).map(ToString::to_string).collect();
    known.extend(Role::ALL.into_iter().flat_map(allowed).map(str::to_owned));
    assert_eq!(names, known, "a route is missing here, or in the program");
    office.hire("khong-vai", &[], |_| ());
    let mut bearers = BTreeMap::from([(None, office.bearer("khong-vai"))]);
    for role in Role::ALL {
        let login = format!("vai-{}", role.code());
        office.hire(&login, &[role], |profile| {
            profile.unit = Some(unit("A"));
            profile.officials = BTreeSet::from(["A1".to_owned()]);
        });
        bearers.insert(Some(role), office.bearer(&login));
    }
    for operation in &operations {
        let name = operation.name.as_str();
        let answer = ask(&server, &office, operation, None, "A");
        let open = EVERYBODY.contains(&name);
        assert_eq!(answer.status == 401, !open && name != "POST /api/v1/session", "{name} without a session");
        for (role, bearer) in &bearers {
            // It would end the session that is used here; that it is for everybody is in the document.
            if name == "DELETE /api/v1/session" {
                continue;
            }
            let answer = ask(&server, &office, operation, Some(bearer), "A");
            let may =
                open || SIGNED_IN.contains(&name) || role.is_some_and(|role| allowed(role).contains(name));
            let refused = answer.status == 401 || answer.status == 403;
            assert_eq!(refused, !may, "{name} as {role:?}: {answer:?}");
            assert!(answer.status < 500, "{name} as {role:?}: {answer:?}");
        }
        let words: BTreeSet<String> = if open {
            BTreeSet::from(["everybody".to_owned()])
        } else if SIGNED_IN.contains(&name) {
            BTreeSet::from(["signed in".to_owned()])
        } else {
            let roles = Role::ALL.into_iter().filter(|role| allowed(*role).contains(name));
            roles.map(|role| role.code().to_owned()).collect()
        };
        assert_eq!(operation.access, words, "{name}: what the document says");
    }
}

#[test]
fn on_every_route_of_a_unit_or_an_official_what_is_anothers_is_refused_to_those_who_see_only_their_own() {
    let office = Office::with(sync_core::package::Mode::Training, false);
    let server = Server::start(&office.folder());
    let mut walked = 0;
    for role in [Role::Unit, Role::Official] {
        let login = format!("vai-{}", role.code());
        office.hire(&login, &[role], |profile| {
            profile.unit = Some(unit("A"));
            profile.officials = BTreeSet::from(["A1".to_owned()]);
        });
        let bearer = office.bearer(&login);
        let of_one =
            |operation: &Operation| ["{unit}", "{official}"].map(|part| operation.path.contains(part));
        for operation in operations(&server).iter().filter(|operation| of_one(operation).contains(&true)) {
            let name = operation.name.as_str();
            let code = if allowed(role).contains(name) { "not_yours" } else { "role" };
            // Units that are there, one that is not, and forms that a careless comparison takes for the own one.
            for other in ["S", "B", "a", "A%20", "%20A", "A%00", "A.", "%EF%BC%A1"] {
                let answer = ask(&server, &office, operation, Some(&bearer), other);
                let told = format!("{name} on {other} as {role:?}: {answer:?}");
                assert_eq!((answer.status, answer.code().as_str()), (403, code), "{told}");
                walked += usize::from(code == "not_yours");
            }
        }
    }
    // The unit: its results as figures and as a table, beside earlier ones likewise, its envelopes, its
    // record, register, findings and document, its notices and their signatures, its plans in eight ways, what visits left to do. The official: their own results, likewise,
    // their notice, and acknowledging it, and their plan in six ways. Both: their documents.
    assert_eq!(walked, (20 + 14) * 8, "what these two may ask for");
}

#[test]
fn a_unit_and_an_official_see_what_is_their_own_and_nothing_else() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    office.hire("xa-a", &[Role::Unit], |profile| profile.unit = Some(unit("A")));
    office.hire("can-bo", &[Role::Official], |profile| {
        profile.officials = BTreeSet::from(["A1".to_owned(), "T2".to_owned()]);
    });
    let of_unit = office.bearer("xa-a");
    let of_official = office.bearer("can-bo");
    let base = format!("{}/api/v1/rounds/{}", server.address, office.round.uuid());
    let get = |path: &str, bearer: &str| {
        request("GET", &format!("{base}{path}"), &[("authorization", bearer)], b"")
    };
    let codes = |answer: Answer| -> Vec<String> {
        let items = answer.json()["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["code"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(codes(get("/units", &of_unit)), ["A"]);
    assert_eq!(get("/results/units/A", &of_unit).code(), "not_published");
    for other in ["/results/units/S", "/results/units/%41%20", "/results/units/a"] {
        assert_eq!(get(other, &of_unit).code(), "not_yours", "{other}");
    }
    assert_eq!(get("/results/officials/A1", &of_official).code(), "not_published");
    assert_eq!(get("/results/officials/T2", &of_official).code(), "not_published");
    assert_eq!(get("/results/officials/A2", &of_official).code(), "not_yours");
    assert_eq!(get("/results/units/A", &of_official).code(), "role");
    assert_eq!(get("/holds", &of_official).code(), "role");
}

#[test]
fn devices_and_people_are_found_by_what_they_are() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let tablet = |name: &str, units: &[&str]| {
        let tablet = office.tablet(name, units, &server.address);
        tablet.device().unwrap().to_string()
    };
    let (a, both) = (tablet("a", &["A"]), tablet("both", &["A", "T"]));
    let store = FileStore::open(&office.home().join("courier")).unwrap();
    let mut courier = Tablet::open(store).unwrap();
    courier.enrol(&office.token(&[], &server.address), &Http::new(&server.address)).unwrap();
    let courier = courier.device().unwrap().to_string();
    office.on_centre(async |centre| {
        centre.revoke(&office.round, &a.parse().unwrap(), "mất máy").await.unwrap();
    });
    office.hire("quan", &[Role::Administrator], |profile| profile.name = "Lò Thị Đào".to_owned());
    office.hire("dao", &[Role::Observer, Role::Trustee], |profile| profile.name = "Vừ Mí Sính".to_owned());
    let bearer = office.bearer("quan");
    let found = |path: &str, key: &str| -> BTreeSet<String> {
        let answer =
            request("GET", &format!("{}/api/v1{path}", server.address), &[("authorization", &bearer)], b"");
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        let items = answer.json()["items"].as_array().unwrap().clone();
        items.iter().map(|item| item[key].as_str().unwrap().to_owned()).collect()
    };
    let devices = |query: &str| found(&format!("/rounds/{}/devices{query}", office.round.uuid()), "id");
    let set = |ids: &[&String]| ids.iter().map(|id| (*id).clone()).collect::<BTreeSet<_>>();
    assert_eq!(devices(""), set(&[&a, &both, &courier]));
    assert_eq!(devices("?unit=A"), set(&[&a, &both]));
    assert_eq!(devices("?unit=T"), set(&[&both]));
    assert_eq!(devices("?revoked=true"), set(&[&a]));
    assert_eq!(devices("?unit=A&revoked=false&courier=false"), set(&[&both]));
    assert_eq!(devices("?courier=true"), set(&[&courier]));
    assert!(devices("?unit=S").is_empty());
    let people = |query: &str| found(&format!("/people{query}"), "login");
    let logins = |logins: &[&str]| logins.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    assert_eq!(people("?role=trustee"), logins(&["dao"]));
    assert_eq!(people("?role=inspector"), logins(&["may", "hoa"]));
    // By login or by name, however both are written.
    assert_eq!(people("?text=%C4%91%C3%A0o"), logins(&["quan"]), "đào");
    assert_eq!(people("?text=D%61o"), logins(&["dao"]));
    assert_eq!(people("?text=S%C3%8DNH"), logins(&["dao"]));
    assert_eq!(people("?text=%25"), logins(&[]), "no pattern");
    assert_eq!(people("?disabled=true"), logins(&[]));
    // A filter that finds people far apart still gives whole pages.
    let first = request(
        "GET",
        &format!("{}/api/v1/people?limit=1&role=inspector", server.address),
        &[("authorization", &bearer)],
        b"",
    )
    .json();
    let next = first["next"].as_str().unwrap();
    let second = people(&format!("?limit=1&role=inspector&after={next}"));
    assert_eq!(second.len(), 1);
    assert_ne!(first["items"][0]["login"].as_str(), second.first().map(String::as_str));
}

#[test]
fn lists_come_in_pages_filtered_and_tagged() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let bearer = office.bearer("lan");
    let base = format!("{}/api/v1/rounds/{}/units", server.address, office.round.uuid());
    let get = |query: &str| request("GET", &format!("{base}{query}"), &[("authorization", &bearer)], b"");
    let first = get("?limit=2").json();
    let codes = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|u| u["code"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(codes(&first), ["A", "S"]);
    let second = get(&format!("?limit=2&after={}", first["next"].as_str().unwrap())).json();
    assert_eq!((codes(&second), second["next"].is_null()), (vec!["T".to_owned()], true));
    assert!(codes(&get("?published=true").json()).is_empty());
    assert_eq!(codes(&get("?published=false&open=false").json()), ["A", "S", "T"]);
    for bad in ["?limit=0", "?limit=201", "?open=maybe", "?after=xyz", "?no-such-thing=1"] {
        assert_eq!((get(bad).status, get(bad).code().as_str()), (400, "query"), "{bad}");
    }
    let whole = get("");
    let tag = whole.header("etag");
    let again = request("GET", &base, &[("authorization", &bearer), ("if-none-match", &tag)], b"");
    assert_eq!((again.status, again.body.len()), (304, 0));
    let stale = request("GET", &base, &[("authorization", &bearer), ("if-none-match", "\"x\"")], b"");
    assert_eq!((stale.status, stale.body), (200, whole.body));
}
