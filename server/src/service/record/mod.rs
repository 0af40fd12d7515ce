//! Units' records at the centre: what comes in, what tablets lack, what follows from it, and what the office adds.

mod cache;
mod give;
mod look;
mod office;
mod rebuild;
mod summary;
mod take;

pub(super) use cache::{Records, load_record, stored};
pub(super) use give::{as_have, behind, lacking as changes_lacking, lacks_any};
pub(super) use look::{load_changes, load_findings, load_unit_record};
pub(super) use rebuild::proved;
pub(super) use summary::summarise;
pub(super) use take::take;

pub use look::UnitRecord;
pub use office::{Settlement, SignedMinutes};
pub use rebuild::Rebuilt;
pub use summary::{Explained, FindingSummary, RecordSummary};
