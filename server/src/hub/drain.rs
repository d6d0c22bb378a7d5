//! The end: no new requests, answers to the old ones, then `bye`. PURE.

use std::time::Duration;

use protocol::{
    ServerFrame, SessionId, close,
    server::{Bye, ByeReason},
};

use super::{state::HubState, turn::Turn};

/// How long requests in flight are waited for.
const DRAIN_WAIT_MAX: Duration = Duration::from_secs(5);
/// Over how long everyone is told to come back, so that they do not all come at once.
const COME_BACK_WITHIN_MS: u64 = 5000;

/// The hub is about to stop.
#[derive(Debug)]
pub(crate) struct Drain {
    reason: ByeReason,
    /// When it is done with waiting.
    until: Duration,
    is_said: bool,
}

impl Drain {
    /// Whether everyone was told.
    pub(crate) fn is_said(&self) -> bool {
        self.is_said
    }

    /// When there is something to be done.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        (!self.is_said).then_some(self.until)
    }
}

impl HubState {
    /// From here on no request is carried out.
    pub(super) fn begin_drain(&mut self, turn: &mut Turn, reason: ByeReason) {
        if self.drain.is_none() {
            let until = turn.now.mono + DRAIN_WAIT_MAX;
            self.drain = Some(Drain { reason, until, is_said: false });
            self.mark_everyone_here(turn);
            self.keep_seen(turn);
            self.keep_markers(turn);
        }
    }

    /// Says goodbye once everything in flight is answered, or has taken too long.
    pub(super) fn go_on_draining(&mut self, turn: &mut Turn) {
        let Some(drain) = &mut self.drain else { return };
        let is_time = self.pending.is_empty() || turn.now.mono >= drain.until;
        if drain.is_said || !is_time {
            return;
        }
        drain.is_said = true;
        let reason = drain.reason;
        let sessions: Vec<_> = self.sessions.keys().copied().collect();
        let number = u64::try_from(sessions.len()).unwrap_or(u64::MAX);
        for (place, session) in (0..).zip(sessions) {
            self.say_bye(turn, session, reason, Some(COME_BACK_WITHIN_MS * place / number));
        }
    }

    /// Who comes after everyone was told is told at once.
    pub(super) fn say_bye_if_late(&mut self, turn: &mut Turn, session: SessionId) {
        if let Some(Drain { reason, is_said: true, .. }) = self.drain {
            self.say_bye(turn, session, reason, Some(COME_BACK_WITHIN_MS));
        }
    }

    /// Says goodbye to a connection, and when to come back, if that is to be said.
    pub(super) fn say_bye(
        &mut self,
        turn: &mut Turn,
        session: SessionId,
        reason: ByeReason,
        retry_after_ms: Option<u64>,
    ) {
        let bye = Bye { reason, retry_after_ms };
        turn.tell(session, ServerFrame::Bye(bye));
        let (code, why) = match reason {
            ByeReason::Restart => (close::RESTART, "the hub starts again"),
            ByeReason::Shutdown => (close::SHUTDOWN, "the hub stops"),
            ByeReason::Kicked | ByeReason::Banned => (close::FORBIDDEN, "not welcome"),
            ByeReason::Idle => (close::IDLE, "idle"),
        };
        self.close(turn, session, code, why);
    }
}
