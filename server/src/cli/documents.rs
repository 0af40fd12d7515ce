//! `homphieu documents`: what an office prints, and the figures of a year.

use super::io::Io;
use super::paper::refuse_inside;
use super::round::Named;
use super::user::sign_in;
use super::{CliError, chosen, file_error, progress_bar};
use crate::domain::letter::USUAL_DAYS;
use crate::service::{Centre, LetterSearch, SetFile, Wanted, WantedYear, YearFormat};
use homphieu_documents::Language;
use std::io::Write;
use std::path::{Path, PathBuf};

/// In which language.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum In {
    Vi,
    En,
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Every document of a round into a folder, or none of them.
    Set {
        #[command(flatten)]
        round: Named,
        /// Folder to make; it must not exist yet.
        #[arg(long)]
        out: PathBuf,
        /// Language of the documents.
        #[arg(long = "in", value_name = "LANGUAGE", default_value = "vi")]
        language: In,
    },
    /// One document.
    One {
        #[command(flatten)]
        round: Named,
        /// Which.
        document: Kind,
        /// The unit, for what is of a unit.
        #[arg(long)]
        unit: Option<String>,
        /// Code of the official, for what is of one.
        #[arg(long, conflicts_with = "unit")]
        official: Option<String>,
        /// File to write; it must not exist yet.
        #[arg(long)]
        out: PathBuf,
        /// Language of the document.
        #[arg(long = "in", value_name = "LANGUAGE", default_value = "vi")]
        language: In,
    },
    /// Letters with one-time codes to those who were not told: one file per unit, to be printed at once and deleted.
    Letters {
        #[command(flatten)]
        round: Named,
        /// Only these units.
        #[arg(long, value_delimiter = ',')]
        units: Vec<String>,
        /// Only to these officials, by code.
        #[arg(long, value_delimiter = ',')]
        officials: Vec<String>,
        /// Only to those who are reached by neither e-mail nor webhook.
        #[arg(long)]
        without_other_way: bool,
        /// Days for which the codes hold.
        #[arg(long, default_value_t = USUAL_DAYS)]
        days: u16,
        /// Address under which officials open the centre in a browser, such as https://phieu.dongvan.vn.
        #[arg(long, value_name = "URL")]
        address: String,
        /// Login of the organiser who makes them; asks for their password.
        #[arg(long = "as", env = "HOMPHIEU_USER")]
        login: String,
        /// Folder to make, outside the data folder; it must not exist yet.
        #[arg(long)]
        out: PathBuf,
        /// Language of the letters.
        #[arg(long = "in", value_name = "LANGUAGE", default_value = "vi")]
        language: In,
    },
    /// Figures of a year by unit and official, for the year-end evaluation.
    Year {
        /// The year.
        year: u16,
        /// The figures of training rounds instead, marked so.
        #[arg(long)]
        training: bool,
        /// Workbook, table as text, or pages.
        #[arg(long, value_enum, default_value = "xlsx")]
        format: YearFormat,
        /// File to write; it must not exist yet.
        #[arg(long)]
        out: PathBuf,
        /// Language of the heads.
        #[arg(long = "in", value_name = "LANGUAGE", default_value = "vi")]
        language: In,
    },
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum Kind {
    Ballot,
    SlipsSpecimen,
    Minutes,
    Notices,
    Plans,
    Report,
}

impl Kind {
    /// What it is of a unit, an official or the round.
    fn wanted(self, unit: Option<String>, official: Option<String>) -> Result<Wanted, CliError> {
        let needs_unit = || CliError::NotDone(tr!("documents-name-unit"));
        Ok(match (self, official, unit) {
            (Self::Notices, Some(official), _) => Wanted::Notice(official),
            (Self::Plans, Some(official), _) => Wanted::Plan(official),
            (Self::Report, None, None) => Wanted::RoundReport,
            (_, Some(_), _) => return Err(CliError::NotDone(tr!("documents-not-of-official"))),
            (_, None, None) => return Err(needs_unit()),
            (Self::Ballot, None, Some(unit)) => Wanted::Ballot(unit),
            (Self::SlipsSpecimen, None, Some(unit)) => Wanted::Specimens(unit),
            (Self::Minutes, None, Some(unit)) => Wanted::Minutes(unit),
            (Self::Notices, None, Some(unit)) => Wanted::Notices(unit),
            (Self::Plans, None, Some(unit)) => Wanted::Plans(unit),
            (Self::Report, None, Some(unit)) => Wanted::UnitReport(unit),
        })
    }
}

impl In {
    fn language(self) -> Language {
        match self {
            Self::Vi => Language::Vietnamese,
            Self::En => Language::English,
        }
    }
}

pub(super) async fn run(centre: &Centre, command: Command) -> Result<(), CliError> {
    match command {
        Command::Set { round, out, language } => {
            let round = chosen(centre, round.round).await?;
            let count = set(centre, &round, &out, language.language()).await?;
            say!("{}", tr!("documents-set", count = count, folder = out.display().to_string()));
            Ok(())
        }
        Command::One { round, document, unit, official, out, language } => {
            let round = chosen(centre, round.round).await?;
            let wanted = document.wanted(unit, official)?;
            write_new(&out, &centre.document(&round, &wanted, language.language()).await?)
        }
        Command::Letters {
            round,
            units,
            officials,
            without_other_way,
            days,
            address,
            login,
            out,
            language,
        } => {
            let round = chosen(centre, round.round).await?;
            refuse_inside(centre.folder(), &out)?;
            let centre = sign_in(centre, &mut Io::standard(), &login).await?;
            let (units, officials) = (units.into_iter().collect(), officials.into_iter().collect());
            let which = LetterSearch { units, officials, without_other_way };
            std::fs::create_dir(&out).map_err(|source| file_error("cannot make", &out, source))?;
            let papers = centre.letters_on_paper(&round, &which, days, &address, language.language()).await?;
            for (unit, pdf) in &papers {
                write_new(&out.join(format!("{unit}.pdf")), pdf)?;
            }
            say!("{}", tr!("documents-letters", count = papers.len(), folder = out.display().to_string()));
            Ok(())
        }
        Command::Year { year, training, format, out, language } => {
            let wanted = WantedYear { year, training };
            write_new(&out, &centre.year(wanted, format, language.language()).await?)
        }
    }
}

/// Writes a whole set beside its place and moves it there, so that a folder of that name is a whole set.
pub(super) async fn set(
    centre: &Centre,
    round: &sync_core::id::RoundId,
    out: &Path,
    language: Language,
) -> Result<usize, CliError> {
    if out.exists() {
        let source = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
        return Err(file_error("cannot make", out, source));
    }
    let mut draft = out.as_os_str().to_owned();
    draft.push(".unfinished");
    let draft = PathBuf::from(draft);
    let failed = |source| file_error("cannot make", &draft, source);
    if draft.exists() {
        std::fs::remove_dir_all(&draft).map_err(failed)?;
    }
    std::fs::create_dir_all(&draft).map_err(failed)?;
    let bar = progress_bar(tr!("documents-bar"));
    let made = centre
        .document_set(round, language, |number, all, SetFile { name, bytes }| {
            bar.set_length(all as u64);
            bar.set_position(number as u64);
            let path = draft.join(&name);
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)
                    .map_err(|source| file_error("cannot make", folder, source))?;
            }
            write_new(&path, &bytes)
        })
        .await;
    bar.finish_and_clear();
    match made {
        Ok(count) => {
            std::fs::rename(&draft, out).map_err(|source| file_error("cannot make", out, source))?;
            Ok(count)
        }
        Err(error) => {
            std::fs::remove_dir_all(&draft).map_err(failed)?;
            Err(error)
        }
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|source| file_error("cannot write", path, source))
}
