//! From a backup to a centre: loaded apart from everything, proved, and only then put in its place.

use super::backup::{put, round_digests};
use super::{Centre, KEY_FILE, Round, file_error, now};
use crate::dump::keys::Opener;
use crate::dump::{DumpError, Entry, Header, Reader};
use crate::error::AppError;
use crate::store::restoration::{self, RestorationRow};
use crate::store::tables::Keep;
use crate::store::{DATABASE_FILE, Store, StoreError, dump, records};
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use sync_core::id::RoundId;
use zeroize::Zeroizing;

/// Folder inside the centre's folder in which a restore is prepared.
pub const PREPARING: &str = "restoring";

/// What a restore, or its rehearsal, showed about a backup.
#[derive(Debug, Clone)]
pub struct Proof {
    /// What the backup says of itself.
    pub header: Header,
    /// Files of the centre's folder.
    pub files: Vec<String>,
    /// Rows of each table; as many were counted in the database.
    pub rows: Vec<(&'static str, u64)>,
    /// What was shown of each round.
    pub rounds: Vec<RoundProof>,
    /// Lines of the audit log, whose chain and signed end stand.
    pub audit_lines: u64,
}

/// What was shown of a round.
#[derive(Debug, Clone)]
pub struct RoundProof {
    /// Its id.
    pub id: uuid::Uuid,
    /// Its title.
    pub title: String,
    /// Signed objects that were opened with the keys they must have; nothing before the package is signed.
    pub envelopes: usize,
    /// Sealed ballots in them.
    pub ballots: usize,
    /// Changes of units' records, whose signatures and hashes were checked.
    pub changes: usize,
    /// Opening orders.
    pub orders: usize,
    /// Whether its last order has an accepted result, which was verified as an outsider would.
    pub counted: bool,
}

/// A restore that was done.
#[derive(Debug, Clone)]
pub struct RestoreReport {
    /// What was shown before anything was put in its place.
    pub proof: Proof,
}

/// What was loaded.
struct Loaded {
    header: Header,
    files: Vec<(String, Zeroizing<Vec<u8>>)>,
    rows: Vec<(&'static str, u64)>,
    rounds: Vec<(RoundId, [u8; 32])>,
}

/// Hears bytes of the file read so far.
pub type ReadProgress<'a> = &'a mut dyn FnMut(u64);

/// Restores a backup into a folder that has no centre yet, and into an empty PostgreSQL database if its address is given.
/// Everything is loaded and proved apart first, as SQLite, for a dump is the same for every engine; then the database
/// takes its place, so that at any moment there is either no centre or a whole one.
///
/// # Errors
/// [`AppError`] with code `not_empty` if there is a centre already. The folder is then as it was.
pub async fn restore(
    file: &Path,
    opener: &Opener,
    (folder, database): (&Path, Option<&str>),
    progress: ReadProgress<'_>,
) -> Result<RestoreReport, AppError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| file_error("cannot prepare", &path, source)
    };
    refuse_used(folder)?;
    // Before anything is made: a file that is no backup leaves no trace.
    drop(Reader::open(opener.unwrap(open(file)?)?, Store::newest_schema())?);
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed(folder))?;
    // Whoever sets up a centre in the folder takes the same lock.
    let lock = File::open(folder).map_err(failed(folder))?;
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::NonBlockingLockExclusive)
        .map_err(|_| AppError::conflict("restoring", "another restore is at work on this folder"))?;
    let preparing = folder.join(PREPARING);
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&preparing).map_err(failed(&preparing))?;
    let scratch = Scratch { path: preparing };
    empty(&scratch.path).map_err(failed(&scratch.path))?;
    let (centre, loaded) = load(file, opener, &scratch.path, progress).await?;
    let proved = async {
        let proof = prove(&centre, &loaded).await?;
        // The last look before anything is put in its place.
        refuse_used(folder)?;
        refuse_other_files(folder, &loaded.files)?;
        if database.is_none() {
            announce(&centre, &loaded.header).await?;
        }
        Ok::<_, AppError>(proof)
    };
    let proof = proved.await;
    centre.close().await;
    let proof = proof?;
    if let Some(address) = database {
        fill_server(file, opener, &scratch.path, address, &loaded).await?;
    }
    for (path, _) in &loaded.files {
        take_place(&scratch.path, folder, path)?;
    }
    if database.is_none() {
        take_place(&scratch.path, folder, DATABASE_FILE)?;
    }
    Ok(RestoreReport { proof })
}

/// Fills an empty database on a server with what was proved apart, in one transaction, and announces it there.
async fn fill_server(
    file: &Path,
    opener: &Opener,
    keys: &Path,
    address: &str,
    proved: &Loaded,
) -> Result<(), AppError> {
    let mut reader = Reader::open(opener.unwrap(open(file)?)?, Store::newest_schema())?;
    let schema = reader.header().schema;
    let store = Store::open_until(keys, Some(address), schema).await?;
    let filled = async {
        let loaded = fill(&mut reader, &store).await?;
        if loaded.rows == proved.rows && loaded.rounds == proved.rounds {
            Ok(())
        } else {
            Err(AppError::from(DumpError::Damaged { what: "the file changed while it was restored" }))
        }
    };
    let filled = filled.await;
    store.close().await;
    filled?;
    let centre = Centre::open_at(keys, Some(address)).await?;
    let announced = announce(&centre, &proved.header).await;
    centre.close().await;
    announced
}

/// Restores a backup into a folder of its own that goes away again, and says what that proved. It is always SQLite: a
/// dump is the same for every engine.
///
/// # Errors
/// [`AppError`] with the first thing that does not stand.
pub async fn rehearse(
    file: &Path,
    opener: &Opener,
    below: &Path,
    progress: ReadProgress<'_>,
) -> Result<Proof, AppError> {
    let name: String = super::random::<8>().iter().map(|byte| format!("{byte:02x}")).collect();
    let scratch = Scratch { path: below.join(format!("homphieu-rehearsal-{name}")) };
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(&scratch.path)
        .map_err(|source| file_error("cannot make the folder", &scratch.path, source))?;
    let (centre, loaded) = load(file, opener, &scratch.path, progress).await?;
    let proof = prove(&centre, &loaded).await;
    centre.close().await;
    proof
}

/// Refuses to work on a folder in which a restore was interrupted before the database took its place.
pub(super) fn refuse_unfinished(folder: &Path, database: Option<&str>) -> Result<(), AppError> {
    // The last thing that takes its place.
    let last = if database.is_some() { KEY_FILE } else { DATABASE_FILE };
    if folder.join(PREPARING).exists() && !folder.join(last).exists() {
        return Err(AppError::conflict(
            "restoring",
            "a restore into this folder is at work or was interrupted: let it end, or run the same `homphieu \
             restore` again",
        ));
    }
    Ok(())
}

/// A folder that goes away again, with the centre's key in it.
struct Scratch {
    path: PathBuf,
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.path)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::error!(
                "{} could not be removed and holds the centre's key: {error}",
                self.path.display()
            );
        }
    }
}

/// Loads a backup into a fresh folder: the database at its own schema, then whatever migrations came since.
async fn load(
    file: &Path,
    opener: &Opener,
    folder: &Path,
    progress: ReadProgress<'_>,
) -> Result<(Centre, Loaded), AppError> {
    let counted = Counted { inner: open(file)?, read: 0, progress };
    let mut reader = Reader::open(opener.unwrap(counted)?, Store::newest_schema())?;
    let store = Store::open_until(folder, None, reader.header().schema).await?;
    let loaded = fill(&mut reader, &store).await;
    store.close().await;
    let loaded = loaded?;
    for (path, bytes) in &loaded.files {
        put(folder, path, bytes)?;
    }
    // Opening brings the tables up to date.
    Ok((Centre::open(folder).await?, loaded))
}

/// Stores everything that a backup holds, in one transaction that is committed only when the digest at its end stands.
async fn fill(reader: &mut Reader<impl Read>, store: &Store) -> Result<Loaded, AppError> {
    let header = reader.header().clone();
    let mut loaded = Loaded { header, files: Vec::new(), rows: Vec::new(), rounds: Vec::new() };
    let mut tx = store.begin_write().await?;
    if dump::schema(&mut tx).await? != loaded.header.schema {
        let detail =
            "a newer version of the program has set this database up already: name a fresh, empty one";
        return Err(AppError::conflict("not_empty", detail));
    }
    if let Some(table) = dump::first_used(&mut tx, loaded.header.schema).await? {
        let detail = format!("the database is in use (there are rows in {table}): restore into an empty one");
        return Err(AppError::conflict("not_empty", detail));
    }
    let mut table = 0;
    // Reading waits for the file in between, which holds up nobody: this process does nothing else.
    while let Some(entry) = reader.next()? {
        match entry {
            Entry::File { path, bytes } => loaded.files.push((path, Zeroizing::new(bytes))),
            Entry::Table(place) => {
                table = place;
                if reader.tables()[place].keep == Keep::Seeded {
                    dump::clear(&mut tx, &reader.tables()[place]).await?;
                }
            }
            Entry::Row(cells) => {
                let stored = dump::insert(&mut tx, &reader.tables()[table], cells).await;
                stored.map_err(does_not_fit)?;
            }
            Entry::TableEnd { rows } => {
                let table = &reader.tables()[table];
                if dump::count(&mut tx, table).await? != rows {
                    return Err(DumpError::Damaged { what: "the number of its rows" }.into());
                }
                loaded.rows.push((table.name, rows));
            }
            Entry::Round { id, digest } => loaded.rounds.push((RoundId(id), digest)),
        }
    }
    if loaded.files.iter().all(|(path, _)| path != KEY_FILE) {
        return Err(DumpError::Damaged { what: "the centre's key is not inside" }.into());
    }
    tx.commit().await.map_err(StoreError::from)?;
    Ok(loaded)
}

/// A row that the database refuses (a key twice, a reference to nothing) is the backup's fault; a full disk is not.
fn does_not_fit(error: StoreError) -> AppError {
    match error {
        StoreError::Sql(sqlx::Error::Database(_)) => {
            DumpError::Damaged { what: "a row does not fit the others" }.into()
        }
        error => error.into(),
    }
}

/// Shows that a loaded centre is whole: everything signed opens under the keys it must have, every round is what the
/// backup says it held, counted rounds verify, and the audit log's chain stands.
async fn prove(centre: &Centre, loaded: &Loaded) -> Result<Proof, AppError> {
    let broken = |what: String| AppError::unprocessable("backup_damaged", what);
    let mut tx = centre.begin().await?;
    let digests = round_digests(&mut tx).await?;
    tx.rollback().await.map_err(StoreError::from)?;
    if digests != loaded.rounds {
        return Err(broken(
            "its rounds are not what the backup says it holds: use another backup".to_owned(),
        ));
    }
    let mut rounds = Vec::new();
    for (id, _) in digests {
        let round = centre.round(&id).await?;
        let mut proof = RoundProof {
            id: id.uuid(),
            title: round.draft.title.clone(),
            envelopes: 0,
            ballots: 0,
            changes: 0,
            orders: 0,
            counted: false,
        };
        if let Some(package) = &round.package {
            if package.value().centre != centre.keys() {
                let detail = format!("round {} was signed with another key than the backup's", id.uuid());
                return Err(broken(detail));
            }
            let bundle = centre.bundle(&id).await?;
            let report = sync_core::verify::verify(&bundle.to_bytes(), &[], &mut |_, _| ())
                .map_err(|error| broken(format!("round {} does not verify: {error}", id.uuid())))?;
            proof.envelopes = report.envelopes;
            proof.ballots = report.ballots;
            proof.orders = report.orders;
            proof.counted = report.orders > 0 && bundle.results.len() == report.orders;
            proof.changes = prove_records(centre, &round).await?;
        }
        rounds.push(proof);
    }
    let audit = centre.verify_audit(None).await?;
    Ok(Proof {
        header: loaded.header.clone(),
        files: loaded.files.iter().map(|(path, _)| path.clone()).collect(),
        rows: loaded.rows.clone(),
        rounds,
        audit_lines: audit.head.seq,
    })
}

/// Shows that the units' records are what their writers signed, and that what is projected from them follows.
async fn prove_records(centre: &Centre, round: &Round) -> Result<usize, AppError> {
    let mut tx = centre.begin().await?;
    let mut changes = 0;
    for entry in &round.signed()?.value().units {
        let (found, heads) = super::record::proved(&mut tx, round, &entry.code).await?;
        if heads != records::heads(&mut tx, &round.id, &entry.code).await? {
            let detail = format!("the record of unit {} is not what the backup says it is", entry.code);
            return Err(AppError::unprocessable("backup_damaged", detail));
        }
        changes += found;
    }
    Ok(changes)
}

/// Lets the restored centre say that it was restored.
async fn announce(centre: &Centre, header: &Header) -> Result<(), AppError> {
    let row = RestorationRow { backup: header.id, taken_at: header.taken_at, restored_at: now() };
    let mut tx = centre.begin_write().await?;
    restoration::note(&mut tx, &row).await?;
    let taken = time::OffsetDateTime::from_unix_timestamp(header.taken_at).ok();
    let taken = taken.and_then(|at| at.format(&time::format_description::well_known::Rfc3339).ok());
    let taken = taken.unwrap_or_else(|| header.taken_at.to_string());
    let detail = format!("taken at {taken} by version {}", header.program);
    centre.commit(tx, "centre_restored", header.id, detail).await
}

/// Refuses a folder that has a centre.
fn refuse_used(folder: &Path) -> Result<(), AppError> {
    if folder.join(DATABASE_FILE).exists() {
        let detail = format!(
            "there is a centre in {}: a restore never overwrites one. Name an empty folder with --data-dir, or move \
             this one away first",
            folder.display()
        );
        return Err(AppError::conflict("not_empty", detail));
    }
    Ok(())
}

/// Refuses a folder in which a file of the backup lies with other content.
fn refuse_other_files(folder: &Path, files: &[(String, Zeroizing<Vec<u8>>)]) -> Result<(), AppError> {
    for (path, bytes) in files {
        let there = folder.join(path);
        match std::fs::read(&there).map(Zeroizing::new) {
            Ok(found) if found == *bytes => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Ok(_) => {
                let detail = format!(
                    "{} is there with other content than in the backup: move it away, or restore into an empty folder",
                    there.display()
                );
                return Err(AppError::conflict("not_empty", detail));
            }
            Err(source) => return Err(file_error("cannot read", &there, source)),
        }
    }
    Ok(())
}

/// Moves a prepared file to its place, durably.
fn take_place(from: &Path, to: &Path, path: &str) -> Result<(), AppError> {
    let target = to.join(path);
    let failed = |source| file_error("cannot put in its place", &target, source);
    if let Some(parent) = target.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(failed)?;
    }
    std::fs::rename(from.join(path), &target).map_err(failed)?;
    super::backup::sync_folder(&target).map_err(failed)
}

/// Takes away what an interrupted restore left.
fn empty(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            std::fs::remove_dir_all(entry.path())?;
        } else {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn open(file: &Path) -> Result<File, AppError> {
    File::open(file).map_err(|source| file_error("cannot read", file, source))
}

/// A stream that says how much of it was read.
struct Counted<'a, R> {
    inner: R,
    read: u64,
    progress: ReadProgress<'a>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(bytes)?;
        self.read += read as u64;
        (self.progress)(self.read);
        Ok(read)
    }
}
