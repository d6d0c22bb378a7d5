//! Requests that are sent again: whether they are the same, and what they are answered. PURE.

use protocol::{
    Addressee, ErrorCode, EventKind, Identity, Refusal, RoomName, Seq, Timestamp, UserName,
};

use super::{
    Act, Decision, Proposal,
    apply::{KeptAddressee, State, kind_in},
};

/// What the log has under the key of a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// In which room.
    pub(crate) room: RoomName,
    /// At which place.
    pub(crate) seq: Seq,
    /// Since when.
    pub(crate) at: Timestamp,
    /// What it is.
    pub(crate) kind: EventKind,
    /// Its words.
    pub(crate) text: Option<String>,
    /// What it answers.
    pub(crate) reply_to: Option<Seq>,
    /// What it changes.
    pub(crate) target: Option<Seq>,
    /// To whom it was, if it was a `direct`.
    pub(crate) addressee: Option<KeptAddressee>,
}

impl State {
    /// What to say to a proposal under whose key something is stored: the same, or not.
    pub(crate) fn retry(&self, proposal: &Proposal, found: &Found) -> Decision {
        if self.is_same(&proposal.act, found) {
            let Found { room, seq, at, .. } = found.clone();
            return Decision::Known { room, seq, at };
        }
        Decision::refused(Refusal::new(
            ErrorCode::IdReused,
            "this id was used for something else; send it again under a new id",
        ))
    }

    fn is_same(&self, act: &Act, found: &Found) -> bool {
        // What was erased is not compared: nothing of it is kept, not even a digest.
        let has_text = |text: &str| found.text.as_deref().is_none_or(|kept| kept == text);
        let is_in = |room: &RoomName| found.addressee.is_none() && found.room == *room;
        match act {
            Act::Say { room, text, reply_to, .. } => {
                let is_alike = found.kind == kind_in(room) && found.reply_to == *reply_to;
                is_alike && is_in(room) && has_text(text.as_str())
            }
            Act::Direct { to, guest, text, .. } => {
                let is_to = |kept| self.is_same_addressee(to, guest.as_ref(), kept);
                found.addressee.as_ref().is_some_and(is_to) && has_text(text.as_str())
            }
            Act::SetTopic { room, text, .. } => {
                let is_alike = found.text.as_deref().unwrap_or_default() == text.as_str();
                found.kind == EventKind::Topic && is_in(room) && is_alike
            }
            Act::Edit { room, seq, text, .. } => {
                let is_alike = found.kind == EventKind::Edit && found.target == Some(*seq);
                is_alike && is_in(room) && has_text(text.as_str())
            }
            Act::Delete { room, seq, .. } => {
                let is_alike = found.kind == EventKind::Delete && found.target == Some(*seq);
                is_alike && is_in(room)
            }
            Act::Announce { room, text, .. } => {
                found.kind == EventKind::Announcement && is_in(room) && has_text(text.as_str())
            }
            Act::Claim { .. } | Act::Appoint { .. } | Act::Issue { .. } | Act::Revoke { .. } => {
                false
            }
        }
    }

    fn is_same_addressee(
        &self,
        to: &Addressee,
        guest: Option<&(Identity, UserName)>,
        kept: &KeptAddressee,
    ) -> bool {
        match to {
            Addressee::Identity(identity) => *identity == kept.identity,
            Addressee::Name(name) => {
                let key = name.key();
                let now = guest.map(|(identity, _)| identity).or(self.authority.owner(&key));
                kept.key.as_deref() == Some(key.as_str()) || now == Some(&kept.identity)
            }
        }
    }
}
