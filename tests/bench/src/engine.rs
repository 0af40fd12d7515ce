//! Which database a workload's centre uses, and what the database server cost meanwhile.

use super::Result;
use super::process::cpu_ms_of_tree;
use sqlx::{AnyConnection, Connection, Executor, Row, SqlSafeStr};

/// The engine under measurement.
#[derive(Debug, Clone)]
pub enum Engine {
    /// A file in the centre's folder.
    Sqlite,
    /// A server on which every centre gets a database of its own.
    Postgres(Server),
}

/// A PostgreSQL server.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its address, which ends with `/postgres?…`.
    pub address: String,
    /// Process id of its first process.
    pub process: u32,
}

impl Engine {
    /// As which peer its lines are named.
    pub fn peer(&self) -> &'static str {
        match self {
            Self::Sqlite => "homphieu",
            Self::Postgres(_) => "homphieu-pg",
        }
    }

    /// Address of a fresh database; nothing for SQLite.
    pub async fn fresh(&self) -> Result<Option<String>> {
        let Self::Postgres(server) = self else { return Ok(None) };
        sqlx::any::install_default_drivers();
        let random: [u8; 8] = homphieu_server::service::random();
        let name = format!("bench_{}", random.map(|byte| format!("{byte:02x}")).concat());
        let mut connection = AnyConnection::connect(&server.address).await?;
        let create = format!("CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0");
        connection.execute(sqlx::AssertSqlSafe(create).into_sql_str()).await?;
        connection.close().await?;
        Ok(Some(server.address.replacen("/postgres?", &format!("/{name}?"), 1)))
    }

    /// CPU time of the database server so far in milliseconds; SQLite is part of the centre.
    pub fn cpu_ms(&self) -> Result<f64> {
        match self {
            Self::Sqlite => Ok(0.0),
            Self::Postgres(server) => cpu_ms_of_tree(server.process),
        }
    }

    /// Bytes of a database; nothing for SQLite, whose file lies in the centre's folder.
    pub async fn size(&self, database: Option<&str>) -> Result<u64> {
        let Some(database) = database else { return Ok(0) };
        let mut connection = AnyConnection::connect(database).await?;
        let row =
            sqlx::query("SELECT pg_database_size(current_database())").fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(u64::try_from(row.try_get::<i64, _>(0)?)?)
    }
}
