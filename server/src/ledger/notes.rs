//! What is kept best effort, with the next batch: no transaction of its own for each.

use std::collections::HashMap;

use protocol::{Identity, RoomName, Seq, Timestamp};

use super::ReadRecord;

/// When somebody was last here, for those of whom that is to be kept.
pub(crate) type Seen = HashMap<Identity, Timestamp>;
/// How far somebody has read a room, where that is to be kept.
pub(crate) type ReadMarks = HashMap<(Identity, RoomName), Seq>;

/// What waits to be kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// When people were last here.
    pub(crate) seen: Seen,
    /// How far people have read.
    pub(crate) read: ReadMarks,
}

impl Notes {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty() && self.read.is_empty()
    }

    /// Adds when people were here. Of two times the later one counts.
    pub fn add_seen(&mut self, people: impl IntoIterator<Item = (Identity, Timestamp)>) {
        for (identity, at) in people {
            let kept = self.seen.entry(identity).or_insert(at);
            *kept = at.max(*kept);
        }
    }

    /// Adds how far people have read. Of two places the later one counts.
    pub fn add_read(&mut self, markers: impl IntoIterator<Item = ReadRecord>) {
        for ReadRecord { identity, room, seq } in markers {
            let kept = self.read.entry((identity, room)).or_insert(seq);
            *kept = seq.max(*kept);
        }
    }

    /// Adds what others have gathered.
    pub(crate) fn merge(&mut self, more: Self) {
        let Self { seen, read } = more;
        self.add_seen(seen);
        let record = |((identity, room), seq)| ReadRecord { identity, room, seq };
        self.add_read(read.into_iter().map(record));
    }
}
