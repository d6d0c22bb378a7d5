//! Who is typing in a room. PURE.

use std::time::Duration;

use protocol::UserName;

use super::Room;

/// How long somebody counts as writing after the hub has said so.
const TYPING_LASTS: Duration = Duration::from_secs(5);
/// Most people of whom that is kept; nobody reads more names.
const TYPING_MAX: usize = 20;
/// Most that are named.
const NAMED_MAX: usize = 2;

/// Who is typing, and until when that counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Typing(Vec<(UserName, Duration)>);

impl Room {
    /// These people are typing.
    pub(crate) fn on_typing(&mut self, names: &[UserName], now: Duration) {
        for name in names {
            self.typing.0.retain(|(known, _)| known != name);
            if self.typing.0.len() < TYPING_MAX {
                self.typing.0.push((name.clone(), now + TYPING_LASTS));
            }
        }
    }

    /// `Bob is typing`, if anybody but `me` is.
    pub fn typing_words(&self, me: Option<&UserName>) -> Option<String> {
        let others = self.typing.0.iter().map(|(name, _)| name).filter(|name| Some(*name) != me);
        let names: Vec<&str> = others.map(UserName::as_str).collect();
        match names.as_slice() {
            [] => None,
            [one] => Some(format!("{one} is typing")),
            [one, other] => Some(format!("{one} and {other} are typing")),
            more => {
                let first = more[..NAMED_MAX].join(", ");
                Some(format!("{first} and {} more are typing", more.len() - NAMED_MAX))
            }
        }
    }
}

impl Typing {
    /// Who said something writes it no longer.
    pub(super) fn said(&mut self, name: &UserName) {
        self.0.retain(|(known, _)| known != name);
    }

    pub(super) fn forget(&mut self, is_it: impl Fn(&UserName) -> bool) {
        self.0.retain(|(name, _)| !is_it(name));
    }

    pub(super) fn tick(&mut self, now: Duration) {
        self.0.retain(|(_, until)| *until > now);
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.0.iter().map(|(_, until)| *until).min()
    }
}
