//! Units' records at the centre: what comes in by which way, what it gives, and what it is good for.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use homphieu_server::service::{Actor as Somebody, Centre, SignedMinutes};
use homphieu_tests::database;
use homphieu_tests::office::{INSPECTORS, Office, unit};
use homphieu_tests::record::{CHAIR, HEAD, Scribe, clear, entry, joins};
use sync_core::cbor;
use sync_core::cose::{Signed, Unverified};
use sync_core::message::{Item, ItemKind, Message, Outcome, RecordHead};
use sync_core::record::{
    Act, Actor, Entry, FigureKind, Reader, Record, RecordChange, SealedChanges, SignedChange, Writer,
};

fn figure(name: &str, kind: FigureKind, value: u32) -> Entry {
    entry(name, Act::Figure { kind, value })
}

fn check_in(name: &str, voter: u32) -> Entry {
    entry(name, Act::CheckIn { voter })
}

/// Changes that an answer gives, as they travel.
fn changes(answer: &Message) -> Vec<&[u8]> {
    let given = answer.give.iter().filter(|item| item.kind == ItemKind::RecordChange);
    given.map(|item| item.bytes.as_slice()).collect()
}

fn heads(answer: &Message) -> Vec<RecordHead> {
    answer.have.as_ref().unwrap().records.clone()
}

/// Sealed to the centre, as a courier carries it.
fn sealed(scribe: &Scribe, changes: &[&SignedChange]) -> Item {
    let keys = &scribe.package.value().centre;
    let reader = Reader { device: keys.device(), seal: keys.seal };
    let list = changes.iter().map(|change| change.bytes().to_vec()).collect();
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let place = (&scribe.package.hash(), &unit(&scribe.code));
    let sealed = SealedChanges::seal(place.0, place.1, &reader, list, &mut rng).unwrap();
    Item::new(ItemKind::SealedRecordChange, cbor::encode(&sealed))
}

async fn record(centre: &Centre, office: &Office, code: &str) -> Record {
    centre.unit_record(&office.round, code).await.unwrap().record.as_ref().clone()
}

/// How many changes and heads are stored of all units.
fn rows(office: &Office) -> (i64, i64) {
    use sqlx::Row;
    office.on_database(async |db: &mut sqlx::AnyConnection| {
        let mut counted = [0, 0];
        for (at, query) in
            ["SELECT COUNT(*) AS n FROM record_change", "SELECT COUNT(*) AS n FROM record_head"]
                .into_iter()
                .enumerate()
        {
            counted[at] = sqlx::query(query).fetch_one(&mut *db).await.unwrap().get("n");
        }
        (counted[0], counted[1])
    })
}

#[test]
fn two_tablets_and_a_couriers_sealed_list_make_one_record() {
    let office = Office::new();
    office.on_centre(async |centre| {
        let enrol = async |units: &[&str]| Scribe::enrol(centre, &office.round, "A", units).await;
        let (mut first, mut second, courier) = (enrol(&["A"]).await, enrol(&["A"]).await, enrol(&[]).await);
        let joined = first.write(joins());
        let counted = first.write(vec![figure(CHAIR, FigureKind::Present, 20)]);
        let other = second.write(vec![figure(HEAD, FigureKind::Present, 21)]);
        let answer = first.give(centre, vec![clear(&joined), clear(&counted)]).await;
        assert_eq!((answer.outcomes.len(), heads(&answer).len()), (0, 1));
        let answer = courier.give(centre, vec![sealed(&second, &[&other])]).await;
        assert_eq!((answer.outcomes.len(), heads(&answer).len()), (0, 2), "a courier hears how far it came");
        assert!(changes(&answer).is_empty(), "and gets no names");
        let answer = first.give(centre, Vec::new()).await;
        let mut all = [joined.bytes(), counted.bytes(), other.bytes()];
        all.sort_unstable();
        let mut given = changes(&answer);
        given.sort_unstable();
        assert_eq!(given, all, "whoever has nothing gets everything");
        let author = answer.give.iter().position(|item| item.bytes == second.certificate).unwrap();
        let theirs = answer.give.iter().position(|item| item.bytes == other.bytes()).unwrap();
        assert!(author < theirs, "the author's certificate comes first");
        let mut message = first.message(Vec::new());
        message.have.as_mut().unwrap().records = vec![RecordHead {
            actor: joined.value().actor.0,
            sequence: 1,
            hash: joined.value().hash.short(),
        }];
        let answer = centre.sync(&first.request(&message)).await.unwrap();
        let answer: Message = cbor::decode(&answer).unwrap();
        let mut given = changes(&answer);
        given.sort_unstable();
        let mut lacking = [counted.bytes(), other.bytes()];
        lacking.sort_unstable();
        assert_eq!(given, lacking, "only what is lacking");
        message.have.as_mut().unwrap().records = heads(&answer);
        let answer = centre.sync(&first.request(&message)).await.unwrap();
        assert!(changes(&cbor::decode(&answer).unwrap()).is_empty(), "nothing is given again");
        let whole = record(centre, &office, "A").await;
        assert!(whole.state().figures[&FigureKind::Present].is_conflict());
        centre.revoke(&office.round, &second.id, "mất máy").await.unwrap();
        let more = second.write(vec![figure(HEAD, FigureKind::Summoned, 24)]);
        let answer = second.give(centre, vec![clear(&more)]).await;
        assert_eq!(answer.outcomes, [], "a revoked device's entries are marked, not refused");
        assert!(changes(&answer).is_empty(), "and it gets nothing");
    });
    assert_eq!(rows(&office), (4, 2));
}

#[test]
fn a_change_waits_for_the_one_before_it_and_is_not_stored_until_then() {
    let office = Office::new();
    office.on_centre(async |centre| {
        let mut scribe = Scribe::enrol(centre, &office.round, "A", &["A"]).await;
        let chain: Vec<_> = (1..=4).map(|voter| scribe.write(vec![check_in(CHAIR, voter)])).collect();
        let answer = scribe.give(centre, vec![clear(&chain[1]), clear(&chain[3])]).await;
        let waits = Outcome::WaitsForPredecessor;
        assert_eq!(answer.outcomes, [(0, waits), (1, waits)]);
        assert!(heads(&answer).is_empty());
        let answer = scribe.give(centre, vec![sealed(&scribe, &[&chain[0], &chain[3]])]).await;
        assert_eq!(answer.outcomes, [(0, waits)], "the worst of a list is said of it");
        assert_eq!(heads(&answer)[0].sequence, 1, "and the others of it are taken");
        let backwards: Vec<Item> = chain.iter().rev().map(clear).collect();
        let answer = scribe.give(centre, backwards).await;
        assert_eq!(
            (answer.outcomes.len(), heads(&answer)[0].sequence),
            (0, 4),
            "in whatever order they came"
        );
    });
    assert_eq!(rows(&office), (4, 1));
}

/// A second process of the centre.
async fn another(office: &Office) -> Centre {
    Centre::open_at(&office.folder(), database::of(&office.folder()).as_deref()).await.unwrap()
}

#[test]
fn twins_that_reach_two_processes_at_once_are_both_kept_and_neither_counts() {
    let office = Office::new();
    office.on_centre(async |centre| {
        let beside = another(&office).await;
        let mut scribe = Scribe::enrol(centre, &office.round, "A", &["A"]).await;
        let first = scribe.write(joins());
        let copied = scribe.writer().clone();
        let ours: Vec<_> = (1..=3).map(|voter| scribe.write(vec![check_in(CHAIR, voter)])).collect();
        *scribe.writer() = copied.clone();
        let theirs = scribe.write(vec![check_in(HEAD, 9)]);
        *scribe.writer() = copied;
        let third = scribe.write(vec![check_in(HEAD, 10)]);
        let honest: Vec<Item> = [&first].into_iter().chain(&ours).map(clear).collect();
        let (one, other) = tokio::join!(
            scribe.give(centre, honest),
            scribe.give(&beside, vec![clear(&first), clear(&theirs)]),
        );
        assert!(one.outcomes.iter().chain(&other.outcomes).all(|(_, outcome)| !outcome.waits()));
        scribe.give(&beside, vec![clear(&third)]).await;
        let kept = |record: &Record| {
            record.twins().map(|(a, b)| [a.value().hash, b.value().hash]).collect::<Vec<_>>()
        };
        let record = record(centre, &office, "A").await;
        let mut smallest = [&ours[0], &theirs, &third].map(|change| change.value().hash);
        smallest.sort_unstable();
        assert_eq!(
            kept(&record),
            [[smallest[0], smallest[1]]],
            "the two with the smallest hashes, whoever came first"
        );
        assert_eq!(record.state().present(), 0, "neither counts, nor what follows");
        let answer = scribe.give(centre, Vec::new()).await;
        assert_eq!(heads(&answer), record.heads(), "what is projected is what follows");
        assert_eq!(changes(&answer).len(), 3, "both travel as evidence");
        let report = centre.rebuild_projections(&mut |_| ()).await.unwrap();
        assert_eq!(report.mended, 0);
        beside.close().await;
    });
}

#[test]
fn what_is_hostile_is_refused_by_name_and_changes_nothing() {
    let office = Office::new();
    office.on_centre(async |centre| {
        let mut scribe = Scribe::enrol(centre, &office.round, "A", &["A"]).await;
        let stranger = Scribe::enrol(centre, &office.round, "A", &["A"]).await;
        let good = scribe.write(joins());
        let spoilt = |change: &dyn Fn(&mut RecordChange)| {
            let mut value = good.value().clone();
            change(&mut value);
            Item::new(ItemKind::RecordChange, Signed::sign(value, &scribe.key).into_bytes())
        };
        let mut broken = good.bytes().to_vec();
        *broken.last_mut().unwrap() ^= 1;
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        let for_other = Reader { device: stranger.id, seal: [9; 32] };
        let carried = SealedChanges::seal(
            &scribe.package.hash(),
            &unit("A"),
            &for_other,
            vec![good.bytes().to_vec()],
            &mut rng,
        )
        .unwrap();
        let mut tampered = sealed(&scribe, &[&good]);
        *tampered.bytes.last_mut().unwrap() ^= 1;
        let hostile = vec![
            spoilt(&|change| change.hash.0[0] ^= 1),
            spoilt(&|change| change.unit = unit("S")),
            spoilt(&|change| change.package.0[0] ^= 1),
            spoilt(&|change| change.actor = Actor::new(&stranger.id, [1; 8])),
            spoilt(&|change| change.actor = Actor([7; 24])),
            Item::new(ItemKind::RecordChange, broken),
            Item::new(ItemKind::RecordChange, b"\x85\x6f\x4a\x83automerge".to_vec()),
            Item::new(ItemKind::SealedRecordChange, cbor::encode(&carried)),
            tampered,
        ];
        let answer = scribe.give(centre, hostile).await;
        let outcomes: Vec<Outcome> = answer.outcomes.iter().map(|(_, outcome)| *outcome).collect();
        use Outcome::{BadSignature, Malformed, NotTaken, OtherPackage, OtherUnit, WaitsForCertificate};
        assert_eq!(
            outcomes,
            [
                Malformed,
                OtherUnit,
                OtherPackage,
                BadSignature,
                WaitsForCertificate,
                BadSignature,
                Malformed,
                NotTaken,
                Malformed
            ]
        );
        assert!(heads(&answer).is_empty());
        let answer = scribe.give(centre, vec![clear(&good)]).await;
        assert_eq!((answer.outcomes.len(), heads(&answer).len()), (0, 1), "the good one is not held back");
    });
    assert_eq!(rows(&office), (1, 1));
}

#[test]
fn projections_are_rebuilt_from_the_signed_changes_which_are_checked_again() {
    let office = Office::new();
    office.on_centre(async |centre| {
        for code in ["A", "T"] {
            homphieu_tests::record::write_record(centre, &office.round, code).await;
        }
        centre.status(&office.round).await.unwrap();
    });
    let stored = |query: &'static str| {
        use sqlx::Row;
        office.on_database(async move |db: &mut sqlx::AnyConnection| {
            let rows = sqlx::query(query).fetch_all(db).await.unwrap();
            rows.iter().map(|row| row.get::<Vec<u8>, _>("value")).collect::<Vec<_>>()
        })
    };
    let heads = "SELECT hash AS value FROM record_head ORDER BY unit, actor";
    let before = stored(heads);
    office.on_database(async |db: &mut sqlx::AnyConnection| {
        for damage in [
            "DELETE FROM record_head WHERE unit = 'A'",
            "UPDATE record_head SET sequence = 77 WHERE unit = 'T'",
            "UPDATE record_summary SET summary = '{}' WHERE unit = 'A'",
        ] {
            sqlx::query(damage).execute(&mut *db).await.unwrap();
        }
    });
    let rebuilt = homphieu_tests::server::succeed(&office.folder(), &["doctor", "--rebuild"], "");
    assert!(rebuilt.contains('2'), "{rebuilt}");
    assert_eq!(stored(heads), before);
    office.on_centre(async |centre| {
        let again = centre.rebuild_projections(&mut |_| ()).await.unwrap();
        assert_eq!((again.units, again.changes, again.mended), (3, 4, 0));
        let status = centre.status(&office.round).await.unwrap();
        let figures = &status.iter().find(|unit| unit.code == "A").unwrap().record.figures;
        assert_eq!(figures["summoned"], Some(24), "a damaged summary is not believed");
    });
    let changed =
        stored("SELECT bytes AS value FROM record_change ORDER BY unit, actor, sequence")[0].clone();
    let mut value = Unverified::<RecordChange>::decode(&changed).unwrap().from_own_store().value().clone();
    value.entries.reverse();
    let forged = Signed::sign(value, &sync_core::cose::SecretKey::from_seed(&[1; 32])).into_bytes();
    office.on_database(async move |db: &mut sqlx::AnyConnection| {
        let query = sqlx::query("UPDATE record_change SET bytes = $1 WHERE bytes = $2");
        query.bind(forged).bind(changed).execute(db).await.unwrap();
    });
    office.on_centre(async |centre| {
        let refused = centre.rebuild_projections(&mut |_| ()).await.unwrap_err();
        assert_eq!(refused.code(), "record_damaged");
    });
    assert_eq!(stored(heads), before, "and nothing was changed");
}

#[test]
fn a_restored_centre_is_told_by_heads_what_to_bring_and_is_refilled() {
    let office = Office::new();
    let file = office.home().join("backup.hpb");
    let elsewhere = office.home().join("elsewhere");
    office.on_centre(async |centre| {
        let mut scribe = Scribe::enrol(centre, &office.round, "A", &["A"]).await;
        let first = scribe.write(joins());
        scribe.give(centre, vec![clear(&first)]).await;
        let to = file.display().to_string();
        homphieu_tests::server::succeed(&office.folder(), &["backup", "--unencrypted", "--to", &to], "");
        let second = scribe.write(vec![check_in(CHAIR, 1)]);
        let third = scribe.write(vec![check_in(CHAIR, 2)]);
        scribe.give(centre, vec![clear(&second), clear(&third)]).await;
        let opener = homphieu_server::dump::keys::Opener::Nothing;
        let proof =
            homphieu_server::service::restore(&file, &opener, (&elsewhere, None), &mut |_| ()).await.unwrap();
        assert_eq!(proof.proof.rounds[0].changes, 1);
        let restored = Centre::open(&elsewhere).await.unwrap();
        let theirs = record(centre, &office, "A").await.heads();
        let mut message = scribe.message(Vec::new());
        message.have.as_mut().unwrap().records = theirs.clone();
        let answer = restored.sync(&scribe.request(&message)).await.unwrap();
        let answer: Message = cbor::decode(&answer).unwrap();
        assert_eq!(heads(&answer)[0].sequence, 1, "the tablet sees what is lacking");
        let waiting = async || restored.restoration().await.unwrap().unwrap().unheard.len();
        let unheard = waiting().await;
        // A copied device whose chain went another way has something that the centre lacks, though its chain is shorter.
        message.have.as_mut().unwrap().records[0] =
            RecordHead { sequence: 1, hash: [9; 8], ..theirs[0].clone() };
        message.give = vec![clear(&second), clear(&third)];
        let answer = restored.sync(&scribe.request(&message)).await.unwrap();
        assert_eq!(heads(&cbor::decode(&answer).unwrap()), theirs);
        assert_eq!(waiting().await, unheard, "its first change is not the one that is here");
        message.have.as_mut().unwrap().records = theirs.clone();
        drop(restored.sync(&scribe.request(&message)).await.unwrap());
        assert_eq!((unheard, waiting().await), (1, 0), "heard from once its record is here again");
        restored.close().await;
    });
}

/// One voter is checked in on two tablets by two people; the rest is as it should be.
fn with_a_double_check_in() -> Office {
    let office = Office::new();
    let server = homphieu_tests::server::Server::start(&office.folder());
    let mut tablet = office.tablet("A", &["A"], &server.address);
    office.cast(&mut tablet, "A", 0..24);
    tablet.close(&unit("A")).unwrap();
    tablet.sync(&client_ffi::transport::Http::new(&server.address)).unwrap();
    office.on_centre(async |centre| {
        for name in [CHAIR, HEAD] {
            let mut scribe = Scribe::enrol(centre, &office.round, "A", &[]).await;
            let noted = scribe.write(vec![check_in(name, 5)]);
            scribe.give(centre, vec![clear(&noted)]).await;
        }
    });
    office
}

#[test]
fn a_unit_that_does_not_reconcile_is_not_published_until_a_second_person_explained_it() {
    let office = with_a_double_check_in();
    office.hire("lam", &[homphieu_server::domain::person::Role::Inspector], |profile| {
        HEAD.clone_into(&mut profile.name);
    });
    office.hire("tai-cho", &[homphieu_server::domain::person::Role::Inspector], |profile| {
        profile.votes_in = Some(unit("A"));
    });
    office.count();
    office.on_centre(async |centre| {
        let codes = async || -> Vec<String> {
            let report = centre.publish(&office.round, &["A".to_owned()]).await.unwrap();
            let codes = report.units[0].obstacles.iter().map(|obstacle| match obstacle {
                homphieu_server::service::Obstructed::Unit(obstacle) => obstacle.code().to_owned(),
                homphieu_server::service::Obstructed::Interest(interest) => panic!("{interest}"),
            });
            codes.collect()
        };
        assert_eq!(codes().await, ["double_check_in", "register_present", "register_issued"]);
        let by = async |login: &str, key: [u8; 16], text: &str| {
            let person = centre.person_named(login).await.unwrap();
            let own = centre.acting_for(Somebody::Person(person));
            own.explain(&office.round, "A", &key, text).await.map_err(|error| error.code().to_owned())
        };
        let findings = centre.unit_record(&office.round, "A").await.unwrap().findings;
        let key = |code: &str| findings.iter().find(|found| found.code.code() == code).unwrap().key();
        let double = key("double_check_in");
        let refused = async |login: &str, key, text: &str| by(login, key, text).await.unwrap_err();
        assert_eq!(refused("lam", double, "hai máy").await, "same_person");
        assert_eq!(refused("tai-cho", double, "hai máy").await, "interest");
        assert_eq!(refused(INSPECTORS[0], [0; 16], "hai máy").await, "unknown_finding");
        assert_eq!(refused(INSPECTORS[0], double, "  ").await, "text");
        by(INSPECTORS[0], double, "hai máy cùng ghi một người").await.unwrap();
        assert_eq!(codes().await, ["register_present", "register_issued"]);
        by(INSPECTORS[1], key("register_present"), "sổ ghi trên giấy").await.unwrap();
        by(INSPECTORS[0], key("register_issued"), "sổ ghi trên giấy").await.unwrap();
        assert!(codes().await.is_empty());
        let log = centre.unit_record(&office.round, "A").await.unwrap();
        assert_eq!(log.state.name(&sync_core::record::PersonId::of("Sùng Thị Máy")), Some("Sùng Thị Máy"));
    });
}

#[test]
fn what_the_office_writes_reaches_the_tablets_and_settles_what_they_disagree_about() {
    let office = Office::new();
    office.on_centre(async |centre| {
        let mut first = Scribe::enrol(centre, &office.round, "A", &["A"]).await;
        let mut second = Scribe::enrol(centre, &office.round, "A", &["A"]).await;
        let twenty = first.write(vec![figure(CHAIR, FigureKind::Present, 20)]);
        let more = second.write(vec![figure(HEAD, FigureKind::Present, 21)]);
        first.give(centre, vec![clear(&twenty), clear(&more)]).await;
        let holds = |change: &SignedChange| sync_core::record::EntryRef {
            actor: change.value().actor,
            sequence: 1,
            index: 0,
        };
        let settle = async |subject: &str, holds| {
            let settlement = homphieu_server::service::Settlement { subject: subject.to_owned(), holds };
            let settled = centre.settle(&office.round, "A", &settlement).await;
            settled.map_err(|error| error.code().to_owned())
        };
        assert_eq!(settle("figure:issued", holds(&more)).await.unwrap_err(), "nothing_to_settle");
        let nowhere = sync_core::record::EntryRef { index: 9, ..holds(&more) };
        assert_eq!(settle("figure:present", nowhere).await.unwrap_err(), "unknown_entry");
        settle("figure:present", holds(&more)).await.unwrap();
        let note = (&office.round, "A", "đã gọi điện hỏi lại");
        centre.note_in_record(note.0, note.1, note.2, SignedMinutes::Stand).await.unwrap();
        let answer = first.give(centre, Vec::new()).await;
        let own: Vec<RecordChange> = changes(&answer)
            .into_iter()
            .map(|bytes| Signed::<RecordChange>::open(bytes, &centre.keys().sign))
            .filter_map(Result::ok)
            .map(|signed| signed.value().clone())
            .collect();
        let numbers: Vec<u32> = own.iter().map(|change| change.sequence).collect();
        assert_eq!(numbers, [1, 2], "one chain, signed with the centre's key");
        assert_eq!(own[0].actor.device(), centre.keys().device());
        let record = record(centre, &office, "A").await;
        assert_eq!(record.state().figure(FigureKind::Present), Some(21));
        let beside = another(&office).await;
        let person = centre.person_named(INSPECTORS[0]).await.unwrap();
        let own = beside.acting_for(Somebody::Person(person));
        own.note_in_record(&office.round, "A", "ghi từ máy khác", SignedMinutes::Stand).await.unwrap();
        assert_eq!(beside.unit_record(&office.round, "A").await.unwrap().record.heads().len(), 4);
        beside.close().await;
    });
    let log = homphieu_tests::server::succeed(&office.folder(), &["audit", "list"], "");
    assert!(log.contains("record_settled") && log.contains("record_noted"), "{log}");
}

#[test]
fn one_device_cannot_fill_the_centre() {
    let office = Office::new();
    office.on_centre(async |centre| {
        let mut scribe = Scribe::enrol(centre, &office.round, "A", &["A"]).await;
        let mut outcomes = Vec::new();
        for run in 0..=sync_core::record::ACTORS_PER_DEVICE_MAX {
            *scribe.writer() = Writer::new(Actor::new(&scribe.id, (run as u64).to_be_bytes()));
            let change = scribe.write(vec![check_in(CHAIR, 1)]);
            outcomes.extend(scribe.give(centre, vec![clear(&change)]).await.outcomes);
        }
        assert_eq!(outcomes, [(0, Outcome::TooMany)], "only the last");
    });
}

/// Who explained every finding, and that it says so.
fn who_explained(read: &serde_json::Value) -> String {
    let explainer = read[0]["explanations"][0]["who"].as_str().unwrap().to_owned();
    assert!(!explainer.is_empty());
    for finding in read.as_array().unwrap() {
        let expected = serde_json::json!({ "who": explainer, "text": "hai máy", "counts": true });
        assert_eq!((&finding["explanations"][0], &finding["explained"]), (&expected, &true.into()));
    }
    explainer
}

fn the_terminal_says_the_same(office: &Office, explainer: &str) {
    let said = homphieu_tests::server::succeed(&office.folder(), &["round", "findings", "--unit", "A"], "");
    assert!(said.contains("explained: ") && said.contains("error: "), "a note after the signatures: {said}");
    assert!(said.contains(&format!("{explainer}: hai máy")), "with who explained it and how: {said}");
    let shown = homphieu_tests::server::succeed(&office.folder(), &["round", "record", "--unit", "A"], "");
    assert!(shown.contains(CHAIR) && shown.contains("checked in 1"), "{shown}");
    let minutes = homphieu_tests::server::succeed(&office.folder(), &["round", "minutes", "--unit", "A"], "");
    assert!(minutes.contains("an earlier version"), "{minutes}");
}

#[test]
fn the_office_reads_a_record_over_http_and_explains_what_does_not_reconcile() {
    use homphieu_server::domain::person::Role;
    use homphieu_tests::server::{Server, request};
    let office = with_a_double_check_in();
    office.hire("xa-s", &[Role::Unit], |profile| profile.unit = Some(unit("S")));
    office.hire("theo-doi", &[Role::Observer], |_| ());
    office.on_centre(async |centre| homphieu_tests::record::write_record(centre, &office.round, "A").await);
    let server = Server::start(&office.folder());
    let base = format!("{}/api/v1/rounds/{}", server.address, office.round.uuid());
    let (inspector, other, observer) =
        (office.bearer(INSPECTORS[0]), office.bearer("xa-s"), office.bearer("theo-doi"));
    let get = |path: &str, bearer: &str| {
        request("GET", &format!("{base}{path}"), &[("authorization", bearer)], b"")
    };
    let record = get("/units/A/record", &inspector).json();
    assert_eq!((record["checked_in"].as_u64(), record["unit"].as_str()), (Some(1), Some("A")));
    let present = record["figures"].as_array().unwrap().iter().find(|f| f["subject"] == "figure:present");
    let present = present.unwrap();
    assert_eq!(
        (present["value"].as_str(), present["said"][0]["person"]["name"].as_str()),
        (Some("24"), Some(CHAIR))
    );
    assert_eq!(record["minutes"].as_array().unwrap().last().unwrap()["complete"], true);
    assert_eq!(get("/units/A/record", &other).code(), "not_yours");
    assert_eq!(get("/units/A/record", &observer).code(), "role");
    let document = get("/units/A/record/document", &inspector);
    assert_eq!(&document.body[..4], b"\x85\x6f\x4a\x83", "what any Automerge program opens");
    let twice = get("/units/A/record/register?twice=true", &inspector).json();
    assert_eq!(
        (twice["items"].as_array().unwrap().len(), twice["items"][0]["number"].as_u64()),
        (1, Some(5))
    );
    let noted: Vec<_> = twice["items"][0]["check_ins"].as_array().unwrap().iter().collect();
    assert_ne!(noted[0]["device"], noted[1]["device"], "both tablets are shown");
    assert_ne!(noted[0]["person"], noted[1]["person"], "and both persons");
    assert_eq!(get("/units/A/record/register?limit=1&search=7", &inspector).json()["items"][0]["number"], 7);
    let findings = get("/units/A/findings", &inspector).json();
    let double =
        findings.as_array().unwrap().iter().find(|f| f["code"] == "double_check_in").unwrap().clone();
    assert_ne!(double["vi"], double["en"]);
    let codes = |path: &str, bearer: &str| -> Vec<String> {
        let items = get(path, bearer).json()["items"].as_array().unwrap().clone();
        items.iter().map(|unit| unit["code"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(codes("/units?reconciles=false", &observer), ["A", "S", "T"]);
    assert!(
        !String::from_utf8(get("/units", &observer).body).unwrap().contains(CHAIR),
        "no names for observers"
    );
    let post = |path: &str, body: &str| {
        let headers = [("authorization", inspector.as_str()), ("content-type", "application/json")];
        request("POST", &format!("{base}{path}"), &headers, body.as_bytes())
    };
    let explain =
        |key: &str| post("/units/A/explanations", &format!(r#"{{"finding":"{key}","text":"hai máy"}}"#));
    assert_eq!(explain("zz").code(), "finding");
    for finding in findings.as_array().unwrap() {
        assert_eq!(explain(finding["key"].as_str().unwrap()).status, 204, "{finding}");
    }
    let read = get("/units/A/findings", &inspector).json();
    let explainer = who_explained(&read);
    let visited = get("/oversight/units", &inspector).json();
    let of_a = visited["items"].as_array().unwrap().iter().find(|unit| unit["code"] == "A").unwrap().clone();
    assert_eq!(
        of_a["findings"][0]["explanations"][0]["text"], "hai máy",
        "whoever oversees reads it too: {of_a}"
    );
    let units = String::from_utf8(get("/units", &observer).body).unwrap();
    assert!(!units.contains("hai máy"), "and nobody who only watches");
    assert_eq!(codes("/units?reconciles=true", &observer), ["A"]);
    assert_eq!(post("/units/A/settlements", r#"{"subject":"committee","holds":"x"}"#).code(), "entry");
    let holds = format!("{}-1-0", "00".repeat(24));
    let nothing = post("/units/A/settlements", &format!(r#"{{"subject":"committee","holds":"{holds}"}}"#));
    assert_eq!(nothing.code(), "nothing_to_settle");
    let minutes = || get("/units/A/record", &inspector).json()["minutes"].as_array().unwrap().clone();
    let warned = post("/units/A/notes", r#"{"text":"đã xem"}"#);
    assert_eq!((warned.status, warned.code().as_str()), (409, "minutes_signed"));
    assert_eq!(minutes().last().unwrap()["complete"], true, "the warning wrote nothing");
    assert_eq!(post("/units/A/notes", r#"{"text":"đã xem","outdates_minutes":true}"#).status, 204);
    assert_eq!(post("/units/A/notes", r#"{"text":"xem lại"}"#).status, 204, "they are outdated already");
    the_terminal_says_the_same(&office, &explainer);
}
