//! `homphieu device`.

use super::{CliError, chosen};
use crate::print;
use crate::service::{Centre, InviteScope};
use crate::tls::{Authority, FOLDER, TlsError};
use sync_core::cose::Unverified;
use sync_core::device::{Certificate, Scope};
use sync_core::id::{DeviceId, UnitCode};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make a one-time token with which a tablet or courier enrols; shown as text and QR.
    Enrol {
        /// The round, if there is more than one.
        #[arg(long)]
        round: Option<uuid::Uuid>,
        /// Units the tablet takes ballots for.
        #[arg(long, value_delimiter = ',', required_unless_present = "courier")]
        units: Vec<String>,
        /// Carries only; takes no ballots.
        #[arg(long, conflicts_with = "units")]
        courier: bool,
        /// Name for people, such as "Máy 2".
        #[arg(long)]
        label: String,
        /// Address under which the device reaches the centre. The pin of the centre's own authority is added to an
        /// https address. [default: the first address of the centre's certificate, port 8443; without one
        /// http://127.0.0.1:8080]
        #[arg(long)]
        address: Option<String>,
        /// Text only.
        #[arg(long)]
        no_qr: bool,
    },
    /// List tablets and couriers.
    List {
        /// The round, if there is more than one.
        #[arg(long)]
        round: Option<uuid::Uuid>,
    },
    /// Revoke a device: its envelopes are held from now on, never deleted.
    Revoke {
        /// The round, if there is more than one.
        #[arg(long)]
        round: Option<uuid::Uuid>,
        /// The device's id.
        device: DeviceId,
        /// Why.
        #[arg(long)]
        reason: String,
    },
}

pub(super) async fn run(centre: &Centre, command: Command) -> Result<(), CliError> {
    match command {
        Command::Enrol { round, units, courier, label, address, no_qr } => {
            let round = chosen(centre, round).await?;
            let scope = if courier { InviteScope::Courier } else { InviteScope::Units(units) };
            let address = match address {
                Some(address) => address,
                None => default_address(centre)?,
            };
            let token = centre.invite(&round, &scope, &label, &address).await?.to_text();
            say!("{token}");
            if !no_qr {
                eprintln!("{}", print::qr_terminal(&token));
                eprintln!("{}", tr!("device-scan"));
            }
        }
        Command::List { round } => {
            let round = chosen(centre, round).await?;
            for row in centre.devices(&round).await? {
                let certificate = Unverified::<Certificate>::decode(&row.certificate).ok();
                let scope = match certificate.as_ref().map(|c| &c.claim().scope) {
                    Some(Scope::Units(units)) => {
                        units.iter().map(UnitCode::as_str).collect::<Vec<_>>().join(",")
                    }
                    _ => tr!("device-courier"),
                };
                let mut line = format!("{}  {scope}  {}", row.id, row.label);
                if row.revocation.is_some() {
                    line.push_str("  ");
                    line.push_str(&tr!("device-revoked"));
                }
                say!("{line}");
            }
        }
        Command::Revoke { round, device, reason } => {
            let round = chosen(centre, round).await?;
            centre.revoke(&round, &device, &reason).await?;
            say!("{}", tr!("device-is-revoked", device = device.to_string()));
        }
    }
    Ok(())
}

/// Where `serve` listens if it is told nothing else.
fn default_address(centre: &Centre) -> Result<String, CliError> {
    let own = Authority::at(&centre.folder().join(FOLDER));
    if !own.exists() {
        return Ok("http://127.0.0.1:8080".to_owned());
    }
    let names = own.names()?;
    let name = names.first().ok_or(TlsError::NoAddress)?;
    Ok(format!("https://{}:8443", name.host()))
}
