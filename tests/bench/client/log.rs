//! The room's log that is read: made from its seq, so that a million messages need no memory and
//! each page has the same texts again.

use protocol::{
    EventKind, Identity, MessageText, RequestId, RoomEvent, RoomName, Seq, Timestamp, UserName,
    client::History, server::Page,
};

/// Friday, 21 November 2025, 06:00 UTC.
const START_MS: i64 = 1_763_704_800_000;
const PEOPLE: [&str; 8] = ["Bob", "cyd", "Dan", "Eve", "Frieda", "Bartholomew", "jo", "Ünal"];
const WORDS: [&str; 24] = [
    "the",
    "numbers",
    "are",
    "in",
    "and",
    "look",
    "good",
    "tonight",
    "but",
    "nobody",
    "has",
    "seen",
    "https://example.org/a/report?of=tonight",
    "yet",
    "so",
    "wait",
    "日本語",
    "well-known",
    "for",
    "it",
    "or",
    "not",
    "naïve",
    "ok",
];

/// What was said in a room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Log {
    pub(crate) head: u64,
}

impl Log {
    pub(crate) fn page(self, asked: &History) -> Page {
        let limit = asked.limit.get() as u64;
        let (from, to) = match (asked.before, asked.after) {
            (Some(before), _) => (before.get().saturating_sub(limit).max(1), before.get() - 1),
            (None, Some(after)) => (after.get() + 1, (after.get() + limit).min(self.head)),
            (None, None) => (self.head.saturating_sub(limit) + 1, self.head),
        };
        let more = if asked.after.is_some() { to < self.head } else { from > 1 };
        Page {
            id: asked.id.clone(),
            room: asked.room.clone(),
            events: (from..=to).map(event).collect(),
            oldest: seq(1),
            as_of: seq(self.head),
            gap: None,
            more,
        }
    }
}

/// The event of this number: from one word to some rows.
pub(crate) fn event(number: u64) -> RoomEvent {
    let person = (mixed(number / 2) % PEOPLE.len() as u64) as usize;
    RoomEvent {
        room: RoomName::lobby(),
        seq: seq(number),
        at: Timestamp(START_MS + number.cast_signed() * 20_000),
        from: UserName::parse(PEOPLE[person]).expect("a name"),
        by: Identity::from_bytes([person as u8 + 2; 16]),
        kind: EventKind::Message,
        id: RequestId::parse(&format!("said-{number}")).expect("an id"),
        text: Some(MessageText::parse(&text(number)).expect("a text")),
        reply_to: number.is_multiple_of(9).then(|| seq(number - 3)),
        target: None,
        edited: None,
        deleted: None,
        reactions: Vec::new(),
    }
}

/// What is said in it: a fifth is longer than a row of 80 columns.
pub(crate) fn text(number: u64) -> String {
    let many = mixed(number) % 12;
    let count = if number.is_multiple_of(5) { 12 + many * 3 } else { 1 + many };
    let words = (0..count).map(|at| WORDS[(mixed(number * 64 + at) % WORDS.len() as u64) as usize]);
    words.collect::<Vec<_>>().join(" ")
}

pub(crate) fn seq(number: u64) -> Seq {
    Seq::new(number).expect("a seq")
}

fn mixed(number: u64) -> u64 {
    let mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed ^ (mixed >> 31)
}
