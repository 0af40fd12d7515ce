//! What the office sees of messages, and which settings a centre takes.

use super::*;

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
