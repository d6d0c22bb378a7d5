//! The message that is selected, while one selects. PURE.

use crate::{
    place::Place,
    state::State,
    timeline::{Bookmark, Selected},
    update::changing,
};

/// Most jumps that can be gone back.
const JUMPS_MAX: usize = 50;

/// The message that is selected.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Which.
    pub at: Selected,
    pub(crate) place: Place,
    /// Whether `d` was pressed, and once more deletes.
    pub(crate) asks_delete: bool,
    jumps: Vec<Jump>,
}

/// From where one has jumped.
#[derive(Clone, Debug)]
struct Jump {
    at: Selected,
    reading: Bookmark,
}

impl Selection {
    pub(crate) fn new(at: Selected, place: Place) -> Self {
        Self { at, place, asks_delete: false, jumps: Vec::new() }
    }

    /// It goes somewhere far; `reading` is where one reads now.
    pub(crate) fn jump(&mut self, to: Selected, reading: Bookmark) {
        if self.jumps.len() == JUMPS_MAX {
            self.jumps.remove(0);
        }
        let at = std::mem::replace(&mut self.at, to);
        self.jumps.push(Jump { at, reading });
    }

    /// It goes back to where the last jump began, if there was one: and so does the reader.
    pub(crate) fn back(&mut self) -> Option<Bookmark> {
        let jump = self.jumps.pop()?;
        self.at = jump.at;
        Some(jump.reading)
    }
}

/// What the keys do with what is selected, for the row below it: the first ones are seen on narrow
/// screens, too.
pub(crate) fn words(state: &State, selection: &Selection) -> String {
    if selection.asks_delete {
        return "d again deletes this for everyone · any other key keeps it".into();
    }
    let enter = match &selection.at {
        Selected::Gap(_) => Some("Enter fetch"),
        Selected::Event(seq) => {
            let event = state.room().timeline().event(*seq);
            event.and_then(|event| event.reply_to).map(|_| "Enter jump")
        }
        Selected::Outgoing(_) => None,
    };
    let may = |what: &'static str, may: bool| may.then_some(what);
    let parts = match &selection.at {
        Selected::Gap(_) => vec![enter],
        Selected::Outgoing(_) => vec![Some("y copy")],
        Selected::Event(seq) => vec![
            may("r reply", changing::may_reply(state, *seq)),
            may("e edit", changing::may_edit(state, *seq)),
            may("d delete", changing::may_delete(state, *seq)),
            Some("y copy"),
            enter,
        ],
    };
    let back = if selection.jumps.is_empty() { "Esc done" } else { "Esc back" };
    let parts: Vec<&str> = parts.into_iter().flatten().chain([back]).collect();
    parts.join(" · ")
}
