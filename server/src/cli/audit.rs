//! `homphieu audit`: who did what, and whether the log is whole.

use super::{CliError, file_error, read_file};
use crate::service::Centre;
use crate::store::audit::Search;
use std::path::PathBuf;
use sync_core::fingerprint;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Walk the whole log and check every line and the signed end.
    Verify {
        /// A signed end that was noted earlier (`audit head`): the log must go on from it.
        #[arg(long)]
        head: Option<PathBuf>,
    },
    /// Write the signed end of the log into a file, to be kept elsewhere.
    Head {
        /// The file.
        #[arg(long)]
        out: PathBuf,
    },
    /// Print the newest lines, the newest first.
    List {
        /// Only of this login; `operator` is the command line, `centre` the centre by itself.
        #[arg(long, default_value = "")]
        actor: String,
        /// Only this action.
        #[arg(long, default_value = "")]
        action: String,
        /// Only on this object.
        #[arg(long, default_value = "")]
        object: String,
        /// Only lines whose object or detail has this in it.
        #[arg(long, default_value = "")]
        text: String,
        /// How many lines.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
}

pub(super) async fn run(centre: &Centre, command: Command) -> Result<(), CliError> {
    match command {
        Command::Verify { head } => {
            let noted = head.as_deref().map(read_file).transpose()?;
            let report = centre.verify_audit(noted.as_deref()).await?;
            say!("{}", tr!("audit-whole", lines = report.head.seq));
            say!("{} {}", tr!("name-end"), fingerprint::line(&report.head.hash));
        }
        Command::Head { out } => match centre.audit_head().await? {
            Some(bytes) => {
                std::fs::write(&out, bytes).map_err(|source| file_error("cannot write", &out, source))?;
                say!("{}", out.display());
            }
            None => return Err(CliError::NotDone(tr!("audit-nothing"))),
        },
        Command::List { actor, action, object, text, limit } => {
            let what = Search { actor, action, object, text, ..Search::default() };
            for entry in centre.audit(&what, limit).await? {
                let at = time::OffsetDateTime::from_unix_timestamp(entry.at);
                let at =
                    at.ok().and_then(|at| at.format(&time::format_description::well_known::Rfc3339).ok());
                say!(
                    "{:>6}  {}  {:<12} {:<20} {}  {}",
                    entry.seq,
                    at.unwrap_or_else(|| tr!("audit-no-date")),
                    entry.actor,
                    entry.action,
                    entry.object,
                    entry.detail
                );
            }
        }
    }
    Ok(())
}
