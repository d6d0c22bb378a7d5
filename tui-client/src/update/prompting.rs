//! What the client does about the answer to a question.

use protocol::UserName;

use crate::{composer::Draft, effect::Effect, event::Now, prompt::Ask, state::State, update::link};

/// Enter in a question.
pub(super) fn answer(state: &mut State, now: Now) -> Vec<Effect> {
    let Some(prompt) = &state.prompt else { return Vec::new() };
    let typed = prompt.draft.text().to_owned();
    match prompt.ask {
        Ask::Name { .. } => introduce(state, &typed),
        Ask::Password => password(state, typed),
        Ask::ConfirmHub { .. } => confirm(state, &typed, now),
    }
}

fn introduce(state: &mut State, typed: &str) -> Vec<Effect> {
    match UserName::parse(typed.trim()) {
        Ok(name) => {
            state.separator.clear_said();
            state.prompt = None;
            if state.me.is_none() {
                state.settings.name = Some(name.clone());
            }
            state.introduced = Some(name.clone());
            vec![Effect::Introduce { name }]
        }
        Err(refusal) => {
            state.separator.error(refusal.text);
            Vec::new()
        }
    }
}

fn password(state: &mut State, typed: String) -> Vec<Effect> {
    if typed.is_empty() {
        return Vec::new();
    }
    state.separator.clear_said();
    if let Some(prompt) = &mut state.prompt {
        // A second refusal shows the same question, empty, and what was typed is not to be had.
        prompt.draft = Draft::default();
    }
    vec![Effect::Password(typed)]
}

/// Only a yes is a yes: the secret goes to whoever is at that address.
fn confirm(state: &mut State, typed: &str, now: Now) -> Vec<Effect> {
    let is_yes = matches!(typed.trim().to_lowercase().as_str(), "y" | "yes");
    state.prompt = None;
    if is_yes {
        return vec![Effect::ConfirmHub(true)];
    }
    link::stopped(state, "not joined; /reconnect asks again".into(), now);
    vec![Effect::Disconnect]
}
