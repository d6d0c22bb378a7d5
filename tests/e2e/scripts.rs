//! `hubbub send`, `hubbub tail` and a bot made of both, as a shell runs them.

use std::{
    io::{BufRead as _, BufReader, Read, Write as _},
    net::SocketAddr,
    os::unix::process::CommandExt as _,
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
};

use protocol::ServerFrame;
use rustix::process::{Pid, Signal, kill_process_group};
use tests::{Finished, Home, PATIENCE, ServerProcess, TestClient, program, run_command, signal};

mod bot;
mod send;
mod tail;

/// A shell in which `hubbub` is this one, at this hub.
fn shell(home: &Home, address: SocketAddr, script: &str) -> Command {
    let directory = program("hubbub").parent().expect("a directory").to_owned();
    let path = std::env::var("PATH").unwrap_or_default();
    // Whoever runs the tests may have Ctrl+C ignored, as what a shell runs in the background has.
    let mut command = Command::new(if cfg!(target_os = "linux") { "env" } else { "sh" });
    if cfg!(target_os = "linux") {
        command.args(["--default-signal=INT", "sh"]);
    }
    command.args(["-c", script]).env_clear().env("HOME", home.path()).env("USER", "ana");
    command.env("PATH", format!("{}:{path}", directory.display())).env("TZ", "UTC");
    command.env("HUBBUB_HOST", address.ip().to_string());
    command.env("HUBBUB_PORT", address.port().to_string());
    command
}

/// Runs a script to its end.
fn run(home: &Home, server: &ServerProcess, script: &str) -> Finished {
    run_at(home, server.address(), script)
}

fn run_at(home: &Home, address: SocketAddr, script: &str) -> Finished {
    run_command(shell(home, address, script), 4 * PATIENCE)
}

/// What was said, as `tail` prints it, without the time.
fn lines(text: &str) -> Vec<String> {
    let words = |line: &str| {
        let words: Vec<&str> = line.splitn(5, ' ').collect();
        [&words[..2], &words[4..]].concat().join(" ")
    };
    text.lines().map(words).collect()
}

/// What was said in the lobby, from the first on.
fn log(home: &Home, server: &ServerProcess) -> Vec<String> {
    let all = run(home, server, "hubbub tail --since 1");
    assert_eq!((all.code, all.stderr.as_str()), (Some(0), ""));
    lines(&all.stdout)
}

/// Somebody in the lobby who has heard of having come in, and so of all who came before.
async fn in_lobby(server: &ServerProcess, name: &str) -> TestClient {
    let mut client = TestClient::guest(server.address(), name).await;
    client.join("lobby").await;
    comes(&mut client, name).await;
    client.frames_so_far().await;
    client
}

/// Waits until somebody is told to have come in.
async fn comes(client: &mut TestClient, name: &str) {
    let news = client.wait_for("somebody who comes", |frame| match frame {
        ServerFrame::Presence(presence) => {
            presence.joined.iter().find(|member| member.name.as_str() == name).map(|_| ())
        }
        _ => None,
    });
    news.await;
}

/// Who is told to have come or gone, of what came so far.
async fn movers(client: &mut TestClient) -> Vec<String> {
    let frames = client.frames_so_far().await;
    let movers = frames.into_iter().filter_map(|frame| match frame {
        ServerFrame::Presence(presence) => Some(presence),
        _ => None,
    });
    let names = movers.flat_map(|presence| {
        presence.joined.into_iter().map(|member| member.name).chain(presence.left)
    });
    names.map(|name| name.to_string()).collect()
}

/// A script that runs; killed when dropped, with all that it has started.
struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: mpsc::Receiver<String>,
    stderr: mpsc::Receiver<String>,
}

impl Running {
    fn start(home: &Home, address: SocketAddr, script: &str) -> Self {
        let mut command = shell(home, address, script);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.process_group(0).spawn().expect("start a shell");
        let stdin = child.stdin.take();
        let stdout = lines_of(child.stdout.take().expect("piped"));
        let stderr = lines_of(child.stderr.take().expect("piped"));
        Self { child, stdin, stdout, stderr }
    }

    fn write(&mut self, text: &str) {
        let stdin = self.stdin.as_mut().expect("open");
        stdin.write_all(text.as_bytes()).expect("it reads");
    }

    /// The next line on stdout.
    fn line(&self) -> String {
        self.stdout.recv_timeout(PATIENCE).expect("waited for a line on stdout")
    }

    /// The next line on stderr.
    fn complaint(&self) -> String {
        self.stderr.recv_timeout(PATIENCE).expect("waited for a line on stderr")
    }

    fn signal(&self, which: Signal) {
        signal(self.child.id(), which);
    }

    /// Waits for the end, and returns what was not taken of both streams.
    fn end(mut self) -> (ExitStatus, Vec<String>, Vec<String>) {
        drop(self.stdin.take());
        let rest = |lines: &mpsc::Receiver<String>| {
            std::iter::from_fn(|| match lines.recv_timeout(4 * PATIENCE) {
                Ok(line) => Some(line),
                Err(why) => {
                    let is_end = why == mpsc::RecvTimeoutError::Disconnected;
                    assert!(is_end, "waited for the end of a script");
                    None
                }
            })
            .collect()
        };
        let (stdout, stderr) = (rest(&self.stdout), rest(&self.stderr));
        (self.child.wait().expect("wait"), stdout, stderr)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let group = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            let _ = kill_process_group(group, Signal::KILL); // It may have ended.
        }
        let _ = self.child.wait();
    }
}

fn lines_of(stream: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}
