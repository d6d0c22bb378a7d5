//! The loop that everybody writes first: tokio-tungstenite and a broadcast channel.

use std::io::Write as _;

use anyhow::Context as _;
use futures::{SinkExt as _, StreamExt as _};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::broadcast,
};
use tokio_tungstenite::{accept_async, tungstenite::Message};

/// How far a reader may stay behind before it misses messages, which would end the run.
const SLOTS: usize = 4096;

/// Serves for ever.
#[tokio::main]
pub(crate) async fn serve() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), "listening on ws://{}/ws", listener.local_addr()?)?;
    let (room, _) = broadcast::channel(SLOTS);
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
