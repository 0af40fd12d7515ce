//! The same on the page of the office.

use super::*;

/// A roster with something wrong in many cells: files as an office exports them.
const WRONG_UNITS: &str = "Mã đơn vị,\"Tên chi, đảng bộ\",Loại,Số người ghi phiếu\nA,Đảng bộ xã A,Đảng bộ,nhiều\n\
                           S,Chi bộ nhỏ,Tổ,4\nT,Chi bộ trường,Chi bộ,7\n";
const WRONG_OFFICIALS: &str = "Mã đơn vị,TT,Mã,Họ và tên,Chức vụ\nA,1,A1,Vàng Mí Một,Bí thư\nA,2,A1,Giàng Thị Hai,Phó\n\
                               S,1,S1,,Bí thư\nT,1,T1,Nguyễn Năm,Bí thư\nX,1,T2,Hoàng Sáu,Phó\n";
const WRONG_VOTERS: &str =
    "Mã đơn vị,Số thứ tự,Họ và tên\nA,1,Vàng Mí Sính\nA,2,Sùng Thị Máy\nA,không,Lầu Mí Pó\n";
const TEAM: &str = "Mã đơn vị,Họ và tên,Nhiệm vụ\nA,Lý A Páo,Trưởng ban\n";

#[test]
fn an_organiser_sets_a_round_up_in_the_console_from_wrong_files_to_an_open_ballot() {
    let Some(tools) = homphieu_tests::browser::tools() else { return };
    let office = Office::new();
    let server = Server::start(&office.folder());
    let home = office.home().to_owned();
    let password = office.hire("to-chuc", &[homphieu_server::domain::person::Role::Organiser], |_| ());
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(home.join(name), bytes).unwrap();
        home.join(name)
    };
    let files = [
        write("don-vi.csv", WRONG_UNITS.as_bytes()),
        write("can-bo.csv", WRONG_OFFICIALS.as_bytes()),
        write("nguoi-ghi-phieu.csv", WRONG_VOTERS.as_bytes()),
        write("to-cong-tac.csv", TEAM.as_bytes()),
    ];
    let mend = |table: &str, name: &str, right: &str, left: usize| json!({ "table": table, "name": name, "right": right, "left": left });
    let hall = json!({
        "address": server.address,
        "organiser": { "login": "to-chuc", "password": password },
        "files": files,
        "picture": write("anh.xlsx", b"PK\x03\x04 no workbook"),
        // Once its unit is right, an official turns out to have the place of another.
        "mends": [
            mend("don-vi.csv, dòng 2", "D2", "3", 5),
            mend("don-vi.csv, dòng 3", "C3", "Chi bộ", 4),
            mend("can-bo.csv, dòng 3", "C3", "A2", 3),
            mend("can-bo.csv, dòng 4", "D4", "Lầu Văn Ba", 2),
            mend("can-bo.csv, dòng 6", "A6", "T", 2),
            mend("can-bo.csv, dòng 6", "B6", "2", 1),
            mend("nguoi-ghi-phieu.csv, dòng 4", "B4", "3", 0),
        ],
        // Three voters and four, each with three to spare; the third unit votes attended.
        "slips": 6 + 7,
        "of_a": 6,
    });
    let mut codes = Vec::new();
    let folder: Vec<String> = std::env::var("HOMPHIEU_SCREENSHOTS").ok().into_iter().collect();
    let more: Vec<&str> = folder.iter().map(String::as_str).collect();
    let said = homphieu_tests::browser::converse(&tools, "setup.mjs", &more, &hall, |asked| {
        if let Some(round) = asked["keys"].as_str() {
            let (statement, _) = ceremony(round_id(round));
            let (other, _) = ceremony(RoundId([3; 16]));
            let keys = sync_core::ceremony::KeyStatement::open(&statement).unwrap();
            return json!({
                "right": write("round.hpk", &statement),
                "wrong": write("other.hpk", &other),
                "digits": sync_core::fingerprint::line(&keys.id()),
            });
        }
        if let Some(all) = asked["codes"].as_array() {
            codes = all.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
            return json!(true);
        }
        assert_eq!(asked, "change rules");
        office.on_centre(async |centre| {
            let drafts = centre.rounds().await.unwrap();
            let round = drafts.iter().find(|round| round.draft.title == "Đợt <b>2026</b>").unwrap().id;
            let drafting = centre.drafting(&round).await.unwrap();
            let mut choices = drafting.round.draft.choices();
            choices.title = "Tên của người khác".to_owned();
            centre.redraft(&round, &drafting.revision, choices).await.unwrap();
        });
        json!(true)
    });
    assert!(said["views"].as_u64().unwrap() >= 16, "{said}");
    assert_eq!(codes.len(), 2 * 13 + 6);
    let mut places = files_of(&office);
    places.push(("log".to_owned(), std::fs::read(office.folder().with_extension("log")).unwrap()));
    places.push(("tables".to_owned(), office.database_values()));
    for code in &codes {
        let bare = code.replace('-', "");
        for (name, bytes) in &places {
            let found = |needle: &str| bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
            assert!(!found(code) && !found(&bare), "a code is in {name}");
        }
    }
}

fn files_of(office: &Office) -> Vec<(String, Vec<u8>)> {
    files(&office.folder())
}
