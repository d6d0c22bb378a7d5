//! Asks the hub without being a connection: a question goes into the hub's queue like every other
//! input, and its answer comes back to whoever waits for it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use protocol::RoomName;
use tokio::sync::oneshot;

use crate::hub::{
    HubHandle,
    asking::{Answer, AskId, Question},
    input::Input,
};

/// Most questions that wait for an answer at once. Each is a few kilobytes at the most (the text
/// of a message) and one proposal; who asks beyond that is told to come back.
const OPEN_MAX: usize = 1024;

/// Asks the hub. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Asks {
    hub: HubHandle,
    table: Arc<Mutex<Table>>,
}

/// Where the hub's task brings its answers. When it is dropped, nobody waits any more.
#[derive(Debug)]
pub(crate) struct Answers(Arc<Mutex<Table>>);

/// Why a question has no answer. In neither case is it known that nothing was done: who asks for
/// something to be stored asks again under the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unanswered {
    /// Too many are asking.
    #[error("the hub has too much to do; try again in a second")]
    Busy,
    /// The hub is stopping.
    #[error("the hub is stopping; try again soon")]
    Stopping,
}

#[derive(Debug)]
struct Table {
    next: u64,
    open: HashMap<AskId, oneshot::Sender<Answer>>,
    /// Whether the hub has ended.
    is_closed: bool,
}

/// A question that waits. Dropped, it is forgotten: its asker has gone.
struct Open<'a> {
    ask: AskId,
    table: &'a Mutex<Table>,
}

impl Asks {
    /// Asks this hub, whose task answers by the second of these.
    pub(crate) fn new(hub: HubHandle) -> (Self, Answers) {
        let table = Table { next: 0, open: HashMap::new(), is_closed: false };
        let table = Arc::new(Mutex::new(table));
        (Self { hub, table: Arc::clone(&table) }, Answers(table))
    }

    /// Whether there is a public room of this name.
    #[allow(dead_code, reason = "for who watches a room over HTTP")]
    pub(crate) async fn room_exists(&self, room: &RoomName) -> Result<bool, Unanswered> {
        let answer = self.ask(Question::RoomExists(room.clone())).await?;
        Ok(answer == Answer::RoomExists(true))
    }

    /// Asks, and waits until the hub has decided and what it decided is durable.
    pub(crate) async fn ask(&self, question: Question) -> Result<Answer, Unanswered> {
        let (open, answer) = self.begin()?;
        let asked = Input::Asked { ask: open.ask, question };
        self.hub.send(asked).await.map_err(|_| Unanswered::Stopping)?;
        match answer.await {
            Ok(Answer::Stopping) | Err(_) => Err(Unanswered::Stopping),
            Ok(answer) => Ok(answer),
        }
    }

    fn begin(&self) -> Result<(Open<'_>, oneshot::Receiver<Answer>), Unanswered> {
        let mut table = lock(&self.table);
        if table.is_closed {
            return Err(Unanswered::Stopping);
        }
        if table.open.len() >= OPEN_MAX {
            return Err(Unanswered::Busy);
        }
        let ask = AskId(table.next);
        table.next += 1;
        let (give, answer) = oneshot::channel();
        table.open.insert(ask, give);
        Ok((Open { ask, table: &self.table }, answer))
    }
}

impl Answers {
    /// Brings an answer to whoever asked, if they still wait.
    pub(crate) fn give(&self, ask: AskId, answer: Answer) {
        if let Some(asker) = lock(&self.0).open.remove(&ask) {
            // Who has gone in this moment wants nothing any more.
            let _ = asker.send(answer);
        }
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        let mut table = lock(&self.0);
        table.is_closed = true;
        table.open.clear();
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        lock(self.table).open.remove(&self.ask);
    }
}

fn lock(table: &Mutex<Table>) -> MutexGuard<'_, Table> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lobby() -> Question {
        Question::RoomExists(RoomName::lobby())
    }

    #[tokio::test]
    async fn an_answer_comes_to_whoever_asked() {
        let (hub, mut inputs) = HubHandle::new();
        let (asks, answers) = Asks::new(hub);
        let answer_last_first = async {
            let mut asked = Vec::new();
            for _ in 0..2 {
                if let Some(Input::Asked { ask, question }) = inputs.recv().await {
                    asked.push((ask, question == lobby()));
                }
            }
            for (ask, is_lobby) in asked.into_iter().rev() {
                answers.give(ask, Answer::RoomExists(is_lobby));
            }
        };
        let (lobby, other) = (RoomName::lobby(), RoomName::announcements());
        let (there, not_there, ()) =
            tokio::join!(asks.room_exists(&lobby), asks.room_exists(&other), answer_last_first);
        assert_eq!((there, not_there), (Ok(true), Ok(false)));
    }

    #[tokio::test]
    async fn who_has_gone_is_forgotten() {
        let (hub, mut inputs) = HubHandle::new();
        let (asks, answers) = Asks::new(hub);
        {
            let mut asking = std::pin::pin!(asks.ask(lobby()));
            assert!(futures::poll!(asking.as_mut()).is_pending());
            assert_eq!(lock(&asks.table).open.len(), 1);
        }
        assert!(lock(&asks.table).open.is_empty());
        let Some(Input::Asked { ask, .. }) = inputs.recv().await else { panic!("a question") };
        answers.give(ask, Answer::RoomExists(true));
    }

    #[tokio::test]
    async fn one_more_than_may_wait_is_told_to_come_back() {
        let (hub, _inputs) = HubHandle::new();
        let (asks, _answers) = Asks::new(hub);
        let open: Vec<_> = (0..OPEN_MAX).map(|_| asks.begin().unwrap()).collect();
        assert_eq!(asks.ask(lobby()).await, Err(Unanswered::Busy));
        drop(open);
        assert!(asks.begin().is_ok());
    }

    #[tokio::test]
    async fn a_hub_that_ended_answers_nobody_and_everybody_hears_of_it() {
        let (hub, _inputs) = HubHandle::new();
        let (asks, answers) = Asks::new(hub);
        let (waited, ()) = tokio::join!(asks.ask(lobby()), async { drop(answers) });
        assert_eq!(waited, Err(Unanswered::Stopping));
        assert_eq!(asks.ask(lobby()).await, Err(Unanswered::Stopping));
    }
}
