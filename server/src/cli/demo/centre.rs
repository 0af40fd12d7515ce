//! The demo's office: a real centre on a fresh folder, and a real server that is switched off while people vote.

use super::DemoError;
use crate::http;
use crate::service::Centre;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The office's folder and the runtime that the server runs on.
pub(super) struct Office {
    folder: PathBuf,
    runtime: Runtime,
}

/// A server that runs.
pub(super) struct Running<'a> {
    office: &'a Office,
    /// Where it listens.
    pub address: SocketAddr,
    /// Its centre.
    pub centre: Centre,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), crate::tls::TlsError>>,
}

impl Office {
    pub fn new(folder: &Path) -> Result<Self, DemoError> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        Ok(Self { folder: folder.to_owned(), runtime })
    }

    /// Runs something on the centre while no server is up.
    pub fn with_centre<T>(
        &self,
        work: impl AsyncFnOnce(&Centre) -> Result<T, DemoError>,
    ) -> Result<T, DemoError> {
        self.runtime.block_on(async {
            let centre = Centre::open(&self.folder).await?;
            let done = work(&centre).await;
            centre.close().await;
            done
        })
    }

    /// The centre's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs something to its end.
    pub fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Starts the server.
    pub fn start(&self, address: SocketAddr) -> Result<Running<'_>, DemoError> {
        self.runtime.block_on(async {
            let centre = Centre::open(&self.folder).await?;
            let listener = http::listener(address).map_err(|source| {
                DemoError::Other(format!(
                    "cannot listen on {address} ({source}): is another demo still running?"
                ))
            })?;
            let address = listener.local_addr()?;
            let (stop, stopped) = oneshot::channel::<()>();
            let serve = http::serve(centre.clone(), listener, http::Front::default(), async {
                // Stopping, and the demo going away, both end the server.
                drop(stopped.await);
            });
            let task = tokio::spawn(serve);
            Ok(Running { office: self, address, centre, stop, task })
        })
    }
}

impl Running<'_> {
    /// Runs something on the running centre.
    pub fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.office.block_on(work)
    }

    /// Stops the server and waits until everything is written.
    pub fn stop(self) -> Result<(), DemoError> {
        let _: Result<(), ()> = self.stop.send(());
        let ended = self.office.block_on(self.task);
        ended.map_err(|error| DemoError::Other(format!("the server ended badly: {error}")))??;
        Ok(())
    }

    /// Serves until the process is asked to end.
    pub fn serve_until_interrupted(self) -> Result<(), DemoError> {
        self.office.block_on(async { tokio::signal::ctrl_c().await })?;
        self.stop()
    }
}
