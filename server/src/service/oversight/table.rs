//! Oversight as CSV, one line per unit.

use super::UnitOversight;
use crate::domain::oversight::Stage;
use crate::domain::table::cell;
use sync_core::record::Language;

/// The units as CSV, in their order (UTF-8 with byte order mark; RFC 4180 quoting; no cell is taken for a formula).
pub fn oversight_table(units: &[UnitOversight], language: Language) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let header = [
        "place",
        "unit_code",
        "unit_name",
        "voters",
        "stage",
        "first_noted_on",
        "minutes_signed_on",
        "counted_on",
        "published_on",
        "due_on",
        "days_late",
        "held",
        "missing",
        "conflicts",
        "does_not_reconcile",
        "explained",
        "notices",
        "notices_overdue",
        "plans_overdue",
        "plans_behind",
        "visit_planned_on",
        "visited_on",
        "follow_ups_open",
        "follow_ups_overdue",
        "reasons",
    ];
    writer.write_record(header).expect("writing to memory cannot fail");
    for (place, unit) in units.iter().enumerate() {
        let chosen = |vi: &str, en: &str| match language {
            Language::Vietnamese => vi.to_owned(),
            Language::English => en.to_owned(),
        };
        let findings: Vec<_> = unit.findings.iter().map(|found| chosen(&found.vi, &found.en)).collect();
        let reasons: Vec<_> = unit.reasons.iter().map(|reason| chosen(&reason.vi, &reason.en)).collect();
        let maybe = |text: &Option<String>| text.clone().unwrap_or_default();
        let row = [
            // Of units that nobody needs to visit the place says nothing.
            if unit.reasons.is_empty() { String::new() } else { (place + 1).to_string() },
            cell(&unit.code),
            cell(&unit.name),
            unit.voters.to_string(),
            unit.stage.label(language).to_owned(),
            unit.day(Stage::Voting).to_owned(),
            unit.day(Stage::Minuted).to_owned(),
            unit.day(Stage::Counted).to_owned(),
            unit.day(Stage::Published).to_owned(),
            maybe(&unit.due_on),
            unit.days_late.map(|days| days.to_string()).unwrap_or_default(),
            unit.held.to_string(),
            unit.gaps.to_string(),
            unit.conflicts.to_string(),
            cell(&findings.join("; ")),
            unit.explained.to_string(),
            unit.notices.notices.to_string(),
            unit.notices.overdue.to_string(),
            unit.plans_overdue.to_string(),
            unit.plans_behind.to_string(),
            maybe(&unit.visits.planned_on),
            maybe(&unit.visits.made_on),
            unit.visits.open.to_string(),
            unit.visits.overdue.to_string(),
            cell(&reasons.join("; ")),
        ];
        writer.write_record(row).expect("writing to memory cannot fail");
    }
    let bytes = writer.into_inner().expect("writing to memory cannot fail");
    format!("\u{feff}{}", String::from_utf8_lossy(&bytes))
}
