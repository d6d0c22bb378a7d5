//! Commands about what one wants to notice.

use protocol::{RoomName, UserName};

use super::person::parse_name;
use crate::{
    effect::Effect,
    event::Now,
    ignoring::Ignored,
    notify,
    panel::{Body, Panel},
    state::State,
    update::{noticing, peeking, places},
};

/// `/ignore [NAME]`
pub(super) fn ignore(state: &mut State, text: &str, _: Now) -> Result<Vec<Effect>, String> {
    if text.is_empty() {
        list(state);
        return Ok(Vec::new());
    }
    let name = parse_name("/ignore NAME", text.trim_start_matches('@'))?;
    if let Some(known) = known(state, &name) {
        let name = &known.name;
        state.separator.answer(format!("you ignore {name} already; /unignore {name} ends it"));
        return Ok(Vec::new());
    }
    let whom = noticing::whom(state, &name)?;
    let name = whom.name.clone();
    let effect = noticing::ignore(state, whom);
    state.separator.answer(format!("you ignore {name}; /unignore {name} ends it"));
    Ok(vec![effect])
}

/// `/unignore NAME`
pub(super) fn unignore(state: &mut State, text: &str, _: Now) -> Result<Vec<Effect>, String> {
    let name = parse_name("/unignore NAME", text.trim_start_matches('@'))?;
    let Some(whom) = noticing::whom_not(state, &name) else {
        return Err(format!("you do not ignore {name}; /ignore alone lists whom you do"));
    };
    let name = whom.name.clone();
    let effect = noticing::unignore(state, whom);
    state.separator.answer(format!("you see and hear {name} again"));
    Ok(vec![effect])
}

/// Whom one ignores who has this name, or did and nobody else has it.
fn known(state: &State, name: &UserName) -> Option<Ignored> {
    let known = state.noticing.ignoring.named(name);
    known.filter(|person| !person.is_name_gone).cloned()
}

fn list(state: &mut State) {
    let people = state.noticing.ignoring.people();
    let lines: Vec<String> = people.map(line).collect();
    if lines.is_empty() {
        state.separator.answer("you ignore nobody; /ignore NAME hides what someone says");
    } else {
        let title = "People you ignore (/unignore NAME ends it)";
        state.panel = Some(Panel::new(title, Body::Lines(lines)));
    }
}

fn line(person: &Ignored) -> String {
    let note = match (&person.identity, person.is_name_gone) {
        (_, true) => "  (somebody else is called so now)",
        (None, false) => "  (from their first word on)",
        (Some(_), false) => "",
    };
    format!("{}{note}", person.name)
}

/// `/peek [ROOM]`
pub(super) fn peek(state: &mut State, text: &str, _: Now) -> Result<Vec<Effect>, String> {
    if !state.has_screen {
        return Err("every room is shown here already; /join ROOM writes in one".into());
    }
    if text.is_empty() {
        return Ok(peeking::toggle(state));
    }
    let index = open_room(state, text)
        .ok_or_else(|| format!("you are not in {text}; /join {text} goes in, and others see it"))?;
    if index == state.current {
        return Err(format!("{} is on the screen already", state.room().title()));
    }
    Ok(peeking::begin(state, index))
}

/// The room of this name that one is in, or the private one with whoever has it.
fn open_room(state: &State, text: &str) -> Option<usize> {
    let room = RoomName::parse(text).ok();
    let index = room.and_then(|room| places::index_of_room(state, &room));
    let person = || {
        let name = UserName::parse(text.trim_start_matches('@')).ok()?;
        places::index_of(state, places::private(state, &name)?)
    };
    index.or_else(person)
}

/// `/dnd [on|off]`
pub(super) fn dnd(state: &mut State, text: &str, _: Now) -> Result<Vec<Effect>, String> {
    let off = match text.to_lowercase().as_str() {
        "" => !notify::is_off(state),
        "on" => true,
        "off" => false,
        _ => return Err("do not disturb is on or off: /dnd on, /dnd off".into()),
    };
    notify::turn_off(state, off);
    state.separator.answer(if off {
        "do not disturb: nothing rings, all is counted; /dnd off ends it"
    } else {
        "mentions and private messages ring again while you look elsewhere"
    });
    Ok(Vec::new())
}
