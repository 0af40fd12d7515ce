//! Paper as a part of a unit: whatever is shown over several orders, no group below the limit is seen by level.

use crate::common::{Lines, Tablet, World, permit_unit, tally, unit_of};
use crate::papers::{OFFICIALS, outsider};
use crate::small_groups::{echelon, spanned};
use proptest::prelude::*;
use sync_core::count::RoundResult;

const LIMIT: usize = 5;

/// Ballots that arrive together, and whether on paper.
struct Arrival {
    wave: usize,
    on_paper: bool,
    ballots: Vec<Lines>,
}

/// A round that is opened several times while envelopes and paper counts come.
struct Story {
    world: World,
    tablets: Vec<Tablet>,
    arrivals: Vec<Vec<Arrival>>,
    results: Vec<RoundResult>,
}

impl Story {
    fn new(seed: u64, units: usize) -> Self {
        let mut world = World::new(seed, &vec![permit_unit(60, OFFICIALS); units]);
        let tablets = (0..units).map(|unit| world.enrol(unit)).collect();
        Self { world, tablets, arrivals: (0..units).map(|_| Vec::new()).collect(), results: Vec::new() }
    }

    fn arrive(&mut self, unit: usize, on_paper: bool, count: usize) {
        if count == 0 {
            return;
        }
        let ballots: Vec<Lines> = (0..count).map(|_| self.world.marks(unit)).collect();
        if on_paper {
            self.world.paper(&self.tablets[unit], &ballots, 0);
        } else {
            let cast = self.arrivals[unit].iter().filter(|arrival| !arrival.on_paper);
            let slip = cast.map(|arrival| arrival.ballots.len()).sum::<usize>();
            let records =
                (slip..).zip(&ballots).map(|(slip, lines)| self.world.ballot(unit, slip, lines)).collect();
            self.world.send(&mut self.tablets[unit], records, false);
        }
        let wave = self.results.len();
        self.arrivals[unit].push(Arrival { wave, on_paper, ballots });
    }

    fn open(&mut self) {
        let result = self.world.open_all();
        self.results.push(result);
    }

    /// Per arrival whether its ballots are in the unit's figures: those of all waves up to some wave.
    fn counted(&self, result: &RoundResult, unit: usize) -> Vec<bool> {
        let valid = unit_of(result, &self.world, unit).valid as usize;
        let up_to = |wave: usize| {
            let counted = self.arrivals[unit].iter().filter(|arrival| arrival.wave < wave);
            counted.map(|arrival| arrival.ballots.len()).sum::<usize>()
        };
        let wave = (0..=self.results.len()).find(|wave| up_to(*wave) == valid).expect("figures of some wave");
        self.arrivals[unit].iter().map(|arrival| arrival.wave < wave).collect()
    }

    fn marked(&self, unit: usize, members: &[bool]) -> Vec<Lines> {
        let of = self.arrivals[unit].iter().zip(members).filter(|(_, member)| **member);
        of.flat_map(|(arrival, _)| arrival.ballots.clone()).collect()
    }

    /// Every figure by level that anybody can read in any result, as the arrivals that are summed in it.
    fn figures(&self) -> Vec<Vec<bool>> {
        let mut figures = Vec::new();
        for result in &self.results {
            let pool = result.pool.as_ref().map_or(&[][..], |pool| &pool.units);
            let mut pooled = Vec::new();
            for unit in 0..self.arrivals.len() {
                let none = |of: usize| vec![false; self.arrivals[of].len()];
                let counted = self.counted(result, unit);
                let mut read = |members: &[bool], lines: &Option<Vec<_>>| {
                    let Some(lines) = lines else { return };
                    assert_eq!(*lines, tally(&self.marked(unit, members), OFFICIALS), "the model knows it");
                    let alone = |of: usize| if of == unit { members.to_vec() } else { none(of) };
                    figures.push((0..self.arrivals.len()).flat_map(alone).collect());
                };
                let shown = unit_of(result, &self.world, unit);
                read(&counted, &shown.lines);
                let paper: Vec<bool> = self.arrivals[unit]
                    .iter()
                    .zip(&counted)
                    .map(|(arrival, counted)| *counted && arrival.on_paper)
                    .collect();
                if let Some(papers) = &shown.papers {
                    read(&paper, &papers.lines);
                }
                let member = pool.contains(&self.world.units[unit].code);
                pooled.extend(if member { counted } else { none(unit) });
            }
            figures.push(pooled);
        }
        figures
    }

    /// No sum or difference of what is shown is the figure of fewer ballots than the limit.
    fn no_small_group_follows(&self) {
        let sizes: Vec<usize> = self.arrivals.iter().flatten().map(|arrival| arrival.ballots.len()).collect();
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

    fn apart(&self, unit: usize) -> Vec<bool> {
        let apart = |result: &RoundResult| {
            unit_of(result, &self.world, unit).papers.as_ref().is_some_and(|papers| papers.lines.is_some())
        };
        self.results.iter().map(apart).collect()
    }
}

#[test]
fn paper_is_shown_apart_only_where_neither_part_is_small() {
    for (cast, on_paper, apart) in [(5, 5, true), (4, 8, false), (8, 4, false), (0, 9, false), (2, 2, false)]
    {
        let mut story = Story::new(23, 1);
        story.arrive(0, false, cast);
        story.arrive(0, true, on_paper);
        story.open();
        assert_eq!(story.apart(0), [apart], "{cast} and {on_paper}");
        assert_eq!(story.results[0].units[0].lines.is_some(), cast + on_paper >= LIMIT);
        story.no_small_group_follows();
        outsider(&story.world);
    }
}

#[test]
fn once_a_part_grew_by_too_few_it_is_never_shown_apart_again() {
    let mut story = Story::new(24, 1);
    story.arrive(0, false, 6);
    story.arrive(0, true, 6);
    story.open();
    story.arrive(0, false, 3);
    story.arrive(0, true, 2);
    story.open();
    story.arrive(0, false, 9);
    story.arrive(0, true, 9);
    story.open();
    assert_eq!(story.apart(0), [true, false, false]);
    assert_eq!(story.results[2].units[0].valid, 35, "the whole grows all the same");
    story.no_small_group_follows();
    outsider(&story.world);
}

#[test]
fn paper_lifts_a_small_unit_over_the_limit_and_counts_in_the_pool() {
    let mut story = Story::new(25, 3);
    story.arrive(0, false, 3);
    story.arrive(0, true, 2);
    story.arrive(1, false, 3);
    story.arrive(2, true, 4);
    story.open();
    assert!(story.results[0].units[0].lines.is_some());
    let pool = story.results[0].pool.clone().unwrap();
    assert_eq!((pool.units.len(), pool.valid), (2, 7));
    let marks = [story.marked(1, &[true]), story.marked(2, &[true])].concat();
    let sum =
        |level: usize| tally(&marks, OFFICIALS).iter().map(|line| u64::from(line.levels[level])).sum::<u64>();
    assert_eq!(pool.levels, (0..3).map(sum).collect::<Vec<_>>());
    story.no_small_group_follows();
    outsider(&story.world);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn over_several_orders_no_sum_or_difference_with_paper_shows_too_few_ballots(
        seed: u64, units in 1..=2_usize, waves in prop::collection::vec(prop::array::uniform4(0..9_usize), 1..=3),
    ) {
        let mut story = Story::new(seed, units);
        for wave in waves {
            for unit in 0..units {
                story.arrive(unit, false, wave[2 * unit]);
                story.arrive(unit, true, wave[2 * unit + 1]);
            }
            story.open();
        }
        story.no_small_group_follows();
        outsider(&story.world);
    }
}
