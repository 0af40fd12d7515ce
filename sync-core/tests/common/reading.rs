//! What reading a value says that was written without looking.

use std::fmt::Debug;
use sync_core::cbor::{self, Format, FormatError};

/// The kind of answer, without the name of the field.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    Fine,
    TooLong,
    Range,
    Unsorted,
    Other(FormatError),
}

/// Writes a value and reads it again, which must then be the same.
pub fn read<T: Format + PartialEq + Debug>(value: &T) -> Read {
    match cbor::decode::<T>(&cbor::encode(value)) {
        Ok(read) => {
            assert_eq!(read, *value);
            Read::Fine
        }
        Err(FormatError::TooLong { .. }) => Read::TooLong,
        Err(FormatError::Range { .. }) => Read::Range,
        Err(FormatError::Unsorted { .. }) => Read::Unsorted,
        Err(other) => Read::Other(other),
    }
}

/// The same for a value that is changed first.
pub fn read_changed<T: Format + PartialEq + Debug + Clone>(value: &T, change: impl FnOnce(&mut T)) -> Read {
    let mut changed = value.clone();
    change(&mut changed);
    read(&changed)
}

/// The same with `change` made for each of these numbers.
pub fn reads<T: Format + PartialEq + Debug + Clone, const N: usize>(
    value: &T,
    numbers: [usize; N],
    change: impl Fn(&mut T, usize),
) -> [Read; N] {
    numbers.map(|number| read_changed(value, |value| change(value, number)))
}
