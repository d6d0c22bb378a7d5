//! The clock of the shards, in seconds since their start.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use tokio::time::Instant;

/// Counts the seconds since the shards were started.
#[derive(Debug)]
pub enum Clock {
    /// It runs, since then.
    Running(Instant),
    /// It stands at this second until it is set: for who drives a shard by hand.
    Standing(AtomicU32),
}

impl Clock {
    /// How many seconds have passed.
    pub fn seconds(&self) -> u32 {
        match self {
            Self::Running(start) => start.elapsed().as_secs() as u32,
            Self::Standing(seconds) => seconds.load(Ordering::Acquire),
        }
    }

    /// Sets one that stands.
    pub fn set(&self, to: u32) {
        if let Self::Standing(seconds) = self {
            seconds.store(to, Ordering::Release);
        }
    }

    /// How long the next second is away.
    pub(crate) fn until_next_second(&self) -> Duration {
        let nanos = match self {
            Self::Running(start) => start.elapsed().subsec_nanos(),
            Self::Standing(_) => 0,
        };
        Duration::from_nanos(1_000_000_000 - u64::from(nanos))
    }
}
