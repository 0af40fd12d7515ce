//! Small groups: nothing that leaves the count shows a level of too few ballots, not even by subtraction.

use crate::common::{Lines, Tablet, World, attended_unit, permit_unit, tally, unit_of};
use proptest::prelude::*;
use sync_core::cbor;
use sync_core::cose::Signed;
use sync_core::count::{Line, Pool, RoundResult, SIGNS_MIN, Signs};
use sync_core::id::{ObjectId, UnitCode};
use sync_core::package::Rules;
use sync_core::verify::{VerifyError, verify};

const OFFICIALS: usize = 2;
const LIMIT: usize = 5;

/// A round in which the ballots of each unit have these marks; every unit votes on one tablet.
fn round(seed: u64, plans: &[crate::common::Plan], marked: &[&[Lines]]) -> World {
    let mut world = World::new(seed, plans);
    for (unit, ballots) in marked.iter().enumerate() {
        let mut tablet = world.enrol(unit);
        let cast = |(slip, lines): (usize, &Lines)| match world.units[unit].slips.is_empty() {
            true => world.attended_ballot(unit, lines),
            false => world.ballot(unit, slip, lines),
        };
        let records = ballots.iter().enumerate().map(cast).collect();
        world.send(&mut tablet, records, true);
    }
    world.open_all();
    world
}

/// The signed result as an outsider takes it from the bundle, without the digests that name envelopes.
fn published(world: &World) -> RoundResult {
    let bundle = sync_core::bundle::Bundle::open(&world.archive.to_bytes()).expect("a sound bundle");
    let mut result = bundle.results.last().expect("a result").value().clone();
    result.order = ObjectId([0; 32]);
    result.previous = None;
    result
}

fn ballots(marks: &[[u8; OFFICIALS]]) -> Vec<Lines> {
    marks
        .iter()
        .map(|lines| lines.iter().map(|mark| Some(*mark).filter(|mark| *mark < 3)).collect())
        .collect()
}

#[test]
fn whatever_four_people_mark_every_output_stays_the_same() {
    let plans = [permit_unit(9, OFFICIALS), permit_unit(4, OFFICIALS), attended_unit(4, OFFICIALS)];
    let shown = ballots(&[[0, 1], [1, 1], [2, 0], [0, 3], [3, 3], [0, 0]]);
    let one = round(1, &plans, &[&shown, &ballots(&[[0, 0]; 4]), &[]]);
    for other in [[[2, 2]; 4], [[3, 3]; 4], [[0, 1], [1, 0], [2, 3], [3, 2]]] {
        let other = round(1, &plans, &[&shown, &ballots(&other), &[]]);
        assert_eq!(one.package(), other.package());
        assert_eq!(cbor::encode(&published(&one)), cbor::encode(&published(&other)));
        assert_eq!(published(&one).totals(), published(&other).totals());
    }
}

#[test]
fn totals_leave_a_small_unit_out_and_say_so() {
    let plans = [permit_unit(9, OFFICIALS), permit_unit(4, OFFICIALS)];
    let shown = ballots(&[[0, 1], [1, 1], [2, 0], [0, 3], [3, 3], [0, 0]]);
    let world = round(2, &plans, &[&shown, &ballots(&[[2, 2]; 4])]);
    let result = published(&world);
    let small = unit_of(&result, &world, 1);
    assert_eq!((small.valid, small.collected(), &small.lines, &small.signs), (4, 4, &None, &None));
    assert_eq!(result.pool, None, "one unit is no sum");
    let totals = result.totals();
    assert_eq!(totals.left_out, std::slice::from_ref(&small.unit));
    assert_eq!((totals.collected, totals.valid), (10, 10));
    let shown = tally(&shown, OFFICIALS);
    let sum = |level: usize| shown.iter().map(|line| u64::from(line.levels[level])).sum::<u64>();
    assert_eq!(totals.levels, (0..3).map(sum).collect::<Vec<_>>(), "totals minus what is shown is nothing");
    assert_eq!(totals.invalid_lines, shown.iter().map(|line| u64::from(line.invalid)).sum::<u64>());
}

#[test]
fn a_unit_with_exactly_the_limit_is_shown_and_with_one_less_is_not() {
    for limit in [2, 5, 8] {
        for (valid, shown) in [(limit, true), (limit - 1, false)] {
            let rules = Rules { min_publish: limit, ..Rules::default() };
            let mut world = World::with_rules(3, &[permit_unit(20, OFFICIALS)], rules);
            let mut tablet = world.enrol(0);
            let records = (0..valid as usize).map(|slip| world.ballot(0, slip, &[Some(1), None])).collect();
            world.send(&mut tablet, records, true);
            let result = world.open_all();
            assert_eq!(result.units[0].lines.is_some(), shown, "{valid} of {limit}");
        }
    }
}

#[test]
fn invalid_ballots_do_not_lift_a_unit_over_the_limit() {
    let mut world = World::new(4, &[permit_unit(20, OFFICIALS)]);
    let mut tablet = world.enrol(0);
    let mut records: Vec<_> = (0..4).map(|slip| world.ballot(0, slip, &[Some(1), None])).collect();
    for slip in 4..9 {
        let ballot = world.ballot(0, slip, &[Some(1), None]);
        let mut bytes = ballot.as_bytes().to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        records.push(sync_core::ballot::Record::from_slice(&bytes).unwrap());
    }
    world.send(&mut tablet, records, true);
    let result = world.open_all();
    assert_eq!((result.units[0].valid, result.units[0].collected()), (4, 9));
    assert_eq!(result.units[0].lines, None);
}

#[test]
fn small_units_that_reach_the_limit_together_appear_as_one_sum_which_hides_who_marked_what() {
    let plans = [permit_unit(9, OFFICIALS), permit_unit(4, OFFICIALS), permit_unit(4, OFFICIALS)];
    let shown = ballots(&[[0, 1], [1, 1], [2, 0], [0, 3], [3, 3], [0, 0]]);
    let (all_high, all_low) = (ballots(&[[0, 0]; 3]), ballots(&[[2, 3]; 3]));
    let one = round(5, &plans, &[&shown, &all_high, &all_low]);
    let other = round(5, &plans, &[&shown, &all_low, &all_high]);
    let result = published(&one);
    assert_eq!(result, published(&other), "the units may have marked the other way round");
    let units = [1, 2].map(|unit| one.units[unit].code.clone());
    let pool = Pool { units: units.into(), valid: 6, levels: vec![6, 0, 3], invalid: 3 };
    assert_eq!(result.pool, Some(pool));
    assert_eq!(result.totals().left_out, Vec::<UnitCode>::new());
    assert!([1, 2].iter().all(|unit| unit_of(&result, &one, *unit).lines.is_none()));
}

#[test]
fn small_units_that_stay_below_the_limit_together_are_in_no_sum() {
    let plans = [permit_unit(4, OFFICIALS), permit_unit(4, OFFICIALS), permit_unit(4, OFFICIALS)];
    let two = ballots(&[[0, 0]; 2]);
    let result = published(&round(6, &plans, &[&two, &two, &[]]));
    assert_eq!(result.pool, None);
    assert_eq!(result.totals().levels, Vec::<u64>::new());
    assert_eq!(result.totals().left_out.len(), 3);
}

#[test]
fn a_pooled_unit_is_not_shown_alone_when_it_grows() {
    let mut story = Story::new(7, &[20, 20]);
    story.arrive(0, 4);
    story.arrive(1, 4);
    story.open();
    story.arrive(0, 9);
    story.open();
    let last = story.results.last().unwrap();
    assert_eq!(last.units[0].valid, 13);
    assert!(last.units.iter().all(|unit| unit.lines.is_none() && unit.signs.is_none()));
    assert_eq!(last.pool.as_ref().unwrap().valid, 17);
    story.no_small_group_follows();
}

/// A round that is opened several times while envelopes come.
struct Story {
    world: World,
    tablets: Vec<Tablet>,
    /// Per unit the ballots of each arrival.
    arrivals: Vec<Vec<Vec<Lines>>>,
    results: Vec<RoundResult>,
}

impl Story {
    fn new(seed: u64, voters: &[u32]) -> Self {
        let plans: Vec<_> = voters.iter().map(|voters| permit_unit(*voters, OFFICIALS)).collect();
        let mut world = World::new(seed, &plans);
        let tablets = (0..plans.len()).map(|unit| world.enrol(unit)).collect();
        Self { world, tablets, arrivals: vec![Vec::new(); plans.len()], results: Vec::new() }
    }

    fn arrive(&mut self, unit: usize, count: usize) {
        let slip = self.arrivals[unit].iter().map(Vec::len).sum::<usize>();
        let lines: Vec<Lines> = (0..count).map(|_| self.world.marks(unit)).collect();
        let records =
            (slip..).zip(&lines).map(|(slip, lines)| self.world.ballot(unit, slip, lines)).collect();
        if count > 0 {
            self.world.send(&mut self.tablets[unit], records, false);
            self.arrivals[unit].push(lines);
        }
    }

    fn open(&mut self) {
        let result = self.world.open_all();
        self.results.push(result);
    }

    /// For each arrival of each unit, whether its ballots are in the unit's figures of a result.
    fn counted(&self, result: &RoundResult, unit: usize) -> Vec<bool> {
        let mut left = unit_of(result, &self.world, unit).valid as usize;
        self.arrivals[unit]
            .iter()
            .map(|arrival| {
                let counted = left >= arrival.len();
                left -= if counted { arrival.len() } else { left };
                counted
            })
            .collect()
    }

    /// Every figure by level that anybody can read in any result, as the arrivals that are summed in it.
    fn figures(&self) -> Vec<Vec<bool>> {
        let units = 0..self.arrivals.len();
        let mut figures = Vec::new();
        for result in &self.results {
            let pool = result.pool.as_ref().map_or(&[][..], |pool| &pool.units);
            let mut pooled = Vec::new();
            for unit in units.clone() {
                let lines = &unit_of(result, &self.world, unit).lines;
                let counted = self.counted(result, unit);
                let alone = |of: usize| if of == unit { counted.clone() } else { self.none(of) };
                if let Some(lines) = lines {
                    let of = self.arrivals[unit].iter().zip(&counted).filter(|(_, counted)| **counted);
                    let marked: Vec<Lines> = of.flat_map(|(arrival, _)| arrival.clone()).collect();
                    assert_eq!(*lines, tally(&marked, OFFICIALS), "the model knows what is shown");
                    figures.push(units.clone().flat_map(alone).collect());
                }
                let member = pool.contains(&self.world.units[unit].code);
                pooled.extend(if member { counted } else { self.none(unit) });
            }
            figures.push(pooled);
        }
        figures
    }

    fn none(&self, unit: usize) -> Vec<bool> {
        vec![false; self.arrivals[unit].len()]
    }

    /// No sum or difference of what is shown is the figure of fewer ballots than the limit. Totals add nothing: they
    /// are the sum of what is shown.
    fn no_small_group_follows(&self) {
        let sizes: Vec<usize> = self.arrivals.iter().flatten().map(Vec::len).collect();
        let figures = self.figures();
        let basis = echelon(figures.iter().map(|f| f.iter().map(|b| i64::from(*b)).collect()).collect());
        assert!(sizes.len() <= 12, "every group of arrivals is tried");
        for group in 1..1_u32 << sizes.len() {
            let members: Vec<bool> = (0..sizes.len()).map(|i| group >> i & 1 == 1).collect();
            let ballots: usize = sizes.iter().zip(&members).filter(|(_, m)| **m).map(|(size, _)| size).sum();
            let vector = members.iter().map(|b| i64::from(*b)).collect();
            assert!(
                ballots >= LIMIT || !spanned(&basis, vector),
                "{ballots} ballots of {members:?} of {sizes:?} follow from {figures:?}"
            );
        }
    }
}

/// Integer rows in echelon form: no row begins where another does.
pub fn echelon(rows: Vec<Vec<i64>>) -> Vec<Vec<i64>> {
    let mut basis: Vec<Vec<i64>> = Vec::new();
    for row in rows {
        let row = reduced(&basis, row);
        if row.iter().any(|value| *value != 0) {
            basis.push(row);
            basis.sort_by_key(|row| row.iter().position(|value| *value != 0));
        }
    }
    basis
}

fn reduced(basis: &[Vec<i64>], mut row: Vec<i64>) -> Vec<i64> {
    for other in basis {
        let lead = other.iter().position(|value| *value != 0).expect("a basis has no empty row");
        let (by, factor) = (row[lead], other[lead]);
        if by != 0 {
            row.iter_mut().zip(other).for_each(|(value, other)| *value = *value * factor - other * by);
        }
    }
    row
}

pub fn spanned(basis: &[Vec<i64>], vector: Vec<i64>) -> bool {
    reduced(basis, vector).iter().all(|value| *value == 0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn over_several_orders_no_sum_or_difference_shows_too_few_ballots(
        seed: u64, waves in prop::collection::vec(prop::collection::vec(0..8_usize, 4), 1..=3),
    ) {
        let mut story = Story::new(seed, &[30, 30, 30, 30]);
        for wave in waves {
            wave.iter().enumerate().for_each(|(unit, count)| story.arrive(unit, *count));
            story.open();
        }
        story.no_small_group_follows();
    }
}

#[test]
fn the_check_for_subtraction_itself_finds_a_leak() {
    // 9 ballots shown, then 9 and 2 more: the difference would be 2.
    let basis = echelon(vec![vec![1, 0], vec![1, 1]]);
    assert!(spanned(&basis, vec![0, 1]));
    assert!(!spanned(&echelon(vec![vec![1, 1, 0], vec![0, 1, 1]]), vec![0, 1, 0]));
}

fn signs_of(marked: &[Lines]) -> Option<Signs> {
    let world = round(8, &[permit_unit(40, OFFICIALS)], &[marked]);
    published(&world).units[0].signs
}

#[test]
fn signs_of_formalism_are_yes_or_no_and_only_from_twenty_valid_ballots_on() {
    let signs = |uniform_ballots, only_highest| Some(Signs { uniform_ballots, only_highest });
    let highest = |count| ballots(&vec![[0, 0]; count]);
    assert_eq!(signs_of(&highest(SIGNS_MIN - 1)), None);
    assert_eq!(signs_of(&highest(SIGNS_MIN)), signs(true, true));
    let mixed =
        |uniform: usize| [ballots(&vec![[1, 1]; uniform]), ballots(&vec![[0, 1]; 20 - uniform])].concat();
    assert_eq!(signs_of(&mixed(10)), signs(false, false), "exactly half is not more than half");
    assert_eq!(signs_of(&mixed(11)), signs(true, false));
    let blank = ballots(&[[3, 3]; 20]);
    assert_eq!(signs_of(&blank), signs(false, true), "blank lines are no level");
}

/// What an outsider says of a result that holders of the key signed against the rules.
fn seen(world: &World, change: impl FnOnce(&mut RoundResult)) -> Result<(), VerifyError> {
    let mut result = world.archive.results[0].value().clone();
    change(&mut result);
    let mut bundle = world.archive.clone();
    bundle.results = vec![Signed::sign(result, &world.secret.result_key(&world.round))];
    verify(&bundle.to_bytes(), &[], &mut |_, _| {}).map(drop)
}

#[test]
fn an_outsider_refuses_levels_that_are_shown_for_too_few_or_hidden_without_need() {
    let plans = [permit_unit(9, OFFICIALS), permit_unit(4, OFFICIALS)];
    let marked = [ballots(&[[0, 1]; 6]), ballots(&[[2, 2]; 4])];
    let world = round(9, &plans, &[&marked[0], &marked[1]]);
    let figures = |unit: usize| Err(VerifyError::Figures { number: 1, unit: world.units[unit].code.clone() });
    assert_eq!(seen(&world, |_| ()), Ok(()));
    assert_eq!(seen(&world, |result| result.units[1].lines = Some(tally(&marked[1], OFFICIALS))), figures(1));
    assert_eq!(seen(&world, |result| result.units[0].lines = None), figures(0));
    let none = Signs { uniform_ballots: false, only_highest: false };
    assert_eq!(seen(&world, |result| result.units[1].signs = Some(none)), figures(1));
    let add = |lines: &mut Option<Vec<Line>>| lines.as_mut().unwrap()[0].levels[0] += 1;
    assert_eq!(seen(&world, |result| add(&mut result.units[0].lines)), figures(0));
}

#[test]
fn an_outsider_refuses_signs_and_sums_of_too_few() {
    let plans = [permit_unit(9, OFFICIALS), permit_unit(4, OFFICIALS)];
    let marked = [ballots(&[[0, 1]; 6]), ballots(&[[2, 2]; 4])];
    let world = round(10, &plans, &[&marked[0], &marked[1]]);
    let none = Signs { uniform_ballots: false, only_highest: false };
    assert!(seen(&world, |result| result.units[0].signs = Some(none)).is_err(), "6 are too few for signs");
    let units = vec![world.units[1].code.clone()];
    let pool = Pool { units, valid: 4, levels: vec![0, 0, 8], invalid: 0 };
    assert!(seen(&world, |result| result.pool = Some(pool)).is_err(), "4 are too few for a sum");
}
