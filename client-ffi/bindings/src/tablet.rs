//! The tablet over its folder.

use crate::problem::Problem;
use crate::status::Status;
use crate::values::{
    Counts, Finished, ImportReport, Level, Official, Recipient, Round, Sheet, StepText, SyncReport,
    TypedGroup,
};
use client_ffi::TabletError;
use client_ffi::store::FileStore;
use client_ffi::transport::Http;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use sync_core::ballot::Marks;
use sync_core::fingerprint;
use sync_core::id::UnitCode;
use sync_core::package::{Mode, Package, Voting};
use sync_core::permit::PermitCode;
use zeroize::Zeroizing;

/// A tablet or courier, in a folder of its own that nobody else opens meanwhile.
///
/// It may be called from any thread; one call at a time is worked on, the others wait. A call that changes something
/// has stored it durably when it returns. [`Tablet::enrol`] and [`Tablet::sync`] use the network and may take minutes:
/// call them where nobody waits.
#[derive(uniffi::Object)]
pub struct Tablet {
    inner: Mutex<client_ffi::Tablet<FileStore>>,
}

impl Tablet {
    fn lock(&self) -> Result<MutexGuard<'_, client_ffi::Tablet<FileStore>>, Problem> {
        self.inner.lock().map_err(|_| Problem::restart())
    }
}

#[uniffi::export]
#[expect(clippy::needless_pass_by_value, reason = "values cross the boundary")]
impl Tablet {
    /// Opens the tablet of a folder; a new folder is a new tablet. Whatever a crash left is put right.
    ///
    /// # Errors
    /// [`Problem::Restart`] if another program has the folder, [`Problem::Damaged`], [`Problem::StoreFull`].
    #[uniffi::constructor]
    pub fn open(folder: String) -> Result<Arc<Self>, Problem> {
        let tablet = client_ffi::Tablet::open(FileStore::open(Path::new(&folder))?)?;
        Ok(Arc::new(Self { inner: Mutex::new(tablet) }))
    }

    /// Enrols with the token from the office, over the network.
    ///
    /// # Errors
    /// [`Problem`]; after [`Problem::Retry`] the same token does.
    pub fn enrol(&self, token: String) -> Result<(), Problem> {
        let mut tablet = self.lock()?;
        let http = Http::for_token(&token).map_err(TabletError::from)?;
        tablet.enrol(&token, &http)?;
        // It decides nothing; the next sync tries again.
        drop(tablet.fetch_guidance(&http));
        Ok(())
    }

    /// Its id, once it has keys.
    ///
    /// # Errors
    /// [`Problem::Restart`].
    pub fn device(&self) -> Result<Option<String>, Problem> {
        Ok(self.lock()?.device().map(|device| device.to_string()))
    }

    /// The round it belongs to, once enrolled.
    ///
    /// # Errors
    /// [`Problem::Restart`].
    pub fn round(&self) -> Result<Option<Round>, Problem> {
        let tablet = self.lock()?;
        let address = tablet.address().unwrap_or_default().to_owned();
        Ok(tablet.package().map(|package| round(package.value(), address)))
    }

    /// Units it takes ballots for; none for a courier.
    ///
    /// # Errors
    /// [`Problem::Restart`].
    pub fn units(&self) -> Result<Vec<String>, Problem> {
        Ok(self.lock()?.units().iter().map(ToString::to_string).collect())
    }

    /// Units it holds something of: its own and those it carries for.
    ///
    /// # Errors
    /// [`Problem::Restart`].
    pub fn held_units(&self) -> Result<Vec<String>, Problem> {
        Ok(self.lock()?.held_units().iter().map(ToString::to_string).collect())
    }

    /// The list of a unit, or nothing while it has not arrived.
    ///
    /// # Errors
    /// [`Problem::WrongInput`], [`Problem::Restart`].
    pub fn sheet(&self, unit: String) -> Result<Option<Sheet>, Problem> {
        let unit = UnitCode::new(&unit)?;
        let tablet = self.lock()?;
        let entry = tablet.package().and_then(|package| package.value().unit(&unit));
        let (Some(entry), Some(sheet), Some(hash)) = (entry, tablet.sheet(&unit), tablet.sheet_hash(&unit))
        else {
            return Ok(None);
        };
        let officials = sheet.officials.iter();
        Ok(Some(Sheet {
            unit_name: entry.name.clone(),
            officials: officials
                .map(|o| Official { code: o.code.clone(), name: o.name.clone(), post: o.post.clone() })
                .collect(),
            voters: sheet.voters,
            attended: entry.voting == Voting::Attended,
            digits: with_blanks(&hash.0)?,
            confirmed: tablet.is_confirmed(&unit),
        }))
    }

    /// The team typed two groups of digits from paper.
    ///
    /// # Errors
    /// [`Problem::WrongInput`] if they differ or are the same group, [`Problem::NotYet`].
    pub fn confirm_sheet(&self, unit: String, first: TypedGroup, second: TypedGroup) -> Result<(), Problem> {
        let unit = UnitCode::new(&unit)?;
        // A place beyond any list is none of the groups, and said to differ.
        let place = |typed: &TypedGroup| usize::try_from(typed.place).unwrap_or(fingerprint::GROUPS);
        let typed = [(place(&first), first.digits.as_str()), (place(&second), second.digits.as_str())];
        Ok(self.lock()?.confirm_sheet(&unit, &typed)?)
    }

    /// Casts a ballot with a slip: per official the place of a level, or nothing for a line left blank. When this
    /// returns, the ballot is sealed and survives a power cut. Forget slip and marks then, and never write them down.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn cast(&self, unit: String, slip: String, marks: Vec<Option<u8>>) -> Result<(), Problem> {
        let (slip, marks) = (Zeroizing::new(slip), Marks::new(marks));
        let (unit, code) = (UnitCode::new(&unit)?, PermitCode::parse(&slip)?);
        Ok(self.lock()?.cast(&unit, &code, &marks)?)
    }

    /// Casts a ballot that the team unlocked, in a unit without slips.
    ///
    /// # Errors
    /// As [`Tablet::cast`].
    pub fn cast_attended(&self, unit: String, marks: Vec<Option<u8>>) -> Result<(), Problem> {
        let marks = Marks::new(marks);
        Ok(self.lock()?.cast_attended(&UnitCode::new(&unit)?, &marks)?)
    }

    /// Closes the box of a unit: every ballot leaves it sealed. Closing again is success; there is no way back.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn close(&self, unit: String) -> Result<(), Problem> {
        Ok(self.lock()?.close(&UnitCode::new(&unit)?)?)
    }

    /// Whether the box of a unit is closed.
    ///
    /// # Errors
    /// [`Problem::WrongInput`], [`Problem::Restart`].
    pub fn is_closed(&self, unit: String) -> Result<bool, Problem> {
        Ok(self.lock()?.is_closed(&UnitCode::new(&unit)?))
    }

    /// Where the ballots cast here are.
    ///
    /// # Errors
    /// [`Problem::WrongInput`], [`Problem::Restart`].
    pub fn counts(&self, unit: String) -> Result<Counts, Problem> {
        Ok(self.lock()?.counts(&UnitCode::new(&unit)?).into())
    }

    /// What is left of a unit whose round is finished; nothing while it goes on.
    ///
    /// # Errors
    /// [`Problem::WrongInput`], [`Problem::Restart`].
    pub fn finished(&self, unit: String) -> Result<Option<Finished>, Problem> {
        Ok(self.lock()?.finished(&UnitCode::new(&unit)?).map(Into::into))
    }

    /// Brings everything to the centre and fetches what it has. If it breaks off, call it again: nothing is lost, and
    /// nothing counts twice.
    ///
    /// # Errors
    /// [`Problem::Retry`] if the centre cannot be reached, [`Problem::NotYet`], those of the store. What concerns one
    /// unit alone is in the report.
    pub fn sync(&self) -> Result<SyncReport, Problem> {
        let mut tablet = self.lock()?;
        let http = Http::new(tablet.address().ok_or(TabletError::NotEnrolled)?);
        let report = tablet.sync(&http)?;
        // It decides nothing; the next sync tries again.
        drop(tablet.fetch_guidance(&http));
        Ok(report.into())
    }

    /// Guidance of the organisation board for steps of the team's work, as it came with the last enrolment or sync. Show
    /// it to the team at its step, never to voters.
    ///
    /// # Errors
    /// [`Problem::Restart`], those of the store.
    pub fn guidance(&self) -> Result<Vec<StepText>, Problem> {
        let texts = self.lock()?.guidance()?.map(|guidance| guidance.texts).unwrap_or_default();
        Ok(texts.into_iter().map(Into::into).collect())
    }

    /// Says how many bytes may be carried for other units. Less than is here deletes nothing; it only lets nothing more
    /// in.
    ///
    /// # Errors
    /// [`Problem::Restart`], those of the store.
    pub fn set_carry_room(&self, bytes: u64) -> Result<(), Problem> {
        Ok(self.lock()?.set_carry_room(bytes)?)
    }

    /// Everything that this tablet hands over, as one parcel: a file for a stick (ending in `.hpgoi`), or the bytes of
    /// a [`crate::QrSeries`] if it is short enough. Nothing leaves this tablet by that. The same state gives the same
    /// bytes, and no name stands in them in clear.
    ///
    /// # Errors
    /// [`Problem::NotYet`], [`Problem::WrongInput`] for a tablet's id that is none, those of the store.
    pub fn export_parcel(&self, recipient: Recipient) -> Result<Vec<u8>, Problem> {
        let recipient = recipient.read()?;
        Ok(self.lock()?.export(recipient)?)
    }

    /// Takes a parcel, whatever way it came and for whomever it was made. The same parcel again is success, and of a
    /// torn copy everything before the tear is here afterwards; the report says so.
    ///
    /// # Errors
    /// [`Problem::WrongInput`] if it is none or of another round, those of the store.
    pub fn import_parcel(&self, bytes: Vec<u8>) -> Result<ImportReport, Problem> {
        Ok(self.lock()?.import(&bytes)?.into())
    }

    /// What this tablet holds, signed, as a small parcel for those who handed something over: with it they know, and
    /// can tell people, that their ballots are on another device.
    ///
    /// # Errors
    /// As [`Tablet::export_parcel`].
    pub fn acknowledge(&self) -> Result<Vec<u8>, Problem> {
        Ok(self.lock()?.acknowledge()?)
    }

    /// Where everything is and what to do next, for the person who holds the tablet.
    ///
    /// # Errors
    /// [`Problem::Damaged`], [`Problem::Restart`].
    pub fn status(&self) -> Result<Status, Problem> {
        Ok(self.lock()?.status()?.into())
    }
}

fn round(package: &Package, address: String) -> Round {
    let levels = package.levels.iter();
    Round {
        title: package.title.clone(),
        training: package.mode == Mode::Training,
        levels: levels
            .map(|level| Level { code: level.code.clone(), vi: level.vi.clone(), en: level.en.clone() })
            .collect(),
        address,
    }
}

/// The groups of a hash without two, so that nobody can say yes without having the paper.
fn with_blanks(hash: &[u8; 32]) -> Result<Vec<Option<String>>, Problem> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|_| Problem::restart())?;
    let blanks = fingerprint::blanks(random);
    let groups = fingerprint::groups(hash).into_iter().enumerate();
    Ok(groups.map(|(place, group)| (!blanks.contains(&place)).then_some(group)).collect())
}
