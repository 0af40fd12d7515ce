//! The box of a tablet that lost its key, from the hall to the count.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::Tablet;
use client_ffi::orphan;
use client_ffi::store::{FileStore, Key, Store};
use client_ffi::transport::Http;
use homphieu_server::domain::decision::Matter;
use homphieu_server::service::Actor;
use homphieu_tests::office::{INSPECTORS, ORGANISER, Office, unit};
use homphieu_tests::server::{Server, request};
use std::path::PathBuf;
use sync_core::id::EnvelopeId;
use sync_core::order::Ruling;
use sync_core::survey::{Gap, HoldReason};

const STORY: &str = "Máy rơi xuống suối, khóa hỏng";

/// A tablet of unit `A` votes, and then its key is gone; gives its folder and how many ballots are in its box.
fn wreck(office: &Office, server: &Server, voters: std::ops::Range<usize>) -> (PathBuf, usize) {
    let mut tablet = office.tablet("dead", &["A"], &server.address);
    office.cast(&mut tablet, "A", voters);
    let in_box = tablet.counts(&unit("A")).in_box;
    tablet.into_store().destroy(&Key::parse("identity").unwrap()).unwrap();
    let folder = office.home().join("dead");
    assert!(Tablet::open(FileStore::open(&folder).unwrap()).is_err());
    (folder, in_box)
}

fn decide(office: &Office, ruling: Ruling) {
    office.on_centre(async |centre| {
        let mut people = Vec::new();
        for login in INSPECTORS {
            people.push(Actor::Person(centre.person_named(login).await.unwrap()));
        }
        let [first, second] = [0, 1].map(|at| centre.acting_for(people[at].clone()));
        let matter = Matter::Ruling(ruling);
        let proposal = first.propose(&office.round, "A", matter, "biên bản số 3").await.unwrap();
        second.confirm(&office.round, "A", &proposal.id).await.unwrap();
    });
}

#[test]
fn the_box_of_a_tablet_without_its_key_is_held_then_admitted_and_counted() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let mut good = office.tablet("good", &["A"], &server.address);
    office.cast(&mut good, "A", 0..8);
    good.close(&unit("A")).unwrap();
    good.sync(&Http::new(&server.address)).unwrap();
    let (folder, in_box) = wreck(&office, &server, 8..20);
    let saved = orphan::export(&FileStore::open(&folder).unwrap(), STORY).unwrap();
    assert_eq!((saved.ballots, saved.lost.len()), (in_box, 0));
    assert!(saved.envelopes > 0 && in_box > 0);
    let url = format!("{}/api/v1/rounds/{}/orphans", server.address, office.round.uuid());
    let bearer = office.bearer(ORGANISER);
    let post = |body: &[u8]| {
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/octet-stream")];
        request("POST", &url, &headers, body)
    };
    let half = post(&saved.parcel[..saved.parcel.len() - 200]).json();
    assert_eq!(half["torn"], true, "{half}");
    let taken = post(&saved.parcel).json();
    assert_eq!((taken["torn"].as_bool(), taken["refused"].as_u64()), (Some(false), Some(0)), "{taken}");
    let again = post(&saved.parcel).json();
    assert_eq!(again["held"].as_array().unwrap().len(), 0, "the same box twice is one");
    assert_eq!(again["already_here"].as_u64(), Some(in_box as u64));
    assert_eq!(post(b"no parcel").code(), "parcel");
    let (id, device) = office.on_centre(async |centre| {
        let (_, standings) = centre.standings(&office.round).await.unwrap();
        let standing = standings.into_iter().find(|s| s.unit == unit("A")).unwrap();
        let held: Vec<_> = standing.survey.held.iter().collect();
        assert_eq!(held.len(), 1);
        assert_eq!(held[0].1.iter().copied().collect::<Vec<_>>(), [HoldReason::Orphan]);
        let gaps: Vec<Gap> = standing.survey.gaps.iter().copied().collect();
        let [Gap::Close { device }] = gaps.as_slice() else { panic!("{gaps:?}") };
        let record = centre.unit_record(&office.round, "A").await.unwrap();
        let noted: Vec<_> = record.state.notes.values().filter(|note| note.incident).collect();
        assert_eq!(noted.len(), 1);
        assert!(noted[0].text.contains(STORY) && noted[0].text.contains(&format!("{in_box} phiếu")));
        (*held[0].0, *device)
    });
    decide(&office, Ruling::Admit(id));
    decide(&office, Ruling::WriteOff(Gap::Close { device }));
    office.count_without_records();
    let counted = office.on_centre(async |centre| {
        let bundle = centre.bundle(&office.round).await.unwrap();
        sync_core::verify::verify(&bundle.to_bytes(), &office.shares[..2], &mut |_, _| ()).unwrap();
        bundle.results[0].value().units.iter().find(|u| u.unit == unit("A")).unwrap().valid
    });
    assert_eq!(counted, 20, "every ballot that was cast, once");
}

#[test]
fn only_an_organiser_takes_a_box_and_only_into_its_own_round() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let (folder, in_box) = wreck(&office, &server, 0..3);
    let saved = orphan::export(&FileStore::open(&folder).unwrap(), STORY).unwrap();
    let other = Office::new();
    let refused = other.on_centre(async |centre| centre.take_orphans(&other.round, &saved.parcel).await);
    assert_eq!(refused.unwrap_err().code(), "other_package");
    let mut tablet = office.tablet("good", &["A"], &server.address);
    let good = tablet.export(sync_core::parcel::Recipient::Centre).unwrap();
    office.on_centre(async |centre| {
        let inspector = Actor::Person(centre.person_named(INSPECTORS[0]).await.unwrap());
        for actor in [inspector, Actor::Operator] {
            let refused = centre.acting_for(actor).take_orphans(&office.round, &saved.parcel).await;
            assert!(["role", "person_needed"].contains(&refused.unwrap_err().code()));
        }
        let refused = centre.take_orphans(&office.round, &good).await;
        assert_eq!(refused.unwrap_err().code(), "no_orphan");
        let taken = centre.take_orphans(&office.round, &saved.parcel).await.unwrap();
        let held: Vec<(EnvelopeId, usize)> = taken.held.iter().map(|(_, id, count)| (*id, *count)).collect();
        assert_eq!((held.len(), held[0].1), (1, in_box));
    });
}
