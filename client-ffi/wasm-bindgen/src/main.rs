//! Writes the JavaScript side and the types of a built module: `homphieu-wasm-bindgen MODULE FOLDER`.
//!
//! The library behind the `wasm-bindgen` command, so that its version is the one in the lock file and nobody has to
//! install a program that fits.

use std::process::ExitCode;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [module, folder] = args.as_slice() else {
        eprintln!("usage: homphieu-wasm-bindgen MODULE FOLDER");
        return ExitCode::from(2);
    };
    let mut bindgen = Bindgen::new();
    let written = bindgen.web(true).and_then(|bindgen| {
        bindgen.input_path(module).out_name("homphieu").typescript(true).remove_name_section(true);
        bindgen.remove_producers_section(true).generate(folder)
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("homphieu-wasm-bindgen: {error:#}");
            ExitCode::FAILURE
        }
    }
}
