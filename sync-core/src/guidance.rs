//! Guidance for teams: what the organisation board wrote for each step on a tablet, signed by the centre.
//!
//! It decides nothing. A tablet fetches it from its centre beside a sync and shows it at the step; a newer one takes the
//! place of the one before.

use crate::cbor::{Format, FormatError, Reader, Writer, strictly_ascending};
use crate::cose::SignedKind;
use crate::id::PackageHash;
use crate::package::VERSION;

/// Longest text of a step in one language, in characters.
pub const GUIDANCE_TEXT_MAX: usize = 2_000;
/// The same in bytes.
const TEXT_BYTES_MAX: usize = 4 * GUIDANCE_TEXT_MAX;

/// A step of a team's work on a tablet at which guidance is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TeamStep {
    /// Comparing the list with paper, before anybody votes.
    Compare,
    /// Checking voters in and handing out slips.
    CheckIn,
    /// Voting, as the team looks after it; voters are never shown it.
    Vote,
    /// Closing the box.
    Close,
    /// Counting slips, noting figures, signing minutes.
    Minutes,
    /// Bringing ballots to the centre, or to whoever goes there.
    HandOver,
    /// Writing plans to correct what was found wanting.
    Plans,
}

impl TeamStep {
    /// Every step, in the order of the work, which is that of their numbers.
    pub const ALL: [Self; 7] =
        [Self::Compare, Self::CheckIn, Self::Vote, Self::Close, Self::Minutes, Self::HandOver, Self::Plans];

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Compare => "compare",
            Self::CheckIn => "check_in",
            Self::Vote => "vote",
            Self::Close => "close",
            Self::Minutes => "minutes",
            Self::HandOver => "hand_over",
            Self::Plans => "plans",
        }
    }
}

/// The text of a step; at least one language has some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamText {
    /// The step.
    pub step: TeamStep,
    /// In Vietnamese, with line breaks.
    pub vi: String,
    /// In English, with line breaks.
    pub en: String,
}

/// All guidance for teams as it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guidance {
    /// The package whose tablets show it.
    pub package: PackageHash,
    /// Which version it is, for people: how many times a text was written.
    pub version: u32,
    /// The texts, by step, ascending; none where nothing is to be said.
    pub texts: Vec<TeamText>,
}

impl Guidance {
    /// The text of a step.
    pub fn of(&self, step: TeamStep) -> Option<&TeamText> {
        self.texts.iter().find(|text| text.step == step)
    }
}

impl SignedKind for Guidance {
    const DOMAIN: &'static str = "homphieu/guidance/1";
}

impl Format for Guidance {
    const WHAT: &'static str = "guidance";
    const MAX_BYTES: usize = 128 * 1024;

    fn write(&self, w: &mut Writer) {
        w.array(4).uint(VERSION).bytes(self.package.as_bytes()).uint(self.version);
        w.list(&self.texts, |w, text| {
            w.array(3).uint(text.step as u64);
            for lines in [&text.vi, &text.en] {
                w.list(&lines.split('\n').collect::<Vec<_>>(), |w, line| {
                    w.text(line);
                });
            }
        });
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(4, VERSION, Self::WHAT)?;
        let package = PackageHash(r.fixed("package hash")?);
        let version = r.u32(u32::MAX, "version of guidance")?;
        let texts = r.list(TeamStep::ALL.len(), "guidance", |r| {
            r.array(3, "guidance")?;
            let place = usize::from(r.u8(u8::MAX, "step")?);
            let step = *TeamStep::ALL.get(place).ok_or(FormatError::Range { what: "step" })?;
            Ok(TeamText { step, vi: read_text(r)?, en: read_text(r)? })
        })?;
        if !strictly_ascending(&texts.iter().map(|text| text.step).collect::<Vec<_>>()) {
            return Err(FormatError::Unsorted { what: "guidance" });
        }
        if texts.iter().any(|text| text.vi.is_empty() && text.en.is_empty()) {
            return Err(FormatError::Range { what: "guidance" });
        }
        Ok(Self { package, version, texts })
    }
}

/// Lines, so that no text on the wire holds a control character.
fn read_text(r: &mut Reader<'_>) -> Result<String, FormatError> {
    let mut text = String::new();
    let mut lines = 0_usize;
    for _ in 0..r.list_len(GUIDANCE_TEXT_MAX + 1, "guidance")? {
        if lines > 0 {
            text.push('\n');
        }
        text.push_str(r.text(TEXT_BYTES_MAX, "guidance")?);
        lines += 1;
        if text.chars().count() > GUIDANCE_TEXT_MAX {
            return Err(FormatError::TooLong { what: "guidance", found: text.len(), limit: TEXT_BYTES_MAX });
        }
    }
    if lines == 0 {
        return Err(FormatError::Range { what: "guidance" });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cbor::{decode, encode};

    fn guidance(texts: Vec<(TeamStep, String, &str)>) -> Guidance {
        let texts = texts.into_iter().map(|(step, vi, en)| TeamText { step, vi, en: en.to_owned() });
        Guidance { package: PackageHash([7; 32]), version: 3, texts: texts.collect() }
    }

    #[test]
    fn texts_keep_their_lines_and_empty_ones() {
        let texts = vec![
            (TeamStep::Compare, "Đọc to.\n\nRồi gõ.".to_owned(), ""),
            (TeamStep::Plans, String::new(), "Write\nplainly."),
        ];
        let all = guidance(texts);
        assert_eq!(decode::<Guidance>(&encode(&all)).unwrap(), all);
        assert_eq!(all.of(TeamStep::Plans).unwrap().en, "Write\nplainly.");
        assert_eq!(all.of(TeamStep::Vote), None);
        let none = guidance(Vec::new());
        assert_eq!(decode::<Guidance>(&encode(&none)).unwrap(), none, "all texts were taken away");
    }

    #[test]
    fn a_text_has_at_most_two_thousand_characters_whatever_its_lines_are() {
        for (text, fits) in [
            ("ă".repeat(2_000), true),
            ("ă".repeat(2_001), false),
            ("\n".repeat(2_000), true),
            ("\n".repeat(2_001), false),
            (format!("{}\n{}", "ă".repeat(1_000), "𝄞".repeat(999)), true),
            (format!("{}\n{}", "ă".repeat(1_000), "𝄞".repeat(1_000)), false),
        ] {
            let all = guidance(vec![(TeamStep::Vote, text, "")]);
            assert_eq!(decode::<Guidance>(&encode(&all)).is_ok(), fits);
        }
        let longest =
            TeamStep::ALL.map(|step| TeamText { step, vi: "𝄞".repeat(2_000), en: "𝄞".repeat(2_000) });
        let all = Guidance { texts: longest.to_vec(), ..guidance(Vec::new()) };
        assert!(decode::<Guidance>(&encode(&all)).is_ok(), "every text at its longest");
    }

    #[test]
    fn steps_come_once_each_in_their_order_and_say_something() {
        let one = |step| (step, "a".to_owned(), "");
        let read = |texts| decode::<Guidance>(&encode(&guidance(texts))).is_ok();
        assert!(read(vec![one(TeamStep::Vote), one(TeamStep::Close)]));
        assert!(!read(vec![one(TeamStep::Close), one(TeamStep::Vote)]));
        assert!(!read(vec![one(TeamStep::Vote), one(TeamStep::Vote)]));
        assert!(!read(vec![(TeamStep::Vote, String::new(), "")]));
        let mut unknown = encode(&guidance(vec![one(TeamStep::Plans)]));
        let place = unknown.windows(2).rposition(|pair| pair == [0x83, 0x06]).unwrap() + 1;
        unknown[place] = 0x07;
        assert!(decode::<Guidance>(&unknown).is_err());
    }

    #[test]
    fn numbers_of_steps_never_change() {
        let codes = TeamStep::ALL.map(|step| (step as u8, step.code()));
        let fixed =
            ["compare", "check_in", "vote", "close", "minutes", "hand_over", "plans"].map(|code| code);
        assert!(
            codes
                .iter()
                .zip(0..)
                .all(|((number, code), place)| *number == place && *code == fixed[usize::from(place)])
        );
    }
}
