//! How many deliveries a second the hub makes to 500 clients of one room, beside the loop that
//! everybody writes first: tokio-tungstenite and a broadcast channel, storing nothing.
//!
//! `cargo build --release -p server && cargo run --release -p tests --bin bench-fanout`
//!
//! The server under test is a process of its own, on one core where `taskset` is there; this
//! process, which is all clients, on the other. One client talks with 16 messages in flight. The
//! runs are interleaved, and their medians compared, so that a busy machine is unfair to all.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use futures::{SinkExt as _, StreamExt as _};
use tests::raw::{self, RawFrame, RawReader, RawWriter};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, broadcast},
    task::JoinSet,
};
use tokio_tungstenite::{accept_async, tungstenite::Message};

/// Clients in the room.
const CLIENTS: usize = 500;
/// Messages of the talker that it has not heard itself yet.
const IN_FLIGHT: usize = 16;
/// What is not counted at the beginning, and what is.
const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(5);
/// Runs of each server, of which the median counts.
const RUNS: usize = 5;
/// What the talker says: with the frame around it, some 250 bytes.
const TEXT: &str = "What everybody in this room will see, and not much longer than people write.";
/// How the baseline's room is left behind by a slow reader; no reader here is slow.
const BROADCAST_SLOTS: usize = 4096;

/// A server under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Under {
    Broadcast,
    HubInMemory,
    HubDurable,
}

fn main() -> anyhow::Result<()> {
    tests::raise_file_limit();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if std::env::args().nth(1).is_some_and(|argument| argument == "baseline") {
        return runtime.block_on(serve_baseline());
    }
    pin(std::process::id(), "1");
    runtime.block_on(compare())
}

async fn compare() -> anyhow::Result<()> {
    let all = [Under::Broadcast, Under::HubInMemory, Under::HubDurable];
    let mut figures = [const { Vec::new() }; 3];
    for _ in 0..RUNS {
        for (under, figures) in all.iter().zip(&mut figures) {
            figures.push(run(*under).await?);
        }
    }
    let mut out = std::io::stdout();
    let medians = figures.map(|mut figures| {
        figures.sort_by(f64::total_cmp);
        figures[RUNS / 2]
    });
    for (under, median) in all.iter().zip(medians) {
        let ratio = median / medians[0];
        writeln!(out, "{under:?}: {median:>12.0} deliveries/s, {ratio:.2} × Broadcast")?;
    }
    Ok(())
}

/// Deliveries a second of one run.
async fn run(under: Under) -> anyhow::Result<f64> {
    let directory = tempfile::tempdir()?;
    let data = directory.path().to_str().context("UTF-8")?;
    let server = Server::start(under, data)?;
    let delivered = Arc::new(AtomicU64::new(0));
    let mut clients = JoinSet::new();
    for number in 1..CLIENTS {
        let (reader, writer) = join(under, server.address, number).await?;
        clients.spawn(listen(reader, writer, Arc::clone(&delivered)));
    }
    let (reader, writer) = join(under, server.address, 0).await?;
    clients.spawn(talk(under, reader, writer, Arc::clone(&delivered)));
    let measuring = async {
        tokio::time::sleep(WARM_UP).await;
        let (before, start) = (delivered.load(Relaxed), Instant::now());
        tokio::time::sleep(MEASURED).await;
        (delivered.load(Relaxed) - before) as f64 / start.elapsed().as_secs_f64()
    };
    tokio::select! {
        figure = measuring => Ok(figure),
        ended = clients.join_next() => bail!("a client ended: {ended:?}"),
    }
}

async fn join(
    under: Under,
    address: SocketAddr,
    number: usize,
) -> anyhow::Result<(RawReader, RawWriter)> {
    let (mut reader, mut writer) = raw::connect(address).await?;
    if under != Under::Broadcast {
        writer.text(&format!(r#"{{"type":"hello","name":"c{number}"}}"#)).await?;
        reader.until(r#""type":"welcome""#).await?;
        writer.text(r#"{"type":"join","room":"lobby"}"#).await?;
        reader.until(r#""type":"joined","room":"lobby""#).await?;
    }
    Ok((reader, writer))
}

async fn listen(
    mut reader: RawReader,
    writer: RawWriter,
    delivered: Arc<AtomicU64>,
) -> anyhow::Result<()> {
    loop {
        if is_event(&reader.next().await?)? {
            delivered.fetch_add(1, Relaxed);
        }
        let _ = &writer; // Kept open: who stops writing has left.
    }
}

async fn talk(
    under: Under,
    mut reader: RawReader,
    mut writer: RawWriter,
    delivered: Arc<AtomicU64>,
) -> anyhow::Result<()> {
    let window = Semaphore::new(IN_FLIGHT);
    let saying = async {
        for number in 0_u64.. {
            window.acquire().await?.forget();
            writer.text(&said(under, number)).await?;
        }
        anyhow::Ok(())
    };
    let hearing = async {
        loop {
            if is_event(&reader.next().await?)? {
                delivered.fetch_add(1, Relaxed);
                window.add_permits(1);
            }
        }
        #[expect(unreachable_code, reason = "names the type of the loop's error")]
        anyhow::Ok(())
    };
    futures::future::try_join(saying, hearing).await?;
    Ok(())
}

fn is_event(frame: &RawFrame<'_>) -> anyhow::Result<bool> {
    match frame {
        RawFrame::Text(text) => {
            ensure!(!text.starts_with(br#"{"type":"error""#), "{}", String::from_utf8_lossy(text));
            Ok(text.starts_with(br#"{"type":"event""#))
        }
        RawFrame::Ping(_) => Ok(false),
        RawFrame::Close => bail!("the server closed the connection"),
    }
}

/// To the hub, a `say`; to the baseline, the very event that the hub would make of it.
fn said(under: Under, number: u64) -> String {
    let room = r#""room":"lobby""#;
    match under {
        Under::Broadcast => {
            let by = format!(r#""by":"~{:032}","kind":"message","id":"{number}""#, 0);
            let head = format!(r#"{room},"seq":{number},"at":1790000000000,"from":"c0""#);
            format!(r#"{{"type":"event",{head},{by},"text":"{TEXT}"}}"#)
        }
        Under::HubInMemory | Under::HubDurable => {
            format!(r#"{{"type":"say",{room},"id":"{number}","text":"{TEXT}"}}"#)
        }
    }
}

/// The loop that everybody writes first.
async fn serve_baseline() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), "listening on ws://{}/ws", listener.local_addr()?)?;
    let (room, _) = broadcast::channel(BROADCAST_SLOTS);
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(serve_one(stream, room.clone()));
    }
}

async fn serve_one(stream: TcpStream, room: broadcast::Sender<Message>) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut heard = room.subscribe();
    let (mut sink, mut source) = accept_async(stream).await?.split();
    loop {
        tokio::select! {
            message = heard.recv() => sink.send(message?).await?,
            message = source.next() => {
                let message = message.context("closed")??;
                if message.is_text() {
                    room.send(message)?;
                }
            }
        }
    }
}

/// A server under test in a process of its own.
struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    fn start(under: Under, data: &str) -> anyhow::Result<Self> {
        let me = std::env::current_exe()?;
        let hub = me.with_file_name("hubbub-server");
        let limits = ["-H", "127.0.0.1", "-p", "0", "--rate", "0"];
        let mut command = match under {
            Under::Broadcast => Command::new(me),
            Under::HubInMemory | Under::HubDurable => Command::new(hub),
        };
        match under {
            Under::Broadcast => command.arg("baseline"),
            Under::HubInMemory => command.args(limits).arg("--memory"),
            Under::HubDurable => command.args(limits).args(["--data", data]),
        };
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("build it first: cargo build --release -p server")?;
        pin(process.id(), "0");
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("piped")?).read_line(&mut line)?;
        let address = line.trim().strip_prefix("listening on ws://");
        let address = address.and_then(|rest| rest.strip_suffix("/ws")).context("no address")?;
        Ok(Self { address: address.parse()?, process })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill(); // It may have ended; then a client has said so.
        let _ = self.process.wait();
    }
}

/// Keeps a process on one core. Without `taskset` (macOS) the figures are only less steady.
fn pin(process: u32, core: &str) {
    let mut command = Command::new("taskset");
    command.args(["-a", "-cp", core, &process.to_string()]);
    let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
}
