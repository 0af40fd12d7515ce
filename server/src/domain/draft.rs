//! A round before it is signed: what was imported and how it is to be run.

use crate::roster::{Roster, RosterOfficial, RosterUnit, UnitKind};
use serde::{Deserialize, Serialize};
use sync_core::cbor;
use sync_core::cose::{SecretKey, Signed};
use sync_core::id::{Commitment, RoundId, UnitCode, is_code};
use sync_core::package::{
    CentreKeys, Level, Mode, Official, Package, PercentBase, RoundKeys, Rules, Sheet, TEXT_MAX, UnitEntry,
    Voting,
};
use sync_core::permit::slips_for;
use thiserror::Error;

/// A round as imported, kept as JSON. Once it is signed, a unit's voters and officials follow its sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Title for people.
    pub title: String,
    /// Whether it counts.
    pub official: bool,
    /// Levels, highest first.
    pub levels: Vec<DraftLevel>,
    /// Base of the percentages.
    pub percent_base: Base,
    /// Smallest batch.
    pub batch_min: u32,
    /// Publication limit.
    pub min_publish: u32,
    /// Units by code.
    pub units: Vec<DraftUnit>,
    /// The trustees' signed public keys in hexadecimal digits, once they were handed in; gone with the signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<String>,
}

/// One level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftLevel {
    /// Stable code.
    pub code: String,
    /// Vietnamese label.
    pub vi: String,
    /// English label.
    pub en: String,
}

/// What percentages refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// Ballots collected.
    Collected,
    /// Voters summoned.
    Summoned,
    /// Voters present.
    Present,
    /// Valid ballots.
    Valid,
}

/// One unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftUnit {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Whether it is a party cell or a grassroots organisation.
    pub kind: UnitKind,
    /// Whether the team unlocks each ballot.
    pub attended: bool,
    /// Number of voters.
    pub voters: u32,
    /// Rated officials.
    pub officials: Vec<DraftOfficial>,
    /// Names of all voters in the order of their numbers, or nothing. After the signature they stand in the sheet alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub voter_names: Vec<String>,
    /// Names of its team, or nothing; likewise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub team: Vec<String>,
}

/// One official.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftOfficial {
    /// Stable code.
    pub code: String,
    /// Full name.
    pub name: String,
    /// Post.
    pub post: String,
}

/// How a round is to be run, chosen at import.
#[derive(Debug, Clone)]
pub struct Choices {
    /// Title for people.
    pub title: String,
    /// Whether it counts.
    pub mode: Mode,
    /// Levels, highest first.
    pub levels: Vec<Level>,
    /// Base of the percentages.
    pub percent_base: Base,
    /// Smallest batch.
    pub batch_min: u32,
    /// Publication limit.
    pub min_publish: u32,
    /// Codes of the units that vote attended.
    pub attended: Vec<String>,
}

/// Why a draft cannot be made, or not be signed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DraftError {
    /// The title is missing or too long.
    #[error("give the round a title of at most 200 characters")]
    Title,
    /// A rule is outside its bounds.
    #[error("{rule} must be between {min} and {max}")]
    Rule {
        /// The rule.
        rule: &'static str,
        /// Smallest value.
        min: u32,
        /// Largest value.
        max: u32,
    },
    /// A base that needs a record of the meeting.
    #[error(
        "percentages of voters summoned or present need the unit's record of its meeting, which rounds do not keep \
         yet; choose ballots collected or valid ballots"
    )]
    BaseNeedsRecord,
    /// The levels are too few, too many, or two have one code.
    #[error("a round has 2 to 9 levels, each with a code of its own and a label in both languages")]
    Levels,
    /// A unit that does not exist was named as attended.
    #[error("unit {code} is to vote attended but is not in the roster")]
    UnknownUnit {
        /// The code.
        code: String,
    },
    /// Slips of a unit were not confirmed as printed.
    #[error("the slips of {} unit(s) are not confirmed as printed, first of all {}", .0.len(), .0.join(", "))]
    PermitsMissing(Vec<String>),
    /// A part is too long for its format.
    #[error("{0}")]
    TooLarge(String),
}

impl Draft {
    /// Makes a draft of a roster.
    ///
    /// # Errors
    /// [`DraftError`].
    pub fn new(roster: &Roster, choices: Choices) -> Result<Self, DraftError> {
        let title = choices.title.trim().to_owned();
        if !is_line(&title) {
            return Err(DraftError::Title);
        }
        in_range("the smallest batch", choices.batch_min, 1, 1_000)?;
        in_range("the publication limit", choices.min_publish, 2, 1_000)?;
        if matches!(choices.percent_base, Base::Summoned | Base::Present) {
            return Err(DraftError::BaseNeedsRecord);
        }
        check_levels(&choices.levels)?;
        let known = |code: &&String| !roster.units.iter().any(|unit| unit.code == **code);
        if let Some(code) = choices.attended.iter().find(known) {
            return Err(DraftError::UnknownUnit { code: code.clone() });
        }
        let mut units: Vec<DraftUnit> = roster
            .units
            .iter()
            .map(|unit| DraftUnit {
                code: unit.code.clone(),
                name: unit.name.clone(),
                kind: unit.kind,
                attended: choices.attended.contains(&unit.code),
                voters: unit.voters,
                officials: unit
                    .officials
                    .iter()
                    .map(|o| DraftOfficial {
                        code: o.code.clone(),
                        name: o.name.clone(),
                        post: o.post.clone(),
                    })
                    .collect(),
                voter_names: unit.voter_names.clone(),
                team: unit.team.clone(),
            })
            .collect();
        units.sort_by(|a, b| a.code.cmp(&b.code));
        // A unit whose sheet outgrows the format is found here, before its slips are printed.
        for unit in &units {
            unit.sheet(RoundId([0; 16]), unit.as_many_permits())?;
        }
        Ok(Self {
            title,
            official: choices.mode == Mode::Official,
            levels: choices
                .levels
                .into_iter()
                .map(|level| DraftLevel { code: level.code, vi: level.vi, en: level.en })
                .collect(),
            percent_base: choices.percent_base,
            batch_min: choices.batch_min,
            min_publish: choices.min_publish,
            units,
            keys: None,
        })
    }

    /// The mode.
    pub fn mode(&self) -> Mode {
        if self.official { Mode::Official } else { Mode::Training }
    }

    /// The unit with this code.
    pub fn unit(&self, code: &str) -> Option<&DraftUnit> {
        self.units.iter().find(|unit| unit.code == code)
    }

    /// How it is to be run.
    pub fn choices(&self) -> Choices {
        Choices {
            title: self.title.clone(),
            mode: self.mode(),
            levels: self
                .levels
                .iter()
                .map(|l| Level { code: l.code.clone(), vi: l.vi.clone(), en: l.en.clone() })
                .collect(),
            percent_base: self.percent_base,
            batch_min: self.batch_min,
            min_publish: self.min_publish,
            attended: self.units.iter().filter(|unit| unit.attended).map(|unit| unit.code.clone()).collect(),
        }
    }

    /// Its units as a roster.
    pub fn roster(&self) -> Roster {
        let official = |o: &DraftOfficial| RosterOfficial {
            code: o.code.clone(),
            name: o.name.clone(),
            post: o.post.clone(),
        };
        let unit = |unit: &DraftUnit| RosterUnit {
            code: unit.code.clone(),
            name: unit.name.clone(),
            kind: unit.kind,
            voters: unit.voters,
            officials: unit.officials.iter().map(official).collect(),
            voter_names: unit.voter_names.clone(),
            team: unit.team.clone(),
        };
        Roster { units: self.units.iter().map(unit).collect() }
    }

    /// What is printed on the slips of a unit, and how many there are; nothing if it has none.
    pub fn printed(&self, code: &str) -> Option<(bool, &str, &str, u32)> {
        let unit = self.unit(code).filter(|unit| !unit.attended)?;
        Some((self.official, self.title.as_str(), unit.name.as_str(), unit.voters))
    }

    /// What is kept of it once it is signed: names and keys stand in sheets and package then.
    pub fn once_signed(&self) -> Self {
        let mut kept = self.clone();
        kept.keys = None;
        for unit in &mut kept.units {
            unit.voter_names.clear();
            unit.team.clear();
        }
        kept
    }

    /// Takes over who is rated and how many vote from a sheet that holds from now on.
    pub fn correct(&mut self, unit: &UnitCode, sheet: &Sheet) {
        for known in self.units.iter_mut().filter(|known| known.code == unit.as_str()) {
            known.voters = sheet.voters;
            known.officials = sheet
                .officials
                .iter()
                .map(|o| DraftOfficial { code: o.code.clone(), name: o.name.clone(), post: o.post.clone() })
                .collect();
        }
    }

    /// Makes the sheets and the signed package. `permits` gives the commitments of each unit's confirmed slips.
    ///
    /// # Errors
    /// [`DraftError`].
    pub fn sign(
        &self,
        round: RoundId,
        keys: RoundKeys,
        centre: CentreKeys,
        key: &SecretKey,
        permits: impl Fn(&str) -> Option<Vec<Commitment>>,
    ) -> Result<(Signed<Package>, Vec<Sheet>), DraftError> {
        let missing = |unit: &&DraftUnit| !unit.attended && permits(&unit.code).is_none();
        let missing: Vec<String> = self.units.iter().filter(missing).map(|unit| unit.code.clone()).collect();
        if !missing.is_empty() {
            return Err(DraftError::PermitsMissing(missing));
        }
        let mut sheets = Vec::new();
        let mut units = Vec::new();
        for unit in &self.units {
            let sheet = unit.sheet(round, permits(&unit.code).unwrap_or_default())?;
            units.push(UnitEntry {
                code: sheet.unit.clone(),
                name: unit.name.clone(),
                voting: if unit.attended { Voting::Attended } else { Voting::Permit },
                sheet: sheet.hash(),
            });
            sheets.push(sheet);
        }
        let package = Package {
            round,
            mode: self.mode(),
            title: self.title.clone(),
            levels: self
                .levels
                .iter()
                .map(|l| Level { code: l.code.clone(), vi: l.vi.clone(), en: l.en.clone() })
                .collect(),
            rules: Rules {
                percent_base: self.percent_base.into(),
                batch_min: self.batch_min,
                min_publish: self.min_publish,
            },
            keys,
            centre,
            units,
        };
        // What is signed must read back; a roster that outgrows the format is found here and not on a tablet.
        cbor::decode::<Package>(&cbor::encode(&package)).map_err(|e| DraftError::TooLarge(e.to_string()))?;
        Ok((Signed::sign(package, key), sheets))
    }
}

impl DraftUnit {
    /// Different commitments, ascending, as many as the unit will have.
    fn as_many_permits(&self) -> Vec<Commitment> {
        let count = if self.attended { 0 } else { slips_for(self.voters) };
        let numbered = |number: u32| {
            let mut bytes = [0; 16];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            Commitment(bytes)
        };
        (0..count).map(numbered).collect()
    }

    fn sheet(&self, round: RoundId, permits: Vec<Commitment>) -> Result<Sheet, DraftError> {
        let too_large = |e: &dyn std::fmt::Display| DraftError::TooLarge(format!("unit {}: {e}", self.code));
        let sheet = Sheet {
            round,
            unit: UnitCode::new(&self.code).map_err(|e| too_large(&e))?,
            officials: self
                .officials
                .iter()
                .map(|o| Official { code: o.code.clone(), name: o.name.clone(), post: o.post.clone() })
                .collect(),
            voters: self.voters,
            voter_names: self.voter_names.clone(),
            team: self.team.clone(),
            permits,
        };
        cbor::decode::<Sheet>(&cbor::encode(&sheet)).map_err(|e| too_large(&e))
    }
}

impl From<Base> for PercentBase {
    fn from(base: Base) -> Self {
        match base {
            Base::Collected => Self::Collected,
            Base::Summoned => Self::Summoned,
            Base::Present => Self::Present,
            Base::Valid => Self::Valid,
        }
    }
}

fn in_range(rule: &'static str, value: u32, min: u32, max: u32) -> Result<(), DraftError> {
    if (min..=max).contains(&value) { Ok(()) } else { Err(DraftError::Rule { rule, min, max }) }
}

/// Whether a text is one visible line that every format holds.
fn is_line(text: &str) -> bool {
    let characters = text.chars().count();
    (1..=200).contains(&characters) && text.len() <= TEXT_MAX && !text.chars().any(char::is_control)
}

fn check_levels(levels: &[Level]) -> Result<(), DraftError> {
    let mut codes: Vec<_> = levels.iter().map(|level| &level.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let fine = |level: &Level| is_code(&level.code) && is_line(&level.vi) && is_line(&level.en);
    let right = (2..=9).contains(&levels.len()) && codes.len() == levels.len() && levels.iter().all(fine);
    if right { Ok(()) } else { Err(DraftError::Levels) }
}
