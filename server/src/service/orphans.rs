//! The parcel of a tablet that can sign nothing any more: its envelopes are stored as any others, and the ballots from its
//! box are sealed by the centre itself and held until two people have decided.

use super::record::load_unit_record;
use super::{Centre, load_round};
use crate::domain::evidence::orphan_line;
use crate::domain::person::Role;
use crate::error::AppError;
use crate::store::envelopes::{self, Stored};
use crate::store::{StoreError, Tx};
use sync_core::centre::Admission;
use sync_core::cose::Unverified;
use sync_core::envelope::{Envelope, SignedEnvelope};
use sync_core::id::{EnvelopeId, PackageHash, RoundId, UnitCode};
use sync_core::message::{Message, Outcome};
use sync_core::parcel::{OrphanBox, Parcel, Piece};
use sync_core::record::Act;

/// What became of a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrphansTaken {
    /// Envelopes of the centre's own that hold ballots from a box, each with its unit and number of ballots.
    pub held: Vec<(UnitCode, EnvelopeId, usize)>,
    /// Ballots from a box that were here already.
    pub already_here: usize,
    /// Sealed envelopes that were new.
    pub envelopes: usize,
    /// Sealed envelopes that were here already.
    pub envelopes_here: usize,
    /// Other things in it that were not taken.
    pub refused: usize,
    /// Whether something of the parcel is missing or damaged: copy it again.
    pub torn: bool,
}

impl Centre {
    /// Takes the parcel that was saved from a tablet without its key. The same parcel again changes nothing.
    ///
    /// # Errors
    /// [`AppError`] with code `person_needed`, `role`, `interest`, `parcel`, `other_package`, `no_orphan`,
    /// `round_not_open`, `round_finished`, `too_many`.
    pub async fn take_orphans(&self, round: &RoundId, file: &[u8]) -> Result<OrphansTaken, AppError> {
        self.person_with(&[Role::Organiser])?;
        let parcel = Parcel::read(file).map_err(|error| AppError::unprocessable("parcel", error))?;
        let stored = {
            let mut tx = self.begin().await?;
            load_round(&mut tx, round).await?
        };
        let package = stored.signed()?;
        if parcel.header.package != package.hash() {
            let (theirs, ours) = (&parcel.header.title, &package.value().title);
            let detail = format!("this parcel belongs to another round ({theirs}), not to {ours}");
            return Err(AppError::conflict("other_package", detail));
        }
        stored.not_finished()?;
        if !stored.state.takes_envelopes() {
            return Err(super::writer::not_open());
        }
        let mut taken = OrphansTaken { torn: !parcel.condition.is_whole(), ..OrphansTaken::default() };
        let (mut messages, mut orphans) = (Vec::new(), Vec::new());
        for piece in parcel.pieces() {
            match piece {
                Ok(Piece::Message(message)) => messages.push(message),
                Ok(Piece::Orphan(orphan)) => orphans.push(orphan),
                Ok(Piece::Acknowledgement(_)) | Err(_) => taken.refused += 1,
            }
        }
        if orphans.is_empty() && !taken.torn {
            return Err(AppError::unprocessable(
                "no_orphan",
                "no box without a key is in this parcel: hand it over as any other, from a tablet or by a courier",
            ));
        }
        // Genuine envelopes first: what of a box they hold as well shows beside them.
        for message in messages.into_iter().filter(|message| package.value().unit(&message.unit).is_some()) {
            self.take_envelopes(message, &package.hash(), &mut taken).await?;
        }
        for orphan in orphans {
            self.adopt(round, &orphan, &mut taken).await?;
        }
        Ok(taken)
    }

    async fn take_envelopes(
        &self,
        message: Message,
        package: &PackageHash,
        taken: &mut OrphansTaken,
    ) -> Result<(), AppError> {
        if message.package != *package {
            taken.refused += 1;
            return Ok(());
        }
        let (new, here, refused) = self.take_brought(message).await?;
        taken.envelopes += new;
        taken.envelopes_here += here;
        taken.refused += refused;
        Ok(())
    }

    /// Seals the ballots of a box that are not here yet, and notes the story, in one transaction.
    async fn adopt(
        &self,
        round: &RoundId,
        orphan: &OrphanBox,
        taken: &mut OrphansTaken,
    ) -> Result<(), AppError> {
        let (mut tx, stored, unit) = self.begin_entry(round, orphan.unit.as_str()).await?;
        let package = stored.signed()?;
        let hash = package.hash();
        let centre = &package.value().centre;
        let admission = Admission { package: &hash, unit: &unit, centre };
        let own = own_envelopes(&mut tx, round, &unit, admission).await?;
        let sealed = match admission.adopt(orphan, &own, self.key()) {
            Ok(Some(sealed)) => sealed,
            Ok(None) => {
                taken.already_here += orphan.ballots.len();
                return Ok(tx.rollback().await.map_err(StoreError::from)?);
            }
            Err(Outcome::TooMany) => return Err(too_many()),
            Err(outcome) => return Err(AppError::conflict("parcel", outcome.code())),
        };
        if envelopes::insert(&mut tx, round, &sealed).await? == Stored::TooMany {
            return Err(too_many());
        }
        let (id, ballots) = (sealed.envelope_id(), sealed.value().ballots.len());
        taken.already_here += orphan.ballots.len() - ballots;
        let tablet = orphan.device.map_or_else(|| "?".to_owned(), |device| device.to_string());
        let story = orphan.story.trim();
        let text = orphan_line(orphan.device, ballots, &id, story);
        let detail = format!("{ballots} ballots of tablet {tablet} in envelope {id}: {story}");
        let looked = load_unit_record(&mut tx, None, &stored, &unit).await?;
        let act = Act::Incident { text };
        self.write_entry(tx, (&stored, &unit), &looked.record, act, ("orphan_taken", detail)).await?;
        taken.held.push((unit, id, ballots));
        Ok(())
    }
}

/// Envelopes of a unit that the centre itself sealed.
async fn own_envelopes(
    tx: &mut Tx,
    round: &RoundId,
    unit: &UnitCode,
    admission: Admission<'_>,
) -> Result<Vec<SignedEnvelope>, AppError> {
    let centre = admission.centre.device();
    let mut own = Vec::new();
    for bytes in envelopes::of_unit(tx, round, unit).await? {
        let damaged = || StoreError::Damaged { what: "envelope" };
        let envelope = Unverified::<Envelope>::decode(&bytes).map_err(|_| damaged())?;
        if envelope.claim().device == centre {
            own.push(envelope.verify(&admission.centre.sign).map_err(|_| damaged())?);
        }
    }
    Ok(own)
}

fn too_many() -> AppError {
    AppError::conflict(
        "too_many",
        "no more envelopes fit into this unit: tell those who keep the program before anything is thrown away",
    )
}
