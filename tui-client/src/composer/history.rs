//! Lines that were sent, to come back to with ↑ and Ctrl+R. PURE.

/// Most lines kept; more than anybody goes back by hand.
const HISTORY_MAX: usize = 500;

/// Lines that were sent, the oldest first, and where one is among them.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    lines: Vec<String>,
    /// The line shown, and what was written before one went back.
    at: Option<(usize, String)>,
}

impl History {
    /// Adds a line, unless it is the last one again.
    pub(crate) fn push(&mut self, line: &str) {
        self.at = None;
        if line.is_empty() || self.lines.last().is_some_and(|last| last == line) {
            return;
        }
        if self.lines.len() == HISTORY_MAX {
            self.lines.remove(0);
        }
        self.lines.push(line.into());
    }

    /// The line before the one shown; `draft` is kept for the way back.
    pub(crate) fn older(&mut self, draft: &str) -> Option<String> {
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

    /// The line after the one shown; after the last one the draft that was left.
    pub(crate) fn newer(&mut self) -> Option<String> {
        let (index, kept) = self.at.take()?;
        match self.lines.get(index + 1) {
            None => Some(kept),
            Some(line) => {
                self.at = Some((index + 1, kept));
                Some(line.clone())
            }
        }
    }

    /// The draft was edited: what is shown is a draft like any other now.
    pub(crate) fn leave(&mut self) {
        self.at = None;
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
