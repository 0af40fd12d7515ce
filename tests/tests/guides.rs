//! The guides that teams print.

#![expect(clippy::unwrap_used, reason = "a test fails on the spot")]

use homphieu_tests::browser::{Tools, play, tools};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Guides for the team that are one page each, and the language of those that quote the page's labels.
const GUIDES: [(&str, Option<&str>); 4] = [
    ("trang-may-tinh-bang", Some("vi")),
    ("tablet-page", Some("en")),
    ("khong-co-mang", None),
    ("no-network", None),
];

fn print_guides(tools: &Tools, folder: &Path) {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let paths: Vec<PathBuf> = GUIDES.iter().map(|(name, _)| docs.join(format!("{name}.md"))).collect();
    let pages = play(tools, "guides.mjs", &[folder.to_str().unwrap()], &json!({ "guides": paths }));
    for (name, _) in GUIDES {
        assert_eq!(pages[name], 1, "{name} takes one page");
        assert!(folder.join(format!("{name}.pdf")).is_file());
    }
}

#[test]
fn each_guide_for_the_team_prints_on_one_page() {
    let Some(tools) = tools() else { return };
    print_guides(&tools, &tempfile::tempdir().unwrap().path().join("guides"));
}

/// Not a test: `cargo xtask guides` prints them.
#[test]
#[ignore = "prints, for people to take along"]
fn guides() {
    let Some(tools) = tools() else { return };
    let folder = PathBuf::from(std::env::var_os("HOMPHIEU_GUIDES").unwrap());
    print_guides(&tools, &folder);
    println!("{} guides are in {}", GUIDES.len(), folder.display());
}

#[test]
fn guides_quote_only_what_stands_on_the_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (name, language) in GUIDES {
        let Some(language) = language else { continue };
        let guide = std::fs::read_to_string(root.join(format!("docs/{name}.md"))).unwrap();
        let texts = std::fs::read(root.join(format!("server/web/src/texts/{language}.json"))).unwrap();
        let mut shown = Vec::new();
        leaves(&serde_json::from_slice(&texts).unwrap(), &mut shown);
        let quoted: Vec<&str> =
            guide.split('“').skip(1).map(|rest| rest.split('”').next().unwrap()).collect();
        assert!(quoted.len() > 15, "{name} quotes the page");
        for label in quoted {
            assert!(
                shown.iter().any(|text| text.starts_with(label)),
                "{name}: no text begins with “{label}”"
            );
        }
    }
}

fn leaves(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Object(parts) => parts.values().for_each(|part| leaves(part, found)),
        _ => {}
    }
}
