//! WebSocket frames of a server (RFC 6455 §5.2): never masked, never in fragments. PURE.

use bytes::{BufMut as _, Bytes, BytesMut};
use serde::Serialize;

/// A ping without a payload, the same for everyone.
pub(crate) static PING: [u8; 2] = [FIN | 0x9, 0];

/// The last frame of a message, which here is also the first.
const FIN: u8 = 0x80;
const TEXT: u8 = 0x1;
const CLOSE: u8 = 0x8;
/// The longest header without a mask: two bytes and a length of eight.
const HEADER_MAX: usize = 10;
/// Most bytes of a reason in a close frame.
const REASON_MAX: usize = 123;

/// A text frame with the JSON of `value`.
pub(crate) fn text(value: &impl Serialize) -> Bytes {
    let mut buffer = BytesMut::with_capacity(HEADER_MAX + 384);
    buffer.put_bytes(0, HEADER_MAX);
    let mut writer = buffer.writer();
    // Frames are made of strings, numbers and lists, and memory takes every byte.
    let _ = serde_json::to_writer(&mut writer, value);
    with_header(writer.into_inner())
}

/// A text frame with this text.
pub(crate) fn plain(text: &str) -> Bytes {
    let mut buffer = BytesMut::with_capacity(HEADER_MAX + text.len());
    buffer.put_bytes(0, HEADER_MAX);
    buffer.put_slice(text.as_bytes());
    with_header(buffer)
}

/// A close frame; a reason that is too long is cut.
pub fn close(code: u16, reason: &str) -> Bytes {
    let mut end = reason.len().min(REASON_MAX);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    let mut frame = BytesMut::with_capacity(4 + end);
    frame.put_u8(FIN | CLOSE);
    frame.put_u8(2 + end as u8);
    frame.put_u16(code);
    frame.put_slice(&reason.as_bytes()[..end]);
    frame.freeze()
}

/// Writes the header into the room kept for it, right before the payload.
fn with_header(mut buffer: BytesMut) -> Bytes {
    let len = buffer.len() - HEADER_MAX;
    let start = match len {
        0..=125 => {
            buffer[9] = len as u8;
            8
        }
        126..=0xffff => {
            buffer[7] = 126;
            buffer[8..10].copy_from_slice(&(len as u16).to_be_bytes());
            6
        }
        _ => {
            buffer[1] = 127;
            buffer[2..10].copy_from_slice(&(len as u64).to_be_bytes());
            0
        }
    };
    buffer[start] = FIN | TEXT;
    buffer.freeze().slice(start..)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use tokio_tungstenite::tungstenite::{
        Message,
        protocol::{Role, WebSocket},
    };

    use super::*;

    fn read(frame: &[u8]) -> Message {
        let mut client =
            WebSocket::from_raw_socket(Cursor::new(frame.to_vec()), Role::Client, None);
        client.read().unwrap()
    }

    #[test]
    fn a_client_reads_text_frames_of_every_length() {
        for len in [1, 123, 124, 125, 126, 1000, 65_533, 65_534, 70_000] {
            let value = "x".repeat(len);
            assert_eq!(read(&text(&value)), Message::text(format!("\"{value}\"")), "{len}");
        }
    }

    #[test]
    fn a_client_reads_a_close_frame_with_its_reason_cut() {
        let Message::Close(Some(frame)) = read(&close(4401, &"ü".repeat(100))) else { panic!() };
        assert_eq!(u16::from(frame.code), 4401);
        assert_eq!(frame.reason.as_str(), "ü".repeat(61));
    }
}
