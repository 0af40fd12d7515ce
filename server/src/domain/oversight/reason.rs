//! Why somebody should visit a unit, in words.

use crate::domain::signs::Sign;
use sync_core::record::Language;

/// How grave a reason is; the gravest comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// It stands in the way of the result.
    Blocking,
    /// Something is late.
    Late,
    /// A sign of formalism.
    Sign,
}

/// Why somebody should visit a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// So many held envelopes that nobody decided.
    Held(u32),
    /// So much is missing and not written off.
    Missing(u32),
    /// So much of the record stands in the way of publication.
    DoesNotReconcile(u32),
    /// About so many things its people disagree.
    Conflicts(u32),
    /// The round was closed, and nobody there had voted.
    NeverVoted,
    /// Two people left it unpublished.
    LeftUnpublished,
    /// It has not held its ballot, so many days after the due day.
    Overdue(u32),
    /// It held its ballot so many days after the due day.
    HeldLate(u32),
    /// So many notices of results are overdue.
    NoticesOverdue(u32),
    /// So many correction plans are overdue.
    PlansOverdue(u32),
    /// So many correction plans are past the last day of their measures and not done.
    PlansBehind(u32),
    /// So much of what visits found is not put right by its day.
    FollowUpsOverdue(u32),
    /// A sign of formalism.
    Sign(Sign),
}

impl Reason {
    /// How grave it is.
    pub fn grade(self) -> Grade {
        match self {
            Self::Held(_)
            | Self::Missing(_)
            | Self::DoesNotReconcile(_)
            | Self::Conflicts(_)
            | Self::NeverVoted
            | Self::LeftUnpublished => Grade::Blocking,
            Self::Overdue(_)
            | Self::HeldLate(_)
            | Self::NoticesOverdue(_)
            | Self::PlansOverdue(_)
            | Self::PlansBehind(_)
            | Self::FollowUpsOverdue(_) => Grade::Late,
            Self::Sign(_) => Grade::Sign,
        }
    }

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Held(_) => "held",
            Self::Missing(_) => "missing",
            Self::DoesNotReconcile(_) => "does_not_reconcile",
            Self::Conflicts(_) => "conflicts",
            Self::NeverVoted => "never_voted",
            Self::LeftUnpublished => "left_unpublished",
            Self::Overdue(_) => "overdue",
            Self::HeldLate(_) => "held_late",
            Self::NoticesOverdue(_) => "notices_overdue",
            Self::PlansOverdue(_) => "plans_overdue",
            Self::PlansBehind(_) => "plans_behind",
            Self::FollowUpsOverdue(_) => "follow_ups_overdue",
            Self::Sign(sign) => sign.code(),
        }
    }

    /// What it is, for people.
    pub fn text(self, language: Language) -> String {
        match language {
            Language::Vietnamese => self.vietnamese(),
            Language::English => self.english(),
        }
    }

    fn vietnamese(self) -> String {
        match self {
            Self::Held(n) => format!("{n} bao phiếu tạm giữ chưa ai quyết định"),
            Self::Missing(n) => format!("còn thiếu {n} thứ chưa về và chưa được bỏ qua"),
            Self::DoesNotReconcile(n) => format!("{n} chỗ không khớp, chưa sửa hoặc chưa giải trình"),
            Self::Conflicts(n) => format!("{n} chỗ người trong tổ ghi khác nhau, chưa ai phân xử"),
            Self::NeverVoted => "đợt đã đóng mà đơn vị chưa bỏ phiếu".to_owned(),
            Self::LeftUnpublished => "hai người đã quyết định để lại không công bố".to_owned(),
            Self::Overdue(n) => format!("chưa xong, quá hạn {n} ngày"),
            Self::HeldLate(n) => format!("xong muộn {n} ngày so với hạn"),
            Self::NoticesOverdue(n) => format!("{n} thông báo kết quả quá hạn"),
            Self::PlansOverdue(n) => format!("{n} kế hoạch khắc phục quá hạn"),
            Self::PlansBehind(n) => format!("{n} kế hoạch khắc phục quá ngày của biện pháp mà chưa xong"),
            Self::FollowUpsOverdue(n) => format!("{n} việc sau kiểm tra quá hạn"),
            Self::Sign(sign) => lower(sign.words(Language::Vietnamese).name),
        }
    }

    fn english(self) -> String {
        let s = |n: u32| if n == 1 { "" } else { "s" };
        match self {
            Self::Held(n) => format!("{n} held envelope{} that nobody decided", s(n)),
            Self::Missing(n) => format!("{n} thing{} missing and not written off", s(n)),
            Self::DoesNotReconcile(n) => {
                format!(
                    "{n} thing{} that do{} not reconcile, neither corrected nor explained",
                    s(n),
                    if n == 1 { "es" } else { "" }
                )
            }
            Self::Conflicts(n) => format!("{n} thing{} about which the team disagrees", s(n)),
            Self::NeverVoted => "the round is closed and the unit has not voted".to_owned(),
            Self::LeftUnpublished => "two people decided to leave it unpublished".to_owned(),
            Self::Overdue(n) => format!("not done, {n} day{} past the due day", s(n)),
            Self::HeldLate(n) => format!("done {n} day{} after the due day", s(n)),
            Self::NoticesOverdue(n) => format!("{n} notice{} of results overdue", s(n)),
            Self::PlansOverdue(n) => format!("{n} correction plan{} overdue", s(n)),
            Self::PlansBehind(n) => {
                format!("{n} correction plan{} past the day of the measures and not done", s(n))
            }
            Self::FollowUpsOverdue(n) => format!("{n} follow-up{} of a visit overdue", s(n)),
            Self::Sign(sign) => lower(sign.words(Language::English).name),
        }
    }
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_words_of_its_own_in_both_languages() {
        let mut all = vec![
            Reason::Held(2),
            Reason::Missing(2),
            Reason::DoesNotReconcile(2),
            Reason::Conflicts(2),
            Reason::NeverVoted,
            Reason::LeftUnpublished,
            Reason::Overdue(2),
            Reason::HeldLate(2),
            Reason::NoticesOverdue(2),
            Reason::PlansOverdue(2),
            Reason::PlansBehind(2),
            Reason::FollowUpsOverdue(2),
        ];
        all.extend(Sign::ALL.map(Reason::Sign));
        for language in [Language::Vietnamese, Language::English] {
            let mut texts: Vec<_> = all.iter().map(|reason| reason.text(language)).collect();
            texts.sort();
            texts.dedup();
            assert_eq!(texts.len(), all.len());
        }
        let mut codes: Vec<_> = all.iter().map(|reason| reason.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all.len());
        assert_eq!(
            Reason::DoesNotReconcile(1).text(Language::English),
            "1 thing that does not reconcile, neither corrected nor explained"
        );
    }
}
