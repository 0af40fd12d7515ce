//! A tablet as a thing: its medium, the program that runs on it now and then, and what befell it.

use crate::chance::{SimRng, rng_for};
use crate::disk::{Disk, Values};
use crate::truth::Lines;
use client_ffi::Tablet;
use sync_core::id::{DeviceId, SheetHash};

/// The program on a tablet.
pub type Machine = Tablet<Disk, SimRng>;

/// A cast whose end the voter was not told: the ballot is in the box, or it is not.
#[derive(Debug, Clone)]
pub struct Pending {
    /// Index of the unit.
    pub unit: usize,
    /// Index of the voter.
    pub voter: usize,
    /// What was marked.
    pub marks: Lines,
    /// The sheet it was marked on.
    pub sheet: SheetHash,
    /// Whether the voter was told that the ballot is in the box, before the tablet could be looked at.
    pub told: bool,
}

/// A copy of a medium, and what was known when it was taken.
pub struct Copy {
    /// What was on the medium.
    pub values: Values,
    /// Casts there were in the world.
    pub casts: usize,
    /// Confirmed entries of records there were in the world.
    pub told: usize,
    /// Casts with an open end: the copy may hold their ballots.
    pub pending: Vec<Pending>,
}

/// A tablet or courier.
pub struct Body {
    /// Name in the log.
    pub name: String,
    /// Indexes of the units it takes ballots for; none for a courier.
    pub own: Vec<usize>,
    /// Its medium.
    pub disk: Disk,
    /// The running program.
    pub tablet: Option<Machine>,
    /// Its id.
    pub device: DeviceId,
    /// How often it was started.
    pub starts: u32,
    /// Until when it reaches nobody.
    pub cut_off_until: u64,
    /// An old copy of its medium.
    pub backup: Option<Copy>,
    /// Why it will never run again.
    pub gone: Option<&'static str>,
    /// Whether a write failed and the program has not read everything again since.
    pub stale: bool,
    /// Casts with an open end.
    pub pending: Vec<Pending>,
    /// Whether it never sees the centre, not even at the end: others carry for it.
    pub never_online: bool,
    /// Whether its team closes by itself.
    pub closes: bool,
    /// Bytes that it carries at most, if that is little.
    pub room: Option<u64>,
    /// Number of the last parcel it took.
    pub last_parcel: u64,
}

impl Body {
    /// A tablet that was never started.
    pub fn new(name: String, own: Vec<usize>, disk: Disk) -> Self {
        Self {
            name,
            own,
            disk,
            tablet: None,
            device: DeviceId([0; 16]),
            starts: 0,
            cut_off_until: 0,
            backup: None,
            gone: None,
            stale: false,
            pending: Vec::new(),
            never_online: false,
            closes: true,
            room: None,
            last_parcel: 0,
        }
    }

    /// Randomness for the next start of the program.
    pub fn next_rng(&mut self, seed: u64) -> SimRng {
        self.starts += 1;
        rng_for(seed, &format!("tablet {} start {}", self.name, self.starts))
    }

    /// Whether it carries only.
    pub fn is_courier(&self) -> bool {
        self.own.is_empty()
    }
}
