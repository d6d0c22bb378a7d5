//! The command lines of `hubbub send` and `hubbub tail`.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use protocol::{RoomName, UserName};

use super::{Connect, SettingsFile, room_name, user_name};

const SEND_EXAMPLES: &str = "\
Examples:
  hubbub send the build is green      one message, in the lobby
  hubbub send --room games -- -5!     one that begins with a dash, in another room
  git log -3 --oneline | hubbub send  each line of the input is a message
  make 2>&1 | hubbub send -H ana.example --room builds -n builder
  hubbub send --to Bob it is done     for Bob alone";

const SEND_NOTES: &str = "\
Lines go out in order, at the pace that the hub allows, and each is stored once,
even if the hub is restarted meanwhile. Empty lines are left out. There are no
commands here: /help is sent as it is. Without -n it is you who speaks, by the
name you used last on that hub, also while you are there on a screen.

Exit codes:
  0  the hub has stored every message
  1  a message was refused; stderr says which, and why; the rest went on
  2  the command line is not understood
  3  no hub there: nothing listens, no answer, something else answers, or its
     certificate is not to be believed
  4  the hub was lost, or stored nothing for --timeout seconds; stderr says from
     which line on
  5  the hub does not let one in: the password, the name, or one has to say in
     `hubbub` first that this is the hub one knows
  128 + N  ended by signal N";

const TAIL_EXAMPLES: &str = "\
Examples:
  hubbub tail                         the last 50 messages of the lobby
  hubbub tail -N 5 --room games       the last 5 of another room
  hubbub tail --since 1               all that is kept
  hubbub tail -f                      the last 50, and what comes
  hubbub tail -f -N 0 --until done    wait for a message with done in it
  hubbub tail -f --json | jq -r .text";

const TAIL_NOTES: &str = "\
A message is a line, ROOM NUMBER DATE TIME NAME: TEXT, in local time; a line
break in TEXT is shown as ↵. Lines that are no plain message differ behind TIME:
  * NAME TEXT                     an action
  NAME answering NUMBER: TEXT     an answer
  == announcement by NAME: TEXT   an announcement, to this room or to everybody
  -- NAME …                       a new topic; with -f, also a changed message
With --json each line is an object as the hub sends it, of type event or gap.
What hubbub itself has to say is on stderr. Without -f nobody in the room is
told that somebody looks.

Exit codes:
  0  all was printed, --until was there, or nobody reads the output any more
  1  it did not work, or the end came before --until; stderr says why
  2  the command line is not understood
  3  no hub there: nothing listens, no answer, something else answers, or its
     certificate is not to be believed
  4  the hub was lost for longer than --timeout
  5  the hub does not let one in: the password, the name, or one has to say in
     `hubbub` first that this is the hub one knows
  128 + N  ended by signal N; -f ends so by Ctrl+C (130)";

/// How long a script waits for a hub that does not move, unless it says otherwise.
const TIMEOUT: u64 = 30;
/// How many messages `tail` shows, unless told otherwise.
const LINES: u64 = 50;

/// What is to be sent, where and as whom.
#[derive(Clone, Debug, Args)]
#[command(before_help = SEND_EXAMPLES, after_help = SEND_NOTES)]
pub struct Send {
    /// How to get there.
    #[command(flatten)]
    pub reach: Reach,
    /// The room to say it in [default: lobby]; can be given again: each gets everything
    #[arg(
        long = "room",
        hide_env_values = true,
        env = "HUBBUB_ROOM",
        value_name = "ROOM",
        value_delimiter = ','
    )]
    #[arg(value_parser = room_name)]
    pub rooms: Vec<RoomName>,
    /// For this person alone, and in no room
    #[arg(long, value_name = "NAME", value_parser = user_name)]
    pub to: Option<UserName>,
    /// Give up after so many seconds in which the hub stored nothing; 0: never
    #[arg(long, value_name = "SECONDS", default_value_t = TIMEOUT)]
    pub timeout: u64,
    /// One message; without it, or with -, the lines of the input are one each
    #[arg(value_name = "TEXT")]
    pub text: Vec<String>,
}

/// What is to be shown.
#[derive(Clone, Debug, Args)]
#[command(before_help = TAIL_EXAMPLES, after_help = TAIL_NOTES)]
pub struct Tail {
    /// HOST, HOST:PORT, [IPV6]:PORT or a URL: ws://, or wss:// for TLS
    #[arg(value_name = "ADDRESS")]
    pub address: Option<String>,
    /// How to get there.
    #[command(flatten)]
    pub reach: Reach,
    /// The room [default: lobby]
    #[arg(
        long,
        hide_env_values = true,
        env = "HUBBUB_ROOM",
        value_name = "ROOM",
        value_parser = one_room
    )]
    pub room: Option<RoomName>,
    /// How many of the last messages
    #[arg(short = 'N', long, value_name = "COUNT", default_value_t = LINES)]
    pub lines: u64,
    /// From this number on instead; 1 is the first of all
    #[arg(long, value_name = "NUMBER", conflicts_with = "lines")]
    pub since: Option<u64>,
    /// Stay, and print what comes; this joins the room
    #[arg(short, long)]
    pub follow: bool,
    /// A JSON object a line, as the hub sends it
    #[arg(long)]
    pub json: bool,
    /// End with the first message that contains this
    #[arg(long, value_name = "TEXT")]
    pub until: Option<String>,
    /// Give up after so many seconds without the hub; 0: never
    /// [default: 30; 0 with -f, unless there is --until]
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<u64>,
}

/// How a script gets to a hub.
#[derive(Clone, Debug, Args)]
pub struct Reach {
    /// The hub: HOST, HOST:PORT, [IPV6]:PORT or a URL [default: localhost]
    #[arg(short = 'H', long, hide_env_values = true, env = "HUBBUB_HOST", value_name = "HOST")]
    pub host: Option<String>,
    /// The hub's port, where HOST has none [default: 8080]
    #[arg(short, long, hide_env_values = true, env = "HUBBUB_PORT", value_name = "PORT")]
    pub port: Option<u16>,
    /// The name to have there [default: the one you used last, else your login name]
    #[arg(short, long, hide_env_values = true, env = "HUBBUB_NAME", value_parser = script_name)]
    pub name: Option<UserName>,
    /// A file with the password, where the hub asks for one
    #[arg(long, hide_env_values = true, env = "HUBBUB_PASSWORD_FILE", value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// A file with certificates to trust, too: for a hub with its own at wss://
    #[arg(long, hide_env_values = true, env = "HUBBUB_TLS_CA", value_name = "FILE")]
    pub tls_ca: Option<PathBuf>,
    /// Which settings file.
    #[command(flatten)]
    pub settings: SettingsFile,
}

impl Reach {
    /// The same as a screen would be told.
    fn connect(&self, address: Option<String>) -> Connect {
        let Self { host, port, name, password_file, tls_ca, settings } = self.clone();
        let (rooms, plain) = (Vec::new(), true);
        Connect { address, host, port, name, rooms, plain, password_file, tls_ca, settings }
    }
}

impl Send {
    /// Where to connect, and as whom.
    pub fn connect(&self) -> Connect {
        self.reach.connect(None)
    }

    /// The message of the command line; without one it is the input's lines.
    pub fn message(&self) -> Option<String> {
        (!self.text.is_empty() && self.text != ["-"]).then(|| self.text.join(" "))
    }

    /// How long the hub may store nothing.
    pub fn timeout(&self) -> Option<Duration> {
        patience(self.timeout)
    }
}

impl Tail {
    /// Where to connect, and as whom.
    pub fn connect(&self) -> Connect {
        self.reach.connect(self.address.clone())
    }

    /// How long the hub may be away. Who only follows waits for it as long as it takes.
    pub fn timeout(&self) -> Option<Duration> {
        let waits = self.follow && self.until.is_none();
        patience(self.timeout.unwrap_or(if waits { 0 } else { TIMEOUT }))
    }
}

fn patience(seconds: u64) -> Option<Duration> {
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

/// A variable that names several rooms is for who sends to all of them.
fn one_room(text: &str) -> Result<RoomName, String> {
    if text.contains(',') {
        return Err("tail prints one room; name it with --room ROOM".to_owned());
    }
    room_name(text)
}

/// `-n 20` is what other programs call the last 20 lines.
fn script_name(text: &str) -> Result<UserName, String> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("-n is the name to have; for the last lines of tail: -N COUNT".to_owned());
    }
    user_name(text)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::{
        super::{Cli, Command},
        *,
    };

    fn send(words: &[&str]) -> Send {
        match Cli::try_parse_from([&["hubbub", "send"], words].concat()).unwrap().command {
            Some(Command::Send(send)) => send,
            other => panic!("{other:?}"),
        }
    }

    fn tail(words: &[&str]) -> Tail {
        match Cli::try_parse_from([&["hubbub", "tail"], words].concat()).unwrap().command {
            Some(Command::Tail(tail)) => tail,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn words_are_one_message_and_no_words_are_the_input() {
        assert_eq!(send(&["a", "b"]).message().as_deref(), Some("a b"));
        assert_eq!(send(&["a", "--room", "games", "b"]).message().as_deref(), Some("a b"));
        assert_eq!(send(&["--", "-5", "--room"]).message().as_deref(), Some("-5 --room"));
        assert_eq!(send(&["-"]).message(), None);
        assert_eq!(send(&[]).message(), None);
        assert_eq!(send(&["", ""]).message().as_deref(), Some(" "));
    }

    #[test]
    fn the_hub_is_named_as_for_a_screen() {
        let address = |connect: Connect| connect.address().unwrap().to_string();
        assert_eq!(address(send(&["-H", "ana:9", "hi"]).connect()), "ana:9");
        assert_eq!(address(send(&["-p", "9", "hi"]).connect()), "localhost:9");
        assert_eq!(address(tail(&["ana:9"]).connect()), "ana:9");
        assert_eq!(address(tail(&["-H", "ana"]).connect()), "ana:8080");
    }

    #[test]
    fn who_follows_waits_and_who_waits_for_a_text_does_so_for_a_while() {
        let seconds = |words: &[&str]| tail(words).timeout().map(|timeout| timeout.as_secs());
        assert_eq!(seconds(&[]), Some(30));
        assert_eq!(seconds(&["-f"]), None);
        assert_eq!(seconds(&["-f", "--until", "done"]), Some(30));
        assert_eq!(seconds(&["-f", "--timeout", "5"]), Some(5));
        assert_eq!(seconds(&["--timeout", "0"]), None);
    }

    #[test]
    fn a_number_is_no_name() {
        let error = Cli::try_parse_from(["hubbub", "tail", "-n", "20"]).unwrap_err();
        assert!(error.to_string().contains("-N COUNT"), "{error}");
    }
}
