//! `homphieu tablet`: a tablet or courier that lives in a folder, at a terminal. The same core as in an app; for people
//! who write scripts, for couriers with a laptop, and for tests.
//!
//! What is secret is never an argument: slip codes, marks, PINs and tokens are typed, or come by standard input.

mod enrol;
mod kiosk;
mod local;
mod look;
mod network;
mod orphan;
mod parcels;
mod register;
mod vote;

pub(super) use kiosk::Refusal;

use super::CliError;
use super::io::Io;
use super::lang::language;
use client_ffi::store::FileStore;
use client_ffi::{Tablet, TabletError};
use std::path::{Path, PathBuf};
use std::time::Duration;
use sync_core::id::UnitCode;

/// A tablet with its folder.
type Machine = Tablet<FileStore>;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Enrol with the token from the office: the tablet makes its keys and fetches the round.
    Enrol(enrol::EnrolArgs),
    /// Compare the unit's list with the paper, so that ballots can be cast.
    Open(enrol::OpenArgs),
    /// Cast one ballot. Slip code and marks are typed, one a line, and never shown again.
    Cast(vote::CastArgs),
    /// Note that a voter is here, and that a slip was handed out; or look voters up (--search).
    CheckIn(register::CheckInArgs),
    /// Close the box: every ballot is sealed, and no more can be cast here.
    Close(vote::CloseArgs),
    /// Where the ballots are, what waits, and what to do next.
    Status(look::StatusArgs),
    /// Guidance of the organisation board for each step, as it came with the last sync.
    Guidance(look::GuidanceArgs),
    /// How much room there is for what is carried for others, and how much there is to be.
    Room(look::RoomArgs),
    /// Write everything into one file, for whoever brings it on its way. Nothing is deleted here.
    Export(parcels::ExportArgs),
    /// Take parcels of other tablets. The same parcel again does no harm.
    Import(parcels::ImportArgs),
    /// Save what is on a tablet that lost its key: its envelopes, and the ballots in its box for two people to decide about.
    Save(orphan::SaveArgs),
    /// Hand over by QR codes, from screen to camera.
    #[command(subcommand)]
    Qr(parcels::QrCommand),
    /// Open a session in this local network; others join it by the text or QR code that is shown.
    Serve(local::ServeArgs),
    /// Join another tablet's session and exchange everything, both ways.
    Join(local::JoinArgs),
    /// Bring everything to the centre and fetch what it has.
    Sync(network::SyncArgs),
    /// Serve the tablet's page on this machine, for one browser that opens the printed link.
    Kiosk(kiosk::KioskArgs),
    /// Check that this tablet is fit to vote on, and say what to do where it is not.
    Doctor(look::DoctorArgs),
}

/// Which tablet.
#[derive(Debug, clap::Args)]
pub(super) struct At {
    /// Folder of the tablet.
    #[arg(long, value_name = "FOLDER", env = "HOMPHIEU_TABLET", default_value = "homphieu-tablet")]
    folder: PathBuf,
}

/// Which tablet, and which of its units.
#[derive(Debug, clap::Args)]
pub(super) struct AtUnit {
    #[command(flatten)]
    at: At,
    /// The unit, if the tablet serves more than one.
    #[arg(long)]
    unit: Option<String>,
}

pub(super) fn run(command: Command) -> Result<(), CliError> {
    // Only where a person types: it holds standard input for itself.
    let io = Io::standard;
    match command {
        Command::Enrol(args) => enrol::enrol(&args, &mut io()),
        Command::Open(args) => enrol::open(&args, &mut io()),
        Command::Cast(args) => vote::cast(&args, &mut io()),
        Command::CheckIn(args) => register::check_in(&args, &mut io()),
        Command::Close(args) => vote::close(&args, &mut io()),
        Command::Status(args) => look::status(&args),
        Command::Guidance(args) => look::guidance(&args),
        Command::Room(args) => look::carry_room(&args),
        Command::Export(args) => parcels::export(&args),
        Command::Import(args) => parcels::import(&args),
        Command::Save(args) => orphan::save(&args),
        Command::Qr(command) => parcels::qr(command),
        Command::Serve(args) => local::serve(&args),
        Command::Join(args) => local::join(&args),
        Command::Sync(args) => network::sync(&args),
        Command::Kiosk(args) => kiosk::run(&args),
        Command::Doctor(args) => look::doctor(&args),
    }
}

impl At {
    /// The tablet in the folder, which must be there: a misspelt folder is not a new tablet.
    fn open(&self) -> Result<Machine, CliError> {
        if self.folder.is_dir() {
            open_store(&self.folder)
        } else {
            Err(CliError::NotDone(tr!("tablet-no-folder", path = self.folder.display().to_string())))
        }
    }
}

impl AtUnit {
    /// The tablet, and the unit that is meant.
    fn open(&self) -> Result<(Machine, UnitCode), CliError> {
        let tablet = self.at.open()?;
        let unit = match (&self.unit, tablet.units()) {
            (Some(code), _) => UnitCode::new(code).map_err(super::offline)?,
            (None, [only]) => only.clone(),
            (None, []) if tablet.package().is_none() => return Err(TabletError::NotEnrolled.into()),
            (None, []) => return Err(CliError::NotDone(tr!("tablet-courier"))),
            (None, several) => {
                let units = several.iter().map(UnitCode::as_str).collect::<Vec<_>>().join(", ");
                return Err(CliError::NotDone(tr!("tablet-which-unit", units = units)));
            }
        };
        Ok((tablet, unit))
    }
}

/// How long to wait for another command on the same tablet: somewhat longer than a sync waits for one answer.
const PATIENCE: Duration = Duration::from_secs(200);

fn open_store(folder: &Path) -> Result<Machine, CliError> {
    let store = FileStore::open_patiently(folder, PATIENCE, || eprintln!("{}", tr!("tablet-busy")));
    let store = store.map_err(TabletError::from)?;
    Ok(Tablet::open(store)?)
}

/// A line that a person types; what ends early changes nothing.
fn typed(io: &mut Io, question: &str, hidden: bool) -> Result<zeroize::Zeroizing<String>, CliError> {
    let line = if hidden { io.ask_hidden(question) } else { io.ask(question) };
    line.ok_or_else(|| CliError::NotDone(tr!("tablet-nothing-typed")))
}
