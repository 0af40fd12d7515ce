//! Shares as they are typed from paper, one after the other.

use crate::problem::{Code, Problem};
use serde::Serialize;
use sync_core::id::RoundId;
use sync_core::package::RoundKeys;
use sync_core::secret::{JoinError, Joined, Share, join};

/// Shares of a round that were given so far, wiped when dropped.
pub struct Shares {
    round: RoundId,
    keys: RoundKeys,
    given: Vec<Share>,
}

/// What was given so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, tsify::Tsify)]
pub struct Given {
    /// Indexes of the shares, in the order in which they came.
    pub indexes: Vec<u8>,
    /// How many open.
    pub needed: u8,
}

impl Shares {
    /// None yet, of a round with these keys.
    pub fn new(round: RoundId, keys: RoundKeys) -> Self {
        Self { round, keys, given: Vec::new() }
    }

    /// Takes one, as it is typed.
    ///
    /// # Errors
    /// [`Problem`]: it is mistyped, of another round or sharing, or was given before. What was given before stays.
    pub fn add(&mut self, typed: &str) -> Result<Given, Problem> {
        let share = Share::parse(typed)?;
        let index = share.index();
        match join(&self.round, &self.keys, std::slice::from_ref(&share)) {
            // One alone never opens, but whether it belongs here is said.
            Ok(_) | Err(JoinError::TooFew { .. } | JoinError::NoneFits { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        if let Some(other) = self.given.iter().find(|other| other.index() == index) {
            let code = if *other == share { Code::ShareAgain } else { Code::ShareTwice };
            return Err(Problem::new(code).with("index", index));
        }
        self.given.push(share);
        Ok(self.given())
    }

    /// What was given so far.
    pub fn given(&self) -> Given {
        Given { indexes: self.given.iter().map(Share::index).collect(), needed: self.keys.threshold }
    }

    /// Forgets them all.
    pub fn clear(&mut self) {
        self.given.clear();
    }

    /// The shares themselves.
    pub(crate) fn all(&self) -> &[Share] {
        &self.given
    }

    /// Joins them.
    ///
    /// # Errors
    /// [`Problem`]: too few, or no k of them open the round.
    pub fn join(&self) -> Result<Joined, Problem> {
        Ok(join(&self.round, &self.keys, &self.given)?)
    }
}
