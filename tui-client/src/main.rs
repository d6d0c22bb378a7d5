//! `hubbub`: a full-screen terminal chat, and the way to host one.

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;
use tui_client::{
    app::{self, Farewell},
    cli::{self, Cli, Command, Connect},
    config,
    join::{self, Joining, NoHub},
    plain, say,
    script::{self, Failure},
    settings_file::{Checked, Loaded, SettingsFile},
};

/// It did not work.
const FAILURE: u8 = 1;
/// No hub there.
const NO_HUB: u8 = 3;

fn main() -> ExitCode {
    say::mind_panics();
    let cli = Cli::parse();
    let outcome = match cli.command {
        Some(Command::Serve(arguments)) => return serve(arguments),
        Some(Command::Host(arguments)) => block_on(async {
            let settings = settings(&arguments.settings)?;
            let joining = join::host(&arguments, settings).await?;
            run(joining, arguments.plain).await
        }),
        Some(Command::Connect(arguments)) => block_on(connect(&arguments)),
        Some(Command::Send(arguments)) => {
            return script(&arguments.reach.settings, async |settings| {
                script::send(&arguments, settings).await
            });
        }
        Some(Command::Tail(arguments)) => {
            return script(&arguments.reach.settings, async |settings| {
                script::tail(&arguments, settings).await
            });
        }
        None if cli.check_config => return check_config(&cli.connect.settings),
        None if cli.print_config => return print(&config::example()),
        None => block_on(connect(&cli.connect)),
    };
    match outcome {
        Ok(farewell) => say_farewell(&farewell),
        Err(error) => complain(&error),
    }
}

async fn connect(arguments: &Connect) -> Result<Farewell> {
    let settings = settings(&arguments.settings)?;
    let joining = join::connect(arguments, settings).await?;
    run(joining, arguments.plain).await
}

/// Runs what asks nothing and ends with a code of its own.
fn script(
    arguments: &cli::SettingsFile,
    task: impl AsyncFnOnce(&Loaded) -> Result<u8>,
) -> ExitCode {
    match block_on(async { task(&settings(arguments)?).await }) {
        Ok(code) => ExitCode::from(code),
        Err(error) => complain(&error),
    }
}

async fn run(joining: Joining, is_plain: bool) -> Result<Farewell> {
    if is_plain || !join::is_terminal() {
        return Box::pin(plain::run(joining)).await;
    }
    Box::pin(app::run(joining)).await
}

/// What the user wants otherwise than most.
fn settings(arguments: &cli::SettingsFile) -> Result<Loaded> {
    match SettingsFile::find(arguments.config.as_deref()) {
        Some(file) => Ok(file.load()?),
        None => Ok(Loaded::default()),
    }
}

/// Says what is wrong in the settings file.
fn check_config(arguments: &cli::SettingsFile) -> ExitCode {
    let Some(file) = SettingsFile::find(arguments.config.as_deref()) else {
        return complain(&anyhow::anyhow!("there is no home directory to look for settings in"));
    };
    match file.check() {
        Ok(Checked::Sound(sentence)) => print(&sentence),
        Ok(Checked::Faults(faults)) => {
            print(&faults);
            ExitCode::from(FAILURE)
        }
        Err(error) => complain(&error.into()),
    }
}

fn print(text: &str) -> ExitCode {
    let printed = say::out(text);
    if printed.is_err() { ExitCode::from(FAILURE) } else { ExitCode::SUCCESS }
}

/// Runs on this thread. What still blocks at the end (a name that does not resolve) is left.
fn block_on<T>(task: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(task);
    runtime.shutdown_background();
    outcome
}

fn say_farewell(farewell: &Farewell) -> ExitCode {
    let _ = say::out(&farewell.lines.join("\n")); // Nobody may be there to read it.
    match farewell.signal {
        Some(signal) => ExitCode::from(u8::try_from(128 + signal).unwrap_or(FAILURE)),
        None => ExitCode::SUCCESS,
    }
}

fn complain(error: &anyhow::Error) -> ExitCode {
    say::complain(&format!("hubbub: {error:#}"));
    ExitCode::from(match error.downcast_ref::<Failure>() {
        Some(failure) => failure.code,
        None if error.is::<NoHub>() => NO_HUB,
        None => FAILURE,
    })
}

#[cfg(not(feature = "host"))]
fn serve(_arguments: cli::Serve) -> ExitCode {
    complain(&anyhow::anyhow!("this hubbub was built without its hub; use hubbub-server"))
}

#[cfg(feature = "host")]
use hub::serve;

/// The hub itself, as `host` starts it: the only code of the client that knows the server.
#[cfg(feature = "host")]
mod hub {
    use std::{
        fmt::Display,
        io::{self, Write as _},
        process::ExitCode,
    };

    use anyhow::Context as _;
    use protocol::server::ByeReason;
    use server::{
        Config, Running, Storage,
        control::Handle,
        ledger::OpenError,
        listen::{self, BindError},
        signal,
    };
    use tokio::{net::TcpListener, sync::oneshot};
    use tui_client::{
        cli::Serve,
        host::{APPOINTED, BUSY, EVERYWHERE, FAILED, LISTENING, appointed_by, next_line, taken},
    };

    pub(super) fn serve(arguments: Serve) -> ExitCode {
        tracing_subscriber::fmt().with_ansi(false).with_writer(io::stderr).init();
        match run(arguments) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                let (verb, sentence) = describe(&error);
                tell(verb, sentence);
                super::complain(&error)
            }
        }
    }

    #[tokio::main]
    async fn run(arguments: Serve) -> anyhow::Result<()> {
        let (stop, stop_at_once) = signal::stop().context("signals can't be received")?;
        let listeners = bind(&arguments.listen, arguments.port).await?;
        let port = listeners.first().context("no address to listen on")?.local_addr()?.port();
        let mut config = Config::new(Storage::Directory(arguments.data));
        config.title = arguments.title;
        config.has_page = !arguments.no_web;
        let hub = Running::start(listeners, config).await?;
        let life_line = life_line(hub.handle());
        tell(LISTENING, port);
        let shutdown = async {
            tokio::select! {
                reason = stop => reason,
                _ = life_line => ByeReason::Shutdown,
            }
        };
        tokio::select! {
            end = hub.run(shutdown) => Ok(end?),
            () = stop_at_once => anyhow::bail!("told to end at once, without a goodbye"),
        }
    }

    async fn bind(listen: &str, port: u16) -> Result<Vec<TcpListener>, BindError> {
        if listen != EVERYWHERE {
            return listen::bind(listen, port).await;
        }
        // A socket for all of IPv6 takes IPv4 along, where the machine has IPv6 at all.
        match listen::bind("::", port).await {
            Err(BindError::System { .. } | BindError::NotHere { .. }) => {
                listen::bind("0.0.0.0", port).await
            }
            outcome => outcome,
        }
    }

    /// Ends with stdin, that is with whoever started us, and does what is said there until then. A
    /// thread, because a read of stdin that is under way would keep the runtime from ending.
    fn life_line(hub: Handle) -> oneshot::Receiver<()> {
        let (end, ended) = oneshot::channel();
        std::thread::spawn(move || {
            let mut stdin = io::stdin().lock();
            while let Some(line) = next_line(&mut stdin) {
                obey(&line, &hub);
            }
            let _ = end.send(()); // The hub may have ended first.
        });
        ended
    }

    /// Whoever hosts is an operator.
    fn obey(line: &str, hub: &Handle) {
        let Some(who) = appointed_by(line) else {
            return tracing::warn!("a line of {} bytes on stdin says nothing", line.len());
        };
        match hub.appoint(&who) {
            Ok(()) => tell(APPOINTED, who),
            Err(why) => {
                tracing::warn!("whoever hosts is no operator: {why}");
                tell(FAILED, why);
            }
        }
    }

    /// Whether it is worth trying again (another hub may be just ending), and what to say.
    fn describe(error: &anyhow::Error) -> (&'static str, String) {
        if let Some(BindError::Taken { port }) = error.downcast_ref() {
            return (BUSY, taken(*port));
        }
        let is_in_use =
            matches!(error.downcast_ref(), Some(server::Error::Open(OpenError::InUse { .. })));
        (if is_in_use { BUSY } else { FAILED }, format!("{error:#}"))
    }

    /// One line to whoever started us.
    fn tell(verb: &str, what: impl Display) {
        let mut stdout = io::stdout();
        let _ = writeln!(stdout, "{verb} {what}"); // Then there is nobody to tell.
        let _ = stdout.flush();
    }
}
