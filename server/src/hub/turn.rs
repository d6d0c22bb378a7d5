//! One call of `HubState::handle`: the time it happens at, and where its effects go. PURE.

use std::time::Duration;

use protocol::{
    ErrorCode, Refusal, RequestId, RoomName, ServerFrame, SessionId, UserName, server::ErrorFrame,
};

use super::{effect::Effect, input::Now, session::Asker};
use crate::ledger::Decision;

/// The time, and the effects so far.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    /// When it is.
    pub(crate) now: Now,
    /// What is to be done.
    pub(crate) effects: &'a mut Vec<Effect>,
}

/// Why a request is not carried out, and what else its asker is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Denial {
    /// The code and the sentence.
    pub(crate) refusal: Refusal,
    /// Where.
    pub(crate) room: Option<RoomName>,
    /// A free name, where one was taken.
    pub(crate) suggest: Option<UserName>,
    /// When to try again; none if it is final.
    pub(crate) retry_after_ms: Option<u64>,
}

impl Denial {
    /// A final denial.
    pub(crate) fn new(code: ErrorCode, text: &str) -> Self {
        Self::from(Refusal::new(code, text))
    }

    /// One that is about a room.
    pub(crate) fn of_room(code: ErrorCode, text: &str, room: &RoomName) -> Self {
        Self { room: Some(room.clone()), ..Self::new(code, text) }
    }

    /// Why the ledger did not do what it was asked. It answers each act with its own kind of
    /// decision, so that any other than a refusal is none.
    pub(crate) fn of_decision(decision: Decision) -> Self {
        match decision {
            Decision::Refused { refusal, retry_after_ms } => {
                Self { retry_after_ms, ..Self::from(refusal) }
            }
            _ => Self::new(ErrorCode::Storage, "the hub could not store it; try it again"),
        }
    }

    /// As it is told.
    pub(crate) fn frame(self, id: Option<RequestId>) -> ServerFrame {
        let Self { refusal, room, suggest, retry_after_ms } = self;
        let Refusal { code, text } = refusal;
        ServerFrame::Error(ErrorFrame { id, code, text, room, suggest, retry_after_ms })
    }
}

impl From<Refusal> for Denial {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, room: None, suggest: None, retry_after_ms: None }
    }
}

impl Turn<'_> {
    /// Wants something done.
    pub(crate) fn push(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Answers a request.
    pub(crate) fn answer(&mut self, session: SessionId, frame: ServerFrame) {
        self.push(Effect::Reply { session, frame: Box::new(frame), answers: true });
    }

    /// Tells a connection something that it did not ask for.
    pub(crate) fn tell(&mut self, session: SessionId, frame: ServerFrame) {
        self.push(Effect::Reply { session, frame: Box::new(frame), answers: false });
    }

    /// Answers a request with why it is not carried out.
    pub(crate) fn deny(&mut self, asker: Asker, denial: Denial) {
        self.answer(asker.session, denial.frame(asker.id));
    }
}

/// Whole milliseconds, rounded up, so that nobody comes back too early.
pub(crate) fn whole_ms(time: Duration) -> u64 {
    u64::try_from(time.as_micros().div_ceil(1000)).unwrap_or(u64::MAX)
}
