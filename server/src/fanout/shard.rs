//! A shard: one task that alone writes to its share of the connections.
//!
//! It takes the commands that are ready, then writes once to each connection that has something
//! pending; so whatever came up during one sweep goes out in one write of the next. It never
//! waits for a socket, for the hub or for the ledger. What it decides is in [`Core`].

use std::{pin::Pin, sync::Arc, thread, time::Duration};

use futures::{
    FutureExt as _, StreamExt as _,
    future::{AbortHandle, Aborted, abortable},
    stream::FuturesUnordered,
};
use tokio::{
    net::TcpStream,
    select,
    sync::mpsc,
    task,
    time::{Instant, sleep, sleep_until},
};

use super::{
    command::Command,
    core::{Around, Core},
    gate::Hints,
    pages::{PageRead, PageWanted, READING_MAX, Waiter},
    sizes::Sizes,
};
use crate::{
    hub::{HubHandle, input::Input},
    ledger::{ReadRefused, Reader},
};

/// Most batches of commands taken before what they led to is written.
const BATCHES_AT_ONCE: usize = 16;
/// Most sockets that are taken back at once when they can be written again.
const UNBLOCKED_AT_ONCE: usize = 256;

/// Waits until a blocked socket can be written.
type Writable = Pin<Box<dyn Future<Output = Result<Waiter, Aborted>> + Send>>;

/// The task of a shard.
pub(super) struct Shard {
    core: Core<Surroundings>,
    commands: mpsc::Receiver<Vec<Command>>,
    pages_read: mpsc::Receiver<PageRead>,
}

/// What a shard works with.
struct Surroundings {
    hints: Arc<Hints>,
    hub: HubHandle,
    reader: Reader,
    pages: mpsc::Sender<PageRead>,
    blocked: FuturesUnordered<Writable>,
    /// When the shard ends, after it was told to.
    end: Option<Instant>,
}

impl Shard {
    /// A shard without connections, of these sizes.
    pub(super) fn new(
        commands: mpsc::Receiver<Vec<Command>>,
        hints: Arc<Hints>,
        hub: HubHandle,
        reader: Reader,
        sizes: Sizes,
    ) -> Self {
        let (pages, pages_read) = mpsc::channel(READING_MAX);
        let blocked = FuturesUnordered::new();
        let around = Surroundings { hints, hub, reader, pages, blocked, end: None };
        Self { core: Core::new(sizes, around), commands, pages_read }
    }

    /// Serves until told to finish and every connection is written, or its time is over.
    pub(super) async fn run(mut self) {
        while !self.is_over() {
            self.wait().await;
            self.take_more();
            self.core.sweep();
            if self.core.is_dirty() {
                // Where the ledger shares this core, it makes durable meanwhile what comes next;
                // then the rest of the room gets that in the same write.
                thread::yield_now();
            }
        }
    }

    fn is_over(&self) -> bool {
        self.core.around.end.is_some_and(|end| self.core.is_empty() || end <= Instant::now())
    }

    /// Waits for something to do. With something to be written, only lets others have a turn.
    async fn wait(&mut self) {
        let is_dirty = self.core.is_dirty();
        let Surroundings { hints, blocked, end, .. } = &mut self.core.around;
        let end = *end;
        select! {
            batch = self.commands.recv() => self.take_batch(batch),
            Some(Ok(waiter)) = blocked.next() => self.core.unblock(waiter),
            Some(read) = self.pages_read.recv() => self.core.take_page(read),
            () = hints.added() => {
                let sessions = hints.take();
                self.core.take_hints(sessions);
            }
            () = sleep(hints.clock().until_next_second()) => self.core.tend(),
            () = sleep_until(end.unwrap_or_else(Instant::now)), if end.is_some() => {}
            () = task::yield_now(), if is_dirty => {}
        }
    }

    /// Takes what else is ready.
    fn take_more(&mut self) {
        for _ in 0..BATCHES_AT_ONCE {
            let Ok(batch) = self.commands.try_recv() else { break };
            self.take_batch(Some(batch));
        }
        while let Ok(read) = self.pages_read.try_recv() {
            self.core.take_page(read);
        }
        for _ in 0..UNBLOCKED_AT_ONCE {
            let next = self.core.around.blocked.next().now_or_never();
            let Some(Some(Ok(waiter))) = next else { break };
            self.core.unblock(waiter);
        }
        // A busy shard may never be seen waiting for the next second.
        self.core.tend();
    }

    fn take_batch(&mut self, batch: Option<Vec<Command>>) {
        // Without senders there is neither hub nor reader any more.
        let Some(batch) = batch else { return self.core.finish(Duration::ZERO) };
        for command in batch {
            self.core.take(command);
        }
    }
}

impl Around for Surroundings {
    type Socket = TcpStream;

    fn seconds(&self) -> u32 {
        self.hints.clock().seconds()
    }

    fn read(&mut self, page: PageWanted) -> Result<(), ReadRefused> {
        let pages = self.pages.clone();
        self.reader.read(page.query(), move |result| {
            // There is room for as many as are being read.
            let _ = pages.try_send(page.read(result));
        })
    }

    fn await_writable(&mut self, socket: Arc<TcpStream>, waiter: Waiter) -> AbortHandle {
        let (writable, stop) = abortable(writable(socket, waiter));
        self.blocked.push(Box::pin(writable));
        stop
    }

    fn offer(&mut self, input: Input) -> Result<(), Input> {
        self.hub.offer(input)
    }

    fn finish(&mut self, within: Duration) {
        self.end = Some(Instant::now() + within);
    }
}

async fn writable(socket: Arc<TcpStream>, waiter: Waiter) -> Waiter {
    // An error shows itself at the next write.
    let _ = socket.writable().await;
    waiter
}
