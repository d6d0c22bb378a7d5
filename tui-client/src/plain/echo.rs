//! What the terminal shows of what is typed: not the answer to a question that is not to be seen.
//! Put back on every way out, and while the program is stopped.

use std::io;

use rustix::{
    process::{Signal, getpid, kill_process},
    termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr},
};
use tokio::signal::unix::{self, SignalKind};

/// The echo of the terminal on stdin. When it is dropped it is as it was.
#[derive(Debug, Default)]
pub(super) struct Echo {
    /// The terminal as it was, while it shows nothing.
    hidden: Option<Termios>,
}

impl Echo {
    /// Shows what is typed, or does not. What is no terminal shows nothing.
    pub(super) fn set(&mut self, is_shown: bool) {
        match (is_shown, self.hidden.is_some()) {
            (false, false) => self.hidden = hide().ok(),
            (true, true) => self.show(),
            (true, false) | (false, true) => {}
        }
    }

    /// Stops the program as Ctrl+Z does; returns when it goes on.
    pub(super) fn stop(&mut self) {
        let is_hidden = self.hidden.is_some();
        self.show();
        let _ = kill_process(getpid(), Signal::STOP); // If that fails it just goes on.
        self.set(!is_hidden);
    }

    fn show(&mut self) {
        if let Some(before) = self.hidden.take() {
            let _ = set(&before); // Then the terminal is gone.
        }
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.show();
    }
}

/// Ctrl+Z, which is ours to obey: the terminal is to be as it was while another program has it.
pub(super) fn stops() -> io::Result<unix::Signal> {
    unix::signal(SignalKind::from_raw(Signal::TSTP.as_raw()))
}

fn hide() -> rustix::io::Result<Termios> {
    let before = tcgetattr(io::stdin())?;
    let mut hidden = before.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    // The line still ends where Enter is pressed.
    hidden.local_modes.insert(LocalModes::ECHONL);
    set(&hidden)?;
    Ok(before)
}

/// At once, so that nothing is lost that was typed already.
fn set(modes: &Termios) -> rustix::io::Result<()> {
    tcsetattr(io::stdin(), OptionalActions::Now, modes)
}
