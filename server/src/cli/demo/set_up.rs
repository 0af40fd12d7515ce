//! The demo's round before anybody votes: roster, slips, ceremony, signature, and a token for every device.

use super::centre::{Office, Running};
use super::counting::hire;
use super::plan::{Fate, Outline, UnitPlan, plan};
use super::{Args, DemoError, oversight};
use crate::domain::draft::{Base, Choices};
use crate::roster::{self, Roster};
use crate::service::InviteScope;
use sync_core::ceremony::Ceremony;
use sync_core::id::{RoundId, UnitCode};
use sync_core::package::{Mode, default_levels};
use sync_core::secret::Share;

const WORKBOOK: &[u8] = include_bytes!("../../../../data/dong-van-2018.xlsx");
/// The unit of four voters.
const SMALL_UNIT: &str = "DB05";
pub(super) const MIN_PUBLISH: u32 = 5;

/// A round that is set up.
pub(super) struct SetUp {
    pub round: RoundId,
    pub shares: Vec<Share>,
    pub plan: Vec<UnitPlan>,
    pub officials: usize,
}

pub(super) fn set_up(args: &Args, office: &Office) -> Result<SetUp, DemoError> {
    let mut roster: Roster =
        roster::from_workbook(WORKBOOK).map_err(|problems| DemoError::Other(problems.to_string()))?;
    // The small unit always takes part, whatever number was asked for.
    roster.units.sort_by_key(|unit| (unit.code != SMALL_UNIT, unit.code.clone()));
    roster.units.truncate(usize::from(args.units));
    let attended = roster.units.iter().skip(1).map(|unit| unit.code.clone()).next_back();
    let choices = Choices {
        title: "Đánh giá mức độ quyết liệt, huyện Đồng Văn 2018".to_owned(),
        mode: Mode::Training,
        levels: default_levels(),
        percent_base: Base::Collected,
        batch_min: 10,
        min_publish: MIN_PUBLISH,
        attended: attended.into_iter().collect(),
    };
    office.with_centre(async |centre| {
        hire(centre).await?;
        let drafted = centre.import(&roster, choices).await?;
        let mut slips = centre.draw_slips(&drafted.id, &[]).await?;
        centre.confirm_slips(&drafted.id, &slips).await?;
        let (statement, shares) = hold_ceremony(drafted.id)?;
        let round = centre.sign(&drafted.id, &statement).await?;
        centre.open_round(&round.id).await?;
        let outlines = round.draft.units.iter().map(|unit| Outline {
            code: UnitCode::new(&unit.code).expect("an imported unit has a unit code"),
            officials: unit.officials.len(),
            attended: unit.attended,
            voters: unit.voters as usize,
            slips: slips
                .iter_mut()
                .find(|slips| slips.unit.as_str() == unit.code)
                .map(|slips| std::mem::take(&mut slips.codes))
                .unwrap_or_default(),
        });
        let levels = u8::try_from(round.draft.levels.len()).unwrap_or(u8::MAX);
        let mut plan = plan(args.seed, outlines.collect(), levels);
        oversight::plant(&mut plan, levels);
        let officials = plan.iter().map(|unit| unit.officials).sum();
        Ok(SetUp { round: round.id, shares, plan, officials })
    })
}

/// Three trustees copy their shares to paper and type them back.
pub(super) fn hold_ceremony(round: RoundId) -> Result<(Vec<u8>, Vec<Share>), DemoError> {
    let other = |error: &dyn std::fmt::Display| DemoError::Other(error.to_string());
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let mut ceremony = Ceremony::begin(round, 2, 3, &mut rng).map_err(|e| other(&e))?;
    let shares = ceremony.shares().to_vec();
    for share in &shares {
        ceremony.read_back(share.index(), &share.reveal()).map_err(|e| other(&e))?;
    }
    Ok((ceremony.finish(&mut rng).map_err(|e| other(&e))?.into_bytes(), shares))
}

/// One-time tokens for everybody.
pub(super) struct Tokens {
    pub machines: Vec<(usize, usize, Fate, UnitCode, String)>,
    pub rogues: Vec<(usize, String)>,
    pub couriers: [String; 2],
}

pub(super) fn invite(running: &Running<'_>, set_up: &SetUp) -> Result<Tokens, DemoError> {
    let address = format!("http://{}", running.address);
    let token = async |scope: InviteScope, label: String| -> Result<String, DemoError> {
        Ok(running.centre.invite(&set_up.round, &scope, &label, &address).await?.to_text())
    };
    running.block_on(async {
        let mut tokens = Tokens {
            machines: Vec::new(),
            rogues: Vec::new(),
            couriers: [
                token(InviteScope::Courier, "Người chuyển 1".to_owned()).await?,
                token(InviteScope::Courier, "Người chuyển 2".to_owned()).await?,
            ],
        };
        for (u, unit) in set_up.plan.iter().enumerate() {
            let scope = || InviteScope::Units(vec![unit.code.to_string()]);
            for (t, fate) in unit.tablets.iter().enumerate() {
                let text = token(scope(), format!("Máy {}", t + 1)).await?;
                tokens.machines.push((u, t, *fate, unit.code.clone(), text));
            }
            if unit.rogue {
                tokens.rogues.push((u, token(scope(), "Máy lạ".to_owned()).await?));
            }
        }
        Ok(tokens)
    })
}
