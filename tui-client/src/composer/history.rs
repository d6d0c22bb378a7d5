//! Lines that were sent, to come back to with ↑ and Ctrl+R. PURE.

use std::borrow::Cow;

/// Most lines kept; more than anybody goes back by hand.
const HISTORY_MAX: usize = 500;

/// Lines that were sent, the oldest first, and where one is among them.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    lines: Vec<String>,
    at: Option<Away>,
}

/// The line shown, and what was written before one went back.
pub(crate) type Away = (usize, String);

impl History {
    /// Adds a line, unless it is the last one again.
    pub(crate) fn push(&mut self, line: &str) {
        if !line.is_empty() && self.lines.last().is_none_or(|last| last != line) {
            self.insert(self.lines.len(), line);
        }
    }

    /// The line before the one shown; `draft` is kept for the way back.
    pub(crate) fn older(&mut self, draft: &str) -> Option<String> {
        self.keep_changed(draft);
        let (index, kept) = match self.at.take() {
            None => (self.lines.len(), draft.to_owned()),
            Some(at) => at,
        };
        let older = index.checked_sub(1);
        if older.is_some() || index < self.lines.len() {
            self.at = Some((older.unwrap_or(0), kept));
        }
        older.and_then(|older| self.lines.get(older).cloned())
    }

    /// Shows the line of this index, over `draft`.
    pub(crate) fn go_to(&mut self, index: usize, draft: &str) {
        let kept = self.with_kept(draft).into_owned();
        self.at = (!kept.is_empty()).then_some((index, kept));
    }

    /// The line after the one shown; after the last one the draft that was left.
    pub(crate) fn newer(&mut self, draft: &str) -> Option<String> {
        self.keep_changed(draft);
        let (index, kept) = self.at.take()?;
        match self.lines.get(index + 1) {
            None => Some(kept),
            Some(line) => {
                self.at = Some((index + 1, kept));
                Some(line.clone())
            }
        }
    }

    /// The line shown was edited. Where nothing was written before it is a draft like any other.
    pub(crate) fn edited(&mut self) {
        self.at.take_if(|(_, kept)| kept.is_empty());
    }

    /// A step was undone: with the draft from before one went back, one is back.
    pub(crate) fn undone(&mut self, draft: &str) {
        self.at.take_if(|(_, kept)| kept == draft);
    }

    /// The line shown is sent or put away. What was written before is written still.
    pub(crate) fn leave(&mut self) -> Option<Away> {
        self.at.take()
    }

    /// The line shown was not sent after all.
    pub(crate) fn go_back(&mut self, away: Option<Away>) {
        self.at = away;
    }

    /// What is written, of which `draft` is shown: what was written before is written still.
    pub(crate) fn with_kept<'a>(&'a self, draft: &'a str) -> Cow<'a, str> {
        match &self.at {
            None => draft.into(),
            Some((index, kept)) if self.is_line(*index, draft) => kept.into(),
            Some((_, kept)) => format!("{kept}\n{draft}").into(),
        }
    }

    /// A line that was changed is one of its own, behind the one that it was.
    fn keep_changed(&mut self, draft: &str) {
        let Some((index, kept)) = self.at.take() else { return };
        let is_changed = !self.is_line(index, draft);
        self.at = Some((index + usize::from(is_changed), kept));
        if is_changed {
            self.insert(index + 1, draft);
        }
    }

    fn is_line(&self, index: usize, draft: &str) -> bool {
        draft.is_empty() || self.lines.get(index).is_some_and(|line| line == draft)
    }

    fn insert(&mut self, index: usize, line: &str) {
        self.lines.insert(index.min(self.lines.len()), line.into());
        if self.lines.len() > HISTORY_MAX {
            self.lines.remove(0);
            if let Some((index, _)) = &mut self.at {
                *index = index.saturating_sub(1);
            }
        }
    }

    /// How many lines there are.
    pub(crate) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The newest line before `below` that contains `words`, with its index.
    pub(crate) fn find(&self, words: &str, below: usize) -> Option<(usize, &str)> {
        let lines = self.lines.iter().enumerate().take(below).rev();
        lines.map(|(index, line)| (index, line.as_str())).find(|(_, line)| line.contains(words))
    }
}
