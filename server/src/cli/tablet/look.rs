//! `tablet status` and `tablet doctor`.

use super::{At, language};
use crate::cli::doctor::{self, Finding};
use crate::cli::{CliError, moment};
use client_ffi::store::FileStore;
use client_ffi::{Carried, Counts, CourierView, NextStep, Status, Tablet, TabletError, UnitStatus};
use sync_core::guidance::{TeamStep, TeamText};
use sync_core::package::Mode;
use sync_core::record::Language;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct StatusArgs {
    #[command(flatten)]
    at: At,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct DoctorArgs {
    #[command(flatten)]
    at: At,
    /// Print the findings as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct GuidanceArgs {
    #[command(flatten)]
    at: At,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RoomArgs {
    #[command(flatten)]
    at: At,
    /// From now on so many megabytes. Less than is carried deletes nothing, and lets nothing more in.
    #[arg(value_parser = clap::value_parser!(u64).range(1..=ROOM_MAX))]
    megabytes: Option<u64>,
}

/// Bytes of a megabyte, as people who buy memory count them.
const MEGABYTE: u64 = 1_000_000;
/// Most megabytes that can be given.
const ROOM_MAX: u64 = 1_000_000;

/// Says what the organisation board wrote, step by step; in the other language where there is only that.
pub(super) fn guidance(args: &GuidanceArgs) -> Result<(), CliError> {
    let texts = args.at.open()?.guidance()?.map(|guidance| guidance.texts).unwrap_or_default();
    if texts.is_empty() {
        say!("{}", tr!("tablet-guidance-none"));
    }
    for TeamText { step, vi, en } in texts {
        let (own, other) = match language() {
            Language::Vietnamese => (vi, en),
            Language::English => (en, vi),
        };
        say!("{}\n{}\n", step_name(step), if own.is_empty() { other } else { own });
    }
    Ok(())
}

fn step_name(step: TeamStep) -> String {
    match step {
        TeamStep::Compare => tr!("tablet-guidance-compare"),
        TeamStep::CheckIn => tr!("tablet-guidance-check-in"),
        TeamStep::Vote => tr!("tablet-guidance-vote"),
        TeamStep::Close => tr!("tablet-guidance-close"),
        TeamStep::Minutes => tr!("tablet-guidance-minutes"),
        TeamStep::HandOver => tr!("tablet-guidance-hand-over"),
        TeamStep::Plans => tr!("tablet-guidance-plans"),
    }
}

/// Says how much room there is for what is carried for others, and changes it.
pub(super) fn carry_room(args: &RoomArgs) -> Result<(), CliError> {
    let mut tablet = args.at.open()?;
    if let Some(megabytes) = args.megabytes {
        tablet.set_carry_room(megabytes * MEGABYTE)?;
    }
    say!("{}", room(&tablet.courier()?));
    Ok(())
}

/// Part of the status: a unit, or what is carried.
pub(super) struct Block {
    pub title: String,
    /// What to do next.
    pub next: Option<NextStep>,
    pub lines: Vec<String>,
}

pub(super) fn status(args: &StatusArgs) -> Result<(), CliError> {
    let status = args.at.open()?.status()?;
    if args.json {
        say!("{}", serde_json::to_string_pretty(&json(&status)).expect("a status is plain data"));
        return Ok(());
    }
    say!("{}", title(&status));
    if is_training(&status) {
        say!("{}", tr!("tablet-training"));
    }
    for block in blocks(&status) {
        say!("\n{}", block.title);
        if let Some(next) = block.next {
            say!("  → {}", next.text(language()));
        }
        for line in block.lines {
            say!("  {line}");
        }
    }
    Ok(())
}

/// The tablet's name and its round.
pub(super) fn title(status: &Status) -> String {
    match (&status.label, &status.round) {
        (Some(label), Some((round, _))) => format!("{label} – {round}"),
        _ => tr!("tablet-title"),
    }
}

pub(super) fn is_training(status: &Status) -> bool {
    matches!(status.round, Some((_, Mode::Training)))
}

/// Each unit, then what is carried for others, in words.
pub(super) fn blocks(status: &Status) -> Vec<Block> {
    let mut blocks: Vec<Block> = status.units.iter().map(of_unit).collect();
    let carried = status.carried;
    let courier = status.units.is_empty() && status.round.is_some();
    if courier || carried != Carried::default() {
        let (units, envelopes, left) = (carried.units, carried.envelopes, carried.unconfirmed);
        let mut lines = vec![tr!("tablet-carried", units = units, envelopes = envelopes, unconfirmed = left)];
        if carried.parcels > 0 {
            lines.push(tr!("tablet-carried-records", count = carried.parcels));
        }
        lines.push(room(&CourierView { carried, room: status.room }));
        let next = courier.then_some(status.next);
        blocks.push(Block { title: tr!("tablet-carried-title"), next, lines });
    }
    if status.round.is_none() {
        let next = Some(status.next);
        blocks.push(Block { title: tr!("tablet-doctor-fresh"), next, lines: Vec::new() });
    } else {
        let said = match status.last_contact {
            Some(at) => {
                tr!("tablet-last-contact", at = moment(i64::try_from(at).unwrap_or(0).saturating_mul(60)))
            }
            None => tr!("tablet-no-contact"),
        };
        blocks.push(Block { title: tr!("tablet-contact-title"), next: None, lines: vec![said] });
    }
    blocks
}

/// How much is used and how much is left, in megabytes.
pub(super) fn room(view: &CourierView) -> String {
    let used = megabytes(view.carried.bytes as u64);
    match view.left() {
        0 => tr!("tablet-room-full", room = megabytes(view.room), used = used),
        left => tr!("tablet-room", room = megabytes(view.room), used = used, left = megabytes(left)),
    }
}

/// With one decimal, rounded down, so that nobody is promised room that is not there.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes / (MEGABYTE / 10);
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn of_unit(unit: &UnitStatus) -> Block {
    let Counts { in_box, sealed, handed_over, confirmed, finished } = unit.counts;
    let mut lines = vec![if unit.closed { tr!("tablet-box-closed") } else { tr!("tablet-box-open") }];
    for (count, words) in [
        (in_box, tr!("tablet-in-box", count = in_box)),
        (sealed, tr!("tablet-sealed", count = sealed)),
        (handed_over, tr!("tablet-handed-over", count = handed_over)),
        (confirmed, tr!("tablet-confirmed", count = confirmed)),
        (finished, tr!("tablet-counted", count = finished)),
    ] {
        if count > 0 {
            lines.push(words);
        }
    }
    for taker in &unit.handed_to {
        let name = taker.label.clone().unwrap_or_else(|| taker.device.to_string());
        lines.push(tr!("tablet-taker", name = name, count = taker.ballots));
    }
    if unit.others > 0 {
        lines.push(tr!("tablet-others", count = unit.others));
    }
    for held in &unit.held {
        let why = held.reason.label(language());
        lines.push(tr!("tablet-held", count = held.envelopes, why = why));
    }
    if unit.waiting > 0 {
        lines.push(tr!("tablet-waiting", count = unit.waiting));
    }
    let title = format!("{} – {}", unit.unit, unit.name);
    Block { title, next: Some(unit.next), lines }
}

/// The status for programs. Names are stable.
pub(super) fn json(status: &Status) -> serde_json::Value {
    let unit = |unit: &UnitStatus| {
        let Counts { in_box, sealed, handed_over, confirmed, finished } = unit.counts;
        let takers = unit.handed_to.iter().map(|taker| {
            serde_json::json!({ "device": taker.device.to_string(), "label": taker.label, "ballots": taker.ballots })
        });
        let held = unit.held.iter();
        let held = held.map(|h| serde_json::json!({ "reason": h.reason.code(), "envelopes": h.envelopes }));
        serde_json::json!({
            "unit": unit.unit.as_str(), "name": unit.name, "closed": unit.closed,
            "ballots": { "in_box": in_box, "sealed": sealed, "handed_over": handed_over, "confirmed": confirmed, "finished": finished },
            "handed_to": takers.collect::<Vec<_>>(), "others": unit.others, "held": held.collect::<Vec<_>>(),
            "waiting": unit.waiting, "finished": unit.finished.is_some(), "next": unit.next.code(),
        })
    };
    let carried = status.carried;
    serde_json::json!({
        "device": status.device.map(|device| device.to_string()), "label": status.label,
        "round": status.round.as_ref().map(|(title, _)| title), "training": is_training(status),
        "last_contact_minutes": status.last_contact, "units": status.units.iter().map(unit).collect::<Vec<_>>(),
        "carried": { "units": carried.units, "envelopes": carried.envelopes, "unconfirmed": carried.unconfirmed,
            "records": carried.parcels, "bytes": carried.bytes, "room": status.room },
        "next": status.next.code(),
    })
}

/// Looks at folder, keys, lists, room and clock. Changes nothing but what opening a tablet puts right anyway.
pub(super) fn doctor(args: &DoctorArgs) -> Result<(), CliError> {
    let folder = &args.at.folder;
    let mut findings = doctor::of_folder(folder);
    match FileStore::open(folder).map_err(TabletError::from) {
        Ok(store) => {
            let discarded = store.discarded();
            if discarded > 0 {
                let found = tr!("tablet-doctor-draft", count = discarded);
                findings.push(Finding::ok("tablet", found));
            }
            match Tablet::open(store) {
                Ok(tablet) => findings.extend(round(&tablet)),
                Err(error) => findings.push(broken(&error)),
            }
        }
        Err(error) => findings.push(broken(&error)),
    }
    findings.push(doctor::of_clock(folder));
    doctor::report(&findings, args.json)
}

fn broken(error: &TabletError) -> Finding {
    let advice = match error {
        TabletError::Damaged { key } if key == "identity" => tr!("tablet-doctor-no-key"),
        TabletError::Damaged { .. } => tr!("tablet-doctor-damaged"),
        _ => tr!("tablet-doctor-store"),
    };
    Finding::fail("tablet", crate::cli::lang::tablet::words(error), advice)
}

/// How far the tablet is in its round, and whether each of its units can vote.
fn round(tablet: &super::Machine) -> Vec<Finding> {
    let Some(package) = tablet.package() else {
        return vec![Finding::warn("round", tr!("tablet-doctor-fresh"), tr!("tablet-doctor-fresh-advice"))];
    };
    let title = package.value().title.as_str();
    let mut findings = vec![match package.value().mode {
        Mode::Training => Finding::warn("round", title, tr!("tablet-training")),
        Mode::Official => Finding::ok("round", title),
    }];
    for unit in tablet.units() {
        let code = unit.as_str();
        findings.push(if tablet.finished(unit).is_some() {
            Finding::ok("list", tr!("tablet-round-finished", unit = code))
        } else if tablet.is_closed(unit) {
            Finding::ok("list", tr!("tablet-doctor-closed", unit = code))
        } else if tablet.sheet(unit).is_none() {
            Finding::fail(
                "list",
                tr!("tablet-doctor-no-sheet", unit = code),
                tr!("tablet-doctor-no-sheet-advice"),
            )
        } else if tablet.is_confirmed(unit) {
            Finding::ok("list", tr!("tablet-doctor-ready", unit = code))
        } else {
            Finding::warn(
                "list",
                tr!("tablet-doctor-unopened", unit = code),
                tr!("tablet-doctor-unopened-advice"),
            )
        });
    }
    findings
}
