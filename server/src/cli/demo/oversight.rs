//! Units that hold their ballot for show, and whether the inspection committee is led to them and to nobody else.

use super::counting::{ORGANISER, PERSONS};
use super::meeting::{Minutes, minutes};
use super::plan::{Fate, UnitPlan, eligible};
use super::{DemoError, show};
use crate::cli::lang::language;
use crate::domain::calendar::{day_of, day_text};
use crate::domain::oversight::rule;
use crate::domain::periodic::DueDays;
use crate::domain::signs::Sign;
use crate::domain::visit::{FollowUp, VisitContent, VisitFinding, VisitState};
use crate::service::{self, Actor, Centre, now};
use std::collections::BTreeSet;
use std::sync::Arc;
use sync_core::id::RoundId;
use sync_core::record::Language;
use zeroize::Zeroizing;

/// Units of which the list is shown.
const SHOWN: usize = 8;

/// What is planted, unit by unit, as far as there are units for it: everybody gives everybody the lowest level; everybody
/// the highest; the minutes are signed before the totals are read; the record is written days later.
const SHOWS: [&[Sign]; 4] = [
    &[Sign::UniformBallots, Sign::FarFromOthers, Sign::NobodyMissing],
    &[Sign::UniformBallots, Sign::OnlyHighest, Sign::NobodyMissing],
    &[Sign::SignedEarly],
    &[Sign::WrittenLater],
];

/// Plants what is held for show in units to which nothing else happens. Everywhere else somebody is missing.
pub(super) fn plant(plan: &mut [UnitPlan], levels: u8) {
    let special = minutes(plan);
    let all: usize = plan.iter().map(|unit| unit.voters.len()).sum();
    for shows in SHOWS {
        let of_ballots = shows.contains(&Sign::UniformBallots);
        let places = (0..plan.len()).filter(|place| {
            let unit = &plan[*place];
            let fits = if of_ballots { is_untouched(unit) } else { !unit.is_isolated() };
            fits && eligible(unit) && unit.shows.is_empty() && special[*place] == Minutes::Ordinary
        });
        // Of many the calmest, and a small one: where everybody is content a large unit would be far from others too.
        let place = places.min_by_key(|place| {
            let unit = &plan[*place];
            (
                unit.rogue,
                unit.tablets.iter().filter(|fate| **fate != Fate::Ordinary).count(),
                unit.voters.len(),
                *place,
            )
        });
        let Some(unit) = place.map(|place| &mut plan[place]) else { continue };
        unit.shows = shows.to_vec();
        // In a small round there may be too few others to be far from.
        let compared = all >= 6 * unit.voters.len();
        unit.shows.retain(|sign| *sign != Sign::FarFromOthers || compared);
        if of_ballots {
            let level = if shows.contains(&Sign::OnlyHighest) { 0 } else { levels - 1 };
            for voter in &mut unit.voters {
                voter.marks.fill(Some(level));
            }
        }
    }
    for (unit, special) in plan.iter_mut().zip(special) {
        // Whoever has no network came to the last one; unless a slip is missing, that shows.
        if unit.is_isolated() && special != Minutes::SlipTakenHome {
            unit.shows.push(Sign::NobodyMissing);
        }
    }
    for unit in plan.iter_mut().filter(|unit| !unit.shows.contains(&Sign::UniformBallots)) {
        tell_apart(unit, levels);
    }
    for unit in
        plan.iter_mut().filter(|unit| !unit.is_isolated() && !unit.shows.contains(&Sign::NobodyMissing))
    {
        let home = unit.voters.iter().rposition(|voter| voter.again.is_none());
        if let Some(home) = home.filter(|_| unit.summoned >= crate::domain::signs::SMALLEST) {
            unit.voters.remove(home);
        }
    }
}

/// Where nothing is held for show no more than a third of the voters give everybody one level. In a unit that is content with
/// everybody chance would have more, and the sign would rightly ring.
fn tell_apart(unit: &mut UnitPlan, levels: u8) {
    let most = unit.voters.len() / 3;
    let uniform = unit.voters.iter_mut().filter(|voter| is_uniform(&voter.marks));
    // A slip used twice keeps its marks: whether they are equal is planted too.
    for voter in uniform.skip(most).filter(|voter| voter.again.is_none()) {
        let alone = voter.marks.len() == 1;
        if let Some(last) = voter.marks.last_mut() {
            *last = last.filter(|_| !alone).map(|level| (level + 1) % levels);
        }
    }
}

fn is_uniform(marks: &[Option<u8>]) -> bool {
    marks.first().is_some_and(|first| first.is_some() && marks.iter().all(|mark| mark == first))
}

/// Whether nothing befalls a unit's ballots.
fn is_untouched(unit: &UnitPlan) -> bool {
    !unit.rogue
        && unit.tablets.iter().all(|fate| *fate == Fate::Ordinary)
        && unit.voters.iter().all(|voter| voter.again.is_none())
}

/// When things are noted in a unit, in minutes since 1970: days later where the record is written for show.
pub(super) fn noted_at(unit: &UnitPlan) -> Option<u64> {
    let minutes = u64::try_from(now() / 60).unwrap_or_default();
    unit.shows.contains(&Sign::WrittenLater).then_some(minutes + 3 * 24 * 60)
}

/// What oversight showed against what was planted.
pub(super) struct Overseen {
    /// Signs that were planted, and of these the ones that were found.
    pub signs: (usize, usize),
    /// Signs that rang where nothing was planted.
    pub wrong: Vec<String>,
    seen: Arc<service::Overseen>,
}

/// Looks as the inspection committee does, notes a visit to the first unit on its list, and plans one to the second.
pub(super) async fn oversee(
    centre: &Centre,
    round: &RoundId,
    plan: &[UnitPlan],
) -> Result<Overseen, DemoError> {
    let organiser = Actor::Person(centre.person_named(ORGANISER).await?);
    let today = day_text(day_of(now()));
    let due = DueDays { all: Some(today.clone()), ..DueDays::default() };
    centre.acting_for(organiser).set_due_days(round, due, 0).await?;
    let inspector = centre.acting_for(Actor::Person(centre.person_named(PERSONS[0]).await?));
    let seen = centre.oversight(round).await?;
    let mut to_visit = seen.units.iter().filter(|unit| !unit.reasons.is_empty());
    let why = |unit: &service::UnitOversight| {
        unit.reasons.iter().map(|reason| reason.vi.clone()).collect::<Vec<_>>().join("; ")
    };
    let visit = |unit: &service::UnitOversight, state| VisitContent {
        state,
        planned_on: today.clone(),
        made_on: (state == VisitState::Made).then(|| today.clone()),
        people: vec![inspector_name(&inspector)],
        purpose: why(unit),
        findings: Vec::new(),
    };
    if let Some(unit) = to_visit.next() {
        let mut content = visit(unit, VisitState::Made);
        content.findings.push(VisitFinding {
            text: "Biên bản không khớp với phiếu thu về.".to_owned(),
            measure: "Họp lại ban kiểm phiếu và báo cáo bằng văn bản.".to_owned(),
            due_on: Some(today.clone()),
            follow_up: FollowUp::Open,
        });
        inspector.plan_visit(round, &unit.code, content).await?;
    }
    if let Some(unit) = to_visit.next() {
        inspector.plan_visit(round, &unit.code, visit(unit, VisitState::Planned)).await?;
    }
    let seen = centre.oversight(round).await?;
    let planted: BTreeSet<(&str, Sign)> =
        plan.iter().flat_map(|unit| unit.shows.iter().map(move |sign| (unit.code.as_str(), *sign))).collect();
    let rings: BTreeSet<(&str, Sign)> = seen
        .units
        .iter()
        .flat_map(|unit| unit.signs.iter().map(move |sign| (unit.code.as_str(), *sign)))
        .collect();
    let found = planted.intersection(&rings).count();
    let wrong = rings.difference(&planted).map(|(unit, sign)| {
        format!("unit {unit}: {} rings, and nothing of the kind was planted", sign.code())
    });
    Ok(Overseen { signs: (planted.len(), found), wrong: wrong.collect(), seen })
}

/// Login and one-time password of an inspector, for whoever wants to look.
pub(super) async fn account(centre: &Centre) -> Result<(&'static str, Zeroizing<String>), DemoError> {
    let inspector = centre.person_named(PERSONS[0]).await?;
    Ok((PERSONS[0], centre.reset_password(inspector.id, false).await?))
}

fn inspector_name(centre: &Centre) -> String {
    match centre.actor() {
        Actor::Person(person) => person.name.clone(),
        Actor::Operator | Actor::Centre => String::new(),
    }
}

/// Shows which units need a visit and why.
pub(super) fn tell(overseen: &Overseen) {
    let (seen, units) = (&overseen.seen.whole, &overseen.seen.units);
    say!("\n{}", tr!("demo-oversight"));
    say!(
        "  {}",
        tr!(
            "oversight-head",
            held = seen.units_held,
            all = seen.units_all,
            published = seen.units_published,
            visit = seen.units_to_visit
        )
    );
    say!("  {}", rule(language()));
    for unit in units.iter().filter(|unit| !unit.reasons.is_empty()).take(SHOWN) {
        let text = |reason: &service::ReasonLine| match language() {
            Language::Vietnamese => reason.vi.clone(),
            Language::English => reason.en.clone(),
        };
        let reasons: Vec<String> = unit.reasons.iter().map(text).collect();
        say!("  {:<7} {:<34} {}", unit.code, show::shorten(&unit.name, 34), reasons.join("; "));
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::{Outline, plan};
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_chacha::rand_core::SeedableRng;
    use sync_core::id::UnitCode;
    use sync_core::permit::PermitCode;

    /// Units of every size there is, with few officials, so that chance makes many ballots uniform.
    fn outlines(seed: u64) -> Vec<Outline> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let sizes = [4, 15, 22, 24, 30, 34, 38, 45, 55, 68, 90, 120];
        let outline = |(place, voters): (usize, &usize)| Outline {
            code: UnitCode::new(&format!("U{place}")).unwrap(),
            officials: 1 + place % 3,
            attended: place == 1,
            voters: *voters,
            slips: (0..voters + 5).map(|_| PermitCode::draw(&mut rng)).collect(),
        };
        sizes.iter().enumerate().map(outline).collect()
    }

    #[test]
    fn only_where_it_is_planted_do_more_than_half_give_everybody_one_level() {
        for seed in 0..100 {
            let mut units = plan(seed, outlines(seed), 3);
            plant(&mut units, 3);
            for unit in &units {
                let uniform = unit.voters.iter().filter(|voter| is_uniform(&voter.marks)).count();
                let planted = unit.shows.contains(&Sign::UniformBallots);
                assert_eq!(uniform * 2 > unit.voters.len(), planted, "seed {seed}, unit {}", unit.code);
            }
        }
    }
}
