//! All that Typst may see: our templates, our words, the document's data. No files, no packages, no clock, no network.

use crate::Language;
use crate::fonts::FONTS;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

/// Templates by their names.
const TEMPLATES: &[(&str, &str)] = &[
    ("base", include_str!("../typst/base.typ")),
    ("ballot", include_str!("../typst/ballot.typ")),
    ("slips", include_str!("../typst/slips.typ")),
    ("minutes", include_str!("../typst/minutes.typ")),
    ("notices", include_str!("../typst/notices.typ")),
    ("plans", include_str!("../typst/plans.typ")),
    ("unit-report", include_str!("../typst/unit-report.typ")),
    ("round-report", include_str!("../typst/round-report.typ")),
    ("year", include_str!("../typst/year.typ")),
];

const WORDS: [(Language, &str); 2] = [
    (Language::Vietnamese, include_str!("../words/vi.json")),
    (Language::English, include_str!("../words/en.json")),
];

const DATA: &str = "data.json";
const WORDS_FILE: &str = "words.json";

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));
/// Parsed once for all documents.
static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
    TEMPLATES.iter().map(|(name, text)| Source::new(id(&template(name)), (*text).to_owned())).collect()
});

/// The words for what is no page.
static PARSED: LazyLock<[BTreeMap<String, String>; 2]> = LazyLock::new(|| {
    WORDS.map(|(_, words)| serde_json::from_str(words).expect("words are an object of texts"))
});

/// A word of ours.
///
/// # Panics
/// If there is none, which a test of this file finds.
pub(crate) fn word(key: &str, language: Language) -> &'static str {
    let [vi, en] = &*PARSED;
    let words = if language == Language::Vietnamese { vi } else { en };
    words.get(key).expect("every word is there in both languages")
}

/// One document on its way to pages.
pub(crate) struct Page {
    main: FileId,
    words: Bytes,
    data: Bytes,
}

impl Page {
    /// Of a template, with its data as JSON.
    pub fn new(name: &str, language: Language, data: &serde_json::Value) -> Self {
        let words = WORDS.iter().find(|(known, _)| *known == language).map_or("", |(_, words)| words);
        Self {
            main: id(&template(name)),
            words: Bytes::from_string(words),
            data: Bytes::from_string(data.to_string()),
        }
    }
}

impl World for Page {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FONTS.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        SOURCES.iter().find(|source| source.id() == id).cloned().ok_or_else(|| missing(id))
    }

    fn file(&self, asked: FileId) -> FileResult<Bytes> {
        if asked == id(DATA) {
            return Ok(self.data.clone());
        }
        if asked == id(WORDS_FILE) {
            return Ok(self.words.clone());
        }
        Err(missing(asked))
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn template(name: &str) -> String {
    format!("{name}.typ")
}

fn id(path: &str) -> FileId {
    let path = VirtualPath::new(path).expect("our own names are paths");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

fn missing(id: FileId) -> FileError {
    FileError::NotFound(id.get().vpath().get_with_slash().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn words(text: &str) -> BTreeMap<String, String> {
        serde_json::from_str(text).expect("words are an object of texts")
    }

    #[test]
    fn every_word_of_the_templates_is_there_in_both_languages_and_no_other() {
        let [vi, en] = WORDS.map(|(_, text)| words(text));
        assert_eq!(vi.keys().collect::<Vec<_>>(), en.keys().collect::<Vec<_>>());
        let mut used = BTreeSet::new();
        for (_, template) in TEMPLATES {
            for part in template.split("w(\"").skip(1) {
                used.insert(part.split('"').next().unwrap_or_default().to_owned());
            }
        }
        let tables = include_str!("tables.rs");
        for part in tables.split("w(\"").skip(1) {
            used.insert(part.split('"').next().unwrap_or_default().to_owned());
        }
        used.extend(["sheet-officials", "sheet-units", "sheet-rounds"].map(str::to_owned));
        // Words that are chosen by a code of the data: `wx("base-", code)`.
        let families: Vec<String> = TEMPLATES
            .iter()
            .flat_map(|(_, template)| template.split("wx(\"").skip(1))
            .map(|part| part.split('"').next().unwrap_or_default().to_owned())
            .collect();
        let of_family = |key: &&String| families.iter().any(|family| key.starts_with(family.as_str()));
        // One of a family may be named as well.
        let by_name = |key: &&String| used.contains(*key) || !of_family(key);
        let known: BTreeSet<String> = vi.keys().filter(by_name).cloned().collect();
        assert_eq!(used, known);
        for (key, text) in vi.iter().chain(&en) {
            assert!(!text.trim().is_empty() && text.chars().all(crate::can_draw), "{key}: {text}");
        }
    }

    #[test]
    fn nothing_but_our_own_files_is_there() {
        let page = Page::new("ballot", Language::English, &serde_json::json!({}));
        for path in ["etc/passwd", "other.typ", "data.json.typ"] {
            assert!(page.file(id(path)).is_err() && page.source(id(path)).is_err(), "{path}");
        }
        assert!(page.today(None).is_none());
    }
}
