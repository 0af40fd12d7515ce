//! Pages for paper: slips, a unit's sheet to post, and codes for a terminal. A4, black and white, Vietnamese first,
//! nothing from outside.

mod sheet;
mod slips;

pub use sheet::{SheetPage, sheet_page};
pub use slips::{UnitSlips, slips_html};

use qrcode::render::unicode;
use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write;

/// Light modules around a code, without which scanners do not find it.
const QUIET: usize = 4;

/// What stands on every paper of a training round.
const TRAINING: [&str; 2] = ["TẬP HUẤN", "TRAINING"];

/// A QR code in half blocks, light on dark as terminals are, with its quiet zone. The text itself if it is too long.
pub fn qr_terminal(text: &str) -> String {
    match QrCode::with_error_correction_level(text, EcLevel::L) {
        Ok(code) => code
            .render::<unicode::Dense1x2>()
            .dark_color(unicode::Dense1x2::Light)
            .light_color(unicode::Dense1x2::Dark)
            .build(),
        Err(_) => text.to_owned(),
    }
}

/// A QR code as an SVG element of a page, dark modules as one path of runs; nothing if the text is too long.
fn qr_svg(text: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return String::new() };
    let (width, modules) = (code.width(), code.to_colors());
    let side = width + 2 * QUIET;
    let mut svg = format!("<svg viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\"><path d=\"");
    for (y, row) in modules.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] == Color::Dark {
                let (length, x, y) = (run.len(), x + QUIET, y + QUIET);
                // Writing to a string cannot fail.
                let _ = write!(svg, "M{x} {y}h{length}v1h-{length}z");
            }
            x += run.len();
        }
    }
    svg.push_str("\"/></svg>");
    svg
}

/// The same as a picture by itself, for a page that shows it on white.
pub(crate) fn qr_picture(text: &str) -> String {
    qr_svg(text).replacen("<svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"", 1)
}

/// Text as it may stand in a page.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_code_has_a_quiet_zone_and_one_width() {
        let code = qr_terminal("ABCD-EFGH-JKMN-PQRS");
        let widths: Vec<usize> = code.lines().map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|width| *width == widths[0]), "{widths:?}");
        let first = code.lines().next().unwrap();
        assert!(first.chars().all(|c| c == first.chars().next().unwrap()), "the quiet zone is even");
        let long = "x".repeat(5_000);
        assert_eq!(qr_terminal(&long), long, "what no code can hold is shown as text");
    }

    /// The modules that the path of an SVG code paints, read back from its text.
    fn painted(svg: &str) -> (usize, Vec<(usize, usize)>) {
        let number = |text: &str| text.parse::<usize>().unwrap();
        let side = svg.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap();
        let path = svg.split("d=\"M").nth(1).unwrap().split("z\"/>").next().unwrap();
        let runs = path.split("zM").flat_map(|run| {
            let (place, size) = run.split_once('h').unwrap();
            let (x, y) = place.split_once(' ').unwrap();
            let (length, back) = size.split_once("v1h-").unwrap();
            assert_eq!(length, back);
            let (x, y) = (number(x), number(y));
            (x..x + number(length)).map(move |x| (x, y))
        });
        (number(side), runs.collect())
    }

    #[test]
    fn a_code_on_paper_paints_exactly_the_dark_modules_of_its_text() {
        for text in ["ABCD-EFGH-JKMN-PQRS", "0000-0000-0000-0000", "a longer text, in a larger code"] {
            let (side, painted) = painted(&qr_svg(text));
            let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
            assert_eq!(side, code.width() + 8, "four light modules on each side");
            let dark = |(x, y): (usize, usize)| {
                (4..side - 4).contains(&x)
                    && (4..side - 4).contains(&y)
                    && code[(x - 4, y - 4)] == Color::Dark
            };
            let all = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
            assert_eq!(painted, all.filter(|place| dark(*place)).collect::<Vec<_>>());
        }
        assert_eq!(qr_svg(&"x".repeat(5_000)), "");
    }

    #[test]
    fn a_terminal_code_shows_exactly_the_dark_modules_of_its_text() {
        let text = "ABCD-EFGH-JKMN-PQRS";
        let code = QrCode::with_error_correction_level(text, EcLevel::L).unwrap();
        let lines: Vec<Vec<char>> = qr_terminal(text).lines().map(|line| line.chars().collect()).collect();
        let lit = |x: usize, y: usize| match lines[y / 2][x] {
            '█' => true,
            '▀' => y.is_multiple_of(2),
            '▄' => !y.is_multiple_of(2),
            ' ' => false,
            other => panic!("{other:?}"),
        };
        for y in 0..code.width() {
            for x in 0..code.width() {
                assert_eq!(lit(x + QUIET, y + QUIET), code[(x, y)] == Color::Light, "{x} {y}");
            }
        }
    }

    #[test]
    fn nothing_in_a_name_can_become_markup() {
        assert_eq!(escape("<b onclick=\"x\">'&"), "&lt;b onclick=&quot;x&quot;&gt;&#39;&amp;");
    }
}
