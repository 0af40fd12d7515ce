//! The calls: each with its name for the page, what it is given, what it answers, and the function that does it.

use crate::hand::{acknowledge, export_parcel, import_parcel, next_code, read_series, seen, show_series};
use crate::look::{centre_of, confirm_sheet, digits, overview, sheet};
use crate::vote::{cast, cast_attended, check_slip, close};
use crate::{Bytes, Desk, ImportReport, Overview, Problem, Seen, Sheet, Slip, Wire};
use client_ffi::store::Store;
use rand_core::CryptoRng;

macro_rules! calls {
    ($($(#[$doc:meta])* $name:literal $does:ident($($given:ident: $type:ty),*) -> $answer:ty;)*) => {
        impl<S: Store, R: CryptoRng> Desk<'_, S, R> {
            /// Does a call.
            ///
            /// # Errors
            /// [`Problem`]. Whatever is pending afterwards is made durable all the same.
            pub fn answer<W: Wire>(&mut self, call: &str, given: W::Given) -> Result<W::Answer, Problem> {
                match call {
                    $($name => {
                        calls!(@read W, given, $($given: $type),*);
                        let answer: $answer = $does(self, $($given),*)?;
                        W::write(&answer)
                    })*
                    _ => Err(Problem::unknown_call()),
                }
            }
        }

        /// What each call is given.
        #[cfg(feature = "typescript")]
        #[derive(tsify::Tsify)]
        #[tsify(missing_as_null)]
        pub struct Given {
            $($(#[$doc])* #[serde(rename = $name)] pub $does: ($($type,)*),)*
        }

        /// What each call answers.
        #[cfg(feature = "typescript")]
        #[derive(tsify::Tsify)]
        #[tsify(missing_as_null)]
        pub struct Answers {
            $($(#[$doc])* #[serde(rename = $name)] pub $does: $answer,)*
        }
    };
    (@read $wire:ident, $values:ident,) => {
        let []: [(); 0] = $wire::read($values)?;
    };
    (@read $wire:ident, $values:ident, $($given:ident: $type:ty),+) => {
        let ($($given,)+): ($($type,)+) = $wire::read($values)?;
    };
}

calls! {
    /// Where everything is, and what to do next.
    "overview" overview() -> Overview;
    /// The list of a unit, once it is here.
    "sheet" sheet(unit: String) -> Option<Sheet>;
    /// The groups of digits to compare with paper; the two that are missing the team types from the paper, so that nobody
    /// can say yes without having it. Others are left out each time.
    "digits" digits(unit: String) -> Vec<Option<String>>;
    /// The team typed two groups of digits from paper: the place of each, from 0, and its digits.
    "confirmSheet" confirm_sheet(unit: String, typed: [(usize, String); 2]) -> ();
    /// Where a token's centre is, such as `https://192.168.1.10:8443`.
    "centreOf" centre_of(token: String) -> String;
    /// Whether a ballot can be cast with this slip, before anything is marked.
    "checkSlip" check_slip(unit: String, slip: Slip) -> ();
    /// Casts a ballot with a slip: per official the place of a level, or nothing for a line left blank.
    "cast" cast(unit: String, slip: Slip, marks: Vec<Option<u8>>) -> ();
    /// Casts a ballot that the team unlocked, in a unit without slips.
    "castAttended" cast_attended(unit: String, marks: Vec<Option<u8>>) -> ();
    /// Closes the box of a unit: every ballot leaves it sealed. There is no way back.
    "close" close(unit: String) -> ();
    /// Everything that this tablet hands over to whoever brings it to the centre, as one parcel.
    "exportParcel" export_parcel() -> Bytes;
    /// Takes a parcel, whatever way it came.
    "importParcel" import_parcel(parcel: Bytes) -> ImportReport;
    /// What this tablet holds, signed, as a small parcel for those who handed something over.
    "acknowledge" acknowledge() -> Bytes;
    /// Begins a series of codes of what is handed over; how many the other side needs, about.
    "showSeries" show_series() -> usize;
    /// The next code of it, as an SVG picture, dark on light, with its margin.
    "nextCode" next_code() -> String;
    /// Begins to read a series of codes.
    "readSeries" read_series() -> ();
    /// Takes the text of a code of it.
    "seen" seen(text: String) -> Seen;
}
