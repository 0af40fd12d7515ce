//! Paper counts within a count: what they add, and when they may be shown apart.

use super::permits::Judged;
use super::result::{Line, Papers};
use crate::id::ObjectId;
use crate::record::PaperCount;

/// A paper count as it was judged. One that does not open or does not add up is invalid as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedPaper {
    /// Ballots in the box, as its entry says.
    pub collected: u32,
    /// The numbers, if they can be read.
    pub count: Option<PaperCount>,
}

impl JudgedPaper {
    /// Valid ballots.
    pub fn valid(&self) -> u32 {
        self.count.as_ref().map_or(0, |count| count.valid)
    }
}

/// Valid ballots of a unit by how they were cast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parts {
    /// On tablets.
    pub tablets: u32,
    /// On paper.
    pub paper: u32,
}

/// Levels of a unit were shown in this way.
///
/// The parts of a unit may be shown apart while each of them only ever grew by nothing or by enough ballots. Then all
/// that is ever shown is made of groups that are each large enough, and no sum or difference of it is less than one of
/// them. Once a part grew by too few, it stays within the whole for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    parts: Parts,
    grew_enough: bool,
}

impl Shown {
    /// What is shown now, after what was shown `before`, if anything was. The parts never shrink.
    pub fn next(before: Option<Self>, now: Parts, limit: u32) -> Self {
        let was = before.map_or_else(Parts::default, |before| before.parts);
        let enough = |now: u32, was: u32| now == was || now.saturating_sub(was) >= limit;
        let grew_enough = before.is_none_or(|before| before.grew_enough)
            && enough(now.tablets, was.tablets)
            && enough(now.paper, was.paper);
        Self { parts: now, grew_enough }
    }

    /// Whether the paper part may be shown apart: there are two parts, and both have always been large enough.
    pub fn apart(&self) -> bool {
        self.grew_enough && self.parts.tablets > 0 && self.parts.paper > 0
    }
}

impl Judged {
    /// Valid ballots on tablets and on paper.
    pub fn parts(&self) -> Parts {
        let tablets = u32::try_from(self.valid.len()).unwrap_or(u32::MAX);
        let paper = self.papers.values().map(JudgedPaper::valid).fold(0, u32::saturating_add);
        Parts { tablets, paper }
    }

    /// Valid ballots in all.
    pub fn all_valid(&self) -> u32 {
        let Parts { tablets, paper } = self.parts();
        tablets.saturating_add(paper)
    }

    /// Valid ballots here that are not in `earlier`.
    pub fn newly_valid(&self, earlier: &Self) -> u32 {
        let tablets = self.valid.keys().filter(|key| !earlier.valid.contains_key(*key)).count();
        let papers = self.papers.iter().filter(|(id, _)| !earlier.papers.contains_key(id));
        let paper = papers.map(|(_, paper)| paper.valid()).fold(0, u32::saturating_add);
        u32::try_from(tablets).unwrap_or(u32::MAX).saturating_add(paper)
    }

    /// Whether every ballot that is valid in `earlier` is valid here, with the same marks.
    pub fn keeps(&self, earlier: &Self) -> bool {
        let mut papers = earlier.papers.iter().filter(|(_, paper)| paper.valid() > 0);
        earlier.valid.iter().all(|(key, marks)| self.valid.get(key) == Some(marks))
            && papers.all(|(id, paper)| self.papers.get(id) == Some(paper))
    }

    /// Lines of all paper counts that can be read.
    pub fn paper_lines(&self) -> impl Iterator<Item = &[Line]> {
        self.papers.values().filter_map(|paper| Some(paper.count.as_ref()?.lines.as_slice()))
    }

    /// What the result says of paper; nothing where there is none.
    pub fn papers_result(&self, lines: Option<Vec<Line>>) -> Option<Papers> {
        let unreadable = self.papers.iter().filter(|(_, paper)| paper.count.is_none()).map(|(id, _)| *id);
        let invalid = self.papers.values().map(|paper| paper.collected - paper.valid());
        (!self.papers.is_empty()).then(|| Papers {
            valid: self.parts().paper,
            invalid: invalid.fold(0, u32::saturating_add),
            unreadable: unreadable.collect::<Vec<ObjectId>>(),
            lines,
        })
    }
}

/// Adds the lines of a paper count.
pub fn add_lines(sum: &mut [Line], lines: &[Line]) {
    for (sum, line) in sum.iter_mut().zip(lines) {
        sum.levels.iter_mut().zip(&line.levels).for_each(|(sum, count)| *sum = sum.saturating_add(*count));
        sum.invalid = sum.invalid.saturating_add(line.invalid);
    }
}
