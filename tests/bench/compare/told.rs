//! What has come to the clients of a server, checked: the n-th event is the same for all. Pure.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};

use super::{latency::Latency, speech::Speech};

/// Events that are remembered for those who have not heard them yet.
const REMEMBERED: usize = 65_536;

/// What was said.
#[derive(Default)]
pub(crate) struct Said {
    count: u64,
    /// When, of the newest.
    at: VecDeque<Instant>,
}

impl Said {
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn add(&mut self, at: Instant) {
        self.count += 1;
        self.at.push_back(at);
        if self.at.len() > REMEMBERED {
            self.at.pop_front();
        }
    }

    /// How long ago the message with this number was said.
    fn ago(&self, number: u64, now: Instant) -> Option<Duration> {
        let back = self.count.checked_sub(number)? as usize;
        let at = self.at.get(self.at.len().checked_sub(back)?)?;
        Some(now - *at)
    }
}

/// What has come.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) delivered: u64,
    /// The sum of how many messages each client has heard or came too late for.
    pub(crate) places: u64,
    /// Notices of presence to the first client.
    pub(crate) presence: u64,
    /// The newest events, as heard first, and the number of the first of them.
    events: VecDeque<Vec<u8>>,
    start: u64,
    pub(crate) latency: Latency,
}

impl Told {
    /// Takes the event that one client hears as the one with this number.
    pub(crate) fn hear(&mut self, number: u64, event: &[u8], speech: Speech) -> anyhow::Result<()> {
        self.delivered += 1;
        self.places += 1;
        if number == self.start + self.events.len() as u64 {
            speech.check(number, event)?;
            self.events.push_back(event.to_vec());
            if self.events.len() > REMEMBERED {
                self.events.pop_front();
                self.start += 1;
            }
            return Ok(());
        }
        let known = number.checked_sub(self.start).and_then(|at| self.events.get(at as usize));
        let known = known.context("a client is far behind")?;
        ensure!(known == event, "event {number} is not the same for all");
        Ok(())
    }

    /// Notes how long the message with this number took.
    pub(crate) fn note(&mut self, number: u64, said: &Said, now: Instant) {
        if let Some(time) = said.ago(number, now) {
            self.latency.add(time);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_event_of_one_is_the_event_of_all() {
        let mut told = Told::default();
        let event = |number| Speech::Peer.say(number).into_bytes();
        assert!(told.hear(0, &event(0), Speech::Peer).is_ok());
        assert!(told.hear(0, &event(0), Speech::Peer).is_ok());
        assert!(told.hear(0, &event(1), Speech::Peer).is_err());
        assert!(told.hear(1, &event(2), Speech::Peer).is_err());
        assert!(told.hear(5, &event(5), Speech::Peer).is_err());
    }

    #[test]
    fn a_time_is_that_of_the_message_with_this_number() {
        let start = Instant::now();
        let after = |millis| start + Duration::from_millis(millis);
        let mut said = Said::default();
        said.add(after(0));
        said.add(after(10));
        assert_eq!(said.ago(0, after(30)), Some(Duration::from_millis(30)));
        assert_eq!(said.ago(1, after(30)), Some(Duration::from_millis(20)));
        assert_eq!(said.ago(2, after(30)), None);
    }

    #[test]
    fn of_what_is_long_ago_no_time_is_known() {
        let now = Instant::now();
        let mut said = Said::default();
        for _ in 0..=REMEMBERED {
            said.add(now);
        }
        assert_eq!((said.ago(0, now), said.ago(1, now)), (None, Some(Duration::ZERO)));
    }
}
