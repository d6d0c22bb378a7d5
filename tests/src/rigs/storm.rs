//! Everybody comes back at once.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    runtime::Runtime,
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};

use crate::{
    Launch, PATIENCE, ServerProcess, TestClient,
    raw::{self, RawFrame},
};

/// The longest that anybody waits before they come back; each waits some part of it.
const BACK_OFF_MS: u64 = 100;

/// What came of a storm.
#[derive(Debug)]
pub struct Storm {
    /// How long it took, from when the hub listened again, until all had joined and were told
    /// something new.
    pub took: Duration,
    /// How often somebody got another event than the next one.
    pub holes: u64,
}

/// What all of them together were told.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    events: u64,
    holes: u64,
}

/// Kills a hub under so many clients, and starts it again.
pub fn reconnect_storm(launch: Launch, clients: u64) -> Storm {
    crate::raise_file_limit();
    let runtime = Runtime::new().expect("a runtime");
    let mut server = ServerProcess::launch(launch);
    let address = server.address();
    let (told, heard) = watch::channel(Told::default());
    let told = Arc::new(told);
    let mut everyone = JoinSet::new();
    for number in 0..clients {
        everyone.spawn_on(come_back(address, number, Arc::clone(&told)), runtime.handle());
    }
    runtime.block_on(tell(address, clients, 1, heard.clone()));
    server.kill();
    server.restart();
    let start = Instant::now();
    runtime.block_on(tell(address, clients, 2, heard.clone()));
    let took = start.elapsed();
    let holes = heard.borrow().holes;
    Storm { took, holes }
}

/// Says something once everybody is there, and waits until everybody was told.
async fn tell(address: SocketAddr, clients: u64, round: u64, mut heard: watch::Receiver<Told>) {
    let mut speaker = TestClient::person(address, "Speaker", 1).await;
    speaker.join("lobby").await;
    // Each is told of it, whenever they come.
    let said = speaker.say_acked("lobby", "is everybody here?").await;
    assert_eq!(said.seq.get(), round, "one message a round");
    let all = heard.wait_for(|told| told.events >= clients * round);
    timeout(PATIENCE, all).await.expect("waited for everybody").expect("open");
}

/// Follows the lobby, whatever happens, and counts what it is told, each event once.
async fn come_back(address: SocketAddr, number: u64, told: Arc<watch::Sender<Told>>) {
    let mut last = 0;
    loop {
        let _ = follow(address, number, &mut last, &told).await;
        let pause = Duration::from_millis(fastrand::u64(0..=BACK_OFF_MS));
        sleep_until(Instant::now() + pause).await;
    }
}

async fn follow(
    address: SocketAddr,
    number: u64,
    last: &mut u64,
    told: &watch::Sender<Told>,
) -> io::Result<()> {
    let (mut reader, mut writer) = raw::connect(address).await?;
    writer.text(&format!(r#"{{"type":"hello","name":"c{number}"}}"#)).await?;
    writer.text(&format!(r#"{{"type":"join","room":"lobby","after":{last}}}"#)).await?;
    loop {
        match reader.next().await? {
            RawFrame::Text(text) if raw::contains(text, r#"{"type":"event","room":"lobby""#) => {
                let text = std::str::from_utf8(text).map_err(io::Error::other)?;
                let seq = raw::number_of(text, "seq").unwrap_or_default();
                let is_next = seq == *last + 1;
                *last = seq;
                told.send_modify(|told| {
                    told.events += u64::from(is_next);
                    told.holes += u64::from(!is_next);
                });
            }
            RawFrame::Text(_) => {}
            RawFrame::Ping(payload) => writer.pong(&payload).await?,
            RawFrame::Close => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}
