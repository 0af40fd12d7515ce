//! The tablet for other languages: the library and what each language needs to call it.

use crate::run::{RunError, Workspace, cargo, run};
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};

/// Builds the library and writes its bindings into `target/bindings`, one folder a language.
pub fn write(workspace: &Workspace, debug: bool) -> Result<(), RunError> {
    let profile: &[&str] = if debug { &[] } else { &["--release"] };
    let mut build = cargo(["build", "--package", "homphieu-bindings", "--lib"]);
    run(build.args(profile).current_dir(&workspace.root))?;
    let built = workspace.target.join(if debug { "debug" } else { "release" });
    let library = built.join(format!("{DLL_PREFIX}homphieu_tablet{DLL_SUFFIX}"));
    let folder = workspace.target.join("bindings");
    // Without optimisation it is built sooner, and it has little to do.
    let mut generate = cargo(["run", "--quiet", "--package", "homphieu-bindgen", "--"]);
    run(generate.arg(library).arg(&folder).current_dir(&workspace.root))?;
    println!("bindings for kotlin, swift and python are in {}", folder.display());
    Ok(())
}
