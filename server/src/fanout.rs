//! Fan-out: rooms as rings of encoded frames, connections as cursors in them, written by shards.
//!
//! ```text
//! hub ── batches of commands ──▶ shard: rings, cursors, sockets ── one write each ──▶ sockets
//! reader of a connection ── open, gone ──▶ ║ ◀── pages of the ledger, for lagging cursors
//! ```
//!
//! A shard alone writes to its connections and owns its rings (the bytes are shared between
//! shards). What a reader and its shard tell each other beyond that is in their [`gate::Gate`].

mod backlog;
mod clock;
pub(crate) mod command;
mod core;
mod cursor;
pub(crate) mod gate;
#[cfg(test)]
mod model;
mod pages;
mod ring;
mod shard;
mod sizes;
mod slab;
mod socket;
mod sweep;
mod table;
mod tail;
mod wheel;

use std::{num::NonZero, sync::Arc, thread::available_parallelism, time::Duration};

use protocol::SessionId;
use tokio::{sync::mpsc, task::JoinSet, time::Instant};

use self::shard::Shard;
pub(crate) use self::wheel::SILENCE_SECONDS;
pub use self::{
    clock::Clock,
    command::{Attach, Command, Open},
    core::{Around, Core, Held},
    gate::{Ended, Gate, Hints},
    pages::{PageRead, PageWanted, Waiter},
    sizes::{RingSizes, Sizes},
    socket::Socket,
};
use crate::{hub::HubHandle, ledger::Reader};

/// Most shards, however many cores there are: each event costs a command for each of them.
const SHARDS_MAX: usize = 8;
/// Most batches of commands that wait for one shard. The hub waits when there are more: a shard
/// never waits for the hub, so that it comes to each of them soon.
const BATCHES_MAX: usize = 256;

/// The shards have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the fan-out has ended")]
pub(crate) struct FanoutGone;

/// Sends commands to the shards. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Fanout {
    shards: Arc<[ShardHandle]>,
}

#[derive(Debug)]
struct ShardHandle {
    commands: mpsc::Sender<Vec<Command>>,
    hints: Arc<Hints>,
}

impl Fanout {
    /// Starts a shard for each core in `tasks`.
    pub(crate) fn start(hub: &HubHandle, reader: &Reader, tasks: &mut JoinSet<()>) -> Self {
        let start = Instant::now();
        // Where the hub is bound to one core, that is what is counted.
        let cores = available_parallelism().map_or(1, NonZero::get);
        let count = cores.min(SHARDS_MAX);
        let shards = (0..count).map(|_| {
            let (commands, taken) = mpsc::channel(BATCHES_MAX);
            let hints = Arc::new(Hints::new(Clock::Running(start)));
            let sizes = Sizes::of_one_in(count);
            let (hub, reader) = (hub.clone(), reader.clone());
            tasks.spawn(Shard::new(taken, Arc::clone(&hints), hub, reader, sizes).run());
            ShardHandle { commands, hints }
        });
        Self { shards: shards.collect() }
    }

    /// The hints of the shard that a connection belongs to.
    pub(crate) fn hints(&self, session: SessionId) -> Arc<Hints> {
        Arc::clone(&self.shards[self.index(session)].hints)
    }

    /// Sends one command to the shard of a connection, and waits there if need be.
    pub(crate) async fn send(
        &self,
        session: SessionId,
        command: Command,
    ) -> Result<(), FanoutGone> {
        let shard = &self.shards[self.index(session)];
        shard.commands.send(vec![command]).await.map_err(|_| FanoutGone)
    }

    /// Lets every shard write what is pending, for so long at most, and then end.
    pub(crate) async fn finish(&self, within: Duration) {
        for shard in self.shards.iter() {
            // One that has ended need not be told.
            let _ = shard.commands.send(vec![Command::Finish(within)]).await;
        }
    }

    fn index(&self, session: SessionId) -> usize {
        session.0 as usize % self.shards.len()
    }
}

/// Commands of the hub on their way: each shard gets all of a batch at once, and so is woken
/// once.
#[derive(Debug)]
pub(crate) struct Batch {
    fanout: Fanout,
    commands: Vec<Vec<Command>>,
}

impl Batch {
    /// An empty batch.
    pub(crate) fn new(fanout: Fanout) -> Self {
        let commands = fanout.shards.iter().map(|_| Vec::new()).collect();
        Self { fanout, commands }
    }

    /// Adds a command for the shard of one connection.
    pub(crate) fn add_for(&mut self, session: SessionId, command: Command) {
        let index = self.fanout.index(session);
        self.commands[index].push(command);
    }

    /// Adds a command for every shard.
    pub(crate) fn add_for_all(&mut self, command: impl Fn() -> Command) {
        self.commands.iter_mut().for_each(|commands| commands.push(command()));
    }

    /// Sends what there is.
    pub(crate) async fn send(&mut self) -> Result<(), FanoutGone> {
        for (commands, shard) in self.commands.iter_mut().zip(self.fanout.shards.iter()) {
            if !commands.is_empty() {
                let commands = std::mem::take(commands);
                shard.commands.send(commands).await.map_err(|_| FanoutGone)?;
            }
        }
        Ok(())
    }
}
