//! A round for the workloads: units with 37 officials, whose sealed ballots are 112 bytes, and certified devices.

use super::Result;
use super::engine::Engine;
use super::process::Served;
use homphieu_server::domain::draft::{Base, Choices};
use homphieu_server::roster::{Roster, RosterOfficial, RosterUnit, UnitKind};
use homphieu_server::service::{Centre, InviteScope};
use std::path::{Path, PathBuf};
use std::process::Command;
use sync_core::ballot::Record;
use sync_core::cbor;
use sync_core::ceremony::Ceremony;
use sync_core::cose::{SecretKey, Signed, Unverified};
use sync_core::device::device_id;
use sync_core::enrol::{EnrolRequest, Enrolment};
use sync_core::envelope::{Batch, Chain, Envelope, Sealer, SignedEnvelope};
use sync_core::id::{DeviceId, EnvelopeId, PackageHash, RoundId, SheetHash, UnitCode};
use sync_core::message::{Have, Item, ItemKind, Message, Request};
use sync_core::package::{Mode, Package, Sheet, default_levels};

/// Bytes of one ballot: 16 of nullifier and 96 sealed.
pub const BALLOT: usize = 112;
const OFFICIALS: usize = BALLOT - sync_core::ballot::record_len(0);

/// A centre on a fresh folder with a round that takes ballots.
pub struct Round {
    home: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
    engine: Engine,
    database: Option<String>,
    pub id: RoundId,
}

/// A device that plays a tablet from memory.
pub struct Device {
    key: SecretKey,
    pub id: DeviceId,
    pub unit: UnitCode,
    package: PackageHash,
    sheet: SheetHash,
    record_len: usize,
    pub chain: Chain,
    pub envelopes: Vec<SignedEnvelope>,
}

impl Round {
    /// Sets a round up whose units vote attended: the centre sees the same, and no slips are drawn.
    pub fn new(engine: &Engine, units: usize) -> Result<Self> {
        let home = tempfile::tempdir()?;
        let runtime = tokio::runtime::Runtime::new()?;
        let database = runtime.block_on(engine.fresh())?;
        let official = |u: usize, i: usize| RosterOfficial {
            code: format!("U{u}-{i}"),
            name: format!("Official {i}"),
            post: "Post".to_owned(),
        };
        let roster = Roster {
            units: (0..units)
                .map(|u| RosterUnit {
                    code: format!("U{u:03}"),
                    name: format!("Unit {u}"),
                    kind: UnitKind::PartyCell,
                    voters: 3_000,
                    officials: (0..OFFICIALS).map(|i| official(u, i)).collect(),
                    voter_names: Vec::new(),
                    team: Vec::new(),
                })
                .collect(),
        };
        let choices = Choices {
            title: "Bench".to_owned(),
            mode: Mode::Training,
            levels: default_levels(),
            percent_base: Base::Collected,
            batch_min: 1_000,
            min_publish: 5,
            attended: roster.units.iter().map(|unit| unit.code.clone()).collect(),
        };
        let id = runtime.block_on(async {
            let centre = Centre::open_at(&home.path().join("centre"), database.as_deref()).await?;
            let id = centre.import(&roster, choices).await?.id;
            let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
            let mut ceremony = Ceremony::begin(id, 2, 3, &mut rng)?;
            for share in ceremony.shares().to_vec() {
                ceremony.read_back(share.index(), &share.reveal())?;
            }
            let statement = ceremony.finish(&mut rng)?;
            centre.sign(&id, statement.bytes()).await?;
            centre.open_round(&id).await?;
            centre.close().await;
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(id)
        })?;
        Ok(Self { home, runtime, engine: engine.clone(), database, id })
    }

    /// The centre's folder.
    pub fn folder(&self) -> PathBuf {
        self.home.path().join("centre")
    }

    async fn centre(&self) -> Result<Centre> {
        Ok(Centre::open_at(&self.folder(), self.database.as_deref()).await?)
    }

    /// CPU time of the centre and of its database server so far in milliseconds.
    pub fn cpu_ms(&self, server: &Served) -> Result<f64> {
        Ok(server.cpu_ms()? + self.engine.cpu_ms()?)
    }

    /// Bytes, blocks in bytes and number of the centre's files; of a database server the bytes of the database.
    pub fn disk(&self) -> Result<(u64, u64, u64)> {
        let (bytes, blocks, files) = super::process::disk(&self.folder())?;
        let database = self.runtime.block_on(self.engine.size(self.database.as_deref()))?;
        Ok((bytes + database, blocks + database, files))
    }

    /// Certifies devices, `each` per unit.
    pub fn devices(&self, units: usize, each: usize) -> Result<Vec<Device>> {
        self.runtime.block_on(async {
            let centre = self.centre().await?;
            let mut devices = Vec::new();
            for u in 0..units {
                for _ in 0..each {
                    devices.push(enrol(&centre, &self.id, &format!("U{u:03}")).await?);
                }
            }
            centre.close().await;
            Ok(devices)
        })
    }

    /// Starts the real server on the folder.
    pub fn serve(&self) -> Result<Served> {
        let own = std::env::current_exe()?;
        let program = own.parent().unwrap_or(Path::new(".")).join("homphieu");
        let mut command = Command::new(program);
        command.arg("--data-dir").arg(self.folder()).args(["serve", "--listen", "127.0.0.1:0"]);
        if let Some(database) = &self.database {
            command.env("HOMPHIEU_DATABASE_URL", database);
        }
        Served::start(&mut command)
    }

    /// Ids of all envelopes that a fresh process finds in the folder.
    pub fn stored(&self) -> Result<Vec<EnvelopeId>> {
        self.runtime.block_on(async {
            let centre = self.centre().await?;
            let (_, standings) = centre.standings(&self.id).await?;
            centre.close().await;
            let headers = standings.iter().flat_map(|standing| &standing.facts.envelopes);
            let mut ids: Vec<_> = headers.map(|header| header.id).collect();
            ids.sort_unstable();
            Ok(ids)
        })
    }
}

async fn enrol(centre: &Centre, round: &RoundId, unit: &str) -> Result<Device> {
    let scope = InviteScope::Units(vec![unit.to_owned()]);
    let token = centre.invite(round, &scope, "Bench", "http://127.0.0.1").await?;
    let key = SecretKey::from_seed(&homphieu_server::service::random());
    let seal = homphieu_server::service::random();
    let request = EnrolRequest { secret: token.secret.clone(), sign: key.public(), seal };
    let answer = centre.enrol(Signed::sign(request, &key).bytes()).await?;
    let answer: Enrolment = cbor::decode(&answer)?;
    let sheet = answer.items.iter().find(|item| item.kind == ItemKind::Sheet).ok_or("no sheet")?;
    let sheet: Sheet = cbor::decode(&sheet.bytes)?;
    Ok(Device {
        id: device_id(&key.public(), &seal),
        key,
        unit: sheet.unit.clone(),
        package: Package::open(&answer.package)?.hash(),
        sheet: sheet.hash(),
        record_len: sheet.record_len(),
        chain: Chain::default(),
        envelopes: Vec::new(),
    })
}

impl Device {
    /// Seals this many ballots. Their 112 bytes are random, as those of the peers are; the centre cannot open them.
    pub fn record(&mut self, ballots: usize, closing: bool) -> Result<()> {
        let mut records = Vec::with_capacity(ballots);
        for _ in 0..ballots {
            let bytes: [u8; BALLOT] = homphieu_server::service::random();
            records.extend(Record::from_slice(&bytes));
        }
        let batch = Batch::new(self.record_len, records)?;
        let sealer = Sealer {
            package: self.package,
            unit: &self.unit,
            sheet: self.sheet,
            device: self.id,
            key: &self.key,
        };
        let (envelope, chain) = sealer.seal(&self.chain, batch, closing)?;
        self.chain = chain;
        self.envelopes.push(envelope);
        Ok(())
    }

    /// The signed request that gives some envelopes, and says what is here if asked to.
    pub fn request(&self, give: &[&SignedEnvelope], have: Option<Vec<EnvelopeId>>) -> Vec<u8> {
        let mut message = Message::new(self.package, self.unit.clone());
        message.have = have.map(|envelopes| Have { envelopes, records: Vec::new() });
        message.give = give.iter().map(|envelope| Item::new(ItemKind::Envelope, envelope.bytes())).collect();
        let request = Request {
            device: self.id,
            nonce: homphieu_server::service::random(),
            certificate: None,
            message: cbor::encode(&message),
        };
        Signed::sign(request, &self.key).into_bytes()
    }

    /// Sends a request that says what is here, and asks again while there is more than one answer holds; how many
    /// envelopes came.
    pub fn fetch(&self, address: &str, first: Vec<u8>) -> Result<(usize, super::wire::Traffic)> {
        let mut here: Vec<EnvelopeId> =
            self.envelopes.iter().map(|envelope| envelope.envelope_id()).collect();
        let own = here.len();
        let (mut body, mut sum) = (first, super::wire::Traffic::default());
        loop {
            let (answer, traffic) = super::wire::post(address, "/api/v1/sync", &body)?;
            sum.up += traffic.up;
            sum.down += traffic.down;
            sum.requests += traffic.requests;
            let answer: Message = cbor::decode(&answer)?;
            for item in answer.give.iter().filter(|item| item.kind == ItemKind::Envelope) {
                here.push(EnvelopeId(Unverified::<Envelope>::decode(&item.bytes)?.id()));
            }
            here.sort_unstable();
            here.dedup();
            let there = answer.have.map(|have| have.envelopes).unwrap_or_default();
            if there.iter().all(|id| here.binary_search(id).is_ok()) {
                return Ok((here.len() - own, sum));
            }
            body = self.request(&[], Some(here.clone()));
        }
    }

    /// Sends a request; how many envelopes came back, and whether a receipt did.
    pub fn sync(&self, address: &str, body: &[u8]) -> Result<((usize, bool), super::wire::Traffic)> {
        let (answer, traffic) = super::wire::post(address, "/api/v1/sync", body)?;
        let answer: Message = cbor::decode(&answer)?;
        let envelopes = answer.give.iter().filter(|item| item.kind == ItemKind::Envelope).count();
        let receipt = answer.give.iter().any(|item| item.kind == ItemKind::Receipt);
        Ok(((envelopes, receipt), traffic))
    }
}
