//! What whoever runs the hub tells it, from its own machine: one question and one answer, each a
//! line of JSON, through a socket in the data directory. Nobody else gets in: the socket is for
//! its owner only, and who is at the other end is asked of the system.
//!
//! Where no hub runs, [`have_done`] starts one without an address, for just this question: the same
//! lock, the same log, the same code.

mod ask;
mod order;
mod place;

use std::{fmt::Display, io, path::Path, sync::Arc, time::Duration};

use protocol::{Addressee, Identity, UserName, server::Role};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{UnixListener, UnixStream},
    runtime,
    sync::Semaphore,
    task::AbortHandle,
    time::{sleep, timeout},
};

use self::place::Place;
pub use self::{
    ask::{How, NotDone, have_done},
    order::{Done, Order, TokenLine},
};
use crate::{asks::Asks, hub::asking::Question};

/// Longest question in bytes: a token for a hundred rooms takes a tenth of it.
const QUESTION_BYTES_MAX: u64 = 64 * 1024;
/// How long a question and its answer may take together.
const CONVERSATION: Duration = Duration::from_secs(10);
/// Most questions at once. Who comes beyond that waits in the kernel.
const CONVERSATIONS_MAX: usize = 8;
/// How long to wait after accepting failed (no file descriptors left, say).
const BACK_OFF: Duration = Duration::from_secs(1);

/// What the socket answers: what was done, or why it was not.
type Reply = Result<Done, Refused>;

/// Why something was not done. One sentence, and a name that is free where one was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{text}")]
pub struct Refused {
    /// What is wrong, what to do.
    pub text: String,
    /// A free name, where the one that was asked for is not.
    pub suggest: Option<UserName>,
}

impl Refused {
    fn new(why: impl Display) -> Self {
        Self { text: why.to_string(), suggest: None }
    }
}

/// The socket, and the task that listens at it. Dropped, both are gone.
#[derive(Debug)]
pub(crate) struct Control {
    task: AbortHandle,
    _place: Place,
}

impl Control {
    /// Listens in this directory, which this process must hold. Says in the log why if it can't:
    /// a hub works without.
    pub(crate) fn listen(directory: &Path, asks: Asks) -> Option<Self> {
        match Self::try_listen(directory, asks) {
            Ok(control) => Some(control),
            Err(why) => {
                tracing::warn!(
                    "no socket in {} ({why}): while this hub runs, hubbub-server operator and \
                     hubbub-server token can't reach it",
                    directory.display()
                );
                None
            }
        }
    }

    fn try_listen(directory: &Path, asks: Asks) -> io::Result<Self> {
        let (place, listener) = Place::bind(directory)?;
        let task = tokio::spawn(accept(listener, asks)).abort_handle();
        Ok(Self { task, _place: place })
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: UnixListener, asks: Asks) {
    let places = Arc::new(Semaphore::new(CONVERSATIONS_MAX));
    loop {
        // Never closed.
        let Ok(permit) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let asks = asks.clone();
                tokio::spawn(async move {
                    let _permit = permit;
                    match timeout(CONVERSATION, converse(stream, &asks)).await {
                        Ok(Ok(())) => {}
                        Ok(Err(why)) => tracing::debug!("a question at the socket: {why}"),
                        Err(_) => tracing::debug!("a question at the socket took too long"),
                    }
                });
            }
            Err(why) => {
                tracing::warn!("accepting at the socket failed: {why}");
                sleep(BACK_OFF).await;
            }
        }
    }
}

/// One question and its answer.
async fn converse(stream: UnixStream, asks: &Asks) -> io::Result<()> {
    check_peer(&stream)?;
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    BufReader::new(read.take(QUESTION_BYTES_MAX)).read_line(&mut line).await?;
    let reply = match serde_json::from_str(&line) {
        Ok(order) => asks.order(order).await,
        Err(why) => Err(Refused::new(format!("that is no question to this hub: {why}"))),
    };
    let mut line = serde_json::to_string(&reply).map_err(io::Error::other)?;
    line.push('\n');
    write.write_all(line.as_bytes()).await
}

/// The mode of the socket keeps others out; where a file system knows no modes, this does.
fn check_peer(stream: &UnixStream) -> io::Result<()> {
    let (peer, own) = (stream.peer_cred()?.uid(), rustix::process::geteuid().as_raw());
    if peer == own || peer == 0 {
        return Ok(());
    }
    let why = format!("user {peer} may not ask this");
    Err(io::Error::new(io::ErrorKind::PermissionDenied, why))
}

/// Has the hub of this process do what only whoever runs it may. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Handle {
    asks: Asks,
    runtime: runtime::Handle,
}

impl Handle {
    pub(crate) fn new(asks: Asks) -> Self {
        Self { asks, runtime: runtime::Handle::current() }
    }

    /// Has something done, and waits until that is durable.
    pub async fn order(&self, order: Order) -> Result<Done, Refused> {
        self.asks.order(order).await
    }

    /// Makes this person an operator, now or when they come for the first time. For a thread that
    /// is none of the runtime's: it blocks until that is durable.
    pub fn appoint(&self, who: &Identity) -> Result<(), Refused> {
        let whom = Addressee::Identity(who.clone());
        let order = Order::Appoint { whom, role: Role::Operator };
        self.runtime.block_on(self.order(order)).map(drop)
    }
}

impl Asks {
    /// Has something done, and waits until that is durable.
    pub(crate) async fn order(&self, order: Order) -> Reply {
        let answer = self.ask(Question::from(order)).await.map_err(Refused::new)?;
        Done::of(answer)
    }
}
