//! How fast one connection may send. PURE: the time is handed in, and what comes out is how long
//! to pause, so that too fast is never an error.

use std::time::Duration;

/// Frames a second of one connection, beside messages.
const FRAMES_RATE: u32 = 20;
/// Frames at once, above [`FRAMES_RATE`].
const FRAMES_BURST: u32 = 100;
/// Renames at once, before it is one a [`RENAME_INTERVAL`].
const RENAMES_BURST: u32 = 3;
/// Every other rename waits this long for its token.
const RENAME_INTERVAL: Duration = Duration::from_mins(1);

/// What a frame is counted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// It adds to a log.
    Message,
    /// Anything else.
    Other,
}

/// The limits of one connection.
#[derive(Clone, Debug)]
pub struct Limits {
    /// For messages and for other frames; none where the operator wants none.
    buckets: Option<(Bucket, Bucket)>,
}

impl Limits {
    /// Limits with `rate` messages a second and `burst` at once; with rate 0 there are none.
    pub fn new(rate: u32, burst: u32) -> Self {
        let buckets =
            || (Bucket::per_second(rate, burst), Bucket::per_second(FRAMES_RATE, FRAMES_BURST));
        Self { buckets: (rate > 0).then(buckets) }
    }

    /// Counts a frame and says how long to pause before reading the next one.
    pub fn take(&mut self, now: Duration, kind: FrameKind) -> Duration {
        match (&mut self.buckets, kind) {
            (None, _) => Duration::ZERO,
            (Some((messages, _)), FrameKind::Message) => messages.take(now),
            (Some((_, frames)), FrameKind::Other) => frames.take(now),
        }
    }
}

/// A token bucket, kept as the time at which it will be full again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bucket {
    /// How long one token takes to come back.
    interval: Duration,
    /// The time that all tokens but one take to come back.
    tolerance: Duration,
    /// When every token is back.
    full_at: Duration,
}

impl Bucket {
    /// A full bucket of `burst` tokens, at least one, of which one comes back each `interval`.
    fn new(interval: Duration, burst: u32) -> Self {
        let tolerance = interval.saturating_mul(burst.saturating_sub(1));
        Self { interval, tolerance, full_at: Duration::ZERO }
    }

    fn per_second(rate: u32, burst: u32) -> Self {
        Self::new(Duration::from_secs(1) / rate.max(1), burst)
    }

    /// The bucket of one person's renames.
    pub(crate) fn of_renames() -> Self {
        Self::new(RENAME_INTERVAL, RENAMES_BURST)
    }

    /// Takes a token, on credit if need be, and says how long until there is one again.
    fn take(&mut self, now: Duration) -> Duration {
        self.full_at = self.full_at.max(now) + self.interval;
        self.wait(now)
    }

    /// Takes a token if there is one, else says how long until there is.
    pub(crate) fn try_take(&mut self, now: Duration) -> Result<(), Duration> {
        let wait = self.wait(now);
        if wait > Duration::ZERO {
            return Err(wait);
        }
        self.take(now);
        Ok(())
    }

    /// Puts a token back that was taken for something that did not happen.
    pub(crate) fn put_back(&mut self) {
        self.full_at = self.full_at.saturating_sub(self.interval);
    }

    fn wait(&self, now: Duration) -> Duration {
        self.full_at.saturating_sub(now + self.tolerance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::from_secs(1000);

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let mut limits = Limits::new(10, 30);
        for _ in 0..29 {
            assert_eq!(limits.take(START, FrameKind::Message), Duration::ZERO);
        }
        let pause = limits.take(START, FrameKind::Message);
        assert_eq!(pause, Duration::from_millis(100));
        assert_eq!(limits.take(START + pause, FrameKind::Message), Duration::from_millis(100));
    }

    #[test]
    fn messages_and_other_frames_have_their_own_buckets() {
        let mut limits = Limits::new(1, 1);
        assert_eq!(limits.take(START, FrameKind::Message), Duration::from_secs(1));
        for _ in 0..99 {
            assert_eq!(limits.take(START, FrameKind::Other), Duration::ZERO);
        }
        assert_eq!(limits.take(START, FrameKind::Other), Duration::from_millis(50));
    }

    #[test]
    fn rest_fills_the_bucket_up_to_its_burst_and_no_further() {
        let mut limits = Limits::new(10, 3);
        let later = START + Duration::from_hours(1);
        let pauses = [(); 4].map(|()| limits.take(later, FrameKind::Message));
        assert_eq!(pauses.map(|pause| pause.as_millis()), [0, 0, 100, 200]);
    }

    #[test]
    fn rate_zero_is_no_limit() {
        let mut limits = Limits::new(0, 0);
        assert!((0..10_000).all(|_| limits.take(START, FrameKind::Message).is_zero()));
    }

    #[test]
    fn a_rename_that_failed_costs_nothing() {
        let mut renames = Bucket::of_renames();
        for _ in 0..3 {
            assert_eq!(renames.try_take(START), Ok(()));
        }
        assert_eq!(renames.try_take(START), Err(Duration::from_mins(1)));
        renames.put_back();
        assert_eq!(renames.try_take(START), Ok(()));
    }
}
