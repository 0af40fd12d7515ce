//! What an error between two tablets asks of an app, and a stable word for the exact reason.

use super::error::LocalError;
use crate::judged::Case;

impl LocalError {
    /// What it asks of an app, and a stable word for the exact reason.
    pub fn judged(&self) -> (Case, &'static str) {
        match self {
            Self::Invitation(_) => (Case::WrongInput, "no_invitation"),
            Self::NoNetwork(_) => (Case::NotYet, "no_network"),
            Self::Unreachable(_) => (Case::Retry, "tablet_unreachable"),
            Self::NotTheHost => (Case::WrongInput, "not_the_host"),
            Self::OtherRound { .. } => (Case::WrongInput, "other_round"),
            Self::Stranger => (Case::AskOffice, "stranger"),
            Self::NotBelieved => (Case::AskOffice, "not_believed"),
            Self::OtherInvitation => (Case::WrongInput, "other_invitation"),
            Self::Itself => (Case::WrongInput, "itself"),
            Self::Full => (Case::Retry, "session_full"),
            Self::Superseded => (Case::Retry, "superseded"),
            Self::Ended => (Case::Retry, "session_ended"),
            Self::Cut(_) => (Case::Retry, "link_cut"),
            Self::Slow => (Case::Retry, "silent"),
            Self::Malformed(_) => (Case::AskOffice, "not_understood"),
            Self::NotUnderstood => (Case::AskOffice, "not_understood_there"),
            Self::NoRoomThere => (Case::AskOffice, "store_full_there"),
            Self::FailedThere => (Case::AskOffice, "store_fails_there"),
            Self::Stopped => (Case::Retry, "stopped"),
            Self::Broken => (Case::Restart, "fault"),
            Self::Tablet(error) => error.judged(),
        }
    }
}
