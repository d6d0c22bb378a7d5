//! What somebody meets who has just got the binary: a clean home and no flags.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener},
    thread,
    time::Duration,
};

use tests::{
    DEFAULT_PORT_ADDRESS, Home, LAN_ADDRESS, TestTerminal, free_port, in_own_network, run_to_end,
};

/// How long somebody waits who cannot be let in.
const FIVE_SECONDS: Duration = Duration::from_secs(5);

#[test]
fn host_and_a_second_terminal_are_two_people() {
    in_own_network(host_and_a_second_terminal_are_two_people, |_| {
        let ana = Home::of("ana");
        let first = TestTerminal::hubbub(&ana, &["host"]);
        live(&first);
        first.wait_for_text("You are ana in lobby");
        let second = TestTerminal::hubbub(&ana, &[]);
        second.wait_for_text("ana is taken. Your name: ana2");
        second.type_keys("<ret>");
        live(&second);
        first.wait_for_text("2 here");
        first.wait_for_text("ana2");
        second.wait_for_text("2 here");
        second.wait_for_text("ana2 (you)");
        talk(&first, &second);
    });
}

#[test]
fn a_second_host_joins_the_first() {
    in_own_network(a_second_host_joins_the_first, |_| {
        let ana = Home::of("ana");
        let first = TestTerminal::hubbub(&ana, &["host"]);
        live(&first);
        let second = TestTerminal::hubbub(&ana, &["host"]);
        second.wait_for_text("ana is taken. Your name: ana2");
        second.type_keys("<ret>");
        live(&second);
        talk(&first, &second);
        // What comes after one's own message says that it is stored: /quit need not ask.
        first.type_keys("bye then<ret>");
        second.wait_for_text("bye then");
        // The one who came second goes; the hub stays.
        second.type_keys("/quit<ret>");
        let mut second = second;
        assert!(second.wait_for_exit().success());
        first.wait_for_text("1 here");
        first.type_keys("still here<ret>");
        first.wait_for_text("still here");
    });
}

#[test]
fn a_taken_name_is_one_enter_away_from_a_free_one() {
    in_own_network(a_taken_name_is_one_enter_away_from_a_free_one, |_| {
        let (ana, other) = (Home::of("ana"), Home::of("bob"));
        let first = TestTerminal::hubbub(&ana, &["host"]);
        live(&first);
        let second = TestTerminal::hubbub(&other, &["-n", "Ana"]);
        second.wait_for_text("Ana is taken. Your name: Ana2");
        second.type_keys("<ret>");
        live(&second);
        first.wait_for_text("Ana2");
        talk(&first, &second);
    });
}

#[test]
fn a_busy_port_is_said_with_the_way_out() {
    in_own_network(a_busy_port_is_said_with_the_way_out, |_| {
        let stranger = TcpListener::bind(DEFAULT_PORT_ADDRESS).expect("the port is free");
        let ana = Home::of("ana");
        let mut terminal = TestTerminal::hubbub(&ana, &["host"]);
        let status = terminal.wait_for_exit();
        assert!(!status.success());
        let said = terminal.recorded_text();
        let sentence = "port 8080 is taken by another program; try: hubbub host -p 8081";
        assert!(said.contains(sentence), "{said:?}");
        assert!(!said.contains("\x1b[?1049h"), "no alternate screen: {said:?}");
        drop(stranger);
        let terminal = TestTerminal::hubbub(&ana, &["host", "-p", "8081"]);
        live(&terminal);
    });
}

#[test]
fn a_neighbour_joins_with_what_the_screen_printed() {
    in_own_network(a_neighbour_joins_with_what_the_screen_printed, |has_lan| {
        let (ana, bob) = (Home::of("ana"), Home::of("bob"));
        let first = TestTerminal::hubbub(&ana, &["host", "--lan"]);
        live(&first);
        let rows = first.wait_for_text("hubbub ");
        let printed = printed_addresses(&rows);
        let address = printed.iter().find(|address| !has_lan || *address == LAN_ADDRESS);
        let address = address.unwrap_or_else(|| panic!("no LAN address among {printed:?}"));
        first.wait_for_text("Anyone on this network can join and read along.");
        let second = TestTerminal::hubbub(&bob, &[address]);
        live(&second);
        first.wait_for_text("bob");
        talk(&first, &second);
    });
}

#[test]
fn without_lan_the_screen_says_how_to_get_it() {
    in_own_network(without_lan_the_screen_says_how_to_get_it, |has_lan| {
        let ana = Home::of("ana");
        let first = TestTerminal::hubbub(&ana, &["host"]);
        live(&first);
        first.wait_for_text("Only this machine can join.");
        first.wait_for_text("hubbub host --lan");
        if has_lan {
            let mut second = TestTerminal::hubbub(&ana, &[LAN_ADDRESS]);
            assert!(!second.wait_for_exit().success(), "nobody else can join");
        }
    });
}

#[test]
fn a_closed_host_window_ends_the_hub_cleanly() {
    in_own_network(a_closed_host_window_ends_the_hub_cleanly, |_| {
        let (ana, bob) = (Home::of("ana"), Home::of("bob"));
        let mut first = TestTerminal::hubbub(&ana, &["host"]);
        live(&first);
        let second = TestTerminal::hubbub(&bob, &[]);
        live(&second);
        talk(&first, &second);
        first.close_window();
        first.wait_for_exit();
        second.wait_for_text("offline since");
        second.type_keys("typed meanwhile<ret>");

        // A new start has the port, the lock and the whole conversation.
        let first = TestTerminal::hubbub(&ana, &["host"]);
        live(&first);
        second.type_keys("/reconnect<ret>");
        live(&second);
        first.wait_for_text("typed meanwhile");
        for terminal in [&first, &second] {
            let rows = terminal.wait_for_text("typed meanwhile");
            assert_in_order(
                &rows,
                &["hello from the first", "hello from the second", "typed mean"],
            );
        }
    });
}

#[test]
fn twenty_columns_and_five_rows_are_enough() {
    in_own_network(twenty_columns_and_five_rows_are_enough, |_| {
        let ana = Home::of("ana");
        let terminal = TestTerminal::hubbub_sized(&ana, &["host"], 20, 5);
        terminal.wait_for_text("live");
        terminal.type_keys("tiny<ret>");
        terminal.wait_for_text("ana: tiny");
        terminal.type_keys("a draft");
        terminal.wait_for_text("> a draft");
        terminal.resize(19, 4);
        terminal.wait_for_text("window too small");
        terminal.resize(40, 10);
        terminal.wait_for_text("> a draft");
        terminal.wait_for_text("ana: tiny");
    });
}

#[test]
fn no_hub_at_the_default_address_offers_one() {
    in_own_network(no_hub_at_the_default_address_offers_one, |_| {
        let ana = Home::of("ana");
        let mut declined = TestTerminal::hubbub(&ana, &[]);
        declined.wait_for_text("No hub at localhost:8080. Start one here? [Y/n]");
        declined.type_keys("n<ret>");
        assert!(!declined.wait_for_exit().success());
        let accepted = TestTerminal::hubbub(&ana, &[]);
        accepted.wait_for_text("[Y/n]");
        accepted.type_keys("<ret>");
        live(&accepted);
        accepted.wait_for_text("You are ana in lobby");
    });
}

#[test]
fn no_hub_elsewhere_is_said_in_one_sentence_within_five_seconds() {
    let port = free_port();
    let address = format!("127.0.0.1:{port}");
    fails_with(&address, &format!("nothing listens at {address}"));
}

#[test]
fn no_answer_is_said_in_one_sentence_within_five_seconds() {
    in_own_network(no_answer_is_said_in_one_sentence_within_five_seconds, |has_lan| {
        // A neighbour that is not there; elsewhere a network made for documentation.
        let address = if has_lan { "192.168.77.99" } else { "203.0.113.1" };
        fails_with(address, &format!("no answer from {address}:8080"));
    });
}

#[test]
fn something_else_at_the_address_is_said_in_one_sentence_within_five_seconds() {
    for (answer, sentence) in [
        ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "answers, but is not a hubbub"),
        ("220 mail ready\r\n", "answers, but is not a hubbub"),
        ("", "no answer from"),
    ] {
        let port = serve_something_else(answer);
        fails_with(&format!("127.0.0.1:{port}"), sentence);
    }
}

#[test]
fn a_bad_address_is_said_in_one_sentence() {
    for address in ["http://", "ws://", "localhost:99999", "ftp://localhost", "two words"] {
        fails_with(address, "");
    }
}

#[test]
fn a_slip_of_the_fingers_is_understood() {
    fails_with("hots", "did you mean: hubbub host?");
}

/// `hubbub ADDRESS` ends within five seconds, with one sentence that has these words in it, and
/// never takes the screen.
fn fails_with(address: &str, words: &str) {
    let home = Home::of("ana");
    let mut terminal = TestTerminal::hubbub(&home, &[address]);
    // A second more, for a busy machine to start a process.
    let status = terminal.wait_for_exit_within(FIVE_SECONDS + Duration::from_secs(1));
    let said = terminal.recorded_text();
    assert!(!status.success(), "{said:?}");
    assert!(said.contains(words), "{words:?} is not in {said:?}");
    assert!(!said.contains("\x1b[?1049h"), "no alternate screen: {said:?}");
    assert_eq!(said.trim().lines().count(), 1, "one sentence: {said:?}");

    let finished = run_to_end("hubbub", &[address], home.path(), Duration::from_secs(30));
    assert!(finished.code.is_some_and(|code| code != 0), "{finished:?}");
    assert!(finished.stderr.contains(words), "{finished:?}");
}

/// A server of something else, which answers every connection so and then says no more.
fn serve_something_else(answer: &'static str) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("bind");
    let port = listener.local_addr().expect("address").port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            thread::spawn(move || {
                let _ = stream.write_all(answer.as_bytes()); // The client may be gone.
                let _ = stream.read_to_end(&mut Vec::new()); // Until the client goes.
            });
        }
    });
    port
}

fn live(terminal: &TestTerminal) {
    terminal.wait_for_text(" live ");
}

/// Each says something that the other sees.
fn talk(first: &TestTerminal, second: &TestTerminal) {
    first.type_keys("hello from the first<ret>");
    second.wait_for_text("hello from the first");
    second.type_keys("hello from the second<ret>");
    first.wait_for_text("hello from the second");
}

/// The addresses in `hubbub ADDRESS` as the empty room shows them.
fn printed_addresses(rows: &[String]) -> Vec<String> {
    let words = rows.iter().flat_map(|row| row.split("hubbub ").skip(1));
    let addresses = words.filter_map(|rest| rest.split_whitespace().next());
    addresses.filter(|word| word.contains(['.', ':'])).map(str::to_owned).collect()
}

#[track_caller]
fn assert_in_order(rows: &[String], parts: &[&str]) {
    let places: Vec<Vec<usize>> = parts
        .iter()
        .map(|part| (0..rows.len()).filter(|row| rows[*row].contains(part)).collect())
        .collect();
    let once = places.iter().all(|rows| rows.len() == 1);
    assert!(once && places.is_sorted(), "{parts:?} are on rows {places:?} of {rows:#?}");
}
