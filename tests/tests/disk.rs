//! A disk that is full or cannot be written: a clear problem, nothing lost, and work goes on when it is mended.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::transport::{Http, TransportError};
use client_ffi::{Tablet, store::FileStore};
use homphieu_tests::office::{Office, unit};
use homphieu_tests::server::{Server, refused, request};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A small filesystem in memory, under a folder of a centre that is moved onto it.
struct SmallDisk {
    folder: PathBuf,
}

impl SmallDisk {
    /// Puts it under the office's centre. `None` where filesystems may not be mounted.
    fn under(office: &Office) -> Option<Self> {
        let folder = office.folder();
        let aside = office.home().join("aside");
        fs::rename(&folder, &aside).unwrap();
        fs::create_dir(&folder).unwrap();
        let mounted = mount(&["-t", "tmpfs", "-o", "size=3m,mode=0700", "tmpfs"], &folder);
        if !mounted {
            let strict = std::env::var("CI").is_ok_and(|value| !["", "0", "false"].contains(&value.as_str()));
            assert!(!strict, "a filesystem cannot be mounted and nothing may be skipped here");
            println!("skipped: a small filesystem can be mounted by root only; run this test as root");
            return None;
        }
        for entry in fs::read_dir(&aside).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
        }
        Some(Self { folder })
    }

    /// Fills it to the last byte; the file that does it.
    fn fill(&self) -> PathBuf {
        let path = self.folder.join("filler");
        let mut file = fs::File::create(&path).unwrap();
        for size in [65536, 4096, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg(&self.folder).status());
    }
}

fn mount(args: &[&str], folder: &Path) -> bool {
    let output = Command::new("mount").args(args).arg(folder).output();
    output.is_ok_and(|output| output.status.success())
}

fn full(tablet: &mut Tablet<FileStore>, http: &Http) {
    let report = tablet.sync(http).unwrap();
    let [(_, TransportError::Refused { status, code, detail, .. })] = report.failed.as_slice() else {
        panic!("{report:?}");
    };
    assert_eq!((*status, code.as_str()), (503, "disk_full"), "{detail}");
    assert!(detail.contains("free some space"), "{detail}");
}

#[test]
fn on_a_full_disk_nothing_receipted_is_lost_and_freeing_space_is_enough() {
    let office = Office::new();
    let Some(disk) = SmallDisk::under(&office) else { return };
    let server = Server::start(&office.folder());
    let http = Http::new(&server.address);
    let mut early = office.tablet("early", &["A"], &server.address);
    let mut late = office.tablet("late", &["A"], &server.address);
    office.cast(&mut early, "A", 0..9);
    office.cast(&mut late, "A", 9..18);
    early.close(&unit("A")).unwrap();
    late.close(&unit("A")).unwrap();
    early.sync(&http).unwrap();
    let filler = disk.fill();
    for _ in 0..3 {
        full(&mut late, &http);
    }
    assert_eq!(late.counts(&unit("A")).confirmed, 0, "no receipt for what is not stored");
    let answer = request("GET", &format!("{}/ready", server.address), &[], b"");
    assert_eq!((answer.status, answer.code().as_str()), (503, "disk_full"));
    assert_eq!(request("GET", &format!("{}/health", server.address), &[], b"").status, 200);
    fs::remove_file(&filler).unwrap();
    late.sync(&http).unwrap();
    assert_eq!(late.counts(&unit("A")).confirmed, 9);
    // Again, and this time the power goes while it is full.
    let mut last = office.tablet("last", &["A"], &server.address);
    office.cast(&mut last, "A", 18..22);
    last.close(&unit("A")).unwrap();
    let filler = disk.fill();
    full(&mut last, &http);
    drop(server);
    fs::remove_file(&filler).unwrap();
    let server = Server::start(&office.folder());
    last.sync(&Http::new(&server.address)).unwrap();
    server.stop();
    let (_, standings) = office.on_centre(async |centre| centre.standings(&office.round).await.unwrap());
    let standing = standings.into_iter().find(|standing| standing.unit == unit("A")).unwrap();
    let held: Vec<_> = standing.facts.envelopes.iter().map(|header| header.id).collect();
    for tablet in [&early, &late, &last] {
        let confirmed = tablet.replica(&unit("A")).unwrap().confirmed();
        assert!(!confirmed.is_empty() && confirmed.iter().all(|id| held.contains(id)));
    }
}

#[test]
fn a_disk_that_cannot_be_written_is_said_at_the_start_and_harms_nothing() {
    let office = Office::new();
    let Some(disk) = SmallDisk::under(&office) else { return };
    let server = Server::start(&office.folder());
    let mut tablet = office.tablet("tablet", &["A"], &server.address);
    office.cast(&mut tablet, "A", 0..9);
    tablet.close(&unit("A")).unwrap();
    server.stop();
    assert!(mount(&["-o", "remount,ro"], &disk.folder));
    let why = refused(&office.folder(), &["serve", "--listen", "127.0.0.1:0"], "");
    assert!(why.contains("read-only"), "{why}");
    assert!(mount(&["-o", "remount,rw"], &disk.folder));
    let server = Server::start(&office.folder());
    tablet.sync(&Http::new(&server.address)).unwrap();
    assert_eq!(tablet.counts(&unit("A")).confirmed, 9);
}
