//! Complaints about arguments. clap says them in English; here the same in Vietnamese.

use super::{Lang, current, text, vietnamese};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use fluent_bundle::FluentValue;

/// What to print about a parse that gave no command: help and version as they are, a complaint in the language of the
/// process.
pub(in crate::cli) fn words(error: &clap::Error) -> String {
    let complaint = match current() {
        Lang::Vi => in_vietnamese(error),
        Lang::En => None,
    };
    complaint.unwrap_or_else(|| error.render().to_string())
}

fn in_vietnamese(error: &clap::Error) -> Option<String> {
    let arg = said(error, ContextKind::InvalidArg);
    let value = said(error, ContextKind::InvalidValue);
    let values = [("arg", FluentValue::from(arg.as_str())), ("value", FluentValue::from(value.as_str()))];
    let mut lines = vec![match error.kind() {
        ErrorKind::InvalidValue if value.is_empty() => vietnamese("usage-empty-value", &values),
        ErrorKind::InvalidValue => vietnamese("usage-invalid-value", &values),
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            format!("{}: {why}", vietnamese("usage-invalid-value", &values))
        }
        ErrorKind::UnknownArgument => vietnamese("usage-unknown-argument", &values),
        ErrorKind::InvalidSubcommand => {
            let name = said(error, ContextKind::InvalidSubcommand);
            vietnamese("usage-unknown-command", &[("value", name.into())])
        }
        ErrorKind::ArgumentConflict => {
            let prior = said(error, ContextKind::PriorArg);
            if prior == arg || prior.is_empty() {
                vietnamese("usage-twice", &values)
            } else {
                vietnamese("usage-conflict", &[("arg", arg.into()), ("prior", prior.into())])
            }
        }
        ErrorKind::MissingRequiredArgument => vietnamese("usage-missing", &[("arg", arg.into())]),
        ErrorKind::MissingSubcommand => vietnamese("usage-missing-command", &[]),
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            vietnamese("usage-number-of-values", &values)
        }
        ErrorKind::NoEquals => vietnamese("usage-no-equals", &values),
        ErrorKind::InvalidUtf8 => vietnamese("usage-not-text", &[]),
        // Help and version, and whatever a later clap may add.
        _ => return None,
    }];
    let possible = said(error, ContextKind::ValidValue);
    if !possible.is_empty() {
        lines.push(vietnamese("usage-possible-line", &[("value", possible.into())]));
    }
    for kind in [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue] {
        let suggested = said(error, kind);
        if !suggested.is_empty() {
            lines.push(vietnamese("usage-suggestion", &[("value", suggested.into())]));
        }
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        let usage = usage.trim_start_matches("Usage:").trim();
        lines.push(format!("\n{} {usage}", vietnamese("usage-heading", &[])));
    }
    lines.push(format!("\n{}\n", vietnamese("usage-try-help", &[])));
    Some(lines.join("\n"))
}

/// Why a value was not taken, without the value itself.
pub(in crate::cli) fn reason(error: &clap::Error) -> String {
    let possible = said(error, ContextKind::ValidValue);
    if !possible.is_empty() {
        return text("value-possible", &[("value", possible.into())]);
    }
    std::error::Error::source(error).map_or_else(|| text("value-wrong", &[]), ToString::to_string)
}

fn said(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        _ => String::new(),
    }
}
