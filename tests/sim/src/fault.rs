//! Every way in which a world may go wrong, each with a switch and a weight.

use crate::chance::Chance;
use std::fmt;

/// A fault: of the network, a tablet, a stick, a link, a screen, a courier, a malicious tablet, the centre, or people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A message arrives days late.
    MessageDelayed,
    /// A message never arrives.
    MessageLost,
    /// A message arrives twice.
    MessageDoubled,
    /// A message overtakes another.
    MessageReordered,
    /// Only the beginning of a message arrives.
    MessageCut,
    /// A bit of a message is turned.
    MessageFlipped,
    /// A tablet reaches nobody for hours.
    Partition,
    /// The centre has stored, and its answer never arrives.
    AnswerLost,
    /// A tablet's program ends before or after a write.
    CrashAtWrite,
    /// The power goes between a write and its reaching the medium.
    PowerCut,
    /// One write fails, and the program goes on.
    WriteFails,
    /// A tablet is started again.
    Restart,
    /// A tablet's store is replaced by an old copy of it.
    RestoredTablet,
    /// A tablet's store is copied to a second tablet, and both go on.
    ClonedTablet,
    /// A tablet's device key is gone.
    KeyLost,
    /// A tablet's memory is full for hours.
    DiskFull,
    /// A tablet's clock is up to ten years off, and its team goes by it.
    WrongClock,
    /// A courier throws away what it was given.
    CourierDrops,
    /// A courier delivers days later.
    CourierWithholds,
    /// A courier delivers into another unit.
    CourierReplays,
    /// A courier says that it has what it threw away, and more.
    CourierLies,
    /// A certified tablet makes ballots: for no permit, for seen nullifiers, of noise, copied ones.
    ForgedBallots,
    /// A certified tablet seals after its close.
    RogueAfterClose,
    /// A certified tablet leaves out a number, or follows on nothing.
    RogueGap,
    /// A certified tablet signs two envelopes with one number.
    RogueTwins,
    /// A certified tablet seals under another sheet, with another length, or for another unit.
    RogueSheet,
    /// A certified tablet states a huge closing total.
    RogueCount,
    /// A certified tablet signs the same envelope twice, with different good signatures.
    RogueSignatures,
    /// A device sends hundreds of envelopes that can only wait, for nobody certified their author.
    RogueFlood,
    /// The centre stops before it stored.
    CentreCrashBefore,
    /// The centre stops after it stored, before it answered.
    CentreCrashAfter,
    /// The centre is restored from an earlier backup.
    RestoredCentre,
    /// A voter whose tablet froze goes to another one, and may think again.
    RecastElsewhere,
    /// A team never closes its box by itself.
    NeverCloses,
    /// A unit's sheet is reissued while people vote.
    SheetReissued,
    /// The round is closed too early, perhaps counted, and opened again.
    ClosedTooEarly,
    /// A tablet is revoked.
    RevokedTablet,
    /// Somebody signs that the round is over who is not the office.
    ForgedStatement,
    /// A tablet comes only when the round is over.
    LateTablet,
    /// A certified tablet seals envelopes as large as they may be.
    RogueBulk,
    /// A certified device writes two changes of a record with one number, and gives each to another side.
    RecordTwin,
    /// A certified device writes changes that lie: a wrong hash, another's name, settlements in a circle, huge figures.
    RecordLiar,
    /// A courier puts another unit's name on a sealed record.
    ResealedRecord,
    /// A copy on a stick ends early.
    StickTorn,
    /// A stick is pulled out in the middle: the file has its length, and zeros where nothing was written.
    StickPulled,
    /// A bit of a file on a stick is turned.
    StickDamaged,
    /// A file on a stick is followed by a second copy of itself, or read twice.
    StickDoubled,
    /// A stick is lost on its way, or with the acknowledgement on its way back.
    StickLost,
    /// An old stick is read again weeks later, by anybody.
    StickOld,
    /// A stick comes from another round, or says that it comes from this one.
    StickForeign,
    /// The link of a local session is cut at some byte.
    LinkCut,
    /// Somebody joins a session with the certificate of another, or from another round.
    SessionStranger,
    /// A tablet that the office revoked joins a session.
    SessionRevoked,
    /// Several tablets visit one host at the same time.
    SessionCrowd,
    /// A frame of a QR series is not seen.
    FrameLost,
    /// A frame of a QR series is seen twice.
    FrameRepeated,
    /// A frame of a QR series is seen after later ones.
    FrameReordered,
    /// A frame of a QR series is read wrong.
    FrameDamaged,
    /// The camera sees frames of two series.
    SeriesMixed,
    /// People give up in the middle of a QR series.
    SeriesGivenUp,
    /// A courier has little room, and refuses what does not go in.
    CourierFull,
}

use Fault as F;

impl Fault {
    /// Every fault with its name on the command line.
    pub const ALL: [(Self, &'static str); 61] = [
        (F::MessageDelayed, "message-delayed"),
        (F::MessageLost, "message-lost"),
        (F::MessageDoubled, "message-doubled"),
        (F::MessageReordered, "message-reordered"),
        (F::MessageCut, "message-cut"),
        (F::MessageFlipped, "message-flipped"),
        (F::Partition, "partition"),
        (F::AnswerLost, "answer-lost"),
        (F::CrashAtWrite, "crash-at-write"),
        (F::PowerCut, "power-cut"),
        (F::WriteFails, "write-fails"),
        (F::Restart, "restart"),
        (F::RestoredTablet, "restored-tablet"),
        (F::ClonedTablet, "cloned-tablet"),
        (F::KeyLost, "key-lost"),
        (F::DiskFull, "disk-full"),
        (F::WrongClock, "wrong-clock"),
        (F::CourierDrops, "courier-drops"),
        (F::CourierWithholds, "courier-withholds"),
        (F::CourierReplays, "courier-replays"),
        (F::CourierLies, "courier-lies"),
        (F::ForgedBallots, "forged-ballots"),
        (F::RogueAfterClose, "rogue-after-close"),
        (F::RogueGap, "rogue-gap"),
        (F::RogueTwins, "rogue-twins"),
        (F::RogueSheet, "rogue-sheet"),
        (F::RogueCount, "rogue-count"),
        (F::RogueSignatures, "rogue-signatures"),
        (F::RogueFlood, "rogue-flood"),
        (F::CentreCrashBefore, "centre-crash-before"),
        (F::CentreCrashAfter, "centre-crash-after"),
        (F::RestoredCentre, "restored-centre"),
        (F::RecastElsewhere, "recast-elsewhere"),
        (F::NeverCloses, "never-closes"),
        (F::SheetReissued, "sheet-reissued"),
        (F::ClosedTooEarly, "closed-too-early"),
        (F::RevokedTablet, "revoked-tablet"),
        (F::ForgedStatement, "forged-statement"),
        (F::LateTablet, "late-tablet"),
        (F::RogueBulk, "rogue-bulk"),
        (F::RecordTwin, "record-twin"),
        (F::RecordLiar, "record-liar"),
        (F::ResealedRecord, "resealed-record"),
        (F::StickTorn, "stick-torn"),
        (F::StickPulled, "stick-pulled"),
        (F::StickDamaged, "stick-damaged"),
        (F::StickDoubled, "stick-doubled"),
        (F::StickLost, "stick-lost"),
        (F::StickOld, "stick-old"),
        (F::StickForeign, "stick-foreign"),
        (F::LinkCut, "link-cut"),
        (F::SessionStranger, "session-stranger"),
        (F::SessionRevoked, "session-revoked"),
        (F::SessionCrowd, "session-crowd"),
        (F::FrameLost, "frame-lost"),
        (F::FrameRepeated, "frame-repeated"),
        (F::FrameReordered, "frame-reordered"),
        (F::FrameDamaged, "frame-damaged"),
        (F::SeriesMixed, "series-mixed"),
        (F::SeriesGivenUp, "series-given-up"),
        (F::CourierFull, "courier-full"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// The fault with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(fault, _)| *fault)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Number of faults.
pub const FAULTS: usize = Fault::ALL.len();

/// Which faults a world knows, each with a weight of 1 to 4; 0 is off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults([u8; FAULTS]);

impl Faults {
    /// A calm world.
    pub fn none() -> Self {
        Self([0; FAULTS])
    }

    /// About a third of all faults, so that a world has several and no fault drowns the others.
    pub fn draw(seed: u64) -> Self {
        let mut faults = Self::none();
        for (fault, name) in Fault::ALL {
            let mut chance = Chance::of(seed, &format!("weight {name}"));
            if chance.hits(330) {
                faults.0[fault as usize] = u8::try_from(chance.between(1, 4)).expect("small");
            }
        }
        faults
    }

    /// The weight of a fault.
    pub fn weight(&self, fault: Fault) -> usize {
        usize::from(self.0[fault as usize])
    }

    /// Whether a fault may happen.
    pub fn on(&self, fault: Fault) -> bool {
        self.weight(fault) > 0
    }

    /// Sets a weight.
    pub fn set(&mut self, fault: Fault, weight: u8) {
        self.0[fault as usize] = weight;
    }

    /// Faults that are on.
    pub fn active(&self) -> impl Iterator<Item = Fault> {
        Fault::ALL.into_iter().map(|(fault, _)| fault).filter(|fault| self.on(*fault))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_follows_the_enum_and_names_are_read_back() {
        for (at, (fault, name)) in Fault::ALL.into_iter().enumerate() {
            assert_eq!(fault as usize, at);
            assert_eq!(Fault::parse(name), Some(fault));
        }
    }
}
