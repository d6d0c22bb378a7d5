//! What keys do to what is being written: the draft, the answer to a question, what "go to"
//! or Ctrl+R looks for.

use protocol::MESSAGE_BYTES_MAX;

use crate::{
    composer::{Draft, draft::DRAFT_BYTES_MAX, paste},
    keymap::Edit,
    link::grouped,
    panel::Panel,
    prompt::Prompt,
    state::State,
};

/// Puts text at the cursor of whatever is being written. Whether it had room.
pub(super) fn type_text(state: &mut State, text: &str) -> bool {
    if state.composer.search.is_some() && !has_layer(state) {
        state.composer.search_more(text);
        return true;
    }
    if state.draft_mut().insert(text) {
        edited(state);
        return true;
    }
    let most = grouped(DRAFT_BYTES_MAX as u64);
    state.separator.error(format!("that is too long: a draft has at most {most} bytes"));
    false
}

/// Ctrl+J and its like.
pub(super) fn new_line(state: &mut State) {
    state.composer.end_search(true);
    if !is_one_line(state) {
        type_text(state, "\n");
    }
}

/// Whether what is being written has no line breaks: an answer, or what "go to" looks for.
pub(super) fn is_one_line(state: &State) -> bool {
    has_layer(state) || state.composer.search.is_some()
}

/// Moves in, deletes from, or puts back into what is being written.
pub(super) fn edit(state: &mut State, edit: Edit) {
    if state.composer.search.is_some() && !has_layer(state) {
        if edit == Edit::Backspace {
            state.composer.search_less();
            return;
        }
        state.composer.end_search(true);
    }
    let before = state.draft_mut().text().len();
    let mut is_redone = false;
    match edit {
        Edit::Left => state.draft_mut().left(),
        Edit::Right => state.draft_mut().right(),
        Edit::LineStart => state.draft_mut().line_start(),
        Edit::LineEnd => state.draft_mut().line_end(),
        Edit::WordLeft => state.draft_mut().word_left(),
        Edit::WordRight => state.draft_mut().word_right(),
        Edit::Backspace => state.draft_mut().backspace(),
        Edit::Delete => state.draft_mut().delete(),
        Edit::Transpose => state.draft_mut().transpose(),
        Edit::KillToLineEnd => cut(state, Draft::kill_to_line_end, Towards::End),
        Edit::KillToLineStart => cut(state, Draft::kill_to_line_start, Towards::Start),
        Edit::KillBlankWord => cut(state, Draft::kill_blank_word, Towards::Start),
        Edit::KillWordLeft => cut(state, Draft::kill_word_left, Towards::Start),
        Edit::KillWordRight => cut(state, Draft::kill_word_right, Towards::End),
        Edit::Yank => yank(state),
        Edit::Undo => is_redone = undo(state),
        Edit::Redo => is_redone = redo(state),
    }
    if is_redone || state.draft_mut().text().len() != before || edit == Edit::Transpose {
        edited(state);
    }
}

fn undo(state: &mut State) -> bool {
    let is_undone = if has_layer(state) { state.draft_mut().undo() } else { state.composer.undo() };
    if !is_undone {
        state.separator.answer("nothing to undo");
    }
    is_undone
}

fn redo(state: &mut State) -> bool {
    let is_redone = state.draft_mut().redo();
    if !is_redone {
        state.separator.answer("nothing to redo");
    }
    is_redone
}

/// Where to a key cuts, from the cursor.
#[derive(Clone, Copy)]
enum Towards {
    Start,
    End,
}

/// Cuts something out of what is being written; Ctrl+Y puts it back, with what the keys right
/// before this one cut.
fn cut(state: &mut State, kill: fn(&mut Draft) -> String, towards: Towards) {
    let cut = kill(state.draft_mut());
    // A password must not come out of Ctrl+Y where it can be read.
    let is_secret = state.prompt.as_ref().is_some_and(Prompt::is_masked);
    if cut.is_empty() || is_secret {
        return;
    }
    let goes_on = std::mem::replace(&mut state.composer.is_cutting, true);
    let all = &mut state.composer.cut;
    match towards {
        _ if !goes_on => *all = cut,
        Towards::Start => all.insert_str(0, &cut),
        Towards::End => all.push_str(&cut),
    }
}

fn yank(state: &mut State) {
    let cut = state.composer.cut.clone();
    let cut = if is_one_line(state) { cut.replace('\n', " ") } else { cut };
    type_text(state, &cut);
}

/// Something was edited: answers go, and what was said of the old text is no longer true.
pub(super) fn edited(state: &mut State) {
    state.quit_until = None;
    if let Some(go_to) = state.panel.as_mut().and_then(|panel| panel.go_to()) {
        go_to.chosen = 0;
        return;
    }
    state.separator.clear_said();
    if state.prompt.is_none() {
        state.composer.history.edited();
        state.composer.may_split = false;
        state.telling.has_typed = true;
        count_messages(state);
    }
}

/// Tells how long a draft is that does not fit into one message. Whether it is one.
pub(super) fn count_messages(state: &mut State) -> bool {
    let draft = state.composer.draft.text();
    if draft.len() <= MESSAGE_BYTES_MAX {
        return false;
    }
    let pieces = paste::split(draft).len();
    if pieces > 1 {
        let bytes = grouped(draft.len() as u64);
        state.separator.answer(format!("{bytes} bytes: {pieces} messages"));
    }
    pieces > 1
}

/// Whether a question or "go to" has the keys.
pub(super) fn has_layer(state: &State) -> bool {
    let is_going = state.panel.as_ref().is_some_and(Panel::is_go_to);
    state.prompt.is_some() || is_going
}
