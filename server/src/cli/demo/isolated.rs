//! The unit that never reaches a network: its four tablets have each other, a stick, and their screens. Two couriers come
//! by, one takes a file and one films a screen; receipts and the end of the round come back the same ways.
//!
//! After each step every tablet is asked where its ballots are, and what it says is compared with what is so.

use super::DemoError;
use super::field::Machine;
use super::hall_network;
use super::look::Look;
use super::plan::{Fate, UnitPlan, below};
use crate::cli::lang::language;
use client_ffi::qr::{Decoder, Encoder, Received};
use client_ffi::store::FileStore;
use client_ffi::transport::Http;
use client_ffi::{NextStep, Tablet};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use std::path::PathBuf;
use sync_core::parcel::Recipient;

/// Of a hundred codes on a screen, so many are not read.
const UNREAD: usize = 20;
/// Codes after which whoever films gives up.
const CODES_MAX: usize = 4_000;

/// What happened, and what each tablet said afterwards.
pub(super) struct Scene {
    pub what: String,
    /// By place of the tablet in its unit.
    pub looks: Vec<Look>,
    /// What the couriers that took part say, each with its name.
    pub couriers: Vec<(String, NextStep)>,
}

/// The way of the unit's ballots.
pub(super) struct Journey {
    /// Code and name of the unit.
    pub unit: String,
    machines: Vec<Machine>,
    /// Ballots that were cast on each tablet.
    cast: Vec<usize>,
    /// Names of the tablets.
    labels: Vec<String>,
    stick: PathBuf,
    rng: ChaCha20Rng,
    pub scenes: Vec<Scene>,
    /// What a tablet said that is not so.
    pub wrong: Vec<String>,
}

/// Where the ballots of one tablet are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// With other tablets too.
    Elsewhere,
    /// At the centre, and the tablet knows it.
    Centre,
    /// Counted, and deleted on the tablet.
    Gone,
}

impl Journey {
    /// The journey of the unit without a network after its meeting: its boxes are closed, and its tablets have met.
    pub fn begin(
        plan: &[UnitPlan],
        machines: &[Machine],
        voting: &[[Look; 2]],
        stick: PathBuf,
        seed: u64,
    ) -> Result<Self, DemoError> {
        let place = plan.iter().position(UnitPlan::is_isolated);
        let place = place.ok_or_else(|| DemoError::Other("no unit is without a network".to_owned()))?;
        std::fs::create_dir_all(&stick)?;
        let mut machines: Vec<Machine> =
            machines.iter().filter(|machine| machine.fate == Fate::Isolated).cloned().collect();
        machines.sort_by_key(|machine| machine.place);
        let mut voting = voting.to_vec();
        voting.sort_by_key(|[halfway, _]| halfway.place);
        let (halfway, closed): (Vec<Look>, Vec<Look>) =
            voting.into_iter().map(|[halfway, closed]| (halfway, closed)).unzip();
        let name = machines[0].open()?.status()?.units.into_iter().next().map(|unit| unit.name);
        let mut journey = Self {
            unit: format!("{} – {}", plan[place].code, name.unwrap_or_default()),
            cast: (0..machines.len()).map(|tablet| ballots_on(&plan[place], tablet)).collect(),
            labels: closed.iter().map(|look| look.label.clone()).collect(),
            machines,
            stick,
            rng: ChaCha20Rng::seed_from_u64(seed ^ 0x5c0e),
            scenes: Vec::new(),
            wrong: Vec::new(),
        };
        journey.voting(halfway, closed);
        journey.look(tr!("demo-way-hall"), [At::Elsewhere; 4], &[])?;
        Ok(journey)
    }

    /// One tablet, by its place.
    fn tablet(&self, place: usize) -> Result<Tablet<FileStore>, DemoError> {
        self.machines[place].open()
    }

    fn label(&self, place: usize) -> &str {
        &self.labels[place]
    }

    /// What the tablets said while people voted.
    fn voting(&mut self, halfway: Vec<Look>, closed: Vec<Look>) {
        for look in &halfway {
            let only_here = self.cast[look.place] / 2;
            let here =
                look.counts.in_box + look.counts.sealed == only_here && only_here == look.counts.cast();
            let right = here && !look.closed && look.next == NextStep::GoOn { only_here };
            self.expect(right, look);
        }
        for look in &closed {
            let only_here = self.cast[look.place];
            let sealed = look.counts.sealed == only_here && only_here == look.counts.cast();
            let right = sealed && look.closed && look.next == NextStep::HandOver { only_here };
            self.expect(right && look.handed_to.is_empty(), look);
        }
        self.scenes.push(Scene { what: tr!("demo-way-half"), looks: halfway, couriers: Vec::new() });
        self.scenes.push(Scene { what: tr!("demo-way-closed"), looks: closed, couriers: Vec::new() });
    }

    /// Asks every tablet, and compares. `carriers`: by place, whom else that tablet must know to have its ballots.
    fn look(&mut self, what: String, at: [At; 4], carriers: &[(usize, &str)]) -> Result<(), DemoError> {
        let mut looks = Vec::with_capacity(self.machines.len());
        for (place, at) in at.into_iter().enumerate() {
            let look = Look::at(&self.tablet(place)?, &self.machines[place])?;
            let (all, counts) = (self.cast[place], look.counts);
            let right = counts.cast() == all
                && look.closed
                && match at {
                    At::Elsewhere => {
                        let known = |(of, who): &(usize, &str)| {
                            *of != place || look.handed_to.iter().any(|l| l == who)
                        };
                        counts.handed_over == all
                            && look.next == NextStep::WaitForReceipt { unconfirmed: all }
                            && !look.handed_to.is_empty()
                            && carriers.iter().all(known)
                    }
                    At::Centre => counts.confirmed == all && look.next == NextStep::Keep,
                    At::Gone => counts.finished == all && look.next == NextStep::PutAway,
                };
            self.expect(right, &look);
            looks.push(look);
        }
        self.scenes.push(Scene { what, looks, couriers: Vec::new() });
        Ok(())
    }

    /// Asks couriers what they would do next, and compares: either all carry the unit's envelopes to the centre, or all
    /// have brought everything there.
    fn ask(&mut self, couriers: &[&Tablet<FileStore>], delivered: bool) -> Result<(), DemoError> {
        let held =
            self.tablet(0)?.replica(&self.machines[0].code).map_or(0, |replica| replica.envelopes().count());
        let right = if delivered { NextStep::Collect } else { NextStep::Deliver { envelopes: held } };
        for courier in couriers {
            let (name, next) = (name_of(courier)?, courier.status()?.next);
            if next != right {
                self.wrong.push(format!("{name}: {}", next.text(language())));
            }
            if let Some(scene) = self.scenes.last_mut() {
                scene.couriers.push((name, next));
            }
        }
        Ok(())
    }

    fn expect(&mut self, right: bool, look: &Look) {
        if !right {
            self.wrong.push(format!("{}: {}", look.label, look.ballots()));
        }
    }

    /// Tablets of the unit meet in a network of their own.
    fn meet(&self, places: &[usize]) -> Result<(), DemoError> {
        let tablets = places.iter().map(|place| self.tablet(*place)).collect::<Result<_, _>>()?;
        hall_network::meet(tablets).map(drop)
    }

    /// A file goes from one device to another.
    fn by_stick(&self, name: &str, parcel: &[u8], to: &mut Tablet<FileStore>) -> Result<(), DemoError> {
        let file = self.stick.join(format!("{name}.hpgoi"));
        std::fs::write(&file, parcel)?;
        let report = to.import(&std::fs::read(&file)?)?;
        let whole = report.unreadable == 0 && report.units.values().all(|unit| unit.refused.is_empty());
        if whole {
            Ok(())
        } else {
            Err(DemoError::Other(format!("{} was not taken: {report:?}", file.display())))
        }
    }

    /// One device shows codes that change, another films them and misses some. How many were shown, and how many read.
    fn by_screen(&mut self, parcel: &[u8], to: &mut Tablet<FileStore>) -> Result<(usize, usize), DemoError> {
        let other = |error: client_ffi::qr::QrError| DemoError::Other(error.to_string());
        let mut camera = Decoder::new();
        let (mut shown, mut read) = (0, 0);
        for frame in Encoder::new(parcel).map_err(other)?.take(CODES_MAX) {
            shown += 1;
            if below(&mut self.rng, 100) < UNREAD {
                continue;
            }
            read += 1;
            if camera.receive(frame.text()).map_err(other)? == Received::Complete {
                break;
            }
        }
        let parcel =
            camera.bytes().ok_or_else(|| DemoError::Other("a series of codes was not read".to_owned()))?;
        to.import(parcel)?;
        Ok((shown, read))
    }

    /// Out: a file to one courier, a series of codes to another; both reach the centre; what it says comes back by file,
    /// by codes, and over the hall's own network.
    pub fn travel(
        &mut self,
        with_stick: &mut Tablet<FileStore>,
        with_camera: &mut Tablet<FileStore>,
        http: &Http,
    ) -> Result<(), DemoError> {
        let (one, two) = (0, 1);
        let (stick, camera) = (name_of(with_stick)?, name_of(with_camera)?);
        let everywhere = [At::Elsewhere; 4];

        let mut tablet = self.tablet(one)?;
        self.by_stick("out", &tablet.export(Recipient::Centre)?, with_stick)?;
        self.by_stick("word", &with_stick.acknowledge()?, &mut tablet)?;
        drop(tablet);
        let what = tr!("demo-way-stick", tablet = self.label(one), courier = stick.as_str());
        self.look(what, everywhere, &[(one, &stick)])?;
        self.ask(&[with_stick], false)?;

        let mut tablet = self.tablet(two)?;
        let (shown, read) = self.by_screen(&tablet.export(Recipient::Centre)?, with_camera)?;
        self.by_screen(&with_camera.acknowledge()?, &mut tablet)?;
        drop(tablet);
        let what = tr!(
            "demo-way-screen",
            tablet = self.label(two),
            courier = camera.as_str(),
            shown = shown,
            read = read
        );
        self.look(what, everywhere, &[(one, &stick), (two, &camera)])?;
        self.ask(&[with_camera], false)?;

        with_stick.sync(http)?;
        with_camera.sync(http)?;
        self.look(tr!("demo-way-centre"), everywhere, &[(one, &stick), (two, &camera)])?;
        self.ask(&[with_stick, with_camera], true)?;

        let mut tablet = self.tablet(one)?;
        self.by_stick("back", &with_stick.export(Recipient::Anyone)?, &mut tablet)?;
        drop(tablet);
        let what = tr!("demo-way-stick-back", tablet = self.label(one), courier = stick.as_str());
        self.look(what, [At::Centre, At::Elsewhere, At::Elsewhere, At::Elsewhere], &[])?;

        let mut tablet = self.tablet(two)?;
        self.by_screen(&with_camera.export(Recipient::Anyone)?, &mut tablet)?;
        drop(tablet);
        let what = tr!("demo-way-screen-back", tablet = self.label(two), courier = camera.as_str());
        self.look(what, [At::Centre, At::Centre, At::Elsewhere, At::Elsewhere], &[])?;

        self.meet(&[one, 2, 3])?;
        self.look(tr!("demo-way-hall-back", tablet = self.label(one)), [At::Centre; 4], &[])
    }

    /// The round is finished; its word comes by stick to one tablet, which tells the others. How many tablets hold nothing
    /// of the round any more.
    pub fn finish(&mut self, with_stick: &mut Tablet<FileStore>) -> Result<usize, DemoError> {
        let mut tablet = self.tablet(0)?;
        self.by_stick("end", &with_stick.export(Recipient::Anyone)?, &mut tablet)?;
        drop(tablet);
        self.meet(&[0, 1, 2, 3])?;
        self.look(tr!("demo-way-end"), [At::Gone; 4], &[])?;
        let last = self.scenes.last().map(|scene| scene.looks.as_slice()).unwrap_or_default();
        Ok(last.iter().filter(|look| look.next == NextStep::PutAway).count())
    }

    /// Tablets of the unit, and how many were confirmed and said the truth at every step.
    pub fn found(&self) -> (usize, usize) {
        let honest = |label: &&String| !self.wrong.iter().any(|wrong| wrong.starts_with(label.as_str()));
        (self.labels.len(), self.labels.iter().filter(honest).count())
    }
}

fn name_of(courier: &Tablet<FileStore>) -> Result<String, DemoError> {
    Ok(courier.status()?.label.unwrap_or_default())
}

fn ballots_on(unit: &UnitPlan, tablet: usize) -> usize {
    let first = unit.voters.iter().filter(|voter| voter.tablet == tablet).count();
    let again =
        unit.voters.iter().filter(|voter| voter.again.as_ref().is_some_and(|(t, _)| *t == tablet)).count();
    first + again
}
