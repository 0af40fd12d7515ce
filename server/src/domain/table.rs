//! Results as CSV, one row per official.

use super::figures::RoundFigures;
use homphieu_documents::defused;

/// The figures as CSV (UTF-8 with byte order mark, so that spreadsheets read the accents; RFC 4180 quoting).
pub fn csv(figures: &RoundFigures) -> String {
    let mut header: Vec<String> =
        ["unit_code", "unit_name", "official_code", "full_name", "post"].map(Into::into).into();
    header.extend(
        ["collected", "valid", "invalid", "invalid_by_reason", "percent_base", "base"].map(Into::into),
    );
    for level in &figures.levels {
        header.push(level.code.clone());
        header.push(format!("{}_percent", level.code));
    }
    header.extend(["invalid_lines", "over_half", "two_thirds_or_more", "note"].map(Into::into));
    let mut rows = vec![header];
    for unit in &figures.units {
        for official in &unit.officials {
            let mut row: Vec<String> =
                [&unit.code, &unit.name, &official.code, &official.name, &official.post]
                    .map(|t| defused(t))
                    .into();
            row.extend([unit.collected, unit.valid, unit.invalid].map(|n| n.to_string()));
            let reasons = unit.invalid_by_reason.iter().map(|r| format!("{}:{}", r.code, r.count));
            row.push(reasons.collect::<Vec<_>>().join(" "));
            row.extend([unit.percent_base.to_owned(), unit.base.to_string()]);
            match &official.levels {
                Some(shares) => row.extend(shares.iter().flat_map(|share| {
                    [share.count.to_string(), share.percent.clone().unwrap_or_else(|| "–".to_owned())]
                })),
                None => row.extend(figures.levels.iter().flat_map(|_| [String::new(), String::new()])),
            }
            row.push(official.invalid_lines.map(|n| n.to_string()).unwrap_or_default());
            row.push(official.over_half.map(|yes| yes.to_string()).unwrap_or_default());
            row.push(official.two_thirds_or_more.map(|yes| yes.to_string()).unwrap_or_default());
            let note = [
                unit.too_few_ballots.then_some("too_few_ballots"),
                unit.attended.then_some("attended"),
                unit.earlier_figures_stand.then_some("earlier_figures_stand"),
            ];
            row.push(note.into_iter().flatten().collect::<Vec<_>>().join(" "));
            rows.push(row);
        }
    }
    written(&rows)
}

/// Rows as a file.
pub(super) fn written(rows: &[Vec<String>]) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).expect("writing to memory cannot fail");
    }
    let bytes = writer.into_inner().expect("writing to memory cannot fail");
    format!("\u{feff}{}", String::from_utf8_lossy(&bytes))
}

/// A text cell that no spreadsheet takes for a formula.
pub fn cell(text: &str) -> String {
    defused(text)
}
