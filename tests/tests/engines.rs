//! Both database engines: one set of query texts, one shape of tables, and several processes on one PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::Tablet;
use client_ffi::store::FileStore;
use client_ffi::transport::Http;
use homphieu_server::store::QUERIES;
use homphieu_tests::database;
use homphieu_tests::office::{Office, unit};
use homphieu_tests::server::{Server, refused, succeed};
use sqlx::{AnyConnection, Executor, Row, SqlSafeStr};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Barrier, Mutex};
use sync_core::id::EnvelopeId;
use sync_core::survey::HoldReason;

/// Whether this run is on PostgreSQL.
fn on_postgres(office: &Office) -> bool {
    database::of(&office.folder()).is_some()
}

#[test]
fn every_query_prepares_on_the_engine_of_this_run() {
    let office = Office::new();
    office.on_database(async |db: &mut AnyConnection| {
        for query in QUERIES.iter().flat_map(|list| list.iter()) {
            db.prepare(query.into_sql_str()).await.unwrap_or_else(|error| panic!("{query}: {error}"));
        }
    });
}

/// Columns by table: name, whether it is bytes, text or a number, whether it may be missing, place in the key.
type Shape = BTreeMap<String, Vec<(String, String, bool, i64)>>;

const SQLITE_SHAPE: &str = "SELECT m.name AS t, c.name AS c, c.type AS k, c.\"notnull\" AS n, c.pk AS p \
     FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY m.name, c.cid";
const POSTGRES_SHAPE: &str = "SELECT CAST(c.table_name AS TEXT) AS t, CAST(c.column_name AS TEXT) AS c, \
     CAST(c.data_type AS TEXT) AS k, CAST(CASE c.is_nullable WHEN 'NO' THEN 1 ELSE 0 END AS BIGINT) AS n, \
     CAST(COALESCE((SELECT u.ordinal_position FROM information_schema.table_constraints s \
     JOIN information_schema.key_column_usage u ON u.constraint_name = s.constraint_name \
     WHERE s.constraint_type = 'PRIMARY KEY' AND s.table_name = c.table_name AND u.table_name = c.table_name \
     AND u.column_name = c.column_name), 0) AS BIGINT) AS p \
     FROM information_schema.columns c WHERE c.table_schema = 'public' ORDER BY c.table_name, c.ordinal_position";

async fn shape(db: &mut AnyConnection, query: &'static str) -> Shape {
    let mut shape = Shape::new();
    for row in sqlx::query(query).fetch_all(db).await.unwrap() {
        let table: String = row.get("t");
        if table.starts_with("_sqlx") || table.starts_with("sqlite_") {
            continue;
        }
        let kind = match row.get::<String, _>("k").to_lowercase().as_str() {
            "blob" | "bytea" => "bytes",
            "text" => "text",
            "bigint" => "number",
            other => panic!("{table} has a column of the kind {other}"),
        };
        let column = (row.get("c"), kind.to_owned(), row.get::<i64, _>("n") == 0, row.get::<i64, _>("p"));
        shape.entry(table).or_default().push(column);
    }
    shape
}

#[test]
fn the_tables_of_both_engines_have_one_shape() {
    let office = Office::new();
    if !on_postgres(&office) {
        return;
    }
    let ours = office.on_database(async |db: &mut AnyConnection| shape(db, POSTGRES_SHAPE).await);
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().to_owned();
    let sqlite =
        database::on(&format!("sqlite://{}?mode=rwc", other.join("homphieu.db").display()), async |db| {
            homphieu_server::store::Store::open(&other, None).await.unwrap().close().await;
            shape(db, SQLITE_SHAPE).await
        });
    assert!(ours.len() > 10);
    for (table, columns) in &sqlite {
        assert_eq!(ours.get(table), Some(columns), "{table}");
    }
    assert_eq!(ours.keys().collect::<Vec<_>>(), sqlite.keys().collect::<Vec<_>>());
}

/// What indices hold, unique ones and primary keys among them: table, columns in their order, `unique`, and what rows.
type Indices = BTreeSet<(String, Vec<String>, bool, bool)>;

const SQLITE_INDICES: &str = "SELECT m.name AS t, l.name AS i, c.name AS c, l.\"unique\" AS u, l.partial AS p \
     FROM sqlite_master m JOIN pragma_index_list(m.name) l JOIN pragma_index_info(l.name) c \
     WHERE m.type = 'table' ORDER BY l.name, c.seqno";
const POSTGRES_INDICES: &str = "SELECT CAST(t.relname AS TEXT) AS t, CAST(x.relname AS TEXT) AS i, \
     CAST(a.attname AS TEXT) AS c, CAST(CASE WHEN i.indisunique THEN 1 ELSE 0 END AS BIGINT) AS u, \
     CAST(CASE WHEN i.indpred IS NULL THEN 0 ELSE 1 END AS BIGINT) AS p \
     FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid \
     JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = 'public' \
     JOIN pg_attribute a ON a.attrelid = x.oid ORDER BY x.relname, a.attnum";

async fn indices(db: &mut AnyConnection, query: &'static str) -> Indices {
    let mut by_name: BTreeMap<String, (String, Vec<String>, bool, bool)> = BTreeMap::new();
    for row in sqlx::query(query).fetch_all(db).await.unwrap() {
        let table: String = row.get("t");
        let (unique, partial) = (row.get::<i64, _>("u") != 0, row.get::<i64, _>("p") != 0);
        let index = by_name.entry(row.get("i")).or_insert((table, Vec::new(), unique, partial));
        index.1.push(row.get("c"));
    }
    by_name.into_values().filter(|(table, ..)| !table.starts_with("_sqlx")).collect()
}

/// What SQLite keeps unique without an index: the number that is a row's own.
fn row_numbers(shape: &Shape) -> Indices {
    let keyed = shape.iter().filter_map(|(table, columns)| {
        let mut key = columns.iter().filter(|(.., place)| *place > 0);
        let (name, kind, ..) = key.next()?;
        let alone = key.next().is_none() && kind == "number";
        alone.then(|| (table.clone(), vec![name.clone()], true, false))
    });
    keyed.collect()
}

#[test]
fn both_engines_keep_the_same_things_unique_and_index_the_same_columns() {
    let office = Office::new();
    if !on_postgres(&office) {
        return;
    }
    let ours = office.on_database(async |db: &mut AnyConnection| indices(db, POSTGRES_INDICES).await);
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().to_owned();
    let sqlite =
        database::on(&format!("sqlite://{}?mode=rwc", other.join("homphieu.db").display()), async |db| {
            homphieu_server::store::Store::open(&other, None).await.unwrap().close().await;
            let numbers = row_numbers(&shape(db, SQLITE_SHAPE).await);
            indices(db, SQLITE_INDICES).await.union(&numbers).cloned().collect::<Indices>()
        });
    let unique = ours.iter().filter(|(_, _, unique, _)| *unique).count();
    assert!(unique > 10 && ours.len() > unique, "{ours:?}");
    assert_eq!(ours, sqlite);
}

/// Columns of text whose order is not that of their bytes.
const OTHER_ORDER: &str = "SELECT CAST(table_name AS TEXT) AS t, CAST(column_name AS TEXT) AS c \
     FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'text' \
     AND table_name NOT LIKE '\\_sqlx%' AND COALESCE(collation_name, '') <> 'C'";

#[test]
fn text_is_ordered_byte_by_byte_on_both_engines() {
    let office = Office::new();
    let by_bytes: String = office.on_database(async |db: &mut AnyConnection| {
        let query =
            "SELECT CAST(CASE WHEN 'B' < 'a' AND 'z' < 'Đ' COLLATE \"C\" THEN 'yes' ELSE 'no' END AS TEXT)";
        let query = if on_postgres(&office) { query } else { "SELECT 'yes' WHERE 'B' < 'a' AND 'z' < 'Đ'" };
        sqlx::query(query).fetch_one(&mut *db).await.unwrap().get(0)
    });
    assert_eq!(by_bytes, "yes");
    if on_postgres(&office) {
        let others: Vec<(String, String)> = office.on_database(async |db: &mut AnyConnection| {
            let rows = sqlx::query(OTHER_ORDER).fetch_all(db).await.unwrap();
            rows.iter().map(|row| (row.get("t"), row.get("c"))).collect()
        });
        assert_eq!(others, [], "columns without COLLATE \"C\"");
    }
}

#[test]
fn several_that_start_on_an_empty_database_at_once_set_it_up_once() {
    for _ in 0..3 {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("centre");
        // Made before the race, which is about its tables.
        database::of(&folder);
        let start = |login: usize| {
            let login = format!("nguoi{login}");
            let add = ["user", "add", &login, "--name", "x", "--votes-in", "none", "--rated-as", "none"];
            succeed(&folder, &add, "");
        };
        std::thread::scope(|scope| {
            let start = &start;
            let starts: Vec<_> = (0..6).map(|login| scope.spawn(move || start(login))).collect();
            starts.into_iter().for_each(|start| start.join().unwrap());
        });
        let left: Vec<_> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| !name.to_string_lossy().contains("new-")), "{left:?}");
    }
}

#[test]
fn a_database_that_another_key_signed_is_refused() {
    let office = Office::new();
    std::fs::remove_file(office.folder().join("centre.key")).unwrap();
    let said = refused(&office.folder(), &["round", "status"], "");
    assert!(said.contains("centre.key") && said.contains("signed"), "{said}");
}

#[test]
fn a_database_with_another_encoding_is_refused_and_a_setting_of_its_own_is_overruled() {
    let office = Office::new();
    let Some(address) = database::of(&office.folder()) else { return };
    let name: String = office.on_database(async |db: &mut AnyConnection| {
        let query = sqlx::query("SELECT CAST(current_database() AS TEXT)");
        let name: String = query.fetch_one(&mut *db).await.unwrap().get(0);
        for set in [
            format!("CREATE DATABASE {name}_latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"),
            format!("ALTER DATABASE {name} SET synchronous_commit = 'off'"),
            format!("ALTER DATABASE {name} SET statement_timeout = '1ms'"),
        ] {
            db.execute(sqlx::AssertSqlSafe(set).into_sql_str()).await.unwrap();
        }
        name
    });
    succeed(&office.folder(), &["round", "status"], "");
    let latin = address.replacen(&name, &format!("{name}_latin"), 1);
    let said = refused(&office.folder(), &["round", "status", "--database-url", &latin], "");
    assert!(said.contains("server_encoding = LATIN1") && said.contains("UTF8"), "{said}");
}

#[test]
fn an_address_of_another_kind_is_refused_and_a_password_is_not_told() {
    let office = Office::new();
    let said = |url: &str| {
        let output = std::process::Command::new(homphieu_tests::server::program())
            .args(["--data-dir", &office.folder().display().to_string(), "round", "status"])
            .env("HOMPHIEU_DATABASE_URL", url)
            .output()
            .unwrap();
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    for (url, words) in
        [("mysql://u:geheim@h/x", "postgres://"), ("postgres://u:geheim@127.0.0.1:1/x", "cannot be reached")]
    {
        let said = said(url);
        assert!(said.contains(words) && !said.contains("geheim"), "{said}");
    }
}

#[test]
fn a_database_that_a_newer_program_wrote_is_left_alone_and_said() {
    let office = Office::new();
    office.on_database(async |db: &mut AnyConnection| {
        let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                     SELECT version + 1000, 'from days to come', success, checksum, 0 FROM _sqlx_migrations \
                     ORDER BY version DESC LIMIT 1";
        db.execute(newer.into_sql_str()).await.unwrap();
    });
    let said = refused(&office.folder(), &["round", "status"], "");
    assert!(said.contains("newer program (migration 10") && said.contains("backup"), "{said}");
}

#[test]
fn a_server_that_does_not_let_the_centre_in_is_told_from_a_damaged_database() {
    let office = Office::new();
    let Some(address) = database::of(&office.folder()) else { return };
    let name: String = office.on_database(async |db: &mut AnyConnection| {
        let query = sqlx::query("SELECT CAST(current_database() AS TEXT)");
        query.fetch_one(&mut *db).await.unwrap().get(0)
    });
    let wrong = address.replacen(&name, "no_such_database", 1);
    let folder = office.home().join("another");
    let run = |args: &[&str]| {
        let output = std::process::Command::new(homphieu_tests::server::program())
            .args(["--lang", "en", "--data-dir", &folder.display().to_string()])
            .args(args)
            .env("HOMPHIEU_DATABASE_URL", &wrong)
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&said).into_owned())
    };
    let (code, said) = run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("does not let the centre in") && said.contains("no_such_database"), "{said}");
    assert!(!folder.join("centre.key").exists(), "no key is left that a restore would trip over");
    let (code, said) = run(&["doctor"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("`database-url`") && !said.contains("restore from a backup"), "{said}");
}

const TABLETS: usize = 6;
const PER_TABLET: usize = 4;

fn sealed(tablets: &[Mutex<Tablet<FileStore>>]) -> BTreeSet<EnvelopeId> {
    let own = |tablet: &Mutex<Tablet<FileStore>>| {
        let tablet = tablet.lock().unwrap();
        let device = tablet.device().unwrap();
        let replica = tablet.replica(&unit("A")).unwrap();
        let envelopes = replica.envelopes().filter(|envelope| envelope.value().device == device);
        envelopes.map(|envelope| envelope.envelope_id()).collect::<Vec<_>>()
    };
    tablets.iter().flat_map(own).collect()
}

/// Copies a tablet's store, as somebody does who clones it.
fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn held(office: &Office) -> Vec<EnvelopeId> {
    office.on_centre(async |centre| {
        let (_, standings) = centre.standings(&office.round).await.unwrap();
        standings.iter().flat_map(|standing| &standing.facts.envelopes).map(|header| header.id).collect()
    })
}

/// Tablets that have voted, closed and never synchronised.
fn closed(office: &Office, address: &str) -> Vec<Mutex<Tablet<FileStore>>> {
    let tablet = |i: usize| {
        let mut tablet = office.tablet(&format!("t{i}"), &["A"], address);
        office.cast(&mut tablet, "A", i * PER_TABLET..(i + 1) * PER_TABLET);
        tablet.close(&unit("A")).unwrap();
        Mutex::new(tablet)
    };
    (0..TABLETS).map(tablet).collect()
}

#[test]
fn two_servers_on_one_database_take_the_same_envelopes_at_once_and_keep_each_once() {
    let office = Office::new();
    let servers = [Server::start(&office.folder()), Server::start(&office.folder())];
    let tablets = closed(&office, &servers[0].address);
    // Every tablet delivers to both at the same time: the envelopes are the same, the processes are not.
    std::thread::scope(|scope| {
        for tablet in &tablets {
            let parcels = tablet.lock().unwrap().hand_over(&unit("A")).unwrap();
            for server in &servers {
                let parcels = parcels.clone();
                let office = &office;
                scope.spawn(move || {
                    let name = format!(
                        "carrier{}{}",
                        server.address.len(),
                        homphieu_server::service::random::<4>().map(|b| format!("{b:02x}")).concat()
                    );
                    let mut carrier = office.tablet(&name, &["A"], &server.address);
                    for parcel in &parcels {
                        carrier.take(parcel).unwrap();
                    }
                    carrier.sync(&Http::new(&server.address)).unwrap();
                });
            }
        }
    });
    let mut there = held(&office);
    there.sort_unstable();
    assert_eq!(there, sealed(&tablets).into_iter().collect::<Vec<_>>(), "each is there once");
}

/// Why each envelope of the round is held, by envelope.
fn reasons(office: &Office) -> BTreeMap<EnvelopeId, BTreeSet<HoldReason>> {
    office.on_centre(async |centre| {
        let (_, standings) = centre.standings(&office.round).await.unwrap();
        standings.iter().flat_map(|standing| standing.survey.held.clone()).collect()
    })
}

#[test]
fn twins_that_reach_two_servers_at_once_are_both_kept_and_both_held() {
    let office = Office::new();
    let servers = [Server::start(&office.folder()), Server::start(&office.folder())];
    // Each tablet and its copy seal other ballots under the same number, and close.
    let pair = |i: usize| {
        let name = format!("t{i}");
        drop(office.tablet(&name, &["A"], &servers[0].address));
        let copy = office.home().join(format!("{name}-copy"));
        copy_folder(&office.home().join(&name), &copy);
        let open = |folder: &Path, voter: usize| {
            let mut tablet = Tablet::open(FileStore::open(folder).unwrap()).unwrap();
            office.cast(&mut tablet, "A", voter..voter + 1);
            tablet.close(&unit("A")).unwrap();
            Mutex::new(tablet)
        };
        [open(&office.home().join(&name), 2 * i), open(&copy, 2 * i + 1)]
    };
    let pairs: Vec<[Mutex<Tablet<FileStore>>; 2]> = (0..TABLETS).map(pair).collect();
    let start = Barrier::new(2 * TABLETS);
    std::thread::scope(|scope| {
        for (tablet, server) in pairs.iter().flat_map(|pair| pair.iter().zip(&servers)) {
            let start = &start;
            scope.spawn(move || {
                let mut tablet = tablet.lock().unwrap();
                start.wait();
                tablet.sync(&Http::new(&server.address)).unwrap();
                assert_eq!(tablet.counts(&unit("A")).confirmed, 1, "each has its receipt");
            });
        }
    });
    let held_twice: BTreeMap<_, _> = reasons(&office);
    let all: BTreeSet<EnvelopeId> = held(&office).into_iter().collect();
    assert_eq!(all.len(), 2 * TABLETS, "both of each pair are kept");
    assert_eq!(held_twice.keys().copied().collect::<BTreeSet<_>>(), all, "and neither counts by itself");
    let cloned = |reasons: &BTreeSet<HoldReason>| reasons.contains(&HoldReason::ClonedTablet);
    assert!(held_twice.values().all(cloned), "{held_twice:?}");
}

#[test]
fn an_envelope_that_meets_the_close_of_its_tablet_at_another_server_is_judged_alike_whoever_wins() {
    let office = Office::new();
    let servers = [Server::start(&office.folder()), Server::start(&office.folder())];
    let tablets: Vec<_> = (0..TABLETS)
        .map(|i| {
            let mut tablet = office.tablet(&format!("t{i}"), &["A"], &servers[0].address);
            // A copy from before the close goes on voting and seals beyond it.
            office.cast(&mut tablet, "A", 3 * i..3 * i + 1);
            let copy = office.home().join(format!("t{i}-copy"));
            copy_folder(&office.home().join(format!("t{i}")), &copy);
            tablet.close(&unit("A")).unwrap();
            let mut copy = Tablet::open(FileStore::open(&copy).unwrap()).unwrap();
            office.cast(&mut copy, "A", 3 * i + 1..3 * i + 3);
            for parcel in tablet.hand_over(&unit("A")).unwrap() {
                copy.take(&parcel).unwrap();
            }
            copy.close(&unit("A")).unwrap();
            [Mutex::new(tablet), Mutex::new(copy)]
        })
        .collect();
    let start = Barrier::new(2 * TABLETS + 1);
    std::thread::scope(|scope| {
        for (tablet, server) in tablets.iter().flat_map(|pair| pair.iter().zip(&servers)) {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                tablet.lock().unwrap().sync(&Http::new(&server.address)).unwrap();
            });
        }
        // A third process asks meanwhile, and must never be told of an envelope beyond the close as a good one.
        start.wait();
        office.on_centre(async |centre| {
            let (_, standings) = centre.standings(&office.round).await.unwrap();
            for standing in &standings {
                for header in &standing.facts.envelopes {
                    let closed = standing.facts.envelopes.iter().any(|other| {
                        other.device == header.device && other.total.is_some() && other.number < header.number
                    });
                    assert_eq!(standing.survey.held.contains_key(&header.id), closed, "{header:?}");
                }
            }
        });
    });
    let beyond = reasons(&office);
    assert_eq!(held(&office).len(), 2 * TABLETS);
    assert_eq!(beyond.len(), TABLETS, "the good ones are not held: {beyond:?}");
    assert!(beyond.values().all(|reasons| reasons.contains(&HoldReason::BeyondClose)), "{beyond:?}");
}

#[test]
fn closing_while_envelopes_arrive_at_another_process_loses_and_doubles_nothing() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let tablets = closed(&office, &server.address);
    std::thread::scope(|scope| {
        for tablet in &tablets {
            scope.spawn(|| tablet.lock().unwrap().sync(&Http::new(&server.address)).unwrap());
        }
        for _ in 0..3 {
            office.on_centre(async |centre| {
                centre.close_round(&office.round).await.unwrap();
                centre.open_round(&office.round).await.unwrap();
            });
        }
        office.on_centre(async |centre| centre.close_round(&office.round).await.unwrap());
    });
    assert_eq!(held(&office).into_iter().collect::<BTreeSet<_>>(), sealed(&tablets));
    for tablet in &tablets {
        assert_eq!(tablet.lock().unwrap().counts(&unit("A")).confirmed, PER_TABLET, "and was confirmed");
    }
}

/// Tablets deliver to two servers while one of them is killed once `after` tablets have their answer.
fn killed(victim: usize, after: usize) {
    let office = Office::new();
    let mut servers = [Server::start(&office.folder()), Server::start(&office.folder())];
    let tablets = closed(&office, &servers[0].address);
    let addresses = servers.each_ref().map(|server| server.address.clone());
    let (done, answered) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        for (i, tablet) in tablets.iter().enumerate() {
            let (address, done) = (&addresses[i % 2], done.clone());
            scope.spawn(move || {
                // Whoever meets a dead server tries again later; nothing is asked of this attempt.
                drop(tablet.lock().unwrap().sync(&Http::new(address)));
                done.send(()).unwrap();
            });
        }
        (0..after).for_each(|_| answered.recv().unwrap());
        servers[victim].kill();
    });
    let there: BTreeSet<_> = held(&office).into_iter().collect();
    for tablet in &tablets {
        let confirmed = tablet.lock().unwrap().replica(&unit("A")).unwrap().confirmed();
        assert!(confirmed.is_subset(&there), "what was confirmed is there");
    }
    servers[victim] = Server::start(&office.folder());
    for (i, tablet) in tablets.iter().enumerate() {
        tablet.lock().unwrap().sync(&Http::new(&servers[i % 2].address)).unwrap();
    }
    assert_eq!(held(&office).len(), sealed(&tablets).len());
    assert_eq!(held(&office).into_iter().collect::<BTreeSet<_>>(), sealed(&tablets));
}

#[test]
fn either_of_two_servers_may_be_killed_at_any_time() {
    for (victim, after) in [(0, 0), (1, 1), (0, TABLETS / 2), (1, TABLETS - 1)] {
        killed(victim, after);
    }
}

#[test]
fn two_orders_made_at_once_never_have_one_number() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    for tablet in closed(&office, &server.address) {
        tablet.into_inner().unwrap().sync(&Http::new(&server.address)).unwrap();
    }
    office.on_centre(async |centre| centre.close_round(&office.round).await.unwrap());
    let made: Vec<Result<u32, String>> = std::thread::scope(|scope| {
        let make = || {
            office.on_centre(async |centre| {
                let order = centre.make_order(&office.round).await;
                order.map(|order| order.value().number).map_err(|error| error.code().to_owned())
            })
        };
        let racing: Vec<_> = (0..4).map(|_| scope.spawn(make)).collect();
        racing.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let refused = Err("result_missing".to_owned());
    assert_eq!(made.iter().filter(|order| **order == Ok(1)).count(), 1, "{made:?}");
    assert_eq!(made.iter().filter(|order| **order == refused).count(), 3, "{made:?}");
}
