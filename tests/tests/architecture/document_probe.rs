//! Reaches the export of a record as an Automerge document. Automerge draws a random actor for a new document before it
//! takes the one that is given, so here its random source is needed, and nothing else.

use sync_core::id::{PackageHash, UnitCode};
use sync_core::record::Record;

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn random(at: *mut u8, len: usize);
}

/// Automerge's random source, by the name under which its crate looks for it.
#[unsafe(no_mangle)]
unsafe extern "Rust" fn __getrandom_v03_custom(at: *mut u8, len: usize) -> Result<(), getrandom::Error> {
    unsafe { random(at, len) };
    Ok(())
}

/// The length of an empty record's document.
#[unsafe(no_mangle)]
pub extern "C" fn document() -> usize {
    UnitCode::new("U1").map_or(0, |unit| Record::new(PackageHash([1; 32]), unit).document().len())
}
