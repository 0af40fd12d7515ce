//! What a unit needs at its meeting, and the minutes of it.

use super::{Material, head_of, result_of, unit_of};
use crate::domain::draft::{Draft, DraftUnit};
use crate::error::AppError;
use crate::service::UnitRecord;
use homphieu_documents::{
    BallotForm, Code, CommitteeMember, Figure, Language, Minutes, Proof, RatedOfficial, Scanned, Slip, Slips,
    Tablet, Unit, Version,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use sync_core::permit::PermitCode;
use sync_core::record::{self, FigureKind, PersonId};

/// Specimens on one page.
const SPECIMENS: usize = 21;

pub(super) fn ballot(material: &Material, unit: &DraftUnit) -> BallotForm {
    let official = |official: &crate::domain::draft::DraftOfficial| RatedOfficial {
        code: official.code.clone(),
        name: official.name.clone(),
        post: official.post.clone(),
    };
    BallotForm {
        head: material.head(false),
        unit: unit_of(unit),
        officials: unit.officials.iter().map(official).collect(),
    }
}

/// Slips whose codes come out of a fixed seed: they are in no round, and everybody may see them.
pub(super) fn specimens(material: &Material, unit: &DraftUnit) -> Slips {
    let mut rng = ChaCha20Rng::seed_from_u64(0);
    let slips = (0..SPECIMENS).map(|_| Slip::new(&PermitCode::draw(&mut rng).reveal()));
    Slips { head: material.head(false), unit: unit_of(unit), specimen: true, slips: slips.collect() }
}

/// Slips that vote.
pub(super) fn slips(draft: &Draft, slips: &crate::service::Slips) -> Slips {
    let unit = Unit { code: slips.unit.to_string(), name: slips.name.clone() };
    let codes = slips.codes.iter().map(|code| Slip::new(&code.reveal()));
    Slips { head: head_of(draft, None), unit, specimen: false, slips: codes.collect() }
}

pub(super) fn minutes(
    material: &Material,
    unit: &DraftUnit,
    looked: &UnitRecord,
    language: Language,
) -> Result<Minutes, AppError> {
    let record = &looked.record;
    let now = record::Minutes::of(record.package(), record.unit(), &looked.state);
    let published = material.result(&unit.code).ok();
    let hash = now.hash().to_string();
    let package = material.round.signed()?.hash().to_string();
    let result = published.map(|(figures, _)| (figures.order, Code::new(&figures.digest)));
    let digest = result.as_ref().map_or("", |(_, digest)| digest.text.as_str());
    let scanned = format!("homphieu:minutes:{}:{package}:{hash}:{digest}", unit.code);
    let member = |member: &record::Member| CommitteeMember {
        post: member.post.code().to_owned(),
        name: member.name.clone(),
    };
    let tablet = |(device, total): (&sync_core::id::DeviceId, &Option<u32>)| Tablet {
        label: looked.label(device).to_owned(),
        device: Code::new(device.to_string()),
        total: *total,
    };
    // Tablets that were certified and never noted a total are tablets of the unit all the same.
    let silent =
        looked.labels.keys().filter(|device| !now.totals.contains_key(device) && **device != looked.centre);
    let mut tablets: Vec<Tablet> = now.totals.iter().map(tablet).collect();
    tablets.extend(silent.map(|device| tablet((device, &None))));
    Ok(Minutes {
        head: material.head(true),
        unit: unit_of(unit),
        committee: now.committee.iter().map(member).collect(),
        figures: figures(&now),
        tablets,
        result: published.map(|(_, unit)| result_of(unit)),
        notes: notes(looked, language),
        versions: record.versions().iter().map(|version| signed(looked, version)).collect(),
        proof: Proof {
            package: Code::new(package),
            minutes: Code::new(hash),
            result,
            scanned: Scanned::new(scanned),
            program: Code::new(env!("CARGO_PKG_VERSION")),
        },
    })
}

/// Figures in the order of a meeting.
pub(super) fn figures(minutes: &record::Minutes) -> Vec<Figure> {
    let noted = FigureKind::ALL.iter().filter_map(|kind| Some((kind, minutes.figures.get(kind)?)));
    noted.map(|(kind, count)| Figure { code: kind.code().to_owned(), count: *count }).collect()
}

/// What was noted, then what does not reconcile with its explanation.
fn notes(looked: &UnitRecord, language: Language) -> Vec<String> {
    let core = in_core(language);
    let mut notes: Vec<String> = looked.state.notes.values().map(|note| note.text.clone()).collect();
    notes.extend(looked.findings.iter().map(|finding| with_explanations(looked, finding, core)));
    notes
}

/// A finding in words, and below it what was said to explain it and by whom.
pub(super) fn with_explanations(
    looked: &UnitRecord,
    finding: &record::Finding,
    core: record::Language,
) -> String {
    let said = looked.explanations(finding).into_iter().map(|said| format!("→ {}: {}", said.who, said.text));
    [finding.text(core)].into_iter().chain(said).collect::<Vec<_>>().join("\n")
}

pub(super) fn in_core(language: Language) -> record::Language {
    match language {
        Language::Vietnamese => record::Language::Vietnamese,
        Language::English => record::Language::English,
    }
}

fn signed(looked: &UnitRecord, version: &record::Version) -> Version {
    let signed = version.signed.iter().map(|(post, person, _)| CommitteeMember {
        post: post.code().to_owned(),
        name: name(looked, person),
    });
    Version {
        hash: Code::new(version.hash.to_string()),
        signed: signed.collect(),
        corrected: !version.corrected.is_empty(),
    }
}

fn name(looked: &UnitRecord, person: &PersonId) -> String {
    looked.state.name(person).map_or_else(|| person.to_string(), str::to_owned)
}
