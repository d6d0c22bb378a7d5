//! The command line, read into what is meant.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, error::ContextKind};
use protocol::{DEFAULT_PORT, RoomName, UserName};

use crate::{
    config::Config,
    connection::address::{Address, AddressError, LOCALHOST},
};

mod scripts;

pub use scripts::{Reach, Send, Tail};

const EXAMPLES: &str = "\
Examples:
  hubbub host                start a hub on this machine and join it
  hubbub                     join it, from a second terminal
  hubbub host --lan          a hub for everybody on this network
  hubbub 192.168.1.20        join one there
  hubbub wss://ana.example   join one over TLS
  hubbub -n Ana --room games be Ana, and be in the room games too
  hubbub --plain             line by line, without a screen
  hubbub send hello          say hello in the lobby, from a script
  hubbub tail -f             print what is said there, line by line";

const EXIT_CODES: &str = "\
Without a screen a message is a line, ROOM NUMBER TIME NAME: TEXT; the number
is for /reply, /edit and /delete. Lines of hubbub itself begin with hubbub:

Every option can be set by its environment variable too, and much in the settings file; the
option wins, then the variable.

Exit codes:
  0  left as asked
  1  it did not work; one sentence on stderr says why (or --check-config found faults)
  2  the command line is not understood
  3  no hub there: nothing listens, no answer, something else answers, or its
     certificate is not to be believed
  4  send and tail: the hub was lost; 5: it does not let one in (see their --help)
  128 + N  ended by signal N, the terminal put back";

/// Full-screen group chat in the terminal, on a hub that you run yourself.
#[derive(Debug, Parser)]
#[command(name = "hubbub", version, before_help = EXAMPLES, after_help = EXIT_CODES)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do; without a word: connect.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How to connect.
    #[command(flatten)]
    pub connect: Connect,
    /// Say what is wrong in the settings file, line by line, and end
    #[arg(long, conflicts_with = "print_config")]
    pub check_config: bool,
    /// Print a settings file to begin with, and end
    #[arg(long)]
    pub print_config: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start a hub and join it
    Host(Host),
    /// Join a hub (the word can be left out)
    Connect(Connect),
    /// Send messages from a script
    Send(Send),
    /// Print what was said in a room, for scripts
    Tail(Tail),
    /// The hub itself, as `host` starts it
    #[command(hide = true)]
    Serve(Serve),
}

/// Where to join, and as whom.
#[derive(Clone, Debug, Args)]
pub struct Connect {
    /// HOST, HOST:PORT, [IPV6]:PORT or a URL: ws://, or wss:// for TLS
    #[arg(value_name = "ADDRESS")]
    pub address: Option<String>,
    /// The hub's machine, where no ADDRESS is given [default: localhost]
    #[arg(short = 'H', long, hide_env_values = true, env = "HUBBUB_HOST", value_name = "HOST")]
    pub host: Option<String>,
    /// The hub's port, where ADDRESS has none [default: 8080]
    #[arg(short, long, hide_env_values = true, env = "HUBBUB_PORT", value_name = "PORT")]
    pub port: Option<u16>,
    /// Your name there [default: the one you had, else your login name]
    #[arg(short, long, hide_env_values = true, env = "HUBBUB_NAME", value_parser = user_name)]
    pub name: Option<UserName>,
    /// A room to be in; can be given again
    #[arg(
        long = "room",
        hide_env_values = true,
        env = "HUBBUB_ROOM",
        value_name = "ROOM",
        value_delimiter = ','
    )]
    #[arg(value_parser = room_name)]
    pub rooms: Vec<RoomName>,
    /// Line by line, without a screen: for pipes, screen readers and plain terminals
    #[arg(long, hide_env_values = true, env = "HUBBUB_PLAIN")]
    pub plain: bool,
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

/// Which settings file.
#[derive(Clone, Debug, Default, Args)]
pub struct SettingsFile {
    /// The settings file [default: $XDG_CONFIG_HOME/hubbub/client.toml]
    #[arg(long, hide_env_values = true, env = "HUBBUB_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// How to start a hub, and as whom to join it.
#[derive(Clone, Debug, Args)]
pub struct Host {
    /// Your name there [default: the one you had, else your login name]
    #[arg(short, long, hide_env_values = true, env = "HUBBUB_NAME", value_parser = user_name)]
    pub name: Option<UserName>,
    /// The port to listen on [default: 8080]
    #[arg(short, long, hide_env_values = true, env = "HUBBUB_PORT", value_name = "PORT")]
    pub port: Option<u16>,
    /// Let everybody on this network join, not only this machine
    #[arg(long)]
    pub lan: bool,
    /// Listen on this address only
    #[arg(short = 'H', long, value_name = "ADDR", conflicts_with = "lan")]
    pub host: Option<String>,
    /// Without the page at http://ADDRESS:PORT/, where a browser joins
    #[arg(long)]
    pub no_web: bool,
    /// Where the hub keeps its messages [default: $XDG_DATA_HOME/hubbub/hub]
    #[arg(long, hide_env_values = true, env = "HUBBUB_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Line by line, without a screen; the hub ends with the input
    #[arg(long, hide_env_values = true, env = "HUBBUB_PLAIN")]
    pub plain: bool,
    /// Which settings file.
    #[command(flatten)]
    pub settings: SettingsFile,
}

/// What `host` tells the hub that it starts.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// The address to listen on, `localhost` or `*`.
    #[arg(long)]
    pub listen: String,
    /// The port.
    #[arg(long)]
    pub port: u16,
    /// Where messages are kept.
    #[arg(long)]
    pub data: PathBuf,
    /// What the hub is called.
    #[arg(long)]
    pub title: String,
    /// Without its page.
    #[arg(long)]
    pub no_web: bool,
}

impl Host {
    /// The port to listen on.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(DEFAULT_PORT)
    }

    /// With the settings where nothing was said. A port that goes with another machine is none to
    /// listen on.
    pub fn or(self, config: &Config) -> Self {
        let port = config.port.filter(|_| config.host.is_none());
        Self { name: self.name.or_else(|| config.name.clone()), port: self.port.or(port), ..self }
    }
}

impl Connect {
    /// With the settings where nothing was said. Their host and port are of one hub, which is
    /// another one than that of an ADDRESS.
    pub fn or(self, config: &Config) -> Self {
        let name = self.name.clone().or_else(|| config.name.clone());
        if !self.is_at_home() {
            return Self { name, ..self };
        }
        Self { name, host: config.host.clone(), port: self.port.or(config.port), ..self }
    }

    /// The hub that is meant, by ADDRESS before `--host`.
    pub fn address(&self) -> Result<Address, AddressError> {
        match (&self.address, &self.host) {
            (Some(text), _) | (None, Some(text)) => Address::parse(text, self.port),
            (None, None) => Address::new(LOCALHOST, self.port.unwrap_or(DEFAULT_PORT)),
        }
    }

    /// Whether the user named no machine.
    pub fn is_at_home(&self) -> bool {
        self.address.is_none() && self.host.is_none()
    }

    /// `did you mean: hubbub host?`, for an ADDRESS that was to be a command.
    pub fn misspelt_command(&self) -> Option<String> {
        let word = self.address.as_deref().filter(|word| !word.contains(['.', ':']))?;
        let mut commands = clap::Command::new("hubbub").subcommand_required(true);
        for name in ["host", "connect", "send", "tail"] {
            commands = commands.subcommand(clap::Command::new(name));
        }
        let error = commands.try_get_matches_from(["hubbub", word]).err()?;
        let suggested = error.get(ContextKind::SuggestedSubcommand)?.to_string();
        Some(format!("did you mean: hubbub {suggested}?"))
    }
}

/// What `host` turns into where its hub is there already, or a "yes" makes of `connect`.
impl From<&Connect> for Host {
    fn from(connect: &Connect) -> Self {
        Self {
            name: connect.name.clone(),
            port: connect.port,
            lan: false,
            host: None,
            no_web: false,
            data: None,
            settings: connect.settings.clone(),
            plain: connect.plain,
        }
    }
}

fn user_name(text: &str) -> Result<UserName, String> {
    UserName::parse(text).map_err(|refusal| refusal.text)
}

fn room_name(text: &str) -> Result<RoomName, String> {
    RoomName::parse(text).map_err(|refusal| refusal.text)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn connect(words: &[&str]) -> Connect {
        let cli = Cli::try_parse_from([&["hubbub"], words].concat()).unwrap();
        match cli.command {
            None => cli.connect,
            Some(Command::Connect(connect)) => connect,
            Some(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn without_words_it_is_localhost() {
        assert_eq!(connect(&[]).address().unwrap().to_string(), "localhost:8080");
        assert_eq!(connect(&["-p", "9000"]).address().unwrap().to_string(), "localhost:9000");
        assert!(connect(&["-p", "9000"]).is_at_home());
    }

    #[test]
    fn the_word_connect_can_be_left_out() {
        for words in [&["ana:9", "-n", "Bob"][..], &["connect", "-n", "Bob", "ana:9"]] {
            let connect = connect(words);
            assert_eq!(connect.address().unwrap().to_string(), "ana:9");
            assert_eq!(connect.name, Some(UserName::parse("Bob").unwrap()));
        }
    }

    #[test]
    fn the_settings_count_where_nothing_was_said() {
        let name = |name| UserName::parse(name).ok();
        let (host, port) = (Some("chat.example".to_owned()), Some(9000));
        let config = Config { name: name("Ana"), host, port, ..Config::default() };
        let said = |words: &[&str]| {
            let connect = connect(words).or(&config);
            (connect.name.clone(), connect.address().unwrap().to_string())
        };
        assert_eq!(said(&[]), (name("Ana"), "chat.example:9000".to_owned()));
        assert_eq!(said(&["-p", "9001", "-n", "Bob"]), (name("Bob"), "chat.example:9001".into()));
        assert_eq!(said(&["ana"]), (name("Ana"), "ana:8080".to_owned()));
        assert_eq!(said(&["-H", "ana"]), (name("Ana"), "ana:8080".to_owned()));
    }

    #[test]
    fn a_hub_is_started_at_the_port_of_the_settings_unless_that_is_of_another_machine() {
        let here = Config { port: Some(9000), ..Config::default() };
        let there = Config { host: Some("chat.example".to_owned()), ..here.clone() };
        let host = Host::from(&connect(&[]));
        assert_eq!(host.clone().or(&here).port(), 9000);
        assert_eq!(host.or(&there).port(), DEFAULT_PORT);
        assert_eq!(Host::from(&connect(&["-p", "9001"])).or(&here).port(), 9001);
    }

    #[test]
    fn a_misspelt_command_is_guessed() {
        let guess = |word| connect(&[word]).misspelt_command();
        assert_eq!(guess("hots"), Some("did you mean: hubbub host?".to_owned()));
        assert_eq!(guess("conect"), Some("did you mean: hubbub connect?".to_owned()));
        assert_eq!(guess("sned"), Some("did you mean: hubbub send?".to_owned()));
        assert_eq!(guess("tial"), Some("did you mean: hubbub tail?".to_owned()));
        assert_eq!(guess("ana"), None);
        assert_eq!(guess("hots.example"), None);
    }
}
