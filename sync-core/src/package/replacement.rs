//! A signed statement that a unit's sheet is replaced by another: a misspelt name costs one sheet, not the district.

use super::rules::codes;
use super::{TEXT_MAX, VERSION};
use crate::cbor::{Format, FormatError, Reader, Writer};
use crate::cose::{Signed, SignedKind};
use crate::id::{PackageHash, SheetHash, UnitCode};

/// What a replacement does to the unit's permits; there is nothing between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PermitChange {
    /// The same permits stay good.
    Kept,
    /// All permits are new: slips were lost, or too few.
    Replaced,
}

codes!(PermitChange, "permit change", Kept = 0, Replaced = 1);

/// One replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetReplacement {
    /// The package it belongs to.
    pub package: PackageHash,
    /// The unit.
    pub unit: UnitCode,
    /// 1 for the first replacement of this unit, then 2, and so on.
    pub number: u32,
    /// The sheet that no longer holds.
    pub old: SheetHash,
    /// The sheet that holds from now on.
    pub new: SheetHash,
    /// Whether its permits are the same.
    pub permits: PermitChange,
    /// Why, for people.
    pub reason: String,
}

/// Most replacements of one unit's sheet.
pub const REPLACEMENTS_MAX: u32 = 100;

impl SignedKind for SheetReplacement {
    const DOMAIN: &'static str = "homphieu/sheet-replacement/1";
}

impl Format for SheetReplacement {
    const WHAT: &'static str = "sheet replacement";
    const MAX_BYTES: usize = 1024;

    fn write(&self, w: &mut Writer) {
        w.array(8).uint(VERSION).bytes(self.package.as_bytes()).text(self.unit.as_str()).uint(self.number);
        w.bytes(self.old.as_bytes()).bytes(self.new.as_bytes()).uint(self.permits.code()).text(&self.reason);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(8, VERSION, Self::WHAT)?;
        let replacement = Self {
            package: PackageHash(r.fixed("package hash")?),
            unit: UnitCode::read(r)?,
            number: r.u32(REPLACEMENTS_MAX, "replacement number")?,
            old: SheetHash(r.fixed("sheet hash")?),
            new: SheetHash(r.fixed("sheet hash")?),
            permits: PermitChange::read(r)?,
            reason: r.text(TEXT_MAX, "reason")?.to_owned(),
        };
        if replacement.number == 0 || replacement.old == replacement.new {
            return Err(FormatError::Range { what: "replacement number" });
        }
        Ok(replacement)
    }
}

/// The sheets of one unit in the order in which they held, whatever order the replacements arrived in. A replacement
/// counts only when it follows on the one before; should a centre ever sign two with one number, the smaller id holds
/// on every replica alike.
pub fn sheet_chain<'a>(
    first: SheetHash,
    replacements: impl IntoIterator<Item = &'a Signed<SheetReplacement>>,
) -> Vec<SheetHash> {
    let mut offered: Vec<_> = replacements.into_iter().collect();
    offered.sort_by_key(|signed| (signed.value().number, signed.id()));
    let mut chain = vec![first];
    for replacement in offered.iter().map(|signed| signed.value()) {
        if replacement.number as usize == chain.len() && chain.last() == Some(&replacement.old) {
            chain.push(replacement.new);
        }
    }
    chain
}

/// The last sheet of [`sheet_chain`]: the one that holds.
pub fn current_sheet<'a>(
    first: SheetHash,
    replacements: impl IntoIterator<Item = &'a Signed<SheetReplacement>>,
) -> SheetHash {
    sheet_chain(first, replacements).pop().unwrap_or(first)
}
