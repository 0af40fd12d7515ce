//! What the organisation board wrote for teams: whoever tries the demo's spare round finds it on the tablets.

use super::DemoError;
use super::told::organiser;
use crate::domain::periodic::guidance::{Guidance, GuidanceStep};
use crate::service::Centre;

/// For steps at which halls went wrong most often: Vietnamese, English.
const TEXTS: [(GuidanceStep, &str, &str); 3] = [
    (
        GuidanceStep::TeamCheckIn,
        "Điểm danh xong mới mời rút một tờ từ mũ.\nKhông ghi số của tờ mã phiếu vào đâu cả.",
        "Check in first, then let each voter draw a slip from the hat.\nNever note the number of a slip.",
    ),
    (
        GuidanceStep::TeamVote,
        "Đặt máy quay lưng ra tường, mỗi lượt một người.\nPhiếu mã dùng rồi bỏ vào thùng giấy.",
        "Set the tablet with its back to a wall, one voter at a time.\nUsed slips go into the paper urn.",
    ),
    (
        GuidanceStep::TeamMinutes,
        "Đếm to phiếu mã đã dùng, còn lại và hỏng, rồi mới ký.",
        "Count used, left-over and spoiled slips aloud before anybody signs.",
    ),
];

/// Writes them.
pub(super) async fn write(centre: &Centre) -> Result<(), DemoError> {
    let organiser = organiser(centre).await?;
    for (step, vi, en) in TEXTS {
        organiser.set_guidance(step, Guidance { vi: vi.to_owned(), en: en.to_owned() }, 0).await?;
    }
    Ok(())
}
