//! One of each document, as an office would have them.

use crate::common::*;
use homphieu_documents::*;

pub fn samples() -> Vec<Document> {
    vec![
        Document::Ballot(ballot(7)),
        Document::Slips(slips(24, true)),
        Document::Minutes(Box::new(minutes(7))),
        Document::Notices(notices()),
        Document::Plans(plans()),
        Document::UnitReport(Box::new(unit_report(9))),
        Document::RoundReport(Box::new(round_report())),
        Document::Year(Box::new(year())),
    ]
}

pub fn slips(count: usize, specimen: bool) -> Slips {
    let code = |number: usize| format!("A7K{:01}-9QTX-{:04}-M3VW", number % 10, number);
    Slips {
        head: Head { made_on: None, ..head() },
        unit: unit(),
        specimen,
        slips: (0..count).map(|number| Slip::new(&code(number))).collect(),
    }
}

const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

pub fn letter(number: usize, low: u64) -> Letter {
    Letter {
        official: official(number),
        due_on: Some("2026-12-04".into()),
        own: Own {
            collected: 43,
            valid: 42,
            invalid: 1,
            percent_base: Base::Collected,
            base: 43,
            levels: Some(vec![share(42 - low, 43), share(0, 43), share(low, 43)]),
            invalid_lines: Some(0),
            over_half: 2 * low > 43,
            two_thirds_or_more: 3 * low >= 86,
            attended: false,
            earlier_stand: false,
        },
        earlier: Vec::new(),
        access: None,
        result: (1, Code::new(DIGEST)),
    }
}

pub fn notices() -> Notices {
    let mut with_code = letter(1, 24);
    with_code.access = Some(LetterAccess {
        address: Code::new("https://trung-tam.lan:8443/own/"),
        code: Code::new("K7QM-2XTA-9D4F"),
        scanned: Scanned::new("https://trung-tam.lan:8443/own/#K7QM-2XTA-9D4F"),
        until: Some("2026-12-31".into()),
    });
    with_code.earlier = vec![
        Earlier {
            round: "Đợt năm 2016".into(),
            unit: "Chi bộ Văn phòng".into(),
            levels: levels(),
            percent_base: Base::Valid,
            base: 30,
            shares: Some(vec![share(20, 30), share(8, 30), share(2, 30)]),
        },
        Earlier {
            round: "Đợt năm 2014".into(),
            unit: "Chi bộ Văn phòng".into(),
            levels: levels(),
            percent_base: Base::Collected,
            base: 4,
            shares: None,
        },
    ];
    let mut hidden = letter(2, 0);
    hidden.own =
        Own { collected: 4, valid: 4, invalid: 0, base: 4, levels: None, invalid_lines: None, ..hidden.own };
    Notices { head: head(), unit: unit(), letters: vec![letter(0, 2), with_code, hidden] }
}

pub fn plans() -> Plans {
    let blank = Plan { official: official(1), due_on: Some("2026-12-20".into()), content: None };
    let content = PlanContent {
        stage: "confirmed".into(),
        shortcomings: vec![
            "Chưa sâu sát cơ sở, giải quyết công việc có lúc còn chậm.".into(),
            "Việc tiếp dân ở hai xã vùng cao chưa thường xuyên.".into(),
        ],
        measures: vec![
            Measure {
                text: "Mỗi tháng xuống cơ sở ít nhất hai lần, có lịch và ghi kết quả.".into(),
                due_on: Some("2027-03-31".into()),
                done_on: None,
            },
            Measure {
                text: "Tiếp dân định kỳ ngày 15 hằng tháng.".into(),
                due_on: Some("2027-01-15".into()),
                done_on: Some("2027-01-15".into()),
            },
        ],
        progress: vec![Progress {
            on: Some("2027-01-20".into()),
            by: Some("Sùng Đại Hùng".into()),
            text: "Đã xuống Lũng Cú và Má Lé.\nCòn hai xã chưa đến.".into(),
        }],
        confirmed: Some(Confirmed { by: Some("Hoàng Văn Thịnh".into()), on: Some("2026-12-18".into()) }),
    };
    let filled = Plan { official: official(2), due_on: Some("2026-12-20".into()), content: Some(content) };
    Plans { head: head(), unit: unit(), plans: vec![blank, filled] }
}

pub fn told() -> Told {
    Told { notices: 9, in_time: 5, late: 1, waiting: 2, overdue: 1, median_days: Some(3) }
}

pub fn unit_report(officials: usize) -> UnitReport {
    let minutes = minutes(0);
    let mut result = result(officials);
    if let Some(last) = result.officials.last_mut() {
        last.levels = Some(vec![share(4, 43), share(8, 43), share(30, 43)]);
        last.over_half = true;
        last.two_thirds_or_more = true;
    }
    UnitReport {
        head: head(),
        unit: unit(),
        figures: minutes.figures,
        result,
        signs: Some(vec!["only_highest".into()]),
        facts: vec![Fact { code: "equal_marks".into(), count: 2 }],
        findings: vec![("Số phiếu thu về (43) ít hơn số phiếu phát ra (44).".into(), true)],
        notices: told(),
        proof: (1, Code::new(DIGEST)),
    }
}

pub fn round_report() -> RoundReport {
    let line = |number: u64| {
        let small = number % 9 == 4;
        UnitLine {
            unit: Unit {
                code: format!("DB{number:02}"), name: format!("Đảng bộ xã Lũng Cú số {number}")
            },
            officials: 6,
            collected: if small { 4 } else { 40 },
            valid: if small { 4 } else { 40 },
            levels: (!small).then(|| vec![share(200 - number, 240), share(30, 240), share(10 + number, 240)]),
            marks: if small { 0 } else { 240 },
            attended: number.is_multiple_of(7),
        }
    };
    RoundReport {
        head: head(),
        units_in_all: 31,
        totals: Sums {
            collected: 1180,
            valid: 1174,
            invalid: 6,
            levels: vec![share(5000, 6900), share(1500, 6900), share(380, 6900)],
            invalid_lines: 20,
            marks: 6900,
        },
        units: (1..=30).map(line).collect(),
        unpublished: vec![Unit { code: "DB31".into(), name: "Chi bộ Thi hành án".into() }],
        left_out: Vec::new(),
        small_units: Some((
            vec!["DB04".into(), "DB13".into(), "DB22".into()],
            12,
            vec![share(50, 72), share(20, 72), share(2, 72)],
        )),
        notices: told(),
        proof: (2, Code::new(DIGEST)),
    }
}

pub fn year() -> Year {
    let round = |title: &str, on: &str| YearRound {
        title: title.into(),
        published_on: on.into(),
        levels: levels(),
        proof: (1, Code::new(DIGEST)),
        unpublished: 1,
    };
    let ballots = |collected: u32| {
        Some(YearBallots {
            collected,
            valid: collected - 1,
            invalid: 1,
            percent_base: Base::Collected,
            base: u64::from(collected),
            too_few: collected < 6,
        })
    };
    let marks = |low: u64| {
        Some(YearMarks { levels: vec![share(40 - low, 42), share(1, 42), share(low, 42)], invalid_lines: 0 })
    };
    let officials = |count: usize| {
        let rounds = |number: usize| vec![if number == 2 { None } else { marks(3) }, marks(number as u64)];
        (0..count).map(|number| YearOfficial { official: official(number), rounds: rounds(number) }).collect()
    };
    let small = YearUnit {
        unit: Unit { code: "DB07".into(), name: "Chi bộ Trạm Khuyến nông".into() },
        rounds: vec![None, ballots(4)],
        officials: vec![YearOfficial { official: official(3), rounds: vec![None, None] }],
    };
    Year {
        head: Head {
            round: "Năm 2026".into(),
            training: false,
            made_on: Some("2026-11-27".into()),
            levels: Vec::new(),
        },
        year: 2026,
        rounds: vec![round("Đợt năm 2024", "2024-11-20"), round("Đợt năm 2026", "2026-11-27")],
        units: vec![
            YearUnit { unit: unit(), rounds: vec![ballots(42), ballots(42)], officials: officials(6) },
            small,
        ],
    }
}
