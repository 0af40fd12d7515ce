//! Samples, and ways to look at what came out.

use homphieu_documents::*;
use typst_layout::PagedDocument;

pub fn head() -> Head {
    Head {
        round: "Đợt lấy phiếu đánh giá mức độ quyết liệt năm 2018".into(),
        training: false,
        made_on: Some("2026-11-27".into()),
        levels: levels(),
    }
}

pub fn levels() -> Vec<Level> {
    [
        ("Có quyết liệt, thường xuyên và hiệu quả", "Decisive, consistent and effective"),
        ("Có quyết liệt nhưng không thường xuyên", "Decisive but not consistent"),
        ("Không quyết liệt", "Not decisive"),
    ]
    .map(|(vi, en)| Level { vi: vi.into(), en: en.into() })
    .into()
}

pub fn unit() -> Unit {
    Unit { code: "DB05".into(), name: "Chi bộ Ban Quản lý dự án đầu tư và xây dựng".into() }
}

pub fn official(number: usize) -> RatedOfficial {
    let names = ["Vàng Mí Một", "Nguyễn Thị Ngọc Ánh", "Sùng Đại Hùng", "Lý Thị Ỷ", "Phạm Quỳnh Nhưỡng"];
    let posts = [
        "Bí thư Huyện ủy",
        "Phó Bí thư Thường trực, Chủ tịch Hội đồng nhân dân huyện",
        "Ủy viên Ban Thường vụ",
    ];
    RatedOfficial {
        code: format!("CB{number:03}"),
        name: names[number % names.len()].into(),
        post: posts[number % posts.len()].into(),
    }
}

pub fn share(count: u64, base: u64) -> Share {
    let hundredths = (count * 20_000 + base) / (2 * base);
    Share { count, percent: Some(format!("{}.{:02}", hundredths / 100, hundredths % 100)) }
}

pub fn result(officials: usize) -> UnitResult {
    let line = |number: usize| {
        let low = (number as u64) % 40;
        OfficialResult {
            official: official(number),
            levels: Some(vec![share(40 - low, 43), share(2, 43), share(low, 43)]),
            invalid_lines: Some(0),
            over_half: 2 * low > 43,
            two_thirds_or_more: 3 * low >= 2 * 43,
        }
    };
    UnitResult {
        collected: 43,
        valid: 42,
        invalid: 1,
        reasons: vec![Fact { code: "conflicting".into(), count: 1 }],
        percent_base: Base::Collected,
        base: 43,
        too_few: false,
        attended: false,
        earlier_stand: false,
        officials: (0..officials).map(line).collect(),
    }
}

pub fn ballot(officials: usize) -> BallotForm {
    BallotForm { head: head(), unit: unit(), officials: (0..officials).map(official).collect() }
}

pub fn minutes(officials: usize) -> Minutes {
    let member = |post: &str, name: &str| CommitteeMember { post: post.into(), name: name.into() };
    let figure = |code: &str, count| Figure { code: code.into(), count };
    let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    Minutes {
        head: head(),
        unit: unit(),
        committee: vec![
            member("meeting_chair", "Hoàng Văn Thịnh"),
            member("counting_head", "Giàng Thị Mỷ"),
            member("counting_member", "Lò Văn Ếch"),
        ],
        figures: vec![
            figure("summoned", Some(45)),
            figure("present", Some(44)),
            figure("printed", Some(50)),
            figure("issued", Some(44)),
            figure("used_slips", Some(43)),
            figure("spoiled", Some(1)),
            figure("left_over", Some(6)),
            figure("not_returned", None),
        ],
        tablets: vec![Tablet {
            label: "Máy 1".into(),
            device: Code::new("00112233445566778899aabbccddeeff"),
            total: Some(43),
        }],
        result: Some(result(officials)),
        notes: vec!["Mất điện lúc 9 giờ; hội nghị nghỉ 15 phút.\nTiếp tục lúc 9 giờ 15.".into()],
        versions: vec![Version {
            hash: Code::new(hash),
            signed: vec![member("meeting_chair", "Hoàng Văn Thịnh"), member("counting_head", "Giàng Thị Mỷ")],
            corrected: false,
        }],
        proof: Proof {
            package: Code::new(hash),
            minutes: Code::new(hash),
            result: Some((1, Code::new(hash))),
            scanned: Scanned::new(format!("homphieu:minutes:DB05:{hash}:{hash}")),
            program: Code::new("0.1.0"),
        },
    }
}

/// Folder for pictures, if somebody wants to look at them.
fn pictures() -> Option<std::path::PathBuf> {
    std::env::var_os("HOMPHIEU_PICTURES").map(Into::into)
}

/// The pages as pictures, in dots of a tenth of a millimetre or so; kept if a folder is named for it.
pub fn pictures_of(name: &str, pages: &PagedDocument) -> Vec<Picture> {
    let dots = 2.0;
    let mut pictures_made = Vec::new();
    for (number, page) in (1..).zip(pages.pages()) {
        let drawn = typst_render::render(
            page,
            &typst_render::RenderOptions { pixel_per_pt: dots.into(), ..Default::default() },
        );
        if let Some(folder) = pictures() {
            std::fs::create_dir_all(&folder).expect("a folder");
            let picture = drawn.encode_png().expect("a picture");
            std::fs::write(folder.join(format!("{name}-{number}.png")), picture).expect("a file");
        }
        let ink = drawn.pixels().iter().map(|pixel| 255 - pixel.green()).collect();
        let grey =
            drawn.pixels().iter().all(|pixel| pixel.red() == pixel.green() && pixel.green() == pixel.blue());
        pictures_made.push(Picture { width: drawn.width() as usize, ink, grey });
    }
    pictures_made
}

/// A page as a picture.
pub struct Picture {
    pub width: usize,
    /// How dark each dot is.
    pub ink: Vec<u8>,
    /// Whether there is no colour in it.
    pub grey: bool,
}

impl Picture {
    pub fn height(&self) -> usize {
        self.ink.len() / self.width
    }

    /// Whether nothing stands where a printer cannot print.
    pub fn margins_are_empty(&self) -> bool {
        let edges =
            [(0.0..0.03, 0.0..1.0), (0.97..1.0, 0.0..1.0), (0.0..1.0, 0.0..0.022), (0.0..1.0, 0.978..1.0)];
        edges.into_iter().all(|(across, down)| self.ink_in(across, down) == 0.0)
    }

    /// Share of dark dots in a part of the page, given in shares of its sides.
    pub fn ink_in(&self, across: std::ops::Range<f64>, down: std::ops::Range<f64>) -> f64 {
        // A share of a side is never beyond it.
        #[expect(clippy::cast_possible_truncation, reason = "rounds down to a dot")]
        let at = |share: f64, side: usize| (share * side as f64) as usize;
        let (left, right) = (at(across.start, self.width), at(across.end, self.width));
        let (top, bottom) = (at(down.start, self.height()), at(down.end, self.height()));
        let rows = (top..bottom).map(|y| &self.ink[y * self.width + left..y * self.width + right]);
        let (dark, all) = rows.fold((0, 0), |(dark, all), row| {
            (dark + row.iter().filter(|ink| **ink > 100).count(), all + row.len())
        });
        dark as f64 / all.max(1) as f64
    }
}

/// The text of a PDF, page by page, as whoever searches it finds it.
pub fn text_of(bytes: &[u8]) -> Vec<String> {
    let file = lopdf::Document::load_mem(bytes).expect("a PDF");
    file.get_pages().keys().map(|page| file.extract_text(&[*page]).expect("text")).collect()
}
