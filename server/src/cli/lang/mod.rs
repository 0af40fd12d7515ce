//! In which language the program speaks, and the texts of each (`server/locales`, Project Fluent).
//!
//! Every text that a person reads has a key; `tr!` finds it, and `vi!` the Vietnamese of what says its English itself. English is the reference: a test compares the keys and
//! variables of both languages with each other and with the keys that the sources name.

pub(super) mod causes;
pub(super) mod correction;
pub(super) mod evidence;
pub(super) mod explain;
pub(super) mod help;
#[cfg(test)]
mod plurals;
pub(super) mod roster;
pub(super) mod standing;
pub(super) mod tablet;
#[cfg(test)]
mod tests;
pub(super) mod usage;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::ffi::{OsStr, OsString};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use sync_core::record::Language;

/// A language of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Lang {
    // No doc comments here: clap would show them, and stretch every page of help for two words.
    Vi,
    En,
}

/// Texts for people, by language. `help.ftl` has no English twin: the doc comments of the commands are it.
const VI: &[&str] = &[
    include_str!("../../../locales/vi/messages.ftl"),
    include_str!("../../../locales/vi/office.ftl"),
    include_str!("../../../locales/vi/trustees.ftl"),
    include_str!("../../../locales/vi/tablet.ftl"),
    include_str!("../../../locales/vi/causes.ftl"),
    include_str!("../../../locales/vi/operations.ftl"),
    include_str!("../../../locales/vi/demo.ftl"),
    include_str!("../../../locales/vi/errors.ftl"),
    include_str!("../../../locales/vi/ways.ftl"),
    include_str!("../../../locales/vi/usage.ftl"),
    include_str!("../../../locales/vi/help.ftl"),
];
const EN: &[&str] = &[
    include_str!("../../../locales/en/messages.ftl"),
    include_str!("../../../locales/en/office.ftl"),
    include_str!("../../../locales/en/trustees.ftl"),
    include_str!("../../../locales/en/tablet.ftl"),
    include_str!("../../../locales/en/operations.ftl"),
    include_str!("../../../locales/en/demo.ftl"),
    include_str!("../../../locales/en/ways.ftl"),
    include_str!("../../../locales/en/errors.ftl"),
];

/// Set once at the start, before anything is said. A process speaks one language.
static VIETNAMESE: AtomicBool = AtomicBool::new(false);

type Texts = FluentBundle<FluentResource>;

/// Sets the language of the process.
pub(super) fn set(lang: Lang) {
    VIETNAMESE.store(lang == Lang::Vi, Ordering::Relaxed);
}

/// The language of the process.
pub(super) fn current() -> Lang {
    if VIETNAMESE.load(Ordering::Relaxed) { Lang::Vi } else { Lang::En }
}

/// The language asked for, before the arguments are parsed, since help and complaints about them need it: `--lang`,
/// else `HOMPHIEU_LANG`, else the locale, where the first of `LC_ALL`, `LC_MESSAGES`, `LANG` that says something counts.
pub(super) fn asked(args: &[OsString], environment: impl Fn(&str) -> Option<OsString>) -> Lang {
    let mut flag = None;
    for (at, arg) in args.iter().enumerate() {
        match arg.to_str() {
            // What follows is no flag any more.
            Some("--") => break,
            Some("--lang") => flag = args.get(at + 1).and_then(|next| named(next)),
            Some(text) => flag = text.strip_prefix("--lang=").map(OsStr::new).and_then(named).or(flag),
            None => {}
        }
    }
    let said = |name: &str| environment(name).filter(|value| !value.is_empty());
    flag.or_else(|| said("HOMPHIEU_LANG").and_then(|value| named(&value))).unwrap_or_else(|| {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(said).unwrap_or_default();
        let locale = locale.to_string_lossy().to_lowercase();
        let language = locale.split(['_', '.', '@', '-']).next();
        if language == Some("vi") { Lang::Vi } else { Lang::En }
    })
}

fn named(value: &OsStr) -> Option<Lang> {
    clap::ValueEnum::from_str(value.to_str()?, true).ok()
}

/// The language of the process, as the core names it.
pub(super) fn language() -> Language {
    match current() {
        Lang::Vi => Language::Vietnamese,
        Lang::En => Language::English,
    }
}

/// The text of a key; in English where Vietnamese lacks it, the key itself where both do.
pub(super) fn text(key: &str, values: &[(&str, FluentValue<'_>)]) -> String {
    find(current(), key, None, values)
        .or_else(|| find(Lang::En, key, None, values))
        .unwrap_or_else(|| key.to_owned())
}

/// The text of a key in Vietnamese, whatever the language of the process.
fn vietnamese(key: &str, values: &[(&str, FluentValue<'_>)]) -> String {
    find(Lang::Vi, key, None, values).unwrap_or_else(|| key.to_owned())
}

/// The text of a key, or of one of its attributes, in one language.
fn find(
    lang: Lang,
    key: &str,
    attribute: Option<&str>,
    values: &[(&str, FluentValue<'_>)],
) -> Option<String> {
    let texts = texts(lang);
    let message = texts.get_message(key)?;
    let pattern = match attribute {
        Some(attribute) => message.get_attribute(attribute)?.value(),
        None => message.value()?,
    };
    let values: FluentArgs<'_> = values.iter().map(|(name, value)| (*name, value.clone())).collect();
    // A value that is missing stays visible as `{$name}`; tests see to it that none is.
    Some(texts.format_pattern(pattern, Some(&values), &mut Vec::new()).into_owned())
}

fn texts(lang: Lang) -> &'static Texts {
    static VIETNAMESE: OnceLock<Texts> = OnceLock::new();
    static ENGLISH: OnceLock<Texts> = OnceLock::new();
    match lang {
        Lang::Vi => VIETNAMESE.get_or_init(|| load("vi", VI)),
        Lang::En => ENGLISH.get_or_init(|| load("en", EN)),
    }
}

fn load(language: &str, files: &[&str]) -> Texts {
    let mut texts = FluentBundle::new_concurrent(vec![language.parse().unwrap_or_default()]);
    // The marks are for texts of mixed direction; in a terminal they are litter.
    texts.set_use_isolating(false);
    for file in files {
        // What does not parse is left out here and named by a test.
        let resource = FluentResource::try_new((*file).to_owned()).unwrap_or_else(|(resource, _)| resource);
        drop(texts.add_resource(resource));
    }
    texts
}
