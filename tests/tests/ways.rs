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

#[test]
fn publishing_sends_what_waits_to_whoever_is_reached_and_never_a_figure() {
    let office = published();
    let server = MailServer::start();
    office.on_centre(async |centre| {
        assert_eq!(messages(centre).await.len(), 2);
        // Nothing goes by a way that is not set up, and it does not count as a try.
        assert_eq!(centre.send_due(&Ways::default(), NOW).await.unwrap(), Sent::default());
        let done = centre.send_due(&by_mail(&server), NOW).await.unwrap();
        assert_eq!(done, Sent { sent: 1, later: 0, failed: 0 });
        let sent = message_to(centre, "A1").await;
        assert_eq!((sent.state, sent.tries, sent.done_at), (MessageState::Sent, 1, Some(NOW)));
        assert_eq!(message_to(centre, "T1").await.tries, 0);
        let (told, stage) = notice(centre, &office, "A1").await;
        assert_eq!(told.sent.map(|sent| sent.way), Some(Channel::Email));
        assert_eq!(stage, Stage::Waiting, "that it was sent does not say that anybody read it");
        // Again there is nothing to do, also if the round is published or sent out once more.
        publish(centre, &office).await;
        let again = centre.send_notices(&office.round).await.unwrap();
        assert_eq!((again.email, again.webhook, again.before, again.letter), (0, 0, 2, 4));
        assert_eq!(centre.send_due(&by_mail(&server), NOW).await.unwrap(), Sent::default());
    });
    let inbox = server.inbox();
    assert_eq!(inbox.len(), 1);
    let mail = &inbox[0];
    assert_eq!(mail.to, "mot@dongvan.vn");
    assert!(mail.text.contains("multipart/alternative"), "{}", mail.text);
    // Quoted-printable of what the mail says; the figures of A1 are 8 of 24.
    let read = mail.text.replace("=\r\n", "");
    assert!(
        read.contains("https://phieu.dongvan.vn/console/#/own") && read.contains("was published on"),
        "{read}"
    );
    for figure in ["33,33", "33.33", "24"] {
        let said = read.split("\r\n\r\n").skip(1).collect::<String>();
        let days = said.replace("2024", "").replace(&office.round.uuid().to_string(), "");
        let words: Vec<_> =
            days.split(|c: char| !c.is_ascii_alphanumeric() && c != ',' && c != '.').collect();
        assert!(figure == "24" || !words.contains(&figure), "{figure}: {said}");
    }
}

#[test]
fn a_mail_server_that_is_away_for_hours_loses_nothing_and_gets_nothing_twice() {
    let office = published();
    let port = MailServer::start().port();
    office.on_centre(async |centre| {
        let away = Ways { mail: Some(mailer(port)), ..Ways::default() };
        let mut now = NOW;
        for tries in 1..=6 {
            assert_eq!(centre.send_due(&away, now).await.unwrap(), Sent { sent: 0, later: 1, failed: 0 });
            let message = message_to(centre, "A1").await;
            assert_eq!((message.state, message.tries), (MessageState::Waiting, tries));
            assert!(message.why.is_some() && message.next_at > now, "{message:?}");
            // Before its time it is not tried.
            assert_eq!(centre.send_due(&away, message.next_at - 1).await.unwrap(), Sent::default());
            now = message.next_at;
        }
        let server = MailServer::at(port, None);
        assert_eq!(centre.send_due(&away, now).await.unwrap().sent, 1);
        assert_eq!(centre.send_due(&away, now + 1000 * HOUR).await.unwrap(), Sent::default());
        assert_eq!(server.inbox().len(), 1);
    });
}

#[test]
fn who_dies_between_sending_and_noting_sends_again_under_the_same_id_and_notes_once() {
    let office = published();
    let server = MailServer::start();
    let ways = by_mail(&server);
    office.on_centre(async |centre| {
        let claimed = centre.claim_message((true, false), NOW).await.unwrap().unwrap();
        ways.send(&claimed.message).await.unwrap();
        // The process is gone here. Another one does not touch the message for a while.
        assert_eq!(centre.send_due(&ways, NOW + 299).await.unwrap(), Sent::default());
        assert_eq!(centre.send_due(&ways, NOW + 300).await.unwrap().sent, 1);
        // The first comes back after all: both know that it was sent, and it is noted once.
        centre.note_try(&claimed, Ok(()), NOW + 400).await.unwrap();
        let message = message_to(centre, "A1").await;
        assert_eq!((message.state, message.tries, message.done_at), (MessageState::Sent, 2, Some(NOW + 300)));
        let failure = homphieu_server::domain::outgoing::Failure::ForGood("late".to_owned());
        centre.note_try(&claimed, Err(failure), NOW + 500).await.unwrap();
        assert_eq!(message_to(centre, "A1").await.state, MessageState::Sent, "a late failure undoes nothing");
    });
    let ids: Vec<_> = server.inbox().iter().map(|mail| mail.header("Message-ID").unwrap()).collect();
    assert_eq!((ids.len(), &ids[0]), (2, &ids[1]), "a receiver can drop the second");
    let log = succeed(&office.folder(), &["audit", "list", "--action", "message_sent"], "");
    assert_eq!(log.lines().count(), 1, "{log}");
}

#[test]
fn a_line_cut_before_the_answer_is_tried_again_and_one_cut_in_the_mail_too() {
    let office = published();
    let server = MailServer::start();
    let ways = by_mail(&server);
    server.plan(&[Mischief::CutInData, Mischief::CutAfterData, Mischief::Busy, Mischief::Recipient(450)]);
    office.on_centre(async |centre| {
        let mut now = NOW;
        for kept in [0, 1, 1, 1] {
            assert_eq!(centre.send_due(&ways, now).await.unwrap().later, 1);
            assert_eq!(server.inbox().len(), kept);
            now = message_to(centre, "A1").await.next_at;
        }
        assert_eq!(centre.send_due(&ways, now).await.unwrap().sent, 1);
    });
    let inbox = server.inbox();
    assert_eq!(inbox.len(), 2, "at least once");
    assert_eq!(inbox[0].header("Message-ID"), inbox[1].header("Message-ID"));
    assert_eq!(inbox[0].header("Date"), inbox[1].header("Date"));
}

#[test]
fn a_refusal_for_good_waits_for_a_person_who_may_send_again_or_give_up() {
    let office = published();
    let server = MailServer::start();
    let ways = by_mail(&server);
    server.plan(&[Mischief::Recipient(550), Mischief::Recipient(550)]);
    office.on_centre(async |centre| {
        assert_eq!(centre.send_due(&ways, NOW).await.unwrap().failed, 1);
        let failed = message_to(centre, "A1").await;
        assert!(
            failed.state == MessageState::Failed && failed.why.as_ref().unwrap().contains("550"),
            "{failed:?}"
        );
        assert_eq!(centre.send_due(&ways, NOW + 1000 * HOUR).await.unwrap(), Sent::default());
        // The address was wrong: it is corrected, and the message goes there.
        let known = centre.contact(ContactKind::Official, "A1").await.unwrap();
        let right =
            Contact { version: known.version, ..contact("A1", "dung@dongvan.vn", "", Channel::Email) };
        centre.put_contact(&right).await.unwrap();
        let again = centre.send_again(failed.id).await.unwrap();
        assert_eq!(
            (again.state, again.tries, again.address.as_str()),
            (MessageState::Waiting, 0, "dung@dongvan.vn")
        );
        assert_eq!(centre.send_due(&ways, NOW).await.unwrap().failed, 1);
        let given_up = centre.give_message_up(failed.id).await.unwrap();
        assert_eq!(given_up.state, MessageState::GivenUp);
        assert_eq!(centre.send_due(&ways, NOW + 1000 * HOUR).await.unwrap(), Sent::default());
        // What was given up may be taken up again; what was sent may not.
        centre.send_again(failed.id).await.unwrap();
        assert_eq!(centre.send_due(&ways, NOW).await.unwrap().sent, 1);
        for error in [
            centre.send_again(failed.id).await.unwrap_err(),
            centre.give_message_up(failed.id).await.unwrap_err(),
        ] {
            assert_eq!(error.code(), "message_sent");
        }
    });
    assert_eq!(server.inbox()[0].to, "dung@dongvan.vn");
}

#[test]
fn tries_end_after_some_days_and_the_message_is_said_to_have_failed() {
    let office = published();
    office.on_centre(async |centre| {
        let away = Ways { mail: Some(mailer(9)), ..Ways::default() };
        let (mut now, mut tries) = (NOW, 0);
        loop {
            let done = centre.send_due(&away, now).await.unwrap();
            tries += 1;
            if done.failed == 1 {
                break;
            }
            now = message_to(centre, "A1").await.next_at;
        }
        assert_eq!(tries, TRIES_MAX);
        assert!((96 * HOUR..144 * HOUR).contains(&(now - NOW)), "{} hours", (now - NOW) / HOUR);
    });
}

#[test]
fn two_workers_and_twenty_messages_send_each_once() {
    let office = counted();
    let server = MailServer::start();
    let ways = by_mail(&server);
    office.on_centre(async |centre| {
        for code in ["A1", "A2", "S1", "S2", "T1", "T2"] {
            centre
                .put_contact(&contact(code, &format!("{code}@dongvan.vn"), "", Channel::Email))
                .await
                .unwrap();
        }
        publish(centre, &office).await;
        let passes = (0..4).map(|_| centre.send_due(&ways, NOW)).collect::<Vec<_>>();
        let mut sent = 0;
        let mut running = Vec::new();
        for pass in passes {
            running.push(pass);
        }
        for done in join_all(running).await {
            sent += done.unwrap().sent;
        }
        assert_eq!(sent, 6);
    });
    let to: BTreeSet<_> = server.inbox().into_iter().map(|mail| mail.to).collect();
    assert_eq!((server.inbox().len(), to.len()), (6, 6));
}

/// Polls all of them in turn until each is done.
async fn join_all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.into_iter().map(|future| Some(Box::pin(future))).collect();
    let mut done: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (place, slot) in futures.iter_mut().enumerate() {
            if let Some(future) = slot
                && let std::task::Poll::Ready(output) = future.as_mut().poll(context)
            {
                (done[place], *slot) = (Some(output), None);
            }
        }
        if futures.iter().all(Option::is_none) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[test]
fn under_starttls_mail_goes_to_the_right_certificate_alone_and_a_server_without_it_gets_nothing() {
    let office = published();
    let folder = office.folder();
    succeed(&folder, &["tls", "init", "--address", "127.0.0.1"], "");
    let server = MailServer::with_tls(&folder);
    let password = office.home().join("mail-password");
    std::fs::write(&password, "bí mật\n").unwrap();
    let made = |authorities: Option<&Path>| {
        let settings = MailSettings {
            server: "127.0.0.1".to_owned(),
            port: Some(server.port()),
            tls: MailTls::Starttls,
            user: Some("vanphong".to_owned()),
            password_file: Some(password.clone()),
            from: Some("vanphong@dongvan.vn".to_owned()),
            authorities: authorities.map(Path::to_owned),
        };
        Ways { mail: Some(Mailer::new(&settings).unwrap()), ..Ways::default() }
    };
    let authority = std::fs::read_dir(folder.join("tls")).unwrap().map(|entry| entry.unwrap().path());
    let authority = authority.into_iter().find(|path| path.to_string_lossy().ends_with("authority.pem"));
    let trusted = made(Some(&authority.unwrap()));
    office.on_centre(async |centre| {
        assert_eq!(centre.send_due(&made(None), NOW).await.unwrap().later, 1, "nobody vouches for it");
        server.plan(&[Mischief::NoTls]);
        let mut now = message_to(centre, "A1").await.next_at;
        assert_eq!(centre.send_due(&trusted, now).await.unwrap().later, 1, "never in clear");
        server.plan(&[Mischief::SignIn]);
        now = message_to(centre, "A1").await.next_at;
        assert_eq!(
            centre.send_due(&trusted, now).await.unwrap().later,
            1,
            "a wrong password is ours to mend"
        );
        assert!(server.inbox().is_empty());
        now = message_to(centre, "A1").await.next_at;
        assert_eq!(centre.send_due(&trusted, now).await.unwrap().sent, 1);
    });
    assert_eq!(server.inbox().len(), 1);
}

/// A mail server of another implementation, with this certificate; each line that it says is JSON. `None`: it was not set
/// up.
fn other_server(certificate: &Path) -> Option<(Ended, impl Iterator<Item = Value> + use<>)> {
    let python = std::env::var_os("HOMPHIEU_AIOSMTPD")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("smtp/server.py");
    let mut child = Command::new(python)
        .arg(script)
        .arg(certificate)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the environment has a Python");
    let said = BufReader::new(child.stdout.take().expect("piped")).lines();
    let said = said.map(|line| serde_json::from_str(&line.expect("a line")).expect("JSON"));
    Some((Ended(child), said))
}

/// A program that does not outlive its test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn another_implementation_takes_our_mail_after_tls_and_sign_in_and_reads_what_was_meant() {
    let office = published();
    let folder = office.folder();
    succeed(&folder, &["tls", "init", "--address", "127.0.0.1"], "");
    let Some((_ended, mut said)) = other_server(&folder.join("tls/server.pem")) else {
        assert!(std::env::var_os("CI").is_none(), "HOMPHIEU_AIOSMTPD is not set");
        return;
    };
    let port = u16::try_from(said.next().unwrap()["port"].as_u64().unwrap()).unwrap();
    let made = |password: &str| {
        let file = office.home().join("mail-password");
        std::fs::write(&file, password).unwrap();
        let settings = MailSettings {
            server: "127.0.0.1".to_owned(),
            port: Some(port),
            tls: MailTls::Starttls,
            user: Some("vanphong".to_owned()),
            password_file: Some(file),
            from: Some("Huyện ủy Đồng Văn <vanphong@dongvan.vn>".to_owned()),
            authorities: Some(folder.join("tls/authority.pem")),
        };
        let mail = Some(Mailer::new(&settings).unwrap());
        Ways { mail, address: Some("https://phieu.dongvan.vn".to_owned()), ..Ways::default() }
    };
    let id = office.on_centre(async |centre| {
        assert_eq!(centre.send_due(&made("sai"), NOW).await.unwrap().later, 1, "a wrong password");
        let now = message_to(centre, "A1").await.next_at;
        assert_eq!(centre.send_due(&made("bí mật\n"), now).await.unwrap().sent, 1);
        message_to(centre, "A1").await.id.uuid()
    });
    let mail = said.next().unwrap();
    assert_eq!((&mail["secure"], &mail["signed_in"]), (&json!(true), &json!(true)));
    assert_eq!(mail["sender"], "vanphong@dongvan.vn");
    assert_eq!(mail["recipients"], json!(["mot@dongvan.vn"]));
    assert_eq!(mail["defects"], json!([]));
    let header = |name: &str| mail["headers"][name].as_str().unwrap().to_owned();
    assert_eq!(header("From"), "Huyện ủy Đồng Văn <vanphong@dongvan.vn>");
    assert_eq!(header("To"), "Vàng Mí Một <mot@dongvan.vn>");
    assert_eq!(header("Message-ID"), format!("<{id}@dongvan.vn>"));
    assert!(header("Subject").contains(" / "), "{mail}");
    for kind in ["text/plain", "text/html"] {
        let text = mail["parts"][kind].as_str().unwrap();
        for part in ["Vàng Mí Một", "https://phieu.dongvan.vn/console/#/", "was published on", "được công bố"]
        {
            assert!(text.contains(part), "{kind} lacks {part}: {text}");
        }
    }
}

#[test]
fn a_gateway_gets_a_signed_message_of_what_it_needs_and_no_redirect_is_followed() {
    let office = published();
    let server = GatewayServer::start();
    let key = office.home().join("webhook.key");
    std::fs::write(&key, new_key().as_bytes()).unwrap();
    let ways = by_webhook(&server, &key);
    server.plan(&[302, 0, 503, 429]);
    office.on_centre(async |centre| {
        let mut now = NOW;
        for _ in 0..4 {
            assert_eq!(centre.send_due(&ways, now).await.unwrap().later, 1);
            now = message_to(centre, "T1").await.next_at;
        }
        assert_eq!(centre.send_due(&ways, now).await.unwrap().sent, 1);
        assert_eq!(message_to(centre, "A1").await.tries, 0, "mail is another way");
        let id = message_to(centre, "T1").await.id.uuid().to_string();
        let got = server.got();
        assert_eq!(got.len(), 5);
        let text = std::fs::read_to_string(&key).unwrap();
        let secret = base64_of(text.trim().strip_prefix("whsec_").unwrap());
        for posted in &got {
            assert_eq!(posted.header("webhook-id"), Some(id.as_str()), "the same on every try");
            let at: i64 = posted.header("webhook-timestamp").unwrap().parse().unwrap();
            let signature = posted.header("webhook-signature").unwrap();
            assert_eq!(signature, sign(&secret, &id, at, &posted.body));
            assert_ne!(signature, sign(&secret, &id, at + 1, &posted.body));
        }
        let body: Value = serde_json::from_slice(&got[0].body).unwrap();
        let keys: Vec<_> = body["data"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys, ["link", "name", "text_en", "text_vi", "to"]);
        assert_eq!((&body["type"], &body["data"]["to"]), (&json!("notice"), &json!("+84912345678")));
    });
}

/// Base64 without a crate of its own: the tests check the signature with the key's bytes.
fn base64_of(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut kept, mut out) = (0_u32, 0, Vec::new());
    for symbol in text.bytes().filter(|b| *b != b'=') {
        bits = bits << 6 | u32::try_from(ALPHABET.iter().position(|one| *one == symbol).unwrap()).unwrap();
        kept += 6;
        if kept >= 8 {
            kept -= 8;
            out.push(u8::try_from(bits >> kept & 0xff).unwrap());
        }
    }
    out
}

#[test]
fn who_was_told_meanwhile_gets_no_message_any_more() {
    let office = published();
    let server = MailServer::start();
    office.on_centre(async |centre| {
        let (told, _) = notice(centre, &office, "A1").await;
        centre.note_signed(&office.round, "A", "A1", told.made_on).await.unwrap();
        let message = message_to(centre, "A1").await;
        assert_eq!(message.state, MessageState::GivenUp);
        assert!(message.why.unwrap().contains("told already"));
        assert_eq!(centre.send_due(&by_mail(&server), NOW).await.unwrap(), Sent::default());
    });
    assert!(server.inbox().is_empty());
}

#[test]
fn a_serving_centre_sends_by_itself_and_shows_it_to_the_office_alone() {
    let office = published();
    let (mail, gateway) = (MailServer::start(), GatewayServer::start());
    let key = office.home().join("webhook.key");
    let made = succeed(&office.folder(), &["webhook", "keygen", "--out", key.to_str().unwrap()], "");
    assert!(made.contains("webhook.key"), "{made}");
    let port = mail.port().to_string();
    let args = [
        "--public-address",
        "https://phieu.dongvan.vn",
        "--mail-server",
        "127.0.0.1",
        "--mail-port",
        &port,
        "--mail-tls",
        "none",
        "--mail-from",
        "vanphong@dongvan.vn",
        "--webhook",
        &gateway.url(),
        "--webhook-key-file",
        key.to_str().unwrap(),
    ];
    let server = Server::start_with(&office.folder(), &args);
    let bearer = office.bearer(ORGANISER);
    let get = |path: &str| {
        let url = format!("{}/api/v1{path}", server.address);
        request("GET", &url, &[("authorization", bearer.as_str())], b"")
    };
    // The centre sends on its own time; nothing else makes it.
    while get("/outbox?state=sent").json()["items"].as_array().unwrap().len() < 2 {
        std::thread::yield_now();
    }
    assert_eq!((mail.inbox().len(), gateway.got().len()), (1, 1));
    let figures = get("/outbox/figures").json();
    assert_eq!(
        figures,
        json!([
            { "state": "sent", "way": "email", "messages": 1 },
            { "state": "sent", "way": "webhook", "messages": 1 },
        ])
    );
    let sent = get("/notices?text=A1").json()["items"][0]["sent"].clone();
    assert_eq!(sent["way"], "email");
    let list = succeed(&office.folder(), &["outbox", "list", "--state", "sent"], "");
    assert_eq!(list.lines().count(), 2, "{list}");
    assert!(list.contains("<mot@dongvan.vn>") && list.contains("sent, "), "{list}");
    let log = std::fs::read_to_string(office.folder().with_extension("log")).unwrap();
    for private in ["mot@dongvan.vn", "+84912345678", "Vàng Mí"] {
        let told = log.lines().find(|line| line.contains(private) && line.contains("homphieu"));
        assert_eq!(told, None, "logs hold no name and no address");
    }
}

#[test]
fn each_notice_says_how_its_official_is_reached_and_what_became_of_it_and_nobodys_address() {
    let desk = Desk::open();
    desk.office.hire("xa-a", &[Role::Unit], |profile| profile.unit = Some(unit("A")));
    let list = || {
        let all = desk.ask(Some(ORGANISER), "GET", "/notices?limit=200", &[], &Value::Null);
        let of_unit = desk.ask(Some("xa-a"), "GET", "/rounds/{round}/units/A/notices", &[], &Value::Null);
        let text =
            String::from_utf8(all.body.clone()).unwrap() + &String::from_utf8(of_unit.body.clone()).unwrap();
        assert!(!text.contains('@') && !text.contains("+84"), "{text}");
        let found = all.json()["items"].as_array().unwrap().clone();
        for own in of_unit.json()["items"].as_array().unwrap() {
            assert!(found.contains(own), "the unit reads the same of its own: {own}");
        }
        found
    };
    let reached = |official: &str| {
        let one = list().into_iter().find(|notice| notice["official"] == official).unwrap();
        let path = format!("/rounds/{{round}}/officials/{official}/notice");
        assert_eq!(desk.ask(Some(ORGANISER), "GET", &path, &[], &Value::Null).json(), one);
        one["reached"].clone()
    };
    let message = |way: &str, state: &str, on: Value| {
        let message = json!({ "way": way, "state": state, "on": on });
        json!({ "way": way, "message": message })
    };
    assert_eq!(reached("A1"), message("email", "waiting", Value::Null));
    assert_eq!(reached("T1"), message("webhook", "waiting", Value::Null));
    assert_eq!(reached("A2"), json!({ "way": "letter", "message": null }));
    // Somebody enters where A2 is reached: nothing was sent there yet.
    desk.office.on_centre(async |centre| {
        let two = contact("A2", "hai@dongvan.vn", "", Channel::Email);
        centre.put_contact(&two).await.unwrap();
    });
    assert_eq!(reached("A2"), json!({ "way": "email", "message": null }));
    let mails = MailServer::start();
    mails.plan(&[Mischief::Recipient(550)]);
    let ways = by_mail(&mails);
    desk.office.on_centre(async |centre| {
        assert_eq!(centre.send_due(&ways, NOW).await.unwrap().failed, 1);
        centre.send_notices(&desk.office.round).await.unwrap();
        assert_eq!(centre.send_due(&ways, NOW).await.unwrap().sent, 1);
    });
    let day = json!(day_text(day_of(NOW)));
    assert_eq!(reached("A1"), message("email", "failed", day.clone()));
    assert_eq!(reached("A2"), message("email", "sent", day));
    // Who was told needs no way any more.
    desk.office.on_centre(async |centre| {
        let today = day_of(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs().cast_signed());
        centre.note_signed(&desk.office.round, "A", "A1", today).await.unwrap();
    });
    assert_eq!(reached("A1"), Value::Null);
}

#[test]
fn settings_that_contradict_each_other_are_refused_before_anything_is_served() {
    let office = Office::new();
    let folder = office.folder();
    for (args, said) in [
        (vec!["--mail-server", "mail.vn"], "mail-from"),
        (vec!["--mail-from", "a@b.vn"], "mail-server"),
        (vec!["--mail-server", "mail.vn", "--mail-from", "a@b.vn", "--mail-tls", "none"], "without TLS"),
        (vec!["--mail-server", "mail.vn", "--mail-from", "nobody"], "no sender"),
        (vec!["--webhook", "https://gui.vn/x"], "webhook-key-file"),
        (vec!["--webhook", "http://10.0.0.1/x", "--webhook-key-file", "/x"], "without TLS"),
        (vec!["--public-address", "phieu.vn"], "public-address"),
    ] {
        let all: Vec<_> =
            ["serve", "--listen", "127.0.0.1:0"].into_iter().chain(args.iter().copied()).collect();
        let words = refused(&folder, &all, "");
        assert!(words.contains(said), "{args:?}: {words}");
    }
    std::fs::write(folder.join("homphieu.toml"), "mail-server = \"mail.vn\"\n").unwrap();
    let doctor = run(&folder, &["doctor"], "");
    let found = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(found.contains("mail-from"), "{found}");
    let mail = MailServer::start();
    let settings = format!(
        "mail-server = \"127.0.0.1\"\nmail-tls = \"none\"\nmail-port = {}\nmail-from = \"a@b.vn\"\n",
        mail.port()
    );
    std::fs::write(folder.join("homphieu.toml"), settings).unwrap();
    let tried = succeed(&folder, &["mail", "test", "--to", "toi@dongvan.vn"], "");
    assert!(tried.contains("toi@dongvan.vn"), "{tried}");
    mail.plan(&[Mischief::Recipient(550)]);
    let words = refused(&folder, &["mail", "test", "--to", "toi@dongvan.vn"], "");
    assert!(words.contains("refused") && words.contains("550"), "{words}");
    assert!(refused(&folder, &["mail", "test", "--to", "toi@dongvan"], "").contains("no e-mail address"));
    assert!(refused(&folder, &["webhook", "test", "--to", "0912345678"], "").contains("no gateway"));
}

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

#[test]
fn the_code_of_a_letter_opens_the_own_result_until_it_acknowledged_and_nothing_else() {
    let desk = Desk::open();
    let codes = desk.letters(&LetterSearch::default());
    let officials: Vec<_> = codes.iter().map(|(official, _)| official.as_str()).collect();
    assert_eq!(officials, ["A1", "A2", "S1", "S2", "T1", "T2"]);
    let code = &codes[1].1;
    // As people type it, and as often as they like.
    for typed in
        [code.clone(), code.to_lowercase().replace('-', " "), code.replace('0', "O").replace('1', "l")]
    {
        let opened = desk.type_code("opening", &typed);
        assert_eq!(opened.status, 200, "{opened:?}");
        let own = opened.json();
        assert_eq!(own["notice"]["name"], "Giàng Thị Hai");
        let shown: Vec<_> =
            own["result"]["officials"].as_array().unwrap().iter().map(|one| one["code"].clone()).collect();
        assert_eq!(shown, ["A2"], "nobody else's");
    }
    let told = desk.type_code("acknowledgement", code).json();
    assert_eq!((&told["stage"], &told["name"]), (&json!("in_time"), &json!("Giàng Thị Hai")));
    for what in ["opening", "acknowledgement"] {
        let again = desk.type_code(what, code);
        assert_eq!((again.status, again.code()), (403, "letter_used".to_owned()), "{again:?}");
    }
    desk.office.on_centre(async |centre| {
        let (told, stage) = notice(centre, &desk.office, "A2").await;
        assert_eq!((told.told.unwrap().way, stage), (Way::Code, Stage::InTime));
        assert_eq!(told.sent.unwrap().way, Channel::Letter);
    });
    // Who was told gets no letter any more.
    let codes = desk.letters(&LetterSearch::default());
    assert!(codes.iter().all(|(official, _)| official != "A2"));
}

#[test]
fn a_small_unit_s_official_reads_by_letter_that_there_were_too_few_ballots_and_no_more() {
    let desk = Desk::open();
    let own = desk.type_code("opening", &desk.letter_of("S1")).json();
    let text = own.to_string();
    assert!(own["result"]["officials"][0]["levels"].is_null() || !text.contains("\"percent\""), "{text}");
    let office =
        desk.ask(Some(ORGANISER), "GET", "/rounds/{round}/results/officials/S1", &[], &Value::Null).json();
    assert_eq!(own["result"], office, "a letter shows what the official's own page shows");
}

#[test]
fn guessing_kills_a_code_and_costs_the_guesser_time() {
    let desk = Desk::open();
    let code = desk.letter_of("A1");
    // The right beginning and another end: what somebody would do who saw a corner of the letter.
    let near = |n: usize| {
        (0..)
            .map(|more| {
                let letters: Vec<char> = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars().collect();
                let mut text: Vec<char> = code.chars().collect();
                text[9] = letters[(n + more / 32) % 32];
                text[14] = letters[more % 32];
                text.into_iter().collect::<String>()
            })
            .find(|text| *text != code && LetterCode::parse(text).is_ok())
            .unwrap()
    };
    let guesses: BTreeSet<_> = (0..32).map(near).collect();
    let most = usize::try_from(WRONG_MAX).unwrap();
    assert!(guesses.len() > most, "{guesses:?}");
    for guess in guesses.iter().take(most) {
        let answer = desk.type_code("opening", guess);
        assert_eq!((answer.status, answer.code()), (403, "letter_code".to_owned()), "{answer:?}");
    }
    let dead = desk.type_code("opening", &code);
    assert_eq!(
        (dead.status, dead.code()),
        (403, "letter_code".to_owned()),
        "dead, and not told from none: {dead:?}"
    );
    let log = succeed(&desk.office.folder(), &["audit", "list", "--action", "letter_code_dead"], "");
    assert_eq!(log.lines().count(), 1, "{log}");
    // A new letter works, and after so many tries the address waits.
    let fresh = desk.letter_of("A1");
    assert_eq!(desk.type_code("opening", &fresh).status, 200);
    let mut last = 0;
    for _ in 0..40 {
        last = desk.type_code("opening", "0000000-0000000").status;
    }
    assert_eq!(last, 429);
}

#[test]
fn what_can_be_no_code_is_refused_and_slips_are_never_taken_for_one() {
    let desk = Desk::open();
    let slip = desk.office.slips[&unit("A")][0].reveal().to_string();
    for wrong in ["", "x", "0000000-0000001", "UUUUUUU-UUUUUUU", &slip, &"0".repeat(1000)] {
        let answer = desk.type_code("opening", wrong);
        assert_eq!(
            (answer.status, answer.code()),
            (422, "letter_code_form".to_owned()),
            "{wrong}: {answer:?}"
        );
    }
    let nobody = desk.type_code("opening", "0000000-0000000");
    assert_eq!((nobody.status, nobody.code()), (403, "letter_code".to_owned()));
    // A code in an address opens nothing: there is no such place.
    let code = desk.letter_of("A1");
    for path in [format!("/letter/opening?code={code}"), format!("/letter/{code}")] {
        assert_ne!(desk.ask(None, "GET", &path, &[], &Value::Null).status, 200);
    }
    let short = request("GET", &format!("{}/n", desk.server.address), &[], b"");
    assert!(
        short.status == 200 || (300..400).contains(&short.status) || short.code() == "web_not_built",
        "{short:?}"
    );
}

#[test]
fn no_code_of_a_letter_is_kept_in_database_log_or_audit() {
    let desk = Desk::open();
    let codes = desk.letters(&LetterSearch::default());
    desk.type_code("opening", &codes[0].1);
    desk.type_code("acknowledgement", &codes[0].1);
    let folder = desk.office.folder();
    let mut bytes = desk.office.database_values();
    let mut folders = vec![folder.clone()];
    while let Some(one) = folders.pop() {
        for entry in std::fs::read_dir(one).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                bytes.extend(std::fs::read(&path).unwrap());
            }
        }
    }
    bytes.extend(std::fs::read(folder.with_extension("log")).unwrap());
    let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(has("A1"), "the search finds what is there");
    for (official, code) in &codes {
        let plain = code.replace('-', "");
        // The first five find it, and are no secret.
        for secret in [code.as_str(), &plain, &plain[5..]] {
            assert!(!has(secret), "the code of {official}");
        }
    }
}

#[test]
fn a_new_letter_takes_the_place_of_the_old_one_and_a_later_result_of_both() {
    let desk = Desk::open();
    let (first, second) = (desk.letter_of("A1"), desk.letter_of("A1"));
    assert_eq!(desk.type_code("opening", &first).code(), "letter_code");
    assert_eq!(desk.type_code("opening", &second).status, 200);
    desk.office.on_database(async |db: &mut sqlx::AnyConnection| {
        use sqlx::{Executor, SqlSafeStr};
        db.execute("UPDATE notice SET order_number = 2 WHERE official = 'A1'".into_sql_str()).await.unwrap();
    });
    assert_eq!(desk.type_code("opening", &second).code(), "letter_renewed");
    desk.office.on_database(async |db: &mut sqlx::AnyConnection| {
        use sqlx::{Executor, SqlSafeStr};
        db.execute("UPDATE notice SET order_number = 1 WHERE official = 'A1'".into_sql_str()).await.unwrap();
        db.execute("UPDATE letter_code SET ends_at = 1".into_sql_str()).await.unwrap();
    });
    assert_eq!(desk.type_code("opening", &second).code(), "letter_over");
}

#[test]
fn two_who_acknowledge_with_one_code_at_once_are_one() {
    let desk = Desk::open();
    let code = desk.letter_of("A1");
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..4).map(|_| scope.spawn(|| desk.type_code("acknowledgement", &code).status)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    let log = succeed(&desk.office.folder(), &["audit", "list", "--action", "notice_acknowledged"], "");
    assert_eq!(log.lines().count(), 1, "{log}");
}

#[test]
fn contacts_are_entered_by_one_and_a_second_who_did_not_see_it_is_told() {
    let desk = Desk::open();
    let path = "/contacts/official/A2";
    let put = |tag: &[(&str, &str)], email: &str| {
        desk.ask(
            Some(ORGANISER),
            "PUT",
            path,
            tag,
            &json!({ "name": "Giàng Thị Hai", "email": email, "way": "email" }),
        )
    };
    assert_eq!(desk.ask(Some(ORGANISER), "GET", path, &[], &Value::Null).code(), "unknown_contact");
    assert_eq!(put(&[], "hai@dongvan.vn").json()["version"], 1);
    assert_eq!(put(&[], "khac@dongvan.vn").status, 412, "there is one already");
    assert_eq!(put(&[("if-match", "\"1\"")], "hai2@dongvan.vn").json()["version"], 2);
    let late = put(&[("if-match", "\"1\"")], "hai3@dongvan.vn");
    assert_eq!((late.status, late.code()), (412, "changed_meanwhile".to_owned()));
    for bad in ["x", "a@b", "a@b.vn\nBcc: c@d.vn"] {
        let answer = put(&[("if-match", "\"2\"")], bad);
        assert_eq!((answer.status, answer.code()), (422, "contact".to_owned()), "{bad}");
    }
    let found = desk.ask(Some(ORGANISER), "GET", "/contacts?text=giang%20thi", &[], &Value::Null).json();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    assert_eq!(desk.ask(Some(ORGANISER), "DELETE", path, &[], &Value::Null).status, 428);
    assert_eq!(desk.ask(Some(ORGANISER), "DELETE", path, &[("if-match", "\"1\"")], &Value::Null).status, 412);
    assert_eq!(desk.ask(Some(ORGANISER), "DELETE", path, &[("if-match", "\"2\"")], &Value::Null).status, 204);
    assert_eq!(desk.ask(Some(INSPECTORS[0]), "GET", "/contacts", &[], &Value::Null).code(), "role");
    let log = succeed(&desk.office.folder(), &["audit", "list", "--action", "contact_noted"], "");
    assert!(!log.contains('@') && log.contains("official/A2"), "the log says that, and not where: {log}");
}

#[test]
fn contacts_are_imported_as_a_whole_or_not_at_all_and_notices_follow_them() {
    let desk = Desk::open();
    let url = format!("{}/api/v1/contacts/import", desk.server.address);
    let bearer = desk.office.bearer(ORGANISER);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/octet-stream")];
    let import = |text: &str| request("POST", &url, &headers, text.as_bytes());
    let head = "Mã,Họ và tên,E-mail,Điện thoại,Cách gửi\n";
    let table = format!("{head}A2,Hai,hai@dongvan.vn,,\nZ9,Ai đó,ai@dongvan.vn,,\nT2,Sáu,sai,,\n");
    let wrong = import(&table);
    assert_eq!((wrong.status, wrong.code()), (422, "contacts".to_owned()));
    let detail = wrong.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("row 3, column A") && detail.contains("row 4, column C"), "{detail}");
    let cells = wrong.json()["problems"].as_array().unwrap().clone();
    let cells: Vec<_> =
        cells.iter().map(|one| (one["code"].clone(), one["row"].clone(), one["column"].clone())).collect();
    let cell = |code: &str, row: u32, column: u32| (json!(code), json!(row), json!(column));
    assert_eq!(cells, [cell("unknown_official", 3, 0), cell("contact_email", 4, 2)]);
    desk.office.on_centre(async |centre| {
        assert!(centre.contact(ContactKind::Official, "A2").await.is_err(), "nothing of it was taken");
    });
    let good = format!("{head}A1,Một,mot@dongvan.vn,,\nA2,=1+1,hai@dongvan.vn,,\nT2,Sáu,,0912345670,Zalo\n");
    assert_eq!(import(&good).json(), json!({ "added": 2, "changed": 1, "same": 0 }));
    assert_eq!(import(&good).json(), json!({ "added": 0, "changed": 0, "same": 3 }));
    let sent = desk.ask(Some(ORGANISER), "POST", "/rounds/{round}/notices/sending", &[], &Value::Null).json();
    assert_eq!(sent, json!({ "email": 1, "webhook": 1, "before": 2, "letter": 2 }));
    let file = desk.office.home().join("danh-ba.csv");
    std::fs::write(&file, &good).unwrap();
    let password = format!("mật khẩu của {ORGANISER}\n");
    let path = file.to_str().unwrap();
    let told = succeed(&desk.office.folder(), &["contact", "import", path, "--as", ORGANISER], &password);
    assert!(told.contains("3 the same"), "{told}");
    let wrong_file = desk.office.home().join("sai.csv");
    std::fs::write(&wrong_file, &table).unwrap();
    let wrong_path = wrong_file.to_str().unwrap();
    for (language, expected) in [
        (
            "vi",
            "sai.csv, dòng 4, cột C (E-mail): đây không phải địa chỉ thư điện tử: hãy viết như ten@vidu.vn",
        ),
        ("en", "sai.csv, row 4, column C (E-mail): that is no e-mail address: write it as ten@vidu.vn"),
    ] {
        let args = ["--lang", language, "contact", "import", wrong_path, "--as", ORGANISER];
        let said = refused(&desk.office.folder(), &args, &password);
        assert!(said.contains(expected), "{said}");
    }
    let list = succeed(&desk.office.folder(), &["contact", "list", "--way", "email"], "");
    assert!(list.lines().count() == 2 && list.contains("hai@dongvan.vn"), "{list}");
}

#[test]
fn only_the_office_sends_gives_up_and_makes_letters() {
    let office = published();
    office.hire("xa-a", &[Role::Unit], |profile| profile.unit = Some(unit("A")));
    office.on_centre(async |centre| {
        for login in [INSPECTORS[0], "xa-a"] {
            let person = centre.person_named(login).await.unwrap();
            let them = centre.acting_for(homphieu_server::service::Actor::Person(person));
            let id = message_to(centre, "A1").await.id;
            let codes = [
                them.send_again(id).await.unwrap_err(),
                them.give_message_up(id).await.unwrap_err(),
                them.send_notices(&office.round).await.unwrap_err(),
                them.make_letters(&office.round, &LetterSearch::default(), 30).await.unwrap_err(),
                them.put_contact(&contact("A2", "", "", Channel::Letter)).await.unwrap_err(),
            ];
            assert!(codes.iter().all(|error| error.code() == "role"), "{login}: {codes:?}");
        }
        for days in [0, 91] {
            let made = centre.make_letters(&office.round, &LetterSearch::default(), days).await;
            assert_eq!(made.unwrap_err().code(), "letter_days");
        }
        // Only whom no other way reaches.
        let which = LetterSearch { without_other_way: true, ..LetterSearch::default() };
        let made = centre.make_letters(&office.round, &which, 30).await.unwrap();
        let to: Vec<_> = made.iter().map(|letter| letter.notice.official.as_str()).collect();
        assert_eq!(to, ["A2", "S1", "S2", "T2"]);
        let figures = centre.notice_figures(&office.round).await.unwrap().all;
        assert_eq!((figures.notices, figures.sent), (6, 4));
        let found = centre.notices(&NoticeSearch::default(), &Place::default(), 10).await.unwrap();
        assert_eq!(found.len(), 6);
    });
}

#[test]
fn messages_and_contacts_are_paged_without_a_gap_and_what_is_no_place_is_refused() {
    let desk = Desk::open();
    desk.office.on_centre(async |centre| {
        for code in ["A2", "S1", "S2", "T2"] {
            centre.put_contact(&contact(code, "ai@dongvan.vn", "", Channel::Email)).await.unwrap();
        }
        centre.send_notices(&desk.office.round).await.unwrap();
    });
    let page = |path: &str| desk.ask(Some(ORGANISER), "GET", path, &[], &Value::Null);
    for (list, all, key) in [("/outbox", 6, "id"), ("/contacts", 6, "code")] {
        let (mut after, mut seen) = (String::new(), Vec::new());
        loop {
            let answer = page(&format!("{list}?limit=1{after}")).json();
            seen.extend(answer["items"].as_array().unwrap().iter().map(|one| one[key].to_string()));
            let Some(next) = answer["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        let different: BTreeSet<_> = seen.iter().collect();
        assert_eq!((seen.len(), different.len()), (all, all), "{list}");
    }
    assert_eq!(page("/outbox?state=waiting&kind=notice").json()["items"].as_array().unwrap().len(), 6);
    assert_eq!(page("/outbox?kind=reminder").json()["items"], json!([]));
    for bad in [
        "/outbox?state=lost",
        "/outbox?after=zz",
        "/outbox?after=41",
        "/contacts?way=pigeon",
        "/contacts?text=%00",
    ] {
        let answer = page(bad);
        assert_eq!((answer.status, answer.code()), (400, "query".to_owned()), "{bad}: {answer:?}");
    }
    let nobody = "/outbox/00000000-0000-4000-8000-000000000000/retry";
    assert_eq!(desk.ask(Some(ORGANISER), "POST", nobody, &[], &Value::Null).code(), "unknown_message");
}
