//! Every check there is, in the order in which a mistake is cheapest to find.

use crate::run::{RunError, Workspace, cargo, run};
use crate::{demo, setup, test};
use std::io::{self, Write};
use std::process::Command;
use std::time::{Duration, Instant};

/// The round that is played has the same seed each time, so a failure can be played again.
const DEMO: [&str; 3] = ["--exit", "--seed", "2018"];

type Check<'a> = &'a dyn Fn() -> Result<(), RunError>;

/// Runs all checks and stops at the first that fails.
pub fn run_all(workspace: &Workspace) -> Result<(), RunError> {
    run_steps(
        &[
            ("format", &|| format(workspace)),
            ("lints", &|| lints(workspace)),
            ("dependencies and licences", &|| dependencies(workspace)),
            ("documentation", &|| documentation(workspace)),
            ("tests", &|| test::run_all(workspace)),
            ("a whole round", &|| run(&mut demo::checked(workspace, DEMO.map(Into::into))?)),
        ],
        &mut io::stdout(),
    )
}

fn run_steps(steps: &[(&'static str, Check<'_>)], out: &mut impl Write) -> Result<(), RunError> {
    let start = Instant::now();
    let mut taken = Vec::new();
    for (name, check) in steps {
        say(out, &format!("\n== {name}"));
        let step_start = Instant::now();
        let done = check();
        let took = seconds(step_start.elapsed());
        if let Err(source) = done {
            say(out, &format!("== {name}: FAILED after {took}"));
            return Err(RunError::Step { step: name, source: Box::new(source) });
        }
        say(out, &format!("== {name}: ok, {took}"));
        taken.push(format!("{name} {took}"));
    }
    say(
        out,
        &format!(
            "\nci: all {} steps passed in {} ({})",
            steps.len(),
            seconds(start.elapsed()),
            taken.join(", ")
        ),
    );
    Ok(())
}

fn format(workspace: &Workspace) -> Result<(), RunError> {
    setup::component("fmt", "rustfmt")?;
    run(cargo(["fmt", "--all", "--check"]).current_dir(&workspace.root))?;
    let fuzz = ["fmt", "--manifest-path", "tests/fuzz/Cargo.toml", "--check"];
    run(cargo(fuzz).current_dir(&workspace.root))
}

fn lints(workspace: &Workspace) -> Result<(), RunError> {
    setup::component("clippy", "clippy")?;
    let args = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    run(cargo(args).current_dir(&workspace.root))?;
    // Planted bugs are code, too.
    let planted = ["clippy", "--package", "homphieu-sim", "--features", "planted-bugs", "--all-targets"];
    run(cargo(planted).args(["--", "-D", "warnings"]).current_dir(&workspace.root))?;
    run(test::fuzz_crate(workspace, "clippy").args(["--locked", "--all-targets", "--", "-D", "warnings"]))
}

fn dependencies(workspace: &Workspace) -> Result<(), RunError> {
    println!(
        "security advisories are not looked up: their list lives on the network; \
         where there is one, run `cargo deny check advisories`"
    );
    let Some(program) = setup::cargo_deny(workspace)? else { return Ok(()) };
    let mut deny = Command::new(program);
    run(deny.args(["--locked", "check", "bans", "licenses", "sources"]).current_dir(&workspace.root))
}

fn documentation(workspace: &Workspace) -> Result<(), RunError> {
    let mut doc = cargo(["doc", "--no-deps", "--workspace"]);
    run(doc.env("RUSTDOCFLAGS", "-D warnings").current_dir(&workspace.root))
}

/// A closed output is no reason to leave checks out.
fn say(out: &mut impl Write, line: &str) {
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn broken() -> Result<(), RunError> {
        Err(RunError::Metadata("broken thing"))
    }

    #[test]
    fn the_first_failing_step_is_named_and_nothing_runs_after_it() {
        let later = Cell::new(false);
        let after = || {
            later.set(true);
            Ok(())
        };
        let mut out = Vec::new();
        let error = run_steps(&[("one", &|| Ok(())), ("two", &broken), ("three", &after)], &mut out);
        assert!(!later.get());
        let error = error.expect_err("step two fails").to_string();
        assert!(error.starts_with("stopped at step `two`: ") && error.contains("broken thing"), "{error}");
        let out = String::from_utf8(out).expect("text");
        assert!(out.contains("== one: ok, ") && out.contains("== two: FAILED after "), "{out}");
        assert!(!out.contains("three") && !out.contains("passed"), "{out}");
    }

    #[test]
    fn every_step_is_named_with_its_duration_when_all_pass() {
        let mut out = Vec::new();
        run_steps(&[("one", &|| Ok(())), ("two", &|| Ok(()))], &mut out).expect("both pass");
        let out = String::from_utf8(out).expect("text");
        let digits_out = out.replace(|letter: char| letter.is_ascii_digit(), "");
        assert!(digits_out.ends_with("ci: all  steps passed in . s (one . s, two . s)\n"), "{out}");
    }

    #[test]
    fn durations_are_seconds_with_one_decimal() {
        assert_eq!(seconds(Duration::from_millis(83_460)), "83.5 s");
    }

    #[test]
    fn steps_run_even_where_nobody_reads_what_they_say() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        assert!(run_steps(&[("one", &|| Ok(())), ("two", &broken)], &mut Closed).is_err());
    }
}
