//! What apps link: one [`Tablet`] over a local [`store`] and a [`transport`].
//!
//! A tablet enrols once, lets its team compare the sheet with paper, takes sealed ballots without any network, closes
//! its box, and hands everything over: to the centre, or to any tablet or courier that comes by.
//!
//! ```no_run
//! use client_ffi::{Tablet, store::FileStore, transport::Http};
//! use sync_core::{ballot::Marks, id::UnitCode, permit::PermitCode};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut tablet = Tablet::open(FileStore::open("tablet-1".as_ref())?)?;
//! tablet.enrol("HPE1.…", &Http::for_token("HPE1.…")?)?;
//! let unit = UnitCode::new("00712")?;
//! tablet.confirm_sheet(&unit, &[(1, "04711"), (4, "90210")])?;
//! tablet.cast(&unit, &PermitCode::parse("XXXX-XXXX-XXXX-XXXX")?, &Marks::new(vec![Some(0), None]))?;
//! tablet.close(&unit)?;
//! tablet.sync(&Http::new(tablet.address().unwrap_or_default()))?;
//! # Ok(())
//! # }
//! ```
//!
//! In a browser there are no files, sockets and threads: there [`store::JournalStore`] takes what a transaction makes
//! durable, and the page sends the requests of [`SyncRun`]. What only a system can do ([`local`], `FileStore`, `Http`)
//! is not there.

mod error;
mod judged;
#[cfg(not(target_family = "wasm"))]
pub mod local;
pub mod orphan;
mod progress;
pub mod qr;
pub mod retry;
pub mod store;
mod tablet;
pub mod transport;
mod values;
mod words;

pub use error::TabletError;
pub use judged::{Case, InputError, fault};
pub use progress::{Amount, Progress, Way};
pub use tablet::{
    Acting, CARRY_ROOM, Carried, CheckedIn, Counts, CourierView, Earlier, FigureView, FindingView, Finished,
    Held, ImportReport, Live, NewPlan, NextStep, NoteView, PIN_MAX, PIN_MIN, PaperSeen, PaperView, Person,
    PlanProgressSeen, PlanSeen, PlanVersionSeen, Post, RecordView, Seen, Status, SyncReport, SyncRun,
    SystemRng, Tablet, Taken, Taker, TotalView, UnitImport, UnitStatus, VersionView, Voter,
};
