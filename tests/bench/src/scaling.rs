//! How the time for a ballot grows with the number of ballots: merging replicas, counting.

use super::Result;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::time::Instant;
use sync_core::ballot::{Claim, Form, Marks, Place, Record, seal};
use sync_core::bundle::Bundle;
use sync_core::cose::{SecretKey, Signed};
use sync_core::count::count;
use sync_core::device::{Certificate, Scope};
use sync_core::envelope::{Batch, Chain, Sealer, SignedEnvelope};
use sync_core::id::{DeviceId, RoundId, UnitCode};
use sync_core::message::{Item, ItemKind};
use sync_core::order::{OpeningOrder, UnitOrder};
use sync_core::package::{
    CentreKeys, Mode, Official, Package, Rules, Sheet, UnitEntry, Voting, default_levels,
};
use sync_core::replica::Replica;
use sync_core::secret::RoundSecret;

const OFFICIALS: usize = 7;
/// Most ballots of one unit here; the district's largest units have a tenth of that.
const UNIT_MAX: usize = 5_000;
/// Ballots of one envelope.
const BATCH: usize = 40;
const ROUND: RoundId = RoundId([1; 16]);

/// A round whose units vote attended, so that no slips are drawn, with everything that was sealed in it.
struct World {
    bundle: Bundle,
    secret: RoundSecret,
    units: Vec<(UnitCode, Vec<SignedEnvelope>)>,
}

/// Measures each number of ballots once and prints a table.
pub fn print(sizes: &[usize]) -> Result<()> {
    println!("\nscaling: envelopes of {BATCH}, units of at most {UNIT_MAX} ballots, one core");
    println!("{:>8} {:>18} {:>18}", "ballots", "merge µs a ballot", "count µs a ballot");
    for &size in sizes {
        let world = World::new(size)?;
        let ballots = super::report::float(size as u64);
        println!(
            "{size:>8} {:>18.2} {:>18.2}",
            world.merge()? * 1e6 / ballots,
            world.count()? * 1e6 / ballots
        );
    }
    Ok(())
}

impl World {
    fn new(size: usize) -> Result<Self> {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let (centre, device) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
        let secret = RoundSecret::draw(&mut rng);
        let sheets: Vec<Sheet> = (0..size.div_ceil(UNIT_MAX)).map(sheet).collect::<Result<Vec<_>>>()?;
        let entry = |sheet: &Sheet| UnitEntry {
            code: sheet.unit.clone(),
            name: sheet.unit.to_string(),
            voting: Voting::Attended,
            sheet: sheet.hash(),
        };
        let package = Package {
            round: ROUND,
            mode: Mode::Training,
            title: "Bench".to_owned(),
            levels: default_levels(),
            rules: Rules::default(),
            keys: secret.public(&ROUND, 2, 3)?,
            centre: CentreKeys { sign: centre.public(), seal: [3; 32] },
            units: sheets.iter().map(entry).collect(),
        };
        let package = Signed::sign(package, &centre);
        let certificate = Certificate {
            package: package.hash(),
            sign: device.public(),
            seal: [4; 32],
            scope: Scope::Units(sheets.iter().map(|sheet| sheet.unit.clone()).collect()),
            label: "Bench".to_owned(),
        };
        let certificate = Signed::sign(certificate, &centre);
        let author = certificate.value().device();
        let mut bundle = Bundle::new(package.clone());
        bundle.certificates.push(certificate);
        let (mut units, mut orders, mut left) = (Vec::new(), Vec::new(), size);
        for sheet in sheets {
            let ballots = left.min(UNIT_MAX);
            left -= ballots;
            let envelopes = seal_unit(&package, &sheet, ballots, author, &device, &mut rng)?;
            orders.push(unit_order(&sheet, author, &envelopes));
            envelopes.iter().for_each(|envelope| bundle.add_envelope(envelope.clone()));
            units.push((sheet.unit.clone(), envelopes));
            bundle.add_sheet(sheet);
        }
        let order = OpeningOrder {
            package: package.hash(),
            number: 1,
            previous_order: None,
            previous_result: None,
            units: orders,
        };
        bundle.orders.push(Signed::sign(order, &centre));
        Ok(Self { bundle, secret, units })
    }

    /// Seconds to merge every unit into an empty replica, signatures checked on the way.
    fn merge(&self) -> Result<f64> {
        let mut items: Vec<Item> = Vec::new();
        let certificate = Item::new(ItemKind::Certificate, self.bundle.certificates[0].bytes());
        let mut sum = 0.0;
        for (unit, envelopes) in &self.units {
            items.clear();
            items.push(certificate.clone());
            items.extend(envelopes.iter().map(|envelope| Item::new(ItemKind::Envelope, envelope.bytes())));
            let mut replica = Replica::new(&self.bundle.package, unit).ok_or("no unit")?;
            let begun = Instant::now();
            items.iter().for_each(|item| drop(replica.apply(item)));
            sum += begun.elapsed().as_secs_f64();
            if replica.envelopes().count() != envelopes.len() {
                return Err("not every envelope was merged".into());
            }
        }
        Ok(sum)
    }

    /// Seconds to open and count everything.
    fn count(&self) -> Result<f64> {
        let orders: Vec<_> = self.bundle.orders.iter().collect();
        let begun = Instant::now();
        let result = count(&self.bundle.material(), &orders, &self.secret, &mut |_, _| ())?;
        let took = begun.elapsed().as_secs_f64();
        let valid: usize = result.value().units.iter().map(|unit| unit.valid as usize).sum();
        let sealed = self.units.iter().flat_map(|(_, envelopes)| envelopes);
        let cast: usize = sealed.map(|envelope| envelope.value().ballots.len()).sum();
        if valid == cast { Ok(took) } else { Err("not every ballot was counted".into()) }
    }
}

fn sheet(unit: usize) -> Result<Sheet> {
    let official =
        |i| Official { code: format!("C{i}"), name: format!("Official {i}"), post: "Post".to_owned() };
    Ok(Sheet {
        round: ROUND,
        unit: UnitCode::new(&format!("U{unit:03}"))?,
        officials: (0..OFFICIALS).map(official).collect(),
        voters: u32::try_from(UNIT_MAX)?,
        voter_names: Vec::new(),
        team: Vec::new(),
        permits: Vec::new(),
    })
}

fn seal_unit(
    package: &Signed<Package>,
    sheet: &Sheet,
    ballots: usize,
    device: DeviceId,
    key: &SecretKey,
    rng: &mut ChaCha20Rng,
) -> Result<Vec<SignedEnvelope>> {
    let (hash, list) = (package.hash(), sheet.hash());
    let place = Place { package: &hash, unit: &sheet.unit, sheet: &list };
    let form = Form { officials: OFFICIALS, levels: 3 };
    let sealer = Sealer { package: hash, unit: &sheet.unit, sheet: list, device, key };
    let mut records: Vec<Record> = Vec::with_capacity(ballots);
    for voter in 0..ballots {
        let marks = Marks::new((0..OFFICIALS).map(|i| u8::try_from((voter + i) % 3).ok()).collect());
        let nullifier = sync_core::id::Nullifier(homphieu_server::service::random());
        records.push(seal(
            &Claim::Attended,
            &nullifier,
            &marks,
            form,
            place,
            &package.value().keys.box_key,
            rng,
        )?);
    }
    let (mut chain, mut envelopes) = (Chain::default(), Vec::new());
    let batches = records.chunks(BATCH).count();
    for (i, batch) in records.chunks(BATCH).enumerate() {
        let batch = Batch::new(sheet.record_len(), batch.to_vec())?;
        let (envelope, after) = sealer.seal(&chain, batch, i + 1 == batches)?;
        chain = after;
        envelopes.push(envelope);
    }
    Ok(envelopes)
}

fn unit_order(sheet: &Sheet, device: DeviceId, envelopes: &[SignedEnvelope]) -> UnitOrder {
    let mut admitted: Vec<_> = envelopes.iter().map(|envelope| envelope.envelope_id()).collect();
    admitted.sort_unstable();
    UnitOrder {
        unit: sheet.unit.clone(),
        sheet: sheet.hash(),
        tablets: vec![device],
        revoked: Vec::new(),
        admitted,
        left_out: Vec::new(),
        decisions: Vec::new(),
        papers: Vec::new(),
    }
}
