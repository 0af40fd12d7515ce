//! A bundle in which everything fits: what it is, and its count with k shares.

use crate::look::{About, bytes, digits};
use crate::problem::{Code, Problem};
use crate::shares::{Given, Shares};
use serde::Serialize;
use sync_core::bundle::Bundle;
use sync_core::cbor::{decode, encode};
use sync_core::ceremony::KeyStatement;
use sync_core::cose::{Signed, Unverified};
use sync_core::count::{Answers, Openings, Part, RoundResult, count_opened, parts};
use sync_core::order::OpeningOrder;
use sync_core::secret::Joined;
use sync_core::verify::{Report, check_recount, verify_opened};
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

/// Ballots that one worker opens before it is heard of again: a fraction of a second on any machine.
const PART: usize = 64;

/// A bundle that was opened and checked as `homphieu verify` does. Nothing of a bundle in which anything does not fit is
/// shown or opened.
#[wasm_bindgen]
pub struct Checked {
    bundle: Bundle,
    report: Report,
    pub(crate) shares: Shares,
    joined: Option<Joined>,
    parts: Vec<Part>,
    openings: Openings,
}

/// What is to be opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, tsify::Tsify)]
pub struct ToOpen {
    /// Ballots of each part.
    pub parts: Vec<usize>,
    /// Shares that are wrong although their checksums fit; the others open.
    pub wrong: Vec<u8>,
}

/// A count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, tsify::Tsify)]
pub struct Counted {
    /// Number of the order and of its result.
    pub number: u32,
    /// Digits of the order.
    pub order: Vec<String>,
    /// Digits of the result.
    pub result: Vec<String>,
    /// Ballots collected.
    pub collected: u64,
    /// Valid ones.
    pub valid: u64,
    /// The bundle holds a signed result of this order, and it is the same to the last byte.
    pub same: bool,
    /// Shares that were wrong although their checksums fit.
    pub wrong: Vec<u8>,
    /// The signed result, as a file.
    #[tsify(type = "Uint8Array")]
    #[serde(serialize_with = "bytes")]
    pub bytes: Vec<u8>,
}

/// What bytes are that are not what was asked for, where that is known.
pub(crate) fn kind_of(bytes: &[u8]) -> Option<Code> {
    if bytes.is_empty() {
        return Some(Code::FileEmpty);
    }
    if bytes.starts_with(b"\x89HPGOI") {
        return Some(Code::FileIsParcel);
    }
    // An array whose first item is the bundle's name.
    if bytes.get(1..17).is_some_and(|name| name == b"\x6fhomphieu bundle") {
        return Some(Code::FileIsBundle);
    }
    if KeyStatement::open(bytes).is_ok() {
        return Some(Code::FileIsKeys);
    }
    Unverified::<RoundResult>::decode(bytes).is_ok().then_some(Code::FileIsResult)
}

impl Checked {
    /// Opens and checks a bundle.
    ///
    /// # Errors
    /// [`Problem`] with the first thing that does not stand, or what the file is instead.
    pub fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let bundle = Bundle::open(bytes).map_err(|error| match kind_of(bytes) {
            Some(Code::FileIsBundle) | None => error.into(),
            Some(other) => Problem::new(other),
        })?;
        let report = verify_opened(&bundle)?;
        let package = bundle.package.value();
        let shares = Shares::new(package.round, package.keys.clone());
        Ok(Self { bundle, report, shares, joined: None, parts: Vec::new(), openings: Openings::default() })
    }

    /// What it is.
    pub fn look(&self) -> About {
        About::of(&self.bundle, &self.report)
    }

    /// Takes a share, as it is typed.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn share(&mut self, typed: &str) -> Result<Given, Problem> {
        self.shares.add(typed)
    }

    /// Shares that are held.
    pub fn share_count(&self) -> usize {
        self.shares.given().indexes.len()
    }

    fn orders(&self) -> Vec<&Signed<OpeningOrder>> {
        self.bundle.orders.iter().collect()
    }

    /// Joins the shares that were given and cuts what is to be opened. The shares are wiped: from here on the joined secret
    /// is all there is.
    ///
    /// # Errors
    /// [`Problem`]: there is no order, or the shares do not open the round; then they stay.
    pub fn unlock(&mut self) -> Result<ToOpen, Problem> {
        if self.bundle.orders.is_empty() {
            return Err(Problem::new(Code::NoOrder));
        }
        let joined = self.shares.join()?;
        let wrong = joined.wrong.clone();
        self.parts = parts(&self.bundle.material(), &self.orders(), PART);
        self.openings = Openings::default();
        self.joined = Some(joined);
        self.shares.clear();
        Ok(ToOpen { parts: self.parts.iter().map(Part::len).collect(), wrong })
    }

    /// The key that opens ballots, for the [`crate::Opener`]s.
    ///
    /// # Errors
    /// [`Problem`] before the shares were joined.
    pub fn key(&self) -> Result<Zeroizing<[u8; 32]>, Problem> {
        let joined = self.joined.as_ref().ok_or_else(|| Problem::new(Code::Fault))?;
        Ok(joined.secret.box_key_bytes(&self.bundle.package.value().round))
    }

    /// One of the parts to open.
    ///
    /// # Errors
    /// [`Problem`] if there is none of this number.
    pub fn cut(&self, number: usize) -> Result<Vec<u8>, Problem> {
        self.parts.get(number).map(encode).ok_or_else(|| Problem::new(Code::Fault))
    }

    /// Takes what an [`crate::Opener`] answered to a part.
    ///
    /// # Errors
    /// [`Problem`] if that does not belong to it.
    pub fn put(&mut self, number: usize, answer: &[u8]) -> Result<(), Problem> {
        let fault = || Problem::new(Code::Fault);
        let part = self.parts.get(number).ok_or_else(fault)?;
        let answers: Answers = decode(answer).map_err(|_| fault())?;
        if self.openings.take(part, answers) { Ok(()) } else { Err(fault()) }
    }

    /// Counts what was opened and opens the rest itself, signs, and compares with the result in the bundle if it has one of
    /// this order. The secret is wiped.
    ///
    /// # Errors
    /// [`Problem`]: the recount gives another result.
    pub fn end(&mut self) -> Result<Counted, Problem> {
        let joined = self.joined.take().ok_or_else(|| Problem::new(Code::Fault))?;
        let openings = std::mem::take(&mut self.openings);
        self.parts.clear();
        let material = self.bundle.material();
        let result = count_opened(&material, &self.orders(), &joined.secret, openings, &mut |_, _| ())?;
        check_recount(&self.bundle, &result)?;
        let order = self.bundle.orders.last().ok_or_else(|| Problem::new(Code::NoOrder))?;
        let known = self.bundle.results.last();
        let totals = result.value().totals();
        Ok(Counted {
            number: order.value().number,
            order: digits(&order.id()),
            result: digits(&result.id()),
            collected: totals.collected,
            valid: totals.valid,
            same: known.is_some_and(|known| known.digest() == result.digest()),
            wrong: joined.wrong.clone(),
            bytes: result.into_bytes(),
        })
    }
}
