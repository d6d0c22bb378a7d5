//! What begins with `/` in a line. PURE.

use protocol::{
    Addressee, ClientFrame, ErrorCode, MessageText, Refusal, RequestId, RoomName,
    client::{Direct, Who},
};

use super::{Heard, Talk};

/// What the request is called that asks who is here: only what was asked for is told.
const WHO: &str = "who";

impl Talk {
    /// Does what a command says, which begins behind its `/`.
    pub(super) fn command(&mut self, command: &str) -> Heard {
        let (word, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        let rest = rest.trim();
        match word {
            "quit" => return Heard::Quit,
            "name" | "nick" if rest.is_empty() => self.refuse(usage("/name NAME")),
            "name" | "nick" => self.rename(rest),
            "me" if rest.is_empty() => self.refuse(usage("/me TEXT")),
            "me" => self.say(&format!("/me {rest}")),
            "msg" => self.direct(rest),
            "who" => {
                let who = self.who(rest);
                self.ask(who);
            }
            "help" => self.refuse(Refusal::new(ErrorCode::BadFrame, help())),
            _ => self.refuse(unknown()),
        }
        Heard::Asked
    }

    fn direct(&mut self, rest: &str) {
        let Some((to, text)) = rest.split_once(char::is_whitespace) else {
            return self.refuse(usage("/msg NAME TEXT"));
        };
        let id = self.id();
        let direct = || {
            let (id, to, text) = (id?, Addressee::parse(to)?, MessageText::parse(text.trim())?);
            Ok(ClientFrame::Direct(Direct { id, to, text }))
        };
        self.ask(direct());
    }

    fn who(&self, rest: &str) -> Result<ClientFrame, Refusal> {
        let room = if rest.is_empty() { self.room.clone() } else { RoomName::parse(rest)? };
        let (id, room) = (Some(RequestId::parse(WHO)?), Some(room));
        Ok(ClientFrame::Who(Who { id, room, name: None, after: None, limit: None }))
    }
}

fn usage(how: &str) -> Refusal {
    Refusal::new(ErrorCode::BadFrame, format!("write it so: {how}"))
}

fn help() -> String {
    "/name NAME, /msg NAME TEXT, /who, /me TEXT, /quit; // says what begins with /".to_owned()
}

/// The word is not repeated: it may have in it what no line may have.
fn unknown() -> Refusal {
    let text = format!("there is no such command, and nothing was sent; there are {}", help());
    Refusal::new(ErrorCode::BadFrame, text)
}
