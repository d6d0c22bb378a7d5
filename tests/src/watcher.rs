//! Somebody who follows a room by Server-Sent Events, as a browser would: reads blocks, and knows
//! where to resume.

use std::net::SocketAddr;

use serde_json::Value;

use crate::http::{HttpRequest, HttpStream};

/// A stream of events.
#[derive(Debug)]
pub struct Watcher {
    stream: HttpStream,
    /// The id that the last block with one had: where a browser would resume.
    pub last_id: String,
}

/// A block of a stream, comments left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Its id.
    pub id: Option<String>,
    /// What kind of event, if it says so.
    pub event: Option<String>,
    /// What it says.
    pub data: Option<String>,
    /// How long to wait before coming back, in milliseconds.
    pub retry: Option<String>,
}

impl Watcher {
    /// Follows what is at this path, which must be a stream of events.
    pub fn at(address: SocketAddr, path: &str) -> Self {
        Self::of(HttpRequest::get(path).stream(address))
    }

    /// Follows a room from now on. When this returns, what is said comes.
    pub fn live(address: SocketAddr, room: &str) -> Self {
        let mut watcher = Self::at(address, &format!("/rooms/{room}/events"));
        watcher.begin();
        watcher
    }

    /// Comes back to a room with this id.
    pub fn resume(address: SocketAddr, room: &str, id: &str) -> Self {
        let request = HttpRequest::get(&format!("/rooms/{room}/events"));
        Self::of(request.header("Last-Event-ID", id).stream(address))
    }

    /// Reads a stream whose head has come.
    pub fn of(stream: HttpStream) -> Self {
        assert!(stream.status == 200, "{:?}", stream.rest());
        assert_eq!(stream.header("content-type"), Some("text/event-stream"));
        Self { stream, last_id: String::new() }
    }

    /// The value of this header of the answer.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.stream.header(name)
    }

    /// Reads the block that says where the stream begins, and nothing else.
    pub fn begin(&mut self) -> String {
        let block = self.block().expect("the beginning");
        assert!(block.data.is_none() && block.event.is_none(), "{block:?}");
        block.id.expect("an id")
    }

    /// The next block; none at the end of the stream.
    pub fn block(&mut self) -> Option<Block> {
        let mut block = Block::default();
        loop {
            let line = self.stream.line()?;
            if line.is_empty() && block != Block::default() {
                return Some(block);
            }
            let Some((field, value)) = line.split_once(": ") else { continue };
            let place = match field {
                "id" => &mut block.id,
                "event" => &mut block.event,
                "data" => &mut block.data,
                "retry" => &mut block.retry,
                other => panic!("a field {other:?}"),
            };
            assert!(place.replace(value.to_owned()).is_none(), "{field} twice");
            self.last_id = block.id.clone().unwrap_or_else(|| self.last_id.clone());
        }
    }

    /// The next event of the room: its id must name it.
    pub fn event(&mut self) -> Value {
        let block = self.block().expect("an event");
        assert_eq!(block.event, None, "{block:?}");
        let event = json_of(&block);
        let id = block.id.expect("an id");
        assert!(id.ends_with(&format!(".{}", event["seq"])), "{id} {event}");
        event
    }

    /// What the next block says of a gap.
    pub fn gap(&mut self) -> Value {
        let block = self.block().expect("a gap");
        assert_eq!(block.event.as_deref(), Some("gap"), "{block:?}");
        json_of(&block)
    }

    /// Reads until an event has this text.
    pub fn until(&mut self, text: &str) -> Value {
        loop {
            let event = self.event();
            if event["text"] == text {
                return event;
            }
        }
    }
}

fn json_of(block: &Block) -> Value {
    let data = block.data.as_deref().unwrap_or_else(|| panic!("no data: {block:?}"));
    serde_json::from_str(data).unwrap_or_else(|why| panic!("{why}: {data}"))
}
