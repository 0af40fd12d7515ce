//! Text of people is text: whatever it says, it stands on the page as it was written.

use crate::common::*;
use crate::samples::*;
use homphieu_documents::*;

const HOSTILE: [&str; 12] = [
    "#import \"base.typ\": *",
    "#panic(\"x\") #eval(\"1+1\")",
    "$x^2$ [a] *b* _c_ `d` <e> @f",
    "\\ \\u{41} // not a comment /* nor this */",
    "= Heading",
    "=HYPERLINK(\"http://example.org\")",
    "- list + enum / term: x",
    "https://example.org ~ -- --- ... '\"",
    "{\"$qr\": \"x\"} #{ doc }",
    "{base} {level} {day}",
    "שלום مرحبا 漢字 😀",
    "a\u{202e}b\u{0}c\u{7}",
];

/// What stands on the page of such a text: what the fonts lack becomes a box, spaces are as the page sets them.
fn seen(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}').collect()
}

#[test]
fn markup_and_formulas_are_shown_and_never_done() {
    for text in &HOSTILE[..10] {
        let mut ballot = ballot(1);
        ballot.officials[0] = RatedOfficial { code: "A1".into(), name: (*text).into(), post: (*text).into() };
        ballot.head.round = (*text).into();
        ballot.unit.name = (*text).into();
        let found = seen(&text_of(&pdf(&Document::Ballot(ballot), Language::English).unwrap()).join("\n"));
        assert_eq!(found.matches(&seen(text)).count(), 4, "{text}: {found}");
    }
}

#[test]
fn every_document_takes_every_text_in_both_languages() {
    for document in samples() {
        for (language, from) in [(Language::Vietnamese, 0), (Language::English, 5)] {
            let mut next = from;
            let document = with_texts(&document, &mut || {
                next += 1;
                HOSTILE[next % HOSTILE.len()].to_owned()
            });
            assert!(pdf(&document, language).is_ok(), "{} {language:?}", document.name());
        }
    }
}

#[test]
fn no_length_of_a_text_carries_it_over_the_edge_of_a_page() {
    for text in [long("ề"), long("Wăm "), "x".repeat(300)] {
        for document in samples() {
            let document = with_texts(&document, &mut || text.clone());
            let made = pages(&document, Language::Vietnamese).unwrap();
            for (number, page) in pictures_of(&format!("long-{}", document.name()), &made).iter().enumerate()
            {
                assert!(page.margins_are_empty(), "{} page {number}: {text}", document.name());
            }
        }
    }
}

fn long(word: &str) -> String {
    word.repeat(300 / word.chars().count())
}

/// The document with other texts, but for codes, days, and what names a kind.
fn with_texts(document: &Document, text: &mut dyn FnMut() -> String) -> Document {
    let mut data = serde_json::to_value(document).expect("JSON");
    replace(&mut data, text);
    rebuilt(document, data)
}

fn replace(data: &mut serde_json::Value, text: &mut dyn FnMut() -> String) {
    const KEPT: [&str; 14] = [
        "made_on",
        "due_on",
        "done_on",
        "on",
        "until",
        "published_on",
        "percent",
        "percent_base",
        "$qr",
        "$code",
        "stage",
        "code",
        "post",
        "reasons",
    ];
    match data {
        serde_json::Value::String(old) => *old = text(),
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| replace(item, text)),
        serde_json::Value::Object(fields) => {
            for (_, value) in fields.iter_mut().filter(|(key, _)| !KEPT.contains(&key.as_str())) {
                replace(value, text);
            }
        }
        _ => {}
    }
}

fn rebuilt(like: &Document, data: serde_json::Value) -> Document {
    let read = |data| -> Option<Document> {
        Some(match like {
            Document::Ballot(_) => Document::Ballot(serde_json::from_value(data).ok()?),
            Document::Slips(_) => Document::Slips(serde_json::from_value(data).ok()?),
            Document::Minutes(_) => Document::Minutes(serde_json::from_value(data).ok()?),
            Document::Notices(_) => Document::Notices(serde_json::from_value(data).ok()?),
            Document::Plans(_) => Document::Plans(serde_json::from_value(data).ok()?),
            Document::UnitReport(_) => Document::UnitReport(serde_json::from_value(data).ok()?),
            Document::RoundReport(_) => Document::RoundReport(serde_json::from_value(data).ok()?),
            Document::Year(_) => Document::Year(serde_json::from_value(data).ok()?),
        })
    };
    read(data).expect("the same shape")
}

/// All letters of the alphabet with all their tones, both cases.
fn alphabet() -> String {
    let vowels = "aăâeêioôơuưy";
    let tones = ["", "\u{300}", "\u{301}", "\u{309}", "\u{303}", "\u{323}"];
    let mut letters: Vec<String> =
        vowels.chars().flat_map(|vowel| tones.map(|tone| format!("{vowel}{tone}"))).collect();
    letters.extend("bcdđghklmnpqrstvx0123456789fjwz".chars().map(String::from));
    let upper: Vec<String> = letters.iter().map(|letter| letter.to_uppercase()).collect();
    letters.into_iter().chain(upper).collect::<Vec<_>>().join(" ")
}

#[test]
fn no_letter_of_the_alphabet_is_missing_in_any_style_of_any_document() {
    use unicode_normalization::UnicodeNormalization;
    let alphabet = alphabet();
    for letter in alphabet.nfc() {
        assert!(can_draw(letter), "{letter}");
    }
    assert!(!can_draw('漢') && !can_draw('\u{e000}'));
    for document in samples() {
        let document = with_texts(&document, &mut || alphabet.clone());
        // A glyph that is missing is an error of the format that the files keep to (PDF/A-2a, PDF/UA-1).
        let bytes = pdf(&document, Language::Vietnamese).unwrap();
        let text = text_of(&bytes).join(" ");
        assert!(!text.contains('\u{fffd}') && !text.contains('□'), "{}", document.name());
        if document.name() == "ballot" {
            for letter in alphabet.nfc().filter(|c| !c.is_whitespace()) {
                assert!(text.contains(letter), "{letter}");
            }
        }
    }
}

#[test]
fn what_no_font_has_stands_as_a_box_and_not_as_nothing() {
    let mut ballot = ballot(1);
    ballot.officials[0].name = "Lý 漢 Páo".into();
    let text = text_of(&pdf(&Document::Ballot(ballot), Language::Vietnamese).unwrap()).join("\n");
    assert!(text.contains("Lý □ Páo"), "{text}");
}

#[test]
fn a_list_without_end_is_refused() {
    let ballot = BallotForm { officials: vec![official(1); LIST_MAX + 1], ..ballot(0) };
    let error = pdf(&Document::Ballot(ballot), Language::English).unwrap_err();
    assert_eq!(error, DocumentError::TooMany { found: LIST_MAX + 1 });
    let mut letter = letter(1, 2);
    letter.access = Some(LetterAccess {
        address: Code::new("a"),
        code: Code::new("b"),
        scanned: Scanned::new("x".repeat(9_000)),
        until: None,
    });
    let letters = Notices { head: head(), unit: unit(), letters: vec![letter] };
    let error = pdf(&Document::Notices(letters), Language::English).unwrap_err();
    assert_eq!(error, DocumentError::TooLongToScan { bytes: 9_000 });
}
