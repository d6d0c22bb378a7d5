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
mod undo;

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
    /// The last key has cut something: what the next one cuts belongs to it.
    pub(crate) is_cutting: bool,
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
    /// No line has the words; the one shown had those before.
    is_missing: bool,
}

impl Search {
    /// What stands before the line found.
    pub(crate) fn label(&self) -> String {
        let what = if self.is_missing { "nothing sent has" } else { "search" };
        format!("({what}) {}: ", self.words)
    }
}

impl Composer {
    /// Goes from the draft of one place to that of another.
    pub(crate) fn switch(&mut self, from: Place, to: &Place) {
        self.end_search(false);
        self.completion = None;
        let mut draft = std::mem::take(&mut self.draft);
        let written = self.history.with_kept(draft.text()).into_owned();
        draft.set(&written);
        self.history.leave();
        if !draft.is_untouched() {
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
        let draft = self.kept.remove(from).unwrap_or_default();
        if !draft.is_empty() {
            self.put_back(to, draft.text(), shown);
        }
    }

    /// All drafts that are not empty; `shown` is the place that is shown.
    pub(crate) fn drafts<'a>(&'a self, shown: &'a Place) -> BTreeMap<&'a Place, Cow<'a, str>> {
        let draft = self.search.as_ref().map_or(&self.draft, |search| &search.before);
        let others = self.kept.iter().map(|(place, draft)| (place, draft.text().into()));
        let all = others.chain([(shown, self.history.with_kept(draft.text()))]);
        let whole = all.map(|(place, text)| (place, self.whole(place, text)));
        whole.filter(|(_, text)| !text.is_empty()).collect()
    }

    /// A text is to be written on in `place`, before what is there by now. Undoing does not take
    /// it away again: it was not typed here.
    pub(crate) fn put_back(&mut self, place: &Place, text: &str, shown: &Place) {
        let there = if place == shown {
            self.completion = None;
            self.end_search(true);
            &mut self.draft
        } else {
            self.kept.entry(place.clone()).or_default()
        };
        *there = if there.is_empty() {
            Draft::of(text)
        } else {
            Draft::of(format!("{text}\n{}", there.text()))
        };
    }

    /// This is what is written in `place` now, instead of what was.
    pub(crate) fn exchange(&mut self, place: &Place, text: &str, shown: &Place) {
        if place == shown {
            self.draft.set_at_once(text);
        } else {
            self.kept.entry(place.clone()).or_default().set_at_once(text);
        }
    }

    /// This is the draft of `place` again.
    pub(crate) fn restore(&mut self, place: &Place, draft: Draft, shown: &Place) {
        self.history.leave();
        if place == shown {
            self.draft = draft;
        } else if draft.is_untouched() {
            self.kept.remove(place);
        } else {
            self.kept.insert(place.clone(), draft);
        }
    }

    /// Takes the last step back in the draft. Whether there was one.
    pub(crate) fn undo(&mut self) -> bool {
        let is_undone = self.draft.undo();
        self.history.undone(self.draft.text());
        is_undone
    }

    /// Starts to search, or goes to the next older hit.
    pub(crate) fn search_older(&mut self) {
        match &self.search {
            None => {
                let before = self.draft.clone();
                let at = self.history.len();
                self.search = Some(Search { words: String::new(), before, at, is_missing: false });
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

    /// Ends the search: with the line found, or the draft as it was. As after ↑, what was written
    /// before is written still.
    pub(crate) fn end_search(&mut self, keep: bool) {
        let Some(search) = self.search.take() else { return };
        if !keep {
            self.draft = search.before;
        } else if search.at < self.history.len() {
            self.history.go_to(search.at, search.before.text());
        }
    }

    fn find(&mut self, words: String, below: usize) {
        let hit = self.history.find(&words, below).map(|(at, line)| (at, line.to_owned()));
        let Some(search) = &mut self.search else { return };
        search.is_missing = hit.is_none() && !words.is_empty();
        if let Some((at, line)) = hit.filter(|_| !words.is_empty()) {
            search.at = at;
            self.draft.set(&line);
        }
        search.words = words;
    }
}
