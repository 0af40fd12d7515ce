//! The errors of a tablet in words. English is what each says itself; here is the Vietnamese, the same at the command line
//! and in every app.

use crate::error::TabletError;
use crate::store::StoreError;
use crate::tablet::{PIN_MAX, PIN_MIN};
use crate::transport::TransportError;
use std::fmt::Display;
use sync_core::open_box::InsertError;
use sync_core::package::TEXT_MAX;
use sync_core::parcel::{ParcelError, STORY_MAX};
use sync_core::record::{Language, PaperError};

impl TabletError {
    /// What to tell the person who holds the tablet.
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::Vietnamese => vietnamese(self),
            Language::English => self.to_string(),
        }
    }
}

impl TransportError {
    /// What to tell the person who holds the tablet.
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::Vietnamese => transport(self),
            Language::English => self.to_string(),
        }
    }
}

/// A sentence, and the English detail, which names what is concerned.
pub(crate) fn with_detail(sentence: &str, error: &impl Display) -> String {
    format!("{sentence}\n  [{error}]")
}

fn vietnamese(error: &TabletError) -> String {
    match error {
        TabletError::NotEnrolled => "Máy này chưa đăng ký: hãy quét mã đăng ký của văn phòng.".to_owned(),
        TabletError::Enrolled => "Máy này đã thuộc một đợt: hãy dùng máy chưa đăng ký.".to_owned(),
        TabletError::Token(_) => {
            "Đây không phải mã đăng ký của Hòm Phiếu: hãy quét lại, hoặc xin văn phòng mã mới.".to_owned()
        }
        TabletError::Enrolment { .. } => with_detail(
            "Câu trả lời cho việc đăng ký không đúng nguồn: hãy thử lại, nếu vẫn thế thì hỏi văn phòng.",
            error,
        ),
        TabletError::Message { .. } => with_detail("Không nhận được gói này.", error),
        TabletError::Parcel(ParcelError::NotAParcel) => {
            "Đây không phải gói của Hòm Phiếu (tệp .hpgoi).".to_owned()
        }
        TabletError::Parcel(ParcelError::Torn) => {
            "Phần đầu của gói bị thiếu hoặc hỏng: hãy chép lại, máy gốc vẫn còn đủ.".to_owned()
        }
        TabletError::Parcel(_) => with_detail("Không nhận được gói này.", error),
        TabletError::OtherRound { title, own } => {
            format!("Gói này thuộc đợt khác ({title}); máy này ở đợt {own}.")
        }
        TabletError::NotOrphaned => "Máy này còn khóa: hãy đóng hòm rồi giao như bình thường.".to_owned(),
        TabletError::Story { .. } => {
            format!("Hãy ghi trong một dòng, nhiều nhất {STORY_MAX} byte, máy đã gặp chuyện gì.")
        }
        TabletError::ChainFull => {
            "Máy này không niêm phong thêm được bao phiếu nào: hãy dùng máy khác.".to_owned()
        }
        TabletError::NoMemory => "Máy còn quá ít bộ nhớ để kiểm tra PIN: hãy đóng bớt ứng dụng.".to_owned(),
        TabletError::UnknownTablet(device, unit) => {
            format!(
                "Không biết máy {device} là máy của đơn vị {unit}: hãy đồng bộ, hoặc nhận từ máy ấy trước."
            )
        }
        TabletError::Store(error) => store(error),
        TabletError::Damaged { key } => {
            format!("Giá trị {key} đã lưu bị hỏng: hãy để yên máy này và hỏi văn phòng.")
        }
        TabletError::Transport(error) => transport(error),
        other => voting(other),
    }
}

/// What goes wrong between slip and box.
fn voting(error: &TabletError) -> String {
    match error {
        TabletError::OtherUnit(unit) => format!("Máy này không nhận phiếu của đơn vị {unit}."),
        TabletError::UnknownUnit(unit) => format!("Đơn vị {unit} không có trong đợt này."),
        TabletError::NoSheet(unit) => {
            format!("Danh sách của đơn vị {unit} chưa có trên máy: hãy lấy từ trung tâm hoặc từ máy khác.")
        }
        TabletError::SheetNotConfirmed => "Trước hết hãy so các chữ số của danh sách với giấy.".to_owned(),
        TabletError::TwoGroups => "Hãy gõ hai nhóm chữ số khác nhau trên giấy.".to_owned(),
        TabletError::Digits(differs) => format!(
            "Nhóm {group} khác với giấy: hãy so lại; nếu vẫn khác thì dừng và báo văn phòng.",
            group = differs.group
        ),
        TabletError::Closed => "Hòm trên máy này đã đóng: không bỏ thêm phiếu được.".to_owned(),
        TabletError::Finished(unit) => format!("Đợt đã kết thúc ở đơn vị {unit}: không bỏ thêm phiếu được."),
        TabletError::NeedsPermit(unit) => {
            format!("Đơn vị {unit} bỏ phiếu bằng tờ mã phiếu: lá phiếu này cần một tờ.")
        }
        TabletError::Attended(unit) => {
            format!("Đơn vị {unit} bỏ phiếu không dùng tờ mã phiếu: tổ công tác mở máy cho từng phiếu.")
        }
        TabletError::Permit(_) => {
            "Tờ mã phiếu này không phát cho đơn vị này: hãy nhờ tổ công tác.".to_owned()
        }
        TabletError::Box(InsertError::AlreadyUsed) => "Tờ mã phiếu này đã dùng trên máy này.".to_owned(),
        TabletError::Box(InsertError::Full) => {
            "Hòm trên máy này đã đầy: hãy đóng hòm và dùng máy khác.".to_owned()
        }
        TabletError::Box(_) => "Phiếu không thuộc danh sách của hòm này.".to_owned(),
        TabletError::Marks(_) => with_detail("Cách đánh dấu không thành phiếu.", error),
        other => meeting(other),
    }
}

/// What goes wrong with register, record and minutes.
fn meeting(error: &TabletError) -> String {
    match error {
        TabletError::NotOnTeam(unit) => format!(
            "Người này không thuộc tổ công tác của đơn vị {unit}: hãy chọn tên trong tổ, hoặc ghi tên vào trước."
        ),
        TabletError::NobodyActs => "Chưa ai làm việc trên máy này: hãy chọn tên mình và gõ PIN.".to_owned(),
        TabletError::PinForm => {
            format!("PIN có từ {PIN_MIN} đến {PIN_MAX} chữ số.")
        }
        TabletError::NoPin => "Người này chưa có PIN trên máy này: hãy đặt PIN trước.".to_owned(),
        TabletError::PinSet => "Người này đã có PIN trên máy này: muốn đổi thì gõ PIN cũ.".to_owned(),
        TabletError::WrongPin { pause: 0 } => "Sai PIN.".to_owned(),
        TabletError::WrongPin { pause } => format!("Sai PIN; {pause} lần gõ tiếp theo không được xét."),
        TabletError::PinPause { left } => {
            format!("Đã sai PIN nhiều lần nên lần này không được xét, và {left} lần sau cũng vậy.")
        }
        TabletError::UnknownVoter { unit, voter, voters } => {
            format!("Đơn vị {unit} không có người ghi phiếu số {voter}: danh sách từ 1 đến {voters}.")
        }
        TabletError::Text { found: 0, .. } => "Chưa ghi chữ nào: hãy ghi rồi làm lại.".to_owned(),
        TabletError::Text { found, .. } => {
            format!("Phần chữ quá dài ({found} byte, nhiều nhất {TEXT_MAX}): hãy rút ngắn.")
        }
        TabletError::TooMuch => "Quá dài cho một lần ghi: hãy rút ngắn.".to_owned(),
        TabletError::Moment { .. } => "Đồng hồ của máy sai: hãy chỉnh lại.".to_owned(),
        TabletError::NoEntry(unit) => format!("Trong hồ sơ đơn vị {unit} không có ghi chép ấy."),
        TabletError::NotUndoable => "Ghi chép này không hủy được: hãy ghi thêm điều đúng.".to_owned(),
        TabletError::NotANote => "Chỉ ghi chú hoặc sự cố mới thay bằng ghi chú được.".to_owned(),
        TabletError::PlanSecondPerson => {
            "Phải là người khác xác nhận: không phải người viết kế hoạch, không phải chính cán bộ ấy."
                .to_owned()
        }
        TabletError::NothingToSettle => "Không có gì ghi khác nhau: không cần thống nhất.".to_owned(),
        TabletError::Unsettled(count) => {
            format!("{count} việc đang được ghi hai cách: hãy thống nhất từng việc rồi mới ký.")
        }
        TabletError::Committee => {
            "Hãy nêu một chủ trì hội nghị và một trưởng ban kiểm phiếu, hai người khác nhau.".to_owned()
        }
        TabletError::NotInPost(post) => {
            format!(
                "Chỉ người được ghi là {post} mới ký với tư cách ấy.",
                post = post.label(Language::Vietnamese)
            )
        }
        TabletError::SaidWrong => {
            "Biên bản này đã bị nói là không đúng: hãy ghi điều đúng rồi ký.".to_owned()
        }
        TabletError::NothingSigned(unit) => {
            format!("Đơn vị {unit} chưa ký biên bản nào để đính chính: cứ ghi điều đúng.")
        }
        TabletError::NoFinding => "Điều này không còn là vướng mắc: hãy xem lại danh sách.".to_owned(),
        TabletError::NotExplainable => {
            "Điều này không giải trình được, chỉ sửa được: hãy ghi điều đúng.".to_owned()
        }
        TabletError::SecondPerson => {
            "Người đã ghi số liệu không tự giải trình: cần người thứ hai.".to_owned()
        }
        TabletError::Paper(PaperError::SamePerson) => {
            "Phải là người thứ hai nhập số, không phải người đã nhập lần đầu.".to_owned()
        }
        TabletError::Paper(_) => with_detail("Số kiểm phiếu giấy chưa nhập được như vậy.", error),
        TabletError::PaperStep { .. } => {
            with_detail("Chưa đến bước này: hãy xem hai lần nhập của hòm đã đến đâu.", error)
        }
        TabletError::PaperSheet(unit) => {
            format!("Danh sách của đơn vị {unit} đã được thay: hãy bỏ các số đã nhập và nhập lại.")
        }
        TabletError::RecordFull(unit) => {
            format!("Hồ sơ đơn vị {unit} không nhận thêm ghi chép từ máy này: hãy dùng máy khác.")
        }
        // Said by the functions above; what a later core adds says its English.
        other => other.to_string(),
    }
}

fn store(error: &StoreError) -> String {
    match error {
        StoreError::InUse { folder } => {
            format!("Thư mục {folder} đang được chương trình khác dùng: hãy đóng chương trình ấy trước.")
        }
        StoreError::Damaged { key } => {
            format!("Giá trị {key} đã lưu bị hỏng: hãy để yên máy này và hỏi văn phòng.")
        }
        StoreError::Foreign { name } => {
            format!("Tệp {name} không thuộc thư mục của máy: hãy chuyển nó đi chỗ khác.")
        }
        StoreError::Full => {
            "Bộ nhớ của máy đã đầy: hãy dọn bớt; những gì đã xác nhận vẫn an toàn.".to_owned()
        }
        StoreError::TooLong { .. } | StoreError::Io { .. } => {
            with_detail("Máy không đọc hoặc ghi được bộ nhớ của mình.", error)
        }
    }
}

fn transport(error: &TransportError) -> String {
    match error {
        TransportError::Unreachable(_) => {
            with_detail("Hiện không tới được trung tâm; mọi thứ vẫn ở trên máy này, hãy thử lại sau.", error)
        }
        TransportError::Broken(_) => with_detail(
            "Đường truyền tới trung tâm bị đứt; mọi thứ vẫn ở trên máy này, hãy thử lại sau.",
            error,
        ),
        TransportError::Refused { status: 429 | 500.., .. } => {
            with_detail("Trung tâm đang bận; mọi thứ vẫn ở trên máy này, hãy thử lại sau.", error)
        }
        TransportError::Refused { .. } => with_detail("Trung tâm không nhận.", error),
        TransportError::NotACentre(_) => with_detail(
            "Nơi trả lời không phải trung tâm: địa chỉ có đúng không, hay mạng này đòi đăng nhập?",
            error,
        ),
        TransportError::Address(_) => with_detail("Địa chỉ của trung tâm không dùng được.", error),
        TransportError::NotTheCentre(_) => with_detail(
            "Nơi trả lời ở địa chỉ này không phải trung tâm trong mã đăng ký; chưa giao gì cho nó. Hãy thử mạng khác, và báo văn phòng nếu vẫn thế.",
            error,
        ),
    }
}
