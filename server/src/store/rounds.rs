//! Rounds: drafts, packages and states.

use super::{Db, StoreError, fixed};
use sqlx::Row;
use sqlx::any::AnyRow;
use sync_core::id::{PackageHash, RoundId};

/// A round as stored.
#[derive(Debug, Clone)]
pub struct RoundRow {
    /// Its id.
    pub id: RoundId,
    /// Its state, by name.
    pub state: String,
    /// What was imported, as JSON.
    pub draft: String,
    /// The signed package, once there is one.
    pub package: Option<Vec<u8>>,
}

const INSERT: &str = "INSERT INTO round (id, mode, state, draft) VALUES ($1, $2, $3, $4)";
const GET: &str = "SELECT id, state, draft, package FROM round WHERE id = $1";
const STATE: &str = "SELECT state FROM round WHERE id = $1";
const PACKAGE: &str = "SELECT package FROM round WHERE id = $1";
const LIGHT: &str = "SELECT id, state, turn, mode FROM round ORDER BY id";
const BY_PACKAGE: &str = "SELECT id, state, draft, package FROM round WHERE package_hash = $1";
const LIST: &str = "SELECT id, state, draft, package FROM round ORDER BY id";
const ANY_PACKAGE: &str = "SELECT package FROM round WHERE package IS NOT NULL LIMIT 1";
const SIGN: &str = "UPDATE round SET state = $2, package = $3, package_hash = $4 WHERE id = $1 AND package IS NULL \
     RETURNING id";
const MARK: &str = "SELECT r.state AS state, CAST(r.turn + (SELECT coalesce(sum(u.turn), 0) FROM unit u WHERE u.round = \
     r.id) AS BIGINT) AS turns, CAST(coalesce((SELECT f.turn FROM follow_up f WHERE f.round = r.id), 0) AS BIGINT) AS \
     followed FROM round r WHERE r.id = $1";
const TAKE_TURN: &str = "UPDATE round SET turn = turn + 1 WHERE id = $1 RETURNING turn";
const SET_DRAFT: &str = "UPDATE round SET draft = $2 WHERE id = $1 RETURNING id";
const SET_STATE: &str = "UPDATE round SET state = $3 WHERE id = $1 AND state = $2 RETURNING id";

const CHANGE_DRAFT: &str =
    "UPDATE round SET draft = $2, mode = $3 WHERE id = $1 AND package IS NULL RETURNING id";
const DELETE_DRAFT: &str = "DELETE FROM round WHERE id = $1 AND package IS NULL RETURNING id";

pub(super) const ALL: &[&str] = &[
    INSERT,
    GET,
    STATE,
    PACKAGE,
    LIGHT,
    BY_PACKAGE,
    LIST,
    ANY_PACKAGE,
    SIGN,
    MARK,
    TAKE_TURN,
    SET_DRAFT,
    SET_STATE,
    CHANGE_DRAFT,
    DELETE_DRAFT,
];

/// Stores a new round.
pub async fn insert(
    db: &mut Db,
    id: &RoundId,
    mode: u64,
    state: &str,
    draft: &str,
) -> Result<(), StoreError> {
    let mode = i64::try_from(mode).unwrap_or_default();
    sqlx::query(INSERT).bind(id.0.to_vec()).bind(mode).bind(state).bind(draft).execute(db).await?;
    Ok(())
}

/// The round with this id.
pub async fn get(db: &mut Db, id: &RoundId) -> Result<Option<RoundRow>, StoreError> {
    let row = sqlx::query(GET).bind(id.0.to_vec()).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// What changes with everything that is written of a round: whoever writes takes a turn first, so while this stays the
/// same, nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// State of the round, by name.
    pub state: String,
    /// Turns of the round and its units: everything up to the publication.
    pub turns: i64,
    /// Turns of what follows.
    pub followed: i64,
}

/// The mark of a round.
pub async fn mark(db: &mut Db, id: &RoundId) -> Result<Option<Mark>, StoreError> {
    let row = sqlx::query(MARK).bind(id.0.to_vec()).fetch_optional(db).await?;
    let read = |row: AnyRow| {
        Ok(Mark {
            state: row.try_get("state")?,
            turns: row.try_get("turns")?,
            followed: row.try_get("followed")?,
        })
    };
    row.map(read).transpose()
}

/// The state of a round, by name; without what was imported, which is large.
pub async fn state(db: &mut Db, id: &RoundId) -> Result<Option<String>, StoreError> {
    let row = sqlx::query(STATE).bind(id.0.to_vec()).fetch_optional(db).await?;
    row.map(|row| Ok(row.try_get("state")?)).transpose()
}

/// The package of a round, if it is signed; nothing if there is no such round.
pub async fn package(db: &mut Db, id: &RoundId) -> Result<Option<Option<Vec<u8>>>, StoreError> {
    let row = sqlx::query(PACKAGE).bind(id.0.to_vec()).fetch_optional(db).await?;
    row.map(|row| Ok(row.try_get("package")?)).transpose()
}

/// What of a round is small.
#[derive(Debug, Clone)]
pub struct LightRow {
    /// Its id.
    pub id: RoundId,
    /// Its state, by name.
    pub state: String,
    /// How many turns were taken of it: who changes what was imported takes one.
    pub turn: i64,
    /// Its mode.
    pub mode: i64,
}

/// Every round by id, without what is large.
pub async fn light(db: &mut Db) -> Result<Vec<LightRow>, StoreError> {
    let read = |row: &AnyRow| {
        Ok(LightRow {
            id: RoundId(fixed(row, "id", "round")?),
            state: row.try_get("state")?,
            turn: row.try_get("turn")?,
            mode: row.try_get("mode")?,
        })
    };
    sqlx::query(LIGHT).fetch_all(db).await?.iter().map(read).collect()
}

/// The round that has this package.
pub async fn by_package(db: &mut Db, hash: &PackageHash) -> Result<Option<RoundRow>, StoreError> {
    let row = sqlx::query(BY_PACKAGE).bind(hash.0.to_vec()).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// Every round.
pub async fn list(db: &mut Db) -> Result<Vec<RoundRow>, StoreError> {
    sqlx::query(LIST).fetch_all(db).await?.iter().map(read).collect()
}

/// Some signed package, if there is any.
pub async fn any_package(db: &mut Db) -> Result<Option<Vec<u8>>, StoreError> {
    let row = sqlx::query(ANY_PACKAGE).fetch_optional(db).await?;
    row.map(|row| Ok(row.try_get("package")?)).transpose()
}

/// Stores the package of a round that has none yet; `false` if it has one.
pub async fn sign(
    db: &mut Db,
    id: &RoundId,
    state: &str,
    package: &[u8],
    hash: &PackageHash,
) -> Result<bool, StoreError> {
    let query =
        sqlx::query(SIGN).bind(id.0.to_vec()).bind(state).bind(package.to_vec()).bind(hash.0.to_vec());
    Ok(query.fetch_optional(db).await?.is_some())
}

/// Begins every write on a whole round, and orders writers of all processes. `false` if there is no such round.
pub async fn take_turn(db: &mut Db, id: &RoundId) -> Result<bool, StoreError> {
    Ok(sqlx::query(TAKE_TURN).bind(id.0.to_vec()).fetch_optional(db).await?.is_some())
}

/// Stores what is to be known of a round beside its package; `false` if there is no such round.
pub async fn set_draft(db: &mut Db, id: &RoundId, draft: &str) -> Result<bool, StoreError> {
    Ok(sqlx::query(SET_DRAFT).bind(id.0.to_vec()).bind(draft).fetch_optional(db).await?.is_some())
}

/// Stores what a round is to be as long as it is not signed; `false` if it is, or is not there.
pub async fn change_draft(db: &mut Db, id: &RoundId, mode: u64, draft: &str) -> Result<bool, StoreError> {
    let mode = i64::try_from(mode).unwrap_or_default();
    let query = sqlx::query(CHANGE_DRAFT).bind(id.0.to_vec()).bind(draft).bind(mode);
    Ok(query.fetch_optional(db).await?.is_some())
}

/// Removes a round that is not signed and has no units any more; `false` if it is, or is not there.
pub async fn delete_draft(db: &mut Db, id: &RoundId) -> Result<bool, StoreError> {
    Ok(sqlx::query(DELETE_DRAFT).bind(id.0.to_vec()).fetch_optional(db).await?.is_some())
}

/// Moves a round from one state to another; `false` if it was not in the first.
pub async fn set_state(db: &mut Db, id: &RoundId, from: &str, to: &str) -> Result<bool, StoreError> {
    let query = sqlx::query(SET_STATE).bind(id.0.to_vec()).bind(from).bind(to);
    Ok(query.fetch_optional(db).await?.is_some())
}

fn read(row: &AnyRow) -> Result<RoundRow, StoreError> {
    Ok(RoundRow {
        id: RoundId(fixed(row, "id", "round")?),
        state: row.try_get("state")?,
        draft: row.try_get("draft")?,
        package: row.try_get("package")?,
    })
}
