//! A hub inside the test's own process.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
};

use protocol::server::{ByeReason, ErrorFrame};
use server::{Config, Storage};
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};

use crate::{PATIENCE, TestClient};

/// A hub on a free port of 127.0.0.1; dropped, it drains in the background.
#[derive(Debug)]
pub struct TestServer {
    address: SocketAddr,
    stop: Option<oneshot::Sender<ByeReason>>,
    task: JoinHandle<anyhow::Result<()>>,
}

impl TestServer {
    /// A hub that keeps its log in memory.
    pub fn in_memory() -> Self {
        Self::with(Config::new(Storage::Memory))
    }

    /// A hub that keeps its log in `directory`.
    pub fn in_directory(directory: &Path) -> Self {
        Self::with(Config::new(Storage::Directory(directory.to_owned())))
    }

    /// A hub of this configuration. Needs a tokio runtime around it.
    pub fn with(config: Config) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("bind");
        listener.set_nonblocking(true).expect("nonblocking");
        let address = listener.local_addr().expect("address");
        let listener = tokio::net::TcpListener::from_std(listener).expect("listener");
        let (stop, stopped) = oneshot::channel();
        let shutdown = async { stopped.await.unwrap_or(ByeReason::Shutdown) };
        let task = tokio::spawn(async move {
            server::run(vec![listener], config, shutdown).await?;
            Ok(())
        });
        Self { address, stop: Some(stop), task }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A client that has said hello as a guest of this name.
    pub async fn guest(&self, name: &str) -> TestClient {
        TestClient::guest(self.address, name).await
    }

    /// A client that has said hello as a guest, or why the hub did not take it.
    pub async fn try_guest(&self, name: &str) -> Result<TestClient, ErrorFrame> {
        let mut client = TestClient::connect(self.address).await;
        client.hello(name, None).await.map(|_| client)
    }

    /// Drains, and waits for the end.
    pub async fn stop(mut self, reason: ByeReason) {
        let stop = self.stop.take().expect("stopped once");
        stop.send(reason).expect("the hub runs");
        let ended = timeout(PATIENCE, &mut self.task).await.expect("waited for the hub to drain");
        ended.expect("no panic").expect("a clean end");
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(ByeReason::Shutdown); // It may have ended by itself.
        }
    }
}
