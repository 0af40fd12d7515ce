//! The floor: the same stack storing the same bytes, a row per device with fsync, and nothing else. `floor-signed`
//! adds what no honest centre can leave out: two strict verifications and one signature a POST.

use super::Result;
use super::process::{Served, own_cpu_ms};
use super::report::Line;
use super::wire;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection, Row};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Mutex;

const DEVICES: usize = 207;
const PAYLOAD: usize = 40 * super::round::BALLOT;
const SIGNATURES: usize = 2 * 64;
/// The keys of the floor are known to both sides: it measures work, not trust.
const SEED: [u8; 32] = [7; 32];

struct Floor {
    db: Mutex<SqliteConnection>,
    key: SigningKey,
    public: VerifyingKey,
    signed: bool,
}

/// Serves the floor until it is killed.
pub fn serve(folder: &Path, signed: bool) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let options = SqliteConnectOptions::new()
            .filename(folder.join("floor.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let mut db = SqliteConnection::connect_with(&options).await?;
        sqlx::query("CREATE TABLE envelopes (id INTEGER PRIMARY KEY, v BLOB)").execute(&mut db).await?;
        let key = SigningKey::from_bytes(&SEED);
        let floor = Floor { db: Mutex::new(db), public: key.verifying_key(), key, signed };
        let app = Router::new().route("/blob", post(store)).with_state(Arc::new(floor));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("http://{}", listener.local_addr()?);
        axum::serve(listener, app).await?;
        Ok(())
    })
}

async fn store(State(floor): State<Arc<Floor>>, body: Bytes) -> std::result::Result<Vec<u8>, String> {
    let failed = |error: &dyn std::fmt::Display| error.to_string();
    if floor.signed {
        let (signatures, payload) = body.split_at_checked(SIGNATURES).ok_or("too short")?;
        for signature in signatures.chunks(64) {
            let signature = Signature::from_slice(signature).map_err(|e| failed(&e))?;
            floor.public.verify_strict(payload, &signature).map_err(|e| failed(&e))?;
        }
    }
    let mut db = floor.db.lock().await;
    let mut tx = db.begin().await.map_err(|e| failed(&e))?;
    sqlx::query("INSERT INTO envelopes (v) VALUES ($1)")
        .bind(&body[..])
        .execute(&mut *tx)
        .await
        .map_err(|e| failed(&e))?;
    tx.commit().await.map_err(|e| failed(&e))?;
    drop(db);
    Ok(if floor.signed { floor.key.sign(&body[..64]).to_bytes().to_vec() } else { b"ok".to_vec() })
}

/// `district` on the floor: 207 POSTs of 40 × 112 bytes.
pub fn district(signed: bool) -> Result<Line> {
    let folder = tempfile::tempdir()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("floor").arg(folder.path());
    if signed {
        command.arg("--signed");
    }
    let key = SigningKey::from_bytes(&SEED);
    let bodies: Vec<Vec<u8>> = (0..DEVICES)
        .map(|_| {
            let payload: [u8; PAYLOAD] = homphieu_server::service::random();
            let signature = key.sign(&payload).to_bytes();
            [&signature[..], &signature, &payload].concat()
        })
        .collect();
    let server = Served::start(&mut command)?;
    let (cpu, own_cpu, begun) = (server.cpu_ms()?, own_cpu_ms(), Instant::now());
    let (_, traffic) = wire::all(bodies, |body| wire::post(&server.address, "/blob", &body))?;
    let mut line = Line::new(if signed { "floor-signed" } else { "floor-blob" }, "district");
    line.t_durable = begun.elapsed().as_secs_f64() * 1e3;
    line.t_all = line.t_durable;
    line.srv_cpu_ms = server.cpu_ms()? - cpu;
    line.srv_push_cpu_ms = line.srv_cpu_ms;
    line.cli_cpu_ms = own_cpu_ms() - own_cpu;
    line.srv_peak_rss = server.peak_rss()?;
    line.srv_start_rss = server.start_rss();
    line.up = traffic.up;
    line.push_up = traffic.up;
    line.down = traffic.down;
    line.conns = traffic.requests;
    line.payload = (DEVICES * PAYLOAD) as u64;
    server.kill()?;
    (line.disk, line.disk_blocks, line.disk_files) = super::process::disk(folder.path())?;
    line.verified = count(folder.path())? == i64::try_from(DEVICES)?;
    Ok(line)
}

fn count(folder: &Path) -> Result<i64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(folder.join("floor.db"));
        let mut db = SqliteConnection::connect_with(&options).await?;
        let row = sqlx::query("SELECT COUNT(*) FROM envelopes").fetch_one(&mut db).await?;
        Ok(row.try_get(0)?)
    })
}
