//! The states of a round and what may follow on what.

use std::fmt;

/// Where a round stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoundState {
    /// Imported; permits and keys are missing.
    Draft,
    /// The package is signed; devices may enrol.
    Signed,
    /// Envelopes are taken and count.
    Open,
    /// Envelopes are still taken, but held as late.
    Closed,
}

impl RoundState {
    const ALL: [Self; 4] = [Self::Draft, Self::Signed, Self::Open, Self::Closed];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Signed => "signed",
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }

    /// The state with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether a round may go from here to there: forward step by step, and from closed back to open when it was
    /// closed too early.
    pub fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Draft, Self::Signed)
                | (Self::Signed | Self::Closed, Self::Open)
                | (Self::Open, Self::Closed)
        )
    }
}

impl fmt::Display for RoundState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_goes_forward_and_may_be_reopened_but_never_unsigned() {
        for from in RoundState::ALL {
            assert_eq!(RoundState::parse(from.name()), Some(from));
            assert!(!from.may_become(RoundState::Draft) && !from.may_become(from));
        }
        assert!(RoundState::Closed.may_become(RoundState::Open));
        assert!(!RoundState::Draft.may_become(RoundState::Open));
        assert!(!RoundState::Open.may_become(RoundState::Signed));
    }
}
