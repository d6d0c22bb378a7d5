//! Requests without an answer yet: what their answer is for. PURE.

use std::{collections::HashMap, time::Duration};

use protocol::{Epoch, RequestId, RoomName, Seq, UserName};

use crate::{place::Place, timeline::Want};

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
    /// To be in a room again.
    Return(Return),
    /// To be in a room and see it.
    Enter { room: RoomName },
    /// Another name.
    Name,
    /// A topic.
    Topic,
    /// Other words for a message.
    Edit {
        place: Place,
        seq: Seq,
        /// Whether they were in the draft as they are to read; else the line is a command.
        is_draft: bool,
    },
    /// A message away.
    Delete,
    /// The list of rooms, in a panel.
    Rooms,
    /// The people of a room, in a panel.
    Who,
    /// What is known of one person.
    Whois { name: UserName },
    /// A page of a room's log.
    Page { room: RoomName, want: Want },
}

/// To be in a room again, from this seq of this epoch on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Return {
    pub(crate) room: RoomName,
    pub(crate) after: Option<Seq>,
    pub(crate) epoch: Option<Epoch>,
}

impl Wants {
    pub(crate) fn as_return(&self) -> Option<&Return> {
        if let Self::Return(to) = self { Some(to) } else { None }
    }
}

impl Return {
    /// From where the room goes on, if the hub still counts as it did.
    pub(crate) fn cursor_in(&self, now: &Epoch) -> Option<Seq> {
        self.after.filter(|_| self.epoch.as_ref() == Some(now))
    }
}

/// Requests without an answer yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Requests {
    /// With the time at which they were made.
    open: HashMap<RequestId, (Duration, Request)>,
    /// Whether nobody waits for their answers any more, and the connection is about to go.
    is_given_up: bool,
}

impl Requests {
    /// Whether another one may be made.
    pub(crate) fn has_room(&self) -> bool {
        self.open.len() < REQUESTS_MAX
    }

    /// Whether it is asked already to be in a room again.
    pub(crate) fn asks_to_return(&self, wanted: &RoomName) -> bool {
        let mut returns = self.open.values().filter_map(|(_, request)| request.wants.as_return());
        returns.any(|to| to.room == *wanted)
    }

    /// The new words that are on their way, as they were typed, with where.
    pub(crate) fn edits(&self) -> Vec<(&Place, &str)> {
        let edits = self.open.values().filter_map(|(_, request)| match &request.wants {
            Wants::Edit { place, seq, .. } => Some((*seq, place, request.line.as_str())),
            _ => None,
        });
        let mut edits: Vec<(Seq, &Place, &str)> = edits.collect();
        edits.sort_unstable();
        edits.into_iter().map(|(_, place, line)| (place, line)).collect()
    }

    /// Whether everything was answered.
    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// A request that is made now.
    pub(crate) fn insert(&mut self, id: RequestId, request: Request, now: Duration) {
        self.open.insert(id, (now, request));
    }

    /// Since when the one that waits longest does.
    pub(crate) fn since(&self) -> Option<Duration> {
        self.open.values().map(|(since, _)| *since).min()
    }

    /// Whether the connection is about to go, because nothing was answered.
    pub(crate) fn is_given_up(&self) -> bool {
        self.is_given_up
    }

    /// Nothing more is waited for on this connection.
    pub(crate) fn give_up(&mut self) {
        self.is_given_up = true;
    }

    /// The request that `id` answers.
    pub(crate) fn take(&mut self, id: Option<&RequestId>) -> Option<Request> {
        self.open.remove(id?).map(|(_, request)| request)
    }

    /// The connection is gone, and with it every answer.
    pub(crate) fn take_all(&mut self) -> Vec<Request> {
        self.is_given_up = false;
        self.open.drain().map(|(_, (_, request))| request).collect()
    }
}

#[cfg(test)]
impl Requests {
    /// The id of the only one.
    pub(crate) fn only_id(&self) -> String {
        assert_eq!(self.open.len(), 1);
        self.open.keys().next().map(ToString::to_string).unwrap_or_default()
    }

    /// The id under which a page was asked for.
    pub(crate) fn id_of_page(&self) -> Option<String> {
        let is_page = |request: &Request| matches!(request.wants, Wants::Page { .. });
        let found = self.open.iter().find(|(_, (_, request))| is_page(request));
        found.map(|(id, _)| id.to_string())
    }

    /// The id under which a room was asked for.
    pub(crate) fn id_of_join(&self, wanted: &RoomName) -> Option<String> {
        let is_join = |request: &Request| match &request.wants {
            Wants::Return(Return { room, .. }) | Wants::Enter { room } => room == wanted,
            _ => false,
        };
        let found = self.open.iter().find(|(_, (_, request))| is_join(request));
        found.map(|(id, _)| id.to_string())
    }
}
