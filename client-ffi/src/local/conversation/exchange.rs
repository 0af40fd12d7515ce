//! The guest's part: unit by unit, and again whenever the host has news, as long as it stays.

use super::{Conversation, Happened, Place, unexpected};
use crate::local::error::LocalError;
use crate::local::frame::Frame;
use crate::local::talk::{Heard, Hearing};
use crate::progress::Progress;
use crate::store::Store;
use crate::tablet::Tablet;
use rand_core::CryptoRng;
use std::collections::VecDeque;
use sync_core::id::UnitCode;

impl Conversation {
    /// Says what is here of the next unit, or that everything is exchanged.
    pub(super) fn begin_next<S: Store, R: CryptoRng>(
        &mut self,
        tablet: &Tablet<S, R>,
        mut left: VecDeque<UnitCode>,
        stay: bool,
    ) -> Result<(), LocalError> {
        let Some(talk) = &mut self.talk else { return Ok(()) };
        self.place = match left.pop_front() {
            Some(unit) => {
                talk.say(tablet, &unit, None, Vec::new())?;
                Place::Exchanging { unit, given: None, left, stay }
            }
            None => {
                let (frame, place) =
                    if stay { (Frame::Wait, Place::Waiting) } else { (Frame::End, Place::Over) };
                talk.out.push_back(frame.into());
                place
            }
        };
        Ok(())
    }

    /// A frame of the host's turn.
    pub(super) fn exchange<S: Store, R: CryptoRng>(
        &mut self,
        tablet: &mut Tablet<S, R>,
        frame: Frame,
    ) -> Result<Happened, LocalError> {
        let (Some(talk), Place::Exchanging { unit, given, stay, .. }) = (&mut self.talk, &mut self.place)
        else {
            return Err(unexpected(tablet, frame));
        };
        let (mut hearing, progress) = match (self.hearing.take(), frame) {
            (Some(mut hearing), frame) => {
                let progress = talk.hear(tablet, &mut hearing, frame)?;
                (hearing, progress)
            }
            (None, Frame::Begin(begin)) if begin.unit == *unit => {
                if let Some(given) = *given {
                    talk.note_given(unit, given);
                }
                (Hearing::new(begin), None)
            }
            (None, Frame::End) if *stay => {
                self.place = Place::Over;
                return Ok(Happened::Over);
            }
            (None, Frame::End) => return Err(LocalError::Ended),
            (None, frame) => return Err(unexpected(tablet, frame)),
        };
        if hearing.is_over() {
            return self.answer(tablet, hearing.take_heard(), progress);
        }
        self.hearing = Some(hearing);
        Ok(progress.map_or(Happened::Nothing, Happened::Moved))
    }

    /// The host's turn is heard: gives what it lacks, or goes on. One round trip if nothing is missing.
    fn answer<S: Store, R: CryptoRng>(
        &mut self,
        tablet: &Tablet<S, R>,
        heard: Heard,
        progress: Option<Progress>,
    ) -> Result<Happened, LocalError> {
        let happened = Happened::Heard { new: heard.new, progress };
        let (Some(talk), Place::Exchanging { unit, given, left, stay }) = (&mut self.talk, &mut self.place)
        else {
            return Ok(happened);
        };
        let lacks = heard.new > 0 || tablet.has_for(unit, &talk.peer, &heard.told)?;
        if given.is_none() && lacks {
            *given = Some(talk.say(tablet, unit, Some(&heard.told), heard.outcomes)?);
        } else {
            let (left, stay) = (std::mem::take(left), *stay);
            self.begin_next(tablet, left, stay)?;
        }
        Ok(happened)
    }

    /// What the host says to a guest that stays.
    pub(super) fn wait<S: Store, R: CryptoRng>(
        &mut self,
        tablet: &Tablet<S, R>,
        frame: Frame,
    ) -> Result<Happened, LocalError> {
        match frame {
            Frame::Still => self.begin_next(tablet, VecDeque::new(), true)?,
            Frame::News(units) => self.begin_next(tablet, tablet.units_with(&units)?.into(), true)?,
            Frame::End => {
                self.place = Place::Over;
                return Ok(Happened::Over);
            }
            other => return Err(unexpected(tablet, other)),
        }
        Ok(Happened::Nothing)
    }
}
