//! The pages in a real browser, played by the scripts of `tests/browser`.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What xtask sets up: the packages of `tests/browser`, a browser, and the built pages.
#[derive(Debug)]
pub struct Tools {
    packages: PathBuf,
    browser: PathBuf,
}

/// The tools; nothing, after one line that says so, where they are missing and may be.
///
/// # Panics
/// If they are missing where nothing may be skipped.
pub fn tools() -> Option<Tools> {
    let given = |name| std::env::var_os(name).map(PathBuf::from);
    let found = given("HOMPHIEU_BROWSER_PACKAGES").zip(given("HOMPHIEU_BROWSER"));
    let strict = std::env::var_os("CI").is_some_and(|ci| ci == "true");
    assert!(found.is_some() || !strict, "a browser is missing and nothing may be skipped here");
    if found.is_none() {
        println!(
            "skipped: a browser, its packages or the built pages are missing; `cargo xtask test` gets them"
        );
    }
    found.map(|(packages, browser)| Tools { packages, browser })
}

fn script(tools: &Tools, name: &str, more: &[&str]) -> Child {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser").join(name);
    let mut node = Command::new("node");
    node.arg(script).arg(&tools.packages).arg(&tools.browser).args(more);
    let running = node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    running.expect("node runs")
}

/// Plays a script in the browser; what it says at the end.
///
/// # Panics
/// If it fails.
pub fn play(tools: &Tools, name: &str, more: &[&str], hall: &Value) -> Value {
    let mut running = script(tools, name, more);
    let mut stdin = running.stdin.take().expect("a pipe");
    stdin.write_all(hall.to_string().as_bytes()).expect("the script reads");
    drop(stdin);
    let output = running.wait_with_output().expect("the script ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("what it says is JSON")
}

/// Plays a script that asks for things to happen outside of the browser: each line with `ask` is answered by a line, the
/// last line is what it says at the end.
///
/// # Panics
/// If it fails.
pub fn converse(
    tools: &Tools,
    name: &str,
    more: &[&str],
    hall: &Value,
    mut happen: impl FnMut(&Value) -> Value,
) -> Value {
    let mut running = script(tools, name, more);
    let mut stdin = running.stdin.take().expect("a pipe");
    let mut stderr = running.stderr.take().expect("a pipe");
    let complaints = std::thread::spawn(move || {
        let mut text = String::new();
        drop(stderr.read_to_string(&mut text));
        text
    });
    writeln!(stdin, "{hall}").expect("the script reads");
    let mut said = Value::Null;
    for line in BufReader::new(running.stdout.take().expect("a pipe")).lines() {
        said = serde_json::from_str(&line.expect("the script says text")).expect("what it says is JSON");
        if let Some(asked) = said.get("ask") {
            let answer = happen(asked);
            // Should it be gone, its complaints say why.
            drop(writeln!(stdin, "{answer}"));
        }
    }
    let status = running.wait().expect("the script ends");
    assert!(status.success(), "{}", complaints.join().expect("a text"));
    said
}
