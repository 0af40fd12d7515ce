//! The same, as JavaScript calls it. What is secret crosses as bytes, which are wiped on the other side too.

use crate::checked::{Checked, Counted, ToOpen};
use crate::keys::Keys;
use crate::look::{About, KeyFile, KeyLook};
use crate::making::Making;
use crate::opener::Opener;
use crate::problem::{Code, Problem};
use crate::shares::Given;
use js_sys::Uint8Array;
use serde::Serialize;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::{Zeroize, Zeroizing};

/// The browser's own random source.
fn random() -> rand_core::UnwrapErr<getrandom::SysRng> {
    rand_core::UnwrapErr(getrandom::SysRng)
}

fn shown<T: Tsify + Serialize>(value: &T) -> Result<Ts<T>, Problem> {
    value.into_ts().map_err(|_| Problem::new(Code::Fault))
}

/// What somebody typed: taken out of JavaScript's array, which is wiped.
fn typed(text: &Uint8Array) -> Result<Zeroizing<String>, Problem> {
    /// Beyond anything that a person types as a share.
    const MOST: u32 = 4_096;
    if text.length() > MOST {
        return Err(Problem::new(Code::ShareLength).with("found", text.length()));
    }
    let mut bytes = Zeroizing::new(vec![0; text.length() as usize]);
    text.copy_to(&mut bytes);
    text.fill(0, 0, text.length());
    let text = std::str::from_utf8(&bytes).map_err(|_| Problem::new(Code::Fault))?;
    Ok(Zeroizing::new(text.to_owned()))
}

#[wasm_bindgen]
impl Making {
    /// Draws the secret of a round, and splits it.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn begin(round: &str, threshold: u8, trustees: u8) -> Result<Self, Problem> {
        Self::of(round, threshold, trustees, &mut random())
    }

    /// The text of a share, this one time.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn show(&mut self, index: u8) -> Result<Uint8Array, Problem> {
        Ok(Uint8Array::from(self.reveal(index)?.as_bytes()))
    }

    /// Takes what a trustee typed from paper.
    ///
    /// # Errors
    /// [`Problem`].
    #[wasm_bindgen(js_name = readBack)]
    pub fn read_back(&mut self, index: u8, text: &Uint8Array) -> Result<(), Problem> {
        self.take_back(index, &typed(text)?)
    }

    /// Tries the shares as they stand on paper, and gives the key file.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn finish(self) -> Result<Ts<KeyFile>, Problem> {
        shown(&self.end(&mut random())?)
    }
}

#[wasm_bindgen]
impl Keys {
    /// Reads a key file.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn open(bytes: &[u8]) -> Result<Self, Problem> {
        Self::read(bytes)
    }

    /// What it says.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn about(&self) -> Result<Ts<KeyLook>, Problem> {
        shown(&self.look())
    }

    /// Takes a share, as it is typed.
    ///
    /// # Errors
    /// [`Problem`].
    #[wasm_bindgen(js_name = addShare)]
    pub fn add_share(&mut self, text: &Uint8Array) -> Result<Ts<Given>, Problem> {
        shown(&self.share(&typed(text)?)?)
    }

    /// Forgets the shares.
    #[wasm_bindgen(js_name = clearShares)]
    pub fn clear_shares(&mut self) {
        self.shares.clear();
    }

    /// Opens a trial ballot; indexes of shares that are wrong although their checksums fit. The shares are wiped.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn attempt(&mut self) -> Result<Vec<u8>, Problem> {
        let wrong = self.open_with(&mut random())?;
        self.shares.clear();
        Ok(wrong)
    }
}

#[wasm_bindgen]
impl Checked {
    /// Opens and checks a bundle.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn open(bytes: &[u8]) -> Result<Self, Problem> {
        Self::read(bytes)
    }

    /// What it is.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn about(&self) -> Result<Ts<About>, Problem> {
        shown(&self.look())
    }

    /// Takes a share, as it is typed.
    ///
    /// # Errors
    /// [`Problem`].
    #[wasm_bindgen(js_name = addShare)]
    pub fn add_share(&mut self, text: &Uint8Array) -> Result<Ts<Given>, Problem> {
        shown(&self.share(&typed(text)?)?)
    }

    /// Forgets the shares.
    #[wasm_bindgen(js_name = clearShares)]
    pub fn clear_shares(&mut self) {
        self.shares.clear();
    }

    /// Joins the shares and says what is to be opened.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn join(&mut self) -> Result<Ts<ToOpen>, Problem> {
        shown(&self.unlock()?)
    }

    /// The key that opens ballots, for an opener.
    ///
    /// # Errors
    /// [`Problem`].
    #[wasm_bindgen(js_name = boxKey)]
    pub fn box_key(&self) -> Result<Uint8Array, Problem> {
        Ok(Uint8Array::from(self.key()?.as_slice()))
    }

    /// One of the parts to open.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn part(&self, number: usize) -> Result<Uint8Array, Problem> {
        Ok(Uint8Array::from(self.cut(number)?.as_slice()))
    }

    /// Takes what an opener answered to a part.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn take(&mut self, number: usize, answer: &Uint8Array) -> Result<(), Problem> {
        let bytes = Zeroizing::new(answer.to_vec());
        answer.fill(0, 0, answer.length());
        self.put(number, &bytes)
    }

    /// Counts, signs and compares.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn finish(&mut self) -> Result<Ts<Counted>, Problem> {
        shown(&self.end()?)
    }
}

#[wasm_bindgen]
impl Opener {
    /// With the key that opens ballots, which is wiped where it came from.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn begin(key: &Uint8Array) -> Result<Self, Problem> {
        let mut bytes = Zeroizing::new(key.to_vec());
        key.fill(0, 0, key.length());
        let opener = Self::with(&bytes);
        bytes.zeroize();
        opener
    }

    /// Opens a part.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn open(&self, part: &[u8]) -> Result<Uint8Array, Problem> {
        Ok(Uint8Array::from(self.answer(part)?.as_slice()))
    }
}
