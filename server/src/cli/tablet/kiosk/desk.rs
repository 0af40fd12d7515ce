//! The tablet behind the page: one call after the other, and a way to let others have it.
//!
//! The tablet stays open between calls, as in every app, but other commands (`tablet sync`, `tablet status` and so on)
//! need not wait for the page to be closed: whoever waits for the folder ([`FileStore::is_wanted`]) gets it between two
//! calls, and the next call opens it anew. While a session with other tablets is open it is not let go.

use super::session::Hosting;
use crate::cli::CliError;
use crate::cli::tablet::{Machine, PATIENCE};
use client_ffi::store::{FileStore, MakesWay};
use client_ffi::{Tablet, TabletError};
use homphieu_page::{Problem, UnderWay};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// How often an idle kiosk looks whether somebody waits for the tablet.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Looks after which whoever waits has had the time to take what was let go.
const TURNS: u32 = 5;

/// What calls work on.
pub(super) type Open<'a> = homphieu_page::Desk<'a, FileStore>;

pub(super) struct Desk {
    folder: PathBuf,
    /// Where sessions are opened.
    pub(super) listen: SocketAddr,
    held: Mutex<Held>,
    /// What moves while a call is under way that takes long.
    pub(super) moving: Mutex<Option<homphieu_page::Progress>>,
    /// Whether a person wants to stop joining.
    pub(super) stop: AtomicBool,
    /// One sync at a time.
    pub(super) syncing: Mutex<()>,
}

#[derive(Default)]
pub(super) struct Held {
    /// Nothing while others have it.
    tablet: Option<Arc<Mutex<Machine>>>,
    /// Rises each time it is opened: what was begun before is over.
    life: u64,
    under_way: UnderWay,
    makes_way: Option<MakesWay>,
    /// The session that is open, or was the last.
    pub(super) hosting: Option<Hosting>,
}

impl Desk {
    pub(super) fn new(folder: PathBuf, listen: SocketAddr, tablet: Machine) -> Result<Arc<Self>, CliError> {
        let makes_way = FileStore::makes_way(&folder).map_err(TabletError::from)?;
        let tablet = Some(Arc::new(Mutex::new(tablet)));
        let held = Mutex::new(Held { tablet, makes_way: Some(makes_way), ..Held::default() });
        let (moving, stop, syncing) = (Mutex::default(), AtomicBool::default(), Mutex::default());
        let desk = Arc::new(Self { folder, listen, held, moving, stop, syncing });
        let weak = Arc::downgrade(&desk);
        std::thread::spawn(move || let_others(&weak));
        Ok(desk)
    }

    /// Does something with the tablet; nobody else does anything meanwhile.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&mut Open<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.in_life(|desk, _| work(desk))
    }

    /// The same, told in which life of the tablet.
    pub(super) fn in_life<T>(
        &self,
        work: impl FnOnce(&mut Open<'_>, u64) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let mut held = self.held();
        let tablet = held.open(&self.folder)?;
        let Held { life, under_way, hosting, .. } = &mut *held;
        let mut tablet = lock(&tablet);
        let before = hosting.as_ref().filter(|hosting| hosting.is_open()).map(|_| tablet.stamp());
        let done = work(&mut homphieu_page::Desk { tablet: &mut tablet, under_way }, *life);
        if let Some(hosting) =
            hosting.as_ref().filter(|_| before.is_some_and(|before| before != tablet.stamp()))
        {
            hosting.refresh();
        }
        drop(tablet);
        held.let_go(&self.folder);
        done
    }

    /// Does something with the tablet as sessions share it.
    pub(super) fn shared<T>(
        &self,
        work: impl FnOnce(&mut Held, Arc<Mutex<Machine>>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let mut held = self.held();
        let tablet = held.open(&self.folder)?;
        let done = work(&mut held, tablet);
        held.let_go(&self.folder);
        done
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Nobody leaves what is held half changed; but a tablet that somebody panicked with is read again.
    pub(super) fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(|poisoned| {
            self.held.clear_poison();
            let mut held = poisoned.into_inner();
            (held.tablet, held.hosting) = (None, None);
            held
        })
    }
}

impl Held {
    fn open(&mut self, folder: &Path) -> Result<Arc<Mutex<Machine>>, Problem> {
        if let Some(tablet) = &self.tablet {
            return Ok(Arc::clone(tablet));
        }
        // Whoever it was let go for comes first.
        for _ in 0..TURNS {
            if !FileStore::is_wanted(folder) {
                break;
            }
            std::thread::sleep(LOOK_EVERY / 2);
        }
        let store = FileStore::open_patiently(folder, PATIENCE, || ()).map_err(TabletError::from)?;
        self.life += 1;
        Ok(Arc::clone(self.tablet.insert(Arc::new(Mutex::new(Tablet::open(store)?)))))
    }

    /// Lets others have the tablet if they wait for it. While a session is open they are told at once that it is in use.
    pub(super) fn let_go(&mut self, folder: &Path) {
        if self.is_hosting() {
            self.makes_way = None;
            return;
        }
        if self.makes_way.is_none() {
            self.makes_way = FileStore::makes_way(folder).ok();
        }
        if FileStore::is_wanted(folder) {
            self.tablet = None;
        }
    }

    pub(super) fn is_hosting(&self) -> bool {
        self.hosting.as_ref().is_some_and(Hosting::is_open)
    }
}

fn lock(tablet: &Mutex<Machine>) -> MutexGuard<'_, Machine> {
    tablet.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets others have an idle tablet, as long as the kiosk is there.
fn let_others(desk: &Weak<Desk>) {
    while let Some(desk) = desk.upgrade() {
        if let Ok(mut held) = desk.held.try_lock() {
            held.let_go(&desk.folder);
        }
        drop(desk);
        std::thread::sleep(LOOK_EVERY);
    }
}
