//! Looking for a name among everything that ever was: the same people are told of in round after round, so each name is
//! looked at once and not once for every round.
//!
//! The names come from the index alone, the next one by entering it behind the last ("loose index scan"). Whoever looks for
//! what many names have finds enough sooner by reading the list from its beginning.

use super::{Db, StoreError, containing};
use sqlx::Row;

/// Of the names that are looked at first, one in so many makes a text one that many have.
const MANY: i64 = 100;

/// Begins a query with every name of a table, as `names (plain)`.
macro_rules! names {
    ($table:literal) => {
        concat!(
            "WITH RECURSIVE names (plain) AS (SELECT min(plain) FROM ",
            $table,
            " UNION ALL SELECT (SELECT min(other.plain) FROM ",
            $table,
            " other WHERE other.plain > names.plain) FROM names WHERE names.plain IS NOT NULL) "
        )
    };
}

/// Asks how many of the first 1,000 names of a table there are, and how many of them have `$1`.
macro_rules! first_names {
    ($table:literal) => {
        concat!(
            "WITH RECURSIVE names (plain, place) AS (SELECT min(plain), CAST(1 AS BIGINT) FROM ",
            $table,
            " UNION ALL SELECT (SELECT min(other.plain) FROM ",
            $table,
            " other WHERE other.plain > names.plain), names.place + 1 FROM names WHERE names.plain IS NOT NULL AND ",
            "names.place < 1000) SELECT COUNT(*) AS named, CAST(coalesce(sum(CASE WHEN plain LIKE $1 ESCAPE '!' THEN 1 ",
            "ELSE 0 END), 0) AS BIGINT) AS found FROM names WHERE plain IS NOT NULL"
        )
    };
}

/// Whether many names have this, as far as the first ones tell by a query of [`first_names`].
pub(super) async fn many(db: &mut Db, query: &'static str, plain: &str) -> Result<bool, StoreError> {
    let row = sqlx::query(query).bind(containing(plain)).fetch_one(db).await?;
    let (all, found): (i64, i64) = (row.try_get("named")?, row.try_get("found")?);
    Ok(found > 0 && found.saturating_mul(MANY) >= all)
}
