//! All tests, after setting up what they need.

use crate::run::{RunError, Workspace, cargo, run, succeeds};
use crate::setup;
use std::process::Command;

/// Runs every test of the workspace to the end, with `cargo nextest` where it is installed.
pub fn run_all(workspace: &Workspace) -> Result<(), RunError> {
    let wasm = setup::wasm_target()?;
    let start = |args: &[&str]| -> Command {
        let mut command = cargo(args.iter().copied());
        command.current_dir(&workspace.root);
        if wasm {
            // Tests that build for the browser may then take a missing target for a failure.
            command.env("HOMPHIEU_WASM", "1");
        }
        command
    };
    if succeeds(&mut cargo(["nextest", "--version"])) {
        let tests = run(&mut start(&["nextest", "run", "--workspace", "--no-fail-fast"]));
        let examples = run(&mut start(&["test", "--doc", "--workspace", "--no-fail-fast"]));
        return tests.and(examples);
    }
    // Runs the examples in the documentation too.
    run(&mut start(&["test", "--workspace", "--no-fail-fast"]))
}
