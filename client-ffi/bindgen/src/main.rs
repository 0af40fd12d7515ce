//! `homphieu-bindgen LIBRARY FOLDER`.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [library, folder] = args.as_slice() else {
        eprintln!("usage: homphieu-bindgen LIBRARY FOLDER");
        return ExitCode::from(2);
    };
    match homphieu_bindgen::write(Path::new(library), Path::new(folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("homphieu-bindgen: {error}");
            ExitCode::FAILURE
        }
    }
}
