//! A unit's sheet: who is rated, how many vote, and which permits are good.

use super::{TEXT_MAX, VERSION};
use crate::cbor::{self, Format, FormatError, Reader, Writer, sorted_entries, strictly_ascending};
use crate::id::{CODE_MAX, Commitment, Nullifier, RoundId, SheetHash, UnitCode, is_code, sha256, sha256_16};
use thiserror::Error;

/// Most officials on one ballot.
pub const OFFICIALS_MAX: usize = 100;
/// Most voters of a unit.
pub const VOTERS_MAX: u32 = 5_000;
/// Most permits of a unit: voters and their spares.
pub const PERMITS_MAX: usize = 5_250;

/// A rated official.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Official {
    /// Stable code.
    pub code: String,
    /// Full name.
    pub name: String,
    /// Post held.
    pub post: String,
}

/// The part of a round for one unit. It is not signed: the package, or a replacement, names its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The round.
    pub round: RoundId,
    /// The unit.
    pub unit: UnitCode,
    /// Those on the ballot, in the order of the ballot.
    pub officials: Vec<Official>,
    /// Number of voters; they are numbered from 1.
    pub voters: u32,
    /// Names of the voters in the order of their numbers, or nothing.
    pub voter_names: Vec<String>,
    /// Names of the team, or nothing.
    pub team: Vec<String>,
    /// Hashes of the nullifiers of all permits, ascending; empty where voting is attended.
    pub permits: Vec<Commitment>,
}

/// Why a sheet does not belong where it was offered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SheetError {
    /// Not the format.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// Another hash than expected.
    #[error("this is not the sheet that the package names for unit {unit}")]
    Hash {
        /// The unit it says it is for.
        unit: UnitCode,
    },
}

impl Sheet {
    /// The sheet's hash: SHA-256(domain ‖ bytes).
    pub fn hash(&self) -> SheetHash {
        SheetHash(sha256(&[b"homphieu/sheet/1", &cbor::encode(self)]))
    }

    /// Reads a sheet that must have this hash.
    ///
    /// # Errors
    /// [`SheetError`].
    pub fn open(bytes: &[u8], hash: &SheetHash) -> Result<Self, SheetError> {
        let sheet: Self = cbor::decode(bytes)?;
        if sheet.hash() == *hash { Ok(sheet) } else { Err(SheetError::Hash { unit: sheet.unit }) }
    }

    /// Whether a permit with this nullifier was issued for the unit.
    pub fn issued(&self, nullifier: &Nullifier) -> bool {
        self.permits.binary_search(&commitment(nullifier)).is_ok()
    }

    /// Whether a ballot of `other` means the same on this sheet: equal codes in equal order.
    pub fn same_ballot(&self, other: &Self) -> bool {
        self.unit == other.unit
            && self.officials.iter().map(|o| &o.code).eq(other.officials.iter().map(|o| &o.code))
    }

    /// Length in bytes of one record (nullifier and sealed ballot) of this sheet.
    pub fn record_len(&self) -> usize {
        crate::ballot::record_len(self.officials.len())
    }
}

/// The hash of a nullifier that stands in a sheet.
pub fn commitment(nullifier: &Nullifier) -> Commitment {
    Commitment(sha256_16(&[b"homphieu/commitment/1", &nullifier.0]))
}

impl Format for Sheet {
    const WHAT: &'static str = "unit sheet";
    const MAX_BYTES: usize = 240 * 1024;

    fn write(&self, w: &mut Writer) {
        w.array(8).uint(VERSION).bytes(self.round.as_bytes()).text(self.unit.as_str());
        w.list(&self.officials, |w, official| {
            w.array(3).text(&official.code).text(&official.name).text(&official.post);
        });
        w.uint(self.voters);
        w.list(&self.voter_names, |w, name| {
            w.text(name);
        });
        w.list(&self.team, |w, name| {
            w.text(name);
        });
        w.bytes(&self.permits.iter().flat_map(|permit| permit.0).collect::<Vec<_>>());
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(8, VERSION, Self::WHAT)?;
        let name = |r: &mut Reader<'_>| Ok(r.text(TEXT_MAX, "name")?.to_owned());
        let sheet = Self {
            round: RoundId(r.fixed("round")?),
            unit: UnitCode::read(r)?,
            officials: r.list(OFFICIALS_MAX, "officials", Official::read)?,
            voters: r.u32(VOTERS_MAX, "number of voters")?,
            voter_names: r.list(VOTERS_MAX as usize, "voters", name)?,
            team: r.list(100, "team", name)?,
            permits: sorted_entries(r.bytes(PERMITS_MAX * 16, "permits")?, "permits")?
                .into_iter()
                .map(Commitment)
                .collect(),
        };
        if sheet.voters == 0
            || !(sheet.voter_names.is_empty() || sheet.voter_names.len() == sheet.voters as usize)
        {
            return Err(FormatError::Range { what: "number of voters" });
        }
        let mut codes: Vec<_> = sheet.officials.iter().map(|official| &official.code).collect();
        codes.sort_unstable();
        if codes.is_empty() || !strictly_ascending(&codes) {
            return Err(FormatError::Range { what: "officials" });
        }
        Ok(sheet)
    }
}

impl Official {
    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.array(3, "official")?;
        let code = r.text(CODE_MAX, "official code")?;
        if !is_code(code) {
            return Err(FormatError::Range { what: "official code" });
        }
        Ok(Self {
            code: code.to_owned(),
            name: r.text(TEXT_MAX, "name")?.to_owned(),
            post: r.text(TEXT_MAX, "post")?.to_owned(),
        })
    }
}
