//! Operators: how they come about, what they announce, and that nobody else does what is theirs.

use std::collections::BTreeSet;

use protocol::{Addressee, Identity, RoomName, server::Role};
use server::{
    hub::{
        asking::{AskId, Question},
        input::Input,
    },
    ledger::{Decision, Outcome},
};

use super::{
    client::What,
    plan::{Checked, Promise, check},
    truth::Entry,
    world::{Event, World},
};

/// Who is an operator, in the order of the log.
#[derive(Debug, Default)]
pub(crate) struct Powers {
    operators: BTreeSet<Identity>,
    /// Where operators wrote, with what they could do then.
    used: BTreeSet<(RoomName, u64)>,
}

impl Powers {
    /// What became of a batch, in its order.
    pub(crate) fn note(&mut self, outcomes: &[Outcome]) {
        for outcome in outcomes {
            match &outcome.decision {
                Decision::Appointed { who, role: Role::Operator } => {
                    self.operators.insert(who.clone());
                }
                Decision::Appointed { who, role: Role::Member } => {
                    self.operators.remove(who);
                }
                Decision::Stored { event, .. } if self.operators.contains(&event.by) => {
                    self.used.insert((event.room.clone(), event.seq.get()));
                }
                _ => {}
            }
        }
    }

    /// Whether the author of this was an operator then.
    pub(crate) fn is_operators(&self, room: &RoomName, entry: &Entry) -> bool {
        self.used.contains(&(room.clone(), entry.seq))
    }

    /// Nobody but operators announces or writes where everyone reads.
    pub(crate) fn check(&self, room: &RoomName, entry: &Entry) -> Checked {
        let is_theirs = entry.kind == "announcement" || *room == RoomName::announcements();
        check(!is_theirs || self.is_operators(room, entry), Promise::Powers, || {
            format!("{entry:?} is in {room}, and its author is no operator")
        })
    }
}

impl World {
    /// Whoever is at the hub's machine says what somebody may do.
    pub(crate) fn appoint(&mut self, client: usize) {
        let client = &self.clients[client];
        let by_name = Addressee::Name(client.name.clone());
        let whom = match &client.identity {
            Some(identity) if self.rng.bool() => Addressee::Identity(identity.clone()),
            _ => by_name,
        };
        let role = if self.rng.u32(0..3) > 0 { Role::Operator } else { Role::Member };
        let Some(host) = &mut self.host else { return };
        self.counts.add("operator named, or no more");
        let question = Question::Appoint { whom, role };
        host.inputs.push_back(Input::Asked { ask: AskId(0), question });
        self.soon(Event::Hub(self.life));
    }

    /// Somebody announces something, who may or may not.
    pub(crate) fn announce(&mut self, client: usize) {
        let room = self.room_of(client).filter(|room| !room.is_private() && self.rng.bool());
        let text = self.text();
        self.clients[client].say(What::Announce(room, text));
        self.send_due(client);
    }
}
