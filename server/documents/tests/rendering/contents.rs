//! What each document says.

use crate::common::*;
use crate::samples::*;
use homphieu_documents::*;

/// The text of a document with every space taken out, for lines end where the page wants.
fn text(document: &Document, language: Language) -> String {
    dense(&text_of(&pdf(document, language).expect("a document")).join("\n"))
}

fn dense(text: &str) -> String {
    text.split_whitespace().collect()
}

fn says(text: &str, what: &str) -> bool {
    text.contains(&dense(what))
}

#[test]
fn a_ballot_has_a_box_for_every_level_and_nothing_that_tells_it_from_another() {
    let said = text(&Document::Ballot(ballot(3)), Language::Vietnamese);
    for what in [
        "PHIẾU ĐÁNH GIÁ",
        "Có quyết liệt, thường xuyên và hiệu quả",
        "Không quyết liệt",
        "Dấu của Ban kiểm phiếu",
    ] {
        assert!(says(&said, what), "{what}: {said}");
    }
    assert!(!says(&said, "CB001") && !says(&said, "2026-11"), "{said}");
    let other = BallotForm { head: Head { made_on: None, ..head() }, ..ballot(3) };
    assert!(!says(&text(&Document::Ballot(other), Language::Vietnamese), "ngày"));
}

#[test]
fn minutes_say_who_counted_what_and_what_they_rest_on() {
    let said = text(&Document::Minutes(Box::new(minutes(3))), Language::English);
    let wanted = [
        "Hoàng Văn Thịnh",
        "Head of the counting committee",
        "Not returned",
        "not settled",
        "00112233445566778899aabbccddeeff",
        "Ballots collected: 43; valid: 42; invalid: 1",
        "one code, different marks: 1",
        "38 (88.37%)",
        "Percentages refer to the ballots collected: 43.",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "(signature and full name)",
    ];
    for what in wanted {
        assert!(says(&said, what), "{what}: {said}");
    }
    let without = Minutes { result: None, ..minutes(0) };
    assert!(says(
        &text(&Document::Minutes(Box::new(without)), Language::English),
        "The result is not published yet."
    ));
}

#[test]
fn a_letter_tells_the_own_result_and_nobody_elses() {
    let all = notices();
    for place in 0..all.letters.len() {
        let one = Notices { letters: vec![all.letters[place].clone()], ..all.clone() };
        let said = text(&Document::Notices(one), Language::Vietnamese);
        for (other, letter) in all.letters.iter().enumerate() {
            assert_eq!(says(&said, &letter.official.name), other == place, "{said}");
        }
    }
}

#[test]
fn a_letter_of_a_small_unit_has_no_figure_by_level_no_flag_and_no_chart() {
    let mut hidden = notices();
    hidden.letters.drain(..2);
    let said = text(&Document::Notices(hidden), Language::Vietnamese);
    assert!(says(&said, "Quá ít phiếu hợp lệ"), "{said}");
    for what in ["%", "quá nửa", "hai phần ba", "Không quyết liệt", "Có quyết liệt"] {
        assert!(!says(&said, what), "{what}: {said}");
    }
}

#[test]
fn flags_base_code_and_earlier_rounds_stand_in_the_letter() {
    let mut one = notices();
    one.letters = vec![one.letters.remove(1)];
    let said = text(&Document::Notices(one), Language::Vietnamese);
    let wanted = [
        "quá nửa",
        "55,81%",
        "Tỷ lệ phần trăm tính trên tổng số phiếu thu về: 43 phiếu.",
        "K7QM-2XTA-9D4F",
        "https://trung-tam.lan:8443/own/",
        "Đợt năm 2016",
        "66,67%",
        "số phiếu hợp lệ: 30",
        "Đợt năm 2014",
        "quá ít phiếu",
        "04/12/2026",
    ];
    for what in wanted {
        assert!(says(&said, what), "{what}: {said}");
    }
    assert!(!says(&said, "hai phần ba"));
}

#[test]
fn a_base_of_nothing_has_a_dash_and_no_percentage() {
    let none = || Share { count: 0, percent: None };
    let mut one = notices();
    one.letters.truncate(1);
    one.letters[0].own.base = 0;
    one.letters[0].own.levels = Some(vec![none(), none(), none()]);
    let said = text(&Document::Notices(one), Language::English);
    assert!(said.contains("0–") && !said.contains('%'), "{said}");
}

#[test]
fn specimens_are_marked_across_every_page_and_real_slips_are_not() {
    for (specimen, marks) in [(true, 3), (false, 0)] {
        let document = Document::Slips(slips(24, specimen));
        let pages = text_of(&pdf(&document, Language::English).unwrap());
        assert_eq!(pages.len(), 3, "a cover, 21 slips, 3 slips");
        assert_eq!(pages.iter().filter(|page| page.contains("SPECIMEN")).count(), marks, "{pages:?}");
    }
}

#[test]
fn every_slip_has_its_code_once_and_no_number() {
    let document = Document::Slips(slips(24, false));
    let said = text(&document, Language::Vietnamese);
    for number in 0..24 {
        let half = format!("{number:04}-M3VW");
        assert_eq!(said.matches(&half).count(), 1, "{half}");
    }
    assert!(says(&said, "24 tờ mã phiếu") && says(&said, "2 trang sau trang này"));
}

#[test]
fn a_plan_can_be_written_by_hand_or_stands_as_it_is() {
    let said = text(&Document::Plans(plans()), Language::Vietnamese);
    for what in [
        "1. Hạn chế, khuyết điểm",
        "20/12/2026",
        "Chưa sâu sát cơ sở",
        "15/01/2027",
        "đã xác nhận, đang thực hiện",
        "Còn hai xã chưa đến.",
    ] {
        assert!(says(&said, what), "{what}: {said}");
    }
}

#[test]
fn reports_name_sums_flags_signs_and_what_is_left_out() {
    let said = text(&Document::UnitReport(Box::new(unit_report(9))), Language::English);
    for what in [
        "“Not decisive”: two thirds or more.",
        "There is no mark below the highest level.",
        "Notices: 9; 5 in time",
    ] {
        assert!(says(&said, what), "{what}: {said}");
    }
    let said = text(&Document::RoundReport(Box::new(round_report())), Language::English);
    for what in [
        "Small units as one sum (DB04, DB13, DB22; valid ballots: 12)",
        "DB31 – Chi bộ Thi hành án",
        "72.46%",
        "too few ballots",
    ] {
        assert!(says(&said, what), "{what}: {said}");
    }
}

#[test]
fn a_year_has_figures_and_no_verdict() {
    for language in Language::ALL {
        let said = text(&Document::Year(Box::new(year())), language);
        for what in ["over half", "two thirds", "quá nửa", "hai phần ba"] {
            assert!(!says(&said, what), "{what}");
        }
        assert!(
            says(
                &said,
                if language == Language::English {
                    "percentages of 42 collected"
                } else {
                    "tỷ lệ tính trên 42 phiếu thu về"
                }
            ),
            "{said}"
        );
    }
}

#[test]
fn training_is_marked_on_every_kind_of_document() {
    for document in samples() {
        let mut data = serde_json::to_value(&document).unwrap();
        data["head"]["training"] = true.into();
        let marked: Document = match &document {
            Document::Ballot(_) => Document::Ballot(serde_json::from_value(data).unwrap()),
            Document::Minutes(_) => Document::Minutes(serde_json::from_value(data).unwrap()),
            Document::Notices(_) => Document::Notices(serde_json::from_value(data).unwrap()),
            Document::Slips(_) => Document::Slips(serde_json::from_value(data).unwrap()),
            _ => continue,
        };
        assert!(says(&text(&marked, Language::Vietnamese), "TẬP HUẤN"), "{}", document.name());
        assert!(!says(&text(&document, Language::Vietnamese), "TẬP HUẤN"), "{}", document.name());
    }
}
