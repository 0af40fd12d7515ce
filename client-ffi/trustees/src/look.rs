//! What the page shows of a bundle.

use serde::Serialize;
use std::collections::BTreeSet;
use sync_core::bundle::Bundle;
use sync_core::cose::Signed;
use sync_core::fingerprint;
use sync_core::id::{DeviceId, UnitCode};
use sync_core::order::OpeningOrder;
use sync_core::package::Mode;
use sync_core::survey::Gap;
use sync_core::verify::Report;

/// A key file that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, tsify::Tsify)]
pub struct KeyFile {
    /// Its digits, in groups.
    pub digits: Vec<String>,
    /// The file, public halves only.
    #[tsify(type = "Uint8Array")]
    #[serde(serialize_with = "bytes")]
    pub bytes: Vec<u8>,
}

/// What a key file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, tsify::Tsify)]
pub struct KeyLook {
    /// The round's id.
    pub round: String,
    /// Shares that open.
    pub threshold: u8,
    /// Shares that were made.
    pub trustees: u8,
    /// Its digits, in groups.
    pub digits: Vec<String>,
}

/// An opening order as trustees compare it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, tsify::Tsify)]
#[tsify(missing_as_null)]
pub struct OrderLook {
    /// Its number.
    pub number: u32,
    /// Its digits.
    pub digits: Vec<String>,
    /// Digits of the order before.
    pub order_before: Option<Vec<String>>,
    /// Digits of the result before.
    pub result_before: Option<Vec<String>>,
    /// The bundle holds a result of it already.
    pub counted: bool,
}

/// Something that is not wrong and that a person should ask about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, tsify::Tsify)]
#[tsify(missing_as_null)]
pub struct Finding {
    /// Stable name; the page has words for it.
    pub code: String,
    /// Code of the unit it is about.
    pub unit: Option<String>,
    /// The unit's name.
    pub name: Option<String>,
    /// What fills the blanks of its sentence.
    pub given: Vec<(String, String)>,
}

/// A bundle in which everything fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, tsify::Tsify)]
#[tsify(missing_as_null)]
pub struct About {
    /// Title of the round.
    pub title: String,
    /// Its id.
    pub round: String,
    /// A round for practice.
    pub training: bool,
    /// Shares that open.
    pub threshold: u8,
    /// Shares that were made.
    pub trustees: u8,
    /// Digits of the package.
    pub package: Vec<String>,
    /// Units.
    pub units: usize,
    /// Envelopes.
    pub envelopes: usize,
    /// Sealed ballots in them.
    pub ballots: usize,
    /// Opening orders.
    pub orders: usize,
    /// The last order.
    pub order: Option<OrderLook>,
    /// Number and digits of the last result.
    pub result: Option<(u32, Vec<String>)>,
    /// Changes of records.
    pub record_changes: usize,
    /// Paper counts that the last order opens.
    pub papers: usize,
    /// What a person should ask about.
    pub findings: Vec<Finding>,
}

/// Every code of a [`Finding`].
pub const FINDINGS: [&str; 9] = [
    "after_last_order",
    "gap_number",
    "gap_close",
    "gap_total",
    "undecided",
    "unlisted_tablets",
    "twins",
    "papers_unopened",
    "papers_undone",
];

impl About {
    pub(crate) fn of(bundle: &Bundle, report: &Report) -> Self {
        let package = bundle.package.value();
        Self {
            title: package.title.clone(),
            round: package.round.uuid().to_string(),
            training: package.mode == Mode::Training,
            threshold: package.keys.threshold,
            trustees: package.keys.trustees,
            package: digits(&report.package.0),
            units: report.units,
            envelopes: report.envelopes,
            ballots: report.ballots,
            orders: report.orders,
            order: bundle.orders.last().map(|order| order_look(bundle, order)),
            result: bundle.results.last().map(|result| (result.value().number, digits(&result.id()))),
            record_changes: report.record_changes,
            papers: report.papers,
            findings: findings(bundle, report),
        }
    }
}

pub(crate) fn digits(hash: &[u8; 32]) -> Vec<String> {
    fingerprint::groups(hash).to_vec()
}

fn order_look(bundle: &Bundle, order: &Signed<OpeningOrder>) -> OrderLook {
    let value = order.value();
    OrderLook {
        number: value.number,
        digits: digits(&order.id()),
        order_before: value.previous_order.map(|id| digits(&id.0)),
        result_before: value.previous_result.map(|id| digits(&id.0)),
        counted: bundle.results.last().is_some_and(|result| result.value().number == value.number),
    }
}

fn findings(bundle: &Bundle, report: &Report) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut note = |code: &str, unit: Option<&UnitCode>, given: Vec<(String, String)>| {
        let name = unit.and_then(|unit| bundle.package.value().unit(unit)).map(|entry| entry.name.clone());
        found.push(Finding { code: code.to_owned(), unit: unit.map(ToString::to_string), name, given });
    };
    if report.after_last_order > 0 {
        note(FINDINGS[0], None, count(report.after_last_order));
    }
    for (unit, gaps) in &report.open_gaps {
        for gap in gaps {
            let (code, given) = gap_of(bundle, gap);
            note(code, Some(unit), given);
        }
    }
    for (unit, all) in &report.undecided {
        note(FINDINGS[4], Some(unit), count(all.len()));
    }
    for (unit, all) in &report.unlisted_tablets {
        note(FINDINGS[5], Some(unit), tablets(bundle, all));
    }
    for (unit, all) in &report.twins {
        note(FINDINGS[6], Some(unit), tablets(bundle, all));
    }
    for (unit, all) in &report.unopened_papers {
        note(FINDINGS[7], Some(unit), count(all.len()));
    }
    for (unit, all) in &report.undone_papers {
        note(FINDINGS[8], Some(unit), count(all.len()));
    }
    found
}

fn count(all: usize) -> Vec<(String, String)> {
    vec![("count".to_owned(), all.to_string())]
}

fn gap_of(bundle: &Bundle, gap: &Gap) -> (&'static str, Vec<(String, String)>) {
    let given = |device: &DeviceId, more: &[(&str, u32)]| {
        let more = more.iter().map(|(name, value)| ((*name).to_owned(), value.to_string()));
        std::iter::once(("tablet".to_owned(), label(bundle, device))).chain(more).collect()
    };
    match gap {
        Gap::Number { device, number } => (FINDINGS[1], given(device, &[("number", *number)])),
        Gap::Close { device } => (FINDINGS[2], given(device, &[])),
        Gap::Total { device, stated, found } => {
            (FINDINGS[3], given(device, &[("stated", *stated), ("found", *found)]))
        }
    }
}

fn tablets(bundle: &Bundle, all: &BTreeSet<DeviceId>) -> Vec<(String, String)> {
    let labels: Vec<String> = all.iter().map(|device| label(bundle, device)).collect();
    let mut given = count(all.len());
    given.push(("tablets".to_owned(), labels.join("; ")));
    given
}

/// A device as people know it, and the beginning of its id, for names may be equal.
fn label(bundle: &Bundle, device: &DeviceId) -> String {
    let id = device.to_string();
    let short = id.get(..8).unwrap_or(&id);
    let certificate = bundle.certificates.iter().find(|known| known.value().device() == *device);
    certificate.map_or_else(|| id.clone(), |known| format!("{} ({short})", known.value().label))
}

pub(crate) fn bytes<S: serde::Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_bytes(bytes)
}
