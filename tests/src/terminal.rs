//! The real `hubbub` in a pseudo-terminal, read back through a terminal emulator.

mod emulator;

use std::{
    path::Path,
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::Signal;
use tempfile::TempDir;
use vt100::Screen;

pub use emulator::Manners;

use crate::{PATIENCE, bytes_of, process};
use emulator::{Inner, Shared, nonzero, rows};

/// How long a key that is typed again and again may take to show what it did.
const BREATH: Duration = Duration::from_millis(100);

/// A person's home on one machine: clean, and gone with the last terminal and test that has it. Two
/// terminals with the same home are two terminals of one person at one machine.
#[derive(Clone, Debug)]
pub struct Home {
    directory: Arc<TempDir>,
    login: String,
}

impl Home {
    /// A clean home of somebody who logged in under this name.
    pub fn of(login: &str) -> Self {
        let directory = TempDir::with_prefix("hubbub-home-").expect("a temporary directory");
        Self { directory: Arc::new(directory), login: login.to_owned() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }
}

/// A terminal in which a program runs. Dropped, the program is killed.
pub struct TestTerminal {
    shared: Arc<Shared>,
    /// None once the window is closed.
    master: Option<Box<dyn MasterPty + Send>>,
    id: u32,
    exit: mpsc::Receiver<ExitStatus>,
    title: String,
    /// Kept as long as the terminal, whoever else has it.
    _home: Home,
}

impl TestTerminal {
    /// `hubbub` with these arguments in a terminal of 80 × 24.
    pub fn hubbub(home: &Home, arguments: &[&str]) -> Self {
        Self::hubbub_sized(home, arguments, 80, 24)
    }

    /// `hubbub` with these arguments in a terminal of this size.
    pub fn hubbub_sized(home: &Home, arguments: &[&str], columns: u16, rows: u16) -> Self {
        let mut command = CommandBuilder::new(process::program("hubbub"));
        command.args(arguments);
        let title = format!("hubbub {}", arguments.join(" "));
        Self::spawn(home, command, (columns, rows), title, Manners::default())
    }

    /// A shell that runs this script, in which `$HUBBUB` is `hubbub`.
    pub fn shell(home: &Home, script: &str) -> Self {
        Self::shell_in(home, script, Manners::default())
    }

    /// [`TestTerminal::shell`] in a terminal that answers in its own way.
    pub fn shell_in(home: &Home, script: &str, manners: Manners) -> Self {
        let mut command = CommandBuilder::new("sh");
        command.args(["-c", script]);
        Self::spawn(home, command, (80, 24), format!("sh -c '{script}'"), manners)
    }

    fn spawn(
        home: &Home,
        command: CommandBuilder,
        (columns, rows): (u16, u16),
        title: String,
        manners: Manners,
    ) -> Self {
        let command = at_home(command, home);
        let pair = native_pty_system().openpty(size(columns, rows)).expect("a pseudo-terminal");
        let mut child = pair.slave.spawn_command(command).expect("start the program");
        drop(pair.slave);
        let master = pair.master;
        let writer = master.take_writer().expect("a writer");
        let reader = master.try_clone_reader().expect("a reader");
        let shared = Arc::new(Shared::new(columns, rows, writer, manners));
        thread::spawn({
            let shared = Arc::clone(&shared);
            move || shared.read(reader)
        });
        let id = child.process_id().expect("a process id");
        let (sender, exit) = mpsc::sync_channel(1);
        thread::spawn(move || wait(&mut *child, &sender));
        Self { shared, master: Some(master), id, exit, title, _home: home.clone() }
    }

    /// Types keys, written as in [`bytes_of`].
    pub fn type_keys(&self, keys: &str) {
        self.shared.write(&bytes_of(keys));
    }

    /// Has a client take note that one looks elsewhere. That shows nowhere: what is typed behind
    /// it does.
    pub fn look_elsewhere(&self) {
        self.type_keys("<esc>[O~");
        self.wait_for_text("> ~");
        self.type_keys("<bs>");
        self.wait_for_no_text("> ~");
    }

    /// Types the same keys again and again until the screen is as `is_so` says: for what takes
    /// as many as it takes.
    pub fn type_until(&self, keys: &str, what: &str, is_so: impl Fn(&Screen) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.type_keys(keys);
            let so = self.shared.wait_until(BREATH, |inner| is_so(inner.parser.screen()));
            match so {
                Ok(_) => return,
                Err(rows) if Instant::now() > deadline => {
                    panic!("`{}`: {keys} did not lead to {what}\n{}", self.title, framed(&rows))
                }
                Err(_) => {}
            }
        }
    }

    /// Waits until the screen is as `is_so` says, and returns its rows.
    pub fn wait_for(&self, what: &str, is_so: impl Fn(&Screen) -> bool) -> Vec<String> {
        self.wait_within(PATIENCE, what, is_so)
    }

    /// [`TestTerminal::wait_for`] with its own deadline.
    pub fn wait_within(
        &self,
        limit: Duration,
        what: &str,
        is_so: impl Fn(&Screen) -> bool,
    ) -> Vec<String> {
        match self.shared.wait_until(limit, |inner| is_so(inner.parser.screen())) {
            Ok(rows) => rows,
            Err(rows) => panic!("`{}`: waited for {what}\n{}", self.title, framed(&rows)),
        }
    }

    /// Waits until the screen is as `is_so` says, or the program has ended; says whether it was.
    pub fn is_before_end(&self, what: &str, is_so: impl Fn(&Screen) -> bool) -> bool {
        let so = |inner: &Inner| is_so(inner.parser.screen());
        match self.shared.wait_until(PATIENCE, |inner| inner.at_end || so(inner)) {
            Ok(_) => so(&self.shared.inner.lock().expect("no panic")),
            Err(rows) => panic!("`{}`: waited for {what}\n{}", self.title, framed(&rows)),
        }
    }

    /// Waits until the screen is as `is_so` says, and says whether it came to that.
    pub fn comes_to(&self, is_so: impl Fn(&Screen) -> bool) -> bool {
        self.shared.wait_until(PATIENCE, |inner| is_so(inner.parser.screen())).is_ok()
    }

    /// Waits until this text is somewhere on the screen.
    pub fn wait_for_text(&self, text: &str) -> Vec<String> {
        self.wait_for(&format!("{text:?}"), |screen| shows(screen, text))
    }

    /// Waits until this text is nowhere on the screen.
    pub fn wait_for_no_text(&self, text: &str) -> Vec<String> {
        self.wait_for(&format!("no {text:?}"), |screen| !shows(screen, text))
    }

    /// Waits until what the program has written is as `is_so` says, and returns it.
    pub fn wait_for_bytes(&self, what: &str, is_so: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        match self.shared.wait_until(PATIENCE, |inner| is_so(&inner.recorded)) {
            Ok(_) => self.recorded(),
            Err(rows) => panic!("`{}`: waited for {what}\n{}", self.title, framed(&rows)),
        }
    }

    /// What is on the screen now, row by row.
    pub fn rows(&self) -> Vec<String> {
        rows(self.shared.inner.lock().expect("no panic").parser.screen())
    }

    /// What is to be seen of the screen as it is now.
    pub fn look<T>(&self, see: impl FnOnce(&Screen) -> T) -> T {
        see(self.shared.inner.lock().expect("no panic").parser.screen())
    }

    /// Every byte that the program wrote.
    pub fn recorded(&self) -> Vec<u8> {
        self.shared.inner.lock().expect("no panic").recorded.clone()
    }

    /// Everything that the program wrote, for what it says after its screen is gone.
    pub fn recorded_text(&self) -> String {
        String::from_utf8_lossy(&self.recorded()).into_owned()
    }

    /// Makes the terminal larger or smaller.
    pub fn resize(&self, columns: u16, rows: u16) {
        self.shared
            .inner
            .lock()
            .expect("no panic")
            .parser
            .set_size(nonzero(rows), nonzero(columns));
        let master = self.master.as_ref().expect("the window is open");
        master.resize(size(columns, rows)).expect("resize");
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: Signal) {
        process::signal(self.id, signal);
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The processes that the program has started.
    pub fn children(&self) -> Vec<u32> {
        process::children(self.id)
    }

    /// Closes the window, as the terminal's own button does: the program's terminal is gone, and
    /// the kernel tells it so (SIGHUP).
    ///
    /// The terminal is gone when its last descriptor is, and one is in a thread that waits in
    /// `read`: a change of size makes the program redraw, which wakes that thread a last time.
    pub fn close_window(&mut self) {
        let master = self.master.take().expect("the window is open");
        let mut before = master.get_size().expect("a size");
        self.shared.inner.lock().expect("no panic").is_closed = true;
        before.rows += 1;
        master.resize(before).expect("resize");
        let ended = self.shared.wait_until(PATIENCE, |inner| inner.at_end);
        assert!(ended.is_ok(), "`{}` does not redraw on a change of size", self.title);
        self.shared.inner.lock().expect("no panic").writer = None;
        drop(master);
    }

    /// Waits until the program has ended, and everything it wrote was read.
    pub fn wait_for_exit(&mut self) -> ExitStatus {
        self.wait_for_exit_within(PATIENCE)
    }

    /// [`TestTerminal::wait_for_exit`] with its own deadline.
    pub fn wait_for_exit_within(&mut self, limit: Duration) -> ExitStatus {
        let Ok(status) = self.exit.recv_timeout(limit) else {
            let rows = framed(&self.rows());
            panic!("`{}`: waited {limit:?} for its end\n{rows}", self.title);
        };
        // A child that holds the terminal open may keep the reader waiting: what is there counts.
        let _ = self.shared.wait_until(Duration::from_secs(1), |inner| inner.at_end);
        status
    }
}

impl Drop for TestTerminal {
    fn drop(&mut self) {
        if matches!(self.exit.try_recv(), Err(mpsc::TryRecvError::Empty)) {
            process::signal(self.id, Signal::KILL);
        }
    }
}

/// The environment of somebody who has just logged in, and where `hubbub` is.
fn at_home(mut command: CommandBuilder, home: &Home) -> CommandBuilder {
    command.env_clear();
    command.env("HUBBUB", process::program("hubbub"));
    command.cwd(home.path());
    let environment = [
        ("HOME", home.path().to_str().expect("UTF-8")),
        ("PATH", &process::path()),
        ("USER", &home.login),
        ("LOGNAME", &home.login),
        ("TERM", "xterm-256color"),
        ("LANG", "C.UTF-8"),
        ("TZ", "UTC"),
        ("SHELL", "/bin/sh"),
        ("RUST_BACKTRACE", "1"),
    ];
    for (name, value) in environment {
        command.env(name, value);
    }
    command
}

fn wait(child: &mut (dyn Child + Send + Sync), sender: &mpsc::SyncSender<ExitStatus>) {
    if let Ok(status) = child.wait() {
        let _ = sender.send(status); // The test may not care.
    }
}

fn shows(screen: &Screen, text: &str) -> bool {
    rows(screen).iter().any(|row| row.contains(text))
}

fn framed(rows: &[String]) -> String {
    let lines = rows.iter().map(|row| format!("  |{row}"));
    format!("the screen was:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> TestTerminal {
        let home = Home::of("ana");
        TestTerminal::shell(&home, script)
    }

    #[test]
    fn what_a_program_writes_is_on_the_screen_and_recorded() {
        let mut terminal = shell("printf '\\033[3;5Hhere'; read line; exit 3");
        let rows = terminal.wait_for_text("here");
        assert_eq!(rows[2], "    here");
        terminal.type_keys("<ret>");
        assert_eq!(terminal.wait_for_exit().exit_code(), 3);
        assert!(terminal.recorded_text().contains("\x1b[3;5Hhere"));
    }

    #[test]
    fn a_program_that_asks_where_its_cursor_is_gets_an_answer() {
        let terminal = shell("stty -icanon -echo; printf 'abc\\033[6n'; head -c 6 | tr '\\033' E");
        terminal.wait_for_text("abcE[1;4R");
    }

    #[test]
    fn a_closed_window_is_a_hang_up() {
        let script = "trap 'echo redraw' WINCH; trap 'exit 7' HUP; echo ready; \
            while :; do read line; done";
        let mut terminal = shell(script);
        terminal.wait_for_text("ready");
        terminal.close_window();
        assert_eq!(terminal.wait_for_exit().exit_code(), 7);
    }

    #[test]
    #[should_panic(expected = "waited for \"never\"")]
    fn what_does_not_come_is_told_with_the_screen() {
        let terminal = shell("echo this; read line");
        let is_so = |screen: &Screen| shows(screen, "never");
        terminal.wait_within(Duration::from_millis(300), "\"never\"", is_so);
    }
}
