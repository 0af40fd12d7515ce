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
    tell_unheard(centre, round).await
}

/// Tablets that have not been heard from since a restore may hold what came after the backup. They keep it, since no
/// statement lists it; but nobody counted it.
async fn tell_unheard(centre: &Centre, round: &RoundId) -> Result<(), CliError> {
    let Some(restoration) = centre.restoration().await? else { return Ok(()) };
    let unheard: Vec<_> = restoration.unheard.iter().filter(|tablet| tablet.round == round.uuid()).collect();
    if !unheard.is_empty() {
        say!("{}", tr!("finish-unheard", count = unheard.len()));
    }
    for tablet in unheard {
        say!("  {}  {}  {}", tablet.unit, tablet.label, tablet.device);
    }
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
    match centre.ending(round).await? {
        Ending::NotClosed(_) => {}
        Ending::Closed(unfinished) if unfinished.is_empty() => {
            say!("{}", tr!("finish-free"));
            tell_unheard(centre, round).await?;
        }
        Ending::Closed(unfinished) => {
            say!("{}", tr!("finish-before", count = unfinished.len()));
            tell(&unfinished);
            tell_unheard(centre, round).await?;
        }
        Ending::Finished(units) => say!("{}", tr!("finish-status", units = units)),
    }
    Ok(())
}

/// Things that are the same for many units are said once, with the units.
fn tell(unfinished: &[Unfinished]) {
    let mut said: Vec<(String, Vec<&str>)> = Vec::new();
    for why in unfinished {
        let text = words::unfinished(why);
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
}
