//! The next round, as it follows from the last one: its roster carried over, what changed marked.

use super::changes::{Change, Changes};
use super::rhythm::Rhythm;
use crate::domain::draft::{Base, Choices, Draft, DraftOfficial, DraftUnit};
use crate::roster::{Roster, RosterOfficial, RosterUnit};
use serde::Serialize;
use std::collections::BTreeMap;
use sync_core::package::{Level, Mode};
use sync_core::record::plain;
use time::Date;
use utoipa::ToSchema;

/// Between the posts of one person.
const BETWEEN: &str = "; ";

/// The next round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NextRound {
    /// Title of the round that it follows from.
    pub after: String,
    /// Day on which it should begin, as `2026-11-27`.
    pub begins_on: String,
    /// Its units, by code.
    pub units: Vec<NextUnit>,
    /// Units that are gone, with the unit that each is part of now.
    pub gone: Vec<GoneUnit>,
    /// People of one name with different codes: one person with several posts is rated once, two people are not one.
    pub same_names: Vec<SameName>,
    /// Changes that name a unit or an official who is not there.
    pub without_effect: Vec<Change>,
}

/// A unit of the next round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NextUnit {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its voters, as the last round had them: to be looked at again.
    pub voters: u32,
    /// Its officials.
    pub officials: Vec<NextOfficial>,
    /// The name that it had, if it has another now.
    pub renamed_from: Option<String>,
    /// Units that became part of it.
    pub merged_from: Vec<String>,
    #[serde(skip)]
    unit: UnitBase,
}

/// What is carried over without being shown.
#[derive(Debug, Clone, PartialEq, Eq)]
struct UnitBase {
    kind: crate::roster::UnitKind,
    attended: bool,
}

/// An official of the next round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NextOfficial {
    /// Their code.
    pub code: String,
    /// Their name.
    pub name: String,
    /// Their posts.
    pub post: String,
    /// Other codes that are the same person, who is rated here alone.
    pub also: Vec<String>,
    /// The unit that they come from, if it became part of this one.
    pub from: Option<String>,
}

/// A unit that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GoneUnit {
    /// Its code.
    pub code: String,
    /// The unit that it is part of.
    pub into: String,
}

/// People of one name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SameName {
    /// The name.
    pub name: String,
    /// Their codes, each with its unit.
    pub officials: Vec<Placed>,
}

/// An official with the unit where they are rated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct Placed {
    /// Code of the official.
    pub code: String,
    /// Their post.
    pub post: String,
    /// Code of the unit.
    pub unit: String,
}

/// The next round after one that began on a day.
pub fn propose(last: &Draft, began: Date, rhythm: &Rhythm, changes: &Changes) -> NextRound {
    let begins = rhythm.next(began);
    let mut next = NextRound {
        after: last.title.clone(),
        begins_on: crate::domain::calendar::day_text(begins),
        units: last.units.iter().map(NextUnit::from).collect(),
        gone: Vec::new(),
        same_names: Vec::new(),
        without_effect: Vec::new(),
    };
    for change in changes.until(begins) {
        if !next.apply(change) && !next.is_done(change) {
            next.without_effect.push(change.clone());
        }
    }
    next.units.sort_by(|a, b| a.code.cmp(&b.code));
    next.same_names = next.find_same_names();
    next
}

impl NextRound {
    fn apply(&mut self, change: &Change) -> bool {
        match change {
            Change::Renamed { unit, name } => {
                let Some(found) = self.units.iter_mut().find(|one| one.code == *unit) else { return false };
                if found.name != *name {
                    let before = std::mem::replace(&mut found.name, name.clone());
                    found.renamed_from.get_or_insert(before);
                }
                true
            }
            Change::Merged { unit, into } => {
                let place = |code: &String| self.units.iter().position(|one| one.code == *code);
                let (Some(from), Some(_)) = (place(unit), place(into)) else { return false };
                let part = self.units.remove(from);
                let Some(whole) = self.units.iter_mut().find(|one| one.code == *into) else { return false };
                whole.voters = whole.voters.saturating_add(part.voters);
                whole.merged_from.push(part.code.clone());
                whole.merged_from.extend(part.merged_from);
                let code = &part.code;
                let moved = |official: NextOfficial| NextOfficial {
                    from: official.from.or_else(|| Some(code.clone())),
                    ..official
                };
                whole.officials.extend(part.officials.into_iter().map(moved));
                self.gone.push(GoneUnit { code: part.code, into: into.clone() });
                true
            }
            Change::OnePerson { official, same_as } => {
                let there = |code: &String| {
                    self.units.iter().any(|unit| unit.officials.iter().any(|one| one.code == *code))
                };
                if !there(official) || !there(same_as) {
                    return false;
                }
                let mut taken = None;
                for unit in &mut self.units {
                    if let Some(place) = unit.officials.iter().position(|one| one.code == *official) {
                        taken = Some(unit.officials.remove(place));
                    }
                }
                let kept = self.units.iter_mut().flat_map(|unit| &mut unit.officials);
                if let (Some(taken), Some(kept)) = (taken, kept.into_iter().find(|one| one.code == *same_as))
                {
                    kept.post = [kept.post.as_str(), taken.post.as_str()].join(BETWEEN);
                    kept.also.push(taken.code);
                    kept.also.extend(taken.also);
                }
                true
            }
        }
    }

    /// Whether the last round had a change already.
    fn is_done(&self, change: &Change) -> bool {
        let unit = |code: &String| self.units.iter().any(|one| one.code == *code);
        let official =
            |code: &String| self.units.iter().flat_map(|unit| &unit.officials).any(|one| one.code == *code);
        match change {
            Change::Renamed { .. } => false,
            Change::Merged { unit: one, into } => !unit(one) && unit(into),
            Change::OnePerson { official: one, same_as } => !official(one) && official(same_as),
        }
    }

    fn find_same_names(&self) -> Vec<SameName> {
        let mut names: BTreeMap<String, (String, Vec<Placed>)> = BTreeMap::new();
        for unit in &self.units {
            for official in &unit.officials {
                let (_, placed) =
                    names.entry(plain(&official.name)).or_insert_with(|| (official.name.clone(), Vec::new()));
                let (code, post) = (official.code.clone(), official.post.clone());
                placed.push(Placed { code, post, unit: unit.code.clone() });
            }
        }
        let several = names.into_values().filter(|(_, placed)| placed.len() > 1);
        several.map(|(name, officials)| SameName { name, officials }).collect()
    }

    /// What a draft is made of. Units that nobody is rated in any more are left out.
    pub fn roster(&self) -> Roster {
        let rated = self.units.iter().filter(|unit| !unit.officials.is_empty());
        Roster { units: rated.map(NextUnit::roster).collect() }
    }

    /// Its rules: those of the last round.
    pub fn choices(&self, last: &Draft, title: String) -> Choices {
        let level = |level: &crate::domain::draft::DraftLevel| Level {
            code: level.code.clone(),
            vi: level.vi.clone(),
            en: level.en.clone(),
        };
        let attended = self.units.iter().filter(|unit| unit.unit.attended && !unit.officials.is_empty());
        let percent_base: Base = last.percent_base;
        Choices {
            title,
            mode: if last.official { Mode::Official } else { Mode::Training },
            levels: last.levels.iter().map(level).collect(),
            percent_base,
            batch_min: last.batch_min,
            min_publish: last.min_publish,
            attended: attended.map(|unit| unit.code.clone()).collect(),
        }
    }
}

impl From<&DraftUnit> for NextUnit {
    fn from(unit: &DraftUnit) -> Self {
        let official = |official: &DraftOfficial| NextOfficial {
            code: official.code.clone(),
            name: official.name.clone(),
            post: official.post.clone(),
            also: Vec::new(),
            from: None,
        };
        Self {
            code: unit.code.clone(),
            name: unit.name.clone(),
            voters: unit.voters,
            officials: unit.officials.iter().map(official).collect(),
            renamed_from: None,
            merged_from: Vec::new(),
            unit: UnitBase { kind: unit.kind, attended: unit.attended },
        }
    }
}

impl NextUnit {
    fn roster(&self) -> RosterUnit {
        let official = |official: &NextOfficial| RosterOfficial {
            code: official.code.clone(),
            name: official.name.clone(),
            post: official.post.clone(),
        };
        RosterUnit {
            code: self.code.clone(),
            name: self.name.clone(),
            kind: self.unit.kind,
            voters: self.voters,
            officials: self.officials.iter().map(official).collect(),
            voter_names: Vec::new(),
            team: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::changes::Dated;
    use super::*;
    use crate::roster;
    use time::macros::date;

    const UNITS: &str =
        "unit_code,name,kind,voters\nA,Chi bộ A,chi_bo,24\nB,Chi bộ B,chi_bo,9\nC,Chi bộ C,chi_bo,7\n";
    const OFFICIALS: &str = "unit_code,ordinal,official_code,full_name,post\nA,1,A1,Vàng Mí Một,Bí thư\n\
                             B,1,B1,Vang Mi Mot,Ủy viên\nB,2,B2,Sùng Hai,Phó\nC,1,C1,Lầu Ba,Bí thư\n";

    fn last() -> Draft {
        let roster = roster::from_csv(UNITS.as_bytes(), OFFICIALS.as_bytes()).unwrap();
        let choices = Choices {
            title: "Đợt 2026".to_owned(),
            mode: Mode::Official,
            levels: sync_core::package::default_levels(),
            percent_base: Base::Collected,
            batch_min: 10,
            min_publish: 5,
            attended: vec!["C".to_owned()],
        };
        Draft::new(&roster, choices).unwrap()
    }

    fn next(changes: Vec<(&str, Change)>) -> NextRound {
        let dated = |(day, change): (&str, Change)| Dated { valid_from: day.to_owned(), change };
        let changes = Changes { changes: changes.into_iter().map(dated).collect() };
        propose(&last(), date!(2026 - 11 - 27), &Rhythm::default(), &changes)
    }

    fn merged(unit: &str, into: &str) -> Change {
        Change::Merged { unit: unit.to_owned(), into: into.to_owned() }
    }

    #[test]
    fn without_changes_the_roster_and_the_rules_are_those_of_the_last_round() {
        let (last, next) = (last(), next(vec![]));
        assert_eq!(next.begins_on, "2027-11-27");
        let again = Draft::new(&next.roster(), next.choices(&last, last.title.clone())).unwrap();
        assert_eq!(again, last);
    }

    #[test]
    fn people_of_one_name_are_shown_and_not_taken_for_one() {
        let next = next(vec![]);
        assert_eq!(next.same_names.len(), 1, "with and without diacritics");
        let codes: Vec<_> = next.same_names[0].officials.iter().map(|one| one.code.as_str()).collect();
        assert_eq!(codes, ["A1", "B1"]);
        assert_eq!(next.roster().units[1].officials.len(), 2);
    }

    #[test]
    fn one_person_with_several_posts_is_rated_once_under_all_of_them() {
        let one = Change::OnePerson { official: "B1".to_owned(), same_as: "A1".to_owned() };
        let next = next(vec![("2027-01-01", one)]);
        let kept = &next.units[0].officials[0];
        assert_eq!(
            (kept.post.as_str(), kept.also.as_slice()),
            ("Bí thư; Ủy viên", ["B1".to_owned()].as_slice())
        );
        assert_eq!(next.units[1].officials.len(), 1);
        assert_eq!(next.same_names, []);
    }

    #[test]
    fn a_merged_unit_brings_its_voters_and_officials_along_from_its_day_on() {
        let next_after = next(vec![("2027-11-28", merged("B", "A"))]);
        assert_eq!(next_after.units.len(), 3, "it holds only after the round has begun");
        let next = next(vec![("2027-11-27", merged("B", "A"))]);
        let whole = &next.units[0];
        assert_eq!(
            (whole.voters, whole.officials.len(), whole.merged_from.as_slice()),
            (33, 3, ["B".to_owned()].as_slice())
        );
        assert_eq!(whole.officials[1].from.as_deref(), Some("B"));
        assert_eq!(next.gone, [GoneUnit { code: "B".to_owned(), into: "A".to_owned() }]);
    }

    #[test]
    fn units_merge_in_chains_and_are_renamed() {
        let renamed = Change::Renamed { unit: "A".to_owned(), name: "Đảng bộ mới".to_owned() };
        let next = next(vec![
            ("2027-03-01", merged("B", "A")),
            ("2027-02-01", merged("C", "B")),
            ("2027-04-01", renamed),
        ]);
        assert_eq!(next.units.len(), 1);
        let whole = &next.units[0];
        assert_eq!((whole.voters, whole.merged_from.join(" ")), (40, "B C".to_owned()));
        assert_eq!(whole.renamed_from.as_deref(), Some("Chi bộ A"));
        assert_eq!(whole.officials[3].from.as_deref(), Some("C"), "where they were rated");
    }

    #[test]
    fn changes_without_effect_are_said_and_those_of_earlier_rounds_are_not() {
        let lost = merged("X", "Y");
        let next = next(vec![("2027-01-01", lost.clone()), ("2020-01-01", merged("Z", "A"))]);
        assert_eq!(next.without_effect, [lost], "Z was merged before the last round");
    }

    #[test]
    fn a_unit_in_which_nobody_is_rated_any_more_is_in_no_draft() {
        let one = Change::OnePerson { official: "C1".to_owned(), same_as: "A1".to_owned() };
        let (last, next) = (last(), next(vec![("2027-01-01", one)]));
        assert_eq!(next.units.len(), 3, "but it is shown");
        let draft = Draft::new(&next.roster(), next.choices(&last, "Đợt 2027".to_owned())).unwrap();
        assert_eq!(draft.units.len(), 2);
    }
}
