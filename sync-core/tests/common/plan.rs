//! What a unit is to be like, and the sheet that follows.

use super::Unit;
use rand_chacha::ChaCha20Rng;
use sync_core::id::{RoundId, UnitCode};
use sync_core::package::{Official, Sheet, UnitEntry, Voting};
use sync_core::permit::{PermitCode, draw_permits, slips_for};

/// What a unit is to be like.
#[derive(Clone, Copy)]
pub struct Plan {
    pub voters: u32,
    pub officials: usize,
    pub voting: Voting,
}

/// A unit that votes with permits.
pub fn permit_unit(voters: u32, officials: usize) -> Plan {
    Plan { voters, officials, voting: Voting::Permit }
}

/// A unit whose team unlocks each ballot.
pub fn attended_unit(voters: u32, officials: usize) -> Plan {
    Plan { voters, officials, voting: Voting::Attended }
}

/// The unit in the package.
pub fn entry(unit: &Unit) -> UnitEntry {
    let name = format!("Chi bộ {}", unit.code);
    UnitEntry { code: unit.code.clone(), name, voting: unit.plan.voting, sheet: unit.sheet }
}

/// A sheet for the plan, and its slips.
pub fn sheet_of(
    round: &RoundId,
    code: &UnitCode,
    plan: Plan,
    rng: &mut ChaCha20Rng,
) -> (Sheet, Vec<PermitCode>) {
    let (slips, permits) = match plan.voting {
        Voting::Permit => draw_permits(slips_for(plan.voters), round, code, rng),
        Voting::Attended => (Vec::new(), Vec::new()),
    };
    let official = |i: usize| Official {
        code: format!("{code}.{i}"),
        name: format!("Nguyễn Văn {i}"),
        post: "Ủy viên".to_owned(),
    };
    let sheet = Sheet {
        round: *round,
        unit: code.clone(),
        officials: (1..=plan.officials).map(official).collect(),
        voters: plan.voters,
        voter_names: Vec::new(),
        team: vec!["Lò Thị Mai".to_owned()],
        permits,
    };
    (sheet, slips)
}
