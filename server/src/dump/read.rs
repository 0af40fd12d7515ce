//! Reading a dump strictly: every frame bounded, every part in its place, nothing believed before the digest stands.

use super::write::kind;
use super::{
    BackupId, Cell, DumpError, Entry, FILE_MAX, FILES_MAX, FILES_TOTAL_MAX, FRAME_MAX, Header, MAGIC,
    PATH_MAX, ROUNDS_MAX, VERSION, path_allowed,
};
use crate::store::tables::{Table, kept};
use minicbor::Decoder;
use sha2::{Digest, Sha256};
use std::io::Read;

/// First bytes of every age file.
const AGE: &[u8] = b"age-encryption.o";

/// Where the reader stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Files,
    /// Before the table with this number.
    Before(usize),
    /// In the table with this number.
    In(usize),
    Rounds,
    Ended,
}

/// Reads a dump part by part. What it gave may be used only once [`Reader::next`] has answered `None`: the digest over
/// everything stands at the end.
pub struct Reader<R> {
    input: R,
    digest: Sha256,
    frame: Vec<u8>,
    header: Header,
    tables: Vec<Table>,
    place: Place,
    files: usize,
    file_bytes: u64,
    rounds: usize,
    rows: u64,
    /// Path, key or id of the part before, which the next must exceed.
    last_path: String,
    last_key: Vec<Cell>,
    last_round: Option<[u8; 16]>,
    ended: [u8; 32],
}

impl<R: Read> Reader<R> {
    /// Reads the header. `schema` is the newest migration that this program knows.
    ///
    /// # Errors
    /// [`DumpError`].
    pub fn open(mut input: R, schema: i64) -> Result<Self, DumpError> {
        let mut magic = [0; MAGIC.len()];
        let read = read_up_to(&mut input, &mut magic)?;
        if magic[..read] == *AGE {
            return Err(DumpError::Encrypted);
        }
        if magic[..read] != MAGIC[..read] || read == 0 {
            return Err(DumpError::NotABackup);
        }
        if read < MAGIC.len() {
            return Err(DumpError::CutOff);
        }
        let empty = Header { program: String::new(), schema, taken_at: 0, id: BackupId([0; 16]) };
        let mut reader = Self {
            input,
            digest: Sha256::new_with_prefix(MAGIC),
            frame: Vec::new(),
            header: empty,
            tables: Vec::new(),
            place: Place::Files,
            files: 0,
            file_bytes: 0,
            rounds: 0,
            rows: 0,
            last_path: String::new(),
            last_key: Vec::new(),
            last_round: None,
            ended: [0; 32],
        };
        reader.read_frame()?;
        reader.header = read_header(&reader.frame)?;
        let Header { schema: found, program, .. } = &reader.header;
        if *found > schema {
            return Err(DumpError::NewerSchema { found: *found, known: schema, program: program.clone() });
        }
        if *found < 1 {
            return Err(DumpError::Damaged { what: "its header" });
        }
        reader.tables = kept(*found).collect();
        reader.hash_frame();
        Ok(reader)
    }

    /// What the dump says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The tables it holds, with the columns they had then.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Digest of the whole dump; right once [`Reader::next`] has answered `None`.
    pub fn digest(&self) -> [u8; 32] {
        self.ended
    }

    /// The next part; `None` when the dump ended as it should and its digest stands.
    ///
    /// # Errors
    /// [`DumpError`].
    #[expect(clippy::should_implement_trait, reason = "an iterator would go on after an error")]
    pub fn next(&mut self) -> Result<Option<Entry>, DumpError> {
        if self.place == Place::Ended {
            return Ok(None);
        }
        self.read_frame()?;
        let frame = std::mem::take(&mut self.frame);
        let entry = self.judge(&frame);
        self.frame = frame;
        match entry? {
            Some(entry) => {
                self.hash_frame();
                Ok(Some(entry))
            }
            None => self.end().map(|()| None),
        }
    }

    /// What a frame is, if it may stand here; `None` is the end.
    fn judge(&mut self, frame: &[u8]) -> Result<Option<Entry>, DumpError> {
        const ORDER: DumpError = DumpError::Damaged { what: "the order of its parts" };
        let mut input = Decoder::new(frame);
        let (kind, fields) = head(&mut input)?;
        let entry = match (kind, self.place) {
            (kind::FILE, Place::Files) if fields == 2 => self.file(&mut input)?,
            (kind::TABLE, Place::Files) if fields == 2 => self.begin_table(&mut input, 0)?,
            (kind::TABLE, Place::Before(next)) if fields == 2 => self.begin_table(&mut input, next)?,
            (kind::ROW, Place::In(table)) => self.row(&mut input, table, fields)?,
            (kind::TABLE_END, Place::In(table)) if fields == 1 => self.end_table(&mut input, table)?,
            (kind::ROUND, Place::Rounds) if fields == 2 => self.round(&mut input)?,
            (kind::END, Place::Rounds) if fields == 1 => {
                self.ended = fixed(&mut input, "its end")?;
                None
            }
            _ => return Err(ORDER),
        };
        if input.position() != frame.len() {
            return Err(DumpError::Damaged { what: "a part is longer than it says" });
        }
        Ok(entry)
    }

    fn file(&mut self, input: &mut Decoder<'_>) -> Result<Option<Entry>, DumpError> {
        const WHAT: &str = "a file of the centre's folder";
        let path = text(input, WHAT)?.to_owned();
        let bytes = input.bytes().map_err(|_| DumpError::Damaged { what: WHAT })?;
        if bytes.len() as u64 > FILE_MAX {
            return Err(DumpError::TooLong { what: WHAT, limit: FILE_MAX });
        }
        self.files += 1;
        self.file_bytes += bytes.len() as u64;
        if self.file_bytes > FILES_TOTAL_MAX {
            return Err(DumpError::TooLong { what: WHAT, limit: FILES_TOTAL_MAX });
        }
        if self.files > FILES_MAX || !path_allowed(&path) || path <= self.last_path {
            return Err(DumpError::Damaged { what: WHAT });
        }
        self.last_path.clone_from(&path);
        Ok(Some(Entry::File { path, bytes: bytes.to_vec() }))
    }

    fn begin_table(&mut self, input: &mut Decoder<'_>, place: usize) -> Result<Option<Entry>, DumpError> {
        const DAMAGED: DumpError = DumpError::Damaged { what: "its tables" };
        let table = self.tables.get(place).ok_or(DAMAGED)?;
        let name = text(input, "its tables")?;
        let columns = input.array().ok().flatten().ok_or(DAMAGED)?;
        if name != table.name || columns != table.columns.len() as u64 {
            return Err(DAMAGED);
        }
        for column in &table.columns {
            if text(input, "its tables")? != column.name {
                return Err(DAMAGED);
            }
        }
        self.rows = 0;
        self.last_key.clear();
        self.place = Place::In(place);
        Ok(Some(Entry::Table(place)))
    }

    fn row(
        &mut self,
        input: &mut Decoder<'_>,
        table: usize,
        fields: u64,
    ) -> Result<Option<Entry>, DumpError> {
        let columns = &self.tables[table].columns;
        if fields != columns.len() as u64 {
            return Err(DumpError::Damaged { what: "a row" });
        }
        let cells = columns.iter().map(|column| Cell::read(input, column)).collect::<Result<Vec<_>, _>>()?;
        let key = cells.iter().zip(columns).filter(|(_, column)| column.key);
        let key: Vec<Cell> = key.map(|(cell, _)| cell.clone()).collect();
        if self.rows > 0 && key <= self.last_key {
            return Err(DumpError::Damaged { what: "the order of its rows" });
        }
        self.last_key = key;
        self.rows += 1;
        Ok(Some(Entry::Row(cells)))
    }

    fn end_table(&mut self, input: &mut Decoder<'_>, table: usize) -> Result<Option<Entry>, DumpError> {
        if input.u64().ok() != Some(self.rows) {
            return Err(DumpError::Damaged { what: "the number of its rows" });
        }
        let next = table + 1;
        self.place = if next == self.tables.len() { Place::Rounds } else { Place::Before(next) };
        Ok(Some(Entry::TableEnd { rows: self.rows }))
    }

    fn round(&mut self, input: &mut Decoder<'_>) -> Result<Option<Entry>, DumpError> {
        let id = fixed(input, "a round")?;
        let digest = fixed(input, "a round")?;
        self.rounds += 1;
        if self.rounds > ROUNDS_MAX || self.last_round.is_some_and(|last| id <= last) {
            return Err(DumpError::Damaged { what: "its rounds" });
        }
        self.last_round = Some(id);
        Ok(Some(Entry::Round { id, digest }))
    }

    /// The digest stands, and nothing follows.
    fn end(&mut self) -> Result<(), DumpError> {
        if <[u8; 32]>::from(self.digest.clone().finalize()) != self.ended {
            return Err(DumpError::Digest);
        }
        if read_up_to(&mut self.input, &mut [0; 1])? != 0 {
            return Err(DumpError::Trailing);
        }
        self.place = Place::Ended;
        Ok(())
    }

    /// Reads the next frame. Memory grows only with what is really there.
    fn read_frame(&mut self) -> Result<(), DumpError> {
        let mut len = [0; 4];
        self.input.read_exact(&mut len).map_err(DumpError::reading)?;
        let len = u32::from_be_bytes(len);
        if len > FRAME_MAX {
            return Err(DumpError::TooLong { what: "a part", limit: u64::from(FRAME_MAX) });
        }
        self.frame.clear();
        let mut part = (&mut self.input).take(u64::from(len));
        part.read_to_end(&mut self.frame).map_err(DumpError::reading)?;
        if self.frame.len() < len as usize { Err(DumpError::CutOff) } else { Ok(()) }
    }

    fn hash_frame(&mut self) {
        let len = u32::try_from(self.frame.len()).expect("a frame was read by its length of 32 bits");
        self.digest.update(len.to_be_bytes());
        self.digest.update(&self.frame);
    }
}

/// What a dump that was read to its end holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// What it says of itself.
    pub header: Header,
    /// Digest over everything.
    pub digest: [u8; 32],
    /// Paths of its files.
    pub files: Vec<String>,
    /// Rows of each table.
    pub rows: Vec<(&'static str, u64)>,
    /// Rounds with the digest of what it holds of each.
    pub rounds: Vec<([u8; 16], [u8; 32])>,
}

/// Reads a whole dump and says what it holds.
///
/// # Errors
/// [`DumpError`].
pub fn summary(input: impl Read, schema: i64) -> Result<Summary, DumpError> {
    let mut reader = Reader::open(input, schema)?;
    let mut found = Summary {
        header: reader.header().clone(),
        digest: [0; 32],
        files: Vec::new(),
        rows: Vec::new(),
        rounds: Vec::new(),
    };
    let mut table = 0;
    while let Some(entry) = reader.next()? {
        match entry {
            Entry::File { path, .. } => found.files.push(path),
            Entry::Table(place) => table = place,
            Entry::Row(_) => {}
            Entry::TableEnd { rows } => found.rows.push((reader.tables()[table].name, rows)),
            Entry::Round { id, digest } => found.rounds.push((id, digest)),
        }
    }
    found.digest = reader.digest();
    Ok(found)
}

fn read_header(frame: &[u8]) -> Result<Header, DumpError> {
    const WHAT: &str = "its header";
    const DAMAGED: DumpError = DumpError::Damaged { what: WHAT };
    let mut input = Decoder::new(frame);
    let (kind, fields) = head(&mut input)?;
    if kind != kind::HEADER {
        return Err(DAMAGED);
    }
    // Another version may have other fields, so it is looked at first.
    let found = input.u64().map_err(|_| DAMAGED)?;
    if found != VERSION {
        return Err(DumpError::Version { found });
    }
    if fields != 5 {
        return Err(DAMAGED);
    }
    let program = text(&mut input, WHAT)?.to_owned();
    let schema = input.i64().map_err(|_| DAMAGED)?;
    let taken_at = input.i64().map_err(|_| DAMAGED)?;
    let id = BackupId(fixed(&mut input, WHAT)?);
    if input.position() == frame.len() { Ok(Header { program, schema, taken_at, id }) } else { Err(DAMAGED) }
}

/// Kind of a frame and the number of its fields.
fn head(input: &mut Decoder<'_>) -> Result<(u8, u64), DumpError> {
    const DAMAGED: DumpError = DumpError::Damaged { what: "the head of a part" };
    let fields = input.array().ok().flatten().and_then(|len| len.checked_sub(1)).ok_or(DAMAGED)?;
    Ok((input.u8().map_err(|_| DAMAGED)?, fields))
}

/// A short text without control characters.
fn text<'a>(input: &mut Decoder<'a>, what: &'static str) -> Result<&'a str, DumpError> {
    let text = input.str().map_err(|_| DumpError::Damaged { what })?;
    if text.len() > PATH_MAX || text.chars().any(char::is_control) {
        return Err(DumpError::Damaged { what });
    }
    Ok(text)
}

fn fixed<const N: usize>(input: &mut Decoder<'_>, what: &'static str) -> Result<[u8; N], DumpError> {
    let bytes = input.bytes().map_err(|_| DumpError::Damaged { what })?;
    bytes.try_into().map_err(|_| DumpError::Damaged { what })
}

/// Fills a buffer as far as the input goes.
fn read_up_to(input: &mut impl Read, buffer: &mut [u8]) -> Result<usize, DumpError> {
    let mut read = 0;
    while read < buffer.len() {
        match input.read(&mut buffer[read..]) {
            Ok(0) => break,
            Ok(n) => read += n,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(DumpError::reading(error)),
        }
    }
    Ok(read)
}
