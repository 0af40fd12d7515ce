//! The host's part: it answers what a guest says.

use super::{Conversation, Happened, Place};
use crate::local::error::LocalError;
use crate::local::frame::Frame;
use crate::local::talk::{Hearing, refused};
use crate::store::Store;
use crate::tablet::Tablet;
use rand_core::CryptoRng;

impl Conversation {
    /// A frame of a guest that was let in.
    pub(super) fn serve<S: Store, R: CryptoRng>(
        &mut self,
        tablet: &mut Tablet<S, R>,
        frame: Frame,
    ) -> Result<Happened, LocalError> {
        let malformed = || LocalError::Malformed("a frame that does not come now".to_owned());
        let (Some(talk), Place::Serving { given, asked }) = (&mut self.talk, &mut self.place) else {
            return Err(malformed());
        };
        // Whoever speaks again has taken in what it was given before.
        if let Some((unit, amount)) = given.take() {
            talk.note_given(&unit, amount);
        }
        let (mut hearing, progress) = match (self.hearing.take(), frame) {
            (Some(mut hearing), frame) => {
                let progress = talk.hear(tablet, &mut hearing, frame)?;
                (hearing, progress)
            }
            (None, Frame::Begin(begin)) => (Hearing::new(begin), None),
            (None, Frame::Wait) => {
                *asked = true;
                return Ok(Happened::Asked);
            }
            (None, Frame::End) => {
                self.place = Place::Over;
                return Ok(Happened::Over);
            }
            (None, Frame::Refused(reason, title)) => return Err(refused(reason, title, "")),
            (None, _) => return Err(malformed()),
        };
        if !hearing.is_over() {
            self.hearing = Some(hearing);
            return Ok(progress.map_or(Happened::Nothing, Happened::Moved));
        }
        let unit = hearing.unit().clone();
        let heard = hearing.take_heard();
        let amount = talk.say(tablet, &unit, Some(&heard.told), heard.outcomes)?;
        *given = Some((unit, amount));
        Ok(Happened::Heard { new: heard.new, progress })
    }
}
