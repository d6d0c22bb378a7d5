//! When to look after which connection: one list of places for each second to come, in place of
//! a timer for each connection. PURE.

use crate::sabotage::Fault;

/// Seconds between two pings.
pub(crate) const PING_SECONDS: u32 = 25;
/// After this many seconds without a sign of life a connection is reset.
pub(crate) const SILENCE_SECONDS: u32 = 55;
/// A wheel that was not turned for longer than this did not run, nor did anything else here: the
/// process was stopped, or its machine slept. Who could not be heard meanwhile was not silent.
const PAUSE_SECONDS: u32 = 5;
/// More than the longest time to the next look.
const SLOTS: usize = 32;

/// Which connections are due at which second.
#[derive(Debug)]
pub(crate) struct Wheel<T> {
    due: [Vec<T>; SLOTS],
    now: u32,
    /// Since when it has been turned without a pause.
    awake_since: u32,
}

/// What is to be done about a connection that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Care {
    /// It has been silent for too long.
    Reset,
    /// Ping it if it can be written, and look again after so many seconds.
    Ping(u32),
}

/// What to do about a connection that was silent for `silence` seconds.
pub(crate) fn care(silence: u32) -> Care {
    if silence >= SILENCE_SECONDS {
        Care::Reset
    } else {
        Care::Ping(PING_SECONDS.min(SILENCE_SECONDS - silence))
    }
}

impl<T> Wheel<T> {
    /// An empty wheel at second `now`.
    pub(crate) fn new(now: u32) -> Self {
        Self { due: std::array::from_fn(|_| Vec::new()), now, awake_since: now }
    }

    /// Adds an entry, due in so many seconds (1 to 31).
    pub(crate) fn add(&mut self, entry: T, seconds: u32) {
        let seconds = seconds.clamp(1, SLOTS as u32 - 1);
        self.due[(self.now + seconds) as usize % SLOTS].push(entry);
    }

    /// Turns to second `now` and takes what has become due.
    pub(crate) fn turn(&mut self, now: u32) -> Vec<T> {
        let mut due = Vec::new();
        if self.now + PAUSE_SECONDS < now && !Fault::PauseUnnoticed.is_on() {
            self.awake_since = now;
        }
        while self.now < now {
            self.now += 1;
            due.append(&mut self.due[self.now as usize % SLOTS]);
        }
        due
    }

    /// For how many seconds somebody has been silent who was last heard at second `heard`.
    pub(crate) fn silence(&self, heard: u32) -> u32 {
        self.now.saturating_sub(heard.max(self.awake_since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_due_once_at_its_second() {
        let mut wheel = Wheel::new(100);
        wheel.add('a', 25);
        assert_eq!(wheel.turn(124), []);
        assert_eq!(wheel.turn(125), ['a']);
        assert_eq!(wheel.turn(200), []);
    }

    #[test]
    fn a_turn_that_comes_late_loses_nothing() {
        let mut wheel = Wheel::new(0);
        wheel.add('a', 1);
        wheel.add('b', 30);
        assert_eq!(wheel.turn(90), ['a', 'b']);
    }

    #[test]
    fn silence_counts_from_what_was_heard() {
        let mut wheel = Wheel::<char>::new(0);
        (1..=60).for_each(|second| drop(wheel.turn(second)));
        assert_eq!(wheel.silence(5), 55);
    }

    #[test]
    fn nobody_was_silent_while_the_hub_was_stopped() {
        let mut wheel = Wheel::<char>::new(0);
        (1..=10).for_each(|second| drop(wheel.turn(second)));
        wheel.turn(100);
        assert_eq!(wheel.silence(5), 0);
        (101..=130).for_each(|second| drop(wheel.turn(second)));
        assert_eq!(wheel.silence(5), 30);
        assert_eq!(wheel.silence(120), 10);
    }

    #[test]
    fn the_silent_are_pinged_twice_and_reset_after_55_seconds() {
        assert_eq!(care(25), Care::Ping(25));
        assert_eq!(care(50), Care::Ping(5));
        assert_eq!(care(55), Care::Reset);
    }
}
