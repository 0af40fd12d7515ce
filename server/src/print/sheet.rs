//! A unit's sheet as it is posted beside the ballot box: who is rated, how many vote, and the digits by which the
//! team proves that its tablet holds this very sheet.

use super::{TRAINING, escape};
use std::io::{self, Write};
use sync_core::fingerprint;
use sync_core::id::SheetHash;
use sync_core::package::Sheet;

/// What is posted for one unit.
#[derive(Debug, Clone, Copy)]
pub struct SheetPage<'a> {
    /// The round's title.
    pub title: &'a str,
    /// Whether it is a training round.
    pub training: bool,
    /// The unit's name; the sheet itself has only its code.
    pub unit: &'a str,
    /// The sheet.
    pub sheet: &'a Sheet,
    /// Number of the replacement that brought this sheet, and the sheet that no longer holds.
    pub replaces: Option<(u32, SheetHash)>,
}

const STYLE: &str = "\
@page{size:A4 portrait;margin:15mm}\
*{box-sizing:border-box}\
body{margin:0;font-family:'DejaVu Sans',Arial,sans-serif;font-size:10.5pt;line-height:1.35;color:#000;background:#fff;\
overflow-wrap:anywhere}\
h1{font-size:18pt;line-height:1.2;margin:2mm 0}\
h2{font-size:12pt;margin:7mm 0 2mm;break-after:avoid}\
p{margin:1.5mm 0}\
.training{border:1mm solid #000;padding:2mm;font-size:20pt;font-weight:bold;text-align:center;margin-bottom:4mm}\
.replaces{border:.5mm solid #000;padding:2mm 3mm;margin:3mm 0}\
.digits{border:.5mm solid #000;padding:3mm;display:grid;grid-template-columns:repeat(3,1fr);gap:2mm 6mm;width:130mm;\
break-inside:avoid}\
.digits div{font-family:'DejaVu Sans Mono','Courier New',monospace;font-size:21pt;font-weight:bold;white-space:nowrap}\
.digits small{font-size:9pt;font-weight:normal;margin-right:2mm}\
table{border-collapse:collapse;width:99.8%}\
thead{display:table-header-group}\
tr{break-inside:avoid}\
th,td{border:.2mm solid #000;padding:1mm 2mm;text-align:left;vertical-align:top}\
th:first-child,td:first-child{width:11mm;text-align:right}\
.voters{columns:3;column-gap:6mm;margin:0;padding-left:9mm}\
.voters li{break-inside:avoid}";

/// Writes the page.
///
/// # Errors
/// Those of the writer.
pub fn sheet_page(out: &mut impl Write, page: &SheetPage<'_>) -> io::Result<()> {
    let sheet = page.sheet;
    let (title, unit, code) = (escape(page.title), escape(page.unit), escape(sheet.unit.as_str()));
    writeln!(out, "<!doctype html>\n<html lang=\"vi\"><head><meta charset=\"utf-8\">")?;
    writeln!(out, "<title>{code} – {title}</title><style>{STYLE}</style></head><body>")?;
    if page.training {
        writeln!(out, "<div class=\"training\">{}</div>", TRAINING.join(" · "))?;
    }
    writeln!(out, "<p>{title}</p><h1>{code} – {unit}</h1>")?;
    writeln!(
        out,
        "<p>Số người ghi phiếu · <span lang=\"en\">Voters</span>: <b>{}</b><br>{}</p>",
        sheet.voters,
        voting(sheet)
    )?;
    replaces(out, page.replaces)?;
    digits(out, sheet)?;
    officials(out, sheet)?;
    voters(out, sheet)?;
    writeln!(out, "</body></html>")
}

fn voting(sheet: &Sheet) -> String {
    match sheet.permits.len() {
        0 => "Tổ kiểm phiếu mở từng phiếu, không dùng tờ mã · <span lang=\"en\">the team unlocks each ballot, no \
              slips</span>"
            .to_owned(),
        count => format!("Tờ mã phiếu đã in · <span lang=\"en\">Permit slips printed</span>: <b>{count}</b>"),
    }
}

/// Which earlier page must come off the wall.
fn replaces(out: &mut impl Write, replaces: Option<(u32, SheetHash)>) -> io::Result<()> {
    let Some((number, old)) = replaces else { return Ok(()) };
    let old = fingerprint::line(&old.0);
    writeln!(
        out,
        "<div class=\"replaces\"><b>Danh sách thay thế lần {number} · <span lang=\"en\">Replacement {number}</span></b><br>\
         Trang có dãy số {old} không còn giá trị: gỡ xuống và hủy.<br><span lang=\"en\">The page with those digits no longer \
         holds: take it down and destroy it.</span></div>"
    )
}

/// The hash in the groups that the team compares, and two of which it types.
fn digits(out: &mut impl Write, sheet: &Sheet) -> io::Result<()> {
    writeln!(out, "<h2>Dãy số kiểm tra · <span lang=\"en\">Check digits</span></h2><div class=\"digits\">")?;
    for (number, group) in (1..).zip(fingerprint::groups(&sheet.hash().0)) {
        writeln!(out, "<div><small>{number}</small>{group}</div>")?;
    }
    writeln!(
        out,
        "</div><p>So từng nhóm số với máy tính bảng trước khi bắt đầu; máy yêu cầu gõ hai nhóm. Nếu khác một chữ số: \
         dừng lại và báo cấp trên.</p>\n<p lang=\"en\">Compare each group with the tablet before you begin; it asks for \
         two of them. If one digit differs, stop and report it.</p>"
    )
}

fn officials(out: &mut impl Write, sheet: &Sheet) -> io::Result<()> {
    writeln!(
        out,
        "<h2>Danh sách lấy phiếu · <span lang=\"en\">Officials on the ballot</span> ({})</h2>\n<table><thead><tr><th>TT\
         <th>Mã · <span lang=\"en\">Code</span><th>Họ và tên · <span lang=\"en\">Name</span><th>Chức vụ · \
         <span lang=\"en\">Post</span></thead><tbody>",
        sheet.officials.len()
    )?;
    for (place, official) in (1..).zip(&sheet.officials) {
        let (code, name, post) = (escape(&official.code), escape(&official.name), escape(&official.post));
        writeln!(out, "<tr><td>{place}<td>{code}<td>{name}<td>{post}")?;
    }
    writeln!(out, "</tbody></table>")
}

/// The names of the voters under their numbers, where the sheet has them.
fn voters(out: &mut impl Write, sheet: &Sheet) -> io::Result<()> {
    if sheet.voter_names.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<h2>Người ghi phiếu · <span lang=\"en\">Voters</span> ({})</h2><ol class=\"voters\">",
        sheet.voter_names.len()
    )?;
    for name in &sheet.voter_names {
        writeln!(out, "<li>{}", escape(name))?;
    }
    writeln!(out, "</ol>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync_core::id::{Commitment, RoundId, UnitCode};
    use sync_core::package::Official;

    fn sheet(permits: usize, names: &[&str]) -> Sheet {
        let official = |code: &str, name: &str, post: &str| Official {
            code: code.to_owned(),
            name: name.to_owned(),
            post: post.to_owned(),
        };
        Sheet {
            round: RoundId([7; 16]),
            unit: UnitCode::new("DB05").unwrap(),
            officials: vec![
                official("B2", "Ba <b>", "Bí thư"),
                official("B1", "Tư", "Phó Bí thư & Chủ tịch"),
            ],
            voters: 4,
            voter_names: names.iter().map(|&name| name.to_owned()).collect(),
            team: Vec::new(),
            permits: (0..permits).map(|i| Commitment([u8::try_from(i).unwrap(); 16])).collect(),
        }
    }

    fn page(sheet: &Sheet, training: bool) -> String {
        let mut out = Vec::new();
        let (title, unit) = ("Đợt \"2018\"", "Chi bộ <Thống kê>");
        let page = SheetPage { title, training, unit, sheet, replaces: None };
        sheet_page(&mut out, &page).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_page_shows_the_digits_that_the_tablet_asks_for_in_their_order() {
        let sheet = sheet(7, &[]);
        let html = page(&sheet, false);
        let mut rest = html.as_str();
        for (number, group) in (1..).zip(fingerprint::groups(&sheet.hash().0)) {
            let shown = format!("<small>{number}</small>{group}</div>");
            rest = rest.split_once(&shown).expect("every group, in order").1;
        }
        let mut other = sheet;
        other.officials.swap(0, 1);
        assert_ne!(page(&other, false).split("</table>").next(), html.split("</table>").next());
        let group = &fingerprint::groups(&other.hash().0)[0];
        assert!(!html.contains(&format!("<small>1</small>{group}")), "another order is another sheet");
    }

    #[test]
    fn officials_stand_in_the_order_of_the_ballot_and_names_stay_text() {
        let html = page(&sheet(7, &["Năm", "Sáu & Bảy", "Tám", "<script>"]), false);
        let first = html.find("<td>1<td>B2<td>Ba &lt;b&gt;<td>Bí thư").unwrap();
        let second = html.find("<td>2<td>B1<td>Tư<td>Phó Bí thư &amp; Chủ tịch").unwrap();
        assert!(first < second);
        assert!(html.contains("DB05 – Chi bộ &lt;Thống kê&gt;") && html.contains("Đợt &quot;2018&quot;"));
        assert!(html.contains("<li>Sáu &amp; Bảy") && html.contains("<li>&lt;script&gt;"));
        for outside in ["http", "src=", "href=", "<script", "@import", "url("] {
            assert!(!html.contains(outside), "{outside}");
        }
    }

    #[test]
    fn the_page_says_how_the_unit_votes_and_whether_it_is_training() {
        let permits = page(&sheet(7, &[]), false);
        assert!(permits.contains("Permit slips printed</span>: <b>7</b>") && permits.contains("<b>4</b>"));
        assert!(!permits.contains(TRAINING[0]) && !permits.contains("<ol"));
        let attended = page(&sheet(0, &[]), true);
        assert!(attended.contains("the team unlocks each ballot") && !attended.contains("slips printed"));
        assert_eq!(attended.matches("TẬP HUẤN · TRAINING").count(), 1);
    }

    #[test]
    fn a_replacement_names_the_digits_of_the_page_that_no_longer_holds() {
        let sheet = sheet(7, &[]);
        let old = SheetHash([9; 32]);
        let mut out = Vec::new();
        let page =
            SheetPage {
                title: "Đợt", training: false, unit: "A", sheet: &sheet, replaces: Some((2, old))
            };
        sheet_page(&mut out, &page).unwrap();
        let html = String::from_utf8(out).unwrap();
        assert!(html.contains("Replacement 2") && html.contains(&fingerprint::line(&old.0)));
        assert!(!html.contains(&format!("</small>{}</div>", fingerprint::groups(&old.0)[0])), "{html}");
    }

    #[test]
    fn no_permit_leaves_a_trace_on_the_page() {
        let sheet = sheet(3, &[]);
        let mut other = sheet.clone();
        other.permits[2].0 = [9; 16];
        // The commitments enter only through the hash.
        let without_digits =
            |html: &str| html.lines().filter(|line| !line.contains("<small>")).collect::<Vec<_>>().join("\n");
        assert_eq!(without_digits(&page(&sheet, false)), without_digits(&page(&other, false)));
    }
}
