//! The lines of such a file. PURE.

use protocol::Identity;
use serde::{Deserialize, Serialize};

use crate::outbox::{Kept, Note};

/// The only version so far.
const VERSION: u32 = 1;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    hubbub_outbox: u32,
    owner: Identity,
}

/// A whole file.
pub(super) fn whole(owner: &Identity, kept: &Kept) -> String {
    let header = Header { hubbub_outbox: VERSION, owner: owner.clone() };
    let mut text = json(&header);
    text.push_str(&line(&kept.notes()));
    text
}

/// One write.
pub(super) fn line(notes: &[Note]) -> String {
    json(&notes)
}

/// What a file comes to, and whether it is damaged. A last line without an end is the write that
/// a crash has torn: nobody was told that it is there.
pub(super) fn read(bytes: &[u8], owner: &Identity) -> (Kept, bool) {
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let mut lines = bytes[..end].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let header = lines.next().and_then(|line| serde_json::from_slice::<Header>(line).ok());
    let is_ours = |header: &Header| header.hubbub_outbox == VERSION && header.owner == *owner;
    if !header.as_ref().is_some_and(is_ours) {
        return (Kept::default(), true);
    }
    let (mut kept, mut is_damaged) = (Kept::default(), false);
    for line in lines {
        match serde_json::from_slice::<Vec<Note>>(line) {
            Ok(notes) => kept.apply_all(&notes),
            Err(_) => is_damaged = true,
        }
    }
    (kept, is_damaged)
}

fn json(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string(value)
        .unwrap_or_else(|_| unreachable!("strings and numbers in lists are always JSON"));
    text.push('\n');
    text
}
