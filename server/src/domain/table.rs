//! Results as CSV: one row per official, and apart from them the sums, so that nobody adds a sum to what it sums up.

use super::figures::{RoundFigures, Share};
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

/// The sums of a round as CSV, in the same form: a row for all published units together, and one for the small units whose
/// levels are shown as one sum alone. Bases are marks on valid ballots. Nothing is summed here: whatever a small group would
/// show is left out of the figures already.
pub fn sums_csv(figures: &RoundFigures) -> String {
    let mut header: Vec<String> =
        ["sum_of", "units", "left_out", "collected", "valid", "invalid", "percent_base", "base"]
            .map(Into::into)
            .into();
    for level in &figures.levels {
        header.push(level.code.clone());
        header.push(format!("{}_percent", level.code));
    }
    header.push("invalid_lines".to_owned());
    let row = |sum_of: &str, units: &[String], left_out: &[String], ballots: [String; 3], sum: Sum<'_>| {
        let base = sum.levels.iter().map(|share| share.count).sum::<u64>() + sum.invalid_lines;
        let mut row = vec![sum_of.to_owned(), defused(&units.join(" ")), defused(&left_out.join(" "))];
        row.extend(ballots);
        row.extend(["marks".to_owned(), base.to_string()]);
        row.extend(sum.levels.iter().flat_map(|share| {
            [share.count.to_string(), share.percent.clone().unwrap_or_else(|| "–".to_owned())]
        }));
        row.push(sum.invalid_lines.to_string());
        row
    };
    let totals = &figures.totals;
    let units: Vec<String> = figures.units.iter().map(|unit| unit.code.clone()).collect();
    let ballots = [totals.collected, totals.valid, totals.invalid].map(|count| count.to_string());
    let sum = Sum { levels: &totals.levels, invalid_lines: totals.invalid_lines };
    let mut rows = vec![header, row("published_units", &units, &totals.left_out, ballots, sum)];
    if let Some(small) = &figures.small_units {
        let ballots = [String::new(), small.valid.to_string(), String::new()];
        let sum = Sum { levels: &small.levels, invalid_lines: small.invalid_lines };
        rows.push(row("small_units", &small.units, &[], ballots, sum));
    }
    written(&rows)
}

/// Marks of many officials together.
struct Sum<'a> {
    levels: &'a [Share],
    invalid_lines: u64,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::figures::{LevelLabel, SmallUnits, TotalFigures};

    fn share(level: &str, count: u64, percent: &str) -> Share {
        Share { level: level.to_owned(), count, percent: Some(percent.to_owned()) }
    }

    fn figures(small_units: Option<SmallUnits>) -> RoundFigures {
        let level = |code: &str| LevelLabel { code: code.to_owned(), vi: String::new(), en: String::new() };
        RoundFigures {
            title: String::new(),
            mode: "official",
            order: 1,
            digest: String::new(),
            levels: vec![level("high"), level("low")],
            units: Vec::new(),
            unpublished: Vec::new(),
            small_units,
            totals: TotalFigures {
                collected: 31,
                valid: 30,
                invalid: 1,
                levels: vec![share("high", 40, "66.67"), share("low", 18, "30.00")],
                invalid_lines: 2,
                left_out: vec!["S".to_owned()],
            },
        }
    }

    #[test]
    fn sums_are_a_table_of_their_own_and_no_sum_is_a_row_of_officials() {
        let small = SmallUnits {
            units: vec!["P".to_owned(), "Q".to_owned()],
            valid: 9,
            levels: vec![share("high", 9, "50.00"), share("low", 9, "50.00")],
            invalid_lines: 0,
        };
        let both = figures(Some(small));
        let lines: Vec<String> =
            sums_csv(&both).trim_start_matches('\u{feff}').lines().map(str::to_owned).collect();
        assert_eq!(
            lines,
            [
                "sum_of,units,left_out,collected,valid,invalid,percent_base,base,high,high_percent,low,low_percent,invalid_lines",
                "published_units,,S,31,30,1,marks,60,40,66.67,18,30.00,2",
                "small_units,P Q,,,9,,marks,18,9,50.00,9,50.00,0",
            ]
        );
        assert_eq!(csv(&both).lines().count(), 1, "the table of officials has officials alone");
        assert_eq!(sums_csv(&figures(None)).lines().count(), 2, "without small units there is one sum");
    }
}
