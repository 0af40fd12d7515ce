//! From a closed round to published figures: order, bundle, result, publication.

use super::deciding::interest;
use super::notices::{Announcement, check_days};
use super::record::{load_changes, load_findings};
use super::standing::{load_replacements, load_sheets, load_standings};
use super::{Centre, Round, load_round, plans};
use crate::domain::notice::USUAL_DAYS;
use crate::domain::person::{Interest, Role};
use crate::domain::state::RoundState;
use crate::error::AppError;
use crate::store::{Db, StoreError, devices, envelopes, orders, units};
use std::collections::{BTreeMap, BTreeSet};
use sync_core::bundle::Bundle;
use sync_core::cose::{PublicKey, Signed, SignedKind};
use sync_core::count::{RoundResult, UnitResult};
use sync_core::device::{Revocation, SignedCertificate};
use sync_core::envelope::SignedEnvelope;
use sync_core::id::{DeviceId, ObjectId, RoundId, UnitCode};
use sync_core::order::{ORDERS_MAX, OpeningOrder};
use sync_core::package::Package;
use sync_core::standing::{Obstacle, UnitStanding};
use sync_core::verify::verify;

/// What publishing did, unit by unit.
#[derive(Debug, Clone)]
pub struct PublishReport {
    /// Each unit asked for.
    pub units: Vec<UnitOutcome>,
}

/// What publishing did for one unit.
#[derive(Debug, Clone)]
pub struct UnitOutcome {
    /// The unit.
    pub unit: UnitCode,
    /// What stands in the way; nothing if it is published now.
    pub obstacles: Vec<Obstructed>,
}

/// An opening order that was made, by what trustees compare of it with paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MadeOrder {
    /// Its number, from 1.
    pub number: u32,
    /// Its digest.
    pub digest: ObjectId,
    /// Digest of the accepted result, once there is one.
    pub result: Option<ObjectId>,
}

/// Why a unit is not published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstructed {
    /// Something of the unit is open.
    Unit(Obstacle),
    /// Whoever asks may not: somebody else must publish this unit.
    Interest(Interest),
}

impl std::fmt::Display for Obstructed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unit(obstacle) => f.write_str(&obstacle.text()),
            Self::Interest(interest) => {
                write!(f, "the person who publishes {interest}; somebody else must publish it")
            }
        }
    }
}

impl Obstructed {
    /// Stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unit(obstacle) => obstacle.code(),
            Self::Interest(Interest::VotesThere) => "votes_there",
            Self::Interest(Interest::RatedThere) => "rated_there",
        }
    }
}

pub(super) struct Counted {
    pub order: Signed<OpeningOrder>,
    pub result: Option<Signed<RoundResult>>,
}

impl Centre {
    /// Makes and stores the next opening order of a closed round, from what is here and decided now.
    ///
    /// # Errors
    /// [`AppError`] with code `round_state` if the round is not closed, `result_missing` if the order before has no
    /// accepted result, `nothing_new` if it would not differ from the order before.
    pub async fn make_order(&self, round: &RoundId) -> Result<Signed<OpeningOrder>, AppError> {
        let mut tx = self.begin_units(round).await?;
        let stored = load_round(&mut tx, round).await?;
        stored.not_finished()?;
        if stored.state != RoundState::Closed {
            return Err(AppError::conflict(
                "round_state",
                format!("the round is {}; close it before the ballots are opened", stored.state),
            ));
        }
        let counted = load_counted(&mut tx, &stored.id, stored.signed()?.value()).await?;
        let standings = load_standings(&mut tx, None, &stored).await?;
        let no_sheet = || AppError::Store(StoreError::Damaged { what: "sheet" });
        let parts =
            standings.iter().map(|unit| unit.order().ok_or_else(no_sheet)).collect::<Result<Vec<_>, _>>()?;
        let before = counted.last();
        if let Some(Counted { order, result: None }) = before {
            return Err(AppError::conflict(
                "result_missing",
                format!("opening order {} has no accepted result yet: count it first", order.value().number),
            ));
        }
        if before.is_some_and(|before| before.order.value().units == parts) {
            return Err(AppError::conflict(
                "nothing_new",
                "nothing came or was decided since the last order",
            ));
        }
        let number = before.map_or(1, |before| before.order.value().number + 1);
        if number > ORDERS_MAX {
            return Err(AppError::conflict(
                "too_many_orders",
                format!("a round has at most {ORDERS_MAX} orders"),
            ));
        }
        let order = OpeningOrder {
            package: stored.signed()?.hash(),
            number,
            previous_order: before.map(|before| before.order.digest()),
            previous_result: before.and_then(|before| before.result.as_ref()).map(Signed::digest),
            units: parts,
        };
        let order = Signed::sign(order, self.key());
        orders::insert(&mut tx, round, number, order.bytes()).await?;
        self.commit(tx, "order_made", round.uuid(), format!("{number}: {}", order.digest())).await?;
        Ok(order)
    }

    /// The opening orders of a round by number; none before the round is signed.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_round`.
    pub async fn orders(&self, round: &RoundId) -> Result<Vec<MadeOrder>, AppError> {
        let mut tx = self.begin().await?;
        let stored = load_round(&mut tx, round).await?;
        let Some(package) = &stored.package else { return Ok(Vec::new()) };
        let made =
            load_counted(&mut tx, round, package.value()).await?.into_iter().map(|counted| MadeOrder {
                number: counted.order.value().number,
                digest: counted.order.digest(),
                result: counted.result.as_ref().map(Signed::digest),
            });
        Ok(made.collect())
    }

    /// Everything of a round for count and verification.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn bundle(&self, round: &RoundId) -> Result<Bundle, AppError> {
        let mut tx = self.begin().await?;
        let stored = load_round(&mut tx, round).await?;
        load_bundle(&mut tx, &stored).await
    }

    /// Takes the result of the last order, after checking it as an outsider would.
    ///
    /// # Errors
    /// [`AppError`] with code `result` if it is not the trustees' result of that order.
    pub async fn accept(&self, round: &RoundId, bytes: &[u8]) -> Result<Signed<RoundResult>, AppError> {
        let mut tx = self.begin_units(round).await?;
        let stored = load_round(&mut tx, round).await?;
        let key = stored.signed()?.value().keys.result_key;
        let wrong = |error: &dyn std::fmt::Display| AppError::unprocessable("result", error.to_string());
        let result = Signed::<RoundResult>::open(bytes, &key).map_err(|error| wrong(&error))?;
        let mut bundle = load_bundle(&mut tx, &stored).await?;
        let number = result.value().number;
        if let Some(known) = bundle.results.iter().find(|known| known.value().number == number) {
            // The same result again is success; another one for the same order never is.
            return if known.digest() == result.digest() {
                Ok(result)
            } else {
                Err(AppError::conflict("other_result", format!("order {number} has another result already")))
            };
        }
        bundle.results.push(result.clone());
        verify(&bundle.to_bytes(), &[], &mut |_, _| ()).map_err(|error| wrong(&error))?;
        if !orders::accept(&mut tx, round, number, bytes).await? {
            return Err(AppError::conflict("unknown_order", format!("there is no opening order {number}")));
        }
        self.commit(tx, "result_accepted", round.uuid(), format!("{number}: {}", result.digest())).await?;
        Ok(result)
    }

    /// Publishes units for which nothing stands in the way; all of them if none is named. It takes a person who
    /// answers for it, and who neither votes nor is rated in the unit.
    ///
    /// # Errors
    /// [`AppError`] with code `person_needed` or `role`.
    pub async fn publish(&self, round: &RoundId, only: &[String]) -> Result<PublishReport, AppError> {
        self.publish_within(round, only, USUAL_DAYS).await
    }

    /// Publishes like [`Self::publish`]; officials are to be told within so many working days.
    ///
    /// # Errors
    /// As [`Self::publish`], `notice_days` for a number out of bounds, `calendar` if the days off cannot be read.
    pub async fn publish_within(
        &self,
        round: &RoundId,
        only: &[String],
        notice_days: u16,
    ) -> Result<PublishReport, AppError> {
        self.publish_as_of(round, only, notice_days, super::notices::today()).await
    }

    /// The same with another day of publication in the notices, for a round that is played in a moment and stands for one
    /// that took weeks.
    pub(crate) async fn publish_as_of(
        &self,
        round: &RoundId,
        only: &[String],
        notice_days: u16,
        made_on: time::Date,
    ) -> Result<PublishReport, AppError> {
        let (working_days, calendar) = (check_days(notice_days)?, self.calendar()?);
        let person = self.person_with(&[Role::Organiser])?;
        let mut tx = self.begin_units(round).await?;
        let stored = load_round(&mut tx, round).await?;
        stored.not_finished()?;
        let wanted = only.iter().map(|code| stored.unit(code)).collect::<Result<BTreeSet<_>, _>>()?;
        let counted = load_counted(&mut tx, &stored.id, stored.signed()?.value()).await?;
        let last = counted.iter().rev().find_map(|c| Some((c.order.value(), c.result.as_ref()?.value())));
        let published = units::published(&mut tx, round).await?;
        let before = &published_before(&counted, &published);
        let mut outcomes = Vec::new();
        for standing in load_standings(&mut tx, None, &stored).await? {
            let unit = standing.unit.clone();
            if !wanted.is_empty() && !wanted.contains(&unit) {
                continue;
            }
            let findings = load_findings(&mut tx, &stored, &standing).await?;
            let standing = standing.with_findings(findings);
            let mut obstacles: Vec<Obstructed> =
                obstacles(&standing, last).into_iter().map(Obstructed::Unit).collect();
            obstacles.extend(interest(&stored, &unit, person).map(Obstructed::Interest));
            if obstacles.is_empty()
                && let Some((order, result)) = last
            {
                units::publish(&mut tx, round, &unit, order.number).await?;
                let round = &stored;
                let calendar = &calendar;
                let announcement = Announcement { round, result, before, calendar, working_days, made_on };
                announcement.make(&mut tx, &unit).await?;
                plans::owe(&mut tx, &announcement, &unit).await?;
            }
            outcomes.push(UnitOutcome { unit, obstacles });
        }
        let done: Vec<_> =
            outcomes.iter().filter(|o| o.obstacles.is_empty()).map(|o| o.unit.as_str()).collect();
        if done.is_empty() {
            return Ok(PublishReport { units: outcomes });
        }
        let detail = format!("{} units: {}", done.len(), done.join(","));
        self.commit(tx, "units_published", round.uuid(), detail).await?;
        Ok(PublishReport { units: outcomes })
    }
}

/// What stood about each unit in the result by which it is published so far.
fn published_before<'a>(
    counted: &'a [Counted],
    published: &[(UnitCode, u32)],
) -> BTreeMap<UnitCode, &'a UnitResult> {
    let part = |(unit, order): &(UnitCode, u32)| {
        let mut results = counted.iter().filter_map(|counted| counted.result.as_ref()).map(Signed::value);
        let result = results.find(|result| result.number == *order)?;
        Some((unit.clone(), result.units.iter().find(|part| part.unit == *unit)?))
    };
    published.iter().filter_map(part).collect()
}

fn obstacles(standing: &UnitStanding, last: Option<(&OpeningOrder, &RoundResult)>) -> Vec<Obstacle> {
    let unit = last.and_then(|(order, result)| {
        let order = order.units.iter().find(|part| part.unit == standing.unit)?;
        let result = result.units.iter().find(|part| part.unit == standing.unit)?;
        Some((order, result))
    });
    standing.obstacles(unit)
}

pub(super) async fn load_counted(
    db: &mut Db,
    round: &RoundId,
    package: &Package,
) -> Result<Vec<Counted>, AppError> {
    let (centre, trustees) = (package.centre.sign, package.keys.result_key);
    let rows = orders::list(db, round).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Counted {
                order: open(&row.bytes, &centre, "opening order")?,
                result: row.result.map(|bytes| open(&bytes, &trustees, "result")).transpose()?,
            })
        })
        .collect()
}

async fn load_bundle(db: &mut Db, round: &Round) -> Result<Bundle, AppError> {
    let package = round.signed()?;
    let centre = package.value().centre.sign;
    let mut bundle = Bundle::new(package.clone());
    // The centre itself is the author of boxes that it took for tablets without their key.
    let mut keys: BTreeMap<DeviceId, PublicKey> = BTreeMap::from([(package.value().centre.device(), centre)]);
    for row in devices::list(db, &round.id).await? {
        let certificate: SignedCertificate = open(&row.certificate, &centre, "certificate")?;
        keys.insert(certificate.value().device(), certificate.value().sign);
        bundle.certificates.push(certificate);
        if let Some(bytes) = row.revocation {
            bundle.revocations.push(open::<Revocation>(&bytes, &centre, "revocation")?);
        }
    }
    for entry in &package.value().units {
        bundle.sheets.extend(load_sheets(db, &round.id, &entry.code).await?);
        bundle.replacements.extend(load_replacements(db, &round.id, &entry.code, &centre).await?);
        for bytes in envelopes::of_unit(db, &round.id, &entry.code).await? {
            let damaged = || StoreError::Damaged { what: "envelope" };
            let object = sync_core::cose::Unverified::decode(&bytes).map_err(|_| damaged())?;
            let claim: &sync_core::envelope::Envelope = object.claim();
            let key = keys.get(&claim.device).ok_or_else(damaged)?;
            let envelope: SignedEnvelope = object.verify(key).map_err(|_| damaged())?;
            bundle.add_envelope(envelope);
        }
        bundle.records.extend(load_changes(db, round, &entry.code).await?);
    }
    for counted in load_counted(db, &round.id, package.value()).await? {
        bundle.orders.push(counted.order);
        bundle.results.extend(counted.result);
    }
    Ok(bundle)
}

pub(super) fn open<T: SignedKind>(
    bytes: &[u8],
    key: &PublicKey,
    what: &'static str,
) -> Result<Signed<T>, AppError> {
    Signed::open(bytes, key).map_err(|_| StoreError::Damaged { what }.into())
}
