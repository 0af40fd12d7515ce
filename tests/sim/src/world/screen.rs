//! QR series: from a screen to a camera that misses, repeats, confuses and misreads frames, and to people who give up.

use super::World;
use super::way::is_of_the_medium;
use crate::chance::Chance;
use crate::fault::Fault;
use client_ffi::qr::{BYTES_MAX, Decoder, Encoder, Received};

/// Frames that people wait for, for each fragment, and some more.
const PATIENCE: usize = 8;
/// Frames that are over when the camera begins, at most.
const SKIPPED_MAX: usize = 12;
/// Longest parcel that people bring by a series; with more they have a stick.
const BYTES_PATIENT: usize = 24 * 1024;
const _: () = assert!(BYTES_PATIENT <= BYTES_MAX);
/// Frames of another series in a row after which people see that the camera is at the wrong screen.
const WRONG_SCREEN: usize = 6;

impl World {
    /// One tablet shows a series, and another looks. What no series holds goes on a stick.
    pub(super) fn show_series(&mut self, from: usize, to: usize) {
        if self.bodies[to].tablet.is_none() {
            return;
        }
        let Some((bytes, held)) = self.export(from, to) else { return };
        if bytes.len() > BYTES_PATIENT {
            return self.write_stick(from, to);
        }
        let Some(read) = self.film(&bytes) else { return };
        let name = self.bodies[to].name.clone();
        self.notes.say(&name, || format!("reads a QR series of {} bytes", read.len()));
        self.notes.check("reports are right", read == bytes, || {
            format!("{name} reads from a QR series what nobody showed")
        });
        let Some(done) = self.with(to, |tablet| tablet.import(&read)) else { return };
        match done {
            Ok(report) => {
                self.notes.check("reports are right", report.condition.is_whole(), || {
                    format!("{name} says {:?} of a whole series", report.condition)
                });
                let units = report.units.values();
                let refused = units.flat_map(|unit| unit.refused.iter().map(|(_, outcome)| outcome));
                if !self.note_refusals(to, refused) {
                    self.check_brought(to, &held, "a QR series");
                }
                self.check_status(to);
            }
            Err(error) => {
                self.notes
                    .check("no tablet is stuck", is_of_the_medium(&error), || format!("{name}: {error}"));
            }
        }
    }

    /// What a camera reads of a series; nothing if people gave up.
    fn film(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut chance = Chance::of(self.plan.seed, &format!("film {}", self.parcels));
        let series = Encoder::new(bytes).expect("it is not too long");
        let fragments = series.fragments();
        let most = PATIENCE * fragments + 50;
        let give_up = self.dice.is_due(Fault::SeriesGivenUp, 80);
        let give_up = give_up.then(|| self.dice.below(Fault::SeriesGivenUp, fragments));
        let beside = self.dice.is_due(Fault::SeriesMixed, 100).then(|| self.shown_beside(bytes)).flatten();
        let mut other = beside.as_deref().map(|bytes| Encoder::new(bytes).expect("it is not too long"));
        let mut decoder = Decoder::new();
        let mut late: Vec<String> = Vec::new();
        let mut wrong = 0;
        for (seen, frame) in series.skip(chance.below(fragments.min(SKIPPED_MAX))).take(most).enumerate() {
            if give_up == Some(seen) {
                self.notes.fired(Fault::SeriesGivenUp);
                return None;
            }
            let mut frames = vec![frame.text().to_owned()];
            if self.dice.strikes(Fault::FrameLost, 60) {
                frames.clear();
            } else if self.dice.strikes(Fault::FrameRepeated, 60) {
                frames.push(frame.text().to_owned());
            } else if self.dice.strikes(Fault::FrameReordered, 60) {
                late.append(&mut frames);
            } else if self.dice.strikes(Fault::FrameDamaged, 60) {
                misread(&mut frames[0], self.dice.below(Fault::FrameDamaged, frame.text().len()));
            }
            if let Some(mixed) = other.as_mut().filter(|_| chance.hits(250)).and_then(Iterator::next) {
                self.notes.fired(Fault::SeriesMixed);
                frames.push(mixed.text().to_owned());
            }
            if !late.is_empty() && chance.hits(300) {
                frames.push(late.swap_remove(chance.below(late.len())));
            }
            for text in frames {
                match decoder.receive(&text) {
                    // A short series of somebody else is whole at once; people see whose it is.
                    Ok(Received::Complete) if beside.as_deref() == decoder.bytes() => {
                        decoder.start_over();
                        other = None;
                    }
                    Ok(Received::Complete) => return decoder.bytes().map(<[u8]>::to_vec),
                    Ok(Received::OtherSeries) => wrong += 1,
                    Ok(Received::New | Received::Known) => wrong = 0,
                    Err(_) => {}
                }
                let early = decoder.bytes().is_some();
                self.notes.check("reports are right", !early, || {
                    "a QR series is whole that was not completed".to_owned()
                });
            }
            if wrong > WRONG_SCREEN {
                decoder.start_over();
                (wrong, other) = (0, None);
            }
        }
        self.notes
            .broken("routes bring everything", format!("{most} frames did not bring {fragments} fragments"));
        None
    }

    /// What somebody else shows on the next table.
    fn shown_beside(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let somebody = self.dice.below(Fault::SeriesMixed, self.bodies.len());
        let shown = self.step(somebody, |tablet| tablet.acknowledge())?.ok()?;
        (shown != bytes && shown.len() <= BYTES_MAX).then_some(shown)
    }
}

/// The camera takes one letter for another.
fn misread(text: &mut String, at: usize) {
    let other = if text.as_bytes()[at] == b'A' { "E" } else { "A" };
    text.replace_range(at..=at, other);
}
