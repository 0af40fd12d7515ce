//! A whole round by the command line alone, as README tells it, with tablets on a real network in between.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::Tablet;
use client_ffi::store::FileStore;
use client_ffi::transport::Http;
use homphieu_server::service::Centre;
use homphieu_tests::office::{OFFICIALS_CSV, UNITS_CSV, marks, unit};
use homphieu_tests::server::{Server, program, refused, run, succeed};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use sync_core::fingerprint;
use sync_core::permit::PermitCode;
use sync_core::secret::Share;
use sync_core::verify::verify;

const UNITS: [&str; 3] = ["A", "S", "T"];

/// A folder with the roster, and a centre that imported it.
struct Story {
    home: tempfile::TempDir,
    round: String,
}

impl Story {
    fn begin() -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("units.csv"), UNITS_CSV).unwrap();
        std::fs::write(home.path().join("officials.csv"), OFFICIALS_CSV).unwrap();
        let mut story = Self { home, round: String::new() };
        let (units, officials) = (story.path("units.csv"), story.path("officials.csv"));
        let import = ["round", "import", "--units", &units, "--officials", &officials];
        let choices = ["--title", "Đợt 1", "--attended", "T", "--batch-min", "4"];
        let printed = succeed(&story.centre(), &[&import[..], &choices].concat(), "");
        story.round = printed.lines().next().unwrap().trim().to_owned();
        story
    }

    fn centre(&self) -> PathBuf {
        self.home.path().join("centre")
    }

    fn path(&self, name: &str) -> String {
        self.home.path().join(name).display().to_string()
    }

    fn ok(&self, args: &[&str]) -> String {
        succeed(&self.centre(), args, "")
    }

    /// Adds somebody, who changes the one-time password; what they type from then on.
    fn hire(&self, login: &str, role: &str) -> String {
        let said = ["--name", login, "--role", role, "--votes-in", "none", "--rated-as", "none"];
        let added = self.ok(&[&["user", "add", login][..], &said].concat());
        let once = added.lines().find_map(|line| line.strip_prefix("one-time password ")).unwrap();
        let typed = format!("{once}\nmật khẩu mới của tôi\nmật khẩu mới của tôi\n");
        succeed(&self.centre(), &["user", "password", login], &typed);
        "mật khẩu mới của tôi\n".to_owned()
    }

    fn slips(&self) -> Vec<PermitCode> {
        let page = self.path("slips.html");
        succeed(&self.centre(), &["round", "permits", "--out", &page], "printed\n");
        let html = std::fs::read_to_string(page).unwrap();
        html.split("class=\"code\">")
            .skip(1)
            .map(|rest| {
                PermitCode::parse(&rest.split("</div>").next().unwrap().replace("<br>", "-")).unwrap()
            })
            .collect()
    }

    /// Three trustees at one screen: each copies their share and types it back. One mistypes first.
    fn ceremony(&self) -> Vec<String> {
        let mut child = Command::new(program())
            .args(["keys", "make", "--round", &self.round, "--no-qr", "--out", &self.path("keys.hpk")])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let mut screen = BufReader::new(child.stderr.take().unwrap());
        let mut shares = Vec::new();
        for index in 1..=3 {
            stdin.write_all(b"\n").unwrap();
            let mut share = String::new();
            while share.split(" - ").count() < 18 {
                let mut line = String::new();
                assert!(screen.read_line(&mut line).unwrap() > 0, "the screen goes on");
                if line.starts_with("    ") {
                    share = [share.trim(), line.trim()]
                        .into_iter()
                        .filter(|s| !s.is_empty())
                        .collect::<Vec<_>>()
                        .join(" - ");
                }
            }
            stdin.write_all(b"\n").unwrap();
            if index == 2 {
                stdin.write_all(b"0000-1111\n").unwrap();
                stdin.write_all(format!("{}\n", shares[0]).as_bytes()).unwrap();
            }
            stdin.write_all(format!("{}\n", share.to_lowercase()).as_bytes()).unwrap();
            shares.push(share);
        }
        let mut rest = String::new();
        screen.read_to_string(&mut rest).unwrap();
        assert!(child.wait().unwrap().success(), "{rest}");
        shares
    }

    /// Signed and open for voting.
    fn set_up() -> (Self, Vec<PermitCode>, Vec<String>) {
        let story = Self::begin();
        let slips = story.slips();
        let shares = story.ceremony();
        story.ok(&["round", "sign", "--keys", &story.path("keys.hpk")]);
        story.ok(&["round", "open"]);
        (story, slips, shares)
    }

    /// One tablet for all units; every voter casts.
    fn vote(&self, slips: &[PermitCode], voters: usize) {
        let server = Server::start(&self.centre());
        let enrol = [
            "device",
            "enrol",
            "--units",
            "A,S,T",
            "--label",
            "Máy 1",
            "--no-qr",
            "--address",
            &server.address,
        ];
        let token = self.ok(&enrol);
        let mut tablet = Tablet::open(FileStore::open(Path::new(&self.path("tablet"))).unwrap()).unwrap();
        tablet.enrol(token.trim(), &Http::new(&server.address)).unwrap();
        for code in UNITS {
            let unit = unit(code);
            let paper = fingerprint::groups(&tablet.sheet_hash(&unit).unwrap().0);
            tablet.confirm_sheet(&unit, &[(2, &paper[2]), (3, &paper[3])]).unwrap();
        }
        for (voter, slip) in slips.iter().enumerate() {
            for code in ["A", "S"] {
                let sheet = tablet.sheet(&unit(code)).unwrap();
                let mine = sync_core::permit::look_up(slip, sheet).is_ok();
                if mine && tablet.counts(&unit(code)).cast() < voters.min(sheet.voters as usize) {
                    tablet.cast(&unit(code), slip, &marks(voter)).unwrap();
                }
            }
        }
        for voter in 0..voters.min(7) {
            tablet.cast_attended(&unit("T"), &marks(voter)).unwrap();
        }
        UNITS.iter().for_each(|code| tablet.close(&unit(code)).unwrap());
        let report = tablet.sync(&Http::new(&server.address)).unwrap();
        assert!(report.failed.is_empty() && report.refused.is_empty(), "{report:?}");
        server.stop();
    }

    /// The teams write their records.
    fn write_records(&self) {
        let folder = self.centre();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let database = homphieu_tests::database::of(&folder);
            let centre = Centre::open_at(&folder, database.as_deref()).await.unwrap();
            homphieu_tests::record::write_records(&centre).await;
            centre.close().await;
        });
    }

    /// Write records, close, order, export, count, accept.
    fn count(&self, shares: &[String]) {
        self.write_records();
        self.ok(&["round", "close"]);
        self.ok(&["round", "order"]);
        self.ok(&["export", "--out", &self.path("order.hpb")]);
        let typed = format!("open\n{}\n{}\n\n", shares[0], shares[2]);
        let args = ["count", "--bundle", &self.path("order.hpb"), "--out", &self.path("result.hpr")];
        succeed(&self.centre(), &args, &typed);
        self.ok(&["round", "accept", &self.path("result.hpr")]);
    }
}

#[test]
fn a_round_runs_from_the_roster_to_published_results() {
    let (story, slips, shares) = Story::set_up();
    story.vote(&slips, 24);
    let keys = story.path("keys.hpk");
    succeed(
        &story.centre(),
        &["keys", "check", "--keys", &keys],
        &format!("{}\n{}\n\n", shares[1], shares[2]),
    );
    assert!(story.ok(&["round", "holds"]).contains("nothing is held or missing"));
    let password = story.hire("lan", "organiser");
    let publish = ["round", "publish", "--as", "lan"];
    assert!(refused(&story.centre(), &publish, &password).contains("not published"));
    story.count(&shares);
    assert!(refused(&story.centre(), &publish, "mật khẩu khác\n").contains("wrong"));
    assert!(succeed(&story.centre(), &publish, &password).contains("3 units published"));
    let log = story.ok(&["audit", "list"]);
    assert!(log.contains("units_published") && log.contains("round_imported"), "{log}");
    assert!(story.ok(&["audit", "verify"]).contains("the log is whole"));
    let results: serde_json::Value = serde_json::from_str(&story.ok(&["round", "results"])).unwrap();
    let collected: Vec<_> =
        results["units"].as_array().unwrap().iter().map(|u| u["collected"].as_u64().unwrap()).collect();
    assert_eq!(collected, [24, 4, 7]);
    assert!(results["units"][1]["too_few_ballots"].as_bool().unwrap());
    let csv = story.ok(&["round", "results", "--csv"]);
    assert_eq!(csv.lines().count(), 7, "a header and six officials:\n{csv}");
    assert!(story.ok(&["round", "status"]).contains("order 1"));
    assert!(story.ok(&["device", "list"]).contains("Máy 1"));

    let bundle = story.path("final.hpb");
    story.ok(&["export", "--out", &bundle]);
    let plain = succeed(&story.centre(), &["verify", &bundle], "");
    let digest = plain.lines().find(|line| line.starts_with("result ")).unwrap().to_owned();
    let recount = succeed(
        &story.centre(),
        &["verify", &bundle, "--shares"],
        &format!("{}\n{}\n\n", shares[1], shares[0]),
    );
    assert!(recount.contains("the recount gives the signed result"), "{recount}");
    assert!(recount.contains(&digest.replace("result ", "recount ")), "{recount}");
}

#[test]
fn commands_out_of_turn_are_refused_in_words_and_change_nothing() {
    let story = Story::begin();
    let centre = story.centre();
    let says = |args: &[&str], typed: &str, what: &str| {
        let said = refused(&centre, args, typed);
        assert!(said.contains(what), "{args:?} says {said:?}");
    };
    says(&["round", "sign", "--keys", &story.path("units.csv")], "", "key statement");
    says(&["round", "open"], "", "cannot become open");
    says(&["device", "enrol", "--units", "A", "--label", "x"], "", "not signed");
    says(&["round", "permits", "--out", &story.path("p.html")], "no\n", "nothing was kept");
    says(
        &["round", "permits", "--out", &centre.join("p.html").display().to_string()],
        "printed\n",
        "outside",
    );
    let slips = story.path("slips.html");
    story.ceremony();
    says(&["round", "sign", "--keys", &story.path("keys.hpk")], "", "not confirmed as printed");
    succeed(&centre, &["round", "permits", "--out", &slips], "printed\n");
    says(&["round", "permits", "--out", &slips], "printed\n", "cannot write");
    let other = Story::begin();
    other.ceremony();
    says(&["round", "sign", "--keys", &other.path("keys.hpk")], "", "another round");
    story.ok(&["round", "sign", "--keys", &story.path("keys.hpk")]);
    says(&["round", "sign", "--keys", &story.path("keys.hpk")], "", "signed already");
    says(&["round", "permits", "--out", &story.path("q.html")], "printed\n", "no reprint");
    says(&["round", "order"], "", "close it before");
    says(&["round", "results"], "", "published");
    says(&["device", "enrol", "--units", "Q", "--label", "x"], "", "no unit Q");
    says(&["device", "revoke", "00000000000000000000000000000000", "--reason", "x"], "", "no device");
    story.ok(&[
        "round",
        "import",
        "--title",
        "hai",
        "--units",
        &story.path("units.csv"),
        "--officials",
        &story.path("officials.csv"),
    ]);
    says(&["round", "status"], "", "name it with --round");
}

#[test]
fn a_reader_that_goes_away_stops_no_work() {
    let story = Story::begin();
    story.slips();
    story.ceremony();
    let mut child = Command::new(program())
        .arg("--data-dir")
        .arg(story.centre())
        .args(["round", "sign", "--keys", &story.path("keys.hpk"), "--sheets", &story.path("sheets")])
        .envs(homphieu_tests::database::of(&story.centre()).map(|url| ("HOMPHIEU_DATABASE_URL", url)))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
    let page = std::fs::read_to_string(story.path("sheets/A.html")).unwrap();
    assert!(page.contains("Vàng Mí Một"));
    let opened = story.ok(&["round", "open"]);
    assert!(opened.contains("open for voting"), "it was signed all the same");
}

#[test]
fn a_bad_roster_is_refused_with_every_problem_and_a_bad_choice_in_words() {
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name).display().to_string();
    std::fs::write(path("units.csv"), UNITS_CSV.replace("24", "nhiều").replace("chi_bo,4", "tổ,4")).unwrap();
    std::fs::write(path("officials.csv"), OFFICIALS_CSV).unwrap();
    let import = [
        "round",
        "import",
        "--title",
        "x",
        "--units",
        &path("units.csv"),
        "--officials",
        &path("officials.csv"),
    ];
    let said = refused(&home.path().join("centre"), &import, "");
    assert!(
        said.contains("units.csv, row 2, column D") && said.contains("units.csv, row 3, column C"),
        "{said}"
    );
    std::fs::write(path("units.csv"), UNITS_CSV).unwrap();
    for (choice, what) in [
        (["--min-publish", "1"], "between 2 and 1000"),
        (["--attended", "Q"], "not in the roster"),
        (["--percent-base", "present"], "record"),
        (["--level", "a=b=c"], "2 to 9 levels"),
    ] {
        let said = refused(&home.path().join("centre"), &[&import[..], &choice].concat(), "");
        assert!(said.contains(what), "{choice:?}: {said}");
    }
}

#[test]
fn trustees_who_do_not_agree_or_bring_wrong_shares_open_nothing() {
    let (story, slips, shares) = Story::set_up();
    story.vote(&slips, 8);
    story.ok(&["round", "close"]);
    story.ok(&["export", "--out", &story.path("none.hpb")]);
    let count = |bundle: &str, typed: &str| {
        let out = story.path("result.hpr");
        let said =
            refused(&story.centre(), &["count", "--bundle", &story.path(bundle), "--out", &out], typed);
        assert!(!Path::new(&out).exists(), "nothing is left behind: {said}");
        said
    };
    assert!(count("none.hpb", "open\n").contains("no opening order"));
    story.ok(&["round", "order"]);
    story.ok(&["export", "--out", &story.path("order.hpb")]);
    assert!(count("order.hpb", "no\n").contains("nothing was opened"));
    assert!(
        count("order.hpb", &format!("open\n{}\n\n", shares[0])).contains("2 different shares are needed")
    );
    assert!(
        count("order.hpb", &format!("open\n{0}\n{0}\n\n", shares[0]))
            .contains("2 different shares are needed")
    );
    let other = Story::begin();
    let foreign = other.ceremony();
    assert!(
        count("order.hpb", &format!("open\n{}\n{}\n\n", foreign[0], shares[1])).contains("another round")
    );
    let mut mistyped = shares[0].clone();
    let wrong = if mistyped.ends_with('0') { "2" } else { "0" };
    mistyped.replace_range(mistyped.len() - 1.., wrong);
    let output = run(
        &story.centre(),
        &["count", "--bundle", &story.path("order.hpb"), "--out", &story.path("result.hpr")],
        &format!("open\n{mistyped}\n{}\n{}\n\n", shares[0], shares[1]),
    );
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("checksum does not fit"), "{said}");
}

#[test]
fn every_single_flipped_byte_of_a_bundle_of_three_units_is_refused() {
    let (story, slips, shares) = Story::set_up();
    story.vote(&slips, 5);
    story.count(&shares);
    let path = story.path("final.hpb");
    story.ok(&["export", "--out", &path]);
    let good = std::fs::read(&path).unwrap();
    let typed: Vec<Share> = shares[..2].iter().map(|share| Share::parse(share).unwrap()).collect();
    let report = verify(&good, &typed, &mut |_, _| ()).unwrap();
    assert_eq!(report.recount.map(|(digest, _)| digest), report.result);
    let halves = [0..good.len() / 2, good.len() / 2..good.len()];
    std::thread::scope(|scope| {
        for half in halves {
            scope.spawn(|| {
                for at in half {
                    let mut bad = good.clone();
                    for flip in [0x01, 0xff] {
                        bad[at] = good[at] ^ flip;
                        assert!(verify(&bad, &[], &mut |_, _| ()).is_err(), "byte {at} ^ {flip:#x}");
                    }
                }
            });
        }
    });
    std::fs::write(story.path("bad.hpb"), good.iter().rev().copied().collect::<Vec<_>>()).unwrap();
    assert!(refused(&story.centre(), &["verify", &story.path("bad.hpb")], "").contains("bundle"));
}
