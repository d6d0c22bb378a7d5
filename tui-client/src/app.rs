//! The shell: one loop that waits for keys, the hub and the clock, hands each to `update`, does
//! what it wants done, and draws when [`Pace`] says so.

use std::{collections::VecDeque, io, time::Duration};

use anyhow::{Context as _, Result};
use rustix::process::{Signal, kill_current_process_group};
use tokio::time;

use crate::{
    browser::Browsers,
    clock::Clock,
    connection::Link,
    editor::Editor,
    effect::Effect,
    event::Event,
    host::Keeper,
    join::{Beginning, Joining},
    notify::Notice,
    outbox::Note,
    pace::Pace,
    settings_file::Watch,
    signals::{Happened, Signals},
    state::State,
    storage::Journal,
    terminal::{Input, Screen},
    update::{leaving::farewell, update},
    view::view,
};

/// Most events between two frames: a hub that floods does not freeze the screen.
const BURST_MAX: usize = 512;
/// How long a stop by Ctrl+Z takes to happen; where nothing can continue us the system ignores
/// it, and we go on.
const STOP_TAKES: Duration = Duration::from_millis(200);

/// A Ctrl+C that an editor ended by goes to us, too, and may be told only after its end.
const EDITORS_SIGNALS_TAKE: Duration = Duration::from_millis(200);

/// How long the hub's answers to what was just sent are waited for at the end.
pub(crate) const ACKS_TAKE: Duration = Duration::from_secs(1);

/// How the program ended.
#[derive(Debug)]
pub struct Farewell {
    /// To be printed, now that the terminal is as it was.
    pub lines: Vec<String>,
    /// The signal that ended it.
    pub signal: Option<i32>,
}

/// Runs the screen until the user leaves.
pub async fn run(joining: Joining) -> Result<Farewell> {
    let mut signals = Signals::new()?;
    let mut screen = Screen::set_up().context("can't set the terminal up")?;
    let clock = Clock::start();
    let Beginning { state, first, start, journal, child, watched } =
        joining.begin(screen.size()?, true, clock.now());
    let input = screen.input().context("can't read the terminal")?;
    let mut app = App {
        state,
        journal,
        link: Link::start(start),
        input,
        clock,
        pace: Pace::default(),
        watch: Watch::start(watched),
        browsers: Browsers::default(),
        editors_until: Duration::ZERO,
        ending: None,
    };
    app.state.ground = screen.ground();
    screen.set_mouse(app.state.wants_mouse())?;
    app.handle(first);
    let outcome = app.run(&mut screen, &mut signals).await;
    app.take_keys();
    app.handle(Event::Ending);
    drop(screen);
    app.hear_out().await;
    let farewell = app.leave(child).await;
    // A terminal that is gone is no error: it is how people close windows.
    match outcome {
        Err(error) if !is_gone(&error) => Err(error.into()),
        Ok(()) | Err(_) => Ok(farewell),
    }
}

struct App {
    state: State,
    /// What was typed, on disk.
    journal: Journal,
    link: Link,
    input: Input,
    clock: Clock,
    pace: Pace,
    /// The settings file.
    watch: Watch,
    browsers: Browsers,
    /// Until when a Ctrl+C was the editor's.
    editors_until: Duration,
    ending: Option<Ending>,
}

enum Ending {
    Asked,
    Signal(i32),
    TerminalGone,
    ConnectionBroken,
}

/// What the screen has to do.
enum Upkeep {
    Notify(Notice),
    Copy(String),
    Mouse(bool),
    Suspend,
    Repaint,
    Edit(String),
}

impl App {
    async fn run(&mut self, screen: &mut Screen, signals: &mut Signals) -> io::Result<()> {
        while self.ending.is_none() {
            if self.pace.takes_frame(self.clock.now().mono) {
                screen.draw(|canvas| view(&self.state, canvas))?;
            }
            let Some(event) = self.next_event(screen, signals).await? else { continue };
            self.take_all(event, screen, signals).await?;
        }
        Ok(())
    }

    /// Everything that is waiting; of what came after the last key only when that is drawn.
    async fn take_all(
        &mut self,
        first: Event,
        screen: &mut Screen,
        signals: &mut Signals,
    ) -> io::Result<()> {
        let mut next = Some(first);
        for _ in 0..BURST_MAX {
            let Some(event) = next.take() else { break };
            let is_typed = is_typed(&event);
            if is_typed || matches!(event, Event::Focus(true) | Event::Continued) {
                self.watch.look();
            }
            for upkeep in self.handle(event) {
                self.tend(upkeep, screen, signals).await?;
            }
            if self.ending.is_some() || (is_typed && self.input.is_empty()) {
                break;
            }
            next = self.waiting_event();
        }
        Ok(())
    }

    /// Waits; `None` when something happened that is no event.
    async fn next_event(
        &mut self,
        screen: &mut Screen,
        signals: &mut Signals,
    ) -> io::Result<Option<Event>> {
        let deadline = self.state.next_deadline();
        let event = tokio::select! {
            event = self.input.recv() => event.or_else(|| self.end(Ending::TerminalGone)),
            event = self.link.events.recv() => {
                event.map(Event::Link).or_else(|| self.end(Ending::ConnectionBroken))
            }
            event = self.watch.changed() => Some(event),
            event = self.browsers.failed() => Some(event),
            () = self.clock.sleep_until(deadline) => Some(Event::Tick),
            () = self.clock.sleep_until(self.pace.due()) => None,
            happened = signals.next() => match happened {
                Happened::Resized => {
                    // It may be back at the size it had, with rows lost in between.
                    screen.forget();
                    Some(Event::Resize(screen.size()?))
                }
                Happened::Continued => {
                    screen.resume()?;
                    Some(Event::Continued)
                }
                Happened::Ended(signal) => self.end_by(signal),
            },
        };
        Ok(event)
    }

    /// What is there without waiting. Keys go first: who types is not to wait for the hub.
    fn waiting_event(&mut self) -> Option<Event> {
        self.input.try_recv().or_else(|| self.link.events.try_recv().ok().map(Event::Link))
    }

    /// What was typed before the end came is not lost; what follows a `/quit` is for the shell.
    fn take_keys(&mut self) {
        let ending = self.ending.take();
        if !matches!(ending, Some(Ending::Asked)) {
            while let Some(event) = self.input.try_recv() {
                self.handle(event);
            }
        }
        self.ending = ending;
    }

    fn end(&mut self, ending: Ending) -> Option<Event> {
        self.ending = Some(ending);
        None
    }

    fn end_by(&mut self, signal: i32) -> Option<Event> {
        let is_editors = self.clock.now().mono < self.editors_until;
        let ended = Happened::Ended(signal);
        let ends = if is_editors { ended.ends_behind_editor() } else { Some(signal) };
        ends.and_then(|signal| self.end(Ending::Signal(signal)))
    }

    /// Does what `update` wants, but for what concerns the screen.
    fn handle(&mut self, event: Event) -> Vec<Upkeep> {
        let mut upkeep = Vec::new();
        if is_typed(&event) {
            self.pace.wants_frame_at_once(self.clock.now().mono);
        } else {
            self.pace.wants_frame(self.clock.now().mono);
        }
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            for effect in update(&mut self.state, event, self.clock.now()) {
                match effect {
                    Effect::Keep(notes) => events.push_back(self.keep(&notes)),
                    Effect::Open(address) => events.extend(self.browsers.open(&address)),
                    Effect::Become { owner } => {
                        events.push_back(Event::Restored(self.journal.become_owner(owner)));
                    }
                    effect => upkeep.extend(self.apply(effect)),
                }
            }
        }
        upkeep
    }

    /// Waits for the disk: what is typed is seen as sent only once it cannot be lost.
    fn keep(&mut self, notes: &[Note]) -> Event {
        match self.journal.keep(notes) {
            Ok(()) => Event::Kept,
            Err(error) => Event::NotKept { why: error.in_short() },
        }
    }

    fn apply(&mut self, effect: Effect) -> Option<Upkeep> {
        match self.link.carry_out(effect)? {
            Effect::Notify(notice) => return Some(Upkeep::Notify(notice)),
            Effect::Copy(text) => return Some(Upkeep::Copy(text)),
            Effect::Mouse(is_told) => return Some(Upkeep::Mouse(is_told)),
            Effect::Suspend => return Some(Upkeep::Suspend),
            Effect::Repaint => return Some(Upkeep::Repaint),
            Effect::Edit(text) => return Some(Upkeep::Edit(text)),
            Effect::Quit => self.ending = Some(Ending::Asked),
            // Seen to before.
            _ => {}
        }
        None
    }

    async fn tend(
        &mut self,
        upkeep: Upkeep,
        screen: &mut Screen,
        signals: &mut Signals,
    ) -> io::Result<()> {
        match upkeep {
            Upkeep::Notify(notice) => screen.notify(&notice),
            Upkeep::Copy(text) => screen.copy(&text),
            Upkeep::Mouse(is_told) => screen.set_mouse(is_told),
            Upkeep::Repaint => screen.repaint(),
            Upkeep::Suspend => self.suspend(screen, signals).await,
            Upkeep::Edit(text) => self.edit(&text, screen, signals).await,
        }
    }

    /// Stops the whole job, as the terminal would, so that the shell sees it: under `cargo run`
    /// there are two processes in it.
    async fn suspend(&mut self, screen: &mut Screen, signals: &mut Signals) -> io::Result<()> {
        screen.pause();
        kill_current_process_group(Signal::TSTP)?;
        // Stopped about here. Also where nothing stops us (no job control) the screen returns.
        let _ = time::timeout(STOP_TAKES, signals.continued()).await;
        screen.resume()?;
        self.handle(Event::Resize(screen.size()?));
        self.handle(Event::Continued);
        Ok(())
    }

    /// The user's editor has the terminal; what the hub says goes on being heard behind it.
    async fn edit(
        &mut self,
        text: &str,
        screen: &mut Screen,
        signals: &mut Signals,
    ) -> io::Result<()> {
        self.input.stop().await;
        screen.pause();
        let outcome = match Editor::start(text) {
            Ok(editor) => self.wait_for(editor, signals).await,
            Err(why) => Err(why),
        };
        self.editors_until = self.clock.now().mono + EDITORS_SIGNALS_TAKE;
        self.handle(Event::Edited(outcome));
        screen.resume()?;
        self.input = screen.input()?;
        self.handle(Event::Resize(screen.size()?));
        self.handle(Event::Continued);
        Ok(())
    }

    async fn wait_for(
        &mut self,
        mut editor: Editor,
        signals: &mut Signals,
    ) -> Result<String, String> {
        while self.ending.is_none() {
            let deadline = self.state.next_deadline();
            tokio::select! {
                status = editor.ended() => return editor.outcome(status),
                event = self.link.events.recv() => match event {
                    Some(event) => drop(self.handle(Event::Link(event))),
                    None => self.ending = Some(Ending::ConnectionBroken),
                },
                () = self.clock.sleep_until(deadline) => drop(self.handle(Event::Tick)),
                happened = signals.next() => {
                    self.ending = happened.ends_behind_editor().map(Ending::Signal);
                }
            }
        }
        let status = editor.end().await;
        editor.outcome(status)
    }

    /// What is on its way is most often stored already: then nobody is told that it is not.
    async fn hear_out(&mut self) {
        let deadline = time::sleep(ACKS_TAKE);
        tokio::pin!(deadline);
        while self.state.awaits_ack() {
            let event = tokio::select! {
                event = self.link.events.recv() => event,
                () = &mut deadline => return,
            };
            let Some(event) = event else { return };
            self.handle(Event::Link(event));
        }
    }

    /// Says goodbye to the hub, and waits for the one that this client keeps.
    async fn leave(mut self, child: Option<Keeper>) -> Farewell {
        self.journal.close();
        let unkept = self.link.close().await;
        let (broken, signal) = match self.ending {
            Some(Ending::Signal(signal)) => (None, Some(signal)),
            Some(Ending::ConnectionBroken) => {
                (Some("the connection broke by an error of this program".to_owned()), None)
            }
            Some(Ending::Asked | Ending::TerminalGone) | None => (None, None),
        };
        let lines = broken.into_iter().chain(farewell(&self.state));
        if let Some(child) = child {
            child.end().await;
        }
        let unkept = unkept.map(|error| error.to_string());
        Farewell { lines: lines.chain(unkept).collect(), signal }
    }
}

/// Whether somebody waits to see what this does.
fn is_typed(event: &Event) -> bool {
    matches!(event, Event::Key(_) | Event::Paste(_) | Event::Release(_))
}

/// Whether the terminal is no longer there to write to.
fn is_gone(error: &io::Error) -> bool {
    const EIO: i32 = 5;
    error.kind() == io::ErrorKind::BrokenPipe || error.raw_os_error() == Some(EIO)
}
