//! What was changed after it was said. A change can be known before its message is here, and a
//! page tells messages as they were when it was read: so what is known of a message is kept, and
//! the newest change counts, in whatever order they come. PURE.

use std::collections::{BTreeMap, VecDeque};

use protocol::{Deleted, Edited, EventKind, MessageText, RoomEvent, Seq};

/// Most changed messages that are remembered. What this is for, a page that was on its way when
/// the change came, is a matter of seconds.
const CHANGES_MAX: usize = 1_000;
/// Most bytes of the texts among them: two pages of usual messages, sixteen of the longest.
const CHANGES_BYTES_MAX: usize = 64 * 1024;

/// What became of one message.
#[derive(Clone, Debug, Default)]
struct Change {
    edited: Option<(Edited, Option<MessageText>)>,
    deleted: Option<Deleted>,
}

/// The changes that came last, by the message that they are about.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    by_target: BTreeMap<Seq, Change>,
    /// Their messages, the one that has been known longest first.
    order: VecDeque<Seq>,
}

impl Changes {
    /// Takes in an edit or a deletion, and says which message it is about.
    pub(super) fn note(&mut self, event: &RoomEvent) -> Option<Seq> {
        let target = event.target?;
        let change = self.of(target);
        match event.kind {
            EventKind::Edit => {
                change.edit(&Edited { seq: event.seq, at: event.at }, event.text.as_ref());
            }
            EventKind::Delete => {
                change.deleted = Some(Deleted { seq: event.seq, by: event.by.clone() });
            }
            EventKind::Message
            | EventKind::Announcement
            | EventKind::Topic
            | EventKind::Reaction
            | EventKind::Notice => {}
        }
        self.keep_bounded();
        Some(target)
    }

    /// Brings a message up to date with what is known of it.
    pub(super) fn apply(&self, event: &mut RoomEvent) {
        if let Some(change) = self.by_target.get(&event.seq) {
            change.apply(event);
        }
    }

    fn of(&mut self, target: Seq) -> &mut Change {
        if !self.by_target.contains_key(&target) {
            self.order.push_back(target);
        }
        self.by_target.entry(target).or_default()
    }
}

impl Changes {
    /// Those that are known longest make place.
    fn keep_bounded(&mut self) {
        let mut bytes: usize = self.by_target.values().map(Change::bytes).sum();
        while self.order.len() > CHANGES_MAX || bytes > CHANGES_BYTES_MAX {
            let Some(oldest) = self.order.pop_front() else { return };
            bytes -= self.by_target.remove(&oldest).map_or(0, |change| change.bytes());
        }
    }
}

impl Change {
    fn bytes(&self) -> usize {
        let text = self.edited.as_ref().and_then(|(_, text)| text.as_ref());
        text.map_or(0, |text| text.as_str().len())
    }

    fn edit(&mut self, edited: &Edited, text: Option<&MessageText>) {
        if self.edited.as_ref().is_none_or(|(known, _)| known.seq < edited.seq) {
            self.edited = Some((edited.clone(), text.cloned()));
        }
    }

    fn apply(&self, event: &mut RoomEvent) {
        if let Some((edited, text)) = &self.edited
            && event.edited.as_ref().is_none_or(|known| known.seq < edited.seq)
        {
            event.text.clone_from(text);
            event.edited = Some(edited.clone());
        }
        if let Some(deleted) = &self.deleted {
            event.deleted.get_or_insert_with(|| deleted.clone());
        }
        // What is gone stays gone, whatever else is told of it.
        event.text.take_if(|_| event.deleted.is_some());
    }
}

/// Takes an edit or a deletion of `known` in, which comes after all others of it.
pub(crate) fn change(known: &mut RoomEvent, event: &RoomEvent) {
    let mut changes = Changes::default();
    changes.note(event);
    changes.apply(known);
}

/// Brings `known` up to date with the same message as another answer tells it.
pub(super) fn take_over(known: &mut RoomEvent, told: &RoomEvent) {
    let mut change = Change { edited: None, deleted: told.deleted.clone() };
    if let Some(edited) = &told.edited {
        change.edit(edited, told.text.as_ref());
    }
    change.apply(known);
}
