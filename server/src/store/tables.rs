//! Every table of the centre, column by column: what a backup holds and a restore fills.
//!
//! One line per table. A test compares the lines with the database, so that no table or column is forgotten.

use std::sync::LazyLock;

/// Type of a column's cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Integer of 64 bits.
    Int,
    /// Bytes.
    Bytes,
    /// Text.
    Text,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Type of its cells.
    pub kind: Kind,
    /// Whether it belongs to the primary key, whose columns stand in this order.
    pub key: bool,
    /// Whether a cell may be empty.
    pub optional: bool,
    /// Migration that brought it.
    pub since: i64,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Migration that brought it.
    pub since: i64,
    /// Whether backups hold it.
    pub keep: Keep,
    /// Its columns.
    pub columns: Vec<Column>,
}

/// What a backup does with a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Holds it.
    Rows,
    /// Holds it; a migration writes its first rows, so that they do not mean that a centre is in use.
    Seeded,
    /// Leaves it out: a restored centre must not have it.
    Not,
}

use Keep::{Not, Rows, Seeded};

/// Migration, name, what is kept, columns. `*` marks the primary key; `i`, `b`, `t` are integers, bytes and text; `?`
/// may be empty; `@7` came with migration 7. A table stands after those it refers to.
const TABLES: &[(i64, &str, Keep, &str)] = &[
    (1, "round", Rows, "*id:b mode:i state:t draft:t package:b? package_hash:b? turn:i@5"),
    (1, "unit", Rows, "*round:b *code:t turn:i permits:b? published:i?"),
    (1, "sheet", Rows, "*round:b *unit:t *hash:b bytes:b"),
    (1, "replacement", Rows, "*round:b *unit:t *number:i bytes:b"),
    (1, "invite", Rows, "*secret_hash:b round:b label:t scope:t device:b?"),
    (1, "device", Rows, "*round:b *id:b label:t certificate:b revocation:b?"),
    (1, "device_unit", Rows, "*round:b *unit:t *device:b"),
    (
        1,
        "envelope",
        Rows,
        "*round:b *unit:t *id:b device:b number:i previous:b? sheet:b total:i? ballots:i record_len:i bytes:b",
    ),
    (1, "at_close", Rows, "*round:b *unit:t *envelope:b"),
    (1, "decision", Rows, "*round:b *unit:t *subject:t verdict:t first_person:t second_person:t reason:t"),
    (1, "opening_order", Rows, "*round:b *number:i bytes:b result:b?"),
    (
        2,
        "person",
        Rows,
        "*id:b login:t name:t sort_key:t roles:t unit:t? votes_in:t? officials:t disabled:i version:i password:t \
         must_change:i failures:i locked_until:i second_factor:b? second_factor_on:i second_factor_step:i",
    ),
    // Whoever was signed out must not be signed in again by a restore, and nobody's answer is given twice.
    (2, "session", Not, "*secret_hash:b id:b person:b kind:t label:t began:i used:i ends:i"),
    (2, "answered", Not, "*person:b *request_key:b request:b at:i status:i? answer:b?"),
    (2, "proposal", Rows, "*round:b *unit:t *id:b person:b subject:t verdict:t reason:t"),
    (2, "audit", Rows, "*seq:i at:i actor:t action:t object:t detail:t hash:b"),
    (2, "audit_head", Seeded, "*one:i seq:i hash:b? signed:b?"),
    (3, "statement", Rows, "*round:b *unit:t bytes:b"),
    (3, "left_unpublished", Rows, "*round:b *unit:t first_person:t second_person:t reason:t"),
    (4, "backup_round", Rows, "*backup:b *round:b digest:b verified:i"),
    (6, "backup", Rows, "*id:b taken_at:i name:t size:i digest:b file_digest:b encrypted:i verified:i"),
    (6, "restoration", Rows, "*number:i backup:b taken_at:i restored_at:i"),
    // A restore makes these anew.
    (6, "unheard", Not, "*round:b *unit:t *device:b"),
    // A restore forgets these: it is not known any more what such a tablet holds. The audit log still has them.
    (9, "going_on_without", Not, "*round:b *unit:t *device:b first_person:t second_person:t reason:t"),
    (8, "record_change", Rows, "*round:b *unit:t *actor:b *sequence:i *id:b bytes:b"),
    (8, "record_head", Rows, "*round:b *unit:t *actor:b sequence:i hash:b size:i"),
    // It is made anew when somebody asks.
    (8, "record_summary", Not, "*round:b *unit:t basis:b summary:t"),
    (
        10,
        "notice",
        Rows,
        "*round:b *unit:t *official:t order_number:i name:t post:t plain:t made_on:t due_on:t told_on:t? told_way:t? \
         told_by:t? sent_on:t?@12 sent_way:t?@12 told_at:i?@16",
    ),
    (12, "contact", Rows, "*kind:t *code:t name:t plain:t email:t? phone:t? way:t version:i"),
    (
        12,
        "outbox",
        Rows,
        "*id:b once_key:t kind:t way:t round:b? unit:t? official:t? order_number:i? name:t address:t words:t \
         made_at:i state:t tries:i next_at:i held_by:b? held_until:i done_at:i? why:t?",
    ),
    (
        12,
        "letter_code",
        Rows,
        "*round:b *unit:t *official:t selector:t hash:b order_number:i made_at:i ends_at:i wrong:i used_at:i?",
    ),
    // It is counted anew: what is kept in memory begins with the process.
    (18, "follow_up", Not, "*round:b turn:i"),
    (13, "visit", Rows, "*round:b *unit:t *id:b *revision:i at:i written_by:t content:t"),
    (14, "setting", Rows, "*name:t *revision:i at:i written_by:t content:t"),
    (11, "plan_rule", Rows, "*round:b who:t working_days:i revision:i@16"),
    (
        11,
        "plan",
        Rows,
        "*round:b *unit:t *official:t name:t post:t plain:t owed:i made_on:t due_on:t state:t rank:i ends_on:t? \
         written_on:t? state_on:t?@16",
    ),
    (
        11,
        "plan_attachment",
        Rows,
        "*round:b *unit:t *official:t *id:b name:t kind:t? size:i added_on:t added_by:t",
    ),
    (11, "plan_attachment_piece", Rows, "*round:b *unit:t *official:t *id:b *number:i bytes:b"),
];

/// Every table, each after those it refers to.
pub fn tables() -> &'static [Table] {
    static PARSED: LazyLock<Vec<Table>> = LazyLock::new(|| TABLES.iter().map(parse).collect());
    &PARSED
}

/// The tables that a backup of this schema holds, with the columns they had then.
pub fn kept(schema: i64) -> impl Iterator<Item = Table> {
    let then = move |table: &Table| Table {
        columns: table.columns.iter().filter(|column| column.since <= schema).cloned().collect(),
        ..table.clone()
    };
    tables().iter().filter(move |table| table.since <= schema && table.keep != Not).map(then)
}

impl Table {
    /// Reads every row, by primary key. The key's columns compare byte by byte on every engine.
    pub fn select(&self) -> String {
        format!("SELECT {} FROM {} ORDER BY {}", self.names(), self.name, self.key_names())
    }

    /// Stores a row.
    pub fn insert(&self) -> String {
        let places: Vec<_> = (1..=self.columns.len()).map(|place| format!("${place}")).collect();
        format!("INSERT INTO {} ({}) VALUES ({})", self.name, self.names(), places.join(", "))
    }

    /// Counts the rows.
    pub fn count(&self) -> String {
        format!("SELECT COUNT(*) FROM {}", self.name)
    }

    /// Takes every row away.
    pub fn clear(&self) -> String {
        format!("DELETE FROM {}", self.name)
    }

    fn names(&self) -> String {
        self.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
    }

    fn key_names(&self) -> String {
        self.columns.iter().filter(|c| c.key).map(|column| column.name).collect::<Vec<_>>().join(", ")
    }
}

fn parse((since, name, keep, columns): &(i64, &'static str, Keep, &'static str)) -> Table {
    let columns = columns.split_whitespace().map(|text| parse_column(text, *since)).collect();
    Table { name, since: *since, keep: *keep, columns }
}

fn parse_column(text: &'static str, table_since: i64) -> Column {
    let (text, since) = match text.split_once('@') {
        Some((text, since)) => (text, since.parse().expect("a migration's number stands after @")),
        None => (text, table_since),
    };
    let (name, kind) = text.split_once(':').expect("a column has a type");
    let (name, key) = name.strip_prefix('*').map_or((name, false), |name| (name, true));
    let (kind, optional) = kind.strip_suffix('?').map_or((kind, false), |kind| (kind, true));
    let kind = match kind {
        "i" => Kind::Int,
        "b" => Kind::Bytes,
        "t" => Kind::Text,
        other => panic!("a column's type is i, b or t, not {other}"),
    };
    Column { name, kind, key, optional, since }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use sqlx::{Executor, Row, SqlSafeStr};

    /// What the database says of itself, in the same words.
    async fn found(store: &Store) -> Vec<(String, Vec<(String, Kind, i64, bool)>)> {
        let mut db = store.reader().await.unwrap();
        let names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name \
                     NOT LIKE '_sqlx_%' ORDER BY name";
        let names: Vec<String> =
            db.fetch_all(names).await.unwrap().iter().map(|row| row.try_get(0).unwrap()).collect();
        let mut all = Vec::new();
        for name in names {
            let ask = format!("PRAGMA table_info({name})");
            let rows = db.fetch_all(sqlx::AssertSqlSafe(ask).into_sql_str()).await.unwrap();
            let columns = rows.iter().map(|row| {
                let kind = match row.try_get::<String, _>("type").unwrap().as_str() {
                    "BIGINT" => Kind::Int,
                    "BLOB" => Kind::Bytes,
                    "TEXT" => Kind::Text,
                    other => panic!("{name} has a column of type {other}"),
                };
                let optional = row.try_get::<i64, _>("notnull").unwrap() == 0;
                (row.try_get("name").unwrap(), kind, row.try_get::<i64, _>("pk").unwrap(), optional)
            });
            let mut columns: Vec<(String, Kind, i64, bool)> = columns.collect();
            columns.sort_by(|a, b| a.0.cmp(&b.0));
            all.push((name, columns));
        }
        all
    }

    #[tokio::test]
    async fn no_table_and_no_column_is_forgotten_by_a_backup() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), None).await.unwrap();
        let mut listed: Vec<_> = tables()
            .iter()
            .map(|table| {
                let mut place = 0;
                let mut columns: Vec<_> = table
                    .columns
                    .iter()
                    .map(|c| {
                        place += i64::from(c.key);
                        (c.name.to_owned(), c.kind, if c.key { place } else { 0 }, c.optional)
                    })
                    .collect();
                columns.sort_by(|a, b| a.0.cmp(&b.0));
                (table.name.to_owned(), columns)
            })
            .collect();
        listed.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(
            found(&store).await,
            listed,
            "a table or column needs its place in TABLES, and its decision"
        );
    }

    #[tokio::test]
    async fn every_query_of_every_table_prepares() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), None).await.unwrap();
        let mut db = store.reader().await.unwrap();
        for table in tables() {
            for query in [table.select(), table.insert(), table.count(), table.clear()] {
                let text = sqlx::AssertSqlSafe(query.clone()).into_sql_str();
                db.prepare(text).await.unwrap_or_else(|error| panic!("{query}: {error}"));
            }
        }
    }

    #[test]
    fn an_older_schema_has_only_the_tables_and_columns_it_had() {
        assert!(kept(1).all(|table| table.since == 1 && table.name != "person"));
        assert!(kept(6).any(|table| table.name == "restoration"));
        assert!(!kept(5).any(|table| table.name == "restoration"));
        assert!(!kept(6).any(|table| table.name == "session"));
        let turn =
            |schema| kept(schema).next().is_some_and(|round| round.columns.iter().any(|c| c.name == "turn"));
        assert!(turn(5) && !turn(4));
        let table = parse(&(1, "t", Rows, "*id:b later:i?@7"));
        assert_eq!(table.columns[1].since, 7);
    }
}
