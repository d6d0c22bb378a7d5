//! What the client does about keys and pastes.

use std::time::Duration;

use crate::{
    command,
    composer::{About, Draft, ENTER_SLEEPS, paste},
    effect::Effect,
    event::{Key, KeyCode, Now},
    keymap::{Action, Prefix, ToRoom},
    panel::{Body, GoTo, Panel},
    place::Place,
    state::State,
    timeline::{ACTION, Scroll},
    update::{
        baring, changing, completing, editing, editor, going, leaving, peeking, places, prompting,
        selecting, sending,
    },
};

/// How long the second Ctrl+C has.
const QUIT_WITHIN: Duration = Duration::from_secs(2);

/// Takes a key.
pub(super) fn press(state: &mut State, key: Key, now: Now) -> Vec<Effect> {
    if let Some(effects) = baring::press(state, key) {
        return effects;
    }
    let Some((key, action)) = after_prefix(state, key) else { return Vec::new() };
    if let Some(effects) = selecting::press(state, key, now) {
        return effects;
    }
    if !matches!(action, Some(Action::Complete | Action::CompleteBack | Action::Escape)) {
        state.composer.completion = None;
    }
    state.composer.is_cutting &= action.is_some_and(Action::cuts);
    match (action, typed(key)) {
        (Some(action), _) => act(state, action, now),
        (None, Some(c)) => {
            editing::type_text(state, c.encode_utf8(&mut [0; 4]));
            Vec::new()
        }
        (None, None) => Vec::new(),
    }
}

/// Takes a paste: it is never sent by itself.
pub(super) fn paste(state: &mut State, pasted: &str, now: Now) {
    let text = paste::clean(pasted);
    state.prefix = None;
    state.bare = None;
    selecting::leave(state);
    state.composer.completion = None;
    state.composer.is_cutting = false;
    state.composer.enter_asleep_until = Some(now.mono + ENTER_SLEEPS);
    let text = if editing::is_one_line(state) { text.replace('\n', " ") } else { text };
    if editing::type_text(state, &text) && !editing::is_one_line(state) {
        let lines = text.trim_end_matches('\n').split('\n').count();
        let is_long = editing::count_messages(state);
        if lines > 1 && !is_long {
            state.separator.answer(format!("pasted {lines} lines"));
        }
    }
}

/// What a key does, with the one before it: Esc is Alt with it, and what means nothing after
/// Ctrl+X is pressed as if that had not been. `None` where Esc cancels.
fn after_prefix(state: &mut State, key: Key) -> Option<(Key, Option<Action>)> {
    let Some(prefix) = state.prefix.take() else {
        return Some((key, state.keymap().action(key)));
    };
    if key.code == KeyCode::Esc {
        return None;
    }
    let key = Key { alt: key.alt || prefix == Prefix::Esc, ..key };
    let together = state.keymap().action_after_ctrl_x(key).filter(|_| prefix == Prefix::CtrlX);
    Some((key, together.or_else(|| state.keymap().action(key))))
}

fn typed(key: Key) -> Option<char> {
    let KeyCode::Char(c) = key.code else { return None };
    (!key.ctrl && !key.alt && !c.is_control()).then_some(c)
}

/// Does what a key does.
pub(super) fn act(state: &mut State, action: Action, now: Now) -> Vec<Effect> {
    match action {
        Action::Send => return enter(state, now),
        Action::Up => up(state),
        Action::Down => down(state),
        Action::Home => home(state),
        Action::End => end(state),
        Action::Scroll(scroll) => going::scroll(state, scroll),
        Action::Complete => completing::tab(state, false),
        Action::CompleteBack => completing::tab(state, true),
        Action::Interrupt => return interrupt(state, now),
        Action::Quit => return command::try_quit(state),
        Action::SearchHistory => search(state),
        Action::Select => selecting::toggle(state),
        Action::Bare => baring::toggle(state),
        Action::People => toggle_people(state),
        Action::GoTo => toggle_go_to(state),
        Action::Escape => escape(state),
        Action::CtrlX => state.prefix = Some(Prefix::CtrlX),
        Action::Editor => return editor::open(state),
        Action::Repaint => return vec![Effect::Repaint],
        Action::Suspend => return suspend(state),
        Action::Room(to) => return change_room(state, to),
        Action::Peek => return peeking::toggle(state),
        Action::NewLine => editing::new_line(state),
        Action::Edit(edit) => editing::edit(state, edit),
    }
    Vec::new()
}

fn change_room(state: &mut State, to: ToRoom) -> Vec<Effect> {
    if state.prompt.is_some() {
        return Vec::new();
    }
    state.panel = None;
    match to {
        ToRoom::Next => places::step(state, 1),
        ToRoom::Previous => places::step(state, -1),
        ToRoom::Nth(index) => places::nth(state, index),
        ToRoom::Unread => places::next_unread(state),
    }
}

pub(super) fn enter(state: &mut State, now: Now) -> Vec<Effect> {
    if state.composer.enter_asleep_until.take().is_some_and(|until| now.mono < until) {
        return Vec::new();
    }
    if state.prompt.is_some() {
        return prompting::answer(state, now);
    }
    if state.panel.as_mut().is_some_and(|panel| panel.go_to().is_some()) {
        return going::choose(state, now);
    }
    state.composer.end_search(true);
    let text = state.composer.draft.text().to_owned();
    if text.trim().is_empty() {
        return Vec::new();
    }
    let place = state.room().place.clone();
    let is_editing = matches!(state.composer.about(&place), Some(About::Edit { .. }));
    let is_action = is_editing && text.starts_with(ACTION);
    let has_slash = text.starts_with('/') && !text.starts_with("//") && !is_action;
    let is_command = has_slash && !text.contains('\n');
    if is_command {
        return run(state, &text, now);
    }
    let literal = if text.starts_with("//") { &text[1..] } else { &text };
    let sent = changing::send_edit(state, literal, now)
        .unwrap_or_else(|| sending::send_draft(state, literal, now).map(|()| Vec::new()));
    sent.inspect(|_| state.warned = None).unwrap_or_else(|why| {
        state.separator.error(why);
        Vec::new()
    })
}

/// Carries a typed command out. An error leaves the line where it is.
fn run(state: &mut State, line: &str, now: Now) -> Vec<Effect> {
    let was_warned = state.warned.take();
    let draft = std::mem::take(&mut state.composer.draft);
    let before = state.composer.history.leave();
    let place = state.room().place.clone();
    state.separator.clear_said();
    state.panel = None;
    state.warned.clone_from(&was_warned);
    let effects = command::run(state, line, now);
    // Only a command that follows the same one is the second one.
    state.warned.take_if(|warned| was_warned.as_ref() == Some(warned));
    match effects {
        Ok(effects) => {
            state.composer.history.push(line);
            if let Some((_, draft)) = before {
                written_before(state, &place, &draft);
            }
            effects
        }
        Err(why) => {
            state.composer.draft = draft;
            state.composer.history.go_back(before);
            state.separator.error(why);
            Vec::new()
        }
    }
}

/// A command was run from over a draft: that is written still.
fn written_before(state: &mut State, place: &Place, draft: &str) {
    if !draft.is_empty() && places::index_of(state, place).is_some() {
        let shown = state.room().place.clone();
        state.composer.put_back(place, draft, &shown);
    }
}

fn up(state: &mut State) {
    if going::step(state, -1) {
        return;
    }
    let width = state.draft_width();
    let draft = state.draft_mut();
    if draft.up(width) || state.prompt.is_some() {
        return;
    }
    let composer = &mut state.composer;
    composer.end_search(true);
    if let Some(line) = composer.history.older(composer.draft.text()) {
        composer.draft.set(&line);
    }
}

fn down(state: &mut State) {
    if going::step(state, 1) {
        return;
    }
    let width = state.draft_width();
    let draft = state.draft_mut();
    if draft.down(width) || state.prompt.is_some() {
        return;
    }
    let composer = &mut state.composer;
    composer.end_search(true);
    if let Some(line) = composer.history.newer(composer.draft.text()) {
        composer.draft.set(&line);
    }
}

fn home(state: &mut State) {
    if state.draft_mut().is_empty() && state.prompt.is_none() {
        going::scroll(state, Scroll::Back);
    } else {
        state.draft_mut().line_start();
    }
}

fn end(state: &mut State) {
    if state.draft_mut().is_empty() && state.prompt.is_none() {
        going::scroll(state, Scroll::Newest);
    } else {
        state.draft_mut().line_end();
    }
}

/// Esc takes off what is on top; with nothing there it is the prefix of Alt keys.
fn escape(state: &mut State) {
    if let Some(completion) = state.composer.completion.take() {
        *state.draft_mut() = completion.restore();
    } else if state.composer.search.is_some() {
        state.composer.end_search(false);
    } else if state.panel.take().is_none() {
        state.separator.clear_said();
        let place = state.room().place.clone();
        let is_taken = state.composer.end_about(&place).is_some()
            || (state.prompt.is_none() && peeking::leave(state));
        state.prefix = (!is_taken).then_some(Prefix::Esc);
    }
}

/// Ctrl+C: the draft goes to the input history; without one, the second within 2 s quits.
fn interrupt(state: &mut State, now: Now) -> Vec<Effect> {
    if state.composer.search.is_some() {
        state.composer.end_search(false);
        return Vec::new();
    }
    let is_asked = state.prompt.is_some();
    let draft = state.draft_mut();
    if !draft.is_empty() {
        let line = draft.clear();
        if !is_asked {
            state.composer.history.leave();
            state.composer.history.push(&line);
            let place = state.room().place.clone();
            state.composer.end_about(&place);
        }
        editing::edited(state);
        return Vec::new();
    }
    if state.quit_until.is_some_and(|until| now.mono < until) {
        return vec![Effect::Quit];
    }
    let until = now.mono + QUIT_WITHIN;
    state.quit_until = Some(until);
    let hint = match leaving::warning(state) {
        Some(warning) => format!("{warning}; Ctrl+C again quits"),
        None => "Ctrl+C again quits".into(),
    };
    state.separator.hint_until(hint, until);
    Vec::new()
}

/// Nobody knows when a stopped program goes on, if it does.
fn suspend(state: &mut State) -> Vec<Effect> {
    state.keeping.is_urgent = true;
    vec![Effect::Suspend]
}

fn search(state: &mut State) {
    if state.prompt.is_none() {
        state.panel = None;
        state.composer.search_older();
    }
}

fn toggle_people(state: &mut State) {
    let is_open = matches!(&state.panel, Some(Panel { body: Body::People, .. }));
    state.panel = (!is_open).then(|| Panel::new("People", Body::People));
}

fn toggle_go_to(state: &mut State) {
    let is_open = matches!(&state.panel, Some(Panel { body: Body::GoTo(_), .. }));
    let go_to = GoTo { query: Draft::default(), chosen: 0 };
    state.panel =
        (!is_open && state.prompt.is_none()).then(|| Panel::new("Go to", Body::GoTo(go_to)));
}
