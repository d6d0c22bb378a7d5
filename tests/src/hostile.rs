//! A hub made by hand: it lets a client in as a hub does, and then says whatever a test wants.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

use protocol::{Identity, SUBPROTOCOL, Secret};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{
    Message, accept_hdr,
    handshake::server::{Request, Response},
};

use crate::PATIENCE;

/// The id of the hub.
const HUB: &str = "6f1c0000000000000000000000000666";
/// The epoch of its rooms.
const EPOCH: &str = "00000000000000aa";
/// Who talks there.
pub const BOB: &str = "~00000000000000000000000000000002";

/// A hub that says whatever it is told to. It answers hello, joins and pages as a hub does, as
/// long as no other answer is [set](TestHostileHub::answer).
pub struct TestHostileHub {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    inner: Mutex<Inner>,
    changed: Condvar,
}

#[derive(Default)]
struct Inner {
    /// The client that came last.
    visitor: Option<TcpStream>,
    visits: usize,
    requests: Vec<Value>,
    /// What is answered to a type of request, if not the usual.
    answers: Vec<(String, Vec<Value>)>,
}

impl TestHostileHub {
    /// Starts to listen, at a port of its own.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared::default());
        thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                for stream in listener.incoming().flatten() {
                    let shared = Arc::clone(&shared);
                    thread::spawn(move || shared.attend(stream));
                }
            }
        });
        Self { address, shared }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on requests of this type are answered with these frames, each with the id of the
    /// request; with none, not at all.
    pub fn answer(&self, kind: &str, frames: impl IntoIterator<Item = Value>) {
        let mut inner = self.shared.lock();
        inner.answers.retain(|(known, _)| known != kind);
        inner.answers.push((kind.to_owned(), frames.into_iter().collect()));
    }

    /// From now on requests of this type are answered as a hub does.
    pub fn answer_as_usual(&self, kind: &str) {
        self.shared.lock().answers.retain(|(known, _)| known != kind);
    }

    /// Sends the client a frame.
    pub fn say(&self, frame: &Value) {
        self.send(&framed(0x81, frame.to_string().as_bytes()));
    }

    /// Sends the client these bytes as they are. It may have hung up.
    pub fn send(&self, bytes: &[u8]) {
        let visitor = self.shared.lock().visitor.as_ref().map(TcpStream::try_clone);
        if let Some(Ok(mut visitor)) = visitor {
            let _ = visitor.write_all(bytes); // It may have had enough.
        }
    }

    /// A stream on which one can send until the client hangs up.
    pub fn visitor(&self) -> TcpStream {
        let visitor = self.shared.lock().visitor.as_ref().map(TcpStream::try_clone);
        visitor.expect("a client").expect("a socket")
    }

    /// Ends the connection without a word.
    pub fn hang_up(&self) {
        if let Some(visitor) = self.shared.lock().visitor.take() {
            let _ = visitor.shutdown(Shutdown::Both); // It may be gone.
        }
    }

    /// Waits until so many requests of this type have come, and returns the last one.
    pub fn wait_for(&self, kind: &str, count: usize) -> Value {
        let is_it = |request: &&Value| request["type"] == kind;
        let deadline = Instant::now() + PATIENCE;
        let mut inner = self.shared.lock();
        loop {
            let mut found = inner.requests.iter().filter(is_it);
            if let Some(request) = found.nth(count.saturating_sub(1)) {
                return request.clone();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited for {count} × {kind}: {:?}", inner.requests);
            inner = self.shared.changed.wait_timeout(inner, left).expect("no panic").0;
        }
    }

    /// How many requests of this type have come.
    pub fn count(&self, kind: &str) -> usize {
        let inner = self.shared.lock();
        inner.requests.iter().filter(|request| request["type"] == kind).count()
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().expect("no panic")
    }

    /// Lets a client in, and answers until it is gone.
    fn attend(&self, stream: TcpStream) {
        #[expect(clippy::result_large_err, reason = "the signature is tungstenite's")]
        let greet = |_: &Request, mut response: Response| {
            let headers = response.headers_mut();
            headers.insert("hubbub-id", HUB.parse().expect("a header"));
            headers.insert("sec-websocket-protocol", SUBPROTOCOL.parse().expect("a header"));
            Ok(response)
        };
        let Ok(copy) = stream.try_clone() else { return };
        let Ok(mut socket) = accept_hdr(stream, greet) else { return };
        {
            let mut inner = self.lock();
            (inner.visitor, inner.visits) = (Some(copy), inner.visits + 1);
            self.changed.notify_all();
        }
        while let Ok(message) = socket.read() {
            if let Message::Text(json) = message
                && let Ok(request) = serde_json::from_str::<Value>(&json)
            {
                self.take(&request, socket.get_mut());
            }
        }
    }

    fn take(&self, request: &Value, stream: &mut TcpStream) {
        let answers = {
            let inner = self.lock();
            let kind = request["type"].as_str().unwrap_or_default();
            let set = inner.answers.iter().find(|(known, _)| known == kind);
            set.map_or_else(|| usual(request), |(_, frames)| frames.clone())
        };
        for mut frame in answers {
            if frame.get("id").is_none()
                && let Some(id) = request.get("id")
            {
                frame["id"] = id.clone();
            }
            if frame["type"] == "welcome" {
                frame["identity"] = json!(identity(request).as_str());
            }
            let _ = stream.write_all(&framed(0x81, frame.to_string().as_bytes()));
        }
        // Only now: whoever waits for a request says something after its answer.
        self.lock().requests.push(request.clone());
        self.changed.notify_all();
    }
}

/// Who says hello.
fn identity(hello: &Value) -> Identity {
    let secret = hello["secret"].as_str().and_then(|secret| Secret::parse(secret).ok());
    Identity::of(&secret.expect("a secret"))
}

/// A frame of a server.
pub fn framed(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..126 => bytes.push(short as u8),
        long @ 126..=0xFFFF => {
            bytes.push(126);
            bytes.extend((long as u16).to_be_bytes());
        }
        longer => {
            bytes.push(127);
            bytes.extend((longer as u64).to_be_bytes());
        }
    }
    bytes.extend(payload);
    bytes
}

/// What a hub answers.
fn usual(request: &Value) -> Vec<Value> {
    match request["type"].as_str().unwrap_or_default() {
        "hello" => vec![welcome(&json!("hubbub"), &json!([]))],
        "join" => vec![joined(&request["room"], "")],
        "history" => vec![json!({
            "type": "page", "room": request["room"], "events": [], "oldest": 1, "as_of": 0,
            "more": false,
        })],
        "who" => vec![json!({"type": "members", "members": [], "more": false})],
        "rooms" => vec![json!({"type": "rooms", "rooms": [], "more": false})],
        _ => Vec::new(),
    }
}

/// The answer to hello of a hub with this title and these rooms.
pub fn welcome(title: &Value, rooms: &Value) -> Value {
    json!({
        "type": "welcome", "session": 1, "name": "Ana", "identity": BOB, "role": "member",
        "server": {"name": title, "version": "0"}, "hub": HUB, "epoch": EPOCH,
        "durability": "fsync", "now": 0, "heartbeat_ms": 25000,
        "limits": {"text": 4096, "frame": 65536, "name": 32, "room": 64, "topic": 300,
            "note": 100, "rooms": 128, "page": 200, "rate": 10, "burst": 30},
        "rooms": rooms,
    })
}

/// One is in an empty room with Bob.
pub fn joined(room: &Value, topic: &str) -> Value {
    json!({
        "type": "joined", "room": room, "topic": topic, "head": 0, "oldest": 1, "epoch": EPOCH,
        "count": 2, "members": [{"name": "Ana", "role": "member"},
            {"name": "Bob", "role": "member"}], "more": false,
    })
}

/// Something that Bob says in a room.
pub fn event(room: &str, seq: u64, kind: &str, text: &str) -> Value {
    json!({
        "type": "event", "room": room, "seq": seq, "at": 1_767_225_600_000_i64, "from": "Bob",
        "by": BOB, "kind": kind, "id": format!("bob-{seq}"), "text": text,
    })
}

/// A server that is no hub: it answers whoever comes with these bytes, again and again if it
/// `floods`, and then waits.
pub fn listener_that_says(bytes: Vec<u8>, floods: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let bytes = bytes.clone();
            thread::spawn(move || {
                let _ = stream.read(&mut [0; 4096]);
                while stream.write_all(&bytes).is_ok() && floods {}
                let _ = stream.set_read_timeout(Some(Duration::from_mins(1)));
                let _ = stream.read_to_end(&mut Vec::new());
            });
        }
    });
    address
}
