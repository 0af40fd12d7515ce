//! Runs the peers' benchmark from its own folder's copy, so that nothing is written there.

use super::Result;
use super::report::Line;
use std::path::Path;
use std::process::{Command, Stdio};

const PEERS: [&str; 3] = ["sqlite", "yjs", "automerge"];

/// Measures the peers now; where their packages cannot be had, takes what is recorded beside them and says so.
pub fn run(folder: &Path, runs: usize) -> Result<Vec<Line>> {
    let copy = tempfile::tempdir()?;
    copy_tree(folder, copy.path())?;
    let installed = Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--silent"])
        .current_dir(copy.path())
        .stdout(Stdio::null())
        .status();
    if !installed.is_ok_and(|status| status.success()) {
        println!(
            "the peers' packages cannot be installed here: their recorded figures follow, from another run"
        );
        return recorded(folder);
    }
    let mut lines = Vec::new();
    for run in 1..=runs {
        for peer in PEERS {
            for workload in ["district", "late"] {
                eprintln!("peers, run {run} of {runs}: {peer} {workload}");
                let output = Command::new("node")
                    .args(["run.mjs", peer, workload])
                    .current_dir(copy.path())
                    .output()?;
                let text = String::from_utf8_lossy(&output.stdout);
                let Some(line) = text.lines().rev().find(|line| line.starts_with('{')) else { continue };
                println!("{line}");
                lines.push(serde_json::from_str(line)?);
            }
        }
    }
    Ok(lines)
}

fn recorded(folder: &Path) -> Result<Vec<Line>> {
    let text = std::fs::read_to_string(folder.join("results.jsonl"))?;
    let lines = text.lines().map(serde_json::from_str::<Line>).collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(lines.into_iter().filter(|line| PEERS.contains(&line.peer.as_str())).collect())
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if entry.file_type()?.is_dir() {
            if name != "node_modules" && name != "target" {
                std::fs::create_dir(to.join(&name))?;
                copy_tree(&entry.path(), &to.join(&name))?;
            }
        } else {
            std::fs::write(to.join(&name), std::fs::read(entry.path())?)?;
        }
    }
    Ok(())
}
