//! What a client says that knows nothing of our frames, as our frames. PURE.
//!
//! A frame is a line of talk, or an object of a user and a message; what begins with `/` is a
//! command in both. Whoever has no name only listens.

mod address;
mod command;

use std::collections::VecDeque;

use protocol::{
    ClientFrame, DecodeError, ErrorCode, MessageText, Refusal, RequestId, RoomName, SessionId,
    UserName,
    client::{Name, Say},
};
use serde::Deserialize;
use serde_json::{Value, error::Category};

use super::Dialect;
use crate::hub::{
    input::Input,
    visiting::{Ear, Listen, Since, Visit},
};

/// A request, or why it is none.
pub(crate) type Asked = Result<ClientFrame, DecodeError>;

/// What one connection says, and how far it is with that.
#[derive(Debug)]
pub(crate) struct Talk {
    stage: Stage,
    /// Where everything is said.
    room: RoomName,
    /// How much of the past is told first.
    history: u16,
    /// How many requests had an id of their own. Who talks here is a new identity each time.
    said: u64,
    /// What is to be asked, in this order: what one frame says, three at the most.
    asked: VecDeque<Asked>,
}

/// Who talks.
#[derive(Debug)]
enum Stage {
    /// The first frame decides.
    Undecided,
    /// Nobody.
    Listens(Dialect),
    /// Somebody, in lines.
    Lines { name: String },
    /// Somebody, in objects, of whom the last was this user's.
    Objects { user: String },
}

/// What a frame means.
#[derive(Debug)]
pub(crate) enum Heard {
    /// It is a frame of the typed dialect, as all that come after it.
    Typed,
    /// What it asks for, if anything, is to be taken by [`Talk::next`].
    Asked,
    /// Somebody comes with it; then as [`Heard::Asked`].
    Visit(Box<Visit>),
    /// Somebody wants to go.
    Quit,
}

impl Talk {
    /// What this connection speaks to begin with.
    pub(crate) fn dialect(&self) -> Dialect {
        match &self.stage {
            Stage::Undecided => Dialect::Typed,
            Stage::Listens(dialect) => *dialect,
            Stage::Lines { .. } => Dialect::Text,
            Stage::Objects { .. } => Dialect::UserMessage,
        }
    }

    /// Whether its first frame is yet to say what it speaks.
    pub(crate) fn is_undecided(&self) -> bool {
        matches!(self.stage, Stage::Undecided)
    }

    /// With what it begins, if its address says that.
    pub(crate) fn begin(&self, session: SessionId) -> Option<Input> {
        let (room, history) = (self.room.clone(), self.history);
        match &self.stage {
            Stage::Undecided => None,
            Stage::Listens(_) => {
                let since = Since::Last(history);
                let listen = Listen { session, room, since, ear: Ear::Lines };
                Some(Input::Listen(Box::new(listen)))
            }
            Stage::Lines { name } | Stage::Objects { user: name } => {
                let name = name.clone();
                Some(Input::Visit(Box::new(Visit { session, name, room, history })))
            }
        }
    }

    /// What is to be asked next.
    pub(crate) fn next(&mut self) -> Option<Asked> {
        self.asked.pop_front()
    }

    /// Hears a frame of text.
    pub(crate) fn hear(&mut self, session: SessionId, text: &str) -> Heard {
        match &self.stage {
            Stage::Undecided if !is_object(text) => Heard::Typed,
            Stage::Undecided | Stage::Listens(Dialect::UserMessage) => self.meet(session, text),
            Stage::Listens(_) => {
                if !without_line_end(text).is_empty() {
                    self.refuse(Refusal::new(
                        ErrorCode::Forbidden,
                        "you only listen here; connect with ?name=NAME to talk",
                    ));
                }
                Heard::Asked
            }
            Stage::Lines { .. } => self.line(text),
            Stage::Objects { user } => {
                let before = user.clone();
                self.object(text, &before)
            }
        }
    }

    /// The first object says who somebody is.
    fn meet(&mut self, session: SessionId, text: &str) -> Heard {
        let Object { user, message } = match read_object(text) {
            Ok(object) => object,
            Err(refusal) => {
                self.refuse(refusal);
                return Heard::Asked;
            }
        };
        self.stage = Stage::Objects { user: user.clone() };
        if matches!(self.line(&message), Heard::Quit) {
            return Heard::Quit;
        }
        let (room, history) = (self.room.clone(), self.history);
        Heard::Visit(Box::new(Visit { session, name: user, room, history }))
    }

    fn object(&mut self, text: &str, before: &str) -> Heard {
        match read_object(text) {
            Ok(Object { user, message }) => {
                if user != before {
                    self.rename(&user);
                    self.stage = Stage::Objects { user };
                }
                self.line(&message)
            }
            Err(refusal) => {
                self.refuse(refusal);
                Heard::Asked
            }
        }
    }

    fn line(&mut self, text: &str) -> Heard {
        let text = without_line_end(text);
        match text.strip_prefix('/') {
            _ if text.is_empty() => {}
            None => self.say(text),
            Some(rest) if rest.starts_with('/') => self.say(rest),
            Some(command) => return self.command(command),
        }
        Heard::Asked
    }

    fn say(&mut self, text: &str) {
        let (room, id) = (self.room.clone(), self.id());
        let say = || {
            let (id, text) = (id?, MessageText::parse(text)?);
            Ok(ClientFrame::Say(Say { id, room, text, reply_to: None }))
        };
        self.ask(say());
    }

    fn rename(&mut self, name: &str) {
        let name = UserName::parse(name);
        self.ask(name.map(|name| ClientFrame::Name(Name { id: None, name })));
    }

    /// The id of the next request.
    fn id(&mut self) -> Result<RequestId, Refusal> {
        self.said += 1;
        RequestId::parse(&self.said.to_string())
    }

    fn ask(&mut self, asked: Result<ClientFrame, Refusal>) {
        let fault = |refusal| DecodeError { refusal, id: None, room: None };
        self.asked.push_back(asked.map_err(fault));
    }

    fn refuse(&mut self, refusal: Refusal) {
        self.ask(Err(refusal));
    }
}

/// What a client of objects sends.
struct Object {
    user: String,
    message: String,
}

#[derive(Deserialize)]
struct RawObject {
    #[serde(rename = "type")]
    kind: Option<Value>,
    user: Option<Value>,
    message: Option<Value>,
}

/// Whether a frame has a user and a message, whatever they are, and no type.
pub(crate) fn is_object(text: &str) -> bool {
    text.trim_start().starts_with('{')
        && serde_json::from_str::<RawObject>(text)
            .is_ok_and(|raw| raw.user.is_some() && raw.message.is_some() && raw.kind.is_none())
}

/// Reads an object. Why not is said without a word of it.
fn read_object(text: &str) -> Result<Object, Refusal> {
    let fault = |code, why: &str| {
        let example = r#"send {"user":"NAME","message":"TEXT"}"#;
        Refusal::new(code, format!("{why}; {example}"))
    };
    let raw: RawObject = match serde_json::from_str(text) {
        _ if !text.trim_start().starts_with('{') => {
            return Err(fault(ErrorCode::BadJson, "that is not a JSON object"));
        }
        Ok(raw) => raw,
        Err(why) if why.classify() == Category::Data => {
            return Err(fault(ErrorCode::BadFrame, "a field is there twice"));
        }
        Err(_) => return Err(fault(ErrorCode::BadJson, "that is not JSON")),
    };
    let field = |name: &str, value| match value {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(fault(ErrorCode::BadFrame, &format!("the field {name} is not a string"))),
        None => Err(fault(ErrorCode::BadFrame, &format!("the field {name} is missing"))),
    };
    Ok(Object { user: field("user", raw.user)?, message: field("message", raw.message)? })
}

/// A line without what ends it: programs send it with the line that they read.
fn without_line_end(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

#[cfg(test)]
mod tests;
