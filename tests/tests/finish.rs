//! The end of a round: what must be settled before it, and who may delete what after it. Real server, real tablets.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::store::FileStore;
use client_ffi::transport::Http;
use client_ffi::{Finished, Tablet};
use homphieu_server::domain::decision::Matter;
use homphieu_server::domain::person::Role;
use homphieu_server::service::{Centre, Ending};
use homphieu_tests::office::{INSPECTORS, Office, unit};
use homphieu_tests::server::{Server, refused, request, succeed};
use sync_core::finish::Unfinished;
use sync_core::id::EnvelopeId;
use sync_core::order::Ruling;
use sync_core::survey::{Gap, HoldReason};

const TWO: [&str; 2] = INSPECTORS;

struct Story {
    office: Office,
    server: Server,
    tablets: Vec<Tablet<FileStore>>,
}

impl Story {
    /// Units A and S voted, closed and synchronised; T got no tablet at all.
    fn begin() -> Self {
        let office = Office::new();
        let server = Server::start(&office.folder());
        let mut tablets = Vec::new();
        for (code, voters) in [("A", 24), ("S", 4)] {
            let mut tablet = office.tablet(code, &[code], &server.address);
            office.cast(&mut tablet, code, 0..voters);
            tablet.close(&unit(code)).unwrap();
            tablet.sync(&Http::new(&server.address)).unwrap();
            tablets.push(tablet);
        }
        Self { office, server, tablets }
    }

    fn on<T>(&self, work: impl AsyncFnOnce(&Centre) -> T) -> T {
        self.office.on_centre(work)
    }

    fn unfinished(&self) -> Vec<Unfinished> {
        self.on(async |centre| centre.finish_round(&self.office.round).await.unwrap())
    }

    fn state(&self) -> String {
        self.on(async |centre| centre.round(&self.office.round).await.unwrap().state.to_string())
    }

    /// Counts, publishes what can be, leaves T unpublished.
    fn settle(&self) {
        self.office.count();
        self.publish();
        self.leave("T").unwrap();
    }

    fn publish(&self) {
        self.on(async |centre| drop(centre.publish(&self.office.round, &[]).await.unwrap()));
    }

    fn leave(&self, code: &str) -> Result<(), String> {
        let done = self.on(async |centre| {
            centre.decide(&self.office.round, code, Matter::LeaveUnpublished, TWO, "không họp được").await
        });
        done.map_err(|error| error.code().to_owned())
    }

    /// A backup of the serving centre, checked; the file.
    fn back_up(&self, name: &str) -> String {
        let file = self.office.home().join(name).display().to_string();
        succeed(&self.office.folder(), &["backup", "--unencrypted", "--to", &file], "");
        file
    }

    fn finish(&self) {
        self.back_up("backup");
        assert_eq!(self.unfinished(), []);
    }

    fn http(&self) -> Http {
        Http::new(&self.server.address)
    }

    fn sync(&mut self, at: usize) -> client_ffi::SyncReport {
        let http = self.http();
        self.tablets[at].sync(&http).unwrap()
    }

    fn held(&self, code: &str) -> Vec<EnvelopeId> {
        let (_, standings) = self.on(async |centre| centre.standings(&self.office.round).await.unwrap());
        let standing = standings.into_iter().find(|standing| standing.unit == unit(code)).unwrap();
        standing.survey.held.into_keys().collect()
    }
}

fn envelopes(tablet: &Tablet<FileStore>, code: &str) -> usize {
    tablet.replica(&unit(code)).map_or(0, |replica| replica.envelopes().count())
}

#[test]
fn a_round_is_finished_only_when_counted_published_or_left_and_backed_up_and_then_tablets_delete() {
    let mut story = Story::begin();
    let refused = |story: &Story| {
        let tried = story.on(async |centre| centre.finish_round(&story.office.round).await);
        tried.map_err(|error| error.code().to_owned()).map(drop)
    };
    assert_eq!(refused(&story), Err("round_state".to_owned()), "it is open");
    assert_eq!(story.leave("T"), Err("round_state".to_owned()));
    story.on(async |centre| centre.close_round(&story.office.round).await.unwrap());
    assert_eq!(story.unfinished(), [Unfinished::NoOrder]);
    story.on(async |centre| drop(centre.make_order(&story.office.round).await.unwrap()));
    assert_eq!(story.unfinished()[0], Unfinished::NotCounted(1));
    story.on(async |centre| {
        let bundle = centre.bundle(&story.office.round).await.unwrap();
        let keys = &bundle.package.value().keys;
        let joined = sync_core::secret::join(&story.office.round, keys, &story.office.shares[..2]).unwrap();
        let orders: Vec<_> = bundle.orders.iter().collect();
        let result =
            sync_core::count::count(&bundle.material(), &orders, &joined.secret, &mut |_, _| ()).unwrap();
        centre.accept(&story.office.round, result.bytes()).await.unwrap();
    });
    let unpublished = |code| Unfinished::Unpublished(unit(code));
    assert_eq!(story.unfinished(), ["A", "S", "T"].map(unpublished));
    story.publish();
    assert_eq!(story.unfinished(), ["A", "S", "T"].map(unpublished), "nothing was noted of any meeting");
    story.on(homphieu_tests::record::write_records);
    story.publish();
    assert_eq!(story.unfinished(), [unpublished("T")], "it has no tablet, which is no result of zero");
    assert_eq!(story.leave("A"), Err("already_published".to_owned()));
    story.leave("T").unwrap();
    assert_eq!(story.unfinished(), [Unfinished::NotBackedUp]);
    assert_eq!(story.state(), "closed", "what is refused changes nothing");
    assert_eq!(story.sync(0).finished, []);
    assert!(envelopes(&story.tablets[0], "A") > 1, "and no tablet deletes");
    story.finish();
    assert_eq!(story.state(), "finished");
    assert_eq!(story.unfinished(), [], "again is success");
    let report = story.sync(0);
    assert_eq!((report.requests, report.finished), (1, vec![unit("A")]));
    assert_eq!(envelopes(&story.tablets[0], "A"), 0);
    assert_eq!(story.tablets[0].finished(&unit("A")), Some(Finished::default()));
    assert_eq!(story.tablets[0].counts(&unit("A")).finished, 24);
    assert!(envelopes(&story.tablets[1], "S") > 0, "a tablet that was not told deletes nothing");
}

#[test]
fn a_backup_of_an_earlier_state_does_not_let_a_round_finish() {
    let story = Story::begin();
    story.back_up("too-early");
    story.settle();
    assert_eq!(story.unfinished(), [Unfinished::NotBackedUp], "order, result and publication came after it");
    story.back_up("in-time");
    let device = story.tablets[0].device().unwrap();
    story.on(async |centre| centre.revoke(&story.office.round, &device, "mất máy").await.unwrap());
    let reasons: Vec<_> = story.unfinished().iter().map(Unfinished::code).collect();
    assert!(reasons.contains(&"order_outdated") && reasons.contains(&"undecided_hold"), "{reasons:?}");
}

#[test]
fn what_comes_after_the_end_is_stored_held_and_receipted_and_stays_on_its_tablet() {
    let mut story = Story::begin();
    let office = &story.office;
    let mut late = office.tablet("late", &["A"], &story.server.address);
    late.close(&unit("A")).unwrap();
    office.count();
    let device = late.device().unwrap();
    let gap = Gap::Close { device };
    story.on(async |centre| {
        let round = &story.office.round;
        centre.decide(round, "A", Ruling::WriteOff(gap), TWO, "máy rơi xuống suối").await.unwrap();
        story.office.count_again(centre).await;
    });
    story.publish();
    story.leave("T").unwrap();
    story.finish();
    let report = late.sync(&story.http()).unwrap();
    assert_eq!((report.confirmed, report.refused.len()), (1, 0), "it is stored and receipted at once");
    assert_eq!(report.finished, [unit("A")]);
    let left = envelopes(&late, "A");
    assert_eq!(left, 1, "of all envelopes of the unit only its own stays, for no statement lists it");
    let finished = late.finished(&unit("A")).unwrap();
    assert_eq!((finished.left.len(), finished.in_box), (1, 0), "and the tablet says so");
    assert_eq!(story.held("A"), finished.left, "the centre holds it");
    let (_, standings) = story.on(async |centre| centre.standings(&story.office.round).await.unwrap());
    let reasons = &standings.iter().find(|s| s.unit == unit("A")).unwrap().survey.held[&finished.left[0]];
    assert_eq!(reasons.iter().collect::<Vec<_>>(), [&HoldReason::Late]);
    late.sync(&story.http()).unwrap();
    assert_eq!(envelopes(&late, "A"), 1, "a receipt deletes nothing");
    // The other tablet of the unit deletes its own and takes the late one, as one more copy of it.
    story.sync(0);
    assert_eq!(envelopes(&story.tablets[0], "A"), 1);
}

#[test]
fn a_finished_round_changes_no_more() {
    let story = Story::begin();
    story.settle();
    story.finish();
    let round = &story.office.round;
    let codes = story.on(async |centre| {
        let courier = homphieu_server::service::InviteScope::Courier;
        let admit = Ruling::Admit(EnvelopeId([1; 32]));
        [
            centre.open_round(round).await.unwrap_err(),
            centre.close_round(round).await.unwrap_err(),
            centre.make_order(round).await.unwrap_err(),
            centre.publish(round, &[]).await.unwrap_err(),
            centre.decide(round, "A", admit, TWO, "x").await.unwrap_err(),
            centre.decide(round, "A", Matter::LeaveUnpublished, TWO, "x").await.unwrap_err(),
            centre.invite(round, &courier, "Máy", "http://x").await.unwrap_err(),
        ]
        .map(|error| error.code().to_owned())
    });
    assert!(codes.iter().all(|code| code == "round_finished"), "{codes:?}");
    let figures = story.on(async |centre| centre.figures(round).await.unwrap());
    assert_eq!(figures.unpublished, ["T"], "figures stay to be read");
}

#[test]
fn revoked_tablets_and_couriers_are_told_of_the_end_like_everybody() {
    let mut story = Story::begin();
    let http = story.http();
    let mut courier = story.office.tablet("courier", &[], &story.server.address);
    for message in story.tablets[1].hand_over(&unit("S")).unwrap() {
        courier.take(&message).unwrap();
    }
    let device = story.tablets[0].device().unwrap();
    story.on(async |centre| centre.revoke(&story.office.round, &device, "mất máy").await.unwrap());
    story.office.count();
    let held = story.held("A");
    assert!(held.len() > 1);
    story.on(async |centre| {
        for id in &held {
            let leave = Ruling::LeaveOut(*id);
            centre.decide(&story.office.round, "A", leave, TWO, "mất máy").await.unwrap();
        }
        story.office.count_again(centre).await;
        // As many slips were used, and none of their ballots counts.
        let looked = centre.unit_record(&story.office.round, "A").await.unwrap();
        let differs = looked.findings.iter().find(|finding| finding.blocks()).unwrap().key();
        centre.explain(&story.office.round, "A", &differs, "phiếu trên máy mất để lại").await.unwrap();
    });
    story.publish();
    story.leave("T").unwrap();
    story.finish();
    assert!(story.sync(0).finished.contains(&unit("A")));
    assert_eq!(envelopes(&story.tablets[0], "A"), 0, "left out by two people is decided, and may go");
    let report = courier.sync(&http).unwrap();
    assert_eq!((report.finished, envelopes(&courier, "S")), (vec![unit("S")], 0));
    for message in courier.hand_over(&unit("S")).unwrap() {
        story.tablets[1].take(&message).unwrap();
    }
    assert_eq!(envelopes(&story.tablets[1], "S"), 0, "by courier, where no network is");
}

#[test]
fn a_centre_restored_from_the_backup_of_the_end_finishes_with_the_same_word() {
    let mut story = Story::begin();
    story.settle();
    story.finish();
    story.sync(0);
    // The disk is lost. The backup was made just before the end: there the round is closed.
    let Story { office, server, mut tablets } = story;
    server.stop();
    std::fs::remove_dir_all(office.folder()).unwrap();
    homphieu_tests::database::lose(&office.folder());
    let file = office.home().join("backup").display().to_string();
    succeed(&office.folder(), &["restore", &file], "");
    let story = Story { server: Server::start(&office.folder()), office, tablets: Vec::new() };
    assert_eq!(story.state(), "closed");
    tablets[0].sync(&story.http()).unwrap();
    assert_eq!(envelopes(&tablets[0], "A"), 0, "what was deleted does not come back");
    let before: Vec<_> = tablets[0].replica(&unit("A")).unwrap().statements().collect();
    story.back_up("again");
    assert_eq!(story.unfinished(), []);
    for tablet in &mut tablets {
        tablet.sync(&story.http()).unwrap();
    }
    let after: Vec<_> = tablets[0].replica(&unit("A")).unwrap().statements().collect();
    assert_eq!(before, after, "the same order gives the same statement, byte for byte");
    assert_eq!(envelopes(&tablets[1], "S"), 0);
    let figures = story.on(async |centre| centre.figures(&story.office.round).await.unwrap());
    assert_eq!(figures.units.iter().find(|u| u.code == "A").unwrap().valid, 24);
}

#[test]
fn the_command_line_names_what_is_missing_and_status_shows_it() {
    let story = Story::begin();
    let folder = story.office.folder();
    let finish = || refused(&folder, &["round", "finish"], "");
    assert!(finish().contains("the round is open"), "{}", finish());
    story.office.count();
    story.publish();
    let status = succeed(&folder, &["round", "status"], "");
    assert!(status.contains("before `round finish`: 1 thing to settle"), "{status}");
    assert!(status.contains("T: it is not published by the last order"), "{status}");
    let output = homphieu_tests::server::run(&folder, &["round", "finish"], "");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success() && said.contains("T: it is not published"), "{said}");
    let leave = ["round", "decide", "--unit", "T", "--leave-unpublished", "--reason", "không họp"];
    let by = ["--by", TWO[0], "--by", TWO[1]];
    // A first sign-in changes the password that was handed out.
    let passwords = TWO.map(|login| {
        story.office.bearer(login);
        format!("mật khẩu của {login}\n")
    });
    let wrong = refused(&folder, &[&leave[..], &by].concat(), "sai\nsai\n");
    assert!(!wrong.is_empty());
    succeed(&folder, &[&leave[..], &by].concat(), &passwords.concat());
    let status = succeed(&folder, &["round", "status"], "");
    assert!(status.contains("left unpublished by Lý Văn Hòa and Sùng Thị Máy: không họp"), "{status}");
    assert!(status.contains("no checked backup holds everything"), "{status}");
    story.back_up("backup");
    assert!(succeed(&folder, &["round", "status"], "").contains("nothing stands in the way"));
    let done = succeed(&folder, &["round", "finish"], "");
    assert!(done.contains("3 units have their statement"), "{done}");
    assert!(succeed(&folder, &["round", "status"], "").contains("(finished, "));
    assert!(refused(&folder, &["round", "open"], "").contains("the round is finished"));
    let ending = story.on(async |centre| centre.ending(&story.office.round).await.unwrap());
    assert!(matches!(ending, Ending::Finished(3)));
}

#[test]
fn who_asks_for_a_backup_gets_it_at_the_planned_place_and_without_one_nowhere() {
    let office = Office::new();
    office.hire("quan", &[Role::Administrator], |_| ());
    let bearer = office.bearer("quan");
    let ask = |server: &Server, method: &str| {
        let headers = [("authorization", bearer.as_str())];
        request(method, &format!("{}/api/v1/backups", server.address), &headers, b"")
    };
    let server = Server::start(&office.folder());
    assert_eq!(ask(&server, "POST").code(), "no_backup_planned");
    drop(server);
    let place = office.home().join("backups");
    std::fs::create_dir(&place).unwrap();
    let key = office.home().join("backup.key").display().to_string();
    let recipient = succeed(&office.home().join("nowhere"), &["backup", "keygen", "--out", &key], "");
    let to = place.display().to_string();
    let args = ["--backup-to", &to, "--backup-recipient", recipient.trim()];
    let server = Server::start_with(&office.folder(), &args);
    // Until it is done: nothing here looks at a clock, and what never comes is told.
    let until = |done: &dyn Fn(&serde_json::Value) -> bool| {
        let mut said = serde_json::Value::Null;
        for _ in 0..20_000 {
            said = ask(&server, "GET").json();
            if said["making"].is_null() && done(&said) {
                return said;
            }
        }
        panic!("{said}");
    };
    let count = |said: &serde_json::Value| said["backups"].as_array().unwrap().len();
    // The first one is made by plan.
    until(&|said| count(said) == 1);
    assert_eq!(ask(&server, "POST").status, 202);
    let said = until(&|said| count(said) == 2);
    for backup in said["backups"].as_array().unwrap() {
        assert_eq!((&backup["verified"], &backup["encrypted"]), (&true.into(), &true.into()), "{said}");
        assert!(place.join(backup["name"].as_str().unwrap()).is_file());
    }
    // The stick is pulled: it says so, and what was there before stands.
    std::fs::rename(&place, office.home().join("pulled")).unwrap();
    assert_eq!(ask(&server, "POST").status, 202);
    let said = until(&|said| said["failures"] == 1);
    assert_eq!((said["failure_code"].as_str(), count(&said)), (Some("backup_folder"), 2), "{said}");
}
