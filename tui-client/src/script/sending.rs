//! What is sent next, and what the hub has stored of it. PURE.
//!
//! One message of each destination is on its way at a time, as in the client with a screen: a
//! refusal for the moment ("the disk is full") keeps it and all behind it, so the order is that of
//! the input whatever happens. Its id is made once, so a message that was stored by a hub that was
//! lost before it could say so is not stored again.

use std::{collections::VecDeque, time::Duration};

use protocol::{
    Addressee, ClientFrame, MessageText, RequestId, RoomName, ServerFrame, UserName,
    client::{Direct, Join, Say},
    server::ErrorFrame,
};

use crate::{event::Now, ids::Ids};

/// Lines that were read and that the hub has not stored yet: reading stops at that, so that a
/// million lines do not fill the memory.
const UNACKED_MAX: usize = 64;
/// The id of every `join`, by which its refusal is known.
const JOIN_ID: &str = "join";

/// Where messages go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// To everybody there.
    Room(RoomName),
    /// To this person alone.
    Person(UserName),
}

/// Something to send: a line of the input, or the words of the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Which line of the input, from 1.
    pub(crate) number: Option<u64>,
    /// What it says, or why it cannot be sent.
    pub(crate) text: Result<MessageText, String>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Send this.
    Send(ClientFrame),
    /// Tell the user.
    Complain(String),
}

/// Everything that is on its way.
#[derive(Debug)]
pub(crate) struct Sending {
    lanes: Vec<Lane>,
    ids: Ids,
    timeout: Option<Duration>,
    /// When something was stored or refused last, or had to be, after there was nothing to do.
    moved_at: Duration,
    is_live: bool,
    /// How many lines or rooms were refused.
    refused: usize,
    /// Why nothing goes on, as far as the hub says.
    why: Option<String>,
}

/// What goes to one destination.
#[derive(Debug)]
struct Lane {
    to: Destination,
    entry: Entry,
    queue: VecDeque<Unacked>,
    /// Whether the first of the queue is on its way over the connection that there is.
    is_sent: bool,
    /// The hub wants to be asked again not before that.
    wait_until: Option<Duration>,
}

/// Whether one can write there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    Outside,
    Asked,
    Open,
    /// The hub does not want that.
    Refused,
}

#[derive(Debug)]
struct Unacked {
    number: Option<u64>,
    id: RequestId,
    text: MessageText,
}

impl Sending {
    /// Nothing yet.
    pub(crate) fn new(
        destinations: Vec<Destination>,
        timeout: Option<Duration>,
        seed: u64,
        now: Now,
    ) -> Self {
        let lanes = destinations.into_iter().map(Lane::new).collect();
        let (is_live, refused, why) = (false, 0, None);
        let ids = Ids::new(seed);
        Self { lanes, ids, timeout, moved_at: now.mono, is_live, refused, why }
    }

    /// Whether another line can be taken.
    pub(crate) fn has_room(&self) -> bool {
        self.lanes.iter().all(|lane| lane.queue.len() < UNACKED_MAX)
    }

    /// Whether all that was taken is stored or refused.
    pub(crate) fn is_settled(&self) -> bool {
        self.lanes.iter().all(|lane| lane.queue.is_empty())
    }

    /// Whether nothing can be sent anywhere.
    pub(crate) fn is_hopeless(&self) -> bool {
        self.lanes.iter().all(|lane| lane.entry == Entry::Refused)
    }

    /// How many lines or rooms were refused.
    pub(crate) fn refused(&self) -> usize {
        self.refused
    }

    /// A line of the input.
    pub(crate) fn take(&mut self, line: Line, now: Now) -> Vec<Step> {
        let text = match line.text {
            Ok(text) => text,
            Err(why) => return vec![self.refuse(line.number, &why, now)],
        };
        if self.is_settled() {
            self.moved_at = now.mono;
        }
        for lane in self.lanes.iter_mut().filter(|lane| lane.entry != Entry::Refused) {
            let (id, text) = (self.ids.next(now.wall), text.clone());
            lane.queue.push_back(Unacked { number: line.number, id, text });
        }
        self.go_on(now)
    }

    /// The hub says something.
    pub(crate) fn hear(&mut self, frame: &ServerFrame, now: Now) -> Vec<Step> {
        let mut steps = Vec::new();
        match frame {
            ServerFrame::Welcome(_) => self.is_live = true,
            ServerFrame::Joined(joined) => self.joined(&joined.room),
            ServerFrame::Ack(ack) => self.acked(&ack.id, now),
            ServerFrame::Error(error) => steps.extend(self.denied(error, now)),
            _ => {}
        }
        steps.extend(self.go_on(now));
        steps
    }

    /// The connection is gone, and with it what was on its way, as far as anybody knows.
    pub(crate) fn lost(&mut self) {
        self.is_live = false;
        for lane in &mut self.lanes {
            lane.is_sent = false;
            if lane.entry != Entry::Refused {
                lane.entry = lane.to.entry();
            }
        }
    }

    /// What can be done by now.
    pub(crate) fn go_on(&mut self, now: Now) -> Vec<Step> {
        if !self.is_live {
            return Vec::new();
        }
        self.lanes.iter_mut().filter_map(|lane| lane.next(now.mono)).map(Step::Send).collect()
    }

    /// When to [go on](Self::go_on), or to look whether it [took too long](Self::is_overdue).
    pub(crate) fn deadline(&self) -> Option<Duration> {
        let waits = self.lanes.iter().filter_map(|lane| lane.wait_until);
        waits.chain(self.gives_up_at()).min()
    }

    /// Whether the hub has stored nothing for too long.
    pub(crate) fn is_overdue(&self, now: Now) -> bool {
        self.gives_up_at().is_some_and(|deadline| deadline <= now.mono)
    }

    /// From which line on nothing is stored for certain, and why; `None` where all is.
    pub(crate) fn unacked(&self) -> Option<String> {
        let firsts = self.lanes.iter().filter_map(|lane| lane.queue.front());
        let first = firsts.min_by_key(|unacked| unacked.number)?;
        let what = match first.number {
            Some(number) => format!("line {number} is the first that the hub has not confirmed"),
            None => "the hub has not confirmed the message".to_owned(),
        };
        let why = self.why.as_ref().map(|why| format!(" ({why})"));
        Some(what + &why.unwrap_or_default())
    }

    fn gives_up_at(&self) -> Option<Duration> {
        self.timeout.filter(|_| !self.is_settled()).map(|timeout| self.moved_at + timeout)
    }

    fn joined(&mut self, room: &RoomName) {
        if let Some(lane) = self.lanes.iter_mut().find(|lane| lane.is_in(room))
            && lane.entry != Entry::Refused
        {
            lane.entry = Entry::Open;
        }
    }

    fn acked(&mut self, id: &RequestId, now: Now) {
        if self.take_first(id).is_some() {
            self.moved(now);
        }
    }

    /// The hub does not want something: for the moment, or at all.
    fn denied(&mut self, error: &ErrorFrame, now: Now) -> Option<Step> {
        let id = error.id.as_ref()?;
        let is_join = id.as_str() == JOIN_ID;
        let is_meant = |lane: &Lane| match (&error.room, is_join) {
            (Some(room), true) => lane.is_in(room) && lane.entry == Entry::Asked,
            (None, true) => lane.entry == Entry::Asked,
            (_, false) => lane.is_first(id),
        };
        let lane = self.lanes.iter_mut().find(|lane| is_meant(lane))?;
        if let Some(wait) = error.retry_after_ms {
            lane.wait(now.mono + Duration::from_millis(wait));
            self.why = Some(error.text.clone());
            return None;
        }
        if is_join {
            let left = lane.close();
            self.moved(now);
            self.refused += 1;
            return Some(Step::Complain(format!("nothing goes to {left}: {}", error.text)));
        }
        let number = self.take_first(id).and_then(|unacked| unacked.number);
        Some(self.refuse(number, &error.text, now))
    }

    fn take_first(&mut self, id: &RequestId) -> Option<Unacked> {
        let lane = self.lanes.iter_mut().find(|lane| lane.is_first(id))?;
        lane.is_sent = false;
        lane.queue.pop_front()
    }

    fn refuse(&mut self, number: Option<u64>, why: &str, now: Now) -> Step {
        self.moved(now);
        self.refused += 1;
        let which =
            number.map_or("not sent".to_owned(), |number| format!("line {number} not sent"));
        Step::Complain(format!("{which}: {why}"))
    }

    fn moved(&mut self, now: Now) {
        self.moved_at = now.mono;
        self.why = None;
    }
}

impl Destination {
    /// One can write to a person from anywhere.
    fn entry(&self) -> Entry {
        match self {
            Self::Room(_) => Entry::Outside,
            Self::Person(_) => Entry::Open,
        }
    }
}

impl Lane {
    fn new(to: Destination) -> Self {
        let (entry, queue) = (to.entry(), VecDeque::new());
        Self { to, entry, queue, is_sent: false, wait_until: None }
    }

    fn is_in(&self, room: &RoomName) -> bool {
        matches!(&self.to, Destination::Room(own) if own == room)
    }

    /// Whether the first of the queue has this id.
    fn is_first(&self, id: &RequestId) -> bool {
        self.queue.front().is_some_and(|first| first.id == *id)
    }

    /// The next frame, if it is time for one. Nobody comes in who has nothing to say.
    fn next(&mut self, now: Duration) -> Option<ClientFrame> {
        let first = self.queue.front().filter(|_| !self.is_sent)?;
        if self.wait_until.is_some_and(|until| now < until) {
            return None;
        }
        self.wait_until = None;
        match (&self.to, self.entry) {
            (Destination::Room(room), Entry::Outside) => {
                let join = join(room.clone());
                self.entry = Entry::Asked;
                Some(join)
            }
            (to, Entry::Open) => {
                let frame = first.frame(to);
                self.is_sent = true;
                Some(frame)
            }
            (_, Entry::Asked | Entry::Refused | Entry::Outside) => None,
        }
    }

    fn wait(&mut self, until: Duration) {
        self.wait_until = Some(until);
        self.is_sent = false;
        if self.entry == Entry::Asked {
            self.entry = Entry::Outside;
        }
    }

    /// Nothing goes there any more. Returns where that is.
    fn close(&mut self) -> String {
        self.entry = Entry::Refused;
        self.queue.clear();
        self.wait_until = None;
        match &self.to {
            Destination::Room(room) => room.to_string(),
            Destination::Person(name) => name.to_string(),
        }
    }
}

impl Unacked {
    fn frame(&self, to: &Destination) -> ClientFrame {
        let (id, text) = (self.id.clone(), self.text.clone());
        match to {
            Destination::Room(room) => {
                ClientFrame::Say(Say { room: room.clone(), id, text, reply_to: None })
            }
            Destination::Person(name) => {
                ClientFrame::Direct(Direct { to: Addressee::Name(name.clone()), id, text })
            }
        }
    }
}

fn join(room: RoomName) -> ClientFrame {
    let id = RequestId::parse(JOIN_ID).ok();
    ClientFrame::Join(Join { id, room, after: None, epoch: None })
}

#[cfg(test)]
mod tests;
