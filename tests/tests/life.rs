//! The whole life of a round in real browsers: the console, the trustees' page and two pages for tablets.

use homphieu_server::domain::person::Role;
use homphieu_server::roster::{self, CsvFiles};
use homphieu_server::service::{Actor, Centre, Profile};
use homphieu_tests::browser::{converse, tools};
use homphieu_tests::server::Server;
use serde_json::json;
use std::sync::Arc;

/// The office's lists as CSV, out of which the test makes the one workbook that the office drops.
const LISTS: CsvFiles<'_> = CsvFiles {
    units: "unit_code,name,kind,voters\n00712,Chi bộ Sủng Là,chi_bo,6\n".as_bytes(),
    officials: "unit_code,ordinal,official_code,full_name,post\n\
                00712,1,CB1,Vàng Mí Một,Bí thư\n00712,2,CB2,Giàng Thị Hai,Phó bí thư\n"
        .as_bytes(),
    voters: Some(
        "unit_code,number,name\n00712,1,Lý A Páo\n00712,2,Sùng Thị Mỷ\n00712,3,Thào Mí Sính\n\
         00712,4,Hoàng Văn Bốn\n00712,5,Vừ Thị Năm\n00712,6,Đặng Văn Sáu\n"
            .as_bytes(),
    ),
    team: Some(
        "unit_code,name,duty\n00712,Nguyễn Chủ Trì,chủ trì\n00712,Trần Trưởng Ban,trưởng ban kiểm phiếu\n"
            .as_bytes(),
    ),
};

#[test]
fn a_round_lives_from_its_workbook_to_its_published_result_through_the_pages_alone() {
    let Some(tools) = tools() else { return };
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("centre");
    let server = Server::start(&folder);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let centre = || async {
        Centre::open_at(&folder, homphieu_tests::database::of(&folder).as_deref()).await.unwrap()
    };
    let hire = |login: &str, role: Role| {
        runtime.block_on(async {
            let centre = centre().await;
            let (person, once) = centre.add_person(login, &Profile::outsider(login, &[role])).await.unwrap();
            let password = format!("mật khẩu của {login}");
            let own = centre.acting_for(Actor::Person(Arc::new(person)));
            own.change_password(once, password.clone().into(), "").await.unwrap();
            centre.close().await;
            json!({ "login": login, "password": password })
        })
    };
    let people = json!({
        "organiser": hire("to-chuc", Role::Organiser),
        "administrator": hire("quan-tri", Role::Administrator),
    });
    let lists = roster::to_tables(&roster::from_csv_files(LISTS).unwrap());
    let workbook = home.path().join("danh-sach.xlsx");
    std::fs::write(&workbook, roster::to_workbook(&lists).unwrap()).unwrap();
    let hall = json!({
        "address": server.address,
        "people": people,
        "story": {
            "roster": workbook,
            "title": "Đợt qua trang văn phòng",
            "unit": "Chi bộ Sủng Là",
            "voters": 6,
            "officials": ["Vàng Mí Một", "Giàng Thị Hai"],
        },
    });
    let pictures: Vec<String> = std::env::var("HOMPHIEU_SCREENSHOTS").ok().into_iter().collect();
    let more: Vec<&str> = pictures.iter().map(String::as_str).collect();
    converse(&tools, "life.mjs", &more, &hall, |asked| panic!("nobody knows how to {asked}"));
    let figures = runtime.block_on(async {
        let centre = centre().await;
        let round = centre.only_round().await.unwrap();
        let figures = centre.figures(&round).await.unwrap();
        centre.close().await;
        figures
    });
    let unit = &figures.units[0];
    assert_eq!(unit.code.as_str(), "00712", "the workbook's zeros are kept");
    assert_eq!((unit.collected, unit.valid, unit.invalid), (6, 6, 0));
    let highest = unit.officials.iter().map(|official| official.levels.as_ref().unwrap()[0].count);
    assert_eq!(highest.collect::<Vec<_>>(), [6, 6], "what was marked");
}
