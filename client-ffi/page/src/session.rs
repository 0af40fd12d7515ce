//! Handing over in a local network, which takes sockets: a browser has none, and only the kiosk offers it.

use crate::{Progress, Text};
use serde::{Deserialize, Serialize};

/// A session that this tablet opened for others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Session {
    /// What others join by.
    pub invitation: String,
    /// The same as an SVG picture of a QR code.
    pub code: String,
    /// Who came, first come first.
    pub guests: Vec<Guest>,
    /// Why somebody was not let in, the last time.
    pub turned_away: Option<Text>,
    /// Why it is over: `ended`, `idle`, `late` or `no_network`. While it is open there is nothing here.
    pub over: Option<String>,
}

/// A tablet that came to a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Guest {
    /// Its id.
    pub device: String,
    /// Its name.
    pub name: String,
    /// How far it is, while something passes.
    pub progress: Option<Progress>,
    /// What passed, once it left.
    pub passed: Option<Passed>,
    /// Why it left before it was done.
    pub problem: Option<Text>,
}

/// What passed between two tablets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Passed {
    /// The other tablet's name.
    pub name: String,
    /// Things that were new here.
    pub new: usize,
    /// Envelopes that came.
    pub envelopes_received: usize,
    /// Things that went and were taken there.
    pub given: usize,
    /// Envelopes among them.
    pub envelopes_given: usize,
    /// Things that one of the two did not take.
    pub refused: usize,
}

#[cfg(not(target_family = "wasm"))]
impl From<&client_ffi::local::Visit> for Passed {
    fn from(visit: &client_ffi::local::Visit) -> Self {
        let sum = |of: fn(&client_ffi::local::Passed) -> usize| visit.units.values().map(of).sum();
        Self {
            name: visit.who.label.clone(),
            new: sum(|unit| unit.new),
            envelopes_received: sum(|unit| unit.envelopes_received),
            given: sum(|unit| usize::try_from(unit.given.items).unwrap_or(usize::MAX)),
            envelopes_given: sum(|unit| unit.envelopes_given),
            refused: visit.refused_here.len() + visit.refused_there.len(),
        }
    }
}
