//! A client that knows nothing of our frames: a line or an object a frame, by raw WebSocket.

use std::{collections::VecDeque, net::SocketAddr};

use futures::{SinkExt, StreamExt};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message},
};

use crate::{Closing, PATIENCE};

/// What RFC 6455 calls a close frame without a code.
const NO_CODE: u16 = 1005;

/// One connection of another dialect.
#[derive(Debug)]
pub struct LineClient {
    socket: WebSocketStream<TcpStream>,
    /// What came and was not asked for yet.
    unread: VecDeque<String>,
    closing: Option<Closing>,
}

impl LineClient {
    /// Connects to `/ws` with this query.
    pub async fn connect(address: SocketAddr, query: &str) -> Self {
        Self::try_connect(address, query).await.expect("upgrade to a WebSocket")
    }

    /// Connects, or says with which status and words it was refused.
    pub async fn try_connect(address: SocketAddr, query: &str) -> Result<Self, (u16, String)> {
        let stream = TcpStream::connect(address).await.expect("connect");
        let url = format!("ws://{address}{}?{query}", protocol::PATH);
        let upgraded = timeout(PATIENCE, client_async(url, stream)).await;
        match upgraded.expect("waited for the upgrade") {
            Ok((socket, _)) => Ok(Self { socket, unread: VecDeque::new(), closing: None }),
            Err(Error::Http(response)) => {
                let body = response.body().clone().unwrap_or_default();
                Err((response.status().as_u16(), String::from_utf8_lossy(&body).into_owned()))
            }
            Err(why) => panic!("no WebSocket: {why}"),
        }
    }

    /// A person in the lobby, who has seen themselves come.
    pub async fn person(address: SocketAddr, name: &str) -> Self {
        let mut client = Self::connect(address, &format!("name={name}")).await;
        client.until(&format!("System: {name} joined")).await;
        client
    }

    /// Says a line.
    pub async fn say(&mut self, line: &str) {
        self.send(Message::text(line)).await;
    }

    /// Says a line as an object.
    pub async fn say_as(&mut self, user: &str, message: &str) {
        self.say(&object(user, message)).await;
    }

    /// Sends anything; what cannot be sent any more is not.
    pub async fn send(&mut self, message: Message) {
        let _ = timeout(PATIENCE, self.socket.send(message)).await.expect("waited to send");
    }

    /// Waits for a line, and returns all that came until then, with it.
    pub async fn until(&mut self, line: &str) -> Vec<String> {
        let mut heard = Vec::new();
        while heard.last().is_none_or(|last| last != line) {
            match self.next().await {
                Some(next) => heard.push(next),
                None => panic!("closed ({:?}) before {line:?}, after {heard:#?}", self.closing),
            }
        }
        heard
    }

    /// The next line; none when the connection is over.
    pub async fn next(&mut self) -> Option<String> {
        if let Some(line) = self.unread.pop_front() {
            return Some(line);
        }
        loop {
            let next = timeout(PATIENCE, self.socket.next()).await.expect("waited for a line");
            match next {
                Some(Ok(Message::Text(text))) => return Some(text.to_string()),
                Some(Ok(Message::Close(frame))) => {
                    let code = frame.map_or(NO_CODE, |frame| frame.code.into());
                    self.closing = Some(Closing::Code(code));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => {
                    self.closing.get_or_insert(Closing::Cut);
                    return None;
                }
            }
        }
    }

    /// Waits for the end, and returns what came until then and how it ended.
    pub async fn end(&mut self) -> (Vec<String>, Closing) {
        let mut heard = Vec::new();
        while let Some(line) = self.next().await {
            heard.push(line);
        }
        (heard, self.closing.unwrap_or(Closing::Cut))
    }
}

/// What clients of objects send and hear.
pub fn object(user: &str, message: &str) -> String {
    let text = |text: &str| serde_json::to_string(text).expect("a string");
    format!("{{\"user\":{},\"message\":{}}}", text(user), text(message))
}
