//! A PostgreSQL server for one run of the tests: its own cluster in a temporary folder, reached over a socket there.

use crate::run::{RunError, run, succeeds};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running server; it ends and its folder goes away when this is dropped.
pub struct Postgres {
    child: Child,
    folder: PathBuf,
    /// Address on which databases may be made.
    pub address: String,
}

/// Where Debian keeps the programs of the newest version, if there are any.
pub fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(Result::ok);
    let mut found: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin")).collect();
    found.retain(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file());
    found.sort_by_key(|folder| {
        let version = folder.parent().and_then(Path::file_name).and_then(|name| name.to_str());
        version.and_then(|version| version.parse::<u32>().ok())
    });
    found.pop()
}

impl Postgres {
    /// Makes a cluster and starts it. It syncs as the centre demands; torn pages would come from a power cut alone.
    pub fn start(programs: &Path) -> Result<Self, RunError> {
        let folder = std::env::temp_dir().join(format!("homphieu-postgres-{}", std::process::id()));
        let file = |source| RunError::File { path: folder.clone(), source };
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(&folder).map_err(file)?;
        let data = folder.join("data");
        if is_root() {
            // Its programs refuse to run as root.
            run(Command::new("chown").arg("postgres").arg(&folder))?;
        }
        let mut initdb = as_postgres(&programs.join("initdb"));
        initdb.args(["--auth", "trust", "--username", "postgres", "--encoding", "UTF8"]);
        initdb.args(["--locale", "C.UTF-8", "--no-sync", "--pgdata"]).arg(&data);
        run(initdb.current_dir(&folder).stdout(Stdio::null()))?;
        let mut server = as_postgres(&programs.join("postgres"));
        server.arg("-D").arg(&data).arg("-k").arg(&folder).args(["-h", ""]);
        for setting in ["full_page_writes=off", "max_connections=300", "logging_collector=off"] {
            server.args(["-c", setting]);
        }
        let log = std::fs::File::create(folder.join("log")).map_err(file)?;
        let child = server.current_dir(&folder).stdout(Stdio::null()).stderr(log).spawn();
        let child = child.map_err(|source| RunError::Start { command: "postgres".to_owned(), source })?;
        let socket: String = folder.to_string_lossy().bytes().map(|byte| format!("%{byte:02X}")).collect();
        let address = format!("postgres://postgres@localhost/postgres?host={socket}");
        let server = Self { child, address, folder };
        server.wait(programs)?;
        Ok(server)
    }

    /// Process id of its first process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Until it answers; a server that does not start within half a minute never will.
    fn wait(&self, programs: &Path) -> Result<(), RunError> {
        for _ in 0..300 {
            let mut ready = Command::new(programs.join("pg_isready"));
            if succeeds(ready.arg("--host").arg(&self.folder).arg("--quiet")) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        Err(RunError::Missing { what: "a PostgreSQL server", how: format!("it does not start:\n{log}") })
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGINT ends it at once and in order.
        drop(run(Command::new("kill").args(["-INT", &self.child.id().to_string()])));
        drop(self.child.wait());
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn as_postgres(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(program);
    command
}
