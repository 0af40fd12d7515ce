//! Writes the bindings of a built library for Kotlin, Swift and Python.
//!
//! It reads what UniFFI's macros left in the library, so it needs no description beside the code.

use std::error::Error;
use std::path::Path;
use uniffi::TargetLanguage::{Kotlin, Python, Swift};

/// Writes one folder a language. For Python the library lies beside the module, which looks for it there.
///
/// # Errors
/// If the library cannot be read, has no bindings in it, or the folder cannot be written.
pub fn write(library: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let text = |path: &Path| path.to_str().map(str::to_owned).ok_or("a path is not UTF-8");
    for (name, language) in [("kotlin", Kotlin), ("swift", Swift), ("python", Python)] {
        uniffi::generate(uniffi::GenerateOptions {
            languages: vec![language],
            source: text(library)?.into(),
            out_dir: text(&folder.join(name))?.into(),
            ..Default::default()
        })?;
    }
    let name = library.file_name().ok_or("the library has no name")?;
    std::fs::copy(library, folder.join("python").join(name))?;
    Ok(())
}
