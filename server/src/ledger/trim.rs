//! When old events are removed: a little at a time, while nobody waits for the writer.

use std::{
    collections::VecDeque,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use protocol::{RoomName, Seq, Timestamp};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::{
    certain::CertainTime,
    retention::Retention,
    rows,
    start::BATCH_MAX,
    write::{Writer, is_disk_full},
};

/// Most events removed in one transaction: what comes meanwhile waits some milliseconds.
const STEP_EVENTS: u16 = 500;
/// Where there is never a moment without proposals, one step is made for so many of them: half
/// as many as it can remove, so that removing keeps up with whatever comes.
const STEP_PER_PROPOSALS: usize = STEP_EVENTS as usize / 2;
/// And one at least in so much time.
const STEP_AT_LEAST_EVERY: Duration = Duration::from_secs(1);
/// Most rooms in which nothing is found to remove that are looked at in one step.
const STEP_ROOMS: usize = 64;
/// How often all rooms are looked through.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// When to try again while the hub has not taken what it was told.
const WAIT_FOR_HUB: Duration = Duration::from_millis(10);

/// The beginning of a room is no longer kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trimmed {
    /// Which room.
    pub room: RoomName,
    /// Its first kept seq now; head + 1 if none is kept.
    pub oldest: Seq,
}

/// Which rooms are still to be looked at, and when.
#[derive(Debug)]
pub(crate) struct Trimmer {
    retention: Retention,
    certain: CertainTime,
    start: Instant,
    rooms: VecDeque<RoomName>,
    next_look: Instant,
    last_step: Instant,
    /// How many proposals no step was made for yet; no more than of one batch.
    proposals: usize,
}

impl Trimmer {
    /// One that looks at once, if anything is ever to be removed; `newest` is when the newest
    /// event was said.
    pub(crate) fn new(retention: Retention, newest: Timestamp) -> Option<Self> {
        let (start, certain) = (Instant::now(), CertainTime::since(newest));
        if retention.is_distrusted(certain.ahead(wall_clock())) {
            tracing::warn!(
                "the clock is further ahead of the newest message than messages are kept; if it \
                 is wrong, stop the hub and set it: messages said by it count at the next start"
            );
        }
        let (next_look, last_step, rooms) = (start, start, VecDeque::new());
        let trimmer = Self { retention, certain, start, rooms, next_look, last_step, proposals: 0 };
        retention.is_limited().then_some(trimmer)
    }

    /// How long until there is something to do. The hub must have room for being told.
    pub(crate) fn wait(&self, may_tell: bool) -> Duration {
        if !self.rooms.is_empty() && !may_tell {
            return WAIT_FOR_HUB;
        }
        if self.rooms.is_empty() {
            return self.next_look.saturating_duration_since(Instant::now());
        }
        Duration::ZERO
    }

    /// So many proposals were committed, without a moment between them for a step.
    pub(crate) fn note(&mut self, proposals: usize) {
        self.proposals = (self.proposals + proposals).min(BATCH_MAX);
    }

    /// Whether there was no moment without proposals for too long.
    pub(crate) fn is_overdue(&self) -> bool {
        let is_due = !self.rooms.is_empty() || self.next_look <= Instant::now();
        let is_late = self.last_step.elapsed() >= STEP_AT_LEAST_EVERY;
        is_due && (is_late || self.proposals >= STEP_PER_PROPOSALS)
    }

    /// Looks which rooms may have something to remove, or removes a little of one.
    pub(crate) fn step(&mut self, writer: &mut Writer) -> rusqlite::Result<Option<Trimmed>> {
        self.step_at(writer, wall_clock(), self.start.elapsed())
    }

    /// The same at a time: what the wall clock says, and how long this has been running.
    pub(crate) fn step_at(
        &mut self,
        writer: &mut Writer,
        wall: Timestamp,
        running: Duration,
    ) -> rusqlite::Result<Option<Trimmed>> {
        self.last_step = Instant::now();
        if self.rooms.is_empty() {
            self.rooms = writer.rooms_to_trim(&self.retention).into();
            self.next_look = self.last_step + LOOK_EVERY;
            self.proposals = 0;
            return Ok(None);
        }
        self.proposals = self.proposals.saturating_sub(STEP_PER_PROPOSALS);
        let now = self.retention.now(self.certain, wall, running);
        for _ in 0..STEP_ROOMS {
            let Some(room) = self.rooms.pop_front() else { break };
            let from = writer.state().rooms.get(&room).map(|room| room.oldest);
            let Some(trimmed) = writer.trim(&room, &self.retention, now)? else { continue };
            let removed = from.map_or(0, |from| trimmed.oldest.get() - from.get());
            // It is at the end of the row then, however much is said in it meanwhile.
            if removed >= u64::from(STEP_EVENTS) {
                self.rooms.push_back(room);
            }
            return Ok(Some(trimmed));
        }
        Ok(None)
    }
}

impl Writer {
    /// The rooms that may have something to remove.
    pub(crate) fn rooms_to_trim(&self, retention: &Retention) -> Vec<RoomName> {
        let rooms = self.state().rooms.iter();
        let concerned = rooms.filter(|(_, room)| retention.concerns(room.oldest, room.head));
        concerned.map(|(name, _)| name.clone()).collect()
    }

    /// Removes some of what a room has too much of, if there is any; when this returns, that is
    /// durable. What was sent is forgotten with its id. On a full disk nothing is done.
    pub fn trim(
        &mut self,
        room: &RoomName,
        retention: &Retention,
        now: Timestamp,
    ) -> rusqlite::Result<Option<Trimmed>> {
        match self.try_trim(room, retention, now) {
            Err(error) if is_disk_full(&error) => {
                tracing::warn!(%error, "the disk is full: nothing old could be removed");
                self.roll_back()?;
                Ok(None)
            }
            result => result,
        }
    }

    fn try_trim(
        &mut self,
        name: &RoomName,
        retention: &Retention,
        now: Timestamp,
    ) -> rusqlite::Result<Option<Trimmed>> {
        let (connection, rooms, numbers) = self.parts_of_rooms();
        let (Some(room), Some(number)) = (rooms.get_mut(name), numbers.get(name)) else {
            return Ok(None);
        };
        let behavior = TransactionBehavior::Immediate;
        let transaction = Transaction::new_unchecked(connection, behavior)?;
        let kept = (room.oldest, room.head);
        let oldest = first_kept(&transaction, *number, kept, (retention, now))?;
        if oldest == room.oldest {
            return Ok(None);
        }
        remove_below(&transaction, *number, oldest)?;
        transaction.commit()?;
        room.oldest = oldest;
        Ok(Some(Trimmed { room: name.clone(), oldest }))
    }
}

fn first_kept(
    connection: &Connection,
    number: i64,
    (oldest, head): (Seq, Seq),
    (retention, now): (&Retention, Timestamp),
) -> rusqlite::Result<Seq> {
    let sql = "SELECT seq, at FROM event WHERE room = ?1 AND seq >= ?2 ORDER BY seq LIMIT ?3";
    let mut select = connection.prepare_cached(sql)?;
    let from = params![number, rows::from_seq(oldest), STEP_EVENTS];
    let events = select.query_map(from, |row| Ok((rows::seq(row, 0)?, Timestamp(row.get(1)?))))?;
    retention.first_kept(now, (oldest, head), events)
}

fn remove_below(connection: &Connection, number: i64, oldest: Seq) -> rusqlite::Result<()> {
    let below = params![number, rows::from_seq(oldest)];
    connection.prepare_cached("DELETE FROM event WHERE room = ?1 AND seq < ?2")?.execute(below)?;
    connection.prepare_cached("UPDATE room SET oldest = ?2 WHERE number = ?1")?.execute(below)?;
    Ok(())
}

/// What the system's clock says.
pub(crate) fn wall_clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
