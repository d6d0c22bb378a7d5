//! Notices that the settings file changed. No look is taken while nothing happens: the system
//! tells of changes in the file's directory (where it can), and after a key or when the window gets
//! the focus the file's times are looked at, for file systems and systems that tell nothing.

use std::{fs, os::unix::fs::MetadataExt as _, path::Path, time::Duration};

use tokio::time::{Instant, sleep_until};

use super::Watched;
use crate::event::Event;

#[cfg(target_os = "linux")]
mod notices;
#[cfg(not(target_os = "linux"))]
#[path = "watch/no_notices.rs"]
mod notices;

use notices::Notices;

/// How long after a change the file is read: editors write a file in several steps, and a
/// directory in which much happens wakes us no more often than this.
const SETTLES: Duration = Duration::from_millis(100);
/// How long between two looks that keys bring about.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Tells when the settings file is not as it was read last.
#[derive(Debug)]
pub(crate) struct Watch {
    /// `None` where there is no file to watch.
    watched: Option<Watched>,
    notices: Notices,
    stamp: Option<Stamp>,
    /// When the file is to be read.
    due: Option<Instant>,
    /// Before when keys bring about no look.
    rests_until: Instant,
}

/// Differs when a file was written or is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp([i64; 5]);

impl Watch {
    /// What is changed between the reading and this is noticed, too.
    pub(crate) fn start(watched: Option<Watched>) -> Self {
        let now = Instant::now();
        let due = watched.as_ref().map(|_| now);
        Self { watched, notices: Notices::default(), stamp: None, due, rests_until: now }
    }

    /// Waits until the file is not as it was read last. Nothing is lost when this is dropped.
    pub(crate) async fn changed(&mut self) -> Event {
        loop {
            if let Some(due) = self.due {
                sleep_until(due).await;
                self.due = None;
                if let Some(event) = self.read() {
                    return event;
                }
            }
            self.notices.next().await;
            self.due = Some(Instant::now() + SETTLES);
        }
    }

    fn read(&mut self) -> Option<Event> {
        let watched = self.watched.as_mut()?;
        // Before the reading, so that nothing is missed; and anew, as the directory may be.
        self.notices = Notices::of(&watched.file.path);
        self.stamp = Stamp::of(&watched.file.path);
        watched.read_again()
    }

    /// As where the system tells nothing.
    #[cfg(test)]
    pub(super) fn be_deaf(&mut self) {
        self.notices = Notices::default();
    }

    /// The user is here: whether the file is as it was.
    pub(crate) fn look(&mut self) {
        let now = Instant::now();
        let Some(watched) = self.watched.as_ref().filter(|_| now >= self.rests_until) else {
            return;
        };
        self.rests_until = now + LOOK_AGAIN;
        if self.due.is_none() && Stamp::of(&watched.file.path) != self.stamp {
            self.due = Some(now + SETTLES);
        }
    }
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let file = fs::metadata(path).ok()?;
        let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        Some(Self([
            number(file.ino()),
            number(file.len()),
            file.mtime(),
            file.mtime_nsec(),
            file.ctime_nsec(),
        ]))
    }
}
