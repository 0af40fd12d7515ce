//! The end of a round and the box of a lost tablet, as people of the office decide about them in a real browser.

#![expect(clippy::unwrap_used, reason = "a test fails on the spot")]

use client_ffi::store::{FileStore, Key, Store};
use client_ffi::transport::Http;
use client_ffi::{Tablet, orphan};
use homphieu_server::domain::decision::Matter;
use homphieu_server::domain::person::Role;
use homphieu_server::service::Actor;
use homphieu_tests::browser::{converse, tools};
use homphieu_tests::database;
use homphieu_tests::office::{INSPECTORS, Office, unit};
use homphieu_tests::server::{Server, succeed};
use serde_json::{Value, json};
use sync_core::order::Ruling;
use sync_core::survey::Gap;

/// People who sign in, by what they do.
fn people(office: &Office) -> Value {
    let hire = |login: &str, role: Role| {
        let password = office.hire(login, &[role], |_| ());
        json!({ "login": login, "password": password })
    };
    json!({
        "organiser": hire("to-chuc", Role::Organiser),
        "administrator": hire("quan-tri", Role::Administrator),
        "first": hire("kiem-tra-1", Role::Inspector),
        "second": hire("kiem-tra-2", Role::Inspector),
    })
}

/// Unit A voted on two tablets and S on one. The centre's disk was lost and restored from before the second tablet of A
/// came, and that stays away. Everything else is counted and published; gives that tablet.
fn almost_at_the_end(office: &Office) -> (Server, Tablet<FileStore>) {
    let server = Server::start(&office.folder());
    let closed = |name: &str, code: &str, voters| {
        let mut tablet = office.tablet(name, &[code], &server.address);
        office.cast(&mut tablet, code, voters);
        tablet.close(&unit(code)).unwrap();
        tablet.sync(&Http::new(&server.address)).unwrap();
        tablet
    };
    let mut here = [closed("early", "A", 0..15), closed("small", "S", 0..4)];
    let away = office.tablet("away", &["A"], &server.address);
    let file = office.home().join("before").display().to_string();
    succeed(&office.folder(), &["backup", "--unencrypted", "--to", &file], "");
    drop(server);
    std::fs::remove_dir_all(office.folder()).unwrap();
    database::lose(&office.folder());
    succeed(&office.folder(), &["restore", &file], "");
    let place = office.home().join("backups");
    std::fs::create_dir(&place).unwrap();
    let key = office.home().join("backup.key").display().to_string();
    let recipient = succeed(&office.home().join("nowhere"), &["backup", "keygen", "--out", &key], "");
    let place = place.display().to_string();
    let args = ["--backup-to", &place, "--backup-recipient", recipient.trim()];
    let server = Server::start_with(&office.folder(), &args);
    for tablet in &mut here {
        tablet.sync(&Http::new(&server.address)).unwrap();
    }
    office.count();
    let gap = Gap::Close { device: away.device().unwrap() };
    office.on_centre(async |centre| {
        let round = &office.round;
        centre.decide(round, "A", Ruling::WriteOff(gap), INSPECTORS, "máy chưa về").await.unwrap();
        office.count_again(centre).await;
        centre.publish(round, &[]).await.unwrap();
    });
    (server, away)
}

#[test]
fn people_of_the_office_finish_a_round_by_what_stands_on_the_pages() {
    let Some(tools) = tools() else { return };
    let office = Office::new();
    let (server, away) = almost_at_the_end(&office);
    let hall = json!({ "address": server.address, "people": people(&office), "round": office.round.uuid() });
    let folder: Vec<String> = std::env::var("HOMPHIEU_SCREENSHOTS").ok().into_iter().collect();
    let more: Vec<&str> = folder.iter().map(String::as_str).collect();
    let device = away.device().unwrap();
    converse(&tools, "console-end.mjs", &more, &hall, |asked| {
        assert_eq!(asked, "propose");
        // As a program would, and not on the page.
        office.on_centre(async |centre| {
            let first = Actor::Person(centre.person_named("kiem-tra-1").await.unwrap());
            let matter = Matter::GoOnWithout(device);
            let first = centre.acting_for(first);
            first.propose(&office.round, "A", matter, "máy rơi xuống suối").await.unwrap();
        });
        json!(true)
    });
    let state = office.on_centre(async |centre| centre.round(&office.round).await.unwrap().state.to_string());
    assert_eq!(state, "finished");
}

#[test]
fn the_box_of_a_lost_tablet_is_handed_in_on_the_page_and_two_people_decide_about_it() {
    const STORY: &str = "Máy rơi xuống suối, khóa hỏng";
    let Some(tools) = tools() else { return };
    let office = Office::new();
    let server = Server::start(&office.folder());
    let mut tablet = office.tablet("dead", &["A"], &server.address);
    office.cast(&mut tablet, "A", 0..12);
    tablet.into_store().destroy(&Key::parse("identity").unwrap()).unwrap();
    let saved = orphan::export(&FileStore::open(&office.home().join("dead")).unwrap(), STORY).unwrap();
    let path = office.home().join("cuu-phieu.hpgoi");
    std::fs::write(&path, &saved.parcel).unwrap();
    let hall = json!({
        "address": server.address,
        "people": people(&office),
        "round": office.round.uuid(),
        "parcel": path,
        "story": STORY,
        "ballots": saved.ballots,
    });
    converse(&tools, "console-orphan.mjs", &[], &hall, |asked| panic!("nobody knows how to {asked}"));
    let held = office.on_centre(async |centre| centre.holds(&office.round).await.unwrap());
    let decided = held.iter().flat_map(|unit| &unit.held).filter(|envelope| envelope.decided).count();
    assert_eq!(decided, 1, "two people decided about what was handed in");
}
