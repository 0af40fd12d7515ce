//! Permit slips, to be cut, folded and drawn from a hat.
//!
//! A slip carries the round, the unit, the code and its QR, and no number: nothing that could be written down beside
//! a name. The codes come in random order.

use super::{TRAINING, escape, qr_svg};
use std::io::{self, Write};
use sync_core::permit::PermitCode;

/// The slips of one unit.
pub struct UnitSlips<'a> {
    /// The unit's code.
    pub code: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Permits, in random order.
    pub permits: &'a [PermitCode],
}

/// Slips on one sheet of paper: 3 across, 7 down.
const PER_PAGE: usize = 21;

/// The fold lies between QR and code, so that they face each other.
const FOLD: &str = "Gấp theo đường chấm · Fold on the dots";

const STYLE: &str = "\
@page{size:A4 portrait;margin:8mm}\
*{box-sizing:border-box}\
body{margin:0;font-family:'DejaVu Sans',Arial,sans-serif;color:#000;background:#fff}\
section+section{break-before:page}\
.cover{padding:20mm 12mm;overflow-wrap:anywhere}\
.cover h1{font-size:22pt;line-height:1.2;margin:6mm 0}\
.cover p{font-size:13pt;margin:2mm 0;line-height:1.4}\
.cover .count{font-size:34pt;font-weight:bold;margin:8mm 0}\
.cover .training{border:1.2mm solid #000;padding:3mm 6mm;font-size:28pt;font-weight:bold;text-align:center}\
.sheet{display:grid;grid-template-columns:repeat(3,1fr);grid-auto-rows:39.5mm;width:194mm}\
.slip{border:.3mm dashed #555;padding:1.5mm 2.5mm;display:grid;grid-template:auto 1fr auto/1fr 1fr;overflow:hidden}\
.slip svg{width:24mm;height:24mm;place-self:center}\
.slip .head{grid-column:1/3;font-size:7pt;line-height:1.3;min-width:0;overflow-wrap:anywhere}\
.slip .head div{overflow:hidden;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2}\
.slip .head .unit{-webkit-line-clamp:1}\
.slip .inner{border-left:.3mm dotted #555;display:grid;align-content:center;justify-items:center}\
.slip .code{font-family:'DejaVu Sans Mono','Courier New',monospace;font-size:13pt;font-weight:bold;line-height:1.3}\
.slip .fold{grid-column:1/3;font-size:5.5pt;line-height:1.2;text-align:center}\
.slip .training{border:.4mm solid #000;width:26mm;padding:.4mm;font-size:8pt;font-weight:bold;line-height:1.4;text-align:center}";

/// Writes the page. Each unit begins on a page of its own, with a cover that says how many slips there must be.
///
/// # Errors
/// Those of the writer.
pub fn slips_html(
    out: &mut impl Write,
    title: &str,
    training: bool,
    units: &[UnitSlips<'_>],
) -> io::Result<()> {
    let title = escape(title);
    writeln!(out, "<!doctype html>\n<html lang=\"vi\"><head><meta charset=\"utf-8\">")?;
    writeln!(out, "<title>Tờ mã phiếu – {title}</title><style>{STYLE}</style></head><body>")?;
    let mark = |between: &str| match training {
        true => format!("<div class=\"training\">{}</div>", TRAINING.join(between)),
        false => String::new(),
    };
    let (on_cover, on_slip) = (mark(" · "), mark("<br>"));
    for unit in units {
        cover(out, &title, &on_cover, unit)?;
        for page in unit.permits.chunks(PER_PAGE) {
            writeln!(out, "<section class=\"sheet\">")?;
            for permit in page {
                slip(out, &title, &on_slip, unit, permit)?;
            }
            writeln!(out, "</section>")?;
        }
    }
    writeln!(out, "</body></html>")
}

fn cover(out: &mut impl Write, title: &str, mark: &str, unit: &UnitSlips<'_>) -> io::Result<()> {
    let (code, name) = (escape(unit.code), escape(unit.name));
    let count = unit.permits.len();
    let pages = count.div_ceil(PER_PAGE);
    writeln!(out, "<section class=\"cover\">{mark}<h1>{code} – {name}</h1><p>{title}</p>")?;
    writeln!(out, "<p class=\"count\">{count} tờ mã phiếu · permit slips: {count}</p>")?;
    writeln!(
        out,
        "<p>{pages} trang sau trang này. Đếm đủ trước khi cắt; gấp lại để không nhìn thấy mã; không in lại được.</p>"
    )?;
    writeln!(
        out,
        "<p lang=\"en\">Pages after this one: {pages}. Count before cutting; fold so that no code can be seen; there is \
         no reprint.</p></section>"
    )
}

fn slip(
    out: &mut impl Write,
    title: &str,
    mark: &str,
    unit: &UnitSlips<'_>,
    permit: &PermitCode,
) -> io::Result<()> {
    let text = permit.reveal();
    let (code, name) = (escape(unit.code), escape(unit.name));
    // Two lines of two groups: large enough to type from, small enough to fold away.
    let half = text.len() / 2;
    let (first, second) = (&text[..half], text[half..].trim_start_matches('-'));
    writeln!(
        out,
        "<div class=\"slip\"><div class=\"head\"><div class=\"unit\"><b>{code}</b> {name}</div><div>{title}</div></div>{}<div \
         class=\"inner\">{mark}<div class=\"code\">{}<br>{}</div></div><div class=\"fold\">{FOLD}</div></div>",
        qr_svg(&text),
        first.trim_end_matches('-'),
        second
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_chacha::rand_core::SeedableRng;

    fn page(count: usize, training: bool) -> (String, Vec<PermitCode>) {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let permits: Vec<_> = (0..count).map(|_| PermitCode::draw(&mut rng)).collect();
        let unit = UnitSlips { code: "DB05", name: "Chi bộ <Thống kê>", permits: &permits };
        let mut out = Vec::new();
        slips_html(&mut out, "Đợt \"2018\"", training, &[unit]).unwrap();
        (String::from_utf8(out).unwrap(), permits)
    }

    #[test]
    fn every_permit_stands_on_one_slip_in_two_readable_halves() {
        let (html, permits) = page(43, false);
        assert_eq!(html.matches("class=\"slip\"").count(), 43);
        assert_eq!(html.matches("<section class=\"sheet\">").count(), 3, "21, 21 and 1");
        assert_eq!(html.matches("<svg").count(), 43);
        for permit in &permits {
            let text = permit.reveal();
            let halves = format!("{}<br>{}", &text[..9], &text[10..]);
            assert_eq!(html.matches(&halves).count(), 1, "{halves}");
        }
        assert!(html.contains("43 tờ mã phiếu"));
    }

    #[test]
    fn every_unit_begins_with_a_cover_that_counts_its_slips_and_pages() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let mut draw = |count: usize| (0..count).map(|_| PermitCode::draw(&mut rng)).collect::<Vec<_>>();
        let (few, many) = (draw(21), draw(22));
        let units = [
            UnitSlips { code: "A", name: "Một", permits: &few },
            UnitSlips { code: "B", name: "Hai", permits: &many },
        ];
        let mut out = Vec::new();
        slips_html(&mut out, "Đợt", false, &units).unwrap();
        let html = String::from_utf8(out).unwrap();
        let pages: Vec<&str> = html.split("<section ").skip(1).collect();
        assert_eq!(pages.len(), 5, "a cover and a page, a cover and two pages");
        for (cover, unit, slips, sheets) in [(0, "A – Một", 21, 1), (2, "B – Hai", 22, 2)] {
            assert!(pages[cover].contains(unit), "{}", pages[cover]);
            assert!(pages[cover].contains(&format!("{slips} tờ mã phiếu")));
            assert!(pages[cover].contains(&format!("Pages after this one: {sheets}.")));
            let own = &pages[cover + 1..=cover + sheets];
            assert_eq!(own.iter().map(|page| page.matches("class=\"slip\"").count()).sum::<usize>(), slips);
            assert!(own.iter().all(|page| page.contains(&format!("<b>{}</b>", &unit[..1]))));
        }
    }

    #[test]
    fn every_slip_has_the_code_of_its_own_permit() {
        let (html, permits) = page(5, false);
        for (slip, permit) in html.split("<div class=\"slip\">").skip(1).zip(&permits) {
            let text = permit.reveal();
            assert!(slip.contains(&qr_svg(&text)) && slip.contains(&text[..9]) && slip.contains(&text[10..]));
        }
    }

    #[test]
    fn a_page_needs_nothing_from_outside_and_names_stay_text() {
        let (html, _) = page(2, false);
        for outside in ["http", "src=", "href=", "<script", "@import", "url("] {
            assert!(!html.contains(outside), "{outside}");
        }
        assert!(html.contains("Chi bộ &lt;Thống kê&gt;") && html.contains("Đợt &quot;2018&quot;"));
    }

    #[test]
    fn training_slips_say_so_on_every_slip() {
        let (html, _) = page(5, true);
        assert_eq!(html.matches("TẬP HUẤN · TRAINING</div>").count(), 1, "the cover");
        assert_eq!(html.matches("TẬP HUẤN<br>TRAINING</div>").count(), 5, "the slips");
        assert!(!page(5, false).0.contains("TẬP HUẤN"));
    }

    #[test]
    fn no_slip_carries_a_number() {
        let (html, permits) = page(30, false);
        let mut slips = html.split("<div class=\"slip\">").skip(1);
        let first = slips.next().unwrap();
        let without = |slip: &str, permit: &PermitCode| {
            let text = permit.reveal();
            let at = slip.find("<svg").unwrap()..slip.find("</svg>").unwrap();
            let mut slip = slip.to_owned();
            slip.replace_range(at, "");
            slip.replace(&text[..9], "").replace(&text[10..], "")
        };
        let plain = without(first, &permits[0]);
        for (slip, permit) in slips.zip(&permits[1..]).take(19) {
            assert_eq!(without(slip, permit), plain, "apart from the code all slips are alike");
        }
    }
}
