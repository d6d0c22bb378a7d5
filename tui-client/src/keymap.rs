//! Which key does what: the table by default, and what the user wants otherwise. Dispatch, help,
//! "go to" and the hint rows after Esc and Ctrl+X are all made from it. PURE.

use crate::{event::Key, fuzzy, timeline::Scroll};

mod action;
mod chord;
mod goals;
mod table;

pub(crate) use {
    action::{Action, Edit, Prefix, ToRoom},
    chord::Chord,
};

use goals::GOALS;
use table::{Bind, ROWS, Row};

/// Cells of the left column of the help.
pub(crate) const KEYS_CELLS: usize = 28;
/// Stands in the help before what no key does any more.
const NO_KEY: &str = "no key";

/// What can follow Esc or Ctrl+X, in as few words as can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hint {
    /// The keys, with blanks between.
    pub(crate) keys: String,
    /// What they do.
    pub(crate) does: String,
}

/// Which key does what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    /// Each key once.
    bound: Vec<(Chord, Action)>,
}

impl Default for Keymap {
    /// As in the table.
    fn default() -> Self {
        let chords = |bind: &'static Bind| bind.chords.iter().map(|chord| (*chord, bind.action));
        Self { bound: binds().flat_map(chords).collect() }
    }
}

impl Keymap {
    /// What `key` does, if it does anything but type itself.
    pub(crate) fn action(&self, key: Key) -> Option<Action> {
        let chord = Chord::pressed(key, false);
        if chord.is_ctrl_x() { Some(Action::CtrlX) } else { self.of(chord) }
    }

    /// What `key` does after Ctrl+X, if that means anything.
    pub(crate) fn action_after_ctrl_x(&self, key: Key) -> Option<Action> {
        self.of(Chord::pressed(key, true))
    }

    fn of(&self, wanted: Chord) -> Option<Action> {
        self.bound.iter().find(|(chord, _)| *chord == wanted).map(|(_, action)| *action)
    }

    /// Has a key do something else, or nothing.
    pub(crate) fn bind(&mut self, chord: Chord, action: Option<Action>) {
        self.bound.retain(|(bound, _)| *bound != chord);
        self.bound.extend(action.map(|action| (chord, action)));
    }

    /// The keys, line by line, for `/help keys`.
    pub(crate) fn help_lines(&self) -> Vec<String> {
        ROWS.iter().flat_map(|row| self.help_of(row)).collect()
    }

    /// A row as it stands, or what has become of it, action by action.
    fn help_of(&self, row: &Row) -> Vec<String> {
        if self.is_as_in_table(row) {
            let line = help_line(row.keys, row.help);
            return (!row.keys.is_empty()).then_some(line).into_iter().collect();
        }
        let line = |bind: &Bind| match self.keys_of(bind.action).join(", ") {
            keys if !keys.is_empty() => Some(help_line(&keys, bind.help)),
            _ if bind.chords.is_empty() => None,
            _ => Some(help_line(NO_KEY, bind.help)),
        };
        row.binds.iter().filter_map(line).collect()
    }

    /// What can follow Esc or Ctrl+X.
    pub(crate) fn hints(&self, prefix: Prefix) -> Vec<Hint> {
        ROWS.iter().flat_map(|row| self.hints_of(row, prefix)).collect()
    }

    fn hints_of(&self, row: &Row, prefix: Prefix) -> Vec<Hint> {
        let hint = |keys: &str, does: &str| Hint { keys: keys.to_owned(), does: does.to_owned() };
        if self.is_as_in_table(row) {
            let mut chords = row.binds.iter().flat_map(|bind| bind.chords);
            let shown = row.hint.filter(|_| chords.any(|chord| chord.is_after(prefix)));
            return shown.map(|(keys, does)| hint(keys, does)).into_iter().collect();
        }
        let of = |bind: &'static Bind| {
            let after = self.chords_of(bind.action).filter(|chord| chord.is_after(prefix));
            after.map(|chord| hint(&chord.second(), bind.name))
        };
        row.binds.iter().flat_map(of).collect()
    }

    /// What "go to" offers of the keys, with the key that does the same.
    pub(crate) fn goals(&self) -> impl Iterator<Item = (String, Action)> {
        GOALS.into_iter().map(|(words, action)| match self.key_of(action) {
            Some(key) => (format!("{words} ({key})"), action),
            None => (words.to_owned(), action),
        })
    }

    /// The first key that does this, as people write it.
    pub(crate) fn key_of(&self, action: Action) -> Option<String> {
        let in_empty_draft = match action {
            Action::Scroll(Scroll::Back) => Some(Action::Home),
            Action::Scroll(Scroll::Newest) => Some(Action::End),
            _ => None,
        };
        let key = |action| self.chords_of(action).next().map(|chord| chord.to_string());
        key(action).or_else(|| in_empty_draft.and_then(key))
    }

    fn keys_of(&self, action: Action) -> Vec<String> {
        self.chords_of(action).map(|chord| chord.to_string()).collect()
    }

    fn chords_of(&self, action: Action) -> impl Iterator<Item = Chord> {
        self.bound.iter().filter(move |(_, bound)| *bound == action).map(|(chord, _)| *chord)
    }

    fn is_as_in_table(&self, row: &Row) -> bool {
        row.binds.iter().all(|bind| {
            let mut bound: Vec<Chord> = self.chords_of(bind.action).collect();
            bound.retain(|chord| !bind.chords.contains(chord));
            bound.is_empty() && bind.chords.iter().all(|c| self.of(*c) == Some(bind.action))
        })
    }
}

fn binds() -> impl Iterator<Item = &'static Bind> {
    ROWS.iter().flat_map(|row| row.binds)
}

fn help_line(keys: &str, help: &str) -> String {
    let gap = if keys.chars().count() < KEYS_CELLS { "" } else { "  " };
    format!("{keys:<KEYS_CELLS$}{gap}{help}")
}

/// The action that the settings file calls so; or in a sentence that there is none.
pub(crate) fn action_named(name: &str) -> Result<Action, String> {
    if let Some(bind) = binds().find(|bind| bind.name == name) {
        return Ok(bind.action);
    }
    Err(match fuzzy::nearest(name, binds().map(|bind| bind.name)) {
        Some(near) => format!("no action {name}; did you mean {near}?"),
        None => format!("no action {name}; hubbub --print-config lists them"),
    })
}

/// Every action by its name, what it does, and the keys that it has by default.
pub(crate) fn actions() -> impl Iterator<Item = (&'static str, &'static str, Vec<String>)> {
    let keys = |bind: &Bind| bind.chords.iter().map(ToString::to_string).collect();
    binds().map(move |bind| (bind.name, bind.help, keys(bind)))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::event::KeyCode;

    fn chord(text: &str) -> Chord {
        Chord::parse(text).unwrap()
    }

    fn with(bindings: &[(&str, Option<&str>)]) -> Keymap {
        let mut keymap = Keymap::default();
        for (key, action) in bindings {
            keymap.bind(chord(key), action.map(|name| action_named(name).unwrap()));
        }
        keymap
    }

    fn hints(keymap: &Keymap, prefix: Prefix) -> Vec<String> {
        let hints = keymap.hints(prefix).into_iter();
        hints.map(|hint| format!("{} {}", hint.keys, hint.does)).collect()
    }

    fn line<'a>(lines: &'a [String], does: &str) -> Vec<&'a str> {
        lines.iter().filter(|line| line.ends_with(does)).map(String::as_str).collect()
    }

    #[test]
    fn every_key_is_bound_once_and_stands_in_the_help() {
        let mut seen = HashSet::new();
        let help = Keymap::default().help_lines();
        assert_eq!(help.len(), ROWS.iter().filter(|row| !row.keys.is_empty()).count());
        assert!(ROWS.iter().all(|row| row.keys.len() < KEYS_CELLS));
        for chord in binds().flat_map(|bind| bind.chords) {
            assert!(seen.insert(*chord), "bound twice: {chord}");
        }
    }

    #[test]
    fn every_action_has_one_name_in_kebab_case() {
        let mut names = HashSet::new();
        let is_kebab = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        for bind in binds() {
            assert!(names.insert(bind.name) && is_kebab(bind.name), "{}", bind.name);
            assert_eq!(action_named(bind.name), Ok(bind.action));
            assert!(!bind.help.is_empty(), "{}", bind.name);
        }
        let has_name = |action: Action| binds().any(|bind| bind.action == action);
        assert!(GOALS.into_iter().all(|(_, action)| has_name(action)));
    }

    #[test]
    fn every_key_after_esc_or_ctrl_x_is_in_its_hint_row_and_no_other() {
        for row in ROWS {
            let mut chords = row.binds.iter().flat_map(|bind| bind.chords);
            let follows = |prefix| chords.clone().any(|chord| chord.is_after(prefix));
            let (esc, ctrl_x) = (follows(Prefix::Esc), follows(Prefix::CtrlX));
            assert_eq!(esc || ctrl_x, row.hint.is_some(), "{}", row.keys);
            assert!(!(esc && ctrl_x), "one hint, two rows");
            assert!(chords.next().is_some() || row.keys.is_empty());
        }
        assert_eq!(hints(&Keymap::default(), Prefix::CtrlX), ["Ctrl+U undo", "Ctrl+E editor"]);
    }

    #[test]
    fn a_bound_key_does_what_it_is_told_and_the_help_says_so() {
        let keymap = with(&[("Ctrl+T", Some("next-room")), ("Alt+A", None)]);
        let ctrl_t = Key { code: KeyCode::Char('t'), ctrl: true, alt: false, shift: false };
        assert_eq!(keymap.action(ctrl_t), Some(Action::Room(ToRoom::Next)));
        let alt_a = Key { code: KeyCode::Char('A'), ctrl: false, alt: true, shift: false };
        assert_eq!(keymap.action(alt_a), None);
        let help = keymap.help_lines();
        assert_eq!(line(&help, " next room"), ["Ctrl+N, Ctrl+T              next room"]);
        assert_eq!(line(&help, "previous room"), ["Ctrl+P                      previous room"]);
        let transpose = "no key                      exchange two characters";
        assert_eq!(line(&help, "exchange two characters"), [transpose]);
        assert!(!hints(&keymap, Prefix::Esc).contains(&"a unread".to_owned()));
        let goals: Vec<String> = keymap.goals().map(|(words, _)| words).collect();
        assert!(goals.contains(&"next unread".to_owned()), "{goals:?}");
        assert!(goals.contains(&"unread line, then first message (Home)".to_owned()));
    }

    #[test]
    fn hints_name_what_was_bound_to_a_second_key() {
        let keymap = with(&[("Alt+T", Some("next-room")), ("Ctrl+X b", Some("quit"))]);
        assert!(hints(&keymap, Prefix::Esc).contains(&"t next-room".to_owned()));
        let after = ["b quit", "Ctrl+U undo", "Ctrl+E editor"];
        assert_eq!(hints(&keymap, Prefix::CtrlX), after);
        assert_eq!(line(&keymap.help_lines(), "leave the hub").len(), 1);
    }

    #[test]
    fn binding_a_key_as_it_was_changes_nothing() {
        let keymap = with(&[("Ctrl+N", Some("next-room")), ("Ctrl+B", Some("left"))]);
        assert_eq!(keymap.help_lines(), Keymap::default().help_lines());
    }

    #[test]
    fn an_unknown_action_is_told_with_the_nearest_one() {
        let unknown = |name| action_named(name).unwrap_err();
        assert_eq!(unknown("quit-all"), "no action quit-all; did you mean quit?");
        assert_eq!(unknown("next_room"), "no action next_room; did you mean next-room?");
        assert_eq!(unknown("fly"), "no action fly; hubbub --print-config lists them");
    }
}
