//! What lies over the scrollback: answers of more than a line, the people, "go to". PURE.

use protocol::{RoomName, UserName};

use crate::{
    command::{self, Command},
    composer::Draft,
    keymap::{self, Action},
    room::Room,
    state::State,
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
        Self { title: title.into(), body, scroll: 0 }
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
            Body::People => people(self.room()).into_iter().map(line).collect(),
            Body::GoTo(go_to) => goals(self, go_to.query.text())
                .into_iter()
                .enumerate()
                .map(|(index, goal)| PanelLine { text: goal.label, chosen: index == go_to.chosen })
                .collect(),
        }
    }
}

/// Everything to go to whose label contains what was typed; what begins with it comes first.
pub(crate) fn goals(state: &State, typed: &str) -> Vec<Goal> {
    let typed = typed.trim().to_lowercase();
    let all = rooms(state).chain(known_rooms(state)).chain(persons(state)).chain(commands(state));
    let mut goals: Vec<(bool, Goal)> = all
        .chain(keys())
        .filter_map(|goal| {
            let label = goal.label.to_lowercase();
            let bare = label.trim_start_matches(['@', '/']);
            label.contains(&typed).then(|| (!bare.starts_with(&typed), goal))
        })
        .collect();
    goals.sort_by_key(|(is_inside, _)| *is_inside);
    goals.into_iter().map(|(_, goal)| goal).collect()
}

fn rooms(state: &State) -> impl Iterator<Item = Goal> {
    state.rooms.iter().enumerate().map(|(index, room)| {
        let unread = match room.unread {
            0 => String::new(),
            count => format!("  {count}"),
        };
        Goal { label: format!("{}{unread}", room.title()), to: Target::Room(index) }
    })
}

fn known_rooms(state: &State) -> impl Iterator<Item = Goal> {
    let is_elsewhere = |name: &RoomName| {
        !name.is_private() && !state.rooms.iter().any(|room| room.place.room() == Some(name))
    };
    let names = state.known_rooms.iter().map(|room| &room.room);
    names
        .filter(move |name| is_elsewhere(name))
        .map(|name| Goal { label: format!("{name}  (join)"), to: Target::Join(name.clone()) })
}

fn persons(state: &State) -> impl Iterator<Item = Goal> {
    let names = state.room().members().map(|member| &member.name);
    let others = names.filter(|name| state.me.as_ref().is_none_or(|me| me.name != **name));
    others.map(|name| Goal { label: format!("@{name}"), to: Target::Person(name.clone()) })
}

fn commands(state: &State) -> impl Iterator<Item = Goal> {
    command::all(state.role())
        .map(|command| Goal { label: command.help_line(), to: Target::Command(command) })
}

fn keys() -> impl Iterator<Item = Goal> {
    keymap::GOALS
        .into_iter()
        .map(|(label, action)| Goal { label: label.to_owned(), to: Target::Key(action) })
}

fn people(room: &Room) -> Vec<String> {
    room.members().map(crate::update::answers::person_line).collect()
}
