//! `homphieu tls`.

use super::CliError;
use crate::tls::{
    Authority, DOWNLOAD_FILE, FOLDER, Made, PAGE_FILE, SERVER_FILE, ServedName, TlsError, pins,
};
use std::path::{Path, PathBuf};
use time::OffsetDateTime;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make an authority of the centre's own and a certificate for its addresses, with a page that explains how to
    /// install it. `serve` uses them by itself.
    Init {
        /// Address or name under which devices and browsers reach the centre, such as 192.168.1.10 or ten.lan.
        #[arg(long, required = true, value_name = "ADDRESS")]
        address: Vec<ServedName>,
        /// Folder to write to instead of the centre's own.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Make a new certificate with the same authority; devices and browsers need nothing. A serving centre takes it up,
    /// and asks for one itself before the old one ends.
    Renew {
        /// Other addresses than the present ones.
        #[arg(long, value_name = "ADDRESS")]
        address: Vec<ServedName>,
        /// Folder of the authority, if it is not the centre's own.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Say the pin of every certificate in a file, for tokens of a centre whose certificates others make.
    Pin {
        /// Certificates in PEM.
        file: PathBuf,
    },
    /// Show addresses, fingerprint and pin.
    Show {
        /// Folder of the authority, if it is not the centre's own.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

pub(super) fn run(folder: &Path, command: Command) -> Result<(), CliError> {
    let at = |out: Option<PathBuf>| out.unwrap_or_else(|| folder.join(FOLDER));
    let now = OffsetDateTime::now_utc();
    match command {
        Command::Init { address, out } => {
            let folder = at(out);
            let authority = Authority::at(&folder);
            let made = authority.init(&unique(address), now)?;
            say_made(&authority, &made)?;
            say_line(&tr!("tls-page"), &authority.path(PAGE_FILE).display().to_string());
            say_line(&tr!("tls-authority"), &authority.path(DOWNLOAD_FILE).display().to_string());
            say_line(&tr!("tls-server"), &authority.path(SERVER_FILE).display().to_string());
            eprintln!("{}\n{}", tr!("tls-made-advice"), tr!("tls-key-advice"));
        }
        Command::Renew { address, out } => {
            let authority = Authority::at(&at(out));
            let addresses = unique(address);
            let made = authority.renew((!addresses.is_empty()).then_some(&addresses[..]), now)?;
            say_made(&authority, &made)?;
        }
        Command::Pin { file } => {
            for (subject, pin) in pins(&file)? {
                say!("{pin}  {subject}");
            }
        }
        Command::Show { out } => {
            let authority = Authority::at(&at(out));
            let pin = authority.pin()?;
            let ends = authority.ends()?;
            say_made(&authority, &Made { pin, names: authority.names()?, ends })?;
        }
    }
    Ok(())
}

/// In the order in which they were given.
fn unique(addresses: Vec<ServedName>) -> Vec<ServedName> {
    let mut unique = Vec::new();
    for address in addresses {
        if !unique.contains(&address) {
            unique.push(address);
        }
    }
    unique
}

fn say_made(authority: &Authority, made: &Made) -> Result<(), TlsError> {
    let names: Vec<_> = made.names.iter().map(ToString::to_string).collect();
    say_line(&tr!("tls-addresses"), &names.join(" "));
    say_line(&tr!("tls-good-until"), &made.ends.date().to_string());
    say_line(&tr!("tls-fingerprint"), &authority.fingerprint()?.join(" "));
    say_line(&tr!("tls-pin"), &made.pin.to_string());
    Ok(())
}

fn say_line(name: &str, value: &str) {
    say!("{name:<16} {value}");
}
