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
        #[arg(long = "address", required = true, value_name = "ADDRESS")]
        addresses: Vec<ServedName>,
        /// Folder to write to instead of the centre's own.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Make a new certificate with the same authority; devices and browsers need nothing. A serving centre takes it up,
    /// and asks for one itself before the old one ends.
    Renew {
        /// Other addresses than the present ones.
        #[arg(long = "address", value_name = "ADDRESS")]
        addresses: Vec<ServedName>,
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
        Command::Init { addresses, out } => {
            let folder = at(out);
            let authority = Authority::at(&folder);
            let made = authority.init(&unique(addresses), now)?;
            say_made(&authority, &made)?;
            say!("page        {}", authority.path(PAGE_FILE).display());
            say!("authority   {}", authority.path(DOWNLOAD_FILE).display());
            say!("server      {}", authority.path(SERVER_FILE).display());
            eprintln!(
                "Print the page, or carry it with the authority to machines with browsers. Tablets need neither."
            );
            eprintln!(
                "Keep authority.key from everybody else, and in the backup: without it every device must be set up anew."
            );
        }
        Command::Renew { addresses, out } => {
            let authority = Authority::at(&at(out));
            let addresses = unique(addresses);
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
    say!("addresses   {}", names.join(" "));
    say!("good until  {}", made.ends.date());
    say!("fingerprint {}", authority.fingerprint()?.join(" "));
    say!("pin         {}", made.pin);
    Ok(())
}
