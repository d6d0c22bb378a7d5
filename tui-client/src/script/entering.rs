//! What the connection tells a script, which can be asked nothing. PURE.

use protocol::{ErrorCode, ServerFrame, UserName, server::ByeReason, server::ErrorFrame};

use crate::{
    composer::Draft,
    event::LinkEvent,
    prompt::{Ask, Prompt},
};

/// What is to be made of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Nothing.
    Nothing,
    /// The hub says this.
    Frame(Box<ServerFrame>),
    /// The connection is gone; the next attempt comes by itself.
    Lost,
    /// The user is to know this.
    Notice(String),
    /// This name is to be tried, and the user to know that.
    Introduce(UserName, String),
    /// Come back at once: the hub took the script for somebody who is asleep.
    Reconnect,
    /// The hub does not let one in, and only the user can change that.
    Refused(String),
}

/// How far the connection is.
#[derive(Debug)]
pub(crate) struct Entering {
    /// The name that the user wants, and no other.
    wanted: Option<UserName>,
    has_password: bool,
    /// Under which name hello was said.
    introduced: Option<UserName>,
    is_live: bool,
    /// Whether the connection was there before.
    was_live: bool,
}

impl Entering {
    pub(crate) fn new(wanted: Option<UserName>, has_password: bool) -> Self {
        Self { wanted, has_password, introduced: None, is_live: false, was_live: false }
    }

    /// Something happened to the connection.
    pub(crate) fn hear(&mut self, event: LinkEvent) -> Heard {
        match event {
            LinkEvent::Connecting
            | LinkEvent::Opened { .. }
            | LinkEvent::Claimed { .. }
            | LinkEvent::Ignoring { .. } => Heard::Nothing,
            LinkEvent::Introduced { name } => {
                self.introduced = Some(name);
                Heard::Nothing
            }
            LinkEvent::NeedsName { tried, suggest } => taken(&tried, Some(&suggest)),
            LinkEvent::ConfirmHub { known_as, loses_tls, name } => {
                let ask = Ask::ConfirmHub { known_as, loses_tls, name };
                let label = Prompt { ask, draft: Draft::default() }.label();
                Heard::Refused(format!("{}: answer that in a terminal first", label.trim_end()))
            }
            LinkEvent::Frame(frame) => self.hear_frame(frame),
            LinkEvent::Lost { .. } => {
                self.is_live = false;
                Heard::Lost
            }
            LinkEvent::Trouble { why } => Heard::Notice(why),
            LinkEvent::Stopped { why } => Heard::Refused(why),
        }
    }

    fn hear_frame(&mut self, frame: Box<ServerFrame>) -> Heard {
        match &*frame {
            ServerFrame::Welcome(_) => {
                self.is_live = true;
                Heard::Frame(frame)
            }
            ServerFrame::Error(error) if !self.is_live => self.hello_refused(error),
            ServerFrame::Bye(bye) if bye.reason == ByeReason::Idle => {
                self.is_live = false;
                Heard::Reconnect
            }
            _ => Heard::Frame(frame),
        }
    }

    fn hello_refused(&self, error: &ErrorFrame) -> Heard {
        if error.retry_after_ms.is_some() {
            return Heard::Notice(error.text.clone());
        }
        match (error.code, &error.suggest, &self.introduced) {
            (ErrorCode::NameTaken, suggest, Some(tried)) if self.wanted.is_some() => {
                taken(tried, suggest.as_ref())
            }
            (ErrorCode::NameTaken, Some(suggest), Some(tried)) => {
                let notice = format!("{tried} is somebody else there; this is {suggest}");
                Heard::Introduce(suggest.clone(), notice)
            }
            (ErrorCode::PasswordRequired, ..) if self.has_password => {
                Heard::Refused("this hub has another password than that of the file".into())
            }
            (ErrorCode::PasswordRequired, ..) => {
                Heard::Refused("this hub asks for a password; use --password-file FILE".into())
            }
            _ => Heard::Refused(error.text.clone()),
        }
    }

    /// The name that the hub gave, where it is another one than that which was asked for.
    pub(crate) fn renamed(&mut self, name: &UserName) -> Option<String> {
        let is_first = !std::mem::replace(&mut self.was_live, true);
        let asked = self.introduced.as_ref().filter(|asked| is_first && *asked != name)?;
        Some(format!("{asked} is called {name} there now"))
    }
}

/// Who names somebody means them.
fn taken(name: &UserName, free: Option<&UserName>) -> Heard {
    let free = free.map(|free| format!("; {free} is free")).unwrap_or_default();
    Heard::Refused(format!("{name} is somebody else on that hub{free}"))
}

#[cfg(test)]
mod tests {
    use protocol::codec::decode_server;

    use super::*;

    fn name(text: &str) -> UserName {
        UserName::parse(text).unwrap()
    }

    fn told(entering: &mut Entering, json: &str) -> Heard {
        entering.hear(LinkEvent::Frame(Box::new(decode_server(json).unwrap())))
    }

    const TAKEN: &str = r#"{"type":"error","id":"hello","code":"name_taken","text":"taken",
                            "suggest":"ana2"}"#;
    const PASSWORD: &str = r#"{"type":"error","id":"hello","code":"password_required",
                               "text":"this hub asks for a password"}"#;

    fn introduced(wanted: Option<UserName>, has_password: bool) -> Entering {
        let mut entering = Entering::new(wanted, has_password);
        entering.hear(LinkEvent::Introduced { name: name("ana") });
        entering
    }

    #[test]
    fn a_name_that_is_taken_is_another_one_unless_it_was_wanted() {
        let heard = told(&mut introduced(None, false), TAKEN);
        let notice = "ana is somebody else there; this is ana2".to_owned();
        assert_eq!(heard, Heard::Introduce(name("ana2"), notice));
        let heard = told(&mut introduced(Some(name("ana")), false), TAKEN);
        let why = "ana is somebody else on that hub; ana2 is free".to_owned();
        assert_eq!(heard, Heard::Refused(why));
    }

    #[test]
    fn a_password_is_a_sentence() {
        let why = |heard| match heard {
            Heard::Refused(why) => why,
            other => panic!("{other:?}"),
        };
        let first = why(told(&mut introduced(None, false), PASSWORD));
        assert_eq!(first, "this hub asks for a password; use --password-file FILE");
        let second = why(told(&mut introduced(None, true), PASSWORD));
        assert_eq!(second, "this hub has another password than that of the file");
    }

    #[test]
    fn no_secret_goes_to_a_hub_at_another_address_without_the_users_word() {
        let (known_as, loses_tls) = ("192.168.1.20:8080".to_owned(), false);
        let asked = LinkEvent::ConfirmHub { known_as, loses_tls, name: name("ana") };
        let why = "This says it is the hub you knew as 192.168.1.20:8080. Be ana there? [y/N]: \
                   answer that in a terminal first";
        assert_eq!(introduced(None, false).hear(asked), Heard::Refused(why.to_owned()));
    }

    #[test]
    fn who_is_taken_for_asleep_comes_back() {
        let bye = r#"{"type":"bye","reason":"idle"}"#;
        assert_eq!(told(&mut introduced(None, false), bye), Heard::Reconnect);
    }
}
