//! Everything that a centre shows of a round, found in the program itself: every route that reads, with every value of
//! what can be chosen, and every command. Whoever adds one and does not say what becomes of it fails the tests that ask here.

use crate::server::Answer;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::io::Read;

/// What stands for the blanks in the addresses of routes.
#[derive(Debug, Clone, Default)]
pub struct Blanks(pub BTreeMap<&'static str, Vec<String>>);

impl Blanks {
    fn of(&self, route: &str, name: &str, schema: &Value, document: &Value) -> Vec<String> {
        if let Some(values) = self.0.get(name) {
            return values.clone();
        }
        let known = choices(schema, document);
        assert!(!known.is_empty(), "{route}: say in the test what to put in place of {{{name}}}");
        known
    }
}

/// The words that a parameter takes, if it is one of several.
fn choices(schema: &Value, document: &Value) -> Vec<String> {
    let schema = resolved(schema, document);
    let own = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    let parts = ["allOf", "oneOf"].into_iter().filter_map(|word| schema[word].as_array()).flatten();
    own.chain(parts.flat_map(|part| choices(part, document))).collect()
}

fn resolved<'a>(schema: &'a Value, document: &'a Value) -> &'a Value {
    match schema["$ref"].as_str().and_then(|path| path.strip_prefix('#')) {
        Some(path) => document.pointer(path).expect("the document has what it refers to"),
        None => schema,
    }
}

/// Every operation of the document that reads, as the addresses to ask: its blanks filled, once as it is and once with
/// each value of each thing to choose in its query. Routes of `left` are not asked.
///
/// # Panics
/// If a blank has no value, or `left` names what is not there.
pub fn readings(document: &Value, blanks: &Blanks, left: &[(&str, &str)]) -> Vec<String> {
    let mut all = Vec::new();
    let mut unknown: BTreeSet<&str> = left.iter().map(|(route, _)| *route).collect();
    for (path, item) in document["paths"].as_object().expect("paths") {
        let Some(operation) = item.get("get") else { continue };
        if unknown.remove(path.as_str()) {
            continue;
        }
        let none = Vec::new();
        let parameters = operation["parameters"].as_array().unwrap_or(&none);
        let (mut filled, mut queries) = (vec![path.clone()], vec![String::new()]);
        for parameter in parameters {
            let name = parameter["name"].as_str().expect("a name");
            match parameter["in"].as_str() {
                Some("path") => {
                    let values = blanks.of(path, name, &parameter["schema"], document);
                    let put = |path: &String| {
                        let blank = format!("{{{name}}}");
                        values.iter().map(|value| path.replace(&blank, value)).collect::<Vec<_>>()
                    };
                    filled = filled.iter().flat_map(put).collect();
                }
                Some("query") => {
                    let values = choices(&parameter["schema"], document).into_iter();
                    queries.extend(values.map(|value| format!("?{name}={value}")));
                }
                _ => {}
            }
        }
        let asked = |path: &String| queries.iter().map(|query| format!("{path}{query}")).collect::<Vec<_>>();
        all.extend(filled.iter().flat_map(asked));
    }
    assert!(unknown.is_empty(), "there are no such routes: {unknown:?}");
    all
}

/// Names under which figures by level stand in answers.
const BY_LEVEL: [&str; 9] = [
    "levels",
    "shares",
    "percent",
    "over_half",
    "two_thirds_or_more",
    "invalid_lines",
    "signs",
    "lines",
    "small_units",
];

/// Every operation that changes something and answers with figures by level, or with what is no JSON.
///
/// # Panics
/// If the document refers to what it has not.
pub fn writes_with_figures(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations").iter().filter(|(m, _)| *m != "get") {
            let answers = operation["responses"].as_object().expect("responses").iter();
            let kinds = answers.filter(|(status, _)| status.starts_with('2'));
            let kinds = kinds.filter_map(|(_, answer)| answer["content"].as_object()).flatten();
            let told = |(kind, body): (&String, &Value)| {
                kind != "application/json" || holds_figures(&body["schema"], document, &mut BTreeSet::new())
            };
            if kinds.into_iter().any(told) {
                found.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    found
}

fn holds_figures(schema: &Value, document: &Value, seen: &mut BTreeSet<String>) -> bool {
    match schema {
        Value::Object(fields) => fields.iter().any(|(name, value)| match (name.as_str(), value) {
            ("$ref", Value::String(path)) => {
                seen.insert(path.clone()) && holds_figures(resolved(schema, document), document, seen)
            }
            ("properties", Value::Object(properties)) => {
                properties.keys().any(|name| BY_LEVEL.contains(&name.as_str()))
                    || holds_figures(value, document, seen)
            }
            _ => holds_figures(value, document, seen),
        }),
        Value::Array(parts) => parts.iter().any(|part| holds_figures(part, document, seen)),
        _ => false,
    }
}

/// What people can read of an answer, without what is drawn at random or tells when it was asked.
///
/// # Panics
/// If a file is not what its content type says.
pub fn readable(answer: &Answer) -> String {
    let kind = answer.kind.split(';').next().unwrap_or_default();
    let text = match kind {
        "application/pdf" => text_of_pages(&answer.body),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => text_of_workbook(&answer.body),
        _ => String::from_utf8(answer.body.clone()).expect("text"),
    };
    without_chance(&text)
}

/// Texts of a PDF with their spaces, and every line and area that is drawn: bars of charts are figures too.
fn text_of_pages(bytes: &[u8]) -> String {
    let file = lopdf::Document::load_mem(bytes).expect("a PDF");
    let mut text = String::new();
    for (number, page) in file.get_pages() {
        text.push_str(&file.extract_text(&[number]).expect("its text"));
        let content = file.get_page_content(page).expect("a page");
        for one in lopdf::content::Content::decode(&content).expect("operations").operations {
            // The modules of a code that is scanned stand on whole numbers, and it holds a digest.
            let of_code = one.operands.iter().all(|at| matches!(at, lopdf::Object::Integer(1..)));
            if !of_code && ["re", "m", "l", "c"].contains(&one.operator.as_str()) {
                writeln!(text, "{} {:?}", one.operator, one.operands).expect("a text takes everything");
            }
        }
    }
    text
}

/// The parts of a workbook, one after another. When it was made stands in `docProps`.
fn text_of_workbook(bytes: &[u8]) -> String {
    let mut parts = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a workbook");
    let mut text = String::new();
    for at in 0..parts.len() {
        let mut part = parts.by_index(at).expect("a part");
        let name = part.name().expect("a name").into_owned();
        if !name.starts_with("docProps") {
            text.push_str(&name);
            part.read_to_string(&mut text).expect("XML");
        }
    }
    text
}

/// A text without ids, digests and moments: runs of hexadecimal digits with hyphens among them that are long enough to be
/// one, and fingerprints, which are groups of five digits. Counts and percentages are short.
pub fn without_chance(text: &str) -> String {
    let (mut kept, mut run) = (String::new(), String::new());
    for c in without_moments(&without_fingerprints(text)).chars().chain(['\n']) {
        if c.is_ascii_hexdigit() || c == '-' {
            run.push(c);
            continue;
        }
        let digits = run.chars().filter(char::is_ascii_hexdigit).count();
        kept.push_str(if digits >= 9 { "#" } else { &run });
        run.clear();
        kept.push(c);
    }
    kept
}

/// A text with `#` in the place of each moment of the day, as `03:36:01`.
fn without_moments(text: &str) -> String {
    const LENGTH: usize = 8;
    let letters: Vec<char> = text.chars().collect();
    let is_one = |part: &[char]| {
        part.iter().enumerate().all(|(at, c)| if at % 3 == 2 { *c == ':' } else { c.is_ascii_digit() })
    };
    without(&letters, LENGTH, is_one)
}

/// A text with `#` in the place of each fingerprint: six groups of five digits with a blank between each two.
fn without_fingerprints(text: &str) -> String {
    const LENGTH: usize = 35;
    let letters: Vec<char> = text.chars().collect();
    let is_one = |part: &[char]| {
        part.iter().enumerate().all(|(at, c)| if at % 6 == 5 { *c == ' ' } else { c.is_ascii_digit() })
    };
    without(&letters, LENGTH, is_one)
}

fn without(letters: &[char], length: usize, is_one: impl Fn(&[char]) -> bool) -> String {
    let (mut kept, mut at) = (String::new(), 0);
    while let Some(letter) = letters.get(at) {
        let found = letters.get(at..at + length).is_some_and(&is_one);
        kept.push(if found { '#' } else { *letter });
        at += if found { length } else { 1 };
    }
    kept
}

/// The parts of an answer without their order, where it is that of something drawn at random.
pub fn in_any_order(text: &str) -> String {
    let mut parts: Vec<&str> = text.split(['{', '}', '[', ']', '\n']).collect();
    parts.sort_unstable();
    parts.join("\n")
}

/// Every command that does something, by its words.
pub fn commands(command: &clap::Command) -> Vec<Vec<String>> {
    let below: Vec<_> = command.get_subcommands().filter(|one| one.get_name() != "help").collect();
    if below.is_empty() {
        return vec![Vec::new()];
    }
    let named = |one: &&clap::Command| {
        let name = one.get_name().to_owned();
        commands(one).into_iter().map(move |rest| [vec![name.clone()], rest].concat()).collect::<Vec<_>>()
    };
    below.iter().flat_map(named).collect()
}
