//! `hubbub host`: the hub as a child of this client.
//!
//! The child is this program again, with the hidden command `serve`, in a process group of its
//! own. Its stdin is its life line: when this end closes, however this process ends, it drains
//! and exits; until then `operator IDENTITY` there makes whoever hosts one. Its stdout has one
//! line: `listening PORT`, `busy SENTENCE` (worth trying again) or `failed SENTENCE`; and one for
//! each operator. What it logs goes to a file.
//!
//! A note in the data directory says which hub id it has and where it listens, so that a second
//! `hubbub host` can tell its own hub from a stranger on the port.

mod invite;
mod keeper;
mod life_line;
mod note;

use std::{
    fs::{self, File, OpenOptions},
    io,
    net::IpAddr,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow, bail};
use protocol::UserName;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::{self, Instant},
};

pub use invite::{Reach, browser_line, invite};
pub use keeper::Keeper;
pub use life_line::{APPOINTED, Appointer, appointed_by, next_line};
pub use note::Note;

use crate::{
    cli::Host,
    connection::{
        address::{Address, LOCALHOST},
        dial::{self, DialError, Dialled, host_command},
        tls::Trust,
    },
    storage::{Storage, owned_directory, state_directory},
};

/// What to listen on for everybody: both families, where the machine has both.
pub const EVERYWHERE: &str = "*";
/// What the child writes when it is ready, and then its port.
pub const LISTENING: &str = "listening";
/// What the child writes when the port or the directory is another process's just now.
pub const BUSY: &str = "busy";
/// What the child writes when it cannot run at all.
pub const FAILED: &str = "failed";

/// How long the port or the lock of a hub that is just ending is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long between two looks.
const PAUSE: Duration = Duration::from_millis(100);
/// A program on this machine answers at once or not at all.
const LOOK_DEADLINE: Duration = Duration::from_secs(1);
/// A hub that has just started on a busy machine may need a little longer.
const CHILD_DEADLINE: Duration = Duration::from_secs(5);
/// The log is begun anew at this size; the one before it is kept.
const LOG_BYTES_MAX: u64 = 1024 * 1024;

/// A hub of this user's that answers.
#[derive(Debug)]
pub struct Hosted {
    /// Where this client reaches it.
    pub address: Address,
    /// Who listens there, and to whom.
    pub note: Note,
    /// The open connection.
    pub dialled: Dialled,
    /// The hub, where this process started it; `None` where it ran already.
    pub child: Option<Keeper>,
    /// Where it keeps its messages.
    pub directory: PathBuf,
}

/// Starts a hub, or finds this user's own that runs there already.
pub async fn host(plan: Plan) -> Result<Hosted> {
    let plan = Arc::new(plan);
    let known = plan.known();
    let deadline = Instant::now() + PATIENCE;
    loop {
        let busy = match plan.start().await? {
            Started::Hosted(hosted) => return Ok(*hosted),
            Started::Busy(why) => why,
        };
        match dial(&plan.address, LOOK_DEADLINE).await {
            Ok(dialled) if plan.is_own(known.as_ref(), &dialled) => {
                return Ok(plan.join(known, dialled));
            }
            Ok(_) | Err(DialError::NotAHubbub(_) | DialError::SpeaksTls(_)) => {
                bail!(taken(plan.port()))
            }
            // Nobody knows yet: it may be one that is just ending.
            Err(_) => {}
        }
        if let Some(elsewhere) = plan.own_hub_elsewhere(known.as_ref()).await {
            bail!(elsewhere);
        }
        if Instant::now() > deadline {
            bail!(busy);
        }
        time::sleep(PAUSE).await;
    }
}

/// What this starts is on this machine, and without TLS.
async fn dial(address: &Address, deadline: Duration) -> Result<Dialled, DialError> {
    dial::dial(address, &Trust::default(), deadline).await
}

/// The sentence about a stranger on the port.
pub fn taken(port: u16) -> String {
    let next = port.checked_add(1).unwrap_or(port - 1);
    format!("port {port} is taken by another program; try: {}", host_command(next))
}

/// What is to be started, and where.
#[derive(Debug)]
pub struct Plan {
    directory: PathBuf,
    listen: String,
    reach: Reach,
    /// Where this client will reach it.
    address: Address,
    /// What the hub is called.
    title: String,
    /// Who hosts.
    name: Option<UserName>,
    /// Whether it has a page for browsers.
    has_page: bool,
}

enum Started {
    Hosted(Box<Hosted>),
    Busy(String),
}

impl Plan {
    /// As the command line has it; nobody hosts yet.
    pub fn new(arguments: &Host) -> Result<Self> {
        let directory = match &arguments.data {
            Some(directory) => directory.clone(),
            None => default_directory()?,
        };
        let (port, has_page) = (arguments.port(), !arguments.no_web);
        let home = Address::new(LOCALHOST, port)?;
        let plan =
            |listen, reach, address| Self::unnamed(directory, has_page, (listen, reach), address);
        let Some(host) = &arguments.host else {
            let (listen, reach) = if arguments.lan {
                (EVERYWHERE, Reach::Network)
            } else {
                (LOCALHOST, Reach::Machine)
            };
            return Ok(plan(listen.to_owned(), reach, home));
        };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let ip: IpAddr = bare.parse().map_err(|_| {
            anyhow!("{host:?} is no IP address of this machine; try --lan, or -H 192.168.1.20")
        })?;
        let reach = match ip {
            ip if ip.is_unspecified() => Reach::Network,
            ip if ip.is_loopback() => Reach::Machine,
            ip => Reach::Address(ip),
        };
        let address = if ip.is_unspecified() { home } else { Address::new(bare, port)? };
        Ok(plan(ip.to_string(), reach, address))
    }

    fn unnamed(
        directory: PathBuf,
        has_page: bool,
        (listen, reach): (String, Reach),
        address: Address,
    ) -> Self {
        let (title, name) = ("hubbub".to_owned(), None);
        Self { directory, listen, reach, address, title, name, has_page }
    }

    /// The hub is this person's.
    pub fn owned_by(self, name: UserName) -> Self {
        Self { title: format!("{name}'s hub"), name: Some(name), ..self }
    }

    /// What the directory says about the hub in it.
    pub fn known(&self) -> Option<Note> {
        Note::read(&self.directory)
    }

    fn port(&self) -> u16 {
        self.address.port()
    }

    /// Whether the hub that answers is the one of this directory.
    fn is_own(&self, known: Option<&Note>, dialled: &Dialled) -> bool {
        match known {
            Some(note) => note.hub.as_ref() == Some(&dialled.hub),
            // `hubbub-server` writes no note; but who holds the directory answers there.
            None => note::is_held(&self.directory),
        }
    }

    fn join(&self, known: Option<Note>, dialled: Dialled) -> Hosted {
        let (hub, reach) = (Some(dialled.hub.clone()), self.reach.clone());
        let (port, name, has_page) = (self.port(), None, true);
        let note = known.unwrap_or(Note { hub, port, reach, name, has_page });
        let (address, directory) = (self.address.clone(), self.directory.clone());
        Hosted { address, note, dialled, child: None, directory }
    }

    /// The directory is in use because the hub runs elsewhere on this machine.
    async fn own_hub_elsewhere(&self, known: Option<&Note>) -> Option<String> {
        let note = known?;
        let address = note.address()?;
        if address == self.address {
            return None;
        }
        let dialled = dial(&address, LOOK_DEADLINE).await.ok()?;
        (note.hub.as_ref() == Some(&dialled.hub)).then(|| {
            let join = address.join_command();
            format!("your hub runs already, on port {}; join it: {join}", note.port)
        })
    }

    async fn start(self: &Arc<Self>) -> Result<Started> {
        owned_directory(&self.directory)?;
        Ok(match self.start_child(self.port()).await? {
            Born::Listening(hub, port) => self.reach(*hub, port).await?,
            Born::Busy(why) => Started::Busy(why),
        })
    }

    async fn reach(self: &Arc<Self>, hub: HubProcess, port: u16) -> Result<Started> {
        let address = Address::new(self.address.host(), port)?;
        let dialled = dial(&address, CHILD_DEADLINE).await?;
        let (id, name) = (Some(dialled.hub.clone()), self.name.clone());
        let (reach, has_page) = (self.reach.clone(), self.has_page);
        let note = Note { hub: id, port, reach, name, has_page };
        note.write(&self.directory)?;
        let child = Some(Keeper::keep(Arc::clone(self), hub, port));
        let directory = self.directory.clone();
        Ok(Started::Hosted(Box::new(Hosted { address, note, dialled, child, directory })))
    }

    /// Starts the child and waits for its first words.
    async fn start_child(&self, port: u16) -> Result<Born> {
        let mut hub = self.spawn(port)?;
        let mut words = String::new();
        let _ = hub.words.read_line(&mut words).await; // Then there are no words.
        let (verb, what) = words.trim_end().split_once(' ').unwrap_or((words.trim_end(), ""));
        match verb {
            LISTENING => Ok(Born::Listening(Box::new(hub), what.parse()?)),
            BUSY => Ok(Born::Busy(what.to_owned())),
            FAILED => Err(anyhow!(what.to_owned())),
            _ => {
                let status = hub.child.wait().await?;
                Err(anyhow!("the hub did not start ({status}); see {}", log_path()?.display()))
            }
        }
    }

    fn spawn(&self, port: u16) -> Result<HubProcess> {
        let program = std::env::current_exe().context("can't find this program's own file")?;
        let mut command = Command::new(program);
        command.args(["serve", "--port", &port.to_string(), "--listen", &self.listen]);
        command.args(["--title", &self.title]).arg("--data").arg(&self.directory);
        command.args((!self.has_page).then_some("--no-web"));
        // Its own process group: Ctrl+Z and the window's hang-up are for the screen alone.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(open_log()?);
        let mut child = command.spawn().context("can't start the hub")?;
        let life_line = child.stdin.take().context("the hub has no stdin")?;
        let words = BufReader::new(child.stdout.take().context("the hub has no stdout")?);
        Ok(HubProcess { child, life_line, words })
    }
}

/// The running child; it ends when the life line is dropped.
#[derive(Debug)]
struct HubProcess {
    child: Child,
    life_line: ChildStdin,
    /// Its stdout.
    words: BufReader<ChildStdout>,
}

/// The first words of the child.
enum Born {
    Listening(Box<HubProcess>, u16),
    Busy(String),
}

/// `$STATE_DIRECTORY`, as a service manager sets it, else this user's own.
fn default_directory() -> Result<PathBuf> {
    match std::env::var_os("STATE_DIRECTORY").filter(|value| !value.is_empty()) {
        Some(directory) => Ok(directory.into()),
        None => Ok(Storage::of_user()?.hub_directory()),
    }
}

fn log_path() -> Result<PathBuf> {
    Ok(state_directory()?.join("hub.log"))
}

fn open_log() -> Result<File> {
    let path = log_path()?;
    owned_directory(path.parent().unwrap_or(Path::new("/")))?;
    rotate(&path).with_context(|| format!("can't use {}", path.display()))?;
    let log = OpenOptions::new().append(true).create(true).mode(0o600).open(&path);
    log.with_context(|| format!("can't write {}", path.display()))
}

fn rotate(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(log) if log.len() > LOG_BYTES_MAX => fs::rename(path, path.with_extension("log.old")),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
