//! Documents on A4, black and white, in Vietnamese or English: what an office prints, signs and files.
//!
//! A [`Document`] is plain data. [`pdf`] sets it with Typst and gives a tagged, searchable PDF; the same data gives the
//! same bytes, for nothing here knows a clock, a font of the system or a network. Text of people is data: it reaches the
//! page as a value that Typst shows, never as markup, and is cleaned of what no font here can draw.
//!
//! ```
//! use homphieu_documents::{BallotForm, Document, Head, Language, RatedOfficial, Unit, pdf};
//!
//! let ballot = BallotForm {
//!     head: Head { round: "Đợt 2018".into(), training: false, made_on: None, levels: Vec::new() },
//!     unit: Unit { code: "DB05".into(), name: "Chi bộ Thống kê".into() },
//!     officials: vec![RatedOfficial { code: "A1".into(), name: "Vàng Mí Một".into(), post: "Bí thư".into() }],
//! };
//! let bytes = pdf(&Document::Ballot(ballot), Language::Vietnamese)?;
//! assert!(bytes.starts_with(b"%PDF-"));
//! # Ok::<(), homphieu_documents::DocumentError>(())
//! ```

mod data;
mod fonts;
mod model;
mod qr;
mod tables;
mod world;

pub use data::{LIST_MAX, TEXT_MAX, VALUES_MAX};
pub use fonts::can_draw;
pub use model::*;
pub use tables::{defused, year_csv, year_xlsx};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use typst::diag::{SourceDiagnostic, Warned};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};
use world::Page;

/// The language of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// Vietnamese.
    #[serde(rename = "vi")]
    Vietnamese,
    /// English.
    #[serde(rename = "en")]
    English,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Vietnamese, Self::English];

    /// `vi` or `en`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Vietnamese => "vi",
            Self::English => "en",
        }
    }
}

/// Why there is no document.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DocumentError {
    /// A list is longer than any that a round can have.
    #[error("a list of {found} entries is longer than a document holds, {LIST_MAX}")]
    TooMany {
        /// Its length.
        found: usize,
    },
    /// There is too much of everything.
    #[error("there is more in the document than one file holds; make it for one unit at a time")]
    TooLarge,
    /// A text is too long for a code that is scanned.
    #[error("a text of {bytes} bytes is too long for a QR code")]
    TooLongToScan {
        /// Its length.
        bytes: usize,
    },
    /// The page could not be set, which is a fault of this program.
    #[error("the document {document} could not be set: {why}")]
    NotSet {
        /// Which.
        document: &'static str,
        /// What Typst says.
        why: String,
    },
}

/// The document as PDF.
///
/// # Errors
/// [`DocumentError`].
pub fn pdf(document: &Document, language: Language) -> Result<Vec<u8>, DocumentError> {
    let name = document.name();
    let pages = pages(document, language)?;
    let failed = |why: String| DocumentError::NotSet { document: name, why };
    // An archive asks for a day. Forms to be filled in have none, and are no records.
    let kept: &[PdfStandard] = match document.head().made_on {
        Some(_) => &[PdfStandard::A_2a, PdfStandard::Ua_1],
        None => &[PdfStandard::Ua_1],
    };
    let standards = PdfStandards::new(kept);
    let standards = standards.map_err(|error| failed(error.message().to_string()))?;
    let creator = typst::foundations::Smart::Custom(Some("Hòm Phiếu".to_owned()));
    let options = PdfOptions { standards, creator, ..PdfOptions::default() };
    let bytes = typst_pdf::pdf(&pages, &options).map_err(|errors| failed(told(&errors)))?;
    forget();
    Ok(bytes)
}

/// The document as Typst sets it: pages with what stands where, for whoever draws them otherwise.
///
/// # Errors
/// [`DocumentError`].
pub fn pages(document: &Document, language: Language) -> Result<PagedDocument, DocumentError> {
    let name = document.name();
    let page = Page::new(name, language, &data::of(document, language)?);
    let Warned { output, warnings } = typst::compile::<PagedDocument>(&page);
    let failed = |why: String| DocumentError::NotSet { document: name, why };
    // A warning is a missing glyph, a font that is not there or a layout that does not settle: nothing to print.
    if let Ok(pages) = output {
        return if warnings.is_empty() { Ok(pages) } else { Err(failed(told(&warnings))) };
    }
    Err(failed(output.err().map(|errors| told(&errors)).unwrap_or_default()))
}

/// Typst remembers what it worked out for earlier documents, names and codes among it; nobody needs it again.
fn forget() {
    typst::comemo::evict(0);
}

fn told(problems: &[SourceDiagnostic]) -> String {
    problems.iter().map(|problem| problem.message.to_string()).collect::<Vec<_>>().join("; ")
}
