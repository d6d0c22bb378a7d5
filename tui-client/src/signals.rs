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
        Self::but_for(0)
    }

    /// Those that whoever started this program does not want ignored: `nohup` wants that of
    /// hang-ups, and a shell's `&` of Ctrl+C. Only Linux tells; elsewhere it is all of them.
    pub(crate) fn heeded() -> io::Result<Self> {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        Self::but_for(ignored(&status))
    }

    /// All but those of a mask, in which signal 1 is the lowest bit.
    fn but_for(ignored: u64) -> io::Result<Self> {
        let ends = [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT].map(Signal::as_raw);
        let ends = ends.into_iter().filter(|number| ignored >> (number - 1) & 1 == 0);
        let listen = |number| unix::signal(SignalKind::from_raw(number));
        let ended: io::Result<Vec<_>> = ends.map(|number| Ok((number, listen(number)?))).collect();
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
        let has_ends = !self.ended.is_empty();
        let ended = self.ended.iter_mut().map(|(_, signal)| Box::pin(signal.recv()));
        let ended = async {
            if has_ends {
                futures::future::select_all(ended).await.1
            } else {
                std::future::pending().await
            }
        };
        let place = tokio::select! {
            place = ended => place,
            _ = self.resized.recv() => return Happened::Resized,
            _ = self.continued.recv() => return Happened::Continued,
        };
        Happened::Ended(self.ended[place].0)
    }
}

/// The signals that are ignored, from what Linux says of a process.
fn ignored(status: &str) -> u64 {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ignored_is_told_by_linux() {
        let status = "Name:\thubbub\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001003\n";
        assert_eq!(ignored(status), 0x1003);
        assert_eq!(ignored(""), 0);
    }
}
