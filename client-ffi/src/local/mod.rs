//! Tablets of a round in one local network, such as the hotspot of one of them: one opens a session ([`Host`]), up to
//! eight others [`join`] it by the code on its screen ([`Invitation`]), and everything goes both ways.
//!
//! Both ends are authenticated by TLS 1.3 itself, each with its device's own key (`tls.rs`): the guest takes only the host
//! of the invitation, and the host takes only devices whose key the centre certified for this round. What may pass
//! between two devices is for the tablet to say (`tablet/local.rs`): names between tablets of a unit alone.
//!
//! What is said is decided without a link, a thread or a clock ([`Conversation`]); [`Host`] and [`join`] only carry it.
//! Each message is stored before the next is read, and each turn says what is held, so a link that is cut anywhere loses
//! nothing, and joining again goes on where it ended. Whatever one guest does is its own end and nobody else's.
//!
//! ```no_run
//! use client_ffi::{Tablet, local::{self, Host}, store::FileStore};
//! use std::ops::ControlFlow;
//! use std::sync::{Arc, Mutex};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let tablet = Arc::new(Mutex::new(Tablet::open(FileStore::open("tablet-1".as_ref())?)?));
//! let host = Host::open(Arc::clone(&tablet), "0.0.0.0:0".parse()?)?;
//! println!("{}", host.invitation());
//!
//! let mut other = Tablet::open(FileStore::open("tablet-2".as_ref())?)?;
//! let report = local::join(&mut other, &host.invitation().to_string().parse()?, |_| ControlFlow::Continue(()))?;
//! println!("exchanged with {}: {:?}", report.who.label, report.units);
//! host.end();
//! # Ok(())
//! # }
//! ```

mod conversation;
mod error;
mod frame;
mod hold;
mod host;
mod invitation;
mod join;
mod judged;
mod link;
mod lobby;
mod talk;
mod tls;
mod visit;
mod words;

pub use conversation::{Conversation, Happened, Word};
pub use error::LocalError;
#[doc(hidden)]
pub use frame::{frames_again, sample_frames};
pub use host::{Host, HostOptions};
pub use invitation::{ADDRESSES_MAX, Invitation, InvitationError};
pub use join::{JoinError, JoinOptions, JoinReport, join, join_with};
pub use link::Traffic;
pub use lobby::{Event, HostReport, Over};
pub use visit::{Passed, REFUSALS_MAX, Step, Visit, Who};

pub(crate) use frame::{Begin, HOLDS_MAX, Hello, Mark, Reason};
