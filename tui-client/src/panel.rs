//! What lies over the scrollback: answers of more than a line, the people, "go to". PURE.

use std::{cmp::Reverse, collections::HashSet};

use protocol::{NameKey, RoomName, UserName};

use crate::{
    command::{self, Command},
    composer::Draft,
    fuzzy,
    keymap::{Action, Keymap},
    state::State,
    update::answers,
};

/// What lies over the scrollback. Esc closes it.
#[derive(Clone, Debug)]
pub struct Panel {
    /// What it is.
    pub title: String,
    /// What is in it.
    pub body: Body,
    /// The first row shown.
    pub scroll: usize,
    /// What its lines lead to, one after the other, where they do.
    pub(crate) choices: Vec<Choice>,
}

/// What a line of an answer leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Goes into a room.
    Room(RoomName),
    /// Opens a private conversation.
    Person(UserName),
}

/// What is in a panel.
#[derive(Clone, Debug)]
pub enum Body {
    /// An answer, line by line. Longer lines are wrapped by the view.
    Lines(Vec<String>),
    /// The people in the room that is shown.
    People,
    /// Rooms, people and commands, to go to by typing.
    GoTo(GoTo),
}

/// "Go to": what was typed, and which of the matches is chosen.
#[derive(Clone, Debug, Default)]
pub struct GoTo {
    /// What was typed. It is edited in the panel, the draft stays.
    pub query: Draft,
    /// Which of the matches.
    pub chosen: usize,
}

/// A row of a panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanelLine {
    /// The words; raw.
    pub text: String,
    /// Whether it is the chosen one.
    pub chosen: bool,
}

/// Something to go to.
pub(crate) struct Goal {
    pub(crate) label: String,
    pub(crate) to: Target,
}

/// What "go to" does.
pub(crate) enum Target {
    /// Shows the room of this index.
    Room(usize),
    /// Goes into a room of the hub.
    Join(RoomName),
    /// Opens a private conversation.
    Person(UserName),
    /// Carries a command out, or begins it in the draft.
    Command(&'static Command),
    /// Does what a key does.
    Key(Action),
}

impl Panel {
    /// A panel, seen from its top.
    pub(crate) fn new(title: impl Into<String>, body: Body) -> Self {
        Self { title: title.into(), body, scroll: 0, choices: Vec::new() }
    }

    /// The same, and its lines lead there.
    pub(crate) fn with_choices(self, choices: Vec<Choice>) -> Self {
        Self { choices, ..self }
    }

    /// The words that "go to" looks for, if it is that.
    pub(crate) fn go_to(&mut self) -> Option<&mut GoTo> {
        match &mut self.body {
            Body::GoTo(go_to) => Some(go_to),
            Body::Lines(_) | Body::People => None,
        }
    }

    /// Whether it is "go to".
    pub(crate) fn is_go_to(&self) -> bool {
        matches!(self.body, Body::GoTo(_))
    }
}

impl State {
    /// The rows of the panel, all of them; none without a panel.
    pub fn panel_lines(&self) -> Vec<PanelLine> {
        let Some(panel) = &self.panel else { return Vec::new() };
        let line = |text: String| PanelLine { text, chosen: false };
        match &panel.body {
            Body::Lines(lines) => lines.iter().cloned().map(line).collect(),
            Body::People => people(self).into_iter().map(line).collect(),
            Body::GoTo(go_to) => goals(self, go_to.query.text())
                .into_iter()
                .enumerate()
                .map(|(index, goal)| PanelLine { text: goal.label, chosen: index == go_to.chosen })
                .collect(),
        }
    }
}

/// Everything to go to that fits what was typed, the best first: a name that has the letters in
/// their order, or words of an explanation as they are.
pub(crate) fn goals(state: &State, typed: &str) -> Vec<Goal> {
    let all = rooms(state).chain(known_rooms(state)).chain(persons(state)).chain(commands(state));
    let mut goals: Vec<(Reverse<i64>, Goal)> = all
        .chain(keys(state.keymap()))
        .filter_map(|(name, goal)| Some((Reverse(fits(typed, &name, &goal.label)?), goal)))
        .collect();
    goals.sort_by_key(|(score, _)| *score);
    goals.into_iter().map(|(_, goal)| goal).collect()
}

/// How well what was typed fits a goal of this name and with this label.
fn fits(typed: &str, name: &str, label: &str) -> Option<i64> {
    let label = label.to_lowercase();
    let is_explained = || typed.to_lowercase().split_whitespace().all(|word| label.contains(word));
    fuzzy::score(typed, name).or_else(|| is_explained().then_some(i64::MIN))
}

/// A goal and what it is called.
type Named = (String, Goal);

fn rooms(state: &State) -> impl Iterator<Item = Named> {
    state.rooms.iter().enumerate().map(|(index, room)| {
        let unread = match room.unread {
            0 => String::new(),
            count => format!("  {count}"),
        };
        let name = room.title();
        let label = format!("{name}{unread}");
        (name, Goal { label, to: Target::Room(index) })
    })
}

fn known_rooms(state: &State) -> impl Iterator<Item = Named> {
    let is_elsewhere = |name: &RoomName| {
        !name.is_private() && !state.rooms.iter().any(|room| room.place.room() == Some(name))
    };
    let names = state.known_rooms.iter().map(|room| &room.room);
    names.filter(move |name| is_elsewhere(name)).map(|name| {
        let goal = Goal { label: format!("{name}  (join)"), to: Target::Join(name.clone()) };
        (name.to_string(), goal)
    })
}

/// Everybody who is in one's rooms or has spoken there of late, but those whose private room is
/// open: that is there already.
fn persons(state: &State) -> impl Iterator<Item = Named> {
    let me = state.me.as_ref().map(|me| me.name.key());
    let open = state.rooms.iter().filter_map(|room| room.peer.as_ref().map(UserName::key));
    let mut seen: HashSet<NameKey> = open.chain(me).collect();
    let here = std::iter::once(state.room()).chain(&state.rooms);
    let names =
        here.flat_map(|room| room.members().map(|member| &member.name).chain(room.speakers()));
    let names: Vec<&UserName> = names.filter(|name| seen.insert(name.key())).collect();
    names.into_iter().map(|name| {
        let label = format!("@{name}");
        (label.clone(), Goal { label, to: Target::Person(name.clone()) })
    })
}

fn commands(state: &State) -> impl Iterator<Item = Named> {
    command::all(state.role()).map(|command| {
        let goal = Goal { label: command.help_line(), to: Target::Command(command) };
        (format!("/{}", command.name), goal)
    })
}

/// Their labels are explanations: letters that are somewhere in one say nothing.
fn keys(keymap: &Keymap) -> impl Iterator<Item = Named> {
    let goals = keymap.goals();
    goals.map(|(label, action)| (String::new(), Goal { label, to: Target::Key(action) }))
}

fn people(state: &State) -> Vec<String> {
    state.room().members().map(|person| answers::person_line(state, person)).collect()
}
