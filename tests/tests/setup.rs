//! Setting a round up over HTTP: from an office's own workbook to a package that is signed and open, by people at several
//! desks.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::Tablet;
use client_ffi::store::FileStore;
use client_ffi::transport::Http;
use homphieu_tests::office::{ORGANISER, Office, ceremony, marks, unit};
use homphieu_tests::server::{Answer, Server, request};
use serde_json::{Value, json};
use std::path::Path;
use sync_core::id::RoundId;
use sync_core::permit::PermitCode;

#[path = "setup/page.rs"]
mod page;
#[path = "setup/slips.rs"]
mod slips;

const WORKBOOK: &[u8] = include_bytes!("../../data/dong-van-2018.xlsx");

/// An organiser at a desk of the centre.
struct Desk {
    address: String,
    bearer: String,
}

impl Desk {
    fn of(office: &Office, server: &Server) -> Self {
        Self { address: server.address.clone(), bearer: office.bearer(ORGANISER) }
    }

    fn send(&self, method: &str, path: &str, more: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut headers = vec![("authorization", self.bearer.as_str())];
        headers.extend(more);
        request(method, &format!("{}/api/v1{path}", self.address), &headers, body)
    }

    fn json(&self, method: &str, path: &str, body: &Value) -> Answer {
        let text = body.to_string();
        self.send(method, path, &[("content-type", "application/json")], text.as_bytes())
    }

    fn get(&self, path: &str) -> Value {
        let answer = self.send("GET", path, &[], b"");
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    fn read(&self, name: &str, bytes: &[u8]) -> Value {
        let path = format!("/rosters/reading?name={name}");
        let answer = self.send("POST", &path, &[("content-type", "application/octet-stream")], bytes);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    fn check(&self, tables: &Value) -> Value {
        let answer = self.json("POST", "/rosters/check", &json!({ "tables": tables }));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// Changes a draft as it was seen.
    fn change(&self, method: &str, path: &str, seen: &str, body: &Value) -> Answer {
        let text = body.to_string();
        let tag = format!("\"{seen}\"");
        let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
        self.send(method, path, &headers, if body.is_null() { b"" } else { text.as_bytes() })
    }

    fn create(&self, tables: &Value, rules: &Value) -> String {
        let answer = self.json("POST", "/drafts", &json!({ "tables": tables, "rules": rules }));
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()[0]["id"].as_str().unwrap().to_owned()
    }

    fn revision(&self, round: &str) -> String {
        self.get(&format!("/rounds/{round}/draft"))["revision"].as_str().unwrap().to_owned()
    }
}

fn rules() -> Value {
    json!({
        "title": "Đợt 2026",
        "mode": "official",
        "levels": [
            { "code": "high", "vi": "Cao", "en": "High" },
            { "code": "low", "vi": "Thấp", "en": "Low" },
        ],
        "percent_base": "collected",
        "batch_min": 4,
        "min_publish": 5,
        "attended": ["T"],
    })
}

/// Tables as a spreadsheet would hold them.
fn table(name: &str, rows: &[&[&str]]) -> Value {
    let row = |(at, cells): (usize, &&[&str])| json!({ "number": at + 1, "cells": cells });
    json!({ "name": name, "rows": rows.iter().enumerate().map(row).collect::<Vec<_>>() })
}

fn units(rows: &[&[&str]]) -> Value {
    let header: &[&str] = &["Mã đơn vị", "Tên chi, đảng bộ", "Loại", "Số người ghi phiếu"];
    table("Đơn vị", &[&[header], rows].concat())
}

fn officials(rows: &[&[&str]]) -> Value {
    let header: &[&str] = &["Mã đơn vị", "TT", "Mã", "Họ và tên", "Chức vụ"];
    table("Cán bộ", &[&[header], rows].concat())
}

/// Two units, of which one names its voters and its team.
fn small() -> Value {
    json!([
        units(&[&["A", "Xã A", "Đảng bộ", "3"], &["T", "Trường", "Chi bộ", "5"]]),
        officials(&[
            &["A", "1", "A1", "Một", "Bí thư"],
            &["A", "2", "A2", "Hai", "Phó"],
            &["T", "1", "T1", "Ba", "Bí thư"]
        ]),
        table(
            "Người ghi phiếu",
            &[
                &["Mã đơn vị", "TT", "Họ và tên"],
                &["A", "2", "Sùng Thị Hai"],
                &["A", "1", "Vàng Mí Một"],
                &["A", "3", "Lầu Văn Ba"],
            ]
        ),
        table(
            "Tổ",
            &[
                &["Mã đơn vị", "Họ và tên", "Nhiệm vụ"],
                &["A", "Lý A Páo", "Trưởng ban"],
                &["A", "Chẩm Chín", ""]
            ]
        ),
    ])
}

fn round_id(text: &str) -> RoundId {
    let digits = text.replace('-', "");
    RoundId(std::array::from_fn(|at| u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16).unwrap()))
}

fn from_hex(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

/// Draws slips of units and confirms them: their codes.
fn print_slips(desk: &Desk, round: &str, units: &[&str]) -> Vec<String> {
    let drawn = desk.json("POST", &format!("/rounds/{round}/slips"), &json!({ "units": units }));
    assert_eq!((drawn.status, drawn.header("cache-control").as_str()), (200, "no-store"), "{drawn:?}");
    let drawn = drawn.json();
    let confirmed = confirm(desk, round, &drawn);
    assert_eq!(confirmed.status, 204, "{confirmed:?}");
    let of_unit = |unit: &Value| unit["codes"].as_array().unwrap().clone();
    let codes = drawn["units"].as_array().unwrap().iter().flat_map(of_unit);
    codes.map(|code| code.as_str().unwrap().to_owned()).collect()
}

fn confirm(desk: &Desk, round: &str, drawn: &Value) -> Answer {
    let bytes = from_hex(drawn["confirmation"].as_str().unwrap());
    desk.send(
        "POST",
        &format!("/rounds/{round}/slips/confirmation"),
        &[("content-type", "application/cose")],
        &bytes,
    )
}

fn hand_in_keys(desk: &Desk, round: &str) -> String {
    let (statement, _) = ceremony(round_id(round));
    let tag = format!("\"{}\"", desk.revision(round));
    let headers = [("content-type", "application/cose"), ("if-match", tag.as_str())];
    let answer = desk.send("PUT", &format!("/rounds/{round}/draft/keys"), &headers, &statement);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["revision"].as_str().unwrap().to_owned()
}

fn tablet(office: &Office, desk: &Desk, round: &str, code: &str) -> Tablet<FileStore> {
    let token = office.on_centre(async |centre| {
        let scope = homphieu_server::service::InviteScope::Units(vec![code.to_owned()]);
        centre.invite(&round_id(round), &scope, "Máy", &desk.address).await.unwrap().to_text()
    });
    let folder = office.home().join(format!("{round}-{code}"));
    let mut tablet = Tablet::open(FileStore::open(&folder).unwrap()).unwrap();
    tablet.enrol(&token, &Http::new(&desk.address)).unwrap();
    office.compare(&mut tablet, code);
    tablet
}

#[test]
fn a_round_goes_from_the_cells_of_a_workbook_to_an_open_ballot_and_the_tablet_knows_its_voters_by_name() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let desk = Desk::of(&office, &server);
    let checked = desk.check(&small());
    assert_eq!(
        checked["sum"],
        json!({ "units": 2, "officials": 3, "voters": 8, "named": 3, "team": 2 }),
        "{checked}"
    );
    let lists: Vec<&str> =
        checked["lists"].as_array().unwrap().iter().map(|l| l["list"].as_str().unwrap()).collect();
    assert_eq!(lists, ["units", "officials", "voters", "team"]);
    let round = desk.create(&small(), &rules());
    let sign = |seen: &str| desk.change("POST", &format!("/rounds/{round}/signature"), seen, &Value::Null);
    assert_eq!(sign(&desk.revision(&round)).code(), "keys_missing");
    let seen = hand_in_keys(&desk, &round);
    assert_eq!(sign(&seen).code(), "slips_missing");
    let codes = print_slips(&desk, &round, &[]);
    assert_eq!(codes.len(), 6, "three voters and three spares; the other unit votes attended");
    let draft = desk.get(&format!("/rounds/{round}/draft"));
    assert_eq!((&draft["with_slips"], &draft["printed"], &draft["slips"]), (&json!(1), &json!(1), &json!(6)));
    assert_eq!((&draft["keys"]["threshold"], &draft["keys"]["trustees"]), (&json!(2), &json!(3)));
    assert_eq!(sign("0").code(), "changed_meanwhile");
    assert_eq!(sign(&seen).status, 200);
    assert_eq!(sign(&seen).code(), "signed");
    assert_eq!(
        desk.json("POST", &format!("/rounds/{round}/slips"), &json!({ "units": [] })).code(),
        "signed"
    );
    assert_eq!(desk.send("POST", &format!("/rounds/{round}/opening"), &[], b"").status, 204);
    let sheets = desk.get(&format!("/rounds/{round}/sheets"));
    assert_eq!(sheets["items"][0]["voter_names"], json!(["Vàng Mí Một", "Sùng Thị Hai", "Lầu Văn Ba"]));
    assert_eq!(sheets["items"][0]["team"], json!(["Lý A Páo", "Chẩm Chín"]));
    assert_eq!(sheets["items"][0]["sheet"]["digits"].as_str().unwrap().len(), 35, "six groups");
    // The draft itself, which every request reads, is short again; the names are in the sheet.
    assert_eq!(desk.get(&format!("/rounds/{round}/draft"))["named"], 0);
    let tables = desk.get(&format!("/rounds/{round}/draft/roster"));
    assert_eq!(
        desk.check(&tables["tables"])["sum"],
        checked["sum"],
        "a next round begins with the same names"
    );

    let mut tablet = tablet(&office, &desk, &round, "A");
    let names: Vec<String> =
        tablet.register(&unit("A"), "").unwrap().iter().map(|v| v.name.clone().unwrap_or_default()).collect();
    assert_eq!(names, ["Vàng Mí Một", "Sùng Thị Hai", "Lầu Văn Ba"]);
    let slip = PermitCode::parse(&codes[0]).unwrap();
    tablet.cast(&unit("A"), &slip, &marks(0)).unwrap();
}

#[test]
fn every_problem_is_told_with_its_cell_and_what_is_mended_is_checked_again() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let desk = Desk::of(&office, &server);
    let mut tables = small();
    tables[0]["rows"][1]["cells"][3] = json!("nhiều");
    tables[1]["rows"][2]["cells"][2] = json!("A1");
    tables[1]["rows"][3]["cells"][0] = json!(712);
    tables[2]["rows"][3]["cells"][1] = json!("2");
    tables[2]["rows"][2]["cells"][2] = json!(false);
    tables[3]["rows"][2]["cells"][1] = json!("LÝ A PÁO");
    let checked = desk.check(&tables);
    assert!(checked["sum"].is_null());
    let problems = checked["problems"].as_array().unwrap();
    let at = |table: &str, row: u64, column: u64| {
        let here = |p: &&Value| p["table"] == table && p["row"] == row && p["column"] == column;
        problems.iter().find(here).unwrap_or_else(|| panic!("{table} {row} {column}: {problems:#?}"))
    };
    assert_eq!(at("Đơn vị", 2, 3)["code"], "voters");
    assert_eq!(at("Đơn vị", 2, 3)["given"], json!({ "found": "nhiều" }));
    assert_eq!(at("Cán bộ", 3, 2)["given"], json!({ "code": "A1", "first": "2" }));
    assert_eq!(at("Cán bộ", 4, 0)["given"]["likely"], "00712");
    assert_eq!(at("Người ghi phiếu", 4, 1)["code"], "duplicate_voter");
    assert_eq!(at("Người ghi phiếu", 3, 2)["code"], "cell_error");
    assert_eq!(at("Tổ", 3, 1)["code"], "duplicate_member");
    let refused = desk.json("POST", "/drafts", &json!({ "tables": tables, "rules": rules() }));
    assert_eq!((refused.status, refused.code().as_str()), (422, "roster"));
    let rounds = desk.get("/rounds")["items"].as_array().unwrap().len();
    assert_eq!(rounds, 1, "nothing was made of it");
    // Fewer names than voters: all or none.
    let mut tables = small();
    tables[2]["rows"].as_array_mut().unwrap().pop();
    let problems = desk.check(&tables)["problems"].clone();
    assert_eq!((&problems[0]["code"], &problems[0]["row"]), (&json!("voter_names"), &json!(2)));
    assert_eq!(desk.check(&small())["problems"], json!([]));
}

#[test]
fn the_workbook_of_a_district_is_read_and_what_is_none_is_told_as_a_problem() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let desk = Desk::of(&office, &server);
    let read = desk.read("x", WORKBOOK);
    assert_eq!(read["check"]["sum"]["units"], 69);
    assert_eq!(desk.check(&read["tables"])["sum"]["officials"], 442, "what goes back is what came");
    for (bytes, code) in [
        (&b"PK\x03\x04junk"[..], "not_a_workbook"),
        (&b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...."[..], "old_workbook"),
        (&b"\xff\xfe\0"[..], "not_utf8"),
        (&WORKBOOK[..WORKBOOK.len() / 2], "not_a_workbook"),
        (&b"hello"[..], "missing_sheet"),
    ] {
        let read = desk.read("a.csv", bytes);
        assert_eq!(read["check"]["problems"][0]["code"], code, "{read}");
    }
    // A CSV file is one table of whatever list it has; the others come from other files.
    let csv = "Mã đơn vị;Tên đơn vị;Loại;Số người ghi phiếu\nA;Xã A, thôn 1;Chi bộ;7\n";
    let read = desk.read("don-vi.csv", csv.as_bytes());
    assert_eq!(read["check"]["lists"][0]["list"], "units");
    assert_eq!(read["tables"][0]["rows"][1]["cells"][1], "Xã A, thôn 1");
}

#[test]
fn what_is_too_long_or_in_no_form_is_refused_and_five_thousand_rows_are_not() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let desk = Desk::of(&office, &server);
    let octets = [("content-type", "application/octet-stream")];
    let long = vec![b'x'; 7 * 1024 * 1024];
    assert_eq!(desk.send("POST", "/rosters/reading", &octets, &long).status, 413);
    let round = desk.create(&small(), &rules());
    let keys = format!("/rounds/{round}/draft/keys");
    let tagged = [("content-type", "application/cose"), ("if-match", "\"0\"")];
    assert_eq!(
        desk.send("PUT", &keys, &tagged, &long[..512 * 1024]).status,
        413,
        "only rosters are that long"
    );
    for tables in [
        json!([{ "name": "a", "rows": [{ "number": 0, "cells": [] }] }]),
        json!([{ "name": "a", "rows": [{ "number": 2, "cells": [] }, { "number": 2, "cells": [] }] }]),
        json!([{ "name": "a\u{7}", "rows": [] }]),
        json!([{ "name": "a", "rows": [{ "number": 1, "cells": vec![""; 65] }] }]),
    ] {
        let answer = desk.json("POST", "/rosters/check", &json!({ "tables": tables }));
        assert_eq!((answer.status, answer.code().as_str()), (422, "roster_form"), "{tables}");
    }
    let many = vec![json!({ "name": "a", "rows": [] }); 33];
    assert_eq!(desk.check(&json!(many))["problems"][0]["code"], "too_large");
    let deep = format!("{{\"tables\":{}", "[".repeat(100_000));
    let answer =
        desk.send("POST", "/rosters/check", &[("content-type", "application/json")], deep.as_bytes());
    assert!(matches!(answer.status, 400 | 422), "{}", answer.status);

    // 700 units, 5,000 officials, and the names of some 14,000 voters.
    let code = |u: usize| format!("DV{u:03}");
    let mut of_units = vec![json!(["Mã đơn vị", "Tên đơn vị", "Loại", "Số người ghi phiếu"])];
    of_units.extend((0..700).map(|u| json!([code(u), format!("Chi bộ số {u}"), "Chi bộ", 20])));
    let mut of_officials = vec![json!(["Mã đơn vị", "TT", "Mã", "Họ và tên", "Chức vụ"])];
    let official =
        |i: usize| json!([code(i % 700), i / 700 + 1, format!("C{i}"), format!("Cán bộ {i}"), "Bí thư"]);
    of_officials.extend((0..5_000).map(official));
    let mut of_voters = vec![json!(["Mã đơn vị", "Số thứ tự", "Họ và tên"])];
    of_voters.extend((0..14_000).map(|i| json!([code(i / 20), i % 20 + 1, format!("Người ghi phiếu {i}")])));
    let rows = |name: &str, all: Vec<Value>| {
        let row = |(at, cells): (usize, Value)| json!({ "number": at + 1, "cells": cells });
        json!({ "name": name, "rows": all.into_iter().enumerate().map(row).collect::<Vec<_>>() })
    };
    let tables = json!([rows("1", of_units), rows("2", of_officials), rows("3", of_voters)]);
    let large = desk.create(
        &tables,
        &json!({ "attended": [], "title": "Lớn", "mode": "training",
        "levels": rules()["levels"], "percent_base": "valid", "batch_min": 10, "min_publish": 5 }),
    );
    let draft = desk.get(&format!("/rounds/{large}/draft"));
    assert_eq!((&draft["officials"], &draft["named"]), (&json!(5_000), &json!(14_000)));
    let answer = desk.json("POST", &format!("/rounds/{large}/slips"), &json!({ "units": [] }));
    assert_eq!(answer.code(), "too_many_slips");
    let (mut seen, mut after) = (0, String::new());
    loop {
        let page = desk.get(&format!("/rounds/{large}/draft/units?limit=200{after}"));
        seen += page["items"].as_array().unwrap().len();
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(seen, 700);
}

#[test]
fn of_two_organisers_the_one_who_saw_an_older_draft_is_told_and_overwrites_nothing() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let desk = Desk::of(&office, &server);
    let round = desk.create(&small(), &rules());
    let base = format!("/rounds/{round}/draft");
    let seen = desk.revision(&round);
    let mut first = rules();
    first["title"] = json!("Của người thứ nhất");
    let mut second = rules();
    second["min_publish"] = json!(9);
    let mut other = small();
    other[0]["rows"][1]["cells"][1] = json!("Xã A mới");
    assert_eq!(desk.change("PUT", &format!("{base}/rules"), &seen, &first).status, 200);
    for (method, path, body) in [
        ("PUT", format!("{base}/rules"), second.clone()),
        ("PUT", format!("{base}/roster"), json!({ "tables": other })),
        ("DELETE", base.clone(), Value::Null),
        ("POST", format!("/rounds/{round}/signature"), Value::Null),
    ] {
        let late = desk.change(method, &path, &seen, &body);
        assert_eq!((late.status, late.code().as_str()), (409, "changed_meanwhile"), "{method} {path}");
        let blind = desk.json(method, &path, &body);
        assert_eq!((blind.status, blind.code().as_str()), (428, "if_match"), "{method} {path}");
    }
    let draft = desk.get(&base);
    assert_eq!((&draft["rules"]["title"], &draft["rules"]["min_publish"]), (&first["title"], &json!(5)));
    let now = desk.revision(&round);
    assert_eq!(
        desk.change("PUT", &format!("{base}/rules"), &now, &second).status,
        200,
        "who looked again may"
    );
    // A wrong choice changes nothing.
    let now = desk.revision(&round);
    let mut wrong = rules();
    wrong["min_publish"] = json!(1);
    assert_eq!(desk.change("PUT", &format!("{base}/rules"), &now, &wrong).code(), "draft");
    wrong = rules();
    wrong["attended"] = json!(["KHÔNG"]);
    assert_eq!(desk.change("PUT", &format!("{base}/rules"), &now, &wrong).code(), "draft");
    assert_eq!(desk.revision(&round), now);
}

#[test]
fn a_training_round_is_made_beside_an_official_one_of_the_same_roster_and_both_or_none() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let desk = Desk::of(&office, &server);
    let asked = |title: &str| json!({ "tables": small(), "rules": rules(), "training_beside": title });
    let made = desk.json("POST", "/drafts", &asked("Tập huấn 2026")).json();
    assert_eq!((&made[0]["mode"], &made[1]["mode"]), (&json!("official"), &json!("training")));
    assert_ne!(made[0]["id"], made[1]["id"]);
    let refused = desk.json("POST", "/drafts", &asked(&"x".repeat(201)));
    assert_eq!(refused.code(), "draft");
    let all = desk.get("/rounds")["items"].as_array().unwrap().len();
    assert_eq!(all, 3, "neither of the two was made");
    // Slips of one are no slips of the other.
    let (official, training) = (made[0]["id"].as_str().unwrap(), made[1]["id"].as_str().unwrap());
    let drawn = desk.json("POST", &format!("/rounds/{official}/slips"), &json!({ "units": [] })).json();
    assert_eq!(confirm(&desk, training, &drawn).code(), "slips");
    // The key file of one is none of the other.
    let (statement, _) = ceremony(round_id(official));
    let tag = format!("\"{}\"", desk.revision(training));
    let headers = [("content-type", "application/cose"), ("if-match", tag.as_str())];
    let wrong = desk.send("PUT", &format!("/rounds/{training}/draft/keys"), &headers, &statement);
    assert_eq!(wrong.code(), "keys");
    // Who deletes one deletes nothing of the other.
    let seen = desk.revision(training);
    assert_eq!(desk.change("DELETE", &format!("/rounds/{training}/draft"), &seen, &Value::Null).status, 204);
    assert_eq!(desk.send("GET", &format!("/rounds/{training}/draft"), &[], b"").status, 404);
    assert_eq!(desk.send("GET", &format!("/rounds/{official}/draft"), &[], b"").status, 200);
}

#[test]
fn a_sheet_is_corrected_from_cells_with_its_slips_kept_or_with_new_ones_that_were_printed() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let desk = Desk::of(&office, &server);
    let round = desk.create(&small(), &rules());
    print_slips(&desk, &round, &[]);
    hand_in_keys(&desk, &round);
    let seen = desk.revision(&round);
    assert_eq!(desk.change("POST", &format!("/rounds/{round}/signature"), &seen, &Value::Null).status, 200);
    let base = format!("/rounds/{round}/units/A");
    let mut tables = small();
    tables[1]["rows"][1]["cells"][3] = json!("Một, tên đúng");
    tables[2]["rows"][3]["cells"][2] = json!("Lầu Văn Ba, tên đúng");
    let body = json!({ "tables": tables, "reason": "sai tên" });
    let preview = desk.json("POST", &format!("{base}/replacements/preview"), &body).json();
    let codes = |what: &Value| -> Vec<String> {
        what.as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(codes(&preview["changes"]), ["name", "voter_names"], "{preview}");
    assert_eq!(preview["before"]["officials"][0]["name"], "Một");
    assert_eq!(preview["after"]["officials"][0]["name"], "Một, tên đúng");
    let mut sent = body;
    sent["holds"] = preview["holds"]["hash"].clone();
    let done = desk.json("POST", &format!("{base}/replacements"), &sent);
    assert_eq!(done.status, 201, "{done:?}");
    assert_eq!(done.json()["new_slips"], false);

    // One voter more, with a name: the slips are replaced, and only by what was drawn for the sheet that holds.
    tables[0]["rows"][1]["cells"][3] = json!("4");
    let fourth = json!({ "number": 5, "cells": ["A", "4", "Giàng Bốn"] });
    tables[2]["rows"].as_array_mut().unwrap().push(fourth);
    let mut body = json!({ "tables": tables, "reason": "thêm người", "new_slips": true });
    let preview = desk.json("POST", &format!("{base}/replacements/preview"), &body).json();
    assert_eq!((codes(&preview["problems"]), preview["new"].is_null()), (vec![], true), "{preview}");
    assert_eq!(preview["after"]["slips"], 7);
    let drawn = desk.json("POST", &format!("{base}/slips"), &json!({ "voters": 4 })).json();
    body.as_object_mut().unwrap().remove("new_slips");
    body["holds"] = preview["holds"]["hash"].clone();
    body["slips"] = json!("00");
    assert_eq!(desk.json("POST", &format!("{base}/replacements"), &body).code(), "slips");
    body["slips"] = drawn["confirmation"].clone();
    let done = desk.json("POST", &format!("{base}/replacements"), &body);
    assert_eq!((done.status, done.json()["new_slips"].clone()), (201, json!(true)));
    assert_eq!(desk.json("POST", &format!("{base}/replacements"), &body).code(), "changed_meanwhile");
    let sheet = desk.get(&format!("/rounds/{round}/sheets"))["items"][0].clone();
    assert_eq!((&sheet["slips"], &sheet["replacement"]), (&json!(7), &json!(2)));
    assert_eq!(sheet["voter_names"][3], "Giàng Bốn");
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: std::path::PathBuf| match path.is_dir() {
        true => files(&path),
        false => vec![(path.display().to_string(), std::fs::read(&path).unwrap())],
    };
    entries.flat_map(read).collect()
}
