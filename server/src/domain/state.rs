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
    /// Everything is counted, decided, published and backed up, and the statements are issued by which tablets delete.
    /// Envelopes are still taken and held as late; nothing else changes any more.
    Finished,
}

impl RoundState {
    const ALL: [Self; 5] = [Self::Draft, Self::Signed, Self::Open, Self::Closed, Self::Finished];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Signed => "signed",
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Finished => "finished",
        }
    }

    /// The state with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether envelopes are taken.
    pub fn takes_envelopes(self) -> bool {
        matches!(self, Self::Open | Self::Closed | Self::Finished)
    }

    /// Whether what comes now is late.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Closed | Self::Finished)
    }

    /// Whether a round may go from here to there: forward step by step, and from closed back to open when it was
    /// closed too early. From finished there is no way back, for tablets have deleted.
    pub fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Draft, Self::Signed)
                | (Self::Signed | Self::Closed, Self::Open)
                | (Self::Open, Self::Closed)
                | (Self::Closed, Self::Finished)
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
        assert!(RoundState::Closed.may_become(RoundState::Finished));
        for state in RoundState::ALL {
            assert!(!RoundState::Finished.may_become(state), "a finished round stays finished");
            assert_eq!(state.may_become(RoundState::Finished), state == RoundState::Closed);
            assert!(!state.is_over() || state.takes_envelopes());
        }
    }
}
