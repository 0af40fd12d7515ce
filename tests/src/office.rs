//! A small round on a real centre: three units, of which one is too small to show and one votes attended.

use client_ffi::Tablet;
use client_ffi::store::FileStore;
use client_ffi::transport::Http;
use homphieu_server::domain::draft::{Base, Choices};
use homphieu_server::domain::person::Role;
use homphieu_server::roster;
use homphieu_server::service::{Actor, Centre, InviteScope, Profile, SheetCorrection};
use sqlx::Row;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use sync_core::ballot::Marks;
use sync_core::ceremony::Ceremony;
use sync_core::fingerprint;
use sync_core::id::{RoundId, UnitCode};
use sync_core::package::{Mode, default_levels};
use sync_core::permit::PermitCode;
use sync_core::secret::Share;
use tempfile::TempDir;

/// Voters of units `A` (slips), `S` (slips, below the publication limit) and `T` (attended).
pub const VOTERS: [(&str, usize); 3] = [("A", 24), ("S", 4), ("T", 7)];

/// The units as CSV.
pub const UNITS_CSV: &str = "unit_code,name,kind,voters\nA,Đảng bộ xã A,dang_bo,24\nS,Chi bộ nhỏ,chi_bo,4\n\
                             T,Chi bộ trường,chi_bo,7\n";
/// Two officials each, as CSV.
pub const OFFICIALS_CSV: &str = "unit_code,ordinal,official_code,full_name,post\nA,1,A1,Vàng Mí Một,Bí thư\n\
                                 A,2,A2,Giàng Thị Hai,Phó\nS,1,S1,Lầu Văn Ba,Bí thư\nS,2,S2,Sùng Thị Bốn,Phó\n\
                                 T,1,T1,Nguyễn Năm,Bí thư\nT,2,T2,Hoàng Sáu,Phó\n";

/// Login of an organiser who neither votes nor is rated anywhere.
pub const ORGANISER: &str = "lan";
/// Logins of two such inspectors.
pub const INSPECTORS: [&str; 2] = ["may", "hoa"];

/// A round that is set up, and the folder of everything.
pub struct Office {
    home: TempDir,
    runtime: tokio::runtime::Runtime,
    /// The round.
    pub round: RoundId,
    /// Three shares, two of which open.
    pub shares: Vec<Share>,
    /// Slips by unit.
    pub slips: BTreeMap<UnitCode, Vec<PermitCode>>,
    /// One-time passwords by login.
    passwords: BTreeMap<&'static str, String>,
}

async fn centre_at(folder: &Path) -> Result<Centre, homphieu_server::error::AppError> {
    Centre::open_at(folder, crate::database::of(folder).as_deref()).await
}

/// A unit's code.
///
/// # Panics
/// If it is none.
pub fn unit(code: &str) -> UnitCode {
    UnitCode::new(code).expect("a unit code")
}

impl Office {
    /// Imports, prints, holds the ceremony, signs, and opens for voting.
    ///
    /// # Panics
    /// If anything of it fails.
    pub fn new() -> Self {
        Self::with(Mode::Official, true)
    }

    /// The same in another mode, or not opened for voting yet.
    ///
    /// # Panics
    /// If anything of it fails.
    pub fn with(mode: Mode, open: bool) -> Self {
        Self::of(UNITS_CSV, OFFICIALS_CSV, open, choices(mode))
    }

    /// The same with a roster of one's own.
    ///
    /// # Panics
    /// If anything of it fails.
    pub fn of(units: &str, officials: &str, open: bool, choices: Choices) -> Self {
        let mut office = Self::drafted(units, officials, choices);
        let (statement, shares) = ceremony(office.round);
        office.sign(&statement, shares, open);
        office
    }

    /// Imports and prints; the keys are still to be made.
    ///
    /// # Panics
    /// If anything of it fails.
    pub fn drafted(units: &str, officials: &str, choices: Choices) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let roster = roster::from_csv(units.as_bytes(), officials.as_bytes()).expect("a roster");
        let mut passwords = BTreeMap::new();
        let (round, slips) = runtime.block_on(async {
            let centre = centre_at(&home.path().join("centre")).await.expect("a centre");
            for (login, name, role) in [
                (ORGANISER, "Phạm Thị Lan", Role::Organiser),
                (INSPECTORS[0], "Sùng Thị Máy", Role::Inspector),
                (INSPECTORS[1], "Lý Văn Hòa", Role::Inspector),
            ] {
                let added = centre.add_person(login, &Profile::outsider(name, &[role])).await;
                passwords.insert(login, added.expect("somebody new").1.to_string());
            }
            let drafted = draft(&centre, &roster, choices).await;
            centre.close().await;
            drafted
        });
        Self { home, runtime, round, shares: Vec::new(), slips, passwords }
    }

    /// Signs the round with a key file, whose shares are kept, and opens it for voting.
    ///
    /// # Panics
    /// If anything of it fails.
    pub fn sign(&mut self, statement: &[u8], shares: Vec<Share>, open: bool) {
        self.shares = shares;
        self.runtime.block_on(async {
            let centre = centre_at(&self.folder()).await.expect("a centre");
            centre.sign(&self.round, statement).await.expect("signed");
            if open {
                centre.open_round(&self.round).await.expect("open");
            }
            centre.close().await;
        });
    }

    /// Sets up one more round at the same centre, open for voting, which takes the place of the one before.
    ///
    /// # Panics
    /// If anything of it fails.
    pub fn one_more(&mut self, units: &str, officials: &str, choices: Choices) {
        let roster = roster::from_csv(units.as_bytes(), officials.as_bytes()).expect("a roster");
        (self.round, self.slips) = self.on_centre(async |centre| draft(centre, &roster, choices).await);
        let (statement, shares) = ceremony(self.round);
        self.sign(&statement, shares, true);
    }

    /// The centre's folder.
    pub fn folder(&self) -> PathBuf {
        self.home.path().join("centre")
    }

    /// Where tablets and everything else lie.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Does something on the centre for the organiser, beside a running server.
    ///
    /// # Panics
    /// If the centre cannot be opened.
    pub fn on_centre<T>(&self, work: impl AsyncFnOnce(&Centre) -> T) -> T {
        self.runtime.block_on(async {
            let centre = centre_at(&self.folder()).await.expect("the centre opens");
            let organiser = centre.person_named(ORGANISER).await.expect("an organiser");
            let done = work(&centre.acting_for(Actor::Person(organiser))).await;
            centre.close().await;
            done
        })
    }

    /// Does something to the database behind the centre's back.
    ///
    /// # Panics
    /// If it cannot be opened.
    pub fn on_database<T: Send>(&self, work: impl AsyncFnOnce(&mut sqlx::AnyConnection) -> T + Send) -> T {
        crate::database::on(&crate::database::address(&self.folder()), work)
    }

    /// Every value of every table one after another, where the database is no file of the centre's folder.
    ///
    /// # Panics
    /// If it cannot be read.
    pub fn database_values(&self) -> Vec<u8> {
        if crate::database::of(&self.folder()).is_none() {
            return Vec::new();
        }
        self.on_database(async |db: &mut sqlx::AnyConnection| {
            let tables = "SELECT CAST(table_name AS TEXT) FROM information_schema.tables \
                          WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%' ORDER BY 1";
            let mut bytes = Vec::new();
            for table in sqlx::query(tables).fetch_all(&mut *db).await.expect("the tables") {
                let all = format!("SELECT * FROM {}", table.get::<String, _>(0));
                let all = sqlx::query(sqlx::AssertSqlSafe(all)).fetch_all(&mut *db).await.expect("the rows");
                for (row, place) in all.iter().flat_map(|row| (0..row.len()).map(move |place| (row, place))) {
                    if let Ok(value) = row.try_get::<Option<Vec<u8>>, _>(place) {
                        bytes.extend(value.unwrap_or_default());
                    } else if let Ok(value) = row.try_get::<Option<String>, _>(place) {
                        bytes.extend(value.unwrap_or_default().into_bytes());
                    } else if let Ok(value) = row.try_get::<Option<i64>, _>(place) {
                        bytes.extend(value.unwrap_or_default().to_be_bytes());
                    }
                }
            }
            assert!(bytes.len() > 1_000, "the tables were read");
            bytes
        })
    }

    /// The one-time password that somebody was given and has not changed yet.
    ///
    /// # Panics
    /// If nobody of this login was there from the beginning.
    pub fn one_time(&self, login: &str) -> &str {
        &self.passwords[login]
    }

    /// A header with a bearer token of somebody.
    ///
    /// # Panics
    /// If there is no such person.
    pub fn bearer(&self, login: &str) -> String {
        self.on_centre(async |centre| {
            let person = centre.person_named(login).await.expect("somebody");
            let once = self.passwords.get(login).filter(|_| person.must_change).cloned();
            let own = centre.acting_for(Actor::Person(person));
            if let Some(once) = once {
                let new = format!("mật khẩu của {login}");
                own.change_password(once.into(), new.into(), "").await.expect("changed");
            }
            let (token, _) = own.issue_token("test", 1).await.expect("a token");
            format!("Bearer {}", *token)
        })
    }

    /// Adds somebody with roles who neither votes nor is rated anywhere, or as the profile is changed, and signs them
    /// in once so that nothing waits to be changed. Gives their password.
    ///
    /// # Panics
    /// If it is refused.
    pub fn hire(&self, login: &str, roles: &[Role], change: impl FnOnce(&mut Profile)) -> String {
        self.on_centre(async |centre| {
            let mut profile = Profile::outsider(login, roles);
            change(&mut profile);
            let (person, old) = centre.add_person(login, &profile).await.expect("somebody new");
            let new = format!("mật khẩu của {login}");
            let own = centre.acting_for(Actor::Person(std::sync::Arc::new(person)));
            own.change_password(old, new.clone().into(), "").await.expect("changed");
            new
        })
    }

    /// A one-time token for units, or for a courier if there are none.
    ///
    /// # Panics
    /// If it is refused.
    pub fn token(&self, units: &[&str], address: &str) -> String {
        let scope = match units {
            [] => InviteScope::Courier,
            units => InviteScope::Units(units.iter().map(ToString::to_string).collect()),
        };
        let token = self.on_centre(async |centre| centre.invite(&self.round, &scope, "Máy", address).await);
        token.expect("a token").to_text()
    }

    /// A tablet that is enrolled for units, its sheets compared with paper.
    ///
    /// # Panics
    /// If anything of it fails.
    pub fn tablet(&self, name: &str, units: &[&str], address: &str) -> Tablet<FileStore> {
        let store = FileStore::open(&self.home.path().join(name)).expect("a store");
        let mut tablet = Tablet::open(store).expect("a tablet");
        tablet.enrol(&self.token(units, address), &Http::new(address)).expect("enrolled");
        for code in units {
            self.compare(&mut tablet, code);
        }
        tablet
    }

    /// Compares a tablet's sheet of a unit with paper.
    ///
    /// # Panics
    /// If it is refused.
    pub fn compare(&self, tablet: &mut Tablet<FileStore>, code: &str) {
        compare_with_itself(tablet, &unit(code));
    }

    /// Replaces the sheet of a unit by what a corrected roster says of it; with new slips, gives their codes.
    ///
    /// # Errors
    /// Code of the centre's refusal.
    ///
    /// # Panics
    /// If the roster is none.
    pub fn replace_sheet(
        &self,
        code: &str,
        units: &str,
        officials: &str,
        new_slips: bool,
    ) -> Result<Vec<PermitCode>, &'static str> {
        let roster = roster::from_csv(units.as_bytes(), officials.as_bytes()).expect("a roster");
        self.on_centre(async |centre| {
            let mut slips = None;
            if new_slips {
                let voters = roster.units.iter().find(|unit| unit.code == code).expect("the unit").voters;
                slips = Some(centre.draw_new_slips(&self.round, code, voters).await.expect("slips"));
            }
            let reason = "sai tên";
            let asked = SheetCorrection { unit: code, roster: &roster, slips: slips.as_ref(), reason };
            let seen = centre.preview_replacement(&self.round, asked).await.map_err(|e| e.code())?.holds;
            centre.replace_sheet(&self.round, asked, &seen).await.map_err(|e| e.code())?;
            Ok(slips.map(|mut slips| std::mem::take(&mut slips.codes)).unwrap_or_default())
        })
    }

    /// Casts for these voters of a unit; marks follow from the voter's number.
    ///
    /// # Panics
    /// If a ballot is refused.
    pub fn cast(&self, tablet: &mut Tablet<FileStore>, code: &str, voters: std::ops::Range<usize>) {
        let unit = unit(code);
        for voter in voters {
            match self.slips.get(&unit) {
                Some(slips) => tablet.cast(&unit, &slips[voter], &marks(voter)).expect("cast"),
                None => tablet.cast_attended(&unit, &marks(voter)).expect("cast"),
            }
        }
    }

    /// Writes the record of every unit that has a tablet, closes the round, counts with two shares and accepts the
    /// result.
    ///
    /// # Panics
    /// If anything of it fails.
    pub fn count(&self) {
        self.on_centre(async |centre| crate::record::write_records_of(centre, &self.round).await);
        self.count_without_records();
    }

    /// The same, with the records as they are.
    ///
    /// # Panics
    /// If anything of it fails.
    pub fn count_without_records(&self) {
        self.on_centre(async |centre| {
            centre.close_round(&self.round).await.expect("closed");
            self.count_again(centre).await;
        });
    }

    /// Makes the next order of a closed round, counts it and accepts the result.
    ///
    /// # Panics
    /// If anything of it fails.
    pub async fn count_again(&self, centre: &Centre) {
        centre.make_order(&self.round).await.expect("an order");
        let result = self.result(centre).await;
        centre.accept(&self.round, &result).await.expect("accepted");
    }

    /// Counts the last order with two shares: the signed result, as the trustees carry it.
    ///
    /// # Panics
    /// If there is no order, or it cannot be counted.
    pub async fn result(&self, centre: &Centre) -> Vec<u8> {
        let bundle = centre.bundle(&self.round).await.expect("a bundle");
        let keys = &bundle.package.value().keys;
        let joined = sync_core::secret::join(&self.round, keys, &self.shares[..2]).expect("joined");
        let orders: Vec<_> = bundle.orders.iter().collect();
        let result = sync_core::count::count(&bundle.material(), &orders, &joined.secret, &mut |_, _| ());
        result.expect("a result").bytes().to_vec()
    }
}

impl Default for Office {
    fn default() -> Self {
        Self::new()
    }
}

/// Imports a round and prints its slips.
async fn draft(
    centre: &Centre,
    roster: &roster::Roster,
    choices: Choices,
) -> (RoundId, BTreeMap<UnitCode, Vec<PermitCode>>) {
    let round = centre.import(roster, choices).await.expect("a draft").id;
    let mut slips = centre.draw_slips(&round, &[]).await.expect("slips");
    centre.confirm_slips(&round, &slips).await.expect("kept");
    let codes = slips.iter_mut().map(|s| (s.unit.clone(), std::mem::take(&mut s.codes))).collect();
    (round, codes)
}

/// Types the digits that a tablet's own sheet has, as a paper would show them.
///
/// # Panics
/// If it has no sheet of the unit.
pub fn compare_with_itself(tablet: &mut Tablet<FileStore>, unit: &UnitCode) {
    let paper = fingerprint::groups(&tablet.sheet_hash(unit).expect("a sheet").0);
    tablet.confirm_sheet(unit, &[(0, &paper[0]), (5, &paper[5])]).expect("confirmed");
}

/// The marks of a voter: both officials get a level that follows from the number, now and then a blank line.
pub fn marks(voter: usize) -> Marks {
    let level = |n: usize| u8::try_from(n % 3).ok();
    Marks::new(vec![level(voter), if voter % 7 == 6 { None } else { level(voter / 3) }])
}

/// What the office chose for its round.
pub fn choices(mode: Mode) -> Choices {
    Choices {
        title: "Đợt thử".to_owned(),
        mode,
        levels: default_levels(),
        percent_base: Base::Collected,
        batch_min: 4,
        min_publish: 5,
        attended: vec!["T".to_owned()],
    }
}

/// The trustees' key file of a round, and three shares, two of which open.
///
/// # Panics
/// If the ceremony fails.
pub fn ceremony(round: RoundId) -> (Vec<u8>, Vec<Share>) {
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let mut ceremony = Ceremony::begin(round, 2, 3, &mut rng).expect("2 of 3");
    let shares = ceremony.shares().to_vec();
    for share in &shares {
        ceremony.read_back(share.index(), &share.reveal()).expect("read back");
    }
    (ceremony.finish(&mut rng).expect("keys").into_bytes(), shares)
}
