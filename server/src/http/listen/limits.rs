//! How much of everything the centre takes from the network at a time.
//!
//! An office's centre is an old desktop, and whoever can reach it can send it anything. Every number here keeps
//! somebody who means ill, or a browser gone wild, from keeping tablets out.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::time::Duration;

/// Most connections at once. A district has some 200 tablets; an idle connection under TLS holds about 40 KB.
const CONNECTIONS_MAX: usize = 4096;
/// Most connections from one address: a whole school's network behind one router must fit.
const CONNECTIONS_PER_ADDRESS_MAX: usize = 1024;
/// Requests that are worked on at once. The database writes one at a time anyway.
const RUNNING_MAX: usize = 64;
/// Complete requests that wait for their turn; more are told to come back.
const WAITING_MAX: usize = 1024;
/// Bytes of request bodies held in memory at once, 200 of the largest.
const BODIES_MAX: usize = 64 * 1024 * 1024;
/// Largest head of a request in bytes.
const HEAD_MAX: usize = 32 * 1024;
/// Time for a TLS handshake: several round trips by satellite.
const HANDSHAKE: Duration = Duration::from_secs(15);
/// Time until a request's head is complete, from the end of the previous one. Also how long a connection may be idle.
const HEAD: Duration = Duration::from_secs(30);
/// Longest pause within a body.
const BODY_PAUSE: Duration = Duration::from_secs(30);
/// Time for a whole body: the largest at 5 kbit/s.
const BODY: Duration = Duration::from_secs(600);
/// Time for the work on a request, waiting included. Less than tablets wait for their answer (180 s).
const WORK: Duration = Duration::from_secs(120);
/// Longest pause of somebody who takes an answer.
const TAKE_PAUSE: Duration = Duration::from_secs(30);
/// Time to finish what was begun when the centre is asked to end; less than systemd waits (90 s).
const FINISH: Duration = Duration::from_secs(20);
/// Open files kept back from connections: database, logs, backups, sockets about to close.
const FILES_RESERVED: u64 = 192;

/// The limits of a listening centre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Most connections at once; further ones take the place of the one idle longest.
    pub connections_max: usize,
    /// Most connections from one address (one /64 of IPv6).
    pub connections_per_address_max: usize,
    /// Requests that are worked on at once.
    pub running_max: usize,
    /// Complete requests that wait for their turn.
    pub waiting_max: usize,
    /// Bytes of request bodies held in memory at once.
    pub bodies_max: usize,
    /// Largest head of a request in bytes, at least 8192.
    pub head_max: usize,
    /// Time for a TLS handshake.
    pub handshake: Duration,
    /// Time until a request's head is complete.
    pub head: Duration,
    /// Longest pause within a body.
    pub body_pause: Duration,
    /// Time for a whole body.
    pub body: Duration,
    /// Time for the work on a request.
    pub work: Duration,
    /// Longest pause of somebody who takes an answer.
    pub take_pause: Duration,
    /// Time to finish what was begun.
    pub finish: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: CONNECTIONS_MAX,
            connections_per_address_max: CONNECTIONS_PER_ADDRESS_MAX,
            running_max: RUNNING_MAX,
            waiting_max: WAITING_MAX,
            bodies_max: BODIES_MAX,
            head_max: HEAD_MAX,
            handshake: HANDSHAKE,
            head: HEAD,
            body_pause: BODY_PAUSE,
            body: BODY,
            work: WORK,
            take_pause: TAKE_PAUSE,
            finish: FINISH,
        }
    }
}

impl Limits {
    /// The same, with no more connections than a process with so many open files can hold.
    #[must_use]
    pub fn fitting(mut self, open_files: u64) -> Self {
        let room = usize::try_from(open_files.saturating_sub(FILES_RESERVED)).unwrap_or(usize::MAX).max(16);
        self.connections_max = self.connections_max.min(room);
        self.connections_per_address_max = self.connections_per_address_max.min(self.connections_max);
        // There must always be a connection that does not work, to make room for a new one.
        self.running_max = self.running_max.min(self.connections_max / 4).max(1);
        self.waiting_max = self.waiting_max.min(self.connections_max / 2);
        self
    }
}

/// Raises the number of files that this process may open as far as the system lets it; how many that are.
pub fn raise_open_files() -> u64 {
    let now = getrlimit(Resource::Nofile);
    // "No limit" is more than any list of connections here.
    let most = now.maximum.unwrap_or(1 << 20);
    if now.current.is_none_or(|current| current >= most) {
        return most;
    }
    let raised = Rlimit { current: Some(most), maximum: now.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
    getrlimit(Resource::Nofile).current.unwrap_or(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_open_files_make_few_connections_and_still_leave_some_that_do_not_work() {
        for files in [0, 200, 256, 1024, 4096, 20_000, u64::MAX] {
            let limits = Limits::default().fitting(files);
            assert!(
                limits.connections_max as u64 + FILES_RESERVED <= files.max(FILES_RESERVED + 16),
                "{files}"
            );
            assert!(limits.running_max + limits.waiting_max < limits.connections_max, "{files}: {limits:?}");
            assert!(limits.connections_per_address_max <= limits.connections_max);
            assert!(limits.running_max > 0);
        }
        assert_eq!(Limits::default().fitting(u64::MAX), Limits::default());
    }
}
