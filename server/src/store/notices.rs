//! Notices of results.

use super::{Db, StoreError, fixed, number};
use crate::domain::calendar::{day_text, parse_day};
use crate::domain::notice::{Notice, Stage, Told, Way};
use sqlx::Row;
use sqlx::any::AnyRow;
use sync_core::id::{RoundId, UnitCode};
use sync_core::record::plain;
use time::Date;

/// A later order makes a notice anew: what was told before was another result. The same order leaves it as it is.
const MAKE: &str = "INSERT INTO notice (round, unit, official, order_number, name, post, plain, made_on, due_on) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (round, unit, official) DO UPDATE SET \
     order_number = excluded.order_number, name = excluded.name, post = excluded.post, plain = excluded.plain, \
     made_on = excluded.made_on, due_on = excluded.due_on, told_on = NULL, told_way = NULL, told_by = NULL \
     WHERE notice.order_number < excluded.order_number";
const TELL: &str = "UPDATE notice SET told_on = $4, told_way = $5, told_by = $6 WHERE round = $1 AND unit = $2 AND \
     official = $3 AND told_on IS NULL RETURNING official";
const GET: &str = "SELECT round, unit, official, order_number, name, post, made_on, due_on, told_on, told_way, told_by \
     FROM notice WHERE round = $1 AND official = $2 ORDER BY unit";
const OF_ROUND: &str = "SELECT round, unit, official, order_number, name, post, made_on, due_on, told_on, told_way, \
     told_by FROM notice WHERE round = $1 ORDER BY unit, official";
/// Each of the first four questions is asked only if the number before it is not 0.
const SEARCH: &str = "SELECT round, unit, official, order_number, name, post, made_on, due_on, told_on, told_way, \
     told_by FROM notice WHERE (CAST($1 AS BIGINT) = 0 OR round = $2) AND (CAST($3 AS BIGINT) = 0 OR unit = $4) AND \
     (CAST($5 AS BIGINT) = 0 OR plain LIKE $6 ESCAPE '!') AND (CAST($7 AS BIGINT) = 0 OR (CAST($7 AS BIGINT) = 1 AND \
     told_on IS NULL AND due_on >= $8) OR (CAST($7 AS BIGINT) = 2 AND told_on IS NULL AND due_on < $8) OR \
     (CAST($7 AS BIGINT) = 3 AND told_on <= due_on) OR (CAST($7 AS BIGINT) = 4 AND told_on > due_on)) AND \
     (due_on, unit, official, round) > ($9, $10, $11, $12) ORDER BY due_on, unit, official, round LIMIT $13";

pub(super) const ALL: &[&str] = &[MAKE, TELL, GET, OF_ROUND, SEARCH];

/// Which notices are looked for; all, if nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoticeSearch {
    /// Only of this round.
    pub round: Option<RoundId>,
    /// Only of this unit.
    pub unit: Option<UnitCode>,
    /// Only those that stand like this.
    pub stage: Option<Stage>,
    /// Only with this in the name, the post or a code, with or without diacritics.
    pub text: String,
}

/// A place in the list: day, unit, official, round.
pub type Place = (String, String, String, Vec<u8>);

/// The place of a notice.
pub fn place(notice: &Notice) -> Place {
    (
        day_text(notice.due_on),
        notice.unit.as_str().to_owned(),
        notice.official.clone(),
        notice.round.0.to_vec(),
    )
}

/// Makes a notice, unless there is one that tells the result of the same order or of a later one.
pub async fn make(db: &mut Db, notice: &Notice) -> Result<(), StoreError> {
    let found_by = plain(&format!("{} {} {} {}", notice.name, notice.post, notice.official, notice.unit));
    let query = sqlx::query(MAKE)
        .bind(notice.round.0.to_vec())
        .bind(notice.unit.as_str())
        .bind(notice.official.as_str())
        .bind(i64::from(notice.order))
        .bind(notice.name.as_str())
        .bind(notice.post.as_str())
        .bind(found_by);
    query.bind(day_text(notice.made_on)).bind(day_text(notice.due_on)).execute(db).await?;
    Ok(())
}

/// Notes that an official was told; `false` if that is known already.
pub async fn tell(db: &mut Db, notice: &Notice, told: &Told) -> Result<bool, StoreError> {
    let query = sqlx::query(TELL)
        .bind(notice.round.0.to_vec())
        .bind(notice.unit.as_str())
        .bind(notice.official.as_str());
    let query = query.bind(day_text(told.on)).bind(told.way.code()).bind(told.by.as_str());
    Ok(query.fetch_optional(db).await?.is_some())
}

/// The notices of an official of a round; one, unless two units have an official with this code.
pub async fn of_official(db: &mut Db, round: &RoundId, official: &str) -> Result<Vec<Notice>, StoreError> {
    let rows = sqlx::query(GET).bind(round.0.to_vec()).bind(official).fetch_all(db).await?;
    rows.iter().map(read).collect()
}

/// Every notice of a round, by unit.
pub async fn of_round(db: &mut Db, round: &RoundId) -> Result<Vec<Notice>, StoreError> {
    sqlx::query(OF_ROUND).bind(round.0.to_vec()).fetch_all(db).await?.iter().map(read).collect()
}

/// Some notices by due day, from after a place on.
pub async fn search(
    db: &mut Db,
    which: &NoticeSearch,
    today: Date,
    after: &Place,
    limit: u32,
) -> Result<Vec<Notice>, StoreError> {
    let stage: i64 = match which.stage {
        None => 0,
        Some(Stage::Waiting) => 1,
        Some(Stage::Overdue) => 2,
        Some(Stage::InTime) => 3,
        Some(Stage::Late) => 4,
    };
    let (text, (day, unit, official, round)) = (plain(&which.text), after.clone());
    let query = sqlx::query(SEARCH)
        .bind(i64::from(which.round.is_some()))
        .bind(which.round.map(|round| round.0.to_vec()).unwrap_or_default())
        .bind(i64::from(which.unit.is_some()))
        .bind(which.unit.as_ref().map_or("", UnitCode::as_str).to_owned())
        .bind(i64::from(!text.is_empty()))
        .bind(containing(&text));
    let query = query.bind(stage).bind(day_text(today));
    let query = query.bind(day).bind(unit).bind(official).bind(round).bind(i64::from(limit));
    query.fetch_all(db).await?.iter().map(read).collect()
}

/// A pattern that finds a text anywhere, whatever stands in it.
fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

fn read(row: &AnyRow) -> Result<Notice, StoreError> {
    let damaged = || StoreError::Damaged { what: "notice" };
    let day = |text: String| parse_day(&text).ok_or_else(damaged);
    let unit: String = row.try_get("unit")?;
    let told = match row.try_get::<Option<String>, _>("told_on")? {
        None => None,
        Some(on) => {
            let way: Option<String> = row.try_get("told_way")?;
            let way = way.as_deref().and_then(Way::parse).ok_or_else(damaged)?;
            let by: Option<String> = row.try_get("told_by")?;
            Some(Told { on: day(on)?, way, by: by.ok_or_else(damaged)? })
        }
    };
    Ok(Notice {
        round: RoundId(fixed(row, "round", "notice")?),
        unit: UnitCode::new(&unit).map_err(|_| damaged())?,
        official: row.try_get("official")?,
        order: number(row, "order_number", "notice")?,
        name: row.try_get("name")?,
        post: row.try_get("post")?,
        made_on: day(row.try_get("made_on")?)?,
        due_on: day(row.try_get("due_on")?)?,
        told,
    })
}
