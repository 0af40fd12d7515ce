//! The tablet over what the page's database has.

use crate::problem::{Problem, shown};
use crate::values::{
    ImportReport, Level, Official, Overview, Progress, Request, Round, Sheet, SyncReport, Text,
};
use client_ffi::store::JournalStore;
use client_ffi::transport::{TransportError, judge};
use client_ffi::{SyncRun, TabletError};
use js_sys::{Array, Uint8Array};
use sync_core::address::CentreAddress;
use sync_core::ballot::Marks;
use sync_core::enrol::EnrolToken;
use sync_core::fingerprint;
use sync_core::id::UnitCode;
use sync_core::package::{Mode, Package, Voting};
use sync_core::parcel::Recipient;
use sync_core::permit::PermitCode;
use sync_core::record::Language;
use tsify::Ts;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

/// A tablet or courier.
///
/// After every call that changes something, [`Tablet::pending`] is made durable in one transaction before the answer is
/// believed, told or sent; then [`Tablet::committed`] is said. If that fails, this object is dropped and the tablet is
/// opened anew.
#[wasm_bindgen]
pub struct Tablet {
    inner: client_ffi::Tablet<JournalStore>,
    run: Option<SyncRun>,
}

#[wasm_bindgen]
#[expect(clippy::needless_pass_by_value, reason = "values cross the boundary")]
impl Tablet {
    /// Opens the tablet over its values, each a name and bytes as [`Tablet::pending`] gave them; none is a new tablet.
    /// A value that cannot be read any more is given empty. Whatever an end in the middle left is put right: that may
    /// leave something pending.
    ///
    /// # Errors
    /// [`Problem`]: `damaged` with the name of the value.
    pub fn open(
        #[wasm_bindgen(unchecked_param_type = "[string, Uint8Array][]")] kept: Vec<Array>,
    ) -> Result<Self, Problem> {
        let value = |pair: Array| {
            let name = pair.get(0).as_string().unwrap_or_default();
            (name, Uint8Array::new(&pair.get(1)).to_vec())
        };
        let store = JournalStore::open(kept.into_iter().map(value))?;
        Ok(Self { inner: client_ffi::Tablet::open(store)?, run: None })
    }

    /// What to make durable now, in this order, in one transaction: name, bytes (none: it is destroyed), and whether it
    /// must lie under a key of the platform.
    #[wasm_bindgen(unchecked_return_type = "[string, Uint8Array | null, boolean][]")]
    pub fn pending(&self) -> Array {
        let change = |change: &client_ffi::store::Change| {
            let bytes = change.bytes.as_ref().map(|bytes| Uint8Array::from(bytes.as_slice()).into());
            let parts: [JsValue; 3] =
                [change.key.as_str().into(), bytes.unwrap_or(JsValue::NULL), change.is_private().into()];
            parts.into_iter().collect::<Array>()
        };
        self.inner.store().pending().iter().map(change).collect()
    }

    /// The transaction is durable.
    pub fn committed(&mut self) {
        self.inner.store_mut().committed();
    }

    /// Where everything is, and what to do next.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn overview(&self) -> Result<Ts<Overview>, Problem> {
        let status = self.inner.status()?;
        let address = self.inner.address().unwrap_or_default();
        shown(&Overview {
            device: status.device.map(|device| device.to_string()),
            label: status.label,
            round: self.inner.package().map(|package| round(package.value(), address)),
            last_contact: status.last_contact,
            units: status.units.into_iter().map(Into::into).collect(),
            carried_envelopes: status.carried.envelopes,
            carried_unconfirmed: status.carried.unconfirmed,
            next: status.next.into(),
        })
    }

    /// The list of a unit, once it is here.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn sheet(&self, unit: &str) -> Result<Option<Ts<Sheet>>, Problem> {
        let unit = UnitCode::new(unit)?;
        let entry = self.inner.package().and_then(|package| package.value().unit(&unit));
        let (Some(entry), Some(sheet)) = (entry, self.inner.sheet(&unit)) else { return Ok(None) };
        let official = |o: &sync_core::package::Official| Official {
            code: o.code.clone(),
            name: o.name.clone(),
            post: o.post.clone(),
        };
        let sheet = Sheet {
            unit_name: entry.name.clone(),
            officials: sheet.officials.iter().map(official).collect(),
            voters: sheet.voters,
            attended: entry.voting == Voting::Attended,
            confirmed: self.inner.is_confirmed(&unit),
        };
        shown(&sheet).map(Some)
    }

    /// The groups of digits to compare with paper; the two that are missing (`null`) the team types from the paper, so
    /// that nobody can say yes without having it. `random` is below 2^32; others are left out for another.
    ///
    /// # Errors
    /// [`Problem`].
    #[wasm_bindgen(unchecked_return_type = "(string | null)[]")]
    pub fn digits(&self, unit: &str, random: u32) -> Result<Array, Problem> {
        let unit = UnitCode::new(unit)?;
        let hash = self.inner.sheet_hash(&unit).ok_or(TabletError::NoSheet(unit))?;
        let blanks = fingerprint::blanks(u64::from(random).to_le_bytes());
        let group = |(place, group): (usize, String)| {
            if blanks.contains(&place) { JsValue::NULL } else { group.into() }
        };
        Ok(fingerprint::groups(&hash.0).into_iter().enumerate().map(group).collect())
    }

    /// The team typed two groups of digits from paper: the place of each, from 0, and its digits.
    ///
    /// # Errors
    /// [`Problem`].
    #[wasm_bindgen(js_name = confirmSheet)]
    pub fn confirm_sheet(
        &mut self,
        unit: &str,
        first_place: usize,
        first: &str,
        second_place: usize,
        second: &str,
    ) -> Result<(), Problem> {
        let typed = [(first_place, first), (second_place, second)];
        Ok(self.inner.confirm_sheet(&UnitCode::new(unit)?, &typed)?)
    }

    /// Where a token's centre is, such as `https://192.168.1.10:8443`: the page must have come from there.
    ///
    /// # Errors
    /// [`Problem`] if the text is no token, or its address is not safe to use.
    #[wasm_bindgen(js_name = centreOf)]
    pub fn centre_of(token: &str) -> Result<String, Problem> {
        let token = EnrolToken::parse(token).map_err(TabletError::from)?;
        let address = CentreAddress::parse(&token.address).map_err(TransportError::from)?;
        Ok(address.base().to_owned())
    }

    /// The request that answers a token. The device's keys are pending before it may leave.
    ///
    /// # Errors
    /// [`Problem`].
    #[wasm_bindgen(js_name = enrolRequest)]
    pub fn enrol_request(&mut self, token: &str) -> Result<Request, Problem> {
        let body = self.inner.enrol_request(token)?;
        Ok(Request { path: "/api/v1/enrol".to_owned(), body })
    }

    /// Takes the answer to it: status, `Content-Type`, `Retry-After` and body.
    ///
    /// # Errors
    /// [`Problem`].
    #[wasm_bindgen(js_name = finishEnrolment)]
    pub fn finish_enrolment(
        &mut self,
        token: &str,
        status: u16,
        kind: Option<String>,
        after: Option<String>,
        body: Vec<u8>,
    ) -> Result<(), Problem> {
        let answer = judge(status, kind.as_deref(), after.as_deref(), body)?;
        Ok(self.inner.finish_enrolment(token, &answer)?)
    }

    /// Whether a ballot can be cast with this slip, before anything is marked.
    ///
    /// # Errors
    /// [`Problem`]: `slip_length`, `slip_symbol`, `slip_check`, `slip_not_of_unit`, `slip_used` and others.
    #[wasm_bindgen(js_name = checkSlip)]
    pub fn check_slip(&self, unit: &str, slip: String) -> Result<(), Problem> {
        let slip = Zeroizing::new(slip);
        let code = PermitCode::parse(&slip)?;
        Ok(self.inner.check_slip(&UnitCode::new(unit)?, &code)?)
    }

    /// Casts a ballot with a slip: per official the place of a level, or `null` for a line left blank.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn cast(
        &mut self,
        unit: &str,
        slip: String,
        #[wasm_bindgen(unchecked_param_type = "(number | null)[]")] marks: Vec<JsValue>,
    ) -> Result<(), Problem> {
        let slip = Zeroizing::new(slip);
        let code = PermitCode::parse(&slip)?;
        Ok(self.inner.cast(&UnitCode::new(unit)?, &code, &marked(&marks))?)
    }

    /// Casts a ballot that the team unlocked, in a unit without slips.
    ///
    /// # Errors
    /// [`Problem`].
    #[wasm_bindgen(js_name = castAttended)]
    pub fn cast_attended(
        &mut self,
        unit: &str,
        #[wasm_bindgen(unchecked_param_type = "(number | null)[]")] marks: Vec<JsValue>,
    ) -> Result<(), Problem> {
        Ok(self.inner.cast_attended(&UnitCode::new(unit)?, &marked(&marks))?)
    }

    /// Closes the box of a unit: every ballot leaves it sealed. There is no way back.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn close(&mut self, unit: &str) -> Result<(), Problem> {
        Ok(self.inner.close(&UnitCode::new(unit)?)?)
    }

    /// Begins a sync with the centre; one that was under way is given up, which does no harm.
    ///
    /// # Errors
    /// [`Problem`].
    #[wasm_bindgen(js_name = beginSync)]
    pub fn begin_sync(&mut self) -> Result<(), Problem> {
        self.run = Some(self.inner.begin_sync()?);
        Ok(())
    }

    /// The next request, or nothing when all is done. It may leave when what is pending is durable.
    ///
    /// # Errors
    /// [`Problem`].
    #[wasm_bindgen(js_name = nextRequest)]
    pub fn next_request(&mut self) -> Result<Option<Request>, Problem> {
        let Some(run) = &mut self.run else { return Ok(None) };
        Ok(run.next(&mut self.inner)?.map(Into::into))
    }

    /// Takes the answer to it; tells how far the transfer is.
    ///
    /// # Errors
    /// [`Problem`]: the sync has ended.
    #[wasm_bindgen(unchecked_return_type = "Progress[]")]
    pub fn answered(
        &mut self,
        status: u16,
        kind: Option<String>,
        after: Option<String>,
        body: Vec<u8>,
    ) -> Result<Array, Problem> {
        self.take(judge(status, kind.as_deref(), after.as_deref(), body))
    }

    /// No answer came. `broke`: after the centre had been reached, as far as can be known.
    ///
    /// # Errors
    /// [`Problem`]: the sync has ended.
    #[wasm_bindgen(js_name = notAnswered)]
    pub fn not_answered(&mut self, broke: bool, why: String) -> Result<(), Problem> {
        let error = if broke { TransportError::Broken(why) } else { TransportError::Unreachable(why) };
        self.take(Err(error)).map(drop)
    }

    /// What the sync did. `minutes` is the time by this device's clock, since 1970, for people alone.
    ///
    /// # Errors
    /// [`Problem`] if none is under way.
    #[wasm_bindgen(js_name = endSync)]
    pub fn end_sync(&mut self, minutes: u32) -> Result<Ts<SyncReport>, Problem> {
        let run = self.run.take().ok_or(TabletError::NotEnrolled)?;
        shown(&SyncReport::from(run.end(&mut self.inner, Some(minutes.into()))))
    }

    /// Everything that this tablet hands over to whoever brings it to the centre, as one parcel: a file, or a QR series.
    ///
    /// # Errors
    /// [`Problem`].
    #[wasm_bindgen(js_name = exportParcel)]
    pub fn export_parcel(&mut self) -> Result<Vec<u8>, Problem> {
        Ok(self.inner.export(Recipient::Centre)?)
    }

    /// Takes a parcel, whatever way it came.
    ///
    /// # Errors
    /// [`Problem`].
    #[wasm_bindgen(js_name = importParcel)]
    pub fn import_parcel(&mut self, bytes: &[u8]) -> Result<Ts<ImportReport>, Problem> {
        shown(&ImportReport::from(self.inner.import(bytes)?))
    }

    /// What this tablet holds, signed, as a small parcel for those who handed something over.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn acknowledge(&mut self) -> Result<Vec<u8>, Problem> {
        Ok(self.inner.acknowledge()?)
    }
}

impl Tablet {
    fn take(&mut self, answer: Result<Vec<u8>, TransportError>) -> Result<Array, Problem> {
        let Some(run) = &mut self.run else { return Ok(Array::new()) };
        let mut steps = Vec::new();
        let done =
            run.answered(&mut self.inner, answer, &mut |progress| steps.push(Progress::from(progress)));
        if done.is_err() {
            self.run = None;
        }
        done?;
        steps.iter().map(|step| shown(step).map(JsValue::from)).collect()
    }
}

/// A mark that is no number is a line left blank, and one beyond every level is refused by the core.
fn marked(marks: &[JsValue]) -> Marks {
    let place = |number: f64| {
        let whole = (0.0..255.0).contains(&number) && number.fract() == 0.0;
        #[expect(clippy::cast_possible_truncation, reason = "it was just looked at")]
        if whole { number as u8 } else { u8::MAX }
    };
    Marks::new(marks.iter().map(|mark| mark.as_f64().map(place)).collect())
}

fn round(package: &Package, address: &str) -> Round {
    let level = |level: &sync_core::package::Level| Level {
        code: level.code.clone(),
        label: Text::new(|language| match language {
            Language::Vietnamese => level.vi.clone(),
            Language::English => level.en.clone(),
        }),
    };
    Round {
        title: package.title.clone(),
        training: package.mode == Mode::Training,
        levels: package.levels.iter().map(level).collect(),
        address: address.to_owned(),
    }
}
