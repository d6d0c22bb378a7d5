//! The reading halves of connections, on the hub's side.

use std::sync::Arc;

use protocol::{Identity, SessionId};
use server::{
    hub::{input::Input, limits::FrameKind},
    parts::{Command, Dialect, Ended, Gate, Open, close},
};

use super::{
    host::{Reading, Up},
    plan::Checked,
    wire::Wire,
    world::{Event, World},
};

/// How many milliseconds a client may take to say hello.
const HELLO: u64 = 10_000;

impl World {
    /// A client's connection arrives.
    pub(crate) fn accept(&mut self, session: SessionId, wire: &Arc<Wire>) -> bool {
        let now = self.now;
        let Some(host) = self.host.as_mut().filter(|host| host.drain.is_none()) else {
            return false;
        };
        let hints = Arc::clone(&host.shard(session).hints);
        let gate = Arc::new(Gate::new(session, hints));
        let reading = Reading::new(Arc::clone(&gate), &self.plan, now);
        host.readings.insert(session, reading);
        let open = Open { socket: Arc::clone(wire), gate, dialect: Dialect::Typed, first: None };
        self.command(session, Command::Open(Box::new(open)));
        let mut guest = [0xff; 16];
        guest[..8].copy_from_slice(&session.0.to_be_bytes());
        let guest = Identity::from_bytes(guest);
        self.inputs([Input::Connected { session, guest }]);
        self.at(now + HELLO, Event::Overdue(self.life, session));
        true
    }

    /// The reader of a connection takes what has come.
    pub(crate) fn read(&mut self, session: SessionId) -> Checked {
        for _ in 0..4 {
            let now = self.now;
            let Some(host) = &mut self.host else { return Ok(()) };
            let Some(reading) = host.readings.get_mut(&session) else { return Ok(()) };
            if let Some(ended) = reading.gate.ended() {
                self.end_reading(session, ended == Ended::Closed);
                return Ok(());
            }
            if !reading.is_ready(now) {
                break;
            }
            reading.gate.hear();
            match reading.inbox.pop_front() {
                Some(Up::Text(text)) => {
                    let input = reading.take_text(now, &text);
                    self.inputs([input]);
                }
                Some(Up::Pong) => reading.count(now, FrameKind::Other),
                Some(Up::Close) => {
                    reading.gate.send_control(&close(1000, ""));
                    self.end_reading(session, true);
                    return Ok(());
                }
                None => {
                    self.end_reading(session, false);
                    return Ok(());
                }
            }
        }
        self.look_at(session);
        Ok(())
    }

    /// No hello came in time.
    pub(crate) fn overdue(&mut self, session: SessionId) -> Checked {
        let reading = self.host.as_ref().and_then(|host| host.readings.get(&session));
        if reading.is_some_and(|reading| !reading.gate.is_welcome()) {
            self.counts.add("hello overdue");
            self.inputs([Input::HelloOverdue { session }]);
        }
        Ok(())
    }

    fn end_reading(&mut self, session: SessionId, is_clean: bool) {
        let Some(host) = &mut self.host else { return };
        host.readings.remove(&session);
        self.inputs([Input::Closed { session, clean: is_clean }]);
        self.command(session, Command::Gone(session));
        if let Some(link) = self.links.get_mut(&session) {
            link.is_served = false;
            let is_held = link.is_held;
            self.within(self.plan.latency, Event::Down(session));
            if !is_held {
                self.links.remove(&session);
            }
        }
    }
}
