//! What clients say to a server under test, and what they expect to hear.

use anyhow::ensure;

/// What the talker says: with the frame around it, some 250 bytes.
const TEXT: &str = "What everybody in this room will see, and not much longer than people write.";
/// What a client of the hub says first, and what the answer contains.
const HELLO: &str = r#"{"type":"hello","name":"NAME"}"#;
const JOIN: (&str, &str) =
    (r#"{"type":"join","room":"lobby"}"#, r#""type":"joined","room":"lobby""#);

/// How a server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speech {
    /// The hub's frames: hello, join, then `say`, which becomes an event.
    Hub,
    /// A peer tells everybody what it is told: the very event that the hub would make.
    Peer,
    /// The upgrade is all.
    Upgrade,
}

impl Speech {
    /// One part of the greeting of a client, and a part of its answer.
    pub(crate) fn greeting(self, part: usize, client: usize) -> Option<(String, &'static str)> {
        match (self, part) {
            (Self::Hub, 0) => {
                Some((HELLO.replace("NAME", &format!("c{client}")), r#""type":"welcome""#))
            }
            (Self::Hub, 1) => Some((JOIN.0.to_owned(), JOIN.1)),
            (Self::Hub | Self::Peer | Self::Upgrade, _) => None,
        }
    }

    /// What the talker sends as its message with this number.
    pub(crate) fn say(self, number: u64) -> String {
        match self {
            Self::Hub => {
                format!(r#"{{"type":"say","room":"lobby","id":"{number}","text":"{TEXT}"}}"#)
            }
            Self::Peer | Self::Upgrade => event(number),
        }
    }

    /// Whether a text is an event (and not presence, or an ack).
    pub(crate) fn is_event(text: &[u8]) -> anyhow::Result<bool> {
        let is_error = text.starts_with(br#"{"type":"error""#);
        ensure!(!is_error, "the server says {}", String::from_utf8_lossy(text));
        Ok(text.starts_with(br#"{"type":"event""#))
    }

    /// Whether a text is a notice of presence.
    pub(crate) fn is_presence(text: &[u8]) -> bool {
        text.starts_with(br#"{"type":"presence""#)
    }

    /// How many messages were said before one was let in with this answer: the seqs of a new
    /// room begin with 1, and live events after `head`.
    pub(crate) fn said_before(joined: &str) -> u64 {
        ::tests::raw::number_of(joined, "head").unwrap_or(0)
    }

    /// Whether this is what becomes of the message with this number.
    pub(crate) fn check(self, number: u64, heard: &[u8]) -> anyhow::Result<()> {
        let text = String::from_utf8_lossy(heard);
        let is_right = match self {
            Self::Hub => {
                text.contains(&format!(r#""id":"{number}""#))
                    && text.contains(&format!(r#""text":"{TEXT}""#))
            }
            Self::Peer | Self::Upgrade => text == event(number),
        };
        ensure!(is_right, "message {number} became {text}");
        Ok(())
    }
}

/// The event that the hub makes of a message.
fn event(number: u64) -> String {
    let room = r#""room":"lobby""#;
    let by = format!(r#""by":"~{:032}","kind":"message","id":"{number}""#, 0);
    let head = format!(r#"{room},"seq":{number},"at":1790000000000,"from":"c0""#);
    format!(r#"{{"type":"event",{head},{by},"text":"{TEXT}"}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_has_to_repeat_exactly_what_it_is_told() {
        let said = Speech::Peer.say(7);
        assert!(Speech::Peer.check(7, said.as_bytes()).is_ok());
        assert!(Speech::Peer.check(8, said.as_bytes()).is_err());
        assert!(Speech::Peer.check(7, &said.as_bytes()[1..]).is_err());
    }

    #[test]
    fn of_the_hub_text_and_number_have_to_come_back() {
        let event = event(7);
        assert!(Speech::Hub.check(7, event.as_bytes()).is_ok());
        assert!(Speech::Hub.check(70, event.as_bytes()).is_err());
        assert!(Speech::Hub.check(7, event.replace("room will", "room").as_bytes()).is_err());
    }

    #[test]
    fn only_events_count_and_errors_end_a_run() {
        assert!(Speech::is_event(event(1).as_bytes()).is_ok_and(|is| is));
        assert!(Speech::is_event(br#"{"type":"ack","id":"1"}"#).is_ok_and(|is| !is));
        assert!(Speech::is_event(br#"{"type":"error","code":"x"}"#).is_err());
    }

    #[test]
    fn presence_is_told_from_events() {
        assert!(Speech::is_presence(br#"{"type":"presence","room":"lobby","count":2}"#));
        assert!(!Speech::is_presence(event(1).as_bytes()));
    }

    #[test]
    fn who_is_let_in_is_told_what_was_said_before() {
        let joined = r#"{"type":"joined","room":"lobby","topic":"","head":41,"oldest":1}"#;
        assert_eq!(Speech::said_before(joined), 41);
        assert_eq!(Speech::said_before("{}"), 0);
    }

    #[test]
    fn only_the_hub_is_greeted() {
        assert!(Speech::Hub.greeting(1, 3).is_some());
        assert_eq!(Speech::Hub.greeting(2, 3), None);
        assert_eq!(Speech::Peer.greeting(0, 3), None);
    }
}
