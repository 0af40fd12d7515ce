//! The round that a world plays: package, sheets with slips, and the sheets that may replace them.

use crate::chance::{Chance, rng_for};
use crate::fault::Fault;
use crate::plan::Plan;
use sync_core::ballot::BoxSecret;
use sync_core::cose::{SecretKey, Signed};
use sync_core::id::{RoundId, UnitCode};
use sync_core::package::{
    CentreKeys, Mode, Official, Package, PermitChange, Rules, Sheet, SheetReplacement, UnitEntry, Voting,
    default_levels,
};
use sync_core::permit::{PermitCode, draw_permits};
use sync_core::secret::RoundSecret;

/// Levels of every round.
pub const LEVELS: usize = 3;
/// The round's id.
pub const ROUND: RoundId = RoundId([7; 16]);
/// With which the centre opens records that were sealed to it.
pub const SEAL_SECRET: [u8; 32] = [6; 32];
/// Persons of every team; the sheet names all but the last, who joins at the meeting.
pub const TEAM: [&str; 4] = ["Vàng Mí Sử", "Lý A Páo", "Thào Thị Mai", "Giàng Seo Phử"];

/// The name of a person of a unit's team.
pub fn person_name(unit: usize, person: usize) -> String {
    format!("{} {}", TEAM[person], ["Nhất", "Nhì", "Ba"][unit % 3])
}

/// The name of a voter, by number on the sheet.
fn voter_name(unit: &UnitCode, number: usize) -> String {
    format!("Sùng Thị Ưởng {unit}/{number}")
}

/// One unit.
pub struct Unit {
    /// Its code.
    pub code: UnitCode,
    /// How it votes.
    pub voting: Voting,
    /// Its first sheet.
    pub first: Sheet,
    /// Slips of the first sheet, one a voter and two to spare; none where voting is attended.
    pub slips: Vec<PermitCode>,
    /// Should the sheet be reissued: the new one and its statement.
    pub reissue: Reissue,
    /// Voters.
    pub voters: usize,
}

/// A sheet that replaces the first.
pub struct Reissue {
    /// The statement, as the centre signs it.
    pub statement: Signed<SheetReplacement>,
    /// The new sheet.
    pub sheet: Sheet,
    /// Its slips, if all are new.
    pub slips: Option<Vec<PermitCode>>,
}

/// Everything fixed before the first meeting.
pub struct Round {
    /// The centre's key.
    pub centre: SecretKey,
    /// The signed package.
    pub package: Signed<Package>,
    /// The secret whose shares the trustees hold.
    pub secret: RoundSecret,
    /// Units by index.
    pub units: Vec<Unit>,
}

impl Round {
    /// The round of a plan.
    pub fn of(plan: &Plan) -> Self {
        let mut chance = Chance::of(plan.seed, "round");
        let mut rng = rng_for(plan.seed, "keys");
        let centre = SecretKey::from_seed(&std::array::from_fn(|at| u8::try_from(at).unwrap_or(0) ^ 0x5a));
        let secret = RoundSecret::draw(&mut rng);
        let rules = Rules {
            batch_min: u32::try_from(chance.between(1, 5)).expect("small"),
            min_publish: u32::try_from(chance.between(2, 6)).expect("small"),
            ..Rules::default()
        };
        let mut drafts = Vec::new();
        for at in 0..plan.units {
            // Each unit draws apart, so that fewer units leave the others as they were.
            let mut chance = Chance::of(plan.seed, &format!("unit {at}"));
            let share = plan.ballots / plan.units + usize::from(at < plan.ballots % plan.units);
            drafts.push(draft(at, share.max(1), &mut chance));
        }
        let package = Package {
            round: ROUND,
            mode: if chance.hits(500) { Mode::Official } else { Mode::Training },
            title: "Đợt thử".to_owned(),
            levels: default_levels(),
            rules,
            keys: secret.public(&ROUND, 2, 3).expect("2 of 3 is allowed"),
            centre: CentreKeys { sign: centre.public(), seal: seal_public() },
            units: drafts
                .iter()
                .map(|(sheet, _, voting)| UnitEntry {
                    code: sheet.unit.clone(),
                    name: format!("Chi bộ {}", sheet.unit),
                    voting: *voting,
                    sheet: sheet.hash(),
                })
                .collect(),
        };
        let package = Signed::sign(package, &centre);
        let units = drafts.into_iter().enumerate();
        let units = units
            .map(|(at, (first, slips, voting))| Unit {
                code: first.unit.clone(),
                voting,
                reissue: reissue(plan, at, &first, voting, &package, &centre),
                voters: first.voters as usize,
                first,
                slips,
            })
            .collect();
        Self { centre, package, secret, units }
    }

    /// A round of one unit that votes with permits, whose smallest batch is one.
    pub fn smallest(plan: &Plan) -> Self {
        let found = (0..).map(|seed| Self::of(&Plan { seed, ..plan.clone() })).find(|round| {
            round.package.value().rules.batch_min == 1 && round.units[0].voting == Voting::Permit
        });
        found.expect("one of the first rounds is like that")
    }

    /// Every name that stands in a sheet and on no ballot: of voters and of the team.
    pub fn names(&self) -> Vec<String> {
        let of_unit = |(at, unit): (usize, &Unit)| {
            let team = (0..TEAM.len()).map(move |person| person_name(at, person));
            team.chain(unit.first.voter_names.clone())
        };
        self.units.iter().enumerate().flat_map(of_unit).collect()
    }

    /// Every slip that exists.
    pub fn permits(&self) -> impl Iterator<Item = (&UnitCode, &PermitCode)> {
        self.units.iter().flat_map(|unit| {
            let new = unit.reissue.slips.iter().flatten();
            unit.slips.iter().chain(new).map(|code| (&unit.code, code))
        })
    }

    /// The index of a unit.
    pub fn unit(&self, code: &UnitCode) -> Option<usize> {
        self.units.iter().position(|unit| unit.code == *code)
    }
}

fn draft(at: usize, voters: usize, chance: &mut Chance) -> (Sheet, Vec<PermitCode>, Voting) {
    let code = UnitCode::new(&format!("U{}", at + 1)).expect("a code");
    let voting = if chance.hits(200) { Voting::Attended } else { Voting::Permit };
    let officials = 1 + chance.below(4);
    let (slips, permits) = match voting {
        Voting::Permit => draw_permits(slips_of(voters), &ROUND, &code, chance.rng()),
        Voting::Attended => (Vec::new(), Vec::new()),
    };
    let sheet = Sheet {
        round: ROUND,
        unit: code.clone(),
        officials: (1..=officials).map(|i| official(&code, i)).collect(),
        voters: u32::try_from(voters).expect("few voters"),
        voter_names: (1..=voters).map(|number| voter_name(&code, number)).collect(),
        team: (0..TEAM.len() - 1).map(|person| person_name(at, person)).collect(),
        permits,
    };
    (sheet, slips, voting)
}

fn seal_public() -> [u8; 32] {
    BoxSecret::from_bytes(&SEAL_SECRET).expect("a secret key").public()
}

fn slips_of(voters: usize) -> u32 {
    u32::try_from(voters + 2).expect("few voters")
}

fn official(unit: &UnitCode, at: usize) -> Official {
    Official { code: format!("{unit}.{at}"), name: format!("Cán bộ {at}"), post: "Ủy viên".to_owned() }
}

/// A name is put right, or one more official is added; slips stay, or are all new.
fn reissue(
    plan: &Plan,
    at: usize,
    first: &Sheet,
    voting: Voting,
    package: &Signed<Package>,
    centre: &SecretKey,
) -> Reissue {
    let mut chance = Chance::of(plan.seed, &format!("reissue {at} {}", Fault::SheetReissued));
    let mut sheet = first.clone();
    if chance.hits(600) {
        sheet.officials[0].name.push_str(" (sửa)");
    } else {
        sheet.officials.push(official(&first.unit, first.officials.len() + 1));
    }
    let mut slips = None;
    if voting == Voting::Permit && chance.hits(400) {
        let (codes, permits) =
            draw_permits(slips_of(first.voters as usize), &ROUND, &first.unit, chance.rng());
        sheet.permits = permits;
        slips = Some(codes);
    }
    let statement = SheetReplacement {
        package: package.hash(),
        unit: first.unit.clone(),
        number: 1,
        old: first.hash(),
        new: sheet.hash(),
        permits: if slips.is_some() { PermitChange::Replaced } else { PermitChange::Kept },
        reason: "Sai họ tên".to_owned(),
    };
    Reissue { statement: Signed::sign(statement, centre), sheet, slips }
}
