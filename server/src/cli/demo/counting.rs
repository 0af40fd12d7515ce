//! From what is held to published figures: decisions, order, trustees, publication, and a check as an outsider.

use super::field::Machine;
use super::plan::Fate;
use super::show::Found;
use super::{DemoError, step};
use crate::domain::decision::Matter;
use crate::domain::figures::RoundFigures;
use crate::domain::notice::USUAL_DAYS;
use crate::domain::person::Role;
use crate::service::{Actor, Centre, Ending, Obstructed, Profile, SessionSecret};
use std::collections::{BTreeMap, BTreeSet};
use sync_core::finish::Unfinished;
use sync_core::id::{DeviceId, ObjectId, RoundId, UnitCode};
use sync_core::order::Ruling;
use sync_core::record::Severity;
use sync_core::secret::{Share, join};
use sync_core::survey::{Gap, HoldReason};
use sync_core::verify::verify;
use time::Date;

/// What two people found and decided.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// Held envelopes by reason.
    pub held: BTreeMap<&'static str, usize>,
    /// Devices by the reason they were held for.
    pub devices: BTreeMap<HoldReason, BTreeSet<DeviceId>>,
    /// Tablets that never closed.
    pub unclosed: BTreeSet<DeviceId>,
}

/// Logins of the two inspectors.
pub(super) const PERSONS: [&str; 2] = ["dinh", "hoa"];
/// Login of the organiser.
pub(super) const ORGANISER: &str = "lan";

/// The people of the office: two inspectors and an organiser, who neither vote nor are rated in any unit.
pub(super) async fn hire(centre: &Centre) -> Result<(), DemoError> {
    for (login, name, role) in [
        (PERSONS[0], "Giàng Thị Dính", Role::Inspector),
        (PERSONS[1], "Nguyễn Văn Hòa", Role::Inspector),
        (ORGANISER, "Phạm Thị Lan", Role::Organiser),
    ] {
        centre.add_person(login, &Profile::outsider(name, &[role])).await?;
    }
    Ok(())
}

/// Login of whoever looks at the console.
pub(super) const VISITOR: &str = "van-phong";

/// An account for the console that may do everything of the office, with a password that is used at once. No real centre
/// has such a person: one alone would set up, count and decide.
pub(super) async fn visitor(centre: &Centre) -> Result<String, DemoError> {
    let roles = [Role::Administrator, Role::Organiser, Role::Inspector, Role::Trustee];
    let (person, once) = centre.add_person(VISITOR, &Profile::outsider("Người xem thử", &roles)).await?;
    let groups = crate::service::random::<8>();
    let groups: Vec<String> = groups.chunks(2).map(|two| format!("{:02x}{:02x}", two[0], two[1])).collect();
    let password = groups.join("-");
    let own = centre.acting_for(Actor::Person(std::sync::Arc::new(person)));
    own.change_password(once, password.clone().into(), "").await?;
    Ok(password)
}

/// A token of an inspector, to look at everything with.
pub(super) async fn token(centre: &Centre) -> Result<SessionSecret, DemoError> {
    let inspector = Actor::Person(centre.person_named(PERSONS[0]).await?);
    Ok(centre.acting_for(inspector).issue_token("demo", 1).await?.0)
}

/// Two people go through everything that is held or missing: what a revoked tablet sealed is left out, everything
/// else is admitted or written off.
pub(super) async fn settle(centre: &Centre, round: &RoundId) -> Result<Settled, DemoError> {
    let mut settled = Settled::default();
    let (_, standings) = centre.standings(round).await?;
    for standing in &standings {
        let unit = standing.unit.as_str();
        for header in &standing.facts.envelopes {
            let Some(reasons) = standing.survey.held.get(&header.id) else { continue };
            for reason in reasons {
                *settled.held.entry(reason.code()).or_default() += 1;
                settled.devices.entry(*reason).or_default().insert(header.device);
            }
            let (ruling, why) = if reasons.contains(&HoldReason::RevokedDevice) {
                (Ruling::LeaveOut(header.id), "máy bị mất trong buổi họp")
            } else {
                (Ruling::Admit(header.id), "đã đối chiếu với tổ kiểm phiếu")
            };
            centre.decide(round, unit, ruling, PERSONS, why).await?;
        }
        for gap in standing.open_gaps() {
            if let Gap::Close { device } = gap {
                settled.unclosed.insert(device);
            }
            centre.decide(round, unit, Ruling::WriteOff(gap), PERSONS, "máy rơi xuống suối").await?;
        }
    }
    Ok(settled)
}

/// Warnings of the units' records, explained by an inspector who noted nothing of what they rest on: how many there
/// were, by unit.
pub(super) async fn explain(
    centre: &Centre,
    round: &RoundId,
) -> Result<BTreeMap<UnitCode, usize>, DemoError> {
    let inspector = Actor::Person(centre.person_named(PERSONS[0]).await?);
    let inspector = centre.acting_for(inspector);
    let (_, standings) = centre.standings(round).await?;
    let mut explained = BTreeMap::new();
    for standing in &standings {
        let unit = standing.unit.as_str();
        for finding in centre.unit_record(round, unit).await?.findings {
            if finding.severity() == Severity::Warning && finding.explained.is_none() {
                let why = "đã hỏi tổ kiểm phiếu, khớp với biên bản giấy";
                inspector.explain(round, unit, &finding.key(), why).await?;
                *explained.entry(standing.unit.clone()).or_default() += 1;
            }
        }
    }
    Ok(explained)
}

/// What the trustees' count gave.
pub(super) struct Counted {
    pub envelopes: usize,
    pub digest: ObjectId,
}

/// What became of the units whose minutes do not reconcile.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reconciled {
    /// Units that were refused and published once their minutes were corrected.
    pub corrected: usize,
    /// Units that two people left unpublished.
    pub unpublished: usize,
}

/// Order, count with k of n shares on exported bytes, acceptance. The bundle is then checked as an outsider would,
/// without shares and with other k of them.
pub(super) async fn count(centre: &Centre, round: &RoundId, shares: &[Share]) -> Result<Counted, DemoError> {
    let other = |error: &dyn std::fmt::Display| DemoError::Other(error.to_string());
    centre.make_order(round).await?;
    let bundle = centre.bundle(round).await?;
    let envelopes = bundle.envelopes.len();
    let package = bundle.package.value();
    let needed = usize::from(package.keys.threshold);
    let joined = join(&package.round, &package.keys, &shares[..needed]).map_err(|e| other(&e))?;
    let orders: Vec<_> = bundle.orders.iter().collect();
    let bar = step(&tr!("demo-step-count"), package.units.len());
    let result = sync_core::count::count(&bundle.material(), &orders, &joined.secret, &mut |done, _| {
        bar.set_position(done as u64);
    })
    .map_err(|e| other(&e))?;
    bar.finish();
    centre.accept(round, result.bytes()).await?;
    let bytes = centre.bundle(round).await?.to_bytes();
    let bar = step(&tr!("demo-step-verify"), package.units.len());
    verify(&bytes, &[], &mut |_, _| ()).map_err(|e| other(&e))?;
    let report =
        verify(&bytes, &shares[shares.len() - needed..], &mut |done, _| bar.set_position(done as u64))
            .map_err(|e| other(&e))?;
    bar.finish();
    if report.recount.as_ref().map(|(digest, _)| digest) != Some(&result.digest()) {
        return Err(DemoError::Other("the recount gives another result".to_owned()));
    }
    Ok(Counted { envelopes, digest: result.digest() })
}

/// Publishes what may be published, and gives the units that may not, each with the code of what stands in the way.
pub(super) async fn publish(
    centre: &Centre,
    round: &RoundId,
    on: Date,
) -> Result<BTreeMap<UnitCode, BTreeSet<&'static str>>, DemoError> {
    let organiser = Actor::Person(centre.person_named(ORGANISER).await?);
    let report = centre.acting_for(organiser).publish_as_of(round, &[], USUAL_DAYS, on).await?;
    let refused = report.units.into_iter().filter(|unit| !unit.obstacles.is_empty());
    Ok(refused.map(|unit| (unit.unit, unit.obstacles.iter().map(Obstructed::code).collect())).collect())
}

/// Two people leave a unit unpublished.
pub(super) async fn leave(centre: &Centre, round: &RoundId, unit: &UnitCode) -> Result<(), DemoError> {
    let reason = "người kiểm phiếu có tên trên phiếu; phải lấy phiếu lại";
    Ok(centre.decide(round, unit.as_str(), Matter::LeaveUnpublished, PERSONS, reason).await?)
}

/// Two people finish without every tablet that is lost and was never seen again after the centre's disk was.
pub(super) async fn go_on(centre: &Centre, round: &RoundId) -> Result<(), DemoError> {
    let Ending::Closed(unfinished) = centre.ending(round).await? else { return Ok(()) };
    for obstacle in unfinished {
        if let Unfinished::Unheard { unit, device, .. } = obstacle {
            centre
                .decide(round, unit.as_str(), Matter::GoOnWithout(device), PERSONS, "máy rơi xuống suối")
                .await?;
        }
    }
    Ok(())
}

/// Tablets of a fate that were held for a reason.
pub(super) fn held_for(
    settled: &Settled,
    machines: &[Machine],
    fate: Fate,
    reason: HoldReason,
) -> (usize, usize) {
    let planted: BTreeSet<DeviceId> =
        machines.iter().filter(|machine| machine.fate == fate).map(|machine| machine.device).collect();
    let found = settled.devices.get(&reason).map_or(0, |devices| devices.intersection(&planted).count());
    (planted.len(), found)
}

/// Sums a kind of fact, or of invalid ballot, over all units.
pub(super) fn sum(figures: &RoundFigures, code: &str) -> usize {
    let reasons = figures.units.iter().flat_map(|unit| unit.invalid_by_reason.iter().chain(&unit.facts));
    reasons.filter(|reason| reason.code == code).map(|reason| reason.count as usize).sum()
}

/// A line of the list of faults.
pub(super) fn line(what: String, (planted, found): (usize, usize), how: String) -> Found {
    Found { what, planted, found, how }
}
