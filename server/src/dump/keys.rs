//! Who can open a backup: age recipients (X25519) or a passphrase, and the file around the dump.
//!
//! A backup holds the centre's key, so it leaves the centre encrypted. The centre knows only public keys; the identity
//! that opens its backups must lie elsewhere, or a thief of the disk has everything twice.

use super::DumpError;
use age::secrecy::{ExposeSecret, SecretString};
use age::{Decryptor, Encryptor, Identity, Recipient, scrypt, x25519};
use std::io::{BufRead, BufReader, Read, Write};
use zeroize::Zeroizing;

/// Most recipients of a backup.
pub const RECIPIENTS_MAX: usize = 16;
/// Largest work factor of a passphrase that is tried, as power of two: beyond, a hostile file would keep us busy.
const WORK_MAX: u8 = 22;
/// Longest head of an encrypted file in bytes; sixteen recipients need three thousand.
const HEAD_MAX: usize = 64 * 1024;

/// For whom a backup is written.
#[derive(Clone)]
pub enum Seal {
    /// For the holders of these identities.
    Recipients(Vec<x25519::Recipient>),
    /// For whoever knows this passphrase.
    Passphrase(SecretString),
    /// For everybody who can read the file.
    Open,
}

/// What opens a backup.
pub enum Opener {
    /// Nothing: only a backup that is not encrypted opens.
    Nothing,
    /// Identities from a key file.
    Identities(Vec<x25519::Identity>),
    /// A passphrase.
    Passphrase(SecretString),
}

impl Seal {
    /// Recipients as people write them: `age1…`.
    ///
    /// # Errors
    /// [`DumpError::Key`] for one that is none.
    pub fn to(recipients: &[String]) -> Result<Self, DumpError> {
        if recipients.is_empty() || recipients.len() > RECIPIENTS_MAX {
            return Err(DumpError::Key {
                what: format!("{} recipients", recipients.len()),
                expected: "number of recipients from 1 to 16",
            });
        }
        let parse = |text: &String| {
            let recipient = text.trim().parse::<x25519::Recipient>();
            recipient.map_err(|_| DumpError::Key {
                // Somebody may have pasted the secret half.
                what: if text.trim().starts_with("age1") { text.clone() } else { "this".to_owned() },
                expected: "age recipient: it begins with age1 and is printed by `homphieu backup keygen`",
            })
        };
        Ok(Self::Recipients(recipients.iter().map(parse).collect::<Result<_, _>>()?))
    }

    /// Whether the file is encrypted.
    pub fn encrypts(&self) -> bool {
        !matches!(self, Self::Open)
    }

    /// A writer that encrypts what goes through it, and what opens the file again for the check after writing: a key
    /// of its own that is drawn for this file, never stored, and forgotten with the answer.
    ///
    /// # Errors
    /// [`std::io::Error`] of the output.
    pub fn wrap<W: Write>(&self, output: W) -> std::io::Result<(Sealed<W>, Opener)> {
        let encryptor = match self {
            Self::Open => return Ok((Sealed::Plain(output), Opener::Nothing)),
            Self::Passphrase(passphrase) => {
                let encryptor = Encryptor::with_user_passphrase(passphrase.clone());
                return Ok((
                    Sealed::Age(Box::new(encryptor.wrap_output(output)?)),
                    Opener::Passphrase(passphrase.clone()),
                ));
            }
            Self::Recipients(recipients) => {
                let check = x25519::Identity::generate();
                let own = check.to_public();
                let all = recipients.iter().chain(std::iter::once(&own)).map(|r| r as &dyn Recipient);
                Encryptor::with_recipients(all).map(|encryptor| (encryptor, check))
            }
        };
        let (encryptor, check) = encryptor.map_err(std::io::Error::other)?;
        Ok((Sealed::Age(Box::new(encryptor.wrap_output(output)?)), Opener::Identities(vec![check])))
    }
}

/// A writer that may encrypt.
pub enum Sealed<W: Write> {
    /// As it comes.
    Plain(W),
    /// As an age file.
    Age(Box<age::stream::StreamWriter<W>>),
}

impl<W: Write> Sealed<W> {
    /// Ends the file; without this it does not open.
    ///
    /// # Errors
    /// [`std::io::Error`] of the output.
    pub fn finish(self) -> std::io::Result<W> {
        match self {
            Self::Plain(output) => Ok(output),
            Self::Age(stream) => stream.finish(),
        }
    }
}

impl<W: Write> Write for Sealed<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(output) => output.write(bytes),
            Self::Age(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Plain(output) => output.flush(),
            Self::Age(stream) => stream.flush(),
        }
    }
}

impl Opener {
    /// Reads a key file: lines with `AGE-SECRET-KEY-1…`, empty lines and lines that begin with `#`.
    ///
    /// # Errors
    /// [`DumpError::Key`] if a line is something else or there is none.
    pub fn from_key_file(text: &str, name: &str) -> Result<Self, DumpError> {
        let wrong = |what: String| DumpError::Key {
            what,
            expected: "age identity: a key file as `homphieu backup keygen` writes it",
        };
        let lines = text.lines().map(str::trim).enumerate();
        let keys = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let parse = |(at, line): (usize, &str)| {
            line.parse::<x25519::Identity>().map_err(|_| wrong(format!("line {} of {name}", at + 1)))
        };
        let keys = keys.map(parse).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() { Err(wrong(name.to_owned())) } else { Ok(Self::Identities(keys)) }
    }

    /// A reader of the dump inside a file.
    ///
    /// # Errors
    /// [`DumpError::Encrypted`] if a key is needed, [`DumpError::WrongKey`] if none fits.
    pub fn unwrap<'a>(&self, input: impl Read + 'a) -> Result<Box<dyn Read + 'a>, DumpError> {
        let mut input = BufReader::with_capacity(HEAD_MAX, input);
        let begin = input.fill_buf().map_err(DumpError::reading)?;
        if !begin.starts_with(b"age-encryption.org/") {
            // Whatever it is, the reader of dumps says.
            return Ok(Box::new(input));
        }
        // The head ends with a line of its own. One without end would be read into memory for ever.
        if !begin.windows(5).any(|window| window == b"\n--- ") {
            return Err(DumpError::Damaged { what: "the head of the encrypted file" });
        }
        let typed;
        let identities: Vec<&dyn Identity> = match self {
            Self::Nothing => return Err(DumpError::Encrypted),
            Self::Identities(keys) => keys.iter().map(|key| key as &dyn Identity).collect(),
            Self::Passphrase(passphrase) => {
                let mut identity = scrypt::Identity::new(passphrase.clone());
                identity.set_max_work_factor(WORK_MAX);
                typed = identity;
                vec![&typed]
            }
        };
        let decryptor = Decryptor::new_buffered(input).map_err(opening)?;
        Ok(Box::new(decryptor.decrypt(identities.into_iter()).map_err(opening)?))
    }
}

fn opening(error: age::DecryptError) -> DumpError {
    use age::DecryptError as E;
    match error {
        E::NoMatchingKeys | E::DecryptionFailed | E::KeyDecryptionFailed => DumpError::WrongKey,
        E::Io(error) => DumpError::reading(error),
        _ => DumpError::Damaged { what: "the head of the encrypted file" },
    }
}

/// A fresh identity as the text of its key file, and its recipient.
pub fn generate() -> (Zeroizing<String>, String) {
    let identity = x25519::Identity::generate();
    let recipient = identity.to_public().to_string();
    let text = format!(
        "# Opens backups of Hòm Phiếu. Keep it away from the centre, twice, e.g. on two sticks in two safes.\n\
         # Whoever has this file and a backup has the centre's key; without it no backup opens.\n\
         # recipient: {recipient}\n{}\n",
        identity.to_string().expose_secret()
    );
    (Zeroizing::new(text), recipient)
}

/// A passphrase as a person typed it.
pub fn passphrase(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}
