//! No English text of the command line or of a printed document says “1 ballots”: a number before a plural chooses
//! between both forms.

use super::EN;

/// What stands between a value and words that it does not count: little words, verbs, the signs of seconds and bytes.
const BETWEEN: [&str; 29] = [
    "of", "in", "on", "at", "by", "to", "and", "or", "are", "is", "was", "has", "from", "with", "for", "s",
    "bytes", "shows", "opens", "holds", "tells", "films", "brings", "gives", "does", "looks", "says",
    "ended", "closes",
];

/// The plurals that a text has right after a value, outside of the forms that it chooses from.
fn plurals(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.trim_start().trim_start_matches('*').starts_with('['));
    lines.flat_map(plurals_of_line).collect()
}

fn plurals_of_line(line: &str) -> Vec<String> {
    let after_values = line.split("{ $").skip(1).filter_map(|rest| rest.split_once(" }"));
    let mut found = Vec::new();
    for (name, after) in after_values {
        // At most two words stand before what is counted; anything but a small letter ends them.
        let Some(after) = after.strip_prefix(' ') else { continue };
        let end = after.find(|c: char| !(c.is_ascii_lowercase() || " -".contains(c))).unwrap_or(after.len());
        let words = after[..end].split(' ').filter(|word| !word.is_empty());
        let words: Vec<&str> = words.take_while(|word| !BETWEEN.contains(word)).take(3).collect();
        let plural =
            words.iter().find(|word| **word == "people" || (word.ends_with('s') && !word.ends_with("ss")));
        found.extend(plural.map(|word| format!("{name} … {word}")));
    }
    found
}

#[test]
fn english_says_one_ballot_and_two_ballots() {
    let mut wrong = Vec::new();
    for file in EN {
        wrong.extend(plurals(file));
    }
    // The words of printed documents have their blanks without a sign.
    let printed = concat!(env!("CARGO_MANIFEST_DIR"), "/documents/words/en.json");
    let printed = std::fs::read_to_string(printed).expect("the words of documents");
    wrong.extend(plurals(&printed.replace('{', "{ $").replace('}', " }")));
    assert!(wrong.is_empty(), "these need both forms, or the number last: {wrong:#?}");
    for (text, is_wrong) in [
        ("x = { $count } ballots", true),
        ("x = cast { $count } late sealed ballots.", true),
        ("x = { $count } people", true),
        ("x = { $all } { $all ->\n        [one] ballot\n       *[other] ballots\n    } here", false),
        ("x = { $held } of the ballots; { $tablet } shows codes", false),
        ("x = { $name }: ballots", false),
    ] {
        assert_eq!(!plurals(text).is_empty(), is_wrong, "{text}");
    }
}
