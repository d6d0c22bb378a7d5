//! The hub as a program.

mod cli;
mod operate;

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    pin::pin,
    process::ExitCode,
};

use anyhow::{Context as _, anyhow, bail};
use clap::Parser as _;
use server::{
    Running, files, ledger,
    listen::{self, BindError},
    signal,
};
use tokio::{runtime::Runtime, select};
use tracing_subscriber::EnvFilter;

use self::cli::{Backup, Cli, Command, Start, Verify};

/// What the program exits with when it was told twice to stop.
const IMPATIENT: u8 = 130;

pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse();
    let command = cli.command.unwrap_or(Command::Start(cli.start));
    log_to_stderr(&command);
    let done = match command {
        Command::Start(start) => serve(start),
        Command::Backup(backup) => back_up(backup),
        Command::Verify(verify) => look_through(verify),
        Command::Operator(operator) => operate::operator(operator),
        Command::Token(token) => operate::token(token),
    };
    done.unwrap_or_else(|why| {
        // Without stderr there is nobody to tell.
        let _ = writeln!(io::stderr(), "hubbub-server: {why:#}");
        ExitCode::FAILURE
    })
}

fn back_up(Backup { file, data }: Backup) -> anyhow::Result<ExitCode> {
    let counts = ledger::backup(&cli::directory(data)?, &file)?;
    say(&format!("{}: {counts}", file.display()))
}

fn look_through(Verify { file, data }: Verify) -> anyhow::Result<ExitCode> {
    let path = file.map_or_else(|| cli::directory(data), Ok)?;
    let found = ledger::verify(&path)?;
    for fault in &found.faults {
        say(fault)?;
    }
    let number = found.faults.len() + found.untold;
    match found.counts {
        Some(counts) if number == 0 => say(&format!("{}: {counts}, no faults", path.display())),
        _ => bail!(
            "{} has {number} faults{}; restore a backup",
            path.display(),
            if found.untold > 0 { ", of which the first are above" } else { "" }
        ),
    }
}

/// Says a line on stdout. A result that nobody could read is no success.
fn say(line: &str) -> anyhow::Result<ExitCode> {
    writeln!(io::stdout(), "{line}").context("stdout can't be written")?;
    Ok(ExitCode::SUCCESS)
}

fn serve(start: Start) -> anyhow::Result<ExitCode> {
    files::raise_limit();
    let runtime = Runtime::new().context("the system has no resources to run")?;
    let end = runtime.block_on(start_and_run(start));
    // A start that was cut short may still be at the log, which is safe at any moment: a
    // migration is one transaction, and what it copies has its name only when it is whole.
    runtime.shutdown_background();
    end
}

async fn start_and_run(start: Start) -> anyhow::Result<ExitCode> {
    let (stop, stop_at_once) = signal::stop().context("signals can't be received")?;
    let mut stop = pin!(stop);
    let (hub, urls) = select! {
        begun = begin(start) => begun?,
        _ = &mut stop => return Ok(ExitCode::SUCCESS),
    };
    tell(&urls);
    select! {
        end = hub.run(stop) => end.map(|()| ExitCode::SUCCESS).map_err(Into::into),
        () = stop_at_once => Ok(ExitCode::from(IMPATIENT)),
    }
}

async fn begin(start: Start) -> anyhow::Result<(Running, Vec<String>)> {
    let (host, port) = (start.host.clone(), start.port);
    let config = start.into_config()?;
    let listeners = listen::bind(&host, port).await.map_err(|why| with_advice(&why))?;
    let addresses = listen::addresses(&listeners).context("this machine's addresses")?;
    let scheme = if config.tls.is_some() { "wss" } else { "ws" };
    let url = |address: SocketAddr| format!("{scheme}://{address}{}", protocol::PATH);
    let urls = addresses.into_iter().map(url).collect();
    Ok((Running::start(listeners, config).await?, urls))
}

/// Says where the hub listens, on stdout: whoever started it waits for these lines.
fn tell(urls: &[String]) {
    let mut stdout = io::stdout().lock();
    for url in urls {
        // Where nobody reads, nobody needs to know.
        let _ = writeln!(stdout, "listening on {url}");
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

fn log_to_stderr(command: &Command) {
    // What a hub says that runs for one question is of no interest, unless something is wrong.
    let level = match command {
        Command::Operator(_) | Command::Token(_) => "warn",
        Command::Start(_) | Command::Backup(_) | Command::Verify(_) => "info",
    };
    let filter = EnvFilter::try_from_env("HUBBUB_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
}
