//! Ballots of a box whose device key is gone: they leave unsigned, with their story, and two people decide about them.

use crate::cbor::{Format, FormatError, Reader, Writer};
use crate::envelope::{BALLOTS_MAX_BYTES, Batch};
use crate::id::{DeviceId, PackageHash, SheetHash, UnitCode};
use crate::package::VERSION;

/// Longest story in bytes; with it go the tablet and the envelope into an entry of the unit's record.
pub const STORY_MAX: usize = 400;

/// Ballots that waited in the box of a tablet which can sign nothing any more: as many as one envelope holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrphanBox {
    /// The package.
    pub package: PackageHash,
    /// The unit.
    pub unit: UnitCode,
    /// The tablet, as its certificate names it; nothing if that is gone, too. Nobody vouches for it.
    pub device: Option<DeviceId>,
    /// The sheet that the ballots were marked on.
    pub sheet: SheetHash,
    /// The ballots, at least one.
    pub ballots: Batch,
    /// What happened, in the words of whoever saved the box: 1 to [`STORY_MAX`] bytes.
    pub story: String,
}

impl Format for OrphanBox {
    const WHAT: &'static str = "orphaned box";
    const MAX_BYTES: usize = BALLOTS_MAX_BYTES + STORY_MAX + 256;

    fn write(&self, w: &mut Writer) {
        w.array(8).uint(VERSION).bytes(self.package.as_bytes()).text(self.unit.as_str());
        w.maybe_bytes(self.device.as_ref().map(DeviceId::as_bytes)).bytes(self.sheet.as_bytes());
        self.ballots.write(w);
        w.text(&self.story);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(8, VERSION, Self::WHAT)?;
        let orphan = Self {
            package: PackageHash(r.fixed("package hash")?),
            unit: UnitCode::read(r)?,
            device: r.maybe("device", |r| r.fixed("device"))?.map(DeviceId),
            sheet: SheetHash(r.fixed("sheet hash")?),
            ballots: Batch::read(r)?,
            story: r.text(STORY_MAX, "story")?.to_owned(),
        };
        if orphan.ballots.is_empty() || orphan.story.trim().is_empty() {
            return Err(FormatError::Range { what: Self::WHAT });
        }
        Ok(orphan)
    }
}
