//! Looking for a name among everything that ever was: the same people are told of in round after round, so each name is
//! looked at once and not once for every round.
//!
//! The names come from the index alone, the next one by entering it behind the last ("loose index scan"). Reading rows by
//! their names is quick as long as there are few; whoever looks for what most names have finds enough by reading the list
//! from its beginning.

use super::{Db, StoreError, containing};
use sqlx::Row;

/// More names than that are many.
const FEW: usize = 100;
/// Names that are looked at before reading the rows themselves is no slower.
const LOOKED_AT: i64 = 20_000;

/// Begins a query with the names of a table, as `names (plain, place)`, in their order from place 1; no more of them than
/// are looked at.
macro_rules! names {
    ($table:literal) => {
        concat!(
            "WITH RECURSIVE names (plain, place) AS (SELECT min(plain), CAST(1 AS BIGINT) FROM ",
            $table,
            " UNION ALL SELECT (SELECT min(other.plain) FROM ",
            $table,
            " other WHERE other.plain > names.plain), names.place + 1 FROM names WHERE names.plain IS NOT NULL AND ",
            "names.place < 20000) "
        )
    };
}

/// Asks for the places of names that have `$1`, at most `$2` of them, and for the last place that is looked at.
macro_rules! find_names {
    ($table:literal) => {
        concat!(
            names!($table),
            "SELECT place FROM names WHERE plain LIKE $1 ESCAPE '!' OR place = 20000 LIMIT $2"
        )
    };
}

/// How many names have a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// None.
    None,
    /// So few that rows are read by them.
    Few,
    /// So many that rows are read in their order.
    Many,
}

/// How many names have this, by a query of [`find_names`].
pub(super) async fn find(db: &mut Db, query: &'static str, plain: &str) -> Result<Found, StoreError> {
    let limit = i64::try_from(FEW + 1).unwrap_or(i64::MAX);
    let found = sqlx::query(query).bind(containing(plain)).bind(limit).fetch_all(db).await?;
    let places: Vec<i64> = found.iter().map(|row| row.try_get("place")).collect::<Result<_, _>>()?;
    Ok(match places.len() {
        _ if places.contains(&LOOKED_AT) => Found::Many,
        0 => Found::None,
        few if few <= FEW => Found::Few,
        _ => Found::Many,
    })
}
