//! Letters with a one-time code: made, opened, used to acknowledge.

use super::documents::EARLIER_MAX;
use super::{Actor, Centre, Compared, load_round, now};
use crate::domain::calendar::day_of;
use crate::domain::comparison::Column;
use crate::domain::contact::Channel;
use crate::domain::figures::RoundFigures;
use crate::domain::letter::{CodeError, LetterCode, MOST_DAYS, Shut, StoredCode, WRONG_MAX};
use crate::domain::notice::{Notice, Stage, Told, Way};
use crate::domain::outgoing::About;
use crate::domain::person::Role;
use crate::error::AppError;
use crate::store::letters::{self, Owner};
use crate::store::{Db, StoreError, follow_up, notices};
use hkdf::Hkdf;
use sha2::Sha256;
use std::collections::BTreeSet;
use zeroize::Zeroizing;

use sync_core::id::RoundId;

/// Most letters that are made at once.
pub const LETTERS_MAX: usize = 5_000;
/// Seconds of a day.
const DAY: i64 = 24 * 3600;
/// Draws of one code, should others be found by the same symbols: there are 33 million.
const DRAWS_MAX: usize = 100;

/// Which letters are made; for everybody of the round who was not told, if nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LetterSearch {
    /// Only of these units.
    pub units: BTreeSet<String>,
    /// Only to these officials.
    pub officials: BTreeSet<String>,
    /// Only to those who are not reached by e-mail or webhook.
    pub without_other_way: bool,
}

/// A letter before it is written. The code lives here alone, and goes with it.
#[derive(Debug, Clone)]
pub struct Letter {
    /// What it tells of.
    pub notice: Notice,
    /// Title of the round.
    pub round_title: String,
    /// The code.
    pub code: LetterCode,
    /// First moment at which it opens nothing any more, in seconds since 1970.
    pub ends_at: i64,
}

/// What a code opens: the own result, and how its notice stands.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The notice.
    pub notice: Notice,
    /// How it stands.
    pub stage: Stage,
    /// The figures of this official and nothing else.
    pub figures: RoundFigures,
    /// The same official in the rounds that were published before, the latest first, as a printed letter tells them.
    pub earlier: Vec<Column>,
}

impl Centre {
    /// Makes letters, each with a new code that takes the place of an earlier one, and notes them as sent. Who was told
    /// already gets none.
    ///
    /// # Errors
    /// [`AppError`] with code `letter_days`, `unknown_round`, `no_letters`, `person_needed`, `role`.
    pub async fn make_letters(
        &self,
        round: &RoundId,
        which: &LetterSearch,
        days: u16,
    ) -> Result<Vec<Letter>, AppError> {
        self.person_with(&[Role::Organiser])?;
        if !(1..=MOST_DAYS).contains(&days) {
            let detail = format!("the code of a letter holds for 1 to {MOST_DAYS} days");
            return Err(AppError::unprocessable("letter_days", detail));
        }
        let (key, now) = (self.letter_key(), now());
        let ends_at = now.saturating_add(i64::from(days) * DAY);
        let mut tx = self.begin_round(round).await?;
        let title = load_round(&mut tx, round).await?.draft.title;
        let mut made = Vec::new();
        for notice in wanted(&mut tx, round, which).await? {
            let code = put(&mut tx, &notice, &key, now, ends_at).await?;
            let about = About {
                round: Some(notice.round),
                unit: Some(notice.unit.clone()),
                official: Some(notice.official.clone()),
                order: Some(notice.order),
            };
            notices::sent(&mut tx, &about, day_of(now), Channel::Letter).await?;
            made.push(Letter { notice, round_title: title.clone(), code, ends_at });
        }
        if made.is_empty() {
            let none = "nobody here waits for a letter: they were told, or their unit is not published yet";
            return Err(AppError::conflict("no_letters", none));
        }
        self.commit(tx, "letters_made", round.uuid(), format!("{} letters", made.len())).await?;
        Ok(made)
    }

    /// Opens the own result with the code of a letter. It may be opened again until it was used to acknowledge.
    ///
    /// # Errors
    /// [`AppError`] with code `letter_code_form` for what can be no code, `letter_code`, `letter_over`, `letter_used`,
    /// `letter_renewed`.
    pub async fn open_letter(&self, typed: &str) -> Result<Opened, AppError> {
        let (mut tx, notice, _) = self.judge_code(typed).await?;
        let detail = format!("{} opened the own result", notice.official);
        self.acting_for(Actor::Centre).note(&mut tx, "letter_opened", notice.unit.as_str(), &detail).await?;
        tx.commit().await.map_err(StoreError::from)?;
        let mut figures = self.figures(&notice.round).await?;
        for unit in &mut figures.units {
            unit.officials.retain(|official| official.code == notice.official);
        }
        figures.units.retain(|unit| unit.code == notice.unit.as_str() && !unit.officials.is_empty());
        if figures.units.is_empty() {
            return Err(AppError::not_found("not_published", "no result of this official is published yet"));
        }
        let rounds = self.published_before(&notice.round).await?;
        let before = &rounds[1..rounds.len().min(1 + EARLIER_MAX)];
        let earlier = self.compare(rounds[0], before, Compared::Official(&notice.official)).await?;
        let stage = notice.stage(day_of(now()));
        Ok(Opened { notice, stage, figures, earlier })
    }

    /// The official says with the code of a letter that they saw the own result; the code is used up. What is known
    /// already stays as it was.
    ///
    /// # Errors
    /// As [`Self::open_letter`].
    pub async fn acknowledge_letter(&self, typed: &str) -> Result<(Notice, Stage), AppError> {
        let (mut tx, mut notice, code) = self.judge_code(typed).await?;
        let now = now();
        if !letters::use_up(&mut tx, &code.selector(), now).await? {
            return Err(shut(Shut::Used));
        }
        if notice.told.is_none() {
            follow_up::take_turn(&mut tx, &notice.round).await?;
            let told = Told { on: day_of(now), at: Some(now), way: Way::Code, by: "letter".to_owned() };
            notices::tell(&mut tx, &notice, &told).await?;
            super::outbox::not_needed(&mut tx, &notice).await?;
            notice.told = Some(told);
        }
        let stage = notice.stage(day_of(now));
        let detail = format!("{} told by the code of a letter", notice.official);
        self.acting_for(Actor::Centre).commit(tx, "notice_acknowledged", &notice.unit, detail).await?;
        Ok((notice, stage))
    }

    /// Finds what a typed code belongs to, and whether it opens it. A wrong one is counted at what it was aimed at, also
    /// though the request is refused.
    async fn judge_code(&self, typed: &str) -> Result<(crate::store::Tx, Notice, LetterCode), AppError> {
        let code = LetterCode::parse(typed).map_err(|error| form(&error))?;
        let selector = code.selector();
        let mut tx = self.begin_write().await?;
        let Some((owner, stored)) = letters::find(&mut tx, &selector).await? else {
            return Err(shut(Shut::Wrong));
        };
        let found = notices::of_official(&mut tx, &owner.round, &owner.official).await?.into_iter();
        let notice = found.into_iter().find(|notice| notice.unit == owner.unit);
        let notice = notice.ok_or(StoreError::Damaged { what: "letter_code" })?;
        match stored.opens(&code, &self.letter_key(), notice.order, now()) {
            Ok(()) => Ok((tx, notice, code)),
            Err(Shut::Wrong) if stored.wrong < WRONG_MAX => {
                letters::wrong(&mut tx, &selector).await?;
                if stored.wrong + 1 == WRONG_MAX {
                    let centre = self.acting_for(Actor::Centre);
                    let detail = format!("{}: {WRONG_MAX} wrong tries, the code is dead", owner.official);
                    centre.note(&mut tx, "letter_code_dead", owner.unit.as_str(), &detail).await?;
                }
                tx.commit().await.map_err(StoreError::from)?;
                Err(shut(Shut::Wrong))
            }
            Err(why) => Err(shut(why)),
        }
    }

    /// Under which codes are hashed. It follows from the centre's key, which no database holds.
    fn letter_key(&self) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        let expanded = Hkdf::<Sha256>::new(None, self.inner.seal.as_slice());
        expanded.expand(b"homphieu/letter-key/1", key.as_mut_slice()).expect("32 bytes are no long output");
        key
    }
}

/// The notices for which letters are made, by unit and official.
async fn wanted(db: &mut Db, round: &RoundId, which: &LetterSearch) -> Result<Vec<Notice>, AppError> {
    let (mut wanted, mut after) = (Vec::new(), (String::new(), String::new()));
    loop {
        let page = notices::untold(db, round, (&after.0, &after.1), super::PAGE_MAX).await?;
        let Some(last) = page.last() else { return Ok(wanted) };
        after = (last.unit.to_string(), last.official.clone());
        for notice in page {
            let named = (which.units.is_empty() || which.units.contains(notice.unit.as_str()))
                && (which.officials.is_empty() || which.officials.contains(&notice.official));
            if !named || which.without_other_way && has_other_way(db, &notice.official).await? {
                continue;
            }
            wanted.push(notice);
            if wanted.len() > LETTERS_MAX {
                let detail = format!("at most {LETTERS_MAX} letters are made at once: name units");
                return Err(AppError::unprocessable("too_many_letters", detail));
            }
        }
    }
}

async fn has_other_way(db: &mut Db, official: &str) -> Result<bool, AppError> {
    let kind = crate::domain::contact::ContactKind::Official;
    let contact = crate::store::contacts::get(db, kind, official).await?;
    Ok(contact.is_some_and(|contact| contact.address().is_some()))
}

/// Draws a code for a notice and stores its hash.
async fn put(
    db: &mut Db,
    notice: &Notice,
    key: &[u8; 32],
    now: i64,
    ends_at: i64,
) -> Result<LetterCode, AppError> {
    let owner = Owner { round: notice.round, unit: notice.unit.clone(), official: notice.official.clone() };
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    for _ in 0..DRAWS_MAX {
        let code = LetterCode::draw(&mut rng);
        let stored = StoredCode { hash: code.hash(key), order: notice.order, ends_at, wrong: 0, used: false };
        if letters::put(db, &owner, &code.selector(), &stored, now).await? {
            return Ok(code);
        }
    }
    Err(AppError::Internal("no code is free for a letter".to_owned()))
}

fn form(error: &CodeError) -> AppError {
    AppError::unprocessable("letter_code_form", error)
}

fn shut(why: Shut) -> AppError {
    match why {
        Shut::Wrong => AppError::forbidden("letter_code", why),
        Shut::Over => AppError::forbidden("letter_over", why),
        Shut::Used => AppError::forbidden("letter_used", why),
        Shut::Renewed => AppError::forbidden("letter_renewed", why),
    }
}
