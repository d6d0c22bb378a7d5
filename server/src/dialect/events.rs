//! Server-Sent Events (WHATWG HTML §9.2): an event a block, with its place as the id, so that a
//! browser resumes where it was by itself. PURE.

use bytes::Bytes;
use protocol::{Epoch, RoomEvent, Seq, ServerFrame};
use serde::Serialize;

/// What keeps an idle stream alive: a comment, which nobody is shown.
pub(super) static COMMENT: [u8; 3] = *b":\n\n";

/// An event, with its id.
pub(super) fn encode_event(event: &RoomEvent, epoch: &Epoch) -> Bytes {
    block(epoch, event.seq, "", event)
}

/// Where a stream begins: who is cut off before the first event comes back to here.
pub(super) fn encode_begin(epoch: &Epoch, after: Seq) -> Bytes {
    Bytes::from(format!("id: {epoch}.{after}\n\n"))
}

/// What is told in a room beside its events.
pub(super) fn encode_in_room(frame: &ServerFrame, epoch: &Epoch) -> Bytes {
    match frame {
        ServerFrame::Gap(gap) => block(epoch, gap.to, "event: gap\n", gap),
        _ => Bytes::new(),
    }
}

/// What is told to one connection.
pub(super) fn encode(frame: &ServerFrame) -> Bytes {
    match frame {
        ServerFrame::Bye(bye) => match bye.retry_after_ms {
            Some(wait) => Bytes::from(format!("retry: {wait}\n\n")),
            None => Bytes::new(),
        },
        _ => Bytes::new(),
    }
}

fn block(epoch: &Epoch, seq: Seq, kind: &str, data: &impl Serialize) -> Bytes {
    // Frames are made of strings, numbers and lists: this does not fail. JSON has no line breaks.
    let data = serde_json::to_string(data).unwrap_or_default();
    Bytes::from(format!("id: {epoch}.{seq}\n{kind}data: {data}\n\n"))
}
