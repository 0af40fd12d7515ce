//! A centre after many years: as many rounds as there were, of a large province, counted, published and told about. The
//! rows are those that a real round leaves, written at once.

use homphieu_server::domain::audit::Entry;
use homphieu_server::domain::calendar::parse_day;
use homphieu_server::domain::contact::Channel;
use homphieu_server::domain::draft::{Base, Choices};
use homphieu_server::domain::notice::{Notice, Told, Way};
use homphieu_server::domain::outgoing::{About, Both, Message, MessageId, MessageKind, MessageState, Words};
use homphieu_server::domain::person::Role;
use homphieu_server::domain::plan::{PlanRow, State};
use homphieu_server::roster::{Roster, RosterOfficial, RosterUnit, UnitKind};
use homphieu_server::service::{Actor, Centre, Profile};
use homphieu_server::store::{Db, Store, audit, notices, orders, outbox, plans, units};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use sync_core::cose::{SecretKey, Signed};
use sync_core::count::{Line, RoundResult, UnitResult};
use sync_core::id::RoundId;
use sync_core::order::{OpeningOrder, UnitOrder};
use sync_core::package::{Mode, Package, default_levels};

/// How much there is.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    /// Units of each round.
    pub units: usize,
    /// Officials of each unit.
    pub officials: usize,
    /// Rounds, two a year.
    pub rounds: usize,
}

/// A centre with its history.
pub struct Years {
    home: tempfile::TempDir,
    /// Rounds, the oldest first.
    pub rounds: Vec<RoundId>,
    /// A header with a bearer token of an organiser.
    pub bearer: String,
}

/// Login and password of the organiser.
pub const ORGANISER: (&str, &str) = ("lan", "mật khẩu của Lan");

const FAMILIES: [&str; 7] = ["Vàng", "Giàng", "Lầu", "Sùng", "Nguyễn", "Hoàng", "Đặng"];
const MIDDLES: [&str; 4] = ["Mí", "Thị", "Văn", "Chá"];
const GIVEN: [&str; 11] = ["Một", "Hai", "Ba", "Bốn", "Năm", "Sáu", "Páo", "Sính", "Dế", "Lử", "Ước"];

/// The code of a unit.
pub fn unit_code(place: usize) -> String {
    format!("{:05}", 700 + place)
}

/// The code of an official.
pub fn official_code(unit: usize, place: usize) -> String {
    format!("CB{unit:03}{place:02}")
}

/// The name of an official. Neighbours have different ones, far ones may share one, as people do.
pub fn official_name(unit: usize, place: usize) -> String {
    let number = unit * 31 + place * 7;
    let family = FAMILIES[number % FAMILIES.len()];
    let middle = MIDDLES[number / 7 % MIDDLES.len()];
    format!("{family} {middle} {}", GIVEN[number % GIVEN.len()])
}

/// The day on which a round was published.
pub fn published_on(round: usize) -> String {
    format!("{}-{}-15", 2026 - round / 2, if round.is_multiple_of(2) { "11" } else { "05" })
}

fn roster(extent: Extent) -> Roster {
    let official = |unit: usize, place: usize| RosterOfficial {
        code: official_code(unit, place),
        name: official_name(unit, place),
        post: if place == 0 { "Bí thư".to_owned() } else { format!("Ủy viên thứ {place}") },
    };
    let unit = |unit: usize| RosterUnit {
        code: unit_code(unit),
        name: format!("Đảng bộ xã số {unit}"),
        kind: UnitKind::GrassrootsCommittee,
        voters: 40,
        officials: (0..extent.officials).map(|place| official(unit, place)).collect(),
        voter_names: Vec::new(),
        team: Vec::new(),
    };
    Roster { units: (0..extent.units).map(unit).collect() }
}

impl Years {
    /// Fills a centre's database.
    ///
    /// # Panics
    /// If anything of it fails.
    pub fn fill(extent: Extent) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("centre");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let (rounds, bearer) = runtime.block_on(async {
            let database = crate::database::of(&folder);
            let centre = Centre::open_at(&folder, database.as_deref()).await.expect("a centre");
            let profile = Profile::outsider("Phạm Thị Lan", &[Role::Organiser, Role::Inspector]);
            let (person, old) = centre.add_person(ORGANISER.0, &profile).await.expect("somebody new");
            let own = centre.acting_for(Actor::Person(Arc::new(person)));
            own.change_password(old, ORGANISER.1.to_owned().into(), "").await.expect("changed");
            let (token, _) = own.issue_token("test", 1).await.expect("a token");
            let store = Store::open(&folder, database.as_deref()).await.expect("the store opens");
            let roster = roster(extent);
            let mut rounds = Vec::new();
            for place in (0..extent.rounds).rev() {
                rounds.push(one(&centre, &store, &roster, place).await);
            }
            store.close().await;
            centre.close().await;
            (rounds, format!("Bearer {}", *token))
        });
        Self { home, rounds, bearer }
    }

    /// The centre's folder.
    pub fn folder(&self) -> PathBuf {
        self.home.path().join("centre")
    }
}

/// One round, so many rounds ago.
async fn one(centre: &Centre, store: &Store, roster: &Roster, place: usize) -> RoundId {
    let choices = Choices {
        title: format!("Đợt lấy phiếu {}", published_on(place)),
        mode: Mode::Official,
        levels: default_levels(),
        percent_base: Base::Collected,
        batch_min: 10,
        min_publish: 5,
        attended: roster.units.iter().map(|unit| unit.code.clone()).collect(),
    };
    let id = centre.import(roster, choices).await.expect("a draft").id;
    let (statement, shares) = super::office::ceremony(id);
    let signed = centre.sign(&id, &statement).await.expect("signed");
    centre.open_round(&id).await.expect("open");
    centre.close_round(&id).await.expect("closed");
    let package = signed.signed().expect("a package");
    let secret = sync_core::secret::join(&id, &package.value().keys, &shares[..2]).expect("joined").secret;
    let key = centre_key(centre.folder());
    let part = |entry: &sync_core::package::UnitEntry| UnitOrder {
        unit: entry.code.clone(),
        sheet: entry.sheet,
        tablets: Vec::new(),
        revoked: Vec::new(),
        admitted: Vec::new(),
        left_out: Vec::new(),
        decisions: Vec::new(),
        papers: Vec::new(),
    };
    let parts = package.value().units.iter().map(part).collect();
    let order = OpeningOrder {
        package: package.hash(),
        number: 1,
        previous_order: None,
        previous_result: None,
        units: parts,
    };
    let order = Signed::sign(order, &key);
    let figures = package.value().units.iter().zip(&roster.units).enumerate();
    let result = RoundResult {
        package: package.hash(),
        number: 1,
        order: order.digest(),
        previous: None,
        units: figures
            .map(|(at, (entry, unit))| figures_of(at + place, entry, unit.officials.len()))
            .collect(),
        pool: None,
    };
    let result = Signed::sign(result, &secret.result_key(&id));
    let mut tx = store.begin_write().await.expect("a transaction");
    orders::insert(&mut tx, &id, 1, order.bytes()).await.expect("an order");
    orders::accept(&mut tx, &id, 1, result.bytes()).await.expect("a result");
    tell(&mut tx, id, package.value(), roster, place).await;
    let entry = Entry {
        seq: 0,
        at: 1_800_000_000 - i64::try_from(place).expect("few rounds") * 15_000_000,
        actor: ORGANISER.0.to_owned(),
        action: "units_published".to_owned(),
        object: id.uuid().to_string(),
        detail: format!("{} units", roster.units.len()),
    };
    audit::append(&mut tx, &key, entry).await.expect("a line of the log");
    tx.commit().await.expect("committed");
    id
}

/// Publishes every unit of a round, and makes the notices of its officials.
async fn tell(db: &mut Db, id: RoundId, package: &Package, roster: &Roster, place: usize) {
    let day = |text: &str| parse_day(text).expect("a day");
    let made_on = day(&published_on(place));
    for (at, (entry, unit)) in package.units.iter().zip(&roster.units).enumerate() {
        units::publish(db, &id, &entry.code, 1).await.expect("published");
        for (number, official) in unit.officials.iter().enumerate() {
            let notice = Notice {
                round: id,
                unit: entry.code.clone(),
                official: official.code.clone(),
                order: 1,
                name: official.name.clone(),
                post: official.post.clone(),
                made_on,
                due_on: made_on + std::time::Duration::from_secs(7 * 86_400),
                told: None,
                sent: None,
            };
            notices::make(db, &notice).await.expect("a notice");
            // Of every seven one is never told, one late.
            let told = match (at + number) % 7 {
                0 => None,
                1 => Some(made_on + std::time::Duration::from_secs(9 * 86_400)),
                _ => Some(made_on + std::time::Duration::from_secs(3 * 86_400)),
            };
            if let Some(on) = told {
                let told = Told { on, at: None, way: Way::Paper, by: ORGANISER.0.to_owned() };
                notices::tell(db, &notice, &told).await.expect("told");
            }
            follow(db, &notice, at + number).await;
            send(db, &notice, at + number).await;
        }
    }
}

/// How the plan of an official stands; of every seven each is another.
pub fn plan_state(number: usize) -> (bool, State) {
    match number % 7 {
        0 => (false, State::None),
        1 => (true, State::None),
        other => (true, State::ALL[other - 1]),
    }
}

/// The plan of an official.
async fn follow(db: &mut Db, notice: &Notice, number: usize) {
    let (owed, state) = plan_state(number);
    let written = (state != State::None).then_some(notice.made_on);
    let plan = PlanRow {
        round: notice.round,
        unit: notice.unit.clone(),
        official: notice.official.clone(),
        name: notice.name.clone(),
        post: notice.post.clone(),
        owed,
        made_on: notice.made_on,
        due_on: notice.due_on + std::time::Duration::from_secs(14 * 86_400),
        state,
        ends_on: written,
        written_on: written,
        state_on: written,
    };
    plans::make(db, &plan).await.expect("a plan");
    plans::project(db, &plan).await.expect("how it stands");
}

/// The message that told an official; of every nine one still waits.
async fn send(db: &mut Db, notice: &Notice, number: usize) {
    let key = format!("{} {} {}", notice.round.uuid(), notice.unit, notice.official);
    let hash: [u8; 32] = Sha256::digest(key.as_bytes()).into();
    let id = MessageId(*hash.first_chunk().expect("32 bytes"));
    let words = Both { vi: "Kết quả của đồng chí".to_owned(), en: "Your result".to_owned() };
    let made_at = notice.made_on.midnight().assume_utc().unix_timestamp();
    let message = Message {
        id,
        key,
        kind: MessageKind::Notice,
        way: Channel::Email,
        about: About {
            round: Some(notice.round),
            unit: Some(notice.unit.clone()),
            official: Some(notice.official.clone()),
            order: Some(notice.order),
        },
        name: notice.name.clone(),
        address: "canbo@dongvan.example".to_owned(),
        words: Words::new(&words, vec![words.clone()], None),
        made_at,
        state: MessageState::Waiting,
        tries: 0,
        next_at: made_at,
        done_at: None,
        why: None,
    };
    outbox::enqueue(db, &message).await.expect("a message");
    if !number.is_multiple_of(9) {
        outbox::sent(db, id, made_at + 60).await.expect("sent");
    }
}

/// Every thirtieth unit is too small for its levels to be shown.
fn figures_of(place: usize, entry: &sync_core::package::UnitEntry, officials: usize) -> UnitResult {
    let number = |n: usize| u32::try_from(n).expect("few");
    let small = place % 30 == 29;
    let valid = if small { 4 } else { 20 + number(place % 17) };
    let line = |at: usize| {
        let (low, blank) = (number((place + at) % 5), number(at % 2));
        let middle = number((place * 3 + at) % 9);
        Line { levels: vec![valid - low - middle - blank, middle, low], invalid: blank }
    };
    UnitResult {
        unit: entry.code.clone(),
        sheet: entry.sheet,
        valid,
        invalid: Vec::new(),
        facts: Vec::new(),
        stands: false,
        lines: (!small).then(|| (0..officials).map(line).collect()),
        signs: None,
        papers: None,
    }
}

/// The key with which the centre signs, as it lies in its folder.
fn centre_key(folder: &Path) -> SecretKey {
    let bytes = std::fs::read(folder.join(homphieu_server::service::KEY_FILE)).expect("a key");
    SecretKey::from_seed(bytes.first_chunk().expect("32 bytes"))
}
