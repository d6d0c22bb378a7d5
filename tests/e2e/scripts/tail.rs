//! What was said, for scripts: whole, in order, a line each, and harmless.

use protocol::{Seq, ServerFrame, codec::decode_server};
use rustix::process::Signal;
use tests::{
    Home, ServerProcess, TestClient,
    hostile::{TestHostileHub, event},
    strict,
};

use super::{Running, comes, in_lobby, lines, log, movers, run, run_at};

/// A hub in whose lobby the numbers up to this one were said.
fn with_numbers(home: &Home, count: u32) -> ServerProcess {
    let server = ServerProcess::start(None, &["--rate", "0"]);
    let sent = run(home, &server, &format!("seq {count} | hubbub send"));
    assert_eq!((sent.code, sent.stderr.as_str()), (Some(0), ""));
    server
}

#[test]
fn the_last_messages_or_those_from_a_number_on_are_printed() {
    let home = Home::of("ana");
    let server = with_numbers(&home, 450);
    let last = run(&home, &server, "hubbub tail");
    assert_eq!((last.code, last.stderr.as_str()), (Some(0), ""));
    let numbers = |from: u32| (from..=450).map(|n| format!("lobby {n} ana: {n}"));
    assert_eq!(lines(&last.stdout), numbers(401).collect::<Vec<_>>());
    let time = last.stdout.split(' ').nth(3).expect("a time");
    assert!(time.len() == 5 && time.as_bytes()[2] == b':', "{time}");
    let many = run(&home, &server, "hubbub tail -N 300");
    assert_eq!(lines(&many.stdout), numbers(151).collect::<Vec<_>>());
    let since = run(&home, &server, "hubbub tail --since 449");
    assert_eq!(lines(&since.stdout), numbers(449).collect::<Vec<_>>());
    let later = run(&home, &server, "hubbub tail --since 451; hubbub tail -N 0");
    assert_eq!((later.code, later.stdout.as_str()), (Some(0), ""));
}

#[test]
fn objects_are_events_of_the_protocol() {
    let home = Home::of("ana");
    let server = with_numbers(&home, 250);
    let all = run(&home, &server, "hubbub tail --json --since 1");
    let seq = |line: &str| match decode_server(line) {
        Ok(ServerFrame::Event(event)) => event.seq,
        other => panic!("{other:?}"),
    };
    let wanted: Vec<Seq> = (1..=250).filter_map(Seq::new).collect();
    assert_eq!(all.stdout.lines().map(seq).collect::<Vec<_>>(), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_of_who_only_looks() {
    let home = Home::of("ana");
    let server = with_numbers(&home, 3);
    let mut bob = in_lobby(&server, "Bob").await;
    let looked = run(&home, &server, "hubbub tail -n Looker");
    assert_eq!((looked.code, lines(&looked.stdout).len()), (Some(0), 3));
    let mut cyd = TestClient::guest(server.address(), "Cyd").await;
    cyd.join("lobby").await;
    comes(&mut bob, "Cyd").await;
    assert_eq!(movers(&mut bob).await, [""; 0]);
    let nowhere = run(&home, &server, "hubbub tail --room nowhere");
    let why = "hubbub: there is no room nowhere on that hub\n";
    assert_eq!((nowhere.code, nowhere.stderr.as_str()), (Some(1), why));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_misses_nothing_of_a_hub_that_is_killed_and_comes_back() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut server = ServerProcess::start(Some(directory.path()), &["--rate", "0"]);
    let home = Home::of("ana");
    run(&home, &server, "hubbub send -n Bob before");
    let tail = Running::start(&home, server.address(), "exec hubbub tail -f");
    assert_eq!(lines(&tail.line()), ["lobby 1 Bob: before"]);
    for round in 0..2 {
        let first = 2 + 3 * round;
        let mut cyd = TestClient::person(server.address(), "Cyd", 3).await;
        cyd.join("lobby").await;
        let ack = cyd.say_acked("lobby", "there").await;
        cyd.edit_acked("lobby", ack.seq.get(), "here").await;
        let said = [
            format!("lobby {first} Cyd: there"),
            format!("lobby {} -- Cyd changed message {first} to: here", first + 1),
        ];
        for wanted in said {
            assert_eq!(lines(&tail.line()), [wanted]);
        }
        server.kill();
        server.restart();
        // Perhaps before the other is back.
        let mut cyd = TestClient::person(server.address(), "Cyd", 3).await;
        cyd.join("lobby").await;
        cyd.say_acked("lobby", "again").await;
        assert_eq!(lines(&tail.line()), [format!("lobby {} Cyd: again", first + 2)]);
        assert_eq!(tail.complaint(), "hubbub: the hub is away; waiting for it to come back");
    }
    tail.signal(Signal::INT);
    let (status, stdout, stderr) = tail.end();
    assert_eq!((status.code(), stdout, stderr), (Some(130), Vec::new(), Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_waits_for_a_text_and_ends_with_it() {
    let home = Home::of("ana");
    let server = with_numbers(&home, 12);
    let found = run(&home, &server, "hubbub tail --since 1 --until 1");
    assert_eq!((found.code, found.stdout.lines().count()), (Some(0), 1));
    let missing = run(&home, &server, "hubbub tail --until done");
    let why = "hubbub: no message there contains \"done\"\n";
    assert_eq!((missing.code, missing.stderr.as_str()), (Some(1), why));
    let script = "exec hubbub tail -f -N 1 --until done";
    let waiting = Running::start(&home, server.address(), script);
    assert_eq!(lines(&waiting.line()), ["lobby 12 ana: 12"]);
    run(&home, &server, "printf 'not yet\\nit is done\\nafter\\n' | hubbub send");
    let (status, stdout, stderr) = waiting.end();
    assert_eq!((status.code(), stderr), (Some(0), Vec::new()));
    let said = ["lobby 13 ana: not yet", "lobby 14 ana: it is done"];
    assert_eq!(lines(&stdout.join("\n")), said);
}

#[test]
fn a_hub_that_does_not_come_back_is_4() {
    let home = Home::of("ana");
    let mut server = with_numbers(&home, 1);
    let script = "exec hubbub tail -f --until done --timeout 1";
    let waiting = Running::start(&home, server.address(), script);
    waiting.line();
    server.kill();
    let (status, _, stderr) = waiting.end();
    let said = [
        "hubbub: the hub is away; waiting for it to come back",
        "hubbub: the hub does not come back",
    ];
    assert_eq!((status.code(), stderr), (Some(4), said.map(str::to_owned).to_vec()));
}

#[test]
fn output_that_nobody_reads_any_more_ends_it_quietly() {
    let home = Home::of("ana");
    let server = with_numbers(&home, 3000);
    for words in ["--since 1", "-f", "-f --json", "--since 1 -f"] {
        let script = format!("{{ hubbub tail {words}; echo \"exit $?\" >&2; }} | head -n 1");
        let ended = run(&home, &server, &script);
        assert_eq!(
            (ended.stdout.lines().count(), ended.stderr.as_str()),
            (1, "exit 0\n"),
            "{words}"
        );
    }
}

#[test]
fn a_signal_ends_it_although_nobody_empties_the_pipe() {
    let home = Home::of("ana");
    let server = with_numbers(&home, 3000);
    let script = "mkfifo pipe; exec 3<>pipe; hubbub tail --since 1 -f >pipe & \
                  read -r first <&3; kill -TERM $!; wait $!; echo \"exit $?\"";
    let script = format!("cd \"$HOME\"; {script}");
    let ended = run(&home, &server, &script);
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("exit 143\n", ""));
}

/// Texts that a hub takes, and that would do something, hide something or look like more.
const HOSTILE: [&str; 8] = [
    "a\nlobby 9 2026-01-01 00:00 System: Bob left",
    "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{200e}\u{61c}",
    "\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{ad}\u{180e}\u{34f}\u{2064}",
    "\u{e0001}\u{e0020}\u{e0041}\u{e007f}\u{e01ef}",
    "\u{2028}\u{2029} \u{fe00}\u{fe0f}\t\u{301}\u{301}",
    "\u{fdd0}\u{fffe}\u{ffff}\u{1ffff}\u{e000}\u{10fffd}\u{fff9}",
    "\u{115f}\u{1160}\u{3164}\u{ffa0}\u{17b4}",
    "שלום \u{202e}مرحبا\u{202c} אב",
];

#[tokio::test(flavor = "multi_thread")]
async fn what_others_write_is_a_line_and_harmless() {
    let server = ServerProcess::start(None, &["--rate", "0"]);
    let mut bob = TestClient::guest(server.address(), "Bob").await;
    bob.join("lobby").await;
    for text in HOSTILE {
        bob.say_acked("lobby", text).await;
    }
    let home = Home::of("ana");
    for words in ["", "--json"] {
        let printed = run(&home, &server, &format!("hubbub tail {words}"));
        assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""));
        assert_eq!(printed.stdout.lines().count(), HOSTILE.len(), "{}", printed.stdout);
        assert_eq!(strict::check_lines(printed.stdout.as_bytes()), Ok(()));
    }
    let said = log(&home, &server);
    assert_eq!(said[0], "lobby 1 Bob: a↵lobby 9 2026-01-01 00:00 System: Bob left");
    let objects = run(&home, &server, "hubbub tail --json").stdout;
    let texts = objects.lines().map(|line| match decode_server(line) {
        Ok(ServerFrame::Event(event)) => event.text.expect("a text").to_string(),
        other => panic!("{other:?}"),
    });
    assert_eq!(texts.collect::<Vec<_>>(), HOSTILE);
}

#[test]
fn a_hub_that_sends_what_is_no_message_is_left() {
    let hub = TestHostileHub::start();
    let home = Home::of("ana");
    let following = Running::start(&home, hub.address(), "exec hubbub tail -f -N 0");
    hub.wait_for("join", 1);
    hub.say(&event("lobby", 1, "message", "fine"));
    assert_eq!(lines(&following.line()), ["lobby 1 Bob: fine"]);
    hub.say(&event("lobby", 2, "message", "\u{1b}[2J\u{1b}]0;x\u{7}"));
    let (status, stdout, stderr) = following.end();
    assert_eq!((status.code(), stdout), (Some(5), Vec::new()));
    assert!(stderr.iter().all(|line| strict::check_lines(line.as_bytes()).is_ok()), "{stderr:?}");
    let ended = run_at(&Home::of("ana"), hub.address(), "hubbub tail");
    assert_eq!(ended.code, Some(0), "{ended:?}");
}
