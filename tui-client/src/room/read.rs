//! How far one has read a room, here and on one's other devices. It never goes back. PURE.

use protocol::{Identity, RoomName, Seq};

use super::Room;
use crate::{preferences::ReadWhen, timeline::UnreadLine};

/// How far one has read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Read {
    /// On any device, as far as is known here.
    here: Seq,
    /// As far as the hub knows.
    told: Seq,
}

impl Room {
    /// What is on the screen may count as read.
    pub(crate) fn read(&mut self, when: ReadWhen) {
        let counts = match when {
            ReadWhen::Newest => self.attends(),
            ReadWhen::Shown => self.is_shown() && self.joined,
            ReadWhen::Written => false,
        };
        if counts {
            self.read_all();
        }
    }

    /// Who writes has read.
    pub(crate) fn read_all(&mut self) {
        self.read.here = self.read.here.max(self.timeline.last());
    }

    /// What the hub is to be told, if it does not know.
    pub(crate) fn read_to_tell(&self) -> Option<(RoomName, Seq)> {
        let is_news = self.joined && self.read.here > self.read.told;
        let room = self.place.room().filter(|_| is_news)?;
        Some((room.clone(), self.read.here))
    }

    /// The hub is being told.
    pub(crate) fn read_told(&mut self, seq: Seq) {
        self.read.told = self.read.told.max(seq);
    }

    /// The hub knows that one has read so far, perhaps elsewhere: what is up to there is not
    /// unread here. Under one's eyes the line stays.
    pub(crate) fn on_read(&mut self, seq: Seq, me: Option<&Identity>) {
        self.read.told = self.read.told.max(seq);
        if seq <= self.read.here {
            return;
        }
        self.read.here = seq;
        if self.is_shown() {
            return;
        }
        let left = self.timeline.count_after(seq, me);
        self.unread = self.unread.min(u32::try_from(left).unwrap_or(u32::MAX));
        self.mentions = self.mentions.min(self.unread);
        let line = self.timeline.unread().filter(|line| line.after < seq).copied();
        match line {
            Some(_) if left == 0 => self.retire_line(),
            Some(line) => {
                let line = UnreadLine { after: seq, count: left, ..line };
                self.timeline.set_unread(Some(line));
            }
            None => {}
        }
    }

    /// The hub's word at the beginning of a connection: it may not have got what it was told last.
    pub(super) fn read_by_hub(&mut self, read: Option<Seq>, me: Option<&Identity>) {
        self.read.told = Seq::ZERO;
        if let Some(read) = read {
            self.on_read(read, me);
        }
    }

    /// The room counts anew.
    pub(super) fn forget_read(&mut self) {
        self.read = Read::default();
    }
}
