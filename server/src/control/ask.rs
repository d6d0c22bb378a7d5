//! Asks the hub of a data directory, whether it runs or not.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use protocol::server::ByeReason;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UnixStream,
    time::{Instant, sleep, timeout},
};

use super::{
    Refused, Reply,
    order::{Done, Order},
    place,
};
use crate::{
    Config, Storage,
    asks::Unanswered,
    ledger::{OpenError, directory::DATABASE},
    run::{self, Running},
};

/// How long a hub that has the directory is waited for until it has its socket: it may be
/// starting, or ending.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often to look.
const LOOK: Duration = Duration::from_millis(50);
/// How long an answer may take; longer than the hub itself allows.
const ANSWER: Duration = Duration::from_secs(15);
/// Largest answer in bytes: many thousand tokens.
const ANSWER_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// By whom it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// By the hub that runs on the directory: it counts at once.
    Running,
    /// By nobody else: it counts from the hub's next start.
    Stopped,
}

/// Why it was not done. One sentence each: what is wrong, what to do.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    /// No hub has ever been here.
    #[error(
        "there is no hub in {}; start one there first, or say where it is with --data DIR (a hub \
         with --memory keeps nothing and can't be told anything)", path.display()
    )]
    NoHub {
        /// The directory.
        path: PathBuf,
    },
    /// The directory is somebody else's.
    #[error("{} is another user's; run this as the user who runs the hub", path.display())]
    Forbidden {
        /// The directory.
        path: PathBuf,
    },
    /// A hub has the directory and does not listen.
    #[error(
        "the hub in {} is starting or stopping; try again in a moment (if it goes on: its log \
         says why it can't be reached)", path.display()
    )]
    NotListening {
        /// The directory.
        path: PathBuf,
    },
    /// The hub said no.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The running hub did not answer as hubs do.
    #[error(
        "the hub in {} did not answer ({why}); its log may say why, or it is of another version",
        path.display()
    )]
    NoAnswer {
        /// The directory.
        path: PathBuf,
        /// What happened.
        why: io::Error,
    },
    /// The hub that was started for the question has failed.
    #[error(transparent)]
    Hub(#[from] run::Error),
}

/// Has something done by the hub of this data directory: by the one that runs, or else by one
/// that runs for just that.
pub async fn have_done(order: &Order, directory: &Path) -> Result<(Done, How), NotDone> {
    let path = || directory.to_owned();
    match directory.join(DATABASE).try_exists() {
        Ok(true) => {}
        Err(why) if why.kind() == io::ErrorKind::PermissionDenied => {
            return Err(NotDone::Forbidden { path: path() });
        }
        Ok(false) | Err(_) => return Err(NotDone::NoHub { path: path() }),
    }
    let until = Instant::now() + PATIENCE;
    loop {
        match place::connect(directory).await {
            Ok(stream) => return Ok((ask(stream, directory, order).await?, How::Running)),
            Err(why) if why.kind() == io::ErrorKind::PermissionDenied => {
                return Err(NotDone::Forbidden { path: path() });
            }
            // There is no socket, or nobody at it.
            Err(_) => {}
        }
        match alone(directory, order).await {
            Err(NotDone::Hub(run::Error::Open(OpenError::InUse { .. }))) => {}
            outcome => return Ok((outcome?, How::Stopped)),
        }
        if Instant::now() >= until {
            return Err(NotDone::NotListening { path: path() });
        }
        sleep(LOOK).await;
    }
}

/// Asks the hub that runs.
async fn ask(stream: UnixStream, directory: &Path, order: &Order) -> Result<Done, NotDone> {
    let answer = timeout(ANSWER, exchange(stream, order)).await;
    let answer = answer.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    let reply = answer.map_err(|why| NotDone::NoAnswer { path: directory.to_owned(), why })?;
    Ok(reply?)
}

async fn exchange(mut stream: UnixStream, order: &Order) -> io::Result<Reply> {
    let mut line = serde_json::to_string(order)?;
    line.push('\n');
    stream.write_all(line.as_bytes()).await?;
    let mut answer = String::new();
    stream.take(ANSWER_BYTES_MAX).read_to_string(&mut answer).await?;
    if answer.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(serde_json::from_str(&answer)?)
}

/// Asks a hub that nobody can reach, and that ends with its answer.
async fn alone(directory: &Path, order: &Order) -> Result<Done, NotDone> {
    let config = Config::new(Storage::Directory(directory.to_owned()));
    let hub = Running::start(Vec::new(), config).await?;
    let handle = hub.handle();
    let mut answer = None;
    hub.run(async {
        answer = Some(handle.order(order.clone()).await);
        ByeReason::Shutdown
    })
    .await?;
    Ok(answer.unwrap_or_else(|| Err(Refused::new(Unanswered::Stopping)))?)
}
