//! The pages that `cargo xtask web` builds become part of the program. Where they were not built the folder is empty, and
//! the program says how to get them.

fn main() -> std::io::Result<()> {
    // A folder that is not there would be looked for, and everything built anew, each time.
    std::fs::create_dir_all("web/dist")?;
    println!("cargo:rerun-if-changed=web/dist");
    Ok(())
}
