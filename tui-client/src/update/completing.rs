//! Tab.

use std::{collections::HashSet, ops::Range};

use crate::{
    command::{self, Completes},
    composer::completion::{self, Candidate, Completion, Context, fits},
    panel::Panel,
    state::State,
    update::editing,
};

/// Most names offered; more is no help.
const CANDIDATES_MAX: usize = 100;

/// Completes the word at the cursor, or goes on to the next candidate.
pub(super) fn tab(state: &mut State, backwards: bool) {
    if state.prompt.is_some() || state.panel.as_ref().is_some_and(Panel::is_go_to) {
        return;
    }
    state.composer.end_search(true);
    if let Some(completion) = &mut state.composer.completion
        && completion.candidates().len() > 1
    {
        completion.turn(&mut state.composer.draft, backwards);
        return;
    }
    let (word, candidates) = candidates(state);
    let draft = &mut state.composer.draft;
    state.composer.completion = Completion::start(draft, word, candidates, backwards);
    if state.composer.completion.is_some() {
        state.separator.clear_said();
    }
}

/// Puts this candidate into the draft; the list has done its work.
pub(super) fn choose(state: &mut State, index: usize) {
    if let Some(mut completion) = state.composer.completion.take() {
        completion.choose(&mut state.composer.draft, index);
        editing::edited(state);
    }
}

fn candidates(state: &State) -> (Range<usize>, Vec<Candidate>) {
    let text = state.composer.draft.text();
    match completion::context(&state.composer.draft) {
        Context::Command(word) => {
            let candidates = commands(state, &text[word.clone()]);
            (word, candidates)
        }
        Context::Argument { command, word } => {
            let completes = command::find(&command).map_or(Completes::Nothing, |c| c.completes);
            let candidates = arguments(state, completes, &text[word.clone()]);
            (word, candidates)
        }
        Context::Name { word, begins_line } => {
            let after = if begins_line { ": " } else { " " };
            let candidates = names(state, &text[word.clone()], after);
            (word, candidates)
        }
    }
}

fn commands(state: &State, typed: &str) -> Vec<Candidate> {
    command::named(state.role())
        .filter(|(name, _)| fits(name, typed))
        .map(|(name, command)| Candidate {
            insert: format!("{name} "),
            label: command.usage(name),
            about: command.help().to_owned(),
        })
        .collect()
}

fn arguments(state: &State, completes: Completes, typed: &str) -> Vec<Candidate> {
    match completes {
        Completes::Nothing => Vec::new(),
        Completes::People => names(state, typed, " "),
        Completes::ToAll => {
            let to_all = Some(command::TO_ALL).filter(|option| fits(option, typed));
            let to_all = to_all.map(|option| plain(option, " "));
            to_all.into_iter().chain(names(state, typed, " ")).collect()
        }
        Completes::Ignored => ignored(state, typed),
        Completes::Rooms => rooms(state, typed),
        Completes::Topics => command::topics(state)
            .into_iter()
            .filter(|topic| fits(topic, typed))
            .map(|topic| plain(topic, ""))
            .collect(),
    }
}

/// Names that begin with what was typed: who spoke last comes first.
fn names(state: &State, typed: &str, after: &str) -> Vec<Candidate> {
    let room = state.room();
    let people = room.speakers().chain(room.members().map(|member| &member.name));
    let mine = state.me.as_ref().map(|me| &me.name);
    let mut seen = HashSet::new();
    people
        .filter(|name| Some(*name) != mine && fits(name.as_str(), typed))
        .filter(|name| seen.insert(name.as_str()))
        .take(CANDIDATES_MAX)
        .map(|name| plain(name.as_str(), after))
        .collect()
}

/// Whom one ignores, by the beginning of their name.
fn ignored(state: &State, typed: &str) -> Vec<Candidate> {
    let names = state.noticing.ignoring.people().map(|person| person.name.as_str());
    names.filter(|name| fits(name, typed)).map(|name| plain(name, "")).collect()
}

/// Rooms that begin with what was typed, with what they are about: one's own come first.
fn rooms(state: &State, typed: &str) -> Vec<Candidate> {
    let typed = typed.trim_start_matches('#');
    let own = state.rooms.iter().filter_map(|room| Some((room.place.room()?, room.topic.as_str())));
    let known = state.known_rooms.iter().map(|room| (&room.room, room.topic.as_str()));
    let mut seen = HashSet::new();
    own.chain(known)
        .filter(|(name, _)| !name.is_private() && fits(name.as_str(), typed))
        .filter(|(name, _)| seen.insert(name.as_str()))
        .take(CANDIDATES_MAX)
        .map(|(name, topic)| Candidate { about: topic.to_owned(), ..plain(name.as_str(), "") })
        .collect()
}

/// A word that is shown as it is inserted, but for what follows it.
fn plain(word: &str, after: &str) -> Candidate {
    Candidate { insert: format!("{word}{after}"), label: word.to_owned(), about: String::new() }
}
