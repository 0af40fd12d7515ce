//! One cell of a row: empty, an integer, bytes or text, in CBOR's one shortest form.

use super::DumpError;
use crate::store::tables::{Column, Kind};
use minicbor::data::Type;
use minicbor::{Decoder, Encoder};

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// An integer.
    Int(i64),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Text.
    Text(String),
}

/// A vector takes every byte.
pub(super) const INFALLIBLE: &str = "writing to a vector cannot fail";

impl Cell {
    pub(super) fn write(&self, out: &mut Encoder<&mut Vec<u8>>) {
        match self {
            Self::Empty => out.null(),
            Self::Int(value) => out.i64(*value),
            Self::Bytes(bytes) => out.bytes(bytes),
            Self::Text(text) => out.str(text),
        }
        .expect(INFALLIBLE);
    }

    /// Reads a cell that fits a column.
    pub(super) fn read(input: &mut Decoder<'_>, column: &Column) -> Result<Self, DumpError> {
        const DAMAGED: DumpError = DumpError::Damaged { what: "a row" };
        let wrong = |_| DAMAGED;
        if input.datatype().map_err(wrong)? == Type::Null {
            input.null().map_err(wrong)?;
            return if column.optional { Ok(Self::Empty) } else { Err(DAMAGED) };
        }
        match column.kind {
            Kind::Int => input.i64().map(Self::Int).map_err(wrong),
            Kind::Bytes => input.bytes().map(|bytes| Self::Bytes(bytes.to_vec())).map_err(wrong),
            // No engine but one would take the character NUL, so no row of ours has it.
            Kind::Text => match input.str() {
                Ok(text) if !text.contains('\0') => Ok(Self::Text(text.to_owned())),
                _ => Err(DAMAGED),
            },
        }
    }
}
