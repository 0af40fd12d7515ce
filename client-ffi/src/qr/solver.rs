//! Fragments from sums of fragments: linear equations over single bits, solved as they come in.
//!
//! Each kept row has a fragment of its own, its pivot, that no row with a higher pivot contains. A new row is reduced by
//! the kept ones; what is left is kept under its first fragment. So a row is kept only if it says something new, there
//! are never more rows than fragments, and as many rows as fragments are always enough.

use super::QrError;

/// Bits in a word of a row.
const BITS: usize = u64::BITS as usize;

/// One equation: which fragments are added, and their sum.
#[derive(Clone)]
struct Row {
    fragments: Box<[u64]>,
    sum: Vec<u8>,
}

/// The equations of one series.
pub(super) struct Solver {
    /// By pivot.
    rows: Vec<Option<Row>>,
    known: usize,
}

impl Solver {
    /// For a series of `count` fragments.
    pub(super) fn new(count: usize) -> Self {
        Self { rows: vec![None; count], known: 0 }
    }

    /// Rows that say something new; all fragments follow once there are as many as fragments.
    pub(super) fn known(&self) -> usize {
        self.known
    }

    /// Whether every fragment follows.
    pub(super) fn solved(&self) -> bool {
        self.known == self.rows.len()
    }

    /// Takes an equation: `fragments` are below the count, and every sum has one length. Gives whether it was new.
    ///
    /// # Errors
    /// [`QrError::Contradiction`] if it follows from the others that it is wrong, or that one of them is.
    pub(super) fn add(&mut self, fragments: &[usize], sum: Vec<u8>) -> Result<bool, QrError> {
        let mut row = Row { fragments: vec![0; self.rows.len().div_ceil(BITS)].into(), sum };
        for fragment in fragments {
            row.fragments[fragment / BITS] ^= 1 << (fragment % BITS);
        }
        while let Some(first) = row.first() {
            match &self.rows[first] {
                Some(kept) => row.subtract(kept),
                None => {
                    self.rows[first] = Some(row);
                    self.known += 1;
                    return Ok(true);
                }
            }
        }
        if row.sum.iter().all(|byte| *byte == 0) { Ok(false) } else { Err(QrError::Contradiction) }
    }

    /// Every fragment, one after the other; `None` while some do not follow.
    pub(super) fn solve(mut self) -> Option<Vec<u8>> {
        if !self.solved() {
            return None;
        }
        // From the last pivot up: below a row everything is a single fragment already.
        for pivot in (0..self.rows.len()).rev() {
            let mut row = self.rows[pivot].take()?;
            while let Some(other) = row.first_after(pivot) {
                row.subtract(self.rows[other].as_ref()?);
            }
            self.rows[pivot] = Some(row);
        }
        Some(self.rows.into_iter().flatten().flat_map(|row| row.sum).collect())
    }
}

impl Row {
    fn first(&self) -> Option<usize> {
        let word = self.fragments.iter().position(|word| *word != 0)?;
        Some(word * BITS + self.fragments[word].trailing_zeros() as usize)
    }

    fn first_after(&self, pivot: usize) -> Option<usize> {
        let start = pivot + 1;
        let (word, bit) = (start / BITS, start % BITS);
        let rest = self.fragments.get(word)? & (u64::MAX << bit);
        let words = std::iter::once(rest).chain(self.fragments[word + 1..].iter().copied());
        let (place, word) = (word..).zip(words).find(|(_, word)| *word != 0)?;
        Some(place * BITS + word.trailing_zeros() as usize)
    }

    fn subtract(&mut self, other: &Self) {
        for (mine, theirs) in self.fragments.iter_mut().zip(&other.fragments) {
            *mine ^= theirs;
        }
        for (mine, theirs) in self.sum.iter_mut().zip(&other.sum) {
            *mine ^= theirs;
        }
    }
}
