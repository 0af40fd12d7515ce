//! The sheet of one unit is replaced in a signed round: by the office, on the tablets, and in the count.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::store::FileStore;
use client_ffi::transport::Http;
use client_ffi::{Tablet, TabletError};
use homphieu_server::domain::figures::UnitFigures;
use homphieu_server::domain::person::Role;
use homphieu_server::domain::replacement::SheetProblem;
use homphieu_server::service::{Obstructed, SheetCorrection};
use homphieu_tests::office::{INSPECTORS, OFFICIALS_CSV, ORGANISER, Office, UNITS_CSV, marks, unit};
use homphieu_tests::record::{CHAIR, Scribe, clear, entry, joins};
use homphieu_tests::server::{Server, refused, request, run, succeed};
use std::collections::BTreeSet;
use sync_core::fingerprint;
use sync_core::order::Ruling;
use sync_core::package::PermitChange;
use sync_core::permit::{LookupError, PermitCode};
use sync_core::record::{Act, EntryRef};
use sync_core::standing::Obstacle;
use sync_core::survey::HoldReason;

const WRONG: &str = "Vàng Mí Một";
const RIGHT: &str = "Vàng Mý Một";

/// The roster with the name of `A1` spelt as it should be.
fn name_put_right() -> String {
    OFFICIALS_CSV.replace(WRONG, RIGHT)
}

/// The roster with the two officials of `A` in the other order.
fn other_order() -> String {
    OFFICIALS_CSV.replace("A,1,A1", "A,3,A1")
}

fn sync(tablet: &mut Tablet<FileStore>, server: &Server) {
    tablet.sync(&Http::new(&server.address)).unwrap();
}

/// A tablet that voted with six slips under the first sheet, and learnt that there is another.
fn voted_before(office: &Office, server: &Server, replace: impl FnOnce()) -> Tablet<FileStore> {
    let mut tablet = office.tablet("early", &["A"], &server.address);
    office.cast(&mut tablet, "A", 0..6);
    replace();
    sync(&mut tablet, server);
    tablet
}

/// Closes the unit's last tablet, admits every envelope that is held for its sheet, counts and publishes.
fn admitted_and_counted(office: &Office, mut tablet: Tablet<FileStore>, server: &Server) -> UnitFigures {
    tablet.close(&unit("A")).unwrap();
    sync(&mut tablet, server);
    let (_, standings) = office.on_centre(async |centre| centre.standings(&office.round).await.unwrap());
    let standing = standings.into_iter().find(|standing| standing.unit == unit("A")).unwrap();
    let held = standing.undecided();
    assert!(!held.is_empty());
    office.on_centre(async |centre| {
        let refused = centre.publish(&office.round, &["A".to_owned()]).await.unwrap().units.remove(0);
        for (id, why) in held {
            assert_eq!(*why, BTreeSet::from([HoldReason::ReplacedSheet]), "nothing else is wrong with it");
            let blocks =
                |o: &Obstructed| matches!(o, Obstructed::Unit(Obstacle::Undecided(it, _)) if *it == id);
            assert!(refused.obstacles.iter().any(blocks), "{:?}", refused.obstacles);
            let admit = Ruling::Admit(id);
            centre.decide(&office.round, "A", admit, INSPECTORS, "biên bản số 2").await.unwrap();
        }
    });
    office.count();
    let figures = office.on_centre(async |centre| {
        let done = centre.publish(&office.round, &["A".to_owned()]).await.unwrap().units.remove(0);
        assert_eq!(done.obstacles, []);
        centre.figures(&office.round).await.unwrap()
    });
    let bundle = office.on_centre(async |centre| centre.bundle(&office.round).await.unwrap());
    sync_core::verify::verify(&bundle.to_bytes(), &office.shares[..2], &mut |_, _| ()).unwrap();
    figures.units.into_iter().find(|figures| figures.code == "A").unwrap()
}

fn counted(reasons: &[homphieu_server::domain::figures::Reason]) -> Vec<(&str, u32)> {
    reasons.iter().map(|reason| (reason.code, reason.count)).collect()
}

#[test]
fn a_misspelt_name_costs_one_sheet_and_ballots_of_the_earlier_one_count_once_two_people_admit_them() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let mut elsewhere = office.tablet("elsewhere", &["S"], &server.address);
    let replace = || drop(office.replace_sheet("A", UNITS_CSV, &name_put_right(), false).unwrap());
    let mut tablet = voted_before(&office, &server, replace);
    let a = unit("A");
    let cast = |tablet: &mut Tablet<FileStore>| tablet.cast(&a, &office.slips[&a][6], &marks(6));
    assert!(matches!(cast(&mut tablet), Err(TabletError::SheetNotConfirmed)), "digits first");
    assert_eq!(tablet.sheet(&a).unwrap().officials[0].name, RIGHT);
    office.compare(&mut tablet, "A");
    assert_eq!((tablet.counts(&a).in_box, tablet.counts(&a).sealed), (0, 6), "old ballots left whole");
    cast(&mut tablet).unwrap();
    let again = tablet.cast(&a, &office.slips[&a][0], &marks(0));
    assert!(matches!(again, Err(TabletError::Box(_))), "a slip that is used stays used");
    office.cast(&mut tablet, "A", 7..12);
    // Whoever enrols from now on knows nothing else.
    let mut late = office.tablet("late", &["A"], &server.address);
    assert_eq!(late.sheet(&a).unwrap().officials[0].name, RIGHT);
    office.cast(&mut late, "A", 12..17);
    late.close(&a).unwrap();
    sync(&mut late, &server);
    // Another unit does not notice.
    sync(&mut elsewhere, &server);
    office.cast(&mut elsewhere, "S", 0..4);

    let figures = admitted_and_counted(&office, tablet, &server);
    assert_eq!((figures.collected, figures.valid), (17, 17));
    assert_eq!(figures.officials[0].name, RIGHT, "the result says the name as it should be");
}

#[test]
fn ballots_marked_for_other_officials_are_collected_and_invalid_also_once_admitted() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let replace = || drop(office.replace_sheet("A", UNITS_CSV, &other_order(), false).unwrap());
    let mut tablet = voted_before(&office, &server, replace);
    office.compare(&mut tablet, "A");
    office.cast(&mut tablet, "A", 6..15);
    let figures = admitted_and_counted(&office, tablet, &server);
    assert_eq!((figures.collected, figures.valid), (15, 9));
    assert_eq!(counted(&figures.invalid_by_reason), [("other_officials", 6)]);
    let codes: Vec<_> = figures.officials.iter().map(|official| official.code.as_str()).collect();
    assert_eq!(codes, ["A2", "A1"]);
}

#[test]
fn with_new_slips_the_earlier_ones_are_refused_by_tablets_and_never_collected_by_the_count() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let mut new: Vec<PermitCode> = Vec::new();
    let replace = || new = office.replace_sheet("A", UNITS_CSV, OFFICIALS_CSV, true).unwrap();
    let mut tablet = voted_before(&office, &server, replace);
    office.compare(&mut tablet, "A");
    let a = unit("A");
    let old = tablet.cast(&a, &office.slips[&a][7], &marks(7));
    assert!(matches!(old, Err(TabletError::Permit(LookupError::NotOfThisUnit))), "{old:?}");
    assert_eq!(new.len(), 27, "24 voters and 3 to spare");
    // Those who had voted vote again: their first ballots are never collected, so nobody votes twice.
    for (voter, code) in new.iter().enumerate().take(8) {
        tablet.cast(&a, code, &marks(voter)).unwrap();
    }
    let figures = admitted_and_counted(&office, tablet, &server);
    assert_eq!((figures.collected, figures.valid), (8, 8));
    assert_eq!(counted(&figures.facts), [("not_issued", 6)]);
}

#[test]
fn a_replacement_is_for_signed_rounds_before_their_close_and_before_any_opening() {
    let office = Office::with(sync_core::package::Mode::Official, false);
    let replace = |officials: &str| office.replace_sheet("A", UNITS_CSV, officials, false).map(drop);
    replace(&name_put_right()).unwrap();
    assert_eq!(replace(&name_put_right()), Err("sheet"), "it says that already");
    office.on_centre(async |centre| centre.open_round(&office.round).await.unwrap());
    replace(OFFICIALS_CSV).unwrap();
    assert_eq!(office.replace_sheet("Z", UNITS_CSV, OFFICIALS_CSV, false).map(drop), Err("unknown_unit"));
    office.count();
    assert_eq!(replace(&name_put_right()), Err("round_state"));
    office.on_centre(async |centre| centre.open_round(&office.round).await.unwrap());
    assert_eq!(replace(&name_put_right()), Err("already_ordered"));
    let replacements =
        office.on_centre(async |centre| centre.replacements(&office.round, "A").await.unwrap());
    let replacements: Vec<_> = replacements.iter().map(|signed| signed.value()).collect();
    assert_eq!(replacements.iter().map(|r| r.number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(replacements[0].old, replacements[1].new, "and back, to the very same sheet");
    assert!(replacements.iter().all(|r| r.permits == PermitChange::Kept && r.reason == "sai tên"));
}

#[test]
fn after_the_first_check_in_nothing_is_replaced_until_it_is_undone() {
    let office = Office::new();
    let replace = || office.replace_sheet("A", UNITS_CSV, &name_put_right(), false).map(drop);
    let mut scribe = office.on_centre(async |centre| Scribe::enrol(centre, &office.round, "A", &["A"]).await);
    let mut note = |acts: Vec<Act>| {
        let mut entries = joins();
        entries.extend(acts.into_iter().map(|act| entry(CHAIR, act)));
        let change = scribe.write(entries);
        let answer = office.on_centre(async |centre| scribe.give(centre, vec![clear(&change)]).await);
        assert_eq!(answer.outcomes, []);
        change
    };
    let checked_in = note(vec![Act::CheckIn { voter: 7 }]);
    assert_eq!(replace(), Err("sheet"));
    let begun = office.on_centre(async |centre| {
        let roster = homphieu_server::roster::from_csv(UNITS_CSV.as_bytes(), name_put_right().as_bytes());
        let roster = roster.unwrap();
        let asked = SheetCorrection { unit: "A", roster: &roster, slips: None, reason: "sai tên" };
        centre.preview_replacement(&office.round, asked).await.unwrap().corrected.unwrap_err()
    });
    assert_eq!(begun, [SheetProblem::MeetingBegun { checked_in: 1 }]);
    let place = EntryRef {
        actor: checked_in.value().actor,
        sequence: checked_in.value().sequence,
        index: u8::try_from(joins().len()).unwrap(),
    };
    note(vec![Act::Undo { entry: place }]);
    assert_eq!(replace(), Ok(()), "somebody had pressed the wrong button");
}

#[test]
fn what_somebody_did_not_see_is_not_replaced_and_two_at_once_never_have_one_number() {
    let office = Office::new();
    let roster =
        homphieu_server::roster::from_csv(UNITS_CSV.as_bytes(), name_put_right().as_bytes()).unwrap();
    let other = homphieu_server::roster::from_csv(UNITS_CSV.as_bytes(), other_order().as_bytes()).unwrap();
    let seen = office.on_centre(async |centre| centre.bundle(&office.round).await.unwrap());
    let seen = seen.package.value().unit(&unit("A")).unwrap().sheet;
    let replace = |roster| {
        office.on_centre(async |centre| {
            let asked = SheetCorrection { unit: "A", roster, slips: None, reason: "sai" };
            let replaced = centre.replace_sheet(&office.round, asked, &seen).await;
            replaced.map(|signed| signed.value().number).map_err(|error| error.code())
        })
    };
    let done: Vec<_> = std::thread::scope(|scope| {
        let racing: Vec<_> =
            [&roster, &other].map(|roster| scope.spawn(move || replace(roster))).into_iter().collect();
        racing.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(done.iter().filter(|done| **done == Ok(1)).count(), 1, "{done:?}");
    assert_eq!(done.iter().filter(|done| **done == Err("changed_meanwhile")).count(), 1, "{done:?}");
}

#[test]
fn somebody_who_comes_onto_the_ballot_may_not_decide_for_the_unit_any_more() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    office.hire("cham", &[Role::Inspector], |profile| {
        profile.officials = BTreeSet::from(["A9".to_owned()]);
    });
    let tablet = office.tablet("open", &["A"], &server.address);
    let gap = sync_core::survey::Gap::Close { device: tablet.device().unwrap() };
    let decide = || {
        office.on_centre(async |centre| {
            let by = ["cham", INSPECTORS[0]];
            centre.decide(&office.round, "A", Ruling::WriteOff(gap), by, "hỏng").await.map_err(|e| e.code())
        })
    };
    let added = format!("{OFFICIALS_CSV}A,3,A9,Chẩm Chín,Phó\n");
    office.replace_sheet("A", UNITS_CSV, &added, false).unwrap();
    assert_eq!(decide(), Err("interest"));
    office.replace_sheet("A", UNITS_CSV, OFFICIALS_CSV, false).unwrap();
    assert_eq!(decide(), Ok(()), "and may again once off it");
}

#[test]
fn the_sheet_that_holds_arrives_first_however_many_large_ones_it_replaced() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let mut tablet = office.tablet("early", &["A"], &server.address);
    let many = UNITS_CSV.replace("dang_bo,24", "dang_bo,5000");
    let mut codes = Vec::new();
    for _ in 0..4 {
        codes = office.replace_sheet("A", &many, OFFICIALS_CSV, true).unwrap();
    }
    sync(&mut tablet, &server);
    office.compare(&mut tablet, "A");
    tablet.cast(&unit("A"), &codes[0], &marks(0)).unwrap();
    let mut late = office.tablet("late", &["A"], &server.address);
    late.cast(&unit("A"), &codes[1], &marks(1)).unwrap();
}

#[test]
fn over_http_the_organiser_sees_what_would_change_then_replaces_exactly_that() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let bearer = office.bearer(ORGANISER);
    let base = format!("{}/api/v1/rounds/{}/units/A/replacements", server.address, office.round.uuid());
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let post = |path: &str, body: &serde_json::Value| {
        request("POST", &format!("{base}{path}"), &headers, body.to_string().as_bytes())
    };
    let mut body =
        serde_json::json!({"units": UNITS_CSV, "officials": name_put_right(), "reason": "sai tên"});
    let preview = post("/preview", &body);
    assert_eq!(preview.status, 200, "{}", preview.code());
    let preview = preview.json();
    assert_eq!(preview["changes"][0]["code"], "name");
    assert!(preview["changes"][0]["detail"].as_str().unwrap().contains(RIGHT));
    assert_eq!(preview["problems"].as_array().unwrap().len(), 0);
    body["holds"] = preview["new"]["hash"].clone();
    assert_eq!(post("", &body).code(), "changed_meanwhile", "not the sheet that holds");
    body["holds"] = "x".into();
    assert_eq!(post("", &body).code(), "sheet_hash");
    body["holds"] = preview["holds"]["hash"].clone();
    body["officials"] = format!("{}A,2,A1,Trùng,\n", name_put_right()).into();
    let wrong = post("", &body);
    assert_eq!((wrong.status, wrong.code().as_str()), (422, "roster"));
    let detail = wrong.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.matches("officials.csv, row 8").count() >= 2, "every problem at once: {detail}");
    body["officials"] = name_put_right().into();
    let done = post("", &body);
    assert_eq!(done.status, 201, "{}", done.code());
    assert_eq!(done.json()["new"], preview["new"], "what was seen is what is signed");
    assert_eq!((done.json()["number"].as_u64(), done.json()["new_slips"].as_bool()), (Some(1), Some(false)));
    let list = request("GET", &base, &headers[..1], b"").json();
    assert_eq!(list["items"][0], done.json());
    let audit = succeed(&office.folder(), &["audit", "list", "--action", "sheet_replaced"], "");
    assert!(audit.contains(ORGANISER) && audit.contains("slips kept: sai tên"), "{audit}");
    assert!(!audit.contains(RIGHT), "the log holds no official's name");
}

/// A folder with a corrected roster beside the centre, and an organiser's password.
struct Desk {
    office: Office,
    password: String,
}

impl Desk {
    fn new(units: &str, officials: &str) -> Self {
        let office = Office::new();
        std::fs::write(office.home().join("units.csv"), units).unwrap();
        std::fs::write(office.home().join("officials.csv"), officials).unwrap();
        let password = office.hire("to", &[Role::Organiser], |_| ());
        Self { office, password }
    }

    fn path(&self, name: &str) -> String {
        self.office.home().join(name).display().to_string()
    }

    fn args<'a>(&self, files: &'a [String; 2], more: &[&'a str]) -> Vec<&'a str> {
        let [units, officials] = files;
        let args = ["round", "replace-sheet", "--unit", "A", "--units", units, "--officials", officials];
        [&args[..], &["--as", "to"], more].concat()
    }

    fn files(&self) -> [String; 2] {
        [self.path("units.csv"), self.path("officials.csv")]
    }

    fn holds(&self) -> String {
        let office = &self.office;
        let (_, standings) = office.on_centre(async |centre| centre.standings(&office.round).await.unwrap());
        let standing = standings.into_iter().find(|standing| standing.unit == unit("A")).unwrap();
        fingerprint::line(&standing.facts.current.unwrap().0)
    }
}

#[test]
fn the_command_shows_old_and_new_digits_prints_the_new_page_and_does_nothing_before_the_code_is_typed() {
    let desk = Desk::new(UNITS_CSV, &name_put_right());
    let (files, folder, centre) = (desk.files(), desk.path("sheets"), desk.office.folder());
    let more = ["--reason", "sai tên", "--sheets", &folder];
    let old = desk.holds();
    let shown = succeed(&centre, &desk.args(&files, &["--reason", "sai tên", "--preview"]), "");
    assert!(shown.contains(WRONG) && shown.contains(RIGHT) && shown.contains(&old), "{shown}");
    let said = refused(&centre, &desk.args(&files, &more), &format!("{}\nB\n", desk.password));
    assert!(said.contains("nothing was changed"), "{said}");
    let said = refused(&centre, &desk.args(&files, &more), "sai mật khẩu\nA\n");
    assert!(!said.is_empty());
    assert_eq!(desk.holds(), old);
    let left: Vec<_> = std::fs::read_dir(&folder).into_iter().flatten().collect();
    assert!(left.is_empty(), "no page of a sheet that never held: {left:?}");

    let done = succeed(&centre, &desk.args(&files, &more), &format!("{}\nA\n", desk.password));
    let new = desk.holds();
    assert!(new != old && done.contains(&old) && done.contains(&new), "{done}");
    let page = std::fs::read_to_string(format!("{folder}/A.html")).unwrap();
    assert!(page.contains(RIGHT) && page.contains("Replacement 1") && page.contains(&old));
    for (number, group) in (1..).zip(new.split(' ')) {
        assert!(page.contains(&format!("<small>{number}</small>{group}</div>")));
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "and nothing beside it");
}

#[test]
fn new_slips_hold_only_once_they_are_confirmed_as_printed_and_their_codes_are_kept_nowhere() {
    let desk = Desk::new(UNITS_CSV, OFFICIALS_CSV);
    let (files, slips, centre) = (desk.files(), desk.path("new.html"), desk.office.folder());
    let more = ["--reason", "mất tờ mã phiếu", "--new-permits", slips.as_str()];
    let old = desk.holds();
    let said = refused(&centre, &desk.args(&files, &more), &format!("{}\nA\nno\n", desk.password));
    assert!(said.contains("void") && desk.holds() == old, "{said}");
    let said = refused(&centre, &desk.args(&files, &more), &format!("{}\nA\nprinted\n", desk.password));
    assert!(said.contains("new.html") && desk.holds() == old, "never over an earlier page: {said}");
    std::fs::remove_file(&slips).unwrap();
    let inside = centre.join("x.html").display().to_string();
    let said = refused(&centre, &desk.args(&files, &["--reason", "x", "--new-permits", &inside]), "");
    assert!(said.contains("must not lie in the centre's folder"), "{said}");

    succeed(&centre, &desk.args(&files, &more), &format!("{}\nA\nprinted\n", desk.password));
    assert_ne!(desk.holds(), old);
    let page = std::fs::read_to_string(&slips).unwrap();
    let code =
        |rest: &str| PermitCode::parse(&rest.split("</div>").next().unwrap().replace("<br>", "-")).unwrap();
    let codes: Vec<PermitCode> = page.split("class=\"code\">").skip(1).map(code).collect();
    assert_eq!(codes.len(), 27);
    let server = Server::start(&centre);
    let mut tablet = desk.office.tablet("t", &["A"], &server.address);
    tablet.cast(&unit("A"), &codes[0], &marks(0)).unwrap();
    let old_slip = tablet.cast(&unit("A"), &desk.office.slips[&unit("A")][0], &marks(0));
    assert!(matches!(old_slip, Err(TabletError::Permit(LookupError::NotOfThisUnit))));
    drop(server);
    let mut stored = desk.office.database_values();
    for entry in std::fs::read_dir(&centre).unwrap().map(|entry| entry.unwrap().path()) {
        stored.extend(std::fs::read(entry).unwrap_or_default());
    }
    for code in &codes {
        let text = code.reveal();
        let plain = text.replace('-', "");
        for secret in [text.as_bytes(), plain.as_bytes()] {
            assert!(!stored.windows(secret.len()).any(|window| window == secret));
        }
    }
}

#[test]
fn everything_that_stands_against_it_is_said_at_once_in_both_languages() {
    let more = UNITS_CSV.replace("dang_bo,24", "dang_bo,90");
    let taken = OFFICIALS_CSV.replace(",A2,", ",S9,").replace(",S1,", ",A2,").replace(",S2,", ",S1,");
    let desk = Desk::new(&more, &taken.replace(",S9,", ",S2,"));
    let files = desk.files();
    let args = desk.args(&files, &["--reason", "  ", "--preview"]);
    let said = refused(&desk.office.folder(), &args, "");
    for part in ["give a reason", "S2 is rated in unit S", "27 slips for 90 voters", "3 things to put right"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    let output = run(&desk.office.folder(), &[&args[..], &["--lang", "vi"]].concat(), "");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    for part in ["hãy ghi lý do", "27 tờ mã phiếu cho 90 người", "đã được lấy phiếu ở đơn vị S"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
}
