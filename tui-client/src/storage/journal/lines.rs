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
    /// The files of which this one has all that counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    adopts: Vec<String>,
}

/// What a file comes to.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) kept: Kept,
    /// The files of which it has all that counts.
    pub(super) adopts: Vec<String>,
    pub(super) is_damaged: bool,
}

/// A whole file.
pub(super) fn whole(owner: &Identity, adopts: Vec<String>, kept: &Kept) -> String {
    let header = Header { hubbub_outbox: VERSION, owner: owner.clone(), adopts };
    let mut text = json(&header);
    text.push_str(&line(&kept.notes()));
    text
}

/// One write.
pub(super) fn line(notes: &[Note]) -> String {
    json(&notes)
}

/// Reads a whole file. A last line without an end is the write that a crash has torn: nobody was
/// told that it is there.
pub(super) fn read(bytes: &[u8], owner: &Identity) -> Read {
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let mut lines = bytes[..end].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let header = lines.next().and_then(|line| serde_json::from_slice::<Header>(line).ok());
    let is_ours = |header: &Header| header.hubbub_outbox == VERSION && header.owner == *owner;
    let Some(header) = header.filter(is_ours) else {
        return Read { is_damaged: true, ..Read::default() };
    };
    let mut read = Read { adopts: header.adopts, ..Read::default() };
    for line in lines {
        match serde_json::from_slice::<Vec<Note>>(line) {
            Ok(notes) => read.kept.apply_all(&notes),
            Err(_) => read.is_damaged = true,
        }
    }
    read
}

fn json(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string(value)
        .unwrap_or_else(|_| unreachable!("strings and numbers in lists are always JSON"));
    text.push('\n');
    text
}
