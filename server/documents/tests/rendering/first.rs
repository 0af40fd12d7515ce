//! What holds for every document.

use crate::common::*;
use crate::samples::samples;
use homphieu_documents::{Document, Language, pages, pdf};

#[test]
fn every_document_comes_out_in_both_languages_the_same_each_time() {
    for document in samples() {
        for language in Language::ALL {
            let first = pdf(&document, language).unwrap();
            assert!(first.starts_with(b"%PDF-1.7"), "{}", document.name());
            assert!(first == pdf(&document, language).unwrap(), "{} differs", document.name());
        }
    }
}

#[test]
fn ink_stays_inside_the_margins_and_is_black() {
    for document in samples() {
        for language in Language::ALL {
            let name = format!("{}-{}", document.name(), language.code());
            for (number, page) in pictures_of(&name, &pages(&document, language).unwrap()).iter().enumerate()
            {
                assert!(page.grey, "{name} {number}");
                assert!(page.margins_are_empty(), "{name} {number}");
                assert!(page.ink_in(0.0..1.0, 0.0..1.0) > 0.002, "{name} {number} is empty");
            }
        }
    }
}

#[test]
fn text_can_be_searched() {
    for document in samples() {
        let text = text_of(&pdf(&document, Language::Vietnamese).unwrap()).join("\n");
        let name = match document {
            // These name no official.
            Document::Slips(_) | Document::RoundReport(_) => "Đợt lấy phiếu đánh giá",
            _ => "Nguyễn Thị Ngọc Ánh",
        };
        assert!(text.contains(name), "{}: {text}", document.name());
    }
}
