//! The file `homphieu.toml`: read with the line of every value, and every problem at once.

use super::settings::{self, flag_command};
use super::{CliError, reason};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Longest file in bytes; a full one with comments has some 4 KiB.
const FILE_MAX: u64 = 64 * 1024;

/// What a file says.
#[derive(Debug, Default)]
pub(in crate::cli) struct ConfigFile {
    /// The file, if there is one.
    pub(in crate::cli) path: Option<PathBuf>,
    /// What is wrong with it.
    pub(in crate::cli) problems: Vec<Problem>,
    pub(super) entries: BTreeMap<String, Entry>,
}

/// One value of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// As it would be written on the command line.
    pub(super) values: Vec<OsString>,
    /// Its line, from 1.
    pub(super) line: usize,
}

/// Something wrong in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Problem {
    /// Its line, from 1.
    pub(in crate::cli) line: usize,
    /// What is wrong and what to do.
    pub(in crate::cli) text: String,
}

impl ConfigFile {
    /// Whether the file gives this setting.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// One line per problem, with file and line.
    pub(in crate::cli) fn problem_lines(&self) -> Vec<String> {
        let path = self.path.as_deref().unwrap_or(Path::new(super::FILE_NAME)).display().to_string();
        let said = |problem: &Problem| {
            let (line, what) = (problem.line, problem.text.as_str());
            tr!("config-problem", path = path.as_str(), line = line, what = what)
        };
        self.problems.iter().map(said).collect()
    }
}

/// Reads a file. What is wrong in it is noted; only a file that cannot be read at all is an error.
pub(super) fn read(path: &Path, command: &clap::Command, in_folder: bool) -> Result<ConfigFile, CliError> {
    let failed = |source| crate::cli::file_error("cannot read", path, source);
    let mut text = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(FILE_MAX + 1).read_to_end(&mut text).map_err(failed)?;
    let mut config = if text.len() as u64 > FILE_MAX {
        let text = tr!("config-too-long", max = FILE_MAX);
        ConfigFile { problems: vec![Problem { line: 1, text }], ..ConfigFile::default() }
    } else {
        match str::from_utf8(&text) {
            Ok(text) => parse(text, command, path.parent().unwrap_or(Path::new("")), in_folder),
            Err(error) => {
                let line = line_of(&text, error.valid_up_to());
                ConfigFile {
                    problems: vec![Problem { line, text: tr!("config-not-text") }],
                    ..ConfigFile::default()
                }
            }
        }
    };
    config.path = Some(path.to_owned());
    Ok(config)
}

/// Reads the text of a file that lies in `folder`, from which its relative paths go.
pub(super) fn parse(text: &str, command: &clap::Command, folder: &Path, in_folder: bool) -> ConfigFile {
    let mut config = ConfigFile::default();
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let line = line_of(text.as_bytes(), error.span().map_or(0, |span| span.start));
        config.problems.push(Problem { line, text: tr!("config-no-toml", what = error.message()) });
    }
    let known = settings::arguments(command);
    for (key, value) in table.get_ref() {
        let line = line_of(text.as_bytes(), key.span().start);
        let mut wrong = |text: String| config.problems.push(Problem { line, text });
        let key = key.get_ref().as_ref();
        let Some(arg) = known.iter().find(|arg| arg.get_long() == Some(key)) else {
            let names: Vec<_> = known.iter().filter_map(|arg| arg.get_long()).collect();
            wrong(tr!("config-unknown-key", key = key, known = names.join(", ")));
            continue;
        };
        if in_folder && key == "data-dir" {
            wrong(tr!("config-data-dir-inside"));
            continue;
        }
        match values(arg, value, folder) {
            Ok(values) => match refusal(command, arg, &values) {
                Some(why) => wrong(tr!("config-bad-value", key = key, why = why)),
                None => drop(config.entries.insert(key.to_owned(), Entry { values, line })),
            },
            Err(why) => wrong(tr!("config-bad-value", key = key, why = why)),
        }
    }
    config.problems.sort_by_key(|problem| problem.line);
    config
}

/// A value of the file as the command line would have it.
fn values(arg: &clap::Arg, value: &Spanned<DeValue<'_>>, folder: &Path) -> Result<Vec<OsString>, String> {
    let takes_value = arg.get_action().takes_values();
    let texts = match value.get_ref() {
        DeValue::Boolean(value) if !takes_value => vec![value.to_string()],
        _ if !takes_value => return Err(tr!("config-want-boolean")),
        DeValue::Array(list) if matches!(arg.get_action(), clap::ArgAction::Append) => {
            list.iter().map(|item| scalar(item.get_ref())).collect::<Result<_, _>>()?
        }
        DeValue::Array(_) => return Err(tr!("config-want-one")),
        other => vec![scalar(other)?],
    };
    let is_path = arg.get_value_parser().type_id() == clap::builder::ValueParser::path_buf().type_id();
    let place = |text: String| if is_path { folder.join(text).into_os_string() } else { text.into() };
    Ok(texts.into_iter().map(place).collect())
}

fn scalar(value: &DeValue<'_>) -> Result<String, String> {
    match value {
        DeValue::String(text) => Ok(text.as_ref().to_owned()),
        DeValue::Boolean(value) => Ok(value.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map(|number| number.to_string())
            .map_err(|_| tr!("config-number-too-large")),
        _ => Err(tr!("config-want-text")),
    }
}

/// Why the argument's own parser does not take these values.
pub(super) fn refusal(command: &clap::Command, arg: &clap::Arg, values: &[OsString]) -> Option<String> {
    use clap::error::ErrorKind;
    let long = arg.get_long()?;
    if !arg.get_action().takes_values() {
        let known = values.iter().all(|value| value == "true" || value == "false");
        return (!known).then(|| tr!("config-want-boolean"));
    }
    let mut line: Vec<OsString> = vec!["homphieu".into(), "serve".into()];
    for value in values {
        let mut word = OsString::from(format!("--{long}="));
        word.push(value);
        line.push(word);
    }
    let error = flag_command(command).try_get_matches_from(line).err()?;
    // Other kinds speak of how arguments go together, which one value cannot decide.
    let of_value = [ErrorKind::InvalidValue, ErrorKind::ValueValidation, ErrorKind::InvalidUtf8];
    of_value.contains(&error.kind()).then(|| reason(&error))
}

fn line_of(text: &[u8], at: usize) -> usize {
    1 + text.iter().take(at).filter(|byte| **byte == b'\n').count()
}
