//! What the client does about what happens: `update(state, event, now) -> effects`. PURE.

use crate::{
    effect::Effect,
    event::{Event, Now},
    mouse, notify,
    state::State,
};

pub(crate) mod announcing;
pub(crate) mod answers;
pub(crate) mod baring;
pub(crate) mod changing;
mod clicking;
mod completing;
mod editing;
mod editor;
mod frames;
mod going;
mod keeping;
mod keys;
pub(crate) mod leaving;
mod line;
mod link;
pub(crate) mod links;
mod memory;
pub(crate) mod noticing;
pub(crate) mod peeking;
pub(crate) mod places;
pub(crate) mod preferring;
mod prompting;
pub(crate) mod remembering;
pub(crate) mod returning;
pub(crate) mod selecting;
pub(crate) mod sending;
pub(crate) mod telling;
pub(crate) mod waiting;

/// Changes the state for what happened, and says what is to be done.
pub fn update(state: &mut State, event: Event, now: Now) -> Vec<Effect> {
    if matches!(event, Event::Key(_) | Event::Paste(_) | Event::Press(_)) {
        state.keeping.last_key = now.mono;
    }
    let is_awake =
        matches!(event, Event::Key(_) | Event::Paste(_) | Event::Press(_) | Event::Line(_));
    let mut effects: Vec<Effect> =
        if is_awake { link::woken(state, now).into_iter().collect() } else { Vec::new() };
    effects.extend(take(state, event, now));
    settle(state, now, &mut effects);
    effects
}

fn take(state: &mut State, event: Event, now: Now) -> Vec<Effect> {
    match event {
        Event::Key(key) => return keys::press(state, key, now),
        Event::Link(event) => return link::heard(state, event, now),
        Event::Kept => return keeping::kept(state),
        Event::Continued => return vec![Effect::Repaint],
        Event::Line(text) => return line::take(state, &text, now),
        Event::Release(at) => return clicking::release(state, at, now),
        Event::NotOpened { address, why } => return links::not_opened(state, address, &why),
        Event::Edited(outcome) => editor::returned(state, outcome),
        Event::Paste(text) => keys::paste(state, &text, now),
        Event::Resize(size) => going::resize(state, size),
        Event::Wheel(rows) => going::wheel(state, rows),
        Event::Press(at) => state.mouse.press(at, now.mono),
        Event::Drag => clicking::drag(state, now),
        Event::Focus(focused) => focus(state, focused, now),
        Event::Told(told) => state.ground.hear(told),
        Event::NotKept { why } => keeping::not_kept(state, &why, now),
        Event::Preferences(reread) => preferring::read_again(state, *reread),
        Event::Restored(restored) => keeping::restored(state, restored),
        Event::Ending => state.keeping.is_urgent = true,
        Event::Tick => {}
    }
    Vec::new()
}

fn focus(state: &mut State, focused: bool, now: Now) {
    notify::focus(state, focused);
    if focused {
        state.mouse.focus(now.mono);
    }
}

/// What follows from any change: times that have come, messages that can go, a page that is
/// missing on the screen, and what has been read.
fn settle(state: &mut State, now: Now, effects: &mut Vec<Effect>) {
    noticing::settle(state);
    state.separator.tick(now.mono);
    state.outbox.tick(now.mono);
    state.quit_until.take_if(|until| *until <= now.mono);
    effects.extend(returning::settle(state, now));
    effects.extend(remembering::remember(state, now));
    effects.extend(keeping::keep(state, now));
    state.keeping.is_urgent = false;
    effects.extend(sending::send_next(state, now));
    memory::settle(state, now);
    going::lay_out(state);
    selecting::settle(state);
    going::look(state, now);
    announcing::settle(state);
    going::observe(state, now);
    state.rooms[state.current].tick(now.mono);
    effects.extend(sending::ask_for_page(state, now));
    effects.extend(telling::settle(state, now));
    effects.extend(waiting::settle(state, now));
    effects.extend(mouse::settle(state));
}

#[cfg(test)]
mod tests;
