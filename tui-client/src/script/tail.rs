//! `hubbub tail`: the loop around [`Tailing`].

use anyhow::{Context as _, Result};
use jiff::tz::TimeZone;
use protocol::{RoomName, Seq, ServerFrame};

use super::{
    DONE, FAILURE, Failure, code_of_signal, lines,
    output::Output,
    session::{News, Session, complain},
    tailing::{From, Step, Tailing, Wanted},
};
use crate::{
    cli,
    clock::Clock,
    event::LinkEvent,
    settings_file::Loaded,
    signals::{Happened, Signals},
};

/// Prints what was said. Returns the exit code.
pub async fn tail(arguments: &cli::Tail, settings: &Loaded) -> Result<u8> {
    let wanted = wanted(arguments)?;
    let session = Session::begin(&arguments.connect(), settings).await?;
    let signals = Signals::heeded()?;
    let clock = Clock::start();
    let tailing = Tailing::new(wanted, clock.now());
    let output = Output::start().context("can't write the output")?;
    let (zone, is_json) = (TimeZone::system(), arguments.json);
    let mut tail = Tail { session, tailing, clock, signals, output, zone, is_json };
    let outcome = tail.run().await;
    let Tail { session, mut signals, output, .. } = tail;
    session.close().await;
    if let Ok(End::Signal(signal)) = outcome {
        return Ok(code_of_signal(signal));
    }
    // What was printed is to be read, whatever the end is.
    tokio::select! {
        () = output.finish() => {}
        signal = ended(&mut signals) => return Ok(code_of_signal(signal)),
    }
    match outcome? {
        End::Code(code) => Ok(code),
        End::Signal(signal) => Ok(code_of_signal(signal)),
    }
}

fn wanted(arguments: &cli::Tail) -> Result<Wanted, Failure> {
    let from =
        match arguments.since {
            Some(number) => From::Seq(Seq::new(number.max(1)).ok_or_else(|| {
                Failure::new(FAILURE, format!("no message has the number {number}"))
            })?),
            None => From::Last(arguments.lines),
        };
    Ok(Wanted {
        room: arguments.room.clone().unwrap_or_else(RoomName::lobby),
        from,
        follows: arguments.follow,
        until: arguments.until.clone(),
        timeout: arguments.timeout(),
    })
}

struct Tail {
    session: Session,
    tailing: Tailing,
    clock: Clock,
    signals: Signals,
    output: Output,
    zone: TimeZone,
    is_json: bool,
}

/// How it ends.
enum End {
    Code(u8),
    Signal(i32),
}

impl Tail {
    async fn run(&mut self) -> Result<End, Failure> {
        loop {
            let deadline = self.tailing.deadline();
            let steps = tokio::select! {
                event = self.session.event() => self.hear(event)?,
                () = self.clock.sleep_until(deadline) => self.tailing.tick(self.clock.now()),
                () = self.output.unread() => return Ok(End::Code(DONE)),
                signal = ended(&mut self.signals) => return Ok(End::Signal(signal)),
            };
            if let Some(end) = self.apply(steps).await? {
                return Ok(end);
            }
        }
    }

    fn hear(&mut self, event: Option<LinkEvent>) -> Result<Vec<Step>, Failure> {
        let now = self.clock.now();
        Ok(match self.session.hear(event)? {
            News::None => Vec::new(),
            News::Frame(frame) => self.tailing.hear(*frame, now),
            News::Lost => {
                self.tailing.lost(now);
                Vec::new()
            }
        })
    }

    async fn apply(&mut self, steps: Vec<Step>) -> Result<Option<End>, Failure> {
        let (mut text, mut end) = (String::new(), None);
        for step in steps {
            match step {
                Step::Send(frame) => self.session.send(frame),
                Step::Event(event) if self.is_json => {
                    text += &lines::json(&ServerFrame::Event(event));
                }
                Step::Event(event) => text += &lines::text(&event, &self.zone),
                Step::Gap(gap) if self.is_json => text += &lines::json(&ServerFrame::Gap(gap)),
                Step::Gap(gap) => complain(&lines::missing(&gap)),
                Step::End(code, why) => end = Some((code, why)),
            }
        }
        if let Some(end) = self.print(text).await {
            return Ok(Some(end));
        }
        match end {
            Some((code, Some(why))) => Err(Failure::new(code, why)),
            Some((code, None)) => Ok(Some(End::Code(code))),
            None => Ok(None),
        }
    }

    /// Prints, for as long as somebody reads and no signal comes.
    async fn print(&mut self, text: String) -> Option<End> {
        if text.is_empty() {
            return None;
        }
        tokio::select! {
            is_read = self.output.print(text) => (!is_read).then_some(End::Code(DONE)),
            signal = ended(&mut self.signals) => Some(End::Signal(signal)),
        }
    }
}

/// Waits for a signal that ends the program.
async fn ended(signals: &mut Signals) -> i32 {
    loop {
        if let Happened::Ended(signal) = signals.next().await {
            return signal;
        }
    }
}
