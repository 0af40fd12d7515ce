//! The fonts of all documents, and what they can draw.
//!
//! Libertinus Serif has every Vietnamese letter in regular, bold and italic, but not in bold italic; DejaVu Sans Mono has
//! few of them and sets codes alone. Only these four are loaded, so a style that lacks letters cannot be chosen by
//! mistake, and there is no fallback to any other font.

use std::sync::LazyLock;
use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

/// PostScript names: the text's three styles, and that of codes.
const TEXT: [&str; 3] = ["LibertinusSerif-Regular", "LibertinusSerif-Bold", "LibertinusSerif-Italic"];
const CODES: &str = "DejaVuSansMono-Bold";

/// The fonts, with what is known of them.
pub(crate) static FONTS: LazyLock<Fonts> = LazyLock::new(Fonts::load);

pub(crate) struct Fonts {
    pub fonts: Vec<Font>,
    pub book: LazyHash<FontBook>,
}

impl Fonts {
    fn load() -> Self {
        let wanted = |font: &Font| {
            font.post_script_name().is_some_and(|name| TEXT.contains(&name.as_str()) || name == CODES)
        };
        let all = typst_assets::fonts().flat_map(|data| Font::iter(Bytes::new(data)));
        let fonts: Vec<Font> = all.filter(wanted).collect();
        assert_eq!(fonts.len(), TEXT.len() + 1, "the crate of fonts has the fonts that documents are set in");
        let book = LazyHash::new(FontBook::from_fonts(&fonts));
        Self { fonts, book }
    }
}

/// Whether every style of text has this character.
pub fn can_draw(c: char) -> bool {
    let text = |font: &&Font| font.post_script_name().is_some_and(|name| name != CODES);
    FONTS.fonts.iter().filter(text).all(|font| font.info().coverage.contains(c.into()))
}

/// Whether codes can have this character.
pub(crate) fn can_draw_in_code(c: char) -> bool {
    c.is_ascii_graphic() || c == ' '
}
