//! Ways by which a notice reaches an official: mail and webhook go out at least once and are noted once, and letters open
//! what they should and nothing else.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::transport::Http;
use homphieu_server::domain::calendar::{day_of, day_text};
use homphieu_server::domain::contact::{Channel, Contact, ContactKind};
use homphieu_server::domain::letter::{LetterCode, WRONG_MAX};
use homphieu_server::domain::notice::{Notice, Stage, Way};
use homphieu_server::domain::outgoing::{Message, MessageState, TRIES_MAX};
use homphieu_server::domain::person::Role;
use homphieu_server::service::{Centre, LetterSearch, Sent};
use homphieu_server::store::notices::{NoticeSearch, Place};
use homphieu_server::store::outbox::OutboxSearch;
use homphieu_server::ways::{Gateway, MailSettings, MailTls, Mailer, Ways, WebhookSettings, new_key, sign};
use homphieu_tests::mail::{GatewayServer, MailServer, Mischief};
use homphieu_tests::office::{INSPECTORS, ORGANISER, Office, unit};
use homphieu_tests::server::{Answer, Server, refused, request, run, succeed};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

#[path = "ways/contacts.rs"]
mod contacts;
#[path = "ways/letters.rs"]
mod letters;
#[path = "ways/office.rs"]
mod office;
#[path = "ways/sending.rs"]
mod sending;
#[path = "ways/servers.rs"]
mod servers;

/// A moment long after everything was made: every message is due.
const NOW: i64 = 4_000_000_000;
const HOUR: i64 = 3600;

/// Units A and T voted and were counted; S has too few voters to show anything of.
fn counted() -> Office {
    let office = Office::new();
    let server = Server::start(&office.folder());
    for (code, voters) in [("A", 24), ("S", 4), ("T", 7)] {
        let mut tablet = office.tablet(code, &[code], &server.address);
        office.cast(&mut tablet, code, 0..voters);
        tablet.close(&unit(code)).unwrap();
        tablet.sync(&Http::new(&server.address)).unwrap();
    }
    office.count();
    office
}

fn contact(code: &str, email: &str, phone: &str, way: Channel) -> Contact {
    Contact::new(ContactKind::Official, code, "Vàng Mí Một", email, phone, way).unwrap()
}

async fn publish(centre: &Centre, office: &Office) {
    let report = centre.publish(&office.round, &[]).await.unwrap();
    assert!(report.units.iter().all(|unit| unit.obstacles.is_empty()), "{report:?}");
}

/// Counted, with a contact of A1 by mail and of T1 by phone, and published.
fn published() -> Office {
    let office = counted();
    office.on_centre(async |centre| {
        for one in [
            contact("A1", "mot@dongvan.vn", "", Channel::Email),
            contact("T1", "", "0912345678", Channel::Webhook),
        ] {
            centre.put_contact(&one).await.unwrap();
        }
        publish(centre, &office).await;
    });
    office
}

fn mailer(port: u16) -> Mailer {
    Mailer::new(&MailSettings {
        server: "127.0.0.1".to_owned(),
        port: Some(port),
        tls: MailTls::None,
        user: None,
        password_file: None,
        from: Some("Huyện ủy Đồng Văn <vanphong@dongvan.vn>".to_owned()),
        authorities: None,
    })
    .unwrap()
}

fn by_mail(server: &MailServer) -> Ways {
    Ways {
        mail: Some(mailer(server.port())),
        webhook: None,
        address: Some("https://phieu.dongvan.vn".to_owned()),
    }
}

fn by_webhook(server: &GatewayServer, key: &Path) -> Ways {
    let settings =
        WebhookSettings { address: server.url(), key_file: Some(key.to_owned()), authorities: None };
    Ways { webhook: Some(Gateway::new(&settings).unwrap()), ..Ways::default() }
}

async fn messages(centre: &Centre) -> Vec<Message> {
    centre.messages(&OutboxSearch::default(), None, 200).await.unwrap()
}

async fn message_to(centre: &Centre, official: &str) -> Message {
    let all = messages(centre).await;
    all.into_iter().find(|message| message.about.official.as_deref() == Some(official)).unwrap()
}

async fn notice(centre: &Centre, office: &Office, official: &str) -> (Notice, Stage) {
    centre.notice(&office.round, official).await.unwrap()
}

/// A served centre, and whoever of its office asks.
struct Desk {
    office: Office,
    server: Server,
}

impl Desk {
    fn open() -> Self {
        let office = published();
        let server = Server::start(&office.folder());
        Self { office, server }
    }

    fn ask(
        &self,
        login: Option<&str>,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let bearer = login.map(|login| self.office.bearer(login));
        let url = format!("{}/api/v1{path}", self.server.address);
        let url = url.replace("{round}", &self.office.round.uuid().to_string());
        let mut all = vec![("content-type", "application/json")];
        all.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        all.extend(headers);
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        request(method, &url, &all, &body)
    }

    fn letters(&self, which: &LetterSearch) -> Vec<(String, String)> {
        self.office.on_centre(async |centre| {
            let made = centre.make_letters(&self.office.round, which, 30).await.unwrap();
            made.into_iter().map(|one| (one.notice.official.clone(), one.code.reveal().to_string())).collect()
        })
    }

    fn letter_of(&self, official: &str) -> String {
        let officials = BTreeSet::from([official.to_owned()]);
        self.letters(&LetterSearch { officials, ..LetterSearch::default() }).remove(0).1
    }

    fn type_code(&self, what: &str, code: &str) -> Answer {
        self.ask(None, "POST", &format!("/letter/{what}"), &[], &json!({ "code": code }))
    }
}
