//! What record and survey say to people, in Vietnamese and English: the same words on tablets, at the centre and on paper.

use super::entry::{FigureKind, Post};
use super::reconcile::{Finding, FindingCode, Subject};
use crate::survey::HoldReason;

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Tiếng Việt.
    Vietnamese,
    /// English.
    English,
}

impl FigureKind {
    /// Its name for people.
    pub fn label(self, language: Language) -> &'static str {
        let (vi, en) = match self {
            Self::Summoned => ("số triệu tập", "summoned"),
            Self::Present => ("có mặt", "present"),
            Self::Printed => ("mã phiếu đã in", "slips printed"),
            Self::Issued => ("số phiếu phát ra", "ballots issued"),
            Self::UsedSlips => ("mã phiếu đã dùng", "slips used"),
            Self::Spoiled => ("phiếu hỏng", "spoiled"),
            Self::LeftOver => ("phiếu còn lại", "left over"),
            Self::NotReturned => ("phiếu không nộp lại", "not returned"),
            Self::Unlocked => ("số lần mở máy", "ballots unlocked"),
        };
        language.choose(vi, en)
    }
}

impl Post {
    /// Its name for people.
    pub fn label(self, language: Language) -> &'static str {
        let (vi, en) = match self {
            Self::MeetingChair => ("chủ trì hội nghị", "chair of the meeting"),
            Self::CountingHead => ("trưởng ban kiểm phiếu", "head of the counting committee"),
            Self::CountingMember => ("thành viên ban kiểm phiếu", "member of the counting committee"),
        };
        language.choose(vi, en)
    }
}

impl HoldReason {
    /// Why an envelope is held, for people.
    pub fn label(self, language: Language) -> &'static str {
        let (vi, en) = match self {
            Self::RevokedDevice => ("thiết bị đã bị thu hồi", "the device was revoked"),
            Self::Late => ("đến muộn", "it came late"),
            Self::ClonedTablet => ("máy bị nhân bản", "a cloned tablet"),
            Self::BeyondClose => ("sau khi máy đã đóng hòm", "beyond the tablet's close"),
            Self::ReplacedSheet => ("theo danh sách đã bị thay", "under a sheet that was replaced"),
            Self::UnknownSheet => ("theo danh sách không rõ", "under an unknown sheet"),
            Self::OutOfScope => ("máy không thuộc đơn vị này", "the tablet is not of this unit"),
            Self::BallotLength => ("độ dài phiếu không đúng", "ballots of another length"),
            Self::BrokenChain => ("không nối với bao trước", "it does not follow on the envelope before"),
            Self::Orphan => ("hòm của máy đã mất khóa", "from the box of a tablet that lost its key"),
        };
        language.choose(vi, en)
    }
}

impl Language {
    fn choose(self, vi: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::Vietnamese => vi,
            Self::English => en,
        }
    }
}

impl Finding {
    /// What does not reconcile, with its numbers, and what to do.
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::Vietnamese => self.vietnamese(),
            Language::English => self.english(),
        }
    }

    fn value(&self, at: usize) -> u32 {
        self.values.get(at).copied().unwrap_or(0)
    }

    #[expect(clippy::too_many_lines, reason = "one line for each finding")]
    fn vietnamese(&self) -> String {
        let v = |at| self.value(at);
        match self.code {
            FindingCode::NoRecord => {
                "chưa ghi gì về hội nghị; hãy ghi hồ sơ đơn vị trên một máy của đơn vị".to_owned()
            }
            FindingCode::Conflict => format!(
                "các ghi chép về {} khác nhau{}; hãy chọn một và ghi là đã thống nhất",
                self.thing(Language::Vietnamese),
                self.listed()
            ),
            FindingCode::FigureMissing => format!("chưa ghi {}", self.thing(Language::Vietnamese)),
            FindingCode::PresentAboveSummoned => {
                format!("có mặt {} người, nhiều hơn số triệu tập {}", v(0), v(1))
            }
            FindingCode::IssuedAbovePresent => {
                format!("phát ra {} phiếu, nhiều hơn {} người có mặt", v(0), v(1))
            }
            FindingCode::PrintedSum => {
                format!("đã in {} mã phiếu, nhưng phát ra {} và còn lại {}", v(0), v(1), v(2))
            }
            FindingCode::IssuedSum => format!(
                "phát ra {} phiếu, nhưng đã dùng {}, hỏng {} và không nộp lại {}",
                v(0),
                v(1),
                v(2),
                v(3)
            ),
            FindingCode::CollectedAboveIssued => {
                format!("thu về {} phiếu, nhiều hơn {} phiếu phát ra", v(0), v(1))
            }
            FindingCode::CollectedDiffers => {
                format!("thu về {} phiếu, nhưng ghi là đã dùng {}; người thứ hai giải trình", v(0), v(1))
            }
            FindingCode::NoQuorum => {
                format!("có mặt {} trên {} người được triệu tập, chưa đủ hai phần ba", v(0), v(1))
            }
            FindingCode::NoCommittee => {
                "chưa ghi chủ trì hội nghị và trưởng ban kiểm phiếu (mỗi chức danh một người)".to_owned()
            }
            FindingCode::CommitteeOnBallot => {
                format!("{} vừa kiểm phiếu vừa có tên trên phiếu", self.thing(Language::Vietnamese))
            }
            FindingCode::DoubleCheckIn => format!(
                "{} được điểm danh {} lần, nhận {} mã phiếu; hủy ghi chép sai, hoặc người thứ hai giải trình",
                self.thing(Language::Vietnamese),
                v(0),
                v(1)
            ),
            FindingCode::RegisterPresent => format!("điểm danh có {} người, nhưng ghi có mặt {}", v(0), v(1)),
            FindingCode::RegisterIssued => {
                format!("điểm danh phát {} mã phiếu, nhưng ghi phát ra {}", v(0), v(1))
            }
            FindingCode::VoterUnknown => {
                format!("{} không có trong danh sách", self.thing(Language::Vietnamese))
            }
            FindingCode::PrintedSheet => format!("ghi đã in {} mã phiếu, danh sách có {}", v(0), v(1)),
            FindingCode::TabletTotal => format!(
                "{} niêm phong với tổng {}, nhưng ghi là {}",
                self.thing(Language::Vietnamese),
                v(0),
                v(1)
            ),
            FindingCode::TabletNotNoted => {
                format!(
                    "{} niêm phong với tổng {}, biên bản chưa ghi",
                    self.thing(Language::Vietnamese),
                    v(0)
                )
            }
            FindingCode::TabletUnknown => {
                format!(
                    "biên bản ghi tổng của {}, không phải máy của đơn vị",
                    self.thing(Language::Vietnamese)
                )
            }
            FindingCode::NotSigned => {
                "chủ trì hội nghị và trưởng ban kiểm phiếu chưa cùng ký biên bản".to_owned()
            }
            FindingCode::MinutesOutdated => {
                "sau khi ký biên bản có ghi thêm; hãy ghi lý do và ký bản mới".to_owned()
            }
            FindingCode::SignatureWrong => "một chữ ký không khớp với biên bản mà nó ký".to_owned(),
            FindingCode::Twins => {
                format!(
                    "{} ghi hai nội dung khác nhau dưới cùng một số; phần đó bị bỏ",
                    self.thing(Language::Vietnamese)
                )
            }
            FindingCode::RevokedWriter => {
                format!("{} đã bị thu hồi mà có ghi chép", self.thing(Language::Vietnamese))
            }
            FindingCode::UnknownPerson => "có người ghi chép mà chưa ghi tên vào tổ công tác".to_owned(),
            FindingCode::PaperSheet => format!(
                "kết quả kiểm {} phiếu giấy theo danh sách đã được thay; hãy hủy và nhập lại theo danh sách mới",
                v(0)
            ),
        }
    }

    #[expect(clippy::too_many_lines, reason = "one line for each finding")]
    fn english(&self) -> String {
        let v = |at| self.value(at);
        match self.code {
            FindingCode::NoRecord => {
                "nothing was noted of the meeting; write the unit's record on a tablet of the unit".to_owned()
            }
            FindingCode::Conflict => format!(
                "the notes about {} differ{}; choose one and settle it",
                self.thing(Language::English),
                self.listed()
            ),
            FindingCode::FigureMissing => format!("{} was not noted", self.thing(Language::English)),
            FindingCode::PresentAboveSummoned => format!("{} present, more than {} summoned", v(0), v(1)),
            FindingCode::IssuedAbovePresent => {
                format!("{} handed out, more than {} present", slips(v(0)), v(1))
            }
            FindingCode::PrintedSum => {
                format!("{} printed, but {} handed out and {} left over", slips(v(0)), v(1), v(2))
            }
            FindingCode::IssuedSum => format!(
                "{} handed out, but {} used, {} spoiled and {} not returned",
                slips(v(0)),
                v(1),
                v(2),
                v(3)
            ),
            FindingCode::CollectedAboveIssued => {
                format!("{} came in, more than {} handed out", ballots(v(0)), v(1))
            }
            FindingCode::CollectedDiffers => {
                format!("{} came in, but {} noted as used; a second person explains", ballots(v(0)), v(1))
            }
            FindingCode::NoQuorum => {
                format!("present: {} of {} summoned, less than two thirds", v(0), v(1))
            }
            FindingCode::NoCommittee => {
                "one chair of the meeting and one head of the counting committee are to be noted".to_owned()
            }
            FindingCode::CommitteeOnBallot => {
                format!("{} counts and stands on the ballot", self.thing(Language::English))
            }
            FindingCode::DoubleCheckIn => format!(
                "{} was checked in {} and got {}; undo the mistake, or a second person explains",
                self.thing(Language::English),
                counted(v(0), "time"),
                slips(v(1))
            ),
            FindingCode::RegisterPresent => {
                format!("voters in the register: {}, but noted as present: {}", v(0), v(1))
            }
            FindingCode::RegisterIssued => {
                format!("slips in the register: {}, but noted as handed out: {}", v(0), v(1))
            }
            FindingCode::VoterUnknown => format!("{} is not on the sheet", self.thing(Language::English)),
            FindingCode::PrintedSheet => {
                format!("slips noted as printed: {}, the sheet has {}", v(0), v(1))
            }
            FindingCode::TabletTotal => {
                format!("{} closed with {}, but {} is noted", self.thing(Language::English), v(0), v(1))
            }
            FindingCode::TabletNotNoted => {
                format!("{} closed with {}, which is not in the minutes", self.thing(Language::English), v(0))
            }
            FindingCode::TabletUnknown => {
                format!(
                    "a total is noted of {}, which is no tablet of the unit",
                    self.thing(Language::English)
                )
            }
            FindingCode::NotSigned => {
                "chair and head of the counting committee have not both signed the minutes".to_owned()
            }
            FindingCode::MinutesOutdated => {
                "something was noted after the minutes were signed; say why and sign anew".to_owned()
            }
            FindingCode::SignatureWrong => "a signature does not fit the minutes that it is under".to_owned(),
            FindingCode::Twins => format!(
                "{} wrote two different things under one number; both are left out",
                self.thing(Language::English)
            ),
            FindingCode::RevokedWriter => {
                format!("{} is revoked and wrote in the record", self.thing(Language::English))
            }
            FindingCode::UnknownPerson => {
                "somebody noted something without having joined the team".to_owned()
            }
            FindingCode::PaperSheet => format!(
                "the count of {} on paper follows a sheet that was replaced; undo it and enter it anew",
                ballots(v(0))
            ),
        }
    }

    /// The numbers that differ, where there are any.
    fn listed(&self) -> String {
        let values: Vec<String> = self.values.iter().map(u32::to_string).collect();
        if values.is_empty() { String::new() } else { format!(" ({})", values.join(" / ")) }
    }

    fn thing(&self, language: Language) -> String {
        let tablet = |device: &dyn std::fmt::Display| {
            let short: String = device.to_string().chars().take(8).collect();
            format!("{} {short}", language.choose("máy", "tablet"))
        };
        match &self.subject {
            Subject::Unit => language.choose("đơn vị", "the unit").to_owned(),
            Subject::Figure(kind) => kind.label(language).to_owned(),
            Subject::Committee => language.choose("ban kiểm phiếu", "the committee").to_owned(),
            Subject::Member(name) => name.clone(),
            Subject::Voter(number) => format!("{} {number}", language.choose("người số", "voter")),
            Subject::Tablet(device) => tablet(device),
            Subject::Writer(actor) => tablet(actor),
            Subject::Entry(entry) => tablet(&entry.actor),
            Subject::Person(person) => format!("{} {person}", language.choose("người", "person")),
        }
    }
}

/// A number with what it counts, of which English says one and more in two ways.
fn counted(number: u32, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn slips(number: u32) -> String {
    counted(number, "slip")
}

fn ballots(number: u32) -> String {
    counted(number, "ballot")
}
