//! Notices of results: made when a unit is published, acknowledged by officials themselves or noted from paper.

use super::outbox::{self, Enqueued};
use super::standing::load_sheets;
use super::{Centre, Round, file_error, load_round, now};
use crate::domain::calendar::{self, Calendar, day_of, day_text, english_day, vietnamese_day};
use crate::domain::contact::{Channel, ContactKind};
use crate::domain::notice::{MOST_DAYS, Notice, Stage, Told, Way, due};
use crate::domain::outgoing::{About, Both, MessageKind, OWN_PAGE, Words};
use crate::domain::person::Role;
use crate::error::AppError;
use crate::store::notices::{self, NoticeSearch, Place};
use crate::store::{Db, StoreError, outbox as outbox_store};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use sync_core::count::{RoundResult, UnitResult};
use sync_core::id::{RoundId, UnitCode};
use time::Date;

/// File of the centre's folder whose days take the place of the built-in ones.
pub const DAYS_OFF_FILE: &str = "days-off.csv";

/// What was sent out, and what is left for letters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SendingNotices {
    /// Goes out by e-mail now.
    pub email: u32,
    /// Goes out by webhook now.
    pub webhook: u32,
    /// Was on its way, or sent, before.
    pub before: u32,
    /// Gets a letter: no other way is known.
    pub letter: u32,
}

impl Centre {
    /// The working days by which notices are due.
    ///
    /// # Errors
    /// [`AppError::File`], or code `calendar` if the file of days says something that is no day.
    pub fn calendar(&self) -> Result<Calendar, AppError> {
        calendar_of(self.folder())
    }

    /// The day on which notices are due of what is published today.
    ///
    /// # Errors
    /// [`AppError`] with code `notice_days`, or as [`Self::calendar`].
    pub fn notices_due_on(&self, working_days: u16) -> Result<Date, AppError> {
        Ok(due(&self.calendar()?, today(), check_days(working_days)?))
    }

    /// Some notices by due day, from after a place on.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn notices(
        &self,
        which: &NoticeSearch,
        after: &Place,
        limit: u32,
    ) -> Result<Vec<(Notice, Stage)>, AppError> {
        let today = today();
        let mut tx = self.begin().await?;
        let found = notices::search(&mut tx, which, today, after, limit).await?;
        Ok(found.into_iter().map(|notice| with_stage(notice, today)).collect())
    }

    /// The notice of an official.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_notice`.
    pub async fn notice(&self, round: &RoundId, official: &str) -> Result<(Notice, Stage), AppError> {
        let mut tx = self.begin().await?;
        Ok(with_stage(one(&mut tx, round, None, official).await?, today()))
    }

    /// Sends out what nobody is known to be told of and was not sent out yet, to everybody who is reached by e-mail or
    /// webhook by now. Asking again sends nothing twice.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_round`, `person_needed`, `role`.
    pub async fn send_notices(&self, round: &RoundId) -> Result<SendingNotices, AppError> {
        self.person_with(&[Role::Organiser])?;
        let mut tx = self.begin_round(round).await?;
        let stored = load_round(&mut tx, round).await?;
        let (mut done, mut after) = (SendingNotices::default(), (String::new(), String::new()));
        loop {
            let page = notices::untold(&mut tx, round, (&after.0, &after.1), super::PAGE_MAX).await?;
            let Some(last) = page.last() else { break };
            after = (last.unit.to_string(), last.official.clone());
            for notice in &page {
                match send_out(&mut tx, notice, &stored.draft.title).await? {
                    Enqueued::Now(Channel::Email) => done.email += 1,
                    Enqueued::Now(_) => done.webhook += 1,
                    Enqueued::Before => done.before += 1,
                    Enqueued::NoAddress if notice.sent.is_some() => done.before += 1,
                    Enqueued::NoAddress => done.letter += 1,
                }
            }
        }
        let detail = format!("{} by e-mail, {} by webhook", done.email, done.webhook);
        self.commit(tx, "notices_sent", round.uuid(), detail).await?;
        Ok(done)
    }

    /// The official says that they saw the own result. Saying it again is success, and changes nothing.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_notice`, `person_needed`, or `not_yours` for somebody else's.
    pub async fn acknowledge(&self, round: &RoundId, official: &str) -> Result<(Notice, Stage), AppError> {
        let person = self.person_with(&[Role::Official])?;
        if !person.officials.contains(official) {
            return Err(AppError::forbidden("not_yours", "only the official acknowledges the own result"));
        }
        let at = now();
        let told = Told { on: day_of(at), at: Some(at), way: Way::Page, by: person.login.clone() };
        self.note_told(round, None, official, told).await
    }

    /// The office or the unit notes that the official signed a printed notice on some day. What is known already stays.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_notice`, `person_needed`, `role`, or `told_on` for a day that cannot be.
    pub async fn note_signed(
        &self,
        round: &RoundId,
        unit: &str,
        official: &str,
        on: Date,
    ) -> Result<(Notice, Stage), AppError> {
        let person = self.person_with(&[Role::Organiser, Role::Unit])?;
        let told = Told { on, at: None, way: Way::Paper, by: person.login.clone() };
        self.note_told(round, Some(unit), official, told).await
    }

    async fn note_told(
        &self,
        round: &RoundId,
        unit: Option<&str>,
        official: &str,
        told: Told,
    ) -> Result<(Notice, Stage), AppError> {
        let today = today();
        let mut tx = self.begin_follow_up(round).await?;
        let notice = one(&mut tx, round, unit, official).await?;
        if notice.told.is_some() {
            return Ok(with_stage(notice, today));
        }
        notice.may_be_told(told.on, today).map_err(|error| AppError::unprocessable("told_on", error))?;
        if notices::tell(&mut tx, &notice, &told).await? {
            outbox::not_needed(&mut tx, &notice).await?;
            let detail = format!("{official} told on {} by {}", day_text(told.on), told.way.code());
            self.commit(tx, "notice_acknowledged", &notice.unit, detail).await?;
            return Ok(with_stage(Notice { told: Some(told), ..notice }, today));
        }
        // Somebody else noted it at the same moment.
        drop(tx);
        self.notice(round, official).await
    }
}

/// What publication tells the officials of some units.
pub(super) struct Announcement<'a> {
    pub round: &'a Round,
    pub result: &'a RoundResult,
    /// What stood in the results that the units were published by before.
    pub before: &'a BTreeMap<UnitCode, &'a UnitResult>,
    pub calendar: &'a Calendar,
    pub working_days: u16,
    /// Day of publication.
    pub made_on: Date,
}

impl Announcement<'_> {
    /// Makes the notices of a unit. Who was told the same figures before is not told again.
    pub async fn make(&self, db: &mut Db, unit: &UnitCode) -> Result<(), AppError> {
        let found = self.result.units.iter().find(|part| part.unit == *unit);
        let part = found.ok_or(StoreError::Damaged { what: "result" })?;
        if self.before.get(unit).is_some_and(|before| tells_the_same(before, part)) {
            return Ok(());
        }
        let sheets = load_sheets(db, &self.round.id, unit).await?;
        let sheet = sheets.get(&part.sheet).ok_or(StoreError::Damaged { what: "sheet" })?;
        let made_on = self.made_on;
        let due_on = due(self.calendar, made_on, self.working_days);
        for official in &sheet.officials {
            let notice = Notice {
                round: self.round.id,
                unit: unit.clone(),
                official: official.code.clone(),
                order: self.result.number,
                name: official.name.clone(),
                post: official.post.clone(),
                made_on,
                due_on,
                sent: None,
                told: None,
            };
            notices::make(db, &notice).await?;
            send_out(db, &notice, &self.round.draft.title).await?;
        }
        Ok(())
    }
}

/// What the message of a notice is: there is one with it, however often somebody has it sent.
pub(super) fn key(Notice { round, unit, official, order, .. }: &Notice) -> String {
    format!("notice/{}/{unit}/{official}/{order}", round.uuid())
}

/// Has a notice sent to where its official is reached. What waits of an earlier result is given up.
async fn send_out(db: &mut Db, notice: &Notice, title: &str) -> Result<Enqueued, AppError> {
    let Notice { round, unit, official, order, .. } = notice;
    let key = key(notice);
    let told = "a later result took its place";
    outbox_store::withdraw(db, (round, unit, official), &key, now(), told).await?;
    let about = About {
        round: Some(*round),
        unit: Some(unit.clone()),
        official: Some(official.clone()),
        order: Some(*order),
    };
    let to = (ContactKind::Official, official.as_str());
    outbox::enqueue(db, &key, MessageKind::Notice, about, to, words(notice, title)).await
}

/// What a notice says where others may read it: that a result waits, and where. Never the result.
fn words(notice: &Notice, title: &str) -> Words {
    let (made, made_en) = (vietnamese_day(notice.made_on), english_day(notice.made_on));
    let (due, due_en) = (vietnamese_day(notice.due_on), english_day(notice.due_on));
    let subject = Both::new("Kết quả lấy phiếu đang chờ đồng chí xem", "Your result waits for you");
    let lines = vec![
        Both::new(
            &format!("Kết quả lấy phiếu của đồng chí trong “{title}” đã được công bố ngày {made}."),
            &format!("Your result of “{title}” was published on {made_en}."),
        ),
        Both::new(
            &format!("Đề nghị đồng chí đăng nhập để xem và báo đã nhận trước hết ngày {due}."),
            &format!("Please sign in, read it and say that you saw it by the end of {due_en}."),
        ),
        Both::new(
            "Tin này không chứa kết quả. Ai không có tài khoản thì nhận thư có mã tại văn phòng.",
            "This message does not hold the result. Without an account, ask the office for a letter with a code.",
        ),
    ];
    Words::new(&subject, lines, Some(OWN_PAGE))
}

/// Whether two results of a unit say the same to its officials.
fn tells_the_same(before: &UnitResult, now: &UnitResult) -> bool {
    let told = |part: &UnitResult| (part.sheet, part.valid, part.invalid_ballots(), part.lines.clone());
    told(before) == told(now)
}

/// A number of working days as people give it.
///
/// # Errors
/// [`AppError`] with code `notice_days`.
pub(super) fn check_days(days: u16) -> Result<u16, AppError> {
    if (1..=MOST_DAYS).contains(&days) {
        return Ok(days);
    }
    let detail = format!("officials are told within 1 to {MOST_DAYS} working days");
    Err(AppError::unprocessable("notice_days", detail))
}

/// Today, where the district is.
pub(super) fn today() -> Date {
    day_of(now())
}

fn with_stage(notice: Notice, today: Date) -> (Notice, Stage) {
    let stage = notice.stage(today);
    (notice, stage)
}

async fn one(db: &mut Db, round: &RoundId, unit: Option<&str>, official: &str) -> Result<Notice, AppError> {
    load_round(db, round).await?;
    let found = notices::of_official(db, round, official).await?.into_iter();
    let mut of_unit = found.filter(|notice| unit.is_none_or(|unit| notice.unit.as_str() == unit));
    let none = "there is no notice for this official: the unit is not published yet, or the code is another";
    of_unit.next().ok_or_else(|| AppError::not_found("unknown_notice", none))
}

/// The days off of the centre in a folder, or the built-in ones.
pub(crate) fn calendar_of(folder: &Path) -> Result<Calendar, AppError> {
    let path = folder.join(DAYS_OFF_FILE);
    let failed = |source| file_error("cannot read", &path, source);
    let file = match std::fs::File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Calendar::built_in()),
        Err(error) => return Err(failed(error)),
    };
    let mut text = String::new();
    file.take(calendar::FILE_MAX).read_to_string(&mut text).map_err(failed)?;
    text.parse().map_err(|error| AppError::unprocessable("calendar", format!("{}: {error}", path.display())))
}
