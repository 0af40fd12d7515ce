//! Accounts, sessions, second factors, two-person decisions and the audit log, as people use them over HTTP.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::transport::Http;
use homphieu_server::domain::person::{FREE_FAILURES, Role};
use homphieu_tests::office::{INSPECTORS, Office, unit};
use homphieu_tests::server::{Answer, Server, refused, request, succeed};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use sync_core::survey::Gap;

struct World {
    office: Office,
    server: Server,
}

impl World {
    fn new() -> Self {
        let office = Office::new();
        let server = Server::start(&office.folder());
        Self { office, server }
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut headers = headers.to_vec();
        let bytes = if body.is_null() { Vec::new() } else { serde_json::to_vec(body).unwrap() };
        if !body.is_null() {
            headers.push(("content-type", "application/json"));
        }
        request(method, &format!("{}{path}", self.server.address), &headers, &bytes)
    }

    fn sign_in(&self, login: &str, password: &str, code: Option<&str>) -> Answer {
        self.ask("POST", "/api/v1/session", &[], &json!({"login": login, "password": password, "code": code}))
    }
}

/// The cookie of an answer, as a browser sends it back.
fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

#[test]
fn the_first_start_gives_an_administrator_who_must_change_the_password_first() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("centre");
    let server = Server::start(&folder);
    let log = std::fs::read_to_string(folder.with_extension("log")).unwrap();
    let once = log.lines().skip_while(|line| !line.contains("First start")).nth(1).unwrap().trim().to_owned();
    let ask = |method: &str, path: &str, cookie: &str, body: Value| {
        let headers = [("cookie", cookie), ("content-type", "application/json")];
        let body = serde_json::to_vec(&body).unwrap();
        request(method, &format!("{}/api/v1{path}", server.address), &headers, &body)
    };
    let signed_in = ask("POST", "/session", "", json!({"login": " Admin ", "password": once}));
    assert_eq!(signed_in.status, 201, "{signed_in:?}");
    let set = signed_in.header("set-cookie");
    for word in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(set.contains(word), "{set}");
    }
    let cookie = cookie(&signed_in);
    assert_eq!(ask("GET", "/people", &cookie, Value::Null).code(), "password_change_needed");
    let change = |new: &str| ask("PUT", "/password", &cookie, json!({"old": once, "new": new}));
    for bad in [once.as_str(), "ngắn", "Quản trị viên"] {
        assert_eq!(change(bad).code(), "person", "{bad}");
    }
    assert_eq!(change("một mật khẩu dài").status, 204);
    assert_eq!(ask("GET", "/people", &cookie, Value::Null).status, 200, "the session goes on");
    assert_eq!(
        ask("POST", "/session", "", json!({"login": "admin", "password": once})).code(),
        "bad_credentials"
    );
    drop(server);
    let again = Server::start(&folder);
    let log = std::fs::read_to_string(folder.with_extension("log")).unwrap();
    assert_eq!(log.matches("First start").count(), 1, "only the first start makes somebody");
    drop(again);
}

#[test]
fn wrong_passwords_lock_the_account_and_only_that_one() {
    let world = World::new();
    let password = world.office.hire("quan", &[Role::Administrator], |_| ());
    let other = world.office.hire("hai", &[Role::Observer], |_| ());
    for _ in 0..FREE_FAILURES {
        assert_eq!(world.sign_in("quan", "sai hoàn toàn", None).code(), "bad_credentials");
    }
    let locked = world.sign_in("quan", &password, None);
    assert_eq!((locked.status, locked.code().as_str()), (429, "locked"), "the right one comes too late");
    let seconds: i64 = locked.header("retry-after").parse().unwrap();
    assert!((1..=30).contains(&seconds), "{seconds}");
    assert_eq!(world.sign_in("hai", &other, None).status, 201);
    for unknown in ["nobody", "Không Ai", "", "\u{0}"] {
        assert_eq!(world.sign_in(unknown, "sai hoàn toàn", None).code(), "bad_credentials");
    }
    // An administrator gives a new password, which also unlocks.
    world.office.hire("ba", &[Role::Administrator], |_| ());
    let bearer = world.office.bearer("ba");
    let people = world.ask("GET", "/api/v1/people", &[("authorization", &bearer)], &Value::Null).json();
    let id = people["items"].as_array().unwrap().iter().find(|p| p["login"] == "quan").unwrap()["id"].clone();
    let path = format!("/api/v1/people/{}/password", id.as_str().unwrap());
    let reset = world.ask("POST", &path, &[("authorization", &bearer)], &json!({}));
    let once = reset.json()["one_time_password"].as_str().unwrap().to_owned();
    assert_eq!(world.sign_in("quan", &once, None).status, 201);
}

#[test]
fn sessions_are_listed_and_ended_and_a_browser_is_not_led_by_other_sites() {
    let world = World::new();
    let password = world.office.hire("quan", &[Role::Administrator], |_| ());
    let (first, second) = (world.sign_in("quan", &password, None), world.sign_in("quan", &password, None));
    let (first, second) = (cookie(&first), cookie(&second));
    let get = |cookie: &str, path: &str| world.ask("GET", path, &[("cookie", cookie)], &Value::Null);
    let mine = get(&first, "/api/v1/session").json()["session"]["id"].as_str().unwrap().to_owned();
    let all = get(&first, "/api/v1/sessions").json();
    assert_eq!(all.as_array().unwrap().len(), 2);
    let other = all.as_array().unwrap().iter().find(|s| s["id"] != mine.as_str()).unwrap()["id"].clone();
    let end = |headers: &[(&str, &str)]| {
        let path = format!("/api/v1/sessions/{}", other.as_str().unwrap());
        world.ask("DELETE", &path, headers, &Value::Null)
    };
    for foreign in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "http://evil.example")]
    {
        assert_eq!(end(&[("cookie", &first), foreign]).code(), "other_site", "{foreign:?}");
    }
    assert_eq!(end(&[("cookie", &first), ("sec-fetch-site", "same-origin")]).status, 204);
    assert_eq!(get(&second, "/api/v1/session").code(), "sign_in");
    assert_eq!(end(&[("cookie", &first)]).code(), "unknown_session");
    let token =
        world.ask("POST", "/api/v1/tokens", &[("cookie", &first)], &json!({"label": "báo cáo", "days": 7}));
    let bearer = format!("Bearer {}", token.json()["token"].as_str().unwrap());
    assert_eq!(world.ask("GET", "/api/v1/people", &[("authorization", &bearer)], &Value::Null).status, 200);
    assert_eq!(world.ask("DELETE", "/api/v1/session", &[("cookie", &first)], &Value::Null).status, 204);
    assert_eq!(get(&first, "/api/v1/session").code(), "sign_in");
    // A new password ends everything else.
    let third = cookie(&world.sign_in("quan", &password, None));
    let body = json!({"old": password, "new": "mật khẩu khác hẳn"});
    assert_eq!(world.ask("PUT", "/api/v1/password", &[("cookie", &third)], &body).status, 204);
    assert_eq!(
        world.ask("GET", "/api/v1/people", &[("authorization", &bearer)], &Value::Null).code(),
        "sign_in"
    );
}

#[test]
fn a_second_factor_is_asked_for_once_it_is_on_and_each_code_works_once() {
    let world = World::new();
    let password = world.office.hire("quan", &[Role::Administrator], |_| ());
    let cookie = cookie(&world.sign_in("quan", &password, None));
    let with = [("cookie", cookie.as_str())];
    let setup = world.ask("POST", "/api/v1/second-factor", &with, &Value::Null).json();
    let address = setup["address"].as_str().unwrap();
    assert!(address.starts_with("otpauth://totp/"), "{address}");
    let secret = totp_rs::Secret::try_from_base32(setup["secret"].as_str().unwrap()).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).with_account_name("quan").build().unwrap();
    let now = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    // Only a code that the secret gives turns it on.
    let on = |code: &str| world.ask("PUT", "/api/v1/second-factor", &with, &json!({"code": code}));
    assert_eq!(world.sign_in("quan", &password, None).status, 201, "not asked for before it is confirmed");
    assert_eq!(on("abc").code(), "second_factor");
    let code = totp.generate(now()).to_string();
    assert_eq!(on(&code).status, 204);
    assert_eq!(world.sign_in("quan", &password, None).code(), "second_factor");
    assert_eq!(world.sign_in("quan", &password, Some(&code)).code(), "second_factor", "used already");
    // The next step is within the grace of one step, so nobody needs to wait for it here.
    let next = totp.generate(now() + 30).to_string();
    assert_eq!(world.sign_in("quan", &password, Some(&next)).status, 201);
    assert_eq!(world.sign_in("quan", &password, Some(&next)).code(), "second_factor", "each works once");
    assert_eq!(world.sign_in("quan", "sai hoàn toàn", Some(&next)).code(), "bad_credentials");
}

#[test]
fn a_second_factor_is_set_up_and_given_up_at_the_centres_own_machine() {
    let office = Office::new();
    let password = office.hire("quan", &[Role::Administrator], |_| ());
    let mut child = std::process::Command::new(homphieu_tests::server::program())
        .arg("--data-dir")
        .arg(office.folder())
        .args(["user", "second-factor", "quan"])
        .envs(homphieu_tests::database::of(&office.folder()).map(|url| ("HOMPHIEU_DATABASE_URL", url)))
        .env("HOMPHIEU_LANG", "en")
        .stdin(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let (mut keys, screen) = (child.stdin.take().unwrap(), child.stderr.take().unwrap());
    writeln!(keys, "{password}").unwrap();
    let mut lines = BufReader::new(screen).lines().map(Result::unwrap);
    let shown = lines.find(|line| line.contains("secret there: ")).unwrap();
    let secret = shown.rsplit(' ').next().unwrap();
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).with_account_name("quan").build().unwrap();
    let now = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    writeln!(keys, "{}", totp.generate(now())).unwrap();
    drop(keys);
    let output = child.wait_with_output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && printed.contains("second factor on"), "{printed}");
    assert!(!printed.contains(shown.rsplit(' ').next().unwrap()), "the secret is for the screen alone");
    // From now on everything that asks for the password asks for a code.
    let token = ["user", "token", "quan", "--label", "x"];
    let said = refused(&office.folder(), &token, &format!("{password}\n"));
    assert!(said.contains("nothing was typed"), "{said}");
    let again = refused(
        &office.folder(),
        &["user", "second-factor", "quan"],
        &format!("{password}\n{}\n", totp.generate(now() + 30)),
    );
    assert!(again.contains("turn the present second factor off first"), "{again}");
    let off = ["user", "second-factor", "quan", "--off"];
    let said = refused(&office.folder(), &off, &format!("{password}\n000000\n"));
    assert!(said.contains("code"), "{said}");
    office.on_database(async |db| {
        use sqlx::Executor;
        // The step was used up by signing in a moment ago; a person would wait half a minute.
        db.execute("UPDATE person SET second_factor_step = 0").await.unwrap();
    });
    succeed(&office.folder(), &off, &format!("{password}\n{}\n", totp.generate(now())));
    let said = refused(&office.folder(), &off, &format!("{password}\n"));
    assert!(said.contains("no second factor"), "{said}");
    succeed(&office.folder(), &token, &format!("{password}\n"));
}

#[test]
fn what_is_said_about_a_person_is_complete_and_changed_by_one_at_a_time() {
    let world = World::new();
    world.office.hire("quan", &[Role::Administrator], |_| ());
    let bearer = world.office.bearer("quan");
    let auth = [("authorization", bearer.as_str())];
    let profile =
        json!({"name": "Lò Thị Sáu", "roles": ["inspector"], "votes_in": null, "officials": ["A1"]});
    let add = |login: &str, profile: &Value| {
        world.ask("POST", "/api/v1/people", &auth, &json!({"login": login, "profile": profile}))
    };
    // Where somebody votes and is rated must be said, also if nowhere.
    for missing in ["votes_in", "officials"] {
        let mut less = profile.clone();
        less.as_object_mut().unwrap().remove(missing);
        assert_eq!(add("sau", &less).status, 422, "without {missing}");
    }
    let added = add("sau", &profile);
    assert_eq!(added.status, 201, "{added:?}");
    assert_eq!(add("SAU", &profile).code(), "login_taken");
    let path = format!("/api/v1/people/{}", added.json()["person"]["id"].as_str().unwrap());
    let shown = world.ask("GET", &path, &auth, &Value::Null);
    let tag = shown.header("etag");
    let change = |tag: Option<&str>, name: &str| {
        let mut body = profile.clone();
        body["name"] = json!(name);
        let mut headers = auth.to_vec();
        headers.extend(tag.map(|tag| ("if-match", tag)));
        world.ask("PUT", &path, &headers, &body)
    };
    assert_eq!(change(None, "A").status, 428);
    assert_eq!(change(Some(&tag), "Lò Thị Bảy").status, 200);
    assert_eq!((change(Some(&tag), "C").status, change(Some("x"), "C").status), (412, 412));
    assert_eq!(world.ask("GET", &path, &auth, &Value::Null).json()["name"], "Lò Thị Bảy");
}

#[test]
fn somebody_always_stays_administrator_and_a_closed_account_is_out_at_once() {
    let world = World::new();
    world.office.hire("mot", &[Role::Administrator], |_| ());
    world.office.hire("hai", &[Role::Administrator], |_| ());
    let (first, second) = (world.office.bearer("mot"), world.office.bearer("hai"));
    let people = world.ask("GET", "/api/v1/people", &[("authorization", &first)], &Value::Null).json();
    let close = |login: &str| {
        let person = people["items"].as_array().unwrap().iter().find(|p| p["login"] == login).unwrap();
        let path = format!("/api/v1/people/{}", person["id"].as_str().unwrap());
        let tag = format!("\"{}\"", person["version"]);
        let body = json!({"name": "x", "roles": ["administrator"], "votes_in": null, "officials": [], "disabled": true});
        world.ask("PUT", &path, &[("authorization", &first), ("if-match", &tag)], &body)
    };
    assert_eq!(world.ask("GET", "/api/v1/people", &[("authorization", &second)], &Value::Null).status, 200);
    assert_eq!(close("hai").status, 200);
    assert_eq!(
        world.ask("GET", "/api/v1/people", &[("authorization", &second)], &Value::Null).code(),
        "sign_in"
    );
    assert_eq!(close("admin").status, 200, "the first start made one, too");
    assert_eq!(close("mot").code(), "last_administrator");
    assert_eq!(world.ask("GET", "/api/v1/people", &[("authorization", &first)], &Value::Null).status, 200);
}

/// A round in which one tablet of each of the units A and T never closed.
fn unclosed() -> (World, [String; 2]) {
    let world = World::new();
    let mut gaps = Vec::new();
    for code in ["A", "T"] {
        let mut tablet = world.office.tablet(code, &[code], &world.server.address);
        world.office.cast(&mut tablet, code, 0..7);
        tablet.sync(&Http::new(&world.server.address)).unwrap();
        let gap = Gap::Close { device: tablet.device().unwrap() };
        gaps.push(homphieu_server::domain::decision::gap_text(&gap));
    }
    (world, gaps.try_into().unwrap())
}

#[test]
fn a_decision_takes_two_inspectors_who_neither_vote_nor_are_rated_there() {
    let (world, [in_a, in_t]) = unclosed();
    world.office.hire("cu-tri", &[Role::Inspector], |profile| profile.votes_in = Some(unit("A")));
    world.office.hire("can-bo", &[Role::Inspector], |profile| {
        profile.officials = BTreeSet::from(["A2".to_owned()]);
    });
    let bearers = |login: &str| world.office.bearer(login);
    let (first, second) = (bearers(INSPECTORS[0]), bearers(INSPECTORS[1]));
    let base = format!("/api/v1/rounds/{}", world.office.round.uuid());
    let propose = |bearer: &str, unit: &str, subject: &str| {
        let body = json!({"subject": subject, "verdict": "write_off", "reason": "máy rơi xuống suối"});
        world.ask("POST", &format!("{base}/units/{unit}/proposals"), &[("authorization", bearer)], &body)
    };
    let confirm = |bearer: &str, unit: &str, id: &str| {
        let path = format!("{base}/units/{unit}/proposals/{id}/confirmation");
        world.ask("POST", &path, &[("authorization", bearer)], &Value::Null)
    };
    for concerned in ["cu-tri", "can-bo"] {
        assert_eq!(propose(&bearers(concerned), "A", &in_a).code(), "interest", "{concerned}");
        assert_eq!(propose(&bearers(concerned), "T", &in_t).status, 201, "{concerned} may elsewhere");
    }
    assert_eq!(propose(&first, "A", &in_t).code(), "nothing_to_decide");
    let proposal = propose(&first, "A", &in_a).json();
    let id = proposal["id"].as_str().unwrap();
    assert_eq!(confirm(&first, "A", id).code(), "same_person");
    // Another session of the same person is the same person.
    assert_eq!(confirm(&bearers(INSPECTORS[0]), "A", id).code(), "same_person");
    for concerned in ["cu-tri", "can-bo"] {
        assert_eq!(confirm(&bearers(concerned), "A", id).code(), "interest", "{concerned}");
    }
    let holds =
        || world.ask("GET", &format!("{base}/holds"), &[("authorization", &first)], &Value::Null).json();
    assert_eq!(holds()["items"].as_array().unwrap().len(), 2, "nothing is decided yet");
    assert_eq!(confirm(&second, "A", id).status, 204);
    assert_eq!(holds()["items"][0]["unit"], "T");
    assert_eq!(confirm(&second, "A", id).code(), "unknown_proposal", "once is enough");
    let log =
        world.ask("GET", "/api/v1/audit?action=decided", &[("authorization", &first)], &Value::Null).json();
    let detail = log["items"][0]["detail"].as_str().unwrap();
    assert!(detail.contains(INSPECTORS[0]) && log["items"][0]["actor"] == INSPECTORS[1], "{log}");
}

#[test]
fn a_unit_is_left_unpublished_over_http_by_two_inspectors_and_only_after_the_close() {
    let (world, _) = unclosed();
    world.office.hire("cu-tri", &[Role::Inspector], |profile| profile.votes_in = Some(unit("A")));
    let [first, second, concerned] =
        [INSPECTORS[0], INSPECTORS[1], "cu-tri"].map(|login| world.office.bearer(login));
    let base = format!("/api/v1/rounds/{}/units/A/proposals", world.office.round.uuid());
    let propose = |bearer: &str, subject: &str| {
        let body = json!({"subject": subject, "verdict": "leave_unpublished", "reason": "không họp được"});
        world.ask("POST", &base, &[("authorization", bearer)], &body)
    };
    let confirm = |bearer: &str, id: &str| {
        let path = format!("{base}/{id}/confirmation");
        world.ask("POST", &path, &[("authorization", bearer)], &Value::Null)
    };
    assert_eq!(propose(&first, "unit").code(), "round_state", "the round is still open");
    world.office.on_centre(async |centre| centre.close_round(&world.office.round).await.unwrap());
    assert_eq!(propose(&first, "close").code(), "decision");
    assert_eq!(propose(&concerned, "unit").code(), "interest");
    let [proposed, again] = [&first, &second].map(|bearer| propose(bearer, "unit"));
    assert_eq!((proposed.status, again.status), (201, 201));
    assert_eq!(proposed.json()["verdict"], "leave_unpublished");
    let (id, other) = (proposed.json(), again.json());
    let (id, other) = (id["id"].as_str().unwrap(), other["id"].as_str().unwrap());
    assert_eq!(confirm(&first, id).code(), "same_person");
    assert_eq!(confirm(&concerned, id).code(), "interest");
    let left = || {
        let round = &world.office.round;
        world.office.on_centre(async |centre| centre.left_unpublished(round).await.unwrap())
    };
    assert!(left().is_empty(), "nothing is decided yet");
    assert_eq!(confirm(&second, id).status, 204);
    let rows = left();
    assert_eq!((rows.len(), rows[0].unit.as_str(), rows[0].reason.as_str()), (1, "A", "không họp được"));
    assert_eq!(confirm(&first, other).code(), "unknown_proposal", "what was proposed besides is settled too");
}

#[test]
fn the_audit_log_tells_who_did_what_and_a_changed_line_is_seen() {
    let (world, _) = unclosed();
    let bearer = world.office.bearer(INSPECTORS[0]);
    let get = |query: &str| {
        world.ask("GET", &format!("/api/v1/audit{query}"), &[("authorization", &bearer)], &Value::Null).json()
    };
    let mut seqs = Vec::new();
    let mut after = String::new();
    loop {
        let page = get(&format!("?limit=3{after}"));
        let items = page["items"].as_array().unwrap().clone();
        seqs.extend(items.iter().map(|item| item["seq"].as_u64().unwrap()));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    let last = seqs[0];
    assert_eq!(seqs, (1..=last).rev().collect::<Vec<_>>(), "every line once, the newest first");
    assert_eq!(get("?action=round_signed")["items"].as_array().unwrap().len(), 1);
    assert!(get("?actor=nobody")["items"].as_array().unwrap().is_empty());
    let found = |query: &str| get(query)["items"].as_array().unwrap().len();
    assert_eq!(
        found("?text=INSPECTOR"),
        found("?text=roles%20inspector"),
        "of A to Z the case does not count"
    );
    assert_eq!(found("?action=person_added&text=inspector"), INSPECTORS.len());
    assert_eq!((found("?text=%25"), found("?text=_%25_"), found("?text=!")), (0, 0, 0), "no pattern");
    assert!(found("?text=hoa") >= 1 && found("?text=khong%20co%20dau") == 0);
    // No line tells when a ballot came.
    let actions: BTreeSet<String> = get("?limit=200")["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["action"].as_str().unwrap().to_owned())
        .collect();
    assert!(
        actions.iter().all(|action| !action.contains("envelope") && !action.contains("sync")),
        "{actions:?}"
    );
    let walked = world.office.on_centre(async |centre| centre.verify_audit(None).await.unwrap());
    assert!(walked.head.seq >= last);
    world.office.on_database(async |db| {
        use sqlx::Executor;
        db.execute("UPDATE audit SET detail = 'không có gì' WHERE seq = 3").await.unwrap();
    });
    let said =
        world.office.on_centre(async |centre| centre.verify_audit(None).await.unwrap_err().to_string());
    assert!(said.contains("entry 3"), "{said}");
}

#[test]
fn a_request_that_is_sent_again_with_its_key_is_done_once() {
    let world = World::new();
    world.office.hire("quan", &[Role::Administrator], |_| ());
    let bearer = world.office.bearer("quan");
    let path = format!("/api/v1/rounds/{}/devices", world.office.round.uuid());
    let invite = |key: &str, label: &str| {
        let headers = [("authorization", bearer.as_str()), ("idempotency-key", key)];
        let body = json!({"label": label, "units": ["A"], "address": "http://127.0.0.1:1"});
        world.ask("POST", &path, &headers, &body)
    };
    let first = invite("a b", "Máy 1");
    assert_eq!(first.code(), "idempotency_key", "only visible ASCII");
    let first = invite("key-1", "Máy 1");
    assert_eq!(first.status, 201);
    let again = invite("key-1", "Máy 1");
    assert_eq!((again.status, &again.body), (201, &first.body), "the same token");
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(invite("key-1", "Máy 2").code(), "idempotency_key", "another request");
    assert_ne!(invite("key-2", "Máy 1").body, first.body);
    // What was refused was not done, and may be mended under the same key.
    assert_eq!(invite("key-3", " ").code(), "label");
    assert_eq!(invite("key-3", "Máy 3").status, 201);
    let raw = std::fs::read(world.office.folder().join("homphieu.db-wal")).unwrap_or_default();
    let token = first.json()["token"].as_str().unwrap().to_owned();
    assert!(!String::from_utf8_lossy(&raw).contains(&token), "the token does not lie about in clear");
}
