//! Every seed and every input that once did harm goes to its target, in an ordinary build.

use homphieu_fuzz::{TARGETS, Target, samples, target_of};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Seeds are part of every checkout.
const CORPUS_MAX_BYTES: u64 = 512 * 1024;

fn here(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

/// Names of what is in a folder, without what begins with a dot; nothing if it is not there.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| !name.starts_with('.')).collect()
}

fn targets() -> BTreeSet<String> {
    TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect()
}

fn feed_all(folder: &str) -> usize {
    let mut fed = 0;
    for name in names(&here(folder)) {
        let target = Target::named(&name);
        for file in names(&here(folder).join(&name)) {
            println!("{folder}/{name}/{file}");
            let bytes = fs::read(here(folder).join(&name).join(file)).expect("the file can be read");
            target.feed(&bytes);
            fed += 1;
        }
    }
    fed
}

#[test]
fn every_seed_does_no_harm() {
    assert!(feed_all("corpus") >= TARGETS.len());
}

#[test]
fn all_seeds_together_stay_small() {
    let files = names(&here("corpus")).into_iter().flat_map(|name| {
        let folder = here("corpus").join(name);
        names(&folder).into_iter().map(move |file| folder.join(file))
    });
    let bytes: u64 = files.map(|file| fs::metadata(file).expect("the file is there").len()).sum();
    assert!(bytes <= CORPUS_MAX_BYTES, "{bytes} bytes; keep the few smallest that add most");
}

#[test]
fn no_input_that_once_did_harm_does_so_again() {
    feed_all("crashers");
}

#[test]
fn every_sample_has_a_target_and_every_target_a_sample_a_file_and_seeds() {
    let read: BTreeSet<String> =
        samples().iter().map(|sample| target_of(sample.name).expect(sample.name).to_owned()).collect();
    assert_eq!(read, targets());
    let files = names(&here("src/bin"));
    assert_eq!(files, targets().iter().map(|name| format!("{name}.rs")).collect());
    assert_eq!(names(&here("corpus")), targets());
    for name in files {
        let text = fs::read_to_string(here("src/bin").join(&name)).unwrap();
        let own = name.trim_end_matches(".rs");
        assert!(text.contains(&format!("target!(\"{own}\")")), "{name} is a target of another name");
    }
}

#[test]
fn every_sample_is_among_the_seeds_as_it_is_now() {
    for sample in samples() {
        let target = target_of(sample.name).expect(sample.name);
        let seed = fs::read(here("corpus").join(target).join(sample.name)).unwrap_or_default();
        assert!(seed == sample.bytes, "{}: write the seeds anew, as README.md says", sample.name);
    }
}

#[test]
fn crashing_inputs_lie_in_the_folder_of_a_target() {
    assert!(names(&here("crashers")).is_subset(&targets()));
}
