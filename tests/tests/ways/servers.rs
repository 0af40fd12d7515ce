//! Mail servers and gateways: encryption, certificates, signatures, another implementation.

use super::*;

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
