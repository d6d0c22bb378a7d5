//! Linear mode: the same client without a screen. Lines from stdin are messages or commands, and
//! everything that happens is one line on stdout: for pipes, screen readers and terminals that
//! can only scroll. No escape sequence is ever written.

use std::{
    collections::VecDeque,
    io::{self, IsTerminal as _},
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow};
use rustix::process::Signal;
use tokio::{signal::unix, sync::mpsc, time};

use crate::{
    app::{ACKS_TAKE, Farewell},
    clock::Clock,
    command,
    connection::Link,
    effect::Effect,
    event::{Event, Size},
    host::Keeper,
    join::{Beginning, Joining},
    outbox::Note,
    prompt::{Ask, Prompt},
    say,
    settings_file::Watch,
    signals::{Happened, Signals},
    state::State,
    storage::Journal,
    update::{leaving, update},
};

mod echo;
mod input;
mod lines;

use echo::Echo;
use lines::Printer;

/// What `update` takes for the size of the terminal: it asks for as much history as that shows.
const SIZE: Size = Size { columns: 80, rows: 24 };

/// How soon a second Ctrl+C is one: the first has cleared the line, as everywhere.
const QUIT_WITHIN: Duration = Duration::from_secs(2);

/// Runs until the input ends and is sent, or the user leaves. What was not sent is an error.
pub async fn run(joining: Joining) -> Result<Farewell> {
    let mut signals = Signals::new()?;
    let clock = Clock::start();
    let Beginning { mut state, first, start, journal, child, watched } =
        joining.begin(SIZE, false, clock.now());
    if state.settings.hosting.is_some() {
        let _ = command::show_invite(&mut state); // Then there is no address to name.
    }
    let asks_somebody = io::stdin().is_terminal();
    let mut plain = Plain {
        printer: Printer::new(clock.now()),
        state,
        journal,
        link: Link::start(start),
        clock,
        input: input::read_lines().context("can't read the input")?,
        has_input: true,
        watch: Watch::start(watched),
        asks_somebody,
        echo: Echo::default(),
        stops: if asks_somebody { Some(echo::stops()?) } else { None },
        quit_until: None,
        untaken: 0,
        ending: None,
    };
    plain.handle(first);
    plain.run(&mut signals).await;
    plain.take_lines();
    plain.handle(Event::Ending);
    plain.hear_out().await;
    plain.leave(child).await
}

struct Plain {
    state: State,
    printer: Printer,
    /// What was typed, on disk.
    journal: Journal,
    link: Link,
    clock: Clock,
    input: mpsc::Receiver<String>,
    /// Whether more may come from stdin.
    has_input: bool,
    /// The settings file.
    watch: Watch,
    /// Whether somebody is there to answer questions.
    asks_somebody: bool,
    echo: Echo,
    /// Ctrl+Z, where it is for us to stop.
    stops: Option<unix::Signal>,
    /// Until when a second Ctrl+C quits.
    quit_until: Option<Duration>,
    /// Lines that came too late to be carried out.
    untaken: usize,
    ending: Option<Ending>,
}

enum Ending {
    Asked,
    Signal(i32),
    /// Nobody reads what is printed.
    OutputGone,
    ConnectionBroken,
    /// A question that nobody answers, in a sentence.
    Unanswered(String),
}

impl Plain {
    async fn run(&mut self, signals: &mut Signals) {
        while self.ending.is_none() && (self.has_input || !self.is_done()) {
            if let Some(event) = self.own_answer() {
                self.handle(event);
            } else if let Some(event) = self.next_event(signals).await {
                self.handle(event);
            }
        }
    }

    /// Whether everything that was taken is done and told, as far as it can be now.
    fn is_done(&self) -> bool {
        let is_told = !self.state.link.is_live() || self.printer.has_told_all(&self.state);
        input::is_done(&self.state) && is_told
    }

    /// Waits; `None` when something happened that is no event. A line is taken only when the one
    /// before has been answered: it may be meant for the room that was joined with that.
    async fn next_event(&mut self, signals: &mut Signals) -> Option<Event> {
        let takes_line = self.has_input && input::is_ready(&self.state);
        let deadline = self.state.next_deadline();
        tokio::select! {
            event = self.link.events.recv() => {
                if event.is_none() {
                    self.ending = Some(Ending::ConnectionBroken);
                }
                event.map(Event::Link)
            }
            line = self.input.recv(), if takes_line => {
                self.has_input = line.is_some();
                self.watch.look();
                line.map(Event::Line)
            }
            event = self.watch.changed() => Some(event),
            () = self.clock.sleep_until(deadline) => Some(Event::Tick),
            happened = signals.next() => {
                if let Happened::Ended(signal) = happened {
                    self.signalled(signal);
                }
                None
            }
            () = next_stop(&mut self.stops) => {
                self.stop();
                None
            }
        }
    }

    /// Stops, and asks again when it goes on: other lines may stand behind the question by then.
    fn stop(&mut self) {
        self.echo.stop();
        self.printer.ask_again();
        self.look();
    }

    /// Somebody at a terminal who clears the line with Ctrl+C does not mean to leave with that.
    fn signalled(&mut self, signal: i32) {
        let now = self.clock.now().mono;
        let is_second = self.quit_until.is_some_and(|until| now < until);
        let may_be_for_line = self.asks_somebody && self.state.prompt.is_none();
        if signal != Signal::INT.as_raw() || is_second || !may_be_for_line {
            self.ending = Some(Ending::Signal(signal));
            return;
        }
        self.quit_until = Some(now + QUIT_WITHIN);
        let warning = leaving::warning(&self.state).map(|warning| format!("{warning}; "));
        let warning = warning.unwrap_or_default();
        self.state.separator.answer(format!("{warning}Ctrl+C again quits"));
        self.look();
    }

    /// What was typed before the end came is not lost: messages go out next time. What follows a
    /// `/quit` is for nobody.
    fn take_lines(&mut self) {
        let ending = self.ending.take();
        if !matches!(ending, Some(Ending::Asked)) {
            while let Ok(line) = self.input.try_recv() {
                let is_command = line.starts_with('/') && !line.starts_with("//");
                if is_command || self.state.prompt.is_some() {
                    self.untaken += 1;
                } else {
                    self.handle(Event::Line(line));
                }
            }
        }
        self.ending = ending;
    }

    /// The answer to a question where nobody is there to give one. What is read from a pipe was
    /// not written as an answer.
    fn own_answer(&mut self) -> Option<Event> {
        let prompt = self.state.prompt.as_ref().filter(|_| !self.asks_somebody)?;
        match without_somebody(prompt) {
            Ok(answer) => Some(Event::Line(answer)),
            Err(why) => {
                self.ending = Some(Ending::Unanswered(why));
                None
            }
        }
    }

    /// Does what `update` wants, and prints what has happened.
    fn handle(&mut self, event: Event) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let now = self.clock.now();
            let heard = self.printer.hear(&event, &self.state, now);
            let effects = update(&mut self.state, event, now);
            self.print(&heard);
            self.look();
            for effect in effects {
                events.extend(self.apply(effect));
            }
        }
    }

    fn look(&mut self) {
        let said = self.printer.look(&mut self.state);
        // Before the question is there to be answered.
        let is_masked = self.state.prompt.as_ref().is_some_and(Prompt::is_masked);
        self.echo.set(!(is_masked && self.asks_somebody));
        self.print(&said);
    }

    /// What follows at once. What concerns a screen is left out.
    fn apply(&mut self, effect: Effect) -> Option<Event> {
        match self.link.carry_out(effect)? {
            Effect::Keep(notes) => return Some(self.keep(&notes)),
            Effect::Become { owner } => {
                return Some(Event::Restored(self.journal.become_owner(owner)));
            }
            Effect::Quit => self.ending = Some(Ending::Asked),
            _ => {}
        }
        None
    }

    fn keep(&mut self, notes: &[Note]) -> Event {
        match self.journal.keep(notes) {
            Ok(()) => Event::Kept,
            Err(error) => Event::NotKept { why: error.in_short() },
        }
    }

    fn print(&mut self, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        if say::out(&lines.concat()).is_err() {
            self.ending = Some(Ending::OutputGone);
        }
    }

    /// What is on its way is most often stored already: then that is seen, and nobody is told that
    /// it is not.
    async fn hear_out(&mut self) {
        let deadline = time::sleep(ACKS_TAKE);
        tokio::pin!(deadline);
        let is_on_its_way = |state: &State| state.link.is_live() && !state.outbox.is_settled();
        while self.state.awaits_ack() || is_on_its_way(&self.state) {
            let event = tokio::select! {
                event = self.link.events.recv() => event,
                () = &mut deadline => return,
            };
            let Some(event) = event else { return };
            self.handle(Event::Link(event));
        }
    }

    async fn leave(mut self, child: Option<Keeper>) -> Result<Farewell> {
        self.echo.set(true);
        self.journal.close();
        let unkept = self.link.close().await;
        if let Some(child) = child {
            child.end().await;
        }
        let lines = leaving::farewell(&self.state).into_iter().chain(untaken(self.untaken));
        let lines: Vec<String> = lines.chain(unkept.map(|error| error.to_string())).collect();
        let signal = match self.ending {
            Some(Ending::Signal(signal)) => Some(signal),
            Some(Ending::Unanswered(why)) => return Err(anyhow!(why)),
            Some(Ending::ConnectionBroken) => {
                return Err(anyhow!("the connection broke by an error of this program"));
            }
            Some(Ending::Asked | Ending::OutputGone) | None => None,
        };
        let is_left = self.state.outbox.unsent() + self.state.outbox.failed() > 0;
        if signal.is_none() && is_left {
            return Err(anyhow!(lines.join("\n")));
        }
        if signal.is_none() && self.printer.has_complained() && !self.asks_somebody {
            return Err(anyhow!("not every line was carried out; the output says why"));
        }
        Ok(Farewell { lines, signal })
    }
}

/// The next Ctrl+Z, if there can be one.
async fn next_stop(stops: &mut Option<unix::Signal>) {
    match stops {
        Some(stops) => drop(stops.recv().await),
        None => std::future::pending().await,
    }
}

fn untaken(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 line came too late to be carried out".into()),
        count => Some(format!("{count} lines came too late to be carried out")),
    }
}

/// What is answered where nobody can be asked: a name that is free is as good as another.
fn without_somebody(prompt: &Prompt) -> Result<String, String> {
    match &prompt.ask {
        Ask::Name { taken } if prompt.draft.is_empty() => {
            Err(format!("{taken} is taken; give another name with -n"))
        }
        Ask::Name { .. } => Ok(prompt.draft.text().to_owned()),
        Ask::Password => Err("this hub asks for a password; use --password-file FILE".into()),
        Ask::ConfirmHub { .. } => {
            Err(format!("{}: answer that in a terminal first", prompt.label().trim_end()))
        }
    }
}
