//! Why a session with another tablet did not go on, in words for the people who hold them.

use super::invitation::InvitationError;
use crate::error::TabletError;
use crate::store::StoreError;
use std::io;
use thiserror::Error;

/// What went wrong between two tablets. What had arrived before is stored, nothing that was here is lost, and joining
/// again goes on where it ended.
#[derive(Debug, Error)]
pub enum LocalError {
    /// The text is no invitation.
    #[error(transparent)]
    Invitation(#[from] InvitationError),
    /// A session cannot be opened here.
    #[error(
        "no session can be opened on this network ({0}): connect the tablet to a network, or open a hotspot"
    )]
    NoNetwork(String),
    /// Nobody answers.
    #[error(
        "the other tablet does not answer ({0}): are both in the same network, and is its session still open?"
    )]
    Unreachable(String),
    /// Whoever answers has another key than the invitation says. Nothing was sent to it.
    #[error(
        "whoever answers is not the tablet of the invitation; nothing was handed over: scan the code anew"
    )]
    NotTheHost,
    /// The tablets are in different rounds.
    #[error("the other tablet belongs to the round “{theirs}”, this one to “{ours}”: nothing was exchanged")]
    OtherRound {
        /// Title of its round, as it says.
        theirs: String,
        /// Title of ours.
        ours: String,
    },
    /// The centre of this round did not certify the device.
    #[error("a device of this round did not show itself: it has no certificate of the centre for its key")]
    Stranger,
    /// The other side does not believe that this device is of the round.
    #[error(
        "the other tablet does not know this one as a tablet of the round: nothing was exchanged, ask the office"
    )]
    NotBelieved,
    /// Who came was invited by another tablet, and went away.
    #[error(
        "a tablet came by an invitation that is not this tablet's: let it scan the code that is shown here"
    )]
    OtherInvitation,
    /// The tablet met itself, or a copy of itself.
    #[error("the other side has the same identity as this tablet: show the code to another tablet")]
    Itself,
    /// All places of the session are taken.
    #[error("the session has no place free: wait until another tablet is done")]
    Full,
    /// A newer connection of the same device took the place of this one.
    #[error("this tablet joined the session a second time, so its first connection was ended")]
    Superseded,
    /// The session was ended.
    #[error("the session was ended")]
    Ended,
    /// The link broke.
    #[error("the link to the other tablet broke ({0}): what arrived is kept; join again to go on")]
    Cut(String),
    /// The other side was silent, or too slow, for too long.
    #[error("the other tablet was silent for too long: bring both closer together and join again")]
    Slow,
    /// The other side sent what makes no sense.
    #[error("the other tablet sent something that is not understood ({0}): do both run the newest version?")]
    Malformed(String),
    /// The other side did not understand this one.
    #[error("the other tablet did not understand this one: do both run the newest version?")]
    NotUnderstood,
    /// The other side's memory is full.
    #[error("the other tablet's memory is full: free space there, or hand over to another one")]
    NoRoomThere,
    /// The other side could not store.
    #[error("the other tablet could not store what it was given: look at its screen")]
    FailedThere,
    /// A person here stopped it.
    #[error("stopped; what arrived is kept")]
    Stopped,
    /// A part of this program failed while it used the tablet.
    #[error("this program failed and must be started anew; what was confirmed before is stored")]
    Broken,
    /// This tablet itself could not.
    #[error(transparent)]
    Tablet(#[from] TabletError),
}

impl LocalError {
    pub(super) fn of_io(error: &io::Error) -> Self {
        if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return Self::of_tls(tls.clone());
        }
        match error.kind() {
            io::ErrorKind::TimedOut => Self::Slow,
            io::ErrorKind::UnexpectedEof => Self::Cut("it ended early".to_owned()),
            kind => Self::Cut(kind.to_string()),
        }
    }

    pub(super) fn of_tls(error: rustls::Error) -> Self {
        use rustls::{AlertDescription, CertificateError, Error};
        match error {
            // What a guest says whose invitation names another key.
            Error::AlertReceived(AlertDescription::AccessDenied) => Self::OtherInvitation,
            Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure) => Self::NotTheHost,
            // With a key that is none of this kind of tablet there is nobody to talk to.
            Error::NoCertificatesPresented | Error::InvalidCertificate(_) => Self::Stranger,
            Error::General(what) => Self::Malformed(what),
            other => Self::Malformed(other.to_string()),
        }
    }

    /// Whether the store of this tablet has no room.
    pub(super) fn is_full_here(&self) -> bool {
        matches!(self, Self::Tablet(TabletError::Store(StoreError::Full)))
    }
}
