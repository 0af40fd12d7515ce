//! What a camera reads, put together.

use super::frame::{self, Read, Series};
use super::solver::Solver;
use super::{BYTES_MAX, QrError};
use sync_core::cbor::{Reader, Writer};

/// What a frame was good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It told something new.
    New,
    /// Nothing new: it was seen before, or follows from what was.
    Known,
    /// It is of another series than the one that began; nothing of it was taken. If that is the right one,
    /// [`Decoder::start_over`].
    OtherSeries,
    /// With this frame everything is here: [`Decoder::bytes`].
    Complete,
}

/// How far a series is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Frames that told something new.
    pub frames: usize,
    /// Frames that are needed; 0 while none was read.
    pub needed: usize,
}

impl Progress {
    /// In hundredths, rounded down: 100 only when everything is here.
    pub fn percent(&self) -> u8 {
        let percent = (self.frames * 100).checked_div(self.needed).unwrap_or_default();
        u8::try_from(percent.min(100)).unwrap_or(100)
    }
}

/// Puts a series together from frames in any order, however often each comes. Its first frame says which series it is.
///
/// It takes at most some 2 MiB of memory, whatever is held before the camera.
#[derive(Default)]
pub struct Decoder {
    state: State,
}

#[derive(Default)]
enum State {
    #[default]
    Empty,
    Reading {
        series: Series,
        solver: Solver,
    },
    Complete {
        series: Series,
        bytes: Vec<u8>,
    },
}

impl Decoder {
    /// One that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the text of a QR code as the camera read it.
    ///
    /// # Errors
    /// [`QrError`]; whatever was read before stays, except after [`QrError::Contradiction`].
    pub fn receive(&mut self, text: &str) -> Result<Received, QrError> {
        let Read { series, fragments, sum } = frame::read(text)?;
        if self.series().is_some_and(|begun| begun != series) {
            return Ok(Received::OtherSeries);
        }
        let mut solver = match std::mem::take(&mut self.state) {
            State::Empty => Solver::new(series.count),
            State::Reading { solver, .. } => solver,
            complete @ State::Complete { .. } => {
                self.state = complete;
                return Ok(Received::Known);
            }
        };
        // Where the frames contradict each other nothing is put back: nobody can say which of them were right.
        let new = solver.add(&fragments, sum)?;
        if solver.solved() {
            let bytes =
                solver.solve().and_then(|padded| open(&series, padded)).ok_or(QrError::Contradiction)?;
            self.state = State::Complete { series, bytes };
            return Ok(Received::Complete);
        }
        self.state = State::Reading { series, solver };
        Ok(if new { Received::New } else { Received::Known })
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        match &self.state {
            State::Empty => Progress::default(),
            State::Reading { series, solver } => Progress { frames: solver.known(), needed: series.count },
            State::Complete { series, .. } => Progress { frames: series.count, needed: series.count },
        }
    }

    /// The bytes, once everything is here.
    pub fn bytes(&self) -> Option<&[u8]> {
        match &self.state {
            State::Complete { bytes, .. } => Some(bytes),
            _ => None,
        }
    }

    /// Drops what was read, to begin with whatever comes next.
    pub fn start_over(&mut self) {
        self.state = State::Empty;
    }

    fn series(&self) -> Option<Series> {
        match &self.state {
            State::Empty => None,
            State::Reading { series, .. } | State::Complete { series, .. } => Some(*series),
        }
    }
}

/// The bytes in the fragments, if they are what the series promised.
fn open(series: &Series, mut padded: Vec<u8>) -> Option<Vec<u8>> {
    let padding = padded.split_off(series.length.min(padded.len()));
    if frame::checksum(&padded) != series.checksum || padding.iter().any(|byte| *byte != 0) {
        return None;
    }
    let mut r = Reader::new(&padded);
    let bytes = r.bytes(BYTES_MAX, "message").ok()?.to_vec();
    // One message has one form, as everywhere.
    let mut w = Writer::new();
    w.bytes(&bytes);
    (w.finish() == padded && !bytes.is_empty()).then_some(bytes)
}
