//! Strict CBOR (RFC 8949, deterministic encoding of section 4.2): the only way bytes become values here.
//!
//! Every format is an array of fixed length. A decoder reads it with bounds on each field, and [`decode`] then
//! encodes the value again and compares: one value has exactly one encoding, so no second form of a signed
//! object can travel, and nothing is allocated that the input is not long enough to fill.

use minicbor::{Decoder, Encoder};
use thiserror::Error;

/// Why bytes are not the format they claim to be. Nothing has changed when this is returned.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FormatError {
    /// The bytes are longer than the format allows.
    #[error("{what} is too long: {found} bytes where at most {limit} are allowed")]
    TooLong {
        /// The format or field.
        what: &'static str,
        /// Length found.
        found: usize,
        /// Largest length allowed.
        limit: usize,
    },
    /// The bytes end early, or a field is of another type than the format says.
    #[error("{what} is damaged or cut off")]
    Malformed {
        /// The format or field.
        what: &'static str,
    },
    /// The bytes carry on after the end of the object.
    #[error("{what} is followed by bytes that do not belong to it")]
    Trailing {
        /// The format.
        what: &'static str,
    },
    /// The value is right but not in its one allowed encoding.
    #[error("{what} is not in its one allowed encoding")]
    NotCanonical {
        /// The format.
        what: &'static str,
    },
    /// A version that this program does not know.
    #[error("{what} has format version {found}, this program knows version {known}; update the program")]
    Version {
        /// The format.
        what: &'static str,
        /// Version found.
        found: u64,
        /// Version known.
        known: u64,
    },
    /// A field has a value outside its bounds.
    #[error("{what} is outside its bounds")]
    Range {
        /// The field.
        what: &'static str,
    },
    /// A list is not sorted, or holds something twice.
    #[error("{what} is not sorted or holds an entry twice")]
    Unsorted {
        /// The list.
        what: &'static str,
    },
}

/// A value with one strict encoding.
pub trait Format: Sized {
    /// Name of the format in messages.
    const WHAT: &'static str;
    /// Longest encoding in bytes.
    const MAX_BYTES: usize;
    /// Writes the value.
    fn write(&self, w: &mut Writer);
    /// Reads the value; bounds are checked here, canonical form by [`decode`].
    ///
    /// # Errors
    /// A [`FormatError`] that names the field.
    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError>;
}

/// The one encoding of a value.
pub fn encode<T: Format>(value: &T) -> Vec<u8> {
    let mut w = Writer::new();
    value.write(&mut w);
    w.finish()
}

/// Reads a whole value and nothing else.
///
/// # Errors
/// [`FormatError`] for anything that [`encode`] would not have written.
pub fn decode<T: Format>(bytes: &[u8]) -> Result<T, FormatError> {
    if bytes.len() > T::MAX_BYTES {
        return Err(FormatError::TooLong { what: T::WHAT, found: bytes.len(), limit: T::MAX_BYTES });
    }
    let mut r = Reader::new(bytes);
    let value = T::read(&mut r)?;
    r.end(T::WHAT)?;
    if encode(&value) != bytes {
        return Err(FormatError::NotCanonical { what: T::WHAT });
    }
    Ok(value)
}

/// Writes deterministic CBOR into memory, which cannot fail.
pub struct Writer {
    out: Encoder<Vec<u8>>,
}

const INFALLIBLE: &str = "writing to a vector cannot fail";

impl Writer {
    /// An empty writer.
    #[expect(clippy::new_without_default, reason = "a writer is always made on purpose")]
    pub fn new() -> Self {
        Self { out: Encoder::new(Vec::new()) }
    }

    /// Begins an array of `len` items.
    pub fn array(&mut self, len: usize) -> &mut Self {
        self.out.array(len as u64).expect(INFALLIBLE);
        self
    }

    /// An unsigned integer.
    pub fn uint(&mut self, value: impl Into<u64>) -> &mut Self {
        self.out.u64(value.into()).expect(INFALLIBLE);
        self
    }

    /// A byte string.
    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.out.bytes(value).expect(INFALLIBLE);
        self
    }

    /// A text string.
    pub fn text(&mut self, value: &str) -> &mut Self {
        self.out.str(value).expect(INFALLIBLE);
        self
    }

    /// `true` or `false`.
    pub fn flag(&mut self, value: bool) -> &mut Self {
        self.out.bool(value).expect(INFALLIBLE);
        self
    }

    /// `null`, which stands for an absent value.
    pub fn null(&mut self) -> &mut Self {
        self.out.null().expect(INFALLIBLE);
        self
    }

    /// A byte string, or `null`.
    pub fn maybe_bytes(&mut self, value: Option<&[u8]>) -> &mut Self {
        match value {
            Some(bytes) => self.bytes(bytes),
            None => self.null(),
        }
    }

    /// A tag.
    pub fn tag(&mut self, tag: u64) -> &mut Self {
        self.out.tag(minicbor::data::Tag::new(tag)).expect(INFALLIBLE);
        self
    }

    /// An array with one item per element.
    pub fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) -> &mut Self {
        self.array(items.len());
        for item in items {
            each(self, item);
        }
        self
    }

    /// The bytes written.
    pub fn finish(self) -> Vec<u8> {
        self.out.into_writer()
    }
}

/// Reads bounded CBOR; every method names the field it reads, for the error.
pub struct Reader<'a> {
    input: Decoder<'a>,
}

impl<'a> Reader<'a> {
    /// Reads from the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { input: Decoder::new(bytes) }
    }

    fn malformed<T>(
        result: Result<T, minicbor::decode::Error>,
        what: &'static str,
    ) -> Result<T, FormatError> {
        result.map_err(|_| FormatError::Malformed { what })
    }

    /// An array of exactly `len` items.
    ///
    /// # Errors
    /// [`FormatError::Malformed`] for any other item.
    pub fn array(&mut self, len: usize, what: &'static str) -> Result<(), FormatError> {
        match Self::malformed(self.input.array(), what)? {
            Some(n) if n == len as u64 => Ok(()),
            _ => Err(FormatError::Malformed { what }),
        }
    }

    /// The length of an array of at most `max` items; no memory is taken for it.
    ///
    /// # Errors
    /// [`FormatError::TooLong`] past `max`.
    pub fn list_len(&mut self, max: usize, what: &'static str) -> Result<usize, FormatError> {
        let len = Self::malformed(self.input.array(), what)?.ok_or(FormatError::Malformed { what })?;
        let found = usize::try_from(len).unwrap_or(usize::MAX);
        if found > max {
            return Err(FormatError::TooLong { what, found, limit: max });
        }
        Ok(found)
    }

    /// An array of at most `max` items, each read by `each`. Memory grows with what is really there.
    ///
    /// # Errors
    /// As [`Reader::list_len`], or the first error of an item.
    pub fn list<T>(
        &mut self,
        max: usize,
        what: &'static str,
        mut each: impl FnMut(&mut Self) -> Result<T, FormatError>,
    ) -> Result<Vec<T>, FormatError> {
        let len = self.list_len(max, what)?;
        let mut items = Vec::new();
        for _ in 0..len {
            items.push(each(self)?);
        }
        Ok(items)
    }

    /// An unsigned integer in `range`.
    ///
    /// # Errors
    /// [`FormatError::Range`] outside it.
    pub fn uint(
        &mut self,
        range: std::ops::RangeInclusive<u64>,
        what: &'static str,
    ) -> Result<u64, FormatError> {
        let value = Self::malformed(self.input.u64(), what)?;
        if range.contains(&value) { Ok(value) } else { Err(FormatError::Range { what }) }
    }

    /// An unsigned integer of 32 bits, at most `max`.
    ///
    /// # Errors
    /// [`FormatError::Range`] above it.
    pub fn u32(&mut self, max: u32, what: &'static str) -> Result<u32, FormatError> {
        let value = self.uint(0..=u64::from(max), what)?;
        u32::try_from(value).map_err(|_| FormatError::Range { what })
    }

    /// An unsigned integer of 8 bits, at most `max`.
    ///
    /// # Errors
    /// [`FormatError::Range`] above it.
    pub fn u8(&mut self, max: u8, what: &'static str) -> Result<u8, FormatError> {
        let value = self.uint(0..=u64::from(max), what)?;
        u8::try_from(value).map_err(|_| FormatError::Range { what })
    }

    /// An array of exactly `len` items that begins with this version. The version is looked at first: another one
    /// may well have another length, and its reader is then told so.
    ///
    /// # Errors
    /// [`FormatError::Version`] for any other version, [`FormatError::Malformed`] for another length.
    pub fn versioned(&mut self, len: usize, known: u64, what: &'static str) -> Result<(), FormatError> {
        let found = Self::malformed(self.input.array(), what)?;
        self.version(known, what)?;
        if found == Some(len as u64) { Ok(()) } else { Err(FormatError::Malformed { what }) }
    }

    /// As [`Reader::versioned`], for a format of which versions 1 to `known` are read, each with its own length. Gives
    /// the version.
    ///
    /// # Errors
    /// As [`Reader::versioned`].
    pub fn versions(
        &mut self,
        len: impl Fn(u64) -> u64,
        known: u64,
        what: &'static str,
    ) -> Result<u64, FormatError> {
        let found = Self::malformed(self.input.array(), what)?;
        let version = self.version_up_to(known, what)?;
        if found == Some(len(version)) { Ok(version) } else { Err(FormatError::Malformed { what }) }
    }

    /// A version number from 1 to `known`.
    ///
    /// # Errors
    /// [`FormatError::Version`] for any other.
    pub fn version_up_to(&mut self, known: u64, what: &'static str) -> Result<u64, FormatError> {
        let found = Self::malformed(self.input.u64(), what)?;
        if (1..=known).contains(&found) {
            Ok(found)
        } else {
            Err(FormatError::Version { what, found, known })
        }
    }

    /// A version number.
    ///
    /// # Errors
    /// [`FormatError::Version`] for any other.
    pub fn version(&mut self, known: u64, what: &'static str) -> Result<(), FormatError> {
        let found = Self::malformed(self.input.u64(), what)?;
        if found == known { Ok(()) } else { Err(FormatError::Version { what, found, known }) }
    }

    /// A byte string of at most `max` bytes, borrowed from the input.
    ///
    /// # Errors
    /// [`FormatError::TooLong`] past `max`.
    pub fn bytes(&mut self, max: usize, what: &'static str) -> Result<&'a [u8], FormatError> {
        let bytes = Self::malformed(self.input.bytes(), what)?;
        if bytes.len() > max {
            return Err(FormatError::TooLong { what, found: bytes.len(), limit: max });
        }
        Ok(bytes)
    }

    /// A byte string of exactly `N` bytes.
    ///
    /// # Errors
    /// [`FormatError::Malformed`] for another length.
    pub fn fixed<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], FormatError> {
        let bytes = Self::malformed(self.input.bytes(), what)?;
        bytes.try_into().map_err(|_| FormatError::Malformed { what })
    }

    /// A text of at most `max` bytes without control characters.
    ///
    /// # Errors
    /// [`FormatError::TooLong`] past `max`, [`FormatError::Range`] for control characters.
    pub fn text(&mut self, max: usize, what: &'static str) -> Result<&'a str, FormatError> {
        let text = Self::malformed(self.input.str(), what)?;
        if text.len() > max {
            return Err(FormatError::TooLong { what, found: text.len(), limit: max });
        }
        if text.chars().any(char::is_control) {
            return Err(FormatError::Range { what });
        }
        Ok(text)
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// [`FormatError::Malformed`] for anything else.
    pub fn flag(&mut self, what: &'static str) -> Result<bool, FormatError> {
        Self::malformed(self.input.bool(), what)
    }

    /// `None` for `null`, otherwise what `some` reads.
    ///
    /// # Errors
    /// Those of `some`.
    pub fn maybe<T>(
        &mut self,
        what: &'static str,
        some: impl FnOnce(&mut Self) -> Result<T, FormatError>,
    ) -> Result<Option<T>, FormatError> {
        if Self::malformed(self.input.datatype(), what)? == minicbor::data::Type::Null {
            Self::malformed(self.input.null(), what)?;
            return Ok(None);
        }
        some(self).map(Some)
    }

    /// The end of the input.
    ///
    /// # Errors
    /// [`FormatError::Trailing`] if bytes are left.
    pub fn end(&self, what: &'static str) -> Result<(), FormatError> {
        if self.input.position() == self.input.input().len() {
            Ok(())
        } else {
            Err(FormatError::Trailing { what })
        }
    }
}

/// Splits a byte string into entries of `N` bytes that ascend strictly.
///
/// # Errors
/// [`FormatError::Malformed`] for a length that does not divide, [`FormatError::Unsorted`] otherwise.
pub fn sorted_entries<const N: usize>(bytes: &[u8], what: &'static str) -> Result<Vec<[u8; N]>, FormatError> {
    let (entries, rest) = bytes.as_chunks::<N>();
    if !rest.is_empty() {
        return Err(FormatError::Malformed { what });
    }
    if !strictly_ascending(entries) {
        return Err(FormatError::Unsorted { what });
    }
    Ok(entries.to_vec())
}

/// Whether each entry is greater than the one before.
pub fn strictly_ascending<T: Ord>(entries: &[T]) -> bool {
    entries.is_sorted_by(|a, b| a < b)
}
