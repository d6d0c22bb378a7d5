//! What was done to a draft, to be undone and redone in steps as large as a word. PURE.

use std::{collections::VecDeque, ops::Range};

/// Most steps kept; the oldest go first.
pub(crate) const STEPS_MAX: usize = 200;
/// Most bytes that the steps of one draft hold: a few times the largest draft.
const BYTES_MAX: usize = 1024 * 1024;
/// Most bytes that are typed in one step, for what has no blanks between its words.
const TYPED_BYTES_MAX: usize = 60;

/// What was done to a draft since it was begun, and what of that was taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Undo {
    done: VecDeque<Step>,
    undone: Vec<Step>,
    /// The next change begins a step, whatever it is.
    is_sealed: bool,
}

/// One piece of text put in the place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// Where.
    pub(super) at: usize,
    /// What was there.
    pub(super) removed: String,
    /// What is there now.
    pub(super) inserted: String,
    /// Where the cursor was before.
    pub(super) cursor: usize,
}

/// How a change was made, which says what it may be one step with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// A character was typed: one step with the word that it belongs to.
    Typed,
    /// A character was deleted: one step with those beside it.
    Erased,
    /// The whole draft was exchanged for another line: one step with the lines looked at before.
    Recalled,
    /// Anything else, which is a step of its own.
    AtOnce,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    change: Change,
    how: How,
}

/// What a draft has to do for a step back or forth.
pub(super) struct Patch {
    /// The text to be replaced.
    pub(super) range: Range<usize>,
    /// What comes there.
    pub(super) with: String,
    /// Where the cursor is then.
    pub(super) cursor: usize,
}

impl Undo {
    /// Takes down what was done. What had been undone cannot be redone after that.
    pub(super) fn record(&mut self, change: Change, how: How) {
        if change.removed == change.inserted {
            return;
        }
        self.undone.clear();
        let is_sealed = std::mem::take(&mut self.is_sealed);
        let last = self.done.back_mut().filter(|_| !is_sealed);
        let is_merged = last.is_some_and(|last| last.merge(&change, how));
        if !is_merged {
            self.done.push_back(Step { change, how });
        }
        // To look at the lines sent before, and to come back, is to have done nothing.
        self.done.pop_back_if(|last| last.change.removed == last.change.inserted);
        while self.done.len() > STEPS_MAX || self.bytes() > BYTES_MAX {
            self.done.pop_front();
        }
    }

    /// A step back.
    pub(super) fn back(&mut self) -> Option<Patch> {
        let step = self.done.pop_back()?;
        let Change { at, removed, inserted, cursor } = step.change.clone();
        self.undone.push(step);
        self.is_sealed = true;
        Some(Patch { range: at..at + inserted.len(), with: removed, cursor })
    }

    /// A step forth again.
    pub(super) fn forth(&mut self) -> Option<Patch> {
        let step = self.undone.pop()?;
        let Change { at, removed, inserted, .. } = step.change.clone();
        self.done.push_back(step);
        self.is_sealed = true;
        let cursor = at + inserted.len();
        Some(Patch { range: at..at + removed.len(), with: inserted, cursor })
    }

    /// Whether there is nothing to go back or forth to.
    pub(super) fn is_empty(&self) -> bool {
        self.done.is_empty() && self.undone.is_empty()
    }

    fn bytes(&self) -> usize {
        let bytes = |step: &Step| step.change.removed.len() + step.change.inserted.len();
        self.done.iter().map(bytes).sum()
    }
}

impl Step {
    /// Makes the next change part of this step, if it is of one kind with it.
    fn merge(&mut self, next: &Change, how: How) -> bool {
        if self.how != how {
            return false;
        }
        match how {
            How::Typed => self.type_on(next),
            How::Erased => self.erase_before(next) || self.erase_after(next),
            How::Recalled => self.recall_instead(next),
            How::AtOnce => false,
        }
    }

    fn type_on(&mut self, next: &Change) -> bool {
        let Change { at, inserted, .. } = &mut self.change;
        let is_next = *at + inserted.len() == next.at && inserted.len() < TYPED_BYTES_MAX;
        let goes_on = is_next && !begins_word(inserted.chars().next_back(), &next.inserted);
        if goes_on {
            inserted.push_str(&next.inserted);
        }
        goes_on
    }

    /// Backspace after Backspace.
    fn erase_before(&mut self, next: &Change) -> bool {
        let Change { at, removed, .. } = &mut self.change;
        let is_next = next.at + next.removed.len() == *at;
        let goes_on = is_next && !begins_word(removed.chars().next(), &next.removed);
        if goes_on {
            removed.insert_str(0, &next.removed);
            *at = next.at;
        }
        goes_on
    }

    /// Delete after Delete.
    fn erase_after(&mut self, next: &Change) -> bool {
        let Change { at, removed, .. } = &mut self.change;
        let goes_on = next.at == *at && !begins_word(removed.chars().next_back(), &next.removed);
        if goes_on {
            removed.push_str(&next.removed);
        }
        goes_on
    }

    fn recall_instead(&mut self, next: &Change) -> bool {
        let is_whole = next.at == self.change.at && next.removed == self.change.inserted;
        if is_whole {
            self.change.inserted.clone_from(&next.inserted);
        }
        is_whole
    }
}

/// Whether the word of `next` is another one than that of the character before it.
fn begins_word(before: Option<char>, next: &str) -> bool {
    before.is_some_and(char::is_whitespace) && !next.starts_with(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::composer::Draft;

    /// The texts that undoing leads through.
    fn texts_back(draft: &mut Draft) -> Vec<String> {
        let mut texts = Vec::new();
        while draft.undo() {
            texts.push(draft.text().to_owned());
        }
        texts
    }

    fn types(draft: &mut Draft, text: &str) {
        for c in text.chars() {
            assert!(draft.insert(c.encode_utf8(&mut [0; 4])));
        }
    }

    #[test]
    fn what_is_typed_goes_word_by_word() {
        let mut draft = Draft::default();
        types(&mut draft, "one  two three");
        assert_eq!(texts_back(&mut draft), ["one  two ", "one  ", ""]);
    }

    #[test]
    fn what_has_no_blanks_goes_in_pieces() {
        let mut draft = Draft::default();
        types(&mut draft, &"日".repeat(45));
        assert_eq!(texts_back(&mut draft), ["日".repeat(40), "日".repeat(20), String::new()]);
    }

    #[test]
    fn what_is_deleted_comes_back_word_by_word_with_the_cursor_where_it_was() {
        let mut draft = Draft::of("one two");
        (0..6).for_each(|_| draft.backspace());
        assert_eq!(draft.text(), "o");
        assert!(draft.undo());
        assert_eq!((draft.text(), draft.cursor()), ("one", 3));
        assert!(draft.undo());
        assert_eq!((draft.text(), draft.cursor()), ("one two", 7));
        draft.line_start();
        (0..5).for_each(|_| draft.delete());
        assert_eq!(texts_back(&mut draft), ["two", "one two"]);
    }

    #[test]
    fn a_change_ends_what_can_be_redone() {
        let mut draft = Draft::of("a");
        types(&mut draft, "b");
        assert!(draft.undo());
        types(&mut draft, "c");
        assert!(!draft.redo());
        assert_eq!(texts_back(&mut draft), ["a"]);
    }

    #[test]
    fn what_is_typed_after_undoing_is_a_step_of_its_own() {
        let mut draft = Draft::default();
        types(&mut draft, "word");
        draft.kill_to_line_start();
        assert!(draft.undo());
        types(&mut draft, "s");
        assert_eq!(texts_back(&mut draft), ["word", ""]);
    }

    #[test]
    fn lines_looked_at_in_a_row_are_one_step_and_none_when_one_is_back() {
        let mut draft = Draft::of("mine");
        draft.set("older");
        draft.set("oldest");
        let mut back = draft.clone();
        back.set("mine");
        assert!(!back.undo());
        assert_eq!(texts_back(&mut draft), ["mine"]);
    }

    #[test]
    fn steps_are_bounded_in_number_and_in_bytes() {
        let mut draft = Draft::default();
        for _ in 0..=STEPS_MAX {
            types(&mut draft, "a");
            draft.kill_to_line_start();
        }
        assert_eq!(draft.undo.done.len(), STEPS_MAX);
        for _ in 0..20 {
            assert!(draft.insert(&"x".repeat(200_000)));
            draft.kill_to_line_start();
        }
        assert!(draft.undo.bytes() <= BYTES_MAX);
        assert!(draft.undo() && draft.text().len() == 200_000);
    }

    /// Does one of everything that can be done to a draft.
    fn act(draft: &mut Draft, what: u8, text: &str) {
        match what {
            0..6 => drop(draft.insert(text.get(..1).unwrap_or("é"))),
            6 => drop(draft.insert(text)),
            7..10 => draft.backspace(),
            10 => draft.delete(),
            11 => drop(draft.kill_blank_word()),
            12 => drop(draft.kill_to_line_end()),
            13 => drop(draft.kill_word_left()),
            14 => draft.transpose(),
            15 => draft.set(text),
            16 => drop(draft.clear()),
            17 => draft.word_left(),
            18 => draft.left(),
            19 => drop(draft.up(10)),
            20 => drop(draft.undo()),
            _ => drop(draft.redo()),
        }
    }

    proptest! {
        #[test]
        fn all_undone_is_the_first_text_and_all_redone_the_last(
            first in "[a-c日é\u{301} \n]{0,20}",
            acts in prop::collection::vec((0u8..22, "[a-c日👩\u{200d}\u{301}🇩🇪 \n]{0,8}"), 0..100),
        ) {
            let mut draft = Draft::of(first.clone());
            for (what, text) in &acts {
                act(&mut draft, *what, text);
            }
            while draft.redo() {}
            let last = draft.text().to_owned();
            while draft.undo() {}
            prop_assert_eq!(draft.text(), &first);
            while draft.redo() {}
            prop_assert_eq!(draft.text(), &last);
        }
    }
}
