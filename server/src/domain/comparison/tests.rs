use super::*;
use crate::domain::figures::round_figures;
use sync_core::cose::SecretKey;
use sync_core::count::{Line, Pool, RoundResult, UnitResult};
use sync_core::id::{ObjectId, PackageHash, SheetHash, UnitCode};
use sync_core::package::{
    CentreKeys, Mode, Official, Package, PercentBase, RoundKeys, Rules, Sheet, UnitEntry, Voting,
    default_levels,
};
use time::macros::date;

const UNITS: [&str; 4] = ["A", "B", "C", "D"];

/// A unit as the count gives it: its marks are a digit of their own, so that every sum tells what is in it.
#[derive(Debug, Clone, Copy)]
struct Unit {
    small: bool,
    published: bool,
}

fn digit(place: usize) -> u32 {
    10_u32.pow(u32::try_from(place).unwrap())
}

fn code(place: usize) -> UnitCode {
    UnitCode::new(UNITS[place]).unwrap()
}

/// What is published of a round with these units. Small ones are one sum if there are several.
fn figures(units: &[Unit], change: impl FnOnce(&mut Package, &mut Vec<Sheet>)) -> RoundFigures {
    let key = SecretKey::from_seed(&[7; 32]).public();
    let places = 0..units.len();
    let hash = |place: usize| SheetHash([u8::try_from(place).unwrap(); 32]);
    let official = |place: usize| Official {
        code: format!("{}1", UNITS[place]),
        name: "Vàng Mí Một".to_owned(),
        post: "Bí thư".to_owned(),
    };
    let mut sheets: Vec<Sheet> = places
        .clone()
        .map(|place| Sheet {
            round: RoundId([1; 16]),
            unit: code(place),
            officials: vec![official(place)],
            voters: 9,
            voter_names: Vec::new(),
            team: Vec::new(),
            permits: Vec::new(),
        })
        .collect();
    let mut package = Package {
        round: RoundId([1; 16]),
        mode: Mode::Official,
        title: "Đợt".to_owned(),
        levels: default_levels(),
        rules: Rules { percent_base: PercentBase::Valid, ..Rules::default() },
        keys: RoundKeys { box_key: [0; 32], result_key: key, threshold: 2, trustees: 3 },
        centre: CentreKeys { sign: key, seal: [0; 32] },
        units: places
            .clone()
            .map(|place| UnitEntry {
                code: code(place),
                name: format!("Đơn vị {}", UNITS[place]),
                voting: Voting::Permit,
                sheet: hash(place),
            })
            .collect(),
    };
    change(&mut package, &mut sheets);
    let levels = package.levels.len();
    let line = |place: usize| Line { levels: vec![digit(place); levels], invalid: digit(place) };
    let pooled: Vec<usize> = places.clone().filter(|place| units[*place].small).collect();
    let pool = (pooled.len() > 1).then(|| {
        let sum = pooled.iter().map(|place| u64::from(digit(*place))).sum();
        Pool {
            units: pooled.iter().map(|place| code(*place)).collect(),
            valid: 6,
            levels: vec![sum; levels],
            invalid: sum,
        }
    });
    let part = |place: usize| UnitResult {
        unit: code(place),
        sheet: hash(place),
        valid: if units[place].small { 3 } else { 30 },
        invalid: Vec::new(),
        facts: Vec::new(),
        stands: false,
        lines: (!units[place].small).then(|| vec![line(place)]),
        signs: None,
        papers: None,
    };
    let result = RoundResult {
        package: PackageHash([0; 32]),
        number: 1,
        order: ObjectId([0; 32]),
        previous: None,
        units: places.clone().map(part).collect(),
        pool,
    };
    let sheets = places.clone().map(hash).zip(sheets).collect();
    let published = places.filter(|place| units[*place].published).map(code).collect();
    round_figures(&package, &sheets, &result, String::new(), &published)
}

fn published(figures: &RoundFigures) -> Published<'_> {
    Published { round: RoundId([1; 16]), day: date!(2026 - 11 - 27), figures }
}

/// Everything that can be compared with this round, each with itself.
fn every_column(figures: &RoundFigures) -> Vec<Column> {
    let published = published(figures);
    let whole = of_round(&published);
    let mut sides = vec![whole.clone()];
    sides.extend(figures.units.iter().map(|unit| of_unit(&published, unit)));
    for unit in UNITS {
        sides.extend(of_official(&published, &format!("{unit}1")));
    }
    beside(&whole, sides)
}

/// Which units' marks a figure by level holds.
fn holds(count: u64, units: usize) -> Vec<bool> {
    (0..units)
        .map(|place| match count / u64::from(digit(place)) % 10 {
            0 => false,
            1 => true,
            _ => panic!("{count} holds a unit twice"),
        })
        .collect()
}

#[test]
fn nothing_by_level_holds_a_unit_that_is_hidden_in_any_round_of_four_units() {
    for kinds in 0..1_u32 << UNITS.len() {
        for shown in 0..1_u32 << UNITS.len() {
            let unit =
                |place: usize| Unit { small: kinds >> place & 1 == 1, published: shown >> place & 1 == 1 };
            let units: Vec<Unit> = (0..UNITS.len()).map(unit).collect();
            let figures = figures(&units, |_, _| ());
            let small: Vec<usize> = (0..UNITS.len()).filter(|place| units[*place].small).collect();
            let pool_shown = small.len() > 1 && small.iter().all(|place| units[*place].published);
            let mut alone = [false; UNITS.len()];
            for column in every_column(&figures) {
                let levels = column.shares.iter().flatten().map(|share| share.count);
                for count in levels.chain(column.invalid_lines) {
                    let told = format!("{units:?}: {count} in {column:?}");
                    let holds = holds(count, UNITS.len());
                    for (place, unit) in units.iter().enumerate() {
                        assert!(!holds[place] || unit.published, "not published, {told}");
                        assert!(!holds[place] || !unit.small || pool_shown, "too few ballots, {told}");
                    }
                    // A small unit stands in a figure only with all others of its sum, so no difference shows it.
                    assert!(
                        small.windows(2).all(|two| holds[two[0]] == holds[two[1]]),
                        "a part of the sum, {told}"
                    );
                    if let [place] = (0..UNITS.len()).filter(|place| holds[*place]).collect::<Vec<_>>()[..] {
                        alone[place] = true;
                    }
                }
                let base =
                    column.shares.as_ref().map(|_| column.base.expect("a base stands beside every count"));
                assert!(base.is_some() || (column.base, column.invalid_lines) == (None, None), "{column:?}");
            }
            for (place, unit) in units.iter().enumerate() {
                assert_eq!(alone[place], unit.published && !unit.small, "what may be shown is: {units:?}");
            }
        }
    }
}

const LARGE: Unit = Unit { small: false, published: true };

#[test]
fn a_small_unit_stands_beside_the_others_without_any_level() {
    let figures = figures(&[LARGE, Unit { small: true, published: true }], |_, _| ());
    let columns = every_column(&figures);
    let small = columns.iter().filter(|column| column.unit.as_ref().is_some_and(|unit| unit.code == "B"));
    let small: Vec<&Column> = small.collect();
    assert_eq!(small.len(), 2, "the unit, and its official");
    for column in small {
        assert_eq!((&column.shares, column.base, column.over_half), (&None, None, None));
        assert_eq!(column.valid, 3, "how many ballots there were is no secret");
    }
    let table = csv(&columns);
    let of_small: Vec<&str> = table.lines().filter(|line| line.contains("Đơn vị B")).collect();
    assert_eq!(of_small.len(), 2);
    assert!(
        of_small.iter().all(|line| line.ends_with("too_few_ballots,") || line.ends_with("too_few_ballots"))
    );
}

#[test]
fn what_makes_two_rounds_hard_to_compare_is_said() {
    let now = figures(&[LARGE, LARGE], |_, _| ());
    let earlier = figures(&[LARGE, LARGE], |package, sheets| {
        package.levels.truncate(2);
        package.rules.percent_base = PercentBase::Collected;
        package.units[0].voting = Voting::Attended;
        package.units[1].name = "Tên cũ".to_owned();
        sheets[0].officials[0].post = "Phó".to_owned();
        sheets[0].officials[0].name = "Vàng Mí Cũ".to_owned();
        sheets[1].officials[0].code = "X1".to_owned();
    });
    let (now, earlier) = (published(&now), published(&earlier));
    let differs = |with: Side, other: Side| beside(&with, vec![other])[0].differs.clone();
    use Difference::{
        Levels, Name, Officials, PercentBase as Base, Post, Unit as InUnit, Units, Voting as Way,
    };
    assert_eq!(differs(of_round(&now), of_round(&now)), []);
    assert_eq!(differs(of_round(&now), of_round(&earlier)), [Levels]);
    let unit = |published: &Published, place: usize| of_unit(published, &published.figures.units[place]);
    assert_eq!(differs(unit(&now, 0), unit(&earlier, 0)), [Levels, Way]);
    assert_eq!(differs(unit(&now, 1), unit(&earlier, 1)), [Levels, Name, Officials]);
    let official = |published: &Published, code: &str| of_official(published, code).next().unwrap();
    assert_eq!(differs(official(&now, "A1"), official(&earlier, "A1")), [Levels, Base, Post, Name, Way]);
    assert_eq!(differs(official(&now, "A1"), official(&earlier, "X1")), [Levels, Base, InUnit]);
    assert!(of_official(&earlier, "B1").next().is_none(), "matched by the code alone");
    let fewer = figures(&[LARGE], |_, _| ());
    assert_eq!(differs(of_round(&now), of_round(&published(&fewer))), [Units]);
    // Two units of one round are meant to be two: neither their names nor their officials are said to differ.
    assert_eq!(differs(unit(&now, 0), unit(&now, 1)), []);
}

#[test]
fn units_stand_in_the_order_that_is_asked_for_and_those_without_levels_last() {
    let figures = figures(&[LARGE, Unit { small: true, published: true }, LARGE], |_, _| ());
    let mut columns = beside(
        &of_round(&published(&figures)),
        figures.units.iter().map(|unit| of_unit(&published(&figures), unit)).collect(),
    );
    columns[2].shares.as_mut().unwrap()[0].count = 350;
    columns[2].shares.as_mut().unwrap()[2].count = 0;
    let codes = |order: UnitsOrder| {
        let mut sorted = columns.clone();
        sorted.sort_by_key(|column| order.key(column));
        sorted.into_iter().map(|column| column.unit.unwrap().code).collect::<Vec<_>>()
    };
    assert_eq!(codes(UnitsOrder::Code), ["A", "B", "C"]);
    assert_eq!(codes(UnitsOrder::Highest), ["C", "A", "B"]);
    assert_eq!(codes(UnitsOrder::Lowest), ["A", "C", "B"]);
}

#[test]
fn no_name_becomes_a_formula_of_a_spreadsheet() {
    let figures = figures(&[LARGE], |package, sheets| {
        package.title = "=1+1".to_owned();
        package.units[0].name = "@SUM(A1)".to_owned();
        sheets[0].officials[0].name = "-2\"3".to_owned();
        sheets[0].officials[0].post = "+cmd|' /C calc'!A0".to_owned();
    });
    let table = csv(&every_column(&figures));
    for cell in ["'=1+1", "'@SUM(A1)", "\"'-2\"\"3\"", "'+cmd"] {
        assert!(table.contains(cell), "{cell} in {table}");
    }
    assert!(!table.contains(",=") && !table.contains(",@") && !table.contains(",+cmd"), "{table}");
}
