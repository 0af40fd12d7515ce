//! Notices of results.

use super::names;
use super::{Db, StoreError, fixed, number};
use crate::domain::calendar::{day_text, parse_day};
use crate::domain::contact::Channel;
use crate::domain::notice::{Dispatch, Notice, Stage, Standing, Told, Way};
use crate::domain::outgoing::About;
use sqlx::Row;
use sqlx::any::AnyRow;
use sync_core::id::{RoundId, UnitCode};
use sync_core::record::plain;
use time::Date;

/// A later order makes a notice anew: what was told before was another result. The same order leaves it as it is.
const MAKE: &str = "INSERT INTO notice (round, unit, official, order_number, name, post, plain, made_on, due_on) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (round, unit, official) DO UPDATE SET \
     order_number = excluded.order_number, name = excluded.name, post = excluded.post, plain = excluded.plain, \
     made_on = excluded.made_on, due_on = excluded.due_on, told_on = NULL, told_way = NULL, told_by = NULL, \
     told_at = NULL, sent_on = NULL, sent_way = NULL WHERE notice.order_number < excluded.order_number";
const TELL: &str = "UPDATE notice SET told_on = $4, told_way = $5, told_by = $6, told_at = $7 WHERE round = $1 AND \
     unit = $2 AND official = $3 AND told_on IS NULL RETURNING official";
/// That it was sent out; the first time counts.
const SENT: &str = "UPDATE notice SET sent_on = $5, sent_way = $6 WHERE round = $1 AND unit = $2 AND official = $3 AND \
     order_number = $4 AND sent_on IS NULL";

macro_rules! select {
    ($rest:expr) => {
        concat!(
            "SELECT round, unit, official, order_number, name, post, made_on, due_on, told_on, told_way, told_by, ",
            "told_at, sent_on, sent_way FROM notice WHERE ",
            $rest
        )
    };
}

const GET: &str = select!("round = $1 AND official = $2 ORDER BY unit");
const OF_ROUND: &str = select!("round = $1 ORDER BY unit, official");
/// How many of each unit are alike: there are fewer kinds than notices, and nothing else of them is read.
const COUNT: &str = "SELECT unit, made_on, due_on, told_on, told_way, sent, COUNT(*) AS many FROM (SELECT unit, made_on, \
     due_on, told_on, told_way, CAST(CASE WHEN sent_on IS NULL THEN 0 ELSE 1 END AS BIGINT) AS sent FROM notice WHERE \
     round = $1) AS kind GROUP BY unit, made_on, due_on, told_on, told_way, sent ORDER BY unit";
const FIRST_NAMES: &str = first_names!("notice");
/// What is to be told and was not sent out, from after a place on.
const UNTOLD: &str = select!(
    "round = $1 AND told_on IS NULL AND (unit, official) > ($2, $3) ORDER BY unit, official LIMIT $4"
);

/// A query of its own for each stage, and for one round or all: only then does the database know which index fits. Unit and
/// text are asked for only if the number before them is not 0.
macro_rules! search {
    ($which:literal) => {
        search!($which, "(CAST($3 AS BIGINT) = 0 OR plain LIKE $4 ESCAPE '!')")
    };
    ($which:literal, $text:literal) => {
        select!(concat!(
            $which,
            "(CAST($1 AS BIGINT) = 0 OR unit = $2) AND ",
            $text,
            " AND (due_on, unit, official, round) > ($5, $6, $7, $8) ORDER BY due_on, unit, official, round LIMIT $9"
        ))
    };
}

/// The same by names, where not many have the text.
macro_rules! by_name {
    ($which:literal) => {
        concat!(
            names!("notice"),
            search!(
                $which,
                "CAST($3 AS BIGINT) = 1 AND plain IN (SELECT plain FROM names WHERE plain LIKE $4 ESCAPE '!')"
            )
        )
    };
}

const SEARCH: &str = search!("");
const SEARCH_WAITING: &str = search!("told_on IS NULL AND due_on >= $10 AND ");
const SEARCH_OVERDUE: &str = search!("told_on IS NULL AND due_on < $10 AND ");
const SEARCH_IN_TIME: &str = search!("told_on <= due_on AND ");
const SEARCH_LATE: &str = search!("told_on > due_on AND ");
const NAMED: &str = by_name!("");
const NAMED_WAITING: &str = by_name!("told_on IS NULL AND due_on >= $10 AND ");
const NAMED_OVERDUE: &str = by_name!("told_on IS NULL AND due_on < $10 AND ");
const NAMED_IN_TIME: &str = by_name!("told_on <= due_on AND ");
const NAMED_LATE: &str = by_name!("told_on > due_on AND ");
const ROUND: &str = search!("round = $10 AND ");
const ROUND_WAITING: &str = search!("round = $10 AND told_on IS NULL AND due_on >= $11 AND ");
const ROUND_OVERDUE: &str = search!("round = $10 AND told_on IS NULL AND due_on < $11 AND ");
const ROUND_IN_TIME: &str = search!("round = $10 AND told_on <= due_on AND ");
const ROUND_LATE: &str = search!("round = $10 AND told_on > due_on AND ");

pub(super) const ALL: &[&str] = &[
    MAKE,
    TELL,
    SENT,
    GET,
    OF_ROUND,
    COUNT,
    FIRST_NAMES,
    UNTOLD,
    SEARCH,
    SEARCH_WAITING,
    SEARCH_OVERDUE,
    SEARCH_IN_TIME,
    SEARCH_LATE,
    NAMED,
    NAMED_WAITING,
    NAMED_OVERDUE,
    NAMED_IN_TIME,
    NAMED_LATE,
    ROUND,
    ROUND_WAITING,
    ROUND_OVERDUE,
    ROUND_IN_TIME,
    ROUND_LATE,
];

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
    let query = query.bind(day_text(told.on)).bind(told.way.code()).bind(told.by.as_str()).bind(told.at);
    Ok(query.fetch_optional(db).await?.is_some())
}

/// Notes that a notice was sent out, if it still tells of this order.
pub async fn sent(db: &mut Db, about: &About, on: Date, way: Channel) -> Result<(), StoreError> {
    let (Some(round), Some(unit), Some(official), Some(order)) =
        (&about.round, &about.unit, &about.official, about.order)
    else {
        return Ok(());
    };
    let query = sqlx::query(SENT).bind(round.0.to_vec()).bind(unit.as_str()).bind(official.as_str());
    query.bind(i64::from(order)).bind(day_text(on)).bind(way.code()).execute(db).await?;
    Ok(())
}

/// Some notices of a round that nobody is known to be told of, by unit and official, from after a place on.
pub async fn untold(
    db: &mut Db,
    round: &RoundId,
    after: (&str, &str),
    limit: u32,
) -> Result<Vec<Notice>, StoreError> {
    let query = sqlx::query(UNTOLD).bind(round.0.to_vec()).bind(after.0.to_owned()).bind(after.1.to_owned());
    query.bind(i64::from(limit)).fetch_all(db).await?.iter().map(read).collect()
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

/// How many notices of a round are alike, by unit.
pub async fn count(db: &mut Db, round: &RoundId) -> Result<Vec<(UnitCode, Standing, u32)>, StoreError> {
    let damaged = || StoreError::Damaged { what: "notice" };
    let read = |row: &AnyRow| {
        let day = |text: String| parse_day(&text).ok_or_else(damaged);
        let (unit, way): (String, Option<String>) = (row.try_get("unit")?, row.try_get("told_way")?);
        let sent: i64 = row.try_get("sent")?;
        let told = match row.try_get::<Option<String>, _>("told_on")? {
            None => None,
            Some(on) => Some((day(on)?, way.as_deref().and_then(Way::parse).ok_or_else(damaged)?)),
        };
        let standing = Standing {
            made_on: day(row.try_get("made_on")?)?,
            due_on: day(row.try_get("due_on")?)?,
            sent: sent != 0,
            told,
        };
        let unit = UnitCode::new(&unit).map_err(|_| damaged())?;
        Ok((unit, standing, number(row, "many", "notice")?))
    };
    sqlx::query(COUNT).bind(round.0.to_vec()).fetch_all(db).await?.iter().map(read).collect()
}

/// Some notices by due day, from after a place on.
pub async fn search(
    db: &mut Db,
    which: &NoticeSearch,
    today: Date,
    after: &Place,
    limit: u32,
) -> Result<Vec<Notice>, StoreError> {
    let (sought, (day, unit, official, round)) = (plain(&which.text), after.clone());
    // Within a round there are not many more rows than names.
    let named = which.round.is_none() && !sought.is_empty() && !names::many(db, FIRST_NAMES, &sought).await?;
    let text = match (which.round, named, which.stage) {
        (None, true, None) => NAMED,
        (None, true, Some(Stage::Waiting)) => NAMED_WAITING,
        (None, true, Some(Stage::Overdue)) => NAMED_OVERDUE,
        (None, true, Some(Stage::InTime)) => NAMED_IN_TIME,
        (None, true, Some(Stage::Late)) => NAMED_LATE,
        (None, false, None) => SEARCH,
        (None, false, Some(Stage::Waiting)) => SEARCH_WAITING,
        (None, false, Some(Stage::Overdue)) => SEARCH_OVERDUE,
        (None, false, Some(Stage::InTime)) => SEARCH_IN_TIME,
        (None, false, Some(Stage::Late)) => SEARCH_LATE,
        (Some(_), _, None) => ROUND,
        (Some(_), _, Some(Stage::Waiting)) => ROUND_WAITING,
        (Some(_), _, Some(Stage::Overdue)) => ROUND_OVERDUE,
        (Some(_), _, Some(Stage::InTime)) => ROUND_IN_TIME,
        (Some(_), _, Some(Stage::Late)) => ROUND_LATE,
    };
    let query = sqlx::query(text)
        .bind(i64::from(which.unit.is_some()))
        .bind(which.unit.as_ref().map_or("", UnitCode::as_str).to_owned())
        .bind(i64::from(!sought.is_empty()))
        .bind(super::containing(&sought));
    let mut query = query.bind(day).bind(unit).bind(official).bind(round).bind(i64::from(limit));
    if let Some(round) = which.round {
        query = query.bind(round.0.to_vec());
    }
    if matches!(which.stage, Some(Stage::Waiting | Stage::Overdue)) {
        query = query.bind(day_text(today));
    }
    query.fetch_all(db).await?.iter().map(read).collect()
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
            Some(Told { on: day(on)?, at: row.try_get("told_at")?, way, by: by.ok_or_else(damaged)? })
        }
    };
    let sent = match row.try_get::<Option<String>, _>("sent_on")? {
        None => None,
        Some(on) => {
            let way: Option<String> = row.try_get("sent_way")?;
            Some(Dispatch { on: day(on)?, way: way.as_deref().and_then(Channel::parse).ok_or_else(damaged)? })
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
        sent,
        told,
    })
}
