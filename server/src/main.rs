//! The hub as a program.

use std::{
    fs,
    io::{self, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, anyhow, bail};
use clap::{Args, Parser, Subcommand};
use server::{
    Config, Storage, config, files,
    listen::{self, BindError},
    signal,
};
use tokio::select;
use tracing_subscriber::EnvFilter;

const EXAMPLES: &str = "\x1b[1mExamples:\x1b[0m
  hubbub-server                        a hub for this machine, on port 8080
  hubbub-server -H 0.0.0.0             for everyone on this network
  hubbub-server -p 0 --memory          on a free port, keeping nothing
  hubbub-server --data /srv/hubbub     with its log in that directory

Join it with:  hubbub HOST:PORT";

/// What the program exits with when it was told twice to stop.
const IMPATIENT: u8 = 130;

/// The headless hub of Hubbub, a group chat for the terminal.
#[derive(Debug, Parser)]
#[command(name = "hubbub-server", version, before_help = EXAMPLES)]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    start: Start,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start a hub; the same as without a command.
    Start(Start),
}

#[derive(Debug, Args)]
struct Start {
    /// Where to listen: an address, a name, or 0.0.0.0 for every network.
    #[arg(short = 'H', long, value_name = "HOST", default_value = "localhost")]
    #[arg(env = "HUBBUB_HOST")]
    host: String,
    /// The port; 0 takes a free one.
    #[arg(short, long, value_name = "PORT", default_value_t = protocol::DEFAULT_PORT)]
    #[arg(env = "HUBBUB_PORT")]
    port: u16,
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
    /// A file with the password that clients must give.
    #[arg(long, value_name = "FILE", env = "HUBBUB_PASSWORD_FILE")]
    password_file: Option<PathBuf>,
}

pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse();
    let start = match cli.command {
        Some(Command::Start(start)) => start,
        None => cli.start,
    };
    log_to_stderr();
    files::raise_limit();
    match serve(start) {
        Ok(code) => code,
        Err(why) => {
            // Without stderr there is nobody to tell.
            let _ = writeln!(io::stderr(), "hubbub-server: {why:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn serve(start: Start) -> anyhow::Result<ExitCode> {
    let (stop, stop_at_once) = signal::stop().context("signals can't be received")?;
    let (host, port) = (start.host.clone(), start.port);
    let config = start.into_config()?;
    let listeners = listen::bind(&host, port).await.map_err(|why| with_advice(&why))?;
    let addresses = listen::addresses(&listeners).context("this machine's addresses")?;
    let hub = server::Running::start(listeners, config).await?;
    tell(&addresses);
    select! {
        end = hub.run(stop) => end.map(|()| ExitCode::SUCCESS).map_err(Into::into),
        () = stop_at_once => Ok(ExitCode::from(IMPATIENT)),
    }
}

/// Says where the hub listens, on stdout: whoever started it waits for these lines.
fn tell(addresses: &[SocketAddr]) {
    let mut stdout = io::stdout().lock();
    for address in addresses {
        // Where nobody reads, nobody needs to know.
        let _ = writeln!(stdout, "listening on ws://{address}{}", protocol::PATH);
    }
    let _ = stdout.flush();
}

fn with_advice(why: &BindError) -> anyhow::Error {
    let advice = match why {
        BindError::Taken { port } => format!("try: hubbub-server -p {}", port.wrapping_add(1)),
        BindError::Forbidden { .. } => {
            format!("try: hubbub-server -p {}", protocol::DEFAULT_PORT)
        }
        BindError::NotHere { .. } | BindError::Unknown { .. } | BindError::System { .. } => {
            "for every network, try: hubbub-server -H 0.0.0.0".to_owned()
        }
    };
    anyhow!("{why}; {advice}")
}

impl Start {
    fn into_config(self) -> anyhow::Result<Config> {
        let storage = if self.memory {
            Storage::Memory
        } else {
            Storage::Directory(self.data.map_or_else(config::default_directory, Ok)?)
        };
        let mut config = Config::new(storage).with_rate(self.rate);
        config.connections_max = self.max_connections;
        config.per_address_max = self.per_address;
        config.password = self.password_file.as_deref().map(read_password).transpose()?;
        Ok(config)
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

fn log_to_stderr() {
    let filter = EnvFilter::try_from_env("HUBBUB_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
}
