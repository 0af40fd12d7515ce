//! Twenty years of notices, as a district of five thousand officials would have them, or one where nobody ever stays.

use crate::office::Office;
use sqlx::{AnyConnection, Executor, SqlSafeStr};

/// A notice as it is filled in, by its number; what a query should find is worked out from this.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Filled {
    /// Day on which it is due.
    pub due_on: String,
    /// The unit.
    pub unit: &'static str,
    /// Code of the official.
    pub official: String,
    /// The round.
    pub round: [u8; 16],
    /// Whether it is not known that they were told.
    pub open: bool,
    /// Whether they were told after the due day.
    pub late: bool,
    /// By what it is found.
    pub plain: String,
}

const ROUND: &str = "INSERT INTO round (id, mode, state, draft, turn) SELECT $1, mode, state, draft, 0 FROM round \
     WHERE id = $2";
const UNITS: &str = "INSERT INTO unit (round, code, turn) SELECT $1, code, 0 FROM unit WHERE round = $2";
/// Each notice's number gives everything else, and a name comes again after so many. One in fifty was never told, one in
/// fifty late.
const NOTICES: &str = "INSERT INTO notice (round, unit, official, order_number, name, post, plain, made_on, due_on, \
     told_on, told_way, told_by) WITH RECURSIVE numbers (n) AS (SELECT CAST($2 AS BIGINT) UNION ALL SELECT n + 1 \
     FROM numbers WHERE n + 1 < $3), days AS (SELECT n, CAST(n % CAST($5 AS BIGINT) AS TEXT) AS person, \
     CAST($4 AS TEXT) || '-' || CAST(10 + n % 3 AS TEXT) || '-' || CAST(10 + n % 18 AS TEXT) AS due FROM numbers) SELECT $1, CASE n % 3 WHEN 0 THEN 'A' WHEN 1 THEN 'S' ELSE \
     'T' END, 'CB' || person, 1, 'Vàng Mí ' || person, 'Bí thư', 'vang mi ' || person || ' bi thu cb' || person, \
     due, due, CASE n % 50 WHEN 0 THEN NULL WHEN 1 THEN '2099-01-01' ELSE due END, \
     CASE n % 50 WHEN 0 THEN NULL ELSE 'paper' END, CASE n % 50 WHEN 0 THEN NULL ELSE 'lan' END FROM days";

/// Fills the centre of an office with so many rounds, a year each up to 2029, of so many notices each, of so many people
/// in all.
///
/// # Panics
/// If the database refuses it.
pub fn fill(office: &Office, rounds: u16, each: u32, people: u32) -> Vec<Filled> {
    let mut all = Vec::new();
    for place in 0..rounds {
        let mut round = [0xee; 16];
        round[..2].copy_from_slice(&place.to_be_bytes());
        let year = 2030 - rounds + place;
        let (from, to) = (u32::from(place) * each, (u32::from(place) + 1) * each);
        let own = office.round.0.to_vec();
        office.on_database(async move |db: &mut AnyConnection| {
            for query in [ROUND, UNITS] {
                let query = sqlx::query(query).bind(round.to_vec()).bind(own.clone());
                query.execute(&mut *db).await.expect("a copy of the round");
            }
            let query = sqlx::query(NOTICES).bind(round.to_vec()).bind(i64::from(from)).bind(i64::from(to));
            let query = query.bind(year.to_string()).bind(i64::from(people));
            query.execute(&mut *db).await.expect("notices");
        });
        all.extend((from..to).map(|n| Filled {
            due_on: format!("{year}-{}-{}", 10 + n % 3, 10 + n % 18),
            unit: ["A", "S", "T"][n as usize % 3],
            official: format!("CB{}", n % people),
            round,
            open: n % 50 == 0,
            late: n % 50 == 1,
            plain: format!("vang mi {0} bi thu cb{0}", n % people),
        }));
    }
    office.on_database(async |db: &mut AnyConnection| {
        // As a database does by itself after a while.
        db.execute("ANALYZE".into_sql_str()).await.expect("statistics");
    });
    all.sort();
    all
}
