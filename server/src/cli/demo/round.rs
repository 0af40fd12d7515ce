//! The demo round from the workbook to the verdict.

use super::carry::{Traffic, carry, courier, synchronise};
use super::centre::{Office, Running};
use super::counting::{
    Counted, ORGANISER, Settled, count_and_publish, held_for, hire, line, settle, sum, token,
};
use super::disk::{Refilled, Vault};
use super::field::{Machine, VotingReport, enrol, vote};
use super::plan::{Fate, Outline, UnitPlan, plan};
use super::rogue::{Mischief, Rogue};
use super::show::{self, Found, Summary};
use super::truth::{Expected, differences, expected};
use super::{Args, DemoError, step};
use crate::domain::draft::{Base, Choices};
use crate::roster::{self, Roster};
use crate::service::{Centre, InviteScope};
use client_ffi::transport::Http;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Instant;
use sync_core::ceremony::Ceremony;
use sync_core::id::{DeviceId, RoundId};
use sync_core::package::{Mode, default_levels};
use sync_core::secret::Share;
use sync_core::survey::HoldReason;

const WORKBOOK: &[u8] = include_bytes!("../../../../data/dong-van-2018.xlsx");
/// The unit of four voters.
const SMALL_UNIT: &str = "DB05";
const MIN_PUBLISH: u32 = 5;

/// A round that is set up.
pub(super) struct SetUp {
    pub round: RoundId,
    shares: Vec<Share>,
    plan: Vec<UnitPlan>,
    officials: usize,
}

/// Plays the round; whether it came out as planted.
pub(super) fn play(args: &Args, folder: &Path) -> Result<bool, DemoError> {
    let begun = Instant::now();
    say!("Một đợt lấy phiếu từ đầu đến cuối · One round from beginning to end");
    say!(
        "{} units of the 2018 roster, seed {}; everything lies in {}",
        args.units,
        args.seed,
        folder.display()
    );
    let office = Office::new(&folder.join("centre"))?;
    let set_up = set_up(args, &office)?;
    let address: SocketAddr = ([127, 0, 0, 1], if args.exit { 0 } else { 8080 }).into();
    let running = office.start(address)?;
    let address = running.address;
    let tokens = invite(&running, &set_up)?;
    let tablets = folder.join("tablets");
    let bar = step("Ghi danh máy · Tablets enrol", tokens.machines.len());
    let machines = enrol(tokens.machines, &tablets, &bar)?;
    bar.finish();
    let http = Http::new(&format!("http://{address}"));
    let mut helper = courier(&tablets.join("courier"), &tokens.courier)?;
    let rogues = tokens
        .rogues
        .iter()
        .map(|(unit, token)| Ok((*unit, Rogue::enrol(token, &set_up.plan[*unit].code, &http)?)))
        .collect::<Result<Vec<_>, DemoError>>()?;
    // From here on nobody can reach the centre until everybody has voted.
    running.stop()?;

    let ballots =
        set_up.plan.iter().flat_map(|unit| &unit.voters).map(|v| 1 + usize::from(v.again.is_some()));
    let bar = step("Bỏ phiếu, không có mạng · Voting, no network", ballots.sum());
    let voting = vote(&set_up.plan, &machines, &bar)?;
    bar.finish();

    let running = office.start(address)?;
    let field = Field { set_up: &set_up, machines: &machines, http: &http };
    let vault = Vault::new(&folder.join("backups"))?;
    let mut rng = ChaCha20Rng::seed_from_u64(args.seed ^ 0x0c0u64);
    let online = field.online();
    let (running, traffic, refilled) = field.lose_the_disk(&office, running, &vault, &online, &mut rng)?;
    let (traffic, mischief) = field.bring_in(traffic, &mut rng, &mut helper, &rogues, &running)?;
    let settled = running.block_on(settle(&running.centre, &set_up.round))?;
    let counted = running.block_on(count_and_publish(&running.centre, &set_up.round, &set_up.shares))?;

    let truth = set_up
        .plan
        .iter()
        .map(|unit| expected(unit, &machines, &set_up.round, counted.figures.levels.len()))
        .collect::<Result<Vec<_>, _>>()?;
    let wrong = differences(&set_up.plan, &truth, &counted.figures, MIN_PUBLISH);
    let outcome = Outcome {
        voting,
        traffic,
        mischief,
        refilled,
        finished: field.finish(&running, &vault, &mut helper, ORGANISER)?,
        settled,
        counted,
        truth,
        seconds: begun.elapsed().as_secs_f64(),
    };
    let faults = outcome.faults(&machines);
    show::results(&outcome.counted.figures);
    show::faults(&faults);
    show::verdict(&outcome.truth, &wrong);
    let right = wrong.is_empty() && faults.iter().all(Found::is_right);
    let summary = outcome.summary(args, &set_up, &machines, wrong.len());
    say!(
        "\n{} ballots cast on {} tablets, {} counted, in {:.1} s",
        summary.ballots_cast,
        summary.tablets,
        summary.ballots_counted,
        summary.seconds
    );
    part(args, running, &set_up.round, folder, &summary)?;
    Ok(right)
}

/// The server ends, or stays up for a look.
fn part(
    args: &Args,
    running: Running<'_>,
    round: &RoundId,
    folder: &Path,
    summary: &Summary,
) -> Result<(), DemoError> {
    if !args.exit {
        stay(&running, round, folder)?;
    }
    if args.json {
        say!("{}", serde_json::to_string(summary).expect("the summary is plain data"));
    }
    if args.exit { running.stop() } else { running.serve_until_interrupted() }
}

fn set_up(args: &Args, office: &Office) -> Result<SetUp, DemoError> {
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
            code: sync_core::id::UnitCode::new(&unit.code).expect("an imported unit has a unit code"),
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
        let plan = plan(args.seed, outlines.collect(), levels);
        let officials = plan.iter().map(|unit| unit.officials).sum();
        Ok(SetUp { round: round.id, shares, plan, officials })
    })
}

/// Three trustees copy their shares to paper and type them back.
fn hold_ceremony(round: RoundId) -> Result<(Vec<u8>, Vec<Share>), DemoError> {
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
struct Tokens {
    machines: Vec<(usize, usize, Fate, sync_core::id::UnitCode, String)>,
    rogues: Vec<(usize, String)>,
    courier: String,
}

fn invite(running: &Running<'_>, set_up: &SetUp) -> Result<Tokens, DemoError> {
    let address = format!("http://{}", running.address);
    let token = async |scope: InviteScope, label: String| -> Result<String, DemoError> {
        Ok(running.centre.invite(&set_up.round, &scope, &label, &address).await?.to_text())
    };
    running.block_on(async {
        let mut tokens = Tokens {
            machines: Vec::new(),
            rogues: Vec::new(),
            courier: token(InviteScope::Courier, "Người chuyển".to_owned()).await?,
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

/// The field with a network again.
pub(super) struct Field<'a> {
    pub set_up: &'a SetUp,
    pub machines: &'a [Machine],
    pub http: &'a Http,
}

impl Field<'_> {
    /// Tablets that find a network by themselves, before the round is closed.
    fn online(&self) -> Vec<Machine> {
        let mut online = self.machines.to_vec();
        online.retain(|machine| !matches!(machine.fate, Fate::Offline | Fate::Late));
        online
    }

    /// The rest of the ballots comes in by courier; tablets are revoked; the round closes; the late come in.
    fn bring_in(
        &self,
        mut traffic: Traffic,
        rng: &mut ChaCha20Rng,
        helper: &mut client_ffi::Tablet<client_ffi::store::FileStore>,
        rogues: &[(usize, Rogue)],
        running: &Running<'_>,
    ) -> Result<(Traffic, Vec<Mischief>), DemoError> {
        let with = |fates: &[Fate]| -> Vec<Machine> {
            self.machines.iter().filter(|machine| fates.contains(&machine.fate)).cloned().collect()
        };
        let offline = with(&[Fate::Offline]);
        let late = with(&[Fate::Late]);
        let bar = step("Người chuyển mang phiếu · A courier carries", offline.len());
        traffic = traffic.merge(carry(helper, &offline, self.http, &bar)?);
        bar.finish();
        let counts =
            |machine: &&Machine| matches!(machine.fate, Fate::Ordinary | Fate::LostAnswer | Fate::Offline);
        let mut mischief = Vec::new();
        for (unit, rogue) in rogues {
            let code = &self.set_up.plan[*unit].code;
            let victims: Vec<DeviceId> =
                self.machines.iter().filter(|m| m.code == *code).filter(counts).map(|m| m.device).collect();
            mischief.push(rogue.act(&victims, self.http)?);
        }
        let centre: &Centre = &running.centre;
        running.block_on(async {
            for machine in with(&[Fate::Revoked]) {
                centre.revoke(&self.set_up.round, &machine.device, "máy bị mất").await?;
            }
            centre.close_round(&self.set_up.round).await
        })?;
        let bar = step("Máy đến muộn · Late tablets", late.len());
        traffic = traffic.merge(synchronise(&late, self.http, rng, &bar)?);
        bar.finish();
        Ok((traffic, mischief))
    }
}

/// Everything that is known at the end.
struct Outcome {
    voting: VotingReport,
    traffic: Traffic,
    mischief: Vec<Mischief>,
    refilled: Refilled,
    finished: (usize, usize),
    settled: Settled,
    counted: Counted,
    truth: Vec<Expected>,
    seconds: f64,
}

impl Outcome {
    fn faults(&self, machines: &[Machine]) -> Vec<Found> {
        let planted = |fate| machines.iter().filter(|machine| machine.fate == fate).count();
        let held = |fate, reason| held_for(&self.settled, machines, fate, reason);
        let figures = &self.counted.figures;
        let rogues = self.mischief.len();
        let refused = self.mischief.iter().filter(|m| m.corrupted_refused && m.delivered).count();
        let unclosed = machines.iter().filter(|m| m.fate == Fate::NeverClosed);
        let unclosed = unclosed.filter(|m| self.settled.unclosed.contains(&m.device)).count();
        let equal: u32 = self.truth.iter().map(|unit| unit.equal).sum();
        let conflicting: u32 = self.truth.iter().map(|unit| unit.conflicting).sum();
        let copies = usize::from(sum(figures, "byte_equal_copy") >= rogues) * rogues;
        vec![
            line(
                "tablet without any network",
                (planted(Fate::Offline), self.traffic.carried),
                "confirmed by courier",
            ),
            line(
                "answer lost after the centre stored",
                (planted(Fate::LostAnswer), self.traffic.answers_lost),
                "sent again, counted once",
            ),
            line(
                "tablet killed in the middle of a cast",
                (planted(Fate::Killed), self.voting.killed),
                "nothing lost, nothing twice",
            ),
            line(
                "slip used twice, equal marks",
                (equal as usize, sum(figures, "equal_marks")),
                "counted once",
            ),
            line(
                "slip used twice, different marks",
                (conflicting as usize, sum(figures, "conflicting")),
                "collected, invalid",
            ),
            line("ballot copied byte by byte", (rogues, copies), "counted once"),
            line(
                "ballot forged under a seen nullifier",
                (rogues, sum(figures, "forged")),
                "listed, spoils nothing",
            ),
            line(
                "ballot under a slip never printed",
                (rogues, sum(figures, "not_issued")),
                "listed, never collected",
            ),
            line("envelope changed on its way", (rogues, refused), "refused"),
            line(
                "cloned tablet",
                held(Fate::Cloned, HoldReason::ClonedTablet),
                "held, both admitted by two people",
            ),
            line(
                "revoked tablet",
                held(Fate::Revoked, HoldReason::RevokedDevice),
                "held, left out by two people",
            ),
            line(
                "tablet after the close",
                held(Fate::Late, HoldReason::Late),
                "held, admitted by two people",
            ),
            line(
                "box never closed",
                (planted(Fate::NeverClosed), unclosed),
                "missing, written off by two people",
            ),
            line("confirmed, then lost with the centre's disk", self.refilled, "sent again by the tablet"),
            line("tablet after the round is finished", self.finished, "holds no ballot any more"),
        ]
    }

    fn summary(&self, args: &Args, set_up: &SetUp, machines: &[Machine], differences: usize) -> Summary {
        let figures = &self.counted.figures;
        let mut summary = Summary {
            seed: args.seed,
            units: set_up.plan.len(),
            officials: set_up.officials,
            tablets: machines.len() + self.mischief.len(),
            ballots_cast: self.voting.cast,
            ballots_collected: figures.totals.collected,
            ballots_counted: figures.totals.valid,
            held: self.settled.held.clone(),
            invalid: std::collections::BTreeMap::new(),
            facts: std::collections::BTreeMap::new(),
            envelopes: self.counted.envelopes,
            requests: self.traffic.requests,
            bytes_up: self.traffic.bytes_up,
            bytes_down: self.traffic.bytes_down,
            seconds: self.seconds,
            result_digest: self.counted.digest.to_string(),
            differences,
        };
        for unit in &figures.units {
            for reason in &unit.invalid_by_reason {
                *summary.invalid.entry(reason.code).or_default() += reason.count;
            }
            for fact in &unit.facts {
                *summary.facts.entry(fact.code).or_default() += fact.count;
            }
        }
        summary
    }
}

fn stay(running: &Running<'_>, round: &RoundId, folder: &Path) -> Result<(), DemoError> {
    let base = format!("http://{}/api/v1/rounds/{}", running.address, round.uuid());
    let token = running.block_on(token(&running.centre))?;
    say!("\nThe centre stays up until Ctrl-C. Look at it from another terminal, as an inspector:");
    say!("  TOKEN={}", *token);
    for path in ["/units", "/holds", "/devices", "/results", "/results.csv"] {
        say!("  curl -H \"Authorization: Bearer $TOKEN\" {base}{path}");
    }
    say!("  homphieu --data-dir '{}' round status", folder.join("centre").display());
    Ok(())
}
