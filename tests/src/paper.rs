//! What is on paper.

/// The text of a PDF without spaces, as it can be searched.
///
/// # Panics
/// If it is no PDF.
pub fn text_of(bytes: &[u8]) -> String {
    let file = lopdf::Document::load_mem(bytes).expect("a PDF");
    let pages: Vec<u32> = file.get_pages().into_keys().collect();
    dense(&file.extract_text(&pages).expect("its text"))
}

/// A text without spaces. Where a long word may be broken is no part of it.
pub fn dense(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}').collect()
}
