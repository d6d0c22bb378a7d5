//! How much resident memory the hub needs for one more joined, idle client.
//!
//! `cargo build --release -p server && cargo run --release -p tests --bin bench-memory`
//!
//! Starts the real `hubbub-server`, joins clients to the lobby in steps, waits at each step
//! until the hub has told all of them, and prints the slope between the first step and the last.
//! The first step takes up what is paid once (code, allocator, caches).

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use futures::{SinkExt as _, StreamExt as _};
use protocol::{
    ClientFrame, RoomName, ServerFrame, UserName,
    client::{Hello, Join},
    codec,
};
use tokio::{net::TcpStream, task::JoinSet};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};

/// Clients at each step.
const STEPS: [usize; 3] = [1_000, 3_000, 5_000];
/// What issue "Chat, end to end" allows, in bytes a client.
const BOUND: f64 = 8.0 * 1024.0;
/// Clients that are on their way in at the same time.
const AT_ONCE: usize = 64;

fn main() -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(measure())
}

async fn measure() -> anyhow::Result<()> {
    let mut hub = Hub::start()?;
    let mut out = std::io::stdout();
    let mut clients = Vec::new();
    let mut points = Vec::new();
    for step in STEPS {
        while clients.len() < step {
            join_some(&mut clients, step, &hub.address).await?;
        }
        tokio::time::sleep(Duration::from_secs(2)).await; // Presence windows and pages settle.
        let resident = hub.resident_bytes()?;
        writeln!(out, "{step:>6} clients: {:>8.1} MiB resident", resident / 1024.0 / 1024.0)?;
        points.push((step as f64, resident));
    }
    let (first, last) = (points[0], points[points.len() - 1]);
    let slope = (last.1 - first.1) / (last.0 - first.0);
    writeln!(out, "slope: {slope:.0} bytes a client (bound {BOUND:.0})")?;
    hub.process.kill()?;
    ensure!(slope <= BOUND, "more than {BOUND} bytes a client");
    Ok(())
}

type Socket = WebSocketStream<TcpStream>;

async fn join_some(clients: &mut Vec<Socket>, up_to: usize, address: &str) -> anyhow::Result<()> {
    let mut joining = JoinSet::new();
    for number in clients.len()..up_to.min(clients.len() + AT_ONCE) {
        joining.spawn(join_one(number, address.to_owned()));
    }
    while let Some(client) = joining.join_next().await {
        clients.push(client??);
    }
    drain(clients)
}

/// Reads what has come, so that no client is a slow one.
fn drain(clients: &mut [Socket]) -> anyhow::Result<()> {
    for client in clients {
        while let Some(frame) = futures::FutureExt::now_or_never(client.next()) {
            frame.context("the hub closed a connection")??;
        }
    }
    Ok(())
}

async fn join_one(number: usize, address: String) -> anyhow::Result<Socket> {
    let stream = TcpStream::connect(&address).await?;
    let config = WebSocketConfig::default().read_buffer_size(1024).write_buffer_size(0);
    let url = format!("ws://{address}/ws");
    let (mut socket, _) = client_async_with_config(url, stream, Some(config)).await?;
    let name = UserName::parse(&format!("idle{number}"))?;
    let hello = Hello { id: None, name, secret: None, password: None, agent: None };
    send(&mut socket, ClientFrame::Hello(hello)).await?;
    wait_for(&mut socket, |frame| matches!(frame, ServerFrame::Welcome(_))).await?;
    let join = Join { id: None, room: RoomName::lobby(), after: None, epoch: None };
    send(&mut socket, ClientFrame::Join(join)).await?;
    let lobby = RoomName::lobby();
    wait_for(
        &mut socket,
        |frame| matches!(frame, ServerFrame::Joined(joined) if joined.room == lobby),
    )
    .await?;
    Ok(socket)
}

async fn send(socket: &mut Socket, frame: ClientFrame) -> anyhow::Result<()> {
    Ok(socket.send(Message::text(codec::encode_client(&frame))).await?)
}

async fn wait_for(
    socket: &mut Socket,
    wanted: impl Fn(&ServerFrame) -> bool,
) -> anyhow::Result<()> {
    loop {
        let message = socket.next().await.context("the hub closed the connection")??;
        if let Message::Text(text) = message
            && wanted(&codec::decode_server(&text)?)
        {
            return Ok(());
        }
    }
}

/// The real server in a process of its own.
struct Hub {
    process: Child,
    address: String,
}

impl Hub {
    fn start() -> anyhow::Result<Self> {
        let program = beside_me("hubbub-server")?;
        let mut process = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", "0", "--memory", "--rate", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("build it first: cargo build --release -p server")?;
        let stdout = process.stdout.take().context("no stdout")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let address = line
            .trim()
            .strip_prefix("listening on ws://")
            .and_then(|rest| rest.strip_suffix("/ws"))
            .with_context(|| format!("the server did not say where it listens: {line:?}"))?
            .to_owned();
        Ok(Self { process, address })
    }

    /// `VmRSS` of the server.
    fn resident_bytes(&self) -> anyhow::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
        let kib: f64 = line.split_whitespace().nth(1).context("no figure")?.parse()?;
        Ok(kib * 1024.0)
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn beside_me(program: &str) -> anyhow::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name(program))
}
