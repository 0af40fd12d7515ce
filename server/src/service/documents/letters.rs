//! Letters to those who were rated.

use super::{Material, base_of, rated, shares};
use crate::domain::calendar::{day_of, day_text};
use crate::domain::figures::{OfficialFigures, RoundFigures, UnitFigures};
use crate::error::AppError;
use homphieu_documents::{Code, Earlier, Letter, LetterAccess, Level, Notices, Own, Scanned, Unit};

/// The letters of a unit, in the order of its ballot.
pub(super) fn of_unit(material: &Material, code: &str) -> Result<Notices, AppError> {
    let (figures, unit) = material.result(code)?;
    let letters = unit.officials.iter().map(|official| letter(material, (figures, unit), official));
    Ok(Notices {
        head: material.head(true),
        unit: Unit { code: unit.code.clone(), name: unit.name.clone() },
        letters: letters.collect(),
    })
}

/// The letter to one official.
pub(super) fn of_official(material: &Material, code: &str) -> Result<Notices, AppError> {
    let figures = material.published()?;
    let none = || AppError::not_found("not_published", "no result of this official is published yet");
    let (unit, official) = find(figures, code).ok_or_else(none)?;
    Ok(Notices {
        head: material.head(true),
        unit: Unit { code: unit.code.clone(), name: unit.name.clone() },
        letters: vec![letter(material, (figures, unit), official)],
    })
}

fn find<'a>(figures: &'a RoundFigures, code: &str) -> Option<(&'a UnitFigures, &'a OfficialFigures)> {
    figures.units.iter().find_map(|unit| Some((unit, unit.officials.iter().find(|o| o.code == code)?)))
}

fn letter(
    material: &Material,
    (figures, unit): (&RoundFigures, &UnitFigures),
    official: &OfficialFigures,
) -> Letter {
    let notice = material
        .notices
        .iter()
        .find(|notice| notice.unit.as_str() == unit.code && notice.official == official.code);
    Letter {
        official: rated(official),
        due_on: notice.map(|notice| day_text(notice.due_on)),
        own: Own {
            collected: unit.collected,
            valid: unit.valid,
            invalid: unit.invalid,
            percent_base: base_of(unit),
            base: unit.base,
            levels: official.levels.as_deref().map(shares),
            invalid_lines: official.invalid_lines,
            over_half: official.over_half == Some(true),
            two_thirds_or_more: official.two_thirds_or_more == Some(true),
            attended: unit.attended,
            earlier_stand: unit.earlier_figures_stand,
        },
        earlier: material.earlier.iter().filter_map(|earlier| before(earlier, &official.code)).collect(),
        access: None,
        result: (figures.order, Code::new(&figures.digest)),
    }
}

/// Letters with their one-time codes, by unit.
pub(super) fn with_codes(
    material: &Material,
    made: &[crate::service::Letter],
    address: &str,
) -> Result<Vec<(String, Notices)>, AppError> {
    // The address is short, for it may be typed, and has no code in it, for addresses are kept where they are opened.
    let page = format!("{}/n", address.trim_end_matches('/'));
    let mut units: Vec<(String, Notices)> = Vec::new();
    for one in made {
        let (figures, unit) = material.result(one.notice.unit.as_str())?;
        let none = || AppError::not_found("not_published", "no result of this official is published yet");
        let official = unit.officials.iter().find(|official| official.code == one.notice.official);
        let mut letter = letter(material, (figures, unit), official.ok_or_else(none)?);
        letter.access = Some(LetterAccess {
            address: Code::new(&page),
            code: Code::new(one.code.reveal().as_str()),
            scanned: Scanned::new(&page),
            until: Some(day_text(day_of(one.ends_at - 1))),
        });
        match units.last_mut() {
            Some((code, notices)) if *code == unit.code => notices.letters.push(letter),
            _ => {
                let whose = Unit { code: unit.code.clone(), name: unit.name.clone() };
                let notices = Notices { head: material.head(true), unit: whose, letters: vec![letter] };
                units.push((unit.code.clone(), notices));
            }
        }
    }
    Ok(units)
}

fn before(figures: &RoundFigures, code: &str) -> Option<Earlier> {
    let (unit, official) = find(figures, code)?;
    let level =
        |level: &crate::domain::figures::LevelLabel| Level { vi: level.vi.clone(), en: level.en.clone() };
    Some(Earlier {
        round: figures.title.clone(),
        unit: unit.name.clone(),
        levels: figures.levels.iter().map(level).collect(),
        percent_base: base_of(unit),
        base: unit.base,
        shares: official.levels.as_deref().map(shares),
    })
}
