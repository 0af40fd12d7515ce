//! A tablet that a session uses for a moment at a time.

use super::conversation::Conversation;
use super::error::LocalError;
use super::link::Link;
use crate::error::TabletError;
use crate::store::Store;
use crate::tablet::Tablet;
use rand_core::CryptoRng;
use std::sync::{Arc, Mutex};

pub(super) trait Hold {
    type Store: Store;
    type Rng: CryptoRng;

    fn with<T>(
        &mut self,
        work: impl FnOnce(&mut Tablet<Self::Store, Self::Rng>) -> Result<T, TabletError>,
    ) -> Result<T, LocalError>;
}

impl<S: Store, R: CryptoRng> Hold for &mut Tablet<S, R> {
    type Store = S;
    type Rng = R;

    fn with<T>(
        &mut self,
        work: impl FnOnce(&mut Tablet<S, R>) -> Result<T, TabletError>,
    ) -> Result<T, LocalError> {
        Ok(work(self)?)
    }
}

impl<S: Store, R: CryptoRng> Hold for Arc<Mutex<Tablet<S, R>>> {
    type Store = S;
    type Rng = R;

    fn with<T>(
        &mut self,
        work: impl FnOnce(&mut Tablet<S, R>) -> Result<T, TabletError>,
    ) -> Result<T, LocalError> {
        let mut tablet = self.lock().map_err(|_| LocalError::Broken)?;
        Ok(work(&mut tablet)?)
    }
}

/// Says why it goes on no further, if the other side can still hear it.
pub(super) fn say_why(link: &mut Link, conversation: &mut Conversation, error: &LocalError) {
    conversation.give_up(error);
    let mut said = false;
    while let Some(last) = conversation.next_frame() {
        if link.send(&last.frame).is_err() {
            return;
        }
        said = true;
    }
    if said {
        link.hang_up();
    }
}
