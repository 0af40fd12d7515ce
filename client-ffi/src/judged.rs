//! What an error asks of an app: the few cases it can act on, and a stable word for the exact reason.

use crate::error::TabletError;
use crate::qr::QrError;
use crate::store::StoreError;
use crate::transport::TransportError;
use sync_core::id::IdError;
use sync_core::open_box::InsertError;
use sync_core::parcel::ParcelError;
use sync_core::permit::PermitError;
use sync_core::record::Language;
use thiserror::Error;

/// What an app can do about something that went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// Try the same again later, by itself.
    Retry,
    /// Only the office can help.
    AskOffice,
    /// What was typed, scanned or handed over is not right.
    WrongInput,
    /// Something else has to be done first.
    NotYet,
    /// This tablet takes no more ballots for the unit.
    Closed,
    /// The round is finished in the unit.
    Finished,
    /// No room is left.
    StoreFull,
    /// A stored value is not what was written, or the memory fails.
    Damaged,
    /// The program has to open the tablet anew.
    Restart,
}

/// Something that was typed, scanned or filmed and is not of its form.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InputError {
    /// A unit's code or a device's id.
    #[error(transparent)]
    Id(#[from] IdError),
    /// A slip.
    #[error(transparent)]
    Permit(#[from] PermitError),
    /// A code of a series.
    #[error(transparent)]
    Qr(#[from] QrError),
    /// A number that is none.
    #[error("type a number with digits alone, such as 24")]
    Number,
}

impl InputError {
    /// Stable word.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Id(IdError::Code) => "unit_code",
            Self::Id(_) => "device_id",
            Self::Permit(PermitError::Length { .. }) => "slip_length",
            Self::Permit(PermitError::Symbol { .. }) => "slip_symbol",
            Self::Permit(PermitError::Check) => "slip_check",
            Self::Qr(QrError::Length { .. }) => "qr_length",
            Self::Qr(QrError::NotASeries) => "qr_not_a_series",
            Self::Qr(QrError::OtherType) => "qr_other_type",
            Self::Qr(QrError::TooLong { .. } | QrError::Damaged { .. }) => "qr_damaged",
            Self::Qr(QrError::Bounds { .. }) => "qr_bounds",
            Self::Qr(QrError::Contradiction) => "qr_contradiction",
            Self::Number => "number",
        }
    }

    /// What to tell the person.
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::Vietnamese => self.vietnamese().to_owned(),
            Language::English => self.to_string(),
        }
    }

    fn vietnamese(&self) -> &'static str {
        match self {
            Self::Id(IdError::Code) => {
                "Mã đơn vị không đúng: gồm 1 đến 32 chữ cái, chữ số, dấu gạch, dấu chấm."
            }
            Self::Id(_) => "Mã của máy không đúng: hãy chép lại từ máy đó.",
            Self::Permit(PermitError::Length { .. }) => "Mã phiếu có 16 chữ và số: hãy nhập lại cho đủ.",
            Self::Permit(PermitError::Symbol { .. }) => {
                "Mã phiếu có một ký tự không dùng trên tờ mã: hãy nhìn lại tờ mã."
            }
            Self::Permit(PermitError::Check) => "Mã phiếu có một ký tự sai: hãy so lại với tờ mã.",
            Self::Qr(QrError::Length { .. }) => "Gói này quá dài cho loạt mã QR: hãy chuyển bằng tệp.",
            Self::Qr(QrError::NotASeries) => {
                "Mã QR này không thuộc loạt mã: hãy hướng máy vào các mã đang đổi."
            }
            Self::Qr(QrError::OtherType) => "Loạt mã QR này là của chương trình khác.",
            Self::Qr(QrError::TooLong { .. } | QrError::Damaged { .. }) => {
                "Mã QR này đọc chưa rõ: cứ giữ máy, các mã sau sẽ bù."
            }
            Self::Qr(QrError::Bounds { .. }) => "Loạt mã QR này lớn hơn mức cho phép.",
            Self::Qr(QrError::Contradiction) => {
                "Các mã QR không khớp nhau: phần đã đọc bị bỏ, hãy bắt đầu lại."
            }
            Self::Number => "Hãy gõ một số, chỉ dùng chữ số, ví dụ 24.",
        }
    }
}

/// What to tell a person after a fault of the program itself.
pub fn fault(language: Language) -> &'static str {
    match language {
        Language::Vietnamese => {
            "Chương trình gặp lỗi: hãy đóng rồi mở lại; những gì đã xác nhận vẫn an toàn."
        }
        Language::English => {
            "the program met a fault of its own: close it and open it again; what was confirmed is safe"
        }
    }
}

impl TabletError {
    /// What it asks of an app, and a stable word for the exact reason.
    pub fn judged(&self) -> (Case, &'static str) {
        match self {
            TabletError::NotEnrolled => (Case::NotYet, "not_enrolled"),
            TabletError::Enrolled => (Case::AskOffice, "enrolled_already"),
            TabletError::Token(_) => (Case::WrongInput, "token"),
            TabletError::Enrolment { .. } => (Case::AskOffice, "enrolment_not_genuine"),
            TabletError::OtherUnit(_) => (Case::WrongInput, "other_unit"),
            TabletError::UnknownUnit(_) => (Case::WrongInput, "unknown_unit"),
            TabletError::NoSheet(_) => (Case::NotYet, "no_sheet"),
            TabletError::SheetNotConfirmed => (Case::NotYet, "sheet_not_confirmed"),
            TabletError::TwoGroups => (Case::WrongInput, "two_groups"),
            TabletError::Digits(_) => (Case::WrongInput, "digits_differ"),
            TabletError::Closed => (Case::Closed, "closed"),
            TabletError::Finished(_) => (Case::Finished, "finished"),
            TabletError::NeedsPermit(_) => (Case::WrongInput, "needs_slip"),
            TabletError::Attended(_) => (Case::WrongInput, "votes_attended"),
            TabletError::Permit(_) => (Case::WrongInput, "slip_not_of_unit"),
            TabletError::Box(InsertError::AlreadyUsed) => (Case::WrongInput, "slip_used"),
            TabletError::Box(InsertError::Full) => (Case::Closed, "box_full"),
            TabletError::Box(InsertError::Length) => (Case::AskOffice, "other_sheet"),
            TabletError::Marks(_) => (Case::WrongInput, "marks"),
            TabletError::Message { .. } => (Case::WrongInput, "parcel"),
            TabletError::Parcel(error) => match error {
                ParcelError::NotAParcel => (Case::WrongInput, "parcel_none"),
                ParcelError::Torn => (Case::WrongInput, "parcel_torn"),
                ParcelError::Format(_) | ParcelError::TooLong { .. } => (Case::WrongInput, "parcel"),
            },
            TabletError::OtherRound { .. } => (Case::WrongInput, "other_round"),
            TabletError::ChainFull => (Case::Closed, "chain_full"),
            TabletError::Store(error) => stored(error),
            TabletError::Damaged { .. } => (Case::Damaged, "damaged"),
            TabletError::Transport(error) => sent(error),
            TabletError::NotOrphaned => (Case::WrongInput, "not_orphaned"),
            TabletError::Story { .. } => (Case::WrongInput, "story"),
            of_record => met(of_record),
        }
    }
}

/// What concerns register, record and minutes.
fn met(error: &TabletError) -> (Case, &'static str) {
    match error {
        TabletError::NobodyActs => (Case::NotYet, "nobody_acts"),
        TabletError::NotOnTeam(_) => (Case::WrongInput, "not_on_team"),
        TabletError::PinForm => (Case::WrongInput, "pin_form"),
        TabletError::NoPin => (Case::NotYet, "no_pin"),
        TabletError::PinSet => (Case::WrongInput, "pin_set"),
        TabletError::WrongPin { .. } => (Case::WrongInput, "pin_wrong"),
        TabletError::PinPause { .. } => (Case::WrongInput, "pin_pause"),
        TabletError::NoMemory => (Case::Retry, "no_memory"),
        TabletError::UnknownVoter { .. } => (Case::WrongInput, "unknown_voter"),
        TabletError::Text { .. } => (Case::WrongInput, "text"),
        TabletError::TooMuch => (Case::WrongInput, "too_much"),
        TabletError::Moment { .. } => (Case::WrongInput, "clock"),
        TabletError::NoEntry(_) => (Case::WrongInput, "no_entry"),
        TabletError::NotUndoable => (Case::WrongInput, "not_undoable"),
        TabletError::NotANote => (Case::WrongInput, "not_a_note"),
        TabletError::NothingToSettle => (Case::WrongInput, "nothing_to_settle"),
        TabletError::Unsettled(_) => (Case::NotYet, "unsettled"),
        TabletError::Committee => (Case::WrongInput, "committee"),
        TabletError::NotInPost(_) => (Case::WrongInput, "not_in_post"),
        TabletError::SaidWrong => (Case::NotYet, "said_wrong"),
        TabletError::NothingSigned(_) => (Case::WrongInput, "nothing_signed"),
        TabletError::UnknownTablet(..) => (Case::NotYet, "unknown_tablet"),
        TabletError::NoFinding => (Case::WrongInput, "no_finding"),
        TabletError::NotExplainable => (Case::WrongInput, "not_explainable"),
        TabletError::PlanSecondPerson => (Case::WrongInput, "plan_second_person"),
        TabletError::SecondPerson => (Case::WrongInput, "second_person"),
        TabletError::Paper(_) => (Case::WrongInput, "paper"),
        TabletError::PaperStep { .. } => (Case::NotYet, "paper_step"),
        TabletError::PaperSheet(_) => (Case::NotYet, "paper_sheet"),
        TabletError::RecordFull(_) => (Case::Closed, "record_full"),
        TabletError::TooManyWriters(..) => (Case::AskOffice, "too_many_writers"),
        _ => (Case::WrongInput, "refused"),
    }
}

fn stored(error: &StoreError) -> (Case, &'static str) {
    match error {
        StoreError::InUse { .. } => (Case::Restart, "store_in_use"),
        StoreError::Full => (Case::StoreFull, "store_full"),
        StoreError::Damaged { .. } => (Case::Damaged, "damaged"),
        StoreError::Foreign { .. } => (Case::AskOffice, "store_foreign"),
        StoreError::TooLong { .. } => (Case::AskOffice, "store_too_long"),
        StoreError::Io { .. } => (Case::Damaged, "store_fails"),
    }
}

fn sent(error: &TransportError) -> (Case, &'static str) {
    match error {
        TransportError::Unreachable(_) | TransportError::Broken(_) => (Case::Retry, "unreachable"),
        // As 503 says of itself, and as a centre behind a proxy that does not reach it looks.
        TransportError::Refused { status: 429 | 500.., .. } => (Case::Retry, "centre_busy"),
        TransportError::Refused { .. } => (Case::AskOffice, "centre_refused"),
        // Often the login page of a network, which is gone with the next one.
        TransportError::NotACentre(_) => (Case::Retry, "not_a_centre"),
        TransportError::Address(_) => (Case::AskOffice, "address"),
        TransportError::NotTheCentre(_) => (Case::AskOffice, "not_the_centre"),
    }
}
