//! What every participant of a round runs: server, phone, browser, simulator.
//!
//! The crate does no IO and knows no clock, thread or async; time, randomness and storage results are arguments, so
//! equal inputs give equal bytes everywhere. Formats are described in `FORMAT.md` beside this crate.
//!
//! The types to begin with: a [`package::Package`] fixes a round; a [`permit::PermitCode`] entitles to one
//! [`ballot`]; sealed ballots wait in an [`open_box::OpenBox`] and leave in an [`envelope::Envelope`]; each unit's
//! envelopes form a [`replica::Replica`], which [`message::Message`]s carry from side to side; the [`centre`]
//! admits them; with k of n shares of the [`secret`] the trustees [`count`] what an [`order::OpeningOrder`] names;
//! a [`bundle::Bundle`] lets anybody [`verify`] it; and when a round may [`finish`], its statements say what may be
//! deleted.
//!
//! ```
//! use sync_core::permit::PermitCode;
//! // Randomness is passed in; the host gives the operating system's.
//! # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
//! # let mut rng = ChaCha20Rng::seed_from_u64(1);
//! let code = PermitCode::draw(&mut rng);
//! let typed = code.reveal().to_lowercase().replace('-', " ");
//! assert_eq!(PermitCode::parse(&typed)?, code);
//! # Ok::<(), sync_core::permit::PermitError>(())
//! ```

pub mod address;
pub mod ballot;
pub mod bundle;
pub mod cbor;
pub mod centre;
pub mod ceremony;
pub mod cose;
pub mod count;
pub mod device;
pub mod enrol;
pub mod envelope;
pub mod fingerprint;
pub mod finish;
pub mod guidance;
pub mod id;
pub mod message;
pub mod open_box;
pub mod order;
pub mod package;
pub mod parcel;
pub mod permit;
pub mod planted;
pub mod receipt;
pub mod record;
pub mod replica;
pub mod secret;
pub mod standing;
pub mod survey;
pub mod verify;
