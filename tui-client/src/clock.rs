//! The clocks, which nothing that decides may read.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use protocol::Timestamp;
use tokio::time;

use crate::event::Now;

/// The only place where the client reads clocks.
pub(crate) struct Clock {
    begun: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { begun: Instant::now() }
    }

    pub(crate) fn now(&self) -> Now {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Now { mono: self.begun.elapsed(), wall: Timestamp(since_1970.as_millis() as i64) }
    }

    pub(crate) async fn sleep_until(&self, deadline: Option<Duration>) {
        match deadline {
            Some(deadline) => time::sleep_until((self.begun + deadline).into()).await,
            None => std::future::pending().await,
        }
    }
}
