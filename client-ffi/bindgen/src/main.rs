//! Writes the bindings of a built library for Kotlin, Swift and Python: `homphieu-bindgen LIBRARY FOLDER`.
//!
//! It reads what UniFFI's macros left in the library, so it needs no description beside the code.

use std::error::Error;
use std::process::ExitCode;
use uniffi::TargetLanguage::{Kotlin, Python, Swift};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [library, folder] = args.as_slice() else {
        eprintln!("usage: homphieu-bindgen LIBRARY FOLDER");
        return ExitCode::from(2);
    };
    match write(library, folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("homphieu-bindgen: {error}");
            ExitCode::FAILURE
        }
    }
}

/// One folder a language. For Python the library lies beside the module, which looks for it there.
fn write(library: &str, folder: &str) -> Result<(), Box<dyn Error>> {
    for (name, language) in [("kotlin", Kotlin), ("swift", Swift), ("python", Python)] {
        uniffi::generate(uniffi::GenerateOptions {
            languages: vec![language],
            source: library.into(),
            out_dir: format!("{folder}/{name}").into(),
            ..Default::default()
        })?;
    }
    let name = std::path::Path::new(library).file_name().ok_or("the library has no name")?;
    std::fs::copy(library, std::path::Path::new(folder).join("python").join(name))?;
    Ok(())
}
