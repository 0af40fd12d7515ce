//! The centre loses its disk while tablets synchronise, and comes back out of an older backup; and the end of the
//! round, which needs a backup of everything.

use super::carry::{Traffic, synchronise, word_of_the_centre};
use super::centre::{Office, Running};
use super::counting::go_on;
use super::field::Machine;
use super::plan::Fate;
use super::round::Field;
use super::{DemoError, in_parallel, step};
use crate::dump::keys::{self, Opener, Seal};
use crate::error::AppError;
use crate::service::{Actor, BackupPlan, Centre, restore};
use client_ffi::store::FileStore;
use client_ffi::{Finished, Tablet};
use rand_chacha::ChaCha20Rng;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use sync_core::id::{EnvelopeId, RoundId};

/// A key for backups, and the folder that they go to.
pub(super) struct Vault {
    folder: PathBuf,
    seal: Seal,
    opener: Opener,
}

impl Vault {
    pub fn new(folder: &Path) -> Result<Self, DemoError> {
        std::fs::create_dir_all(folder)?;
        let (identity, recipient) = keys::generate();
        let seal = Seal::to(&[recipient]).map_err(AppError::from)?;
        let opener = Opener::from_key_file(&identity, "the demo's key").map_err(AppError::from)?;
        Ok(Self { folder: folder.to_owned(), seal, opener })
    }

    /// Backs a serving centre up; the file.
    fn back_up(&self, running: &Running<'_>) -> Result<PathBuf, DemoError> {
        let plan =
            BackupPlan { to: self.folder.clone(), into_folder: true, seal: self.seal.clone(), keep: None };
        Ok(running.block_on(running.centre.backup(&plan, &|_, _| ()))?.path)
    }
}

/// Tablets whose ballots were confirmed after the backup and lost with the disk, and how many of them brought
/// everything back.
pub(super) type Refilled = (usize, usize);

impl Field<'_> {
    /// Half of the tablets synchronise, the centre is backed up, the other half synchronises, the disk is lost, the
    /// backup restored; then everybody finds a network once more.
    pub fn lose_the_disk<'a>(
        &self,
        office: &'a Office,
        running: Running<'a>,
        vault: &Vault,
        online: &[Machine],
        rng: &mut ChaCha20Rng,
    ) -> Result<(Running<'a>, Traffic, Refilled), DemoError> {
        let address = running.address;
        let (early, late) = online.split_at(online.len() / 2);
        let bar = step(&tr!("demo-step-sync"), online.len());
        let mut traffic = synchronise(early, self.http, rng, &bar)?;
        let file = vault.back_up(&running)?;
        traffic = traffic.merge(synchronise(late, self.http, rng, &bar)?);
        bar.finish();
        let promised = in_parallel(late.to_vec(), |machine| {
            let tablet = machine.open()?;
            Ok(tablet.replica(&machine.code).map(|replica| replica.confirmed()).unwrap_or_default())
        })?;
        running.stop()?;
        std::fs::remove_dir_all(office.folder())?;
        let bar = step(&tr!("demo-step-disk"), 1);
        let place = (office.folder(), None);
        office.block_on(restore(&file, &vault.opener, place, &mut |_| ()))?;
        let running = office.start(address)?;
        bar.finish();
        let lost: Vec<_> = {
            let held = held(&running, &self.set_up.round)?;
            promised.into_iter().filter(|ids| !ids.is_subset(&held)).collect()
        };
        let bar = step(&tr!("demo-step-again"), online.len());
        let again = in_parallel(online.to_vec(), |machine| {
            let mut traffic = Traffic::default();
            traffic.add(&machine.open()?.sync(self.http)?);
            if machine.fate == Fate::Cloned {
                traffic.add(&Tablet::open(FileStore::open(&machine.clone_folder())?)?.sync(self.http)?);
            }
            bar.inc(1);
            Ok(traffic)
        })?;
        bar.finish();
        traffic = again.into_iter().fold(traffic, Traffic::merge);
        let held = held(&running, &self.set_up.round)?;
        let back = lost.iter().filter(|ids| ids.is_subset(&held)).count();
        Ok((running, traffic, (lost.len(), back)))
    }

    /// Everything is backed up once more, the round finished, and its word carried to every tablet that is not lost, but
    /// for the unit without a network. How many there are, and how many hold nothing of the round any more.
    pub fn finish(
        &self,
        running: &Running<'_>,
        vault: &Vault,
        courier: &mut Tablet<FileStore>,
        organiser: &str,
    ) -> Result<(usize, usize), DemoError> {
        running.block_on(go_on(&running.centre, &self.set_up.round))?;
        vault.back_up(running)?;
        running.block_on(finish(&running.centre, &self.set_up.round, organiser))?;
        courier.sync(self.http)?;
        let mut machines = self.machines.to_vec();
        machines.retain(|machine| !matches!(machine.fate, Fate::NeverClosed | Fate::Isolated));
        let bar = step(&tr!("demo-step-finish"), machines.len());
        let (offline, online): (Vec<_>, Vec<_>) =
            machines.into_iter().partition(|machine| machine.fate == Fate::Offline);
        let mut empty = 0;
        let word = word_of_the_centre(courier, self.stick)?;
        for machine in &offline {
            let mut tablet = machine.open()?;
            tablet.import(&std::fs::read(&word)?)?;
            empty += usize::from(has_let_go(&tablet, machine));
            bar.inc(1);
        }
        let done = in_parallel(online, |machine| {
            let mut tablet = machine.open()?;
            tablet.sync(self.http)?;
            bar.inc(1);
            Ok(has_let_go(&tablet, &machine))
        })?;
        bar.finish();
        empty += done.iter().filter(|done| **done).count();
        Ok((offline.len() + done.len(), empty))
    }
}

async fn finish(centre: &Centre, round: &RoundId, organiser: &str) -> Result<(), DemoError> {
    let organiser = Actor::Person(centre.person_named(organiser).await?);
    let left = centre.acting_for(organiser).finish_round(round).await?;
    match left.first() {
        None => Ok(()),
        Some(obstacle) => Err(DemoError::Other(format!("the round cannot be finished: {}", obstacle.text()))),
    }
}

/// Whether a tablet knows that the round is over, and holds none of its ballots any more.
fn has_let_go(tablet: &Tablet<FileStore>, machine: &Machine) -> bool {
    tablet.finished(&machine.code) == Some(Finished::default())
}

/// Every envelope at the centre.
fn held(running: &Running<'_>, round: &RoundId) -> Result<BTreeSet<EnvelopeId>, DemoError> {
    let (_, standings) = running.block_on(running.centre.standings(round))?;
    let headers = standings.iter().flat_map(|standing| &standing.facts.envelopes);
    Ok(headers.map(|header| header.id).collect())
}
