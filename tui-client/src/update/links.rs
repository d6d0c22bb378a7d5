//! Links in what was said: which there are, and opening them.

use std::collections::HashSet;

use crate::{
    effect::Effect, hyperlink::hyperlinks, state::State, timeline::Selected, view::layout,
};

/// Most links of a message: each has a key.
const LINKS_MAX: usize = 9;

/// The addresses in the words of what is selected, each once.
pub(crate) fn of_selected(state: &State, at: &Selected) -> Vec<String> {
    let view = layout::viewport(state);
    let text = state.room().timeline().text_of(at, &view);
    let found = text.map_or_else(Vec::new, |text| hyperlinks(text.as_str(), 0));
    let mut seen = HashSet::new();
    let addresses = found.into_iter().map(|(_, link)| link.target().to_owned());
    addresses.filter(|address| seen.insert(address.clone())).take(LINKS_MAX).collect()
}

/// Opens the link; where there are several it is asked which.
pub(super) fn open_one(state: &mut State, at: &Selected) -> Vec<Effect> {
    let mut links = of_selected(state, at);
    if links.len() > 1 {
        if let Some(selection) = &mut state.selection {
            selection.asks_link = links;
        }
        return Vec::new();
    }
    let Some(link) = links.pop() else {
        state.separator.error("there is no link in this message");
        return Vec::new();
    };
    open(state, link)
}

/// Opens the one of them that was asked for.
pub(super) fn open_nth(state: &mut State, links: Vec<String>, number: char) -> Vec<Effect> {
    let index = number.to_digit(10).map_or(0, |number| number as usize - 1);
    let Some(link) = links.into_iter().nth(index) else {
        state.separator.error(format!("there is no link {number}"));
        return Vec::new();
    };
    open(state, link)
}

/// Opens an address in the user's browser.
pub(super) fn open(state: &mut State, address: String) -> Vec<Effect> {
    state.separator.answer(format!("opening {address}"));
    vec![Effect::Open(address)]
}

/// It could not be opened here: the user can where their terminal is.
pub(super) fn not_opened(state: &mut State, address: String, why: &str) -> Vec<Effect> {
    state.separator.answer(format!("{why}; link copied, if the terminal allows"));
    vec![Effect::Copy(address)]
}
