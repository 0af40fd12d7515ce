//! What remains of slips that were drawn for a page to print: their commitments, signed, so that whoever drew them hands
//! them in once they lie there on paper. The codes themselves are in the page alone; nothing is kept of either until
//! then, whichever process answers.

use super::draft::Draft;
use sha2::{Digest, Sha256};
use sync_core::cbor::{Format, FormatError, Reader, Writer, sorted_entries};
use sync_core::cose::SignedKind;
use sync_core::id::{CODE_MAX, Commitment, RoundId, SheetHash, UnitCode};
use sync_core::package::UNITS_MAX;

const VERSION: u64 = 1;
/// Most slips that are drawn at once: more than one unit can have, and few enough for one request.
pub const DRAWN_MAX: usize = 8_000;

/// Slips that were drawn and not confirmed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// The round.
    pub round: RoundId,
    /// What they rest on: who holds it to be the same has changed nothing of it meanwhile.
    pub basis: [u8; 32],
    /// Commitments of each unit, ascending.
    pub units: Vec<(UnitCode, Vec<Commitment>)>,
}

impl SignedKind for Drawn {
    const DOMAIN: &'static str = "homphieu/slips-drawn/1";
}

impl Format for Drawn {
    const WHAT: &'static str = "drawn slips";
    const MAX_BYTES: usize = 200 * 1024;

    fn write(&self, w: &mut Writer) {
        w.array(4).uint(VERSION).bytes(self.round.as_bytes()).bytes(&self.basis);
        w.list(&self.units, |w, (unit, permits)| {
            let permits: Vec<u8> = permits.iter().flat_map(|permit| permit.0).collect();
            w.array(2).text(unit.as_str()).bytes(&permits);
        });
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(4, VERSION, Self::WHAT)?;
        let unit = |r: &mut Reader<'_>| {
            r.array(2, Self::WHAT)?;
            let unit = UnitCode::new(r.text(CODE_MAX, "unit")?);
            let unit = unit.map_err(|_| FormatError::Range { what: "unit" })?;
            let permits = sorted_entries(r.bytes(DRAWN_MAX * 16, "permits")?, "permits")?;
            Ok((unit, permits.into_iter().map(Commitment).collect()))
        };
        Ok(Self {
            round: RoundId(r.fixed("round")?),
            basis: r.fixed("basis")?,
            units: r.list(UNITS_MAX, "units", unit)?,
        })
    }
}

/// What slips of a draft rest on: what is printed on them, and the slips that hold until then.
pub fn basis_of_draft<'a>(
    draft: &Draft,
    units: impl Iterator<Item = (&'a UnitCode, Option<&'a Vec<u8>>)>,
) -> [u8; 32] {
    let mut hash = Sha256::new().chain_update(b"homphieu/slips-of-draft/1");
    let mut put = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    for (unit, permits) in units {
        let Some((official, title, name, voters)) = draft.printed(unit.as_str()) else { continue };
        put(&[u8::from(official)]);
        put(title.as_bytes());
        put(unit.as_str().as_bytes());
        put(name.as_bytes());
        put(&voters.to_be_bytes());
        put(permits.map_or(&[], Vec::as_slice));
    }
    hash.finalize().into()
}

/// What slips for a corrected sheet rest on: the sheet that they are to replace.
pub fn basis_of_sheet(sheet: &SheetHash) -> [u8; 32] {
    Sha256::new().chain_update(b"homphieu/slips-of-sheet/1").chain_update(sheet.0).finalize().into()
}
