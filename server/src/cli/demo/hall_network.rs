//! A local network in a hall without any other: the first tablet opens a session, the others join by its invitation.

use super::DemoError;
use client_ffi::Tablet;
use client_ffi::local::{Host, Invitation, join};
use client_ffi::store::FileStore;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

/// Lets these tablets meet: all others join the first at the same time, and once more for what they brought each other.
pub(super) fn meet(tablets: Vec<Tablet<FileStore>>) -> Result<Vec<Tablet<FileStore>>, DemoError> {
    let mut tablets = tablets.into_iter();
    let Some(first) = tablets.next() else { return Ok(Vec::new()) };
    let mut guests: Vec<_> = tablets.collect();
    let shared = Arc::new(Mutex::new(first));
    let session =
        Host::open(Arc::clone(&shared), SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).map_err(other)?;
    // What is on the screen is what the others read.
    let shown = session.invitation().to_string();
    let mut joined = Ok(());
    for _ in 0..2 {
        joined = joined.and(all_join(&mut guests, &shown));
    }
    session.end();
    joined?;
    let first = Arc::try_unwrap(shared).map_err(|_| DemoError::Other("a session did not end".to_owned()))?;
    let first = first.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(std::iter::once(first).chain(guests).collect())
}

fn all_join(guests: &mut [Tablet<FileStore>], shown: &str) -> Result<(), DemoError> {
    let invitation: Invitation = shown.parse().map_err(other)?;
    let invitation = &invitation;
    std::thread::scope(|scope| {
        let joining: Vec<_> = guests
            .iter_mut()
            .map(|guest| {
                scope.spawn(move || join(guest, invitation, |_| ControlFlow::Continue(())).map(drop))
            })
            .collect();
        joining.into_iter().try_for_each(|guest| match guest.join() {
            Ok(joined) => joined.map_err(other),
            Err(_) => Err(DemoError::Other("a tablet broke off in a session".to_owned())),
        })
    })
}

fn other(error: impl std::fmt::Display) -> DemoError {
    DemoError::Other(error.to_string())
}
