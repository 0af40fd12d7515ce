//! The field: tablets enrol, then voters cast on them with the centre switched off.

use super::look::Look;
use super::plan::{Fate, UnitPlan, Voter};
use super::{DemoError, in_parallel};
use client_ffi::store::{FileStore, Key, Store, StoreError};
use client_ffi::transport::Http;
use client_ffi::{Tablet, TabletError};
use indicatif::ProgressBar;
use std::path::{Path, PathBuf};
use sync_core::ballot::Marks;
use sync_core::fingerprint;
use sync_core::id::{DeviceId, UnitCode};

/// A tablet of the demo: a folder, opened whenever somebody uses it.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    /// Place of its unit in the plan.
    pub unit: usize,
    /// Place in its unit.
    pub place: usize,
    pub code: UnitCode,
    pub fate: Fate,
    pub folder: PathBuf,
    pub device: DeviceId,
}

impl Machine {
    pub fn open(&self) -> Result<Tablet<FileStore>, DemoError> {
        Ok(Tablet::open(FileStore::open(&self.folder)?)?)
    }

    /// The folder of its copy, if it was cloned.
    pub fn clone_folder(&self) -> PathBuf {
        self.folder.with_extension("clone")
    }
}

/// Enrols one tablet per token.
pub(super) fn enrol(
    tokens: Vec<(usize, usize, Fate, UnitCode, String)>,
    folder: &Path,
    bar: &ProgressBar,
) -> Result<Vec<Machine>, DemoError> {
    in_parallel(tokens, |(unit, place, fate, code, token)| {
        let folder = folder.join(format!("{code}-{place}"));
        let mut tablet = Tablet::open(FileStore::open(&folder)?)?;
        tablet.enrol(&token, &Http::for_token(&token).map_err(TabletError::from)?)?;
        confirm_sheet(&mut tablet, &code)?;
        let device = tablet.device().ok_or(TabletError::NotEnrolled)?;
        bar.inc(1);
        Ok(Machine { unit, place, code, fate, folder, device })
    })
}

/// The team types two groups of digits from the printed sheet.
fn confirm_sheet(tablet: &mut Tablet<FileStore>, code: &UnitCode) -> Result<(), DemoError> {
    let hash = tablet.sheet_hash(code).ok_or_else(|| TabletError::NoSheet(code.clone()))?;
    let paper = fingerprint::groups(&hash.0);
    Ok(tablet.confirm_sheet(code, &[(1, &paper[1]), (4, &paper[4])])?)
}

/// What the voting showed.
#[derive(Debug, Clone, Default)]
pub(super) struct VotingReport {
    /// Ballots confirmed to voters.
    pub cast: usize,
    /// Tablets that were killed in the middle of a cast and came back without losing one.
    pub killed: usize,
    /// How the tablets of the unit without a network looked when half of their voters had voted, and when their boxes
    /// were closed.
    pub isolated: Vec<[Look; 2]>,
}

/// Everybody votes. No tablet has a transport here.
pub(super) fn vote(
    plan: &[UnitPlan],
    machines: &[Machine],
    bar: &ProgressBar,
) -> Result<VotingReport, DemoError> {
    let reports = in_parallel(machines.to_vec(), |machine| {
        let unit = &plan[machine.unit];
        vote_on(unit, &machine, bar)
    })?;
    Ok(reports.into_iter().fold(VotingReport::default(), |mut sum, report| {
        sum.isolated.extend(report.isolated);
        VotingReport { cast: sum.cast + report.cast, killed: sum.killed + report.killed, ..sum }
    }))
}

/// Ballots of one tablet in the order of voting: first times and second times.
fn ballots_on(unit: &UnitPlan, place: usize) -> Vec<(&Voter, &[Option<u8>])> {
    let first = unit.voters.iter().filter(|v| v.tablet == place).map(|v| (v, v.marks.as_slice()));
    let again = unit.voters.iter().filter_map(|v| {
        let (tablet, marks) = v.again.as_ref()?;
        (*tablet == place).then_some((v, marks.as_slice()))
    });
    first.chain(again).collect()
}

fn vote_on(unit: &UnitPlan, machine: &Machine, bar: &ProgressBar) -> Result<VotingReport, DemoError> {
    let ballots = ballots_on(unit, machine.place);
    let half = ballots.len() / 2;
    let mut report = VotingReport::default();
    let mut tablet = machine.open()?;
    for (voter, marks) in &ballots[..half] {
        cast(&mut tablet, unit, voter, marks)?;
        bar.inc(1);
    }
    if machine.fate == Fate::Killed {
        drop(tablet);
        if let Some((voter, marks)) = ballots.get(half) {
            report.killed += usize::from(die_in_cast(machine, unit, voter, marks)?);
        }
        tablet = machine.open()?;
    }
    let halfway = Look::at(&tablet, machine)?;
    let mut copy = None;
    if machine.fate == Fate::Cloned {
        drop(tablet);
        copy_folder(&machine.folder, &machine.clone_folder())?;
        tablet = machine.open()?;
        copy = Some(Tablet::open(FileStore::open(&machine.clone_folder())?)?);
    }
    for (i, (voter, marks)) in ballots[half..].iter().enumerate() {
        match &mut copy {
            Some(copy) if i % 2 == 1 => cast(copy, unit, voter, marks)?,
            _ => cast(&mut tablet, unit, voter, marks)?,
        }
        bar.inc(1);
    }
    if machine.fate != Fate::NeverClosed {
        tablet.close(&unit.code)?;
    }
    if let Some(copy) = &mut copy {
        copy.close(&unit.code)?;
    }
    if machine.fate == Fate::Isolated {
        report.isolated.push([halfway, Look::at(&tablet, machine)?]);
    }
    report.cast = ballots.len();
    Ok(report)
}

fn cast<S: Store>(
    tablet: &mut Tablet<S>,
    unit: &UnitPlan,
    voter: &Voter,
    marks: &[Option<u8>],
) -> Result<(), TabletError> {
    let marks = Marks::new(marks.to_vec());
    match &voter.permit {
        Some(permit) => tablet.cast(&unit.code, permit, &marks),
        None => tablet.cast_attended(&unit.code, &marks),
    }
}

/// The tablet loses power with a half-written file. Whether it found that on its next start, and nothing else.
fn die_in_cast(
    machine: &Machine,
    unit: &UnitPlan,
    voter: &Voter,
    marks: &[Option<u8>],
) -> Result<bool, DemoError> {
    let before = machine.open()?.counts(&unit.code);
    let dying = Dying { inner: FileStore::open(&machine.folder)? };
    let mut tablet = Tablet::open(dying)?;
    let unconfirmed = cast(&mut tablet, unit, voter, marks).is_err();
    drop(tablet);
    let store = FileStore::open(&machine.folder)?;
    let found = store.discarded() == 1;
    let after = Tablet::open(store)?.counts(&unit.code);
    Ok(unconfirmed && found && after == before)
}

/// A store whose process dies when it has written half of a value.
struct Dying {
    inner: FileStore,
}

impl Store for Dying {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(key)
    }

    fn put(&mut self, key: &Key, value: &[u8]) -> Result<(), StoreError> {
        let died = |source| StoreError::Io { action: "write", key: key.to_string(), source };
        let draft = self.inner.folder().join(format!("{key}+draft"));
        std::fs::write(draft, &value[..value.len() / 2]).map_err(died)?;
        Err(died(std::io::Error::other("no power")))
    }

    fn destroy(&mut self, key: &Key) -> Result<(), StoreError> {
        Err(StoreError::Io {
            action: "destroy",
            key: key.to_string(),
            source: std::io::Error::other("no power"),
        })
    }

    fn keys(&self) -> Result<Vec<Key>, StoreError> {
        self.inner.keys()
    }

    fn settle(&mut self) -> Result<(), StoreError> {
        self.inner.settle()
    }
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        std::fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
