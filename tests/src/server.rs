//! The real `homphieu` program, as people run it.

use crate::clock::Clock;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

/// The program. Cargo builds it beside the tests of this package, from the same parts as they are; beside a benchmark lies
/// the one that people get.
///
/// # Panics
/// If a test does not lie where Cargo puts tests.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let own = std::env::current_exe().expect("a test has a path");
        let beside = own.with_file_name(format!("homphieu{}", std::env::consts::EXE_SUFFIX));
        if beside.is_file() {
            return beside;
        }
        let folder = own.parent().and_then(Path::parent).expect("tests lie in target/debug/deps");
        folder.join(format!("homphieu-under-test{}", std::env::consts::EXE_SUFFIX))
    })
}

/// Runs a command on a data folder with some typed input, to its end.
///
/// # Panics
/// If it cannot be run at all.
pub fn run(folder: &Path, args: &[&str], typed: &str) -> Output {
    run_under(None, folder, args, typed)
}

/// The same under another clock.
///
/// # Panics
/// If it cannot be run at all.
pub fn run_under(clock: Option<&Clock>, folder: &Path, args: &[&str], typed: &str) -> Output {
    let mut child = Command::new(program())
        .arg("--data-dir")
        .arg(folder)
        .args(args)
        .envs(crate::database::of(folder).map(|address| ("HOMPHIEU_DATABASE_URL", address)))
        .env("HOMPHIEU_LANG", "en")
        .envs(clock.into_iter().flat_map(Clock::variables))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("homphieu starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    // A command that needs no input may be gone already.
    drop(stdin.write_all(typed.as_bytes()));
    drop(stdin);
    child.wait_with_output().expect("homphieu ends")
}

/// Runs a command that must succeed; its standard output.
///
/// # Panics
/// If it does not.
pub fn succeed(folder: &Path, args: &[&str], typed: &str) -> String {
    let output = run(folder, args, typed);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "homphieu {args:?} failed\n{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

/// Runs a command that must be refused; what it says on standard error.
///
/// # Panics
/// If it succeeds.
pub fn refused(folder: &Path, args: &[&str], typed: &str) -> String {
    let output = run(folder, args, typed);
    assert!(!output.status.success(), "homphieu {args:?} should have been refused");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A serving process on a free port of 127.0.0.1; it is killed when dropped.
pub struct Server {
    child: Child,
    /// Its address, such as `http://127.0.0.1:40123`.
    pub address: String,
}

impl Server {
    /// Starts it on a folder. It logs everything it can to `server.log` beside the folder.
    ///
    /// # Panics
    /// If it does not start.
    pub fn start(folder: &Path) -> Self {
        Self::start_with(folder, &[])
    }

    /// The same with further arguments.
    ///
    /// # Panics
    /// If it does not start.
    pub fn start_with(folder: &Path, args: &[&str]) -> Self {
        Self::start_under(None, folder, args)
    }

    /// The same with a log of what goes wrong alone, where its time is measured.
    ///
    /// # Panics
    /// If it does not start.
    pub fn start_quiet(folder: &Path) -> Self {
        Self::start_logging(None, folder, "127.0.0.1:0", &[], true)
    }

    /// The same under another clock.
    ///
    /// # Panics
    /// If it does not start.
    pub fn start_under(clock: Option<&Clock>, folder: &Path, args: &[&str]) -> Self {
        Self::start_at(clock, folder, "127.0.0.1:0", args)
    }

    /// Kills it as a power cut would, and starts it again under the same address.
    ///
    /// # Panics
    /// If it does not start.
    pub fn restart(&mut self, folder: &Path) {
        self.kill();
        let (_, listen) = self.address.split_once("://").expect("an address");
        *self = Self::start_at(None, folder, listen, &[]);
    }

    fn start_at(clock: Option<&Clock>, folder: &Path, listen: &str, args: &[&str]) -> Self {
        Self::start_logging(clock, folder, listen, args, false)
    }

    fn start_logging(clock: Option<&Clock>, folder: &Path, listen: &str, args: &[&str], quiet: bool) -> Self {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(folder.with_extension("log"))
            .expect("a log file");
        let mut child = Command::new(program())
            .arg("--data-dir")
            .arg(folder)
            .args(["serve", "--listen", listen])
            .envs(crate::database::of(folder).map(|address| ("HOMPHIEU_DATABASE_URL", address)))
            .args(args)
            .env("RUST_LOG", if quiet { "warn" } else { "trace" })
            .envs(clock.into_iter().flat_map(Clock::variables))
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("the server says its address");
        let known = ["http://127.0.0.1:", "https://127.0.0.1:"].iter().any(|start| line.starts_with(start));
        assert!(known, "the server says its address: {line:?}");
        Self { child, address: line.trim().to_owned() }
    }

    /// Kills it as a power cut would (SIGKILL).
    ///
    /// # Panics
    /// If it is no child any more.
    pub fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// Asks it to end (SIGTERM) and waits.
    ///
    /// # Panics
    /// If it does not end well.
    pub fn stop(self) {
        self.signal(rustix::process::Signal::TERM);
        self.wait();
    }

    /// Sends it a signal.
    ///
    /// # Panics
    /// If it is gone.
    pub fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(self.id(), signal).expect("the server is there");
    }

    /// Waits for it to end after it was asked to.
    ///
    /// # Panics
    /// If it does not end well.
    pub fn wait(mut self) {
        assert!(self.child.wait().expect("it ends").success(), "the server ends well when asked to");
    }

    /// A handle to kill it from another thread.
    ///
    /// # Panics
    /// If it has no process id.
    pub fn id(&self) -> rustix::process::Pid {
        let id = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        id.expect("a process id")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// An answer of the server: status, content type, body.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Content type.
    pub kind: String,
    /// Headers by name in small letters.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header; empty if it is not there.
    pub fn header(&self, name: &str) -> String {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// The stable code of a problem.
    pub fn code(&self) -> String {
        let problem: serde_json::Value = serde_json::from_slice(&self.body).unwrap_or_default();
        problem.get("code").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// Sends a request with these headers.
///
/// # Panics
/// If there is no answer at all.
pub fn request(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut request = ureq::http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut answer = agent.run(request.body(body).expect("a request")).expect("the server answers");
    let text = |value: &ureq::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers: Vec<_> =
        answer.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    let kind = answer.headers().get("content-type").map(text).unwrap_or_default();
    let mut bytes = Vec::new();
    // Events have no end; their status is what is asked about.
    if kind != "text/event-stream" {
        answer.body_mut().as_reader().read_to_end(&mut bytes).expect("a body");
    }
    Answer { status: answer.status().as_u16(), kind, headers, body: bytes }
}

/// Posts CBOR to a path of the server.
///
/// # Panics
/// If there is no answer at all.
pub fn post(address: &str, path: &str, body: &[u8]) -> Answer {
    request("POST", &format!("{address}{path}"), &[("content-type", "application/cbor")], body)
}
