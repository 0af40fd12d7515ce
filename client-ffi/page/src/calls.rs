//! The calls: each with its name for the page, what it is given, what it answers, and the function that does it.

use crate::guidance::guidance;
use crate::hand::{acknowledge, export_parcel, import_parcel, next_code, read_series, seen, show_series};
use crate::look::{centre_of, confirm_sheet, digits, overview, sheet};
use crate::minutes::{correct, explain, sign_off};
use crate::noting::{committee, figure, incident, note, settle, tablet_total, undo};
use crate::people::{act_as, join_team, lock, persons, set_pin};
use crate::plans::{confirm_plan, plan_progress, plans, write_plan};
use crate::record::record;
use crate::register::{check_in, hand_out_slip, register};
use crate::vote::{cast, cast_attended, check_slip, close};
use crate::{
    Bytes, CheckedIn, Desk, ImportReport, NewMember, OfficialPlan, Overview, Person, Pin, PlanMeasure,
    Problem, Register, Seen, Sheet, Slip, StepText, UnitRecord, Wire,
};
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
    /// Guidance of the organisation board for steps of the team's work, as it was last fetched.
    "guidance" guidance() -> Vec<StepText>;
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
    /// Everything that this tablet hands over as one parcel: for whoever brings it to the centre, or for another tablet of
    /// the unit by its id.
    "exportParcel" export_parcel(to: Option<String>) -> Bytes;
    /// Takes a parcel, whatever way it came.
    "importParcel" import_parcel(parcel: Bytes) -> ImportReport;
    /// What this tablet holds, signed, as a small parcel for those who handed something over.
    "acknowledge" acknowledge() -> Bytes;
    /// Begins a series of codes of what is handed over; how many the other side needs, about.
    "showSeries" show_series(to: Option<String>) -> usize;
    /// The next code of it, as an SVG picture, dark on light, with its margin.
    "nextCode" next_code() -> String;
    /// Begins to read a series of codes.
    "readSeries" read_series() -> ();
    /// Takes the text of a code of it.
    "seen" seen(text: String) -> Seen;

    /// The team of a unit, by name.
    "persons" persons(unit: String) -> Vec<Person>;
    /// Somebody joins the team by name; the person's id. Who is on it already stays so.
    "joinTeam" join_team(unit: String, name: String) -> String;
    /// Sets the PIN of a person on this tablet; to change it, the old one is needed.
    "setPin" set_pin(unit: String, person: String, old: Option<Pin>, new: Pin) -> ();
    /// The person who types the PIN acts for the unit from now on, until somebody locks. A wrong PIN is counted.
    "actAs" act_as(unit: String, person: String, pin: Pin) -> ();
    /// Nobody acts any more.
    "lock" lock() -> ();
    /// The voters of a unit whose number begins with the search, or whose name contains its words, with or without
    /// diacritics; an empty search finds all. At most `most` of them are answered.
    "register" register(unit: String, search: String, most: usize) -> Register;
    /// Checks a voter in, and notes with it, if so, that a slip was handed out. Nobody is refused who is checked in
    /// already: the answer says where.
    "checkIn" check_in(unit: String, voter: u32, slip: bool) -> CheckedIn;
    /// Notes that a slip was handed out to a voter; never which.
    "handOutSlip" hand_out_slip(unit: String, voter: u32) -> CheckedIn;
    /// The record of a unit.
    "record" record(unit: String) -> UnitRecord;
    /// Notes a figure as it was typed. `settles`: it holds instead of what was noted before. Here and below, `minutes` is
    /// the time by this device's clock, since 1970, for people alone.
    "figure" figure(unit: String, kind: String, typed: String, settles: bool, minutes: u32) -> ();
    /// Notes the closing total of a tablet as it was read aloud, and typed.
    "tabletTotal" tablet_total(unit: String, device: String, typed: String, settles: bool, minutes: u32) -> ();
    /// Notes who leads the meeting and who counts.
    "committee" committee(unit: String, members: Vec<NewMember>, settles: bool, minutes: u32) -> ();
    /// Settles a disagreement: of the entries that stand, this one holds.
    "settle" settle(unit: String, holds: String, minutes: u32) -> ();
    /// Notes something unusual.
    "incident" incident(unit: String, text: String, minutes: u32) -> ();
    /// Notes something; it may replace an earlier note or incident.
    "note" note(unit: String, text: String, replaces: Option<String>, minutes: u32) -> ();
    /// Undoes an entry that was made by mistake, whoever made it.
    "undo" undo(unit: String, mistake: String) -> ();
    /// Explains a finding, as a second person who noted nothing of what it rests on.
    "explain" explain(unit: String, finding: String, text: String, minutes: u32) -> ();
    /// The person who types the PIN signs the minutes that follow from the record now, as `meeting_chair` or
    /// `counting_head`. Who acts on this tablet stays the same.
    "signOff" sign_off(unit: String, person: String, pin: Pin, post: String, minutes: u32) -> ();
    /// Says why signed minutes do not hold any more.
    "correct" correct(unit: String, reason: String, minutes: u32) -> ();
    /// Officials of a unit with their correction plans.
    "plans" plans(unit: String) -> Vec<OfficialPlan>;
    /// Writes the plan of an official, or anew from the versions that were seen.
    "writePlan" write_plan(unit: String, official: String, based_on: Vec<String>, shortcomings: Vec<String>, measures: Vec<PlanMeasure>, minutes: u32) -> ();
    /// Confirms a version of a plan, as a second person.
    "confirmPlan" confirm_plan(unit: String, plan: String, minutes: u32) -> ();
    /// Notes what became of a plan, and whether it is done.
    "planProgress" plan_progress(unit: String, plan: String, text: String, done: bool, minutes: u32) -> ();
}
