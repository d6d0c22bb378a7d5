//! A hub without file descriptors: who is served is served, and the others get in later.

use std::net::SocketAddr;

use tokio::{
    runtime::Runtime,
    sync::mpsc::{self, Receiver},
    task::JoinSet,
    time::timeout,
};

use crate::{Launch, PATIENCE, ServerProcess, TestClient};

/// How many come to a hub that may have 64 files open.
const ALL: usize = 100;
/// How many of them are in before anybody goes.
const SERVED: usize = 20;
/// Many more than there are tries to accept by a hub that rests between them.
const TRIES_MAX: usize = 2_000;

/// More come to a hub than it has file descriptors for, and go one by one. Fails by panicking.
pub fn run_out_of_descriptors(launch: Launch) {
    let script = r#"ulimit -n 64; exec "$@""#;
    let hub = ServerProcess::launch(launch.inside(["sh", "-c", script, "sh"]));
    Runtime::new().expect("a runtime").block_on(let_all_in(&hub));
    let tries = hub.complaints().lines().count();
    assert!(tries < TRIES_MAX, "{tries} tries: it does not rest between them");
}

async fn let_all_in(hub: &ServerProcess) {
    let (mut coming, mut arrived) = everybody(hub.address());
    // Some are in and the others knock; more than 64 can't be.
    let mut served = Vec::new();
    while served.len() < SERVED {
        served.push(next(&mut arrived).await);
    }
    let is_short = async {
        while !hub.complaints().contains("accepting a connection failed") {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, is_short).await.expect("waited for the hub to run out of descriptors");
    for number in 0..3 {
        let text = format!("is anybody missing? {number}");
        served[number].say_acked("lobby", &text).await;
        for client in &mut served {
            client.event_saying(&text).await;
        }
    }
    // Whoever leaves lets another one in.
    for _ in served.len()..ALL {
        served.pop().expect("somebody").close().await;
        served.push(next(&mut arrived).await);
    }
    served[0].say_acked("lobby", "everyone was here").await;
    while let Some(came) = coming.join_next().await {
        came.expect("no panic");
    }
}

/// All who come, and those who have got in.
fn everybody(address: SocketAddr) -> (JoinSet<()>, Receiver<TestClient>) {
    let (arrive, arrived) = mpsc::channel(ALL);
    let mut coming = JoinSet::new();
    for number in 0..ALL {
        let arrive = arrive.clone();
        coming.spawn(async move {
            let mut client = TestClient::guest(address, &format!("g{number}")).await;
            client.join("lobby").await;
            arrive.send(client).await.expect("somebody waits for them");
        });
    }
    (coming, arrived)
}

async fn next(arrived: &mut Receiver<TestClient>) -> TestClient {
    let next = timeout(PATIENCE, arrived.recv()).await;
    next.ok().flatten().expect("waited for the next to get in")
}
