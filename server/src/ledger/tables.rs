//! What the writer says to the tables of `schema`.

use std::{borrow::Cow, collections::HashMap};

use protocol::{
    Deleted, Identity, MessageText, NameKey, RequestId, RoomEvent, RoomName, Seq, Timestamp, Topic,
    UserName,
};
use rusqlite::{CachedStatement, Connection, OptionalExtension as _, Row, params};

use super::{
    Private, Proposal, REMEMBERED_MAX,
    apply::{KeptAddressee, NewEvent, Room, State},
    authority::Person,
    changes::Target,
    retry::Found,
    rows, token_table,
};
use crate::sabotage::Fault;

/// The statements that every message needs, taken from the cache once a transaction.
pub(crate) struct EventTable<'connection> {
    select: CachedStatement<'connection>,
    insert: CachedStatement<'connection>,
}

impl<'connection> EventTable<'connection> {
    /// The statements on this connection.
    pub(crate) fn of(connection: &'connection Connection) -> rusqlite::Result<Self> {
        let select = "SELECT room.name, event.seq, event.at, event.kind, event.text,
                             event.reply_to, event.to_key, event.to_identity,
                             event.target
                      FROM event JOIN room ON room.number = event.room
                      WHERE event.identity = ?1 AND event.id = ?2";
        let insert = "INSERT INTO event (room, seq, at, name, identity, kind, id, text, reply_to,
                                         target, to_key, to_identity)
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
                      ON CONFLICT (identity, id) DO NOTHING";
        let mut insert = Cow::Borrowed(insert);
        if Fault::NoUniqueIndex.is_on() {
            insert = insert.replace("(identity, id)", "(room, seq)").into();
        }
        Ok(Self {
            select: connection.prepare_cached(select)?,
            insert: connection.prepare_cached(&insert)?,
        })
    }

    /// What is stored under the key of this proposal.
    pub(crate) fn find(&mut self, proposal: &Proposal) -> rusqlite::Result<Option<Found>> {
        let Some(id) = proposal.act.id().map(RequestId::as_str) else {
            return Ok(None);
        };
        let key = [proposal.by.as_str(), id];
        self.select.query_row(key, found).optional()
    }

    /// Stores an event in the room of this number, unless something is stored under its key.
    pub(crate) fn insert(&mut self, number: i64, new: &NewEvent) -> rusqlite::Result<bool> {
        let NewEvent { event, addressee, .. } = new;
        let inserted = self.insert.execute(params![
            number,
            rows::from_seq(event.seq),
            event.at.0,
            event.from.as_str(),
            event.by.as_str(),
            rows::kind_word(event.kind),
            event.id.as_str(),
            event.text.as_ref().map(MessageText::as_str),
            event.reply_to.map(rows::from_seq),
            event.target.map(rows::from_seq),
            addressee.as_ref().and_then(|addressee| addressee.key.as_deref()),
            addressee.as_ref().map(|addressee| addressee.identity.as_str()),
        ])?;
        Ok(inserted == 1)
    }
}

fn found(row: &Row<'_>) -> rusqlite::Result<Found> {
    let key = row.get(6)?;
    let identity = rows::optional(row, 7, Identity::parse)?;
    Ok(Found {
        room: rows::parsed(row, 0, RoomName::parse)?,
        seq: rows::seq(row, 1)?,
        at: Timestamp(row.get(2)?),
        kind: rows::kind(row, 3)?,
        text: row.get(4)?,
        reply_to: rows::optional_seq(row, 5)?,
        target: rows::optional_seq(row, 8)?,
        addressee: identity.map(|identity| KeptAddressee { key, identity }),
    })
}

/// What there is at a place of a room, if it is kept.
pub(crate) fn target(
    connection: &Connection,
    room: i64,
    seq: Seq,
) -> rusqlite::Result<Option<Target>> {
    let sql = "SELECT identity, kind, text IS NOT NULL FROM event WHERE room = ?1 AND seq = ?2";
    let mut select = connection.prepare_cached(sql)?;
    let target = select.query_row(params![room, rows::from_seq(seq)], |row| {
        Ok(Target {
            by: rows::parsed(row, 0, Identity::parse)?,
            kind: rows::kind(row, 1)?,
            has_text: row.get(2)?,
        })
    });
    target.optional()
}

/// Erases what a deletion is about: the text of the message, and of its edits. Returns what is
/// left of those among the newest of the room.
pub(crate) fn erase(
    connection: &Connection,
    room: i64,
    deletion: &RoomEvent,
) -> rusqlite::Result<Vec<RoomEvent>> {
    let Some(message) = deletion.target else { return Ok(Vec::new()) };
    let mut update = connection.prepare_cached(
        "UPDATE event SET text = NULL
         WHERE room = ?1 AND seq IN
            (SELECT ?2 UNION ALL
             SELECT seq FROM event WHERE room = ?1 AND target = ?2 AND kind = 'edit')
         RETURNING seq, at, name, identity, kind, id, text, reply_to, target",
    )?;
    let first = deletion.seq.get().saturating_sub(REMEMBERED_MAX);
    let mut erased = Vec::new();
    let mut found = update.query(params![room, rows::from_seq(message)])?;
    while let Some(row) = found.next()? {
        if rows::seq(row, 0)?.get() >= first {
            erased.push(rows::event(&deletion.room, row)?);
        }
    }
    for event in erased.iter_mut().filter(|event| event.seq == message) {
        event.deleted = Some(Deleted { seq: deletion.seq, by: deletion.by.clone() });
    }
    Ok(erased)
}

/// Gives a new room its number. What else there is to it is written by [`update_room`].
pub(crate) fn insert_room(connection: &Connection, room: &RoomName) -> rusqlite::Result<i64> {
    let sql = "INSERT INTO room (name, head, oldest, topic) VALUES (?1, 0, 1, '')";
    connection.prepare_cached(sql)?.execute([room.as_str()])?;
    Ok(connection.last_insert_rowid())
}

/// Writes all of a room but its name.
pub(crate) fn update_room(
    connection: &Connection,
    number: i64,
    room: &Room,
) -> rusqlite::Result<()> {
    let person = |index: usize| room.pair.as_ref().map(|pair| &pair.people[index]);
    let identity = |index| person(index).map(|(identity, _)| identity.as_str());
    let name = |index| person(index).map(|(_, name)| name.as_str());
    let mut update = connection.prepare_cached(
        "UPDATE room SET head = ?2, oldest = ?3, topic = ?4,
                first = ?5, first_name = ?6, second = ?7, second_name = ?8
         WHERE number = ?1",
    )?;
    update.execute(params![
        number,
        rows::from_seq(room.head),
        rows::from_seq(room.oldest),
        room.topic.as_str(),
        identity(0),
        name(0),
        identity(1),
        name(1),
    ])?;
    Ok(())
}

/// Writes all of a person but their names.
pub(crate) fn upsert_person(
    connection: &Connection,
    identity: &Identity,
    person: &Person,
) -> rusqlite::Result<()> {
    let mut upsert = connection.prepare_cached(
        "INSERT INTO person (identity, name, role, last_seen) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (identity) DO UPDATE
         SET name = excluded.name, role = excluded.role, last_seen = excluded.last_seen",
    )?;
    upsert.execute(params![
        identity.as_str(),
        person.name.as_str(),
        rows::role_word(person.role),
        person.last_seen.0,
    ])?;
    Ok(())
}

/// Frees all names of a person.
pub(crate) fn delete_names(connection: &Connection, identity: &Identity) -> rusqlite::Result<()> {
    let sql = "DELETE FROM owned_name WHERE identity = ?1";
    connection.prepare_cached(sql)?.execute([identity.as_str()])?;
    Ok(())
}

/// Writes the names of a person, who has none yet.
pub(crate) fn insert_names(
    connection: &Connection,
    identity: &Identity,
    person: &Person,
) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO owned_name (key, name, identity, rank) VALUES (?1, ?2, ?3, ?4)",
    )?;
    let current = person.owns_name.then_some((0, &person.name));
    for (rank, name) in current.into_iter().chain((1..).zip(&person.former)) {
        let key: NameKey = name.key();
        insert.execute(params![key.as_str(), name.as_str(), identity.as_str(), rank])?;
    }
    Ok(())
}

/// All that is kept but the events, and the rooms' numbers.
pub(crate) fn load(connection: &Connection) -> rusqlite::Result<(State, HashMap<RoomName, i64>)> {
    let mut state = State::default();
    let mut numbers = HashMap::new();
    let mut select = connection.prepare_cached(
        "SELECT number, name, head, oldest, topic, first, first_name, second, second_name
         FROM room",
    )?;
    let mut rooms = select.query([])?;
    while let Some(row) = rooms.next()? {
        let name = rows::parsed(row, 1, RoomName::parse)?;
        numbers.insert(name.clone(), row.get(0)?);
        state.rooms.insert(name, load_room(row)?);
    }
    load_people(connection, &mut state)?;
    for token in token_table::load(connection)? {
        state.authority.tokens.insert(token);
    }
    Ok((state, numbers))
}

/// When the newest event of each room was said; nothing of those that are empty.
pub(crate) fn newest(connection: &Connection) -> rusqlite::Result<HashMap<RoomName, Timestamp>> {
    let sql = "SELECT room.name, at FROM room JOIN event ON room = number AND seq = head";
    let mut select = connection.prepare(sql)?;
    let newest = select.query_map([], |row| {
        Ok((rows::parsed(row, 0, RoomName::parse)?, Timestamp(row.get(1)?)))
    })?;
    newest.collect()
}

fn load_room(row: &Row<'_>) -> rusqlite::Result<Room> {
    let person = |column| {
        let identity = rows::optional(row, column, Identity::parse)?;
        let name = rows::optional(row, column + 1, UserName::parse)?;
        Ok::<_, rusqlite::Error>(identity.zip(name))
    };
    Ok(Room {
        head: rows::seq(row, 2)?,
        oldest: rows::seq(row, 3)?,
        topic: rows::parsed(row, 4, Topic::parse)?,
        pair: person(5)?.zip(person(7)?).map(|(one, other)| Private { people: [one, other] }),
        is_told: false,
    })
}

fn load_people(connection: &Connection, state: &mut State) -> rusqlite::Result<()> {
    let mut former: HashMap<Identity, Vec<UserName>> = HashMap::new();
    let mut select = connection.prepare_cached(
        "SELECT identity, name FROM owned_name WHERE rank > 0 ORDER BY identity, rank",
    )?;
    let mut names = select.query([])?;
    while let Some(row) = names.next()? {
        let name = rows::parsed(row, 1, UserName::parse)?;
        former.entry(rows::parsed(row, 0, Identity::parse)?).or_default().push(name);
    }
    let mut select = connection.prepare_cached(
        "SELECT identity, name, role, last_seen,
                EXISTS (SELECT 1 FROM owned_name
                        WHERE owned_name.identity = person.identity AND rank = 0)
         FROM person",
    )?;
    let mut people = select.query([])?;
    while let Some(row) = people.next()? {
        let identity = rows::parsed(row, 0, Identity::parse)?;
        let person = Person {
            name: rows::parsed(row, 1, UserName::parse)?,
            owns_name: row.get(4)?,
            former: former.remove(&identity).unwrap_or_default(),
            role: rows::role(row, 2)?,
            last_seen: Timestamp(row.get(3)?),
        };
        state.authority.insert(identity, person);
    }
    Ok(())
}
