//! A device whose key the test holds, so that it can send anything.

use crate::office::{Office, unit};
use crate::server::{Answer, Server, post};
use client_ffi::transport::{Http, Transport};
use homphieu_server::service::InviteScope;
use sync_core::ballot::Record;
use sync_core::cbor;
use sync_core::cose::{SecretKey, Signed};
use sync_core::device::device_id;
use sync_core::enrol::{EnrolRequest, EnrolToken, Enrolment};
use sync_core::envelope::{Batch, Chain, Sealer, SignedEnvelope};
use sync_core::id::{DeviceId, SheetHash};
use sync_core::message::{Have, Item, ItemKind, Message, Request};
use sync_core::package::{Package, Sheet};

/// A device whose key the test holds.
pub struct Device {
    /// Its signing key.
    pub key: SecretKey,
    /// Its id.
    pub id: DeviceId,
    /// Its certificate.
    pub certificate: Vec<u8>,
    /// The package.
    pub package: Signed<Package>,
    /// The sheet of its first unit, or any that the test lets it have.
    pub sheet: Option<Sheet>,
}

/// An envelope as an item.
pub fn item(envelope: &SignedEnvelope) -> Item {
    Item::new(ItemKind::Envelope, envelope.bytes())
}

impl Device {
    /// Enrols a device for units, or as a courier if there are none.
    ///
    /// # Panics
    /// If it is refused.
    pub fn enrol(office: &Office, server: &Server, units: &[&str]) -> Self {
        Self::enrol_as("Máy", office, server, units)
    }

    /// The same under a label.
    ///
    /// # Panics
    /// If it is refused.
    pub fn enrol_as(label: &str, office: &Office, server: &Server, units: &[&str]) -> Self {
        let scope = match units {
            [] => InviteScope::Courier,
            units => InviteScope::Units(units.iter().map(ToString::to_string).collect()),
        };
        let token = office
            .on_centre(async |centre| centre.invite(&office.round, &scope, label, &server.address).await)
            .expect("a token");
        let parsed = EnrolToken::parse(&token.to_text()).expect("a token");
        let key = SecretKey::from_seed(&homphieu_server::service::random());
        let seal = homphieu_server::service::random();
        let enrol = EnrolRequest { secret: parsed.secret.clone(), sign: key.public(), seal };
        let body = Signed::sign(enrol, &key).into_bytes();
        let answer = Http::new(&server.address).post("/api/v1/enrol", &body).expect("enrolled");
        let answer: Enrolment = cbor::decode(&answer).expect("an enrolment");
        let sheet = answer.items.iter().find(|item| item.kind == ItemKind::Sheet);
        Self {
            id: device_id(&key.public(), &seal),
            key,
            certificate: answer.certificate,
            package: Package::open(&answer.package).expect("a package"),
            sheet: sheet.map(|item| cbor::decode(&item.bytes).expect("a sheet")),
        }
    }

    /// The same device once more.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self {
            key: SecretKey::from_seed(&self.key.seed()),
            id: self.id,
            certificate: self.certificate.clone(),
            package: self.package.clone(),
            sheet: self.sheet.clone(),
        }
    }

    /// A message that asks for everything and gives nothing.
    pub fn message(&self, code: &str) -> Message {
        let mut message = Message::new(self.package.hash(), unit(code));
        message.have = Some(Have::default());
        message
    }

    /// A message as a signed request.
    pub fn request(&self, message: &Message, certificate: Option<Vec<u8>>) -> Vec<u8> {
        let request = Request { device: self.id, nonce: [1; 8], certificate, message: cbor::encode(message) };
        Signed::sign(request, &self.key).into_bytes()
    }

    /// Sends a message.
    pub fn send(&self, server: &Server, message: &Message) -> Answer {
        post(&server.address, "/api/v1/sync", &self.request(message, None))
    }

    /// Sends items; the answer must be one.
    ///
    /// # Panics
    /// If it is refused as a whole.
    pub fn give(&self, server: &Server, code: &str, give: Vec<Item>) -> Message {
        let mut message = self.message(code);
        message.give = give;
        let answer = self.send(server, &message);
        assert_eq!((answer.status, answer.kind.as_str()), (200, "application/cbor"), "{}", answer.code());
        cbor::decode(&answer.body).expect("a message")
    }

    /// An envelope with one ballot that nobody can open; the centre cannot know.
    ///
    /// # Panics
    /// Without a sheet.
    pub fn envelope(&self, code: &str, chain: &Chain, fill: u8, closing: bool) -> (SignedEnvelope, Chain) {
        let sheet = self.sheet.as_ref().expect("a sheet");
        self.envelope_of(code, chain, (sheet.hash(), sheet.record_len()), fill, closing)
    }

    /// The same under any sheet, with a ballot of any length.
    ///
    /// # Panics
    /// If no ballot has that length.
    pub fn envelope_of(
        &self,
        code: &str,
        chain: &Chain,
        (sheet, record_len): (SheetHash, usize),
        fill: u8,
        closing: bool,
    ) -> (SignedEnvelope, Chain) {
        let record = Record::from_slice(&vec![fill; record_len]).expect("a record");
        let batch = Batch::new(record_len, vec![record]).expect("a batch");
        let unit = unit(code);
        let sealer =
            Sealer { package: self.package.hash(), unit: &unit, sheet, device: self.id, key: &self.key };
        sealer.seal(chain, batch, closing).expect("sealed")
    }
}
