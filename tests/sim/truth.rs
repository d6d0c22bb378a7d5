//! What is committed, as read back from the database after every commit, and what was acked.

use std::collections::{BTreeMap, btree_map::Entry as Named};

use protocol::{Identity, RequestId, RoomEvent, RoomName, Seq, server::Ack};
use rusqlite::Connection;

use super::{
    plan::{Checked, Promise, Violation, check},
    powers::Powers,
};

/// One row of a log, in the words of the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) seq: u64,
    pub(crate) at: i64,
    from: String,
    pub(crate) by: String,
    pub(crate) kind: String,
    pub(crate) id: String,
    /// What it said when it was stored, if anybody could have been told.
    pub(crate) text: Option<String>,
    /// What it changes.
    pub(crate) target: Option<u64>,
    /// The seq of what deleted it; nothing of its text is kept since.
    pub(crate) erased: Option<u64>,
}

/// One room's log.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    pub(crate) head: u64,
    pub(crate) oldest: u64,
    /// From seq 1 on, also what is no longer kept.
    pub(crate) entries: Vec<Entry>,
}

/// Everything that is committed.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    pub(crate) rooms: BTreeMap<RoomName, Log>,
    /// What the tables call the rooms.
    numbers: BTreeMap<i64, RoomName>,
    /// Where each request is stored; also where it was, if that is no longer kept.
    keys: BTreeMap<(String, String), Vec<(RoomName, u64)>>,
    acks: BTreeMap<(Identity, RequestId), (RoomName, Seq)>,
    /// How far people have said that they have read.
    read: BTreeMap<(Identity, RoomName), u64>,
    /// What was said, by its place.
    pub(crate) words: BTreeMap<(RoomName, u64), String>,
    pub(crate) powers: Powers,
    /// What is put behind the ids of stored events by [`super::plan::Sabotage::NotStoredOnce`].
    pub(crate) mark: Option<&'static str>,
}

impl Truth {
    /// Reads what was committed since.
    pub(crate) fn learn(&mut self, database: &Connection) -> Checked {
        for (number, room, head, oldest) in self.rooms_in(database)? {
            let log = self.rooms.entry(room.clone()).or_default();
            log.oldest = oldest;
            let known = log.entries.len() as u64;
            if head == known {
                continue;
            }
            let mut new = entries(database, number, known, self.mark)?;
            for entry in &mut new {
                let words = self.words.remove(&(room.clone(), entry.seq));
                entry.text = entry.text.take().or(words);
            }
            check(new.iter().map(|it| it.seq).eq(known + 1..=head), Promise::OneOrder, || {
                format!("{room} has {known} and head {head}, but then came {new:?}")
            })?;
            log.head = head;
            log.entries.extend(new.clone());
            for entry in &new {
                self.powers.check(&room, entry)?;
                log.learn_change(entry, self.powers.is_operators(&room, entry))?;
            }
            for entry in new {
                self.learn_key(&room, entry)?;
            }
        }
        Ok(())
    }

    fn rooms_in(&mut self, database: &Connection) -> Checked<Vec<(i64, RoomName, u64, u64)>> {
        rooms(database, &mut self.numbers)
    }

    fn learn_key(&mut self, room: &RoomName, entry: Entry) -> Checked {
        let (key, place) = ((entry.by, entry.id), (room.clone(), entry.seq));
        let places = self.keys.entry(key.clone()).or_default();
        let is_kept = |(room, seq): &(RoomName, u64)| *seq >= self.rooms[room].oldest;
        check(!places.iter().any(is_kept), Promise::Once, || {
            format!("{key:?} is stored at {places:?} and at {place:?}")
        })?;
        places.push(place);
        Ok(())
    }

    /// Everything committed is still there as it was: after a restart, and at the end.
    pub(crate) fn compare(&self, database: &Connection) -> Checked {
        let found = rooms(database, &mut BTreeMap::new())?;
        check(found.len() == self.rooms.len(), Promise::Durable, || "a room is gone".to_owned())?;
        for (number, room, head, oldest) in found {
            let log = &self.rooms[&room];
            let kept = entries(database, number, 0, self.mark)?;
            let from = usize::try_from(oldest).unwrap_or(usize::MAX) - 1;
            let left = log.entries[from..].iter().map(Entry::as_kept);
            let is_same = head == log.head && kept.iter().cloned().eq(left);
            check(is_same, Promise::Durable, || {
                format!("{room} was {log:?} and is {head}, {oldest}, {kept:?}")
            })?;
        }
        Ok(())
    }

    /// What is at a place of a room, if anything is.
    pub(crate) fn entry(&self, room: &RoomName, seq: Seq) -> Option<&Entry> {
        let index = usize::try_from(seq.get()).unwrap_or(usize::MAX).wrapping_sub(1);
        self.rooms.get(room).and_then(|log| log.entries.get(index))
    }

    /// The entry that a client sees as this event, whatever became of it since; and its log.
    pub(crate) fn same(&self, event: &RoomEvent) -> Checked<(&Log, &Entry)> {
        let log = self.rooms.get(&event.room);
        let Some((log, kept)) = log.zip(self.entry(&event.room, event.seq)) else {
            let what = format!("somebody saw {event:?}, which is not committed");
            return Err(Violation { promise: Promise::Durable, what });
        };
        let seen = Entry {
            seq: event.seq.get(),
            at: event.at.0,
            from: event.from.as_str().to_owned(),
            by: event.by.as_str().to_owned(),
            kind: format!("{:?}", event.kind).to_lowercase(),
            id: event.id.as_str().to_owned(),
            text: kept.text.clone(),
            target: event.target.map(Seq::get),
            erased: kept.erased,
        };
        check(seen == *kept, Promise::OneOrder, || format!("{kept:?} was seen as {seen:?}"))?;
        Ok((log, kept))
    }

    /// A client is told where its message is.
    pub(crate) fn acked(&mut self, by: &Identity, ack: &Ack) -> Checked {
        let place = (ack.room.clone(), ack.seq);
        let key = (by.as_str().to_owned(), ack.id.as_str().to_owned());
        let Some(places) = self.keys.get(&key) else {
            let what = format!("{key:?} is acked at {place:?} and not committed");
            return Err(Violation { promise: Promise::Durable, what });
        };
        check(places.contains(&(place.0.clone(), place.1.get())), Promise::Once, || {
            format!("{key:?} is acked at {place:?} and stored at {places:?}")
        })?;
        let first = self.acks.entry((by.clone(), ack.id.clone())).or_insert(place.clone());
        // Once what was acked is no longer kept, the same may be stored and acked anew.
        check(*first == place || places.len() > 1, Promise::Once, || {
            format!("{key:?} was acked at {first:?} and then at {place:?}")
        })
    }

    /// Somebody says how far they have read.
    pub(crate) fn has_read(&mut self, by: &Identity, room: &RoomName, to: Seq) {
        let read = self.read.entry((by.clone(), room.clone())).or_default();
        *read = to.get().max(*read);
    }

    /// How far somebody has ever said that they have read.
    pub(crate) fn read_by(&self, by: &Identity, room: &RoomName) -> u64 {
        self.read.get(&(by.clone(), room.clone())).copied().unwrap_or_default()
    }

    /// A room's last seq.
    pub(crate) fn head(&self, room: &RoomName) -> u64 {
        self.rooms.get(room).map_or(0, |log| log.head)
    }

    /// A room's first kept seq.
    pub(crate) fn oldest(&self, room: &RoomName) -> u64 {
        self.rooms.get(room).map_or(1, |log| log.oldest)
    }
}

impl Entry {
    /// Whether somebody said it.
    pub(crate) fn is_message(&self) -> bool {
        matches!(self.kind.as_str(), "message" | "announcement")
    }

    /// As it stands in the database.
    fn as_kept(&self) -> Self {
        let text = self.text.clone().filter(|_| self.erased.is_none());
        Self { text, erased: None, ..self.clone() }
    }
}

/// The current names of everyone who owns one.
pub(crate) fn names(database: &Connection) -> Checked<BTreeMap<String, String>> {
    let mut select =
        database.prepare_cached("SELECT identity, name FROM person").map_err(broken)?;
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(broken)?;
    rows.collect::<Result<_, _>>().map_err(broken)
}

/// The rooms as kept; their names are parsed once.
fn rooms(
    database: &Connection,
    names: &mut BTreeMap<i64, RoomName>,
) -> Checked<Vec<(i64, RoomName, u64, u64)>> {
    let sql = "SELECT number, name, head, oldest FROM room";
    let mut select = database.prepare_cached(sql).map_err(broken)?;
    let mut rows = select.query([]).map_err(broken)?;
    let mut rooms = Vec::new();
    while let Some(row) = rows.next().map_err(broken)? {
        let read = || Ok((row.get(0)?, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?));
        let (number, head, oldest) = read().map_err(|why: rusqlite::Error| broken(why))?;
        let room = match names.entry(number) {
            Named::Occupied(known) => known.get().clone(),
            Named::Vacant(new) => {
                let name: String = row.get(1).map_err(broken)?;
                new.insert(RoomName::parse(&name).map_err(broken)?).clone()
            }
        };
        rooms.push((number, room, head.cast_unsigned(), oldest.cast_unsigned()));
    }
    Ok(rooms)
}

fn entries(
    database: &Connection,
    room: i64,
    after: u64,
    mark: Option<&str>,
) -> Checked<Vec<Entry>> {
    let sql = "SELECT seq, at, name, identity, kind, id, text, target FROM event
               WHERE room = ?1 AND seq > ?2 ORDER BY seq";
    let mut select = database.prepare_cached(sql).map_err(broken)?;
    let rows = select.query_map((room, after.cast_signed()), |row| {
        let id: String = row.get(5)?;
        let id = mark.and_then(|mark| id.split(mark).next()).unwrap_or(&id).to_owned();
        Ok(Entry {
            seq: row.get::<_, i64>(0)?.cast_unsigned(),
            at: row.get(1)?,
            from: row.get(2)?,
            by: row.get(3)?,
            kind: row.get(4)?,
            id,
            text: row.get(6)?,
            target: row.get::<_, Option<i64>>(7)?.map(i64::cast_unsigned),
            erased: None,
        })
    });
    rows.map_err(broken)?.collect::<Result<_, _>>().map_err(broken)
}

fn broken(why: impl std::fmt::Display) -> Violation {
    Violation { promise: Promise::Durable, what: format!("the database can't be read: {why}") }
}
