//! `homphieu round finish`, and how far a round is from its end.

use super::CliError;
use super::lang::standing as words;
use crate::service::{Centre, Ending};
use sync_core::finish::Unfinished;
use sync_core::id::RoundId;

/// Finishes a round, or says everything that is missing.
pub(super) async fn run(centre: &Centre, round: &RoundId) -> Result<(), CliError> {
    let unfinished = centre.finish_round(round).await?;
    if !unfinished.is_empty() {
        tell(&unfinished);
        return Err(CliError::NotDone(tr!("finish-not-done", count = unfinished.len())));
    }
    let units = match centre.ending(round).await? {
        Ending::Finished(units) => units,
        Ending::NotClosed(_) | Ending::Closed(_) => 0,
    };
    say!("{}", tr!("finish-done", units = units));
    say!("{}", tr!("finish-done-delete"));
    say!("{}", tr!("finish-done-backup"));
    say!("{}", tr!("finish-done-late"));
    Ok(())
}

/// The last lines of `round status`.
pub(super) async fn status(centre: &Centre, round: &RoundId) -> Result<(), CliError> {
    for left in centre.left_unpublished(round).await? {
        let [first, second] = &left.persons;
        let (first, second, reason) = (first.as_str(), second.as_str(), left.reason.as_str());
        let text = tr!("finish-left", first = first, second = second, reason = reason);
        say!("{:<10}  {text}", left.unit.as_str());
    }
    for without in centre.going_on_without(round).await? {
        let [first, second] = &without.persons;
        let (first, second, reason) = (first.as_str(), second.as_str(), without.reason.as_str());
        let device = without.device.to_string();
        let text = tr!("finish-without", device = device, first = first, second = second, reason = reason);
        say!("{:<10}  {text}", without.unit.as_str());
    }
    match centre.ending(round).await? {
        Ending::NotClosed(_) => {}
        Ending::Closed(unfinished) if unfinished.is_empty() => {
            say!("{}", tr!("finish-free"));
        }
        Ending::Closed(unfinished) => {
            say!("{}", tr!("finish-before", count = unfinished.len()));
            tell(&unfinished);
        }
        Ending::Finished(units) => say!("{}", tr!("finish-status", units = units)),
    }
    Ok(())
}

/// Things that are the same for many units are said once, with the units; tablets are named one to a line.
fn tell(unfinished: &[Unfinished]) {
    let mut said: Vec<(String, Vec<&str>)> = Vec::new();
    let mut unheard = Vec::new();
    for why in unfinished {
        let text = words::unfinished(why);
        if let Unfinished::Unheard { unit, device, label } = why {
            unheard.push((text, unit, device, label));
            continue;
        }
        let unit = why.unit().map(sync_core::id::UnitCode::as_str);
        match said.iter_mut().find(|(known, _)| *known == text) {
            Some((_, units)) => units.extend(unit),
            None => said.push((text, unit.into_iter().collect())),
        }
    }
    for (text, units) in said {
        if units.is_empty() {
            say!("  {text}");
        } else {
            say!("  {}: {text}", units.join(", "));
        }
    }
    if let Some((text, ..)) = unheard.first() {
        say!("  {text}");
        for (_, unit, device, label) in &unheard {
            say!("    {:<10}  {device}  {label}", unit.as_str());
        }
        say!("  {}", tr!("finish-go-on"));
    }
}
