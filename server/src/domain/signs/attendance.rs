//! Whether nobody is ever missing: every figure of the meeting is the number of voters.

use super::SMALLEST;

/// What a unit's record says of who came; nothing where it was not noted, or people disagree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attendance {
    /// Voters on the roster.
    pub voters: u32,
    /// Called to the meeting.
    pub summoned: Option<u32>,
    /// Present.
    pub present: Option<u32>,
    /// Slips handed out; where voting is attended, ballots unlocked.
    pub issued: Option<u32>,
    /// Slips used; `None` where voting is attended.
    pub used: Option<Option<u32>>,
}

/// Whether every figure is the number of voters; nothing where the unit is small or a figure is not known.
pub fn nobody_missing(found: &Attendance) -> Option<bool> {
    if found.voters < SMALLEST {
        return None;
    }
    let mut all = vec![found.summoned?, found.present?, found.issued?];
    if let Some(used) = found.used {
        all.push(used?);
    }
    Some(all.into_iter().all(|figure| figure == found.voters))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(voters: u32) -> Attendance {
        let noted = Some(voters);
        Attendance { voters, summoned: noted, present: noted, issued: noted, used: Some(noted) }
    }

    #[test]
    fn it_rings_only_if_nobody_at_all_is_missing() {
        assert_eq!(nobody_missing(&all(20)), Some(true));
        for change in [
            |a: &mut Attendance| a.summoned = Some(19),
            |a: &mut Attendance| a.present = Some(19),
            |a: &mut Attendance| a.issued = Some(19),
            |a: &mut Attendance| a.used = Some(Some(19)),
            |a: &mut Attendance| a.present = Some(21),
        ] {
            let mut changed = all(20);
            change(&mut changed);
            assert_eq!(nobody_missing(&changed), Some(false), "{changed:?}");
        }
    }

    #[test]
    fn nineteen_voters_and_figures_that_are_not_known_say_nothing() {
        assert_eq!(nobody_missing(&all(19)), None);
        assert_eq!(nobody_missing(&Attendance { voters: 30, ..Attendance::default() }), None);
        assert_eq!(nobody_missing(&Attendance { used: Some(None), ..all(30) }), None);
        assert_eq!(nobody_missing(&Attendance { used: None, ..all(30) }), Some(true), "attended: no slips");
    }
}
