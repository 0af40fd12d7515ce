//! The opening order: the centre's signed list of what is opened and what is left out, with the decisions.

use crate::cbor::{Format, FormatError, Reader, Writer, strictly_ascending};
use crate::cose::SignedKind;
use crate::id::{DeviceId, EnvelopeId, ObjectId, PackageHash, SheetHash, UnitCode};
use crate::package::{TEXT_MAX, UNITS_MAX, VERSION};
use crate::receipt::{read_ids, write_ids};
use crate::survey::{Gap, HoldReason};
use std::collections::BTreeSet;

/// Most orders of one round.
pub const ORDERS_MAX: u32 = 100;
/// Most decisions in one unit's part.
pub const DECISIONS_MAX: usize = 4_096;
/// Most paper counts in one unit's part.
pub const PAPERS_MAX: usize = 1_024;
/// Most tablets in one unit's part.
pub const TABLETS_MAX: usize = 1_024;

/// Version of orders that give `orphan` as a reason. Others keep version 1.
const WITH_ORPHANS: u64 = 2;

/// What two people decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ruling {
    /// A held envelope is counted.
    Admit(EnvelopeId),
    /// A held envelope is left out.
    LeaveOut(EnvelopeId),
    /// Something missing is written off.
    WriteOff(Gap),
}

/// A decision of two people who neither vote nor are rated in the unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decision {
    /// What they decided.
    pub ruling: Ruling,
    /// Who: two different persons, in alphabetical order.
    pub by: [String; 2],
    /// Why.
    pub reason: String,
}

/// The part of an order for one unit, with the facts it was made from, so that anybody can check it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitOrder {
    /// The unit.
    pub unit: UnitCode,
    /// The sheet that held.
    pub sheet: SheetHash,
    /// Tablets certified for the unit, revoked or not, ascending.
    pub tablets: Vec<DeviceId>,
    /// Revoked devices among its authors and tablets, ascending.
    pub revoked: Vec<DeviceId>,
    /// Envelopes to open, ascending.
    pub admitted: Vec<EnvelopeId>,
    /// Envelopes left out and why they are held, ascending by id.
    pub left_out: Vec<(EnvelopeId, BTreeSet<HoldReason>)>,
    /// Decisions, ascending.
    pub decisions: Vec<Decision>,
    /// Sealed paper counts to open: see [`crate::record::Paper::id`], ascending.
    pub papers: Vec<ObjectId>,
}

/// One order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningOrder {
    /// The package.
    pub package: PackageHash,
    /// 1 for the first order of the round.
    pub number: u32,
    /// Digest of the order before; trustees refuse a second order with the same number.
    pub previous_order: Option<ObjectId>,
    /// Digest of the result before.
    pub previous_result: Option<ObjectId>,
    /// Every unit of the round, by code.
    pub units: Vec<UnitOrder>,
}

impl SignedKind for OpeningOrder {
    const DOMAIN: &'static str = "homphieu/opening-order/1";
}

impl Format for OpeningOrder {
    const WHAT: &'static str = "opening order";
    const MAX_BYTES: usize = 16 * 1024 * 1024;

    fn write(&self, w: &mut Writer) {
        w.array(6).uint(self.version()).bytes(self.package.as_bytes()).uint(self.number);
        w.maybe_bytes(self.previous_order.as_ref().map(ObjectId::as_bytes));
        w.maybe_bytes(self.previous_result.as_ref().map(ObjectId::as_bytes));
        w.list(&self.units, |w, unit| unit.write(w));
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let version = r.versions(|_| 6, WITH_ORPHANS, Self::WHAT)?;
        let order = Self {
            package: PackageHash(r.fixed("package hash")?),
            number: r.u32(ORDERS_MAX, "order number")?,
            previous_order: r.maybe("previous order", |r| r.fixed("previous order"))?.map(ObjectId),
            previous_result: r.maybe("previous result", |r| r.fixed("previous result"))?.map(ObjectId),
            units: r.list(UNITS_MAX, "units", UnitOrder::read)?,
        };
        if order.version() != version {
            return Err(FormatError::NotCanonical { what: Self::WHAT });
        }
        let first = order.number == 1;
        if order.number == 0
            || first != order.previous_order.is_none()
            || first != order.previous_result.is_none()
        {
            return Err(FormatError::Range { what: "order number" });
        }
        let codes: Vec<_> = order.units.iter().map(|unit| &unit.unit).collect();
        ascending(&codes, "units")?;
        Ok(order)
    }
}

impl OpeningOrder {
    /// An order that leaves out an orphaned envelope names a reason that readers of version 1 do not know.
    fn version(&self) -> u64 {
        let left_out = self.units.iter().flat_map(|unit| &unit.left_out);
        if left_out.into_iter().any(|(_, why)| why.contains(&HoldReason::Orphan)) {
            WITH_ORPHANS
        } else {
            VERSION
        }
    }
}

impl UnitOrder {
    fn write(&self, w: &mut Writer) {
        w.array(8).text(self.unit.as_str()).bytes(self.sheet.as_bytes());
        write_all(w, self.tablets.iter().map(|id| &id.0[..]));
        write_all(w, self.revoked.iter().map(|id| &id.0[..]));
        write_ids(w, &self.admitted);
        w.list(&self.left_out, |w, (id, reasons)| {
            let reasons: Vec<_> = reasons.iter().copied().collect();
            w.array(2).bytes(id.as_bytes()).list(&reasons, |w, reason| {
                w.uint(*reason as u64);
            });
        });
        w.list(&self.decisions, |w, decision| decision.write(w));
        write_all(w, self.papers.iter().map(|id| &id.0[..]));
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.array(8, "unit of an order")?;
        let unit = Self {
            unit: UnitCode::read(r)?,
            sheet: SheetHash(r.fixed("sheet hash")?),
            tablets: read_devices(r, "tablets")?,
            revoked: read_devices(r, "revoked devices")?,
            admitted: read_ids(r)?,
            left_out: r.list(DECISIONS_MAX, "left out", |r| {
                r.array(2, "left out")?;
                let id = EnvelopeId(r.fixed("envelope id")?);
                let count = HoldReason::ALL.len();
                let reasons =
                    r.list(count, "hold reasons", |r| HoldReason::from_number(r.u8(u8::MAX, "reason")?))?;
                ascending(&reasons, "hold reasons")?;
                Ok((id, reasons.into_iter().collect()))
            })?,
            decisions: r.list(DECISIONS_MAX, "decisions", Decision::read)?,
            papers: {
                let bytes = r.bytes(PAPERS_MAX * ObjectId::LEN, "papers")?;
                crate::cbor::sorted_entries(bytes, "papers")?.into_iter().map(ObjectId).collect()
            },
        };
        if !unit.left_out.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(FormatError::Unsorted { what: "left out" });
        }
        ascending(&unit.decisions, "decisions")?;
        Ok(unit)
    }
}

impl Decision {
    fn write(&self, w: &mut Writer) {
        w.array(4);
        match &self.ruling {
            Ruling::Admit(id) => w.array(2).uint(0_u64).bytes(id.as_bytes()),
            Ruling::LeaveOut(id) => w.array(2).uint(1_u64).bytes(id.as_bytes()),
            Ruling::WriteOff(Gap::Number { device, number }) => {
                w.array(3).uint(2_u64).bytes(device.as_bytes()).uint(*number)
            }
            Ruling::WriteOff(Gap::Close { device }) => w.array(2).uint(3_u64).bytes(device.as_bytes()),
            Ruling::WriteOff(Gap::Total { device, stated, found }) => {
                w.array(4).uint(4_u64).bytes(device.as_bytes()).uint(*stated).uint(*found)
            }
        };
        w.text(&self.by[0]).text(&self.by[1]).text(&self.reason);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let what = "decision";
        r.array(4, what)?;
        let fields = r.list_len(4, what)?;
        let kind = r.u8(4, what)?;
        let device = |r: &mut Reader<'_>| r.fixed(what).map(DeviceId);
        let ruling = match (kind, fields) {
            (0, 2) => Ruling::Admit(EnvelopeId(r.fixed(what)?)),
            (1, 2) => Ruling::LeaveOut(EnvelopeId(r.fixed(what)?)),
            (2, 3) => Ruling::WriteOff(Gap::Number { device: device(r)?, number: r.u32(u32::MAX, what)? }),
            (3, 2) => Ruling::WriteOff(Gap::Close { device: device(r)? }),
            (4, 4) => Ruling::WriteOff(Gap::Total {
                device: device(r)?,
                stated: r.u32(u32::MAX, what)?,
                found: r.u32(u32::MAX, what)?,
            }),
            _ => return Err(FormatError::Malformed { what }),
        };
        let by = [r.text(TEXT_MAX, what)?.to_owned(), r.text(TEXT_MAX, what)?.to_owned()];
        let reason = r.text(TEXT_MAX, what)?.to_owned();
        if by[0].trim().is_empty() || by[0] >= by[1] || reason.trim().is_empty() {
            return Err(FormatError::Range { what: "the two persons of a decision, or its reason" });
        }
        Ok(Self { ruling, by, reason })
    }
}

fn write_all<'a>(w: &mut Writer, parts: impl Iterator<Item = &'a [u8]>) {
    w.bytes(&parts.flatten().copied().collect::<Vec<_>>());
}

fn read_devices(r: &mut Reader<'_>, what: &'static str) -> Result<Vec<DeviceId>, FormatError> {
    let bytes = r.bytes(TABLETS_MAX * DeviceId::LEN, what)?;
    Ok(crate::cbor::sorted_entries(bytes, what)?.into_iter().map(DeviceId).collect())
}

fn ascending<T: Ord>(entries: &[T], what: &'static str) -> Result<(), FormatError> {
    if strictly_ascending(entries) { Ok(()) } else { Err(FormatError::Unsorted { what }) }
}
