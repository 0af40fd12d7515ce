//! The core's tests, as one program: it is linked once for each change of the core, and its files share one world.
//!
//! Each file of this folder is a module here.

mod admission;
mod ahead;
mod ballots;
mod bundles;
mod common;
mod cose_peer;
mod double_entry;
mod finish;
mod forms;
mod golden;
mod holds;
mod hostile;
mod hpke_vectors;
mod limits;
mod merge;
mod messages;
mod names;
mod orders;
mod orphans;
mod outsider;
mod paper_groups;
mod papers;
mod parcels;
mod permits;
mod reconcile;
mod record_automerge;
mod record_fold;
mod record_hostile;
mod record_minutes;
mod record_plans;
mod records;
mod regressions;
mod replica;
mod round;
mod sealing;
mod shares;
mod sheets;
mod signed_twice;
mod small_groups;
mod standing;

#[test]
fn no_file_of_this_folder_is_left_out() {
    let listed = include_str!("core.rs");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    for file in std::fs::read_dir(folder).expect("the folder is there") {
        let name = file.expect("a file").file_name().into_string().expect("a name in UTF-8");
        let Some(module) = name.strip_suffix(".rs") else { continue };
        assert!(module == "core" || listed.contains(&format!("\nmod {module};\n")), "nobody runs {name}");
    }
}
