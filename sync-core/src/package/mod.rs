//! The round package: what every participant of one round agrees on, signed by the centre.

mod replacement;
mod rules;
mod sheet;

pub use replacement::{PermitChange, REPLACEMENTS_MAX, SheetReplacement, current_sheet, sheet_chain};
pub use rules::{Level, Mode, PercentBase, Rules, Voting, default_levels};
pub use sheet::{OFFICIALS_MAX, Official, Sheet, SheetError, VOTERS_MAX, commitment};

use crate::cbor::{Format, FormatError, Reader, Writer, strictly_ascending};
use crate::cose::{PublicKey, Signed, SignedKind};
use crate::id::{PackageHash, RoundId, SheetHash, UnitCode};

/// Version of the package format and of every format below it.
pub const VERSION: u64 = 1;
/// Cipher suite: Ed25519, and HPKE with X25519, HKDF-SHA256 and ChaCha20-Poly1305.
pub const SUITE: u64 = 1;
/// Most units in a round.
pub const UNITS_MAX: usize = 1_000;
/// Longest title, name or post in bytes.
pub const TEXT_MAX: usize = 600;

/// Public halves of the round's secret, and how it is shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundKeys {
    /// X25519 key that ballots are sealed to.
    pub box_key: [u8; 32],
    /// Ed25519 key that signs results.
    pub result_key: PublicKey,
    /// Shares needed to open.
    pub threshold: u8,
    /// Shares made.
    pub trustees: u8,
}

/// The centre's public keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CentreKeys {
    /// Ed25519 key of the package, certificates, receipts, orders and statements.
    pub sign: PublicKey,
    /// X25519 key that record entries are sealed to when they travel by file.
    pub seal: [u8; 32],
}

impl CentreKeys {
    /// The id under which the centre itself takes part, as a device does: it writes in units' records, and record changes
    /// are sealed to it.
    pub fn device(&self) -> crate::id::DeviceId {
        crate::device::device_id(&self.sign, &self.seal)
    }
}

/// One unit of the round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitEntry {
    /// Its code.
    pub code: UnitCode,
    /// Its name.
    pub name: String,
    /// With permits, or attended.
    pub voting: Voting,
    /// Its first sheet.
    pub sheet: SheetHash,
}

/// One round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The round.
    pub round: RoundId,
    /// Training or official; the two never mix.
    pub mode: Mode,
    /// Title for people.
    pub title: String,
    /// Levels from highest to lowest, 2 to 9.
    pub levels: Vec<Level>,
    /// Counting and batch rules.
    pub rules: Rules,
    /// Keys that open and sign.
    pub keys: RoundKeys,
    /// Keys of the centre.
    pub centre: CentreKeys,
    /// Units by code.
    pub units: Vec<UnitEntry>,
}

impl Package {
    /// The unit with this code.
    pub fn unit(&self, code: &UnitCode) -> Option<&UnitEntry> {
        let at = self.units.binary_search_by(|entry| entry.code.cmp(code)).ok()?;
        self.units.get(at)
    }

    /// Reads a package that is signed by the centre key it names. Whether that centre is the right one is for the
    /// caller to know: from its enrolment, or from the digits on paper.
    ///
    /// # Errors
    /// As [`Signed::open`].
    pub fn open(bytes: &[u8]) -> Result<Signed<Self>, crate::cose::OpenError> {
        let package = crate::cose::Unverified::<Self>::decode(bytes)?;
        let key = package.claim().centre.sign;
        Ok(package.verify(&key)?)
    }
}

impl Signed<Package> {
    /// The package hash.
    pub fn hash(&self) -> PackageHash {
        PackageHash(self.id())
    }
}

impl SignedKind for Package {
    const DOMAIN: &'static str = "homphieu/package/1";
}

impl Format for Package {
    const WHAT: &'static str = "round package";
    const MAX_BYTES: usize = 240 * 1024;

    fn write(&self, w: &mut Writer) {
        w.array(11).uint(VERSION).uint(SUITE).bytes(self.round.as_bytes()).uint(self.mode.code());
        w.text(&self.title);
        w.list(&self.levels, |w, level| {
            w.array(3).text(&level.code).text(&level.vi).text(&level.en);
        });
        let rules = &self.rules;
        w.array(3).uint(rules.percent_base.code()).uint(rules.batch_min).uint(rules.min_publish);
        self.keys.write(w);
        w.bytes(&self.centre.sign.to_bytes()).bytes(&self.centre.seal);
        w.list(&self.units, |w, unit| {
            w.array(4).text(unit.code.as_str()).text(&unit.name).uint(unit.voting.code());
            w.bytes(unit.sheet.as_bytes());
        });
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(11, VERSION, Self::WHAT)?;
        r.version(SUITE, "cipher suite")?;
        let package = Self {
            round: RoundId(r.fixed("round")?),
            mode: Mode::read(r)?,
            title: r.text(TEXT_MAX, "title")?.to_owned(),
            levels: rules::read_levels(r)?,
            rules: Rules::read(r)?,
            keys: RoundKeys::read(r)?,
            centre: CentreKeys { sign: PublicKey::read(r, "centre key")?, seal: r.fixed("centre key")? },
            units: r.list(UNITS_MAX, "units", UnitEntry::read)?,
        };
        let codes: Vec<_> = package.units.iter().map(|unit| &unit.code).collect();
        if codes.is_empty() || !strictly_ascending(&codes) {
            return Err(FormatError::Unsorted { what: "units" });
        }
        Ok(package)
    }
}

impl RoundKeys {
    pub(crate) fn write(&self, w: &mut Writer) {
        w.array(4).bytes(&self.box_key).bytes(&self.result_key.to_bytes());
        w.uint(self.threshold).uint(self.trustees);
    }

    pub(crate) fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.array(4, "round keys")?;
        let keys = Self {
            box_key: r.fixed("box key")?,
            result_key: PublicKey::read(r, "result key")?,
            threshold: r.u8(u8::MAX, "threshold")?,
            trustees: r.u8(u8::MAX, "trustees")?,
        };
        crate::secret::check_sharing(keys.threshold, keys.trustees)
            .map_err(|_| FormatError::Range { what: "number of trustees" })?;
        Ok(keys)
    }
}

impl UnitEntry {
    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.array(4, "unit")?;
        Ok(Self {
            code: UnitCode::read(r)?,
            name: r.text(TEXT_MAX, "unit name")?.to_owned(),
            voting: Voting::read(r)?,
            sheet: SheetHash(r.fixed("sheet hash")?),
        })
    }
}
