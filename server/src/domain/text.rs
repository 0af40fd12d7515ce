//! Text for people: the order in which Vietnamese names are read.

use unicode_normalization::UnicodeNormalization;

/// By what a name is ordered: the given name first, which stands last, letter by letter as in the Vietnamese alphabet
/// (a ă â … d đ … o ô ơ …) and then by tone, before the next word. Compared byte by byte.
pub fn sort_key(name: &str) -> String {
    let mut words: Vec<&str> = name.split_whitespace().collect();
    if !words.is_empty() {
        words.rotate_right(1);
    }
    let keys = words.iter().map(|word| word_key(word));
    keys.map(|(letters, tones)| format!("{letters}\u{2}{tones}")).collect::<Vec<_>>().join(" ")
}

/// A text normalised (NFC), trimmed, inner blanks collapsed.
pub fn tidy(text: &str) -> String {
    text.nfc().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Characters that a person cannot see, or that stand for what was lost: controls, direction marks, zero-width ones,
/// fillers, tags, the replacement character. Two names that look alike must be alike.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffd}' | '\u{e0000}'..='\u{e0fff}')
}

/// The letters of a word with their marks as digits, and its tones.
fn word_key(word: &str) -> (String, String) {
    let (mut letters, mut tones) = (String::new(), String::new());
    for c in word.to_lowercase().nfd() {
        // a has two further letters, o too; the other vowels have one.
        let second = |vowel: &str, letters: &str| if letters.ends_with(vowel) { '2' } else { '1' };
        match c {
            'đ' => letters.push_str("d1"),
            // Breve, circumflex, horn: other letters of the alphabet.
            '\u{306}' => mark(&mut letters, '1'),
            '\u{302}' => {
                let digit = second("a0", &letters);
                mark(&mut letters, digit);
            }
            '\u{31b}' => {
                let digit = second("o0", &letters);
                mark(&mut letters, digit);
            }
            // Grave, hook, tilde, acute, dot below: tones, in the order of dictionaries.
            '\u{300}' => tones.push('1'),
            '\u{309}' => tones.push('2'),
            '\u{303}' => tones.push('3'),
            '\u{301}' => tones.push('4'),
            '\u{323}' => tones.push('5'),
            c if c.is_control() => {}
            c => {
                letters.push(c);
                letters.push('0');
            }
        }
    }
    (letters, tones)
}

fn mark(letters: &mut String, digit: char) {
    if letters.pop().is_some() {
        letters.push(digit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_ordered_by_given_name_letter_and_tone() {
        let mut names = [
            "Vàng Mí Một",
            "Giàng Thị Đào",
            "Lầu Văn An",
            "Sùng Văn Dũng",
            "Hoàng Ân",
            "Nguyễn Ẩn",
            "Trần Ớt",
            "Trần Ổn",
            "Lý Ăn",
            "Giàng A Đạo",
        ];
        names.sort_by_key(|name| sort_key(name));
        assert_eq!(
            names,
            [
                "Lầu Văn An",
                "Lý Ăn",
                "Hoàng Ân",
                "Nguyễn Ẩn",
                "Sùng Văn Dũng",
                "Giàng Thị Đào",
                "Giàng A Đạo",
                "Vàng Mí Một",
                "Trần Ổn",
                "Trần Ớt"
            ]
        );
    }

    #[test]
    fn composed_and_decomposed_names_are_one() {
        let decomposed: String = "Hoàng Thị Thơm".nfd().collect();
        assert_eq!(sort_key(&decomposed), sort_key("Hoàng Thị Thơm"));
        assert_eq!(sort_key(" "), "");
    }
}
