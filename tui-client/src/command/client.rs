//! Commands about the client itself.

use crate::{
    command,
    effect::Effect,
    event::Now,
    link::Phase,
    panel::{Body, Panel},
    state::{State, Warned},
    update::{baring, leaving},
};

/// `/invite`
pub(super) fn invite(state: &mut State, _: &str, _: Now) -> Result<Vec<Effect>, String> {
    show_invite(state)?;
    Ok(Vec::new())
}

/// Says how others join.
pub(crate) fn show_invite(state: &mut State) -> Result<(), String> {
    let lines = state.settings.invite.clone();
    if lines.is_empty() {
        return Err("no address is known under which others could join".into());
    }
    state.panel = Some(Panel::new("How others join", Body::Lines(lines)));
    Ok(())
}

/// `/reconnect`
pub(super) fn reconnect(state: &mut State, _: &str, now: Now) -> Result<Vec<Effect>, String> {
    match state.link.phase {
        Phase::Live => return Err("the connection is live".into()),
        Phase::Stopped { .. } | Phase::Idle => {
            state.link.phase = Phase::Offline { since: now.wall }
        }
        Phase::Connecting | Phase::Offline { .. } => {}
    }
    state.separator.answer("connecting");
    Ok(vec![Effect::Reconnect])
}

/// `/mouse [on|off]`
pub(super) fn mouse(state: &mut State, text: &str, _: Now) -> Result<Vec<Effect>, String> {
    needs_screen(state)?;
    let is_on = &mut state.settings.preferences.mouse;
    match text {
        "" => {}
        "on" => *is_on = true,
        "off" => *is_on = false,
        _ => return Err("the mouse is on or off: /mouse on, or /mouse off".into()),
    }
    let answer = if *is_on {
        "mouse on: click opens, wheel scrolls, Shift+drag selects"
    } else {
        "mouse off: it is your terminal's; the wheel types nothing"
    };
    state.separator.answer(answer);
    Ok(Vec::new())
}

/// `/bare`
pub(super) fn bare(state: &mut State, _: &str, _: Now) -> Result<Vec<Effect>, String> {
    needs_screen(state)?;
    baring::toggle(state);
    Ok(Vec::new())
}

fn needs_screen(state: &State) -> Result<(), String> {
    if state.has_screen { Ok(()) } else { Err("that is for the full screen only".into()) }
}

/// `/help [TOPIC]`
pub(super) fn help(state: &mut State, topic: &str, _: Now) -> Result<Vec<Effect>, String> {
    let lines = command::help(topic, state.role(), state.keymap(), state.has_screen)
        .ok_or_else(|| format!("no help on {topic}; /help alone lists what there is"))?;
    if let [line] = lines.as_slice() {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        state.separator.answer(line);
    } else {
        state.panel = Some(Panel::new("Help", Body::Lines(lines)));
    }
    Ok(Vec::new())
}

/// `/quit`
#[expect(clippy::unnecessary_wraps, reason = "the table holds commands that can fail")]
pub(super) fn quit(state: &mut State, _: &str, _: Now) -> Result<Vec<Effect>, String> {
    Ok(try_quit(state))
}

/// Leaves, but where others would notice only at the second time.
pub(crate) fn try_quit(state: &mut State) -> Vec<Effect> {
    if let Some(warning) = leaving::warning(state).filter(|_| state.warned != Some(Warned::Quit)) {
        state.warned = Some(Warned::Quit);
        state.separator.answer(format!("{warning}; /quit again quits"));
        return Vec::new();
    }
    vec![Effect::Quit]
}

/// Every word that `/help` takes.
pub(crate) fn topics(state: &State) -> Vec<&'static str> {
    let keys = state.has_screen.then_some("keys");
    command::names(state.role()).chain(keys).chain(["settings"]).collect()
}
