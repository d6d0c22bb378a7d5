//! What a client says, as what the hub is asked: from frames over what is spoken to [`Input`].

use std::{io::ErrorKind, time::Duration};

use protocol::{ClientFrame, close};
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::{Error as WebSocketError, Message, error::ProtocolError};

use super::{End, Pause, Reader, Services};
use crate::{
    dialect::{
        self,
        talk::{Asked, Heard},
    },
    hub::{input::Input, limits::FrameKind},
};

/// RFC 6455: the frames themselves were wrong.
const PROTOCOL_ERROR: u16 = 1002;

impl Reader {
    /// Reads one frame, if a whole one is there. Control frames say nothing to the hub.
    pub(super) fn read(&mut self) -> Result<Option<Input>, Pause> {
        if let Some(asked) = self.talk.as_mut().and_then(|talk| talk.next()) {
            return Ok(Some(self.ask(asked)));
        }
        let read = self.frames.read();
        let is_turn_over = self.frames.half_mut().take_turn();
        match read {
            Ok(message) => self.take(message),
            Err(WebSocketError::Io(why)) if why.kind() == ErrorKind::WouldBlock => {
                if !is_turn_over {
                    return Err(Pause::Empty);
                }
                self.count(FrameKind::Other);
                Ok(None)
            }
            Err(why) => Err(Pause::End(end_of(&why))),
        }
    }

    fn take(&mut self, message: Message) -> Result<Option<Input>, Pause> {
        match message {
            Message::Text(text) => self.take_text(&text),
            Message::Binary(_) => {
                let why = "binary frames are not understood";
                Err(Pause::End(End::Forbidden(close::UNSUPPORTED, why)))
            }
            Message::Ping(_) | Message::Pong(_) => {
                self.count(FrameKind::Other);
                Ok(None)
            }
            Message::Close(_) => {
                // This hands the reply to the gate, and fails because all is over then.
                let _ = self.frames.flush();
                Err(Pause::End(End::Goodbye))
            }
            Message::Frame(_) => Ok(None), // Never comes from reading.
        }
    }

    fn take_text(&mut self, text: &str) -> Result<Option<Input>, Pause> {
        let session = self.session();
        match self.talk.as_mut().map_or(Heard::Typed, |talk| talk.hear(session, text)) {
            Heard::Typed => {
                self.talk = None;
                Ok(Some(self.ask(dialect::decode(text))))
            }
            Heard::Asked => {
                let asked = self.talk.as_mut().and_then(|talk| talk.next());
                if asked.is_none() {
                    self.count(FrameKind::Other); // It says nothing, but is not free.
                }
                Ok(asked.map(|asked| self.ask(asked)))
            }
            Heard::Visit(visit) => {
                self.hello = None;
                self.count(FrameKind::Other);
                Ok(Some(Input::Visit(visit)))
            }
            Heard::Quit => Err(Pause::End(End::Quit)),
        }
    }

    /// What the hub is asked.
    fn ask(&mut self, asked: Asked) -> Input {
        let session = self.session();
        self.gate().asked();
        match asked {
            Ok(frame) => {
                self.count(if frame.is_message() { FrameKind::Message } else { FrameKind::Other });
                self.waits_for_answers = must_be_answered(&frame);
                Input::Frame { session, frame }
            }
            Err(error) => {
                self.count(FrameKind::Other);
                Input::BadFrame { session, error }
            }
        }
    }

    /// Counts a frame, and pauses if there were too many.
    fn count(&mut self, kind: FrameKind) {
        let Services { rates, start, .. } = &*self.services;
        let pause = self.limits.take(rates, start.elapsed(), kind);
        if pause > Duration::ZERO {
            self.pause = Some(Box::pin(sleep(pause)));
        }
    }
}

/// Whether nothing more is read before this request has its answer: `hello`, because all else
/// depends on it, and what may be answered with a large frame, so that what is unwritten stays
/// bounded.
pub fn must_be_answered(frame: &ClientFrame) -> bool {
    matches!(
        frame,
        ClientFrame::Hello(_)
            | ClientFrame::Join(_)
            | ClientFrame::History(_)
            | ClientFrame::Search(_)
            | ClientFrame::Rooms(_)
            | ClientFrame::Who(_)
    )
}

fn end_of(why: &WebSocketError) -> End {
    match why {
        WebSocketError::Capacity(_) => {
            End::Forbidden(close::TOO_BIG, "a frame has at most 65536 bytes")
        }
        WebSocketError::Utf8(_) => End::Forbidden(close::INVALID_UTF8, "text must be UTF-8"),
        WebSocketError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => End::Lost,
        WebSocketError::Protocol(_) => {
            End::Forbidden(PROTOCOL_ERROR, "that is not how WebSocket frames look")
        }
        _ => End::Lost,
    }
}
