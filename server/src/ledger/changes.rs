//! Messages that are changed: whether they may be, and what that comes to. PURE.
//!
//! An edit or a deletion is an event of its own. What a message said first stays where it was
//! said and an edit's text stays with the edit, so that a page can be read as of any seq; until a
//! deletion erases all of them.

use protocol::{
    ErrorCode, EventKind, Identity, MessageText, Refusal, RequestId, RoomName, Seq, server::Role,
};

use super::{
    Proposal,
    apply::{Content, Entry, State},
};

/// What the log has where a change points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// Whose.
    pub(crate) by: Identity,
    /// What it is.
    pub(crate) kind: EventKind,
    /// Whether it has its text: a message without one was deleted.
    pub(crate) has_text: bool,
}

impl Target {
    fn is_message(&self) -> bool {
        let is_of_kind = matches!(self.kind, EventKind::Message | EventKind::Announcement);
        is_of_kind && self.has_text
    }
}

/// A change that is proposed.
#[derive(Clone, Copy)]
pub(super) struct Change<'a> {
    pub(super) room: &'a RoomName,
    pub(super) id: &'a RequestId,
    /// Of which message.
    pub(super) seq: Seq,
    /// How it reads then; without one it is deleted.
    pub(super) text: Option<&'a MessageText>,
}

impl State {
    /// What is to be stored for a change of what is there.
    pub(super) fn change(
        &self,
        proposal: &Proposal,
        change: Change<'_>,
        target: Option<&Target>,
    ) -> Result<Entry, Refusal> {
        let Change { room, id, seq, text } = change;
        self.check_may_write(proposal, room)?;
        let Some(target) = target.filter(|target| target.is_message()) else {
            return Err(no_such_message());
        };
        if target.by != proposal.by && self.authority.role(&proposal.by) != Role::Operator {
            return Err(somebody_elses());
        }
        // Whose words everyone is to notice may still announce.
        if target.kind == EventKind::Announcement && text.is_some() {
            self.check_may_announce(proposal, room)?;
        }
        let kind = if text.is_some() { EventKind::Edit } else { EventKind::Delete };
        let (text, target) = (text.cloned(), Some(seq));
        Ok(self.entry(proposal, Content { room, id, kind, text, reply_to: None, target }))
    }
}

fn no_such_message() -> Refusal {
    Refusal::new(
        ErrorCode::NoSuchMessage,
        "there is no such message in this room, or no longer; choose one that is there",
    )
}

fn somebody_elses() -> Refusal {
    Refusal::new(
        ErrorCode::Forbidden,
        "that message is somebody else's; ask its author or an operator to change it",
    )
}
