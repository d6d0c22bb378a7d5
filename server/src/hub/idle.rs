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

/// When connections asked for something last; nothing where they may be idle for ever.
#[derive(Debug)]
pub(crate) struct Idle {
    timeout: Option<Duration>,
    /// When it asked last, and when it is looked at again: at most once in each timeout, however
    /// much it asks.
    asked: BTreeMap<SessionId, (Duration, Duration)>,
    due: BTreeSet<(Duration, SessionId)>,
}

impl Idle {
    /// Nobody yet.
    pub(crate) fn new(timeout: Option<Duration>) -> Self {
        Self { timeout, asked: BTreeMap::new(), due: BTreeSet::new() }
    }

    /// When somebody may be idle.
    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        self.due.first().map(|(due, _)| *due)
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
        while self.next_deadline().is_some_and(|due| due <= now)
            && let Some((_, session)) = self.due.pop_first()
        {
            let (asked, _) = self.asked.remove(&session)?;
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
        while let Some(session) = self.idle.take_overdue(turn.now.mono) {
            self.say_bye(turn, session, ByeReason::Idle, None);
        }
    }
}
