//! The actions that "go to" offers.

use super::{Action, Edit, ToRoom};
use crate::timeline::Scroll;

/// What "go to" offers of the keys: those that do something by themselves.
pub(super) const GOALS: [(&str, Action); 17] = [
    ("next room", Action::Room(ToRoom::Next)),
    ("previous room", Action::Room(ToRoom::Previous)),
    ("next unread", Action::Room(ToRoom::Unread)),
    ("peek into the next unread room, or back", Action::Peek),
    ("people in this room", Action::People),
    ("select a message: reply, edit, delete, copy, open", Action::Select),
    ("scroll up", Action::Scroll(Scroll::PageUp)),
    ("scroll down", Action::Scroll(Scroll::PageDown)),
    ("unread line, then first message", Action::Scroll(Scroll::Back)),
    ("newest message", Action::Scroll(Scroll::Newest)),
    ("search the lines sent before", Action::SearchHistory),
    ("undo in the draft", Action::Edit(Edit::Undo)),
    ("redo in the draft", Action::Edit(Edit::Redo)),
    ("write on in your editor", Action::Editor),
    ("bare view, to select and copy with the mouse", Action::Bare),
    ("draw everything again", Action::Repaint),
    ("to the shell", Action::Suspend),
];
