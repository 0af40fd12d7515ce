//! Double entry of a paper count: two persons enter the numbers of one box, and only what both say is sealed.
//!
//! ```text
//!            first                second, equal              seal
//!   Empty ──────────▶ First ─────────────────────▶ Agreed ─────────▶ Sealed
//!     ▲                 │ second, different          ▲
//!     │                 ▼                            │ correct, now equal
//!     │             Differing ───────────────────────┘
//!     │               │   ▲
//!     │               └───┘ correct, still different
//!     └── discard: from First, Differing and Agreed
//! ```
//!
//! The second person never sees the first entry: nothing gives it out before both are there. On a difference both are
//! shown where they differ, one is kept, and the other person corrects the own entry there, and only there. The numbers
//! lie on the tablet alone until they are sealed.

use super::names::PersonId;
use super::paper::{Paper, PaperCount, PaperError, PaperForm, PaperPlace, check_ballots, check_line};
use crate::cbor::{Format, FormatError, Reader, Writer};
use crate::count::Line;
use crate::id::SheetHash;
use crate::package::{OFFICIALS_MAX, VERSION};
use rand_core::CryptoRng;

/// A double entry that nobody has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Empty {
    sheet: SheetHash,
    form: PaperForm,
}

/// One person has entered the numbers. They are not given out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First {
    empty: Empty,
    entry: (PersonId, PaperCount),
}

/// Two persons have entered different numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differing {
    empty: Empty,
    entries: Box<[(PersonId, PaperCount); 2]>,
}

/// Two persons have entered the same numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    empty: Empty,
    persons: Box<[PersonId; 2]>,
    count: PaperCount,
}

/// A double entry in whatever state it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DoubleEntry {
    /// Nobody has begun.
    Empty(Empty),
    /// One entry.
    First(First),
    /// Two that differ.
    Differing(Differing),
    /// Two that agree.
    Agreed(Agreed),
}

/// What two entries come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compared {
    /// They say the same.
    Agreed(Agreed),
    /// They do not.
    Differing(Differing),
}

/// A refused step: the state as it was, and why.
pub type Refused<S> = (S, PaperError);

/// One number that the two entries have differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// Which number.
    pub cell: Cell,
    /// What the first entry says.
    pub first: u32,
    /// What the second entry says.
    pub second: u32,
}

/// A number of a paper count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    /// Valid ballots.
    Valid,
    /// Invalid ballots.
    Invalid,
    /// An official's ballots of one level, both from 0.
    Level(usize, usize),
    /// An official's invalid lines.
    InvalidLine(usize),
}

/// Numbers that belong together and are corrected together, because they add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Correction {
    /// How many ballots.
    Ballots {
        /// Valid ones.
        valid: u32,
        /// Invalid ones.
        invalid: u32,
    },
    /// The numbers of one official.
    Line {
        /// Place on the sheet, from 0.
        official: usize,
        /// The numbers.
        line: Line,
    },
}

impl Empty {
    /// A double entry for a sheet of this form.
    pub fn new(sheet: SheetHash, form: PaperForm) -> Self {
        Self { sheet, form }
    }

    /// The first person enters the numbers.
    ///
    /// # Errors
    /// Numbers that do not add up.
    pub fn first(self, person: PersonId, count: PaperCount) -> Result<First, Refused<Self>> {
        match count.check(self.form) {
            Ok(()) => Ok(First { empty: self, entry: (person, count) }),
            Err(error) => Err((self, error)),
        }
    }
}

impl First {
    /// Who entered the numbers.
    pub fn person(&self) -> PersonId {
        self.entry.0
    }

    /// A second person enters the numbers.
    ///
    /// # Errors
    /// [`PaperError::SamePerson`], or numbers that do not add up.
    pub fn second(self, person: PersonId, count: PaperCount) -> Result<Compared, Refused<Self>> {
        let checked = count.check(self.empty.form);
        let other = if person == self.entry.0 { Err(PaperError::SamePerson) } else { Ok(()) };
        match other.and(checked) {
            Ok(()) => Ok(compare(self.empty, Box::new([self.entry, (person, count)]))),
            Err(error) => Err((self, error)),
        }
    }
}

fn compare(empty: Empty, entries: Box<[(PersonId, PaperCount); 2]>) -> Compared {
    if entries[0].1 != entries[1].1 {
        return Compared::Differing(Differing { empty, entries });
    }
    let [first, second] = *entries;
    Compared::Agreed(Agreed { empty, persons: Box::new([first.0, second.0]), count: first.1 })
}

impl Differing {
    /// Who entered the numbers first, and second.
    pub fn persons(&self) -> [PersonId; 2] {
        [self.entries[0].0, self.entries[1].0]
    }

    /// Every number that differs, ascending. While the ballots differ, only those are shown: the lines cannot be
    /// settled before.
    pub fn differences(&self) -> Vec<Difference> {
        let [first, second] = [&self.entries[0].1, &self.entries[1].1];
        let mut cells = vec![
            Difference { cell: Cell::Valid, first: first.valid, second: second.valid },
            Difference { cell: Cell::Invalid, first: first.invalid, second: second.invalid },
        ];
        if !self.ballots_differ() {
            for (official, (one, other)) in first.lines.iter().zip(&second.lines).enumerate() {
                for (level, (one, other)) in one.levels.iter().zip(&other.levels).enumerate() {
                    cells.push(Difference {
                        cell: Cell::Level(official, level),
                        first: *one,
                        second: *other,
                    });
                }
                let cell = Cell::InvalidLine(official);
                cells.push(Difference { cell, first: one.invalid, second: other.invalid });
            }
        }
        cells.retain(|cell| cell.first != cell.second);
        cells
    }

    /// What the entry of one of the two says where a difference is: to keep it, the other one corrects to this.
    /// Nothing where they agree.
    pub fn kept(&self, from: PersonId, cell: Cell) -> Option<Correction> {
        let (_, count) = self.entries.iter().find(|(person, _)| *person == from)?;
        let correction = match cell {
            Cell::Valid | Cell::Invalid => Correction::Ballots { valid: count.valid, invalid: count.invalid },
            Cell::Level(official, _) | Cell::InvalidLine(official) => {
                Correction::Line { official, line: count.lines.get(official)?.clone() }
            }
        };
        self.differs(&correction).is_ok().then_some(correction)
    }

    /// One of the two corrects the own entry where both differ.
    ///
    /// # Errors
    /// [`PaperError::NotYours`], [`PaperError::Agrees`], [`PaperError::BallotsFirst`], or numbers that do not add up.
    pub fn correct(self, person: PersonId, correction: Correction) -> Result<Compared, Refused<Self>> {
        match self.corrected(person, correction) {
            Ok(entries) => Ok(compare(self.empty, entries)),
            Err(error) => Err((self, error)),
        }
    }

    fn corrected(
        &self,
        person: PersonId,
        correction: Correction,
    ) -> Result<Box<[(PersonId, PaperCount); 2]>, PaperError> {
        self.differs(&correction)?;
        let form = self.empty.form;
        let mut entries = self.entries.clone();
        let own = entries.iter_mut().find(|(by, _)| *by == person);
        let (_, own) = own.ok_or(PaperError::NotYours)?;
        match correction {
            Correction::Ballots { valid, invalid } => {
                check_ballots(valid, invalid)?;
                (own.valid, own.invalid) = (valid, invalid);
                // Lines that both have alike are never asked for again, so they must fit what both now say.
                let next = Self { empty: self.empty.clone(), entries };
                if !next.ballots_differ() {
                    next.alike_fit()?;
                }
                return Ok(next.entries);
            }
            Correction::Line { official, line } => {
                check_line(official, &line, own.valid, form)?;
                if let Some(place) = own.lines.get_mut(official) {
                    *place = line;
                }
            }
        }
        Ok(entries)
    }

    /// Whether the lines that both have alike add up to the valid ballots of the first entry.
    fn alike_fit(&self) -> Result<(), PaperError> {
        let [(_, one), (_, other)] = &*self.entries;
        let mut alike = one.lines.iter().zip(&other.lines).enumerate().filter(|(_, (a, b))| a == b);
        alike.try_for_each(|(at, (line, _))| check_line(at, line, one.valid, self.empty.form))
    }

    fn ballots_differ(&self) -> bool {
        let ballots = |count: &PaperCount| (count.valid, count.invalid);
        ballots(&self.entries[0].1) != ballots(&self.entries[1].1)
    }

    fn differs(&self, correction: &Correction) -> Result<(), PaperError> {
        let differs = match correction {
            Correction::Ballots { .. } => self.ballots_differ(),
            Correction::Line { .. } if self.ballots_differ() => return Err(PaperError::BallotsFirst),
            Correction::Line { official, .. } => {
                let line = |at: usize| self.entries[at].1.lines.get(*official);
                line(0) != line(1)
            }
        };
        if differs { Ok(()) } else { Err(PaperError::Agrees) }
    }
}

impl Agreed {
    /// Who entered the numbers first, and second.
    pub fn persons(&self) -> [PersonId; 2] {
        *self.persons
    }

    /// The numbers that both entered.
    pub fn count(&self) -> &PaperCount {
        &self.count
    }

    /// Seals the numbers by level; what is left is what the record may hold.
    ///
    /// # Errors
    /// As [`PaperCount::seal`].
    pub fn seal(
        self,
        place: &PaperPlace<'_>,
        box_key: &[u8; 32],
        rng: &mut impl CryptoRng,
    ) -> Result<Paper, Refused<Self>> {
        let [first, second] = *self.persons;
        let sealed = self.count.seal(self.empty.form, place, (first, second), box_key, rng);
        sealed.map_err(|error| (self, error))
    }
}

impl DoubleEntry {
    /// A double entry that nobody has begun.
    pub fn new(sheet: SheetHash, form: PaperForm) -> Self {
        Self::Empty(Empty::new(sheet, form))
    }

    /// The sheet that the paper ballots follow.
    pub fn sheet(&self) -> &SheetHash {
        &self.empty().sheet
    }

    /// What a count must look like.
    pub fn form(&self) -> PaperForm {
        self.empty().form
    }

    /// Back to the beginning; the numbers are gone.
    #[must_use]
    pub fn discard(self) -> Self {
        Self::Empty(self.empty().clone())
    }

    fn empty(&self) -> &Empty {
        match self {
            Self::Empty(empty) => empty,
            Self::First(first) => &first.empty,
            Self::Differing(differing) => &differing.empty,
            Self::Agreed(agreed) => &agreed.empty,
        }
    }

    fn entries(&self) -> Vec<(PersonId, &PaperCount)> {
        match self {
            Self::Empty(_) => Vec::new(),
            Self::First(first) => vec![(first.entry.0, &first.entry.1)],
            Self::Differing(both) => both.entries.iter().map(|(person, count)| (*person, count)).collect(),
            Self::Agreed(both) => both.persons.iter().map(|person| (*person, &both.count)).collect(),
        }
    }
}

impl From<Compared> for DoubleEntry {
    fn from(compared: Compared) -> Self {
        match compared {
            Compared::Agreed(agreed) => Self::Agreed(agreed),
            Compared::Differing(differing) => Self::Differing(differing),
        }
    }
}

/// As it is kept on the tablet, under a key that is destroyed with it. It never travels.
impl Format for DoubleEntry {
    const WHAT: &'static str = "double entry";
    const MAX_BYTES: usize = 16 * 1024;

    fn write(&self, w: &mut Writer) {
        let Empty { sheet, form } = self.empty();
        w.array(5).uint(VERSION).bytes(sheet.as_bytes());
        w.uint(form.officials as u64).uint(form.levels as u64);
        w.list(&self.entries(), |w, (person, count)| {
            w.array(4).bytes(&person.0).uint(count.valid).uint(count.invalid);
            w.list(&count.lines, |w, line| {
                w.array(2).list(&line.levels, |w, count| {
                    w.uint(*count);
                });
                w.uint(line.invalid);
            });
        });
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(5, VERSION, Self::WHAT)?;
        let sheet = SheetHash(r.fixed("sheet hash")?);
        let officials = r.u8(u8::MAX, "officials")?;
        let levels = r.u8(9, "levels")?;
        let form = PaperForm { officials: officials.into(), levels: levels.into() };
        let entries = r.list(2, "entries", read_entry)?;
        let mut state = Self::new(sheet, form);
        for (at, (person, count)) in entries.into_iter().enumerate() {
            state = state.read_next(at, person, count).ok_or(FormatError::Range { what: Self::WHAT })?;
        }
        Ok(state)
    }
}

impl DoubleEntry {
    fn read_next(self, at: usize, person: PersonId, count: PaperCount) -> Option<Self> {
        match self {
            Self::Empty(empty) if at == 0 && fits(&count, empty.form) => {
                Some(Self::First(First { empty, entry: (person, count) }))
            }
            Self::First(first) if person != first.person() && fits(&count, first.empty.form) => {
                let both = compare(first.empty, Box::new([first.entry, (person, count)]));
                // Where both agree, it adds up: no step leads to anything else.
                let sound = match &both {
                    Compared::Agreed(agreed) => agreed.count.check(agreed.empty.form).is_ok(),
                    Compared::Differing(differing) => {
                        differing.ballots_differ() || differing.alike_fit().is_ok()
                    }
                };
                sound.then(|| both.into())
            }
            _ => None,
        }
    }
}

/// Half-way through a correction of the ballots the lines do not add up yet, but the form is right.
fn fits(count: &PaperCount, form: PaperForm) -> bool {
    check_ballots(count.valid, count.invalid).is_ok()
        && count.lines.len() == form.officials
        && count.lines.iter().all(|line| line.levels.len() == form.levels)
}

fn read_entry(r: &mut Reader<'_>) -> Result<(PersonId, PaperCount), FormatError> {
    r.array(4, "entry")?;
    let number = |r: &mut Reader<'_>| r.u32(super::PAPER_MAX, "paper ballots");
    let person = PersonId::read(r)?;
    let (valid, invalid) = (number(r)?, number(r)?);
    let lines = r.list(OFFICIALS_MAX, "lines", |r| {
        r.array(2, "line")?;
        Ok(Line { levels: r.list(9, "levels", number)?, invalid: number(r)? })
    })?;
    Ok((person, PaperCount { valid, invalid, lines }))
}
