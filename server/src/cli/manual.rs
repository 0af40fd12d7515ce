//! `homphieu completions` and `homphieu man`: made from the commands themselves, so they are never stale.

use super::{CliError, config, file_error};
use clap::CommandFactory;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct CompletionArgs {
    /// The shell: put what is printed where it looks for completions.
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

#[derive(Debug, clap::Args)]
pub(super) struct ManArgs {
    /// Folder to write the pages into, one per command.
    #[arg(long)]
    out: PathBuf,
}

/// Prints the completions of a shell.
pub(super) fn completions(args: &CompletionArgs) {
    let mut command = super::Cli::command();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "homphieu", &mut script);
    say!("{}", String::from_utf8_lossy(&script).trim_end());
}

/// Writes a page per command.
pub(super) fn man(args: &ManArgs) -> Result<(), CliError> {
    std::fs::create_dir_all(&args.out).map_err(|source| file_error("cannot make", &args.out, source))?;
    // `help` explains the others; it needs no page, nor do copies of theirs below it.
    let command = super::Cli::command().disable_help_subcommand(true);
    let pages = write_pages(&config::finished(command), "", &args.out)?;
    say!("{}", tr!("man-written", count = pages, folder = args.out.display().to_string()));
    Ok(())
}

fn write_pages(command: &clap::Command, above: &str, folder: &Path) -> Result<usize, CliError> {
    let name = format!("{above}{}", command.get_name());
    let path = folder.join(format!("{name}.1"));
    let mut page = Vec::new();
    let titled = command.clone().name(name.clone());
    clap_mangen::Man::new(titled)
        .render(&mut page)
        .and_then(|()| std::fs::write(&path, page))
        .map_err(|source| file_error("cannot write", &path, source))?;
    let mut count = 1;
    for inner in command.get_subcommands() {
        count += write_pages(inner, &format!("{name}-"), folder)?;
    }
    Ok(count)
}
