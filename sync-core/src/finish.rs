//! The end of a round, pure: when the centre may finish it, and what each unit's statement then lists.
//!
//! A [`RoundStatement`](crate::receipt::RoundStatement) is the only thing by which tablets and couriers delete. So it is issued only when nothing can
//! be asked of them any more: the last order covers everything that is here, its result is accepted, nothing held is
//! undecided, every unit is published or left unpublished by two people, a centre that came out of a backup has all of
//! every tablet or heard from it since (or two people go on without it), and a checked backup holds all of it. A
//! finished round is never opened again. What arrives later is stored, held as late and receipted like anything
//! else, and stays on its tablet, for no statement lists it.

use crate::count::RoundResult;
use crate::id::{DeviceId, EnvelopeId, UnitCode};
use crate::order::{OpeningOrder, UnitOrder};
use crate::planted::{self, Bug};
use crate::standing::{Obstacle, UnitStanding};
use crate::survey::HoldReason;
use std::collections::{BTreeMap, BTreeSet};

/// A closed round at one moment.
#[derive(Debug, Clone, Copy)]
pub struct RoundStanding<'a> {
    /// How each unit stands.
    pub units: &'a [UnitStanding],
    /// The last order, and its result if one was accepted.
    pub last: Option<(&'a OpeningOrder, Option<&'a RoundResult>)>,
    /// Published units, with the number of the order each was published by.
    pub published: &'a BTreeMap<UnitCode, u32>,
    /// Units that two people left unpublished, in writing.
    pub left_unpublished: &'a BTreeSet<UnitCode>,
}

/// What stands in the way of finishing a round.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unfinished {
    /// No order was made yet.
    NoOrder,
    /// The last order has no accepted result.
    NotCounted(u32),
    /// Something came or was decided in this unit after the last order.
    OrderOutdated(UnitCode),
    /// An envelope of this unit is held, and nobody decided about it.
    Undecided(UnitCode, EnvelopeId, BTreeSet<HoldReason>),
    /// The unit is not published by the last order, and nobody left it unpublished in writing.
    Unpublished(UnitCode),
    /// The centre came out of a backup, not all that this tablet of the unit sealed is here, and it was not heard from
    /// since: it may hold ballots with a receipt that this centre does not know. Nobody decided to go on without it.
    Unheard {
        /// The unit.
        unit: UnitCode,
        /// The tablet.
        device: DeviceId,
        /// What it is called.
        label: String,
    },
    /// No checked backup holds everything that is here now.
    NotBackedUp,
}

impl RoundStanding<'_> {
    /// Everything that stands in the way of finishing, but tablets not heard from and the backup, which only the host
    /// can look up.
    pub fn unfinished(&self) -> Vec<Unfinished> {
        let Some((order, result)) = self.last else { return vec![Unfinished::NoOrder] };
        let mut found = Vec::new();
        if result.is_none() {
            found.push(Unfinished::NotCounted(order.number));
        }
        for standing in self.units {
            let unit = &standing.unit;
            let part = order.units.iter().find(|part| part.unit == *unit);
            if planted::is(Bug::FinishesOutdated) {
                continue;
            }
            let covers = part.is_some() && standing.order().as_ref() == part;
            if !covers {
                found.push(Unfinished::OrderOutdated(unit.clone()));
            }
            let undecided = standing.undecided().into_iter();
            found.extend(undecided.map(|(id, why)| Unfinished::Undecided(unit.clone(), id, why.clone())));
            let published = self.published.get(unit) == Some(&order.number);
            if !published && !self.left_unpublished.contains(unit) {
                found.push(Unfinished::Unpublished(unit.clone()));
            }
        }
        found
    }
}

/// The envelopes that the statement of a unit lists: all that the last order opened or left out.
pub fn listed(order: &UnitOrder) -> Vec<EnvelopeId> {
    let left_out = order.left_out.iter().map(|(id, _)| *id);
    let ids: BTreeSet<EnvelopeId> = order.admitted.iter().copied().chain(left_out).collect();
    ids.into_iter().collect()
}

impl Unfinished {
    /// Stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoOrder => "no_order",
            Self::NotCounted(_) => "not_counted",
            Self::OrderOutdated(_) => "order_outdated",
            Self::Undecided(..) => "undecided_hold",
            Self::Unpublished(_) => "unpublished",
            Self::Unheard { .. } => "unheard_tablet",
            Self::NotBackedUp => "not_backed_up",
        }
    }

    /// The unit it is about, if it is about one.
    pub fn unit(&self) -> Option<&UnitCode> {
        match self {
            Self::OrderOutdated(unit) | Self::Undecided(unit, ..) | Self::Unpublished(unit) => Some(unit),
            Self::Unheard { unit, .. } => Some(unit),
            Self::NoOrder | Self::NotCounted(_) | Self::NotBackedUp => None,
        }
    }

    /// What it is and what to do, for a person.
    pub fn text(&self) -> String {
        match self {
            Self::NoOrder => "the ballots were never opened: make an order, count it and accept the result".to_owned(),
            Self::NotCounted(number) => {
                format!("opening order {number} has no accepted result yet: count it and accept the result")
            }
            Self::OrderOutdated(_) => Obstacle::OrderOutdated.text(),
            Self::Undecided(_, id, why) => Obstacle::Undecided(*id, why.clone()).text(),
            Self::Unpublished(_) => {
                "it is not published by the last order: publish it, or two people leave it unpublished and write why"
                    .to_owned()
            }
            Self::Unheard { .. } => "not heard from since the restore, and not all of it is here, so it may hold confirmed \
                 ballots that are missing: find the tablet and let it synchronise, or two people go on without it and write why"
                .to_owned(),
            Self::NotBackedUp => {
                "no checked backup holds everything that is here now: make one, and keep it".to_owned()
            }
        }
    }
}
