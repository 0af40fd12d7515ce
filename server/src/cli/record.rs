//! `homphieu round record`, `findings`, `explain` and `minutes`: what a unit's team noted, and what of it does not
//! reconcile.

use super::io::Io;
use super::lang::language;
use super::round::Named;
use super::user::sign_in;
use super::{CliError, chosen};
use crate::domain::record::finding_key;
use crate::service::{Centre, UnitRecord};
use sync_core::record::{FigureKind, Minutes, PersonId, Severity, Topic};

#[derive(Debug, clap::Args)]
pub(super) struct OfUnit {
    #[command(flatten)]
    round: Named,
    /// The unit.
    #[arg(long)]
    unit: String,
}

#[derive(Debug, clap::Args)]
pub(super) struct RecordArgs {
    #[command(flatten)]
    of: OfUnit,
    /// Print it as JSON, as the HTTP interface gives it.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct FindingsArgs {
    #[command(flatten)]
    round: Named,
    /// Only this unit.
    #[arg(long)]
    unit: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct ExplainArgs {
    #[command(flatten)]
    of: OfUnit,
    /// The key of the finding, as `round findings` shows it.
    #[arg(long)]
    finding: String,
    /// Why it is as it is.
    #[arg(long)]
    text: String,
    /// Login of the inspector or organiser who explains; asks for their password.
    #[arg(long = "as", env = "HOMPHIEU_USER")]
    login: String,
}

/// Shows the record of a unit.
pub(super) async fn show(centre: &Centre, args: RecordArgs) -> Result<(), CliError> {
    let round = chosen(centre, args.of.round.round).await?;
    let looked = centre.unit_record(&round, &args.of.unit).await?;
    if args.json {
        say!("{}", crate::http::record_json(&looked));
        return Ok(());
    }
    let state = &looked.state;
    if looked.record.is_empty() {
        say!("{}", tr!("record-empty"));
    }
    say!("{}", tr!("record-register", present = state.present(), slips = state.slips()));
    for (kind, topic) in &state.figures {
        show_topic(&looked, kind.label(language()), topic, ToString::to_string);
    }
    if let Some(topic) = &state.committee {
        show_topic(&looked, &tr!("record-committee"), topic, |members| {
            let member = |m: &sync_core::record::Member| format!("{} ({})", m.name, m.post.label(language()));
            members.iter().map(member).collect::<Vec<_>>().join(", ")
        });
    }
    for (device, topic) in &state.totals {
        let label = looked.label(device);
        show_topic(&looked, &tr!("record-total", label = label), topic, ToString::to_string);
    }
    for paper in state.papers_of(None) {
        let (one, two) = (name(&looked, &paper.first), name(&looked, &paper.second));
        say!(
            "{}",
            tr!("record-paper", collected = paper.collected, valid = paper.valid, invalid = paper.invalid)
        );
        say!("  {}", tr!("record-paper-entered", one = one, two = two));
    }
    for note in state.notes.values() {
        let who = name(&looked, &note.person);
        let text = note.text.as_str();
        say!(
            "{}",
            if note.incident {
                tr!("record-incident", who = who, text = text)
            } else {
                tr!("record-note", who = who, text = text)
            }
        );
    }
    for (first, _) in looked.record.twins() {
        let label = looked.label(&first.value().actor.device());
        say!("{}", tr!("record-twins", label = label, number = first.value().sequence));
    }
    show_findings(&looked);
    Ok(())
}

/// One thing: what holds, or who says what.
fn show_topic<T: PartialEq>(
    looked: &UnitRecord,
    thing: &str,
    topic: &Topic<T>,
    words: impl Fn(&T) -> String,
) {
    match topic.value() {
        Some(value) => say!("{thing}: {}", words(value)),
        None => {
            say!("{thing}: {}", tr!("record-conflict"));
            for (entry, (person, value)) in &topic.live {
                let (who, label) = (name(looked, person), looked.label(&entry.actor.device()));
                let value = words(value);
                say!("  {}", tr!("record-said", value = value, who = who, label = label));
                say!("    {entry}");
            }
        }
    }
}

fn name(looked: &UnitRecord, person: &PersonId) -> String {
    looked.state.name(person).map_or_else(|| person.to_string(), str::to_owned)
}

/// Shows what does not reconcile.
pub(super) async fn findings(centre: &Centre, args: FindingsArgs) -> Result<(), CliError> {
    let round = chosen(centre, args.round.round).await?;
    let units = match args.unit {
        Some(unit) => vec![unit],
        None => centre.status(&round).await?.into_iter().map(|unit| unit.code).collect(),
    };
    let mut any = false;
    for unit in units {
        let looked = centre.unit_record(&round, &unit).await?;
        if !looked.findings.is_empty() {
            any = true;
            say!("{unit}");
            show_findings(&looked);
        }
    }
    if !any {
        say!("{}", tr!("record-reconciles"));
    }
    Ok(())
}

fn show_findings(looked: &UnitRecord) {
    for (finding, summary) in looked.findings.iter().zip(looked.summaries()) {
        let text = finding.text(language());
        let line = match (finding.severity(), finding.explained) {
            (Severity::Error, _) => tr!("record-error", text = text),
            (Severity::Warning, Some(_)) => tr!("record-explained", text = text),
            (Severity::Warning, None) => tr!("record-warning", text = text),
        };
        say!("  {line}");
        for said in &summary.explanations {
            let (who, text) = (said.who.as_str(), said.text.as_str());
            if said.counts {
                say!("    {}", tr!("record-explanation", who = who, text = text));
            } else {
                say!("    {}", tr!("record-explanation-beside", who = who, text = text));
            }
        }
        if finding.severity() == Severity::Warning && finding.explained.is_none() {
            say!("    {}", summary.key);
        }
    }
}

/// Explains a warning.
pub(super) async fn explain(centre: &Centre, args: ExplainArgs) -> Result<(), CliError> {
    let round = chosen(centre, args.of.round.round).await?;
    let key = finding_key(&args.finding).ok_or_else(|| CliError::NotDone(tr!("record-key")))?;
    let own = sign_in(centre, &mut Io::standard(), &args.login).await?;
    own.explain(&round, &args.of.unit, &key, &args.text).await?;
    say!("{}", tr!("round-noted"));
    Ok(())
}

/// Shows the minutes as they follow now, and every version that was signed.
pub(super) async fn minutes(centre: &Centre, of: OfUnit) -> Result<(), CliError> {
    let round = chosen(centre, of.round.round).await?;
    let looked = centre.unit_record(&round, &of.unit).await?;
    let record = &looked.record;
    let now = Minutes::of(record.package(), record.unit(), &record.state());
    show_minutes(&looked, &now);
    say!("{}", tr!("minutes-hash", hash = now.hash().to_string()));
    let versions = record.versions();
    if versions.is_empty() {
        say!("{}", tr!("minutes-unsigned"));
    }
    for version in &versions {
        let hash = version.hash.to_string();
        let line = match (version.hash == now.hash(), version.is_complete()) {
            (true, true) => tr!("minutes-hold", hash = hash),
            (true, false) => tr!("minutes-incomplete", hash = hash),
            (false, _) => tr!("minutes-earlier", hash = hash),
        };
        say!("{line}");
        for (post, person, _) in &version.signed {
            say!("  {}: {}", post.label(language()), name(&looked, person));
        }
        for (person, reason) in &version.corrected {
            let (who, reason) = (name(&looked, person), reason.as_str());
            say!("  {}", tr!("minutes-corrected", who = who, reason = reason));
        }
    }
    Ok(())
}

fn show_minutes(looked: &UnitRecord, minutes: &Minutes) {
    let figure =
        |value: &Option<u32>| value.map_or_else(|| tr!("record-conflict"), |value| value.to_string());
    for kind in FigureKind::ALL {
        if let Some(value) = minutes.figures.get(kind) {
            say!("{}: {}", kind.label(language()), figure(value));
        }
    }
    let (present, slips) = minutes.register;
    say!("{}", tr!("record-register", present = present, slips = slips));
    for member in &minutes.committee {
        say!("{}: {}", member.post.label(language()), member.name);
    }
    for (device, total) in &minutes.totals {
        let label = looked.label(device);
        say!("{}: {}", tr!("record-total", label = label), figure(total));
    }
    for (collected, valid, invalid) in minutes.papers.values() {
        say!("{}", tr!("record-paper", collected = *collected, valid = *valid, invalid = *invalid));
    }
    for (_, text) in &minutes.notes {
        say!("– {text}");
    }
}
