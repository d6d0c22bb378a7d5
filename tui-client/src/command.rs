//! The slash commands: ONE table, from which dispatch, help and completion are made. PURE.

use std::fmt::Write as _;

use protocol::server::Role;

use crate::{
    config,
    effect::Effect,
    event::Now,
    fuzzy,
    keymap::{KEYS_CELLS, Keymap},
    state::State,
};

mod announcing;
mod client;
mod message;
mod noticing;
mod person;
mod room;

pub(crate) use announcing::TO_ALL;
pub(crate) use client::{show_invite, topics, try_quit};
pub(crate) use room::enter;

/// A command.
pub(crate) struct Command {
    /// What one types after the slash.
    pub(crate) name: &'static str,
    /// Other words for it.
    aliases: &'static [&'static str],
    /// What follows it, for the help.
    arguments: &'static str,
    /// What it does, on one line.
    help: &'static str,
    /// What Tab offers for its first argument.
    pub(crate) completes: Completes,
    /// Who may use it.
    role: Role,
    run: Run,
}

/// Carries a command out with what was typed after its name; or says in one sentence why not,
/// and then the typed line stays.
type Run = fn(&mut State, &str, Now) -> Result<Vec<Effect>, String>;

/// What Tab offers for an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completes {
    Nothing,
    Rooms,
    People,
    Ignored,
    /// What tells everyone, or a name that the text begins with.
    ToAll,
    Topics,
}

/// The table, in the order of the help.
const COMMANDS: &[Command] = &[
    Command {
        arguments: "NAME",
        help: "take another name",
        aliases: &["nick"],
        ..command("name", person::name)
    },
    Command {
        arguments: "[ROOM]",
        help: "go into a room, making it if need be; alone: list the rooms",
        completes: Completes::Rooms,
        ..command("join", room::join)
    },
    Command {
        arguments: "[ROOM]",
        help: "look into a room and mark nothing read; alone: the next unread one, or back",
        completes: Completes::Rooms,
        ..command("peek", noticing::peek)
    },
    Command { help: "list the rooms", ..command("rooms", room::rooms) },
    Command { help: "leave this room", ..command("leave", room::leave) },
    Command {
        arguments: "NAME [TEXT]",
        help: "tell one person something and stay here; without TEXT: open the private room",
        completes: Completes::People,
        ..command("msg", person::msg)
    },
    Command {
        arguments: "TEXT",
        help: "say what you do: /me waves",
        completes: Completes::People,
        ..command("me", room::me)
    },
    Command {
        arguments: "[SEQ|NAME] [TEXT]",
        help: "answer someone's last message, or the one with that number",
        completes: Completes::People,
        ..command("reply", message::reply)
    },
    Command {
        arguments: "[SEQ] [TEXT]",
        help: "change your last message, or the one with that number",
        ..command("edit", message::edit)
    },
    Command {
        arguments: "[SEQ]",
        help: "delete your last message, or the one with that number",
        ..command("delete", message::delete)
    },
    Command { help: "list the people in this room", ..command("who", person::who) },
    Command {
        arguments: "NAME",
        help: "whether someone is here, and when they last were",
        completes: Completes::People,
        ..command("whois", person::whois)
    },
    Command {
        arguments: "[TEXT]",
        help: "say what this room is about; alone: show it; - clears it",
        ..command("topic", room::topic)
    },
    Command {
        arguments: "[TEXT]",
        help: "say that you are away; alone: that you are back",
        ..command("away", person::away)
    },
    Command {
        arguments: "[--all] TEXT",
        help: "tell this room, or everyone everywhere, so that nobody misses it (operators)",
        completes: Completes::ToAll,
        ..command("announce", announcing::announce)
    },
    Command {
        arguments: "[NAME]",
        help: "see nothing of someone but announcements; alone: list whom you ignore",
        completes: Completes::People,
        ..command("ignore", noticing::ignore)
    },
    Command {
        arguments: "NAME",
        help: "see and hear someone again whom you ignore",
        completes: Completes::Ignored,
        ..command("unignore", noticing::unignore)
    },
    Command {
        arguments: "[on|off]",
        help: "do not disturb: nothing rings, what is new is counted and shown; alone: switch",
        aliases: &["quiet"],
        ..command("dnd", noticing::dnd)
    },
    Command { help: "show how others join", ..command("invite", client::invite) },
    Command {
        help: "send the failed messages of this room again",
        ..command("retry", room::retry)
    },
    Command {
        help: "give up the failed messages of this room",
        ..command("discard", room::discard)
    },
    Command {
        arguments: "[on|off]",
        help: "whether the mouse clicks and scrolls here; off leaves it to your terminal",
        ..command("mouse", client::mouse)
    },
    Command {
        help: "show only what was said, to select and copy with the mouse",
        ..command("bare", client::bare)
    },
    Command { help: "connect again, now", ..command("reconnect", client::reconnect) },
    Command {
        arguments: "[TOPIC]",
        help: "show this; TOPIC is a command, keys or settings",
        completes: Completes::Topics,
        ..command("help", client::help)
    },
    Command { help: "leave the hub", aliases: &["exit"], ..command("quit", client::quit) },
];

/// A command of this name that everyone may use, without arguments.
const fn command(name: &'static str, run: Run) -> Command {
    Command {
        name,
        aliases: &[],
        arguments: "",
        help: "",
        completes: Completes::Nothing,
        role: Role::Member,
        run,
    }
}

impl Command {
    /// Whether it needs something typed after its name.
    pub(crate) fn needs_argument(&self) -> bool {
        !self.arguments.is_empty() && !self.arguments.starts_with('[')
    }

    /// `/msg NAME [TEXT]`, under one of its names.
    pub(crate) fn usage(&self, name: &str) -> String {
        format!("/{name} {}", self.arguments).trim_end().to_owned()
    }

    /// What it does.
    pub(crate) fn help(&self) -> &'static str {
        self.help
    }

    /// `/msg NAME [TEXT]` and what it does.
    pub(crate) fn help_line(&self) -> String {
        let aliases = self.aliases.iter().fold(String::new(), |mut text, alias| {
            let _ = write!(text, " (/{alias})"); // Writing to a String cannot fail.
            text
        });
        let usage = format!("/{}{aliases} {}", self.name, self.arguments);
        format!("{:<KEYS_CELLS$}{}", usage.trim_end(), self.help)
    }

    fn is_called(&self, word: &str) -> bool {
        self.name == word || self.aliases.contains(&word)
    }
}

/// Carries out a line that begins with one slash.
pub(crate) fn run(state: &mut State, line: &str, now: Now) -> Result<Vec<Effect>, String> {
    let typed = line.trim_start_matches('/');
    let (word, rest) = typed.split_once(char::is_whitespace).unwrap_or((typed, ""));
    let found = find(word).ok_or_else(|| unknown(word))?;
    (found.run)(state, rest.trim(), now)
}

/// The command of this name or alias.
pub(crate) fn find(word: &str) -> Option<&'static Command> {
    let word = word.to_lowercase();
    COMMANDS.iter().find(|command| command.is_called(&word))
}

/// The commands that one with this role may use.
pub(crate) fn all(role: Role) -> impl Iterator<Item = &'static Command> {
    let may = move |command: &&Command| command.role == Role::Member || role == Role::Operator;
    COMMANDS.iter().filter(may)
}

/// Every name and alias.
pub(crate) fn names(role: Role) -> impl Iterator<Item = &'static str> {
    named(role).map(|(name, _)| name)
}

/// Every command under each of its names and aliases, the names first.
pub(crate) fn named(role: Role) -> impl Iterator<Item = (&'static str, &'static Command)> {
    let names = all(role).map(|command| (command.name, command));
    let under_alias =
        |command: &'static Command| command.aliases.iter().map(move |alias| (*alias, command));
    names.chain(all(role).flat_map(under_alias))
}

/// The help, line by line: all of it, that of the keys or settings, or that of one command. Where
/// there is no screen there are no keys.
pub(crate) fn help(
    topic: &str,
    role: Role,
    keymap: &Keymap,
    has_screen: bool,
) -> Option<Vec<String>> {
    let topic = topic.trim_start_matches('/');
    match topic {
        "" if has_screen => {
            Some([commands_help(role), vec![String::new()], keymap.help_lines()].concat())
        }
        "" => Some([commands_help(role), line_help()].concat()),
        "keys" if has_screen => Some(keymap.help_lines()),
        "settings" => Some(config::help_lines()),
        word => find(word).map(|command| vec![command.help_line()]),
    }
}

fn commands_help(role: Role) -> Vec<String> {
    let mut lines: Vec<String> = all(role).map(Command::help_line).collect();
    lines.push(format!("{:<KEYS_CELLS$}send a text that begins with a slash", "//TEXT"));
    lines
}

/// What the lines are, where there is no screen.
fn line_help() -> Vec<String> {
    [
        "",
        "A message is a line: ROOM NUMBER TIME NAME: TEXT, with the day before the time where it \
         is another one.",
        "The number is what /reply, /edit and /delete take in that room. What answers another \
         message has \"answering NUMBER\" after the name.",
        "Lines of the program itself begin with hubbub:",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn unknown(word: &str) -> String {
    if word.is_empty() {
        return "/ begins a command; /help lists them, // sends it as text".into();
    }
    match fuzzy::nearest(word, names(Role::Operator)) {
        Some(near) => format!("no command /{word}; did you mean /{near}? // sends it as text"),
        None => format!("no command /{word}; /help lists them, // sends it as text"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_and_aliases_are_there_once_and_each_command_has_its_help() {
        let mut seen = HashSet::new();
        let keymap = Keymap::default();
        let help = help("", Role::Operator, &keymap, true).unwrap().join("\n");
        for name in names(Role::Operator) {
            assert!(seen.insert(name), "twice: {name}");
            assert!(help.contains(&format!("/{name}")), "not in the help: {name}");
        }
        assert!(COMMANDS.iter().all(|command| !command.help.is_empty()));
        for line in keymap.help_lines() {
            assert!(help.contains(&line), "not in the help: {line}");
        }
    }

    #[test]
    fn an_unknown_command_is_told_with_the_nearest_one() {
        assert_eq!(unknown("jion"), "no command /jion; did you mean /join? // sends it as text");
        assert_eq!(
            unknown("etc/passwd"),
            "no command /etc/passwd; /help lists them, // sends it as text"
        );
    }

    #[test]
    fn help_has_topics() {
        let keymap = Keymap::default();
        let help = |topic| help(topic, Role::Member, &keymap, true);
        assert!(help("msg").unwrap()[0].starts_with("/msg NAME"));
        assert!(help("/nick").unwrap()[0].starts_with("/name (/nick)"));
        assert_eq!(help("keys").unwrap(), keymap.help_lines());
        assert_eq!(help("nothing"), None);
    }
}
