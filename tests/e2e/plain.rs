//! Linear mode, with the real `hubbub` in a pipe and in a terminal that can only scroll.

use std::{fs, net::TcpListener};
#[cfg(target_os = "linux")]
use std::{
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;
#[cfg(target_os = "linux")]
use tests::PATIENCE;
use tests::{Home, ServerProcess, TestTerminal, free_port};

/// A shell with `$HUB`, which is `hubbub` at this hub, and which says how it ended.
fn shell(home: &Home, server: &ServerProcess, script: &str) -> TestTerminal {
    let hub = format!("\"$HUBBUB\" -H 127.0.0.1 -p {}", server.address().port());
    TestTerminal::shell(home, &format!("{}; echo \"exit $?\"", script.replace("$HUB", &hub)))
}

/// Everything that was written until the end, line by line.
fn lines(mut terminal: TestTerminal) -> Vec<String> {
    terminal.wait_for_exit();
    assert!(!terminal.recorded().contains(&0x1b), "an escape: {:?}", terminal.recorded_text());
    terminal.recorded_text().lines().map(|line| line.trim_end().to_owned()).collect()
}

/// Without the time, which is the third word of what people say.
fn without_time(lines: &[String]) -> Vec<String> {
    let is_time = |word: &str| word.len() == 5 && word.as_bytes()[2] == b':';
    let words =
        |line: &String| line.split(' ').filter(|word| !is_time(word)).collect::<Vec<_>>().join(" ");
    lines.iter().map(words).collect()
}

#[test]
fn a_line_from_a_pipe_is_said_and_acked_before_the_end() {
    let server = ServerProcess::start(None, &[]);
    let home = Home::of("ana");
    let said = lines(shell(&home, &server, "printf 'hello\\n' | $HUB"));
    assert_eq!(
        without_time(&said),
        ["hubbub: live, you are ana in lobby", "lobby 1 ana: hello", "exit 0"]
    );
    let next = lines(shell(&home, &server, "printf '/me waves' | $HUB --plain"));
    assert_eq!(
        without_time(&next),
        [
            "hubbub: live, you are ana in lobby",
            "lobby 1 ana: hello",
            "lobby 2 * ana waves",
            "exit 0"
        ]
    );
}

#[test]
fn commands_from_a_pipe_are_carried_out_in_order() {
    let server = ServerProcess::start(None, &[]);
    let script = "printf '/join games\\n/topic chess\\n/who\\nyour move\\n/quit\\nnever\\n' | $HUB";
    let said = without_time(&lines(shell(&Home::of("ana"), &server, script)));
    let wanted = [
        "hubbub: live, you are ana in lobby",
        "hubbub: you write in games now",
        "games 1 -- ana changed the topic to: chess",
        "hubbub: 1 in games:",
        "hubbub: ana",
        "games 2 ana: your move",
        "exit 0",
    ];
    assert_eq!(said, wanted);
}

#[test]
fn what_is_not_carried_out_is_told_and_so_is_the_exit_code() {
    let server = ServerProcess::start(None, &[]);
    let said = lines(shell(&Home::of("ana"), &server, "printf '/jion games\\nhi\\n' | $HUB"));
    assert!(said.iter().any(|line| line.contains("did you mean /join?")), "{said:?}");
    assert!(said.iter().any(|line| line.ends_with(" ana: hi")), "{said:?}");
    let end = ["hubbub: not every line was carried out; the output says why", "exit 1"];
    assert_eq!(said[said.len() - 2..], end);
}

#[test]
fn many_lines_arrive_in_order() {
    let server = ServerProcess::start(None, &["--rate", "0"]);
    let said = lines(shell(&Home::of("ana"), &server, "seq 1200 | $HUB"));
    let said = said.iter().filter_map(|line| line.split_once(" ana: ").map(|(_, text)| text));
    let wanted: Vec<String> = (1..=1200).map(|number: u32| number.to_string()).collect();
    assert_eq!(said.collect::<Vec<_>>(), wanted);
}

#[test]
fn what_stays_unsent_is_told_and_goes_out_next_time() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut server = ServerProcess::start(Some(directory.path()), &[]);
    let home = Home::of("ana");
    lines(shell(&home, &server, "$HUB < /dev/null"));
    server.kill();
    let said = without_time(&lines(shell(&home, &server, "printf 'later\\n' | $HUB")));
    let unsent = "hubbub: 1 message not sent yet; it goes out next time";
    assert_eq!(said[said.len() - 2..], [unsent, "exit 1"]);
    assert!(said.iter().any(|line| line.starts_with("hubbub: offline since")), "{said:?}");
    server.restart();
    let said = without_time(&lines(shell(&home, &server, "$HUB < /dev/null")));
    assert!(said.contains(&"lobby 1 ana: later".to_owned()), "{said:?}");
    assert_eq!(said.last().map(String::as_str), Some("exit 0"));
}

#[test]
fn where_nobody_can_be_asked_a_free_name_is_taken() {
    let server = ServerProcess::start(None, &[]);
    let home = Home::of("ana");
    let port = server.address().port().to_string();
    let screen = TestTerminal::hubbub(&home, &["-H", "127.0.0.1", "-p", &port]);
    screen.wait_for_text(" live ");
    let said = without_time(&lines(shell(&home, &server, "echo hello | $HUB")));
    let wanted = [
        "hubbub: ana is taken. Your name: (an empty line takes ana2)",
        "hubbub: live, you are ana2 in lobby",
        "lobby 1 ana2: hello",
        "exit 0",
    ];
    assert_eq!(said, wanted);
    screen.wait_for_text("ana2        hello");
}

#[test]
fn output_that_nobody_reads_ends_it() {
    let server = ServerProcess::start(None, &[]);
    let script = "(echo one; echo two; exec tail -f /dev/null --pid $$) | $HUB | head -n 1";
    let mut terminal = shell(&Home::of("ana"), &server, script);
    terminal.wait_for_text("exit 0");
    terminal.signal(Signal::KILL);
    terminal.wait_for_exit();
}

#[test]
fn a_terminal_that_can_only_scroll_has_a_conversation() {
    let server = ServerProcess::start(None, &[]);
    let (ana, bob) = (Home::of("ana"), Home::of("bob"));
    let terminal = shell(&ana, &server, "TERM=dumb $HUB");
    terminal.wait_for_text("hubbub: live, you are ana in lobby");
    let port = server.address().port().to_string();
    let other = TestTerminal::hubbub(&bob, &["-H", "127.0.0.1", "-p", &port]);
    other.wait_for_text(" live ");
    terminal.wait_for_text("lobby * bob joined");
    other.type_keys("hi Ana<ret>");
    terminal.wait_for_text("bob: hi Ana");
    terminal.type_keys("hi Bob<ret>");
    other.wait_for_text("ana         hi Bob");
    other.type_keys("/msg ana psst<ret>");
    terminal.wait_for("a private line", |screen| {
        screen
            .contents()
            .lines()
            .any(|line| line.starts_with("(private) ") && line.ends_with("bob: psst"))
    });
    terminal.type_keys("<c-d>");
    let said = lines(terminal);
    assert_eq!(said.last().map(String::as_str), Some("exit 0"));
}

#[test]
fn what_was_read_is_answered_changed_and_deleted_by_its_number() {
    let server = ServerProcess::start(None, &["--rate", "0"]);
    let home = Home::of("ana");
    lines(shell(&home, &server, "printf 'one\\ntwo\\n' | $HUB"));
    let script = "printf '/reply 1 yes\\n/edit 2 three\\n/delete 1\\n' | $HUB";
    let said = without_time(&lines(shell(&home, &server, script)));
    for wanted in [
        "lobby 1 ana: one",
        "lobby 3 ana answering 1: yes",
        "lobby 4 -- ana changed message 2 to: three",
        "lobby 5 -- ana deleted message 1",
        "exit 0",
    ] {
        assert!(said.iter().any(|line| line == wanted), "{wanted}: {said:?}");
    }
}

#[test]
fn a_password_is_not_shown_and_the_terminal_is_put_back() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), "sesame").expect("write");
    let path = file.path().to_str().expect("UTF-8");
    let server = ServerProcess::start(None, &["--password-file", path]);
    let home = Home::of("ana");
    let modes = "stty -a | grep -o -w -e '-*echo'";
    let question = "hubbub: Password of this hub:";
    for (answer, end, code) in
        [("sesame<ret>", Some("<c-d>"), 0), ("ses<c-c>", None, 130), ("ses<c-\\>", None, 131)]
    {
        let script = format!("trap : INT QUIT; TERM=dumb $HUB; echo \"exit $?\"; {modes}");
        let mut terminal = shell(&home, &server, &script);
        terminal.wait_for_text(question);
        terminal.type_keys(answer);
        if let Some(end) = end {
            terminal.wait_for_text("hubbub: live, you are ana in lobby");
            terminal.type_keys("seen<ret>");
            terminal.wait_for_text(" ana: seen");
            terminal.type_keys(end);
        }
        terminal.wait_for_text(&format!("exit {code}"));
        terminal.wait_for("the echo again", |screen| screen.contents().contains("\necho"));
        assert!(!terminal.recorded_text().contains("ses"), "{}", terminal.recorded_text());
        terminal.wait_for_exit();
    }
}

#[test]
fn one_ctrl_c_clears_the_line_and_two_leave() {
    let server = ServerProcess::start(None, &[]);
    let terminal = shell(&Home::of("ana"), &server, "trap : INT; TERM=dumb $HUB");
    terminal.wait_for_text("hubbub: live, you are ana in lobby");
    terminal.type_keys("never mind<c-c>");
    terminal.wait_for_text("hubbub: Ctrl+C again quits");
    terminal.type_keys("<c-c>");
    let said = lines(terminal);
    assert!(said.last().is_some_and(|line| line.ends_with("exit 130")), "{said:?}");
    assert!(!said.iter().any(|line| line.ends_with("ana: never mind")), "{said:?}");
}

#[test]
fn ctrl_z_stops_it_and_it_goes_on_where_it_was() {
    let server = ServerProcess::start(None, &[]);
    let script = "set -m; TERM=dumb $HUB; echo stopped; fg; exit";
    let terminal = shell(&Home::of("ana"), &server, script);
    terminal.wait_for_text("hubbub: live, you are ana in lobby");
    terminal.type_keys("<c-z>");
    terminal.wait_for_text("stopped");
    terminal.type_keys("here again<ret>");
    terminal.wait_for_text(" ana: here again");
    terminal.type_keys("<c-d>");
    let mut terminal = terminal;
    assert!(terminal.wait_for_exit().success());
}

#[test]
fn what_has_the_terminal_while_a_password_is_asked_shows_what_is_typed() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), "sesame").expect("write");
    let path = file.path().to_str().expect("UTF-8");
    let server = ServerProcess::start(None, &["--password-file", path]);
    let script = "set -m; TERM=dumb $HUB; stty -a | grep -o -w -e '-*echo'; fg; exit";
    let mut terminal = shell(&Home::of("ana"), &server, script);
    terminal.wait_for_text("hubbub: Password of this hub:");
    terminal.type_keys("<c-z>");
    terminal.wait_for("the echo", |screen| screen.contents().contains("\necho"));
    // When it goes on it asks again, and the answer is as secret as before.
    let question = b"hubbub: Password of this hub:";
    terminal.wait_for_bytes("the question again", |bytes| {
        bytes.windows(question.len()).filter(|window| *window == question).count() == 2
    });
    terminal.type_keys("sesame<ret>");
    terminal.wait_for_text("hubbub: live, you are ana in lobby");
    assert!(!terminal.recorded_text().contains("ses"), "{}", terminal.recorded_text());
    terminal.type_keys("<c-d>");
    assert!(terminal.wait_for_exit().success());
}

#[test]
fn what_waits_for_the_hub_is_told_when_it_is_written_and_at_the_end() {
    let home = Home::of("ana");
    let mut server = ServerProcess::start(None, &[]);
    lines(shell(&home, &server, "$HUB < /dev/null"));
    server.kill();
    let terminal = shell(&home, &server, "trap : INT; TERM=dumb $HUB");
    terminal.wait_for_text("hubbub: offline since");
    terminal.type_keys("later<ret>");
    terminal.wait_for_text("hubbub: 1 message waits for the hub");
    terminal.type_keys("<c-c>");
    terminal.wait_for_text("hubbub: Ctrl+C again quits");
    terminal.type_keys("<c-c>");
    terminal.wait_for_text("1 message not sent yet; it goes out next time");
}

#[cfg(target_os = "linux")]
#[test]
fn lines_that_were_read_before_the_end_are_kept_or_told() {
    let home = Home::of("ana");
    let mut server = ServerProcess::start(None, &[]);
    lines(shell(&home, &server, "$HUB < /dev/null"));
    server.kill();
    // It answers nothing, so that no line is taken before the end.
    let silent = TcpListener::bind(server.address()).expect("the port is free");
    let port = server.address().port();
    let script = format!(
        "printf 'later\\n/who\\n' > lines; exec \"$HUBBUB\" -H 127.0.0.1 -p {port} < lines"
    );
    let mut terminal = TestTerminal::shell(&home, &script);
    let before_and_behind_the_start = [silent.accept(), silent.accept()];
    assert!(before_and_behind_the_start.iter().all(Result::is_ok));
    let deadline = Instant::now() + PATIENCE;
    while !has_read_all(terminal.id(), "later\n/who\n".len()) {
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} for the lines to be read");
        thread::park_timeout(Duration::from_millis(1));
    }
    terminal.signal(Signal::TERM);
    terminal.wait_for_exit();
    let said = terminal.recorded_text();
    assert!(said.contains("1 message not sent yet; it goes out next time"), "{said}");
    assert!(said.contains("1 line came too late to be carried out"), "{said}");
}

/// Whether a process has read so much of its input, and the thread that does so has ended, as it
/// does when it has handed over every line.
#[cfg(target_os = "linux")]
fn has_read_all(id: u32, length: usize) -> bool {
    let input = fs::read_to_string(format!("/proc/{id}/fdinfo/0")).expect("it runs");
    let is_at_end = input.lines().next() == Some(&format!("pos:\t{length}"));
    let mut threads = fs::read_dir(format!("/proc/{id}/task")).expect("it runs").flatten();
    let is_reading = threads.any(|thread| {
        fs::read_to_string(thread.path().join("comm")).is_ok_and(|name| name == "stdin\n")
    });
    is_at_end && !is_reading
}

#[test]
fn somebody_hosts_without_a_screen_and_others_join_with_what_is_printed() {
    let (home, port) = (Home::of("ana"), free_port());
    let host = format!("TERM=dumb \"$HUBBUB\" host -p {port}; echo \"exit $?\"");
    let terminal = TestTerminal::shell(&home, &host);
    terminal.wait_for_text("hubbub: How others join:");
    terminal.wait_for_text("hubbub: live, you are ana in lobby");
    let script = format!("echo hello | \"$HUBBUB\" -p {port}");
    let guest = TestTerminal::shell(&Home::of("bob"), &script);
    terminal.wait_for_text(" bob: hello");
    lines(guest);
    terminal.type_keys("bye<ret>");
    terminal.wait_for_text(" ana: bye");
    terminal.type_keys("<c-d>");
    let said = lines(terminal);
    assert!(said.iter().any(|line| line.starts_with("Kept 2 messages in ")), "{said:?}");
    assert_eq!(said.last().map(String::as_str), Some("exit 0"));
    // The hub has ended with it: its port is free.
    TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
}

#[test]
fn a_hub_whose_host_has_no_input_left_drains_and_ends() {
    let (home, port) = (Home::of("ana"), free_port());
    let script = format!("echo hello | \"$HUBBUB\" host -p {port} 2>&1; echo \"exit $?\"");
    let said = without_time(&lines(TestTerminal::shell(&home, &script)));
    assert!(said.contains(&"lobby 1 ana: hello".to_owned()), "{said:?}");
    assert_eq!(said.last().map(String::as_str), Some("exit 0"));
    TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
}
