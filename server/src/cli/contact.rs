//! `homphieu contact`: where officials, units and people are reached.

use super::io::Io;
use super::user::sign_in;
use super::{CliError, lang, read_file};
use crate::domain::contact::{Channel, Contact, ContactKind};
use crate::service::{Centre, PAGE_MAX};
use crate::store::contacts::ContactSearch;
use std::path::PathBuf;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List contacts by kind and code.
    List {
        /// Only of this kind.
        #[arg(long, value_parser = ["official", "unit", "person"])]
        kind: Option<String>,
        /// Only with this way.
        #[arg(long, value_parser = ["letter", "email", "webhook"])]
        way: Option<String>,
        /// Only with this in name, code or address, with or without diacritics.
        #[arg(long, default_value = "")]
        text: String,
    },
    /// Take contacts of officials over from a workbook (.xlsx) or CSV with the columns Mã, Họ và tên, E-mail, Điện thoại,
    /// Cách gửi.
    Import {
        /// The file.
        file: PathBuf,
        /// Login of the organiser who imports; asks for their password.
        #[arg(long = "as", env = "HOMPHIEU_USER")]
        login: String,
    },
    /// Note where one is reached, or change it.
    Set {
        /// Whose contact it is.
        #[arg(long, value_parser = ["official", "unit", "person"], default_value = "official")]
        kind: String,
        /// Code of the official or unit, login of the person.
        code: String,
        /// Name, as in a greeting.
        #[arg(long, default_value = "")]
        name: String,
        /// E-mail address.
        #[arg(long, default_value = "")]
        email: String,
        /// Phone number.
        #[arg(long, default_value = "")]
        phone: String,
        /// The way that is taken.
        #[arg(long, value_parser = ["letter", "email", "webhook"])]
        way: String,
        /// Login of the organiser who notes it; asks for their password.
        #[arg(long = "as", env = "HOMPHIEU_USER")]
        login: String,
    },
}

pub(super) async fn run(centre: &Centre, command: Command) -> Result<(), CliError> {
    match command {
        Command::List { kind, way, text } => {
            let kind = kind.as_deref().and_then(ContactKind::parse);
            list(centre, &ContactSearch { kind, way: way.as_deref().and_then(Channel::parse), text }).await
        }
        Command::Import { file, login } => {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let rows = centre.read_contacts(&name, &read_file(&file)?).await?.map_err(|problems| {
                eprint!("{}", lang::roster::problems(&problems));
                CliError::NotDone(tr!("contact-not-imported"))
            })?;
            let centre = sign_in(centre, &mut Io::standard(), &login).await?;
            let done = centre.import_contacts(&rows).await?;
            say!("{}", tr!("contact-imported", added = done.added, changed = done.changed, same = done.same));
            Ok(())
        }
        Command::Set { kind, code, name, email, phone, way, login } => {
            let kind = ContactKind::parse(&kind).unwrap_or(ContactKind::Official);
            let way = Channel::parse(&way).unwrap_or(Channel::Letter);
            let contact = Contact::new(kind, &code, &name, &email, &phone, way);
            let mut contact =
                contact.map_err(|error| CliError::NotDone(lang::roster::contact_words(&error)))?;
            let centre = sign_in(centre, &mut Io::standard(), &login).await?;
            contact.version = match centre.contact(kind, &contact.code).await {
                Ok(known) => known.version,
                Err(error) if error.code() == "unknown_contact" => 0,
                Err(error) => return Err(error.into()),
            };
            say!("{}", line(&centre.put_contact(&contact).await?));
            Ok(())
        }
    }
}

async fn list(centre: &Centre, which: &ContactSearch) -> Result<(), CliError> {
    let (mut after, mut any) = ((String::new(), String::new()), false);
    loop {
        let found = centre.contacts(which, (&after.0, &after.1), PAGE_MAX).await?;
        for contact in &found {
            say!("{}", line(contact));
        }
        any |= !found.is_empty();
        match found.last() {
            Some(last) if found.len() == PAGE_MAX as usize => {
                after = (last.kind.code().to_owned(), last.code.clone());
            }
            _ => break,
        }
    }
    if !any {
        say!("{}", tr!("contact-none"));
    }
    Ok(())
}

fn line(contact: &Contact) -> String {
    let way = match contact.way {
        Channel::Letter => tr!("contact-by-letter"),
        Channel::Email => tr!("contact-by-email", to = contact.email.clone().unwrap_or_default()),
        Channel::Webhook => tr!("contact-by-webhook", to = contact.phone.clone().unwrap_or_default()),
    };
    format!("{:<9} {:<12} {:<30} {way}", contact.kind.code(), contact.code, contact.name)
}
