//! What the team notes in the unit's record, besides the register and the minutes.

use crate::{Desk, Problem};
use client_ffi::store::Store;
use client_ffi::{Earlier, InputError};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sync_core::record::{EntryRef, FigureKind, Member, Post};

/// A member as the page notes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct NewMember {
    /// `meeting_chair`, `counting_head` or `counting_member`.
    pub post: String,
    /// Full name.
    pub name: String,
}

/// A number as somebody typed it.
fn number(typed: &str) -> Result<u32, Problem> {
    let typed = typed.trim();
    let digits = !typed.is_empty() && typed.bytes().all(|byte| byte.is_ascii_digit());
    let number = typed.parse().ok().filter(|_| digits);
    Ok(number.ok_or(InputError::Number)?)
}

/// Places and words that the page has from here.
fn known<T>(found: Option<T>) -> Result<T, Problem> {
    found.ok_or_else(Problem::malformed_call)
}

fn earlier(settles: bool) -> Earlier {
    if settles { Earlier::Settled } else { Earlier::Stands }
}

pub(crate) fn figure<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
    kind: String,
    typed: String,
    settles: bool,
    minutes: u32,
) -> Result<(), Problem> {
    let kind = known(FigureKind::from_code(&kind))?;
    let at = Some(minutes.into());
    desk.tablet.figure(&desk.acting(&unit)?, kind, number(&typed)?, earlier(settles), at)?;
    Ok(())
}

pub(crate) fn tablet_total<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
    device: String,
    typed: String,
    settles: bool,
    minutes: u32,
) -> Result<(), Problem> {
    let (device, total, at) = (device.parse()?, number(&typed)?, Some(minutes.into()));
    desk.tablet.tablet_total(&desk.acting(&unit)?, device, total, earlier(settles), at)?;
    Ok(())
}

pub(crate) fn committee<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
    members: Vec<NewMember>,
    settles: bool,
    minutes: u32,
) -> Result<(), Problem> {
    let member = |NewMember { post, name }| known(Post::from_code(&post)).map(|post| Member { post, name });
    let members = members.into_iter().map(member).collect::<Result<_, Problem>>()?;
    desk.tablet.committee(&desk.acting(&unit)?, members, earlier(settles), Some(minutes.into()))?;
    Ok(())
}

pub(crate) fn settle<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
    holds: String,
    minutes: u32,
) -> Result<(), Problem> {
    let holds = known(EntryRef::parse(&holds))?;
    desk.tablet.settle(&desk.acting(&unit)?, holds, Some(minutes.into()))?;
    Ok(())
}

pub(crate) fn incident<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
    text: String,
    minutes: u32,
) -> Result<(), Problem> {
    desk.tablet.incident(&desk.acting(&unit)?, &text, Some(minutes.into()))?;
    Ok(())
}

pub(crate) fn note<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
    text: String,
    replaces: Option<String>,
    minutes: u32,
) -> Result<(), Problem> {
    let replaces = replaces.map(|place| known(EntryRef::parse(&place))).transpose()?;
    desk.tablet.note(&desk.acting(&unit)?, &text, replaces, Some(minutes.into()))?;
    Ok(())
}

pub(crate) fn undo<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
    mistake: String,
) -> Result<(), Problem> {
    let mistake = known(EntryRef::parse(&mistake))?;
    Ok(desk.tablet.undo(&desk.acting(&unit)?, mistake)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_typed_with_digits_alone() {
        for (typed, expected) in [("24", 24), (" 0 ", 0), ("007", 7), ("4294967295", u32::MAX)] {
            assert_eq!(number(typed).unwrap(), expected);
        }
        let long = "9".repeat(10_000);
        for typed in
            ["", "-1", "+1", "1.5", "1e3", "٣", "１２", "<b>1</b>", "\u{202e}12", "4294967296", &long]
        {
            assert_eq!(number(typed).unwrap_err().code, "number", "{typed:.20}");
        }
    }
}
