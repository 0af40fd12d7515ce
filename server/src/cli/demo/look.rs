//! One look at a tablet: what it says of its ballots, for the transcript of the unit without a network.

use super::DemoError;
use super::field::Machine;
use crate::cli::lang::language;
use client_ffi::store::Store;
use client_ffi::{Counts, NextStep, Tablet};

/// What a tablet said of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    /// Place of the tablet in its unit.
    pub place: usize,
    /// Its name.
    pub label: String,
    pub counts: Counts,
    pub closed: bool,
    /// Names of the devices that it knows to have its ballots, in alphabetical order.
    pub handed_to: Vec<String>,
    pub next: NextStep,
}

impl Look {
    pub fn at<S: Store>(tablet: &Tablet<S>, machine: &Machine) -> Result<Self, DemoError> {
        let status = tablet.status()?;
        let unit = status.units.into_iter().find(|unit| unit.unit == machine.code);
        let unit =
            unit.ok_or_else(|| DemoError::Other(format!("a tablet does not know {}", machine.code)))?;
        let name = |taker: client_ffi::Taker| taker.label.unwrap_or_else(|| taker.device.to_string());
        let mut handed_to: Vec<String> = unit.handed_to.into_iter().map(name).collect();
        handed_to.sort();
        Ok(Self {
            place: machine.place,
            label: status.label.unwrap_or_default(),
            counts: unit.counts,
            closed: unit.closed,
            handed_to,
            next: unit.next,
        })
    }

    /// Where its ballots are, as the tablet says it.
    pub fn ballots(&self) -> String {
        let Counts { in_box, sealed, handed_over, confirmed, finished } = self.counts;
        let parts = [
            (in_box, tr!("tablet-in-box", count = in_box)),
            (sealed, tr!("tablet-sealed", count = sealed)),
            (handed_over, tr!("tablet-handed-over", count = handed_over)),
            (confirmed, tr!("tablet-confirmed", count = confirmed)),
            (finished, tr!("tablet-counted", count = finished)),
        ];
        let said: Vec<String> =
            parts.into_iter().filter(|(count, _)| *count > 0).map(|(_, words)| words).collect();
        let said = said.join("; ");
        if self.handed_to.is_empty() { said } else { format!("{said} ({})", self.handed_to.join(", ")) }
    }

    /// What it asks for next, as a sentence.
    pub fn next(&self) -> String {
        self.next.text(language())
    }
}
