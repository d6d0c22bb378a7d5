//! How fast one connection may send. PURE: the time is handed in, and what comes out is how long
//! to pause, so that too fast is never an error.

use std::time::Duration;

/// Frames a second of one connection, beside messages.
const FRAMES_RATE: u32 = 20;
/// Frames at once, above [`FRAMES_RATE`].
const FRAMES_BURST: u32 = 100;
/// Renames of one person: three at once, then one a minute.
pub(crate) const RENAMES: Rate = Rate::new(Duration::from_mins(1), 3);

/// What a frame is counted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// It adds to a log.
    Message,
    /// Anything else.
    Other,
}

/// How fast every connection may send.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// For messages and for other frames; none where the operator wants none.
    rates: Option<(Rate, Rate)>,
}

impl Rates {
    /// `rate` messages a second and `burst` at once; with rate 0 there is no limit.
    pub fn new(rate: u32, burst: u32) -> Self {
        let rates = || (Rate::per_second(rate, burst), Rate::per_second(FRAMES_RATE, FRAMES_BURST));
        Self { rates: (rate > 0).then(rates) }
    }
}

/// How far one connection is with the [`Rates`].
#[derive(Clone, Debug, Default)]
pub struct Limits {
    messages: Bucket,
    frames: Bucket,
}

impl Limits {
    /// Counts a frame and says how long to pause before reading the next one.
    pub fn take(&mut self, rates: &Rates, now: Duration, kind: FrameKind) -> Duration {
        match (&rates.rates, kind) {
            (None, _) => Duration::ZERO,
            (Some((rate, _)), FrameKind::Message) => self.messages.take(rate, now),
            (Some((_, rate)), FrameKind::Other) => self.frames.take(rate, now),
        }
    }
}

impl Limits {
    /// Counts a frame if there is a token for it; says how long until there is one if not.
    pub(crate) fn try_take(
        &mut self,
        rates: &Rates,
        now: Duration,
        kind: FrameKind,
    ) -> Result<(), Duration> {
        match (&rates.rates, kind) {
            (None, _) => Ok(()),
            (Some((rate, _)), FrameKind::Message) => self.messages.try_take(rate, now),
            (Some((_, rate)), FrameKind::Other) => self.frames.try_take(rate, now),
        }
    }
}

/// How fast tokens come back, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    /// How long one token takes to come back.
    interval: Duration,
    /// The time that all tokens but one take to come back.
    tolerance: Duration,
}

impl Rate {
    /// `burst` tokens, at least one, of which one comes back each `interval`.
    const fn new(interval: Duration, burst: u32) -> Self {
        Self { interval, tolerance: interval.saturating_mul(burst.saturating_sub(1)) }
    }

    fn per_second(rate: u32, burst: u32) -> Self {
        Self::new(Duration::from_secs(1) / rate.max(1), burst)
    }
}

/// A token bucket, kept as the time at which it will be full again, so that it is small; full at
/// first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bucket {
    full_at: Duration,
}

impl Bucket {
    /// Takes a token, on credit if need be, and says how long until there is one again.
    fn take(&mut self, rate: &Rate, now: Duration) -> Duration {
        self.full_at = self.full_at.max(now) + rate.interval;
        self.wait(rate, now)
    }

    /// Takes a token if there is one, else says how long until there is.
    pub(crate) fn try_take(&mut self, rate: &Rate, now: Duration) -> Result<(), Duration> {
        let wait = self.wait(rate, now);
        if wait > Duration::ZERO {
            return Err(wait);
        }
        self.take(rate, now);
        Ok(())
    }

    /// Puts a token back that was taken for something that did not happen.
    pub(crate) fn put_back(&mut self, rate: &Rate) {
        self.full_at = self.full_at.saturating_sub(rate.interval);
    }

    fn wait(&self, rate: &Rate, now: Duration) -> Duration {
        self.full_at.saturating_sub(now + rate.tolerance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::from_secs(1000);

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let (rates, mut limits) = (Rates::new(10, 30), Limits::default());
        for _ in 0..29 {
            assert_eq!(limits.take(&rates, START, FrameKind::Message), Duration::ZERO);
        }
        let pause = limits.take(&rates, START, FrameKind::Message);
        assert_eq!(pause, Duration::from_millis(100));
        assert_eq!(
            limits.take(&rates, START + pause, FrameKind::Message),
            Duration::from_millis(100)
        );
    }

    #[test]
    fn messages_and_other_frames_have_their_own_buckets() {
        let (rates, mut limits) = (Rates::new(1, 1), Limits::default());
        assert_eq!(limits.take(&rates, START, FrameKind::Message), Duration::from_secs(1));
        for _ in 0..99 {
            assert_eq!(limits.take(&rates, START, FrameKind::Other), Duration::ZERO);
        }
        assert_eq!(limits.take(&rates, START, FrameKind::Other), Duration::from_millis(50));
    }

    #[test]
    fn rest_fills_the_bucket_up_to_its_burst_and_no_further() {
        let (rates, mut limits) = (Rates::new(10, 3), Limits::default());
        let later = START + Duration::from_hours(1);
        let pauses = [(); 4].map(|()| limits.take(&rates, later, FrameKind::Message));
        assert_eq!(pauses.map(|pause| pause.as_millis()), [0, 0, 100, 200]);
    }

    #[test]
    fn rate_zero_is_no_limit() {
        let (rates, mut limits) = (Rates::new(0, 0), Limits::default());
        assert!((0..10_000).all(|_| limits.take(&rates, START, FrameKind::Message).is_zero()));
    }

    #[test]
    fn a_rename_that_failed_costs_nothing() {
        let mut renames = Bucket::default();
        for _ in 0..3 {
            assert_eq!(renames.try_take(&RENAMES, START), Ok(()));
        }
        assert_eq!(renames.try_take(&RENAMES, START), Err(Duration::from_mins(1)));
        renames.put_back(&RENAMES);
        assert_eq!(renames.try_take(&RENAMES, START), Ok(()));
    }
}
