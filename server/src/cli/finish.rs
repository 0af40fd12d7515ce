//! `homphieu round finish`, and how far a round is from its end.

use super::CliError;
use crate::service::{Centre, Ending};
use sync_core::finish::Unfinished;
use sync_core::id::RoundId;

/// Finishes a round, or says everything that is missing.
pub(super) async fn run(centre: &Centre, round: &RoundId) -> Result<(), CliError> {
    let unfinished = centre.finish_round(round).await?;
    if !unfinished.is_empty() {
        tell(&unfinished);
        return Err(CliError::NotDone(format!(
            "the round is not finished: {} to settle first; nothing was changed",
            things(unfinished.len())
        )));
    }
    let units = match centre.ending(round).await? {
        Ending::Finished(units) => units,
        Ending::NotClosed(_) | Ending::Closed(_) => 0,
    };
    say!("the round is finished: {units} units have their statement");
    say!("Tablets and couriers delete by it when they next synchronise, or meet one that did.");
    say!("Keep the backup that was checked for this: it is the copy that the ballots can be restored from.");
    say!("What still comes is stored, receipted and held as late, and stays on its tablet.");
    Ok(())
}

/// The last lines of `round status`.
pub(super) async fn status(centre: &Centre, round: &RoundId) -> Result<(), CliError> {
    for left in centre.left_unpublished(round).await? {
        let [first, second] = &left.persons;
        say!("{:<10}  left unpublished by {first} and {second}: {}", left.unit.as_str(), left.reason);
    }
    match centre.ending(round).await? {
        Ending::NotClosed(_) => {}
        Ending::Closed(unfinished) if unfinished.is_empty() => {
            say!("nothing stands in the way of `round finish`");
        }
        Ending::Closed(unfinished) => {
            say!("before `round finish`: {} to settle", things(unfinished.len()));
            tell(&unfinished);
        }
        Ending::Finished(units) => say!("finished: {units} units have their statement; tablets may delete"),
    }
    Ok(())
}

/// Things that are the same for many units are said once, with the units.
fn tell(unfinished: &[Unfinished]) {
    let mut said: Vec<(String, Vec<&str>)> = Vec::new();
    for why in unfinished {
        let text = why.text();
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

fn things(count: usize) -> String {
    if count == 1 { "1 thing".to_owned() } else { format!("{count} things") }
}
