//! What does not reconcile, and the minutes: explained, signed, corrected.

use super::{Acting, entry, words};
use crate::error::TabletError;
use crate::store::Store;
use crate::tablet::{Tablet, UnitState};
use rand_core::CryptoRng;
use std::collections::{BTreeMap, BTreeSet};
use sync_core::id::{DeviceId, UnitCode};
use sync_core::package::{Sheet, Voting, commitment};
use sync_core::record::{
    Act, Close, EntryRef, Finding, Ground, Minutes, MinutesHash, PersonId, Post, Severity, State, Version,
    Votes, reconcile,
};

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// What does not reconcile, as far as this tablet can know: against the envelopes that are here, and against the
    /// ballots only if none is known to be missing or held.
    ///
    /// # Errors
    /// [`TabletError::OtherUnit`].
    pub fn findings(&self, unit: &UnitCode) -> Result<Vec<Finding>, TabletError> {
        let record = self.record_of(unit)?;
        let state = self.state(unit)?;
        let revoked = state.replica.revoked();
        let voting = self.voting(unit)?;
        let ground = Ground {
            sheet: state.replica.sheet(),
            voting,
            tablets: state.closes(self.tablets_of(unit)?.into_iter().map(|(device, _)| device)),
            revoked: &revoked,
            votes: state.votes(voting),
        };
        Ok(reconcile(record, &ground))
    }

    /// The minutes that follow from the record as it is here now.
    ///
    /// # Errors
    /// [`TabletError::OtherUnit`].
    pub fn minutes(&self, unit: &UnitCode) -> Result<Minutes, TabletError> {
        let record = self.record_of(unit)?;
        Ok(Minutes::of(record.package(), unit, &record.state()))
    }

    /// Every version of the minutes that somebody signed; the one that follows from the record now comes last.
    ///
    /// # Errors
    /// [`TabletError::OtherUnit`].
    pub fn versions(&self, unit: &UnitCode) -> Result<Vec<Version>, TabletError> {
        Ok(self.record_of(unit)?.versions())
    }

    /// Explains a finding, named by its key, as a second person who noted nothing of what it rests on.
    ///
    /// # Errors
    /// [`TabletError::NoFinding`], [`TabletError::NotExplainable`], [`TabletError::SecondPerson`], [`TabletError::Text`].
    pub fn explain(
        &mut self,
        acting: &Acting,
        finding: [u8; 16],
        text: &str,
        at: Option<u64>,
    ) -> Result<EntryRef, TabletError> {
        let text = words("an explanation", text)?;
        let found = self.findings(acting.unit())?.into_iter().find(|found| found.key() == finding);
        let found = found.ok_or(TabletError::NoFinding)?;
        if found.severity() == Severity::Error {
            return Err(TabletError::NotExplainable);
        }
        if found.involved.contains(&acting.person()) {
            return Err(TabletError::SecondPerson);
        }
        self.write(acting, at, Act::Explain { finding, text })
    }

    /// Signs the minutes that follow from the record as it is here now, as chair or counting head. Who signed these
    /// minutes already has done so, which is success.
    ///
    /// # Errors
    /// [`TabletError::Unsettled`], [`TabletError::NotInPost`], [`TabletError::SaidWrong`],
    /// [`TabletError::TooManyWriters`].
    pub fn sign_off(
        &mut self,
        acting: &Acting,
        post: Post,
        at: Option<u64>,
    ) -> Result<MinutesHash, TabletError> {
        self.attempt(|tablet| {
            let mut desk = tablet.record_desk(acting)?;
            let (unit, record) = (acting.unit(), desk.state.replica.record());
            let state = record.state();
            match unsettled(&state) {
                0 => {}
                things => return Err(TabletError::Unsettled(things)),
            }
            if post == Post::CountingMember || !holds_post(&state, post, &acting.person()) {
                return Err(TabletError::NotInPost(post));
            }
            let minutes = Minutes::of(record.package(), unit, &state).hash();
            if state.corrections.contains_key(&minutes) {
                return Err(TabletError::SaidWrong);
            }
            let signed = |version: &Version| {
                version.signed.iter().any(|(p, person, _)| *p == post && *person == acting.person())
            };
            if record.versions().iter().any(|version| version.hash == minutes && signed(version)) {
                return Ok(minutes);
            }
            let too_many = || TabletError::TooManyWriters(unit.clone(), record.signed_heads().len());
            let heads = record.heads_to_sign().ok_or_else(too_many)?;
            desk.note(unit, vec![entry(acting, at, Act::SignOff { post, heads, minutes })])?;
            Ok(minutes)
        })
    }

    /// Says why signed minutes do not hold any more. What is right is noted by further entries, and signed anew as
    /// another version beside this one.
    ///
    /// # Errors
    /// [`TabletError::NothingSigned`] if no signed version stands, [`TabletError::Text`].
    pub fn correct(&mut self, acting: &Acting, reason: &str, at: Option<u64>) -> Result<(), TabletError> {
        let reason = words("the reason of a correction", reason)?;
        self.attempt(|tablet| {
            let mut desk = tablet.record_desk(acting)?;
            let versions = desk.state.replica.record().versions();
            let stands = versions.iter().filter(|v| !v.signed.is_empty() && v.corrected.is_empty());
            let act = |v: &Version| Act::Correct { minutes: v.hash, reason: reason.clone() };
            let mut entries: Vec<_> = stands.map(|version| entry(acting, at, act(version))).collect();
            if entries.is_empty() {
                return Err(TabletError::NothingSigned(acting.unit().clone()));
            }
            // More than a few versions that nobody corrected are no honest case, and one change has its bounds.
            entries.truncate(16);
            desk.note(acting.unit(), entries).map(drop)
        })
    }
}

impl UnitState {
    /// The closing totals of these tablets, as their envelopes state them.
    fn closes(&self, tablets: impl Iterator<Item = DeviceId>) -> BTreeMap<DeviceId, Close> {
        let mut closes: BTreeMap<DeviceId, Close> =
            tablets.map(|device| (device, Close::default())).collect();
        for envelope in self.replica.envelopes().map(|envelope| envelope.value()) {
            if let (Some(total), Some(close)) = (envelope.total, closes.get_mut(&envelope.device)) {
                // Two closes of one tablet are held, and the centre decides; the larger one asks more questions.
                close.total = close.total.max(Some(total));
            }
        }
        closes
    }

    /// The ballots that came in; nothing while some are missing or held, or the round is finished and they are gone.
    fn votes(&self, voting: Voting) -> Option<Votes> {
        let survey = self.replica.survey();
        if self.replica.is_finished() || !survey.gaps.is_empty() || !survey.held.is_empty() {
            return None;
        }
        let sheet: &Sheet = self.replica.sheet()?;
        let envelopes = self.replica.envelopes().map(|envelope| envelope.value());
        let records = envelopes.flat_map(|envelope| envelope.ballots.records());
        let collected = match voting {
            Voting::Permit => {
                let seen: BTreeSet<_> = records.map(|record| commitment(&record.nullifier())).collect();
                seen.iter().filter(|permit| sheet.permits.binary_search(permit).is_ok()).count()
            }
            Voting::Attended => {
                records.map(|record| record.as_bytes().to_vec()).collect::<BTreeSet<_>>().len()
            }
        };
        Some(Votes { collected: u32::try_from(collected).unwrap_or(u32::MAX) })
    }
}

/// How many things people disagree about.
fn unsettled(state: &State) -> usize {
    let figures = state.figures.values().filter(|topic| topic.is_conflict()).count();
    let totals = state.totals.values().filter(|topic| topic.is_conflict()).count();
    figures + totals + usize::from(state.committee.as_ref().is_some_and(|topic| topic.is_conflict()))
}

fn holds_post(state: &State, post: Post, person: &PersonId) -> bool {
    let members = state.committee.as_ref().and_then(|topic| topic.value());
    members.into_iter().flatten().any(|member| member.post == post && PersonId::of(&member.name) == *person)
}
