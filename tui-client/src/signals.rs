//! What the system tells a program: to end, to go on, that its terminal has another size.

use std::io;

use rustix::process::Signal;
use tokio::signal::unix::{self, SignalKind};

/// What the system tells.
pub(crate) struct Signals {
    ended: Vec<(i32, unix::Signal)>,
    resized: unix::Signal,
    continued: unix::Signal,
}

pub(crate) enum Happened {
    Resized,
    Continued,
    Ended(i32),
}

impl Happened {
    /// Ctrl+C and Ctrl+\ come from the terminal to all programs in it, and are the editor's.
    pub(crate) fn ends_behind_editor(self) -> Option<i32> {
        let is_typed = |signal| [Signal::INT, Signal::QUIT].map(Signal::as_raw).contains(&signal);
        match self {
            Self::Ended(signal) if !is_typed(signal) => Some(signal),
            Self::Ended(_) | Self::Resized | Self::Continued => None,
        }
    }
}

impl Signals {
    pub(crate) fn new() -> io::Result<Self> {
        let ends = [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT].map(Signal::as_raw);
        let listen = |number| unix::signal(SignalKind::from_raw(number));
        let ended: io::Result<Vec<_>> =
            ends.into_iter().map(|number| Ok((number, listen(number)?))).collect();
        Ok(Self {
            ended: ended?,
            resized: listen(Signal::WINCH.as_raw())?,
            continued: listen(Signal::CONT.as_raw())?,
        })
    }

    /// Waits until the program goes on after a stop.
    pub(crate) async fn continued(&mut self) {
        self.continued.recv().await;
    }

    pub(crate) async fn next(&mut self) -> Happened {
        let ended = futures::future::select_all(
            self.ended.iter_mut().map(|(_, signal)| Box::pin(signal.recv())),
        );
        let place = tokio::select! {
            (_, place, _) = ended => place,
            _ = self.resized.recv() => return Happened::Resized,
            _ = self.continued.recv() => return Happened::Continued,
        };
        Happened::Ended(self.ended[place].0)
    }
}
