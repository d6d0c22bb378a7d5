//! What the address of a WebSocket says: who comes, where, in which dialect. PURE.

use std::collections::VecDeque;

use protocol::RoomName;

use super::{Stage, Talk};
use crate::dialect::Dialect;

/// Most of the past that can be asked for.
const HISTORY_MAX: u16 = 200;

/// What a query asks for.
#[derive(Default)]
struct Query {
    name: Option<String>,
    dialect: Option<Dialect>,
    room: Option<RoomName>,
    history: u16,
}

impl Talk {
    /// What this query of an address asks for. Of what cannot be it is said in a sentence what is
    /// wrong.
    pub(crate) fn of(query: &str) -> Result<Self, String> {
        let Query { name, dialect, room, history } = Query::parse(query)?;
        let stage = match (name, dialect) {
            (None, None) => Stage::Undecided,
            (None, Some(dialect)) => Stage::Listens(dialect),
            (Some(user), Some(Dialect::UserMessage)) => Stage::Objects { user },
            (Some(name), _) => Stage::Lines { name },
        };
        let room = room.unwrap_or_else(RoomName::lobby);
        Ok(Self { stage, room, history, said: 0, asked: VecDeque::new() })
    }
}

impl Query {
    fn parse(query: &str) -> Result<Self, String> {
        let mut asked = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            if let Some(key) = decoded(key) {
                let text = decoded(value);
                asked.take(&key, text)?;
            }
        }
        Ok(asked)
    }

    /// What is not known is passed over: it may be meant for somebody on the way.
    fn take(&mut self, key: &str, value: Option<String>) -> Result<(), String> {
        let text = || value.ok_or_else(|| format!("{key} is not percent-encoded UTF-8."));
        match key {
            "name" | "user" => {
                self.name.get_or_insert(text()?);
            }
            "dialect" => self.dialect = Some(dialect(&text()?)?),
            "room" => self.room = Some(room(&text()?)?),
            "history" => self.history = history(&text()?)?,
            "password" | "token" | "secret" => return Err(no_secrets(key)),
            _ => {}
        }
        Ok(())
    }
}

fn dialect(text: &str) -> Result<Dialect, String> {
    match text {
        "text" => Ok(Dialect::Text),
        "json" => Ok(Dialect::UserMessage),
        _ => Err("dialect is text or json.".to_owned()),
    }
}

fn room(text: &str) -> Result<RoomName, String> {
    match RoomName::parse(text) {
        Ok(room) if !room.is_private() => Ok(room),
        Ok(_) => Err("room is not a private one; write to the person instead.".to_owned()),
        Err(refusal) => Err(format!("room is no room: {}.", refusal.text)),
    }
}

fn history(text: &str) -> Result<u16, String> {
    let number = text.parse().ok().filter(|number| *number <= HISTORY_MAX);
    number.ok_or_else(|| format!("history is a number from 0 to {HISTORY_MAX}."))
}

fn no_secrets(key: &str) -> String {
    format!(
        "{key} does not belong in an address: addresses are kept in logs and shown. \
         Say it in a hello (subprotocol hubbub.v1) instead."
    )
}

/// A part of a query as it was meant; none if it is not UTF-8, percent-encoded.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex(rest.next()?)? << 4 | hex(rest.next()?)?,
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    let digit = char::from(digit).to_digit(16)?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use protocol::SessionId;

    use super::*;
    use crate::hub::{
        input::Input,
        visiting::{Listen, Since, Visit},
    };

    fn begin(query: &str) -> Option<Input> {
        Talk::of(query).unwrap().begin(SessionId(1))
    }

    fn visit(query: &str) -> Visit {
        let Some(Input::Visit(visit)) = begin(query) else { panic!("{query} is no visit") };
        *visit
    }

    fn listen(query: &str) -> Listen {
        let Some(Input::Listen(listen)) = begin(query) else { panic!("{query} does not listen") };
        *listen
    }

    #[test]
    fn a_name_in_the_address_is_said_to_be_somebody() {
        for (query, name, dialect) in [
            ("name=Ana", "Ana", Dialect::Text),
            ("user=Ana", "Ana", Dialect::Text),
            ("name=Ana&user=Bob", "Ana", Dialect::Text),
            ("x=1&name=Ana&&y", "Ana", Dialect::Text),
            ("name=Zo%C3%AB", "Zoë", Dialect::Text),
            ("name=Ana+Maria", "Ana Maria", Dialect::Text),
            ("n%61me=%41na", "Ana", Dialect::Text),
            ("name=", "", Dialect::Text),
            ("name", "", Dialect::Text),
            ("name=a%0Ab", "a\nb", Dialect::Text),
            ("dialect=text&name=Ana", "Ana", Dialect::Text),
            ("dialect=json&name=Ana", "Ana", Dialect::UserMessage),
        ] {
            let expected = Visit {
                session: SessionId(1),
                name: name.to_owned(),
                room: RoomName::lobby(),
                history: 0,
            };
            assert_eq!(visit(query), expected, "{query}");
            assert_eq!(Talk::of(query).unwrap().dialect(), dialect, "{query}");
        }
    }

    #[test]
    fn a_dialect_without_a_name_listens() {
        for (query, dialect) in
            [("dialect=text", Dialect::Text), ("dialect=json", Dialect::UserMessage)]
        {
            assert_eq!(listen(query).since, Since::Last(0));
            assert_eq!(Talk::of(query).unwrap().dialect(), dialect);
        }
        let listen = listen("dialect=text&room=%23Games&history=200");
        assert_eq!((listen.room.as_str(), listen.since), ("games", Since::Last(200)));
    }

    #[test]
    fn with_neither_the_first_frame_decides() {
        for query in ["", "x=1", "room=games"] {
            let talk = Talk::of(query).unwrap();
            assert!(talk.is_undecided() && begin(query).is_none(), "{query}");
        }
    }

    #[test]
    fn what_cannot_be_is_named() {
        for (query, named) in [
            ("dialect=xml", "dialect"),
            ("dialect=", "dialect"),
            ("room=a%20b", "room"),
            ("room=", "room"),
            ("room=dm:00112233445566778899aabbccddeeff", "room"),
            ("history=201", "history"),
            ("history=-1", "history"),
            ("history=x", "history"),
            ("name=%ff", "name"),
            ("name=%4", "name"),
            ("name=%zz", "name"),
            ("name=Ana&password=pw", "password"),
            ("token=t", "token"),
        ] {
            let why = Talk::of(query).unwrap_err();
            assert!(why.starts_with(named) && why.ends_with('.'), "{query}: {why}");
            assert!(!why.contains("pw"), "nothing secret is repeated: {why}");
        }
    }
}
