//! What leaves a centre, in one table: what is compared, and what shows nothing.

use homphieu_server::service::Wanted;

/// Routes that are not compared, and why.
pub const LEFT: &[(&str, &str)] = &[
    ("/metrics", "how long requests took"),
    ("/health", "that the process runs"),
    ("/ready", "that the database answers"),
    ("/api/v1/session", "who is signed in"),
    ("/api/v1/sessions", "when they signed in"),
    ("/api/v1/people/{person}", "accounts"),
    ("/api/v1/people/{person}/sessions", "accounts"),
    ("/api/v1/audit/head", "a digest and its signature"),
    ("/api/v1/contacts/{kind}/{contact}", "an address that somebody entered"),
    ("/api/v1/rounds/{round}/board", "events without end that say what `…/units` says"),
    ("/api/v1/rounds/{round}/documents/set", "its parts are compared as the command writes them"),
    ("/api/v1/rounds/{round}/bundle", "compared as what outsiders read of it, below"),
    ("/api/v1/rounds/{round}/units/{unit}/record/document", "signed entries that `…/record` shows"),
    ("/api/v1/rounds/{round}/units/{unit}/plans/{official}/files/{file}", "a file that somebody wrote"),
    ("/api/v1/rounds/{round}/officials/{official}/plan/files/{file}", "a file that somebody wrote"),
    ("/api/v1/rounds/{round}/units/{unit}/visits/{visit}", "what an inspector wrote"),
];

/// Operations that change something and answer with figures, or with what is no JSON; the first two are compared, the others
/// answer tablets with records and receipts.
pub const WRITES: [&str; 6] = [
    "POST /api/v1/letter/opening",
    "POST /api/v1/rounds/{round}/units/{unit}/letters",
    "POST /api/v1/enrol",
    "POST /api/v1/holdings",
    "POST /api/v1/sync",
    "POST /api/v1/team-guidance",
];

/// Routes and commands that list devices or messages of one second by their ids, which are drawn.
pub const BY_CHANCE: [&str; 7] =
    ["/devices", "/record", "/minutes", "/envelopes", "round record", "round minutes", "outbox"];

/// Commands that show something of a round. `SET`, `DOCUMENT` and `ROUND` are filled in.
pub const SHOWING: &[&[&str]] = &[
    &["round", "status", "--round", "ROUND"],
    &["round", "holds", "--round", "ROUND"],
    &["round", "record", "--round", "ROUND", "--unit", "S"],
    &["round", "findings", "--round", "ROUND"],
    &["round", "minutes", "--round", "ROUND", "--unit", "S"],
    &["round", "results", "--round", "ROUND"],
    &["round", "results", "--round", "ROUND", "--csv"],
    &["notice", "list", "--round", "ROUND"],
    &["notice", "figures", "--round", "ROUND"],
    &["contact", "list"],
    &["outbox", "list", "--round", "ROUND"],
    &["oversight", "show", "--round", "ROUND"],
    &["oversight", "show", "--round", "ROUND", "--csv"],
    &["oversight", "signs"],
    &["oversight", "trend"],
    &["oversight", "visits", "--round", "ROUND"],
    &["plan", "list", "--round", "ROUND"],
    &["plan", "show", "--round", "ROUND", "--official", "S1"],
    &["plan", "figures", "--round", "ROUND"],
    &["plan", "rule", "--round", "ROUND"],
    &["remind", "--dry-run"],
    &["audit", "list"],
];

/// Groups of commands that know nothing of a published figure, and single ones that show none.
pub const SILENT: &[&str] = &[
    "serve",
    "demo",
    "device",
    "mail",
    "webhook",
    "user",
    "tablet",
    "tls",
    "backup",
    "restore",
    "keys",
    "config",
    "doctor",
    "completions",
    "man",
    "exit-codes",
    "round import",
    "round permits",
    "round sign",
    "round replace-sheet",
    "round open",
    "round close",
    "round explain",
    "round take-orphan",
    "round decide",
    "round order",
    "round accept",
    "round publish",
    "round finish",
    "notice send",
    "notice signed",
    "contact import",
    "contact set",
    "outbox again",
    "outbox give-up",
    "oversight plan",
    "oversight due",
    "audit verify",
    "audit head",
];

/// Commands that write what is compared otherwise: documents as files and by their routes, bundles as outsiders read them.
pub const AS_FILES: [&str; 7] =
    ["documents set", "documents one", "documents letters", "documents year", "export", "count", "verify"];

/// How each document is called; a kind that is new does not compile until it is here and in `every_document`.
pub fn name_of(wanted: &Wanted) -> &'static str {
    match wanted {
        Wanted::Ballot(_) => "units/S/documents/ballot",
        Wanted::Specimens(_) => "units/S/documents/slips-specimen",
        Wanted::Minutes(_) => "units/S/documents/minutes",
        Wanted::Notices(_) => "units/S/documents/notices",
        Wanted::Notice(_) => "officials/S1/documents/notice",
        Wanted::Plans(_) => "units/S/documents/plans",
        Wanted::Plan(_) => "officials/S1/documents/plan",
        Wanted::UnitReport(_) => "units/S/documents/report",
        Wanted::RoundReport => "documents/report",
    }
}

pub fn every_document() -> Vec<Wanted> {
    let (unit, official) = (|| "S".to_owned(), || "S1".to_owned());
    vec![
        Wanted::Ballot(unit()),
        Wanted::Specimens(unit()),
        Wanted::Minutes(unit()),
        Wanted::Notices(unit()),
        Wanted::Notice(official()),
        Wanted::Plans(unit()),
        Wanted::Plan(official()),
        Wanted::UnitReport(unit()),
        Wanted::RoundReport,
    ]
}
