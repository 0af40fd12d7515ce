//! Frames for screens. Codes are dark on light, whatever the colours around them: many cameras read nothing else.

use super::Frame;
use qrcode::{Color, EcLevel, QrCode, Version};
use std::fmt::Write;

/// Light modules around a code, without which cameras do not find it (ISO/IEC 18004).
const QUIET: usize = 4;

/// The least correction of errors: a screen has no stains, a frame that is missed does no harm, and fewer modules are
/// larger ones, which are read from further away.
const LEVEL: EcLevel = EcLevel::L;

/// Black on white of the 256 colours, which no theme of a terminal changes.
const BLACK_ON_WHITE: &str = "\x1b[38;5;16;48;5;231m";
const AS_BEFORE: &str = "\x1b[0m";

impl Frame {
    /// The code as a picture by itself, one unit a module, of whatever size it is shown in.
    pub fn svg(&self) -> String {
        let code = self.code();
        let side = code.width() + 2 * QUIET;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
             <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path fill=\"#000\" d=\""
        );
        for (y, row) in code.to_colors().chunks(code.width()).enumerate() {
            let mut x = QUIET;
            for run in row.chunk_by(|a, b| a == b) {
                if run[0] == Color::Dark {
                    let (length, y) = (run.len(), y + QUIET);
                    // Writing to a string cannot fail.
                    let _ = write!(svg, "M{x} {y}h{length}v1h-{length}z");
                }
                x += run.len();
            }
        }
        svg.push_str("\"/></svg>");
        svg
    }

    /// The code for a terminal: half blocks, two modules one above the other in a character, every line as wide as the
    /// others and coloured by itself. Frames of one series are equally large, so each may be drawn over the last; the
    /// largest has 77 columns and 39 lines.
    pub fn terminal(&self) -> String {
        let code = self.code();
        let side = code.width() + 2 * QUIET;
        let dark = |x: usize, y: usize| {
            let inside = |place: usize| place.checked_sub(QUIET).filter(|place| *place < code.width());
            inside(x).zip(inside(y)).is_some_and(|place| code[place] == Color::Dark)
        };
        let mut text = String::new();
        for y in (0..side).step_by(2) {
            text.push_str(BLACK_ON_WHITE);
            text.extend((0..side).map(|x| match (dark(x, y), dark(x, y + 1)) {
                (false, false) => ' ',
                (true, false) => '▀',
                (false, true) => '▄',
                (true, true) => '█',
            }));
            text.push_str(AS_BEFORE);
            text.push('\n');
        }
        text
    }

    fn code(&self) -> QrCode {
        QrCode::with_version(self.text(), self.version(), LEVEL).expect("a frame fits the size of its series")
    }
}

/// The smallest code that holds so many capital letters and digits.
pub(super) fn version(characters: usize) -> Version {
    let code = QrCode::with_error_correction_level("A".repeat(characters), LEVEL);
    code.expect("the longest frame fits a QR code").version()
}
