//! The real `hubbub-server` as a process that can be killed and started again, and programs run
//! to their end.

use std::{
    ffi::{OsStr, OsString},
    fs,
    io::{BufRead, BufReader, Read},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use rustix::{
    io::Errno,
    process::{Pid, Signal, kill_process},
};

use tempfile::NamedTempFile;

use crate::PATIENCE;

/// Ports below those that systems give to whoever asks for any (32,768 on Linux, 49,152 elsewhere).
const NEVER_GIVEN: std::ops::Range<u16> = 10_000..32_768;

/// How a hub is started as a process.
#[derive(Clone, Debug)]
pub struct Launch {
    program: &'static str,
    data: Option<PathBuf>,
    flags: Vec<String>,
    environment: Vec<(String, OsString)>,
    wrapper: Vec<OsString>,
    is_quiet: bool,
}

impl Launch {
    /// The real hub, which keeps its log in `data` (or in memory).
    pub fn new(data: Option<&Path>, flags: &[&str]) -> Self {
        Self {
            program: "hubbub-server",
            data: data.map(Path::to_owned),
            flags: flags.iter().map(ToString::to_string).collect(),
            environment: Vec::new(),
            wrapper: Vec::new(),
            is_quiet: false,
        }
    }

    /// With its complaints not shown: they are what is to be expected. They are in
    /// [`ServerProcess::complaints`].
    pub fn quiet(self) -> Self {
        Self { is_quiet: true, ..self }
    }

    /// The hub of the negative controls, which breaks this promise.
    pub fn with_fault(mut self, fault: &str) -> Self {
        self.program = "sabotaged-server";
        self.with_variable("HUBBUB_SABOTAGE", fault)
    }

    /// With one more environment variable.
    pub fn with_variable(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// Started by another program, which gets the hub's command as its last arguments.
    pub fn inside<'a>(mut self, wrapper: impl IntoIterator<Item = &'a str>) -> Self {
        self.wrapper = wrapper.into_iter().map(OsString::from).collect();
        self
    }

    /// With its log there.
    pub fn keeping(self, data: &Path) -> Self {
        Self { data: Some(data.to_owned()), ..self }
    }

    /// Where the log is kept.
    pub fn data(&self) -> &Path {
        self.data.as_deref().expect("a hub with a directory")
    }

    fn command(&self, port: u16) -> Command {
        let mut words = self.wrapper.clone();
        words.push(program(self.program).into());
        words.extend(["start", "-H", "127.0.0.1", "-p"].map(OsString::from));
        words.push(port.to_string().into());
        match &self.data {
            Some(directory) => {
                words.extend([OsStr::new("--data"), directory.as_os_str()].map(Into::into));
            }
            None => words.push("--memory".into()),
        }
        words.extend(self.flags.iter().map(OsString::from));
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).envs(self.environment.iter().cloned());
        command
    }
}

/// The real hub, killed when dropped.
#[derive(Debug)]
pub struct ServerProcess {
    child: Option<Child>,
    address: SocketAddr,
    launch: Launch,
    /// What a quiet one complains of goes there.
    complaints: NamedTempFile,
}

impl ServerProcess {
    /// Starts a hub on a free port of 127.0.0.1 that keeps its log in `data` (or in memory), with
    /// more `flags`, and waits until it listens.
    pub fn start(data: Option<&Path>, flags: &[&str]) -> Self {
        Self::launch(Launch::new(data, flags))
    }

    /// Starts a hub in this way on a free port of 127.0.0.1, and waits until it listens.
    pub fn launch(launch: Launch) -> Self {
        // Another test may have taken the port before the hub had it.
        for _ in 0..2 {
            let mut server = Self::prepare(launch.clone());
            if server.try_restart().is_ok() {
                return server;
            }
        }
        let mut server = Self::prepare(launch);
        server.restart();
        server
    }

    /// A hub that is to be started later.
    pub fn prepare(launch: Launch) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let complaints = NamedTempFile::new().expect("a file");
        Self { child: None, address, launch, complaints }
    }

    /// Starts it again: same port, same data.
    pub fn restart(&mut self) {
        if let Err(status) = self.try_restart() {
            panic!("the hub ended before it listened: {status}");
        }
    }

    /// Starts it again; says how it ended if it never listened.
    pub fn try_restart(&mut self) -> Result<(), ExitStatus> {
        assert!(self.child.is_none(), "the hub still runs");
        let mut command = self.launch.command(self.address.port());
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        if self.launch.is_quiet {
            // From the beginning again.
            command.stderr(fs::File::create(self.complaints.path()).expect("the file"));
        }
        let mut child = command.spawn().expect("start the hub");
        let stdout = child.stdout.take().expect("piped");
        self.child = Some(child);
        let line = first_line(stdout);
        if line.is_empty() {
            return Err(self.wait());
        }
        assert!(line.contains("listening on ws"), "the hub said {line:?}");
        Ok(())
    }

    /// What it has complained of since it was started last, if it is quiet.
    pub fn complaints(&self) -> String {
        fs::read_to_string(self.complaints.path()).expect("the file")
    }

    /// Starts it differently from the next time on.
    pub fn relaunch(&mut self, launch: Launch) {
        self.launch = launch;
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.as_ref().expect("the hub runs").id()
    }

    /// `kill -9`, and waits until it is gone.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("the hub runs");
        child.kill().expect("kill the hub");
        child.wait().expect("wait for the hub");
    }

    /// SIGTERM. The hub drains; see [`ServerProcess::wait`].
    pub fn terminate(&self) {
        signal(self.id(), Signal::TERM);
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        let child = self.child.as_mut().expect("the hub was started");
        child.try_wait().expect("look at the hub").is_some()
    }

    /// Waits until it has ended by itself.
    pub fn wait(&mut self) -> ExitStatus {
        let child = self.child.take().expect("the hub runs");
        exit_of(child, "the hub to end")
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill(); // It may have ended; a test's last word must not be this.
            let _ = child.wait();
        }
    }
}

/// How a program ended and what it said.
#[derive(Debug)]
pub struct Finished {
    /// Exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// Runs one of our programs without a terminal until it ends, which must be before `limit`.
pub fn run_to_end(name: &str, arguments: &[&str], home: &Path, limit: Duration) -> Finished {
    let mut command = Command::new(program(name));
    command.args(arguments).env_clear().env("PATH", path()).env("HOME", home).env("USER", "ana");
    run_command(command, limit)
}

/// Runs a command with its output in pipes until it ends, which must be before `limit`.
pub fn run_command(mut command: Command, limit: Duration) -> Finished {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|why| panic!("start {command:?}: {why}"));
    let stdout = read_all(child.stdout.take().expect("piped"));
    let stderr = read_all(child.stderr.take().expect("piped"));
    let status = exit_within(child, limit, &format!("{command:?} to end"));
    let text = |reader: thread::JoinHandle<String>| reader.join().expect("reader");
    Finished { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

/// Sends a signal to a process, if it has not ended.
pub fn signal(id: u32, signal: Signal) {
    let id = i32::try_from(id).ok().and_then(Pid::from_raw).expect("a process id");
    match kill_process(id, signal) {
        Ok(()) | Err(Errno::SRCH) => {}
        Err(why) => panic!("send a signal: {why}"),
    }
}

/// The processes that a process has started and that still run.
pub(crate) fn children(id: u32) -> Vec<u32> {
    let output = Command::new("ps").args(["-A", "-o", "pid=,ppid="]).output();
    let table = output.map_or_else(
        |_| process_table(),
        |output| String::from_utf8_lossy(&output.stdout).into_owned(),
    );
    let numbers = table.lines().filter_map(|line| {
        let mut numbers = line.split_whitespace().filter_map(|word| word.parse::<u32>().ok());
        Some((numbers.next()?, numbers.next()?))
    });
    numbers.filter(|(_, parent)| *parent == id).map(|(child, _)| child).collect()
}

/// What `ps` would say, where there is none: Linux has it in `/proc`.
fn process_table() -> String {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let stats = entries.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    let lines = stats.filter_map(|stat| {
        let (id, rest) = stat.split_once(" (")?;
        let parent = rest.rsplit_once(") ")?.1.split(' ').nth(1)?;
        Some(format!("{id} {parent}\n"))
    });
    lines.collect()
}

/// A port of 127.0.0.1 that was free just now, and that no system gives to whoever asks for any: a
/// hub that is started again finds it free again.
pub fn free_port() -> u16 {
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    let mut ports = std::iter::repeat_with(|| fastrand::u16(NEVER_GIVEN));
    ports.find(is_free).expect("it goes on for ever")
}

/// One of our programs, which cargo puts beside other programs and the directory of the tests.
pub fn program(name: &str) -> PathBuf {
    let here = std::env::current_exe().expect("the test's own path");
    let mut nearest = here.ancestors().skip(1).take(2).map(|directory| directory.join(name));
    let path = nearest.find(|path| path.exists());
    path.unwrap_or_else(|| panic!("{name} is not built; run: cargo test --workspace"))
}

pub(crate) fn path() -> String {
    std::env::var("PATH").unwrap_or_else(|_| "/usr/bin:/bin".to_owned())
}

pub(crate) fn exit_of(child: Child, what: &str) -> ExitStatus {
    exit_within(child, PATIENCE, what)
}

fn exit_within(mut child: Child, limit: Duration, what: &str) -> ExitStatus {
    let id = child.id();
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::spawn(move || {
        let _ = sender.send(child.wait()); // Nobody listens after the deadline.
    });
    let Ok(status) = receiver.recv_timeout(limit) else {
        signal(id, Signal::KILL);
        panic!("waited {limit:?} for {what}");
    };
    status.expect("wait")
}

/// The first line that a process writes; the rest is read and forgotten, so that it never blocks.
fn first_line(output: impl Read + Send + 'static) -> String {
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::spawn(move || {
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let _ = sender.send(lines.next().unwrap_or_default());
        lines.for_each(drop);
    });
    receiver.recv_timeout(PATIENCE).expect("waited for the first line of hubbub-server")
}

fn read_all(mut output: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = output.read_to_end(&mut bytes); // What came until an error is what there is.
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
