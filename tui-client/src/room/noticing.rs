//! What one wants to notice of a room. PURE.

use std::sync::Arc;

use protocol::{EventKind, Identity, RoomEvent, Seq};

use super::Room;
use crate::{ignoring::Ignoring, noticing::Noticing, timeline::Viewport};

impl Room {
    /// From now on one wants to notice this. What is not to be seen any more is not counted any
    /// more either; what is to be seen again is old.
    pub(crate) fn notice(&mut self, noticing: &Arc<Noticing>, me: Option<&Identity>) {
        let before = self.timeline.notice(Arc::clone(noticing));
        if before.ignoring == noticing.ignoring {
            return;
        }
        self.typing.forget(|name| noticing.ignoring.has_named(name));
        let line = self.timeline.unread().map(|line| line.after);
        let (mut unread, mut mentions, mut below) = (0, 0, 0);
        for (index, event) in self.others_said(&before, me).enumerate() {
            let is_unread = index < self.unread as usize;
            let is_below = line.is_some_and(|after| event.seq > after);
            if !(is_unread || is_below) {
                break;
            }
            if noticing.ignoring.hides(event) {
                unread += u32::from(is_unread);
                mentions += u32::from(is_unread && self.is_to_me(event));
                below += u64::from(is_below);
            }
        }
        self.unread -= unread;
        self.mentions = self.mentions.saturating_sub(mentions).min(self.unread);
        self.discount(below, line);
    }

    /// Whether something that somebody else said is to oneself.
    pub(super) fn is_to_me(&self, event: &RoomEvent) -> bool {
        let text = event.text.as_ref().map_or("", |text| text.as_str());
        event.kind == EventKind::Announcement
            || self.is_private()
            || self.timeline.noticing().mentions.are_in(text)
    }

    /// Before somebody is ignored: what one reads beside what they said stays where it is.
    pub(crate) fn read_beside(&mut self, ignoring: &Ignoring, view: &Viewport) {
        self.timeline.read_beside(|event| ignoring.hides(event), view);
    }

    /// What others said whom one did not ignore, the newest first.
    fn others_said<'a>(
        &'a self,
        before: &'a Noticing,
        me: Option<&'a Identity>,
    ) -> impl Iterator<Item = &'a RoomEvent> {
        self.timeline.newest_first().filter(move |event| {
            let is_said = matches!(event.kind, EventKind::Message | EventKind::Announcement);
            is_said && Some(&event.by) != me && !before.ignoring.hides(event)
        })
    }

    /// Fewer messages are new; if none is, there is no line above them.
    fn discount(&mut self, count: u64, line: Option<Seq>) {
        self.timeline.discount_unread(count);
        let is_left = self.timeline.unread().is_some_and(|line| line.count > 0);
        if count > 0 && line.is_some() && !is_left {
            self.retire_line();
        }
    }
}
