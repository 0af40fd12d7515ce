//! The tablet over what the page's database has.

use crate::request::Request;
use crate::wire::{Js, shown};
use client_ffi::store::JournalStore;
use client_ffi::transport::{TransportError, judge};
use client_ffi::{SyncRun, TabletError};
use homphieu_page::{Desk, Problem, Progress, SyncReport, UnderWay};
use js_sys::{Array, Uint8Array};
use tsify::Ts;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// A tablet or courier.
///
/// After every call that changes something, [`Tablet::pending`] is made durable in one transaction before the answer is
/// believed, told or sent; then [`Tablet::committed`] is said. If that fails, this object is dropped and the tablet is
/// opened anew.
#[wasm_bindgen]
pub struct Tablet {
    inner: client_ffi::Tablet<JournalStore>,
    run: Option<SyncRun>,
    under_way: UnderWay,
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
        Ok(Self { inner: client_ffi::Tablet::open(store)?, run: None, under_way: UnderWay::default() })
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

    /// A call of the page by its name, with the list of what it is given: `Given` and `Answers` have their types.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn call(&mut self, name: &str, given: JsValue) -> Result<JsValue, Problem> {
        let mut desk = Desk { tablet: &mut self.inner, under_way: &mut self.under_way };
        desk.answer::<Js>(name, given)
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

    /// The request for the guidance that holds now, for after an enrolment or a sync; nothing for a courier.
    ///
    /// # Errors
    /// [`Problem`].
    #[wasm_bindgen(js_name = guidanceRequest)]
    pub fn guidance_request(&mut self) -> Result<Option<Request>, Problem> {
        Ok(self.inner.guidance_request()?.map(|(path, body)| Request { path, body }))
    }

    /// Takes the answer to it; whether anything is new.
    ///
    /// # Errors
    /// [`Problem`]; the tablet keeps what it has.
    #[wasm_bindgen(js_name = takeGuidance)]
    pub fn take_guidance(
        &mut self,
        status: u16,
        kind: Option<String>,
        after: Option<String>,
        body: Vec<u8>,
    ) -> Result<bool, Problem> {
        let answer = judge(status, kind.as_deref(), after.as_deref(), body)?;
        Ok(self.inner.take_guidance(&answer)?)
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
