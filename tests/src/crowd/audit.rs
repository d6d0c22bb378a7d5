//! Holding what people remember against the log.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    net::SocketAddr,
};

use protocol::{EventKind, Identity, MessageText, RequestId, RoomEvent, RoomName, ServerFrame};

use super::{ROOMS, Record};
use crate::TestClient;

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub kind: Kind,
    /// What exactly.
    pub what: String,
}

/// The promises of which a crowd keeps account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It was acked, and the log does not have it there (P1).
    AckedLost,
    /// Somebody saw it, and the log does not have it there (P1, P2).
    SeenLost,
    /// The log has it, with other words or another author than it was sent with (P2).
    Changed,
    /// It is in the log more than once (P4).
    Doubled,
    /// The messages of one person are not in the order in which they were sent (P2).
    Reordered,
    /// Somebody got an event that they already had (P5).
    Overlap,
    /// Somebody did not get an event, and was not told (P3).
    Hole,
    /// Somebody was told that there is a gap, and there was no reason for one (P3).
    Gap,
    /// Something was refused for good.
    Refused,
    /// Something did not come to its end.
    Stuck,
    /// Somebody who was silent was not reset (P6).
    NotReset,
    /// Somebody was reset who was not silent.
    Reset,
    /// The hub went on though it can't have been sure of what it stored (P1).
    WentOn,
    /// The hub did not start again.
    Dead,
}

impl Violation {
    pub(crate) fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into() }
    }
}

/// An event, as far as it has to be the same for everyone; of its text only a hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub(crate) id: RequestId,
    by: Identity,
    kind: EventKind,
    text: u64,
}

impl Entry {
    /// As it was told.
    pub(crate) fn of(event: &RoomEvent) -> Self {
        let text = event.text.as_ref().map_or(0, hash);
        Self { id: event.id.clone(), by: event.by.clone(), kind: event.kind, text }
    }

    /// As it was sent.
    pub(crate) fn said(id: RequestId, by: Identity, text: &MessageText) -> Self {
        Self { id, by, kind: EventKind::Message, text: hash(text) }
    }
}

fn hash(text: &MessageText) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.as_str().hash(&mut hasher);
    hasher.finish()
}

/// Each event of a room, in order.
pub(crate) type Log = Vec<Entry>;

/// Reads the whole log, as somebody who joins from the beginning.
pub(crate) async fn read(address: SocketAddr) -> Result<BTreeMap<RoomName, Log>, Violation> {
    let mut reader = TestClient::guest(address, "Auditor").await;
    let mut logs = BTreeMap::new();
    for room in ROOMS {
        let head = reader.join_after(room, Some(0)).await.head.get();
        let mut log = Log::new();
        for seq in 1..=head {
            log.push(next(&mut reader, seq).await?);
        }
        logs.insert(RoomName::parse(room).expect("a room"), log);
    }
    Ok(logs)
}

/// The next event, which must be this one.
async fn next(reader: &mut TestClient, due: u64) -> Result<Entry, Violation> {
    reader
        .wait_for("an event", |frame| match frame {
            ServerFrame::Event(event) if event.seq.get() == due => Some(Ok(Entry::of(event))),
            ServerFrame::Event(event) => {
                Some(Err(Violation::new(Kind::Hole, format!("{} where {due} was due", event.seq))))
            }
            ServerFrame::Gap(gap) => Some(Err(Violation::new(Kind::Gap, format!("{gap:?}")))),
            _ => None,
        })
        .await
}

/// Everything in which the records and the log do not agree.
pub fn audit(records: &[Record], logs: &BTreeMap<RoomName, Log>) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut places = HashMap::new();
    for (room, log) in logs {
        for (seq, entry) in (1_u64..).zip(log) {
            if let Some((before, ..)) = places.insert(&entry.id, (room, seq, entry)) {
                let id = &entry.id;
                let what = format!("{id} is in {before} and at {room} {seq}");
                violations.push(Violation::new(Kind::Doubled, what));
            }
        }
    }
    for record in records {
        violations.extend(acked_lost(record, logs));
        violations.extend(seen_lost(record, logs));
        violations.extend(reordered(record, &places));
        violations.extend(changed(record, &places));
    }
    violations
}

fn acked_lost(record: &Record, logs: &BTreeMap<RoomName, Log>) -> Vec<Violation> {
    let is_there = |id: &RequestId, room: &RoomName, seq: u64| {
        let entry = logs.get(room).and_then(|log| log.get(seq.checked_sub(1)? as usize));
        entry.is_some_and(|entry| entry.id == *id)
    };
    let lost = record.acked.iter().filter(|(id, (room, seq))| !is_there(id, room, *seq));
    lost.map(|(id, place)| Violation::new(Kind::AckedLost, format!("{id} at {place:?}"))).collect()
}

fn seen_lost(record: &Record, logs: &BTreeMap<RoomName, Log>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (room, seen) in &record.rooms {
        let log = logs.get(room).map(Vec::as_slice).unwrap_or_default();
        let other = (0..seen.events.len()).find(|at| log.get(*at) != seen.events.get(*at));
        if let Some(at) = other {
            let what = format!("{room} {}: saw {:?}", at + 1, seen.events[at]);
            violations.push(Violation::new(Kind::SeenLost, what));
        }
    }
    violations
}

/// Where each event is, by its id.
type Places<'a> = HashMap<&'a RequestId, (&'a RoomName, u64, &'a Entry)>;

fn changed(record: &Record, places: &Places<'_>) -> Option<Violation> {
    let is_changed = |entry: &&Entry| places.get(&entry.id).is_some_and(|it| it.2 != *entry);
    let changed = record.sent.iter().map(|(_, entry)| entry).find(is_changed)?;
    Some(Violation::new(Kind::Changed, format!("sent as {changed:?}: {:?}", places[&changed.id])))
}

fn reordered(record: &Record, places: &Places<'_>) -> Option<Violation> {
    let mut last: HashMap<&RoomName, u64> = HashMap::new();
    for (room, Entry { id, .. }) in &record.sent {
        let Some((_, seq, _)) = places.get(id) else { continue };
        let before = last.insert(room, *seq).unwrap_or(0);
        if *seq < before {
            let what = format!("{id} at {seq} of {room} was sent after what is at {before}");
            return Some(Violation::new(Kind::Reordered, what));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> RequestId {
        RequestId::parse(text).expect("an id")
    }

    /// `a` is the event a; `a!` is the same with other words.
    fn entry(text: &str) -> Entry {
        let words = MessageText::parse(text).expect("a text");
        Entry::said(id(text.trim_end_matches('!')), Identity::from_bytes([1; 16]), &words)
    }

    fn record(sent: &[&str], acked: &[(&str, u64)], seen: &[&str]) -> Record {
        let lobby = RoomName::lobby;
        let mut record = Record {
            sent: sent.iter().map(|it| (lobby(), entry(it))).collect(),
            acked: acked.iter().map(|(it, seq)| (id(it), (lobby(), *seq))).collect(),
            ..Record::default()
        };
        record.rooms.entry(lobby()).or_default().events = seen.iter().map(|it| entry(it)).collect();
        record
    }

    fn found(record: Record, log: &[&str]) -> Vec<Kind> {
        let logs = [(RoomName::lobby(), log.iter().map(|it| entry(it)).collect())].into();
        audit(&[record], &logs).into_iter().map(|violation| violation.kind).collect()
    }

    #[test]
    fn a_record_that_agrees_with_the_log_is_fine() {
        let record = record(&["a", "b"], &[("a", 1), ("b", 3)], &["a", "x", "b"]);
        assert_eq!(found(record, &["a", "x", "b"]), []);
    }

    #[test]
    fn what_was_acked_and_is_elsewhere_or_nowhere_is_lost() {
        assert_eq!(found(record(&["a"], &[("a", 2)], &[]), &["a", "x"]), [Kind::AckedLost]);
        assert_eq!(found(record(&["a"], &[("a", 1)], &[]), &[]), [Kind::AckedLost]);
    }

    #[test]
    fn what_was_seen_and_is_another_is_lost() {
        assert_eq!(found(record(&[], &[], &["a", "b"]), &["a", "c"]), [Kind::SeenLost]);
    }

    #[test]
    fn what_has_other_words_is_changed() {
        assert_eq!(found(record(&["a"], &[("a", 1)], &[]), &["a!"]), [Kind::Changed]);
        assert_eq!(found(record(&[], &[], &["a"]), &["a!"]), [Kind::SeenLost]);
    }

    #[test]
    fn what_is_there_twice_is_doubled() {
        assert_eq!(found(record(&["a"], &[("a", 1)], &[]), &["a", "a"]), [Kind::Doubled]);
    }

    #[test]
    fn what_is_not_in_the_order_of_sending_is_reordered() {
        assert_eq!(found(record(&["a", "b"], &[], &[]), &["b", "a"]), [Kind::Reordered]);
    }
}
