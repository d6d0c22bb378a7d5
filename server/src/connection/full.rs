//! A connection for which there is no place: it is told so in the way that its client understands,
//! as the answer to its hello. It is known neither to the hub nor to a shard.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use protocol::{ErrorCode, RequestId, ServerFrame, close, codec, server::ErrorFrame};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        protocol::{CloseFrame, Role},
    },
};

use super::web_socket_config;
use crate::dialect;

/// How long its hello is waited for; then it is told without.
const HELLO: Duration = Duration::from_secs(2);
/// How long its goodbye is waited for.
const GOODBYE: Duration = Duration::from_secs(2);
/// When it is to come again.
const RETRY_MS: u64 = 10_000;

/// Tells a connection that it has no place, and why, and closes it.
pub(crate) async fn turn_away(socket: TcpStream, read: Vec<u8>, why: &str) {
    let config = Some(web_socket_config());
    let mut socket = WebSocketStream::from_partially_read(socket, read, Role::Server, config).await;
    let id = timeout(HELLO, hello(&mut socket)).await.unwrap_or_default();
    let say = async {
        socket.send(Message::text(codec::encode_server(&error(id, why)))).await?;
        socket.close(Some(CloseFrame { code: close::FULL.into(), reason: "full".into() })).await
    };
    // Who can't be told is gone.
    if let Ok(Ok(())) = timeout(GOODBYE, say).await {
        let _ = timeout(GOODBYE, async { while let Some(Ok(_)) = socket.next().await {} }).await;
    }
}

/// What its hello is called, if it says one and calls it something.
async fn hello(socket: &mut WebSocketStream<TcpStream>) -> Option<RequestId> {
    loop {
        if let Message::Text(text) = socket.next().await?.ok()? {
            return match dialect::decode(&text) {
                Ok(frame) => frame.id().cloned(),
                Err(error) => error.id,
            };
        }
    }
}

fn error(id: Option<RequestId>, why: &str) -> ServerFrame {
    ServerFrame::Error(ErrorFrame {
        id,
        code: ErrorCode::ServerFull,
        text: why.to_owned(),
        room: None,
        suggest: None,
        retry_after_ms: Some(RETRY_MS),
    })
}
