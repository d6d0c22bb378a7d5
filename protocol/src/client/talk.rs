//! What one says, and does about what was said.

use serde::{Deserialize, Serialize};

use crate::{Addressee, Emoji, MessageText, RoomName, Seq};

request! {
    /// Says something in a joined room. Answer: `ack`, once it is stored.
    ///
    /// ```
    /// # protocol::example::client(r##"
    /// {"type":"say","id":"0190a6e2-6b3c-7f00-8a1b-2c3d4e5f6071","room":"lobby",
    ///  "text":"hello","reply_to":40}
    /// # "##);
    /// ```
    stored Say {
        /// Where.
        room: RoomName,
        /// What.
        text: MessageText,
        /// The message that it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<Seq>,
    }
}

request! {
    /// Says something to one person, online or not. Answer: `joined` for the private room where
    /// one is not in it yet, and `ack`.
    ///
    /// ```
    /// # protocol::example::client(r##"
    /// {"type":"direct","id":"d1","to":"Ben","text":"only for you"}
    /// # "##);
    /// ```
    stored Direct {
        /// To whom.
        to: Addressee,
        /// What.
        text: MessageText,
    }
}

request! {
    /// Changes the text of a message. Answer: `ack`.
    ///
    /// ```
    /// # protocol::example::client(r##"
    /// {"type":"edit","id":"e1","room":"lobby","seq":42,"text":"hello, all"}
    /// # "##);
    /// ```
    stored Edit {
        /// Where.
        room: RoomName,
        /// Which message.
        seq: Seq,
        /// How it reads now.
        text: MessageText,
    }
}

request! {
    /// Takes a message back. Answer: `ack`.
    ///
    /// ```
    /// # protocol::example::client(r##"
    /// {"type":"delete","id":"x1","room":"lobby","seq":42}
    /// # "##);
    /// ```
    stored Delete {
        /// Where.
        room: RoomName,
        /// Which message.
        seq: Seq,
    }
}

request! {
    /// Reacts to a message, or takes a reaction back. Answer: `ack`.
    ///
    /// ```
    /// # protocol::example::client(r##"
    /// {"type":"react","id":"r1","room":"lobby","seq":42,"emoji":"👍","on":true}
    /// # "##);
    /// ```
    stored React {
        /// Where.
        room: RoomName,
        /// To which message.
        seq: Seq,
        /// With what.
        emoji: Emoji,
        /// Whether to react (`true`) or to take it back.
        on: bool,
    }
}

request! {
    /// Says how far one has read, in a room that one is in. Kept for the identity (a guest's goes
    /// with the connection), never moved back nor beyond the head, and told to one's other
    /// connections in that room. Best effort. No answer.
    ///
    /// ```
    /// # protocol::example::client(r##"
    /// {"type":"read","room":"lobby","seq":42}
    /// # "##);
    /// ```
    Read {
        /// In which room.
        room: RoomName,
        /// Up to which event.
        seq: Seq,
    }
}

request! {
    /// Says that one is writing, in a room that one is in; to be said again every few seconds for
    /// as long as one does. Best effort, and not told where there are more than 100 members. No
    /// answer.
    ///
    /// ```
    /// # protocol::example::client(r##"
    /// {"type":"typing","room":"lobby"}
    /// # "##);
    /// ```
    Typing {
        /// Where.
        room: RoomName,
    }
}
