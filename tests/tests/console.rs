//! The office's console in a real browser, against a real centre.

#![expect(clippy::unwrap_used, reason = "a test fails on the spot")]

use client_ffi::store::FileStore;
use client_ffi::transport::Http;
use client_ffi::{NewPlan, Tablet};
use homphieu_server::domain::calendar::{Calendar, day_text};
use homphieu_server::domain::contact::{Channel, Contact, ContactKind};
use homphieu_server::domain::draft::Choices;
use homphieu_server::domain::outgoing::{Failure, Message};
use homphieu_server::domain::periodic::Rhythm;
use homphieu_server::domain::person::Role;
use homphieu_server::service::{Actor, Centre, InviteScope, LetterSearch, PlanText, Profile};
use homphieu_server::store::outbox::OutboxSearch;
use homphieu_tests::browser::{converse, tools};
use homphieu_tests::office::{OFFICIALS_CSV, ORGANISER, Office, UNITS_CSV, choices};
use homphieu_tests::record::{CHAIR, HEAD, Scribe, clear, entry, joins};
use homphieu_tests::server::{Server, request};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use sync_core::cose::Unverified;
use sync_core::device::Revocation;
use sync_core::package::Mode;
use sync_core::record::{Act, FigureKind};

#[path = "console/afterwards.rs"]
mod afterwards;

/// Where pictures of every view go, if somebody wants to look.
fn pictures() -> Vec<String> {
    std::env::var("HOMPHIEU_SCREENSHOTS").ok().into_iter().collect()
}

fn play(script: &str, hall: &Value, happen: impl FnMut(&Value) -> Value) -> Option<Value> {
    let tools = tools()?;
    let folder = pictures();
    let more: Vec<&str> = folder.iter().map(String::as_str).collect();
    Some(converse(&tools, script, &more, hall, happen))
}

/// Does something on a centre without a round, beside its server.
fn on_centre<T>(folder: &Path, work: impl AsyncFnOnce(&Centre) -> T) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let centre = Centre::open_at(folder, homphieu_tests::database::of(folder).as_deref()).await.unwrap();
        let done = work(&centre).await;
        centre.close().await;
        done
    })
}

#[test]
fn the_first_person_signs_in_with_what_the_centre_printed_and_everybody_only_with_what_is_right() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("centre");
    let mut server = Server::start(&folder);
    let log = std::fs::read_to_string(folder.with_extension("log")).unwrap();
    // The line below the one that names the account.
    let once = log.lines().skip_while(|line| !line.contains("admin")).nth(1).unwrap().trim().to_owned();
    let locked = on_centre(&folder, async |centre| {
        let (_, once) = centre.add_person("khoa", &Profile::outsider("Khóa", &[])).await.unwrap();
        once.to_string()
    });
    let hall = json!({ "address": server.address, "once": once, "locked": locked });
    let said = play("console-start.mjs", &hall, |asked| {
        match asked.as_str().unwrap() {
            "stop" => server.kill(),
            "start" => server.restart(&folder),
            "end sessions" => on_centre(&folder, async |centre| {
                let person = centre.person_named("admin").await.unwrap();
                for session in centre.sessions_of(person.id).await.unwrap() {
                    centre.end_session(person.id, &session.id).await.unwrap();
                }
            }),
            other => panic!("nobody knows how to {other}"),
        }
        json!(true)
    });
    let Some(said) = said else { return };
    assert!(said["views"].as_u64().unwrap() >= 9, "{said}");
}

/// Names as somebody types them who wants to see a page break.
const HOSTILE_UNITS: &str = "unit_code,name,kind,voters\nA,\"<img src=x onerror=alert(1)> Đảng bộ \"\"xã\"\" & ' ${1} {{t}}\",dang_bo,24\n\
     S,Chi bộ Mèo Vạc Sủng Là Phố Cáo Phó Bảng Lũng Cú Má Lé Lũng Táo Sà Phìn Thài Phìn Tủng Tả Phìn Tả Lủng,chi_bo,4\n\
     T,</script><script>alert(1)</script>,chi_bo,7\n";
const HOSTILE_OFFICIALS: &str = "unit_code,ordinal,official_code,full_name,post\nA,1,A1,<b onmouseover=alert(1)>Vàng Mí Một</b>,Bí thư\n\
     A,2,A2,\"=cmd|'/c calc'!A1\",Phó\nS,1,S1,Lầu Văn Ba,Bí thư\nS,2,S2,Sùng Thị Bốn,Phó\n\
     T,1,T1,Nguyễn Năm,Bí thư\nT,2,T2,Hoàng Sáu,Phó\n";

/// An office with hostile names and somebody of every role; passwords by login.
fn full_office(mode: Mode) -> (Office, Value) {
    let office = Office::of(HOSTILE_UNITS, HOSTILE_OFFICIALS, true, choices(mode));
    let mut people = serde_json::Map::new();
    for role in Role::ALL {
        let login = format!("vai-{}", role.code());
        let password = office.hire(&login, &[role], |profile| {
            profile.name = format!("<i>{}</i> & \"{login}\"", "Ánh ".repeat(8));
            profile.unit = (role == Role::Unit).then(|| homphieu_tests::office::unit("A"));
            if role == Role::Official {
                profile.officials = BTreeSet::from(["A1".to_owned()]);
            }
        });
        people.insert(role.code().to_owned(), json!({ "login": login, "password": password }));
    }
    (office, Value::Object(people))
}

/// The same, served, where unit A voted with 21 slips and brought its box.
fn voted() -> (Office, Value, Server, Tablet<FileStore>) {
    let (office, people) = full_office(Mode::Official);
    let server = Server::start(&office.folder());
    let mut tablet = office.tablet("a", &["A"], &server.address);
    office.cast(&mut tablet, "A", 0..21);
    tablet.close(&homphieu_tests::office::unit("A")).unwrap();
    tablet.sync(&Http::new(&server.address)).unwrap();
    (office, people, server, tablet)
}

#[test]
fn the_board_shows_each_role_what_it_may_see_and_goes_on_by_itself_through_a_restart_of_the_centre() {
    let (office, people) = full_office(Mode::Training);
    let mut server = Server::start(&office.folder());
    let mut tablet = office.tablet("a", &["A"], &server.address);
    let transport = Http::new(&server.address);
    let hall = json!({ "address": server.address, "people": people, "round": office.round.uuid() });
    let said = play("console-board.mjs", &hall, |asked| {
        match asked.as_str().unwrap() {
            "vote" => {
                office.cast(&mut tablet, "A", 0..8);
                tablet.sync(&transport).unwrap();
            }
            "stop" => server.kill(),
            "start" => server.restart(&office.folder()),
            "close box" => {
                tablet.close(&homphieu_tests::office::unit("A")).unwrap();
                tablet.sync(&transport).unwrap();
            }
            other => panic!("nobody knows how to {other}"),
        }
        json!(true)
    });
    let Some(said) = said else { return };
    assert!(said["views"].as_u64().unwrap() >= 4, "{said}");
}

#[test]
fn published_figures_are_pictures_with_words_counts_and_bases_and_small_groups_are_not_shown() {
    let (office, people) = full_office(Mode::Official);
    let server = Server::start(&office.folder());
    let transport = Http::new(&server.address);
    for (code, voters) in [("A", 0..21), ("S", 0..4), ("T", 0..6)] {
        let mut tablet = office.tablet(code, &[code], &server.address);
        office.cast(&mut tablet, code, voters);
        tablet.close(&homphieu_tests::office::unit(code)).unwrap();
        tablet.sync(&transport).unwrap();
    }
    office.count();
    office.on_centre(async |centre| {
        let units = ["A".to_owned(), "S".to_owned()];
        let report = centre.publish(&office.round, &units).await.unwrap();
        assert!(report.units.iter().all(|unit| unit.obstacles.is_empty()), "{:?}", report.units);
    });
    let figures = office.on_centre(async |centre| centre.figures(&office.round).await.unwrap());
    let hall = json!({
        "address": server.address,
        "people": people,
        "round": office.round.uuid(),
        "figures": serde_json::to_value(figures).unwrap(),
    });
    let said = play("console-results.mjs", &hall, |asked| panic!("nobody knows how to {asked}"));
    let Some(said) = said else { return };
    assert!(said["views"].as_u64().unwrap() >= 4, "{said}");
}

#[test]
fn boards_of_a_district_never_show_a_wrong_state_while_ballots_and_records_come_and_the_centre_is_killed() {
    const UNITS: usize = 69;
    const WAVES: usize = 3;
    let code = |place: usize| format!("U{place:02}");
    let name = |place: usize| format!("Chi bộ số {place:02} xã Sủng Là");
    let mut units = String::from("unit_code,name,kind,voters\n");
    let mut officials = String::from("unit_code,ordinal,official_code,full_name,post\n");
    for place in 0..UNITS {
        let code = code(place);
        writeln!(units, "{code},{},chi_bo,12", name(place)).unwrap();
        writeln!(officials, "{code},1,{code}-1,Vàng Mí Một,Bí thư\n{code},2,{code}-2,Giàng Thị Hai,Phó")
            .unwrap();
    }
    let choices = Choices { attended: Vec::new(), ..choices(Mode::Official) };
    let office = Office::of(&units, &officials, true, choices);
    let password = office.hire("xem", &[Role::Observer], |_| ());
    let mut server = Server::start(&office.folder());
    let transport = Http::new(&server.address);
    // Every third unit has no tablet yet; of the others one wave after another votes.
    let tokens: Vec<(usize, String)> =
        (0..UNITS).filter(|place| place % 3 != 2).map(|place| (place, code(place))).collect();
    let mut tablets: Vec<_> =
        tokens.iter().map(|(place, code)| (*place, office.tablet(code, &[code], &server.address))).collect();
    let mut confirmed = vec![0_u64; UNITS];
    let hall = json!({
        "address": server.address,
        "people": { "observer": { "login": "xem", "password": password } },
        "round": office.round.uuid(),
        "units": UNITS,
        "waves": WAVES,
        "levels": ["quyết liệt", "Resolute"],
    });
    let said = play("console-live.mjs", &hall, |asked| {
        match (asked.as_str(), asked["wave"].as_u64()) {
            (Some("kill"), _) => {
                server.kill();
                // What is cast while the centre is away waits on the tablet.
                let (place, tablet) = tablets.last_mut().unwrap();
                if confirmed[*place] == 0 {
                    office.cast(tablet, &code(*place), 0..8);
                    confirmed[*place] = 4;
                }
                assert!(tablet.sync(&transport).is_err(), "nobody is there");
            }
            (Some("start"), _) => {
                server.restart(&office.folder());
                let (_, tablet) = tablets.last_mut().unwrap();
                tablet.sync(&transport).unwrap();
            }
            (None, Some(wave)) => {
                let wave = usize::try_from(wave).unwrap();
                let last = tablets.len() - 1;
                for (at, (place, tablet)) in
                    tablets[..last].iter_mut().enumerate().filter(|(at, _)| at % WAVES == wave)
                {
                    let code = code(*place);
                    office.cast(tablet, &code, 0..9);
                    confirmed[*place] = 4;
                    if at % 2 == 0 {
                        tablet.close(&homphieu_tests::office::unit(&code)).unwrap();
                        confirmed[*place] = 9;
                    }
                    tablet.sync(&transport).unwrap();
                    if at % 5 == 0 {
                        office.on_centre(async |centre| {
                            let present = Act::Figure { kind: FigureKind::Present, value: 9 };
                            let mut scribe = Scribe::enrol(centre, &office.round, &code, &[&code]).await;
                            let change = scribe.write([joins(), vec![entry(CHAIR, present)]].concat());
                            assert_eq!(scribe.give(centre, vec![clear(&change)]).await.outcomes, []);
                        });
                    }
                }
            }
            _ => panic!("nobody knows how to {asked}"),
        }
        json!((0..UNITS).map(|place| (name(place), confirmed[place])).collect::<BTreeMap<_, _>>())
    });
    let Some(said) = said else { return };
    assert!(said["views"].as_u64().unwrap() >= 1, "{said}");
}

#[test]
fn two_people_at_one_thing_are_told_of_each_other_and_overwrite_nothing() {
    let (office, people) = full_office(Mode::Official);
    let server = Server::start(&office.folder());
    let mut tablet = office.tablet("a", &["A"], &server.address);
    let device = tablet.device().unwrap();
    let hire = |login: &str, role: Role| {
        let password = office.hire(login, &[role], |_| ());
        json!({ "login": login, "password": password })
    };
    let pair = |role: Role| {
        [hire(&format!("mot-{}", role.code()), role), hire(&format!("hai-{}", role.code()), role)]
    };
    office.hire("sinh", &[Role::Observer], |_| ());
    // Another tablet comes once the first one is revoked.
    let mut late = None;
    let hall = json!({
        "address": server.address,
        "people": people,
        "round": office.round.uuid(),
        "administrators": pair(Role::Administrator),
        "organisers": pair(Role::Organiser),
        "inspectors": pair(Role::Inspector),
    });
    tablet.sync(&Http::new(&server.address)).unwrap();
    let said = play("console-together.mjs", &hall, |asked| match asked.as_str().unwrap() {
        "reason" => {
            late = Some(office.tablet("b", &["A"], &server.address));
            let devices = office.on_centre(async |centre| centre.devices(&office.round).await.unwrap());
            let revoked = devices.into_iter().find(|row| row.id == device).unwrap().revocation.unwrap();
            json!(Unverified::<Revocation>::decode(&revoked).unwrap().claim().reason)
        }
        "late" => {
            let late = late.as_mut().unwrap();
            office.cast(late, "A", 0..8);
            late.sync(&Http::new(&server.address)).unwrap();
            json!(true)
        }
        "decided" => {
            let holds = office.on_centre(async |centre| centre.holds(&office.round).await.unwrap());
            json!(holds.iter().flat_map(|unit| &unit.held).filter(|held| held.decided).count())
        }
        other => panic!("nobody knows how to {other}"),
    });
    let Some(said) = said else { return };
    assert!(said["views"].as_u64().is_some(), "{said}");
}

#[test]
fn every_view_says_that_it_waits_is_refused_has_lost_the_centre_or_has_nothing_in_it() {
    let (office, _) = full_office(Mode::Official);
    let server = Server::start(&office.folder());
    let draft = office.on_centre(async |centre| {
        let roster =
            homphieu_server::roster::from_csv(UNITS_CSV.as_bytes(), OFFICIALS_CSV.as_bytes()).unwrap();
        let choices = Choices { title: "Bản nháp".to_owned(), ..choices(Mode::Training) };
        centre.import(&roster, choices).await.unwrap().id
    });
    let hire = |login: &str, roles: &[Role]| {
        let password = office.hire(login, roles, |profile| {
            profile.unit = roles.contains(&Role::Unit).then(|| homphieu_tests::office::unit("A"));
            if roles.contains(&Role::Official) {
                profile.officials = BTreeSet::from(["A1".to_owned()]);
            }
        });
        json!({ "login": login, "password": password })
    };
    let staff = [Role::Administrator, Role::Organiser, Role::Inspector, Role::Trustee];
    let hall = json!({
        "address": server.address,
        "people": {
            "staff": hire("moi-viec", &staff),
            "own": hire("cua-minh", &[Role::Unit, Role::Official]),
            "observer": hire("chi-xem", &[Role::Observer]),
        },
        "round": office.round.uuid(),
        "title": "Đợt thử",
        "draft": draft.uuid(),
        "draft_title": "Bản nháp",
    });
    let said = play("console-states.mjs", &hall, |asked| panic!("nobody knows how to {asked}"));
    let Some(said) = said else { return };
    assert!(said["views"].as_u64().unwrap() >= 60, "{said}");
}

/// Names that a roster may hold and that are hard on a page: read from the right, marks upon marks, without a break, and
/// what a spreadsheet takes for a formula.
fn hard_names() -> (String, String) {
    let formula = "\"=HYPERLINK(\"\"http://x.vn\"\",\"\"bấm\"\")\"";
    let marks = format!("Z{}", "\u{300}\u{332}\u{35b}".repeat(25));
    let long = "W".repeat(190);
    let units = format!(
        "unit_code,name,kind,voters\nA,שלום (א) 12 עולם,dang_bo,24\nS,{long},chi_bo,4\nT,{formula},chi_bo,7\n"
    );
    let officials = format!(
        "unit_code,ordinal,official_code,full_name,post\nA,1,A1,{marks} عبد 7,Bí thư\nA,2,A2,{formula},مدير 3 (ب)\n\
         S,1,S1,עברית Ba,{long}\nS,2,S2,{long},{formula}\nT,1,T1,{marks},{marks}\nT,2,T2,Hoàng Sáu,Phó\n"
    );
    (units, officials)
}

#[test]
fn names_that_turn_cover_or_push_what_stands_beside_them_break_no_view_and_run_nothing() {
    let (units, officials) = hard_names();
    let office = Office::of(&units, &officials, true, choices(Mode::Official));
    let server = Server::start(&office.folder());
    let transport = Http::new(&server.address);
    for (code, voters) in [("A", 0..21), ("S", 0..4)] {
        let mut tablet = office.tablet(code, &[code], &server.address);
        office.cast(&mut tablet, code, voters);
        tablet.close(&homphieu_tests::office::unit(code)).unwrap();
        tablet.sync(&transport).unwrap();
    }
    office.count();
    let token = office.on_centre(async |centre| {
        let report = centre.publish(&office.round, &["A".to_owned(), "S".to_owned()]).await.unwrap();
        assert!(report.units.iter().all(|unit| unit.obstacles.is_empty()), "{:?}", report.units);
        let scope = InviteScope::Units(vec!["T".to_owned()]);
        let label = "Máy \u{2069}\u{202e}7 txet\u{200b}";
        centre.invite(&office.round, &scope, label, &server.address).await.unwrap().to_text()
    });
    let store = FileStore::open(&office.home().join("turned")).unwrap();
    Tablet::open(store).unwrap().enrol(&token, &transport).unwrap();
    let roles = [Role::Administrator, Role::Organiser, Role::Inspector, Role::Trustee];
    let password = office.hire("moi-viec", &roles, |profile| profile.name = "דוד \u{202e}nalA".to_owned());
    let hall = json!({
        "address": server.address,
        "person": { "login": "moi-viec", "password": password },
        "round": office.round.uuid(),
        "title": "Đợt thử",
        "units": units,
        "officials": officials,
    });
    let said = play("console-names.mjs", &hall, |asked| panic!("nobody knows how to {asked}"));
    let Some(said) = said else { return };
    assert!(said["views"].as_u64().unwrap() >= 24, "{said}");
}

#[test]
fn what_is_held_is_decided_by_two_people_who_are_not_involved_and_everybody_reads_why() {
    let (office, people) = full_office(Mode::Official);
    let server = Server::start(&office.folder());
    let mut tablet = office.tablet("a", &["A"], &server.address);
    let transport = Http::new(&server.address);
    office.cast(&mut tablet, "A", 0..8);
    office.on_centre(async |centre| centre.close_round(&office.round).await.unwrap());
    tablet.sync(&transport).unwrap();
    let inspector = |login: &str, change: &dyn Fn(&mut Profile)| {
        let password = office.hire(login, &[Role::Inspector], change);
        json!({ "login": login, "password": password })
    };
    let votes_there = |profile: &mut Profile| profile.votes_in = Some(homphieu_tests::office::unit("A"));
    let inspectors =
        [inspector("mot", &|_| ()), inspector("hai", &|_| ()), inspector("nguoi-xa-a", &votes_there)];
    let hall = json!({
        "address": server.address,
        "people": people,
        "inspectors": inspectors,
        "organiser": ORGANISER,
    });
    let said = play("console-held.mjs", &hall, |asked| {
        assert_eq!(asked, "close box");
        tablet.close(&homphieu_tests::office::unit("A")).unwrap();
        tablet.sync(&transport).unwrap();
        json!(true)
    });
    let Some(said) = said else { return };
    assert!(said["views"].as_u64().unwrap() >= 3, "{said}");
    let log = office.on_centre(async |centre| centre.holds(&office.round).await.unwrap());
    let decided = log.iter().flat_map(|unit| &unit.held).filter(|held| held.decided).count();
    assert_eq!(decided, 1, "what two people agreed on, and nothing else");
}

#[test]
fn an_administrator_adds_people_and_devices_whose_secrets_are_shown_once_and_overwrites_nobody() {
    let (office, people) = full_office(Mode::Official);
    let server = Server::start(&office.folder());
    let hall = json!({ "address": server.address, "people": people });
    let said = play("console-desk.mjs", &hall, |asked| {
        if let Some(token) = asked["enrol"].as_str() {
            let store = FileStore::open(&office.home().join("enrolled")).unwrap();
            Tablet::open(store).unwrap().enrol(token, &Http::new(&server.address)).unwrap();
        } else {
            assert_eq!(asked, "change sinh");
            office.on_centre(async |centre| {
                let person = centre.person_named("sinh").await.unwrap();
                let profile = Profile::outsider(&person.name, &[Role::Inspector, Role::Observer]);
                centre.change_person(person.id, person.version, &profile).await.unwrap();
            });
        }
        json!(true)
    });
    let Some(said) = said else { return };
    assert!(said["views"].as_u64().unwrap() >= 6, "{said}");
}

#[test]
fn an_organiser_closes_orders_publishes_and_is_told_what_stands_in_the_way_of_the_end() {
    let (office, people, server, _tablet) = voted();
    office.on_centre(homphieu_tests::record::write_records);
    let path = office.home().join("result.hpr");
    let hall = json!({ "address": server.address, "people": people, "round": office.round.uuid() });
    let said = play("console-steer.mjs", &hall, |asked| {
        if asked == "late" {
            let mut late = office.tablet("late", &["A"], &server.address);
            late.close(&homphieu_tests::office::unit("A")).unwrap();
            late.sync(&Http::new(&server.address)).unwrap();
            return json!(true);
        }
        assert_eq!(asked, "count");
        std::fs::write(&path, office.on_centre(async |centre| office.result(centre).await)).unwrap();
        json!(path)
    });
    let Some(said) = said else { return };
    assert!(said["views"].as_u64().unwrap() >= 5, "{said}");
    let figures = office.on_centre(async |centre| centre.figures(&office.round).await.unwrap());
    assert_eq!(figures.units.iter().map(|unit| unit.code.as_str()).collect::<Vec<_>>(), ["A"]);
    let (told, _) = office.on_centre(async |centre| centre.notice(&office.round, "A1").await.unwrap());
    assert_eq!(told.due_on, Calendar::built_in().after(told.made_on, 3), "within the days that were typed");
}

#[test]
fn a_units_record_shows_who_said_what_and_the_office_settles_explains_and_notes() {
    const INCIDENT: &str = "mất điện <img src=x onerror=alert(1)>";
    let (office, people) = full_office(Mode::Official);
    let server = Server::start(&office.folder());
    office.on_centre(async |centre| {
        let present = |name, value| entry(name, Act::Figure { kind: FigureKind::Present, value });
        let mut one = Scribe::enrol(centre, &office.round, "A", &["A"]).await;
        let first = one.write(joins());
        let incident = entry(CHAIR, Act::Incident { text: INCIDENT.to_owned() });
        let second = one.write(vec![present(CHAIR, 20), entry(CHAIR, Act::CheckIn { voter: 99 }), incident]);
        assert_eq!(one.give(centre, vec![clear(&first), clear(&second)]).await.outcomes, []);
        let mut other = Scribe::enrol(centre, &office.round, "A", &["A"]).await;
        let third = other.write(vec![present(HEAD, 21)]);
        assert_eq!(other.give(centre, vec![clear(&third)]).await.outcomes, []);
    });
    let hall = json!({
        "address": server.address,
        "people": people,
        "round": office.round.uuid(),
        "incident": INCIDENT,
    });
    let said = play("console-unit.mjs", &hall, |asked| panic!("nobody knows how to {asked}"));
    let Some(said) = said else { return };
    assert!(said["views"].as_u64().unwrap() >= 3, "{said}");
}

#[test]
fn the_console_is_served_like_the_page_for_tablets_under_a_policy_that_allows_own_code_alone() {
    if tools().is_none() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(&home.path().join("centre"));
    let get = |path: &str| request("GET", &format!("{}{path}", server.address), &[], b"");
    let page = get("/console/");
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{policy}");
    assert!(!policy.contains("unsafe-inline") && !policy.contains("http"), "{policy}");
    assert_eq!(page.header("cache-control"), "no-cache");
    let text = String::from_utf8(page.body).unwrap();
    assert!(!text.contains("<style") && !text.contains("<script>") && !text.contains("://"), "{text}");
    let script = text.split("src=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert!(script.starts_with("/console/assets/"), "{script}");
    assert_eq!(get(script).header("cache-control"), "public, max-age=31536000, immutable");
    for absent in ["/console/index.html.gz", "/console/assets/none.js", "/console/..%2f..%2fCargo.toml"] {
        assert_eq!(get(absent).status, 404, "{absent}");
    }
}
