//! `hubbub-server` as people and service managers see it: help, exit codes, one clear sentence.

#![expect(clippy::unwrap_used, reason = "a test that fails should say where")]

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, ChildStderr, Command, Output, Stdio},
};

fn hub(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubbub-server"));
    command.args(arguments).env_clear().stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    hub(arguments).output().unwrap()
}

/// The one sentence of a hub that did not start.
fn refusal(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    stderr.trim_end().to_owned()
}

/// Starts a hub and returns what it says first.
fn start(arguments: &[&str]) -> (Child, String) {
    let mut child = hub(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (child, line)
}

fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
}

#[test]
fn version_names_the_program() {
    let output = run(&["--version"]);
    assert!(output.status.success());
    let version = concat!("hubbub-server ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), version);
}

#[test]
fn help_opens_with_examples() {
    let output = run(&["--help"]);
    assert!(output.status.success());
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(help.starts_with("Examples:\n  hubbub-server"), "{help}");
}

#[test]
fn an_unknown_flag_is_an_error_of_usage() {
    assert_eq!(run(&["--colour"]).status.code(), Some(2));
}

#[test]
fn a_taken_port_is_told_with_what_to_try() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let next = port.wrapping_add(1);
    let sentence = format!(
        "hubbub-server: port {port} is taken by another program; try: hubbub-server -p {next}"
    );
    assert_eq!(refusal(&["--memory", "-p", &port.to_string()]), sentence);
}

#[test]
fn a_data_directory_that_cannot_be_made_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "not a directory").unwrap();
    let below = file.join("hub");
    let sentence = refusal(&["-p", "0", "--data", path(&below)]);
    assert!(sentence.contains(path(&below)) || sentence.contains(path(&file)), "{sentence}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "not a directory");
}

#[test]
fn a_data_directory_in_use_is_named_with_its_holder() {
    let directory = tempfile::tempdir().unwrap();
    let data = path(directory.path());
    let (mut first, _) = start(&["-p", "0", "--data", data]);
    let sentence = refusal(&["-p", "0", "--data", data]);
    let holder = format!("is in use by process {}", first.id());
    assert!(sentence.contains(data) && sentence.contains(&holder), "{sentence}");
    first.kill().unwrap();
    first.wait().unwrap();
}

#[test]
fn an_unreadable_password_file_is_named() {
    let sentence = refusal(&["-p", "0", "--memory", "--password-file", "/nonexistent"]);
    let start = "hubbub-server: the password file /nonexistent can't be read: ";
    assert!(sentence.starts_with(start), "{sentence}");
}

#[test]
fn the_state_directory_of_the_service_manager_is_used() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = hub(&["-p", "0"]);
    command.env("STATE_DIRECTORY", directory.path()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(directory.path().join("hub.sqlite3").exists());
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn it_says_where_it_listens_and_ends_well_when_told_to() {
    for name in ["TERM", "INT"] {
        let (mut child, line) = start(&["start", "-p", "0", "--memory"]);
        assert!(line.starts_with("listening on ws://127.0.0.1:"), "{line}");
        assert!(line.ends_with("/ws\n") && !line.contains(":0/"), "{line}");
        signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), Some(0), "SIG{name}");
    }
}

/// What a kill leaves in this directory, being read: a start has to wait for its end.
fn read_by_another(directory: &Path) -> rusqlite::Connection {
    let (mut killed, _) = start(&["-p", "0", "--data", path(directory)]);
    killed.kill().unwrap();
    killed.wait().unwrap();
    let writer = rusqlite::Connection::open(directory.join("hub.sqlite3")).unwrap();
    let reader = rusqlite::Connection::open(directory.join("hub.sqlite3")).unwrap();
    let read = "BEGIN; SELECT count(*) FROM event";
    reader.execute_batch(read).unwrap();
    writer.execute("UPDATE meta SET only = only", []).unwrap();
    reader
}

/// A hub that says that it waits for who reads.
fn start_that_waits(directory: &Path) -> (Child, BufReader<ChildStderr>) {
    let mut command = hub(&["-p", "0", "--data", path(directory)]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    stderr.read_line(&mut line).unwrap();
    assert!(line.contains("being read by another program") && line.contains("waits"), "{line}");
    (child, stderr)
}

#[test]
fn a_start_waits_for_those_who_read_the_log() {
    let directory = tempfile::tempdir().unwrap();
    let reader = read_by_another(directory.path());
    let (mut child, _stderr) = start_that_waits(directory.path());
    drop(reader);
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("listening on ws://"), "{line}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_signal_ends_a_start() {
    let directory = tempfile::tempdir().unwrap();
    let reader = read_by_another(directory.path());
    let (mut child, _stderr) = start_that_waits(directory.path());
    signal(&child, "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    drop(reader);
}

#[test]
#[cfg(target_os = "linux")]
fn it_may_open_as_many_files_as_the_system_allows() {
    let mut command = Command::new("sh");
    let script = "ulimit -S -n 256 && exec \"$0\" -p 0 --memory";
    command.args(["-c", script, env!("CARGO_BIN_EXE_hubbub-server")]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let limit = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let numbers: Vec<_> = limit.split_whitespace().skip(3).take(2).collect();
    assert_eq!(numbers[0], numbers[1], "{limit}");
    child.kill().unwrap();
    child.wait().unwrap();
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn an_origin_that_no_browser_writes_is_an_error_of_usage() {
    for bad in ["chat.example", "null", "*", "https://chat.example/", "https://a.example,"] {
        let output = run(&["-p", "0", "--memory", "--allow-origin", bad]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{bad}: {stderr}");
        assert!(stderr.contains("--allow-origin <ORIGIN>"), "{stderr}");
        assert!(stderr.contains("as in https://chat.example or"), "{stderr}");
    }
}
