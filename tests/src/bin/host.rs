//! A tablet or courier as a program of its own, for tests on several hosts: `host FOLDER COMMAND …`.
//!
//! | command | what it does |
//! |---|---|
//! | `enrol TOKEN` | enrols over the network, and compares the sheets with the digits they have |
//! | `cast UNIT SLIP…` | casts a ballot with each slip |
//! | `close UNIT` | closes the box |
//! | `sync`, `sync step` | synchronises; `step` says `request` before each one and waits for a line |
//! | `give UNIT FOLDER`, `take FOLDER` | hands over as files, takes files |
//! | `counts UNIT` | ballots in the box, sealed, handed over, confirmed |

use client_ffi::store::FileStore;
use client_ffi::transport::{Http, Transport, TransportError};
use client_ffi::{Tablet, TabletError};
use homphieu_tests::office::{compare_with_itself, marks, unit};
use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use sync_core::cbor;
use sync_core::permit::PermitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match perform(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            match error.downcast_ref() {
                Some(TabletError::Transport(TransportError::Unreachable(_))) => ExitCode::from(4),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

fn perform(words: &[&str]) -> Result<(), Box<dyn Error>> {
    let [folder, words @ ..] = words else { return Err("no folder".into()) };
    let mut tablet = Tablet::open(FileStore::open(Path::new(folder))?)?;
    match words {
        ["enrol", token] => {
            tablet.enrol(token, &Http::for_token(token)?)?;
            for code in tablet.units().to_vec() {
                compare_with_itself(&mut tablet, &code);
            }
        }
        ["cast", code, slips @ ..] => {
            for (voter, slip) in slips.iter().enumerate() {
                tablet.cast(&unit(code), &PermitCode::parse(slip)?, &marks(voter))?;
            }
        }
        ["close", code] => tablet.close(&unit(code))?,
        ["sync", step @ ..] => {
            let address = tablet.address().unwrap_or_default().to_owned();
            let way = Stepwise { http: Http::new(&address), waits: *step == ["step"] };
            let report = tablet.sync(&way)?;
            if !report.failed.is_empty() || !report.refused.is_empty() {
                return Err(format!("not everything was taken: {report:?}").into());
            }
        }
        ["give", code, to] => {
            std::fs::create_dir_all(to)?;
            for (number, message) in tablet.hand_over(&unit(code))?.iter().enumerate() {
                std::fs::write(Path::new(to).join(number.to_string()), cbor::encode(message))?;
            }
        }
        ["take", from] => {
            for file in std::fs::read_dir(from)? {
                let taken = tablet.take_bytes(&std::fs::read(file?.path())?)?;
                if !taken.refused.is_empty() {
                    return Err(format!("not everything was taken: {taken:?}").into());
                }
            }
        }
        ["counts", code] => {
            let counts = tablet.counts(&unit(code));
            println!("{} {} {} {}", counts.in_box, counts.sealed, counts.handed_over, counts.confirmed);
        }
        _ => return Err("no such command".into()),
    }
    Ok(())
}

/// A way to the centre that can be held before each request.
struct Stepwise {
    http: Http,
    waits: bool,
}

impl Transport for Stepwise {
    fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, TransportError> {
        if self.waits {
            println!("request");
            let said =
                std::io::stdout().flush().and_then(|()| std::io::stdin().read_line(&mut String::new()));
            said.map_err(|error| TransportError::Unreachable(error.to_string()))?;
        }
        self.http.post(path, body)
    }
}
