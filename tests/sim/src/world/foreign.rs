//! A tablet of another round of the same office, whose sticks and sessions stray into this one.

use super::World;
use crate::body::Machine;
use crate::centre::Centre;
use crate::chance::rng_for;
use crate::disk::Disk;
use client_ffi::Tablet;
use std::rc::Rc;
use sync_core::cose::{PublicKey, SecretKey, Signed};
use sync_core::device::Scope;
use sync_core::enrol::{EnrolToken, TokenSecret};
use sync_core::package::Package;
use sync_core::parcel::Recipient;

impl World {
    /// The tablet, and the key that it shows.
    pub(super) fn foreign(&mut self) -> (&Machine, PublicKey) {
        if self.foreign.is_none() {
            self.foreign = Some(self.enrol_foreign());
        }
        let (tablet, key) = self.foreign.as_ref().expect("it was just made");
        (tablet, *key)
    }

    /// What it hands over.
    pub(super) fn foreign_parcel(&mut self) -> Vec<u8> {
        self.foreign();
        let (tablet, _) = self.foreign.as_mut().expect("it was just made");
        tablet.export(Recipient::Anyone).expect("its medium works")
    }

    fn enrol_foreign(&self) -> (Machine, PublicKey) {
        let office = || SecretKey::from_seed(&self.round.centre.seed());
        let package = Package { title: "Đợt khác".to_owned(), ..self.round.package.value().clone() };
        let package = Signed::sign(package, &office());
        let sheets = self.round.units.iter().map(|unit| unit.first.clone()).collect();
        let mut centre = Centre::new(office(), package, sheets);
        let disk = Disk::new("foreign", self.notes.clone(), Rc::clone(&self.secrets));
        let mut tablet =
            Tablet::open_with(disk, rng_for(self.plan.seed, "foreign")).expect("an empty medium");
        let token = EnrolToken {
            centre: self.round.centre.public(),
            secret: TokenSecret([2; 16]),
            address: "http://127.0.0.1:1".to_owned(),
        };
        let request = tablet.enrol_request(&token.to_text()).expect("a fresh tablet");
        let unit = self.round.units[0].code.clone();
        let answer = centre.enrol(&request, &Scope::Units(vec![unit.clone()]), "foreign");
        tablet.finish_enrolment(&token.to_text(), &answer).expect("a genuine answer");
        tablet.close(&unit).expect("an empty box closes");
        let certificates = centre.books.certificates.values();
        let key = certificates.map(|certificate| certificate.value().sign).next().expect("it was enrolled");
        (tablet, key)
    }
}
