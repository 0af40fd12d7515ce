//! Why the core, which has no languages, did not do something, for people at a ceremony or a count. English is what the
//! error itself says; what somebody can mend by typing again has a Vietnamese sentence of its own, the rest one for its
//! kind with the English detail.

use super::explain::with_detail;
use super::{Lang, current};
use std::fmt::Display;
use sync_core::bundle::BundleError;
use sync_core::cbor::FormatError;
use sync_core::ceremony::{ReadBackError, TrialError};
use sync_core::cose::OpenError;
use sync_core::count::CountError;
use sync_core::id::IdError;
use sync_core::secret::{GROUPS, JoinError, ShareError, SharingError, TRUSTEES_MAX};
use sync_core::verify::VerifyError;

/// An error of the core that a person reads.
pub(in crate::cli) trait Cause: Display {
    /// In Vietnamese.
    fn vietnamese(&self) -> String;

    /// In the language of the process.
    fn said(&self) -> String {
        match current() {
            Lang::Vi => self.vietnamese(),
            Lang::En => self.to_string(),
        }
    }
}

impl Cause for ShareError {
    fn vietnamese(&self) -> String {
        match self {
            Self::Length { found } => vi!("core-share-length", groups = GROUPS, found = *found),
            Self::Symbol { group } => vi!("core-share-symbol", group = *group),
            Self::Checksum => vi!("core-share-checksum"),
            Self::Version => vi!("core-share-version"),
        }
    }
}

impl Cause for ReadBackError {
    fn vietnamese(&self) -> String {
        match self {
            Self::Share(error) => error.vietnamese(),
            Self::Other { index } => vi!("core-share-other", index = *index),
        }
    }
}

impl Cause for SharingError {
    fn vietnamese(&self) -> String {
        vi!("core-sharing", most = TRUSTEES_MAX)
    }
}

impl Cause for JoinError {
    fn vietnamese(&self) -> String {
        match self {
            Self::OtherRound { index } => vi!("core-join-other-round", index = *index),
            Self::OtherSharing { index } => vi!("core-join-other-sharing", index = *index),
            Self::Twice { index } => vi!("core-join-twice", index = *index),
            Self::TooFew { needed, found } => vi!("core-join-too-few", needed = *needed, found = *found),
            Self::NoneFits { needed } => vi!("core-join-none-fits", needed = *needed),
        }
    }
}

impl Cause for TrialError {
    fn vietnamese(&self) -> String {
        match self {
            Self::NotReadBack { index } => vi!("core-share-not-read", index = *index),
            Self::Join(error) => error.vietnamese(),
            Self::Opening => vi!("core-trial-opening"),
        }
    }
}

impl Cause for IdError {
    fn vietnamese(&self) -> String {
        match self {
            Self::Code => vi!("core-code"),
            Self::Hex { .. } => self.to_string(),
        }
    }
}

/// A key file is the one thing that is opened as a single signed object here.
impl Cause for OpenError {
    fn vietnamese(&self) -> String {
        match self {
            Self::Format(FormatError::Version { .. }) => newer(self),
            _ => with_detail(&vi!("core-keys"), &self.to_string()),
        }
    }
}

impl Cause for BundleError {
    fn vietnamese(&self) -> String {
        match self {
            Self::Format(FormatError::Version { .. }) => newer(self),
            _ => with_detail(&vi!("core-bundle"), &self.to_string()),
        }
    }
}

impl Cause for VerifyError {
    fn vietnamese(&self) -> String {
        match self {
            Self::Bundle(error) => error.vietnamese(),
            Self::Shares(error) => error.vietnamese(),
            Self::Count(error) => error.vietnamese(),
            Self::Recount { .. } => with_detail(&vi!("core-recount"), &self.to_string()),
            _ => with_detail(&vi!("core-verify"), &self.to_string()),
        }
    }
}

impl Cause for CountError {
    fn vietnamese(&self) -> String {
        with_detail(&vi!("core-count"), &self.to_string())
    }
}

fn newer(error: &dyn Display) -> String {
    with_detail(&vi!("core-newer"), &error.to_string())
}
