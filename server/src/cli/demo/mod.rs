//! `homphieu demo`: a whole round on the demo roster, with everything that can go wrong, against planted truth.
//!
//! The only place of the server that links the tablet: here both sides of the wire run in one program, over real HTTP
//! and real files.

mod carry;
mod catcher;
mod centre;
mod counting;
mod disk;
mod field;
mod follow_up;
mod guidance;
mod hall_network;
mod isolated;
mod look;
mod meeting;
mod oversight;
mod papers;
mod plan;
mod rogue;
mod round;
mod set_up;
mod show;
mod spare;
mod told;
mod truth;

use super::CliError;
use crate::error::AppError;
use client_ffi::TabletError;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::sync::Mutex;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// End after the round instead of serving it for a look.
    #[arg(long)]
    exit: bool,
    /// Print a machine-readable summary as last line.
    #[arg(long)]
    json: bool,
    /// Seed of everything that is planted.
    #[arg(long, default_value_t = 2018)]
    seed: u64,
    /// Units of the roster to take part, 5 to 69.
    #[arg(long, default_value_t = 69, value_parser = clap::value_parser!(u8).range(5..=69))]
    units: u8,
    /// Port of the centre that stays up for a look; 0 takes any that is free.
    #[arg(long, default_value_t = 8080)]
    port: u16,
}

/// Why the demo broke off.
#[derive(Debug, thiserror::Error)]
enum DemoError {
    #[error(transparent)]
    App(#[from] AppError),
    #[error("a tablet failed: {0}")]
    Tablet(#[from] TabletError),
    #[error("a tablet failed: {0}")]
    Store(#[from] client_ffi::store::StoreError),
    #[error(transparent)]
    Tls(#[from] crate::tls::TlsError),
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("{0}")]
    Other(String),
}

/// Runs the demo in a fresh folder; without one, in a temporary folder that is removed at the end.
pub(super) fn run(args: &Args, data_dir: Option<PathBuf>) -> Result<(), CliError> {
    let folder = Folder::make(data_dir).map_err(broken_off)?;
    let right = round::play(args, &folder.path).map_err(broken_off)?;
    if right { Ok(()) } else { Err(CliError::NotDone(tr!("demo-wrong"))) }
}

fn broken_off(error: DemoError) -> CliError {
    match error {
        DemoError::App(error) => error.into(),
        DemoError::Tls(error) => error.into(),
        error => CliError::Offline(error.to_string()),
    }
}

/// Where the demo writes; a temporary folder goes away with it.
struct Folder {
    path: PathBuf,
    temporary: bool,
}

impl Folder {
    fn make(chosen: Option<PathBuf>) -> Result<Self, DemoError> {
        let temporary = chosen.is_none();
        let path = chosen.unwrap_or_else(|| {
            let name: String = crate::service::random::<6>().iter().map(|b| format!("{b:02x}")).collect();
            std::env::temp_dir().join(format!("homphieu-demo-{name}"))
        });
        std::fs::create_dir_all(&path)?;
        if std::fs::read_dir(&path)?.next().is_some() {
            return Err(DemoError::Other(format!("{} is not empty: name a fresh folder", path.display())));
        }
        Ok(Self { path, temporary })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary
            && let Err(error) = std::fs::remove_dir_all(&self.path)
        {
            eprintln!("{} could not be removed: {error}", self.path.display());
        }
    }
}

/// A bar for one step of the demo.
fn step(what: &str, length: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:<46} {wide_bar} {pos:>5}/{len} {elapsed:>4}");
    let bar = ProgressBar::new(length as u64).with_message(what.to_owned());
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Threads that play tablets: they mostly wait for the disk.
const THREADS: usize = 8;

/// Does the same work on many things, several at a time; results in the order of the things.
fn in_parallel<T: Send, U: Send>(
    things: Vec<T>,
    work: impl Fn(T) -> Result<U, DemoError> + Sync,
) -> Result<Vec<U>, DemoError> {
    let length = things.len();
    let queue = Mutex::new(things.into_iter().enumerate());
    let done: Mutex<Vec<(usize, Result<U, DemoError>)>> = Mutex::new(Vec::with_capacity(length));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((place, thing)) = next(&queue) {
                    let result = work(thing);
                    done.lock().expect("no holder of this lock panics").push((place, result));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no holder of this lock panics");
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

fn next<T>(queue: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    queue.lock().expect("no holder of this lock panics").next()
}
