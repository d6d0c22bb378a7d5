//! Somebody who talks and does not listen: what the hub says is read and forgotten.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use futures::{SinkExt as _, StreamExt as _, stream::SplitSink};
use tokio::{
    net::TcpStream,
    sync::Semaphore,
    task::JoinHandle,
    time::{Instant, timeout},
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

/// How many messages may be on their way: fewer than the hub stops reading at.
const IN_FLIGHT: usize = 48;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody who talks.
pub(crate) struct Talker {
    socket: SplitSink<WebSocketStream<TcpStream>, Message>,
    listening: JoinHandle<()>,
    may_send: Arc<Semaphore>,
    said: u64,
    name: String,
}

impl Talker {
    /// Says hello and joins these rooms.
    pub(crate) async fn join(
        hub: SocketAddr,
        name: &str,
        rooms: &[String],
    ) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(hub).await?;
        stream.set_nodelay(true)?;
        let url = format!("ws://{hub}{}", protocol::PATH);
        let (socket, _) = client_async(url, stream).await?;
        let (socket, mut heard) = socket.split();
        let may_send = Arc::new(Semaphore::new(1));
        let answered = Arc::clone(&may_send);
        let listening = tokio::spawn(async move {
            while let Some(Ok(frame)) = heard.next().await {
                let is_answer = frame.to_text().is_ok_and(|text| {
                    ["ack", "welcome", "joined"]
                        .iter()
                        .any(|kind| text.starts_with(&format!(r#"{{"type":"{kind}""#)))
                });
                answered.add_permits(usize::from(is_answer));
            }
        });
        let mut talker = Self { socket, listening, may_send, said: 0, name: name.to_owned() };
        talker.send(format!(r#"{{"type":"hello","id":"h","name":"{name}"}}"#)).await?;
        for room in rooms {
            talker.send(format!(r#"{{"type":"join","id":"j{room}","room":"{room}"}}"#)).await?;
        }
        talker.answered(1).await?;
        talker.may_send.add_permits(IN_FLIGHT);
        Ok(talker)
    }

    /// Says something, as soon as few enough messages are on their way.
    pub(crate) async fn say(&mut self, room: &str, text: &str) -> anyhow::Result<()> {
        self.said += 1;
        let (id, text) = (format!("{}-{}", self.name, self.said), serde_json::to_string(text)?);
        self.send(format!(r#"{{"type":"say","id":"{id}","room":"{room}","text":{text}}}"#)).await
    }

    /// Says so many messages a second for so long.
    pub(crate) async fn say_at(&mut self, rate: u32, lasts: Duration) -> anyhow::Result<u64> {
        let begun = Instant::now();
        let mut ticks = tokio::time::interval(Duration::from_millis(1));
        let mut count = 0;
        while begun.elapsed() < lasts {
            ticks.tick().await;
            while (count as f64) < begun.elapsed().as_secs_f64() * f64::from(rate) {
                count += 1;
                self.say("lobby", &crate::log::text(count)).await?;
            }
        }
        Ok(count)
    }

    /// Waits until all that was said is stored.
    pub(crate) async fn is_heard(&mut self) -> anyhow::Result<()> {
        self.answered(IN_FLIGHT as u32).await?;
        self.may_send.add_permits(IN_FLIGHT);
        Ok(())
    }

    async fn send(&mut self, json: String) -> anyhow::Result<()> {
        self.answered(1).await?;
        self.socket.send(Message::text(json)).await?;
        Ok(())
    }

    async fn answered(&self, count: u32) -> anyhow::Result<()> {
        let permits = timeout(PATIENCE, self.may_send.acquire_many(count)).await;
        let permits =
            permits.with_context(|| format!("{}: the hub does not answer", self.name))??;
        ensure!(permits.num_permits() == count as usize, "some answers");
        permits.forget();
        Ok(())
    }
}

impl Drop for Talker {
    fn drop(&mut self) {
        // It has the other half of the connection, which ends with it.
        self.listening.abort();
    }
}
