//! From a document to what its template reads: bounded, cleaned, with codes drawn.

use crate::fonts::{can_draw, can_draw_in_code};
use crate::{Document, DocumentError, Language, qr};
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization;

/// Longest text in characters; what is longer is cut, and says so with an ellipsis.
pub const TEXT_MAX: usize = 4_000;
/// Longest list: the slips of the largest unit.
pub const LIST_MAX: usize = 8_000;
/// Most values in a document.
pub const VALUES_MAX: usize = 200_000;

/// A word longer than this may be broken anywhere, or it would run out of its column.
const WORD_MAX: usize = 18;
/// Between such breaks.
const PIECE: usize = 6;
/// Where a line may end without anything being seen.
const BREAK: &str = "\u{200b}";
/// Stands for what cannot be drawn.
const UNKNOWN: char = '□';

/// What the template reads.
pub(crate) fn of(document: &Document, language: Language) -> Result<Value, DocumentError> {
    let data = serde_json::to_value(document).expect("documents are plain data");
    let mut left = VALUES_MAX;
    let data = ready(data, &mut left)?;
    Ok(serde_json::json!({ "lang": language.code(), "doc": data }))
}

fn ready(value: Value, left: &mut usize) -> Result<Value, DocumentError> {
    *left = left.checked_sub(1).ok_or(DocumentError::TooLarge)?;
    Ok(match value {
        Value::String(text) => Value::String(clean(&text)),
        Value::Array(items) if items.len() > LIST_MAX => {
            return Err(DocumentError::TooMany { found: items.len() });
        }
        Value::Array(items) => {
            Value::Array(items.into_iter().map(|item| ready(item, left)).collect::<Result<_, _>>()?)
        }
        Value::Object(fields) => match marked(&fields)? {
            Some(text) => Value::String(text),
            None => {
                let fields = fields.into_iter().map(|(key, value)| Ok((key, ready(value, left)?)));
                Value::Object(fields.collect::<Result<Map<_, _>, DocumentError>>()?)
            }
        },
        other => other,
    })
}

/// What `Scanned` and `Code` of the model become. No text of people is a key, so none can pass for one of these.
fn marked(fields: &Map<String, Value>) -> Result<Option<String>, DocumentError> {
    if let Some(Value::String(text)) = fields.get("$qr") {
        let too_long = DocumentError::TooLongToScan { bytes: text.len() };
        return Ok(Some(qr::svg(text).ok_or(too_long)?));
    }
    let code = |text: &str| text.chars().filter(|c| can_draw_in_code(*c)).take(TEXT_MAX).collect();
    Ok(match fields.get("$code") {
        Some(Value::String(text)) => Some(code(text)),
        _ => None,
    })
}

/// Text as it can be printed: composed, without signs that steer the direction of others, and with a box for each
/// character that the fonts lack.
pub(crate) fn clean(text: &str) -> String {
    let mut drawn: String = text.nfc().filter(|c| !is_unseen(*c)).take(TEXT_MAX + 1).map(drawable).collect();
    if let Some((end, _)) = drawn.char_indices().nth(TEXT_MAX) {
        drawn.replace_range(end.., "…");
    }
    drawn.split_inclusive(char::is_whitespace).map(breakable).collect()
}

fn drawable(c: char) -> char {
    match c {
        '\n' => '\n',
        c if c.is_whitespace() => ' ',
        c if can_draw(c) => c,
        _ => UNKNOWN,
    }
}

/// Signs that are not seen and can make a page show something else than what is searched for.
fn is_unseen(c: char) -> bool {
    let steers = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}');
    steers || (c.is_control() && !c.is_whitespace())
}

/// A word with places to break it if it is longer than any word is.
fn breakable(word: &str) -> String {
    if word.chars().count() <= WORD_MAX {
        return word.to_owned();
    }
    let letters: Vec<char> = word.chars().collect();
    letters.chunks(PIECE).map(|piece| piece.iter().collect::<String>()).collect::<Vec<_>>().join(BREAK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decomposed_letters_are_composed_and_others_get_a_box() {
        assert_eq!(clean("Nguye\u{302}\u{303}n Va\u{306}n A"), "Nguyễn Văn A");
        assert_eq!(clean("Ủy 委 ban 😀"), "Ủy □ ban □");
        assert_eq!(clean("a\u{202e}b\u{200f}c\u{0}d\u{7}e"), "abcde");
        assert_eq!(clean("một\thai\nba"), "một hai\nba");
    }

    #[test]
    fn long_words_can_be_broken_and_others_stay_as_they_are() {
        assert_eq!(clean("=HYPERLINK(1) #import $x$ [a] \\b *c*"), "=HYPERLINK(1) #import $x$ [a] \\b *c*");
        let long = clean(&"x".repeat(300));
        assert_eq!(long.replace(BREAK, ""), "x".repeat(300));
        assert!(long.split(BREAK).all(|piece| piece.len() <= PIECE));
    }

    #[test]
    fn what_is_too_long_is_cut_and_too_much_is_refused() {
        assert_eq!(clean(&"a ".repeat(TEXT_MAX)).chars().count(), TEXT_MAX + 1);
        assert!(!clean(&"a ".repeat(TEXT_MAX / 2)).contains('…'));
        let mut left = VALUES_MAX;
        let many = Value::Array(vec![Value::Null; LIST_MAX + 1]);
        assert_eq!(ready(many, &mut left), Err(DocumentError::TooMany { found: LIST_MAX + 1 }));
        let mut left = 3;
        assert_eq!(ready(serde_json::json!([1, 2, 3]), &mut left), Err(DocumentError::TooLarge));
    }

    #[test]
    fn text_of_people_is_never_taken_for_a_code() {
        let mut left = VALUES_MAX;
        let value = serde_json::json!({ "name": "{\"$qr\": \"x\"}", "$qr": 3 });
        let ready = ready(value, &mut left).expect("bounded");
        assert_eq!(ready["name"], "{\"$qr\": \"x\"}");
    }
}
