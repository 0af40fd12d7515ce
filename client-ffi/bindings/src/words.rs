//! What is said in Vietnamese. English stands where the errors are made.

/// By stable word. Where it ends in a colon the English sentence follows, which holds what only the error knows.
const WORDS: [(&str, &str); 48] = [
    ("not_enrolled", "Máy này chưa được ghi danh: hãy quét mã ghi danh do văn phòng cấp."),
    ("enrolled_already", "Máy này đã thuộc một đợt rồi; hãy dùng máy chưa ghi danh."),
    ("token", "Đây không phải mã ghi danh của Hòm Phiếu; hãy quét lại, hoặc nhờ văn phòng cấp mã mới."),
    (
        "enrolment_not_genuine",
        "Câu trả lời cho việc ghi danh không đúng của trung tâm: hãy thử lại, vẫn vậy thì báo văn phòng.",
    ),
    ("other_unit", "Máy này không nhận phiếu của đơn vị đó."),
    ("unknown_unit", "Đợt này không có đơn vị đó."),
    ("unit_code", "Mã đơn vị không đúng: gồm 1 đến 32 chữ cái, chữ số, dấu gạch, dấu chấm."),
    ("no_sheet", "Danh sách của đơn vị chưa có trên máy: hãy lấy từ trung tâm hoặc từ máy khác."),
    ("sheet_not_confirmed", "Trước hết hãy so các nhóm số của danh sách với bản giấy."),
    ("two_groups", "Hãy nhập hai nhóm số khác nhau trên bản giấy."),
    (
        "digits_differ",
        "Nhóm số không khớp: hãy so lại với bản giấy; nếu vẫn khác thì dừng lại và báo văn phòng.",
    ),
    ("closed", "Hòm phiếu trên máy này đã đóng: không nhận thêm phiếu."),
    ("finished", "Đợt đã kết thúc ở đơn vị này: không nhận thêm phiếu."),
    ("needs_slip", "Đơn vị này bỏ phiếu bằng tờ mã phiếu: cần có tờ mã."),
    ("votes_attended", "Đơn vị này không dùng tờ mã phiếu: tổ giúp việc mở máy cho từng phiếu."),
    ("slip_not_of_unit", "Tờ mã phiếu này không phải của đơn vị; hãy nhờ tổ giúp việc."),
    ("slip_used", "Tờ mã phiếu này đã dùng trên máy này rồi."),
    ("slip_length", "Mã phiếu có 16 chữ và số: hãy nhập lại cho đủ."),
    ("slip_symbol", "Mã phiếu có một ký tự không dùng trên tờ mã: hãy nhìn lại tờ mã."),
    ("slip_check", "Mã phiếu có một ký tự sai: hãy so lại với tờ mã."),
    ("box_full", "Hòm phiếu trên máy này đã đầy: hãy đóng hòm và dùng máy khác."),
    ("other_sheet", "Phiếu không thuộc danh sách của hòm này: hãy báo văn phòng."),
    ("marks", "Phiếu đánh dấu không đúng mẫu: mỗi người một dòng, mỗi dòng một mức hoặc để trống."),
    ("parcel_none", "Đây không phải gói của Hòm Phiếu (tệp có đuôi .hpgoi)."),
    ("parcel_torn", "Gói này mới chép được phần đầu: hãy chép lại, máy giao vẫn còn đủ."),
    ("other_round", "Gói này thuộc đợt khác:"),
    ("device_id", "Mã của máy không đúng: hãy chép lại từ máy đó."),
    ("parcel", "Không nhận được gói này:"),
    ("chain_full", "Máy này không niêm phong thêm được: hãy dùng máy khác."),
    ("store_in_use", "Một chương trình khác đang dùng dữ liệu của máy này: hãy đóng chương trình đó trước."),
    ("store_full", "Bộ nhớ của máy đã đầy: hãy xóa bớt thứ khác; những gì đã xác nhận vẫn an toàn."),
    ("store_foreign", "Trong thư mục dữ liệu có tệp lạ: hãy báo văn phòng."),
    ("store_too_long", "Máy không lưu được vì dữ liệu quá dài: hãy báo văn phòng."),
    ("store_fails", "Bộ nhớ của máy bị lỗi: giữ nguyên máy và báo văn phòng."),
    ("damaged", "Dữ liệu lưu trên máy bị hỏng: giữ nguyên máy và báo văn phòng."),
    ("unreachable", "Hiện không tới được trung tâm; mọi thứ vẫn ở trên máy này, lát nữa thử lại."),
    ("centre_busy", "Trung tâm đang bận; mọi thứ vẫn ở trên máy này, lát nữa thử lại."),
    ("centre_refused", "Trung tâm từ chối:"),
    ("not_a_centre", "Nơi trả lời không phải trung tâm: mạng này có đòi đăng nhập không? Hãy thử mạng khác."),
    ("address", "Địa chỉ của trung tâm không dùng được: hãy nhờ văn phòng cấp mã ghi danh mới."),
    (
        "not_the_centre",
        "Nơi trả lời không phải trung tâm ghi trong mã: chưa trao gì cả. Hãy thử mạng khác, vẫn vậy thì báo văn phòng.",
    ),
    ("qr_length", "Gói này quá dài cho loạt mã QR: hãy chuyển bằng tệp."),
    ("qr_not_a_series", "Mã QR này không thuộc loạt mã: hãy hướng máy vào các mã đang đổi."),
    ("qr_other_type", "Loạt mã QR này là của chương trình khác."),
    ("qr_damaged", "Mã QR này đọc chưa rõ: cứ giữ máy, các mã sau sẽ bù."),
    ("qr_bounds", "Loạt mã QR này lớn hơn mức cho phép."),
    ("qr_contradiction", "Các mã QR không khớp nhau: phần đã đọc bị bỏ, hãy bắt đầu lại."),
    ("fault", "Chương trình gặp lỗi: hãy đóng rồi mở lại; những gì đã xác nhận vẫn an toàn."),
];

/// The sentence for a stable word; what is only known in English follows it.
pub(crate) fn vietnamese(code: &str, en: &str) -> String {
    let found = WORDS.iter().find(|(known, _)| *known == code).map(|(_, words)| *words);
    match found.unwrap_or("Máy không làm được việc này:") {
        open if open.ends_with(':') => format!("{open} {en}"),
        whole => whole.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_word_that_an_error_can_have_is_said_in_vietnamese_and_no_other() {
        let source = include_str!("problem.rs");
        let quoted = source.split('"').skip(1).step_by(2);
        let word = |text: &&str| text.len() > 3 && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        let used: BTreeSet<&str> = quoted.filter(word).filter(|word| *word != "refused").collect();
        let known: BTreeSet<&str> = WORDS.iter().map(|(code, _)| *code).collect();
        assert_eq!(known.len(), WORDS.len(), "none stands there twice");
        assert_eq!(used, known);
    }

    #[test]
    fn what_only_english_knows_follows() {
        let refused = vietnamese("centre_refused", "this device was revoked");
        assert_eq!(refused, "Trung tâm từ chối: this device was revoked");
        assert!(!vietnamese("closed", "the box is closed").contains("the box"));
        assert!(vietnamese("refused", "why").ends_with(": why"));
    }
}
