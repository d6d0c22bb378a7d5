//! The program from outside, where it has no terminal: words, sentences and exit codes.
#![expect(clippy::unwrap_used, reason = "what fails in a test's helper fails the test")]

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

/// `hubbub` in a home of its own, without a terminal.
struct Hubbub {
    home: TempDir,
}

impl Hubbub {
    fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hubbub"));
        command.env_clear().env("HOME", self.home.path()).env("USER", "ana").env("TERM", "xterm");
        command.args(words).stdin(Stdio::null());
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }
}

/// What it says on stderr, and its exit code.
fn complaint(words: &[&str]) -> (String, Option<i32>) {
    let output = Hubbub::new().run(words);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    (String::from_utf8_lossy(&output.stderr).trim_end().to_owned(), output.status.code())
}

/// A port where nothing listens: it was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn version_is_one_line() {
    let output = Hubbub::new().run(&["--version"]);
    assert!(output.status.success());
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        concat!("hubbub ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn help_opens_with_examples_and_ends_with_exit_codes() {
    let output = Hubbub::new().run(&["--help"]);
    let help = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success());
    assert!(help.starts_with("Examples:\n  hubbub host "), "{help}");
    assert!(help.contains("Exit codes:") && help.contains("HUBBUB_NAME"), "{help}");
    assert!(!help.contains("serve") && help.contains("--plain"), "{help}");
}

#[test]
fn the_help_of_scripts_has_their_exit_codes() {
    for (command, example) in [("send", "hubbub send the build"), ("tail", "hubbub tail -f -N 0")] {
        let output = Hubbub::new().run(&[command, "--help"]);
        let help = String::from_utf8_lossy(&output.stdout);
        assert!(help.starts_with("Examples:\n  hubbub "), "{help}");
        assert!(help.contains(example) && help.contains("Exit codes:\n  0  "), "{help}");
        assert!(help.contains("\n  4  the hub was lost"), "{help}");
        let widest = help.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(100), "{help}");
    }
}

#[test]
fn scripts_that_are_misunderstood_say_so_before_anything_is_tried() {
    let (why, code) = complaint(&["tail", "-n", "20"]);
    assert_eq!(code, Some(2));
    assert!(why.contains("for the last lines of tail: -N COUNT"), "{why}");
    assert_eq!(complaint(&["tail", "--since", "3", "-N", "2"]).1, Some(2));
    assert_eq!(complaint(&["send", "--room", "two words", "hi"]).1, Some(2));
    let (why, code) = complaint(&["send", ""]);
    assert_eq!((why.as_str(), code), ("hubbub: the text is empty; write something", Some(1)));
}

#[test]
fn scripts_say_that_there_is_no_hub_too() {
    let port = free_port().to_string();
    for words in [&["send", "-p", &port, "hi"][..], &["tail", "-p", &port]] {
        let (why, code) = complaint(words);
        let start = format!("to start one: hubbub host -p {port}");
        assert_eq!(why, format!("hubbub: nothing listens at localhost:{port}; {start}"));
        assert_eq!(code, Some(3));
    }
}

#[test]
fn a_word_that_is_no_option_is_a_usage_error() {
    let (complaint, code) = complaint(&["--nmae", "Ana"]);
    assert_eq!(code, Some(2));
    assert!(complaint.contains("--name"), "{complaint}");
}

#[test]
fn a_name_that_is_none_is_refused_with_its_reason() {
    let (complaint, code) = complaint(&["-n", "a b"]);
    assert_eq!(code, Some(2));
    assert!(complaint.contains("a name has only letters, digits"), "{complaint}");
}

#[test]
fn a_misspelt_command_is_guessed() {
    for (word, meant) in [("hots", "host"), ("sned", "send"), ("tial", "tail")] {
        let why = format!("hubbub: did you mean: hubbub {meant}?");
        assert_eq!(complaint(&[word]), (why, Some(3)));
    }
}

#[test]
fn a_bad_address_is_one_sentence() {
    let (complaint, code) = complaint(&["ftp://ana"]);
    assert_eq!(code, Some(1));
    let forms = "write HOST, HOST:PORT, [IPV6]:PORT or a ws:// or wss:// URL";
    assert_eq!(complaint, format!("hubbub: \"ftp://ana\" is no address; {forms}"));
}

#[test]
fn a_certificate_file_that_is_not_there_is_one_sentence() {
    let (complaint, code) = complaint(&["--tls-ca", "/nowhere/ca.pem", "wss://ana.example"]);
    assert_eq!(code, Some(1));
    let why = "hubbub: can't read the certificate file /nowhere/ca.pem: ";
    assert!(complaint.starts_with(why), "{complaint}");
}

#[test]
fn where_nothing_listens_it_says_how_to_start_a_hub() {
    let port = free_port().to_string();
    let (complaint, code) = complaint(&["-p", &port]);
    assert_eq!(code, Some(3));
    let start = format!("to start one: hubbub host -p {port}");
    assert_eq!(complaint, format!("hubbub: nothing listens at localhost:{port}; {start}"));
}

#[test]
fn something_else_is_not_a_hubbub() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 1024]);
        stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").unwrap();
    });
    let (complaint, code) = complaint(&[&address]);
    server.join().unwrap();
    assert_eq!(code, Some(3));
    assert_eq!(complaint, format!("hubbub: {address} answers, but is not a hubbub"));
}

#[test]
fn silence_is_told_as_such() {
    // It listens, so the system accepts; but nobody ever answers.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (complaint, code) = complaint(&[&address.to_string()]);
    assert_eq!(code, Some(3));
    let why = format!("wrong address, or a firewall there (TCP {})", address.port());
    assert_eq!(complaint, format!("hubbub: no answer from {address}: {why}"));
}

#[cfg(feature = "host")]
#[test]
fn a_hub_ends_with_its_life_line() {
    let hubbub = Hubbub::new();
    let data = hubbub.home.path().join("data");
    let mut command = hubbub.command(&["serve", "--listen", "localhost", "--port", "0"]);
    command.arg("--data").arg(&data).args(["--title", "ana's hub"]);
    let mut hub = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut words = [0; 10];
    hub.stdout.as_mut().unwrap().read_exact(&mut words).unwrap();
    assert_eq!(&words, b"listening ");
    assert!(hub.try_wait().unwrap().is_none());
    drop(hub.stdin.take());
    assert!(hub.wait().unwrap().success());
}

#[cfg(feature = "host")]
#[test]
fn a_hub_whose_directory_is_in_use_says_that_it_may_be_tried_again() {
    let hubbub = Hubbub::new();
    let data = hubbub.home.path().join("data");
    let serve = || {
        let mut command = hubbub.command(&["serve", "--listen", "localhost", "--port", "0"]);
        command.arg("--data").arg(&data).args(["--title", "ana's hub"]).stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
    };
    let mut first = serve();
    first.stdout.as_mut().unwrap().read_exact(&mut [0; 10]).unwrap();
    let second = serve().wait_with_output().unwrap();
    let words = String::from_utf8_lossy(&second.stdout);
    assert!(words.starts_with("busy "), "{words}");
    drop(first.stdin.take());
    first.wait().unwrap();
}

/// What it says on stdout, and its exit code, with this settings file.
fn check(settings: Option<&str>) -> (String, Option<i32>) {
    let hubbub = Hubbub::new();
    let directory = hubbub.home.path().join(".config/hubbub");
    std::fs::create_dir_all(&directory).unwrap();
    let path = directory.join("client.toml");
    if let Some(settings) = settings {
        std::fs::write(&path, settings).unwrap();
    }
    let output = hubbub.run(&["--check-config"]);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (said.replace(&path.display().to_string(), "FILE"), output.status.code())
}

#[test]
fn faults_of_the_settings_are_listed_with_file_line_and_key() {
    let faults = "FILE:2: colour: no such setting; hubbub --print-config lists them\n\
                  FILE:4: keys.\"Ctrl+Q\": no action quit-all; did you mean quit?\n";
    let settings = "mouse = false\ncolour = 3\n[keys]\n\"Ctrl+Q\" = \"quit-all\"\n";
    assert_eq!(check(Some(settings)), (faults.to_owned(), Some(1)));
    assert_eq!(check(Some("mouse = false\n")), ("FILE is sound\n".to_owned(), Some(0)));
    assert_eq!(check(None), ("there is no FILE: everything is as by default\n".into(), Some(0)));
}

#[test]
fn the_printed_settings_are_sound() {
    let hubbub = Hubbub::new();
    let printed = hubbub.run(&["--print-config"]);
    assert!(printed.status.success());
    let path = hubbub.home.path().join("mine.toml");
    std::fs::write(&path, &printed.stdout).unwrap();
    let output = hubbub.run(&["--check-config", "--config", path.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!((said, output.status.code()), (format!("{} is sound\n", path.display()), Some(0)));
}

#[test]
fn settings_that_were_named_have_to_be_there() {
    for words in [
        &["--config", "/nowhere/a.toml"][..],
        &["host", "--config", "/nowhere/a.toml"],
        &["connect", "--config", "/nowhere/a.toml"],
        &["--check-config", "--config", "/nowhere/a.toml"],
    ] {
        let why = "hubbub: there is no settings file /nowhere/a.toml".to_owned();
        assert_eq!(complaint(words), (why, Some(1)), "{words:?}");
    }
}

#[test]
fn the_hub_of_the_settings_is_tried_unless_another_is_named() {
    let (there, here) = (free_port(), free_port());
    let hubbub = Hubbub::new();
    let path = hubbub.home.path().join("mine.toml");
    std::fs::write(&path, format!("host = \"127.0.0.1\"\nport = {there}\n")).unwrap();
    let tried = |words: &[&str]| {
        let output = hubbub.command(words).env("HUBBUB_CONFIG", &path).output().unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let nothing = |port| format!("nothing listens at 127.0.0.1:{port}");
    assert!(tried(&[]).contains(&nothing(there)), "{}", tried(&[]));
    let named = format!("127.0.0.1:{here}");
    assert!(tried(&[&named]).contains(&nothing(here)), "{}", tried(&[&named]));
}
