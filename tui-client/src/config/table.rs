//! The one table of settings: reading them, `/help settings` and the example are made from it.

use std::fmt::Write as _;

use protocol::{RoomName, UserName};

use super::{
    Config,
    value::{self, Refused, Value},
};
use crate::{
    connection::address::Address,
    keymap::{self, Chord, KEYS_CELLS},
    preferences::{Background, ReadWhen},
};

/// A setting.
pub(super) struct Setting {
    /// What it is called.
    pub(super) name: &'static str,
    /// What it takes, for the sentence about what it does not.
    pub(super) takes: &'static str,
    /// What it is for.
    help: &'static str,
    written: Written,
    pub(super) read: Read,
}

/// How a setting is written.
enum Written {
    /// By default.
    Default(&'static str),
    /// For example; by default there is none.
    Example(&'static str),
}

/// Takes a value over, as far as it is right.
type Read = fn(&mut Config, &Value<'_>) -> Result<(), Refused>;

/// In the order of the help.
pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        name: "name",
        takes: "a name in quotes, like \"Ana\"",
        help: "your name [the one you had, else your login name]",
        written: Written::Example("\"Ana\""),
        read: name,
    },
    Setting {
        name: "host",
        takes: "an address in quotes, like \"192.168.1.20\"",
        help: "the hub's machine [localhost]",
        written: Written::Example("\"192.168.1.20\""),
        read: host,
    },
    Setting {
        name: "port",
        takes: "a number from 1 to 65535",
        help: "the hub's port",
        written: Written::Default("8080"),
        read: port,
    },
    Setting {
        name: "rooms",
        takes: "a list of rooms, like [\"lobby\", \"games\"]",
        help: "rooms to be in, beside those where you were",
        written: Written::Default("[]"),
        read: rooms,
    },
    Setting {
        name: "read_when",
        takes: "\"newest\", \"shown\" or \"written\"",
        help: "when a room counts as read: its \"newest\" is seen, it is \"shown\", or you have \
               \"written\" there",
        written: Written::Default("\"newest\""),
        read: read_when,
    },
    Setting {
        name: "typing",
        takes: "true or false",
        help: "tell and show who is writing",
        written: Written::Default("true"),
        read: typing,
    },
    Setting {
        name: "keywords",
        takes: "a list of words, like [\"release\", \"lunch\"]",
        help: "words that count as your name does",
        written: Written::Default("[]"),
        read: keywords,
    },
    Setting {
        name: "do_not_disturb",
        takes: "true or false",
        help: "nothing rings or pops up; unread is counted",
        written: Written::Default("false"),
        read: do_not_disturb,
    },
    Setting {
        name: "mouse",
        takes: "true or false",
        help: "the wheel scrolls, a click opens",
        written: Written::Default("true"),
        read: mouse,
    },
    Setting {
        name: "background",
        takes: "\"ask\", \"dark\" or \"light\"",
        help: "background: \"ask\" the terminal, \"dark\" or \"light\"",
        written: Written::Default("\"ask\""),
        read: background,
    },
];

fn name(config: &mut Config, value: &Value<'_>) -> Result<(), Refused> {
    let name = UserName::parse(value::text(value)?);
    config.name = Some(name.map_err(|refusal| Refused::Because(refusal.text))?);
    Ok(())
}

fn host(config: &mut Config, value: &Value<'_>) -> Result<(), Refused> {
    let text = value::text(value)?;
    Address::parse(text, None).map_err(|error| Refused::Because(error.to_string()))?;
    config.host = Some(text.to_owned());
    Ok(())
}

fn port(config: &mut Config, value: &Value<'_>) -> Result<(), Refused> {
    config.port = Some(value::port(value)?);
    Ok(())
}

fn rooms(config: &mut Config, value: &Value<'_>) -> Result<(), Refused> {
    let room = |text: &str| RoomName::parse(text).map_err(|refusal| Refused::Because(refusal.text));
    let (rooms, outcome) = value::list(value, room);
    config.rooms = rooms;
    outcome
}

fn read_when(config: &mut Config, value: &Value<'_>) -> Result<(), Refused> {
    let words =
        [("newest", ReadWhen::Newest), ("shown", ReadWhen::Shown), ("written", ReadWhen::Written)];
    config.preferences.read_when = value::one_of(value, &words)?;
    Ok(())
}

fn typing(config: &mut Config, value: &Value<'_>) -> Result<(), Refused> {
    config.preferences.typing = value::yes_or_no(value)?;
    Ok(())
}

fn keywords(config: &mut Config, value: &Value<'_>) -> Result<(), Refused> {
    let word = |text: &str| match text.trim() {
        "" => Err(Refused::Because("a keyword has letters".into())),
        word => Ok(word.to_owned()),
    };
    let (keywords, outcome) = value::list(value, word);
    config.preferences.keywords = keywords;
    outcome
}

fn do_not_disturb(config: &mut Config, value: &Value<'_>) -> Result<(), Refused> {
    config.preferences.do_not_disturb = value::yes_or_no(value)?;
    Ok(())
}

fn mouse(config: &mut Config, value: &Value<'_>) -> Result<(), Refused> {
    config.preferences.mouse = value::yes_or_no(value)?;
    Ok(())
}

fn background(config: &mut Config, value: &Value<'_>) -> Result<(), Refused> {
    let words =
        [("ask", Background::Asked), ("dark", Background::Dark), ("light", Background::Light)];
    config.preferences.background = value::one_of(value, &words)?;
    Ok(())
}

/// The settings with what they are by default, line by line, for `/help settings`.
pub(crate) fn help_lines() -> Vec<String> {
    let line = |setting: &Setting| {
        let written = match setting.written {
            Written::Default(default) => format!("{} = {default}", setting.name),
            Written::Example(_) => setting.name.to_owned(),
        };
        format!("{written:<KEYS_CELLS$}{}", setting.help)
    };
    let keys = format!(
        "{:<KEYS_CELLS$}[keys]: a key and what it does, or \"none\"",
        "\"Ctrl+N\" = \"next-room\""
    );
    let file = "They are in ~/.config/hubbub/client.toml, and read again when that changes. \
                hubbub --print-config writes a first one, with every action; \
                hubbub --check-config finds what is wrong in it.";
    SETTINGS.iter().map(line).chain([keys, String::new(), file.to_owned()]).collect()
}

/// A settings file in which everything is as by default, for the user to change.
pub fn example() -> String {
    let mut text = String::from(
        "# The settings of hubbub, as they are by default. This belongs into\n\
         # ~/.config/hubbub/client.toml. Take the # off what you change; a running hubbub reads\n\
         # the file again when it is saved.\n",
    );
    for setting in SETTINGS {
        let Setting { name, help, written, .. } = setting;
        let (Written::Default(value) | Written::Example(value)) = written;
        let _ = write!(text, "\n# {help}\n#{name} = {value}\n"); // A String takes everything.
    }
    text.push_str(
        "\n[keys]\n# A key as in /help keys, and what it does; \"none\" takes it away. \
         Enter, Esc, Ctrl+C\n# and Ctrl+X stay as they are.\n",
    );
    example_keys(&mut text);
    text
}

fn example_keys(text: &mut String) {
    for (name, help, keys) in keymap::actions() {
        let fixed: Vec<&String> = keys.iter().filter(|key| Chord::parse(key).is_err()).collect();
        let remark = match (keys.first(), fixed.first()) {
            (_, Some(key)) => format!(" ({key}, always)"),
            (None, _) => " (no key)".to_owned(),
            (Some(_), None) => String::new(),
        };
        let _ = write!(text, "\n# {name}: {help}{remark}\n");
        for key in keys.iter().filter(|key| !fixed.contains(key)) {
            let _ = writeln!(text, "#\"{key}\" = \"{name}\"");
        }
    }
}
