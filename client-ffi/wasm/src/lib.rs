//! The tablet for browsers: the same [`client_ffi::Tablet`], over a store that the page commits in transactions.
//!
//! This crate translates and does nothing else: no rule, no format, no state of its own. Whoever calls a method that
//! changes something makes [`Tablet::pending`] durable in one transaction, and only then believes the answer, tells it,
//! or sends what it holds. If the transaction fails, the tablet is dropped and opened anew (`client-ffi/BROWSER.md`).

mod problem;
mod qr;
mod tablet;
mod values;

pub use problem::Problem;
pub use qr::{QrReader, QrSeries};
pub use tablet::Tablet;
pub use values::{
    Counts, Finished, Held, ImportReport, Level, Official, Overview, Progress, Request, Round, Sheet, Step,
    SyncReport, Taker, Text, UnitProblem, UnitStatus,
};
