//! What trustees do with a round's keys, and what anybody may check, for a page without network.
//!
//! The rules and files are those of `sync-core`, so what is made here and at the command line (`homphieu keys`, `count`,
//! `verify`) is the same to the last byte, and each reads what the other wrote. [`Making`] holds the ceremony, [`Keys`]
//! reads a key file, [`Checked`] is a bundle in which everything fits, which k [`Shares`] open and count, with the help of
//! any number of [`Opener`]s. Every refusal is a [`Problem`]: a code that the page has words for in each language.
//!
//! Shares come and go as bytes that are wiped here. What the page's own memory keeps of them, and for how long, no page can
//! say; so it ends the worker in which this runs as soon as it is done.

mod checked;
mod face;
mod keys;
mod look;
mod making;
mod opener;
mod problem;
mod shares;

pub use checked::{Checked, Counted, ToOpen};
pub use keys::Keys;
pub use look::{About, FINDINGS, Finding, KeyFile, KeyLook, OrderLook};
pub use making::Making;
pub use opener::Opener;
pub use problem::{Code, PARTS, Problem};
pub use shares::{Given, Shares};
