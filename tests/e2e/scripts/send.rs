//! Messages from scripts: in order, once, and the exit code says the truth.

use std::fs;

use rustix::process::Signal;
use tests::{Home, ServerProcess, TestClient, TestTerminal, free_port, hostile::TestHostileHub};

use super::{Running, in_lobby, log, movers, run, run_at};

#[test]
fn words_are_one_message_and_nothing_is_printed() {
    let server = ServerProcess::start(None, &[]);
    let home = Home::of("ana");
    let sent = run(&home, &server, "hubbub send hello world");
    assert_eq!((sent.code, sent.stdout.as_str(), sent.stderr.as_str()), (Some(0), "", ""));
    let sent = run(&home, &server, "echo not read | hubbub send -- --room /quit");
    assert_eq!((sent.code, sent.stderr.as_str()), (Some(0), ""));
    let said = ["lobby 1 ana: hello world", "lobby 2 ana: --room /quit"];
    assert_eq!(log(&home, &server), said);
}

#[test]
fn lines_of_the_input_arrive_in_order() {
    let server = ServerProcess::start(None, &["--rate", "0"]);
    let home = Home::of("ana");
    let sent = run(&home, &server, "seq 1200 | hubbub send");
    assert_eq!((sent.code, sent.stderr.as_str()), (Some(0), ""));
    let wanted: Vec<String> = (1..=1200).map(|n| format!("lobby {n} ana: {n}")).collect();
    assert_eq!(log(&home, &server), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_is_killed_in_the_middle_loses_and_doubles_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut server = ServerProcess::start(Some(directory.path()), &["--rate", "0"]);
    let home = Home::of("ana");
    let mut bob = TestClient::guest(server.address(), "Bob").await;
    bob.join("lobby").await;
    let sending = Running::start(&home, server.address(), "seq 2000 | hubbub send");
    for part in [200, 900] {
        bob.event_saying(&part.to_string()).await;
        server.kill();
        server.restart();
        bob = TestClient::guest(server.address(), "Bob").await;
        bob.join("lobby").await;
    }
    let (status, stdout, stderr) = sending.end();
    assert!(status.success(), "{stderr:?}");
    assert_eq!(stdout, [""; 0]);
    assert!(stderr.iter().all(|line| line.starts_with("hubbub: the hub is away")), "{stderr:?}");
    let wanted: Vec<String> = (1..=2000).map(|n| format!("lobby {n} ana: {n}")).collect();
    assert_eq!(log(&home, &server), wanted);
}

#[test]
fn a_line_that_is_no_message_is_told_and_the_rest_goes_on() {
    let server = ServerProcess::start(None, &[]);
    let home = Home::of("ana");
    let script = "{ echo one; echo; printf '%5000s\\n' x; printf 'a\\033b\\n\\377\\n'; echo two; } \
                  | hubbub send";
    let sent = run(&home, &server, script);
    assert_eq!(sent.code, Some(1));
    let complaints = [
        "hubbub: line 3 not sent: a message has at most 4096 bytes; shorten it",
        "hubbub: line 4 not sent: a message can't contain the control character U+001B; \
         take it out",
        "hubbub: line 5 not sent: it is not UTF-8",
    ];
    assert_eq!(sent.stderr.lines().collect::<Vec<_>>(), complaints);
    assert_eq!(log(&home, &server), ["lobby 1 ana: one", "lobby 2 ana: two"]);
}

#[test]
fn what_is_for_several_rooms_or_for_one_person_goes_there() {
    let server = ServerProcess::start(None, &[]);
    let home = Home::of("ana");
    let sent = run(&home, &server, "hubbub send --room games --room lobby hi");
    assert_eq!((sent.code, sent.stderr.as_str()), (Some(0), ""));
    let games = run(&home, &server, "hubbub tail --room games");
    assert!(games.stdout.starts_with("games 1 ") && games.stdout.ends_with(" ana: hi\n"));
    let nobody = run(&home, &server, "HUBBUB_ROOM=lobby hubbub send --to Bob psst");
    assert_eq!(nobody.code, Some(1), "{nobody:?}");
    assert_eq!(log(&home, &server), ["lobby 1 ana: hi"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_one_person_is_for_nobody_else() {
    let server = ServerProcess::start(None, &[]);
    let mut bob = TestClient::person(server.address(), "Bob", 2).await;
    bob.join("lobby").await;
    let sent = run(&Home::of("ana"), &server, "HUBBUB_ROOM=lobby hubbub send --to Bob psst");
    assert_eq!((sent.code, sent.stderr.as_str()), (Some(0), ""));
    let event = bob.event_saying("psst").await;
    assert!(event.room.is_private() && event.from.as_str() == "ana");
}

#[test]
fn without_a_hub_it_is_3() {
    let address = format!("127.0.0.1:{}", free_port()).parse().expect("an address");
    for script in ["hubbub send hi", "echo hi | hubbub send", "hubbub tail", "hubbub tail -f"] {
        let ended = run_at(&Home::of("ana"), address, script);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""), "{script}");
        let why = format!("hubbub: nothing listens at {address}; to start one: hubbub host");
        assert!(ended.stderr.starts_with(&why), "{}", ended.stderr);
    }
}

#[test]
fn where_nobody_is_let_in_it_is_5() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), "sesame\n").expect("write");
    let path = file.path().to_str().expect("UTF-8");
    let server = ServerProcess::start(None, &["--password-file", path]);
    let home = Home::of("ana");
    let refused = run(&home, &server, "hubbub send hi");
    let why = "hubbub: this hub asks for a password; use --password-file FILE; \
               the hub has not confirmed the message\n";
    assert_eq!((refused.code, refused.stderr.as_str()), (Some(5), why));
    let sent = run(&home, &server, &format!("hubbub send --password-file {path} hi"));
    assert_eq!((sent.code, sent.stderr.as_str()), (Some(0), ""));
    let refused = run(&home, &server, "hubbub tail --password-file /dev/null");
    let why = "hubbub: this hub has another password than that of the file\n";
    assert_eq!((refused.code, refused.stderr.as_str()), (Some(5), why));
}

#[test]
fn a_hub_that_stores_nothing_is_4_and_the_first_line_is_told() {
    let hub = TestHostileHub::start();
    hub.answer("say", []);
    let ended = run_at(&Home::of("ana"), hub.address(), "seq 3 | hubbub send -n Ana --timeout 1");
    let why = "hubbub: the hub stores nothing any more; \
               line 1 is the first that the hub has not confirmed\n";
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(4), why));
}

#[test]
fn ctrl_c_is_130_and_the_first_line_is_told() {
    let hub = TestHostileHub::start();
    hub.answer("say", []);
    let home = Home::of("ana");
    let mut sending = Running::start(&home, hub.address(), "exec hubbub send -n Ana");
    sending.write("one\ntwo\n");
    hub.wait_for("say", 1);
    sending.signal(Signal::INT);
    let (status, _, stderr) = sending.end();
    let why = "hubbub: ended by signal 2; line 1 is the first that the hub has not confirmed";
    assert_eq!((status.code(), stderr), (Some(130), vec![why.to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_that_is_ignored_by_whoever_starts_it_ends_nothing() {
    let server = ServerProcess::start(None, &[]);
    let mut bob = TestClient::guest(server.address(), "Bob").await;
    bob.join("lobby").await;
    let home = Home::of("ana");
    let script = "trap '' HUP INT; exec hubbub send";
    let mut sending = Running::start(&home, server.address(), script);
    sending.write("one\n");
    bob.event_saying("one").await;
    if cfg!(target_os = "linux") {
        sending.signal(Signal::HUP);
        sending.signal(Signal::INT);
    }
    sending.write("two\n");
    bob.event_saying("two").await;
    let (status, _, stderr) = sending.end();
    assert_eq!((status.code(), stderr), (Some(0), Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_taken_is_another_one_unless_it_was_asked_for() {
    let server = ServerProcess::start(None, &[]);
    let _other = TestClient::person(server.address(), "ana", 1).await;
    let home = Home::of("ana");
    let sent = run(&home, &server, "hubbub send hi");
    let notice = "hubbub: ana is somebody else there; this is ana2\n";
    assert_eq!((sent.code, sent.stderr.as_str()), (Some(0), notice));
    let again = run(&home, &server, "hubbub send again");
    assert_eq!((again.code, again.stderr.as_str()), (Some(0), ""));
    let refused = run(&home, &server, "hubbub send -n ana hi");
    let why = "hubbub: ana is somebody else on that hub";
    assert_eq!(refused.code, Some(5));
    assert!(refused.stderr.starts_with(why), "{}", refused.stderr);
    assert_eq!(log(&home, &server), ["lobby 1 ana2: hi", "lobby 2 ana2: again"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_is_who_is_on_the_screen_and_leaves_that_as_it_is() {
    let server = ServerProcess::start(None, &[]);
    let home = Home::of("ana");
    let port = server.address().port().to_string();
    let words = ["-H", "127.0.0.1", "-p", port.as_str(), "-n", "Cyd"];
    let screen = TestTerminal::hubbub(&home, &words);
    screen.wait_for_text(" live ");
    let mut bob = in_lobby(&server, "Bob").await;
    let sent = run(&home, &server, "hubbub send done; hubbub send -n robot beep; hubbub send bye");
    assert_eq!((sent.code, sent.stderr.as_str()), (Some(0), ""));
    let mut who = Vec::new();
    for text in ["done", "beep", "bye"] {
        who.push(bob.event_saying(text).await.from.to_string());
    }
    assert_eq!(who, ["Cyd", "robot", "Cyd"]);
    // Cyd has been there all the time.
    let movers = movers(&mut bob).await;
    assert!(!movers.contains(&"Cyd".to_owned()), "{movers:?}");
    screen.wait_for_text("beep");
}
