//! What the checks need beyond a bare Rust installation, and how it gets here.
//!
//! On a developer's desk a tool that cannot be had is skipped with one line; where `CI` is set that is a failure.

use crate::postgres::Postgres;
use crate::run::{RunError, Workspace, cargo, run, succeeds};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The target that browsers run.
const WASM: &str = "wasm32-unknown-unknown";
/// A cargo command that the project uses: its release, and what shows that it runs.
struct Tool {
    name: &'static str,
    version: &'static str,
    probe: &'static [&'static str],
}

/// The release whose configuration format `deny.toml` is written for.
const CARGO_DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2", probe: &["--version"] };
/// Builds the fuzz targets with coverage.
const CARGO_FUZZ: Tool = Tool { name: "cargo-fuzz", version: "0.13.2", probe: &["fuzz", "--version"] };
/// Breaks the code in small ways. The release whose configuration format `.cargo/mutants.toml` is written for.
const CARGO_MUTANTS: Tool =
    Tool { name: "cargo-mutants", version: "27.1.0", probe: &["mutants", "--version"] };

/// Makes sure that code can be built for browsers. `false`: it cannot, and that was said.
pub fn wasm_target() -> Result<bool, RunError> {
    if wasm_is_there() || (succeeds(Command::new("rustup").args(["target", "add", WASM])) && wasm_is_there())
    {
        return Ok(true);
    }
    let how = format!("get it with `rustup target add {WASM}`");
    skip(strict(), "the browser target", how).map(|()| false)
}

/// Makes sure that `cargo COMPONENT` runs; `component` is its name for rustup.
pub fn component(command: &str, component: &'static str) -> Result<(), RunError> {
    if succeeds(&mut cargo([command, "--version"]))
        || succeeds(Command::new("rustup").args(["component", "add", component]))
    {
        return Ok(());
    }
    Err(RunError::Missing { what: component, how: format!("get it with `rustup component add {component}`") })
}

/// Where `cargo-deny` is; `None`: it cannot be had, and that was said.
pub fn cargo_deny(workspace: &Workspace) -> Result<Option<PathBuf>, RunError> {
    match tool(workspace, &CARGO_DENY) {
        Ok(program) => Ok(Some(program)),
        Err(error) => {
            println!("{error}");
            skip(strict(), "the dependency and licence check", CARGO_DENY.how()).map(|()| None)
        }
    }
}

/// Where `cargo-fuzz` is. Who asks for a campaign wants it, so there is nothing to skip.
pub fn cargo_fuzz(workspace: &Workspace) -> Result<PathBuf, RunError> {
    tool(workspace, &CARGO_FUZZ).map_err(|_| missing(&CARGO_FUZZ))
}

/// Where `cargo-mutants` is.
pub fn cargo_mutants(workspace: &Workspace) -> Result<PathBuf, RunError> {
    tool(workspace, &CARGO_MUTANTS).map_err(|_| missing(&CARGO_MUTANTS))
}

/// The release whose options the test of the API names.
const SCHEMATHESIS: &str = "4.32.5";

/// The release whose handlers the test of mail names.
const AIOSMTPD: &str = "1.4.6";

/// Where `schemathesis` is, which makes requests from the API's document; `None`: it cannot be had, and that was said.
pub fn schemathesis(workspace: &Workspace) -> Result<Option<PathBuf>, RunError> {
    let what = "the test of the API with made-up requests";
    let folder =
        python(workspace, "schemathesis", SCHEMATHESIS, &["-m", "schemathesis.cli", "--version"], what)?;
    Ok(folder.map(|folder| folder.join("bin/schemathesis")))
}

/// Where a Python is that has `aiosmtpd`, a mail server which is not ours; `None`: it cannot be had, and that was said.
pub fn aiosmtpd(workspace: &Workspace) -> Result<Option<PathBuf>, RunError> {
    let what = "the test of mail with another implementation's server";
    let folder = python(workspace, "aiosmtpd", AIOSMTPD, &["-c", "import aiosmtpd.smtp"], what)?;
    Ok(folder.map(|folder| folder.join("bin/python")))
}

/// The Python environment of a package, made where it is not there; `None`: it cannot be had, and that was said. `probe`
/// shows that it works.
fn python(
    workspace: &Workspace,
    package: &str,
    version: &str,
    probe: &[&str],
    what: &'static str,
) -> Result<Option<PathBuf>, RunError> {
    let folder = workspace.target.join("tools").join(format!("{package}-{version}"));
    if succeeds(Command::new(folder.join("bin/python")).args(probe)) {
        return Ok(Some(folder));
    }
    println!("installing {package} {version}, once");
    let wanted = format!("{package}=={version}");
    let install = || {
        succeeds(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))
            && succeeds(Command::new(folder.join("bin/pip")).args(["install", "--quiet", &wanted]))
    };
    // Debian keeps the environments of Python in a package of their own.
    if install() || (debian(&["python3", "python3-venv"]) && install()) {
        return Ok(Some(folder));
    }
    let how = format!("get Python 3 with venv and pip, which fetches {wanted}");
    skip(strict(), what, how).map(|()| None)
}

/// Where the packages of `tests/automerge-js` are installed; `None`: they cannot be had, and that was said.
pub fn automerge_js(workspace: &Workspace) -> Result<Option<PathBuf>, RunError> {
    let folder = workspace.target.join("tools").join("automerge-js");
    if packages(&workspace.root.join("tests/automerge-js"), &folder) {
        return Ok(Some(folder));
    }
    let how = "get Node 20.19 or newer with npm, which fetches what tests/automerge-js names".to_owned();
    skip(strict(), "the JavaScript Automerge, which opens what we export,", how).map(|()| None)
}

/// Where libfaketime is, by which programs see a clock that is years away; `None`: it cannot be had, and that was said.
pub fn faketime() -> Result<Option<PathBuf>, RunError> {
    let found = faketime_library().or_else(|| {
        debian(&["libfaketime"]);
        faketime_library()
    });
    if found.is_none() {
        let how = "get it with `apt-get install libfaketime`".to_owned();
        skip(strict(), "the test of clocks that are years away", how)?;
    }
    Ok(found)
}

/// Where Debian puts the library, the one that is safe with threads.
fn faketime_library() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?.filter_map(Result::ok).map(|entry| entry.path());
    folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|library| library.is_file())
}

/// What plays the pages in a browser: the packages of `tests/browser`, and the browser. `None`: it cannot be had, and that
/// was said.
pub fn browser(workspace: &Workspace) -> Result<Option<(PathBuf, PathBuf)>, RunError> {
    let folder = workspace.target.join("tools").join("browser");
    let there = packages(&workspace.root.join("tests/browser"), &folder);
    let found = || ["chromium", "chromium-browser"].iter().find(|name| runs(name));
    if there && let Some(name) = found().or_else(|| if debian(&["chromium"]) { found() } else { None }) {
        return Ok(Some((folder, PathBuf::from(name))));
    }
    let how = "get Node 20.19 or newer with npm, and Chromium (`apt-get install chromium`)".to_owned();
    skip(strict(), "a browser, in which the pages are tried,", how).map(|()| None)
}

/// Installs what builds the pages into their folder. `false`: it cannot be had, and that was said.
pub fn web_packages(workspace: &Workspace) -> Result<bool, RunError> {
    let folder = workspace.root.join("server/web");
    if packages(&folder, &folder) {
        return Ok(true);
    }
    let how = "get Node 20.19 or newer with npm, which fetches what server/web names".to_owned();
    skip(strict(), "what builds the pages", how).map(|()| false)
}

/// Installs the packages that a lock file names into a folder, if they are not there. Only its versions and digests
/// count, and no script of a package runs.
fn packages(source: &Path, folder: &Path) -> bool {
    let stamp = folder.join("node_modules/.homphieu-lock");
    let lock = fs::read(source.join("package-lock.json")).ok();
    let there = || node_fits() && runs("npm");
    if there() && lock.is_some() && fs::read(&stamp).ok() == lock {
        return true;
    }
    println!("installing what {} names, once", source.display());
    let copied = folder == source
        || ["package.json", ".npmrc", "package-lock.json"].iter().all(|name| {
            fs::create_dir_all(folder).is_ok() && fs::copy(source.join(name), folder.join(name)).is_ok()
        });
    let ci = || succeeds(Command::new("npm").args(["ci", "--ignore-scripts"]).current_dir(folder));
    let installed = copied && ((there() || (debian(&["nodejs", "npm"]) && there())) && ci());
    installed && lock.is_some_and(|lock| fs::write(stamp, lock).is_ok())
}

/// Whether Node is new enough. What builds the pages breaks off on an older one, far from what is wrong.
fn node_fits() -> bool {
    let said = Command::new("node").arg("--version").output();
    let said = said.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let mut numbers =
        said.trim().trim_start_matches('v').split('.').map_while(|part| part.parse::<u32>().ok());
    (numbers.next(), numbers.next()) >= (Some(20), Some(19))
}

fn runs(program: &str) -> bool {
    succeeds(Command::new(program).arg("--version"))
}

/// Starts a PostgreSQL server for the tests; `None`: its programs cannot be had, and that was said.
pub fn postgres() -> Result<Option<Postgres>, RunError> {
    let found = crate::postgres::programs().or_else(|| {
        debian(&["postgresql"]);
        crate::postgres::programs()
    });
    match found {
        Some(programs) => Postgres::start(&programs).map(Some),
        None => {
            let how = "get it with `apt-get install postgresql`".to_owned();
            skip(strict(), "the second database engine, PostgreSQL,", how).map(|()| None)
        }
    }
}

/// Installs packages of Debian where nothing may be skipped; a person's machine is theirs to change.
fn debian(packages: &[&str]) -> bool {
    strict()
        && succeeds(Command::new("apt-get").args(["update", "--quiet"]))
        && succeeds(
            Command::new("apt-get")
                .args(["install", "--yes", "--no-install-recommends"])
                .args(packages)
                .env("DEBIAN_FRONTEND", "noninteractive"),
        )
}

/// Whether `cargo nextest` runs. It makes no check stricter, only faster, so nobody is asked to get it.
pub fn has_nextest() -> bool {
    succeeds(&mut cargo(["nextest", "--version"]))
}

/// Finds a tool, after building it once into the target folder if need be (some two minutes).
fn tool(workspace: &Workspace, tool: &Tool) -> Result<PathBuf, RunError> {
    let tools = workspace.target.join("tools");
    let own = tools.join("bin").join(format!("{}{}", tool.name, env::consts::EXE_SUFFIX));
    for program in [own.as_path(), Path::new(tool.name)] {
        if succeeds(Command::new(program).args(tool.probe)) {
            return Ok(program.to_owned());
        }
    }
    println!("building {}, once", tool.release());
    // Without optimisation it is built sooner and is still fast enough for this tree.
    let mut install = cargo(["install", "--locked", "--debug", "--quiet"]);
    install.arg(tool.release()).arg("--root").arg(&tools);
    run(install.env("CARGO_PROFILE_DEV_DEBUG", "false").env_remove("RUSTFLAGS")).map(|()| own)
}

impl Tool {
    fn release(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    fn how(&self) -> String {
        format!("get it with `cargo install --locked {}`", self.release())
    }
}

fn missing(tool: &Tool) -> RunError {
    RunError::Missing { what: tool.name, how: tool.how() }
}

/// Whether this is a place where nothing may be skipped.
pub fn strict() -> bool {
    is_set(env::var_os("CI").as_deref())
}

fn is_set(value: Option<&OsStr>) -> bool {
    value.is_some_and(|value| !value.is_empty() && value != "false" && value != "0")
}

fn skip(strict: bool, what: &'static str, how: String) -> Result<(), RunError> {
    if strict {
        return Err(RunError::Missing { what, how });
    }
    println!("skipped: {what} is missing; {how}");
    Ok(())
}

fn wasm_is_there() -> bool {
    let printed = Command::new("rustc").args(["--print", "target-libdir", "--target", WASM]).output();
    printed.is_ok_and(|output| {
        output.status.success() && Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_ci_variable_that_says_so_makes_the_place_strict() {
        for yes in ["true", "1", "yes"] {
            assert!(is_set(Some(yes.as_ref())), "{yes}");
        }
        for no in ["", "0", "false"] {
            assert!(!is_set(Some(no.as_ref())), "{no:?}");
        }
        assert!(!is_set(None));
    }

    #[test]
    fn a_missing_tool_is_skipped_on_a_desk_and_fails_in_ci_saying_how_to_get_it() {
        assert!(skip(false, "the tool", "buy it".to_owned()).is_ok());
        let error = skip(true, "the tool", "buy it".to_owned()).expect_err("nothing may be skipped");
        assert_eq!(error.to_string(), "the tool is missing and nothing may be skipped here; buy it");
    }

    #[test]
    fn a_tool_that_is_wanted_and_missing_says_which_release_to_get() {
        let said = missing(&CARGO_FUZZ).to_string();
        assert!(said.contains("`cargo install --locked cargo-fuzz@"), "{said}");
    }
}
