//! Text ↔ frame. The size is checked before anything is parsed; what is wrong gets its code.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, error::Category};

use crate::{
    ClientFrame, DecodeError, ErrorCode, Refusal, RequestId, RoomName, ServerFrame, client, event,
    server,
};

/// Largest frame in either direction, in bytes.
pub const FRAME_BYTES_MAX: usize = 64 * 1024;

/// The JSON of a frame of a client.
pub fn encode_client(frame: &ClientFrame) -> String {
    encode(frame)
}

/// The JSON of a frame of the hub.
pub fn encode_server(frame: &ServerFrame) -> String {
    encode(frame)
}

/// Reads a frame of a client.
///
/// # Errors
/// `bad_json`, `bad_frame`, `unknown_type`, or the code of the first field that is not valid.
pub fn decode_client(json: &str) -> Result<ClientFrame, DecodeError> {
    let head = Head::read(json)?;
    decode_client_as(&head.kind, json).map_err(|refusal| head.error(refusal))
}

/// Reads a frame of the hub. A client ignores `unknown_type`: a newer hub may say more.
///
/// # Errors
/// As [`decode_client`].
pub fn decode_server(json: &str) -> Result<ServerFrame, DecodeError> {
    let head = Head::read(json)?;
    decode_server_as(&head.kind, json).map_err(|refusal| head.error(refusal))
}

/// Reads a JSON object that is no frame (the body of a request over HTTP) as its fields.
///
/// # Errors
/// `bad_json` or `bad_frame`, without a word of the input.
pub fn decode_object(json: &str) -> Result<serde_json::Map<String, Value>, Refusal> {
    check_is_object(json, "it is to be a JSON object")?;
    serde_json::from_str(json).map_err(|error| refusal_of(&error))
}

fn decode_client_as(kind: &str, json: &str) -> Result<ClientFrame, Refusal> {
    Ok(match kind {
        "hello" => ClientFrame::Hello(fields::<client::Hello>(json)?),
        "join" => ClientFrame::Join(fields::<client::Join>(json)?),
        "leave" => ClientFrame::Leave(fields::<client::Leave>(json)?),
        "say" => ClientFrame::Say(fields::<client::Say>(json)?),
        "direct" => ClientFrame::Direct(fields::<client::Direct>(json)?),
        "edit" => ClientFrame::Edit(fields::<client::Edit>(json)?),
        "delete" => ClientFrame::Delete(fields::<client::Delete>(json)?),
        "react" => ClientFrame::React(fields::<client::React>(json)?),
        "name" => ClientFrame::Name(fields::<client::Name>(json)?),
        "history" => ClientFrame::History(fields::<client::History>(json)?),
        "search" => ClientFrame::Search(fields::<client::Search>(json)?),
        "rooms" => ClientFrame::Rooms(fields::<client::ListRooms>(json)?),
        "who" => ClientFrame::Who(fields::<client::Who>(json)?),
        "read" => ClientFrame::Read(fields::<client::Read>(json)?),
        "typing" => ClientFrame::Typing(fields::<client::Typing>(json)?),
        "away" => ClientFrame::Away(fields::<client::Away>(json)?),
        "topic" => ClientFrame::Topic(fields::<client::SetTopic>(json)?),
        "announce" => ClientFrame::Announce(fields::<client::Announce>(json)?),
        "moderate" => ClientFrame::Moderate(fields::<client::Moderate>(json)?),
        "ping" => ClientFrame::Ping(fields::<client::Ping>(json)?),
        _ => return Err(unknown_type()),
    })
}

fn decode_server_as(kind: &str, json: &str) -> Result<ServerFrame, Refusal> {
    Ok(match kind {
        "welcome" => ServerFrame::Welcome(fields::<server::Welcome>(json)?),
        "joined" => ServerFrame::Joined(fields::<server::Joined>(json)?),
        "event" => ServerFrame::Event(fields::<event::RoomEvent>(json)?),
        "ack" => ServerFrame::Ack(fields::<server::Ack>(json)?),
        "page" => ServerFrame::Page(fields::<server::Page>(json)?),
        "results" => ServerFrame::Results(fields::<server::Results>(json)?),
        "rooms" => ServerFrame::Rooms(fields::<server::Rooms>(json)?),
        "members" => ServerFrame::Members(fields::<server::Members>(json)?),
        "presence" => ServerFrame::Presence(fields::<server::Presence>(json)?),
        "gap" => ServerFrame::Gap(fields::<server::Gap>(json)?),
        "left" => ServerFrame::Left(fields::<server::Left>(json)?),
        "renamed" => ServerFrame::Renamed(fields::<server::Renamed>(json)?),
        "read" => ServerFrame::Read(fields::<server::ReadMarker>(json)?),
        "typing" => ServerFrame::Typing(fields::<server::TypingNotice>(json)?),
        "pong" => ServerFrame::Pong(fields::<server::Pong>(json)?),
        "error" => ServerFrame::Error(fields::<server::ErrorFrame>(json)?),
        "bye" => ServerFrame::Bye(fields::<server::Bye>(json)?),
        _ => return Err(unknown_type()),
    })
}

fn encode(frame: &impl Serialize) -> String {
    // Frames are made of strings, numbers and lists: serialising them cannot fail.
    serde_json::to_string(frame).unwrap_or_default()
}

fn unknown_type() -> Refusal {
    Refusal::new(
        ErrorCode::UnknownType,
        "that type of frame is not known here; see the list of frames",
    )
}

/// The fields that every answer needs, read before the rest is believed.
struct Head {
    kind: String,
    id: Option<RequestId>,
    room: Option<RoomName>,
}

#[derive(Deserialize)]
struct RawHead {
    #[serde(rename = "type")]
    kind: Option<Value>,
    id: Option<Value>,
    room: Option<Value>,
}

impl Head {
    fn read(json: &str) -> Result<Self, DecodeError> {
        let raw = Self::read_raw(json).map_err(no_head)?;
        let text = |value: Option<Value>| match value {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let head = |kind| Self {
            kind,
            id: text(raw.id).and_then(|id| RequestId::parse(&id).ok()),
            room: text(raw.room).and_then(|room| RoomName::parse(&room).ok()),
        };
        match raw.kind {
            Some(Value::String(kind)) => Ok(head(kind)),
            Some(_) => Err(head(String::new()).error(bad_frame("the type of a frame is a string"))),
            None => Err(head(String::new()).error(bad_frame("the frame has no type; add one"))),
        }
    }

    fn read_raw(json: &str) -> Result<RawHead, Refusal> {
        if json.len() > FRAME_BYTES_MAX {
            return Err(bad_frame("a frame has at most 65536 bytes"));
        }
        check_is_object(json, "a frame is a JSON object")?;
        serde_json::from_str(json).map_err(|error| refusal_of(&error))
    }

    fn error(self, refusal: Refusal) -> DecodeError {
        DecodeError { refusal, id: self.id, room: self.room }
    }
}

/// Serde would also take an array for a struct, field by field.
fn check_is_object(json: &str, why: &str) -> Result<(), Refusal> {
    if json.trim_start().starts_with('{') {
        return Ok(());
    }
    Err(match serde_json::from_str::<serde::de::IgnoredAny>(json) {
        Ok(_) => bad_frame(why),
        Err(error) => refusal_of(&error),
    })
}

fn no_head(refusal: Refusal) -> DecodeError {
    DecodeError { refusal, id: None, room: None }
}

fn bad_frame(text: &str) -> Refusal {
    Refusal::new(ErrorCode::BadFrame, text)
}

fn fields<T: DeserializeOwned>(json: &str) -> Result<T, Refusal> {
    serde_json::from_str(json).map_err(|error| refusal_of(&error))
}

/// Says what serde found, without a word of the input: what is wrong with a frame goes into
/// answers and logs, and nobody may write there through it.
fn refusal_of(error: &serde_json::Error) -> Refusal {
    let text = error.to_string();
    let place = format!("at line {} column {}", error.line(), error.column());
    if error.classify() != Category::Data {
        // The sentences of syntax errors are all serde_json's own.
        let what = text.split(" at line ").next().unwrap_or_default();
        return Refusal::new(ErrorCode::BadJson, format!("that is not JSON: {what} {place}"));
    }
    let text = text.strip_suffix(&format!(" {place}")).unwrap_or(&text);
    from_field(text).unwrap_or_else(|| bad_frame(&plain(text, &place)))
}

/// The refusal that a field's constructor put into serde's error. Serde's own sentences begin
/// with none of our codes, whatever input they repeat.
fn from_field(text: &str) -> Option<Refusal> {
    let (code, why) = text.split_once(": ")?;
    Some(Refusal::new(ErrorCode::parse(code)?, why))
}

/// Serde's sentence without the input that it repeats. What is expected stands at its end and is
/// always ours.
fn plain(text: &str, place: &str) -> String {
    if text.starts_with("missing field") {
        return format!("{text}; add it");
    }
    if text.starts_with("duplicate field") {
        return format!("{text}; send it once");
    }
    let expected = match text.rsplit_once(", expected ").map(|(_, expected)| expected) {
        Some("u16" | "u32" | "u64" | "i64") => "a whole number",
        Some("a boolean") => "true or false",
        Some("a sequence") => "a list",
        Some(other) => other,
        None => "another value",
    };
    format!("a field must be {expected}; mend the value that ends {place}")
}
