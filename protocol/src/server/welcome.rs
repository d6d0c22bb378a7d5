//! The answer to `hello`.

use serde::{Deserialize, Serialize};

use super::{Role, RoomSummary};
use crate::{Epoch, HubId, Identity, SessionId, Timestamp, UserName};

/// What an `ack` survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Durability {
    /// Power loss.
    Fsync,
    /// A crash of the hub, not of the machine: the platform cannot do better.
    Os,
    /// Nothing: the operator chose `--memory`.
    Memory,
}

frame! {
    /// The hub knows who one is.
    ///
    /// ```
    /// # protocol::example::server(r##"
    /// {"type":"welcome","session":7,"name":"Ana","identity":"~00112233445566778899aabbccddeeff",
    ///  "role":"member","server":{"name":"hubbub-server","version":"0.1.0"},
    ///  "hub":"6f1c0000000000000000000000000001","epoch":"9d2b4a1c00ffe3a7","durability":"fsync",
    ///  "now":1767225600000,"heartbeat_ms":25000,
    ///  "limits":{"text":4096,"frame":65536,"name":32,"room":64,"topic":300,"note":100,"rooms":128,
    ///            "page":200,"rate":10,"burst":30},
    ///  "rooms":[{"room":"lobby","topic":"","members":2,"head":41,"read":40,"mine":true}]}
    /// # "##);
    /// ```
    answer Welcome {
        /// This connection.
        session: SessionId,
        /// One's own name, which may differ from that in `hello`.
        name: UserName,
        /// Who one is.
        identity: Identity,
        /// What one may do.
        role: Role,
        /// The program at the other end.
        server: ServerInfo,
        /// Which hub this is, at whatever address.
        hub: HubId,
        /// Which life of its history.
        epoch: Epoch,
        /// What an `ack` survives.
        durability: Durability,
        /// The hub's clock.
        now: Timestamp,
        /// How often the hub pings, in milliseconds.
        heartbeat_ms: u64,
        /// What may be sent.
        limits: Limits,
        /// One's own rooms first, then the lively ones.
        rooms: Vec<RoomSummary>,
    }
}

frame! {
    /// The program that runs a hub.
    ServerInfo {
        /// Its name.
        name: String,
        /// Its version.
        version: String,
    }
}

frame! {
    /// What may be sent: sizes in bytes, rates a second.
    Limits {
        /// Longest message.
        text: u32,
        /// Longest frame.
        frame: u32,
        /// Longest name, in graphemes.
        name: u32,
        /// Longest room name, in characters.
        room: u32,
        /// Longest topic.
        topic: u32,
        /// Longest away or moderation note.
        note: u32,
        /// Most rooms one can be in.
        rooms: u32,
        /// Most events in a page.
        page: u32,
        /// Messages a second; 0 is none.
        rate: u32,
        /// Messages at once.
        burst: u32,
    }
}
