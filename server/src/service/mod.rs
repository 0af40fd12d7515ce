//! What the centre does, for the command line and for HTTP alike: load, let the domain decide, store.

mod actor;
mod answers;
mod audit;
mod backup;
mod board;
mod comparison;
mod contacts;
mod counting;
mod deciding;
mod documents;
mod drafting;
mod enrolment;
mod envelopes;
mod evidence;
mod finish;
mod letters;
mod listing;
mod notices;
mod orphans;
mod outbox;
mod oversight;
mod password;
mod people;
mod periodic;
mod plans;
mod printing;
mod reach;
mod record;
mod replacing;
mod restoration;
mod restore;
mod sessions;
mod setup;
mod shelf;
mod standing;
mod sync;
mod tallies;
mod writer;

pub use actor::Actor;
pub use answers::Earlier;
pub use audit::AuditReport;
pub use backup::{
    BackupPlan, BackupProgress, BackupReport, BackupState, Dumped, Folder, Piece, Planned, check_backup,
};
pub use board::{Board, BoardUnit};
pub use comparison::{Compared, PublishedRound};
pub use contacts::ContactsImported;
pub use counting::{MadeOrder, Obstructed, PublishReport, UnitOutcome};
pub use deciding::Proposal;
pub use documents::{SetFile, Wanted, WantedYear, YearFormat};
pub use drafting::{Drafted, Drafting, UnitSheet};
pub use enrolment::InviteScope;
pub use envelopes::{EnvelopeFact, TabletEnvelopes};
pub use evidence::UnitHolds;
pub use finish::Ending;
pub(crate) use finish::not_at_its_end;
pub use letters::{LETTERS_MAX, Letter, LetterSearch, Opened};
pub use listing::RoundSummary;
pub(crate) use notices::calendar_of;
pub use notices::{DAYS_OFF_FILE, SendingNotices};
pub use orphans::OrphansTaken;
pub use outbox::{Claimed, Enqueued, Sent};
pub use oversight::{
    FindingLine, Overseen, Oversight, ReasonLine, RoundTrend, UnitOversight, VisitsLine, oversight_table,
};
pub use people::{FIRST_LOGIN, PAGE_MAX, PeopleSearch, Profile};
pub use periodic::{Reminded, Reminding, StepGuidance};
pub use plans::{FilePiece, PlanDetail, PlanRule, PlanSaid, PlanText, ProgressDetail, VersionDetail};
pub use printing::DrawnSlips;
pub use record::{Explained, FindingSummary, Rebuilt, RecordSummary, Settlement, SignedMinutes, UnitRecord};
pub use replacing::{SheetCorrection, SheetPreview};
pub use restoration::{Restoration, Unheard};
pub use restore::{PREPARING as RESTORING, Proof, RestoreReport, RoundProof, rehearse, restore};
pub use sessions::{FactorSetup, IDLE_SECONDS, SESSION_SECONDS, SessionSecret, SignedIn, TOKEN_DAYS_MAX};
pub use setup::Slips;
pub use standing::UnitStatus;
pub use sync::Asked;
pub use tallies::Tallies;

use crate::domain::draft::Draft;
use crate::domain::state::RoundState;
use crate::error::AppError;
use crate::store::restoration::Tablet;
use crate::store::{Db, Engine, Store, StoreError, follow_up, rounds, units};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};
use sync_core::ballot::BoxSecret;
use sync_core::centre::Checked;
use sync_core::cose::{PublicKey, SecretKey, Signed};
use sync_core::device::Scope;
use sync_core::id::{DeviceId, PackageHash, RoundId};
use sync_core::package::{CentreKeys, Package};
use zeroize::Zeroizing;

/// A centre: its folder, keys and database. Each handle on it acts for somebody ([`Actor`]); at first for whoever
/// opened the folder.
#[derive(Clone)]
pub struct Centre {
    inner: Arc<Inner>,
    actor: Actor,
}

struct Inner {
    folder: PathBuf,
    sign: SecretKey,
    /// Opens record changes that were sealed to the centre on their way.
    seal: Zeroizing<[u8; 32]>,
    seal_public: [u8; 32],
    store: Store,
    writer: writer::Writer,
    /// What never changes once signed, so reading it again would give the same.
    signed_rounds: RwLock<BTreeMap<PackageHash, Arc<SignedRound>>>,
    certified: RwLock<BTreeMap<(RoundId, DeviceId), Arc<Certified>>>,
    /// Record changes whose signatures were checked.
    checked: RwLock<Checked>,
    /// Units' records that were read before.
    records: record::Records,
    /// When a write last showed that it would do.
    could_write: tokio::sync::Mutex<Option<Instant>>,
    /// Tablets not heard from since a restore; none in a centre that never was restored.
    unheard: RwLock<BTreeSet<Tablet>>,
    backups: backup::Health,
    /// Sends messages, where this process does.
    sending: std::sync::Mutex<Option<tokio::task::JoinHandle<()>>>,
    /// What reminds people of what is due, while this process serves.
    reminding: std::sync::Mutex<Option<tokio::task::JoinHandle<()>>>,
    /// Boards as they were last worked out, and when devices were last heard.
    boards: board::Boards,
    /// Published figures as they were last put together.
    figures: comparison::Kept,
    /// What records and results of rounds showed.
    found: oversight::Kept,
    /// How notices and plans of rounds stood when they were last counted.
    tallies: tallies::Kept,
    /// Rounds as the inspection committee last saw them.
    overseen: oversight::Looked,
    /// Rounds as lists show them.
    listed: listing::Kept,
    /// Tells this run of the program from others where it writes in records.
    run: [u8; 8],
}

/// How long it counts that a write would have done.
const ASKED_AGAIN: Duration = Duration::from_secs(1);

/// Free bytes below which the disk counts as full: a few of the largest requests. A small write may still succeed in
/// the room that SQLite's write-ahead log has already, and would promise what the next tablet does not get.
const FREE_MIN: u64 = 1024 * 1024;

/// A device with its certificate, which never changes.
#[derive(Debug)]
struct Certified {
    key: PublicKey,
    scope: Scope,
    certificate: Vec<u8>,
}

/// A round with its package.
#[derive(Debug)]
pub struct SignedRound {
    /// The round.
    pub id: RoundId,
    /// The package.
    pub package: Signed<Package>,
}

/// A round with everything that is stored of it at this moment.
#[derive(Debug)]
pub struct Round {
    /// Its id.
    pub id: RoundId,
    /// Its state.
    pub state: RoundState,
    /// What was imported.
    pub draft: Draft,
    /// The package, once signed.
    pub package: Option<Signed<Package>>,
}

/// File in the centre's folder with its keys.
pub const KEY_FILE: &str = "centre.key";

impl Centre {
    /// Opens the centre in a folder and sets it up on first start: its keys (file `centre.key`, readable by the owner
    /// alone) and its database. The handle acts for the operator.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn open(folder: &Path) -> Result<Self, AppError> {
        Self::open_at(folder, None).await
    }

    /// The same with the database on a PostgreSQL server (`postgres://…`), if its address is given. The folder holds
    /// the keys in either case; several processes that share a database need the same keys.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn open_at(folder: &Path, database: Option<&str>) -> Result<Self, AppError> {
        restore::refuse_unfinished(folder, database)?;
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|source| file_error("cannot make the folder", folder, source))?;
        // A key that was made for a database which was never reached would stand in the way of a restore.
        let reached = match database {
            Some(_) if !folder.join(KEY_FILE).exists() => Some(Store::open(folder, database).await?),
            _ => None,
        };
        let keys = read_or_make(&folder.join(KEY_FILE), || Zeroizing::new(random::<64>().to_vec()))?;
        let Some((sign, seal)) = keys.split_first_chunk::<32>() else {
            return Err(damaged(&folder.join(KEY_FILE)));
        };
        let seal: &[u8; 32] = seal.try_into().map_err(|_| damaged(&folder.join(KEY_FILE)))?;
        let seal_public =
            BoxSecret::from_bytes(seal).ok_or_else(|| damaged(&folder.join(KEY_FILE)))?.public();
        let seal = Zeroizing::new(*seal);
        let sign = SecretKey::from_seed(sign);
        let store = match reached {
            Some(store) => store,
            None => Store::open(folder, database).await?,
        };
        let mut db = store.reader().await?;
        check_key(&mut db, &sign.public()).await?;
        let unheard = crate::store::restoration::unheard(&mut db).await?;
        drop(db);
        Ok(Self {
            inner: Arc::new(Inner {
                folder: folder.to_owned(),
                sign,
                seal,
                seal_public,
                run: random(),
                writer: writer::Writer::start(store.clone()),
                store,
                signed_rounds: RwLock::default(),
                certified: RwLock::default(),
                checked: RwLock::default(),
                records: record::Records::default(),
                could_write: tokio::sync::Mutex::default(),
                unheard: RwLock::new(unheard.into_iter().collect()),
                backups: backup::Health::new(),
                sending: std::sync::Mutex::default(),
                reminding: std::sync::Mutex::default(),
                boards: board::Boards::new(now()),
                figures: comparison::Kept::default(),
                found: oversight::Kept::default(),
                tallies: tallies::Kept::default(),
                overseen: oversight::Looked::default(),
                listed: listing::Kept::default(),
            }),
            actor: Actor::Operator,
        })
    }

    /// The centre's folder.
    pub fn folder(&self) -> &Path {
        &self.inner.folder
    }

    /// The centre's public keys.
    pub fn keys(&self) -> CentreKeys {
        CentreKeys { sign: self.inner.sign.public(), seal: self.inner.seal_public }
    }

    /// Finishes what was acknowledged and closes the database.
    pub async fn close(&self) {
        self.stop_reminding().await;
        self.stop_sending().await;
        self.inner.backups.stop().await;
        self.inner.writer.stop().await;
        self.inner.store.close().await;
    }

    fn key(&self) -> &SecretKey {
        &self.inner.sign
    }

    /// Whether the database can be written now: looks for room on the disk, and begins a transaction that changes
    /// nothing lasting. Whoever asks again within a second gets the last good answer, so that asking often takes no
    /// writer's turn.
    ///
    /// # Errors
    /// [`AppError`] as every write would give it.
    pub async fn try_write(&self) -> Result<(), AppError> {
        let mut last = self.inner.could_write.lock().await;
        if last.is_some_and(|last| last.elapsed() < ASKED_AGAIN) {
            return Ok(());
        }
        self.write_nothing().await?;
        *last = Some(Instant::now());
        Ok(())
    }

    async fn write_nothing(&self) -> Result<(), AppError> {
        // A database server's disk is its own matter.
        if self.inner.store.engine() == Engine::Sqlite
            && let Ok(disk) = rustix::fs::statvfs(&self.inner.folder)
            && disk.f_bavail.saturating_mul(disk.f_frsize) < FREE_MIN
        {
            return Err(StoreError::Full.into());
        }
        let mut tx = self.begin_write().await?;
        crate::store::answered::sweep(&mut tx, 0).await?;
        Ok(tx.rollback().await.map_err(StoreError::from)?)
    }

    /// Records that were read before, for those who change nothing.
    fn kept(&self) -> Option<&record::Records> {
        Some(&self.inner.records)
    }

    async fn begin(&self) -> Result<crate::store::Tx, AppError> {
        Ok(self.inner.store.begin().await?)
    }

    async fn begin_write(&self) -> Result<crate::store::Tx, AppError> {
        Ok(self.inner.store.begin_write().await?)
    }

    /// Begins to change something of a whole round: everybody else who does waits.
    async fn begin_round(&self, round: &RoundId) -> Result<crate::store::Tx, AppError> {
        let mut tx = self.begin_write().await?;
        rounds::take_turn(&mut tx, round).await?;
        Ok(tx)
    }

    /// Begins to change something that follows a round's ballot and changes nothing of the ballot itself.
    async fn begin_follow_up(&self, round: &RoundId) -> Result<crate::store::Tx, AppError> {
        let mut tx = self.begin_write().await?;
        follow_up::take_turn(&mut tx, round).await?;
        Ok(tx)
    }

    /// Begins to change something of one unit, before anything of the round is read: whoever finishes it meanwhile
    /// comes before or after. A unit that is not there takes no turn, and is refused once the round is read.
    async fn begin_unit(&self, round: &RoundId, unit: &str) -> Result<crate::store::Tx, AppError> {
        let mut tx = self.begin_write().await?;
        if let Ok(unit) = sync_core::id::UnitCode::new(unit.trim()) {
            units::take_any_turn(&mut tx, round, &unit).await?;
        }
        Ok(tx)
    }

    /// Begins to change something that rests on how all units of a round stand: nothing comes in meanwhile.
    async fn begin_units(&self, round: &RoundId) -> Result<crate::store::Tx, AppError> {
        let mut tx = self.begin_round(round).await?;
        for (unit, _) in units::permits(&mut tx, round).await? {
            units::take_any_turn(&mut tx, round, &unit).await?;
        }
        Ok(tx)
    }

    /// Every round, by id.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn rounds(&self) -> Result<Vec<Round>, AppError> {
        let mut tx = self.begin().await?;
        rounds::list(&mut tx).await?.into_iter().map(read_round).collect()
    }

    /// One round.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_round`.
    pub async fn round(&self, id: &RoundId) -> Result<Round, AppError> {
        let mut tx = self.begin().await?;
        load_round(&mut tx, id).await
    }

    /// The only round there is, for commands that name none.
    ///
    /// # Errors
    /// [`AppError`] if there is none or more than one.
    pub async fn only_round(&self) -> Result<RoundId, AppError> {
        let rounds = self.rounds().await?;
        match rounds.as_slice() {
            [] => Err(AppError::not_found("no_round", "there is no round yet; begin with `round import`")),
            [round] => Ok(round.id),
            _ => {
                let list: Vec<_> = rounds
                    .iter()
                    .map(|round| format!("  {}  {}", round.id.uuid(), round.draft.title))
                    .collect();
                Err(AppError::conflict(
                    "which_round",
                    format!("there is more than one round; name it with --round:\n{}", list.join("\n")),
                ))
            }
        }
    }
}

/// Refuses a database whose rounds another key signed: tablets know the centre by its key, and believe nobody else.
async fn check_key(db: &mut Db, ours: &PublicKey) -> Result<(), AppError> {
    let Some(package) = rounds::any_package(db).await? else { return Ok(()) };
    let package = Package::open(&package).map_err(|_| StoreError::Damaged { what: "round" })?;
    if package.value().centre.sign == *ours {
        return Ok(());
    }
    Err(AppError::conflict(
        "other_key",
        format!(
            "the key in this folder ({KEY_FILE}) is not the one with which the rounds of this database were signed: \
             name the database that belongs to this folder, or bring {KEY_FILE} of the centre that made it"
        ),
    ))
}

async fn load_round(db: &mut Db, id: &RoundId) -> Result<Round, AppError> {
    let row = rounds::get(db, id).await?;
    let row =
        row.ok_or_else(|| AppError::not_found("unknown_round", format!("there is no round {}", id.uuid())))?;
    read_round(row)
}

/// The signed package of a round, without what was imported, which is large.
async fn load_signed(db: &mut Db, id: &RoundId) -> Result<Signed<Package>, AppError> {
    let missing = || AppError::not_found("unknown_round", format!("there is no round {}", id.uuid()));
    let bytes = rounds::package(db, id).await?.ok_or_else(missing)?;
    let bytes = bytes.ok_or_else(not_signed)?;
    Ok(Package::open(&bytes).map_err(|_| StoreError::Damaged { what: "round" })?)
}

fn not_signed() -> AppError {
    AppError::conflict("not_signed", "the round's package is not signed yet: `round sign`")
}

fn read_round(row: rounds::RoundRow) -> Result<Round, AppError> {
    let damaged = || StoreError::Damaged { what: "round" };
    Ok(Round {
        id: row.id,
        state: RoundState::parse(&row.state).ok_or_else(damaged)?,
        draft: serde_json::from_str(&row.draft).map_err(|_| damaged())?,
        package: row.package.map(|bytes| Package::open(&bytes)).transpose().map_err(|_| damaged())?,
    })
}

impl Round {
    /// The signed package.
    ///
    /// # Errors
    /// [`AppError`] with code `not_signed`.
    pub fn signed(&self) -> Result<&Signed<Package>, AppError> {
        self.package.as_ref().ok_or_else(not_signed)
    }

    /// Turns away what would change a finished round.
    ///
    /// # Errors
    /// [`AppError`] with code `round_finished`.
    pub fn not_finished(&self) -> Result<(), AppError> {
        if self.state == RoundState::Finished {
            return Err(AppError::conflict(
                "round_finished",
                "the round is finished: tablets have deleted what was counted, so nothing of it changes any more; \
                 what still comes is kept and held as late",
            ));
        }
        Ok(())
    }

    /// The unit with this code.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_unit`.
    pub fn unit(&self, code: &str) -> Result<sync_core::id::UnitCode, AppError> {
        let missing = || AppError::not_found("unknown_unit", format!("there is no unit {code} in the round"));
        let unit = self.draft.unit(code.trim()).ok_or_else(missing)?;
        sync_core::id::UnitCode::new(&unit.code).map_err(|_| missing())
    }
}

/// Seconds since 1970 by this machine's clock: a note for people, and the life of sessions. It decides nothing about a
/// ballot.
pub(crate) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// Random bytes from the operating system.
///
/// # Panics
/// If the system has none, where nothing safe can be done.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

fn file_error(action: &'static str, path: &Path, source: std::io::Error) -> AppError {
    AppError::File { action, path: path.display().to_string(), source }
}

fn damaged(path: &Path) -> AppError {
    let source =
        std::io::Error::new(std::io::ErrorKind::InvalidData, "it is damaged; restore it from a backup");
    file_error("cannot use", path, source)
}

/// Reads a secret file, or makes it: whole, durable, for the owner alone, and never over another one.
fn read_or_make(
    path: &Path,
    make: impl FnOnce() -> Zeroizing<Vec<u8>>,
) -> Result<Zeroizing<Vec<u8>>, AppError> {
    match std::fs::read(path) {
        Ok(bytes) => return Ok(Zeroizing::new(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(file_error("cannot read", path, error)),
    }
    let bytes = make();
    // Written beside and linked into place: two first starts at once end with one key.
    let name: String = random::<8>().iter().map(|byte| format!("{byte:02x}")).collect();
    let draft = path.with_extension(format!("new-{name}"));
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        let linked = std::fs::hard_link(&draft, path);
        std::fs::remove_file(&draft)?;
        match linked {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
            _ => std::fs::File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all(),
        }
    };
    write().map_err(|source| file_error("cannot write", path, source))?;
    std::fs::read(path).map(Zeroizing::new).map_err(|source| file_error("cannot read", path, source))
}
