//! The command line.

/// Prints a line. A reader that went away (`| head`) is no reason to leave work undone, so that is no error.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        drop(writeln!(std::io::stdout(), $($text)*));
    }};
}

mod audit;
mod count;
mod demo;
mod device;
mod export;
mod finish;
mod io;
mod keys;
mod paper;
mod round;
mod serve;
mod user;
mod verify;

use crate::error::AppError;
use crate::service::Centre;
use clap::{Parser, Subcommand};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use sync_core::id::RoundId;

/// Hòm Phiếu: secret rating ballots where there is no network.
#[derive(Debug, Parser)]
#[command(name = "homphieu", version, about, long_about = None)]
struct Cli {
    /// Folder of the centre: database and keys [default: homphieu-data].
    #[arg(long, global = true, env = "HOMPHIEU_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// PostgreSQL database (`postgres://user@host/name`) instead of a file in the centre's folder.
    #[arg(long, global = true, env = "HOMPHIEU_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    #[command(subcommand)]
    command: Command,
}

/// Where a centre is: its folder, and its database if that lies elsewhere.
struct Place {
    folder: PathBuf,
    database: Option<String>,
}

impl Place {
    async fn open(&self) -> Result<Centre, AppError> {
        Centre::open_at(&self.folder, self.database.as_deref()).await
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the centre.
    Serve(serve::Args),
    /// Run a whole round on the demo roster, with faults, and compare the counts with what was marked.
    Demo(demo::Args),
    /// Set up, watch, open and publish a round.
    #[command(subcommand)]
    Round(round::Command),
    /// Invite, list and revoke tablets and couriers.
    #[command(subcommand)]
    Device(device::Command),
    /// People with accounts: add, change, new passwords, tokens.
    #[command(subcommand)]
    User(user::Command),
    /// Who did what, and whether the log of it is whole.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Trustees: make and check key shares. Offline, without database.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Trustees: open the ballots of a bundle and sign the result. Offline, without database.
    Count(count::Args),
    /// Write everything of a round into one file, for count and verification.
    Export(export::Args),
    /// Check a bundle; with shares also recount it. Offline, without database.
    Verify(verify::Args),
}

/// Why a command ended badly.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The centre refused, or failed.
    #[error(transparent)]
    App(#[from] AppError),
    /// The trustees' or verifier's side refused.
    #[error("{0}")]
    Offline(String),
    /// A file or stream failed.
    #[error("{action} {path}: {source}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
    /// What was asked for was not done; the reason was printed.
    #[error("{0}")]
    NotDone(String),
}

/// Runs the program with the process's arguments: 0 when done, 1 when refused or failed, 2 for wrong arguments.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    start_log();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("homphieu: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<(), CliError> {
    let folder = cli.data_dir.clone().unwrap_or_else(|| PathBuf::from("homphieu-data"));
    let place = Place { folder, database: cli.database_url };
    match cli.command {
        Command::Keys(command) => keys::run(command, &mut io::Io::standard()),
        Command::Count(args) => count::run(&args, &mut io::Io::standard()),
        Command::Verify(args) => verify::run(&args, &mut io::Io::standard()),
        Command::Demo(args) => demo::run(&args, cli.data_dir),
        Command::Serve(args) => block_on(serve::run(&place, args))?,
        Command::Round(command) => {
            block_on(with_centre(&place, async |centre| round::run(centre, command).await))?
        }
        Command::Device(command) => {
            block_on(with_centre(&place, async |centre| device::run(centre, command).await))?
        }
        Command::User(command) => {
            let work = async |centre: &Centre| user::run(centre, command, &mut io::Io::standard()).await;
            block_on(with_centre(&place, work))?
        }
        Command::Audit(command) => {
            block_on(with_centre(&place, async |centre| audit::run(centre, command).await))?
        }
        Command::Export(args) => {
            block_on(with_centre(&place, async |centre| export::run(centre, args).await))?
        }
    }
}

fn offline(error: impl std::fmt::Display) -> CliError {
    CliError::Offline(error.to_string())
}

async fn with_centre(
    place: &Place,
    work: impl AsyncFnOnce(&Centre) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let centre = place.open().await?;
    let done = work(&centre).await;
    centre.close().await;
    done
}

fn block_on<T>(work: impl Future<Output = T>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|source| file_error("cannot start", Path::new("runtime"), source))?;
    Ok(runtime.block_on(work))
}

/// Logs go to standard error; `RUST_LOG` chooses. They never hold ballots, codes or names.
fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,homphieu_server=info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start in one process (tests) keeps the first log.
    drop(log.with_ansi(std::io::stderr().is_terminal()).try_init());
}

fn file_error(action: &'static str, path: &Path, source: std::io::Error) -> CliError {
    CliError::File { action, path: path.display().to_string(), source }
}

/// The round that a command means: the one it names, or the only one there is.
async fn chosen(centre: &Centre, round: Option<uuid::Uuid>) -> Result<RoundId, AppError> {
    match round {
        Some(uuid) => Ok(RoundId(uuid.into_bytes())),
        None => centre.only_round().await,
    }
}

/// Reads a file that a person named.
fn read_file(path: &Path) -> Result<Vec<u8>, CliError> {
    /// The longest bundle; each reader has its own, smaller limit.
    const FILE_MAX: u64 = 1024 * 1024 * 1024;
    let failed = |source| file_error("cannot read", path, source);
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > FILE_MAX {
        let source =
            std::io::Error::new(std::io::ErrorKind::FileTooLarge, format!("{size} bytes is too large"));
        return Err(failed(source));
    }
    std::fs::read(path).map_err(failed)
}

/// A bar for work that takes a while; invisible where standard error is no terminal.
fn progress_bar(what: &'static str) -> indicatif::ProgressBar {
    let style = indicatif::ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}");
    let bar = indicatif::ProgressBar::new(0).with_message(what);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
