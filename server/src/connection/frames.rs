//! The WebSocket that a connection reads, with no more memory than it needs.

use std::io::Read as _;

use tokio_tungstenite::tungstenite::{
    Error, Message, Result,
    error::ProtocolError,
    protocol::{Role, WebSocket},
};

use super::{
    half::{Half, READ_BUFFER_BYTES},
    web_socket_config,
};

/// Lengths from which on a header has two bytes more, and eight.
const LONG: usize = 126;
const VERY_LONG: usize = 65_536;

/// What is read from a connection, frame by frame. Most connections are idle most of the time, and
/// the library keeps its buffers for ever: so it is there only while something of a frame is.
pub(super) enum Frames {
    /// Nothing of a frame has come.
    Idle(Half),
    /// Some of one, or a few.
    Busy(Box<Busy>),
}

pub(super) struct Busy {
    web_socket: WebSocket<Half>,
    /// How many bytes the frames had that came out so far, if their headers were as short as they
    /// can be and none was in fragments. Never more than they really had.
    bytes: u64,
}

impl Frames {
    /// The frames of a socket of which so much has been read already.
    pub(super) fn new(half: Half, read: Vec<u8>) -> Self {
        if read.is_empty() {
            return Self::Idle(half.with_bytes(0));
        }
        let half = half.with_bytes(read.len());
        let config = Some(web_socket_config());
        let web_socket = WebSocket::from_partially_read(half, read, Role::Server, config);
        Self::Busy(Box::new(Busy { web_socket, bytes: 0 }))
    }

    /// The socket itself.
    pub(super) fn half(&self) -> &Half {
        match self {
            Self::Idle(half) => half,
            Self::Busy(busy) => busy.web_socket.get_ref(),
        }
    }

    /// The socket itself.
    pub(super) fn half_mut(&mut self) -> &mut Half {
        match self {
            Self::Idle(half) => half,
            Self::Busy(busy) => busy.web_socket.get_mut(),
        }
    }

    /// The next frame, if a whole one is there.
    pub(super) fn read(&mut self) -> Result<Message> {
        loop {
            match self {
                Self::Idle(half) => *self = begin(half)?,
                Self::Busy(busy) => return busy.read(),
            }
        }
    }

    /// Hands over what is to be answered to the last frame.
    pub(super) fn flush(&mut self) -> Result<()> {
        match self {
            Self::Idle(_) => Ok(()),
            Self::Busy(busy) => busy.web_socket.flush(),
        }
    }

    /// Gives the buffers back, if they are empty: if the frames that came out had all the bytes
    /// that came in. Who sends unusual frames keeps theirs, which are no larger than a frame.
    pub(super) fn shrink(&mut self) {
        if let Self::Busy(busy) = self
            && busy.bytes == busy.web_socket.get_ref().bytes()
            && busy.web_socket.flush().is_ok()
        {
            *self = Self::new(self.half().again(), Vec::new());
        }
    }
}

impl Busy {
    fn read(&mut self) -> Result<Message> {
        let message = self.web_socket.read()?;
        let payload = message.len();
        self.bytes += (payload + header(payload)) as u64;
        Ok(message)
    }
}

/// The frames of a socket that was idle, if something has come.
fn begin(half: &mut Half) -> Result<Frames> {
    let mut scratch = [0; READ_BUFFER_BYTES];
    let read = half.read(&mut scratch)?;
    if read == 0 {
        return Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake));
    }
    Ok(Frames::new(half.again(), scratch[..read].to_vec()))
}

/// The least that a header takes, with its mask.
fn header(payload: usize) -> usize {
    match payload {
        0..LONG => 6,
        LONG..VERY_LONG => 8,
        _ => 14,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use protocol::SessionId;
    use tokio::{
        io::AsyncWriteExt as _,
        net::{TcpListener, TcpStream},
        time::Instant,
    };

    use super::*;
    use crate::fanout::{Clock, Gate, Hints};

    async fn frames() -> (Frames, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let socket = Arc::new(listener.accept().await.unwrap().0);
        let gate = Gate::new(SessionId(1), Arc::new(Hints::new(Clock::Running(Instant::now()))));
        (Frames::new(Half::new(socket, Arc::new(gate)), Vec::new()), client)
    }

    /// A text frame of a client; its mask is all zeros.
    fn text(payload: &[u8], is_last: bool, opcode: u8) -> Vec<u8> {
        let mut frame = vec![if is_last { 0x80 } else { 0 } | opcode];
        let len = u16::try_from(payload.len()).unwrap();
        if len < 126 {
            frame.push(0x80 | len as u8);
        } else {
            frame.push(0xfe);
            frame.extend(len.to_be_bytes());
        }
        frame.extend([0; 4]);
        frame.extend(payload);
        frame
    }

    /// Reads until a whole frame is there.
    async fn next(frames: &mut Frames) -> Message {
        loop {
            frames.half_mut().take_turn();
            if let Ok(message) = frames.read() {
                return message;
            }
            frames.half().socket.readable().await.unwrap();
        }
    }

    #[tokio::test]
    async fn who_is_idle_has_no_buffer() {
        let (mut frames, mut client) = frames().await;
        client.write_all(&text(&vec![b'x'; 60_000], true, 1)).await.unwrap();
        assert_eq!(next(&mut frames).await.len(), 60_000);
        assert!(matches!(frames, Frames::Busy(_)));
        frames.shrink();
        assert!(matches!(frames, Frames::Idle(_)));
        client.write_all(&text(b"still here", true, 1)).await.unwrap();
        assert_eq!(next(&mut frames).await.into_text().unwrap().as_str(), "still here");
    }

    #[tokio::test]
    async fn what_is_in_the_buffer_is_not_thrown_away() {
        let (mut frames, mut client) = frames().await;
        let large = text(&vec![b'x'; 5_000], true, 1);
        let small = text(b"and more", true, 1);
        let (some, rest) = small.split_at(3);
        client.write_all(&[&large, some].concat()).await.unwrap();
        assert_eq!(next(&mut frames).await.len(), 5_000);
        // Whether the three bytes were read with the large frame or not, they must not be lost.
        frames.shrink();
        client.write_all(rest).await.unwrap();
        assert_eq!(next(&mut frames).await.into_text().unwrap().as_str(), "and more");
    }

    #[tokio::test]
    async fn half_a_message_is_not_thrown_away() {
        let (mut frames, mut client) = frames().await;
        let large = text(&vec![b'x'; 5_000], true, 1);
        let begun = text(b"one ", false, 1);
        client.write_all(&[large, begun].concat()).await.unwrap();
        assert_eq!(next(&mut frames).await.len(), 5_000);
        frames.half_mut().take_turn();
        assert!(frames.read().is_err(), "only half of it is there");
        frames.shrink();
        client.write_all(&text(b"and two", true, 0)).await.unwrap();
        assert_eq!(next(&mut frames).await.into_text().unwrap().as_str(), "one and two");
    }
}
