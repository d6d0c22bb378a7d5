//! The hub: one task that owns all live state and alone sequences what a connection sees.
//!
//! What it decides is in `hub/*`, without a socket, clock or thread. This file only moves inputs
//! to it and effects away from it. Only connections wait for the hub; it takes what the ledger
//! has decided before anything else.

pub mod asking;
pub mod effect;
pub mod input;
pub mod limits;
pub mod posting;
pub mod state;

mod announcing;
mod changes;
mod drain;
mod hello;
mod idle;
mod lists;
mod markers;
mod members;
mod membership;
mod memberships;
mod names;
mod operators;
mod people;
mod presence;
mod proposals;
mod requests;
mod room;
mod seen;
mod session;
mod tokens;
mod turn;
mod typing;

use std::{
    collections::VecDeque,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use protocol::{RoomEvent, Timestamp, server::ByeReason};
use tokio::{
    select,
    sync::{
        mpsc::{self, error::TrySendError},
        oneshot,
    },
    time::{Instant, sleep_until},
};

use self::{
    effect::Effect,
    input::{Input, Now, Ticket},
    state::HubState,
};
use crate::{
    asks::Answers,
    dialect::Encoded,
    fanout::{
        Batch, Fanout, FanoutGone,
        command::{Attach, Command},
    },
    ledger::{
        LedgerGone, LedgerHandle, News, PageQuery, PageResult, Proposal, READS_MAX, ReadRefused,
        Reader,
    },
};

/// Most inputs of connections that wait; a connection that finds it full waits.
const INPUTS_MAX: usize = 1024;
/// Most inputs handled before their effects go out.
const BATCH_MAX: usize = 256;
/// Most pages that are being read for requests; what the readers can take beyond that is for
/// lagging cursors.
const READING_MAX: usize = READS_MAX / 2;
/// When to ask again after the readers had no room.
const READ_AGAIN: Duration = Duration::from_millis(5);
/// How long a draining hub stays at most: 5 s for what is in flight, 5 s for the goodbyes.
const DRAIN: Duration = Duration::from_secs(10);

/// The hub can't go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HubError {
    /// Nothing can be made durable.
    #[error(transparent)]
    Ledger(#[from] LedgerGone),
    /// Nobody can be told.
    #[error(transparent)]
    Fanout(#[from] FanoutGone),
}

/// The hub has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the hub has ended")]
pub(crate) struct HubGone;

/// Tells the hub what happened. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct HubHandle(mpsc::Sender<Input>);

impl HubHandle {
    /// A handle, and where what it sends arrives.
    pub(crate) fn new() -> (Self, mpsc::Receiver<Input>) {
        let (inputs, taken) = mpsc::channel(INPUTS_MAX);
        (Self(inputs), taken)
    }

    /// Sends an input, and waits until the hub has room for it.
    pub(crate) async fn send(&self, input: Input) -> Result<(), HubGone> {
        self.0.send(input).await.map_err(|_| HubGone)
    }

    /// Sends an input if the hub has room for it; gives it back if not.
    #[expect(clippy::result_large_err, reason = "it is not an error, but given back")]
    pub(crate) fn offer(&self, input: Input) -> Result<(), Input> {
        self.0.try_send(input).map_err(TrySendError::into_inner)
    }
}

/// The hub's task.
#[derive(Debug)]
pub(crate) struct Hub {
    state: HubState,
    start: Instant,
    inputs: mpsc::Receiver<Input>,
    news: mpsc::Receiver<News>,
    ledger: LedgerHandle,
    reads: Reads,
    out: Batch,
    answers: Answers,
    /// What this turn proposes: one transaction, so that what came together stays together.
    proposals: Vec<Proposal>,
    drain: oneshot::Receiver<ByeReason>,
    /// When the hub ends even if somebody is still here, once it drains.
    drained_by: Option<Instant>,
    /// Kept, so that its room is used again.
    effects: Vec<Effect>,
}

/// What a hub's task works with.
#[derive(Debug)]
pub(crate) struct Parts {
    /// From connections and shards.
    pub(crate) inputs: mpsc::Receiver<Input>,
    /// From the ledger.
    pub(crate) news: mpsc::Receiver<News>,
    /// Makes things durable.
    pub(crate) ledger: LedgerHandle,
    /// Reads pages.
    pub(crate) reader: Reader,
    /// Tells connections.
    pub(crate) fanout: Fanout,
    /// Answers who has no connection.
    pub(crate) answers: Answers,
    /// When to stop, and why.
    pub(crate) drain: oneshot::Receiver<ByeReason>,
}

impl Hub {
    /// A hub in this state.
    pub(crate) fn new(state: HubState, parts: Parts) -> Self {
        Self {
            state,
            start: Instant::now(),
            inputs: parts.inputs,
            news: parts.news,
            ledger: parts.ledger,
            reads: Reads::new(parts.reader),
            out: Batch::new(parts.fanout),
            answers: parts.answers,
            proposals: Vec::new(),
            drain: parts.drain,
            drained_by: None,
            effects: Vec::new(),
        }
    }

    /// Serves until it is drained. When this returns, what was proposed may still be committed:
    /// the ledger ends after that.
    pub(crate) async fn run(mut self) -> Result<(), HubError> {
        while !self.is_drained() {
            self.wait().await?;
            self.take_ready()?;
            self.propose()?;
            self.out.send().await?;
        }
        Ok(())
    }

    /// Waits for something that happens, and handles it.
    async fn wait(&mut self) -> Result<(), HubError> {
        let takes_input = self.takes_input();
        let drained_by = self.drained_by;
        let tick = self.state.next_deadline().map(|after| self.start + after);
        let read_again = self.reads.is_stuck().then(|| Instant::now() + READ_AGAIN);
        select! {
            biased;
            Some(news) = self.news.recv() => self.hear(news),
            Some((ticket, result)) = self.reads.results.recv() => self.read(ticket, result),
            Ok(reason) = &mut self.drain, if drained_by.is_none() => self.begin_drain(reason),
            () = until(tick) => self.handle(Input::Tick),
            () = until(drained_by) => Ok(()),
            () = until(read_again) => {
                self.reads.begin_waiting();
                Ok(())
            }
            Some(input) = self.inputs.recv(), if takes_input => self.handle(input),
        }
    }

    /// Handles what else is ready, up to a bound, so that its effects go out together.
    fn take_ready(&mut self) -> Result<(), HubError> {
        for _ in 0..BATCH_MAX {
            if let Ok(news) = self.news.try_recv() {
                self.hear(news)?;
            } else if let Ok((ticket, result)) = self.reads.results.try_recv() {
                self.read(ticket, result)?;
            } else if self.takes_input()
                && let Ok(input) = self.inputs.try_recv()
            {
                self.handle(input)?;
            } else {
                return Ok(());
            }
        }
        Ok(())
    }

    fn takes_input(&self) -> bool {
        self.state.may_take_input() && self.reads.waiting.is_empty()
    }

    /// Takes what was sent before the connections stopped reading, then begins to drain.
    fn begin_drain(&mut self, reason: ByeReason) -> Result<(), HubError> {
        self.drained_by = Some(Instant::now() + DRAIN);
        self.out.add_for_all(|| Command::Pause);
        for _ in 0..INPUTS_MAX {
            if !self.takes_input() {
                break;
            }
            let Ok(input) = self.inputs.try_recv() else { break };
            self.handle(input)?;
        }
        self.handle(Input::Drain { reason })
    }

    fn is_drained(&self) -> bool {
        let is_time = self.drained_by.is_some_and(|by| by <= Instant::now());
        self.state.is_drained() || is_time
    }

    /// Handles all of a batch in one turn, however large it is: what was committed together is
    /// told together.
    fn hear(&mut self, news: News) -> Result<(), HubError> {
        Input::all_of(news).into_iter().try_for_each(|input| self.handle(input))
    }

    fn propose(&mut self) -> Result<(), HubError> {
        if !self.proposals.is_empty() {
            self.ledger.propose(std::mem::take(&mut self.proposals))?;
            // Where the ledger shares this core, it waits for its turn as long as there is
            // something to be written; but its sync takes no core, only time.
            thread::yield_now();
        }
        Ok(())
    }

    fn read(&mut self, ticket: Ticket, result: PageResult) -> Result<(), HubError> {
        self.reads.done();
        self.handle(Input::PageRead { ticket, result })
    }

    fn handle(&mut self, input: Input) -> Result<(), HubError> {
        let now = self.now();
        let mut effects = std::mem::take(&mut self.effects);
        self.state.handle(now, input, &mut effects);
        effects.drain(..).try_for_each(|effect| self.perform(effect))?;
        self.effects = effects;
        Ok(())
    }

    fn now(&self) -> Now {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let wall = Timestamp(i64::try_from(wall.as_millis()).unwrap_or(i64::MAX));
        Now { mono: self.start.elapsed(), wall }
    }

    fn perform(&mut self, effect: Effect) -> Result<(), HubError> {
        match effect {
            Effect::Reply { session, frame, answers } => {
                self.out.add_for(session, Command::Reply { session, frame, answers });
            }
            Effect::Done { session } => self.out.add_for(session, Command::Done(session)),
            Effect::Attach { session, joined, gap, after, reader, answers } => {
                let attach = Attach { session, joined, gap, after, reader, answers };
                self.out.add_for(session, Command::Attach(Box::new(attach)));
            }
            Effect::Detach { session, room, left } => {
                self.out.add_for(session, Command::Detach { session, room, left });
            }
            Effect::Append(event) => {
                let (room, frame) = (event.room.clone(), Encoded::event(&event));
                let seq = event.seq;
                self.out.add_for_all(|| Command::Append {
                    room: room.clone(),
                    seq,
                    frame: frame.clone(),
                });
            }
            Effect::Erase { room, left } => {
                let frame =
                    |event: RoomEvent| (event.seq, Encoded::event(&std::sync::Arc::new(event)));
                let left: Vec<_> = left.into_iter().map(frame).collect();
                self.out.add_for_all(|| Command::Erase { room: room.clone(), left: left.clone() });
            }
            Effect::Notice(notice) => {
                let (room, frame) = (notice.room().clone(), Encoded::notice(notice.into()));
                self.out
                    .add_for_all(|| Command::Notice { room: room.clone(), frame: frame.clone() });
            }
            Effect::Propose(proposal) => self.proposals.push(proposal),
            Effect::ReadPage { ticket, query } => self.reads.begin(ticket, query),
            Effect::Seen(people) => self.ledger.seen(people)?,
            Effect::KeepRead(markers) => self.ledger.read(markers)?,
            Effect::Answer { ask, answer } => self.answers.give(ask, answer),
            Effect::Close { session, code, reason } => {
                self.out.add_for(session, Command::Close { session, code, reason });
            }
        }
        Ok(())
    }
}

/// The pages that are being read for requests.
#[derive(Debug)]
struct Reads {
    reader: Reader,
    /// How many are asked for and have not come.
    open: usize,
    /// For which there was no room. While there are any, no input is taken, so that they are no
    /// more than the requests of one batch.
    waiting: VecDeque<(Ticket, PageQuery)>,
    done: mpsc::Sender<(Ticket, PageResult)>,
    results: mpsc::Receiver<(Ticket, PageResult)>,
}

impl Reads {
    fn new(reader: Reader) -> Self {
        let (done, results) = mpsc::channel(READING_MAX);
        Self { reader, open: 0, waiting: VecDeque::new(), done, results }
    }

    fn begin(&mut self, ticket: Ticket, query: PageQuery) {
        self.waiting.push_back((ticket, query));
        self.begin_waiting();
    }

    /// Whether no page will come that would begin those that wait.
    fn is_stuck(&self) -> bool {
        self.open == 0 && !self.waiting.is_empty()
    }

    fn done(&mut self) {
        self.open -= 1;
        self.begin_waiting();
    }

    fn begin_waiting(&mut self) {
        while self.open < READING_MAX
            && let Some((ticket, query)) = self.waiting.pop_front()
        {
            let done = self.done.clone();
            let reply = move |result| {
                // There is room for as many as are open.
                let _ = done.try_send((ticket, result));
            };
            match self.reader.read(query.clone(), reply) {
                Err(ReadRefused::Busy) => return self.waiting.push_front((ticket, query)),
                // If the ledger has ended, so does the process.
                Ok(()) | Err(ReadRefused::Gone) => self.open += 1,
            }
        }
    }
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
