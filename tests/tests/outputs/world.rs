//! Worlds that differ in what hidden groups marked, and everything that can be read of one.

use super::ways_out::{BY_CHANCE, LEFT, SHOWING};
use client_ffi::transport::Http;
use homphieu_server::domain::calendar::day_of;
use homphieu_server::domain::contact::{Channel, Contact, ContactKind};
use homphieu_server::domain::decision::Matter;
use homphieu_server::domain::draft::Choices;
use homphieu_server::domain::person::Role;
use homphieu_server::domain::plan::{Rule, Who};
use homphieu_server::service::Obstructed;
use homphieu_server::ways::{Gateway, MailSettings, MailTls, Mailer, Ways, WebhookSettings, new_key};
use homphieu_tests::mail::{GatewayServer, MailServer};
use homphieu_tests::office::{INSPECTORS, OFFICIALS_CSV, Office, UNITS_CSV, choices, marks, unit};
use homphieu_tests::outputs::{Blanks, in_any_order, readable, readings, without_chance};
use homphieu_tests::paper::{dense, text_of};
use homphieu_tests::server::{Answer, Server, request, run, succeed};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use sync_core::ballot::Marks;
use sync_core::cbor;
use sync_core::id::{ObjectId, PackageHash, SheetHash};
use sync_core::order::Ruling;
use sync_core::package::Mode;
use sync_core::standing::Obstacle;

/// What hidden groups mark: each by the number of the voter.
pub struct Hidden {
    /// Two units of four whose one sum is shown.
    pub pooled: [fn(usize) -> Marks; 2],
    /// A unit that two people leave unpublished.
    pub left: fn(usize) -> Marks,
    /// A unit of four alone, in a second round.
    pub alone: fn(usize) -> Marks,
    /// A ballot that came after the count.
    pub late: fn(usize) -> Marks,
}

pub fn both(level: Option<u8>) -> Marks {
    Marks::new(vec![level, level])
}

pub fn high(_: usize) -> Marks {
    both(Some(0))
}

pub fn low(_: usize) -> Marks {
    both(Some(2))
}

pub fn half(voter: usize) -> Marks {
    both(Some(if voter.is_multiple_of(2) { 0 } else { 2 }))
}

pub fn blank(voter: usize) -> Marks {
    Marks::new(vec![if voter == 3 { Some(1) } else { None }, None])
}

pub const ONE: Hidden = Hidden { pooled: [high, low], left: high, alone: low, late: low };
/// The same sum of the two units; everything else is the other way round.
pub const OTHER: Hidden = Hidden { pooled: [low, high], left: low, alone: high, late: high };
pub const THIRD: Hidden = Hidden { pooled: [half, half], left: blank, alone: blank, late: marks };
/// Another sum of the two units: told apart once the sum is shown, and before by nothing.
pub const ELSEWHERE: Hidden = Hidden { pooled: [low, low], left: half, alone: half, late: blank };

/// What is read at some moment, by where it was read.
pub type Seen = BTreeMap<String, String>;

/// What was read, without an order that is drawn: rounds have ids, and lists over all of them follow these.
fn ordered(what: &str, told: String) -> String {
    let over_rounds = what.starts_with("/api/") && !what.contains("{round}") && !what.contains("/years");
    let drawn = over_rounds || BY_CHANCE.iter().any(|part| what.contains(part));
    if drawn { in_any_order(&told) } else { told }
}

pub struct World {
    office: Office,
    server: Server,
    bearer: String,
    document: Value,
}

pub fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

impl World {
    /// The first round: A is large, S and P have four voters each, T is left unpublished.
    pub fn begin(hidden: &Hidden) -> Self {
        let units = format!("{UNITS_CSV}P,Chi bộ xa,chi_bo,4\n");
        let officials = format!("{OFFICIALS_CSV}P,1,P1,Ly Mí Bảy,Bí thư\nP,2,P2,Vừ Thị Tám,Phó\n");
        let office = Office::of(&units, &officials, true, choices(Mode::Official));
        let server = Server::start(&office.folder());
        office.hire("tat-ca", &Role::ALL, |profile| profile.unit = Some(unit("A")));
        let bearer = office.bearer("tat-ca");
        let document = office
            .on_centre(async |centre| serde_json::to_value(homphieu_server::http::document(centre)).unwrap());
        let world = Self { office, server, bearer, document };
        world.contact();
        world.vote("A", 0..24, marks);
        for (code, marks) in ["S", "P"].into_iter().zip(hidden.pooled) {
            world.vote(code, 0..4, marks);
        }
        world.vote("T", 0..7, hidden.left);
        world.office.count();
        world
    }

    /// Officials of the small unit and of the large one are reached.
    fn contact(&self) {
        self.office.on_centre(async |centre| {
            for (code, email, phone, way) in
                [("S1", "ba@dongvan.vn", "", Channel::Email), ("A1", "", "0912345678", Channel::Webhook)]
            {
                let made = Contact::new(ContactKind::Official, code, "Cán bộ", email, phone, way).unwrap();
                centre.put_contact(&made).await.unwrap();
            }
            let rule = Rule { who: Who::OverHalf, working_days: 15 };
            centre.set_plan_rule(&self.office.round, rule, 0).await.unwrap();
        });
    }

    /// Voters of a unit cast on a tablet of their own, which closes its box and synchronises.
    fn vote(&self, code: &str, voters: std::ops::Range<usize>, marks: fn(usize) -> Marks) {
        let name = format!("{}-{code}-{}", self.office.round.uuid(), voters.start);
        let mut tablet = self.office.tablet(&name, &[code], &self.server.address);
        for voter in voters {
            match self.office.slips.get(&unit(code)) {
                Some(slips) => tablet.cast(&unit(code), &slips[voter], &marks(voter)).unwrap(),
                None => tablet.cast_attended(&unit(code), &marks(voter)).unwrap(),
            }
        }
        tablet.close(&unit(code)).unwrap();
        tablet.sync(&Http::new(&self.server.address)).unwrap();
    }

    pub fn publish(&self, units: &[&str]) {
        let units: Vec<String> = units.iter().map(ToString::to_string).collect();
        let report =
            self.office.on_centre(async |centre| centre.publish(&self.office.round, &units).await.unwrap());
        assert!(report.units.iter().all(|unit| unit.obstacles.is_empty()), "{report:?}");
    }

    pub fn leave_unpublished(&self, code: &str) {
        self.office.on_centre(async |centre| {
            let round = &self.office.round;
            centre.decide(round, code, Matter::LeaveUnpublished, INSPECTORS, "không họp").await.unwrap();
        });
    }

    /// The second round: S is the one small unit, and a ballot of A comes after the count.
    pub fn second(&mut self, hidden: &Hidden) {
        let titled = Choices { title: "Đợt hai".to_owned(), ..choices(Mode::Official) };
        self.office.one_more(UNITS_CSV, OFFICIALS_CSV, titled);
        self.vote("A", 0..23, marks);
        self.vote("S", 0..4, hidden.alone);
        self.vote("T", 0..7, marks);
        self.office.count();
        self.vote("A", 23..24, hidden.late);
        let held = self.office.on_centre(async |centre| {
            let report = centre.publish(&self.office.round, &["A".to_owned()]).await.unwrap();
            report.units.into_iter().next().unwrap().obstacles
        });
        self.office.on_centre(async |centre| {
            for obstacle in held {
                if let Obstructed::Unit(Obstacle::Undecided(id, _)) = obstacle {
                    let reason = "đường bị sạt lở";
                    centre
                        .decide(&self.office.round, "A", Ruling::Admit(id), INSPECTORS, reason)
                        .await
                        .unwrap();
                }
            }
            self.office.count_again(centre).await;
        });
        self.office.write_record("A");
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        let url = format!("{}{path}", self.server.address);
        let headers = [("authorization", self.bearer.as_str()), ("content-type", "application/json")];
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        request(method, &url, &headers, &body)
    }

    /// Everything that can be read over HTTP. Pages for paper take long to set: they are read in one language, for words
    /// alone differ, and only where it is asked for.
    pub fn routes(&self, papers: bool) -> Seen {
        let round = self.office.round.uuid().to_string();
        let year = day_of(now()).year().to_string();
        let list = |values: &[&str]| values.iter().map(ToString::to_string).collect::<Vec<_>>();
        let blanks = Blanks(BTreeMap::from([
            ("round", vec![round.clone()]),
            ("unit", list(&["A", "S", "T"])),
            ("official", list(&["A1", "S1", "T1"])),
            ("year", vec![year]),
        ]));
        let mut seen = Seen::new();
        for path in readings(&self.document, &blanks, LEFT) {
            let paper = path.contains("/documents/") || path.contains("/pdf");
            if paper && (!papers || path.contains('?')) {
                continue;
            }
            let answer = self.ask("GET", &path, &Value::Null);
            let what = path.replace(&round, "{round}");
            // What is refused is refused in every world, for the same reason.
            assert!(answer.status == 200 || !answer.code().is_empty(), "{path}: {answer:?}");
            let told = ordered(&what, readable(&answer));
            seen.insert(what, format!("{} {told}", answer.status));
        }
        seen
    }

    /// What commands say, and every document of a set where there is one.
    pub fn commands(&self, set: bool) -> Seen {
        let round = self.office.round.uuid().to_string();
        let folder = self.office.folder();
        let mut seen = Seen::new();
        for words in SHOWING {
            let filled: Vec<&str> =
                words.iter().map(|word| if *word == "ROUND" { round.as_str() } else { word }).collect();
            let output = run(&folder, &filled, "");
            let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
            let what = words.join(" ");
            seen.insert(what.clone(), ordered(&what, without_chance(&said)));
        }
        if set {
            let out = self.office.home().join("van-ban");
            let out_text = out.to_str().unwrap();
            succeed(&folder, &["documents", "set", "--round", &round, "--out", out_text], "");
            for entry in std::fs::read_dir(&out).unwrap() {
                let path = entry.unwrap().path();
                let inside = |path: &Path| std::fs::read_dir(path).unwrap().map(|one| one.unwrap().path());
                let files: Vec<_> = if path.is_dir() { inside(&path).collect() } else { vec![path] };
                for file in files {
                    let kind = "application/pdf".to_owned();
                    let body = std::fs::read(&file).unwrap();
                    let told = readable(&Answer { status: 200, kind, headers: Vec::new(), body });
                    seen.insert(file.strip_prefix(&out).unwrap().display().to_string(), told);
                }
            }
        }
        seen
    }
}

impl World {
    /// Every mail and message that goes out, as it arrives.
    pub fn messages(&self) -> Seen {
        let (mail, gateway) = (MailServer::start(), GatewayServer::start());
        let key = self.office.home().join("webhook.key");
        if !key.exists() {
            std::fs::write(&key, new_key().as_bytes()).unwrap();
        }
        let settings = MailSettings {
            server: "127.0.0.1".to_owned(),
            port: Some(mail.port()),
            tls: MailTls::None,
            user: None,
            password_file: None,
            from: Some("Huyện ủy <vanphong@dongvan.vn>".to_owned()),
            authorities: None,
        };
        let webhook = WebhookSettings { address: gateway.url(), key_file: Some(key), authorities: None };
        // One after the other, for the log numbers what went out.
        let by_webhook = Ways { webhook: Some(Gateway::new(&webhook).unwrap()), ..Ways::default() };
        let by_mail = Ways {
            mail: Some(Mailer::new(&settings).unwrap()),
            address: Some("https://phieu.dongvan.vn".to_owned()),
            ..Ways::default()
        };
        self.office.on_centre(async |centre| {
            centre.send_notices(&self.office.round).await.unwrap();
            for ways in [by_webhook, by_mail] {
                centre.send_due(&ways, 4_000_000_000).await.unwrap();
            }
        });
        let mut seen = Seen::new();
        for one in mail.inbox() {
            // Boundaries, the moment and the id of the mail are drawn anew each time.
            let drawn = ["--", "Date:", "Message-ID:", "Content-Type: multipart", " boundary"];
            let whole = one.text.replace("=\r\n", "");
            let kept = whole.lines().filter(|line| !drawn.iter().any(|start| line.starts_with(start)));
            seen.insert(format!("mail to {}", one.to), without_chance(&kept.collect::<Vec<_>>().join("\n")));
        }
        for one in gateway.got() {
            seen.insert("webhook".to_owned(), without_chance(&String::from_utf8(one.body).unwrap()));
        }
        assert_eq!(seen.len(), 2, "both went out");
        seen
    }

    /// A letter of the small unit, and what its code opens.
    pub fn letters(&self) -> Seen {
        let round = self.office.round.uuid();
        let path = format!("/api/v1/rounds/{round}/units/S/letters");
        let asked = json!({ "address": "https://phieu.vidu.vn", "officials": ["S1"] });
        let letter = self.ask("POST", &path, &asked);
        assert_eq!(letter.status, 200, "{letter:?}");
        let text = text_of(&letter.body);
        let mark = dense("Mã mở một lần:");
        let at = text.find(&mark).unwrap() + mark.len();
        let code = text[at..at + 15].to_owned();
        // The code is the one thing on paper that is drawn; it is printed in two halves.
        let told = readable(&letter).replace(&code, "CODE");
        let told = told.lines().filter(|line| !line.contains("Mã mở") && !line.contains('-'));
        let mut seen = Seen::from([("letter".to_owned(), told.collect::<Vec<_>>().join("\n"))]);
        for deed in ["opening", "acknowledgement"] {
            let answer = self.ask("POST", &format!("/api/v1/letter/{deed}"), &json!({ "code": code }));
            assert_eq!(answer.status, 200, "{answer:?}");
            seen.insert(format!("letter {deed}"), readable(&answer));
        }
        seen
    }

    /// What outsiders read of the result in a bundle, but for digests that name envelopes and for the unit that is left
    /// unpublished: whoever checks the count may see that one.
    pub fn bundle(&self) -> Seen {
        let results =
            self.office.on_centre(async |centre| centre.bundle(&self.office.round).await.unwrap().results);
        let told = results.iter().map(|result| {
            let mut result = result.value().clone();
            result.units.retain(|part| part.unit != unit("T"));
            (result.package, result.order, result.previous) = (PackageHash([0; 32]), ObjectId([0; 32]), None);
            result.units.iter_mut().for_each(|part| part.sheet = SheetHash([0; 32]));
            format!("{:?} {:?}", cbor::encode(&result), result.totals().left_out)
        });
        told.enumerate().map(|(at, told)| (format!("result {at} of the bundle"), told)).collect()
    }
}
