//! What this boundary itself says in Vietnamese: of input that is not of its form, and of a fault of the program. What a
//! tablet says is said where its errors are made.

/// By stable word.
const WORDS: [(&str, &str); 12] = [
    ("unit_code", "Mã đơn vị không đúng: gồm 1 đến 32 chữ cái, chữ số, dấu gạch, dấu chấm."),
    ("slip_length", "Mã phiếu có 16 chữ và số: hãy nhập lại cho đủ."),
    ("slip_symbol", "Mã phiếu có một ký tự không dùng trên tờ mã: hãy nhìn lại tờ mã."),
    ("slip_check", "Mã phiếu có một ký tự sai: hãy so lại với tờ mã."),
    ("device_id", "Mã của máy không đúng: hãy chép lại từ máy đó."),
    ("qr_length", "Gói này quá dài cho loạt mã QR: hãy chuyển bằng tệp."),
    ("qr_not_a_series", "Mã QR này không thuộc loạt mã: hãy hướng máy vào các mã đang đổi."),
    ("qr_other_type", "Loạt mã QR này là của chương trình khác."),
    ("qr_damaged", "Mã QR này đọc chưa rõ: cứ giữ máy, các mã sau sẽ bù."),
    ("qr_bounds", "Loạt mã QR này lớn hơn mức cho phép."),
    ("qr_contradiction", "Các mã QR không khớp nhau: phần đã đọc bị bỏ, hãy bắt đầu lại."),
    ("fault", "Chương trình gặp lỗi: hãy đóng rồi mở lại; những gì đã xác nhận vẫn an toàn."),
];

/// The sentence for a stable word.
pub(crate) fn vietnamese(code: &str) -> String {
    let found = WORDS.iter().find(|(known, _)| *known == code).map(|(_, words)| *words);
    found.unwrap_or("Máy không làm được việc này.").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Problem;
    use client_ffi::transport::TransportError;
    use std::collections::BTreeSet;

    #[test]
    fn every_word_that_an_error_can_have_is_said_in_vietnamese_and_no_other() {
        let source = include_str!("typed.rs");
        let quoted = source.split('"').skip(1).step_by(2);
        let word = |text: &&str| text.len() > 3 && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        let used: BTreeSet<&str> = quoted.filter(word).chain(["fault"]).collect();
        let known: BTreeSet<&str> = WORDS.iter().map(|(code, _)| *code).collect();
        assert_eq!(known.len(), WORDS.len(), "none stands there twice");
        assert_eq!(used, known);
    }

    #[test]
    fn what_only_english_knows_follows() {
        let refused = TransportError::Refused {
            status: 403,
            code: "device_revoked".to_owned(),
            detail: "this device was revoked".to_owned(),
            after: None,
        };
        let (code, vi, en) = Problem::from(refused).into_words();
        assert_eq!((code.as_str(), en.as_str()), ("centre_refused", "this device was revoked"));
        assert!(vi.starts_with("Trung tâm không nhận.") && vi.contains(&en), "{vi}");
    }
}
