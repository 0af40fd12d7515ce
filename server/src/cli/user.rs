//! `homphieu user`: people with accounts, from the centre's machine.

use super::io::Io;
use super::{CliError, offline};
use crate::domain::person::{Person, Role};
use crate::service::{Actor, Centre, PeopleSearch, Profile};
use std::collections::BTreeSet;
use sync_core::id::UnitCode;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Add a person; prints the one-time password they change when they first sign in.
    Add {
        /// What they type to sign in: small letters, digits, dots, dashes.
        login: String,
        #[command(flatten)]
        profile: ProfileArgs,
    },
    /// Say anew what a person may do and where they vote and are rated.
    Change {
        /// Their login.
        login: String,
        #[command(flatten)]
        profile: ProfileArgs,
        /// Close the account; without it the account is open.
        #[arg(long)]
        disabled: bool,
    },
    /// Give a person a new one-time password; their sessions end.
    Reset {
        /// Their login.
        login: String,
        /// Forget the second factor too: the device that shows its codes is lost.
        #[arg(long)]
        forget_second_factor: bool,
    },
    /// Change a password: of yourself, typed here.
    Password {
        /// Your login.
        login: String,
    },
    /// Set up a second factor: shows its secret once, asks for a first code, and from then on signing in needs both.
    SecondFactor {
        /// Your login.
        login: String,
        /// Turn it off instead.
        #[arg(long)]
        off: bool,
        /// Text only, without the QR code.
        #[arg(long)]
        no_qr: bool,
    },
    /// Make a bearer token for a program that acts for a person; asks for their password.
    Token {
        /// Their login.
        login: String,
        /// What the program is called.
        #[arg(long)]
        label: String,
        /// How many days it lives.
        #[arg(long, default_value_t = 30)]
        days: u32,
    },
    /// List people.
    List,
    /// List the sessions and tokens of a person.
    Sessions {
        /// Their login.
        login: String,
    },
    /// End a session or token of a person.
    EndSession {
        /// Their login.
        login: String,
        /// The session, as `user sessions` shows it.
        session: uuid::Uuid,
    },
}

impl Command {
    /// Whether it has something to do where there is no centre yet.
    pub(super) fn may_begin(&self) -> bool {
        matches!(self, Self::Add { .. })
    }
}

/// What is said about a person. Where they vote and are rated must be said, also if nowhere: nobody decides there.
#[derive(Debug, clap::Args)]
pub(super) struct ProfileArgs {
    /// Full name.
    #[arg(long)]
    name: String,
    /// Role: administrator, organiser, inspector, unit, official, observer, trustee. Several with commas.
    #[arg(long, value_delimiter = ',', value_parser = parse_role)]
    role: Vec<Role>,
    /// Unit that somebody with the role `unit` works for.
    #[arg(long)]
    unit: Option<String>,
    /// Unit in which they vote, or `none`.
    #[arg(long)]
    votes_in: String,
    /// Official codes under which they are rated, with commas, or `none`.
    #[arg(long, value_delimiter = ',', required = true)]
    rated_as: Vec<String>,
}

fn parse_role(text: &str) -> Result<Role, String> {
    let known = || Role::ALL.map(Role::code).join(", ");
    Role::parse(text.trim()).ok_or_else(|| tr!("user-unknown-role", role = text, known = known()))
}

impl ProfileArgs {
    fn profile(self, disabled: bool) -> Result<Profile, CliError> {
        let nowhere = |text: &str| text.trim().eq_ignore_ascii_case("none");
        let unit = |code: &str| UnitCode::new(code.trim()).map_err(offline);
        let officials: BTreeSet<String> = self
            .rated_as
            .iter()
            .map(|code| code.trim().to_owned())
            .filter(|code| !nowhere(code) && !code.is_empty())
            .collect();
        Ok(Profile {
            name: self.name,
            roles: self.role.into_iter().collect(),
            unit: self.unit.as_deref().map(unit).transpose()?,
            votes_in: if nowhere(&self.votes_in) { None } else { Some(unit(&self.votes_in)?) },
            officials,
            disabled,
        })
    }
}

pub(super) async fn run(centre: &Centre, command: Command, io: &mut Io) -> Result<(), CliError> {
    match command {
        Command::Add { login, profile } => {
            let (person, password) = centre.add_person(&login, &profile.profile(false)?).await?;
            say!("{}", tr!("user-added", login = person.login.as_str()));
            say!("{}", tr!("user-one-time", password = password.as_str()));
        }
        Command::Change { login, profile, disabled } => {
            let person = centre.person_named_or_closed(&login).await?;
            let changed =
                centre.change_person(person.id, person.version, &profile.profile(disabled)?).await?;
            say!("{}", line(&changed));
        }
        Command::Reset { login, forget_second_factor } => {
            let person = centre.person_named_or_closed(&login).await?;
            let password = centre.reset_password(person.id, forget_second_factor).await?;
            say!("{}", tr!("user-one-time", password = password.as_str()));
        }
        Command::Password { login } => {
            let old = ask(io, &tr!("user-present-password"))?;
            let person =
                centre.identify(&login, old.clone(), as_text(&code(centre, io, &login).await?)).await?;
            let new = ask(io, &tr!("user-new-password"))?;
            if *ask(io, &tr!("user-once-more"))? != *new {
                return Err(CliError::NotDone(tr!("user-differ")));
            }
            centre.acting_for(Actor::Person(person)).change_password(old, new, "").await?;
            say!("{}", tr!("user-changed"));
        }
        Command::SecondFactor { login, off: true, .. } => {
            let password = ask(io, &tr!("user-password-of", login = login.as_str()))?;
            let code = code(centre, io, &login).await?;
            let person = centre.identify(&login, password, as_text(&code)).await?;
            centre.acting_for(Actor::Person(person)).forget_own_factor().await?;
            say!("{}", tr!("user-factor-off"));
        }
        Command::SecondFactor { login, off: false, no_qr } => {
            set_up_factor(&sign_in(centre, io, &login).await?, io, no_qr).await?;
        }
        Command::Token { login, label, days } => {
            let acting = sign_in(centre, io, &login).await?;
            let (token, _) = acting.issue_token(&label, days).await?;
            say!("{}", *token);
        }
        Command::List => {
            let mut after = String::new();
            loop {
                let page = centre.people(&PeopleSearch::default(), &after, crate::service::PAGE_MAX).await?;
                for (_, person) in &page {
                    say!("{}", line(person));
                }
                match page.into_iter().next_back() {
                    Some((position, _)) => after = position,
                    None => break,
                }
            }
        }
        Command::Sessions { login } => {
            let person = centre.person_named_or_closed(&login).await?;
            for session in centre.sessions_of(person.id).await? {
                let id = uuid::Uuid::from_bytes(session.id);
                say!("{id}  {:<6} {}", session.kind, session.label);
            }
        }
        Command::EndSession { login, session } => {
            let person = centre.person_named_or_closed(&login).await?;
            centre.end_session(person.id, session.as_bytes()).await?;
            say!("{}", tr!("user-ended"));
        }
    }
    Ok(())
}

/// Has somebody put the secret into their authenticator, and believes it once a code came back.
async fn set_up_factor(acting: &Centre, io: &mut Io, no_qr: bool) -> Result<(), CliError> {
    let setup = acting.draw_factor().await?;
    // A secret goes where a person looks and no program reads.
    if !no_qr {
        eprintln!("{}", crate::print::qr_terminal(&setup.address));
    }
    eprintln!("{}", tr!("user-factor-secret", secret = setup.secret.as_str()));
    let first = ask(io, &tr!("user-factor-first"))?;
    acting.turn_factor_on(&first).await?;
    say!("{}", tr!("user-factor-on"));
    Ok(())
}

fn line(person: &Person) -> String {
    let roles: Vec<_> = person.roles.iter().map(|role| role.code()).collect();
    let officials: Vec<_> = person.officials.iter().map(String::as_str).collect();
    let votes_in = person.votes_in.as_ref().map_or_else(|| tr!("user-none"), ToString::to_string);
    let rated_as = if officials.is_empty() { tr!("user-no-code") } else { officials.join(",") };
    let mut marks = String::new();
    for (set, mark) in [
        (person.disabled, tr!("user-closed")),
        (person.must_change, tr!("user-has-one-time")),
        (person.second_factor, tr!("user-second-factor")),
    ] {
        if set {
            marks.push_str("  ");
            marks.push_str(&mark);
        }
    }
    let roles = if roles.is_empty() { tr!("user-no-role") } else { roles.join(",") };
    let about = tr!("user-line", roles = roles, unit = votes_in, codes = rated_as);
    format!("{:<16} {:<28} {about}{marks}", person.login, person.name)
}

/// Has somebody type their password, and gives the centre acting for them.
pub(super) async fn sign_in(centre: &Centre, io: &mut Io, login: &str) -> Result<Centre, CliError> {
    let password = ask(io, &tr!("user-password-of", login = login))?;
    let code = code(centre, io, login).await?;
    let person = centre.identify(login, password, as_text(&code)).await?;
    if person.must_change {
        return Err(CliError::NotDone(tr!("user-must-change", login = login)));
    }
    Ok(centre.acting_for(Actor::Person(person)))
}

/// The code of the second factor, of those who have one.
async fn code(
    centre: &Centre,
    io: &mut Io,
    login: &str,
) -> Result<Option<zeroize::Zeroizing<String>>, CliError> {
    let has_one = centre.person_named(login).await.is_ok_and(|person| person.second_factor);
    if has_one { ask(io, &tr!("user-code")).map(Some) } else { Ok(None) }
}

fn as_text(code: &Option<zeroize::Zeroizing<String>>) -> Option<&str> {
    code.as_ref().map(|code| code.as_str())
}

fn ask(io: &mut Io, question: &str) -> Result<zeroize::Zeroizing<String>, CliError> {
    io.ask_hidden(question).ok_or_else(|| CliError::NotDone(tr!("user-nothing-typed")))
}
