//! What is on its way to the disk: what was typed may be sent only once it is there, and drafts
//! follow the last key. PURE: the shell writes, and answers each `Effect::Keep` in their order.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use protocol::{Identity, RequestId, Seq};

use crate::{
    outbox::{Kept, Note, Outgoing},
    place::Place,
};

/// How long after the last key a draft is written.
pub const DRAFT_AFTER: Duration = Duration::from_millis(500);
/// How long after a fault of the disk it is asked again.
pub const AGAIN_AFTER: Duration = Duration::from_secs(5);
/// How long a draft is not written at most, for somebody who types without a pause.
pub const DRAFT_WITHIN: Duration = Duration::from_secs(5);

/// What is on disk of somebody, when the program starts or becomes somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Whose it is; nobody else may send it.
    pub owner: Identity,
    /// What was not sent or was being written.
    pub kept: Kept,
    /// What the user is to know about it.
    pub notice: Option<String>,
}

/// What is on its way to the disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keeping {
    /// Whose it is.
    pub(crate) owner: Option<Identity>,
    /// The drafts as they were handed over last.
    pub(crate) drafts: Drafts,
    /// When a key was pressed last.
    pub(crate) last_key: Duration,
    /// Since when the drafts are not as on disk.
    pub(crate) changed_since: Option<Duration>,
    /// Whether the program ends or stops, so that drafts do not wait.
    pub(crate) is_urgent: bool,
    /// Whether the user knows that the disk takes nothing.
    pub(crate) is_told: bool,
    /// It took nothing: what does not wait for it is written again then.
    pub(crate) again_at: Option<Duration>,
    /// What is to happen once it is on disk, and is not handed over yet.
    wishes: Vec<Wish>,
    /// What is to happen with each answer.
    unanswered: VecDeque<Written>,
}

/// What was handed over in one piece.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    /// What may happen then.
    pub(crate) wishes: Vec<Wish>,
    /// What has happened already.
    pub(crate) notes: Vec<Note>,
    /// The drafts that are on disk if this fails.
    pub(crate) drafts: Drafts,
}

/// What is being written in each place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Drafts {
    /// The texts. None is empty.
    pub(crate) texts: BTreeMap<Place, String>,
    /// The messages that they answer.
    pub(crate) replies: BTreeMap<Place, Seq>,
}

/// Something that may happen only once it is on disk.
#[derive(Clone, Debug)]
pub(crate) enum Wish {
    /// Messages go into the outbox.
    Send {
        messages: Vec<Outgoing>,
        /// What was typed, to be put back where it was if the disk does not take it.
        line: String,
        from: Place,
    },
    /// Failed ones (the old id, the new one) go again.
    Retry(Vec<(RequestId, RequestId)>),
    /// Failed ones are given up.
    GiveUp(Vec<RequestId>),
    /// The same, and one leaves the place of these.
    Leave { place: Place, ids: Vec<RequestId> },
}

impl Wish {
    fn notes(&self) -> Vec<Note> {
        match self {
            Self::Send { messages, .. } => messages.iter().map(Note::typed).collect(),
            Self::Retry(ids) => {
                let note = |(id, new): &(RequestId, RequestId)| Note::Retried {
                    id: id.clone(),
                    new: new.clone(),
                };
                ids.iter().map(note).collect()
            }
            Self::GiveUp(ids) | Self::Leave { ids, .. } => {
                ids.iter().cloned().map(Note::GivenUp).collect()
            }
        }
    }
}

impl Keeping {
    pub(crate) fn wish(&mut self, wish: Wish) {
        self.wishes.push(wish);
    }

    /// How many messages are on their way to the disk.
    pub(crate) fn to_send(&self) -> usize {
        let count = |wish: &Wish| match wish {
            Wish::Send { messages, .. } => messages.len(),
            Wish::Retry(_) | Wish::GiveUp(_) | Wish::Leave { .. } => 0,
        };
        let unanswered = self.unanswered.iter().flat_map(|written| &written.wishes);
        unanswered.chain(&self.wishes).map(count).sum()
    }

    /// The notes of what is wished for.
    pub(crate) fn wished(&self) -> Vec<Note> {
        self.wishes.iter().flat_map(Wish::notes).collect()
    }

    /// Whether something waits for the disk.
    pub(crate) fn has_wishes(&self) -> bool {
        !self.wishes.is_empty()
    }

    /// All that is wished for has been handed over, and these notes; the drafts of before are on
    /// disk until that is answered.
    pub(crate) fn handed_over(&mut self, notes: Vec<Note>, drafts: Drafts) {
        let wishes = std::mem::take(&mut self.wishes);
        self.unanswered.push_back(Written { wishes, notes, drafts });
    }

    /// What the next answer is about.
    pub(crate) fn answered(&mut self) -> Written {
        self.unanswered.pop_front().unwrap_or_default()
    }

    /// When something is to be written.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        if self.again_at.is_some() {
            return self.again_at;
        }
        self.draft_deadline()
    }

    /// When the drafts are.
    pub(crate) fn draft_deadline(&self) -> Option<Duration> {
        let since = self.changed_since?;
        Some((self.last_key + DRAFT_AFTER).min(since + DRAFT_WITHIN))
    }
}
