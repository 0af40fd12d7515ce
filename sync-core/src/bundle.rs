//! The bundle: everything of a round that is needed to count it and to check the count, in one canonical file.
//!
//! It holds no secret. Where it holds records it holds the names in them, so it is for the eyes of those who count and
//! check. Every part is covered by a signature or a hash, and
//! every list is in one order, so that each byte matters.

use crate::cbor::{self, Format, FormatError, Reader, Writer, strictly_ascending};
use crate::cose::{OpenError, PublicKey, Signed, SignedKind, Unverified};
use crate::count::{Material, RoundResult};
use crate::device::{Certificate, Revocation, SignedCertificate};
use crate::envelope::{Envelope, SignedEnvelope};
use crate::id::{DeviceId, EnvelopeId, ObjectId, PackageHash, SheetHash, UnitCode};
use crate::order::OpeningOrder;
use crate::package::{Package, Sheet, SheetReplacement, VERSION};
use crate::planted::{self, Bug};
use crate::record::{Act, Paper, RecordChange, SignedChange};
use std::collections::BTreeMap;
use thiserror::Error;

const MAGIC: &str = "homphieu bundle";
/// Most items of the frame. Some room is left, so that a later version is named as what it is.
const LEN_MAX: usize = 64;
/// Most entries of one kind.
const LIST_MAX: usize = 1_000_000;
/// The version of bundles that hold records. Others keep version 1.
const WITH_RECORDS: u64 = 2;

/// A bundle whose every part is signed by whom it should be and belongs to its package.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// The package.
    pub package: Signed<Package>,
    /// Every sheet of every unit.
    pub sheets: BTreeMap<SheetHash, Sheet>,
    /// Sheet replacements, by id.
    pub replacements: Vec<Signed<SheetReplacement>>,
    /// Device certificates, by id.
    pub certificates: Vec<SignedCertificate>,
    /// Revocations, by id.
    pub revocations: Vec<Signed<Revocation>>,
    /// Envelopes.
    pub envelopes: BTreeMap<EnvelopeId, SignedEnvelope>,
    /// Opening orders from the first on.
    pub orders: Vec<Signed<OpeningOrder>>,
    /// Results from the first on.
    pub results: Vec<Signed<RoundResult>>,
    /// Changes of all units' records, by id: every one that was ever stored, those left out for a twin as well.
    pub records: Vec<SignedChange>,
}

/// A kind of part, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The package.
    Package,
    /// A sheet.
    Sheet,
    /// A sheet replacement.
    SheetReplacement,
    /// A certificate.
    Certificate,
    /// A revocation.
    Revocation,
    /// An envelope.
    Envelope,
    /// An opening order.
    Order,
    /// A result.
    Result,
    /// A change of a record.
    RecordChange,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Package => "package",
            Self::Sheet => "sheet",
            Self::SheetReplacement => "sheet replacement",
            Self::Certificate => "device certificate",
            Self::Revocation => "revocation",
            Self::Envelope => "envelope",
            Self::Order => "opening order",
            Self::Result => "result",
            Self::RecordChange => "record change",
        })
    }
}

/// Why bytes are no bundle.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BundleError {
    /// The frame is not in its format.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// A part is not in its format or not signed by whom it should be.
    #[error("{part} {place} in the bundle is not genuine: {source}")]
    Part {
        /// Kind of part.
        part: Part,
        /// Its place, from 1.
        place: usize,
        /// What is wrong.
        source: OpenError,
    },
    /// A part belongs to another package, round or unit.
    #[error("{part} {place} in the bundle belongs to another round")]
    Foreign {
        /// Kind of part.
        part: Part,
        /// Its place, from 1.
        place: usize,
    },
    /// Parts are not in order, or one stands twice.
    #[error("the {part} list of the bundle is not in order")]
    Unsorted {
        /// Kind of part.
        part: Part,
    },
    /// A sheet that neither package nor replacement names.
    #[error("sheet {place} in the bundle is not one of this round")]
    UnknownSheet {
        /// Its place, from 1.
        place: usize,
    },
    /// A sheet that is named but not there.
    #[error("a sheet of unit {unit} is missing from the bundle")]
    MissingSheet {
        /// The unit.
        unit: UnitCode,
    },
    /// An envelope of a device without certificate.
    #[error("envelope {place} in the bundle is from device {device}, which has no certificate in it")]
    NoCertificate {
        /// Its place, from 1.
        place: usize,
        /// The device.
        device: DeviceId,
    },
    /// A record change of a device without certificate.
    #[error("record change {place} in the bundle is from device {device}, which has no certificate in it")]
    NoWriter {
        /// Its place, from 1.
        place: usize,
        /// The device.
        device: DeviceId,
    },
}

/// The frame: lists of byte strings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Raw {
    package: Vec<u8>,
    lists: [Vec<Vec<u8>>; 8],
}

impl Format for Raw {
    const WHAT: &'static str = "bundle";
    const MAX_BYTES: usize = 1 << 30;

    fn write(&self, w: &mut Writer) {
        let lists = if self.lists[7].is_empty() { &self.lists[..7] } else { &self.lists };
        let version = if lists.len() == 7 { VERSION } else { WITH_RECORDS };
        w.array(3 + lists.len()).text(MAGIC).uint(version).bytes(&self.package);
        for list in lists {
            w.list(list, |w, bytes| {
                w.bytes(bytes);
            });
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let len = r.list_len(LEN_MAX, Self::WHAT)?;
        if r.text(MAGIC.len(), Self::WHAT)? != MAGIC {
            return Err(FormatError::Malformed { what: Self::WHAT });
        }
        let version = r.version_up_to(WITH_RECORDS, Self::WHAT)?;
        let lists = if version == WITH_RECORDS { 8 } else { 7 };
        if len != 3 + lists {
            return Err(FormatError::Malformed { what: Self::WHAT });
        }
        let mut raw = Self { package: r.bytes(Self::MAX_BYTES, "package")?.to_vec(), ..Self::default() };
        for list in &mut raw.lists[..lists] {
            *list = r.list(LIST_MAX, Self::WHAT, |r| Ok(r.bytes(Self::MAX_BYTES, Self::WHAT)?.to_vec()))?;
        }
        Ok(raw)
    }
}

impl Bundle {
    /// An empty bundle of a round; parts are put into its fields, and [`Bundle::to_bytes`] orders them.
    pub fn new(package: Signed<Package>) -> Self {
        Self {
            package,
            sheets: BTreeMap::new(),
            replacements: Vec::new(),
            certificates: Vec::new(),
            revocations: Vec::new(),
            envelopes: BTreeMap::new(),
            orders: Vec::new(),
            results: Vec::new(),
            records: Vec::new(),
        }
    }

    /// The one encoding of these parts.
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::encode(&Raw {
            package: self.package.bytes().to_vec(),
            lists: [
                self.sheets.values().map(cbor::encode).collect(),
                by_id(&self.replacements),
                by_id(&self.certificates),
                by_id(if planted::is(Bug::BundleForgetsRevocations) {
                    &[]
                } else {
                    self.revocations.as_slice()
                }),
                self.envelopes.values().map(|envelope| envelope.bytes().to_vec()).collect(),
                by_number(&self.orders, |order| order.number),
                by_number(&self.results, |result| result.number),
                by_id(&self.records),
            ],
        })
    }

    /// Reads a bundle and checks every signature, hash and belonging in it. Whether chains, orders and results fit
    /// together is [`crate::verify`]'s to say.
    ///
    /// # Errors
    /// [`BundleError`] with the first part that is wrong.
    pub fn open(bytes: &[u8]) -> Result<Self, BundleError> {
        let raw: Raw = cbor::decode(bytes)?;
        let package = Package::open(&raw.package).map_err(|source| BundleError::Part {
            part: Part::Package,
            place: 1,
            source,
        })?;
        let hash = package.hash();
        let centre = package.value().centre.sign;
        let [sheets, replacements, certificates, revocations, envelopes, orders, results, records] =
            &raw.lists;
        let mut bundle = Self::new(package);
        bundle.replacements = open_list(
            Part::SheetReplacement,
            replacements,
            |r: &SheetReplacement| r.package == hash,
            |_| Some(centre),
        )?;
        bundle.certificates = open_list(
            Part::Certificate,
            certificates,
            |c: &Certificate| c.package == hash,
            |_| Some(centre),
        )?;
        bundle.revocations =
            open_list(Part::Revocation, revocations, |r: &Revocation| r.package == hash, |_| Some(centre))?;
        ascending_ids(Part::SheetReplacement, &bundle.replacements)?;
        ascending_ids(Part::Certificate, &bundle.certificates)?;
        ascending_ids(Part::Revocation, &bundle.revocations)?;
        bundle.open_sheets(sheets)?;
        bundle.open_envelopes(envelopes, &hash)?;
        bundle.open_records(records, &hash)?;
        bundle.orders =
            open_list(Part::Order, orders, |o: &OpeningOrder| o.package == hash, |_| Some(centre))?;
        let result_key = bundle.package.value().keys.result_key;
        bundle.results =
            open_list(Part::Result, results, |r: &RoundResult| r.package == hash, |_| Some(result_key))?;
        if !bundle.orders.is_sorted_by(|a, b| a.value().number < b.value().number) {
            return Err(BundleError::Unsorted { part: Part::Order });
        }
        if !bundle.results.is_sorted_by(|a, b| a.value().number < b.value().number) {
            return Err(BundleError::Unsorted { part: Part::Result });
        }
        Ok(bundle)
    }

    fn open_sheets(&mut self, sheets: &[Vec<u8>]) -> Result<(), BundleError> {
        let round = self.package.value().round;
        let mut named: BTreeMap<SheetHash, UnitCode> =
            self.package.value().units.iter().map(|unit| (unit.sheet, unit.code.clone())).collect();
        named.extend(self.replacements.iter().map(|r| (r.value().new, r.value().unit.clone())));
        let mut last = None;
        for (i, bytes) in sheets.iter().enumerate() {
            let place = i + 1;
            let sheet: Sheet = cbor::decode(bytes).map_err(|error| BundleError::Part {
                part: Part::Sheet,
                place,
                source: error.into(),
            })?;
            let hash = sheet.hash();
            if named.get(&hash) != Some(&sheet.unit) || sheet.round != round {
                return Err(BundleError::UnknownSheet { place });
            }
            if last.is_some_and(|last| last >= hash) {
                return Err(BundleError::Unsorted { part: Part::Sheet });
            }
            last = Some(hash);
            self.sheets.insert(hash, sheet);
        }
        match named.into_iter().find(|(hash, _)| !self.sheets.contains_key(hash)) {
            Some((_, unit)) => Err(BundleError::MissingSheet { unit }),
            None => Ok(()),
        }
    }

    /// Keys of everybody who may have signed an envelope or a record change here. The centre does both under a device id
    /// of its own, which needs no certificate.
    fn keys(&self) -> BTreeMap<DeviceId, PublicKey> {
        let centre = &self.package.value().centre;
        let certified = self.certificates.iter().map(|c| (c.value().device(), c.value().sign));
        certified.chain([(centre.device(), centre.sign)]).collect()
    }

    fn open_envelopes(&mut self, envelopes: &[Vec<u8>], hash: &PackageHash) -> Result<(), BundleError> {
        let keys = self.keys();
        for (i, bytes) in envelopes.iter().enumerate() {
            if let Ok(object) = Unverified::<Envelope>::decode(bytes)
                && !keys.contains_key(&object.claim().device)
            {
                return Err(BundleError::NoCertificate { place: i + 1, device: object.claim().device });
            }
        }
        let units = self.package.value();
        let belongs = |e: &Envelope| e.package == *hash && units.unit(&e.unit).is_some();
        let opened = open_list(Part::Envelope, envelopes, belongs, |e| keys.get(&e.device).copied())?;
        ascending_ids(Part::Envelope, &opened)?;
        self.envelopes = opened.into_iter().map(|signed| (signed.envelope_id(), signed)).collect();
        Ok(())
    }

    fn open_records(&mut self, records: &[Vec<u8>], hash: &PackageHash) -> Result<(), BundleError> {
        let keys = self.keys();
        for (i, bytes) in records.iter().enumerate() {
            if let Ok(object) = Unverified::<RecordChange>::decode(bytes)
                && let device = object.claim().actor.device()
                && !keys.contains_key(&device)
            {
                return Err(BundleError::NoWriter { place: i + 1, device });
            }
        }
        let units = self.package.value();
        let belongs = |change: &RecordChange| change.package == *hash && units.unit(&change.unit).is_some();
        let opened = open_list(Part::RecordChange, records, belongs, |change| {
            keys.get(&change.actor.device()).copied()
        })?;
        ascending_ids(Part::RecordChange, &opened)?;
        self.records = opened;
        Ok(())
    }

    /// Every paper count that anybody ever signed, undone or not, and the unit of each. An order stays countable
    /// whatever was noted after it.
    pub fn papers(&self) -> BTreeMap<ObjectId, (UnitCode, Paper)> {
        let package = self.package.hash();
        let mut papers = BTreeMap::new();
        for change in self.records.iter().map(Signed::value) {
            for entry in &change.entries {
                if let Act::Paper(paper) = &entry.act {
                    let paper = Paper { first: entry.person, ..paper.clone() };
                    papers.insert(paper.id(&package, &change.unit), (change.unit.clone(), paper));
                }
            }
        }
        papers
    }

    /// The parts as a count needs them.
    pub fn material(&self) -> Material<'_> {
        Material {
            package: &self.package,
            sheets: self.sheets.clone(),
            envelopes: self.envelopes.iter().map(|(id, envelope)| (*id, envelope)).collect(),
            papers: self.papers(),
        }
    }

    /// Adds a sheet under its hash.
    pub fn add_sheet(&mut self, sheet: Sheet) {
        self.sheets.insert(sheet.hash(), sheet);
    }

    /// Adds an envelope under its id.
    pub fn add_envelope(&mut self, envelope: SignedEnvelope) {
        self.envelopes.insert(envelope.envelope_id(), envelope);
    }
}

fn open_list<T: SignedKind>(
    part: Part,
    list: &[Vec<u8>],
    belongs: impl Fn(&T) -> bool,
    key_of: impl Fn(&T) -> Option<PublicKey>,
) -> Result<Vec<Signed<T>>, BundleError> {
    let open = |(i, bytes): (usize, &Vec<u8>)| {
        let place = i + 1;
        let wrong = |source: OpenError| BundleError::Part { part, place, source };
        let object = Unverified::<T>::decode(bytes).map_err(|error| wrong(error.into()))?;
        if !belongs(object.claim()) {
            return Err(BundleError::Foreign { part, place });
        }
        let key = key_of(object.claim()).ok_or(BundleError::Foreign { part, place })?;
        object.verify(&key).map_err(|error| wrong(error.into()))
    };
    list.iter().enumerate().map(open).collect()
}

fn ascending_ids<T: SignedKind>(part: Part, list: &[Signed<T>]) -> Result<(), BundleError> {
    let ids: Vec<_> = list.iter().map(Signed::id).collect();
    if strictly_ascending(&ids) { Ok(()) } else { Err(BundleError::Unsorted { part }) }
}

fn by_id<T: SignedKind>(list: &[Signed<T>]) -> Vec<Vec<u8>> {
    let sorted: BTreeMap<_, _> = list.iter().map(|signed| (signed.id(), signed.bytes().to_vec())).collect();
    sorted.into_values().collect()
}

fn by_number<T: SignedKind>(list: &[Signed<T>], number: impl Fn(&T) -> u32) -> Vec<Vec<u8>> {
    let sorted: BTreeMap<_, _> =
        list.iter().map(|signed| (number(signed.value()), signed.bytes().to_vec())).collect();
    sorted.into_values().collect()
}
