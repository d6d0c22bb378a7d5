//! What of a room is unread, and where the line above it stands. PURE.

use protocol::Seq;

use super::{Arrived, Room};
use crate::timeline::{Scroll, Viewport};

impl Room {
    /// It is on the screen of a window with the focus, or not any more.
    pub fn look(&mut self, looks: bool) {
        if looks {
            (self.unread, self.mentions) = (0, 0);
            self.line_was_seen = self.timeline.is_at_newest();
        } else if self.looked_at && self.timeline.is_at_newest() {
            self.timeline.set_unread_after(None);
        }
        self.looked_at = looks;
    }

    /// Moves the reading position.
    pub fn scroll(&mut self, scroll: Scroll, view: &Viewport) {
        self.timeline.scroll(scroll, view);
        self.line_was_seen |= self.timeline.is_at_newest();
    }

    pub(super) fn count_unread(&mut self, last: Seq, arrived: Arrived) {
        let is_seen = self.looked_at && self.timeline.is_at_newest();
        if is_seen {
            self.line_was_seen = true;
            return;
        }
        if self.timeline.unread_after().is_none() || self.line_was_seen {
            self.timeline.set_unread_after(Some(last));
            self.line_was_seen = false;
        }
        if !self.looked_at {
            self.unread = self.unread.saturating_add(1);
            self.mentions += u32::from(arrived == Arrived::Mention);
        }
    }
}
