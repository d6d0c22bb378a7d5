//! The ledger through its handles, on real databases.

use std::{collections::VecDeque, path::Path};

use protocol::{
    Addressee, ErrorCode, Identity, MessageText, RequestId, RoomName, Seq, Timestamp, Topic,
    UserName,
};
use tokio::sync::mpsc;

use super::*;
use crate::config::Storage;

mod changes;
mod copies;
mod keeping;
mod model;
mod names;
mod opening;
mod pages;
mod powers;
mod private;
mod retention;
mod retries;
mod stopping;
mod verifying;

/// A ledger at work, for a test that asks and waits.
pub(crate) struct Bench {
    pub(crate) snapshot: Snapshot,
    pub(crate) ledger: Option<LedgerHandle>,
    pub(crate) reader: Reader,
    end: LedgerEnd,
    news: mpsc::Receiver<News>,
    decided: VecDeque<Outcome>,
    pub(crate) trimmed: Vec<Trimmed>,
}

impl Bench {
    pub(crate) fn open(storage: &Storage) -> Self {
        Self::keeping(storage, Retention::default())
    }

    pub(crate) fn keeping(storage: &Storage, retention: Retention) -> Self {
        let opened = open(storage).unwrap().keeping(retention);
        let snapshot = opened.snapshot().clone();
        let (sender, news) = mpsc::channel(NEWS_MAX);
        let Started { ledger, reader, end } = opened.start(sender).unwrap();
        let (decided, trimmed) = (VecDeque::new(), Vec::new());
        Self { snapshot, ledger: Some(ledger), reader, end, news, decided, trimmed }
    }

    pub(crate) fn ask(&mut self, by: u8, act: Act) -> Decision {
        self.ask_at(0, by, act)
    }

    pub(crate) fn ask_at(&mut self, at: i64, by: u8, act: Act) -> Decision {
        self.propose(proposal(at, by, act))
    }

    pub(crate) fn propose(&mut self, proposal: Proposal) -> Decision {
        self.ledger.as_ref().unwrap().propose(vec![proposal]).unwrap();
        self.next()
    }

    /// The outcome of the oldest proposal that has not been asked for.
    pub(crate) fn next(&mut self) -> Decision {
        loop {
            if let Some(outcome) = self.decided.pop_front() {
                return outcome.decision;
            }
            match self.news.blocking_recv().unwrap() {
                News::Decided(outcomes) => self.decided.extend(outcomes),
                News::Trimmed(trimmed) => self.trimmed.push(trimmed),
            }
        }
    }

    /// Waits until the beginning of a room is gone.
    pub(crate) fn next_trimmed(&mut self) -> Trimmed {
        match self.news.blocking_recv().unwrap() {
            News::Trimmed(trimmed) => trimmed,
            other @ News::Decided(_) => panic!("not trimmed: {other:?}"),
        }
    }

    pub(crate) fn read(&self, room: &str, range: PageRange, limit: usize) -> PageRows {
        let query = PageQuery {
            room: room_name(room),
            range,
            limit,
            bytes_max: usize::MAX,
            head: Seq::MAX,
        };
        self.query(query)
    }

    pub(crate) fn query(&self, query: PageQuery) -> PageRows {
        let (sender, page) = std::sync::mpsc::channel();
        self.reader.read(query, move |result| sender.send(result).unwrap()).unwrap();
        page.recv().unwrap().unwrap()
    }

    /// The whole log of a room.
    pub(crate) fn log(&self, room: &str) -> Vec<RoomEvent> {
        self.read(room, PageRange::After(Seq::ZERO), 10_000).events
    }

    /// Lets it be known that this person was here, and waits until that is kept.
    pub(crate) fn seen(&mut self, at: i64, by: u8) {
        let ledger = self.ledger.as_ref().unwrap();
        ledger.seen(vec![(person(by), Timestamp(at))]).unwrap();
        // The queue is in order: what comes after is decided after.
        self.ask_at(at, 255, say("lobby", &format!("seen-{at}-{by}"), "."));
    }

    /// Lets it be known how far this person has read, and waits until that is kept.
    pub(crate) fn has_read(&mut self, by: u8, room: &str, to: u64) {
        let record = ReadRecord { identity: person(by), room: room_name(room), seq: seq(to) };
        self.ledger.as_ref().unwrap().read(vec![record]).unwrap();
        // The queue is in order. A guest answers what is not there, so nothing is stored.
        self.ask(255, answer("lobby", "waits", ".", Some(u64::from(u32::MAX))));
    }

    /// Stops it and waits until it has.
    pub(crate) fn stop(mut self) -> Result<(), LedgerFailed> {
        self.ledger = None;
        self.end()
    }

    pub(crate) fn end(&mut self) -> Result<(), LedgerFailed> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(self.end.wait())
    }
}

pub(crate) fn proposal(at: i64, by: u8, act: Act) -> Proposal {
    let from = UserName::parse(&format!("guest{by}")).unwrap();
    let (ticket, at) = (Ticket(at.cast_unsigned()), Timestamp(at));
    Proposal { ticket, by: person(by), from, at, certain: at, act }
}

pub(crate) fn directory(path: &Path) -> Storage {
    Storage::Directory(path.to_owned())
}

/// The database in a data directory, as another program would open it.
pub(crate) fn database(path: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(path.join(directory::DATABASE)).unwrap()
}

/// The database and its WAL as they are now, elsewhere.
pub(crate) fn copy(path: &Path) -> tempfile::TempDir {
    let copied = tempfile::tempdir().unwrap();
    for file in ["hub.sqlite3", "hub.sqlite3-wal"] {
        std::fs::copy(path.join(file), copied.path().join(file)).unwrap();
    }
    copied
}

pub(crate) fn person(number: u8) -> Identity {
    Identity::from_bytes([number; 16])
}

pub(crate) fn room_name(name: &str) -> RoomName {
    RoomName::parse(name).unwrap()
}

pub(crate) fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

pub(crate) fn say(room: &str, id: &str, text: &str) -> Act {
    answer(room, id, text, None)
}

pub(crate) fn answer(room: &str, id: &str, text: &str, reply_to: Option<u64>) -> Act {
    Act::Say {
        room: room_name(room),
        id: RequestId::parse(id).unwrap(),
        text: MessageText::parse(text).unwrap(),
        reply_to: reply_to.map(seq),
    }
}

pub(crate) fn direct(to: &str, id: &str, text: &str) -> Act {
    Act::Direct {
        to: Addressee::parse(to).unwrap(),
        guest: None,
        id: RequestId::parse(id).unwrap(),
        text: MessageText::parse(text).unwrap(),
    }
}

pub(crate) fn topic(room: &str, id: &str, text: &str) -> Act {
    let id = RequestId::parse(id).unwrap();
    Act::SetTopic { room: room_name(room), id, text: Topic::parse(text).unwrap() }
}

pub(crate) fn edit(room: &str, id: &str, number: u64, text: &str) -> Act {
    let (id, text) = (RequestId::parse(id).unwrap(), MessageText::parse(text).unwrap());
    Act::Edit { room: room_name(room), id, seq: seq(number), text }
}

pub(crate) fn delete(room: &str, id: &str, number: u64) -> Act {
    let id = RequestId::parse(id).unwrap();
    Act::Delete { room: room_name(room), id, seq: seq(number) }
}

pub(crate) fn announce(room: &str, id: &str, text: &str) -> Act {
    let (id, text) = (RequestId::parse(id).unwrap(), MessageText::parse(text).unwrap());
    Act::Announce { room: room_name(room), id, text }
}

pub(crate) fn appoint(who: u8, role: Role) -> Act {
    Act::Appoint { who: person(who), role }
}

pub(crate) fn issue(secret: &str, name: &str, rooms: &[&str]) -> Act {
    let (hash, name) = (TokenHash::of(secret), UserName::parse(name).unwrap());
    Act::Issue { hash, name, rooms: rooms.iter().map(|room| room_name(room)).collect() }
}

pub(crate) fn revoke(name: &str) -> Act {
    Act::Revoke { name: UserName::parse(name).unwrap() }
}

pub(crate) fn claim(name: &str) -> Act {
    Act::Claim { name: UserName::parse(name).unwrap(), only_first: false }
}

pub(crate) fn hello(name: &str) -> Act {
    Act::Claim { name: UserName::parse(name).unwrap(), only_first: true }
}

pub(crate) fn stored(decision: &Decision) -> (&RoomEvent, Option<&Private>) {
    match decision {
        Decision::Stored { event, private, .. } => (event, private.as_ref()),
        other => panic!("not stored: {other:?}"),
    }
}

pub(crate) fn stored_seq(decision: &Decision) -> u64 {
    stored(decision).0.seq.get()
}

pub(crate) fn claimed(decision: &Decision) -> (&str, Option<&str>) {
    match decision {
        Decision::Claimed { name, before, .. } => {
            (name.as_str(), before.as_ref().map(UserName::as_str))
        }
        other => panic!("not claimed: {other:?}"),
    }
}

pub(crate) fn refused(decision: &Decision) -> ErrorCode {
    match decision {
        Decision::Refused { refusal, .. } => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}
