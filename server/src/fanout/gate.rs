//! What the two halves of a connection share: the task that reads it and the shard that writes
//! it. All that the shard tells the reader, and pongs the other way, goes through here.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::task::AtomicWaker;
use protocol::SessionId;
use tokio::sync::Notify;

use super::clock::Clock;

/// Most requests without an answer; above it the connection is not read.
pub(crate) const UNANSWERED_MAX: u32 = 64;
/// Most bytes of unwritten answers; above it the connection is not read.
pub(crate) const UNWRITTEN_BYTES_MAX: usize = 64 * 1024;
/// Most bytes of pongs and close replies that wait for the shard; above it pongs are skipped,
/// as RFC 6455 allows. Holds at least one of the largest (125 bytes and a header).
const CONTROL_BYTES_MAX: usize = 512;

/// The reader may read.
const OPEN: u8 = 0;
/// The hub drains: no more is read.
const PAUSED: u8 = 1;
/// A close frame is on its way or written: what still comes is thrown away.
const CLOSING: u8 = 2;
/// The connection is over.
const OVER: u8 = 3;

/// How the shard has ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With a close frame, which is written.
    Closed,
    /// Without a word.
    Reset,
}

/// Shared by the reader and the shard of one connection.
#[derive(Debug)]
pub struct Gate {
    session: SessionId,
    phase: AtomicU8,
    is_welcome: AtomicBool,
    is_hinted: AtomicBool,
    unanswered: AtomicU32,
    unwritten: AtomicUsize,
    heard: AtomicU32,
    control: Mutex<Vec<u8>>,
    is_changed: AtomicBool,
    hints: Arc<Hints>,
    reader: AtomicWaker,
}

impl Gate {
    /// The open gate of a connection of the shard that `hints` belongs to.
    pub fn new(session: SessionId, hints: Arc<Hints>) -> Self {
        Self {
            session,
            phase: AtomicU8::new(OPEN),
            is_welcome: AtomicBool::new(false),
            is_hinted: AtomicBool::new(false),
            unanswered: AtomicU32::new(0),
            unwritten: AtomicUsize::new(0),
            heard: AtomicU32::new(hints.clock.seconds()),
            control: Mutex::new(Vec::new()),
            hints,
            is_changed: AtomicBool::new(false),
            reader: AtomicWaker::new(),
        }
    }

    /// Whose it is.
    pub fn session(&self) -> SessionId {
        self.session
    }

    // The reader's side.

    /// Whether another frame may be read now, as far as answers are concerned.
    pub fn is_open(&self) -> bool {
        self.phase.load(Ordering::Acquire) == OPEN
            && self.unanswered.load(Ordering::Acquire) < UNANSWERED_MAX
            && self.unwritten.load(Ordering::Acquire) < UNWRITTEN_BYTES_MAX
    }

    /// Whether every request has its answer.
    pub fn is_answered(&self) -> bool {
        self.unanswered.load(Ordering::Acquire) == 0
    }

    /// Whether the connection has been welcomed.
    pub fn is_welcome(&self) -> bool {
        self.is_welcome.load(Ordering::Acquire)
    }

    /// Whether and how the shard has ended the connection.
    pub fn ended(&self) -> Option<Ended> {
        match self.phase.load(Ordering::Acquire) {
            OPEN | PAUSED => None,
            CLOSING => Some(Ended::Closed),
            _ => Some(Ended::Reset),
        }
    }

    /// Whether the shard has changed something since this was asked for the last time; if not,
    /// the task is woken when it has. One task may ask.
    pub(crate) fn poll_changed(&self, context: &Context<'_>) -> Poll<()> {
        self.reader.register(context.waker());
        if self.is_changed.swap(false, Ordering::AcqRel) { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Counts a request that is sent to the hub.
    pub fn asked(&self) {
        self.unanswered.fetch_add(1, Ordering::AcqRel);
    }

    /// Takes note of a sign of life.
    pub fn hear(&self) {
        self.heard.store(self.hints.clock.seconds(), Ordering::Release);
    }

    /// Hands bytes of whole control frames to the shard, or says that there is no room.
    pub fn send_control(&self, frames: &[u8]) -> bool {
        {
            let mut control = self.control.lock().unwrap_or_else(PoisonError::into_inner);
            if control.len() + frames.len() > CONTROL_BYTES_MAX {
                return false;
            }
            control.extend_from_slice(frames);
        }
        if !self.is_hinted.swap(true, Ordering::AcqRel) {
            self.hints.push(self.session);
        }
        true
    }

    // The shard's side.

    /// Takes the control frames that wait to be written.
    pub(crate) fn take_control(&self) -> Bytes {
        if !self.is_hinted.swap(false, Ordering::AcqRel) {
            return Bytes::new();
        }
        let mut control = self.control.lock().unwrap_or_else(PoisonError::into_inner);
        Bytes::from(std::mem::take(&mut *control))
    }

    fn change(&self) {
        self.is_changed.store(true, Ordering::Release);
        self.reader.wake();
    }

    /// A request has its answer.
    pub(crate) fn answered(&self) {
        // A flood of answers without requests would be our own bug; it must not open the gate.
        let less = |n: u32| n.checked_sub(1);
        let _ = self.unanswered.fetch_update(Ordering::AcqRel, Ordering::Acquire, less);
        self.change();
    }

    /// The hub has welcomed it.
    pub(crate) fn welcome(&self) {
        self.is_welcome.store(true, Ordering::Release);
    }

    /// Tells how many bytes of answers are not written.
    pub(crate) fn set_unwritten(&self, bytes: usize) {
        let before = self.unwritten.swap(bytes, Ordering::AcqRel);
        if before >= UNWRITTEN_BYTES_MAX && bytes < UNWRITTEN_BYTES_MAX {
            self.change();
        }
    }

    /// When it was last heard, in seconds of the shard's clock.
    pub(crate) fn heard(&self) -> u32 {
        self.heard.load(Ordering::Acquire)
    }

    /// Nothing more is to be read: the hub drains.
    pub(crate) fn pause(&self) {
        let _ = self.phase.compare_exchange(OPEN, PAUSED, Ordering::AcqRel, Ordering::Acquire);
    }

    /// The shard is done with the connection.
    pub(crate) fn end(&self, ended: Ended) {
        let phase = match ended {
            Ended::Closed => CLOSING,
            Ended::Reset => OVER,
        };
        self.phase.fetch_max(phase, Ordering::AcqRel);
        self.change();
    }
}

/// Which connections of a shard have control frames to write: at most one entry a connection.
#[derive(Debug)]
pub struct Hints {
    sessions: Mutex<Vec<SessionId>>,
    added: Notify,
    clock: Clock,
}

impl Hints {
    /// None yet, for a shard with this clock.
    pub fn new(clock: Clock) -> Self {
        Self { sessions: Mutex::default(), added: Notify::new(), clock }
    }

    /// The shard's clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Waits until there may be some.
    pub(crate) async fn added(&self) {
        self.added.notified().await;
    }

    /// Takes them all.
    pub fn take(&self) -> Vec<SessionId> {
        std::mem::take(&mut *self.sessions.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn push(&self, session: SessionId) {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).push(session);
        self.added.notify_one();
    }
}
