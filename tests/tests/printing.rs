//! Documents for paper and the figures of a year: who gets which, what they rest on, and what none of them may tell.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::transport::Http;
use homphieu_server::domain::person::Role;
use homphieu_tests::office::{INSPECTORS, ORGANISER, Office, choices, unit};
use homphieu_tests::paper::{dense, text_of};
use homphieu_tests::server::{Answer, Server, refused, request, succeed};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use sync_core::ballot::Marks;
use sync_core::package::Mode;

struct Story {
    office: Office,
    server: Server,
}

impl Story {
    /// A and T voted, with S whose ballots are too few to show; all are counted, those named are published.
    fn published(office: Office, units: &[&str]) -> Self {
        let server = Server::start(&office.folder());
        for (code, voters) in [("A", 24), ("S", 4), ("T", 7)] {
            let mut tablet = office.tablet(code, &[code], &server.address);
            office.cast(&mut tablet, code, 0..voters);
            tablet.close(&unit(code)).unwrap();
            tablet.sync(&Http::new(&server.address)).unwrap();
        }
        office.count();
        let units: Vec<String> = units.iter().map(ToString::to_string).collect();
        office.on_centre(async |centre| centre.publish(&office.round, &units).await.unwrap());
        Self { office, server }
    }

    fn get(&self, login: &str, path: &str) -> Answer {
        let bearer = self.office.bearer(login);
        let url = format!("{}/api/v1{path}", self.server.address);
        let url = url.replace("{round}", &self.office.round.uuid().to_string());
        request("GET", &url, &[("authorization", bearer.as_str())], b"")
    }

    fn text(&self, login: &str, path: &str) -> String {
        let answer = self.get(login, path);
        assert_eq!(
            (answer.status, answer.header("content-type").as_str()),
            (200, "application/pdf"),
            "{path}"
        );
        text_of(&answer.body)
    }
}

fn year() -> String {
    let years =
        i64::try_from(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs());
    homphieu_server::domain::calendar::day_of(years.unwrap()).year().to_string()
}

#[test]
fn whoever_may_see_figures_prints_them_and_an_official_the_own_letter_alone() {
    let story = Story::published(Office::new(), &["A", "S"]);
    story.office.hire("xa-a", &[Role::Unit], |profile| profile.unit = Some(unit("A")));
    story.office.hire("can-bo", &[Role::Official], |p| {
        p.officials = BTreeSet::from(["A1".to_owned(), "T1".to_owned()]);
    });
    for (login, document, says) in [
        (ORGANISER, "ballot", "PHIẾU ĐÁNH GIÁ"),
        (INSPECTORS[0], "minutes", "BIÊN BẢN KIỂM PHIẾU"),
        ("xa-a", "report", "Số phiếu thu về: 24"),
        ("xa-a", "notices", "Giàng Thị Hai"),
        ("xa-a", "plans", "KẾ HOẠCH KHẮC PHỤC"),
        ("xa-a", "slips-specimen", "MẪU"),
    ] {
        let text = story.text(login, &format!("/rounds/{{round}}/units/A/documents/{document}"));
        assert!(text.contains(&dense(says)), "{document}: {text}");
    }
    let english = story.text("xa-a", "/rounds/{round}/units/A/documents/minutes?lang=en");
    assert!(english.contains("COUNTINGMINUTES"), "{english}");
    let own = story.text("can-bo", "/rounds/{round}/officials/A1/documents/notice");
    assert!(own.contains("VàngMíMột") && !own.contains("GiàngThịHai"), "{own}");
    assert!(story.text("can-bo", "/rounds/{round}/officials/A1/documents/plan").contains("VàngMíMột"));
    assert_eq!(story.get("can-bo", "/rounds/{round}/officials/A2/documents/notice").code(), "not_yours");
    assert_eq!(story.get("xa-a", "/rounds/{round}/units/T/documents/minutes").code(), "not_yours");
    // T is counted and not published: its minutes say so, and it has no letters.
    assert_eq!(story.get("can-bo", "/rounds/{round}/officials/T1/documents/notice").code(), "not_published");
    assert_eq!(story.get(ORGANISER, "/rounds/{round}/units/T/documents/report").code(), "not_published");
    let minutes = story.text(ORGANISER, "/rounds/{round}/units/T/documents/minutes");
    assert!(minutes.contains(&dense("Kết quả chưa công bố.")), "{minutes}");
    let nothing = story.get(ORGANISER, "/rounds/{round}/units/A/documents/nothing");
    assert_eq!((nothing.status, nothing.code().as_str()), (404, "no_route"), "{nothing:?}");
    let french = story.get(ORGANISER, "/rounds/{round}/units/A/documents/minutes?lang=fr");
    assert_eq!((french.status, french.code().as_str()), (400, "query"));
    assert_eq!(story.get(ORGANISER, "/rounds/{round}/units/X/documents/ballot").code(), "unknown_unit");
}

#[test]
fn a_letter_has_the_code_that_opens_the_own_result_and_its_address_has_not() {
    let story = Story::published(Office::new(), &["A"]);
    let bearer = story.office.bearer(ORGANISER);
    let make = |bearer: &str, asked: serde_json::Value| {
        let url =
            format!("{}/api/v1/rounds/{}/units/A/letters", story.server.address, story.office.round.uuid());
        let headers = [("authorization", bearer), ("content-type", "application/json")];
        request("POST", &url, &headers, asked.to_string().as_bytes())
    };
    let asked = serde_json::json!({ "address": "https://phieu.vidu.vn", "officials": ["A1"] });
    let letters = make(&bearer, asked);
    assert_eq!((letters.status, letters.header("cache-control").as_str()), (200, "no-store"));
    let text = text_of(&letters.body);
    assert!(text.contains("https://phieu.vidu.vn/n") && text.contains("VàngMíMột"), "{text}");
    assert!(!text.contains("GiàngThịHai"), "{text}");
    let at = text.find(&dense("Mã mở một lần:")).unwrap() + dense("Mã mở một lần:").len();
    let code = &text[at..at + 15];
    let body = serde_json::json!({ "code": code }).to_string();
    let url = format!("{}/api/v1/letter/opening", story.server.address);
    let opened = request("POST", &url, &[("content-type", "application/json")], body.as_bytes());
    assert_eq!(opened.status, 200, "{opened:?}");
    assert!(String::from_utf8(opened.body).unwrap().contains("Vàng Mí Một"));
    for wrong in ["", "phieu", "https://a/b", "javascript:x", "https://a#b"] {
        let refused = make(&bearer, serde_json::json!({ "address": wrong }));
        assert_eq!(refused.code(), "letter_address", "{wrong}");
    }
    let inspector = story.office.bearer(INSPECTORS[0]);
    assert_eq!(make(&inspector, serde_json::json!({ "address": "https://x" })).code(), "role");
}

#[test]
fn no_document_tells_by_level_what_a_small_unit_cast() {
    let story = Story::published(Office::new(), &[]);
    let levels = [dense("Không quyết liệt"), "%".to_owned()];
    for document in ["report", "notices", "minutes"] {
        let text = story.text(ORGANISER, &format!("/rounds/{{round}}/units/S/documents/{document}"));
        assert!(
            text.contains(&dense("quá ít phiếu")) || text.contains(&dense("Quá ít phiếu")),
            "{document}: {text}"
        );
        assert!(!text.contains(&levels[1]), "{document}: {text}");
    }
    let letter = story.text(ORGANISER, "/rounds/{round}/officials/S1/documents/notice");
    assert!(levels.iter().all(|level| !letter.contains(level)), "{letter}");
}

#[test]
fn whatever_four_people_mark_the_papers_and_the_year_stay_the_same() {
    let year = year();
    let told = |marks: &dyn Fn(usize) -> Marks| {
        let office = Office::new();
        let server = Server::start(&office.folder());
        for (code, voters) in [("A", 24), ("S", 4)] {
            let mut tablet = office.tablet(code, &[code], &server.address);
            if code == "A" {
                office.cast(&mut tablet, code, 0..voters);
            } else {
                for voter in 0..voters {
                    tablet.cast(&unit(code), &office.slips[&unit(code)][voter], &marks(voter)).unwrap();
                }
            }
            tablet.close(&unit(code)).unwrap();
            tablet.sync(&Http::new(&server.address)).unwrap();
        }
        office.count();
        office.on_centre(async |centre| centre.publish(&office.round, &[]).await.unwrap());
        let story = Story { office, server };
        let papers = ["units/S/documents/report", "units/S/documents/notices", "documents/report"]
            .map(|path| without_digests(&story.text(ORGANISER, &format!("/rounds/{{round}}/{path}"))));
        let table = story.get(ORGANISER, &format!("/years/{year}/csv")).body;
        let pages = without_digests(&text_of(&story.get(ORGANISER, &format!("/years/{year}/pdf")).body));
        (papers, String::from_utf8(table).unwrap(), pages)
    };
    let mark = |levels: [Option<u8>; 2]| move |_: usize| Marks::new(levels.to_vec());
    let first = told(&mark([Some(0), Some(0)]));
    for other in [[Some(2), Some(2)], [None, None], [Some(1), Some(2)]] {
        assert_eq!(told(&mark(other)), first);
    }
    let mixed = told(&|voter| Marks::new(vec![[Some(0), Some(1), Some(2)][voter % 3], None]));
    assert_eq!(mixed, first);
}

/// Digests name envelopes, which are other ones each time.
fn without_digests(text: &str) -> String {
    let mut kept = String::new();
    let mut run = String::new();
    for c in text.chars().chain([' ']) {
        if c.is_ascii_hexdigit() {
            run.push(c);
            continue;
        }
        if run.len() < 32 {
            kept.push_str(&run);
        }
        run.clear();
        kept.push(c);
    }
    kept
}

#[test]
fn a_set_is_whole_or_it_is_not_there() {
    let story = Story::published(Office::new(), &["A", "S"]);
    let folder = story.office.folder();
    let out = story.office.home().join("van-ban");
    let out_text = out.to_str().unwrap();
    let why = refused(&folder, &["documents", "set", "--out", out_text, "--lang", "en"], "");
    assert!(why.contains('T') && why.contains("neither published nor left unpublished"), "{why}");
    assert!(files(story.office.home(), "van-ban").is_empty(), "nothing is left of it");
    story.office.on_centre(async |centre| centre.publish(&story.office.round, &[]).await.unwrap());
    succeed(&folder, &["documents", "set", "--out", out_text], "");
    let mut expected: BTreeSet<String> = ["A", "S", "T"]
        .iter()
        .flat_map(|unit| {
            ["ballot", "minutes", "notices", "plans", "report"].map(|kind| format!("{unit}/{kind}.pdf"))
        })
        .collect();
    expected.extend(["round-report.pdf", "A/slips-specimen.pdf", "S/slips-specimen.pdf"].map(str::to_owned));
    let made = files(&out, "");
    assert_eq!(made.keys().cloned().collect::<BTreeSet<_>>(), expected);
    for (name, bytes) in &made {
        let text = text_of(bytes);
        assert_eq!(text.contains("MẪU"), name.ends_with("slips-specimen.pdf"), "{name}");
        // What may be seen by everybody has no code of a slip that votes.
        for code in story.office.slips.values().flatten() {
            assert!(!text.contains(&code.reveal()[..9]), "{name}");
        }
    }
    let again = refused(&folder, &["documents", "set", "--out", out_text], "");
    assert!(again.contains("van-ban"), "{again}");
}

#[test]
fn a_whole_set_is_taken_over_http_as_one_file_by_organiser_and_inspector_alone() {
    const SET: &str = "/rounds/{round}/documents/set";
    let story = Story::published(Office::new(), &["A", "S"]);
    let office = &story.office;
    office.hire("theo-doi", &[Role::Observer], |_| ());
    office.hire("xa-a", &[Role::Unit], |profile| profile.unit = Some(unit("A")));
    let early = story.get(INSPECTORS[0], SET);
    assert_eq!((early.status, early.code().as_str()), (409, "units_not_published"));
    assert!(
        early.json()["detail"].as_str().unwrap().contains("first of all T"),
        "what is missing: {early:?}"
    );
    office.on_centre(async |centre| centre.publish(&office.round, &[]).await.unwrap());
    for other in ["theo-doi", "xa-a"] {
        assert_eq!(story.get(other, SET).code(), "role", "{other}");
    }
    for login in [INSPECTORS[0], ORGANISER] {
        let answer = story.get(login, &format!("{SET}?lang=en"));
        assert_eq!((answer.status, answer.header("content-type").as_str()), (200, "application/zip"));
        let packed = unpacked(&answer.body);
        // What the command line writes into a folder.
        let out = office.home().join(login);
        succeed(&office.folder(), &["documents", "set", "--in", "en", "--out", out.to_str().unwrap()], "");
        let written = files(&out, "");
        assert_eq!(packed.keys().collect::<Vec<_>>(), written.keys().collect::<Vec<_>>());
        assert!(packed["A/ballot.pdf"] == written["A/ballot.pdf"], "the same pages");
        for (name, bytes) in &packed {
            let text = text_of(bytes);
            assert_eq!(text.contains("SPECIMEN"), name.ends_with("slips-specimen.pdf"), "{name}");
            for code in office.slips.values().flatten() {
                assert!(!text.contains(&code.reveal()[..9]), "{name} has a slip that votes");
            }
        }
    }
}

/// What a ZIP file holds.
fn unpacked(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let count = archive.len();
    let part = |place| {
        let mut part = archive.by_index(place).unwrap();
        let name = part.name().unwrap().to_string();
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut part, &mut content).unwrap();
        (name, content)
    };
    (0..count).map(part).collect()
}

fn files(folder: &Path, only: &str) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            if !name.starts_with(only) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn the_figures_of_a_year_are_the_published_ones_the_same_each_time() {
    let story = Story::published(Office::new(), &["A", "S"]);
    let year = year();
    let years = story.get(ORGANISER, "/years").json();
    assert_eq!(
        years,
        serde_json::json!([{ "year": year.parse::<u16>().unwrap(), "training": false, "rounds": 1 }])
    );
    for format in ["csv", "xlsx", "pdf"] {
        let path = format!("/years/{year}/{format}");
        let first = story.get(INSPECTORS[0], &path);
        assert_eq!(first.status, 200, "{first:?}");
        assert_eq!(story.get(ORGANISER, &path).body, first.body, "{format}");
        let out = story.office.home().join(format!("nam.{format}"));
        let args = ["documents", "year", &year, "--format", format, "--out", out.to_str().unwrap()];
        succeed(&story.office.folder(), &args, "");
        assert_eq!(std::fs::read(&out).unwrap(), first.body, "{format}");
    }
    let table = String::from_utf8(story.get(ORGANISER, &format!("/years/{year}/csv")).body).unwrap();
    let figures = story.get(ORGANISER, "/rounds/{round}/results").json();
    let a1 = table.lines().find(|line| line.contains(",A1,")).unwrap();
    for share in figures["units"][0]["officials"][0]["levels"].as_array().unwrap() {
        let pair = format!(",{},{},", share["count"], share["percent"].as_str().unwrap());
        assert!(a1.contains(&pair), "{pair} in {a1}");
    }
    assert!(!table.contains(",T1,") && !table.contains("Hoàng Sáu"), "T is not published");
    let small = table.lines().find(|line| line.contains(",S1,")).unwrap();
    assert!(small.contains("quá ít phiếu") && small.ends_with(",,,,,,,"), "no figure by level: {small}");
    assert_eq!(story.get(ORGANISER, "/years/1999/csv").code(), "nothing_published");
    assert_eq!(story.get(ORGANISER, "/years/0/xlsx").code(), "nothing_published");
}

#[test]
fn training_is_in_no_year_that_counts_and_says_what_it_is() {
    let office = Office::with(Mode::Training, true);
    let story = Story::published(office, &[]);
    let year = year();
    let years = story.get(ORGANISER, "/years").json();
    assert_eq!(
        years,
        serde_json::json!([{ "year": year.parse::<u16>().unwrap(), "training": true, "rounds": 1 }])
    );
    assert_eq!(story.get(ORGANISER, &format!("/years/{year}/csv")).code(), "nothing_published");
    let marked = story.get(ORGANISER, &format!("/years/{year}/csv?training=true"));
    let table = String::from_utf8(marked.body).unwrap();
    let heads = table.lines().next().unwrap();
    assert_eq!(heads.matches("Đợt 1").count(), heads.matches("Đợt 1 (TẬP HUẤN)").count(), "{heads}");
    assert!(heads.contains("TẬP HUẤN"), "{heads}");
    let pages = text_of(&story.get(ORGANISER, &format!("/years/{year}/pdf?training=true")).body);
    assert!(pages.contains(&dense("TẬP HUẤN")), "{pages}");
    let text = story.text(ORGANISER, "/rounds/{round}/documents/report");
    assert!(text.contains(&dense("TẬP HUẤN")), "{text}");
}

#[test]
fn names_that_are_formulas_or_markup_stay_what_they_are() {
    let units = "unit_code,name,kind,voters\nA,\"=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",dang_bo,24\nS,+1,chi_bo,4\nT,@x,chi_bo,7\n";
    let officials = "unit_code,ordinal,official_code,full_name,post\nA,1,A1,#import <b> $x$,-2\nA,2,A2,=1+1,Phó\n\
                     S,1,S1,[x],Bí thư\nS,2,S2,*x*,Phó\nT,1,T1,\\x,Bí thư\nT,2,T2,_x_,Phó\n";
    let office = Office::of(units, officials, true, choices(Mode::Official));
    let story = Story::published(office, &[]);
    let table = String::from_utf8(story.get(ORGANISER, &format!("/years/{}/csv", year())).body).unwrap();
    for defused in ["'=HYPERLINK", ",'=1+1,", ",'-2,", ",'+1,", ",'@x,"] {
        assert!(table.contains(defused), "{defused} in {table}");
    }
    let book = story.get(ORGANISER, &format!("/years/{}/xlsx", year())).body;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap();
    for place in 0..archive.len() {
        let mut part = String::new();
        std::io::Read::read_to_string(&mut archive.by_index(place).unwrap(), &mut part).unwrap();
        assert!(!part.contains("<f>") && !part.contains("<hyperlink"), "{part}");
    }
    let text = story.text(ORGANISER, "/rounds/{round}/units/A/documents/notices");
    assert!(text.contains("#import<b>$x$") && text.contains("=HYPERLINK("), "{text}");
}
