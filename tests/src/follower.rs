//! A client in a process of its own, to be stopped: follows the lobby, says on stdout what it
//! gets (`SEQ ID`) and that it was cut off (`cut`), and comes back.

use std::{
    env,
    io::{self, Write as _},
    net::SocketAddr,
    time::Duration,
};

use anyhow::Context as _;
use tests::raw::{self, RawFrame, RawReader, RawWriter};
use tokio::{net::TcpSocket, time::Instant, time::sleep_until};

/// As little as a socket takes: what it does not read soon stays with the hub.
const RECEIVE_BYTES: u32 = 4096;
/// Between two tries to connect.
const BACK_OFF: Duration = Duration::from_millis(20);

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut arguments = env::args().skip(1);
    let address = arguments.next().context("follower ADDRESS NAME")?.parse()?;
    let name = arguments.next().context("follower ADDRESS NAME")?;
    let mut last = 0;
    loop {
        let _ = follow(address, &name, &mut last).await; // However it ended.
        say("cut")?;
        sleep_until(Instant::now() + BACK_OFF).await;
    }
}

async fn follow(address: SocketAddr, name: &str, last: &mut u64) -> io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(RECEIVE_BYTES)?;
    let stream = socket.connect(address).await?;
    let (mut reader, mut writer) = raw::upgrade(stream, address).await?;
    writer.text(&format!(r#"{{"type":"hello","name":"{name}"}}"#)).await?;
    writer.text(&format!(r#"{{"type":"join","room":"lobby","after":{last}}}"#)).await?;
    loop {
        take(&mut reader, &mut writer, last).await?;
    }
}

async fn take(reader: &mut RawReader, writer: &mut RawWriter, last: &mut u64) -> io::Result<()> {
    match reader.next().await? {
        RawFrame::Text(text) => {
            let text = std::str::from_utf8(text).map_err(io::Error::other)?;
            if text.starts_with(r#"{"type":"event","room":"lobby""#) {
                *last = raw::number_of(text, "seq").unwrap_or_default();
                let id = raw::word_of(text, "id").unwrap_or_default();
                say(&format!("{last} {id}"))?;
            }
            Ok(())
        }
        RawFrame::Ping(payload) => writer.pong(&payload).await,
        RawFrame::Close => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

fn say(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}
