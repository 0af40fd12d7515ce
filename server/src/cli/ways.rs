//! Settings of the ways by which messages leave the centre, and commands that try them: `homphieu mail`, `homphieu webhook`.

use super::CliError;
use crate::domain::contact::{Channel, ContactError, read_email, read_phone};
use crate::domain::outgoing::{About, Both, Failure, Message, MessageId, MessageKind, MessageState, Words};
use crate::service::{now, random};
use crate::ways::{
    Gateway, MailSettings, MailTls, Mailer, Ways, WaysError, WebhookSettings, new_key, public_address,
};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// How messages leave a serving centre.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct WaysArgs {
    /// Address under which people open the centre in a browser, such as https://phieu.dongvan.vn; messages and letters
    /// lead there.
    #[arg(long, value_name = "URL")]
    public_address: Option<String>,
    /// Mail server by which notices and reminders are sent; without it no e-mail leaves.
    #[arg(long, value_name = "HOST")]
    mail_server: Option<String>,
    /// Its port. [default: 587 with starttls, 465 with tls, 25 with none]
    #[arg(long)]
    mail_port: Option<u16>,
    /// How the connection to it is encrypted; `none` for a server on this machine alone.
    #[arg(long, value_enum, default_value = "starttls")]
    mail_tls: MailTls,
    /// Who signs in to it.
    #[arg(long, value_name = "NAME")]
    mail_user: Option<String>,
    /// File with their password.
    #[arg(long, value_name = "FILE")]
    mail_password_file: Option<PathBuf>,
    /// Who sends, as in "Huyện ủy <vanphong@vidu.vn>".
    #[arg(long, value_name = "SENDER")]
    mail_from: Option<String>,
    /// Authorities in PEM that are believed for the mail server instead of the system's.
    #[arg(long, value_name = "FILE")]
    mail_ca: Option<PathBuf>,
    /// Gateway for SMS or a messenger: gets each message as a signed POST of JSON.
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
    /// File with the key that signs it (see `webhook keygen`).
    #[arg(long, value_name = "FILE")]
    webhook_key_file: Option<PathBuf>,
    /// Authorities in PEM that are believed for the gateway instead of the system's.
    #[arg(long, value_name = "FILE")]
    webhook_ca: Option<PathBuf>,
}

impl WaysArgs {
    /// The ways that are set up.
    pub(super) fn read(&self) -> Result<Ways, WaysError> {
        Ok(Ways {
            mail: self.mail()?,
            webhook: self.gateway()?,
            address: self.public_address.as_deref().map(public_address).transpose()?,
        })
    }

    fn mail(&self) -> Result<Option<Mailer>, WaysError> {
        let Some(server) = &self.mail_server else {
            let alone = [
                ("mail-from", self.mail_from.is_some()),
                ("mail-user", self.mail_user.is_some()),
                ("mail-password-file", self.mail_password_file.is_some()),
            ];
            return match alone.into_iter().find(|(_, given)| *given) {
                Some((setting, _)) => Err(WaysError::Needs { setting, needs: "mail-server" }),
                None => Ok(None),
            };
        };
        let settings = MailSettings {
            server: server.clone(),
            port: self.mail_port,
            tls: self.mail_tls,
            user: self.mail_user.clone(),
            password_file: self.mail_password_file.clone(),
            from: self.mail_from.clone(),
            authorities: self.mail_ca.clone(),
        };
        Mailer::new(&settings).map(Some)
    }

    fn gateway(&self) -> Result<Option<Gateway>, WaysError> {
        let Some(address) = &self.webhook else {
            return match self.webhook_key_file {
                Some(_) => Err(WaysError::Needs { setting: "webhook-key-file", needs: "webhook" }),
                None => Ok(None),
            };
        };
        let settings = WebhookSettings {
            address: address.clone(),
            key_file: self.webhook_key_file.clone(),
            authorities: self.webhook_ca.clone(),
        };
        Gateway::new(&settings).map(Some)
    }

    /// Files that nobody else may read, by the name of their setting.
    pub(super) fn secret_files(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        let files = [
            ("mail-password-file", self.mail_password_file.as_deref()),
            ("webhook-key-file", self.webhook_key_file.as_deref()),
        ];
        files.into_iter().filter_map(|(setting, path)| Some((setting, path?)))
    }
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum MailCommand {
    /// Send one mail with the settings that `serve` has, and say what the server answered.
    Test {
        /// To whom.
        #[arg(long, value_name = "ADDRESS")]
        to: String,
    },
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum WebhookCommand {
    /// Make a key file for the webhook; the gateway gets the same text.
    Keygen {
        /// The key file; it must not exist yet.
        #[arg(long)]
        out: PathBuf,
    },
    /// Send one message with the settings that `serve` has, and say what the gateway answered.
    Test {
        /// Phone number.
        #[arg(long, value_name = "NUMBER")]
        to: String,
    },
}

/// `homphieu mail`.
pub(super) async fn mail(settings: &WaysArgs, command: MailCommand) -> Result<(), CliError> {
    let MailCommand::Test { to } = command;
    let ways = settings.read()?;
    if ways.mail.is_none() {
        return Err(CliError::NotDone(tr!("ways-no-mail")));
    }
    let address = read_email(&to).ok().flatten().ok_or_else(|| wrong(&ContactError::Email))?;
    try_out(&ways, Channel::Email, address).await
}

/// `homphieu webhook`.
pub(super) async fn webhook(settings: &WaysArgs, command: WebhookCommand) -> Result<(), CliError> {
    match command {
        WebhookCommand::Keygen { out } => {
            let failed = |source| super::file_error("cannot write", &out, source);
            let mut file = std::fs::OpenOptions::new();
            let mut file = file.write(true).create_new(true).mode(0o600).open(&out).map_err(failed)?;
            file.write_all(new_key().as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
            say!("{}", tr!("ways-key-made", path = out.display().to_string()));
            Ok(())
        }
        WebhookCommand::Test { to } => {
            let ways = settings.read()?;
            if ways.webhook.is_none() {
                return Err(CliError::NotDone(tr!("ways-no-webhook")));
            }
            let number = read_phone(&to).ok().flatten().ok_or_else(|| wrong(&ContactError::Phone))?;
            try_out(&ways, Channel::Webhook, number).await
        }
    }
}

fn wrong(error: &ContactError) -> CliError {
    CliError::NotDone(super::lang::roster::contact_words(error))
}

async fn try_out(ways: &Ways, way: Channel, address: String) -> Result<(), CliError> {
    let subject = Both::new("Thử đường gửi tin", "A test of sending");
    let lines = vec![Both::new(
        "Tin này chỉ để thử xem trung tâm Hòm Phiếu gửi tin được không. Không cần làm gì.",
        "This only tests whether the centre of Hòm Phiếu can send. There is nothing to do.",
    )];
    let message = Message {
        id: MessageId(random()),
        key: "test".to_owned(),
        kind: MessageKind::Reminder,
        way,
        about: About::default(),
        name: String::new(),
        address: address.clone(),
        words: Words::new(&subject, lines, Some("/console/")),
        made_at: now(),
        state: MessageState::Waiting,
        tries: 1,
        next_at: 0,
        done_at: None,
        why: None,
    };
    match ways.send(&message).await {
        Ok(()) => {
            say!("{}", tr!("ways-test-sent", to = address, id = message.id.uuid().to_string()));
            Ok(())
        }
        Err(failure) => {
            let why = failure.why().to_owned();
            Err(CliError::NotDone(match failure {
                Failure::ForGood(_) => tr!("ways-test-refused", why = why),
                Failure::Away(_) | Failure::ForNow(_) => tr!("ways-test-failed", why = why),
            }))
        }
    }
}
