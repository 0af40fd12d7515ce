//! The demo round from the workbook to the verdict.

use super::carry::{Traffic, carry, courier, synchronise};
use super::centre::{Office, Running};
use super::counting::{
    Counted, ORGANISER, Reconciled, Settled, VISITOR, count, explain, held_for, leave, line, publish, settle,
    sum, token, visitor,
};
use super::disk::{Refilled, Vault};
use super::field::{Machine, VotingReport, enrol, vote};
use super::follow_up::{FollowUp, follow_up};
use super::isolated::Journey;
use super::meeting::{self, MeetingReport, Minutes};
use super::oversight;
use super::plan::{Fate, UnitPlan};
use super::rogue::{Mischief, Rogue};
use super::set_up::{MIN_PUBLISH, SetUp, invite, set_up};
use super::show::{self, Found, Summary};
use super::told::{self, Told};
use super::truth::{Expected, differences, expected};
use super::{Args, DemoError, guidance, papers, spare, step};
use crate::domain::figures::RoundFigures;
use crate::service::Centre;
use client_ffi::transport::Http;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Instant;
use sync_core::id::{DeviceId, RoundId};
use sync_core::survey::HoldReason;

/// Plays the round; whether it came out as planted.
pub(super) fn play(args: &Args, folder: &Path) -> Result<bool, DemoError> {
    let begun = Instant::now();
    introduce(args, folder);
    let office = Office::new(&folder.join("centre"))?;
    let set_up = set_up(args, &office)?;
    let address: SocketAddr = ([127, 0, 0, 1], if args.exit { 0 } else { args.port }).into();
    let running = office.start(address)?;
    let address = running.address;
    let tokens = invite(&running, &set_up)?;
    let tablets = folder.join("tablets");
    let bar = step(&tr!("demo-step-enrol"), tokens.machines.len());
    let machines = enrol(tokens.machines, &tablets, &bar)?;
    bar.finish();
    let http = Http::new(&format!("http://{address}"));
    let [mut helper, mut second] = [
        courier(&tablets.join("courier"), &tokens.couriers[0])?,
        courier(&tablets.join("courier-2"), &tokens.couriers[1])?,
    ];
    let rogues = tokens
        .rogues
        .iter()
        .map(|(unit, token)| Ok((*unit, Rogue::enrol(token, &set_up.plan[*unit].code, &http)?)))
        .collect::<Result<Vec<_>, DemoError>>()?;
    // From here on nobody can reach the centre until everybody has voted.
    running.stop()?;

    let minutes = meeting::minutes(&set_up.plan);
    let (voting, meetings) = meet(&set_up.plan, &machines, &minutes)?;
    let sticks = folder.join("stick");
    let mut journey = Journey::begin(&set_up.plan, &machines, &voting.isolated, sticks.clone(), args.seed)?;

    let running = office.start(address)?;
    let field = Field { set_up: &set_up, machines: &machines, http: &http, stick: &sticks };
    let vault = Vault::new(&folder.join("backups"))?;
    let mut rng = ChaCha20Rng::seed_from_u64(args.seed ^ 0x0c0u64);
    let online = field.online();
    let (running, traffic, refilled) = field.lose_the_disk(&office, running, &vault, &online, &mut rng)?;
    journey.travel(&mut helper, &mut second, &http)?;
    let (traffic, mischief) = field.bring_in(traffic, &mut rng, &mut helper, &rogues, &running)?;
    let settled = running.block_on(settle(&running.centre, &set_up.round))?;
    let explained = running.block_on(explain(&running.centre, &set_up.round))?;
    let counted = running.block_on(count(&running.centre, &set_up.round, &set_up.shares))?;
    running.block_on(told::note_contacts(&running.centre, &set_up.round))?;
    let reconciled = field.reconcile(&minutes, &running)?;
    let told = running.block_on(told::tell(&running.centre, &set_up.round))?;
    running.block_on(guidance::write(&running.centre))?;
    let figures = running.block_on(running.centre.figures(&set_up.round))?;

    let shown: Vec<bool> = minutes.iter().map(|minutes| *minutes != Minutes::CounterOnBallot).collect();
    let (truth, mut wrong) = compare(&set_up, &machines, &figures, &shown)?;
    let overseen = running.block_on(oversight::oversee(&running.centre, &set_up.round, &set_up.plan))?;
    wrong.extend(overseen.wrong.iter().cloned());
    let followed = follow_up(&field, &running)?;
    let finished = field.finish(&running, &vault, &mut helper, ORGANISER)?;
    let put_away = journey.finish(&mut helper)?;
    let printed = running.block_on(papers::print(&running.centre, &set_up.round, folder))?;
    let outcome = Outcome {
        voting,
        traffic,
        mischief,
        refilled,
        finished: (finished.0 + journey.found().0, finished.1 + put_away),
        isolated: journey.found(),
        settled,
        counted,
        figures,
        meetings,
        explained: explained_at(&set_up.plan, &minutes, &explained),
        reconciled,
        told,
        followed,
        unpublished: shown.iter().filter(|shown| !**shown).count(),
        shows: overseen.signs,
        truth,
        seconds: begun.elapsed().as_secs_f64(),
    };
    let faults = outcome.faults(&machines);
    let right = wrong.is_empty() && journey.wrong.is_empty() && faults.iter().all(Found::is_right);
    let summary = outcome.summary(args, &set_up, &machines, wrong.len());
    oversight::tell(&overseen);
    tell(&outcome, &journey, &faults, &wrong, &summary);
    printed.tell();
    outcome.told.invite(&running.address, args.exit);
    part(args, running, &set_up.round, folder, &summary)?;
    Ok(right)
}

/// Every unit meets: check-in, the vote, record and minutes. No tablet has a transport here.
fn meet(
    plan: &[UnitPlan],
    machines: &[Machine],
    minutes: &[Minutes],
) -> Result<(VotingReport, MeetingReport), DemoError> {
    let voters = plan.iter().map(|unit| unit.voters.len());
    let bar = step(&tr!("demo-step-check-in"), voters.sum());
    meeting::check_in(plan, machines, &bar)?;
    bar.finish();
    let ballots = plan.iter().flat_map(|unit| &unit.voters).map(|v| 1 + usize::from(v.again.is_some()));
    let bar = step(&tr!("demo-step-vote"), ballots.sum());
    let voting = vote(plan, machines, &bar)?;
    bar.finish();
    let bar = step(&tr!("demo-step-minutes"), plan.len());
    let meetings = meeting::conclude(plan, minutes, machines, &bar)?;
    bar.finish();
    Ok((voting, meetings))
}

fn introduce(args: &Args, folder: &Path) {
    let place = folder.display().to_string();
    say!("{}", tr!("demo-title"));
    say!("{}", tr!("demo-place", units = args.units, seed = args.seed, folder = place));
}

/// Shows what came out.
fn tell(outcome: &Outcome, journey: &Journey, faults: &[Found], wrong: &[String], summary: &Summary) {
    show::results(&outcome.figures);
    show::journey(journey);
    outcome.told.show();
    show::faults(faults);
    show::verdict(&outcome.truth, wrong);
    let end = tr!(
        "demo-end",
        cast = summary.ballots_cast,
        tablets = summary.tablets,
        counted = summary.ballots_counted,
        seconds = format!("{:.1}", summary.seconds)
    );
    say!("\n{end}");
}

/// What was planted in the units that are shown, and how the figures differ from it.
fn compare(
    set_up: &SetUp,
    machines: &[Machine],
    figures: &RoundFigures,
    shown: &[bool],
) -> Result<(Vec<Expected>, Vec<String>), DemoError> {
    let truth = set_up.plan.iter().map(|unit| expected(unit, machines, &set_up.round, figures.levels.len()));
    let truth = truth.collect::<Result<Vec<_>, _>>()?;
    let published = |place: usize| shown[place];
    let wrong = differences(&set_up.plan, &truth, figures, (MIN_PUBLISH, &published));
    let truth = truth.into_iter().zip(shown).filter(|(_, shown)| **shown).map(|(truth, _)| truth);
    Ok((truth.collect(), wrong))
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

/// The field with a network again.
pub(super) struct Field<'a> {
    pub set_up: &'a SetUp,
    pub machines: &'a [Machine],
    pub http: &'a Http,
    /// A folder for what is carried as files.
    pub stick: &'a Path,
}

impl Field<'_> {
    /// Tablets that find a network by themselves, before the round is closed.
    fn online(&self) -> Vec<Machine> {
        let mut online = self.machines.to_vec();
        online.retain(|machine| !matches!(machine.fate, Fate::Offline | Fate::Isolated | Fate::Late));
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
        let bar = step(&tr!("demo-step-carry"), offline.len());
        traffic = traffic.merge(carry(helper, &offline, self.stick, self.http, &bar)?);
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
        let bar = step(&tr!("demo-step-late"), late.len());
        traffic = traffic.merge(synchronise(&late, self.http, rng, &bar)?);
        bar.finish();
        Ok((traffic, mischief))
    }
}

impl Field<'_> {
    /// Everything is published but two units: one corrects its minutes, the other is left unpublished.
    fn reconcile(&self, minutes: &[Minutes], running: &Running<'_>) -> Result<Reconciled, DemoError> {
        let (centre, round, plan) = (&running.centre, &self.set_up.round, &self.set_up.plan);
        let mut reconciled = Reconciled::default();
        let refused = running.block_on(publish(centre, round, told::earlier()))?;
        let unit_with =
            |what| plan.iter().zip(minutes).find(|(_, minutes)| **minutes == what).map(|(unit, _)| unit);
        let why = |unit: &UnitPlan, code| refused.get(&unit.code).is_some_and(|codes| codes.contains(code));
        if let Some(unit) = unit_with(Minutes::NotedWrong).filter(|unit| why(unit, "printed_sum")) {
            meeting::correct(unit, self.machines)?;
            for machine in self.machines.iter().filter(|machine| machine.code == unit.code) {
                machine.open()?.sync(self.http)?;
            }
            let still = running.block_on(async {
                explain(centre, round).await?;
                publish(centre, round, told::today()).await
            })?;
            reconciled.corrected = usize::from(!still.contains_key(&unit.code));
        }
        if let Some(unit) =
            unit_with(Minutes::CounterOnBallot).filter(|unit| why(unit, "committee_on_ballot"))
        {
            running.block_on(leave(centre, round, &unit.code))?;
            reconciled.unpublished += 1;
        }
        let known = [Minutes::NotedWrong, Minutes::CounterOnBallot]
            .map(|what| unit_with(what).map(|unit| &unit.code));
        match refused.iter().find(|(unit, _)| !known.contains(&Some(*unit))) {
            Some((unit, codes)) => {
                Err(DemoError::Other(format!("unit {unit} cannot be published: {codes:?}")))
            }
            None => Ok(reconciled),
        }
    }
}

/// Everything that is known at the end.
struct Outcome {
    voting: VotingReport,
    traffic: Traffic,
    mischief: Vec<Mischief>,
    refilled: Refilled,
    finished: (usize, usize),
    /// Tablets of the unit without a network, and how many of them said the truth to the end.
    isolated: (usize, usize),
    settled: Settled,
    counted: Counted,
    figures: RoundFigures,
    meetings: MeetingReport,
    /// Units where a slip was taken home, and how many of these were explained.
    explained: (usize, usize),
    reconciled: Reconciled,
    /// Who was told the result, and how.
    told: Told,
    followed: FollowUp,
    /// Units whose counting committee stands on the ballot.
    unpublished: usize,
    /// Signs of formalism that were planted, and of these the ones that were found.
    shows: (usize, usize),
    /// What was planted in the units that are published.
    truth: Vec<Expected>,
    seconds: f64,
}

/// Units where a slip was taken home, and how many of them somebody explained.
fn explained_at(
    plan: &[UnitPlan],
    minutes: &[Minutes],
    explained: &std::collections::BTreeMap<sync_core::id::UnitCode, usize>,
) -> (usize, usize) {
    let home = plan.iter().zip(minutes).filter(|(_, minutes)| **minutes == Minutes::SlipTakenHome);
    let codes: Vec<_> = home.map(|(unit, _)| &unit.code).collect();
    (codes.len(), codes.iter().filter(|code| explained.contains_key(**code)).count())
}

impl Outcome {
    fn faults(&self, machines: &[Machine]) -> Vec<Found> {
        let planted = |fate| machines.iter().filter(|machine| machine.fate == fate).count();
        let held = |fate, reason| held_for(&self.settled, machines, fate, reason);
        let figures = &self.figures;
        let rogues = self.mischief.len();
        let refused = self.mischief.iter().filter(|m| m.corrupted_refused && m.delivered).count();
        let unclosed = machines.iter().filter(|m| m.fate == Fate::NeverClosed);
        let unclosed = unclosed.filter(|m| self.settled.unclosed.contains(&m.device)).count();
        let equal: u32 = self.truth.iter().map(|unit| unit.equal).sum();
        let conflicting: u32 = self.truth.iter().map(|unit| unit.conflicting).sum();
        let copies = usize::from(sum(figures, "byte_equal_copy") >= rogues) * rogues;
        let mut faults = vec![
            line(
                tr!("demo-fault-offline"),
                (planted(Fate::Offline), self.traffic.carried),
                tr!("demo-how-offline"),
            ),
            line(tr!("demo-fault-isolated"), self.isolated, tr!("demo-how-isolated")),
            line(
                tr!("demo-fault-answer"),
                (planted(Fate::LostAnswer), self.traffic.answers_lost),
                tr!("demo-how-answer"),
            ),
            line(
                tr!("demo-fault-killed"),
                (planted(Fate::Killed), self.voting.killed),
                tr!("demo-how-killed"),
            ),
            line(
                tr!("demo-fault-equal"),
                (equal as usize, sum(figures, "equal_marks")),
                tr!("demo-how-equal"),
            ),
            line(
                tr!("demo-fault-conflicting"),
                (conflicting as usize, sum(figures, "conflicting")),
                tr!("demo-how-conflicting"),
            ),
            line(tr!("demo-fault-copied"), (rogues, copies), tr!("demo-how-copied")),
            line(tr!("demo-fault-forged"), (rogues, sum(figures, "forged")), tr!("demo-how-forged")),
            line(
                tr!("demo-fault-not-issued"),
                (rogues, sum(figures, "not_issued")),
                tr!("demo-how-not-issued"),
            ),
            line(tr!("demo-fault-changed"), (rogues, refused), tr!("demo-how-changed")),
            line(
                tr!("demo-fault-cloned"),
                held(Fate::Cloned, HoldReason::ClonedTablet),
                tr!("demo-how-cloned"),
            ),
            line(
                tr!("demo-fault-revoked"),
                held(Fate::Revoked, HoldReason::RevokedDevice),
                tr!("demo-how-revoked"),
            ),
            line(tr!("demo-fault-late"), held(Fate::Late, HoldReason::Late), tr!("demo-how-late")),
            line(
                tr!("demo-fault-unclosed"),
                (planted(Fate::NeverClosed), unclosed),
                tr!("demo-how-unclosed"),
            ),
            line(tr!("demo-fault-disk"), self.refilled, tr!("demo-how-disk")),
            line(tr!("demo-fault-disagreed"), self.meetings.disagreed, tr!("demo-how-disagreed")),
            line(tr!("demo-fault-twice"), self.meetings.twice, tr!("demo-how-twice")),
            line(tr!("demo-fault-home"), self.explained, tr!("demo-how-home")),
            line(tr!("demo-fault-noted"), (1, self.reconciled.corrected), tr!("demo-how-noted")),
            line(
                tr!("demo-fault-counter"),
                (self.unpublished, self.reconciled.unpublished),
                tr!("demo-how-counter"),
            ),
        ];
        faults.extend(self.faults_afterwards());
        faults
    }

    /// What was planted after the count.
    fn faults_afterwards(&self) -> Vec<Found> {
        let mut faults = vec![
            line(tr!("demo-fault-told"), self.told.stages(), tr!("demo-how-told")),
            line(tr!("demo-fault-noted-late"), self.told.repeated, tr!("demo-how-noted-late")),
            line(tr!("demo-fault-mail-away"), self.told.away, tr!("demo-how-mail-away")),
            line(tr!("demo-fault-code"), self.told.guessed, tr!("demo-how-code")),
            line(tr!("demo-fault-plans"), self.followed.states, tr!("demo-how-plans")),
            line(tr!("demo-fault-plans-offline"), self.followed.offline, tr!("demo-how-plans-offline")),
            line(tr!("demo-fault-finished"), self.finished, tr!("demo-how-finished")),
        ];
        // A small round may have no unit left for it.
        if self.shows.0 > 0 {
            faults.push(line(tr!("demo-fault-shows"), self.shows, tr!("demo-how-shows")));
        }
        faults
    }

    fn summary(&self, args: &Args, set_up: &SetUp, machines: &[Machine], differences: usize) -> Summary {
        let figures = &self.figures;
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
    say!("\n{}", tr!("demo-stays"));
    say!("  TOKEN={}", *token);
    for path in ["/units", "/holds", "/devices", "/results", "/results.csv"] {
        say!("  curl -H \"Authorization: Bearer $TOKEN\" {base}{path}");
    }
    let centre = folder.join("centre");
    let (login, once) = running.block_on(oversight::account(&running.centre))?;
    let page = format!("http://{}/console/#/rounds/{}/oversight", running.address, round.uuid());
    say!("  {}", tr!("demo-oversight-look", page = page, login = login, password = once.as_str()));
    say!("  homphieu --data-dir '{}' round status --round {}", centre.display(), round.uuid());
    let password = running.block_on(visitor(&running.centre))?;
    say!("\n{}", tr!("demo-console"));
    say!("  {}", tr!("demo-console-open"));
    say!("    http://{}/console/", running.address);
    say!("  {}", tr!("demo-console-account", login = VISITOR, password = password));
    spare::open(running, &folder.join("try"))?.tell();
    Ok(())
}
