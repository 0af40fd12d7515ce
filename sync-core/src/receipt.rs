//! The centre's signed words about envelopes: receipts, lists of what it holds, and round statements.

use crate::cbor::{Format, FormatError, Reader, Writer, sorted_entries};
use crate::cose::SignedKind;
use crate::id::{EnvelopeId, PackageHash, UnitCode};
use crate::package::VERSION;

/// Most envelope ids in one list.
pub const IDS_MAX: usize = 4_096;

macro_rules! id_list {
    ($(#[$doc:meta])* $name:ident, $what:literal, $domain:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            /// The package.
            pub package: PackageHash,
            /// The unit.
            pub unit: UnitCode,
            /// Ids of envelopes, ascending.
            pub envelopes: Vec<EnvelopeId>,
        }

        impl SignedKind for $name {
            const DOMAIN: &'static str = $domain;
        }

        impl Format for $name {
            const WHAT: &'static str = $what;
            const MAX_BYTES: usize = IDS_MAX * 32 + 256;

            fn write(&self, w: &mut Writer) {
                w.array(4).uint(VERSION).bytes(self.package.as_bytes()).text(self.unit.as_str());
                write_ids(w, &self.envelopes);
            }

            fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
                r.versioned(4, VERSION, Self::WHAT)?;
                Ok(Self {
                    package: PackageHash(r.fixed("package hash")?),
                    unit: UnitCode::read(r)?,
                    envelopes: read_ids(r)?,
                })
            }
        }
    };
}

id_list!(
    /// These envelopes are stored durably at the centre: their state is *confirmed*.
    Receipt,
    "receipt",
    "homphieu/receipt/1"
);
id_list!(
    /// All envelopes that the centre holds for a unit at this moment, given on request.
    Holdings,
    "list of held envelopes",
    "homphieu/holdings/1"
);
id_list!(
    /// The round is finished for this unit; these envelopes may be deleted everywhere, and nothing else.
    /// [`crate::finish`] says when the centre issues one.
    RoundStatement,
    "round statement",
    "homphieu/round-statement/1"
);

/// Writes ids as one byte string; they must ascend.
pub(crate) fn write_ids(w: &mut Writer, ids: &[EnvelopeId]) {
    w.bytes(&ids.iter().flat_map(|id| id.0).collect::<Vec<_>>());
}

/// Reads ids that ascend strictly.
pub(crate) fn read_ids(r: &mut Reader<'_>) -> Result<Vec<EnvelopeId>, FormatError> {
    let bytes = r.bytes(IDS_MAX * 32, "envelope ids")?;
    Ok(sorted_entries(bytes, "envelope ids")?.into_iter().map(EnvelopeId).collect())
}
