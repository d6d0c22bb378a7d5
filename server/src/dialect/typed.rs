//! The dialect of our own clients: one JSON object a frame, typed by the crate `protocol`.

use bytes::Bytes;
use protocol::{ClientFrame, DecodeError, RoomEvent, ServerFrame, codec};
use serde::Serialize;

use super::frame;

/// An event as a frame, without a copy of it.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Borrowed<'a> {
    Event(&'a RoomEvent),
}

/// Reads what a client sent.
pub(crate) fn decode(text: &str) -> Result<ClientFrame, DecodeError> {
    codec::decode_client(text)
}

pub(super) fn encode(server_frame: &ServerFrame) -> Bytes {
    frame::text(server_frame)
}

pub(super) fn encode_event(event: &RoomEvent) -> Bytes {
    frame::text(&Borrowed::Event(event))
}

#[cfg(test)]
mod tests {
    use protocol::{
        EventKind, Identity, MessageText, RequestId, RoomName, Seq, Timestamp, UserName,
    };

    use super::*;

    #[test]
    fn an_event_is_encoded_as_the_codec_does_it() {
        let event = RoomEvent {
            room: RoomName::parse("lobby").unwrap(),
            seq: Seq::new(7).unwrap(),
            at: Timestamp(1),
            from: UserName::parse("Ana").unwrap(),
            by: Identity::from_bytes([1; 16]),
            kind: EventKind::Message,
            id: RequestId::parse("a").unwrap(),
            text: Some(MessageText::parse("hi").unwrap()),
            reply_to: None,
            target: None,
            edited: None,
            deleted: None,
            reactions: Vec::new(),
        };
        let json = codec::encode_server(&ServerFrame::Event(event.clone()));
        assert!(encode_event(&event).ends_with(json.as_bytes()));
        assert_eq!(encode_event(&event), encode(&ServerFrame::Event(event)));
    }
}
