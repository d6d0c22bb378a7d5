//! How long to wait before the next attempt. PURE: the random number is handed in.

use std::time::Duration;

/// The longest first wait.
pub const FIRST: Duration = Duration::from_secs(1);
/// The longest wait of all.
pub const LONGEST: Duration = Duration::from_secs(30);
/// The longest that a hub may ask for: a longer wait is the user's business.
pub const ASKED_MAX: Duration = Duration::from_hours(1);
/// How long a connection must have lived before the waits begin at [`FIRST`] again: a hub that
/// dies right after each welcome is not to be hammered.
pub const STABLE: Duration = Duration::from_mins(1);

/// 1 s doubling to 30 s with full jitter, so that 1,000 clients of a hub that comes back do not
/// come at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackOff {
    failures: u32,
    /// What the hub asked for; counts once.
    at_least: Duration,
}

impl BackOff {
    /// The next wait; `random` is evenly from 0 to 1.
    pub fn next(&mut self, random: f64) -> Duration {
        let ceiling = FIRST.saturating_mul(1 << self.failures.min(5)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        std::mem::take(&mut self.at_least) + ceiling.mul_f64(random.clamp(0.0, 1.0))
    }

    /// The hub said not to come back before that, within reason.
    pub fn wait_at_least(&mut self, wait: Duration) {
        self.at_least = wait.min(ASKED_MAX);
    }

    /// A connection has ended that lived for so long.
    pub fn lived(&mut self, lifetime: Duration) {
        if lifetime >= STABLE {
            self.failures = 0;
        }
    }

    /// The user does not want to wait.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_one_second_to_thirty() {
        let mut back_off = BackOff::default();
        let waits: Vec<u64> = (0..8).map(|_| back_off.next(1.0).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
    }

    #[test]
    fn jitter_is_full() {
        assert_eq!(BackOff::default().next(0.0), Duration::ZERO);
        assert_eq!(BackOff::default().next(0.5), Duration::from_millis(500));
    }

    #[test]
    fn only_a_connection_that_lived_a_minute_begins_anew() {
        let mut back_off = BackOff::default();
        back_off.next(1.0);
        back_off.lived(Duration::from_secs(59));
        assert_eq!(back_off.next(1.0).as_secs(), 2);
        back_off.lived(STABLE);
        assert_eq!(back_off.next(1.0).as_secs(), 1);
    }

    #[test]
    fn what_the_hub_asks_for_is_obeyed_once() {
        let mut back_off = BackOff::default();
        back_off.wait_at_least(Duration::from_secs(7));
        assert_eq!(back_off.next(0.0).as_secs(), 7);
        assert_eq!(back_off.next(0.0).as_secs(), 0);
    }

    #[test]
    fn no_hub_can_ask_for_more_than_an_hour() {
        let mut back_off = BackOff::default();
        back_off.wait_at_least(Duration::from_millis(u64::MAX));
        assert_eq!(back_off.next(0.0), ASKED_MAX);
    }

    #[test]
    fn jitter_comes_on_top_of_what_the_hub_asks_for() {
        let mut back_off = BackOff::default();
        back_off.wait_at_least(Duration::from_secs(7));
        assert_eq!(back_off.next(0.5), Duration::from_millis(7500));
    }
}
