//! The tablet for browsers: the same [`client_ffi::Tablet`], over a store that the page commits in transactions.
//!
//! This crate translates and does nothing else: no rule, no format, no state of its own. The calls of the page stand in
//! `homphieu-page`; here is what only a browser needs: its transactions, and the requests of a sync. Whoever calls a method that
//! changes something makes [`Tablet::pending`] durable in one transaction, and only then believes the answer, tells it,
//! or sends what it holds. If the transaction fails, the tablet is dropped and opened anew (`client-ffi/BROWSER.md`).

mod request;
mod rescue;
mod tablet;
mod wire;

pub use request::Request;
pub use rescue::{Rescue, rescue};
pub use tablet::Tablet;
