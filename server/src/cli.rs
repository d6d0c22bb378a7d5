//! What the program can be told on its command line.

mod operating;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, bail};
use clap::{Args, Parser, Subcommand};
use server::{
    Config, Storage,
    config::{self, Origin},
    ledger::Retention,
    tls::Tls,
};

pub(crate) use self::operating::{At, NewToken, Operator, RevokedToken, Token};

const EXAMPLES: &str = "\x1b[1mExamples:\x1b[0m
  hubbub-server                        a hub for this machine, on port 8080
  hubbub-server -H 0.0.0.0             for everyone on this network
  hubbub-server -p 0 --memory          on a free port, keeping nothing
  hubbub-server --data /srv/hubbub     with its log in that directory
  hubbub-server -H 0.0.0.0 --tls-cert chat.pem --tls-key chat.key
                                       for the Internet, at wss:// addresses
  hubbub-server backup monday.sqlite3  a copy of the log, while the hub goes on
  hubbub-server verify                 whether the log is sound; or: verify monday.sqlite3
  hubbub-server operator Ana           Ana may announce, in the hub that runs or will
  hubbub-server token new Builds       a token with which a program may post

Join it with:  hubbub HOST:PORT, or http://HOST:PORT/ in a browser";

const SIGNALS: &str = "\x1b[1mSignals:\x1b[0m
  TERM, INT  stop: everything in flight is stored and answered, clients are told that the hub
             is not back soon
  USR1       the same for a restart: clients come back, spread over 5 seconds
  A second one of these ends the hub at once, and so does one while it starts.
  For systemd: RestartKillSignal=SIGUSR1";

/// The headless hub of Hubbub, a group chat for the terminal.
#[derive(Debug, Parser)]
#[command(name = "hubbub-server", version, before_help = EXAMPLES, after_help = SIGNALS)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    /// What to do; a start without it.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// How to start, without a command.
    #[command(flatten)]
    pub(crate) start: Start,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a hub; the same as without a command.
    Start(Start),
    /// Copy the log to a new file; the hub may run meanwhile.
    ///
    /// To restore it, put the file as hub.sqlite3 into an empty directory and start a hub with
    /// --data DIRECTORY. It has the same hub id and a new epoch: clients are told that what came
    /// after the backup is not there.
    Backup(Backup),
    /// Look whether the log, or a backup, is sound; nothing is changed.
    ///
    /// Says in one line what is in it. If something is wrong, says what, one line each, and exits
    /// with 1. The hub may run meanwhile.
    Verify(Verify),
    /// Let somebody announce, to a room or to everyone; the hub may run meanwhile.
    ///
    /// Whoever it is has to have been on the hub once, with an identity of their own (not as a
    /// guest): the name is then theirs.
    Operator(Operator),
    /// Make, list or revoke tokens, with which programs may post; the hub may run meanwhile.
    ///
    /// A program posts with  POST /rooms/ROOM/messages  or  POST /announce,  the header
    /// Authorization: Bearer TOKEN  and a body  {"text":"hello"}.
    #[command(subcommand)]
    Token(Token),
}

/// What to copy, and where to.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The copy; must not be there yet.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Where the log is [default: the user's data directory].
    #[arg(long, value_name = "DIR", env = "HUBBUB_DATA")]
    pub(crate) data: Option<PathBuf>,
}

/// What to look through.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// A backup; without it, the log of --data.
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Where the log is [default: the user's data directory].
    #[arg(long, value_name = "DIR", env = "HUBBUB_DATA")]
    pub(crate) data: Option<PathBuf>,
}

/// How to start a hub.
#[derive(Debug, Args)]
pub(crate) struct Start {
    /// Where to listen: an address, a name, or 0.0.0.0 for every network.
    #[arg(short = 'H', long, value_name = "HOST", default_value = "localhost")]
    #[arg(env = "HUBBUB_HOST")]
    pub(crate) host: String,
    /// The port; 0 takes a free one.
    #[arg(short, long, value_name = "PORT", default_value_t = protocol::DEFAULT_PORT)]
    #[arg(env = "HUBBUB_PORT")]
    pub(crate) port: u16,
    /// Where the log is kept [default: the user's data directory].
    #[arg(long, value_name = "DIR", env = "HUBBUB_DATA")]
    data: Option<PathBuf>,
    /// Keep nothing: the log is gone when the hub ends.
    #[arg(long, conflicts_with = "data", env = "HUBBUB_MEMORY")]
    memory: bool,
    /// Messages a second that one connection may send; 0 is no limit.
    #[arg(long, value_name = "N", default_value_t = 10, env = "HUBBUB_RATE")]
    rate: u32,
    /// Most connections at once; 0 is no limit.
    #[arg(long, value_name = "N", default_value_t = 0, env = "HUBBUB_MAX_CONNECTIONS")]
    max_connections: usize,
    /// Most connections at once from one address; 0 is no limit.
    #[arg(long, value_name = "N", default_value_t = 0, env = "HUBBUB_PER_ADDRESS")]
    per_address: usize,
    /// How much of each room is kept: an age (30d, 12h), a number of messages (10000), or both
    /// (30d,10000: what is older or more goes). What goes is the beginning of a room, and its
    /// space is used again. An age is counted from the newest message at the start on, so that a
    /// wrong clock removes nothing, unless messages said by it are there at the next start and it
    /// is still wrong. 0 keeps everything.
    #[arg(long, value_name = "AGE", default_value = "0", env = "HUBBUB_RETENTION")]
    #[arg(hide_default_value = true)]
    retention: Retention,
    /// Close connections that asked for nothing in so long a time (2h, 30m), though their client
    /// still answers; who only reads asks for nothing. 0s is never.
    #[arg(long, value_name = "TIME", default_value = "0s", env = "HUBBUB_IDLE_TIMEOUT")]
    #[arg(hide_default_value = true, value_parser = config::parse_duration)]
    idle_timeout: Duration,
    /// A file with the password that clients must give.
    #[arg(long, value_name = "FILE", env = "HUBBUB_PASSWORD_FILE")]
    password_file: Option<PathBuf>,
    /// A certificate (PEM, those that vouch for it behind it): the hub then speaks nothing but
    /// TLS, at wss:// addresses. Read once, at the start.
    #[arg(long, value_name = "FILE", env = "HUBBUB_TLS_CERT")]
    tls_cert: Option<PathBuf>,
    /// The key of --tls-cert (PEM).
    #[arg(long, value_name = "FILE", env = "HUBBUB_TLS_KEY")]
    tls_key: Option<PathBuf>,
    /// No page to chat with in a browser, at http://HOST:PORT/.
    #[arg(long, env = "HUBBUB_NO_WEB")]
    no_web: bool,
    /// A site whose pages may use the hub, as in https://chat.example; several with commas, or
    /// the flag again. The hub's own page needs none, but behind a proxy on the same machine.
    #[arg(long, value_name = "ORIGIN", env = "HUBBUB_ALLOW_ORIGIN", value_delimiter = ',')]
    allow_origin: Vec<Origin>,
}

impl Start {
    /// What the hub is told.
    pub(crate) fn into_config(self) -> anyhow::Result<Config> {
        let storage =
            if self.memory { Storage::Memory } else { Storage::Directory(directory(self.data)?) };
        let mut config = Config::new(storage).with_rate(self.rate);
        config.retention = self.retention;
        config.idle_timeout = Some(self.idle_timeout).filter(|time| !time.is_zero());
        config.connections_max = self.max_connections;
        config.per_address_max = self.per_address;
        config.tls = load_tls(self.tls_cert.as_deref(), self.tls_key.as_deref())?;
        config.has_page = !self.no_web;
        config.allow_origins = self.allow_origin;
        config.password = self.password_file.as_deref().map(read_password).transpose()?;
        Ok(config)
    }
}

/// The data directory that is meant.
pub(crate) fn directory(given: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    Ok(given.map_or_else(config::default_directory, Ok)?)
}

/// Both or neither: half of it must not become a hub without TLS.
fn load_tls(cert: Option<&Path>, key: Option<&Path>) -> anyhow::Result<Option<Tls>> {
    match (cert, key) {
        (None, None) => Ok(None),
        (Some(cert), Some(key)) => Ok(Some(Tls::load(cert, key)?)),
        (Some(_), None) => bail!("--tls-cert needs the certificate's key; add --tls-key FILE"),
        (None, Some(_)) => bail!("--tls-key needs the certificate; add --tls-cert FILE"),
    }
}

/// The first line of the file, so that an editor's line break is not a part of it.
fn read_password(file: &Path) -> anyhow::Result<String> {
    let text = fs::read_to_string(file)
        .with_context(|| format!("the password file {} can't be read", file.display()))?;
    let password = text.lines().next().unwrap_or_default().to_owned();
    if password.is_empty() {
        bail!("the password file {} is empty; write the password into it", file.display());
    }
    Ok(password)
}
