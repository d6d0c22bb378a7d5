//! The ledger's threads, and the handles by which others reach them.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread,
};

use protocol::{Identity, Timestamp};
use rusqlite::Connection;
use tokio::sync::mpsc::{self, error::TrySendError};

use super::{
    News, PROPOSALS_MAX, Proposal, ReadRecord, Snapshot,
    checkpoint::{Checkpointer, Mover, Pace},
    directory::DataDirectory,
    markers,
    notes::Notes,
    open_error::OpenError,
    read::{READERS, Reader, Reads},
    retention::Retention,
    schema::Database,
    tables,
    trim::{Trimmer, wall_clock},
    write::Writer,
};
use crate::config::Storage;

/// Most proposals in one transaction: enough that the sync at its end costs each next to
/// nothing, few enough that the first of them does not wait long for the last.
pub(crate) const BATCH_MAX: usize = 1024;

/// Opens the log, or makes it. When this returns, everything in it is durable and the data
/// directory is held; nothing has been written but, in a new one, which hub this is.
pub fn open(storage: &Storage) -> Result<Opened, OpenError> {
    opened(Database::open(storage)?)
}

/// Opens the log in the memory of this name, which lasts as long as any connection to it.
pub fn open_memory(name: &str) -> Result<Opened, OpenError> {
    opened(Database::in_memory(name)?)
}

fn opened(database: Database) -> Result<Opened, OpenError> {
    let Database { writer, checkpointer, place, directory, hub, epoch, durability } = database;
    let readers = (0..READERS).map(|_| place.connect_reader()).collect::<Result<_, _>>()?;
    let newest_of = tables::newest(&writer).map_err(|why| place.failed(&why))?;
    let read = markers::load(&writer).map_err(|why| place.failed(&why))?;
    let writer = Writer::load(writer).map_err(|why| place.failed(&why))?;
    let state = writer.state();
    let (mut rooms, people) = (state.room_records(), state.authority.records());
    rooms.sort_by_key(|record| newest_of.get(&record.room));
    let newest = newest_of.into_values().max();
    let newest = newest.or(people.iter().map(|person| person.last_seen).max());
    let newest = newest.unwrap_or_else(wall_clock);
    let tokens = state.authority.tokens.records();
    let snapshot = Snapshot { hub, epoch, durability, newest, rooms, people, read, tokens };
    let retention = Retention::default();
    Ok(Opened { writer, checkpointer, readers, directory, snapshot, retention })
}

/// A log that is open and not in use yet.
#[derive(Debug)]
pub struct Opened {
    writer: Writer,
    checkpointer: Option<Connection>,
    readers: Vec<Connection>,
    directory: Option<DataDirectory>,
    snapshot: Snapshot,
    retention: Retention,
}

/// A ledger at work.
#[derive(Debug)]
pub struct Started {
    /// For the hub.
    pub ledger: LedgerHandle,
    /// For whoever reads pages.
    pub reader: Reader,
    /// For whoever must know how it ends.
    pub end: LedgerEnd,
}

/// Has things decided and made durable. The one handle there is: dropping it stops the ledger,
/// after everything that was proposed.
#[derive(Debug)]
pub struct LedgerHandle {
    queue: SyncSender<Order>,
    notes: Arc<Mutex<Notes>>,
}

/// How the ledger ended.
#[derive(Debug)]
pub struct LedgerEnd {
    ends: mpsc::Receiver<Result<(), LedgerFailed>>,
}

/// The ledger can't take anything any more; [`LedgerEnd`] says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the ledger has ended")]
pub struct LedgerGone;

/// The ledger could not make something durable. What it had not answered may or may not be
/// stored: end the process, so that the clients ask again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the log can't be written ({0}); the hub stops, so that nothing is lost unnoticed")]
pub struct LedgerFailed(String);

/// What the writer's queue holds.
#[derive(Debug)]
enum Order {
    /// Decide these, in this order.
    Decide(Vec<Proposal>),
    /// Look at what the notes have. In the queue at most once.
    KeepNotes,
}

impl Opened {
    /// What is known at this moment.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// With so much of each room kept; without this, everything is.
    pub fn keeping(self, retention: Retention) -> Self {
        Self { retention, ..self }
    }

    /// Its parts, for who drives them by hand: the writer, readers, and what is known.
    pub fn into_parts(self) -> (Writer, Vec<Connection>, Snapshot) {
        (self.writer, self.readers, self.snapshot)
    }

    /// Starts the threads. `news` must hold [`NEWS_MAX`](super::NEWS_MAX), and no more than
    /// [`PROPOSALS_MAX`] may be in flight; then neither side ever waits for the other.
    pub fn start(self, news: mpsc::Sender<News>) -> Result<Started, OpenError> {
        let (report, ends) = mpsc::channel(READERS + 2);
        let (reader, reads) = Reader::new();
        for connection in self.readers {
            spawn_reader(connection, reads.clone(), report.clone())?;
        }
        let checkpointer = self.checkpointer.map(|at| spawn_checkpointer(at, report.clone()));
        let checkpointer = checkpointer.transpose()?;
        // One more than the proposals: for `KeepNotes`.
        let (queue, orders) = sync_channel(PROPOSALS_MAX + 1);
        let notes = Arc::<Mutex<Notes>>::default();
        let writer = self.writer;
        let trimmer = Trimmer::new(self.retention, self.snapshot.newest);
        let (notes_later, pace) = (notes.clone(), Pace::default());
        let thread =
            WriterThread { writer, checkpointer, pace, orders, notes: notes_later, news, trimmer };
        spawn_writer(thread, self.directory, report)?;
        Ok(Started { ledger: LedgerHandle { queue, notes }, reader, end: LedgerEnd { ends } })
    }
}

impl LedgerHandle {
    /// Has these decided in one transaction (one full disk refuses all or none of them); their
    /// outcomes come through the channel given at the start, in their order. Never blocks. Fails
    /// if the ledger has ended, or if more than [`PROPOSALS_MAX`] are in flight, which is as much
    /// the end of a hub.
    pub fn propose(&self, proposals: Vec<Proposal>) -> Result<(), LedgerGone> {
        if proposals.is_empty() {
            return Ok(());
        }
        self.queue.try_send(Order::Decide(proposals)).map_err(|_| LedgerGone)
    }

    /// Keeps when these people were last here, with the next batch; guests are left out.
    pub fn seen(&self, people: Vec<(Identity, Timestamp)>) -> Result<(), LedgerGone> {
        self.note(people.is_empty(), |notes| notes.add_seen(people))
    }

    /// Keeps how far these people have read, with the next batch; guests are left out.
    pub fn read(&self, markers: Vec<ReadRecord>) -> Result<(), LedgerGone> {
        self.note(markers.is_empty(), |notes| notes.add_read(markers))
    }

    fn note(&self, is_nothing: bool, add: impl FnOnce(&mut Notes)) -> Result<(), LedgerGone> {
        let mut notes = lock(&self.notes);
        // While there is something in the notes, the order for it is in the queue.
        if notes.is_empty() && !is_nothing {
            self.queue.try_send(Order::KeepNotes).map_err(|_| LedgerGone)?;
        }
        add(&mut notes);
        Ok(())
    }
}

impl LedgerEnd {
    /// Waits for the end of the ledger: well, after its handle was dropped, or by a failure.
    pub async fn wait(&mut self) -> Result<(), LedgerFailed> {
        self.ends.recv().await.unwrap_or_else(|| Err(LedgerFailed::panicked()))
    }
}

impl LedgerFailed {
    fn panicked() -> Self {
        Self("a thread of the ledger panicked".to_owned())
    }
}

/// Reports the panic of the thread that holds it; a thread that ends well takes it apart.
struct Watch(mpsc::Sender<Result<(), LedgerFailed>>);

impl Drop for Watch {
    fn drop(&mut self) {
        if thread::panicking() {
            // Full only if another thread has already reported an end.
            let _ = self.0.try_send(Err(LedgerFailed::panicked()));
        }
    }
}

fn spawn_reader(
    connection: Connection,
    reads: Reads,
    report: mpsc::Sender<Result<(), LedgerFailed>>,
) -> Result<(), OpenError> {
    let serve = move || {
        let _watch = Watch(report);
        reads.serve(&connection);
    };
    spawn("ledger reader", serve)
}

fn spawn_checkpointer(
    connection: Connection,
    report: mpsc::Sender<Result<(), LedgerFailed>>,
) -> Result<Checkpointer, OpenError> {
    let watch = Watch(report);
    let failed = move |why: &rusqlite::Error| {
        let _ = watch.0.try_send(Err(LedgerFailed(why.to_string())));
    };
    Checkpointer::spawn(connection, failed).map_err(|why| OpenError::System(why.to_string()))
}

fn spawn_writer(
    thread: WriterThread,
    directory: Option<DataDirectory>,
    report: mpsc::Sender<Result<(), LedgerFailed>>,
) -> Result<(), OpenError> {
    let write = move || {
        let watch = Watch(report);
        let end = thread.run().map_err(|why| LedgerFailed(why.to_string()));
        // The lock goes before the news, so that who hears it can open the log again.
        drop(directory);
        let _ = watch.0.try_send(end);
    };
    spawn("ledger writer", write)
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), OpenError> {
    let thread = thread::Builder::new().name(name.to_owned()).spawn(run);
    thread.map(drop).map_err(|why| OpenError::System(why.to_string()))
}

struct WriterThread {
    writer: Writer,
    checkpointer: Option<Checkpointer>,
    pace: Pace,
    orders: Receiver<Order>,
    notes: Arc<Mutex<Notes>>,
    news: mpsc::Sender<News>,
    /// None if everything is kept.
    trimmer: Option<Trimmer>,
}

/// What was taken from the queue for one transaction.
#[derive(Default)]
struct Taken {
    proposals: Vec<Proposal>,
    notes: Notes,
}

impl WriterThread {
    /// Commits batch after batch until the handle is gone and the queue empty.
    fn run(mut self) -> rusqlite::Result<()> {
        loop {
            match self.next() {
                Ok(order) => self.commit(order)?,
                Err(RecvTimeoutError::Timeout) => self.trim_if_told()?,
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        if self.checkpointer.is_none_or(Checkpointer::stop) { self.writer.close() } else { Ok(()) }
    }

    /// Waits for an order, or until old events may be removed.
    fn next(&self) -> Result<Order, RecvTimeoutError> {
        match &self.trimmer {
            None => self.orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(trimmer) => self.orders.recv_timeout(trimmer.wait(self.may_tell())),
        }
    }

    /// Commits this order and what else waits.
    fn commit(&mut self, order: Order) -> rusqlite::Result<()> {
        let mut taken = Taken::default();
        self.add(&mut taken, order);
        self.fill(&mut taken);
        let news = &self.news;
        let tell = |outcomes| tell(news, News::Decided(outcomes));
        self.writer.commit(&taken.proposals, &taken.notes, tell)?;
        self.checkpoint()?;
        self.trim_overdue(taken.proposals.len())
    }

    /// After so many proposals: removes what there was no moment for.
    fn trim_overdue(&mut self, proposals: usize) -> rusqlite::Result<()> {
        if let Some(trimmer) = &mut self.trimmer {
            trimmer.note(proposals);
        }
        while self.trimmer.as_ref().is_some_and(Trimmer::is_overdue) && self.may_tell() {
            self.trim()?;
        }
        Ok(())
    }

    /// Removes a little, unless the hub would have to be waited for when it is told.
    fn trim_if_told(&mut self) -> rusqlite::Result<()> {
        if self.may_tell() { self.trim() } else { Ok(()) }
    }

    /// Whether the hub can be told of something that it did not ask for, and there is still room
    /// for everything that it did.
    fn may_tell(&self) -> bool {
        self.news.capacity() > PROPOSALS_MAX
    }

    /// Removes a little of what is too old or too much.
    fn trim(&mut self) -> rusqlite::Result<()> {
        let Some(trimmer) = &mut self.trimmer else { return Ok(()) };
        if let Some(trimmed) = trimmer.step(&mut self.writer)? {
            tell(&self.news, News::Trimmed(trimmed));
            self.checkpoint()?;
        }
        Ok(())
    }

    /// Takes what else waits.
    fn fill(&self, taken: &mut Taken) {
        while taken.proposals.len() < BATCH_MAX {
            let Ok(order) = self.orders.try_recv() else { return };
            self.add(taken, order);
        }
    }

    fn add(&self, taken: &mut Taken, order: Order) {
        match order {
            Order::Decide(proposals) => taken.proposals.extend(proposals),
            Order::KeepNotes => taken.notes.merge(std::mem::take(&mut *lock(&self.notes))),
        }
    }

    /// Keeps the WAL short, after the outcomes are out.
    fn checkpoint(&mut self) -> rusqlite::Result<()> {
        let Some(checkpointer) = &self.checkpointer else { return Ok(()) };
        match self.pace.mover(self.writer.wal()?) {
            Mover::Nobody => {}
            Mover::Checkpointer => checkpointer.wake(),
            Mover::Writer => self.writer.checkpoint()?,
        }
        Ok(())
    }
}

/// A hub that is gone wants no news, but what it proposed is still stored.
fn tell(news: &mpsc::Sender<News>, told: News) {
    // There is room for every proposal in flight, and to prepare for waiting costs as much as a
    // quarter of storing a message.
    if let Err(TrySendError::Full(told)) = news.try_send(told) {
        let _ = news.blocking_send(told);
    }
}

fn lock(notes: &Mutex<Notes>) -> MutexGuard<'_, Notes> {
    notes.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
