//! The centre of a district: it sets rounds up, merges sealed ballots, has them counted, and publishes.
//!
//! [`cli`] and [`http`] ask [`service`]; it loads from [`store`], lets [`domain`] decide, and stores. [`roster`] reads
//! workbooks, [`ways`] send messages out, [`mod@print`] writes pages for paper, [`dump`] is what a backup holds. Shares never pass through any of this: the trustees' commands work
//! offline on the core alone.

pub mod cli;
pub mod domain;
pub mod dump;
pub mod error;
pub mod http;
pub mod print;
pub mod roster;
pub mod service;
pub mod store;
pub mod tls;
pub mod ways;
