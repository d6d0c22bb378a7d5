//! Requests without an answer yet: what their answer is for. PURE.

use std::collections::HashMap;

use protocol::{Epoch, RequestId, RoomName, Seq, UserName};

use crate::timeline::Want;

/// Most requests without an answer; the hub reads no more than 64 itself.
const REQUESTS_MAX: usize = 256;

/// What an answer is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) wants: Wants,
    /// What the user typed, to be put back if it fails; empty if nothing.
    pub(crate) line: String,
}

/// What is to be done with the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wants {
    /// To be in a room again, from this seq on.
    Return { room: RoomName, after: Option<Seq>, epoch: Option<Epoch> },
    /// To be in a room and see it.
    Enter { room: RoomName },
    /// Another name.
    Name,
    /// A topic.
    Topic,
    /// The list of rooms, in a panel.
    Rooms,
    /// The people of a room, in a panel.
    Who,
    /// What is known of one person.
    Whois { name: UserName },
    /// A page of a room's log.
    Page { room: RoomName, want: Want },
}

impl Wants {
    /// The room in which one wants to be again.
    fn room_of_return(&self) -> Option<&RoomName> {
        match self {
            Self::Return { room, .. } => Some(room),
            Self::Enter { .. }
            | Self::Name
            | Self::Topic
            | Self::Rooms
            | Self::Who
            | Self::Whois { .. }
            | Self::Page { .. } => None,
        }
    }

    /// From where the room goes on, if the hub still counts as it did.
    pub(crate) fn cursor_in(&self, now: &Epoch) -> Option<Seq> {
        match self {
            Self::Return { after, epoch, .. } if epoch.as_ref() == Some(now) => *after,
            Self::Return { .. }
            | Self::Enter { .. }
            | Self::Name
            | Self::Topic
            | Self::Rooms
            | Self::Who
            | Self::Whois { .. }
            | Self::Page { .. } => None,
        }
    }
}

/// Requests without an answer yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Requests {
    open: HashMap<RequestId, Request>,
}

impl Requests {
    /// Whether another one may be made.
    pub(crate) fn has_room(&self) -> bool {
        self.open.len() < REQUESTS_MAX
    }

    /// Whether it is asked already to be in a room again.
    pub(crate) fn asks_to_return(&self, wanted: &RoomName) -> bool {
        self.open.values().any(|request| request.wants.room_of_return() == Some(wanted))
    }

    pub(crate) fn insert(&mut self, id: RequestId, request: Request) {
        self.open.insert(id, request);
    }

    /// The request that `id` answers.
    pub(crate) fn take(&mut self, id: Option<&RequestId>) -> Option<Request> {
        self.open.remove(id?)
    }

    /// The connection is gone, and with it every answer.
    pub(crate) fn take_all(&mut self) -> Vec<Request> {
        self.open.drain().map(|(_, request)| request).collect()
    }
}

#[cfg(test)]
impl Requests {
    /// The id under which a room was asked for.
    pub(crate) fn id_of_join(&self, wanted: &RoomName) -> Option<String> {
        let is_join = |request: &Request| match &request.wants {
            Wants::Return { room, .. } | Wants::Enter { room } => room == wanted,
            _ => false,
        };
        let found = self.open.iter().find(|(_, request)| is_join(request));
        found.map(|(id, _)| id.to_string())
    }
}
