//! Selecting a message, and what keys do with it. The draft is never touched by that.

use crate::{
    effect::Effect,
    event::{Key, KeyCode, Now},
    keymap::Action,
    safe_text::copied,
    select::Selection,
    state::State,
    timeline::{Scroll, Selected, Step},
    update::{changing, links},
    view::layout,
};

/// Alt+M: begins to select, at the newest message that is seen, or ends it.
pub(super) fn toggle(state: &mut State) {
    if state.selection.is_some() {
        leave(state);
        return;
    }
    if state.prompt.is_some() {
        return;
    }
    state.panel = None;
    state.composer.end_search(true);
    let view = layout::viewport(state);
    let Some(what) = state.room().timeline().lowest_in_view(&view) else {
        state.separator.answer("there is no message to select here");
        return;
    };
    at(state, what);
}

/// Selects this one, wherever one was.
pub(super) fn at(state: &mut State, what: Selected) {
    state.composer.end_search(true);
    state.separator.clear_said();
    match &mut state.selection {
        Some(selection) => selection.go(what),
        None => state.selection = Some(Selection::new(what, state.room().place.clone())),
    }
    see(state);
}

/// Takes a key for the selection. `None` where it is for something else.
pub(super) fn press(state: &mut State, key: Key, now: Now) -> Option<Vec<Effect>> {
    if !has_keys(state) {
        return None;
    }
    let asked = state.selection.as_mut().is_some_and(|on| std::mem::take(&mut on.asks_delete));
    let asked_links = state.selection.as_mut().map(|on| std::mem::take(&mut on.asks_link));
    let asked_links = asked_links.unwrap_or_default();
    state.separator.clear_said();
    let plain = !key.ctrl && !key.alt;
    match (key.code, state.keymap().action(key)) {
        (_, Some(Action::Up)) => step(state, Step::Up),
        (_, Some(Action::Down)) => step(state, Step::Down),
        (KeyCode::Char('k'), None) if plain => step(state, Step::Up),
        (KeyCode::Char('j'), None) if plain => step(state, Step::Down),
        (_, Some(Action::Scroll(Scroll::PageUp))) => step(state, Step::PageUp),
        (_, Some(Action::Scroll(Scroll::PageDown))) => step(state, Step::PageDown),
        (_, Some(Action::Home)) => step(state, Step::First),
        (_, Some(Action::End)) => step(state, Step::Last),
        (_, Some(Action::Send)) => enter(state),
        (_, Some(Action::Escape)) if asked || !asked_links.is_empty() => {}
        (KeyCode::Char(c @ '1'..='9'), None) if plain && !asked_links.is_empty() => {
            return Some(links::open_nth(state, asked_links, c));
        }
        (_, Some(Action::Escape)) => back(state),
        (_, Some(Action::Select | Action::Interrupt)) => leave(state),
        // These are the same wherever one is.
        (_, Some(Action::Repaint | Action::Suspend)) => return None,
        (KeyCode::Char(c), None) if plain => return Some(letter(state, c, asked, now)),
        _ => {
            leave(state);
            return None;
        }
    }
    Some(Vec::new())
}

/// Ends it. Who was at the newest and still sees it follows again.
pub(crate) fn leave(state: &mut State) {
    if state.selection.take().is_some() {
        let view = layout::viewport(state);
        state.rooms[state.current].scroll(Scroll::Rows(0), &view);
    }
}

/// Something has come or gone: what is selected may be elsewhere, or be no more.
pub(super) fn settle(state: &mut State) {
    let Some(selection) = &state.selection else { return };
    let view = layout::viewport(state);
    let at = state.room().timeline().still_selected(&selection.at, &view);
    let is_here = selection.place == state.room().place;
    match (at, &mut state.selection) {
        (Some(at), Some(selection)) if is_here => selection.at = at,
        _ => leave(state),
    }
}

/// Whether keys are for the selection: nothing lies over it.
fn has_keys(state: &State) -> bool {
    state.selection.is_some() && state.panel.is_none() && state.prompt.is_none()
}

fn letter(state: &mut State, letter: char, asked: bool, now: Now) -> Vec<Effect> {
    let Some(at) = state.selection.as_ref().map(|selection| selection.at.clone()) else {
        return Vec::new();
    };
    let done = match (letter, &at) {
        ('y', _) => return copy(state, &at),
        ('o', _) => return links::open_one(state, &at),
        ('r', Selected::Event(seq)) => changing::reply(state, *seq).map(|()| leave(state)),
        ('e', Selected::Event(seq)) => changing::edit(state, *seq).map(|()| leave(state)),
        ('d', Selected::Event(seq)) if asked => {
            return changing::delete(state, *seq, String::new(), now).unwrap_or_else(|why| {
                state.separator.error(why);
                Vec::new()
            });
        }
        ('d', Selected::Event(seq)) if changing::may_delete(state, *seq) => {
            ask_delete(state);
            Ok(())
        }
        ('d', Selected::Event(_)) => Err("only your own messages can be deleted".into()),
        _ => Err("Esc goes back to writing; keys here are: r e d y o, arrows, Enter".into()),
    };
    if let Err(why) = done {
        state.separator.error(why);
    }
    Vec::new()
}

fn ask_delete(state: &mut State) {
    if let Some(selection) = &mut state.selection {
        selection.asks_delete = true;
    }
}

fn copy(state: &mut State, at: &Selected) -> Vec<Effect> {
    let view = layout::viewport(state);
    let Some(text) = state.room().timeline().text_of(at, &view) else {
        state.separator.error("there is no text to copy");
        return Vec::new();
    };
    state.separator.answer("copied, where the terminal allows it");
    vec![Effect::Copy(copied(text.as_str()))]
}

fn step(state: &mut State, step: Step) {
    let view = layout::viewport(state);
    let Some(selection) = &mut state.selection else { return };
    let timeline = state.rooms[state.current].timeline();
    if let Some(at) = timeline.step(&selection.at, step, &view) {
        selection.at = at;
    }
    see(state);
}

/// Enter: a gap is fetched, and from an answer one goes to what it answers.
fn enter(state: &mut State) {
    let Some(selection) = &state.selection else { return };
    let answered = match &selection.at {
        Selected::Gap(_) => {
            state.rooms[state.current].ask_again();
            return;
        }
        Selected::Event(seq) => state.room().timeline().event(*seq).and_then(|e| e.reply_to),
        Selected::Outgoing(_) => None,
    };
    let Some(seq) = answered else {
        state.separator.answer("this answers no other message; r answers it");
        return;
    };
    if state.room().timeline().is_folded(seq) {
        state.separator.error("it answers somebody you ignore; /unignore NAME shows them again");
        return;
    }
    let view = layout::viewport(state);
    let reading = state.room().timeline().bookmark();
    if !state.rooms[state.current].jump(seq, &view) {
        state.separator.error("the message that it answers is no longer kept");
        return;
    }
    if let Some(selection) = &mut state.selection {
        selection.jump(Selected::Event(seq), reading);
    }
}

/// Esc: back to where the last jump began; without one it ends.
fn back(state: &mut State) {
    match state.selection.as_mut().and_then(Selection::back) {
        Some(reading) => state.rooms[state.current].return_to(reading),
        None => leave(state),
    }
}

/// What is selected is seen, and what is seen stays, though it is the newest.
fn see(state: &mut State) {
    let view = layout::viewport(state);
    if let Some(selection) = &state.selection {
        state.rooms[state.current].reveal(&selection.at, &view);
    }
}
