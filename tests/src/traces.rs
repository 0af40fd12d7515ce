//! What somebody who takes every byte apart could learn about the order or the time of casting.

/// Something that betrays an order or a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trace {
    /// Ballots stand in an order that follows the order of casting.
    Order {
        /// Where.
        place: String,
        /// Ballots found there.
        ballots: usize,
        /// Neighbours that stand as they were cast, of all neighbours, in percent.
        percent: usize,
    },
    /// A moment of the voting, as a number or in words.
    Moment {
        /// Where.
        place: String,
        /// What was found.
        what: String,
    },
}

/// Looks for the ballots' nullifiers (in the order of casting) in some bytes, and compares the order in which they
/// stand there with it. Sorted bytes of random nullifiers agree on about half of all pairs; a list in order of casting
/// agrees on all of them, a reversed one on none. Fewer than eight ballots say nothing.
pub fn order(place: &str, cast: &[[u8; 16]], bytes: &[u8]) -> Option<Trace> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (when, nullifier) in cast.iter().enumerate() {
        let mut from = 0;
        while let Some(at) = find(&bytes[from..], nullifier) {
            found.push((from + at, when));
            from += at + nullifier.len();
        }
    }
    found.sort_unstable();
    let sequence: Vec<usize> = found.into_iter().map(|(_, when)| when).collect();
    if sequence.len() < 8 {
        return None;
    }
    let mut same = 0;
    let mut all = 0;
    for (i, first) in sequence.iter().enumerate() {
        for second in sequence[i + 1..].iter().filter(|second| *second != first) {
            all += 1;
            same += usize::from(first < second);
        }
    }
    let percent = same * 100 / all.max(1);
    // With n ballots in random order the share of agreeing pairs has a deviation of about 33/√n percent points; five
    // of them either way is beyond chance.
    let bound = 170 / sequence.len().isqrt().max(1);
    let trace = Trace::Order { place: place.to_owned(), ballots: sequence.len(), percent };
    (percent.abs_diff(50) > bound.min(45)).then_some(trace)
}

/// Looks for moments between two points of time (seconds since 1970) in some bytes: as integers of 4 or 8 bytes in
/// either order and in seconds, milliseconds, microseconds or nanoseconds, as floating point, and as a date in words.
pub fn moment(place: &str, from: u64, to: u64, bytes: &[u8]) -> Option<Trace> {
    let scales: [(u64, &str); 4] = [(1, "s"), (1_000, "ms"), (1_000_000, "µs"), (1_000_000_000, "ns")];
    let within =
        |value: u64| scales.iter().find(|(s, _)| (from * s..=(to + 1) * s).contains(&value)).map(|(_, n)| *n);
    let trace = |what: String| Some(Trace::Moment { place: place.to_owned(), what });
    for (at, window) in bytes.windows(8).enumerate() {
        let eight: [u8; 8] = window.try_into().unwrap_or_default();
        let float = f64::from_be_bytes(eight);
        for value in [u64::from_be_bytes(eight), u64::from_le_bytes(eight)] {
            // Eight bytes that hold seconds would need four zero bytes in front; they are looked for as four bytes.
            if let Some(scale) = within(value).filter(|scale| *scale != "s") {
                return trace(format!("{value} {scale} at {at}"));
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "seconds of this century fit exactly")]
        if (from as f64..=(to + 1) as f64).contains(&float) {
            return trace(format!("{float} at {at}"));
        }
    }
    // Four random bytes fall into a window of a few seconds about once in a hundred megabytes.
    for (at, window) in bytes.windows(4).enumerate() {
        let four: [u8; 4] = window.try_into().unwrap_or_default();
        for value in [u32::from_be_bytes(four), u32::from_le_bytes(four)] {
            if (from..=to).contains(&u64::from(value)) {
                return trace(format!("{value} s at {at}"));
            }
        }
    }
    let decimal = (from..=to).map(|second| second.to_string());
    decimal
        .into_iter()
        .find(|text| find(bytes, text.as_bytes()).is_some())
        .and_then(|text| trace(format!("{text} in digits")))
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
