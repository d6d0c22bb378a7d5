//! What is being written: a draft for each place, what was cut, the input history, Tab and
//! Ctrl+R. PURE.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use crate::place::Place;

mod about;
pub(crate) mod completion;
pub mod draft;
mod history;
pub(crate) mod paste;

pub(crate) use about::About;
use completion::Completion;
pub use draft::Draft;
pub(crate) use history::History;

/// How long Enter does nothing after a paste: it may have been its last byte.
pub const ENTER_SLEEPS: Duration = Duration::from_millis(300);

/// What is being written.
#[derive(Clone, Debug, Default)]
pub struct Composer {
    /// The draft of the place that is shown.
    pub draft: Draft,
    /// A search among the lines sent before, while it goes on.
    pub search: Option<Search>,
    /// The drafts of the other places.
    pub(crate) kept: HashMap<Place, Draft>,
    /// What drafts are about that are not only themselves.
    pub(crate) about: HashMap<Place, About>,
    /// What was cut last, for Ctrl+Y.
    pub(crate) cut: String,
    pub(crate) history: History,
    pub(crate) completion: Option<Completion>,
    /// Enter does nothing until then.
    pub(crate) enter_asleep_until: Option<Duration>,
    /// The user was told that this draft becomes several messages.
    pub(crate) may_split: bool,
}

/// A search among the lines sent before, which Ctrl+R starts.
#[derive(Clone, Debug)]
pub struct Search {
    /// What is searched.
    pub words: String,
    /// The draft before, which Esc restores.
    before: Draft,
    /// Where in the history the line shown is; its length before the first hit.
    at: usize,
}

impl Composer {
    /// Goes from the draft of one place to that of another.
    pub(crate) fn switch(&mut self, from: Place, to: &Place) {
        self.end_search(false);
        self.completion = None;
        let mut draft = std::mem::take(&mut self.draft);
        let written = self.history.with_kept(draft.text());
        if *written != *draft.text() {
            draft.set(written.into_owned());
        }
        self.history.leave();
        if !draft.is_empty() {
            self.kept.insert(from, draft);
        }
        self.draft = self.kept.remove(to).unwrap_or_default();
        self.may_split = false;
    }

    /// A private conversation got its room: its draft is added to the one there.
    pub(crate) fn moved(&mut self, from: &Place, to: &Place, shown: &Place) {
        if let Some(about) = self.about.remove(from) {
            self.about.entry(to.clone()).or_insert(about);
        }
        let Some(draft) = self.kept.remove(from) else { return };
        self.put_back(to, draft.text(), shown);
    }

    /// All drafts that are not empty; `shown` is the place that is shown.
    pub(crate) fn drafts<'a>(&'a self, shown: &'a Place) -> BTreeMap<&'a Place, Cow<'a, str>> {
        let draft = self.search.as_ref().map_or(&self.draft, |search| &search.before);
        let others = self.kept.iter().map(|(place, draft)| (place, draft.text().into()));
        let all = others.chain([(shown, self.history.with_kept(draft.text()))]);
        let whole = all.map(|(place, text)| (place, self.whole(place, text)));
        whole.filter(|(_, text)| !text.is_empty()).collect()
    }

    /// A text is to be written on in `place`, before what is there by now.
    pub(crate) fn put_back(&mut self, place: &Place, text: &str, shown: &Place) {
        let there = if place == shown {
            &mut self.draft
        } else {
            self.kept.entry(place.clone()).or_default()
        };
        if there.is_empty() {
            there.set(text);
        } else {
            there.set(format!("{text}\n{}", there.text()));
        }
    }

    /// Starts to search, or goes to the next older hit.
    pub(crate) fn search_older(&mut self) {
        match &self.search {
            None => {
                let before = self.draft.clone();
                let at = self.history.len();
                self.search = Some(Search { words: String::new(), before, at });
            }
            Some(search) => self.find(search.words.clone(), search.at),
        }
    }

    /// Adds to what is searched.
    pub(crate) fn search_more(&mut self, typed: &str) {
        if let Some(search) = &self.search {
            // The line shown may still contain the longer words.
            let below = (search.at + 1).min(self.history.len());
            self.find(format!("{}{typed}", search.words), below);
        }
    }

    /// Takes back a grapheme of what is searched.
    pub(crate) fn search_less(&mut self) {
        if let Some(search) = &self.search {
            let mut words = Draft::of(search.words.clone());
            words.backspace();
            self.find(words.take(), self.history.len());
        }
    }

    /// Ends the search: with the line found in the draft, or the draft as it was.
    pub(crate) fn end_search(&mut self, keep: bool) {
        if let Some(search) = self.search.take().filter(|_| !keep) {
            self.draft = search.before;
        }
    }

    fn find(&mut self, words: String, below: usize) {
        let hit = self.history.find(&words, below).map(|(at, line)| (at, line.to_owned()));
        let Some(search) = &mut self.search else { return };
        if let Some((at, line)) = hit.filter(|_| !words.is_empty()) {
            search.at = at;
            self.draft.set(line);
        }
        search.words = words;
    }
}
