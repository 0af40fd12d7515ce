//! What does not reconcile, and the minutes: explained, signed, corrected.

use crate::{Desk, Pin, Problem, Text};
use client_ffi::TabletError;
use client_ffi::store::Store;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sync_core::id::UnitCode;
use sync_core::record::{PersonId, Post, Severity, Subject};

/// Something that does not reconcile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Finding {
    /// What an explanation names.
    pub key: String,
    /// Stable word.
    pub code: String,
    /// It can only be corrected; otherwise a second person may explain it.
    pub error: bool,
    /// It stands in the way of publication.
    pub blocks: bool,
    /// What does not reconcile, and what to do.
    pub text: Text,
    /// Number of the voter that it is about.
    pub voter: Option<u32>,
    /// Those who cannot explain it, because they noted what it rests on.
    pub involved: Vec<String>,
    /// The person who acts now is one of them.
    pub own: bool,
    /// What a second person said of it.
    pub explained: Option<Said>,
}

/// What somebody said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Said {
    /// Who.
    pub person: String,
    /// What.
    pub text: String,
}

/// A signed version of the minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Version {
    /// Hash of these minutes.
    pub hash: String,
    /// They are what follows from the record now.
    pub now: bool,
    /// Chair and counting head, two persons, signed and nobody corrected them.
    pub complete: bool,
    /// Who signed.
    pub signed: Vec<Signed>,
    /// Who said that they do not hold, and why.
    pub corrected: Vec<Said>,
}

/// A signature under minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Signed {
    /// As what: `meeting_chair` or `counting_head`.
    pub post: String,
    /// The same in words.
    pub label: Text,
    /// Who.
    pub person: String,
}

impl Finding {
    pub(crate) fn new(view: client_ffi::FindingView, acting: Option<PersonId>) -> Self {
        let found = view.finding;
        Self {
            key: hex(&view.key),
            code: view.code.to_owned(),
            error: view.severity == Severity::Error,
            blocks: view.blocks,
            text: Text::new(|language| found.text(language)),
            voter: match found.subject {
                Subject::Voter(number) => Some(number),
                _ => None,
            },
            own: acting.is_some_and(|person| found.involved.contains(&person)),
            involved: view.involved,
            explained: view.explained.map(|(person, text)| Said { person, text }),
        }
    }
}

impl From<client_ffi::VersionView> for Version {
    fn from(version: client_ffi::VersionView) -> Self {
        let signed = |(post, person): (Post, String)| Signed {
            post: post.code().to_owned(),
            label: Text::new(|language| post.label(language).to_owned()),
            person,
        };
        Self {
            hash: version.hash.to_string(),
            now: version.now,
            complete: version.complete,
            signed: version.signed.into_iter().map(signed).collect(),
            corrected: version.corrected.into_iter().map(|(person, text)| Said { person, text }).collect(),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn explain<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
    finding: String,
    text: String,
    minutes: u32,
) -> Result<(), Problem> {
    let acting = desk.acting(&unit)?;
    let mut findings = desk.tablet.findings(acting.unit())?.into_iter().map(|found| found.key());
    let key = findings.find(|key| hex(key) == finding).ok_or(TabletError::NoFinding)?;
    desk.tablet.explain(&acting, key, &text, Some(minutes.into()))?;
    Ok(())
}

pub(crate) fn sign_off<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
    person: String,
    pin: Pin,
    post: String,
    minutes: u32,
) -> Result<(), Problem> {
    let post = Post::from_code(&post).ok_or_else(Problem::malformed_call)?;
    let unit = UnitCode::new(&unit)?;
    let person = desk.person(&unit, &person)?;
    let signer = desk.tablet.act_as(&unit, &person, &pin)?;
    desk.tablet.sign_off(&signer, post, Some(minutes.into()))?;
    Ok(())
}

pub(crate) fn correct<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
    reason: String,
    minutes: u32,
) -> Result<(), Problem> {
    Ok(desk.tablet.correct(&desk.acting(&unit)?, &reason, Some(minutes.into()))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use sync_core::record::FindingCode;

    #[test]
    fn a_finding_says_which_voter_it_is_about_and_whether_the_person_who_acts_may_explain_it() {
        let [one, two] = ["Lý A Páo", "Vàng Mí Sử"].map(PersonId::of);
        let finding = sync_core::record::Finding {
            code: FindingCode::DoubleCheckIn,
            subject: Subject::Voter(7),
            values: vec![2, 1],
            involved: BTreeSet::from([one]),
            explained: None,
        };
        let view = || client_ffi::FindingView {
            key: finding.key(),
            code: finding.code.code(),
            severity: finding.severity(),
            blocks: finding.blocks(),
            text: String::new(),
            involved: vec!["Lý A Páo".to_owned()],
            explained: None,
            finding: finding.clone(),
        };
        let shown = Finding::new(view(), Some(one));
        assert_eq!((shown.voter, shown.error, shown.own, shown.blocks), (Some(7), false, true, true));
        assert_eq!((shown.key.len(), shown.code.as_str()), (32, "double_check_in"));
        assert!(shown.text.vi.contains("người số 7") && shown.text.en.contains("voter 7"));
        assert!(!Finding::new(view(), Some(two)).own && !Finding::new(view(), None).own);
    }
}
