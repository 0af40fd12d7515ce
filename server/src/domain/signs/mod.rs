//! Signs of formalism: what may show that a ballot was held for show. Each is yes or no, has a formula that anybody can
//! compute again, and is known to ring falsely; both are said wherever it is shown. A sign is a reason to look, never a
//! verdict.
//!
//! Two come out of the count itself, for they need single ballots ([`sync_core::count::Signs`]). The others rest on
//! published figures and on what a unit's record says.

mod attendance;
mod distribution;
mod record;

pub use attendance::{Attendance, nobody_missing};
pub use distribution::{Spread, far_from};
pub use record::{Timing, signed_early, written_later};

use serde::{Deserialize, Serialize};
use sync_core::record::Language;

/// Voters or valid ballots below which no sign is looked for: in a small unit they come about by themselves.
pub const SMALLEST: u32 = 20;

/// A sign of formalism.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// Most ballots give one level to everybody; from inside the count.
    UniformBallots,
    /// No mark below the highest level; from inside the count.
    OnlyHighest,
    /// The unit's levels are far from those of the other units.
    FarFromOthers,
    /// Every figure of the meeting is the number of voters.
    NobodyMissing,
    /// Minutes were signed before the total of every box was noted.
    SignedEarly,
    /// The record was written in one go, long after the meeting.
    WrittenLater,
}

/// What is said of a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignWords {
    /// What was seen, as a short sentence.
    pub name: &'static str,
    /// How it is computed.
    pub formula: &'static str,
    /// When it rings although nothing is wrong.
    pub false_alarms: &'static str,
}

impl Sign {
    /// Every sign.
    pub const ALL: [Self; 6] = [
        Self::UniformBallots,
        Self::OnlyHighest,
        Self::FarFromOthers,
        Self::NobodyMissing,
        Self::SignedEarly,
        Self::WrittenLater,
    ];

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::UniformBallots => "uniform_ballots",
            Self::OnlyHighest => "only_highest",
            Self::FarFromOthers => "far_from_others",
            Self::NobodyMissing => "nobody_missing",
            Self::SignedEarly => "signed_early",
            Self::WrittenLater => "written_later",
        }
    }

    /// The sign with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sign| sign.code() == text)
    }

    /// What is said of it.
    pub fn words(self, language: Language) -> SignWords {
        match language {
            Language::Vietnamese => self.vietnamese(),
            Language::English => self.english(),
        }
    }

    fn vietnamese(self) -> SignWords {
        let (name, formula, false_alarms) = match self {
            Self::UniformBallots => (
                "Quá nửa số phiếu cho mọi người cùng một mức",
                "Tính ngay trong lúc kiểm phiếu, chỉ báo có hoặc không, ở đơn vị có ít nhất 20 phiếu hợp lệ và không có phiếu giấy: \
                 2 × số phiếu cho mọi người cùng một mức > số phiếu hợp lệ. Đúng một nửa thì không.",
                "Danh sách chỉ có một, hai người; các cán bộ quả thực ngang nhau; phiếu chỉ có hai mức.",
            ),
            Self::OnlyHighest => (
                "Không phiếu nào cho ai mức thấp hơn mức cao nhất",
                "Tính ngay trong lúc kiểm phiếu, chỉ báo có hoặc không, ở đơn vị có ít nhất 20 phiếu hợp lệ và không có phiếu giấy: \
                 trong mọi phiếu hợp lệ không có dấu nào ở dưới mức cao nhất.",
                "Đơn vị làm tốt thật; danh sách ngắn; người bỏ phiếu để trống thay vì cho mức thấp.",
            ),
            Self::FarFromOthers => (
                "Tỷ lệ các mức khác xa các đơn vị khác",
                "Từ số liệu đã công bố: D = ½ Σ |tỷ lệ mức i của đơn vị − tỷ lệ mức i của tất cả đơn vị khác|, tính trên mọi dấu, không \
                 kể dòng trống. Báo khi D ≥ 1/4 và D ≥ c/√n, với n là số phiếu hợp lệ của đơn vị (ít nhất 20) và c = ½√(số mức − 1) + \
                 √(ln 1000 / 2): nếu đơn vị chỉ khác do may rủi thì điều này gặp không quá một lần trong một nghìn, kể cả khi các dòng \
                 trên một phiếu đi liền với nhau. Chỉ so khi các đơn vị khác gộp lại có ít nhất 4n phiếu; đơn vị ít phiếu không tính ở cả \
                 hai bên.",
                "Cán bộ ở đơn vị ấy quả thực khá hơn hoặc kém hơn nơi khác; mỗi đơn vị đánh giá những người khác nhau; đơn vị làm thẳng \
                 thắn giữa những đơn vị nể nang.",
            ),
            Self::NobodyMissing => (
                "Mọi số liệu của hội nghị đều bằng số người bỏ phiếu",
                "Từ hồ sơ đơn vị có ít nhất 20 người: số người trong danh sách = triệu tập = có mặt = phát ra (hoặc số lần mở máy) = mã \
                 phiếu đã dùng, và các số ấy đều đã ghi.",
                "Đơn vị nhỏ ở tập trung, chọn ngày mọi người đều có mặt; chỉ triệu tập những người đi được.",
            ),
            Self::SignedEarly => (
                "Biên bản ký trước khi ghi số phiếu của hòm cuối cùng",
                "Theo thứ tự trong hồ sơ, không theo đồng hồ: có một chữ ký mà phần hồ sơ nó bao trùm chưa có số phiếu chốt hòm của một \
                 máy, và số ấy được ghi về sau.",
                "Số phiếu đã đọc to nhưng máy khác ghi và chưa kịp chuyển sang máy của người ký; ký nhầm rồi đã ký lại; máy hỏng chốt hòm \
                 muộn.",
            ),
            Self::WrittenLater => (
                "Hồ sơ được ghi liền một lúc, lâu sau hội nghị",
                "Theo giờ ghi trong hồ sơ: số liệu, ban kiểm phiếu, số chốt hòm và chữ ký đầu tiên, ít nhất 5 mục, đều ghi trong vòng 30 \
                 phút và bắt đầu ít nhất 24 giờ sau khi đợt đóng, dù phiếu của đơn vị đã về trước đó. Điểm danh không ghi giờ nên không tính.",
                "Giờ chỉ là ghi chú theo đồng hồ của từng máy, có thể sai nhiều ngày; tổ ghi trên giấy tại hội nghị rồi mới nhập vào máy; \
                 máy hết pin giữa buổi.",
            ),
        };
        SignWords { name, formula, false_alarms }
    }

    fn english(self) -> SignWords {
        let (name, formula, false_alarms) = match self {
            Self::UniformBallots => (
                "Most ballots give one level to everybody",
                "Computed inside the count, yes or no only, in units with at least 20 valid ballots and none on paper: \
                 2 × ballots that give everybody the same level > valid ballots. Exactly half is not.",
                "Only one or two officials are rated; the officials really are alike; there are only two levels.",
            ),
            Self::OnlyHighest => (
                "No ballot gives anybody less than the highest level",
                "Computed inside the count, yes or no only, in units with at least 20 valid ballots and none on paper: \
                 no valid ballot has a mark below the highest level.",
                "The unit really does well; few officials are rated; voters leave a line blank rather than mark it low.",
            ),
            Self::FarFromOthers => (
                "Its levels are far from those of the other units",
                "From published figures: D = ½ Σ |share of level i in the unit − share of level i in all other units|, over all marks, \
                 without blank lines. It rings when D ≥ 1/4 and D ≥ c/√n, n being the unit's valid ballots (at least 20) and \
                 c = ½√(levels − 1) + √(ln 1000 / 2): a unit that differs by chance alone gets there at most once in a thousand, \
                 even if the lines of one ballot go together. Compared only where the other units have at least 4n ballots together; \
                 units with too few ballots are left out on both sides.",
                "Officials there really are better or worse than elsewhere; every unit rates other people; a frank unit among polite \
                 ones.",
            ),
            Self::NobodyMissing => (
                "Every figure of the meeting is the number of voters",
                "From the record of a unit with at least 20 voters: voters on the roster = summoned = present = issued (or ballots \
                 unlocked) = slips used, all of them noted.",
                "A small unit in one place that chose a day on which everybody was there; only those who could come were summoned.",
            ),
            Self::SignedEarly => (
                "The minutes were signed before the last box's total was noted",
                "By the order in the record, not by a clock: what some signature covers lacks the closing total of a tablet, and that \
                 total was noted later.",
                "The total was read aloud, but noted on a tablet that had not yet reached the signer's; somebody signed by mistake and \
                 signed again; a broken tablet closed late.",
            ),
            Self::WrittenLater => (
                "The record was written in one go, long after the meeting",
                "By the times noted in the record: figures, committee, closing totals and the first signature, at least 5 entries, were all \
                 written within 30 minutes and began at least 24 hours after the round was closed, though ballots of the unit had come \
                 in before. Check-ins have no time and are left out.",
                "Times are notes of each tablet's clock, which may be days off; the team wrote on paper at the meeting and typed it in \
                 later; a tablet's battery was empty.",
            ),
        };
        SignWords { name, formula, false_alarms }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_has_a_name_a_formula_and_false_alarms_in_both_languages() {
        for sign in Sign::ALL {
            assert_eq!(Sign::parse(sign.code()), Some(sign));
            let [vi, en] = [Language::Vietnamese, Language::English].map(|language| sign.words(language));
            for words in [vi, en] {
                for text in [words.name, words.formula, words.false_alarms] {
                    assert!(!text.is_empty() && text.trim() == text && !text.contains("  "), "{text}");
                }
            }
            assert_ne!((vi.name, vi.formula, vi.false_alarms), (en.name, en.formula, en.false_alarms));
        }
        assert_eq!(Sign::parse("Uniform"), None);
    }

    #[test]
    fn the_words_say_the_limit_that_the_count_keeps() {
        assert_eq!(SMALLEST as usize, sync_core::count::SIGNS_MIN);
    }
}
