//! Clients in other languages, with the libraries that people use there: each joins, says, hears,
//! takes another name and goes, in lines and in objects, against the real hub.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use tests::{ServerProcess, TestClient, run_command};

/// Set where nothing may be left out.
const SKIP_NOTHING: &str = "HUBBUB_SKIP_NOTHING";
/// How long a program may take, and how long Go may compile its library for the first time.
const RUN: Duration = Duration::from_mins(1);
const COMPILE: Duration = Duration::from_mins(5);
/// Where Debian has libraries of Node and Go.
const NODE_LIBRARIES: &str = "/usr/share/nodejs";
const GO_LIBRARIES: &str = "/usr/share/gocode";

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("foreign").join(name)
}

/// Takes note that something is not installed.
fn skip(what: &str) {
    assert!(std::env::var_os(SKIP_NOTHING).is_none(), "{what} is not installed");
    // Not through the macros: tests hide what they print unless they fail.
    let _ = writeln!(io::stderr(), "SKIPPED: a test wants {what}, which is not installed");
}

fn succeeds(mut command: Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// A Python that has `websockets`: the system's own one has what the system installed.
fn python() -> Option<Command> {
    let mut pythons = ["/usr/bin/python3", "python3"].into_iter();
    let has_library = |python: &&str| {
        let mut command = Command::new(python);
        command.args(["-c", "import websockets"]);
        succeeds(command)
    };
    let mut command = Command::new(pythons.find(has_library)?);
    command.arg(source("client.py"));
    Some(command)
}

fn node() -> Option<Command> {
    let node = || {
        let mut command = Command::new("node");
        command.env("NODE_PATH", NODE_LIBRARIES);
        command
    };
    let mut has_library = node();
    has_library.args(["-e", "require('ws')"]);
    let mut command = succeeds(has_library).then(node)?;
    command.arg(source("client.js"));
    Some(command)
}

/// The client in Go, compiled with Debian's packages.
fn go(directory: &Path) -> Option<Command> {
    let mut version = Command::new("go");
    version.arg("version");
    let library = Path::new(GO_LIBRARIES).join("src/github.com/gorilla/websocket");
    if !library.exists() || !succeeds(version) {
        return None;
    }
    let program = directory.join("client");
    let mut build = Command::new("go");
    build.args(["build", "-o"]).arg(&program).arg(source("client.go"));
    build.env("GO111MODULE", "off").env("GOPATH", GO_LIBRARIES).env("GOFLAGS", "");
    // What was compiled once stays.
    build.env("GOCACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("go"));
    let ended = run_command(build, COMPILE);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    Some(Command::new(program))
}

/// Lets a program talk with somebody, in each dialect.
async fn talk(program: impl Fn() -> Command, name: &str) {
    for dialect in ["text", "json"] {
        let hub = ServerProcess::start(None, &[]);
        let mut bob = TestClient::person(hub.address(), "Bob", 1).await;
        bob.join("lobby").await;
        let mut command = program();
        command.arg(hub.address().to_string()).args([dialect, name, "Bob"]);
        let ended = tokio::task::spawn_blocking(move || run_command(command, RUN));
        let hello = bob.event_saying(&format!("hello from {name}")).await;
        assert_eq!(hello.from.as_str(), name);
        bob.say_acked("lobby", &format!("hello {name}")).await;
        let goodbye = bob.event_saying("goodbye").await;
        assert_eq!(goodbye.from.as_str(), format!("{name}2"));
        let ended = ended.await.unwrap();
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{dialect}");
    }
}

/// The same command again.
fn again(command: &Command) -> Command {
    let mut copy = Command::new(command.get_program());
    copy.args(command.get_args());
    copy.envs(command.get_envs().filter_map(|(key, value)| Some((key, value?))));
    copy
}

#[tokio::test]
async fn python_with_websockets_talks() {
    match python() {
        Some(command) => talk(|| again(&command), "Pia").await,
        None => skip("Python with websockets"),
    }
}

#[tokio::test]
async fn node_with_ws_talks() {
    match node() {
        Some(command) => talk(|| again(&command), "Noa").await,
        None => skip("Node with ws"),
    }
}

#[tokio::test]
async fn go_with_gorilla_websocket_talks() {
    let directory = tempfile::tempdir().unwrap();
    match go(directory.path()) {
        Some(command) => talk(|| again(&command), "Gil").await,
        None => skip("Go with gorilla/websocket"),
    }
}
