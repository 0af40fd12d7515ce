//! Files that belong to a correction plan: how many, how large, of which type, and under which name they go out.
//!
//! A file is known by the hash of its content. Its name is a note for people: nothing is stored under it. Its type is
//! what its first bytes say, whatever the name claims, and only what a browser shows without running anything is taken.

use thiserror::Error;
use time::Date;

/// Most files of a plan, those that are still coming included.
pub const FILES_MAX: usize = 6;
/// Longest file in bytes.
pub const SIZE_MAX: u32 = 4 * 1024 * 1024;
/// Bytes of every piece but the last: a request carries one, so a bad network loses little.
pub const PIECE: u32 = 128 * 1024;
/// Longest name in characters.
const NAME_MAX: usize = 100;

/// A file of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// SHA-256 of the content.
    pub id: [u8; 32],
    /// Name for people, without a path.
    pub name: String,
    /// Type by content; nothing while pieces are missing.
    pub kind: Option<Kind>,
    /// Length in bytes.
    pub size: u32,
    /// Day on which it came.
    pub added_on: Date,
    /// Login of who added it.
    pub added_by: String,
}

/// A type that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// PDF.
    Pdf,
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Pdf, Self::Jpeg, Self::Png];

    /// What the content is.
    pub fn of(content: &[u8]) -> Option<Self> {
        let begins = |kind: &Self| content.starts_with(kind.magic());
        Self::ALL.into_iter().find(begins)
    }

    fn magic(self) -> &'static [u8] {
        match self {
            Self::Pdf => b"%PDF-",
            Self::Jpeg => &[0xff, 0xd8, 0xff],
            Self::Png => b"\x89PNG\r\n\x1a\n",
        }
    }

    /// Stable name, which is also how its files end.
    pub fn code(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }

    /// The type with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == text)
    }

    /// The type as HTTP names it.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

/// Why a file is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AttachmentError {
    /// Empty, or longer than [`SIZE_MAX`].
    #[error("a file has 1 to {SIZE_MAX} bytes, this one has {0}: scan it with a lower resolution")]
    Size(u64),
    /// One more than [`FILES_MAX`].
    #[error("a plan has at most {FILES_MAX} files: take one away first")]
    TooMany,
    /// A piece that belongs to no such file.
    #[error("piece {number} of a file of {size} bytes has another length than {found} bytes")]
    Piece {
        /// Its number, from 0.
        number: u32,
        /// Length of the file.
        size: u32,
        /// Length of what came.
        found: usize,
    },
    /// Another type than those taken.
    #[error(
        "this is no PDF, JPEG or PNG file, whatever its name says: save it as one of these and add it again"
    )]
    Kind,
    /// The content is not what was announced.
    #[error("the file changed on its way: add it again")]
    Content,
}

/// Checks the announced length of a file, and gives how many pieces it has.
///
/// # Errors
/// [`AttachmentError::Size`].
pub fn pieces(size: u64) -> Result<(u32, u32), AttachmentError> {
    let length = u32::try_from(size).ok().filter(|size| (1..=SIZE_MAX).contains(size));
    let length = length.ok_or(AttachmentError::Size(size))?;
    Ok((length, length.div_ceil(PIECE)))
}

/// Checks that a piece has the length that it must have. Nobody fills the disk with pieces of a file that is none.
///
/// # Errors
/// [`AttachmentError::Piece`], or [`AttachmentError::Kind`] for a beginning of another type.
pub fn check_piece(size: u32, number: u32, bytes: &[u8]) -> Result<(), AttachmentError> {
    let count = size.div_ceil(PIECE);
    let expected = match number {
        number if number + 1 < count => PIECE,
        number if number + 1 == count => size - number * PIECE,
        _ => 0,
    };
    if expected == 0 || bytes.len() != expected as usize {
        return Err(AttachmentError::Piece { number, size, found: bytes.len() });
    }
    if number == 0 && Kind::of(bytes).is_none() { Err(AttachmentError::Kind) } else { Ok(()) }
}

/// A name as it is kept: what stands behind the last separator of a path, without anything that controls a screen, and
/// without an ending, which follows from the content.
pub fn name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let shown = |c: &char| !c.is_control() && !turns(*c);
    let name: String = stem.chars().filter(shown).take(NAME_MAX).collect();
    let name = name.trim().trim_matches('.').trim();
    if name.is_empty() { "file".to_owned() } else { name.to_owned() }
}

/// Characters that are not seen, or turn the direction of what is.
fn turns(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '"')
}

/// The header that makes a browser save a file, and never show it as a page.
pub fn disposition(name: &str, kind: Kind) -> String {
    let full = format!("{name}.{}", kind.code());
    let escaped: String = full
        .bytes()
        .map(|byte| match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect();
    format!("attachment; filename=\"plan.{}\"; filename*=UTF-8''{escaped}", kind.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_path_or_of_what_turns_a_line_stays_in_a_name() {
        for (given, kept) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\lan\\bản quét.pdf", "bản quét"),
            ("/", "file"),
            ("", "file"),
            (".htaccess", "file"),
            ("..", "file"),
            ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x"),
            ("ảnh\u{202e}gpj.exe", "ảnhgpj"),
            ("x\".pdf", "x"),
            ("hai.ba.pdf", "hai.ba"),
        ] {
            assert_eq!(name(given), kept, "{given:?}");
        }
        assert_eq!(name(&"ă".repeat(1_000)).chars().count(), NAME_MAX);
    }

    #[test]
    fn the_header_holds_no_character_that_a_header_may_not_hold() {
        let header = disposition(&name("Kế hoạch; \"x\"\r\n<script>.html"), Kind::Pdf);
        assert!(header.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{header}");
        assert!(header.starts_with("attachment; ") && header.ends_with(".pdf"), "{header}");
        assert_eq!(header.matches('"').count(), 2);
    }

    #[test]
    fn the_type_is_what_the_content_says() {
        assert_eq!(Kind::of(b"%PDF-1.7\n"), Some(Kind::Pdf));
        assert_eq!(Kind::of(&[0xff, 0xd8, 0xff, 0xe0]), Some(Kind::Jpeg));
        assert_eq!(Kind::of(b"\x89PNG\r\n\x1a\n\0"), Some(Kind::Png));
        for bad in [
            &b"<html><script>"[..],
            b"<svg xmlns",
            b"MZ\x90",
            b"PK\x03\x04",
            b" %PDF-",
            b"",
            b"%PD",
            b"GIF89a",
        ] {
            assert_eq!(Kind::of(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn pieces_have_the_one_length_that_fits() {
        assert_eq!((pieces(1), pieces(u64::from(PIECE))), (Ok((1, 1)), Ok((PIECE, 1))));
        assert_eq!(pieces(u64::from(PIECE) + 1), Ok((PIECE + 1, 2)));
        assert_eq!(pieces(u64::from(SIZE_MAX)), Ok((SIZE_MAX, 32)));
        for bad in [0, u64::from(SIZE_MAX) + 1, u64::MAX] {
            assert_eq!(pieces(bad), Err(AttachmentError::Size(bad)));
        }
        let mut whole = b"%PDF-".to_vec();
        whole.resize(PIECE as usize, 0);
        assert_eq!(check_piece(PIECE + 3, 0, &whole), Ok(()));
        assert_eq!(check_piece(PIECE + 3, 1, b"abc"), Ok(()));
        for (number, bytes) in [(1, &b"ab"[..]), (1, b"abcd"), (2, b""), (0, b"%PDF-"), (u32::MAX - 1, b"x")]
        {
            assert!(check_piece(PIECE + 3, number, bytes).is_err(), "{number}");
        }
        assert_eq!(check_piece(4, 0, b"<svg"), Err(AttachmentError::Kind));
    }
}
