//! `hubbub send`: the loop around [`Sending`].

use anyhow::{Context as _, Result};
use protocol::{MessageText, RoomName};
use tokio::sync::mpsc;

use super::{
    DONE, FAILURE, Failure, LOST, input,
    sending::{Destination, Line, Sending, Step},
    session::{News, Session, complain},
};
use crate::{
    cli,
    clock::Clock,
    event::LinkEvent,
    settings_file::Loaded,
    signals::{Happened, Signals},
};

/// Sends what the command line or the input says. Returns the exit code.
pub async fn send(arguments: &cli::Send, settings: &Loaded) -> Result<u8> {
    let message = arguments.message().map(|text| MessageText::parse(&text)).transpose();
    let message = message.map_err(|refusal| Failure::new(FAILURE, refusal.text))?;
    let session = Session::begin(&arguments.connect(), settings).await?;
    let signals = Signals::heeded()?;
    let clock = Clock::start();
    let destinations = destinations(arguments);
    let sending = Sending::new(destinations, arguments.timeout(), fastrand::u64(..), clock.now());
    let input = match message {
        Some(_) => None,
        None => Some(input::read_lines().context("can't read the input")?),
    };
    let mut sender = Sender { session, sending, clock, signals, input };
    if let Some(text) = message {
        sender.take(Line { number: None, text: Ok(text) });
    }
    let outcome = sender.run().await;
    sender.session.close().await;
    outcome
}

/// The lobby, unless told otherwise. What is for one person goes to no room.
fn destinations(arguments: &cli::Send) -> Vec<Destination> {
    if let Some(name) = &arguments.to {
        return vec![Destination::Person(name.clone())];
    }
    let mut rooms = arguments.rooms.clone();
    if rooms.is_empty() {
        rooms.push(RoomName::lobby());
    }
    let mut seen = std::collections::HashSet::new();
    rooms.retain(|room| seen.insert(room.clone()));
    rooms.into_iter().map(Destination::Room).collect()
}

struct Sender {
    session: Session,
    sending: Sending,
    clock: Clock,
    signals: Signals,
    /// As long as more lines may come.
    input: Option<mpsc::Receiver<Line>>,
}

/// What was waited for.
enum Event {
    Link(Option<LinkEvent>),
    Line(Option<Line>),
    Tick,
    Ended(i32),
    Nothing,
}

impl Sender {
    async fn run(&mut self) -> Result<u8> {
        while !self.is_done() {
            match self.next_event().await {
                Event::Link(event) => self.hear(event)?,
                Event::Line(Some(line)) => self.take(line),
                Event::Line(None) => self.input = None,
                Event::Tick => self.tick()?,
                Event::Ended(signal) => return Ok(self.ended(signal)),
                Event::Nothing => {}
            }
        }
        Ok(if self.sending.refused() > 0 { FAILURE } else { DONE })
    }

    fn is_done(&self) -> bool {
        let is_all = self.input.is_none() && self.sending.is_settled();
        is_all || self.sending.is_hopeless()
    }

    async fn next_event(&mut self) -> Event {
        let has_room = self.sending.has_room();
        let deadline = self.sending.deadline();
        tokio::select! {
            event = self.session.event() => Event::Link(event),
            line = next_line(&mut self.input), if has_room => Event::Line(line),
            () = self.clock.sleep_until(deadline) => Event::Tick,
            happened = self.signals.next() => match happened {
                Happened::Ended(signal) => Event::Ended(signal),
                Happened::Resized | Happened::Continued => Event::Nothing,
            },
        }
    }

    fn take(&mut self, line: Line) {
        let steps = self.sending.take(line, self.clock.now());
        self.apply(steps);
    }

    fn hear(&mut self, event: Option<LinkEvent>) -> Result<(), Failure> {
        let news = self.session.hear(event).map_err(|failure| self.with_rest(failure))?;
        match news {
            News::None => {}
            News::Frame(frame) => {
                let steps = self.sending.hear(&frame, self.clock.now());
                self.apply(steps);
            }
            News::Lost => self.sending.lost(),
        }
        Ok(())
    }

    fn tick(&mut self) -> Result<(), Failure> {
        let now = self.clock.now();
        if self.sending.is_overdue(now) {
            return Err(self.with_rest(Failure::new(LOST, "the hub stores nothing any more")));
        }
        let steps = self.sending.go_on(now);
        self.apply(steps);
        Ok(())
    }

    /// From which line on the script has to care.
    fn with_rest(&self, failure: Failure) -> Failure {
        match self.sending.unacked() {
            Some(rest) => Failure::new(failure.code, format!("{}; {rest}", failure.sentence)),
            None => failure,
        }
    }

    fn ended(&self, signal: i32) -> u8 {
        if let Some(rest) = self.sending.unacked() {
            complain(&format!("ended by signal {signal}; {rest}"));
        }
        super::code_of_signal(signal)
    }

    fn apply(&self, steps: Vec<Step>) {
        for step in steps {
            match step {
                Step::Send(frame) => self.session.send(frame),
                Step::Complain(sentence) => complain(&sentence),
            }
        }
    }
}

/// The next line; where none can come, never.
async fn next_line(input: &mut Option<mpsc::Receiver<Line>>) -> Option<Line> {
    match input {
        Some(input) => input.recv().await,
        None => std::future::pending().await,
    }
}
