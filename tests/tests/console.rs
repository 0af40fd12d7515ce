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

/// Two rounds of the same roster, of which the later one has other posts; in each `A` and `S` are published.
fn two_rounds() -> (Office, Value, Server) {
    let (mut office, people) = full_office(Mode::Official);
    let server = Server::start(&office.folder());
    let transport = Http::new(&server.address);
    for time in ["first", "second"] {
        for (code, voters) in [("A", 0..21), ("S", 0..4), ("T", 0..6)] {
            let mut tablet = office.tablet(&format!("{time}-{code}"), &[code], &server.address);
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
        if time == "first" {
            let officials = HOSTILE_OFFICIALS.replace("</b>,Bí thư", "</b>,<u>Chủ tịch</u>");
            let choices = Choices { title: "Đợt <s>hai</s>".to_owned(), ..choices(Mode::Official) };
            office.one_more(HOSTILE_UNITS, &officials, choices);
        }
    }
    (office, people, server)
}

#[test]
fn figures_stand_beside_earlier_ones_with_bases_and_what_differs_and_small_groups_stay_hidden() {
    let (office, people, server) = two_rounds();
    let figures = office.on_centre(async |centre| centre.figures(&office.round).await.unwrap());
    let hall = json!({
        "address": server.address,
        "people": people,
        "round": office.round.uuid(),
        "figures": serde_json::to_value(figures).unwrap(),
    });
    let said = play("console-compare.mjs", &hall, |asked| panic!("nobody knows how to {asked}"));
    let Some(said) = said else { return };
    assert!(said["views"].as_u64().unwrap() >= 5, "{said}");
}

#[test]
fn officials_see_their_earlier_rounds_by_letter_and_on_their_own_page_and_small_groups_stay_hidden() {
    let (office, people, server) = two_rounds();
    let (letters, earlier) = office.on_centre(async |centre| {
        let which = LetterSearch::default();
        let made = centre.make_letters(&office.round, &which, 30).await.unwrap();
        let (mut letters, mut earlier) = (serde_json::Map::new(), serde_json::Map::new());
        for letter in made {
            let code = letter.code.reveal().to_string();
            let opened = centre.open_letter(&code).await.unwrap();
            assert_eq!(opened.earlier.len(), 1, "the round itself is none of the earlier ones");
            let small = letter.notice.unit.as_str() == "S";
            assert_eq!(opened.earlier[0].shares.is_none() && opened.earlier[0].base.is_none(), small);
            earlier.insert(letter.notice.official.clone(), serde_json::to_value(&opened.earlier[0]).unwrap());
            letters.insert(letter.notice.official, json!(code));
        }
        (letters, earlier)
    });
    let hall = json!({ "address": server.address, "people": people, "letters": letters, "earlier": earlier });
    let said = play("console-earlier.mjs", &hall, |asked| panic!("nobody knows how to {asked}"));
    let Some(said) = said else { return };
    assert!(said["views"].as_u64().unwrap() >= 2, "{said}");
}

#[test]
fn who_was_told_is_seen_noted_and_acknowledged_by_those_who_may() {
    let (office, people, server) = two_rounds();
    let hall = json!({ "address": server.address, "people": people, "round": office.round.uuid() });
    let mut server = server;
    office.on_centre(async |centre| {
        let four = Contact::new(ContactKind::Official, "S2", "Bốn", "bon@dongvan.vn", "", Channel::Email);
        centre.put_contact(&four.unwrap()).await.unwrap();
    });
    let try_mail = |outcome: Result<(), Failure>| {
        office.on_centre(async |centre| {
            let claimed = centre.claim_message((true, false), i64::MAX / 2).await.unwrap().unwrap();
            centre.note_try(&claimed, outcome, 1_800_000_000).await.unwrap();
        });
    };
    let said = play("console-notices.mjs", &hall, |asked| {
        match asked.as_str().unwrap() {
            "refuse mail" => try_mail(Err(Failure::ForGood("permanent error (550)".to_owned()))),
            "take mail" => try_mail(Ok(())),
            "stop" => server.kill(),
            "start" => server.restart(&office.folder()),
            other => panic!("nobody knows how to {other}"),
        }
        json!(true)
    });
    let Some(said) = said else { return };
    assert!(said["views"].as_u64().unwrap() >= 4, "{said}");
    let tally = office.on_centre(async |centre| centre.notice_figures(&office.round).await.unwrap());
    assert_eq!(
        (tally.all.notices, tally.all.in_time),
        (4, 3),
        "two signed on paper, one said so on the page"
    );
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
    let (office, people) = full_office(Mode::Official);
    let server = Server::start(&office.folder());
    let mut tablet = office.tablet("a", &["A"], &server.address);
    office.cast(&mut tablet, "A", 0..21);
    tablet.close(&homphieu_tests::office::unit("A")).unwrap();
    tablet.sync(&Http::new(&server.address)).unwrap();
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
fn officials_read_their_result_by_letter_and_the_office_sees_where_each_is_reached_and_what_went_out() {
    let (office, people) = full_office(Mode::Official);
    let server = Server::start(&office.folder());
    let mut tablet = office.tablet("a", &["A"], &server.address);
    office.cast(&mut tablet, "A", 0..21);
    tablet.close(&homphieu_tests::office::unit("A")).unwrap();
    tablet.sync(&Http::new(&server.address)).unwrap();
    office.count();
    let reached = |name: &str, email: &str| {
        let made = Contact::new(ContactKind::Official, name, name, email, "", Channel::Email);
        made.unwrap()
    };
    let letter = office.on_centre(async |centre| {
        centre.put_contact(&reached("A1", "mot@dongvan.vn")).await.unwrap();
        centre.publish(&office.round, &["A".to_owned()]).await.unwrap();
        let claimed = centre.claim_message((true, false), i64::MAX / 2).await.unwrap().unwrap();
        let refused = Failure::ForGood("permanent error (550): <script>no such user</script>".to_owned());
        centre.note_try(&claimed, Err(refused), 1_800_000_000).await.unwrap();
        let officials = BTreeSet::from(["A1".to_owned()]);
        let which = LetterSearch { officials, ..LetterSearch::default() };
        let made = centre.make_letters(&office.round, &which, 30).await.unwrap();
        made[0].code.reveal().to_string()
    });
    let slip = office.slips[&homphieu_tests::office::unit("A")][0].reveal().to_string();
    let hall = json!({ "address": server.address, "people": people, "letter": letter, "slip": slip });
    let said = play("console-ways.mjs", &hall, |asked| {
        assert_eq!(asked, "change A2");
        office.on_centre(async |centre| {
            let known = centre.contact(ContactKind::Official, "A2").await.unwrap();
            let changed = Contact { version: known.version, ..reached("A2", "hai2@dongvan.vn") };
            centre.put_contact(&changed).await.unwrap();
        });
        json!(true)
    });
    let Some(said) = said else { return };
    assert!(said["views"].as_u64().unwrap() >= 8, "{said}");
}

#[test]
fn a_plan_goes_from_the_official_to_the_head_to_the_inspector_and_a_tablets_version_is_shown_beside_it() {
    let (office, people) = full_office(Mode::Official);
    let mut server = Server::start(&office.folder());
    let mut tablet = office.tablet("a", &["A"], &server.address);
    let (a, http) = (homphieu_tests::office::unit("A"), Http::new(&server.address));
    office.cast(&mut tablet, "A", 0..21);
    tablet.close(&a).unwrap();
    tablet.sync(&http).unwrap();
    office.count();
    office.on_centre(async |centre| centre.publish(&office.round, &["A".to_owned()]).await.unwrap());
    let person = tablet.join(&a, "Lý Thị Ghi").unwrap();
    tablet.set_pin(&a, &person, None, "2468").unwrap();
    let acting = tablet.act_as(&a, &person, "2468").unwrap();
    office.hire("xa-a", &[Role::Unit], |profile| profile.unit = Some(a.clone()));
    let hall = json!({ "address": server.address, "people": people, "round": office.round.uuid() });
    let said = play("console-plans.mjs", &hall, |asked| {
        match asked.as_str().unwrap() {
            "write at the centre" => office.on_centre(async |centre| {
                let person = centre.person_named("xa-a").await.unwrap();
                let own = centre.acting_for(Actor::Person(person));
                let words = "viết tại trung tâm".to_owned();
                let text = PlanText { shortcomings: vec![words.clone()], measures: vec![(words, None)] };
                own.write_plan((&office.round, Some("A")), "A1", "none", &text).await.unwrap();
            }),
            "tablet writes" => {
                let words = "viết trên máy không mạng".to_owned();
                let plan = NewPlan {
                    official: "A1".to_owned(),
                    based_on: Vec::new(),
                    shortcomings: vec![words.clone()],
                    measures: vec![(words, None)],
                };
                tablet.write_plan(&acting, plan, None).unwrap();
                tablet.sync(&http).unwrap();
            }
            "stop" => server.kill(),
            other => panic!("nobody knows how to {other}"),
        }
        json!(true)
    });
    let Some(said) = said else { return };
    assert!(said["views"].as_u64().unwrap() >= 8, "{said}");
}

/// The page of the message whose key has this in it.
fn page_of(messages: &[Message], key: &str) -> Value {
    let found = messages.iter().find(|message| message.key.contains(key));
    json!(found.unwrap_or_else(|| panic!("no message {key}")).words.page)
}

#[test]
fn whoever_follows_the_link_of_a_message_does_there_what_it_asks() {
    let (office, people) = full_office(Mode::Official);
    let server = Server::start(&office.folder());
    let mut tablet = office.tablet("a", &["A"], &server.address);
    office.cast(&mut tablet, "A", 0..21);
    tablet.close(&homphieu_tests::office::unit("A")).unwrap();
    tablet.sync(&Http::new(&server.address)).unwrap();
    office.count();
    let login = |role: &str| people[role]["login"].as_str().unwrap().to_owned();
    let (inspector, organiser) = (login("inspector"), login("organiser"));
    let today = office.on_centre(async |centre| {
        for (kind, code) in [
            (ContactKind::Official, "A1"),
            (ContactKind::Unit, "A"),
            (ContactKind::Person, inspector.as_str()),
            (ContactKind::Person, organiser.as_str()),
        ] {
            let email = format!("{}@dongvan.vn", code.to_lowercase());
            let contact = Contact::new(kind, code, code, &email, "", Channel::Email).unwrap();
            centre.put_contact(&contact).await.unwrap();
        }
        centre.publish(&office.round, &["A".to_owned()]).await.unwrap();
        centre.reminders().await.unwrap().today
    });
    let before = |days: u64| day_text(today - std::time::Duration::from_secs(days * 86_400));
    for table in ["notice", "plan"] {
        let late = before(1);
        office.on_database(async |db| {
            let set = format!("UPDATE {table} SET made_on = '2020-01-31', due_on = $1");
            sqlx::query(sqlx::AssertSqlSafe(set)).bind(late).execute(db).await.unwrap();
        });
    }
    let messages = office.on_centre(async |centre| {
        let own = centre.acting_for(Actor::Person(centre.person_named(&inspector).await.unwrap()));
        let visit = json!({
            "state": "made", "planned_on": before(9), "made_on": before(9), "people": ["Lý Đi"], "purpose": "xem",
            "findings": [
                { "text": "thiếu sổ ghi", "measure": "ghi lại sổ", "due_on": before(8), "follow_up": "open" },
            ],
        });
        own.plan_visit(&office.round, "A", serde_json::from_value(visit).unwrap()).await.unwrap();
        let own = centre.acting_for(Actor::Person(centre.person_named(&organiser).await.unwrap()));
        // So often that the next one is near.
        let rhythm = Rhythm { months: 1, remind_before: 60, ..Rhythm::default() };
        own.set_rhythm(rhythm, 0).await.unwrap();
        centre.remind().await.unwrap();
        centre.messages(&OutboxSearch::default(), None, 200).await.unwrap()
    });
    // What a visit found is known by its visit, which nobody knows beforehand.
    let follow_up = |whom: &str| {
        let found: Vec<Message> =
            messages.iter().filter(|one| one.key.contains("/follow_up/")).cloned().collect();
        page_of(&found, whom)
    };
    let links = json!({
        "notice": page_of(&messages, &format!("notice/{}/A/A1/", office.round.uuid())),
        "notice official": page_of(&messages, "/notice/A/A1/official/"),
        "plan official": page_of(&messages, "/plan/A/A1/official/"),
        "plan unit": page_of(&messages, "/plan/A/A1/unit/"),
        "notice unit": page_of(&messages, "/notice/A/A2/unit/"),
        "follow up unit": follow_up("/unit/"),
        "follow up inspectors": follow_up("/inspectors/"),
        "next round": page_of(&messages, "/next_round/"),
    });
    let hall = json!({ "address": server.address, "people": people, "links": links });
    let said = play("console-links.mjs", &hall, |asked| panic!("nobody knows how to {asked}"));
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
