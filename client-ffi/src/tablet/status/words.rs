//! The status in words, Vietnamese and English: one sentence for what to do next.

use super::NextStep;
use sync_core::record::Language;

impl NextStep {
    /// The step as a sentence.
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::Vietnamese => self.vietnamese(),
            Language::English => self.english(),
        }
    }

    /// Stable name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::PutAway => "put_away",
            Self::Collect => "collect",
            Self::Keep => "keep",
            Self::Vote => "vote",
            Self::GoOn { .. } => "go_on",
            Self::WaitForReceipt { .. } => "wait_for_receipt",
            Self::Deliver { .. } => "deliver",
            Self::HandOver { .. } => "hand_over",
            Self::BringLate => "bring_late",
            Self::CloseLate { .. } => "close_late",
            Self::Compare => "compare",
            Self::FetchSheet => "fetch_sheet",
            Self::Enrol => "enrol",
        }
    }

    /// Whether ballots would be lost if this tablet broke now.
    pub fn is_unsafe(&self) -> bool {
        matches!(self, Self::GoOn { .. } | Self::HandOver { .. } | Self::BringLate | Self::CloseLate { .. })
    }

    fn vietnamese(self) -> String {
        match self {
            Self::PutAway => "Đợt đã kết thúc, trên máy không còn phiếu nào: có thể cất máy.".to_owned(),
            Self::Collect => "Chưa có gì phải chuyển: hãy nhận bao phiếu của các máy.".to_owned(),
            Self::Keep => "Trung tâm đã xác nhận tất cả: hãy giữ máy cho đến khi đợt kết thúc.".to_owned(),
            Self::Vote => "Có thể bỏ phiếu.".to_owned(),
            Self::GoOn { only_here } => {
                format!(
                    "Đang bỏ phiếu. {only_here} phiếu mới chỉ có trên máy này: giữ máy cẩn thận, xong thì đóng hòm."
                )
            }
            Self::WaitForReceipt { unconfirmed } => format!(
                "{unconfirmed} phiếu đã có ở máy khác nhưng trung tâm chưa xác nhận: hãy giữ máy, chờ biên nhận."
            ),
            Self::Deliver { envelopes } => {
                format!(
                    "{envelopes} bao phiếu chưa được trung tâm xác nhận: hãy mang tới nơi có mạng rồi đồng bộ."
                )
            }
            Self::HandOver { only_here: 0 } => {
                "Việc đóng hòm mới chỉ ghi trên máy này: hãy giao sang máy khác hoặc đồng bộ.".to_owned()
            }
            Self::HandOver { only_here } => {
                format!(
                    "{only_here} phiếu mới chỉ có trên máy này: hãy giao ngay sang máy khác hoặc đồng bộ."
                )
            }
            Self::BringLate => {
                "Đợt đã kết thúc mà trên máy còn bao phiếu chưa được kiểm: hãy đồng bộ và báo văn phòng."
                    .to_owned()
            }
            Self::CloseLate { in_box } => format!(
                "Đợt đã kết thúc mà trong hòm còn {in_box} phiếu: hãy đóng hòm, đồng bộ và báo văn phòng."
            ),
            Self::Compare => "Hãy so danh sách với giấy, gõ hai nhóm chữ số, rồi mới bỏ phiếu.".to_owned(),
            Self::FetchSheet => {
                "Chưa có danh sách của đơn vị: hãy lấy từ trung tâm hoặc từ máy khác của đơn vị.".to_owned()
            }
            Self::Enrol => "Máy chưa đăng ký: hãy dùng mã đăng ký của văn phòng.".to_owned(),
        }
    }

    fn english(self) -> String {
        match self {
            Self::PutAway => {
                "The round is finished and no ballot is left here: the tablet can be put away.".to_owned()
            }
            Self::Collect => "Nothing to carry yet: collect envelopes from the tablets.".to_owned(),
            Self::Keep => {
                "The centre has confirmed everything: keep the tablet until the round is finished.".to_owned()
            }
            Self::Vote => "Ready to vote.".to_owned(),
            Self::GoOn { only_here } => format!(
                "Voting goes on. {} on this tablet alone: take care of it, and close the box at the end.",
                ballots(only_here)
            ),
            Self::WaitForReceipt { unconfirmed } => format!(
                "{} on another device too, but not confirmed by the centre: keep the tablet, wait for the receipt.",
                ballots(unconfirmed)
            ),
            Self::Deliver { envelopes } => {
                let noun = if envelopes == 1 { "envelope" } else { "envelopes" };
                format!(
                    "The centre has not confirmed {envelopes} {noun}: go where there is a network and synchronise."
                )
            }
            Self::HandOver { only_here: 0 } => {
                "That the box is closed is known on this tablet alone: hand it over or synchronise."
                    .to_owned()
            }
            Self::HandOver { only_here } => {
                format!("{} on this tablet alone: hand over or synchronise now.", ballots(only_here))
            }
            Self::BringLate => {
                "The round is finished, but envelopes here were not counted: synchronise and tell the office."
                    .to_owned()
            }
            Self::CloseLate { in_box } => format!(
                "The round is finished, but {} in the box: close it, synchronise and tell the office.",
                ballots(in_box)
            ),
            Self::Compare => {
                "Compare the list with the paper and type two groups of digits before anybody votes."
                    .to_owned()
            }
            Self::FetchSheet => {
                "The unit's list is not here: fetch it from the centre or from another tablet of the unit."
                    .to_owned()
            }
            Self::Enrol => "Not enrolled: use the token from the office.".to_owned(),
        }
    }
}

/// English alone counts this way.
fn ballots(count: usize) -> String {
    if count == 1 { "1 ballot is".to_owned() } else { format!("{count} ballots are") }
}
