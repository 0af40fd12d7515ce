//! Writing a dump: bytes come out as they are due, so that memory does not grow with the database.

use super::cell::INFALLIBLE;
use super::{BackupId, Cell, Header, MAGIC, VERSION};
use crate::store::tables::Table;
use sha2::{Digest, Sha256};

/// Kinds of frames.
pub(super) mod kind {
    pub const HEADER: u8 = 0;
    pub const FILE: u8 = 1;
    pub const TABLE: u8 = 2;
    pub const ROW: u8 = 3;
    pub const TABLE_END: u8 = 4;
    pub const ROUND: u8 = 5;
    pub const END: u8 = 6;
}

/// Writes a dump, in the order of the format: files by path, every kept table of the schema, rounds by id, the end.
pub struct Encoder {
    digest: Sha256,
    out: Vec<u8>,
    rows: u64,
}

impl Encoder {
    /// Begins a dump.
    pub fn begin(header: &Header) -> Self {
        let mut encoder = Self { digest: Sha256::new(), out: Vec::new(), rows: 0 };
        encoder.digest.update(MAGIC);
        encoder.out.extend_from_slice(MAGIC);
        let Header { program, schema, taken_at, id: BackupId(id) } = header;
        encoder.frame(kind::HEADER, 5, |out| {
            out.u64(VERSION)?.str(program)?.i64(*schema)?.i64(*taken_at)?.bytes(id)?;
            Ok(())
        });
        encoder
    }

    /// Adds a file of the centre's folder.
    pub fn file(&mut self, path: &str, bytes: &[u8]) {
        self.frame(kind::FILE, 2, |out| {
            out.str(path)?.bytes(bytes)?;
            Ok(())
        });
    }

    /// Begins a table.
    pub fn table(&mut self, table: &Table) {
        self.rows = 0;
        self.frame(kind::TABLE, 2, |out| {
            out.str(table.name)?.array(table.columns.len() as u64)?;
            for column in &table.columns {
                out.str(column.name)?;
            }
            Ok(())
        });
    }

    /// Adds a row of the table, in its columns.
    pub fn row(&mut self, cells: &[Cell]) {
        self.rows += 1;
        self.frame(kind::ROW, cells.len(), |out| {
            cells.iter().for_each(|cell| cell.write(out));
            Ok(())
        });
    }

    /// Ends the table.
    pub fn end_table(&mut self) {
        let rows = self.rows;
        self.frame(kind::TABLE_END, 1, |out| {
            out.u64(rows)?;
            Ok(())
        });
    }

    /// States what the dump holds of a round.
    pub fn round(&mut self, id: &[u8; 16], digest: &[u8; 32]) {
        self.frame(kind::ROUND, 2, |out| {
            out.bytes(id)?.bytes(digest)?;
            Ok(())
        });
    }

    /// Ends the dump with the digest of everything before.
    pub fn end(&mut self) -> [u8; 32] {
        let digest: [u8; 32] = self.digest.clone().finalize().into();
        self.frame(kind::END, 1, |out| {
            out.bytes(&digest)?;
            Ok(())
        });
        digest
    }

    /// Bytes that wait to be taken.
    pub fn waiting(&self) -> usize {
        self.out.len()
    }

    /// Takes the bytes that are due.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// Adds a frame: its length in four bytes, then one CBOR array of its kind and fields.
    fn frame(
        &mut self,
        kind: u8,
        fields: usize,
        fill: impl FnOnce(
            &mut minicbor::Encoder<&mut Vec<u8>>,
        ) -> Result<(), minicbor::encode::Error<std::convert::Infallible>>,
    ) {
        let begin = self.out.len();
        self.out.extend_from_slice(&[0; 4]);
        let mut cbor = minicbor::Encoder::new(&mut self.out);
        cbor.array(fields as u64 + 1).and_then(|cbor| cbor.u8(kind)).expect(INFALLIBLE);
        fill(&mut cbor).expect(INFALLIBLE);
        // Longer than the format allows would be an import beyond its own bounds; the check of every backup names it.
        let len = u32::try_from(self.out.len() - begin - 4).unwrap_or(u32::MAX);
        self.out[begin..begin + 4].copy_from_slice(&len.to_be_bytes());
        self.digest.update(&self.out[begin..]);
    }
}
