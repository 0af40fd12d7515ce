//! A centre that came out of a backup does not end a round over the head of a tablet that has not come back: it may
//! hold ballots with a receipt that this centre does not know any more.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::Tablet;
use client_ffi::store::FileStore;
use client_ffi::transport::Http;
use homphieu_server::domain::decision::Matter;
use homphieu_server::domain::person::Role;
use homphieu_server::service::Centre;
use homphieu_tests::database;
use homphieu_tests::office::{INSPECTORS, ORGANISER, Office, unit};
use homphieu_tests::server::{Answer, Server, refused, request, run, succeed};
use serde_json::{Value, json};
use std::fs;
use sync_core::finish::Unfinished;
use sync_core::id::DeviceId;
use sync_core::order::Ruling;
use sync_core::survey::{Gap, HoldReason};

const TWO: [&str; 2] = INSPECTORS;

/// Unit A voted on two tablets and S on one. What the second one of A sent came after the backup, has its receipts, and
/// was lost with the disk.
struct Story {
    office: Office,
    server: Server,
    early: Tablet<FileStore>,
    away: Tablet<FileStore>,
    small: Tablet<FileStore>,
}

impl Story {
    fn begin() -> Self {
        let office = Office::new();
        let server = Server::start(&office.folder());
        let closed = |name: &str, code: &str, voters| {
            let mut tablet = office.tablet(name, &[code], &server.address);
            office.cast(&mut tablet, code, voters);
            tablet.close(&unit(code)).unwrap();
            tablet.sync(&Http::new(&server.address)).unwrap();
            tablet
        };
        let (early, small) = (closed("early", "A", 0..15), closed("small", "S", 0..4));
        let mut away = office.tablet("away", &["A"], &server.address);
        let backup = back_up(&office, "before");
        office.cast(&mut away, "A", 15..24);
        away.close(&unit("A")).unwrap();
        away.sync(&Http::new(&server.address)).unwrap();
        assert_eq!(away.counts(&unit("A")).confirmed, 9, "these voters were promised that they count");
        drop(server);
        let server = restored(&office, &backup);
        Self { office, server, early, away, small }
    }

    fn http(&self) -> Http {
        Http::new(&self.server.address)
    }

    fn on<T>(&self, work: impl AsyncFnOnce(&Centre) -> T) -> T {
        self.office.on_centre(work)
    }

    /// All but one tablet come back. Everything is counted, decided and published; what is missing is written off.
    fn settle(&mut self) {
        let http = self.http();
        self.early.sync(&http).unwrap();
        self.small.sync(&http).unwrap();
        self.office.count();
        let gap = Gap::Close { device: self.device() };
        self.on(async |centre| {
            let round = &self.office.round;
            centre.decide(round, "A", Ruling::WriteOff(gap), TWO, "máy chưa về").await.unwrap();
            self.office.count_again(centre).await;
            centre.publish(round, &[]).await.unwrap();
            centre.decide(round, "T", Matter::LeaveUnpublished, TWO, "không họp").await.unwrap();
        });
    }

    /// The tablet that stays away.
    fn device(&self) -> DeviceId {
        self.away.device().unwrap()
    }

    fn unfinished(&self) -> Vec<Unfinished> {
        self.on(async |centre| centre.finish_round(&self.office.round).await.unwrap())
    }

    fn waited_for(&self) -> Unfinished {
        Unfinished::Unheard { unit: unit("A"), device: self.device(), label: "Máy".to_owned() }
    }

    fn go_on(&self) -> Result<(), String> {
        let (round, device) = (&self.office.round, self.device());
        let done = self.on(async |centre| {
            centre.decide(round, "A", Matter::GoOnWithout(device), TWO, "máy rơi xuống suối").await
        });
        done.map_err(|error| error.code().to_owned())
    }

    fn going_on(&self) -> usize {
        self.on(async |centre| centre.going_on_without(&self.office.round).await.unwrap().len())
    }

    fn ask(&self, method: &str, path: &str, bearer: &str, body: &Value) -> Answer {
        let headers = [("authorization", bearer), ("content-type", "application/json")];
        let (headers, bytes) = match body {
            Value::Null => (&headers[..1], Vec::new()),
            body => (&headers[..], serde_json::to_vec(body).unwrap()),
        };
        request(method, &format!("{}/api/v1{path}", self.server.address), headers, &bytes)
    }
}

/// An unencrypted backup; its file.
fn back_up(office: &Office, name: &str) -> String {
    let file = office.home().join(name).display().to_string();
    succeed(&office.folder(), &["backup", "--unencrypted", "--to", &file], "");
    file
}

/// The disk is lost; a centre from the backup serves.
fn restored(office: &Office, backup: &str) -> Server {
    fs::remove_dir_all(office.folder()).unwrap();
    database::lose(&office.folder());
    succeed(&office.folder(), &["restore", backup], "");
    Server::start(&office.folder())
}

fn own_envelopes(tablet: &Tablet<FileStore>, code: &str) -> usize {
    let device = tablet.device().unwrap();
    let replica = tablet.replica(&unit(code)).unwrap();
    replica.envelopes().filter(|envelope| envelope.value().device == device).count()
}

#[test]
fn over_http_the_tablets_are_named_and_two_inspectors_without_interest_go_on_without_one() {
    let mut story = Story::begin();
    story.office.hire("cu-tri", &[Role::Inspector], |profile| profile.votes_in = Some(unit("A")));
    story.settle();
    let [first, second, concerned, organiser] =
        [TWO[0], TWO[1], "cu-tri", ORGANISER].map(|login| story.office.bearer(login));
    let round = format!("/rounds/{}", story.office.round.uuid());
    let finish = || story.ask("POST", &format!("{round}/finish"), &organiser, &Value::Null).json();
    let device = story.device().to_string();
    let said = finish();
    assert_eq!(said["finished"], false);
    let [obstacle] = said["obstacles"].as_array().unwrap().as_slice() else { panic!("{said}") };
    assert_eq!((&obstacle["code"], &obstacle["unit"]), (&json!("unheard_tablet"), &json!("A")));
    assert_eq!((&obstacle["device"], &obstacle["label"]), (&json!(device), &json!("Máy")));
    assert!(obstacle["detail"].as_str().unwrap().contains("two people go on without it"));

    let propose = |bearer: &str, unit: &str, device: &str| {
        let subject = format!("tablet:{device}");
        let body = json!({"subject": subject, "verdict": "go_on_without", "reason": "máy rơi xuống suối"});
        story.ask("POST", &format!("{round}/units/{unit}/proposals"), bearer, &body)
    };
    let confirm = |bearer: &str, id: &str| {
        let path = format!("{round}/units/A/proposals/{id}/confirmation");
        story.ask("POST", &path, bearer, &Value::Null)
    };
    assert_eq!(propose(&organiser, "A", &device).code(), "role");
    assert_eq!(propose(&concerned, "A", &device).code(), "interest");
    assert_eq!(propose(&first, "A", "no device").code(), "decision");
    assert_eq!(propose(&first, "S", &device).code(), "nothing_to_decide", "it is no tablet of S");
    let heard = story.early.device().unwrap().to_string();
    assert_eq!(propose(&first, "A", &heard).code(), "nothing_to_decide", "it came back");
    let proposal = propose(&first, "A", &device).json();
    let (id, verdict) = (proposal["id"].as_str().unwrap(), &proposal["verdict"]);
    assert_eq!(verdict, "go_on_without");
    assert_eq!(confirm(&first, id).code(), "same_person");
    assert_eq!(confirm(&concerned, id).code(), "interest");
    assert_eq!(finish()["obstacles"][0]["code"], "unheard_tablet", "nothing is decided yet");
    assert_eq!(confirm(&second, id).status, 204);
    assert_eq!(finish()["obstacles"][0]["code"], "not_backed_up");

    let backups = story.ask("GET", "/backups", &organiser, &Value::Null).json();
    let unheard = &backups["restored"]["unheard"];
    assert_eq!((&unheard[0]["device"], &unheard[0]["going_on"]), (&json!(device), &json!(true)), "{backups}");
    let log = story.ask("GET", "/audit?action=decided", &first, &Value::Null).json();
    let line = &log["items"][0];
    assert_eq!(line["actor"], TWO[1]);
    let detail = line["detail"].as_str().unwrap();
    assert!(detail.contains(&device) && detail.contains(TWO[0]) && detail.contains("suối"), "{detail}");
    back_up(&story.office, "end");
    assert_eq!(finish()["finished"], true);

    // It was found after all: what it holds is stored and receipted, held as late, and stays on it.
    let http = story.http();
    let report = story.away.sync(&http).unwrap();
    assert_eq!((report.refused.len(), report.finished), (0, vec![unit("A")]));
    let left = story.away.finished(&unit("A")).unwrap().left;
    assert_eq!(left.len(), own_envelopes(&story.away, "A"));
    assert!(!left.is_empty() && own_envelopes(&story.early, "A") > 0);
    let (_, standings) = story.on(async |centre| centre.standings(&story.office.round).await.unwrap());
    let held = &standings.iter().find(|standing| standing.unit == unit("A")).unwrap().survey.held;
    assert_eq!(held.keys().copied().collect::<Vec<_>>(), left);
    assert!(held.values().all(|reasons| reasons.contains(&HoldReason::Late)), "{held:?}");
    story.early.sync(&http).unwrap();
    assert_eq!(own_envelopes(&story.early, "A"), 0, "what was counted may go");
}

#[test]
fn a_tablet_that_comes_back_in_time_is_counted_whatever_was_decided_about_it() {
    let mut story = Story::begin();
    story.settle();
    story.go_on().unwrap();
    assert_eq!(story.unfinished(), [Unfinished::NotBackedUp]);
    let http = story.http();
    story.away.sync(&http).unwrap();
    assert_eq!(story.away.counts(&unit("A")).confirmed, 9);
    let codes: Vec<_> = story.unfinished().iter().map(Unfinished::code).collect();
    assert!(codes.contains(&"order_outdated") && codes.contains(&"undecided_hold"), "{codes:?}");
    assert_eq!(story.go_on(), Err("nothing_to_decide".to_owned()), "it was heard from");
    let collected = story.on(async |centre| {
        let round = &story.office.round;
        let (_, standings) = centre.standings(round).await.unwrap();
        let late = standings.iter().find(|standing| standing.unit == unit("A")).unwrap().undecided();
        for id in late.into_keys() {
            centre.decide(round, "A", Ruling::Admit(id), TWO, "máy đã về").await.unwrap();
        }
        story.office.count_again(centre).await;
        let bundle = centre.bundle(round).await.unwrap();
        let units = &bundle.results.last().unwrap().value().units;
        units.iter().find(|counted| counted.unit == unit("A")).unwrap().collected()
    });
    assert_eq!(collected, 24, "all that voters were promised");
}

#[test]
fn on_the_command_line_two_people_go_on_and_status_says_so() {
    let mut story = Story::begin();
    let folder = story.office.folder();
    let device = story.device().to_string();
    let decide = |device: &str| {
        let args =
            ["round", "decide", "--unit", "A", "--go-on-without", device, "--reason", "rơi xuống suối"];
        [&args[..], &["--by", TWO[0], "--by", TWO[1]]].concat().iter().map(ToString::to_string).collect()
    };
    let passwords = TWO.map(|login| {
        story.office.bearer(login);
        format!("mật khẩu của {login}\n")
    });
    let passwords = passwords.concat();
    let refuse = |args: Vec<String>, typed: &str| {
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        refused(&folder, &args, typed)
    };
    assert!(refuse(decide(&device), &passwords).contains("until the close"), "there is time to find it");
    story.settle();
    let finish = || {
        let output = run(&folder, &["round", "finish"], "");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (done, said) = finish();
    assert!(!done && said.contains("not heard from since the restore"), "{said}");
    assert!(said.contains(&format!("{device}  Máy")) && said.contains("--go-on-without"), "{said}");
    let state = story.on(async |centre| centre.round(&story.office.round).await.unwrap().state.to_string());
    assert_eq!(state, "closed", "what is refused changes nothing");
    assert!(refuse(decide("nonsense"), &passwords).contains("nonsense"));
    let heard = story.small.device().unwrap().to_string();
    assert!(refuse(decide(&heard), &passwords).contains("not waited for"));
    assert!(!refuse(decide(&device), "sai\nsai\n").is_empty());
    assert_eq!(story.going_on(), 0, "nobody decided anything");
    let args: Vec<String> = decide(&device);
    succeed(&folder, &args.iter().map(String::as_str).collect::<Vec<_>>(), &passwords);
    let status = succeed(&folder, &["round", "status"], "");
    assert!(status.contains(&format!("without tablet {device}, by Lý Văn Hòa and Sùng Thị Máy")), "{status}");
    assert!(!status.contains("--go-on-without"), "{status}");
    back_up(&story.office, "end");
    assert!(finish().0);
}

#[test]
fn another_restore_forgets_what_was_decided_and_waits_again() {
    let mut story = Story::begin();
    story.settle();
    story.go_on().unwrap();
    let end = back_up(&story.office, "end");
    let Story { office, server, early, away, small } = story;
    server.stop();
    let server = restored(&office, &end);
    let mut story = Story { office, server, early, away, small };
    assert_eq!(story.going_on(), 0);
    let waits = [story.waited_for()];
    assert_eq!(
        story.unfinished(),
        waits,
        "not for those of whom everything up to their close is in the backup"
    );
    let http = story.http();
    story.early.sync(&http).unwrap();
    story.small.sync(&http).unwrap();
    assert_eq!(story.unfinished(), waits);
    story.go_on().unwrap();
    back_up(&story.office, "again");
    assert_eq!(story.unfinished(), []);
}

#[test]
fn a_tablet_that_only_ever_met_a_courier_is_not_waited_for_once_its_close_is_here() {
    let mut story = Story::begin();
    let http = story.http();
    let mut courier = story.office.tablet("courier", &[], &story.server.address);
    for message in story.away.hand_over(&unit("A")).unwrap() {
        courier.take(&message).unwrap();
    }
    courier.sync(&http).unwrap();
    story.small.sync(&http).unwrap();
    story.office.count();
    story.on(async |centre| {
        let round = &story.office.round;
        centre.publish(round, &[]).await.unwrap();
        centre.decide(round, "T", Matter::LeaveUnpublished, TWO, "không họp").await.unwrap();
    });
    let restored = story.on(async |centre| centre.restoration().await.unwrap().unwrap());
    assert_eq!(restored.unheard.len(), 2, "neither tablet of A spoke with this centre");
    assert_eq!(story.unfinished(), [Unfinished::NotBackedUp]);
    assert_eq!(story.go_on(), Err("nothing_to_decide".to_owned()));
    back_up(&story.office, "end");
    assert_eq!(story.unfinished(), []);
}
