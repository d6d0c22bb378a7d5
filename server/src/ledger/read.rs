//! Pages of the log, read on connections of their own so that no reader waits for the writer.

use std::sync::{
    Arc, Mutex, PoisonError,
    mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
};

use protocol::{Deleted, Edited, Identity, RoomEvent, Seq, Timestamp};
use rusqlite::{Connection, Row, params};

use super::{PageQuery, PageRange, PageResult, PageRows, READS_MAX, ReadError, rows};
use crate::sabotage::Fault;

/// Threads that read pages, each with its connection: one may wait for the disk while the other
/// serves what is in memory.
pub(crate) const READERS: usize = 2;

/// Reads pages. Cheap to clone; the readers end with the last clone.
#[derive(Clone, Debug)]
pub struct Reader {
    queue: SyncSender<Read>,
}

/// The page was not even asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadRefused {
    /// [`READS_MAX`] pages are being read: ask again when one is there.
    #[error("too many pages are being read")]
    Busy,
    /// The ledger has ended.
    #[error("the ledger has ended")]
    Gone,
}

/// What the reading threads take their work from.
#[derive(Clone, Debug)]
pub(crate) struct Reads {
    queue: Arc<Mutex<Receiver<Read>>>,
}

struct Read {
    query: PageQuery,
    reply: Box<dyn FnOnce(PageResult) + Send>,
}

impl Reader {
    pub(crate) fn new() -> (Self, Reads) {
        let (queue, reads) = sync_channel(READS_MAX);
        (Self { queue }, Reads { queue: Arc::new(Mutex::new(reads)) })
    }

    /// Has a page read; never blocks. `reply` is called on a thread of the ledger's and must not
    /// block either.
    pub fn read(
        &self,
        query: PageQuery,
        reply: impl FnOnce(PageResult) + Send + 'static,
    ) -> Result<(), ReadRefused> {
        let read = Read { query, reply: Box::new(reply) };
        self.queue.try_send(read).map_err(|refused| match refused {
            TrySendError::Full(_) => ReadRefused::Busy,
            TrySendError::Disconnected(_) => ReadRefused::Gone,
        })
    }
}

impl Reads {
    /// Serves reads until nobody can ask any more.
    pub(crate) fn serve(&self, connection: &Connection) {
        while let Some(Read { query, reply }) = self.next() {
            reply(page(connection, &query).map_err(|why| ReadError(why.to_string())));
        }
    }

    fn next(&self) -> Option<Read> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
    }
}

impl std::fmt::Debug for Read {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.query.fmt(f)
    }
}

/// One page; one statement, so that it sees one state of the log.
pub fn page(connection: &Connection, query: &PageQuery) -> rusqlite::Result<PageRows> {
    let below = query.head.next();
    let (sql, from, to) = match query.range {
        PageRange::Before(before) => (BEFORE, Seq::ZERO, before.min(below)),
        PageRange::After(after) => (AFTER, after, below),
    };
    let mut select = connection.prepare_cached(sql)?;
    let found = select.query(params![
        query.room.as_str(),
        rows::from_seq(from),
        rows::from_seq(to),
        i64::try_from(query.limit).unwrap_or(i64::MAX).saturating_add(1),
        rows::from_seq(query.head),
    ])?;
    let mut page = take(found, query)?;
    if matches!(query.range, PageRange::Before(_)) {
        page.events.reverse();
    }
    if Fault::OrderedByClock.is_on() {
        page.events.sort_by_key(|event| event.at);
    }
    Ok(page)
}

/// As many events as the query allows, in the order found.
fn take(mut found: rusqlite::Rows<'_>, query: &PageQuery) -> rusqlite::Result<PageRows> {
    let mut page = PageRows::default();
    let mut bytes = 0;
    while let Some(row) = found.next()? {
        let event = with_state(rows::event(&query.room, row)?, row)?;
        bytes += event.text.as_ref().map_or(0, |text| text.as_str().len());
        let is_over = !page.events.is_empty() && bytes > query.bytes_max;
        if is_over || page.events.len() >= query.limit {
            page.more = true;
            break;
        }
        page.events.push(event);
    }
    Ok(page)
}

/// An event with what has become of it. Of a deleted message nothing else is told.
fn with_state(event: RoomEvent, row: &Row<'_>) -> rusqlite::Result<RoomEvent> {
    if let Some(seq) = rows::optional_seq(row, 11)? {
        let deleted = Some(Deleted { seq, by: rows::parsed(row, 12, Identity::parse)? });
        return Ok(RoomEvent { deleted, ..event });
    }
    let Some(seq) = rows::optional_seq(row, 9)? else { return Ok(event) };
    let edited = Some(Edited { seq, at: Timestamp(row.get(10)?) });
    Ok(RoomEvent { edited, ..event })
}

// Edits count up to the head that the asker may see. A deletion counts from when it is stored:
// there is no text any more that a page as of an earlier seq could show.
macro_rules! select_page {
    ($order:literal) => {
        concat!(
            "SELECT event.seq, event.at, event.name, event.identity, event.kind, event.id,
                    coalesce(edit.text, event.text), event.reply_to, event.target,
                    edit.seq, edit.at, deletion.seq, deletion.identity
             FROM event
             LEFT JOIN event AS edit ON edit.room = event.room AND edit.seq =
                (SELECT max(seq) FROM event AS later
                 WHERE later.room = event.room AND later.target = event.seq
                   AND later.kind = 'edit' AND later.seq <= ?5)
             LEFT JOIN event AS deletion ON deletion.room = event.room AND deletion.seq =
                (SELECT max(seq) FROM event AS later
                 WHERE later.room = event.room AND later.target = event.seq
                   AND later.kind = 'delete')
             WHERE event.room = (SELECT number FROM room WHERE name = ?1)
               AND event.seq > ?2 AND event.seq < ?3
             ORDER BY event.seq ",
            $order,
            " LIMIT ?4"
        )
    };
}

/// The newest first.
const BEFORE: &str = select_page!("DESC");
/// The oldest first.
const AFTER: &str = select_page!("ASC");
