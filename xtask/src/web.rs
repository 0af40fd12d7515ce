//! The pages: the core as WebAssembly, its JavaScript side, and everything around it.

use crate::run::{RunError, Workspace, cargo, run};
use crate::setup;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Instant, SystemTime};

/// The core as pages call it: package, module, and where below `server/web` its JavaScript side is written.
const CORES: [(&str, &str, &str); 2] = [
    ("homphieu-wasm", "homphieu_wasm.wasm", "src/core/generated"),
    ("homphieu-trustees", "homphieu_trustees.wasm", "src/trustees/generated"),
];

/// Builds the pages into `server/web/dist`, from where the server takes them. `None`: what builds them cannot be had, and
/// that was said.
pub fn build(workspace: &Workspace) -> Result<Option<PathBuf>, RunError> {
    let start = Instant::now();
    if !setup::wasm_target()? || !setup::web_packages(workspace)? {
        return Ok(None);
    }
    // In a folder of its own, so that neither build waits for the other or undoes what it made.
    let target = workspace.target.join("web");
    let mut core = cargo(["build", "--profile", "web", "--target", "wasm32-unknown-unknown", "--lib"]);
    core.args(CORES.iter().flat_map(|(package, ..)| ["--package", package])).arg("--target-dir").arg(&target);
    run(core.current_dir(&workspace.root))?;
    let folder = workspace.root.join("server/web");
    for (_, module, generated) in CORES {
        let module = target.join("wasm32-unknown-unknown/web").join(module);
        let generated = folder.join(generated);
        if newest(&module) > newest(&generated.join("homphieu.js")) {
            let mut bindgen = cargo(["run", "--quiet", "--package", "homphieu-wasm-bindgen", "--"]);
            run(bindgen.arg(module).arg(generated).current_dir(&workspace.root))?;
        }
    }
    // What is new in time makes the server be built again, so nothing is made new without need.
    let made = newest(&folder.join("dist/trustees/index.html"));
    let sources = [
        "src",
        "tablet",
        "console",
        "trustees",
        "public",
        "build",
        "package.json",
        "package-lock.json",
        "vite.config.ts",
        "vite.console.config.ts",
        "vite.trustees.config.ts",
        // What the console is generated from.
        "../openapi.json",
        "../locales/vi/errors.ftl",
        "../locales/vi/causes.ftl",
    ];
    if made.is_none() || sources.iter().any(|source| newest(&folder.join(source)) > made) {
        run(&mut npm(&folder, "build"))?;
    }
    println!(
        "the pages are in {}, after {:.1} s",
        folder.join("dist").display(),
        start.elapsed().as_secs_f64()
    );
    Ok(Some(folder.join("dist")))
}

/// Types and texts of the pages, which have to be built.
pub fn check(workspace: &Workspace) -> Result<(), RunError> {
    run(&mut npm(&workspace.root.join("server/web"), "check"))
}

/// When something of a file or folder was written last; nothing if it is not there.
fn newest(path: &Path) -> Option<SystemTime> {
    let own = fs::metadata(path).ok()?;
    let below = if own.is_dir() { fs::read_dir(path).ok() } else { None };
    let below = below.into_iter().flatten().filter_map(|entry| newest(&entry.ok()?.path()));
    below.chain(own.modified().ok().filter(|_| own.is_file())).max()
}

fn npm(folder: &Path, script: &str) -> Command {
    let mut npm = Command::new("npm");
    npm.args(["run", "--silent", script]).current_dir(folder);
    npm
}
