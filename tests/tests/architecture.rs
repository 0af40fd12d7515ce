//! The rules of the workspace that no compiler keeps: which way its arrows point, what the core may not know, and that
//! the core runs where there is no operating system.

#![expect(clippy::unwrap_used, reason = "a check that cannot read what it checks fails on the spot")]

use cargo_metadata::{Metadata, MetadataCommand};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};
use wasmparser::{Parser, Payload};

/// Each crate of the workspace and the crates of the workspace it may name.
const ARROWS: [(&str, &[&str]); 14] = [
    ("sync-core", &[]),
    ("client-ffi", &["sync-core"]),
    ("homphieu-bindings", &["sync-core", "client-ffi"]),
    ("homphieu-bindgen", &[]),
    ("homphieu-page", &["sync-core", "client-ffi"]),
    ("homphieu-wasm", &["sync-core", "client-ffi", "homphieu-page"]),
    ("homphieu-wasm-bindgen", &[]),
    ("homphieu-trustees", &["sync-core"]),
    ("homphieu-documents", &[]),
    ("homphieu-server", &["sync-core", "client-ffi", "homphieu-documents", "homphieu-page"]),
    (
        "homphieu-tests",
        &["sync-core", "client-ffi", "homphieu-bindings", "homphieu-bindgen", "homphieu-server"],
    ),
    ("homphieu-bench", &["sync-core", "client-ffi", "homphieu-server", "homphieu-tests"]),
    ("homphieu-sim", &["sync-core", "client-ffi"]),
    ("xtask", &[]),
];

/// Crates that bring a clock, a thread pool, the network, files, SQL or randomness of their own.
const NOT_IN_THE_CORE: [&str; 20] = [
    "async-std",
    "axum",
    "chrono",
    "futures",
    "getrandom",
    "hyper",
    "instant",
    "jiff",
    "js-sys",
    "rand",
    "rayon",
    "reqwest",
    "rusqlite",
    "rustix",
    "smol",
    "sqlx",
    "time",
    "tokio",
    "ureq",
    "web-time",
];

/// Those of them that Automerge brings along. It draws a random name for a new document's writer; ours are always given.
const BELOW_AUTOMERGE: [&str; 2] = ["getrandom", "rand"];

/// Names that bring a clock, a thread, files, the network or an order that differs from run to run.
const NOT_NAMED_IN_THE_CORE: [&str; 9] = [
    "std::time",
    "std::fs",
    "std::net",
    "std::thread",
    "HashMap",
    "HashSet",
    "SystemTime",
    "Instant",
    "async",
];

#[test]
fn arrows_between_the_crates_point_one_way() {
    let metadata = workspace();
    let members: BTreeSet<&str> =
        metadata.workspace_packages().iter().map(|package| package.name.as_str()).collect();
    let known: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    assert_eq!(members, known, "a new crate needs its line in ARROWS, an old one loses it");
    for package in metadata.workspace_packages() {
        let (name, allowed) = ARROWS.iter().find(|(name, _)| *name == package.name.as_str()).unwrap();
        for dependency in &package.dependencies {
            let target = dependency.name.as_str();
            assert!(
                !members.contains(target) || allowed.contains(&target),
                "{name} may not depend on {target}"
            );
            // Under another name the searches below would not see it.
            assert!(dependency.rename.is_none(), "{name} renames {target}");
        }
    }
}

#[test]
fn only_the_simulator_can_plant_bugs_and_it_does_not_unless_asked() {
    const FEATURE: &str = "planted-bugs";
    for package in workspace().workspace_packages() {
        let name = package.name.as_str();
        let forwards =
            |dependency: &cargo_metadata::Dependency| dependency.features.iter().any(|f| f == FEATURE);
        assert!(!package.dependencies.iter().any(forwards), "a dependency of {name} always plants bugs");
        let turned_on = package.features.iter().filter(|(_, on)| on.iter().any(|f| f.ends_with(FEATURE)));
        for (feature, _) in turned_on {
            assert!(feature == FEATURE, "feature {feature} of {name} plants bugs");
            assert!(["client-ffi", "homphieu-sim"].contains(&name), "{name} can plant bugs");
        }
    }
}

#[test]
fn the_core_brings_no_clock_thread_network_or_randomness_with_it() {
    let found = |crates: &BTreeSet<String>| -> Vec<&str> {
        NOT_IN_THE_CORE.into_iter().filter(|name| crates.contains(*name)).collect()
    };
    let without = core_tree(&["--prune", "automerge"]);
    assert!(!without.contains("automerge"), "Automerge was not left out");
    assert_eq!(found(&without), Vec::<&str>::new(), "sync-core pulls these in");
    let whole = core_tree(&[]);
    assert!(whole.contains("automerge"), "this is not the core's tree: {whole:?}");
    assert_eq!(found(&whole), BELOW_AUTOMERGE, "Automerge pulls these in");
}

/// Names of all crates that the core is built from.
fn core_tree(more: &[&str]) -> BTreeSet<String> {
    let mut tree = cargo(&["tree", "--package", "sync-core", "--edges", "normal,build", "--prefix", "none"]);
    let tree = tree.args(["--format", "{p}", "--locked"]).args(more);
    let output = tree.current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed = String::from_utf8(output.stdout).unwrap();
    let crates: BTreeSet<String> =
        listed.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    assert!(crates.contains("sync-core") && crates.contains("hpke"), "this is not the core's tree: {listed}");
    crates
}

#[test]
fn one_module_of_the_core_names_automerge_and_nobody_else_does() {
    let workspace = root();
    let folders = ["sync-core/src", "client-ffi/src", "server/src", "tests/sim/src", "tests/src"];
    let all = folders.iter().flat_map(|folder| sources(&workspace.join(folder)));
    // The crate, not the word: a document is served under the format's own name.
    let naming = all.filter(|(_, code)| code.contains("automerge::")).map(|(path, _)| path);
    assert_eq!(naming.collect::<Vec<_>>(), [workspace.join("sync-core/src/record/document.rs")]);
    for package in workspace_packages() {
        let depends = package.dependencies.iter().any(|dependency| dependency.name == "automerge");
        assert_eq!(depends, package.name.as_str() == "sync-core", "{} and automerge", package.name);
    }
}

#[test]
fn the_core_names_no_clock_thread_file_socket_or_unordered_map() {
    let mut found = Vec::new();
    for (path, code) in sources(&root().join("sync-core/src")) {
        found.extend(forbidden(&code).into_iter().map(|name| format!("{}: {name}", path.display())));
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn only_the_command_line_of_the_server_names_the_tablet() {
    let src = root().join("server/src");
    let outside = sources(&src).into_iter().filter(|(path, _)| {
        let inside = path.strip_prefix(&src).unwrap();
        !inside.starts_with("cli") && inside != Path::new("cli.rs")
    });
    let found: Vec<_> = outside.filter(|(_, code)| names(code, "client_ffi")).map(|(path, _)| path).collect();
    assert!(found.is_empty(), "{found:#?} may not name client_ffi; only server/src/cli may");
}

#[test]
fn no_crate_but_the_bindings_may_hold_unsafe_code_and_they_write_none_themselves() {
    for package in workspace_packages() {
        let manifest = fs::read_to_string(&package.manifest_path).unwrap();
        let inherits = manifest.contains("[lints]\nworkspace = true");
        let crosses = ["homphieu-bindings", "homphieu-page", "homphieu-trustees", "homphieu-wasm"]
            .contains(&package.name.as_str());
        assert_eq!(inherits, !crosses, "{} and the lints", package.name);
    }
    // What the macros of UniFFI and wasm-bindgen write does not stand in the sources.
    for folder in ["client-ffi/bindings", "client-ffi/page", "client-ffi/trustees", "client-ffi/wasm"] {
        for (path, code) in sources(&root().join(folder)) {
            assert!(!names(&code, "unsafe"), "{} holds unsafe code", path.display());
        }
    }
}

#[test]
fn the_search_of_sources_sees_every_way_to_write_a_name_and_no_comment() {
    let cases: [(&str, &[&str]); 9] = [
        ("use std::time::Duration;", &["std::time"]),
        ("use std::{fmt,\n    fs::File};", &["std::fs"]),
        ("let at = ::std :: net::Ipv4Addr::LOCALHOST;", &["std::net"]),
        ("let map = HashMap::<u8, u8>::new(); // a HashSet", &["HashMap"]),
        ("pub async fn wait() {}", &["async"]),
        ("/// Nothing async, no Instant.\n//! std::fs\nlet asynchronous = Instantly;", &[]),
        ("let url = \"http://here\"; let now = SystemTime::now();", &["SystemTime"]),
        ("use std::{fmt, str};\nuse hpke::{net, fs};", &[]),
        ("/* Instant */ let hash_map = BTreeMap::new();", &[]),
    ];
    for (code, expected) in cases {
        assert_eq!(forbidden(&without_comments(code)), expected, "{code}");
    }
}

#[test]
fn the_core_runs_in_a_browser_and_asks_nothing_of_it() {
    if !wasm_is_there() {
        return;
    }
    let dependencies = format!(
        "sync-core = {{ path = {:?} }}\nrand_chacha = {{ version = \"0.10\", default-features = false }}\n",
        root().join("sync-core")
    );
    let module = build_for_wasm("core-probe", &dependencies, include_str!("architecture/probe.rs"));
    let seen = Seen::in_module(&module);
    assert_eq!(seen.imports, Vec::<String>::new(), "the core asks its host for these");
    for export in ["seal_ballot", "merge_message", "reconcile_record", "verify_bundle"] {
        assert!(seen.exports.iter().any(|name| name == export), "{export} is not in {:?}", seen.exports);
    }
    // Cryptography, formats, merge and count cannot fit into less; if they seem to, the probe no longer reaches them.
    assert!(seen.code_bytes > 100_000, "only {} bytes of code were kept", seen.code_bytes);
}

#[test]
fn the_export_of_a_document_asks_its_host_for_random_bytes_and_nothing_else() {
    if !wasm_is_there() {
        return;
    }
    let dependencies = format!(
        "sync-core = {{ path = {:?} }}\ngetrandom = {{ version = \"0.4\", default-features = false }}\n",
        root().join("sync-core")
    );
    let source = include_str!("architecture/document_probe.rs");
    let seen = Seen::in_module(&build_for_wasm("document-probe", &dependencies, source));
    assert_eq!(seen.imports, ["env.random"]);
    assert!(seen.exports.iter().any(|name| name == "document"), "{:?}", seen.exports);
    assert!(seen.code_bytes > 100_000, "only {} bytes of code were kept", seen.code_bytes);
}

#[test]
fn a_module_that_asks_its_host_for_the_time_is_found_out() {
    if !wasm_is_there() {
        return;
    }
    let source = "#[link(wasm_import_module = \"env\")]\nunsafe extern \"C\" { safe fn now() -> f64; }\n\
                  #[unsafe(no_mangle)]\npub extern \"C\" fn hour() -> f64 { now() / 3600.0 }\n";
    let seen = Seen::in_module(&build_for_wasm("clock-probe", "", source));
    assert_eq!(seen.imports, ["env.now"]);
    assert!(seen.exports.iter().any(|name| name == "hour"), "{:?}", seen.exports);
    assert!(seen.code_bytes < 100_000, "an almost empty module has {} bytes of code", seen.code_bytes);
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn workspace_packages() -> Vec<cargo_metadata::Package> {
    workspace().workspace_packages().into_iter().cloned().collect()
}

fn workspace() -> Metadata {
    let mut command = MetadataCommand::new();
    command.manifest_path(root().join("Cargo.toml")).no_deps();
    command.exec().unwrap()
}

fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args);
    command
}

/// Every Rust file below a folder, without comments.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let code = without_comments(&fs::read_to_string(&path).unwrap());
            found.push((path, code));
        }
    }
    assert!(!found.is_empty(), "no source in {}", folder.display());
    found
}

/// Which forbidden names the code uses.
fn forbidden(code: &str) -> Vec<&'static str> {
    let dense: String =
        code.split_whitespace().collect::<Vec<_>>().join(" ").replace(" ::", "::").replace(":: ", "::");
    let groups: Vec<&str> = dense.split("std::{").skip(1).filter_map(|rest| rest.split(';').next()).collect();
    let grouped = |name: &str| {
        let part = name.strip_prefix("std::");
        part.is_some_and(|part| groups.iter().any(|group| names(group, part)))
    };
    NOT_NAMED_IN_THE_CORE.into_iter().filter(|name| names(&dense, name) || grouped(name)).collect()
}

/// Whether `name` stands in the code as a word of its own.
fn names(code: &str, name: &str) -> bool {
    let part_of_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    code.match_indices(name).any(|(at, _)| {
        !code[..at].ends_with(part_of_word) && !code[at + name.len()..].starts_with(part_of_word)
    })
}

/// The code without comments. A `//` right after a colon is taken for an address in a string, not for a comment.
fn without_comments(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    for line in source.lines() {
        let comment = line.match_indices("//").find(|(at, _)| !line[..*at].ends_with(':'));
        code.push_str(&line[..comment.map_or(line.len(), |(at, _)| at)]);
        code.push('\n');
    }
    let mut parts = code.split("/*");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| kept + part.split_once("*/").map_or("", |(_, after)| after))
}

/// Whether modules for the browser can be built. If not, says so; where tests may not be skipped that is a failure.
fn wasm_is_there() -> bool {
    let printed =
        Command::new("rustc").args(["--print", "target-libdir", "--target", WASM]).output().unwrap();
    if Path::new(String::from_utf8_lossy(&printed.stdout).trim()).is_dir() {
        return true;
    }
    let line = format!("the target {WASM} is missing; get it with `rustup target add {WASM}`");
    let promised = env::var_os("HOMPHIEU_WASM").is_some_and(|value| value == "1");
    let strict = env::var("CI").is_ok_and(|value| !["", "0", "false"].contains(&value.as_str()));
    assert!(!promised && !strict, "{line}");
    // Written past the capture of the test runner, so that a skip is seen.
    drop(writeln!(std::io::stderr(), "skipped: {line}"));
    false
}

const WASM: &str = "wasm32-unknown-unknown";

/// Builds a library for the browser from one source file, with the versions of our own lock file and without network.
fn build_for_wasm(name: &str, dependencies: &str, source: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[lib]\ncrate-type = [\"cdylib\"]\n\n\
         [profile.release]\nopt-level = 1\nincremental = true\n\n[workspace]\n\n[dependencies]\n{dependencies}"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/lib.rs"), source).unwrap();
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let mut build = cargo(&["build", "--release", "--offline", "--target", WASM, "--target-dir", "target"]);
    // Where Automerge's random source is reached, it is a symbol that nobody defines: an import, or no module at all.
    let flags = "--cfg getrandom_backend=\"custom\"";
    let output = build.current_dir(&folder).env("RUSTFLAGS", flags).output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    let file = format!("{}.wasm", name.replace('-', "_"));
    fs::read(folder.join("target").join(WASM).join("release").join(file)).unwrap()
}

/// What a module shows of itself.
#[derive(Default)]
struct Seen {
    imports: Vec<String>,
    exports: Vec<String>,
    code_bytes: usize,
}

impl Seen {
    fn in_module(module: &[u8]) -> Self {
        let mut seen = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload.unwrap() {
                Payload::ImportSection(section) => {
                    let imports = section.into_imports().map(Result::unwrap);
                    seen.imports.extend(imports.map(|import| format!("{}.{}", import.module, import.name)));
                }
                Payload::ExportSection(section) => {
                    seen.exports.extend(section.into_iter().map(|export| export.unwrap().name.to_owned()));
                }
                Payload::CodeSectionEntry(body) => seen.code_bytes += body.as_bytes().len(),
                _ => {}
            }
        }
        seen
    }
}
