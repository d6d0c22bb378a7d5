//! `hubbub host`: the hub as a child of this client.
//!
//! The child is this program again, with the hidden command `serve`, in a process group of its
//! own. Its stdin is its life line: when this end closes, however this process ends, it drains
//! and exits. Its stdout has one line: `listening`, `busy SENTENCE` (worth trying again) or
//! `failed SENTENCE`. What it logs goes to a file.
//!
//! A note in the data directory says which hub id it has and where it listens, so that a second
//! `hubbub host` can tell its own hub from a stranger on the port.

mod invite;
mod note;

use std::{
    fs::{self, File, OpenOptions},
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow, bail};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::{self, Instant},
};

pub use invite::{Reach, invite};
pub use note::Note;

use crate::{
    cli::Host,
    connection::{
        address::{Address, LOCALHOST},
        dial::{DialError, Dialled, dial, host_command},
    },
    storage::{Storage, owned_directory, state_directory},
};

/// What the child writes when its sockets are open.
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
const LOCAL_DEADLINE: Duration = Duration::from_secs(2);
/// How long the drain of the child is waited for: it gives its clients 5 s.
const DRAIN_DEADLINE: Duration = Duration::from_secs(7);
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
    pub child: Option<HubProcess>,
    /// Where it keeps its messages.
    pub directory: PathBuf,
}

/// The running child. It ends when this is dropped; [`HubProcess::end`] waits for it.
#[derive(Debug)]
pub struct HubProcess {
    child: Child,
    life_line: ChildStdin,
}

impl HubProcess {
    /// Lets it drain and end.
    pub async fn end(mut self) {
        drop(self.life_line);
        // Whether it took too long or could not be waited for: it ends by itself.
        let _ = time::timeout(DRAIN_DEADLINE, self.child.wait()).await;
    }
}

/// Starts a hub, or finds this user's own that runs there already.
pub async fn host(arguments: &Host, title: impl Fn(&Note) -> String) -> Result<Hosted> {
    let plan = Plan::new(arguments)?;
    let known = Note::read(&plan.directory);
    let title = title(&known.clone().unwrap_or_default());
    let deadline = Instant::now() + PATIENCE;
    loop {
        let busy = match dial(&plan.address, LOCAL_DEADLINE).await {
            Ok(dialled) if plan.is_own(known.as_ref(), &dialled) => {
                return Ok(plan.join(known, dialled));
            }
            Err(DialError::NothingListens(_)) => match plan.start(&title).await? {
                Started::Hosted(hosted) => return Ok(*hosted),
                Started::Busy(why) => why,
            },
            Err(DialError::HungUp(_) | DialError::Busy(_)) => plan.taken(),
            Ok(_) | Err(_) => bail!(plan.taken()),
        };
        if let Some(elsewhere) = plan.own_hub_elsewhere(known.as_ref()).await {
            bail!(elsewhere);
        }
        if Instant::now() > deadline {
            bail!(busy);
        }
        time::sleep(PAUSE).await;
    }
}

/// What is to be started, and where.
struct Plan {
    directory: PathBuf,
    listen: Vec<IpAddr>,
    reach: Reach,
    /// Where this client will reach it.
    address: Address,
}

enum Started {
    Hosted(Box<Hosted>),
    Busy(String),
}

impl Plan {
    fn new(arguments: &Host) -> Result<Self> {
        let directory = match &arguments.data {
            Some(directory) => directory.clone(),
            None => default_directory()?,
        };
        let port = arguments.port;
        let home = Address::new(LOCALHOST, port)?;
        let Some(host) = &arguments.host else {
            let (listen, reach) = if arguments.lan {
                // The IPv6 socket takes IPv6 alone, so both are needed and both are free.
                ([Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()], Reach::Network)
            } else {
                ([Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()], Reach::Machine)
            };
            return Ok(Self { directory, listen: listen.to_vec(), reach, address: home });
        };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let ip: IpAddr = bare.parse().with_context(|| {
            format!("{host:?} is no IP address of this machine; try --lan, or -H 192.168.1.20")
        })?;
        let reach = match ip {
            ip if ip.is_unspecified() => Reach::Network,
            ip if ip.is_loopback() => Reach::Machine,
            ip => Reach::Address(ip),
        };
        let address = if ip.is_unspecified() { home } else { Address::new(bare, port)? };
        Ok(Self { directory, listen: vec![ip], reach, address })
    }

    fn port(&self) -> u16 {
        self.address.port()
    }

    fn taken(&self) -> String {
        let port = self.port();
        let next = port.checked_add(1).unwrap_or(port - 1);
        format!("port {port} is taken by another program; try: {}", host_command(next))
    }

    /// Whether the hub that answers is the one of this directory.
    fn is_own(&self, known: Option<&Note>, dialled: &Dialled) -> bool {
        match known {
            Some(note) => note.hub.as_ref() == Some(&dialled.hub),
            // `hubbub-server` writes no note; but who holds the directory answers there.
            None => note::is_held(&self.directory),
        }
    }

    fn join(self, known: Option<Note>, dialled: Dialled) -> Hosted {
        let hub = Some(dialled.hub.clone());
        let note = known.unwrap_or(Note { hub, port: self.port(), reach: self.reach });
        Hosted { address: self.address, note, dialled, child: None, directory: self.directory }
    }

    /// The directory is in use because the hub runs on another port.
    async fn own_hub_elsewhere(&self, known: Option<&Note>) -> Option<String> {
        let note = known.filter(|note| note.port != self.port())?;
        let address = Address::new(LOCALHOST, note.port).ok()?;
        let dialled = dial(&address, LOCAL_DEADLINE).await.ok()?;
        (note.hub.as_ref() == Some(&dialled.hub)).then(|| {
            let join = address.join_command();
            format!("your hub runs already, on port {}; join it: {join}", note.port)
        })
    }

    async fn start(&self, title: &str) -> Result<Started> {
        owned_directory(&self.directory)?;
        let (mut child, life_line, stdout) = self.spawn(title)?;
        let mut words = String::new();
        let _ = BufReader::new(stdout).read_line(&mut words).await; // Then there are no words.
        let (verb, why) = words.trim_end().split_once(' ').unwrap_or((words.trim_end(), ""));
        match verb {
            LISTENING => self.reach_child(HubProcess { child, life_line }).await,
            BUSY => Ok(Started::Busy(why.to_owned())),
            FAILED => Err(anyhow!(why.to_owned())),
            _ => {
                let status = child.wait().await?;
                Err(anyhow!("the hub did not start ({status}); see {}", log_path()?.display()))
            }
        }
    }

    async fn reach_child(&self, child: HubProcess) -> Result<Started> {
        let dialled = dial(&self.address, LOCAL_DEADLINE).await?;
        let hub = Some(dialled.hub.clone());
        let note = Note { hub, port: self.port(), reach: self.reach.clone() };
        note.write(&self.directory)?;
        Ok(Started::Hosted(Box::new(Hosted {
            address: self.address.clone(),
            note,
            dialled,
            child: Some(child),
            directory: self.directory.clone(),
        })))
    }

    fn spawn(&self, title: &str) -> Result<(Child, ChildStdin, ChildStdout)> {
        let program = std::env::current_exe().context("can't find this program's own file")?;
        let mut command = Command::new(program);
        command.arg("serve").arg("--port").arg(self.port().to_string());
        command.arg("--data").arg(&self.directory).arg("--title").arg(title);
        for ip in &self.listen {
            command.arg("--listen").arg(ip.to_string());
        }
        // Its own process group: Ctrl+Z and the window's hang-up are for the screen alone.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(open_log()?);
        let mut child = command.spawn().context("can't start the hub")?;
        let life_line = child.stdin.take().context("the hub has no stdin")?;
        let stdout = child.stdout.take().context("the hub has no stdout")?;
        Ok((child, life_line, stdout))
    }
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
