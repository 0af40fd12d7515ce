//! After publication: everybody is told by their way, some say that they saw it, some do not.

use super::DemoError;
use super::catcher::Catcher;
use super::counting::ORGANISER;
use crate::domain::calendar::day_of;
use crate::domain::contact::{Channel, Contact, ContactKind};
use crate::domain::letter::{LetterCode, USUAL_DAYS, WRONG_MAX};
use crate::domain::notice::{Notice, Tally};
use crate::domain::person::Role;
use crate::error::AppError;
use crate::service::{Actor, Centre, LetterSearch, Profile, now};
use crate::store::notices::{NoticeSearch, Place, place};
use crate::ways::{Gateway, MailSettings, MailTls, Mailer, Ways, WebhookSettings, new_key};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use sync_core::id::RoundId;
use time::{Date, Duration};

/// Days before today on which the demo's results were published: more than the days to tell people, holidays included.
const EARLIER: i64 = 30;
/// Seconds for which the mail server is away: three hours.
const AWAY: i64 = 3 * 3600;
/// Seconds after which another process takes up what one left that died.
const AFTER: i64 = 3600;

/// Who was told the result, and how.
#[derive(Debug)]
pub(super) struct Told {
    tally: Tally,
    mails: usize,
    messages: usize,
    letters: usize,
    /// Messages after which the centre died before it noted them, and how many came again under the same number alone.
    pub repeated: (usize, usize),
    /// Messages that waited for a mail server that was away, and how many of them came.
    pub away: (usize, usize),
    /// Codes that were guessed at until they were dead, and how many then opened nothing.
    pub guessed: (usize, usize),
    /// The code of a letter that nobody used yet, and whose it is.
    unused: Option<(String, String)>,
}

/// The day on which the demo published.
pub(super) fn earlier() -> Date {
    today().checked_sub(Duration::days(EARLIER)).unwrap_or_else(today)
}

pub(super) fn today() -> Date {
    day_of(now())
}

pub(super) async fn organiser(centre: &Centre) -> Result<Centre, AppError> {
    Ok(centre.acting_for(Actor::Person(centre.person_named(ORGANISER).await?)))
}

/// Of ten officials five are told by e-mail, two by message; three get a letter.
pub(super) async fn note_contacts(centre: &Centre, round: &RoundId) -> Result<(), DemoError> {
    let organiser = organiser(centre).await?;
    let units = centre.round(round).await?.draft.units;
    for (n, official) in units.iter().flat_map(|unit| &unit.officials).enumerate() {
        let (email, phone, way) = match n % 10 {
            0..5 => (format!("canbo{n}@dongvan.example"), String::new(), Channel::Email),
            5 | 6 => (String::new(), format!("0912{n:06}"), Channel::Webhook),
            _ => continue,
        };
        let contact =
            Contact::new(ContactKind::Official, &official.code, &official.name, &email, &phone, way);
        let contact = contact.map_err(|error| DemoError::Other(error.to_string()))?;
        organiser.put_contact(&contact).await?;
    }
    Ok(())
}

/// Sends everything, has some acknowledge in each way, and counts.
pub(super) async fn tell(centre: &Centre, round: &RoundId) -> Result<Told, DemoError> {
    let organiser = organiser(centre).await?;
    let (mail, gateway) = (Catcher::mail()?, Catcher::gateway()?);
    let ways = ways(&mail, &gateway)?;
    let mut at = now();
    // The mail server is away for some hours; what goes the other way does not wait for it.
    let nowhere = Ways { mail: Some(mailer(SocketAddr::from(([127, 0, 0, 1], 9)))?), ..ways.clone() };
    let begun = at;
    let mut tries = 0;
    while at - begun < AWAY {
        tries += organiser.send_due(&nowhere, at).await?.later;
        at += AFTER;
    }
    // The centre dies when a mail is sent and not noted; it goes out again later, under the same number.
    let died = organiser.claim_message((true, false), at).await?;
    if let Some(claimed) = &died {
        ways.send(&claimed.message).await.map_err(|failure| DemoError::Other(failure.why().to_owned()))?;
    }
    at += AFTER;
    while organiser.send_due(&ways, at).await?.sent > 0 {}
    let (mails, messages) = (mail.different(), gateway.different());

    let which = LetterSearch { without_other_way: true, ..LetterSearch::default() };
    let letters = organiser.make_letters(round, &which, USUAL_DAYS).await?;
    let mut unused = None;
    let mut guessed = (0, 0);
    for (n, letter) in letters.iter().enumerate() {
        match n % 4 {
            0 => drop(centre.acknowledge_letter(&letter.code.reveal()).await?),
            1 => {
                let notice = &letter.notice;
                let (unit, on) = (notice.unit.as_str(), notice.made_on);
                organiser.note_signed(round, unit, &notice.official, on).await?;
            }
            2 if guessed.0 == 0 => guessed = (1, guess(centre, &letter.code).await?),
            _ => {
                let who = format!("{} ({})", letter.notice.name, letter.notice.unit);
                unused = Some((letter.code.reveal().to_string(), who));
            }
        }
    }
    acknowledge_some(centre, &organiser, round).await?;
    Ok(Told {
        tally: centre.round_tallies(round).await?.notices.clone(),
        mails,
        messages,
        letters: letters.len(),
        repeated: (usize::from(died.is_some()), mail.repeated()),
        away: (mails, if tries > 0 { sent_by_mail(centre, round).await? } else { 0 }),
        guessed,
        unused,
    })
}

/// Of those who are told by mail or message one signs in and says so, and every third signed a printed notice in time.
async fn acknowledge_some(centre: &Centre, organiser: &Centre, round: &RoundId) -> Result<(), DemoError> {
    let all = all(centre, round).await?;
    let told = all.iter().filter(|notice| notice.sent.is_some_and(|sent| sent.way != Channel::Letter));
    for (n, notice) in told.enumerate() {
        if n == 0 {
            let mut profile = Profile::outsider(&notice.name, &[Role::Official]);
            profile.officials = BTreeSet::from([notice.official.clone()]);
            profile.votes_in = Some(notice.unit.clone());
            let (person, _) = centre.add_person("can-bo", &profile).await?;
            let own = centre.acting_for(Actor::Person(std::sync::Arc::new(person)));
            own.acknowledge(round, &notice.official).await?;
        } else if n % 3 == 0 {
            organiser.note_signed(round, notice.unit.as_str(), &notice.official, notice.made_on).await?;
        }
    }
    Ok(())
}

async fn all(centre: &Centre, round: &RoundId) -> Result<Vec<Notice>, DemoError> {
    let which = NoticeSearch { round: Some(*round), ..NoticeSearch::default() };
    let (mut all, mut after) = (Vec::new(), Place::default());
    loop {
        let page = centre.notices(&which, &after, crate::service::PAGE_MAX).await?;
        let Some((last, _)) = page.last() else { return Ok(all) };
        after = place(last);
        all.extend(page.into_iter().map(|(notice, _)| notice));
    }
}

async fn sent_by_mail(centre: &Centre, round: &RoundId) -> Result<usize, DemoError> {
    let all = all(centre, round).await?;
    Ok(all.iter().filter(|notice| notice.sent.is_some_and(|sent| sent.way == Channel::Email)).count())
}

/// Somebody who saw the beginning of a code tries ends until it is dead; whether it then opens nothing.
async fn guess(centre: &Centre, code: &LetterCode) -> Result<usize, DemoError> {
    let mut wrong = 0;
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    while wrong < WRONG_MAX {
        let other = LetterCode::draw(&mut rng).reveal();
        let plain = |text: &str| text.replace('-', "");
        // The first five symbols of this code, then of another until its last symbol fits.
        let text: String =
            plain(&code.reveal()).chars().take(5).chain(plain(&other).chars().skip(5)).collect();
        if LetterCode::parse(&text).is_ok_and(|typed| typed != *code) {
            let refused = centre.open_letter(&text).await;
            if refused.is_err_and(|error| error.code() == "letter_code") {
                wrong += 1;
            }
        }
    }
    Ok(usize::from(centre.open_letter(&code.reveal()).await.is_err()))
}

fn mailer(address: SocketAddr) -> Result<Mailer, DemoError> {
    let settings = MailSettings {
        server: address.ip().to_string(),
        port: Some(address.port()),
        tls: MailTls::None,
        user: None,
        password_file: None,
        from: Some("Huyện ủy Đồng Văn <vanphong@dongvan.example>".to_owned()),
        authorities: None,
    };
    Mailer::new(&settings).map_err(|error| DemoError::Other(error.to_string()))
}

fn ways(mail: &Catcher, gateway: &Catcher) -> Result<Ways, DemoError> {
    let name: String = crate::service::random::<6>().iter().map(|byte| format!("{byte:02x}")).collect();
    let key = std::env::temp_dir().join(format!("homphieu-demo-{name}.key"));
    std::fs::write(&key, new_key().as_bytes())?;
    let address = format!("http://{}/", gateway.address);
    let made = Gateway::new(&WebhookSettings { address, key_file: Some(key.clone()), authorities: None });
    std::fs::remove_file(&key)?;
    Ok(Ways {
        mail: Some(mailer(mail.address)?),
        webhook: Some(made.map_err(|error| DemoError::Other(error.to_string()))?),
        address: None,
    })
}

impl Told {
    /// How a notice can stand (acknowledged on the page, on paper, by code; overdue), and how many of these somebody's does.
    pub fn stages(&self) -> (usize, usize) {
        let Tally { by_page, by_paper, by_code, overdue, .. } = self.tally;
        let all = [by_page, by_paper, by_code, overdue];
        (all.len(), all.into_iter().filter(|count| *count > 0).count())
    }

    /// In the demo's words.
    pub fn show(&self) {
        let tally = &self.tally;
        say!("\n{}", tr!("demo-told"));
        say!(
            "  {}",
            tr!(
                "demo-told-ways",
                all = tally.notices,
                mails = self.mails,
                messages = self.messages,
                letters = self.letters
            )
        );
        say!(
            "  {}",
            tr!("demo-told-said", paper = tally.by_paper, code = tally.by_code, page = tally.by_page)
        );
        say!(
            "  {}",
            tr!(
                "demo-told-stages",
                time = tally.in_time,
                late = tally.late,
                waiting = tally.waiting,
                overdue = tally.overdue
            )
        );
    }

    /// How to read a result with a letter, while the centre stays up.
    pub fn invite(&self, address: &SocketAddr, ends: bool) {
        if let Some((code, who)) = self.unused.as_ref().filter(|_| !ends) {
            let page = format!("http://{address}/n");
            say!("\n{}", tr!("demo-told-try", page = page, code = code.as_str(), who = who.as_str()));
        }
    }
}
