//! A tablet over a medium that is committed call by call, as in a browser: the power goes at every single turn, before its
//! transaction or after it. Nothing that was told or sent is lost, nothing is there twice.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use client_ffi::store::JournalStore;
use client_ffi::transport::Transport;
use client_ffi::{Acting, Earlier, SyncRun, Tablet, TabletError};
use common::{World, marks, rng, unit};
use rand_chacha::ChaCha20Rng;
use std::collections::{BTreeMap, BTreeSet};
use sync_core::open_box::InsertError;
use sync_core::record::FigureKind;

const VOTERS: usize = 14;
const CAME: u32 = 5;

/// When the power goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    Before,
    After,
}

/// The page around the core: it keeps the order of turn, transaction and word.
struct Page {
    medium: BTreeMap<String, Vec<u8>>,
    tablet: Option<Tablet<JournalStore, ChaCha20Rng>>,
    turns: usize,
    cut: Option<(usize, Cut)>,
    starts: u64,
}

/// The power went; nobody heard what became of the turn.
#[derive(Debug)]
struct Gone;

impl Page {
    fn new(cut: Option<(usize, Cut)>) -> Self {
        Self { medium: BTreeMap::new(), tablet: None, turns: 0, cut, starts: 0 }
    }

    fn turn<T>(
        &mut self,
        work: impl FnOnce(&mut Tablet<JournalStore, ChaCha20Rng>) -> Result<T, TabletError>,
    ) -> Result<Result<T, TabletError>, Gone> {
        let mut tablet = match self.tablet.take() {
            Some(tablet) => tablet,
            None => {
                self.starts += 1;
                let store = JournalStore::open(self.medium.clone()).unwrap();
                Tablet::open_with(store, rng(self.starts)).unwrap()
            }
        };
        let done = work(&mut tablet);
        let now = self.turns;
        self.turns += 1;
        let cut = self.cut.filter(|(at, _)| *at == now).map(|(_, cut)| cut);
        if cut == Some(Cut::Before) {
            return Err(Gone);
        }
        for change in tablet.store().pending() {
            match &change.bytes {
                Some(bytes) => self.medium.insert(change.key.to_string(), bytes.to_vec()),
                None => self.medium.remove(change.key.as_str()),
            };
        }
        if cut == Some(Cut::After) {
            return Err(Gone);
        }
        tablet.store_mut().committed();
        self.tablet = Some(tablet);
        Ok(done)
    }

    /// Request by request; a cut leaves it, and the next one begins anew.
    fn sync(&mut self, world: &World) -> Result<(), Gone> {
        let mut run: SyncRun = self.turn(Tablet::begin_sync)?.unwrap();
        while let Some(post) = self.turn(|tablet| run.next(tablet))?.unwrap() {
            let answer = world.post(&post.path, &post.body);
            self.turn(|tablet| run.answered(tablet, answer, &mut |_| ()))?.unwrap();
        }
        self.turn(|tablet| Ok(run.end(tablet, Some(1)))).map(drop)
    }
}

/// Enrols and compares the sheet; goes on after a cut as people do.
fn enrolled(world: &World, cut: Option<(usize, Cut)>) -> Page {
    let (mut page, a, token) = (Page::new(cut), unit("A"), world.token(b'A'));
    loop {
        let Ok(request) = page.turn(|tablet| tablet.enrol_request(&token)) else { continue };
        match request {
            Ok(request) => {
                let answer = world.post("/api/v1/enrol", &request).unwrap();
                drop(page.turn(|tablet| tablet.finish_enrolment(&token, &answer)));
            }
            Err(TabletError::Enrolled) => break,
            Err(error) => panic!("{error}"),
        }
    }
    while !page.turn(|tablet| Ok(tablet.is_confirmed(&a))).is_ok_and(Result::unwrap) {
        drop(page.turn(|tablet| {
            world.confirm(tablet, "A");
            Ok(())
        }));
    }
    page
}

/// Lets everybody vote with a sync after every fourth, closes, syncs.
fn play(world: &World, cut: Option<(usize, Cut)>) -> Page {
    let (mut page, a) = (enrolled(world, cut), unit("A"));
    let (mut voter, mut doubt) = (0, false);
    while voter < VOTERS {
        match page.turn(|tablet| tablet.cast(&a, world.permit("A", voter), &marks(voter))) {
            Ok(Ok(())) => (voter, doubt) = (voter + 1, false),
            Ok(Err(TabletError::Box(InsertError::AlreadyUsed))) if doubt => {
                (voter, doubt) = (voter + 1, false);
            }
            Ok(Err(error)) => panic!("voter {voter}: {error}"),
            Err(Gone) => doubt = true,
        }
        if voter % 4 == 0 {
            drop(page.sync(world));
        }
    }
    while page.turn(|tablet| tablet.close(&a)).is_err() {}
    while page.sync(world).is_err() {}
    page
}

#[test]
fn the_power_goes_at_every_turn_and_nothing_told_or_sent_is_lost_or_there_twice() {
    let turns = play(&World::new(7), None).turns;
    assert!(turns > VOTERS * 2, "{turns} turns");
    for at in 0..turns {
        for cut in [Cut::Before, Cut::After] {
            let world = World::new(7);
            let mut page = play(&world, Some((at, cut)));
            let counts = page.turn(|tablet| Ok(tablet.counts(&unit("A")))).unwrap().unwrap();
            assert_eq!(
                (counts.confirmed, counts.cast()),
                (VOTERS, VOTERS),
                "cut {cut:?} at {at}: {counts:?}"
            );
            let stored = world.stored.borrow();
            let numbers: BTreeSet<_> =
                stored.values().map(|envelope| (envelope.value().device, envelope.value().number)).collect();
            assert_eq!(numbers.len(), stored.len(), "cut {cut:?} at {at}: a number stands for two envelopes");
            let ballots: usize = stored.values().map(|envelope| envelope.value().ballots.len()).sum();
            assert_eq!(ballots, VOTERS, "cut {cut:?} at {at}");
        }
    }
}

/// Somebody works on the tablet: joins, sets a PIN, types it, whatever of it was done before a cut.
fn acting(page: &mut Page) -> Acting {
    let (a, pin) = (unit("A"), "4711");
    loop {
        let joined = page.turn(|tablet| tablet.join(&a, "Vàng Mí Sử"));
        let Ok(Ok(person)) = joined else { continue };
        match page.turn(|tablet| tablet.set_pin(&a, &person, None, pin)) {
            Ok(Ok(()) | Err(TabletError::PinSet)) => {}
            Ok(Err(error)) => panic!("{error}"),
            Err(Gone) => continue,
        }
        if let Ok(acts) = page.turn(|tablet| tablet.act_as(&a, &person, pin)) {
            return acts.unwrap();
        }
    }
}

/// Does something in the name of whoever works there until it is told to be done; after a cut the PIN is typed again.
fn told<T>(
    page: &mut Page,
    mut work: impl FnMut(&mut Tablet<JournalStore, ChaCha20Rng>, &Acting) -> Result<T, TabletError>,
) -> T {
    let mut acts = acting(page);
    loop {
        match page.turn(|tablet| work(tablet, &acts)) {
            Ok(done) => return done.unwrap(),
            Err(Gone) => acts = acting(page),
        }
    }
}

/// Checks people in with a sync after every third, notes a figure, and syncs.
fn meet(world: &World, cut: Option<(usize, Cut)>) -> Page {
    let mut page = enrolled(world, cut);
    for voter in 1..=CAME {
        told(&mut page, |tablet, acts| tablet.check_in(acts, voter, true));
        if voter % 3 == 0 {
            drop(page.sync(world));
        }
    }
    told(&mut page, |tablet, acts| tablet.figure(acts, FigureKind::Present, CAME, Earlier::Stands, None));
    while page.sync(world).is_err() {}
    page
}

#[test]
fn the_power_goes_at_every_turn_of_a_meeting_and_everybody_is_checked_in_once() {
    let turns = meet(&World::with_names(8), None).turns;
    assert!(turns > CAME as usize, "{turns} turns");
    for at in 0..turns {
        for cut in [Cut::Before, Cut::After] {
            let world = World::with_names(8);
            let mut page = meet(&world, Some((at, cut)));
            let here = page.turn(|tablet| tablet.record_state(&unit("A"))).unwrap().unwrap();
            let centre = world.record(&unit("A")).state();
            assert_eq!(here, centre, "cut {cut:?} at {at}: the centre has what the tablet has");
            let noted: Vec<_> =
                here.register.values().map(|voter| (voter.check_ins.len(), voter.slips.len())).collect();
            assert_eq!(noted, [(1, 1); CAME as usize], "cut {cut:?} at {at}");
            assert_eq!(here.figure(FigureKind::Present), Some(CAME), "cut {cut:?} at {at}");
        }
    }
}
