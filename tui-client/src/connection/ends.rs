//! The two ends of one open connection: what goes out, what comes in, each with its bound.

use futures::{
    SinkExt as _, StreamExt as _,
    stream::{SplitSink, SplitStream},
};
use protocol::{ClientFrame, codec};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::{self, Message};

use super::{command::LinkCommand, dial::Socket};
use crate::event::LinkEvent;

/// A place for a message on its way out.
pub(super) type Outgoing<'a> = mpsc::Permit<'a, Message>;
/// A place for an event on its way to the shell.
pub(super) type Incoming<'a> = mpsc::Permit<'a, LinkEvent>;
/// What a hub said; `None` at the end.
pub(super) type Heard = Option<Result<Message, tungstenite::Error>>;

/// The next command, once it could be sent. `None`: the shell is gone.
pub(super) async fn next_command<'a>(
    commands: &mut mpsc::Receiver<LinkCommand>,
    outgoing: &'a mpsc::Sender<Message>,
) -> Option<(Outgoing<'a>, LinkCommand)> {
    let Ok(permit) = outgoing.reserve().await else {
        // The writer has ended; what the reader still finds ends the conversation.
        return std::future::pending().await;
    };
    commands.recv().await.map(|command| (permit, command))
}

/// The next message, once there is room for it: a shell that is busy stops the socket, not
/// memory. `None`: the shell is gone.
pub(super) async fn next_message<'a>(
    events: &'a mpsc::Sender<LinkEvent>,
    stream: &mut SplitStream<Socket>,
) -> Option<(Incoming<'a>, Heard)> {
    let permit = events.reserve().await.ok()?;
    Some((permit, stream.next().await))
}

/// A frame as a message.
pub(super) fn text(frame: &ClientFrame) -> Message {
    Message::text(codec::encode_client(frame))
}

/// Sends until there is nothing more to come, then says goodbye.
pub(super) async fn write_all(
    mut sink: SplitSink<Socket, Message>,
    mut queue: mpsc::Receiver<Message>,
) -> Result<(), tungstenite::Error> {
    while let Some(message) = queue.recv().await {
        sink.send(message).await?;
    }
    sink.close().await
}
