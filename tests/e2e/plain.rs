//! Linear mode, with the real `hubbub` in a pipe and in a terminal that can only scroll.

use tests::{Home, ServerProcess, TestTerminal};

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

/// Without the time, which is the second word of what people say.
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
        ["hubbub: live, you are ana in lobby", "lobby ana: hello", "exit 0"]
    );
    let next = lines(shell(&home, &server, "printf '/me waves' | $HUB --plain"));
    assert_eq!(
        without_time(&next),
        ["hubbub: live, you are ana in lobby", "lobby ana: hello", "lobby * ana waves", "exit 0"]
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
        "games -- ana changed the topic to: chess",
        "hubbub: 1 in games:",
        "hubbub: ana",
        "games ana: your move",
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
    assert!(said.contains(&"lobby ana: later".to_owned()), "{said:?}");
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
    assert!(said.contains(&"lobby ana2: hello".to_owned()), "{said:?}");
    screen.wait_for_text("ana2        hello");
}

#[test]
fn output_that_nobody_reads_ends_it() {
    let server = ServerProcess::start(None, &[]);
    let script = "(echo one; echo two; exec tail -f /dev/null --pid $$) | $HUB | head -n 1";
    let mut terminal = shell(&Home::of("ana"), &server, script);
    terminal.wait_for_text("exit 0");
    terminal.signal(rustix::process::Signal::KILL);
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
