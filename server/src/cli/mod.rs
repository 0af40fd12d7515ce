//! The command line.

/// Prints a line. A reader that went away (`| head`) is no reason to leave work undone, so that is no error.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        drop(writeln!(std::io::stdout(), $($text)*));
    }};
}

/// The text of a key in the language of the process, with values put in: `tr!("key", name = value)`.
macro_rules! tr {
    ($key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::cli::lang::text($key, &[$((stringify!($name), fluent_bundle::FluentValue::from($value))),*])
    };
}

/// The Vietnamese text of a key, for what says its English by itself.
macro_rules! vi {
    ($key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::cli::lang::vietnamese($key, &[$((stringify!($name), fluent_bundle::FluentValue::from($value))),*])
    };
}

mod audit;
mod backup;
mod config;
mod contact;
mod count;
mod demo;
mod device;
mod doctor;
mod documents;
mod exit;
mod export;
mod finish;
mod holds;
mod io;
mod keys;
mod lang;
mod manual;
mod notice;
mod orphans;
mod outbox;
mod oversight;
mod paper;
mod plan;
mod record;
mod remind;
mod replace;
mod restore;
mod round;
mod serve;
mod tablet;
mod tls;
mod user;
mod verify;
mod ways;

use crate::error::AppError;
use crate::service::{Centre, KEY_FILE, RESTORING};
use crate::store::DATABASE_FILE;
use clap::{Parser, Subcommand};
use exit::Exit;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use sync_core::id::RoundId;

/// Heading of the options that every command has.
const SHARED: &str = "Options of every command";

/// Hòm Phiếu: secret rating ballots where there is no network.
#[derive(Debug, Parser)]
#[command(name = "homphieu", version)]
struct Cli {
    /// Folder of the centre: database and keys.
    #[arg(long, global = true, help_heading = SHARED, value_name = "FOLDER", default_value = "homphieu-data")]
    data_dir: PathBuf,
    /// Settings file; without it, `homphieu.toml` in the centre's folder, if it is there.
    #[arg(long, global = true, help_heading = SHARED, value_name = "FILE", env = "HOMPHIEU_CONFIG")]
    config: Option<PathBuf>,
    /// Language of help and messages; without it, that of the locale.
    #[arg(long, global = true, help_heading = SHARED)]
    lang: Option<lang::Lang>,
    /// What is logged, as in `info` or `warn,homphieu_server=debug`.
    #[arg(
        long,
        global = true,
        help_heading = SHARED,
        value_name = "FILTER",
        env = "RUST_LOG",
        default_value = "warn,homphieu_server=info",
        value_parser = log_filter
    )]
    log: String,
    /// PostgreSQL database (`postgres://user@host/name`) instead of a file in the centre's folder.
    #[arg(
        long,
        global = true,
        help_heading = SHARED,
        value_name = "ADDRESS",
        env = "HOMPHIEU_DATABASE_URL",
        hide_env_values = true
    )]
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

    /// Refuses a command that would find nothing in a centre that it makes on the spot: most likely the folder is a
    /// misspelt one, or was forgotten.
    fn begun_unless(&self, may_begin: bool) -> Result<(), CliError> {
        let there = |name: &&str| self.folder.join(name).exists();
        // Whatever else is amiss with the folder is for opening it to say.
        let begun = match self.database {
            Some(_) => self.folder.is_dir(),
            None => [KEY_FILE, DATABASE_FILE, RESTORING].iter().any(there),
        };
        if begun || may_begin {
            Ok(())
        } else {
            Err(CliError::NotDone(tr!("no-centre", path = self.folder.display().to_string())))
        }
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
    /// Notices of results: who was told, who is to be told by when, who is late.
    #[command(subcommand)]
    Notice(notice::Command),
    /// Where officials, units and people are reached: e-mail, phone, way.
    #[command(subcommand)]
    Contact(contact::Command),
    /// Messages on their way out: what waits, was sent, failed.
    #[command(subcommand)]
    Outbox(outbox::Command),
    /// Try the mail server that `serve` is told.
    #[command(subcommand)]
    Mail(ways::MailCommand),
    /// Make a key for the webhook, and try the gateway that `serve` is told.
    #[command(subcommand)]
    Webhook(ways::WebhookCommand),
    /// What an office prints: every document of a round, single ones, the figures of a year.
    #[command(subcommand)]
    Documents(documents::Command),
    /// How every unit stands, which ones somebody should visit and why, and the visits.
    #[command(subcommand)]
    Oversight(oversight::Command),
    /// Remind whoever is to be reminded today; a serving centre does it by itself.
    Remind(remind::Args),
    /// Correction plans: who owes one, which are written, confirmed, done, overdue.
    #[command(subcommand)]
    Plan(plan::Command),
    /// People with accounts: add, change, new passwords, tokens.
    #[command(subcommand)]
    User(user::Command),
    /// Who did what, and whether the log of it is whole.
    #[command(subcommand)]
    Audit(audit::Command),
    /// A tablet or courier in a folder: enrol, cast, hand over, synchronise.
    #[command(subcommand)]
    Tablet(tablet::Command),
    /// Certificates for a network that no public authority knows.
    #[command(subcommand)]
    Tls(tls::Command),
    /// Write everything of the centre into one checked, encrypted file, while it serves.
    Backup(backup::Args),
    /// Make a centre out of a backup, or prove on a copy that it could be done (--rehearse).
    Restore(restore::Args),
    /// Trustees: make and check key shares. Offline, without database.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Trustees: open the ballots of a bundle and sign the result. Offline, without database.
    Count(count::Args),
    /// Write everything of a round into one file, for count and verification.
    Export(export::Args),
    /// Check a bundle; with shares also recount it. Offline, without database.
    Verify(verify::Args),
    /// Show the settings in force and where they come from; make a settings file.
    #[command(subcommand)]
    Config(config::Command),
    /// Check that this machine is fit to run the centre, and say what to do where it is not.
    Doctor(doctor::Args),
    /// Print completions for a shell.
    Completions(manual::CompletionArgs),
    /// Write manual pages.
    Man(manual::ManArgs),
    /// Explain the numbers with which the program ends.
    ExitCodes,
}

/// Why a command ended badly.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The centre refused, or failed.
    #[error(transparent)]
    App(#[from] AppError),
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] crate::tls::TlsError),
    /// A way by which messages leave cannot be set up.
    #[error(transparent)]
    Ways(#[from] crate::ways::WaysError),
    /// A tablet refused, or failed.
    #[error(transparent)]
    Tablet(#[from] client_ffi::TabletError),
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
    /// A check found a fault; what it is was printed.
    #[error("{0}")]
    Fault(String),
    /// The settings are wrong; every problem, one a line.
    #[error("{}", .0.join("\n"))]
    Config(Vec<String>),
}

/// Runs the program with the process's arguments. `homphieu exit-codes` explains how it ends.
pub fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    lang::set(lang::asked(&args, |name| std::env::var_os(name)));
    let done = match config::start(&args) {
        Ok(started) => {
            start_log(&started.cli.log);
            run(started)
        }
        Err(config::NotStarted::Usage(error)) => return usage(&error),
        Err(config::NotStarted::Config(error)) => Err(error),
    };
    match done {
        Ok(()) => Exit::Done.into(),
        Err(error) => {
            eprintln!("homphieu: {}", lang::explain::words(&error));
            Exit::from(&error).into()
        }
    }
}

/// Shows help, or a complaint about the arguments.
fn usage(error: &clap::Error) -> ExitCode {
    let words = lang::usage::words(error);
    if error.use_stderr() {
        eprint!("{words}");
        Exit::Usage.into()
    } else {
        say!("{}", words.trim_end());
        Exit::Done.into()
    }
}

/// The commands and their arguments, as they are parsed.
pub fn commands() -> clap::Command {
    config::finished(<Cli as clap::CommandFactory>::command())
}

fn run(started: config::Started) -> Result<(), CliError> {
    match &started.cli.command {
        Command::Config(command) => return config::run(command, &started),
        Command::Doctor(args) => return block_on(doctor::run(args, &started))?,
        _ => {}
    }
    let config::Started { cli, folder_named, serve, .. } = started;
    let place = Place { folder: cli.data_dir, database: cli.database_url };
    match cli.command {
        Command::Config(_) | Command::Doctor(_) => Ok(()),
        Command::Completions(args) => {
            manual::completions(&args);
            Ok(())
        }
        Command::Man(args) => manual::man(&args),
        Command::ExitCodes => {
            say!("{}", exit::table());
            Ok(())
        }
        Command::Keys(command) => keys::run(command, &mut io::Io::standard()),
        Command::Count(args) => count::run(&args, &mut io::Io::standard()),
        Command::Verify(args) => verify::run(&args, &mut io::Io::standard()),
        Command::Demo(args) => demo::run(&args, Some(place.folder).filter(|_| folder_named)),
        Command::Serve(args) => block_on(serve::run(&place, args))?,
        Command::Tablet(command) => tablet::run(command),
        Command::Tls(command) => tls::run(&place.folder, command),
        Command::Backup(args) => backup::run(&place, args),
        Command::Restore(args) => restore::run(&place, &args, &mut io::Io::standard()),
        Command::Round(command) => {
            place.begun_unless(command.may_begin())?;
            block_on(with_centre(&place, async |centre| round::run(centre, command).await))?
        }
        Command::Device(command) => {
            place.begun_unless(false)?;
            block_on(with_centre(&place, async |centre| device::run(centre, command).await))?
        }
        Command::User(command) => {
            place.begun_unless(command.may_begin())?;
            let work = async |centre: &Centre| user::run(centre, command, &mut io::Io::standard()).await;
            block_on(with_centre(&place, work))?
        }
        Command::Audit(command) => {
            place.begun_unless(false)?;
            block_on(with_centre(&place, async |centre| audit::run(centre, command).await))?
        }
        Command::Notice(command) => {
            place.begun_unless(false)?;
            block_on(with_centre(&place, async |centre| notice::run(centre, command).await))?
        }
        Command::Contact(command) => {
            place.begun_unless(false)?;
            block_on(with_centre(&place, async |centre| contact::run(centre, command).await))?
        }
        Command::Outbox(command) => {
            place.begun_unless(false)?;
            block_on(with_centre(&place, async |centre| outbox::run(centre, command).await))?
        }
        Command::Mail(command) => block_on(ways::mail(ways_of(serve.as_ref())?, command))?,
        Command::Webhook(command) => block_on(ways::webhook(ways_of(serve.as_ref())?, command))?,
        Command::Documents(command) => {
            place.begun_unless(false)?;
            block_on(with_centre(&place, async |centre| documents::run(centre, command).await))?
        }
        Command::Remind(args) => {
            place.begun_unless(false)?;
            block_on(with_centre(&place, async |centre| remind::run(centre, &args).await))?
        }
        Command::Oversight(command) => {
            place.begun_unless(false)?;
            block_on(with_centre(&place, async |centre| oversight::run(centre, command).await))?
        }
        Command::Plan(command) => {
            place.begun_unless(false)?;
            block_on(with_centre(&place, async |centre| plan::run(centre, command).await))?
        }
        Command::Export(args) => {
            place.begun_unless(false)?;
            block_on(with_centre(&place, async |centre| export::run(centre, args).await))?
        }
    }
}

/// How mail and gateway are reached, as `serve` would have it.
fn ways_of(serve: Option<&serve::Args>) -> Result<&ways::WaysArgs, CliError> {
    serve.map(serve::Args::ways).ok_or_else(|| CliError::NotDone(tr!("ways-no-settings")))
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
fn offline(error: impl lang::causes::Cause) -> CliError {
    CliError::Offline(error.said())
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

/// Logs go to standard error. They never hold ballots, codes or names.
fn start_log(filter: &str) {
    let filter = tracing_subscriber::EnvFilter::new(filter);
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start in one process (tests) keeps the first log.
    drop(log.with_ansi(std::io::stderr().is_terminal()).try_init());
}

fn log_filter(text: &str) -> Result<String, String> {
    let parsed = tracing_subscriber::EnvFilter::try_new(text);
    parsed.map(|_| text.to_owned()).map_err(|error| error.to_string())
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

/// A moment as people read it, in UTC.
fn moment(seconds: i64) -> String {
    let format = time::macros::format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
    let at = time::OffsetDateTime::from_unix_timestamp(seconds).ok();
    at.and_then(|at| at.format(format).ok()).unwrap_or_else(|| tr!("backup-no-time"))
}

/// A bar for work that takes a while; invisible where standard error is no terminal.
fn progress_bar(what: String) -> indicatif::ProgressBar {
    let style = indicatif::ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}");
    let bar = indicatif::ProgressBar::new(0).with_message(what);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
