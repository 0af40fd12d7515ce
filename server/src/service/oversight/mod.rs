//! Oversight: how every unit of a round stands, which ones somebody should visit and why, and the visits themselves.

mod look;
mod signs;
mod table;
mod trend;
mod visits;

pub(super) use look::Looked;
pub use look::{FindingLine, Overseen, Oversight, ReasonLine, UnitOversight, VisitsLine};
pub(super) use signs::Kept;
pub use table::oversight_table;
pub use trend::RoundTrend;
