//! What an IT person asks of the program before and beside a round: settings, the doctor, languages, exit codes,
//! completions, manual pages.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use homphieu_tests::server::program;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Adds somebody, and so begins a centre where there is none.
const ADD: [&str; 9] = ["user", "add", "quan", "--name", "Quản", "--votes-in", "none", "--rated-as", "none"];

/// A folder in which the program is run, with nothing of the tester's own environment.
struct Desk {
    home: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn run(&self, args: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut command = Command::new(program());
        command.args(args).current_dir(self.home.path()).env_clear().envs(variables.iter().copied());
        command.output().unwrap()
    }

    fn says(&self, args: &[&str], variables: &[(&str, &str)], code: i32) -> String {
        let output = self.run(args, variables);
        let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?} {variables:?} says\n{said}");
        said
    }

    /// A centre that was started once.
    fn centre(&self) -> PathBuf {
        let said = self.says(&[&ADD, ["--data-dir", "centre"].as_slice()].concat(), &[], 0);
        assert!(self.path("centre/centre.key").exists(), "{said}");
        self.path("centre")
    }

    /// What the doctor says of one check: its state, and all its words.
    fn doctor(&self, check: &str, code: i32) -> (String, String) {
        let said = self.says(&["doctor", "--json", "--data-dir", "centre"], &[], code);
        // The faults on standard error follow the findings on standard output.
        let json = said.split_inclusive('\n').take_while(|line| !line.starts_with("homphieu: "));
        let report: serde_json::Value = serde_json::from_str(&json.collect::<String>()).unwrap();
        assert_eq!(report["fit"].as_bool().unwrap(), code == 0);
        let checks = report["checks"].as_array().unwrap();
        let finding = checks.iter().find(|finding| finding["check"] == check);
        let finding = finding.unwrap_or_else(|| panic!("{check} is not in {said}"));
        (finding["state"].as_str().unwrap().to_owned(), finding.to_string())
    }
}

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// The line of a setting.
fn line<'a>(said: &'a str, key: &str) -> &'a str {
    said.lines().find(|line| line.trim_start().starts_with(key)).unwrap_or_else(|| panic!("{key} in\n{said}"))
}

#[test]
fn a_flag_goes_before_the_environment_that_before_the_file_and_each_value_names_its_source() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("homphieu-data")).unwrap();
    std::fs::write(
        desk.path("homphieu-data/homphieu.toml"),
        "listen = \"127.0.0.1:1001\"\n\nlog = \"error\"\n",
    )
    .unwrap();
    let said = desk.says(&["config", "check"], &[], 0);
    assert!(said.contains("Settings from homphieu-data/homphieu.toml"), "{said}");
    assert!(
        line(&said, "listen").contains("127.0.0.1:1001") && line(&said, "listen").ends_with("file, line 1")
    );
    assert!(line(&said, "log").ends_with("file, line 3"), "{said}");
    assert!(line(&said, "data-dir").ends_with("built in"), "{said}");
    let said =
        desk.says(&["config", "check"], &[("HOMPHIEU_LISTEN", "127.0.0.1:1002"), ("RUST_LOG", "info")], 0);
    assert!(line(&said, "listen").contains("127.0.0.1:1002  environment, HOMPHIEU_LISTEN"), "{said}");
    assert!(
        line(&said, "log").contains("info ") && line(&said, "log").ends_with("environment, RUST_LOG"),
        "{said}"
    );
    let said = desk.says(&["config", "check", "--log", "warn"], &[("RUST_LOG", "info")], 0);
    assert!(line(&said, "log").contains("warn ") && line(&said, "log").ends_with("command line"), "{said}");
}

#[test]
fn a_file_named_by_flag_or_variable_goes_before_the_one_in_the_folder_and_must_be_there() {
    let desk = Desk::new();
    std::fs::write(desk.path("other.toml"), "data-dir = \"elsewhere\"\n").unwrap();
    let at = desk.home.path().join("elsewhere");
    for (args, variables) in [
        (&["config", "check", "--config", "other.toml"][..], &[][..]),
        (&["config", "check"], &[("HOMPHIEU_CONFIG", "other.toml")]),
    ] {
        let said = desk.says(args, variables, 0);
        assert!(line(&said, "data-dir").contains("elsewhere"), "{said}");
    }
    let absolute = desk.path("other.toml").display().to_string();
    desk.says(&[&ADD, ["--config", &absolute].as_slice()].concat(), &[], 0);
    assert!(at.join("homphieu.db").exists(), "the commands use it, too");
    let said = desk.says(&["config", "check", "--config", "none.toml"], &[], 4);
    assert!(said.contains("none.toml"), "{said}");
}

#[test]
fn a_wrong_file_stops_every_command_with_all_problems_and_lines_and_the_check_shows_them() {
    let desk = Desk::new();
    desk.centre();
    let file = desk.path("centre/homphieu.toml");
    std::fs::write(&file, "listen = \"here\"\nlisten-to = 1\nlog = \"=x=\"\n").unwrap();
    for (args, code) in [(&["user", "list"][..], 2), (&["config", "check"], 2), (&["doctor"], 1)] {
        let said = desk.says(&[args, &["--data-dir", "centre"]].concat(), &[], code);
        for number in 1..=3 {
            assert!(said.contains(&format!("centre/homphieu.toml, line {number}: ")), "{said}");
        }
    }
    desk.says(&["completions", "bash", "--data-dir", "centre"], &[], 0);
    let said = desk.says(&["config", "check"], &[("HOMPHIEU_LISTEN", "nowhere")], 2);
    assert!(said.contains("variable HOMPHIEU_LISTEN"), "{said}");
}

#[test]
fn the_check_says_before_the_start_what_serve_would_refuse() {
    let desk = Desk::new();
    let folder = desk.path("centre");
    std::fs::create_dir(&folder).unwrap();
    let on = |command: &[&str], code| desk.says(&[command, &["--data-dir", "centre"]].concat(), &[], code);
    for (settings, words) in [
        ("listen = \"0.0.0.0:8080\"", "plain HTTP on 0.0.0.0:8080"),
        ("tls-cert = \"a.pem\"", "--tls-key"),
        ("behind-proxy = true\ntls-cert = \"a.pem\"\ntls-key = \"b.pem\"", "--behind-proxy"),
        ("backup-to = \"nowhere\"\nbackup-recipient = [\"age1x\"]", "nowhere"),
        ("backup-to = \".\"\nbackup-recipient = [\"age1x\"]", "age1x"),
        ("backup-to = \".\"", "--recipient"),
    ] {
        std::fs::write(folder.join("homphieu.toml"), settings).unwrap();
        for (command, code) in [(["config", "check"].as_slice(), 2), (&["doctor"], 1), (&["serve"], 3)] {
            let said = on(command, code);
            assert!(said.contains(words), "{command:?} with {settings}: {said}");
        }
    }
    std::fs::write(folder.join("homphieu.toml"), "listen = \"127.0.0.1:0\"").unwrap();
    assert!(on(&["config", "check"], 0).contains("Everything is right"));
}

#[test]
fn the_doctor_finds_a_fresh_centre_fit_and_leaves_it_as_it_was() {
    let desk = Desk::new();
    let centre = desk.centre();
    let listing = || {
        let names = std::fs::read_dir(&centre).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    };
    let (before, bytes) = (listing(), std::fs::read(centre.join("homphieu.db")).unwrap());
    for check in ["settings", "folder", "secrets", "writing", "database", "clock", "exposure"] {
        let (state, said) = desk.doctor(check, 0);
        assert_eq!(state, "ok", "{said}");
    }
    assert_eq!(std::fs::read(centre.join("homphieu.db")).unwrap(), bytes);
    assert_eq!(listing(), before);
}

#[test]
fn the_doctor_finds_open_folders_open_keys_a_lost_key_and_a_broken_database() {
    let desk = Desk::new();
    let centre = desk.centre();
    mode(&centre, 0o750);
    let (state, said) = desk.doctor("folder", 1);
    assert!(state == "fail" && said.contains("chmod 700"), "{said}");
    mode(&centre, 0o700);
    mode(&centre.join("centre.key"), 0o640);
    let (state, said) = desk.doctor("secrets", 1);
    assert!(state == "fail" && said.contains("chmod 600"), "{said}");
    std::fs::remove_file(centre.join("centre.key")).unwrap();
    let (state, said) = desk.doctor("secrets", 1);
    assert!(state == "fail" && said.contains("backup"), "{said}");
    assert!(!centre.join("centre.key").exists(), "no new key was made");
    std::fs::write(centre.join("homphieu.db"), b"not a database, but long enough to be looked at".repeat(99))
        .unwrap();
    assert_eq!(desk.doctor("database", 1).0, "fail");
}

#[test]
fn the_doctor_finds_a_taken_address_and_plain_http_for_the_whole_network() {
    let desk = Desk::new();
    let centre = desk.centre();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let set = |listen: &str| {
        std::fs::write(centre.join("homphieu.toml"), format!("listen = \"{listen}\"\n")).unwrap();
    };
    set(&taken.local_addr().unwrap().to_string());
    assert_eq!(desk.doctor("listen", 0).0, "warn");
    set("0.0.0.0:0");
    assert_eq!(desk.doctor("exposure", 1).0, "fail");
}

#[test]
fn the_program_speaks_vietnamese_where_the_locale_does_or_when_asked() {
    let desk = Desk::new();
    let vietnamese = [("LANG", "vi_VN.UTF-8")];
    assert!(desk.says(&["--help"], &vietnamese, 0).contains("Cách dùng: homphieu"));
    assert!(desk.says(&["--help", "--lang", "en"], &vietnamese, 0).contains("Usage: homphieu"));
    assert!(desk.says(&["--help"], &[], 0).contains("Usage: homphieu"));
    assert!(desk.says(&["serve", "--listenn", "x"], &vietnamese, 2).contains("không có tùy chọn"));
    desk.centre();
    let said = desk.says(&["round", "status", "--data-dir", "centre"], &vietnamese, 3);
    assert!(said.contains("Chưa có đợt lấy phiếu nào") && said.contains("round import"), "{said}");
    std::fs::write(desk.path("vi.toml"), "lang = \"vi\"\n").unwrap();
    let said = desk.says(&["round", "status", "--config", "vi.toml", "--data-dir", "centre"], &[], 3);
    assert!(said.contains("Chưa có đợt lấy phiếu nào"), "{said}");
    let said = desk.says(&["verify", "none.hpb"], &vietnamese, 4);
    assert!(said.contains("không đọc được none.hpb: không có"), "{said}");
}

#[test]
fn a_command_that_would_find_nothing_makes_no_centre_by_the_way() {
    let desk = Desk::new();
    for args in [
        &["user", "list"][..],
        &["user", "password", "admin"],
        &["round", "status"],
        &["round", "close"],
        &["device", "list"],
        &["audit", "verify"],
        &["export", "--out", "x.hpb"],
        &["backup", "list"],
    ] {
        let said = desk.says(args, &[], 3);
        assert!(
            said.contains("there is no centre in homphieu-data") && said.contains("--data-dir"),
            "{said}"
        );
    }
    assert_eq!(std::fs::read_dir(desk.home.path()).unwrap().count(), 0, "nothing was made");
    // Whoever begins with somebody else than the first start gets an administrator from it all the same.
    desk.says(&ADD, &[], 0);
    let mut child = Command::new(program())
        .args(["serve", "--listen", "127.0.0.1:0"])
        .current_dir(desk.home.path())
        .env_clear()
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut address = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut address)
        .unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let said = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("First start. Sign in as admin"), "{said}");
    let people = desk.says(&["user", "list"], &[], 0);
    assert!(people.contains("administrator") && people.contains("quan"), "{people}");
}

#[test]
fn the_program_ends_with_the_number_that_its_table_gives() {
    let desk = Desk::new();
    std::fs::write(desk.path("no.hpb"), b"no bundle").unwrap();
    desk.says(&["exit-codes"], &[], 0);
    desk.says(&["verify", "no.hpb"], &[], 1);
    desk.says(&["verify"], &[], 2);
    desk.says(&["round", "order", "--data-dir", "centre"], &[], 3);
    desk.says(&["verify", "none.hpb"], &[], 4);
    std::fs::write(desk.path("file"), b"").unwrap();
    let said = desk.says(&["serve", "--data-dir", "file/centre"], &[], 4);
    assert!(said.contains("file/centre"), "{said}");
    let table = desk.says(&["help", "exit-codes"], &[], 0);
    for code in 0..=4 {
        assert!(table.lines().any(|line| line.starts_with(&format!("{code}  "))), "{table}");
    }
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = desk.says(&["completions", shell], &[], 0);
        for word in ["doctor", "permits", "--data-dir"] {
            assert!(script.contains(word.trim_start_matches('-')), "{word} in {shell}");
        }
    }
    std::fs::write(desk.path("homphieu.bash"), desk.says(&["completions", "bash"], &[], 0)).unwrap();
    let checked = Command::new("bash").arg("-n").arg(desk.path("homphieu.bash")).status();
    assert!(checked.is_ok_and(|status| status.success()), "bash reads its completions");
    desk.says(&["man", "--out", "man"], &[("HOMPHIEU_LANG", "vi")], 0);
    let page = std::fs::read_to_string(desk.path("man/homphieu-round-import.1")).unwrap();
    assert!(page.contains("Nhập danh sách đơn vị"), "{page}");
    fn count(command: &clap::Command) -> usize {
        1 + command.get_subcommands().filter(|inner| inner.get_name() != "help").map(count).sum::<usize>()
    }
    let pages = std::fs::read_dir(desk.path("man")).unwrap().count();
    assert_eq!(pages, count(&homphieu_server::cli::commands()), "a page per command");
}
