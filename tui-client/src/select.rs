//! The message that is selected, while one selects. PURE.

use crate::{
    place::Place,
    safe_text::SafeText,
    state::State,
    timeline::{Bookmark, Selected},
    update::{changing, links},
};

/// About how many cells all addresses have, when it is asked which is to be opened.
const WHICH_CELLS: usize = 48;
/// How many each has at least.
const LINK_CELLS_MIN: usize = 8;
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
    /// The links of it, while it is asked which of them is to be opened.
    pub(crate) asks_link: Vec<String>,
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
        Self { at, place, asks_delete: false, asks_link: Vec::new(), jumps: Vec::new() }
    }

    /// It goes to another one.
    pub(crate) fn go(&mut self, to: Selected) {
        self.at = to;
        (self.asks_delete, self.asks_link) = (false, Vec::new());
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
    if !selection.asks_link.is_empty() {
        return which_link(&selection.asks_link);
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
    let open = may("o open", !links::of_selected(state, &selection.at).is_empty());
    let parts = match &selection.at {
        Selected::Gap(_) => vec![enter],
        Selected::Outgoing(_) => vec![Some("y copy"), open],
        Selected::Event(seq) => vec![
            may("r reply", changing::may_reply(state, *seq)),
            may("e edit", changing::may_edit(state, *seq)),
            may("d delete", changing::may_delete(state, *seq)),
            Some("y copy"),
            open,
            enter,
        ],
    };
    let back = if selection.jumps.is_empty() { "Esc done" } else { "Esc back" };
    let parts: Vec<&str> = parts.into_iter().flatten().chain([back]).collect();
    parts.join(" · ")
}

/// `open 1 a.example/b · 2 b.example · Esc none`, each cut so that all have a place.
fn which_link(links: &[String]) -> String {
    let cells = (WHICH_CELLS / links.len().max(1)).max(LINK_CELLS_MIN);
    let link = |(number, address): (usize, &String)| {
        let (_, address) = address.split_once("://").unwrap_or(("", address));
        format!("{} {}", number + 1, SafeText::line(address).fitted(cells).as_str())
    };
    let links: Vec<String> = links.iter().enumerate().map(link).collect();
    format!("open {} · Esc none", links.join(" · "))
}
