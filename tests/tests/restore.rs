//! Backups of a serving centre, disks that are lost, and centres that come out of a backup.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::Tablet;
use client_ffi::store::FileStore;
use client_ffi::transport::Http;
use homphieu_tests::database;
use homphieu_tests::office::{OFFICIALS_CSV, Office, UNITS_CSV, unit};
use homphieu_tests::server::{Server, refused, succeed};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use sync_core::id::EnvelopeId;

/// An office with a key file for its backups, and a folder for them on another disk.
struct Vault {
    office: Office,
    recipient: String,
}

impl Vault {
    fn new() -> Self {
        let office = Office::new();
        fs::create_dir(office.home().join("stick")).unwrap();
        let key = office.home().join("homphieu.identity").display().to_string();
        let recipient = succeed(&office.folder(), &["backup", "keygen", "--out", &key], "").trim().to_owned();
        assert!(recipient.starts_with("age1"), "{recipient}");
        Self { office, recipient }
    }

    fn path(&self, name: &str) -> String {
        self.office.home().join(name).display().to_string()
    }

    /// Backs up and gives the file.
    fn back_up(&self, more: &[&str]) -> String {
        let args = ["backup", "--to", &self.path("stick"), "--recipient", &self.recipient];
        let printed = succeed(&self.office.folder(), &[&args[..], more].concat(), "");
        assert!(printed.contains("verified"), "{printed}");
        printed.lines().next().unwrap().to_owned()
    }

    fn backups(&self) -> BTreeSet<PathBuf> {
        fs::read_dir(self.path("stick")).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    /// The disk is gone, and with it the database.
    fn lose_everything(&self) {
        fs::remove_dir_all(self.office.folder()).unwrap();
        database::lose(&self.office.folder());
    }

    fn restore(&self, file: &str) -> String {
        let args = ["restore", file, "--identity", &self.path("homphieu.identity")];
        succeed(&self.office.folder(), &args, "")
    }

    fn status(&self) -> String {
        succeed(&self.office.folder(), &["round", "status"], "")
    }

    /// Envelopes of unit A at the centre.
    fn held(&self) -> BTreeSet<EnvelopeId> {
        let office = &self.office;
        let (_, standings) = office.on_centre(async |centre| centre.standings(&office.round).await.unwrap());
        let standing = standings.into_iter().find(|standing| standing.unit == unit("A")).unwrap();
        standing.facts.envelopes.iter().map(|header| header.id).collect()
    }

    /// A tablet with ballots of these voters in a closed box.
    fn closed(&self, name: &str, server: &Server, voters: std::ops::Range<usize>) -> Tablet<FileStore> {
        let mut tablet = self.office.tablet(name, &["A"], &server.address);
        self.office.cast(&mut tablet, "A", voters);
        tablet.close(&unit("A")).unwrap();
        tablet
    }
}

fn confirmed(tablet: &Tablet<FileStore>) -> BTreeSet<EnvelopeId> {
    tablet.replica(&unit("A")).unwrap().confirmed()
}

/// Everything below a folder, byte by byte.
fn content(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            found.extend(content(&entry));
        } else {
            found.push((entry.clone(), fs::read(&entry).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn after_a_lost_disk_an_older_backup_and_the_tablets_bring_everything_back_once() {
    let vault = Vault::new();
    let server = Server::start(&vault.office.folder());
    let mut early = vault.closed("early", &server, 0..9);
    early.sync(&Http::new(&server.address)).unwrap();
    let file = vault.back_up(&[]);
    // What comes after the backup: more ballots with receipts, and a tablet that the backup never heard of.
    let mut late = vault.closed("late", &server, 9..18);
    late.sync(&Http::new(&server.address)).unwrap();
    let promised: BTreeSet<EnvelopeId> = confirmed(&early).union(&confirmed(&late)).copied().collect();
    drop(server);
    vault.lose_everything();

    let said = vault.restore(&file);
    assert!(said.contains("every signature stands") && said.contains("revocations made after"), "{said}");
    assert_eq!(vault.held(), confirmed(&early), "the backup holds what came before it");
    let status = vault.status();
    assert!(status.contains("not heard from since: unit A, Máy"), "{status}");

    let server = Server::start(&vault.office.folder());
    let log = fs::read_to_string(vault.office.folder().with_extension("log")).unwrap();
    assert!(
        log.contains("restored from the backup of") && log.contains("since: one tablet;"),
        "it says so itself"
    );
    for tablet in [&mut early, &mut late] {
        tablet.sync(&Http::new(&server.address)).unwrap();
        assert_eq!(tablet.counts(&unit("A")).confirmed, 9);
    }
    server.stop();
    assert_eq!(vault.held(), promised, "nothing is lost, nothing is there twice");
    let status = vault.status();
    assert!(status.contains("has been heard from since") && !status.contains("not heard from"), "{status}");

    vault.office.count();
    let collected = vault.office.on_centre(async |centre| {
        let bundle = centre.bundle(&vault.office.round).await.unwrap();
        bundle.results.last().unwrap().value().units.iter().map(|unit| unit.collected()).sum::<u32>()
    });
    assert_eq!(collected, 18, "every ballot is counted once");
    let audit = succeed(&vault.office.folder(), &["audit", "verify"], "");
    assert!(!audit.is_empty(), "the log goes on where the backup ended");
}

#[test]
fn a_replaced_sheet_is_in_a_backup_and_the_same_correction_after_an_older_one_makes_the_same_sheet() {
    let vault = Vault::new();
    let office = &vault.office;
    let right = OFFICIALS_CSV.replace("Vàng Mí Một", "Vàng Mý Một");
    let replaced = || office.on_centre(async |centre| centre.replacements(&office.round, "A").await.unwrap());
    let bytes = || replaced().iter().map(|signed| signed.bytes().to_vec()).collect::<Vec<_>>();
    let before = vault.back_up(&[]);
    office.replace_sheet("A", UNITS_CSV, &right, false).unwrap();
    let signed = bytes();
    let server = Server::start(&office.folder());
    let mut tablet = vault.closed("t", &server, 0..9);
    let after = vault.back_up(&[]);
    drop(server);

    vault.lose_everything();
    vault.restore(&after);
    assert_eq!(bytes(), signed);

    vault.lose_everything();
    vault.restore(&before);
    assert!(replaced().is_empty());
    let server = Server::start(&office.folder());
    tablet.sync(&Http::new(&server.address)).unwrap();
    let holds = || succeed(&office.folder(), &["round", "holds"], "");
    assert!(holds().contains("unknown_sheet"), "{}", holds());
    office.replace_sheet("A", UNITS_CSV, &right, false).unwrap();
    assert_eq!(bytes(), signed, "signed anew, to the last byte");
    assert!(!holds().contains("unknown_sheet"), "{}", holds());
}

#[test]
fn a_rehearsal_proves_a_backup_that_was_taken_while_tablets_synchronised_and_leaves_nothing() {
    let vault = Vault::new();
    let server = Server::start(&vault.office.folder());
    let mut tablets: Vec<_> =
        (0..3).map(|i| vault.closed(&format!("t{i}"), &server, i * 6..(i + 1) * 6)).collect();
    std::thread::scope(|scope| {
        for tablet in &mut tablets {
            scope.spawn(|| tablet.sync(&Http::new(&server.address)).unwrap());
        }
        vault.back_up(&[]);
    });
    let file = vault.backups().into_iter().next().unwrap().display().to_string();
    fs::create_dir(vault.path("scratch")).unwrap();
    let before = content(&vault.office.home().join("stick"));
    let args = ["restore", "--rehearse", &file, "--identity", &vault.path("homphieu.identity"), "--scratch"];
    let said =
        succeed(&vault.office.home().join("nowhere"), &[&args[..], &[&vault.path("scratch")]].concat(), "");
    assert!(said.contains("This backup restores"), "{said}");
    assert_eq!(content(&vault.office.home().join("scratch")), []);
    assert!(!vault.office.home().join("nowhere").exists());
    assert_eq!(content(&vault.office.home().join("stick")), before);
}

#[test]
fn a_restore_never_touches_a_centre_that_is_there() {
    let vault = Vault::new();
    let file = vault.back_up(&[]);
    let before = content(&vault.office.folder());
    let args = ["restore", &file, "--identity", &vault.path("homphieu.identity")];
    let why = refused(&vault.office.folder(), &args, "");
    assert!(
        why.contains("never overwrites") || why.contains("is in use") || why.contains("set this database up"),
        "{why}"
    );
    let after = content(&vault.office.folder());
    let names = |all: &[(PathBuf, Vec<u8>)]| all.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
    assert_eq!(names(&before), names(&after));
    assert!(!vault.status().contains("restored"));
}

#[test]
fn without_its_key_or_with_a_byte_changed_or_cut_off_nothing_is_restored_and_nothing_is_left() {
    let vault = Vault::new();
    let file = vault.back_up(&[]);
    let target = vault.office.home().join("target");
    let key = vault.path("homphieu.identity");
    let said = |file: &str, more: &[&str]| {
        let why = refused(&target, &[&["restore", file], more].concat(), "");
        assert_eq!(content(&target), [], "nothing is left of it: {why}");
        why
    };
    assert!(said(&file, &[]).contains("encrypted"));
    let other = vault.path("other.identity");
    succeed(&vault.office.folder(), &["backup", "keygen", "--out", &other], "");
    assert!(said(&file, &["--identity", &other]).contains("somebody else"));
    let whole = fs::read(&file).unwrap();
    let changed = vault.path("changed");
    for at in [20, whole.len() / 2, whole.len() - 10] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&changed, &bytes).unwrap();
        assert!(!said(&changed, &["--identity", &key]).is_empty());
    }
    for length in [0, 1, 100, whole.len() / 2, whole.len() - 1] {
        fs::write(&changed, &whole[..length]).unwrap();
        assert!(!said(&changed, &["--identity", &key]).is_empty());
    }
    fs::write(&changed, b"somebody's holiday pictures").unwrap();
    assert!(said(&changed, &["--identity", &key]).contains("no backup"));
    assert!(succeed(&target, &["restore", &file, "--identity", &key], "").contains("Restored"));
}

/// Runs the program on a folder with a database of a server, or a file.
fn run_on(folder: &Path, address: Option<&str>, args: &[&str]) -> String {
    let mut command = std::process::Command::new(homphieu_tests::server::program());
    command
        .arg("--data-dir")
        .arg(folder)
        .args(args)
        .env("HOMPHIEU_LANG", "en")
        .env_remove("HOMPHIEU_DATABASE_URL");
    let output = command.envs(address.map(|address| ("HOMPHIEU_DATABASE_URL", address))).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Rows of every table in an unencrypted backup, but for those in which a centre notes that it was backed up and
/// restored, and the invitations that a restore voids.
fn rows(file: &str) -> Vec<String> {
    let said = run_on(Path::new("/nowhere"), None, &["backup", "check", file]);
    let counts = said.lines().map(str::trim).filter(|line| line.starts_with(|c: char| c.is_ascii_digit()));
    let own = [" audit", " backup", " backup_round", " restoration", " invite"];
    counts
        .filter(|line| !line.contains("rounds") && !own.iter().any(|own| line.ends_with(own)))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_centre_goes_from_one_engine_to_the_other_and_back_and_stays_what_it_was() {
    let vault = Vault::new();
    let server = Server::start(&vault.office.folder());
    vault.closed("tablet", &server, 0..9).sync(&Http::new(&server.address)).unwrap();
    drop(server);
    let home = vault.office.home();
    let first = vault.path("first");
    succeed(&vault.office.folder(), &["backup", "--unencrypted", "--to", &first], "");
    let mut before = (vault.office.folder(), first);
    // In a run of the tests on SQLite alone every step is a file again.
    let steps = [("file", false), ("server", true), ("file-again", false)];
    for (name, on_server) in steps {
        let folder = home.join(name);
        let address = if on_server { database::of(&folder) } else { None };
        let to = vault.path(&format!("{name}.hpbackup"));
        run_on(&folder, address.as_deref(), &["restore", &before.1]);
        run_on(&folder, address.as_deref(), &["backup", "--unencrypted", "--to", &to]);
        assert_eq!(rows(&to), rows(&before.1), "{name}");
        assert!(rows(&to).iter().any(|row| row.ends_with(" envelope")), "{name}: {:?}", rows(&to));
        before = (folder, to);
    }
    let status = run_on(&before.0, None, &["round", "status"]);
    assert!(status.contains("not heard from since: unit A"), "{status}");
}

#[test]
fn old_backups_go_only_after_the_new_one_is_checked_and_only_those_that_the_centre_wrote() {
    let vault = Vault::new();
    let first = vault.back_up(&[]);
    let stranger = vault.office.home().join("stick/homphieu-20260101-000000-aaaaaaaa.hpbackup.age");
    fs::write(&stranger, b"somebody else's").unwrap();
    let second = vault.back_up(&["--keep", "2"]);
    assert!(Path::new(&first).exists());
    // A clock that was set back makes the newest look oldest; it stays all the same.
    vault.office.on_database(async |db: &mut sqlx::AnyConnection| {
        sqlx::query("UPDATE backup SET taken_at = taken_at + 1000000").execute(&mut *db).await.unwrap();
    });
    let third = vault.back_up(&["--keep", "1"]);
    assert!(Path::new(&third).exists() && stranger.exists());
    assert!(!Path::new(&first).exists() && !Path::new(&second).exists());
    let listed = succeed(&vault.office.folder(), &["backup", "list"], "");
    assert_eq!(listed.lines().count(), 1, "{listed}");
}

#[test]
fn a_backup_goes_to_another_disk_over_no_file_and_never_unencrypted_by_accident() {
    let vault = Vault::new();
    let why = |args: &[&str]| refused(&vault.office.folder(), &[&["backup"], args].concat(), "");
    let to = vault.path("stick");
    assert!(why(&["--to", &to]).contains("backup keygen"));
    let inside = vault.office.folder().join("backup").display().to_string();
    assert!(why(&["--to", &inside, "--recipient", &vault.recipient]).contains("own folder"));
    let there = vault.path("homphieu.identity");
    assert!(why(&["--to", &there, "--recipient", &vault.recipient]).contains("there already"));
    assert!(why(&["--to", &to, "--recipient", "age1nonsense"]).contains("recipient"));
    assert!(
        why(&["--to", &vault.path("no/such/folder/x"), "--recipient", &vault.recipient])
            .contains("no folder")
    );
    assert!(vault.backups().is_empty());
    let other = refused(
        &vault.office.home().join("misspelt"),
        &["backup", "--to", &to, "--recipient", &vault.recipient],
        "",
    );
    assert!(other.contains("no centre"), "{other}");
    // What an earlier backup was killed over is in nobody's way.
    let named = vault.path("stick/named");
    fs::write(format!("{named}.part"), b"half").unwrap();
    succeed(&vault.office.folder(), &["backup", "--to", &named, "--recipient", &vault.recipient], "");
    assert_eq!(vault.backups().len(), 1);
}

#[test]
fn a_serving_centre_makes_planned_backups_by_itself() {
    let vault = Vault::new();
    let (to, recipient) = (vault.path("stick"), vault.recipient.clone());
    let planned = ["--backup-to", &to, "--backup-every", "24h", "--backup-recipient", &recipient];
    let server = Server::start_with(&vault.office.folder(), &planned);
    while !vault.backups().iter().any(|path| path.extension().is_some_and(|end| end == "age")) {
        std::thread::yield_now();
    }
    server.stop();
    let said = vault.backups().into_iter().next().unwrap().display().to_string();
    let key = vault.path("homphieu.identity");
    assert!(
        succeed(&vault.office.folder(), &["backup", "check", &said, "--identity", &key], "")
            .contains("whole")
    );
}
