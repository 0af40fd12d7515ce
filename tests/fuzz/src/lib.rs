//! Fuzz targets: hostile bytes, found by coverage, at every reader of outside bytes in the core and on tablets.
//!
//! A target is a name in [`TARGETS`] and a file in `src/bin` with the same name. It reads what the samples of
//! `sync-core/tests/common/samples.rs` that begin with its name are read by, and [`feed`] asserts what
//! `sync-core/tests/hostile.rs` asserts. What was read then goes on to where the program would take it ([`behind`]).

pub mod behind;
pub mod forge;
pub mod qr;
pub mod record;
pub mod session;

#[path = "../../../sync-core/tests/common/mod.rs"]
#[expect(missing_docs, reason = "the core's own test world")]
pub mod common;

use behind::{Behind, nothing};
use common::samples::{
    Read, Sample, bundle_sample, other_samples, paper_samples, parcel_sample, plain_samples, signed_samples,
};
use std::path::Path;
use std::sync::LazyLock;
use sync_core::message::ItemKind;

/// Every target and where what it read goes on to.
pub const TARGETS: &[(&str, Behind)] = &[
    ("acknowledgement", nothing),
    ("address", nothing),
    ("bundle", behind::bundle),
    ("certificate", |bytes| behind::item(ItemKind::Certificate, bytes)),
    ("double-entry", behind::double_entry),
    ("enrol-request", nothing),
    ("enrol-token", nothing),
    ("enrolment", behind::enrolment),
    ("envelope", |bytes| behind::item(ItemKind::Envelope, bytes)),
    ("guidance", nothing),
    ("holdings", nothing),
    ("id", nothing),
    ("invitation", nothing),
    ("key-statement", behind::key_statement),
    ("message", behind::message),
    ("open-box", behind::open_box),
    ("opening-order", behind::order),
    ("orphan-box", behind::orphan_box),
    ("package", behind::package),
    ("paper-entry", nothing),
    ("parcel", nothing),
    ("permit", behind::permit),
    ("plan-confirmation", nothing),
    ("plan-entry", nothing),
    ("plan-progress", nothing),
    ("qr", qr::forged),
    ("receipt", |bytes| behind::item(ItemKind::Receipt, bytes)),
    ("record", nothing),
    ("record-change", record::change),
    ("record-entry", record::entry),
    ("request", behind::request),
    ("result", behind::result),
    ("revocation", |bytes| behind::item(ItemKind::Revocation, bytes)),
    ("round-statement", |bytes| behind::item(ItemKind::RoundStatement, bytes)),
    ("sealed-changes", record::sealed),
    ("session", session::frame),
    ("share", behind::share),
    ("sheet", |bytes| behind::item(ItemKind::Sheet, bytes)),
    ("sheet-replacement", |bytes| behind::item(ItemKind::SheetReplacement, bytes)),
];

/// Formats that people type or scan are read forgivingly; everything else has one form.
const FORGIVING: &[&str] =
    &["address", "enrol-token", "id", "invitation", "parcel", "permit", "qr", "record", "share"];

/// Memory that reading may take at one time, as in `sync-core/tests/hostile.rs`.
const MEMORY_FIXED: u64 = 16 * 1024;
const MEMORY_PER_BYTE: u64 = 96;
/// What the reader of a QR series may take, however short its frames are: a short frame can be one of 1,024.
const MEMORY_QR: u64 = 2 * 1024 * 1024;

static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    let mut samples = signed_samples();
    samples.extend(plain_samples());
    samples.extend(other_samples());
    samples.push(bundle_sample());
    samples.push(parcel_sample());
    samples.extend(paper_samples());
    samples.extend(qr::samples());
    samples.extend(session::samples());
    samples
});

/// One sample of every format and of some of its forms.
pub fn samples() -> &'static [Sample] {
    &SAMPLES
}

/// The target that a sample is read by: the longest name that its own begins with.
pub fn target_of(sample: &str) -> Option<&'static str> {
    let fits =
        |name: &str| sample.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    TARGETS.iter().map(|(name, _)| *name).filter(|name| fits(name)).max_by_key(|name| name.len())
}

/// A target, ready to be fed.
pub struct Target {
    name: &'static str,
    read: Read,
    behind: Behind,
}

impl Target {
    /// The target of this name.
    ///
    /// # Panics
    /// If there is none, or no sample for it.
    pub fn named(name: &str) -> Self {
        let (name, behind) =
            *TARGETS.iter().find(|(known, _)| *known == name).expect("a target of this name");
        let sample = samples().iter().find(|sample| target_of(sample.name) == Some(name));
        Self { name, read: sample.expect("a sample for the target").read, behind }
    }

    /// Reads bytes under the bound of memory; what is taken must be the one form of what was read, and whatever it
    /// says must do no harm further on.
    ///
    /// # Panics
    /// If any of this does not hold: that is what is being looked for.
    pub fn feed(&self, bytes: &[u8]) {
        let mut read = None;
        let memory = allocation_counter::measure(|| read = (self.read)(bytes)).bytes_max;
        let fixed = if self.name == "qr" { MEMORY_QR } else { MEMORY_FIXED };
        let bound = fixed + MEMORY_PER_BYTE * bytes.len() as u64;
        assert!(memory <= bound, "{}: {memory} bytes of memory for {} bytes", self.name, bytes.len());
        if let Some(again) = read {
            let forgiving = FORGIVING.contains(&self.name);
            assert!(forgiving || again == bytes, "{}: a second form is taken", self.name);
            let once_more = (self.read)(&again);
            assert!(once_more == Some(again), "{}: what it writes is not what it reads", self.name);
        }
        (self.behind)(bytes);
    }
}

/// Feeds the files that are named on the command line to a target.
///
/// # Panics
/// As [`Target::feed`] does, or if a file cannot be read.
pub fn replay(name: &str) {
    let target = Target::named(name);
    for file in std::env::args_os().skip(1) {
        target.feed(&std::fs::read(Path::new(&file)).expect("the file can be read"));
    }
}

#[cfg(fuzzing)]
pub use libfuzzer_sys;

/// Makes the file a target of this name.
#[macro_export]
macro_rules! target {
    ($name:literal) => {
        #[cfg(fuzzing)]
        static TARGET: std::sync::LazyLock<$crate::Target> =
            std::sync::LazyLock::new(|| $crate::Target::named($name));
        #[cfg(fuzzing)]
        $crate::libfuzzer_sys::fuzz_target!(|bytes: &[u8]| TARGET.feed(bytes));
        #[cfg(not(fuzzing))]
        fn main() {
            $crate::replay($name);
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(read: Read, name: &'static str) {
        Target { name, read, behind: nothing }.feed(b"sample");
    }

    #[test]
    #[should_panic(expected = "bytes of memory for 6 bytes")]
    fn a_reader_that_takes_much_memory_is_found() {
        feed(|bytes| Some([bytes.to_vec(), vec![0; 64 * 1024]].concat()).filter(Vec::is_empty), "message");
    }

    #[test]
    #[should_panic(expected = "a second form is taken")]
    fn a_reader_that_takes_a_second_form_is_found() {
        feed(|_| Some(b"simple".to_vec()), "message");
    }

    #[test]
    fn a_reader_of_typed_text_may_take_many_forms() {
        feed(|_| Some(b"simple".to_vec()), "permit");
    }

    #[test]
    #[should_panic(expected = "what it writes is not what it reads")]
    fn a_reader_of_typed_text_that_does_not_read_what_it_writes_is_found() {
        feed(|bytes| Some([bytes, b"-"].concat()), "permit");
    }
}
