//! A hall in which people vote on pages: a centre, and what the people have on paper.

use crate::door::Door;
use crate::office::{Office, unit};
use crate::server::{Server, program};
use serde_json::{Value, json};
use sync_core::fingerprint;
use sync_core::package::Mode;

/// A centre, and what people in a hall have on paper.
pub struct Hall {
    /// The office.
    pub office: Office,
    /// Its centre.
    pub server: Server,
    /// What is told and given to people, for the scripts.
    pub paper: Value,
}

/// Where the pages have their tablets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place {
    /// In the browser: the page is the centre's.
    Browser,
    /// In the kiosk of the machine, over the native store. It reaches the centre by a door that scripts close.
    Kiosk,
}

impl Hall {
    /// The small office, open for voting.
    ///
    /// # Panics
    /// If anything of it fails.
    pub fn new(mode: Mode, place: Place) -> Self {
        Self::of(Office::with(mode, true), place)
    }

    /// The same with another office.
    ///
    /// # Panics
    /// If anything of it fails.
    pub fn of(office: Office, place: Place) -> Self {
        let server = Server::start(&office.folder());
        let closed = office.folder().with_extension("closed");
        let target = server.address.strip_prefix("http://").expect("plain HTTP").parse().expect("an address");
        let door = (place == Place::Kiosk).then(|| Door::to(target, closed.clone()));
        let address = door.as_ref().map_or(&server.address, |door| &door.address);
        // The paper has these digits and names; here they are taken from another tablet of the unit.
        let other = office.tablet("other", &["A"], &server.address);
        let attended = office.tablet("attended", &["T"], &server.address);
        let sheet = other.sheet(&unit("A")).expect("a sheet");
        let officials: Vec<&str> = sheet.officials.iter().map(|official| official.name.as_str()).collect();
        let slip = |code: &str, voter: usize| office.slips[&unit(code)][voter].reveal().to_string();
        let token = || office.token(&["A"], address);
        let paper = json!({
            "address": server.address,
            "token": token(),
            "other": token(),
            "tokens": [token(), token(), token()],
            "attended": office.token(&["T"], &server.address),
            "attended_digits": fingerprint::groups(&attended.sheet_hash(&unit("T")).expect("a sheet").0),
            "attended_officials": ["Nguyễn Năm", "Hoàng Sáu"],
            "digits": fingerprint::groups(&other.sheet_hash(&unit("A")).expect("a sheet").0),
            "officials": officials,
            "levels": other.package().expect("a package").value().levels.len(),
            "slips": (0..8).map(|voter| slip("A", voter)).collect::<Vec<_>>(),
            "foreign": slip("S", 0),
            "kiosk": door.as_ref().map(|_| json!({ "program": program(), "closed": closed })),
        });
        Self { office, server, paper }
    }

    /// Ballots that the centre holds.
    ///
    /// # Panics
    /// If its database cannot be read.
    pub fn ballots(&self) -> i64 {
        self.office.on_database(async |db: &mut sqlx::AnyConnection| {
            let sum = "SELECT CAST(coalesce(sum(ballots), 0) AS BIGINT) FROM envelope";
            sqlx::query_scalar(sum).fetch_one(db).await.expect("a sum")
        })
    }
}
