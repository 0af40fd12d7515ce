//! What single steps cost: seal, open, verify an envelope, merge, count.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::hint::black_box;
use sync_core::ballot::{Claim, Form, Marks, Place, Record, seal};
use sync_core::bundle::Bundle;
use sync_core::cbor;
use sync_core::cose::{SecretKey, Signed};
use sync_core::count::count;
use sync_core::device::{Certificate, Scope, SignedCertificate};
use sync_core::envelope::{Batch, Chain, Envelope, Sealer, SignedEnvelope};
use sync_core::id::{RoundId, UnitCode};
use sync_core::message::{Item, ItemKind};
use sync_core::order::{OpeningOrder, UnitOrder};
use sync_core::package::{
    CentreKeys, Mode, Official, Package, Rules, Sheet, UnitEntry, Voting, default_levels,
};
use sync_core::permit::{PermitCode, draw_permits};
use sync_core::replica::Replica;
use sync_core::secret::RoundSecret;

const OFFICIALS: usize = 7;
const VOTERS: u32 = 100;
const ROUND: RoundId = RoundId([1; 16]);

/// One unit of 100 voters with everything that was sealed in it.
struct World {
    package: Signed<Package>,
    centre: SecretKey,
    secret: RoundSecret,
    sheet: Sheet,
    permits: Vec<PermitCode>,
    device: SecretKey,
    certificate: SignedCertificate,
    envelopes: Vec<SignedEnvelope>,
}

fn marks(voter: usize) -> Marks {
    Marks::new((0..OFFICIALS).map(|i| u8::try_from((voter + i) % 3).ok()).collect())
}

impl World {
    fn new() -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let (centre, device) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
        let secret = RoundSecret::draw(&mut rng);
        let unit = UnitCode::new("A").expect("a code");
        let (permits, commitments) = draw_permits(VOTERS, &ROUND, &unit, &mut rng);
        let official =
            |i| Official { code: format!("C{i}"), name: format!("Official {i}"), post: "Post".to_owned() };
        let sheet = Sheet {
            round: ROUND,
            unit: unit.clone(),
            officials: (0..OFFICIALS).map(official).collect(),
            voters: VOTERS,
            voter_names: Vec::new(),
            team: Vec::new(),
            permits: commitments,
        };
        let entry = UnitEntry {
            code: unit.clone(),
            name: "A".to_owned(),
            voting: Voting::Permit,
            sheet: sheet.hash(),
        };
        let package = Package {
            round: ROUND,
            mode: Mode::Training,
            title: "Bench".to_owned(),
            levels: default_levels(),
            rules: Rules::default(),
            keys: secret.public(&ROUND, 2, 3).expect("2 of 3"),
            centre: CentreKeys { sign: centre.public(), seal: [3; 32] },
            units: vec![entry],
        };
        let package = Signed::sign(package, &centre);
        let certificate = Certificate {
            package: package.hash(),
            sign: device.public(),
            seal: [4; 32],
            scope: Scope::Units(vec![unit]),
            label: "Bench".to_owned(),
        };
        let certificate = Signed::sign(certificate, &centre);
        let mut world =
            Self { package, centre, secret, sheet, permits, device, certificate, envelopes: Vec::new() };
        let mut chain = Chain::default();
        for tenth in 0..10 {
            let ballots = (0..10).map(|i| world.seal(tenth * 10 + i, &mut rng)).collect();
            let batch = Batch::new(world.sheet.record_len(), ballots).expect("a batch");
            let sealer = Sealer {
                package: world.package.hash(),
                unit: &world.sheet.unit,
                sheet: world.sheet.hash(),
                device: world.certificate.value().device(),
                key: &world.device,
            };
            let (envelope, after) = sealer.seal(&chain, batch, tenth == 9).expect("an envelope");
            chain = after;
            world.envelopes.push(envelope);
        }
        world
    }

    fn seal(&self, voter: usize, rng: &mut ChaCha20Rng) -> Record {
        let permit = &self.permits[voter];
        let (package, sheet) = (self.package.hash(), self.sheet.hash());
        let place = Place { package: &package, unit: &self.sheet.unit, sheet: &sheet };
        let form = Form { officials: OFFICIALS, levels: 3 };
        let nullifier = permit.nullifier(&ROUND, &self.sheet.unit);
        let key = &self.package.value().keys.box_key;
        seal(&Claim::Permit(permit.clone()), &nullifier, &marks(voter), form, place, key, rng)
            .expect("sealed")
    }

    fn bundle(&self) -> Bundle {
        let mut bundle = Bundle::new(self.package.clone());
        bundle.add_sheet(self.sheet.clone());
        bundle.certificates.push(self.certificate.clone());
        self.envelopes.iter().for_each(|envelope| bundle.add_envelope(envelope.clone()));
        let mut admitted: Vec<_> = self.envelopes.iter().map(|envelope| envelope.envelope_id()).collect();
        admitted.sort_unstable();
        let unit = UnitOrder {
            unit: self.sheet.unit.clone(),
            sheet: self.sheet.hash(),
            tablets: vec![self.certificate.value().device()],
            revoked: Vec::new(),
            admitted,
            left_out: Vec::new(),
            decisions: Vec::new(),
            papers: Vec::new(),
        };
        let order = OpeningOrder {
            package: self.package.hash(),
            number: 1,
            previous_order: None,
            previous_result: None,
            units: vec![unit],
        };
        bundle.orders.push(Signed::sign(order, &self.centre));
        bundle
    }
}

fn ballots(c: &mut Criterion) {
    let world = World::new();
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    c.bench_function("seal a ballot", |b| b.iter(|| world.seal(black_box(3), &mut rng)));
    let record = world.seal(3, &mut rng);
    let secret = world.secret.box_secret(&ROUND);
    let (package, sheet) = (world.package.hash(), world.sheet.hash());
    let place = Place { package: &package, unit: &world.sheet.unit, sheet: &sheet };
    let form = Form { officials: OFFICIALS, levels: 3 };
    c.bench_function("open a ballot", |b| {
        b.iter(|| secret.open(black_box(&record), form, place, Some(&ROUND)));
    });
    let bytes = world.envelopes[0].bytes();
    let key = world.certificate.value().sign;
    c.bench_function("read and verify an envelope of 10", |b| {
        b.iter(|| Signed::<Envelope>::open(black_box(bytes), &key));
    });
}

fn replicas(c: &mut Criterion) {
    let world = World::new();
    let mut items = vec![
        Item::new(ItemKind::Certificate, world.certificate.bytes()),
        Item::new(ItemKind::Sheet, cbor::encode(&world.sheet)),
    ];
    items.extend(world.envelopes.iter().map(|envelope| Item::new(ItemKind::Envelope, envelope.bytes())));
    let empty = || Replica::new(&world.package, &world.sheet.unit).expect("a unit");
    let full = || {
        let mut replica = empty();
        items.iter().for_each(|item| drop(replica.apply(item)));
        replica
    };
    let mut group = c.benchmark_group("replica of 10 envelopes");
    group.throughput(Throughput::Elements(items.len() as u64));
    group.bench_function("merge into an empty one", |b| {
        let other = full();
        b.iter_batched(empty, |mut replica| replica.merge(&other), BatchSize::SmallInput);
    });
    group.bench_function("merge into an equal one", |b| {
        let other = full();
        b.iter_batched(full, |mut replica| replica.merge(&other), BatchSize::SmallInput);
    });
    group.finish();
}

fn counting(c: &mut Criterion) {
    let world = World::new();
    let bundle = world.bundle();
    let orders: Vec<_> = bundle.orders.iter().collect();
    let mut group = c.benchmark_group("count");
    group.throughput(Throughput::Elements(u64::from(VOTERS)));
    group.bench_function("100 ballots", |b| {
        b.iter(|| count(&bundle.material(), &orders, &world.secret, &mut |_, _| ()));
    });
    let bytes = bundle.to_bytes();
    group.bench_function("verify the bundle without shares", |b| {
        b.iter(|| sync_core::verify::verify(black_box(&bytes), &[], &mut |_, _| ()));
    });
    group.finish();
}

criterion_group!(benches, ballots, replicas, counting);
criterion_main!(benches);
