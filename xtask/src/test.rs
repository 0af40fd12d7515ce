//! All tests, after setting up what they need.

use crate::run::{RunError, Workspace, cargo, run};
use crate::{setup, web};
use std::ffi::{OsStr, OsString};
use std::process::Command;

/// The simulator once more, with bugs in the code it drives. They never get into any other build. Like all tests it is
/// built as part of the workspace: the features of a package alone would compile everybody's crates anew.
const PLANTED: &[&str] =
    &["--workspace", "--features", "homphieu-sim/planted-bugs", "--test", "planted", "--no-fail-fast"];

/// What touches the centre's database. The rules of the workspace have nothing to do with it.
const BOTH_ENGINES: &[&str] = &[
    "access",
    "api",
    "board",
    "command_line",
    "comparison",
    "documents",
    "engines",
    "finish",
    "flood",
    "going_on",
    "guidance",
    "holds",
    "notices",
    "notices_at_size",
    "plans",
    "operations",
    "orphans",
    "outputs",
    "oversight",
    "people",
    "printing",
    "publication",
    "receipts",
    "record",
    "record_cache",
    "refusals",
    "replacement",
    "restore",
    "secrecy",
    "setup",
    "tablet",
    "tls",
    "ways",
    "years",
];

/// Other crates have tests of the same names, which know no database.
const OF_THE_CENTRE: &[&str] = &["-E", "package(homphieu-tests)"];

/// Runs every test of the workspace to the end, with `cargo nextest` where it is installed.
pub fn run_all(workspace: &Workspace) -> Result<(), RunError> {
    let wasm = setup::wasm_target()?;
    let schemathesis = setup::schemathesis(workspace)?;
    let aiosmtpd = setup::aiosmtpd(workspace)?;
    let automerge_js = setup::automerge_js(workspace)?;
    let faketime = setup::faketime()?;
    let pages = web::build(workspace)?;
    let browser = setup::browser(workspace)?.filter(|_| pages.is_some());
    if pages.is_some() {
        web::check(workspace)?;
    }
    let start = |args: &[&str]| -> Command {
        let mut command = cargo(args.iter().copied());
        command.current_dir(&workspace.root);
        if wasm {
            // Tests that build for the browser may then take a missing target for a failure.
            command.env("HOMPHIEU_WASM", "1");
        }
        if let Some(program) = &schemathesis {
            command.env("HOMPHIEU_SCHEMATHESIS", program);
        }
        if let Some(python) = &aiosmtpd {
            command.env("HOMPHIEU_AIOSMTPD", python);
        }
        if let Some(folder) = &automerge_js {
            command.env("HOMPHIEU_AUTOMERGE_JS", folder);
        }
        if let Some(library) = &faketime {
            command.env("HOMPHIEU_FAKETIME", library);
        }
        if let Some((packages, browser)) = &browser {
            command.env("HOMPHIEU_BROWSER_PACKAGES", packages).env("HOMPHIEU_BROWSER", browser);
        }
        command
    };
    if setup::has_nextest() {
        let tests = run(&mut start(&["nextest", "run", "--workspace", "--no-fail-fast"]));
        let examples = run(&mut start(&["test", "--doc", "--workspace", "--no-fail-fast"]));
        let planted = run(&mut start(&[&["nextest", "run"], PLANTED].concat()));
        let engine =
            on_postgres(|| start(&[&["nextest", "run"], &both_engines()[..], OF_THE_CENTRE].concat()));
        return tests.and(examples).and(planted).and(engine).and(replay(workspace));
    }
    // Runs the examples in the documentation too.
    let tests = run(&mut start(&["test", "--workspace", "--no-fail-fast"]));
    let planted = run(&mut start(&[&["test"], PLANTED].concat()));
    let engine = on_postgres(|| start(&[&["test"], &both_engines()[..]].concat()));
    tests.and(planted).and(engine).and(replay(workspace))
}

/// Arguments for the tests that run on both engines.
fn both_engines() -> Vec<&'static str> {
    let tests = BOTH_ENGINES.iter().flat_map(|name| ["--test", name]);
    ["--workspace", "--no-fail-fast"].into_iter().chain(tests).collect()
}

/// Takes pictures of every view of the pages.
pub fn screenshots(workspace: &Workspace) -> Result<(), RunError> {
    let folder = workspace.target.join("screenshots");
    let take = |args: &[&str]| in_browser(workspace, args, "HOMPHIEU_SCREENSHOTS", folder.as_os_str());
    take(&one("browser", "screenshots"))?;
    // The tests of the console and of the trustees' page take them where they pass, of everything that they pass.
    take(&["console"])?;
    take(&["trustees"])
}

/// Prints the guides for the team.
pub fn guides(workspace: &Workspace) -> Result<(), RunError> {
    in_browser(
        workspace,
        &one("guides", "guides"),
        "HOMPHIEU_GUIDES",
        workspace.target.join("guides").as_os_str(),
    )
}

/// Measures the page for tablets in a browser. The centre only serves it, so nothing is built in release but the page.
pub fn page_bench(workspace: &Workspace, options: &[OsString]) -> Result<(), RunError> {
    let runs = options.windows(2).find(|pair| pair[0] == "--runs").map(|pair| pair[1].clone());
    in_browser(workspace, &one("browser", "page_bench"), "HOMPHIEU_RUNS", &runs.unwrap_or_else(|| "5".into()))
}

/// Measures lists and views of the console with 700 units and twenty years of rounds. Built in release: what is slow there
/// is slow.
pub fn console_bench(workspace: &Workspace, options: &[OsString]) -> Result<(), RunError> {
    web::build(workspace)?;
    let value = |name: &str| options.windows(2).find(|pair| pair[0] == *name).map(|pair| pair[1].clone());
    let mut test = cargo(["test", "--quiet", "--release", "--workspace", "--test"]);
    test.args(one("years", "console_bench")).current_dir(&workspace.root);
    for (option, variable) in [("--runs", "HOMPHIEU_RUNS"), ("--rounds", "HOMPHIEU_ROUNDS")] {
        test.envs(value(option).map(|value| (variable, value)));
    }
    if let Some((packages, browser)) = setup::browser(workspace)? {
        test.env("HOMPHIEU_BROWSER_PACKAGES", packages).env("HOMPHIEU_BROWSER", browser);
    }
    run(&mut test)
}

/// One of the tests in a file that are none.
fn one<'a>(file: &'a str, name: &'a str) -> [&'a str; 6] {
    [file, name, "--", "--exact", "--ignored", "--nocapture"]
}

/// Runs tests in a browser.
fn in_browser(workspace: &Workspace, args: &[&str], variable: &str, value: &OsStr) -> Result<(), RunError> {
    web::build(workspace)?;
    let Some((packages, browser)) = setup::browser(workspace)? else { return Ok(()) };
    let mut test = cargo(["test", "--quiet", "--workspace", "--test"]);
    test.args(args).current_dir(&workspace.root);
    test.env("HOMPHIEU_BROWSER_PACKAGES", packages).env("HOMPHIEU_BROWSER", browser);
    run(test.env(variable, value))
}

/// Runs tests once more on a PostgreSQL server of their own.
fn on_postgres(tests: impl FnOnce() -> Command) -> Result<(), RunError> {
    match setup::postgres()? {
        Some(server) => {
            println!("the tests of the centre once more, on PostgreSQL");
            run(tests().env("HOMPHIEU_TEST_DATABASE", &server.address))
        }
        None => Ok(()),
    }
}

/// Replays the seeds of the fuzz targets, and every input that once did harm, in an ordinary build.
fn replay(workspace: &Workspace) -> Result<(), RunError> {
    run(fuzz_crate(workspace, "test").args(["--lib", "--test", "*"]))
}

/// A cargo command for the fuzz targets, which are a workspace of their own.
pub fn fuzz_crate(workspace: &Workspace, command: &str) -> Command {
    let mut command = cargo([command, "--manifest-path", "tests/fuzz/Cargo.toml"]);
    command.arg("--target-dir").arg(workspace.target.join("fuzz")).current_dir(&workspace.root);
    command
}
