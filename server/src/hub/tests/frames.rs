//! What tests send.

use protocol::{Identity, RoomName, Secret};

pub(super) fn room(name: &str) -> RoomName {
    RoomName::parse(name).unwrap()
}

/// The secret of the person whom tests call so.
pub(super) fn secret(name: &str) -> Secret {
    let mut bytes = [0; 32];
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    Secret::from_bytes(bytes)
}

/// The private room of two people, as a frame names it.
pub(super) fn room_of(one: &str, other: &str) -> String {
    let [one, other] = [one, other].map(|name| Identity::of(&secret(name)));
    RoomName::private(&one, &other).to_string()
}

/// The frame that joins a room.
pub(super) fn join(room: &str) -> String {
    format!(r#"{{"type":"join","room":"{room}"}}"#)
}

/// The frame that says something.
pub(super) fn say(room: &str, id: &str, text: &str) -> String {
    format!(r#"{{"type":"say","room":"{room}","id":"{id}","text":"{text}"}}"#)
}

/// The frame that says how far one has read.
pub(super) fn read(room: &str, seq: u64) -> String {
    format!(r#"{{"type":"read","room":"{room}","seq":{seq}}}"#)
}

/// The frame that says that one is writing.
pub(super) fn typing(room: &str) -> String {
    format!(r#"{{"type":"typing","room":"{room}"}}"#)
}

/// The frame that writes to somebody.
pub(super) fn direct(to: &str, id: &str, text: &str) -> String {
    format!(r#"{{"type":"direct","to":"{to}","id":"{id}","text":"{text}"}}"#)
}

/// The frame that takes another name.
pub(super) fn name(name: &str) -> String {
    format!(r#"{{"type":"name","name":"{name}"}}"#)
}
