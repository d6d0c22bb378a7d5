//! One run of a hub: start the parts, watch them, and drain them when told to.

use std::{sync::Arc, time::Duration};

use protocol::server::{ByeReason, ServerInfo};
use tokio::{
    net::TcpListener,
    select,
    sync::{mpsc, oneshot},
    task::{JoinError, JoinHandle, JoinSet, spawn_blocking},
    time::{Instant, sleep, timeout},
};

use crate::{
    accept::Acceptor,
    asks::Asks,
    config::{Config, Storage},
    connection::Services,
    control::{Control, Handle},
    fanout::Fanout,
    http::{Census, Doors, Site},
    hub::{
        Hub, HubError, HubHandle, Parts,
        limits::Rates,
        state::{HubState, Settings},
    },
    ledger::{self, LedgerEnd, LedgerFailed, NEWS_MAX, OpenError, Started},
};

/// How long shards may write what is pending when the hub has ended.
const WRITE_OUT: Duration = Duration::from_secs(5);
/// How long the sockets of connections that got their goodbye are waited for.
const CLOSE: Duration = Duration::from_secs(1);
/// How often to look whether they are gone.
const CLOSE_LOOK: Duration = Duration::from_millis(10);

/// Why a hub could not start, or could not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The log can't be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The log can't be written any more.
    #[error(transparent)]
    Ledger(#[from] LedgerFailed),
    /// A part of the hub has failed: to go on would mean to acknowledge what nobody keeps.
    #[error("the hub can't go on: {0}")]
    Part(String),
}

impl From<JoinError> for Error {
    fn from(why: JoinError) -> Self {
        Self::Part(why.to_string())
    }
}

impl From<HubError> for Error {
    fn from(why: HubError) -> Self {
        Self::Part(why.to_string())
    }
}

/// Runs a hub on these sockets until `shutdown` says why to stop, then drains it: connections
/// get their answers and a goodbye, everything accepted is durable. An error at any time means
/// that nothing more was acknowledged; end the process, and start again.
pub async fn run(
    listeners: Vec<TcpListener>,
    config: Config,
    shutdown: impl Future<Output = ByeReason>,
) -> Result<(), Error> {
    Running::start(listeners, config).await?.run(shutdown).await
}

/// A hub that takes connections. Dropped, it ends without a goodbye.
#[derive(Debug)]
pub struct Running {
    doors: Arc<Doors>,
    control: Option<Control>,
    accepting: JoinSet<()>,
    hub: JoinHandle<Result<(), HubError>>,
    shards: JoinSet<()>,
    fanout: Fanout,
    ledger: LedgerEnd,
    drain: Option<oneshot::Sender<ByeReason>>,
}

impl Running {
    /// Starts a hub on these sockets. When this returns, it is ready.
    pub async fn start(listeners: Vec<TcpListener>, config: Config) -> Result<Self, Error> {
        let storage = config.storage.clone();
        let opened = spawn_blocking(move || ledger::open(&storage)).await??;
        let snapshot = opened.snapshot().clone();
        let (news_in, news) = mpsc::channel(NEWS_MAX);
        let Started { ledger, reader, end } = opened.keeping(config.retention).start(news_in)?;

        let (hub_handle, inputs) = HubHandle::new();
        let (asks, answers) = Asks::new(hub_handle.clone());
        let census = Census::new(config.connections_max, config.per_address_max);
        let control = match &config.storage {
            Storage::Directory(directory) => Control::listen(directory, asks.clone()),
            Storage::Memory => None,
        };
        let site = Site::new(&config);
        let doors = Arc::new(Doors::new(snapshot.hub.clone(), census, site, asks));
        let (drain, drained) = oneshot::channel();
        let mut shards = JoinSet::new();
        let fanout = Fanout::start(&hub_handle, &reader, &mut shards);
        let told = fanout.clone();
        let parts = Parts { inputs, news, ledger, reader, fanout: told, answers, drain: drained };
        let hub = Hub::new(HubState::new(snapshot, settings(&config)), parts);
        let services = Services {
            hub: hub_handle,
            fanout: fanout.clone(),
            rates: Rates::new(config.rate, config.burst),
            start: Instant::now(),
        };
        let acceptor = Acceptor::new(Arc::clone(&doors), Arc::new(services), config.tls);
        let mut accepting = JoinSet::new();
        for listener in listeners {
            accepting.spawn(acceptor.clone().accept(listener));
        }
        let hub = tokio::spawn(hub.run());
        Ok(Self { doors, control, accepting, hub, shards, fanout, ledger: end, drain: Some(drain) })
    }

    /// Has the hub do what only whoever runs it may. Must be called where a runtime is.
    pub fn handle(&self) -> Handle {
        Handle::new(self.doors.asks().clone())
    }

    /// Goes on as [`run`] does.
    pub async fn run(mut self, shutdown: impl Future<Output = ByeReason>) -> Result<(), Error> {
        let reason = select! {
            reason = shutdown => reason,
            failed = self.failure() => return Err(failed),
        };
        tracing::info!(?reason, "the hub stops");
        self.drain(reason).await
    }

    /// Waits until a part ends that must not.
    async fn failure(&mut self) -> Error {
        select! {
            end = self.ledger.wait() => ended(end, "the ledger ended too early"),
            end = &mut self.hub => ended(flatten(end), "the hub ended too early"),
            Some(end) = self.shards.join_next() => ended(end, "a shard ended too early"),
            Some(end) = self.accepting.join_next() => ended(end, "accepting ended too early"),
        }
    }

    /// Stops accepting, then reading; commits and tells what is in flight; says goodbye; and
    /// closes the log.
    async fn drain(mut self, reason: ByeReason) -> Result<(), Error> {
        self.doors.close();
        self.control = None;
        self.accepting.shutdown().await;
        // If the hub is gone, its end says why.
        let _ = self.drain.take().map(|drain| drain.send(reason));
        select! {
            end = &mut self.hub => flatten(end)?,
            Some(end) = self.shards.join_next() => {
                return Err(ended(end, "a shard ended too early"));
            }
        }
        self.fanout.finish(WRITE_OUT).await;
        while let Some(end) = self.shards.join_next().await {
            end?;
        }
        let _ = timeout(CLOSE, all_gone(&self.doors)).await;
        // The hub's task held the only handle: the ledger commits what it has, and ends.
        Ok(self.ledger.wait().await?)
    }
}

async fn all_gone(doors: &Doors) {
    while !doors.census().is_empty() {
        sleep(CLOSE_LOOK).await;
    }
}

fn settings(config: &Config) -> Settings {
    Settings {
        password: config.password.clone(),
        linger: config.linger,
        idle_timeout: config.idle_timeout,
        rate: config.rate,
        burst: config.burst,
        server: ServerInfo {
            name: config.title.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
    }
}

fn flatten(end: Result<Result<(), HubError>, JoinError>) -> Result<(), Error> {
    Ok(end??)
}

fn ended<E: Into<Error>>(end: Result<(), E>, too_early: &str) -> Error {
    end.map_or_else(Into::into, |()| Error::Part(too_early.to_owned()))
}

impl Drop for Running {
    fn drop(&mut self) {
        self.hub.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Storage, listen};

    async fn running() -> Running {
        let listeners = listen::bind("127.0.0.1", 0).await.unwrap();
        Running::start(listeners, Config::new(Storage::Memory)).await.unwrap()
    }

    /// What a part does that has a bug.
    async fn panics() {
        tokio::task::yield_now().await;
        panic!("as a bug would");
    }

    /// How a hub ends that nobody stops.
    async fn end(running: Running) -> String {
        running.run(std::future::pending()).await.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn a_panic_of_the_hub_ends_the_run() {
        let mut running = running().await;
        running.hub = tokio::spawn(async {
            panics().await;
            Ok(())
        });
        assert!(end(running).await.contains("panicked"));
    }

    #[tokio::test]
    async fn a_panic_of_a_shard_ends_the_run() {
        let mut running = running().await;
        running.shards.spawn(panics());
        assert!(end(running).await.contains("panicked"));
    }

    #[tokio::test]
    async fn a_panic_while_accepting_ends_the_run() {
        let mut running = running().await;
        running.accepting.spawn(panics());
        assert!(end(running).await.contains("panicked"));
    }

    #[tokio::test]
    async fn a_panic_of_a_shard_while_draining_is_no_good_end() {
        let mut running = running().await;
        running.shards.spawn(panics());
        assert!(running.drain(ByeReason::Shutdown).await.is_err());
    }

    #[tokio::test]
    async fn a_part_that_ends_too_early_ends_the_run() {
        let mut running = running().await;
        running.shards.spawn(async {});
        assert!(end(running).await.contains("too early"));
    }
}
