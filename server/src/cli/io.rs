//! Talking with a person at a terminal; in tests, with a pipe.

use std::io::{BufRead, Write};
use zeroize::Zeroizing;

/// Where a person reads and types.
pub(super) struct Io {
    input: Box<dyn BufRead>,
    screen: Box<dyn Write>,
    terminal: bool,
}

impl Io {
    /// The process's own streams. Questions go to standard error, so that standard output stays clean.
    pub(super) fn standard() -> Self {
        use std::io::IsTerminal;
        Self {
            input: Box::new(std::io::stdin().lock()),
            screen: Box::new(std::io::stderr()),
            terminal: std::io::stderr().is_terminal() && std::io::stdin().is_terminal(),
        }
    }

    /// Shows a line.
    pub(super) fn say(&mut self, text: &str) {
        // Nobody can be told that the screen is gone.
        drop(writeln!(self.screen, "{text}"));
    }

    /// Asks for a line; `None` when there is no more input.
    pub(super) fn ask(&mut self, question: &str) -> Option<Zeroizing<String>> {
        drop(write!(self.screen, "{question} "));
        drop(self.screen.flush());
        let mut line = Zeroizing::new(String::new());
        match self.input.read_line(&mut line) {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(Zeroizing::new(line.trim().to_owned())),
        }
    }

    /// Asks for something that the screen must not show; `None` when there is no more input.
    pub(super) fn ask_hidden(&mut self, question: &str) -> Option<Zeroizing<String>> {
        if !self.terminal {
            return self.ask(question);
        }
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let stdin = std::io::stdin();
        let before = tcgetattr(&stdin).ok();
        if let Some(mut hidden) = before.clone() {
            hidden.local_modes.remove(LocalModes::ECHO);
            let _ = tcsetattr(&stdin, OptionalActions::Now, &hidden);
        }
        let typed = self.ask(question);
        if let Some(before) = before {
            let _ = tcsetattr(&stdin, OptionalActions::Now, &before);
            self.say("");
        }
        typed
    }

    /// Wipes what was shown, where the screen is a terminal: the visible part and what scrolled away (ECMA-48 ED).
    pub(super) fn wipe_screen(&mut self) {
        if self.terminal {
            drop(write!(self.screen, "\x1b[H\x1b[2J\x1b[3J"));
            drop(self.screen.flush());
        }
    }
}
