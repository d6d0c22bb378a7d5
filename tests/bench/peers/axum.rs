//! axum's chat example: a broadcast channel, and two tasks for each client.

use std::io::Write as _;

use axum::{
    Router,
    extract::{
        State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    response::Response,
    routing::any,
    serve::ListenerExt as _,
};
use futures::{SinkExt as _, StreamExt as _};
use tokio::{net::TcpListener, sync::broadcast};

/// How far a reader may stay behind before it misses messages, which would end the run.
const SLOTS: usize = 4096;

/// Serves for ever.
#[tokio::main]
pub(crate) async fn serve() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), "listening on ws://{}/ws", listener.local_addr()?)?;
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true); // A stream that has ended serves nobody anyway.
    });
    let (room, _) = broadcast::channel(SLOTS);
    let router = Router::new().route("/ws", any(upgrade)).with_state(room);
    Ok(axum::serve(listener, router).await?)
}

async fn upgrade(
    socket: WebSocketUpgrade,
    State(room): State<broadcast::Sender<Message>>,
) -> Response {
    socket.on_upgrade(|socket| serve_one(socket, room))
}

async fn serve_one(socket: WebSocket, room: broadcast::Sender<Message>) {
    let mut heard = room.subscribe();
    let (mut sink, mut source) = socket.split();
    let mut tell = tokio::spawn(async move {
        while let Ok(message) = heard.recv().await {
            if sink.send(message).await.is_err() {
                break;
            }
        }
    });
    let mut listen = tokio::spawn(async move {
        while let Some(Ok(message @ Message::Text(_))) = source.next().await {
            let _ = room.send(message); // Nobody may be there.
        }
    });
    tokio::select! {
        _ = &mut tell => listen.abort(),
        _ = &mut listen => tell.abort(),
    }
}
