//! Which engine a run of the tests uses: SQLite, or PostgreSQL where `HOMPHIEU_TEST_DATABASE` names a server on which
//! databases may be made (`postgres://…/postgres?…`; `cargo xtask test` starts one). Every centre gets a database of
//! its own.

use sqlx::{AnyConnection, Connection, Executor, SqlSafeStr};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

static MADE: Mutex<BTreeMap<PathBuf, String>> = Mutex::new(BTreeMap::new());

/// Address of the PostgreSQL database of the centre in a folder, made when first asked for; nothing for SQLite.
///
/// # Panics
/// If it cannot be made.
pub fn of(folder: &Path) -> Option<String> {
    let server = std::env::var("HOMPHIEU_TEST_DATABASE").ok().filter(|server| !server.is_empty())?;
    let mut made = MADE.lock().expect("no holder panics");
    if let Some(address) = made.get(folder) {
        return Some(address.clone());
    }
    let random: String =
        homphieu_server::service::random::<8>().iter().map(|byte| format!("{byte:02x}")).collect();
    let name = format!("homphieu_{random}");
    let create = format!("CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0");
    let address = server.replacen("/postgres?", &format!("/{name}?"), 1);
    assert_ne!(address, server, "the server's address ends with /postgres?…");
    on(&server, async |db: &mut AnyConnection| {
        db.execute(sqlx::AssertSqlSafe(create).into_sql_str()).await.expect("a fresh database");
    });
    made.insert(folder.to_owned(), address.clone());
    Some(address)
}

/// The database of the centre in a folder is lost with its disk: the next one asked for is a fresh one.
///
/// # Panics
/// If another test panicked over it.
pub fn lose(folder: &Path) {
    MADE.lock().expect("no holder panics").remove(folder);
}

/// Address of the centre's database, whichever engine it is.
pub fn address(folder: &Path) -> String {
    of(folder).unwrap_or_else(|| format!("sqlite://{}", folder.join("homphieu.db").display()))
}

/// Does something on a connection, in a thread and runtime of its own.
///
/// # Panics
/// If there is no connection.
pub fn on<T: Send>(address: &str, work: impl AsyncFnOnce(&mut AnyConnection) -> T + Send) -> T {
    sqlx::any::install_default_drivers();
    std::thread::scope(|scope| {
        let done = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let mut connection = AnyConnection::connect(address).await.expect("a database");
                let done = work(&mut connection).await;
                connection.close().await.expect("closed");
                done
            })
        });
        done.join().expect("the work is done")
    })
}
