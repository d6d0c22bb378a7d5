//! What goes to stdout, in a thread of its own: a pipe that nobody empties stops that thread, and
//! neither signals nor the connection.

use std::{io, thread};

use tokio::sync::{mpsc, oneshot};

use crate::say;

/// Texts that wait to be written, each an event, or a page of at most 64 KiB as the hub sent it.
const WAITING_MAX: usize = 8;

/// The way to stdout.
pub(super) struct Output {
    texts: mpsc::Sender<String>,
    /// Comes when all is written, or nobody reads.
    ended: oneshot::Receiver<()>,
    /// Comes when nobody reads any more.
    unread: oneshot::Receiver<()>,
}

impl Output {
    pub(super) fn start() -> io::Result<Self> {
        let (texts, mut queue) = mpsc::channel::<String>(WAITING_MAX);
        let (end, ended) = oneshot::channel();
        thread::Builder::new().name("stdout".into()).spawn(move || {
            while let Some(text) = queue.blocking_recv() {
                if say::out(&text).is_err() {
                    break;
                }
            }
            drop(queue);
            let _ = end.send(()); // Who was stopped by a signal does not wait.
        })?;
        let (tell, unread) = oneshot::channel();
        thread::Builder::new().name("reader".into()).spawn(move || {
            if say::until_nobody_reads() {
                let _ = tell.send(()); // It may have ended meanwhile.
            }
        })?;
        Ok(Self { texts, ended, unread })
    }

    /// Hands a text over. Whether somebody reads it.
    pub(super) async fn print(&self, text: String) -> bool {
        self.texts.send(text).await.is_ok()
    }

    /// Waits until nobody reads any more.
    pub(super) async fn unread(&mut self) {
        if (&mut self.unread).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits until all is written.
    pub(super) async fn finish(self) {
        drop(self.texts);
        let _ = self.ended.await; // Either way nothing more is written.
    }
}
