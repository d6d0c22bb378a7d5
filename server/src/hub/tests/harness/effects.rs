//! What becomes of the hub's effects: what the fan-out, the ledger and those who ask from outside
//! do, each as strict as it may be.

use std::{sync::Arc, time::Duration};

use protocol::{
    FRAME_BYTES_MAX, RoomEvent, Seq, ServerFrame, SessionId, codec,
    server::{Gap, Joined},
};

use super::{Asked, Client, HubHarness};
use crate::hub::effect::{Effect, Notice};

impl HubHarness {
    pub(super) fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Reply { session, frame, answers } => self.reply(session, *frame, answers),
            Effect::Done { session } => self.answered(session),
            Effect::Attach { session, joined, gap, after, answers, .. } => {
                self.attach(session, *joined, gap, after, answers);
            }
            Effect::Detach { session, room, left } => {
                self.with(session, |client| {
                    assert!(client.rooms.remove(&room).is_some(), "left {room} twice");
                    client.news.extend(left.map(ServerFrame::Left));
                });
                self.answered(session);
            }
            Effect::Append(event) => self.append(&event),
            Effect::Erase { room, left } => {
                assert!(left.iter().all(|it| it.room == room && it.text.is_none()), "{left:?}");
            }
            Effect::Notice(notice) => self.notice(&notice),
            Effect::Propose(proposal) => self.asked.push_back(Asked::Decide(proposal)),
            Effect::ReadPage { ticket, query } => self.asked.push_back(Asked::Read(ticket, query)),
            Effect::Seen(people) => {
                for (identity, at) in people {
                    self.ledger.seen(&identity, at);
                }
            }
            Effect::KeepRead(markers) => self.ledger.read(markers),
            Effect::Answer { ask, answer } => {
                assert_eq!(self.answers.insert(ask, answer), None, "answered twice");
            }
            Effect::Close { session, code, reason } => {
                assert!(reason.len() <= 123);
                self.with(session, |client| assert_eq!(client.closed.replace(code), None));
            }
        }
    }

    fn reply(&mut self, session: SessionId, frame: ServerFrame, answers: bool) {
        let len = codec::encode_server(&frame).len();
        assert!(len <= FRAME_BYTES_MAX, "{len} bytes: {frame:?}");
        self.with(session, |client| {
            match &frame {
                ServerFrame::Members(members) if !answers => client.members(members),
                ServerFrame::Read(marker) => client.read(marker),
                _ => {}
            }
            client.news.push(frame);
        });
        if answers {
            self.answered(session);
        }
    }

    fn attach(
        &mut self,
        session: SessionId,
        joined: Joined,
        gap: Option<Gap>,
        after: Seq,
        answers: bool,
    ) {
        let room = joined.room.clone();
        let head = self.heads.get(&room).copied().unwrap_or_default();
        assert_eq!(joined.head, head, "joined {room} at a seq that was not handed out last");
        assert!(after <= head);
        let missed = self.ledger.events(&room, after, head);
        assert!(
            codec::encode_server(&ServerFrame::Joined(joined.clone())).len() <= FRAME_BYTES_MAX
        );
        self.with(session, |client| client.joined(joined, gap, after, &missed));
        if answers {
            self.answered(session);
        }
    }

    fn append(&mut self, event: &Arc<RoomEvent>) {
        let head = self.heads.entry(event.room.clone()).or_default();
        assert_eq!(event.seq, head.next(), "{} out of order", event.room);
        *head = event.seq;
        for client in self.clients.values_mut() {
            if client.rooms.contains_key(&event.room) {
                client.event(event);
            }
        }
    }

    fn notice(&mut self, notice: &Notice) {
        let frame = ServerFrame::from(notice.clone());
        assert!(codec::encode_server(&frame).len() <= FRAME_BYTES_MAX);
        if let Notice::Typing(typing) = notice {
            let before = self.told_typing.insert(typing.room.clone(), self.now.mono);
            let is_rare = before.is_none_or(|at| at + Duration::from_secs(1) <= self.now.mono);
            assert!(is_rare && !typing.names.is_empty(), "{typing:?} after {before:?}");
        }
        self.clients.values_mut().for_each(|client| client.notice(notice));
    }

    fn answered(&mut self, session: SessionId) {
        self.with(session, |client| {
            assert!(client.open > 0, "{session} is answered what it did not ask");
            client.open -= 1;
        });
    }

    /// Does something to a connection, unless its socket is gone already.
    fn with(&mut self, session: SessionId, act: impl FnOnce(&mut Client)) {
        if let Some(client) = self.clients.get_mut(&session) {
            act(client);
        }
    }
}
