//! The status page: what `tablet status` prints, for a browser. Nothing from outside, no script.

use crate::cli::lang::language;
use crate::cli::tablet::look::Block;
use crate::print::escape;

/// On every answer. Nothing is kept by the browser, and nothing is loaded from elsewhere.
pub(super) const HEADERS: [(&str, &str); 5] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// The style sheet of the page.
pub(super) const STYLE: &str = include_str!("kiosk.css");

/// The page for these blocks. It asks for itself again every ten seconds.
pub(super) fn page(lang: &str, title: &str, training: bool, blocks: &[Block]) -> String {
    let mut body = String::new();
    if training {
        body.push_str(&format!("<p class=\"training\">{}</p>", escape(&tr!("tablet-training"))));
    }
    for block in blocks {
        body.push_str(&format!("<section><h2>{}</h2>", escape(&block.title)));
        if let Some(next) = &block.next {
            // Where nothing would be lost the page is calm.
            let class = if next.is_unsafe() { "next unsafe" } else { "next" };
            body.push_str(&format!("<p class=\"{class}\">{}</p>", escape(&next.text(language()))));
        }
        let lines: String = block.lines.iter().map(|line| format!("<li>{}</li>", escape(line))).collect();
        body.push_str(&format!("<ul>{lines}</ul></section>"));
    }
    format!(
        "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><meta http-equiv=\"refresh\" content=\"10\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"/kiosk.css\"></head><body><main><h1>{title}</h1>{body}</main></body></html>",
        title = escape(title)
    )
}
