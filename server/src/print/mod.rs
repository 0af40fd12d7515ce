//! Pages for paper: slips, and codes for a terminal. A4, black and white, Vietnamese first, nothing from outside.

mod slips;

pub use slips::{UnitSlips, slips_html};

use qrcode::render::{svg, unicode};
use qrcode::{EcLevel, QrCode};

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

/// A QR code as an SVG element of a page; nothing if the text is too long.
fn qr_svg(text: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return String::new() };
    let svg = code
        .render::<svg::Color<'_>>()
        .module_dimensions(1, 1)
        .dark_color(svg::Color("#000"))
        .light_color(svg::Color("#fff"))
        .build();
    // The XML declaration has no place inside a page.
    svg.find("<svg").map(|at| svg[at..].to_owned()).unwrap_or_default()
}

/// Text as it may stand in a page.
fn escape(text: &str) -> String {
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

    #[test]
    fn nothing_in_a_name_can_become_markup() {
        assert_eq!(escape("<b onclick=\"x\">'&"), "&lt;b onclick=&quot;x&quot;&gt;&#39;&amp;");
    }
}
