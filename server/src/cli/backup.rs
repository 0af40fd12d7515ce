//! `homphieu backup`.

use super::io::Io;
use super::{CliError, Place, block_on, file_error, moment, progress_bar, with_centre};
use crate::dump::keys::{self, Opener, Seal};
use crate::dump::{DumpError, Summary};
use crate::error::AppError;
use crate::service::{BackupPlan, BackupReport, Centre, KEY_FILE, Planned, check_backup};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    write: WriteArgs,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make the key file that opens backups, and print the recipient (age1…) for --recipient. Keep the file away from
    /// the centre, on a stick in a safe, twice: without it no backup opens.
    Keygen {
        /// The key file; it must not exist yet.
        #[arg(long)]
        out: PathBuf,
    },
    /// Open a backup and read it to its end, as a restore would, without changing anything.
    Check {
        /// The backup.
        file: PathBuf,
        #[command(flatten)]
        opener: OpenArgs,
    },
    /// List the backups that this centre made.
    List,
}

#[derive(Debug, clap::Args)]
struct WriteArgs {
    /// A folder, in which the backup gets a name of its own, or a file that is not there yet. Take another disk.
    #[arg(long, required = true)]
    to: Option<PathBuf>,
    #[command(flatten)]
    seal: SealArgs,
    /// Remove older backups from the folder once this one is checked, and keep this many.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    keep: Option<u16>,
}

/// Who may open a backup.
#[derive(Debug, clap::Args)]
#[group(required = false, multiple = false)]
struct SealArgs {
    /// Encrypt for the holder of this key (age1…, see `backup keygen`); give it once per key.
    #[arg(long)]
    recipient: Vec<String>,
    /// Encrypt under a passphrase that is asked for. It is as safe as the passphrase is long.
    #[arg(long)]
    passphrase: bool,
    /// Do not encrypt: whoever can read the file gets the centre's key and everything it holds, and can sign as the
    /// centre.
    #[arg(long)]
    unencrypted: bool,
}

/// Backups that a serving centre makes by itself.
#[derive(Debug, clap::Args)]
pub(super) struct PlannedArgs {
    /// Make backups by itself into this folder. Take another disk.
    #[arg(long, requires = "backup_recipient")]
    backup_to: Option<PathBuf>,
    /// How often, such as 24h, 90m or 3600s.
    #[arg(long, default_value = "24h", value_parser = parse_every)]
    backup_every: u64,
    /// For whom they are encrypted (age1…, see `backup keygen`); give it once per key.
    #[arg(long, requires = "backup_to")]
    backup_recipient: Vec<String>,
    /// Keep this many in the folder, and remove older ones once a new one is checked.
    #[arg(long, requires = "backup_to", value_parser = clap::value_parser!(u16).range(1..))]
    backup_keep: Option<u16>,
}

impl PlannedArgs {
    /// What is planned, if anything is.
    pub(super) fn read(&self) -> Result<Option<Planned>, CliError> {
        let Some(to) = &self.backup_to else { return Ok(None) };
        if !to.is_dir() {
            return Err(CliError::NotDone(tr!("backup-to-folder", path = to.display().to_string())));
        }
        let seal = recipients(&self.backup_recipient)?;
        let plan =
            BackupPlan { to: to.clone(), into_folder: true, seal, keep: self.backup_keep.map(usize::from) };
        Ok(Some(Planned { plan, every: self.backup_every }))
    }
}

/// Seconds of a time such as `24h`; at least a minute, at most a year.
fn parse_every(text: &str) -> Result<u64, String> {
    let wrong = || "write a time from 1m to 366d, such as 24h, 90m or 7d".to_owned();
    let text = text.trim();
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 24 * 3600,
        _ => return Err(wrong()),
    };
    let every =
        number.parse::<u64>().ok().and_then(|number| number.checked_mul(seconds)).ok_or_else(wrong)?;
    if (60..=366 * 24 * 3600).contains(&every) { Ok(every) } else { Err(wrong()) }
}

/// What opens a backup.
#[derive(Debug, clap::Args)]
#[group(required = false, multiple = false)]
pub(super) struct OpenArgs {
    /// The key file of `backup keygen`.
    #[arg(long)]
    identity: Option<PathBuf>,
    /// Ask for the passphrase.
    #[arg(long)]
    passphrase: bool,
}

pub(super) fn run(place: &Place, args: Args) -> Result<(), CliError> {
    match args.command {
        Some(Command::Keygen { out }) => keygen(&out),
        Some(Command::Check { file, opener }) => {
            let opener = opener.read(&mut Io::standard())?;
            print_summary(&file, &check_backup(&file, &opener)?);
            Ok(())
        }
        Some(Command::List) => {
            existing(&place.folder)?;
            block_on(with_centre(place, async |centre| list(centre).await))?
        }
        None => {
            existing(&place.folder)?;
            let plan = args.write.plan(&mut Io::standard())?;
            block_on(with_centre(place, async |centre| write(centre, &plan).await))?
        }
    }
}

/// A backup of a centre that is made on the spot would hold nothing: most likely the folder is a misspelt one.
fn existing(folder: &Path) -> Result<(), CliError> {
    if folder.join(KEY_FILE).exists() {
        Ok(())
    } else {
        Err(CliError::NotDone(tr!("no-centre", path = folder.display().to_string())))
    }
}

impl WriteArgs {
    fn plan(self, io: &mut Io) -> Result<BackupPlan, CliError> {
        let to = self.to.ok_or_else(|| CliError::NotDone(tr!("backup-place")))?;
        Ok(BackupPlan { to, into_folder: false, seal: self.seal.read(io)?, keep: self.keep.map(usize::from) })
    }
}

impl SealArgs {
    fn read(&self, io: &mut Io) -> Result<Seal, CliError> {
        if self.unencrypted {
            io.say(&tr!("backup-open-warning"));
            return Ok(Seal::Open);
        }
        if !self.passphrase {
            return recipients(&self.recipient);
        }
        let first = io.ask_hidden(&tr!("backup-passphrase")).filter(|text| text.chars().count() >= 16);
        let first = first.ok_or_else(|| CliError::NotDone(tr!("backup-short")))?;
        match io.ask_hidden(&tr!("backup-once-more")) {
            Some(second) if second == first => Ok(Seal::Passphrase(keys::passphrase(&first))),
            _ => Err(CliError::NotDone(tr!("backup-differ"))),
        }
    }
}

/// The keys for which backups are written.
pub(super) fn recipients(recipients: &[String]) -> Result<Seal, CliError> {
    if recipients.is_empty() {
        return Err(CliError::NotDone(tr!("backup-needs-key")));
    }
    Ok(Seal::to(recipients).map_err(AppError::from)?)
}

impl OpenArgs {
    pub(super) fn read(&self, io: &mut Io) -> Result<Opener, CliError> {
        /// Longest key file in bytes.
        const KEY_FILE_MAX: u64 = 64 * 1024;
        if self.passphrase {
            let typed = io.ask_hidden(&tr!("backup-passphrase"));
            let typed = typed.ok_or_else(|| CliError::NotDone(tr!("backup-none-typed")))?;
            return Ok(Opener::Passphrase(keys::passphrase(&typed)));
        }
        let Some(path) = &self.identity else { return Ok(Opener::Nothing) };
        let failed = |source| file_error("cannot read", path, source);
        if std::fs::metadata(path).map_err(failed)?.len() > KEY_FILE_MAX {
            let expected = "key file: it is too large";
            return Err(AppError::from(DumpError::Key { what: path.display().to_string(), expected }).into());
        }
        let text = zeroize::Zeroizing::new(std::fs::read_to_string(path).map_err(failed)?);
        Ok(Opener::from_key_file(&text, &path.display().to_string()).map_err(AppError::from)?)
    }
}

fn keygen(out: &Path) -> Result<(), CliError> {
    let (text, recipient) = keys::generate();
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(out)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|source| file_error("cannot write", out, source))?;
    let path = out.display().to_string();
    eprintln!("{}\n{}", tr!("backup-keygen-1", path = path), tr!("backup-keygen-2"));
    say!("{recipient}");
    Ok(())
}

async fn write(centre: &Centre, plan: &BackupPlan) -> Result<(), CliError> {
    let bar = progress_bar(tr!("backup-bar"));
    let progress = |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    };
    let report = centre.backup(plan, &progress).await;
    bar.finish_and_clear();
    print_report(&report?);
    Ok(())
}

fn print_report(report: &BackupReport) {
    let BackupReport { path, row, rows, files, rounds, .. } = report;
    say!("{}", path.display());
    let holds = tr!(
        "backup-holds",
        bytes = row.size.to_string(),
        rounds = rounds.to_string(),
        rows = rows.to_string(),
        files = files.len().to_string(),
        digest = sync_core::fingerprint::line(&row.digest),
    );
    say!("  {holds}");
    say!("  {}", tr!("backup-verified"));
    if row.encrypted {
        say!("  {}", tr!("backup-try-key"));
    }
    for name in &report.left_out {
        say!("  {}", tr!("backup-not-inside", name = name.as_str()));
    }
    for name in &report.removed {
        say!("  {}", tr!("backup-removed", name = name.as_str()));
    }
    for name in &report.not_removed {
        say!("  {}", tr!("backup-not-removed", name = name.as_str()));
    }
}

async fn list(centre: &Centre) -> Result<(), CliError> {
    let rows = centre.backups().await?;
    if rows.is_empty() {
        eprintln!("{}", tr!("backup-none"));
    }
    for row in rows {
        let encrypted = if row.encrypted { tr!("backup-encrypted") } else { tr!("backup-not-encrypted") };
        let verified = if row.verified { tr!("backup-is-verified") } else { tr!("backup-is-not-verified") };
        let bytes = tr!("backup-bytes", bytes = row.size.to_string());
        say!("{}  {bytes:>18}  {verified}, {encrypted}  {}", moment(row.taken_at), row.name);
    }
    Ok(())
}

fn print_summary(file: &Path, summary: &Summary) {
    let Summary { header, digest, files, rows, rounds } = summary;
    say!("{}", tr!("backup-whole", path = file.display().to_string()));
    let (when, version) = (moment(header.taken_at), header.program.as_str());
    say!("  {}", tr!("backup-taken", when = when, version = version, schema = header.schema.to_string()));
    let digest = sync_core::fingerprint::line(digest);
    say!("  {}", tr!("backup-named", name = header.id.to_string(), digest = digest));
    say!("  {}", tr!("backup-content", rounds = rounds.len().to_string(), files = files.join(", ")));
    for (table, rows) in rows.iter().filter(|(_, rows)| *rows > 0) {
        say!("  {rows:>8} {table}");
    }
}
