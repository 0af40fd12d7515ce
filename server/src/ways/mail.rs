//! E-mail by SMTP (RFC 5321), under TLS by rustls.

use super::{STEP_MAX, WaysError, read_file};
use crate::domain::contact::{read_email, read_name};
use crate::domain::outgoing::{Both, Failure, Message, Words};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::fmt::Write;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};
use zeroize::Zeroizing;

/// How the connection to the server is kept from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum MailTls {
    /// Begins in clear and turns to TLS before anything is said (port 587); without it nothing is sent.
    Starttls,
    /// TLS from the first byte (port 465).
    Tls,
    /// None (port 25): for a server on this machine alone.
    None,
}

/// Settings of e-mail.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// Name or address of the server.
    pub server: String,
    /// Its port, if it is not the usual one.
    pub port: Option<u16>,
    /// How the connection is kept from others.
    pub tls: MailTls,
    /// Who signs in, if anybody does.
    pub user: Option<String>,
    /// File with their password.
    pub password_file: Option<PathBuf>,
    /// Who sends, as `Name <address>`.
    pub from: Option<String>,
    /// File with the authorities that are believed instead of the system's.
    pub authorities: Option<PathBuf>,
}

/// Sends e-mail.
#[derive(Debug, Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// A sender with these settings. Nothing is connected yet.
    ///
    /// # Errors
    /// [`WaysError`].
    pub fn new(settings: &MailSettings) -> Result<Self, WaysError> {
        let MailSettings { server, port, tls, user, password_file, from, authorities } = settings;
        let needs = |setting, needs| WaysError::Needs { setting, needs };
        let from = from.as_deref().ok_or_else(|| needs("mail-server", "mail-from"))?;
        let from = mailbox(from).ok_or_else(|| WaysError::From { found: from.to_owned() })?;
        let host = server.trim();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
        if host.is_empty() || !host.chars().all(plain) {
            return Err(WaysError::Address { setting: "mail-server", found: server.clone() });
        }
        if *tls == MailTls::None && !is_this_machine(host) {
            return Err(WaysError::Clear { setting: "mail-tls = none" });
        }
        let failed = |error: lettre::transport::smtp::Error| WaysError::Tls(error.to_string());
        let parameters = || -> Result<TlsParameters, WaysError> {
            let builder = TlsParameters::builder(host.to_owned());
            let builder = match authorities {
                None => builder,
                Some(path) => {
                    let what = "certificates";
                    let wrong = |_| WaysError::Content { path: path.clone(), what };
                    let certificate = Certificate::from_pem(&read_file(path)?).map_err(wrong)?;
                    builder.certificate_store(CertificateStore::None).add_root_certificate(certificate)
                }
            };
            builder.build().map_err(failed)
        };
        let (tls, usual) = match tls {
            MailTls::Starttls => (Tls::Required(parameters()?), 587),
            MailTls::Tls => (Tls::Wrapper(parameters()?), 465),
            MailTls::None => (Tls::None, 25),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port.unwrap_or(usual))
            .tls(tls)
            .timeout(Some(STEP_MAX));
        match (user, password_file) {
            (None, None) => {}
            (Some(user), Some(path)) => {
                let bytes = read_file(path)?;
                let text = std::str::from_utf8(&bytes)
                    .map_err(|_| WaysError::Content { path: path.clone(), what: "a password" })?;
                let password = Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned());
                builder = builder.credentials(Credentials::new(user.clone(), password.to_string()));
            }
            (Some(_), None) => return Err(needs("mail-user", "mail-password-file")),
            (None, Some(_)) => return Err(needs("mail-password-file", "mail-user")),
        }
        Ok(Self { transport: builder.build(), from })
    }

    /// Sends a message once.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn send(&self, message: &Message, link: Option<&str>) -> Result<(), Failure> {
        let mail = self.compose(message, link).map_err(Failure::ForGood)?;
        self.transport.send(mail).await.map(drop).map_err(|error| failure(&error))
    }

    /// The mail, as it goes to the server.
    fn compose(&self, message: &Message, link: Option<&str>) -> Result<lettre::Message, String> {
        // What is stored was checked when it was entered, and is checked again: a database may come from anywhere.
        let address =
            read_email(&message.address).ok().flatten().and_then(|text| text.parse::<Address>().ok());
        let address = address.ok_or("the address is none")?;
        let name = read_name(&message.name).ok().filter(|name| !name.is_empty());
        let made = Duration::from_secs(u64::try_from(message.made_at).unwrap_or_default());
        let words = &message.words;
        let built = lettre::Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(name, address))
            // The same on every try, so that a receiver sees that it is the same.
            .message_id(Some(format!("<{}@{}>", message.id.uuid(), self.from.email.domain())))
            .date(UNIX_EPOCH + made)
            .subject(format!("{} / {}", words.subject.vi, words.subject.en))
            .multipart(MultiPart::alternative_plain_html(
                text_of(&message.name, words, link),
                html_of(&message.name, words, link),
            ));
        built.map_err(|error| error.to_string())
    }
}

/// How a try ended that did not succeed. What concerns our own signing in, or the server as a whole, is no fault of the
/// message.
fn failure(error: &lettre::transport::smtp::Error) -> Failure {
    let mut why = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let _: std::fmt::Result = write!(why, ": {cause}");
        source = cause.source();
    }
    match error.status().map(|code| code.to_string()).as_deref() {
        Some("421" | "454" | "502" | "503" | "504" | "530" | "534" | "535" | "538") | None => {
            Failure::Away(why)
        }
        Some(_) if error.is_permanent() => Failure::ForGood(why),
        Some(_) => Failure::ForNow(why),
    }
}

/// `Name <address>`, or an address alone.
fn mailbox(text: &str) -> Option<Mailbox> {
    let (name, address) = match text.trim().strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
        Some((name, address)) => (name.trim().trim_matches('"'), address),
        None => ("", text),
    };
    let name = read_name(name).ok()?;
    let address = read_email(address).ok()??.parse().ok()?;
    Some(Mailbox::new(Some(name).filter(|name| !name.is_empty()), address))
}

/// Whether a server is on this machine, whatever the network says.
pub(super) fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The mail as plain text, Vietnamese first.
pub fn text_of(name: &str, words: &Words, link: Option<&str>) -> String {
    let mut text = String::new();
    let mut part = |greeting: &str, pick: fn(&Both) -> &str, read: &str| {
        let greeting = if name.is_empty() { String::new() } else { format!("{greeting} {name},\n\n") };
        let lines: Vec<&str> = words.lines.iter().map(pick).collect();
        let link = link.map(|link| format!("\n\n{read} {link}")).unwrap_or_default();
        let _: std::fmt::Result = writeln!(text, "{greeting}{}{link}", lines.join("\n\n"));
    };
    part("Kính gửi", |both| &both.vi, "Xem tại:");
    part("\n-- \nTo", |both| &both.en, "Read it at:");
    text
}

/// The same in HTML: paragraphs and one link, nothing from anywhere else.
fn html_of(name: &str, words: &Words, link: Option<&str>) -> String {
    let mut html =
        String::from("<!doctype html><html lang=\"vi\"><head><meta charset=\"utf-8\"></head><body>");
    let mut part = |lang: &str, greeting: &str, pick: fn(&Both) -> &str, read: &str| {
        let _: std::fmt::Result = write!(html, "<div lang=\"{lang}\">");
        if !name.is_empty() {
            let _: std::fmt::Result = write!(html, "<p>{greeting} {},</p>", escaped(name));
        }
        for line in &words.lines {
            let _: std::fmt::Result = write!(html, "<p>{}</p>", escaped(pick(line)));
        }
        if let Some(link) = link {
            let link = escaped(link);
            let _: std::fmt::Result = write!(html, "<p>{read} <a href=\"{link}\">{link}</a></p>");
        }
        html.push_str("</div>");
    };
    part("vi", "Kính gửi", |both| &both.vi, "Xem tại:");
    part("en", "To", |both| &both.en, "Read it at:");
    html.push_str("</body></html>");
    html
}

/// A text as it may stand in HTML, also inside quotation marks.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::contact::Channel;
    use crate::domain::outgoing::{About, MessageId, MessageKind, MessageState};

    fn settings() -> MailSettings {
        MailSettings {
            server: "127.0.0.1".to_owned(),
            port: None,
            tls: MailTls::None,
            user: None,
            password_file: None,
            from: Some("Huyện ủy Đồng Văn <vanphong@dongvan.vn>".to_owned()),
            authorities: None,
        }
    }

    fn message(name: &str, address: &str, text: &str) -> Message {
        Message {
            id: MessageId([7; 16]),
            key: "k".to_owned(),
            kind: MessageKind::Notice,
            way: Channel::Email,
            about: About::default(),
            name: name.to_owned(),
            address: address.to_owned(),
            words: Words::new(&Both::new(text, text), vec![Both::new(text, text)], Some("/n/")),
            made_at: 1_700_000_000,
            state: MessageState::Waiting,
            tries: 1,
            next_at: 0,
            done_at: None,
            why: None,
        }
    }

    fn composed(message: &Message) -> Result<String, String> {
        let mailer = Mailer::new(&settings()).unwrap();
        let mail = mailer.compose(message, Some("https://a.vn/n/?a=1&b=\"<"))?;
        Ok(String::from_utf8(mail.formatted()).unwrap())
    }

    #[test]
    fn hostile_names_and_subjects_stay_inside_their_header_and_their_paragraph() {
        let hostile = "Mí\r\nBcc: x@y.vn\r\n\r\n<script>alert(1)</script>";
        let mut message = message("Mí, \"A\" <x@y.vn>", "a@b.vn", hostile);
        let mail = composed(&message).unwrap();
        let (head, body) = mail.split_once("\r\n\r\n").unwrap();
        let names: Vec<_> = head
            .lines()
            .filter(|l| !l.starts_with([' ', '\t']))
            .map(|l| l.split(':').next().unwrap())
            .collect();
        assert_eq!(names, ["From", "To", "Message-ID", "Date", "Subject", "MIME-Version", "Content-Type"]);
        assert!(!head.contains("x@y.vn") || head.contains("=?utf-8?"), "{head}");
        assert!(head.contains("<07070707-0707-0707-0707-070707070707@dongvan.vn>"), "{head}");
        let (_, html) = body.split_once("text/html").unwrap();
        assert!(!html.contains("<script>") && html.contains("&lt;script&gt;"), "{body}");
        message.name = hostile.to_owned();
        let mail = composed(&message).unwrap();
        assert!(mail.contains("To: a@b.vn\r\n"), "a name with a line break is left out: {mail}");
        for bad in ["", "a@b.vn\r\nBcc: c@d.vn", "a@b.vn,c@d.vn", "a b@c.vn"] {
            message.address = bad.to_owned();
            assert_eq!(composed(&message).unwrap_err(), "the address is none", "{bad}");
        }
    }

    #[test]
    fn both_parts_say_it_in_vietnamese_first_and_html_is_escaped() {
        let words = Words::new(&Both::new("a", "b"), vec![Both::new("<b>Kết quả</b> & 'x'", "Result")], None);
        let text = text_of("Vàng Mí", &words, Some("https://a.vn/n/"));
        assert!(text.starts_with("Kính gửi Vàng Mí,\n\n<b>Kết quả</b>"), "{text}");
        assert!(text.find("Kết quả") < text.find("Result") && text.matches("https://a.vn/n/").count() == 2);
        let html = html_of("<i>Mí</i>", &words, Some("javascript:\"x"));
        assert!(html.contains("&lt;b&gt;Kết quả&lt;/b&gt; &amp; &#39;x&#39;"), "{html}");
        assert!(
            html.contains("&lt;i&gt;Mí&lt;/i&gt;")
                && !html.contains("<i>")
                && html.contains("javascript:&quot;x")
        );
    }

    #[test]
    fn settings_that_do_not_fit_together_are_refused() {
        let refused = |change: fn(&mut MailSettings)| {
            let mut settings = settings();
            change(&mut settings);
            Mailer::new(&settings).map(drop).unwrap_err()
        };
        assert!(matches!(refused(|s| s.from = None), WaysError::Needs { .. }));
        assert!(matches!(refused(|s| s.from = Some("văn phòng".to_owned())), WaysError::From { .. }));
        assert!(matches!(refused(|s| s.from = Some("a\nb <a@b.vn>".to_owned())), WaysError::From { .. }));
        assert!(matches!(refused(|s| s.user = Some("u".to_owned())), WaysError::Needs { .. }));
        assert!(matches!(refused(|s| s.password_file = Some("/x".into())), WaysError::Needs { .. }));
        assert!(matches!(refused(|s| s.server = "mail.vn".to_owned()), WaysError::Clear { .. }));
        assert!(matches!(refused(|s| s.server = "a b".to_owned()), WaysError::Address { .. }));
        let missing = refused(|s| {
            s.user = Some("u".to_owned());
            s.password_file = Some("/nowhere/at/all".into());
        });
        assert!(matches!(missing, WaysError::File { .. }));
    }
}
