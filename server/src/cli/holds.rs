//! `homphieu round holds`: what is held or missing, with the evidence on which two people decide.

use super::CliError;
use super::lang::evidence as words;
use super::lang::standing::reasons;
use crate::domain::decision::gap_text;
use crate::domain::evidence::Evidence;
use crate::service::Centre;
use sync_core::id::RoundId;

pub(super) async fn run(centre: &Centre, round: &RoundId) -> Result<(), CliError> {
    let units = centre.holds(round).await?;
    for unit in &units {
        let code = unit.unit.as_str();
        for held in &unit.held {
            say!("{code:<10} {}", line(held));
            say!("           {}", words::envelope(held));
            for fact in &held.facts {
                say!("           - {}", words::fact(fact));
            }
        }
        for (gap, label) in &unit.missing {
            let (gap, label) = (gap_text(gap), words::plain(label));
            say!("{code:<10} {}", tr!("round-missing", gap = gap, label = label));
        }
    }
    if units.is_empty() {
        say!("{}", tr!("round-nothing-held"));
    }
    Ok(())
}

fn line(held: &Evidence) -> String {
    let why = held.facts.iter().map(crate::domain::evidence::HoldFact::reason).collect();
    let (id, ballots) = (held.header.id.to_string(), held.header.ballots);
    let mut line = tr!("round-held", id = id, reasons = reasons(&why), ballots = ballots);
    if held.decided {
        line.push_str("  ");
        line.push_str(&tr!("round-decided"));
    }
    line
}
