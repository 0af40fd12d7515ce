//! `homphieu round`.

use super::io::Io;
use super::lang::{roster as roster_words, standing as words};
use super::user::sign_in;
use super::{CliError, chosen, file_error, holds, moment, orphans, paper, read_file, record, replace};
use crate::domain::decision::{Matter, parse_envelope, parse_gap};
use crate::domain::draft::{Base, Choices};
use crate::domain::notice::USUAL_DAYS;
use crate::roster::{self, CsvFiles, Roster};
use crate::service::Centre;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use sync_core::cose::Signed;
use sync_core::fingerprint;
use sync_core::id::RoundId;
use sync_core::order::Ruling;
use sync_core::package::{Level, Mode, default_levels};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Import a roster and make a round of it.
    Import(ImportArgs),
    /// Draw permits, write their slips as a page to print, and keep their hashes once the print is confirmed.
    Permits(paper::PermitArgs),
    /// Sign the round package with the trustees' public keys.
    Sign {
        #[command(flatten)]
        round: Named,
        /// Key file of the ceremony (`keys make`).
        #[arg(long)]
        keys: PathBuf,
        /// Folder for a page to print per unit, with its officials and the digits its team types.
        #[arg(long)]
        sheets: Option<PathBuf>,
    },
    /// Replace the sheet of one unit before its meeting: a name is misspelt, or its slips are lost or too few.
    ReplaceSheet(replace::ReplaceArgs),
    /// Open the round for voting, or open it again after it was closed too early.
    Open(Named),
    /// Close the round: what comes later is held as late.
    Close(Named),
    /// Show how every unit stands.
    Status(Named),
    /// Show what is held or missing and waits for two people.
    Holds(Named),
    /// Show what a unit's team noted, and what of it does not reconcile.
    Record(record::RecordArgs),
    /// Show what in the units' records does not reconcile: errors, and warnings with the key by which they are explained.
    Findings(record::FindingsArgs),
    /// Explain a warning that rests on what others noted.
    Explain(record::ExplainArgs),
    /// Show the minutes of a unit as they follow from its record, and the versions that were signed.
    Minutes(record::OfUnit),
    /// Take what was saved from a tablet that lost its key: the ballots of its box are held until two people decide.
    TakeOrphan(orphans::OrphanArgs),
    /// Note what two people decided about something held or missing.
    Decide(DecideArgs),
    /// Make the next opening order of a closed round.
    Order(Named),
    /// Accept the trustees' signed result.
    Accept {
        #[command(flatten)]
        round: Named,
        /// Result file of `count`.
        result: PathBuf,
    },
    /// Publish units for which nothing stands in the way.
    Publish {
        #[command(flatten)]
        round: Named,
        /// Only these units.
        #[arg(long, value_delimiter = ',')]
        units: Vec<String>,
        /// Working days within which each official is told the own result.
        #[arg(long, value_name = "DAYS", default_value_t = USUAL_DAYS)]
        notice_days: u16,
        /// Login of the organiser who publishes; asks for their password.
        #[arg(long = "as", env = "HOMPHIEU_USER")]
        login: String,
    },
    /// Finish a closed round: once everything is counted, decided, published and backed up, tablets and couriers may
    /// delete. There is no way back.
    Finish(Named),
    /// Print published results.
    Results {
        #[command(flatten)]
        round: Named,
        /// As CSV instead of JSON.
        #[arg(long)]
        csv: bool,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Named {
    /// The round, if there is more than one.
    #[arg(long)]
    pub(super) round: Option<uuid::Uuid>,
}

/// Where a roster is read from.
#[derive(Debug, clap::Args)]
pub(super) struct RosterFiles {
    /// Workbook (XLSX) with units and officials.
    #[arg(required_unless_present = "units")]
    workbook: Option<PathBuf>,
    /// Units as CSV, together with --officials.
    #[arg(long, requires = "officials", conflicts_with = "workbook")]
    units: Option<PathBuf>,
    /// Officials as CSV.
    #[arg(long, requires = "units")]
    officials: Option<PathBuf>,
    /// Names of the voters as CSV: unit, number, name.
    #[arg(long, requires = "units")]
    voters: Option<PathBuf>,
    /// Teams of the units as CSV: unit, name, duty.
    #[arg(long, requires = "units")]
    team: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct ImportArgs {
    #[command(flatten)]
    files: RosterFiles,
    /// Title of the round.
    #[arg(long)]
    title: String,
    /// A training round: nothing of it counts.
    #[arg(long)]
    training: bool,
    /// Units that vote without slips; the team unlocks each ballot.
    #[arg(long, value_delimiter = ',')]
    attended: Vec<String>,
    /// Ballots that leave a tablet together at least.
    #[arg(long, default_value_t = 10)]
    batch_min: u32,
    /// Valid ballots below which nothing by level is shown.
    #[arg(long, default_value_t = 5)]
    min_publish: u32,
    /// What percentages refer to.
    #[arg(long, value_enum, default_value_t = Base::Collected)]
    percent_base: Base,
    /// A level as `code=Vietnamese label=English label`, highest first; give it once per level.
    #[arg(long = "level", value_parser = parse_level)]
    levels: Vec<Level>,
}

impl Command {
    /// Whether it has something to do where there is no centre yet.
    pub(super) fn may_begin(&self) -> bool {
        matches!(self, Self::Import(_))
    }
}

#[derive(Debug, clap::Args)]
#[group(
    id = "what",
    required = true,
    multiple = false,
    args = ["admit", "leave_out", "write_off", "leave_unpublished", "go_on_without"]
)]
pub(super) struct DecideArgs {
    #[command(flatten)]
    round: Named,
    /// The unit.
    #[arg(long)]
    unit: String,
    /// Count this held envelope.
    #[arg(long)]
    admit: Option<String>,
    /// Leave this held envelope out.
    #[arg(long)]
    leave_out: Option<String>,
    /// Write off something missing, named as `round holds` shows it.
    #[arg(long)]
    write_off: Option<String>,
    /// Leave the whole unit unpublished, so that the round can be finished without it.
    #[arg(long)]
    leave_unpublished: bool,
    /// Finish the round without this tablet of the unit, which was not heard from since a restore; named by its id, as
    /// `round status` shows it.
    #[arg(long, value_name = "DEVICE")]
    go_on_without: Option<String>,
    /// Logins of the two inspectors; give it twice. Each types the own password.
    #[arg(long, required = true)]
    by: Vec<String>,
    /// Why.
    #[arg(long)]
    reason: String,
}

impl DecideArgs {
    /// What is decided.
    fn matter(&self) -> Result<Matter, CliError> {
        let wrong = |what: &str| CliError::NotDone(tr!("round-not-named", what = what));
        Ok(match (&self.admit, &self.leave_out, &self.write_off, &self.go_on_without) {
            (Some(id), ..) => Matter::Ruling(Ruling::Admit(parse_envelope(id).ok_or_else(|| wrong(id))?)),
            (_, Some(id), ..) => {
                Matter::Ruling(Ruling::LeaveOut(parse_envelope(id).ok_or_else(|| wrong(id))?))
            }
            (_, _, Some(gap), _) => {
                Matter::Ruling(Ruling::WriteOff(parse_gap(gap).ok_or_else(|| wrong(gap))?))
            }
            (.., Some(id)) => Matter::GoOnWithout(id.trim().parse().map_err(|_| wrong(id))?),
            _ if self.leave_unpublished => Matter::LeaveUnpublished,
            _ => return Err(CliError::NotDone(tr!("round-say-what"))),
        })
    }
}

pub(super) async fn run(centre: &Centre, command: Command) -> Result<(), CliError> {
    match command {
        Command::Import(args) => import(centre, args).await,
        Command::Permits(args) => paper::permits(centre, args).await,
        Command::Sign { round, keys, sheets } => sign(centre, &round, &keys, sheets.as_deref()).await,
        Command::ReplaceSheet(args) => replace::run(centre, args, &mut Io::standard()).await,
        Command::Open(round) => {
            centre.open_round(&chosen(centre, round.round).await?).await?;
            say!("{}", tr!("round-opened"));
            Ok(())
        }
        Command::Close(round) => {
            centre.close_round(&chosen(centre, round.round).await?).await?;
            say!("{}", tr!("round-closed"));
            Ok(())
        }
        Command::Status(round) => status(centre, &chosen(centre, round.round).await?).await,
        Command::Holds(round) => holds::run(centre, &chosen(centre, round.round).await?).await,
        Command::Record(args) => record::show(centre, args).await,
        Command::Findings(args) => record::findings(centre, args).await,
        Command::Explain(args) => record::explain(centre, args).await,
        Command::Minutes(of) => record::minutes(centre, of).await,
        Command::TakeOrphan(args) => orphans::run(centre, args).await,
        Command::Decide(args) => decide(centre, args).await,
        Command::Order(round) => order(centre, &chosen(centre, round.round).await?).await,
        Command::Accept { round, result } => {
            let bytes = read_file(&result)?;
            let accepted = centre.accept(&chosen(centre, round.round).await?, &bytes).await?;
            say!("{}", tr!("round-accepted", number = accepted.value().number));
            say!("{} {}", tr!("name-digest"), fingerprint::line(&accepted.id()));
            Ok(())
        }
        Command::Publish { round, units, notice_days, login } => {
            let round = chosen(centre, round.round).await?;
            let centre = sign_in(centre, &mut Io::standard(), &login).await?;
            publish(&centre, &round, &units, notice_days).await
        }
        Command::Finish(round) => super::finish::run(centre, &chosen(centre, round.round).await?).await,
        Command::Results { round, csv } => {
            let figures = centre.figures(&chosen(centre, round.round).await?).await?;
            if csv {
                say!("{}", crate::domain::table::csv(&figures).trim_end());
            } else {
                say!("{}", serde_json::to_string_pretty(&figures).expect("figures are plain data"));
            }
            Ok(())
        }
    }
}

impl RosterFiles {
    /// Reads the roster, or says everything that is wrong with it.
    pub(super) fn read(&self) -> Result<Roster, CliError> {
        let read = match (&self.workbook, &self.units, &self.officials) {
            (Some(workbook), _, _) => roster::from_workbook(&read_file(workbook)?),
            (None, Some(units), Some(officials)) => {
                let (units, officials) = (read_file(units)?, read_file(officials)?);
                let voters = self.voters.as_deref().map(read_file).transpose()?;
                let team = self.team.as_deref().map(read_file).transpose()?;
                let (voters, team) = (voters.as_deref(), team.as_deref());
                roster::from_csv_files(CsvFiles { units: &units, officials: &officials, voters, team })
            }
            _ => return Err(CliError::NotDone(tr!("round-name-files"))),
        };
        read.map_err(|problems| {
            eprint!("{}", roster_words::problems(&problems));
            CliError::NotDone(tr!("round-not-imported"))
        })
    }
}

async fn import(centre: &Centre, args: ImportArgs) -> Result<(), CliError> {
    let roster = args.files.read()?;
    let choices = Choices {
        title: args.title,
        mode: if args.training { Mode::Training } else { Mode::Official },
        levels: if args.levels.is_empty() { default_levels() } else { args.levels },
        percent_base: args.percent_base,
        batch_min: args.batch_min,
        min_publish: args.min_publish,
        attended: args.attended,
    };
    let round = centre.import(&roster, choices).await?;
    let officials: usize = round.draft.units.iter().map(|unit| unit.officials.len()).sum();
    say!("{}", round.id.uuid());
    eprintln!("{}", tr!("round-imported", units = round.draft.units.len(), officials = officials));
    Ok(())
}

async fn sign(centre: &Centre, named: &Named, keys: &Path, sheets: Option<&Path>) -> Result<(), CliError> {
    if let Some(folder) = sheets {
        std::fs::create_dir_all(folder).map_err(|source| file_error("cannot make", folder, source))?;
    }
    let round = chosen(centre, named.round).await?;
    let signed = centre.sign(&round, &read_file(keys)?).await?;
    let package = signed.signed()?;
    say!("{} {}", tr!("name-package"), fingerprint::line(&package.id()));
    say!("{}", tr!("round-digits"));
    for unit in &package.value().units {
        say!("  {:<10} {}  {}", unit.code.as_str(), fingerprint::line(&unit.sheet.0), unit.name);
    }
    match sheets {
        Some(folder) => paper::write_sheets(centre, &round, folder).await,
        None => Ok(()),
    }
}

async fn status(centre: &Centre, round: &RoundId) -> Result<(), CliError> {
    let stored = centre.round(round).await?;
    say!("{}  ({}, {})", stored.draft.title, words::state(stored.state), stored.id.uuid());
    restored(centre, round).await?;
    if stored.package.is_none() {
        say!("{}", tr!("round-not-signed"));
        return Ok(());
    }
    let columns = tr!("round-columns");
    row(columns.split('|'));
    for unit in centre.status(round).await? {
        let counts = [unit.tablets, unit.closed, unit.envelopes].map(|count| count.to_string());
        let [tablets, closed, envelopes] = &counts;
        let open = [unit.held, unit.gaps, unit.record.blocking()].map(|count| count.to_string());
        let [held, missing, findings] = &open;
        let published =
            unit.published.map_or_else(|| "–".to_owned(), |order| tr!("round-by-order", number = order));
        let (voters, ballots) = (unit.voters.to_string(), unit.ballots.to_string());
        let cells: [&str; 10] =
            [&unit.code, &voters, tablets, closed, envelopes, &ballots, held, missing, findings, &published];
        row(cells.into_iter());
    }
    super::finish::status(centre, round).await
}

/// A row of the table of units, or its headers.
fn row<'a>(cells: impl Iterator<Item = &'a str>) {
    const WIDTHS: [usize; 9] = [10, 7, 7, 6, 9, 7, 4, 7, 8];
    let mut line = String::new();
    for (at, cell) in cells.enumerate() {
        match WIDTHS.get(at) {
            Some(width) if at == 0 => line.push_str(&format!("{cell:<width$}")),
            Some(width) => line.push_str(&format!("  {cell:>width$}")),
            None => line.push_str(&format!("  {cell}")),
        }
    }
    say!("{line}");
}

/// Says that the centre came out of a backup, and who was not heard from since.
async fn restored(centre: &Centre, round: &RoundId) -> Result<(), CliError> {
    let Some(restoration) = centre.restoration().await? else { return Ok(()) };
    let (restored, taken) = (moment(restoration.restored_at), moment(restoration.taken_at));
    say!("{}", tr!("restored-when", restored = restored, taken = taken));
    let mut of_round = restoration.unheard.iter().filter(|unheard| unheard.round == round.uuid()).peekable();
    if of_round.peek().is_none() {
        say!("  {}", tr!("restored-all-heard"));
    }
    // A line per unit: a district has some hundred and seventy tablets.
    let mut by_unit: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for unheard in of_round {
        by_unit.entry(&unheard.unit).or_default().push(&unheard.label);
    }
    for (unit, mut labels) in by_unit {
        labels.sort_unstable();
        say!("  {}", tr!("restored-unheard", unit = unit, labels = labels.join(", ")));
    }
    Ok(())
}

async fn decide(centre: &Centre, args: DecideArgs) -> Result<(), CliError> {
    let round = chosen(centre, args.round.round).await?;
    let [first, second] = args.by.as_slice() else {
        return Err(CliError::NotDone(tr!("round-two-persons")));
    };
    let logins = [first.as_str(), second.as_str()];
    let matter = args.matter()?;
    let mut io = Io::standard();
    for login in logins {
        sign_in(centre, &mut io, login).await?;
    }
    centre.decide(&round, &args.unit, matter, logins, &args.reason).await?;
    say!("{}", tr!("round-noted"));
    Ok(())
}

async fn order(centre: &Centre, round: &RoundId) -> Result<(), CliError> {
    let order = centre.make_order(round).await?;
    let admitted: usize = order.value().units.iter().map(|unit| unit.admitted.len()).sum();
    let left_out: usize = order.value().units.iter().map(|unit| unit.left_out.len()).sum();
    let number = order.value().number;
    say!("{}", tr!("round-ordered", number = number, admitted = admitted, out = left_out));
    say!("{} {}", tr!("name-digest"), fingerprint::line(&Signed::id(&order)));
    say!("{}", tr!("round-export-now"));
    Ok(())
}

async fn publish(centre: &Centre, round: &RoundId, units: &[String], days: u16) -> Result<(), CliError> {
    let report = centre.publish_within(round, units, days).await?;
    let (done, refused): (Vec<_>, Vec<_>) = report.units.iter().partition(|unit| unit.obstacles.is_empty());
    say!("{}", tr!("round-published", count = done.len()));
    for unit in &refused {
        for obstacle in &unit.obstacles {
            let why = words::obstructed(obstacle);
            say!("{:<10} {}", unit.unit.as_str(), tr!("round-unit-not-published", why = why));
        }
    }
    if refused.is_empty() {
        Ok(())
    } else {
        Err(CliError::NotDone(tr!("round-not-published", count = refused.len())))
    }
}

fn parse_level(text: &str) -> Result<Level, String> {
    let parts: Vec<&str> = text.split('=').map(str::trim).collect();
    match parts.as_slice() {
        [code, vi, en] => Ok(Level { code: (*code).to_owned(), vi: (*vi).to_owned(), en: (*en).to_owned() }),
        _ => Err(tr!("round-level-form")),
    }
}
