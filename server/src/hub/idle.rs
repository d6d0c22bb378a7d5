//! Who has asked for nothing for too long, where the operator does not want that. PURE.
//!
//! A request is what somebody does: pings, of WebSocket and of ours, are what a client does by
//! itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use protocol::{ClientFrame, SessionId, server::ByeReason};

use super::{state::HubState, turn::Turn};

/// How often the hub looks at the clock while somebody can become idle.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A hub that did not look for longer than this did not run, nor did anything else here: the
/// process was stopped, or its machine slept. What was asked meanwhile waits in the sockets.
const PAUSE: Duration = Duration::from_secs(5);

/// When connections asked for something last; nothing where they may be idle for ever.
#[derive(Debug)]
pub(crate) struct Idle {
    timeout: Option<Duration>,
    /// When it asked last, and when it is looked at again: at most once in each timeout, however
    /// much it asks.
    asked: BTreeMap<SessionId, (Duration, Duration)>,
    due: BTreeSet<(Duration, SessionId)>,
    looked: Duration,
    /// When the hub ran again after a pause: as if everyone had asked for something then.
    awake_since: Duration,
}

impl Idle {
    /// Nobody yet.
    pub(crate) fn new(timeout: Option<Duration>) -> Self {
        let (looked, awake_since) = (Duration::ZERO, Duration::ZERO);
        Self { timeout, asked: BTreeMap::new(), due: BTreeSet::new(), looked, awake_since }
    }

    /// When somebody may be idle, or when the clock is looked at.
    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        self.due.first().map(|(due, _)| (*due).min(self.looked + LOOK_EVERY))
    }

    /// Looks at the clock.
    fn look(&mut self, now: Duration) {
        if !self.due.is_empty() && self.looked + PAUSE < now {
            self.awake_since = now;
        }
        self.looked = now;
    }

    /// A connection begins.
    pub(crate) fn begin(&mut self, now: Duration, session: SessionId) {
        if let Some(timeout) = self.timeout {
            self.look_at(session, now, now + timeout);
        }
    }

    /// A connection asks for something.
    pub(crate) fn asks(&mut self, now: Duration, session: SessionId) {
        if let Some((asked, _)) = self.asked.get_mut(&session) {
            *asked = now;
        }
    }

    /// A connection is gone, or told to go.
    pub(crate) fn end(&mut self, session: SessionId) {
        if let Some((_, due)) = self.asked.remove(&session) {
            self.due.remove(&(due, session));
        }
    }

    /// Takes somebody who has been idle for too long.
    fn take_overdue(&mut self, now: Duration) -> Option<SessionId> {
        let timeout = self.timeout?;
        while self.due.first().is_some_and(|(due, _)| *due <= now)
            && let Some((_, session)) = self.due.pop_first()
        {
            let (asked, _) = self.asked.remove(&session)?;
            let asked = asked.max(self.awake_since);
            if asked + timeout <= now {
                return Some(session);
            }
            self.look_at(session, asked, asked + timeout);
        }
        None
    }

    fn look_at(&mut self, session: SessionId, asked: Duration, due: Duration) {
        self.asked.insert(session, (asked, due));
        self.due.insert((due, session));
    }
}

impl HubState {
    /// Takes note that a connection is not idle, if this is more than a sign of life.
    pub(super) fn note_request(&mut self, turn: &Turn, session: SessionId, frame: &ClientFrame) {
        if !matches!(frame, ClientFrame::Ping(_)) {
            self.idle.asks(turn.now.mono, session);
        }
    }

    /// Says goodbye to those who are idle.
    pub(super) fn close_idle(&mut self, turn: &mut Turn) {
        self.idle.look(turn.now.mono);
        while let Some(session) = self.idle.take_overdue(turn.now.mono) {
            self.say_bye(turn, session, ByeReason::Idle, None);
        }
    }
}
