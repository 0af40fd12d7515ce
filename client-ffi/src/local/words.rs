//! What went wrong between two tablets, in words.

use super::error::LocalError;
use crate::words::with_detail;
use sync_core::record::Language;

impl LocalError {
    /// What to tell the person who holds the tablet.
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::Vietnamese => vietnamese(self),
            Language::English => self.to_string(),
        }
    }
}

fn vietnamese(error: &LocalError) -> String {
    match error {
        LocalError::Invitation(_) => "Đây không phải lời mời của một máy: hãy quét lại.".to_owned(),
        LocalError::Unreachable(_) | LocalError::NoNetwork(_) => {
            with_detail("Không tới được máy kia: hai máy có cùng một mạng không?", error)
        }
        LocalError::NotTheHost => {
            "Nơi trả lời không phải máy đã mời; chưa giao gì. Hãy quét lại mã trên màn hình máy kia."
                .to_owned()
        }
        LocalError::OtherRound { ours, theirs } => {
            format!("Máy kia thuộc đợt “{theirs}”, máy này thuộc đợt “{ours}”: không trao đổi gì.")
        }
        LocalError::Stranger | LocalError::NotBelieved => {
            "Bên kia không chứng tỏ được là máy của đợt này.".to_owned()
        }
        LocalError::OtherInvitation => {
            "Có máy đến bằng lời mời của máy khác: hãy để máy ấy quét mã đang hiện ở đây.".to_owned()
        }
        LocalError::Itself => "Hai bên là cùng một máy: hãy đưa mã cho máy khác.".to_owned(),
        LocalError::Full => "Phiên đã đủ máy: hãy chờ một máy xong.".to_owned(),
        LocalError::Cut(_) | LocalError::Slow => with_detail(
            "Đường truyền giữa hai máy bị đứt; những gì đã đến vẫn còn: hãy vào lại để tiếp tục.",
            error,
        ),
        LocalError::Ended | LocalError::Superseded | LocalError::Stopped => {
            "Phiên đã kết thúc; những gì đã đến vẫn còn.".to_owned()
        }
        LocalError::NoRoomThere | LocalError::FailedThere => {
            "Máy kia không lưu được: hãy xem màn hình máy ấy, hoặc giao cho máy khác.".to_owned()
        }
        LocalError::Tablet(error) => error.text(Language::Vietnamese),
        LocalError::Malformed(_) | LocalError::NotUnderstood | LocalError::Broken => {
            with_detail("Hai máy không hiểu nhau: cả hai có phiên bản mới nhất không?", error)
        }
    }
}
