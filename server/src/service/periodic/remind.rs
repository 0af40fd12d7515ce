//! Who is to be reminded today, and the messages that do it. Each has the name of its reminder, so whoever makes them, and
//! however often, nobody is reminded twice of one thing on one day.

use super::load_setting;
use super::next::began_on;
use crate::domain::calendar::{day_of, day_text, english_day, parse_day, vietnamese_day};
use crate::domain::contact::ContactKind;
use crate::domain::outgoing::{About, Both, MessageKind, OWN_PAGE, Words};
use crate::domain::oversight::Stage;
use crate::domain::periodic::Rhythm;
use crate::domain::periodic::reminder::{Debt, Owed, Reminder, Whom, due};
use crate::domain::person::Role;
use crate::domain::plan::{PlanRow, State};
use crate::domain::state::RoundState;
use crate::domain::visit::FollowUp;
use crate::error::AppError;
use crate::service::outbox::{self, Enqueued};
use crate::service::{Actor, Centre, PAGE_MAX, PeopleSearch, now};
use crate::store::{Db, notices, plans, visits};
use std::time::Duration;
use sync_core::id::{RoundId, UnitCode};
use time::Date;

/// How often a serving centre looks whether somebody is to be reminded.
const LOOK_EVERY: Duration = Duration::from_secs(3600);

/// What became of the reminders of a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reminded {
    /// Messages that go out now.
    pub made: u32,
    /// Messages that had been made before.
    pub before: u32,
    /// Nobody noted where these are reached, or they get letters.
    pub no_address: u32,
}

/// The reminders that are due today.
#[derive(Debug, Clone)]
pub struct Reminding {
    /// Today, where the district is.
    pub today: Date,
    /// Each with the day that it belongs to.
    pub reminders: Vec<Reminder>,
}

impl Centre {
    /// Who is to be reminded today, over all rounds that count and are signed.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn reminders(&self) -> Result<Reminding, AppError> {
        self.reminders_on(day_of(now())).await
    }

    /// Who is to be reminded on a day, by what is owed now.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn reminders_on(&self, today: Date) -> Result<Reminding, AppError> {
        let rhythm: Rhythm =
            load_setting(&mut *self.inner.store.reader().await?, super::RHYTHM).await?.content;
        let (mut debts, mut last) = (Vec::new(), None);
        for round in
            self.rounds().await?.into_iter().filter(|round| round.draft.official && round.package.is_some())
        {
            debts.extend(self.debts(&round.id).await?);
            let began = began_on(&mut *self.inner.store.reader().await?, &round.id).await?;
            last = last.max(began.map(|began| (began, round.id)));
        }
        debts.extend(last.map(|(began, round)| next_after(round, began, &rhythm)));
        Ok(Reminding { today, reminders: due(&debts, &rhythm, today) })
    }

    /// Has everybody reminded who is to be today and was not yet.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn remind(&self) -> Result<Reminded, AppError> {
        let due = self.reminders().await?;
        let (inspectors, organisers) = (self.with(Role::Inspector).await?, self.with(Role::Organiser).await?);
        let mut done = Reminded::default();
        let mut tx = self.begin_write().await?;
        for reminder in &due.reminders {
            let to: Vec<(ContactKind, &str)> = match reminder.whom {
                Whom::Unit => vec![(ContactKind::Unit, reminder.debt.unit.as_str())],
                Whom::Official => vec![(ContactKind::Official, reminder.debt.which.as_str())],
                Whom::Inspectors => everybody(&inspectors),
                Whom::Organisers => everybody(&organisers),
            };
            for to in to {
                match send(&mut tx, reminder, to).await? {
                    Enqueued::Now(_) => done.made += 1,
                    Enqueued::Before => done.before += 1,
                    Enqueued::NoAddress => done.no_address += 1,
                }
            }
        }
        if done.made > 0 {
            let detail = format!("{} messages for {}", done.made, day_text(due.today));
            self.commit(tx, "reminders_made", "reminders", detail).await?;
        }
        Ok(done)
    }

    /// Logins of those with a role whose account is open.
    async fn with(&self, role: Role) -> Result<Vec<String>, AppError> {
        let which = PeopleSearch { role: Some(role), closed: Some(false), ..PeopleSearch::default() };
        let found = self.people(&which, "", PAGE_MAX).await?;
        Ok(found.into_iter().map(|(_, person)| person.login).collect())
    }

    /// Reminds from now on, until the centre closes.
    pub fn keep_reminding(&self) {
        let centre = self.acting_for(Actor::Centre);
        let task = tokio::spawn(async move {
            loop {
                match centre.remind().await {
                    Ok(done) if done.made > 0 => tracing::info!(?done, "reminders"),
                    Ok(_) => {}
                    Err(error) => tracing::warn!("reminders wait: {error}"),
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        });
        if let Some(before) = self.inner.reminding.lock().expect("no holder panics").replace(task) {
            before.abort();
        }
    }

    /// Ends reminding. Whoever was not reminded is the next time.
    pub(in crate::service) async fn stop_reminding(&self) {
        let task = self.inner.reminding.lock().expect("no holder panics").take();
        if let Some(task) = task {
            task.abort();
            drop(task.await);
        }
    }

    /// What is owed in a round and not done.
    async fn debts(&self, round: &RoundId) -> Result<Vec<Debt>, AppError> {
        let finished = self.round(round).await?.state == RoundState::Finished;
        let mut debts = Vec::new();
        let mut owe = |owed: Owed, unit: &str, which: String, since: Option<Date>, due_on: Option<Date>| {
            if let Some(due_on) = due_on {
                debts.push(Debt { owed, round: *round, unit: unit.to_owned(), which, since, due_on });
            }
        };
        for unit in &self.oversight(round).await?.units {
            // Whoever did not vote in a round that is finished cannot any more.
            if unit.stage < Stage::Minuted && !finished {
                owe(
                    Owed::Ballot,
                    &unit.code,
                    String::new(),
                    None,
                    unit.due_on.as_deref().and_then(parse_day),
                );
            }
        }
        let mut tx = self.begin().await?;
        for notice in notices::of_round(&mut tx, round).await?.into_iter().filter(|one| one.told.is_none()) {
            let (since, due_on) = (Some(notice.made_on), Some(notice.due_on));
            owe(Owed::Notice, notice.unit.as_str(), notice.official, since, due_on);
        }
        for plan in plans::of_round(&mut tx, round).await? {
            for (owed, since, due_on) in owed_of(&plan) {
                owe(owed, plan.unit.as_str(), plan.official.clone(), since, due_on);
            }
        }
        for visit in visits::of_round(&mut tx, round).await? {
            let id = uuid::Uuid::from_bytes(visit.id);
            let findings = visit.content.findings.iter().enumerate();
            for (place, found) in findings.filter(|(_, found)| found.follow_up == FollowUp::Open) {
                let due_on = found.due_on.as_deref().and_then(parse_day);
                owe(Owed::FollowUp, visit.unit.as_str(), format!("{id}.{place}"), None, due_on);
            }
        }
        Ok(debts)
    }
}

/// The next round after one, by the rhythm. Once a further one is signed, that one counts.
fn next_after(round: RoundId, began: Date, rhythm: &Rhythm) -> Debt {
    let due_on = rhythm.next(began);
    Debt { owed: Owed::NextRound, round, unit: String::new(), which: String::new(), since: None, due_on }
}

fn everybody(logins: &[String]) -> Vec<(ContactKind, &str)> {
    logins.iter().map(|login| (ContactKind::Person, login.as_str())).collect()
}

/// What is owed of a plan, since when, until when: that it is written; then that it is confirmed, or that one of several
/// versions is settled on; and that it is done by the last day of its measures.
fn owed_of(plan: &PlanRow) -> Vec<(Owed, Option<Date>, Option<Date>)> {
    match plan.state {
        State::Done => Vec::new(),
        State::None if plan.owed => vec![(Owed::Plan, Some(plan.made_on), Some(plan.due_on))],
        State::None => Vec::new(),
        _ => vec![
            (Owed::PlanConfirmation, plan.waits_since(), plan.settled_by()),
            (Owed::PlanBehind, plan.written_on, plan.ends_on),
        ],
    }
}

/// Has a reminder sent to where somebody is reached.
async fn send(db: &mut Db, reminder: &Reminder, to: (ContactKind, &str)) -> Result<Enqueued, AppError> {
    let Debt { owed, round, unit, which, .. } = &reminder.debt;
    // Of the inspection committee each gets one of their own.
    let key = format!("{}/{}", reminder.key(), to.1);
    let official = owed.is_of_official().then(|| which.clone());
    let about = About { round: Some(*round), unit: UnitCode::new(unit).ok(), official, order: None };
    let kind = match reminder.whom {
        Whom::Unit | Whom::Official | Whom::Organisers => MessageKind::Reminder,
        Whom::Inspectors => MessageKind::Escalation,
    };
    outbox::enqueue(db, &key, kind, about, to, words(reminder)).await
}

/// What a reminder says where others may read it: what is due and when. Never a result.
fn words(reminder: &Reminder) -> Words {
    let due_on = reminder.debt.due_on;
    let (due, due_en, late) = (vietnamese_day(due_on), english_day(due_on), reminder.days_late);
    let (vi, en) = what(reminder);
    let when = match late {
        0 => Both::new(&format!("Hạn: {due}."), &format!("Due: {due_en}.")),
        // English counts one apart.
        1 => Both::new(&format!("Hạn: {due}, đã quá 1 ngày."), &format!("Due: {due_en}, 1 day ago.")),
        late => Both::new(
            &format!("Hạn: {due}, đã quá {late} ngày."),
            &format!("Due: {due_en}, {late} days ago."),
        ),
    };
    let subject = match late {
        0 => Both::new("Nhắc việc sắp đến hạn", "Something is due soon"),
        _ => Both::new("Nhắc việc quá hạn", "Something is late"),
    };
    let lines = vec![Both::new(&format!("Việc: {vi}."), &format!("It is about: {en}.")), when];
    Words::new(&subject, lines, Some(&page(reminder)))
}

/// What is owed, in both languages, as its reader does it.
fn what(reminder: &Reminder) -> (String, String) {
    let Debt { owed, unit, which, .. } = &reminder.debt;
    match (owed, reminder.whom) {
        (Owed::Ballot, _) => (
            format!("đơn vị {unit} bỏ phiếu và ký biên bản"),
            format!("unit {unit} is to hold its ballot and sign its minutes"),
        ),
        (Owed::Notice, Whom::Official) => {
            ("xem kết quả lấy phiếu của mình".to_owned(), "read your own result".to_owned())
        }
        (Owed::Notice, _) => (
            format!("báo kết quả cho cán bộ {which} của đơn vị {unit}"),
            format!("official {which} of unit {unit} is to be told the result"),
        ),
        (Owed::Plan, Whom::Official) => {
            ("lập kế hoạch khắc phục".to_owned(), "write your correction plan".to_owned())
        }
        (Owed::Plan, _) => (
            format!("kế hoạch khắc phục của cán bộ {which}, đơn vị {unit}"),
            format!("correction plan of official {which}, unit {unit}"),
        ),
        (Owed::PlanBehind, Whom::Official) => (
            "thực hiện các biện pháp trong kế hoạch khắc phục của mình và báo kết quả".to_owned(),
            "do what your correction plan says, and say what became of it".to_owned(),
        ),
        (Owed::PlanBehind, _) => (
            format!("thực hiện xong kế hoạch khắc phục của cán bộ {which}, đơn vị {unit}"),
            format!("the correction plan of official {which}, unit {unit}, is to be done"),
        ),
        (Owed::PlanConfirmation, _) => (
            format!(
                "xác nhận, hoặc thống nhất một bản, kế hoạch khắc phục của cán bộ {which}, đơn vị {unit}"
            ),
            format!(
                "the correction plan of official {which}, unit {unit}, is to be confirmed, or one version settled on"
            ),
        ),
        (Owed::FollowUp, _) => (
            format!("đơn vị {unit} khắc phục điều đoàn kiểm tra đã ghi"),
            format!("unit {unit} is to put right what a visit found"),
        ),
        (Owed::NextRound, _) => {
            ("bắt đầu đợt lấy phiếu tiếp theo".to_owned(), "begin the next round of ballots".to_owned())
        }
    }
}

/// The page on which its reader does what it asks.
fn page(reminder: &Reminder) -> String {
    let Debt { owed, round, unit, which, .. } = &reminder.debt;
    let round = round.uuid();
    match (reminder.whom, owed) {
        (_, Owed::NextRound) => "/console/#/periodic".to_owned(),
        (Whom::Official, _) => OWN_PAGE.to_owned(),
        (Whom::Inspectors, _) => format!("/console/#/rounds/{round}/oversight/{unit}"),
        (_, Owed::Ballot) => format!("/console/#/rounds/{round}/board"),
        (_, Owed::Notice) => format!("/console/#/rounds/{round}/notices"),
        (_, Owed::Plan | Owed::PlanBehind | Owed::PlanConfirmation) => {
            format!("/console/#/rounds/{round}/plans/{unit}/{which}")
        }
        (_, Owed::FollowUp) => format!("/console/#/rounds/{round}/unit/{unit}"),
    }
}
