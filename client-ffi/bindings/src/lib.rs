//! The tablet for apps in other languages: the same [`client_ffi::Tablet`], its values as bytes and texts.
//!
//! This crate translates and does nothing else: no rule, no format, no state of its own. `client-ffi/BINDINGS.md` says
//! how to build it, what each call promises, and how it is used from Kotlin, Swift and Python.

mod problem;
mod qr;
mod status;
mod tablet;
mod typed;
mod values;

pub use problem::Problem;
pub use qr::{QrFrame, QrReader, QrSeries, Received};
pub use status::{Held, Status, Step, Taker, UnitStatus};
pub use tablet::Tablet;
pub use values::{
    Counts, Finished, ImportReport, Level, NotTaken, Official, Recipient, Round, Sheet, StepText, SyncReport,
    TypedGroup, UnitImport, UnitProblem,
};

uniffi::setup_scaffolding!();
