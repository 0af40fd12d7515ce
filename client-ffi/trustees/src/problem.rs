//! Why something is not done, as the page says it: a code, what fills the blanks of its sentence, and the core's own words.

use serde::Serialize;
use std::fmt::Display;
use sync_core::bundle::{BundleError, Part};
use sync_core::cbor::FormatError;
use sync_core::ceremony::{ReadBackError, TrialError};
use sync_core::cose::OpenError;
use sync_core::count::CountError;
use sync_core::fingerprint;
use sync_core::secret::{JoinError, ShareError, SharingError, TRUSTEES_MAX};
use sync_core::verify::VerifyError;

macro_rules! codes {
    ($($code:ident = $name:literal,)*) => {
        /// A reason; the page has a sentence for each, in every language.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the page's texts say what each of them means")]
        pub enum Code { $($code,)* }

        impl Code {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$code,)*];

            /// Its stable name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$code => $name,)* }
            }
        }
    };
}

codes! {
    Fault = "fault",
    RoundId = "round_id",
    Sharing = "sharing",
    ShareLength = "share_length",
    ShareSymbol = "share_symbol",
    ShareChecksum = "share_checksum",
    ShareVersion = "share_version",
    ShareOther = "share_other",
    ShareShown = "share_shown",
    ShareNotRead = "share_not_read",
    ShareRound = "share_round",
    ShareSharing = "share_sharing",
    ShareTwice = "share_twice",
    ShareAgain = "share_again",
    SharesFew = "shares_few",
    SharesNoneFit = "shares_none_fit",
    Trial = "trial",
    FileEmpty = "file_empty",
    FileNewer = "file_newer",
    FileNotKeys = "file_not_keys",
    FileNotBundle = "file_not_bundle",
    FileIsKeys = "file_is_keys",
    FileIsResult = "file_is_result",
    FileIsBundle = "file_is_bundle",
    FileIsParcel = "file_is_parcel",
    BundlePart = "bundle_part",
    BundleForeign = "bundle_foreign",
    BundleUnsorted = "bundle_unsorted",
    BundleUnknownSheet = "bundle_unknown_sheet",
    BundleMissingSheet = "bundle_missing_sheet",
    BundleNoCertificate = "bundle_no_certificate",
    OrderChain = "order_chain",
    OrderUnits = "order_units",
    OrderUnfounded = "order_unfounded",
    OrderUndecided = "order_undecided",
    OrderForgets = "order_forgets",
    ResultChain = "result_chain",
    ResultFigures = "result_figures",
    ResultPool = "result_pool",
    Record = "record",
    Recount = "recount",
    NoOrder = "no_order",
    Count = "count",
}

/// Kinds of parts of a bundle, by the names that stand in the blank `part`.
pub const PARTS: [(Part, &str); 9] = [
    (Part::Package, "package"),
    (Part::Sheet, "sheet"),
    (Part::SheetReplacement, "sheet_replacement"),
    (Part::Certificate, "certificate"),
    (Part::Revocation, "revocation"),
    (Part::Envelope, "envelope"),
    (Part::Order, "order"),
    (Part::Result, "result"),
    (Part::RecordChange, "record_change"),
];

/// Why something is not done. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, tsify::Tsify)]
#[tsify(missing_as_null)]
pub struct Problem {
    /// Stable name of a [`Code`].
    pub code: String,
    /// What fills the blanks of its sentence: name and value.
    pub given: Vec<(String, String)>,
    /// The core's own words, in English, where they say more.
    pub detail: Option<String>,
}

impl Problem {
    /// One without anything to fill in.
    pub fn new(code: Code) -> Self {
        Self { code: code.name().to_owned(), given: Vec::new(), detail: None }
    }

    /// Fills a blank.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Display) -> Self {
        self.given.push((name.to_owned(), value.to_string()));
        self
    }

    fn detail(mut self, error: &impl Display) -> Self {
        self.detail = Some(error.to_string());
        self
    }

    /// The value of a blank.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.given.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl From<Problem> for wasm_bindgen::JsValue {
    fn from(problem: Problem) -> Self {
        use tsify::Tsify;
        // Texts alone are in it, which always cross. Whatever else is thrown, the page takes for a fault of the program.
        problem.into_ts().map_or(Self::UNDEFINED, Into::into)
    }
}

impl From<SharingError> for Problem {
    fn from(_: SharingError) -> Self {
        Self::new(Code::Sharing).with("most", TRUSTEES_MAX)
    }
}

impl From<ShareError> for Problem {
    fn from(error: ShareError) -> Self {
        match error {
            ShareError::Length { found } => Self::new(Code::ShareLength).with("found", found),
            ShareError::Symbol { group } => Self::new(Code::ShareSymbol).with("group", group),
            ShareError::Checksum => Self::new(Code::ShareChecksum),
            ShareError::Version => Self::new(Code::ShareVersion),
        }
    }
}

impl From<ReadBackError> for Problem {
    fn from(error: ReadBackError) -> Self {
        match error {
            ReadBackError::Share(error) => error.into(),
            ReadBackError::Other { index } => Self::new(Code::ShareOther).with("index", index),
        }
    }
}

impl From<JoinError> for Problem {
    fn from(error: JoinError) -> Self {
        match error {
            JoinError::OtherRound { index } => Self::new(Code::ShareRound).with("index", index),
            JoinError::OtherSharing { index } => Self::new(Code::ShareSharing).with("index", index),
            JoinError::Twice { index } => Self::new(Code::ShareTwice).with("index", index),
            JoinError::TooFew { needed, found } => {
                Self::new(Code::SharesFew).with("needed", needed).with("found", found)
            }
            JoinError::NoneFits { needed } => Self::new(Code::SharesNoneFit).with("needed", needed),
        }
    }
}

impl From<TrialError> for Problem {
    fn from(error: TrialError) -> Self {
        match error {
            TrialError::NotReadBack { index } => Self::new(Code::ShareNotRead).with("index", index),
            TrialError::Join(error) => error.into(),
            TrialError::Opening => Self::new(Code::Trial),
        }
    }
}

/// A key file is the one thing that is opened as a single signed object here.
impl From<OpenError> for Problem {
    fn from(error: OpenError) -> Self {
        match &error {
            OpenError::Format(FormatError::Version { .. }) => Self::new(Code::FileNewer),
            _ => Self::new(Code::FileNotKeys),
        }
        .detail(&error)
    }
}

impl From<BundleError> for Problem {
    fn from(error: BundleError) -> Self {
        let of = |part: &Part| PARTS.iter().find(|(kind, _)| kind == part).map_or("", |(_, name)| name);
        match &error {
            BundleError::Format(FormatError::Version { .. }) => Self::new(Code::FileNewer),
            BundleError::Format(_) => Self::new(Code::FileNotBundle),
            BundleError::Part { part, place, .. } => {
                Self::new(Code::BundlePart).with("part", of(part)).with("place", place)
            }
            BundleError::Foreign { part, place } => {
                Self::new(Code::BundleForeign).with("part", of(part)).with("place", place)
            }
            BundleError::Unsorted { part } => Self::new(Code::BundleUnsorted).with("part", of(part)),
            BundleError::UnknownSheet { place } => Self::new(Code::BundleUnknownSheet).with("place", place),
            BundleError::MissingSheet { unit } => Self::new(Code::BundleMissingSheet).with("unit", unit),
            BundleError::NoCertificate { place, device } => Self::new(Code::BundleNoCertificate)
                .with("part", "envelope")
                .with("place", place)
                .with("device", device),
            BundleError::NoWriter { place, device } => Self::new(Code::BundleNoCertificate)
                .with("part", "record_change")
                .with("place", place)
                .with("device", device),
        }
        .detail(&error)
    }
}

impl From<VerifyError> for Problem {
    fn from(error: VerifyError) -> Self {
        let of = |code, number: &u32| Self::new(code).with("number", number);
        match &error {
            VerifyError::Bundle(error) => return error.clone().into(),
            VerifyError::Shares(error) => return error.clone().into(),
            VerifyError::Count(error) => return error.clone().into(),
            VerifyError::OrderChain { number } => of(Code::OrderChain, number),
            VerifyError::OrderUnits { number } => of(Code::OrderUnits, number),
            VerifyError::Unfounded { number, unit, .. } => {
                of(Code::OrderUnfounded, number).with("unit", unit)
            }
            VerifyError::Undecided { number, unit, id } => {
                of(Code::OrderUndecided, number).with("unit", unit).with("envelope", id)
            }
            VerifyError::Forgotten { number, unit, id } => {
                of(Code::OrderForgets, number).with("unit", unit).with("envelope", id)
            }
            VerifyError::ResultChain { number } => of(Code::ResultChain, number),
            VerifyError::Figures { number, unit } => of(Code::ResultFigures, number).with("unit", unit),
            VerifyError::Pool { number } => of(Code::ResultPool, number),
            VerifyError::Record { unit, device, number, .. } => {
                of(Code::Record, number).with("unit", unit).with("device", device)
            }
            VerifyError::Recount { signed, recounted } => Self::new(Code::Recount)
                .with("signed", fingerprint::line(&signed.0))
                .with("recounted", fingerprint::line(&recounted.0)),
        }
        .detail(&error)
    }
}

impl From<CountError> for Problem {
    fn from(error: CountError) -> Self {
        match &error {
            CountError::NoOrder => Self::new(Code::NoOrder),
            _ => Self::new(Code::Count),
        }
        .detail(&error)
    }
}
