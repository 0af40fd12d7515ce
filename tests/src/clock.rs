//! Clocks that are years away, for real programs: Debian's libfaketime answers them when they ask the system.

use std::ffi::OsString;
use std::path::PathBuf;

/// A clock that goes as fast as the system's, so many years away from it.
#[derive(Debug, Clone)]
pub struct Clock {
    library: PathBuf,
    years: i32,
}

impl Clock {
    /// A clock of such a kind, with the library that xtask named; `None` on a desk without it, which is said.
    ///
    /// # Panics
    /// If it is missing where nothing may be skipped.
    pub fn off_by(years: i32) -> Option<Self> {
        let library = std::env::var_os("HOMPHIEU_FAKETIME").map(PathBuf::from);
        let strict = std::env::var("CI").is_ok_and(|value| !["", "0", "false"].contains(&value.as_str()));
        assert!(library.is_some() || !strict, "libfaketime is missing and nothing may be skipped here");
        if library.is_none() {
            println!("skipped: libfaketime is missing; `cargo xtask test` finds it");
        }
        library.map(|library| Self { library, years })
    }

    /// What a program needs in its environment to go by this clock. How long something takes stays as it is: timers
    /// ask the monotonic clock.
    pub fn variables(&self) -> [(&'static str, OsString); 4] {
        [
            ("LD_PRELOAD", self.library.clone().into_os_string()),
            ("FAKETIME", format!("{:+}y", self.years).into()),
            // The first is how older releases name the second.
            ("DONT_FAKE_MONOTONIC", "1".into()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
        ]
    }
}
