//! What one wants to notice, with the real `hubbub` in terminals: whom one ignores, whether one is
//! disturbed, and looking into a room without having read it.

use rustix::process::Signal;
use tests::{Home, ServerProcess, TestTerminal};

/// `hubbub -n NAME` at this hub, once it is live.
fn at(server: &ServerProcess, home: &Home, name: &str) -> TestTerminal {
    let port = server.address().port().to_string();
    let terminal = TestTerminal::hubbub(home, &["-H", "127.0.0.1", "-p", &port, "-n", name]);
    terminal.wait_for_text(" live ");
    terminal
}

/// Whether this is somewhere in what was written.
fn has(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

#[test]
fn whom_one_ignores_is_ignored_after_a_kill_and_under_another_name() {
    let server = ServerProcess::start(None, &[]);
    let (ana_home, bob_home) = (Home::of("ana"), Home::of("bob"));
    let mut ana = at(&server, &ana_home, "Ana");
    let bob = at(&server, &bob_home, "Bob");
    bob.type_keys("the first word<ret>");
    ana.wait_for_text("the first word");
    ana.type_keys("/ignore Bob<ret>");
    ana.wait_for_text("you ignore Bob");
    ana.wait_for_no_text("the first word");
    // What is sent after it goes only once it is on disk.
    ana.type_keys("done<ret>");
    bob.wait_for_text("Ana         done");
    ana.signal(Signal::KILL);
    ana.wait_for_exit();

    bob.type_keys("/name Robert<ret>");
    bob.wait_for_text("Robert (you)");
    bob.type_keys("another word<ret>");
    bob.wait_for_text("Robert      another word");
    let ana = at(&server, &ana_home, "Ana");
    ana.wait_for("a row for each run", |screen| {
        screen.contents().matches("1 message of people you ignore").count() == 2
    });
    bob.type_keys("Ana, a third word<ret>");
    ana.wait_for_text("2 messages of people you ignore");
    assert!(!has(&ana.recorded(), b" word"), "{}", ana.recorded_text());
    ana.type_keys("/unignore Robert<ret>");
    ana.wait_for_text("the first word");
    ana.wait_for_text("Ana, a third word");
}

#[test]
fn who_does_not_want_to_be_disturbed_is_told_nothing_and_finds_it_counted() {
    let server = ServerProcess::start(None, &[]);
    let (ana_home, bob_home) = (Home::of("ana"), Home::of("bob"));
    let (ana, bob) = (at(&server, &ana_home, "Ana"), at(&server, &bob_home, "Bob"));
    ana.type_keys("/dnd on<ret>");
    ana.wait_for_text(" live · dnd · Ana ");
    ana.look_elsewhere();
    bob.type_keys("Ana: are you there?<ret>");
    let title = "\x1b]2;(1) lobby · hubbub\x07".as_bytes();
    let bytes = ana.wait_for_bytes("a count in the title", |bytes| has(bytes, title));
    assert!(!has(&bytes, b"\x1b]9;") && !has(&bytes, b"\x07\x07"), "{}", ana.recorded_text());
    ana.type_keys("/dnd off<ret>");
    ana.wait_for_no_text("dnd · Ana");
    bob.type_keys("Ana: hello?<ret>");
    let notice = b"\x07\x1b]9;hubbub: Bob in lobby: Ana: hello?\x1b\\";
    let bytes = ana.wait_for_bytes("a notice", |bytes| has(bytes, notice));
    assert!(!has(&bytes, b"are you there?\x1b\\"), "{}", ana.recorded_text());
}

#[test]
fn a_look_into_a_room_moves_no_marker_on_any_device() {
    let server = ServerProcess::start(None, &[]);
    let (ana_home, bob_home) = (Home::of("ana"), Home::of("bob"));
    let (laptop, phone) = (at(&server, &ana_home, "Ana"), at(&server, &ana_home, "Ana"));
    let bob = at(&server, &bob_home, "Bob");
    for terminal in [&laptop, &phone, &bob] {
        terminal.type_keys("/join games<ret>");
        terminal.wait_for(" games in the title", |screen| {
            screen.rows(0, 80).next().is_some_and(|row| row.starts_with(" games"))
        });
    }
    for terminal in [&laptop, &phone] {
        terminal.type_keys("<c-p>");
        terminal.wait_for_text(" lobby ");
    }
    bob.type_keys("your turn, Ana<ret>");
    for terminal in [&laptop, &phone] {
        terminal.wait_for_text("lobby · games !1");
    }
    laptop.type_keys("<esc>p");
    laptop.wait_for_text("Bob         your turn, Ana");
    laptop.wait_for_text("peeking: nothing is marked read");
    laptop.type_keys("<esc>");
    laptop.wait_for_text("lobby · games !1");
    // Whatever the hub was told before this, the other device knows by then.
    laptop.type_keys("I only looked<ret>");
    phone.wait_for_text("I only looked");
    phone.wait_for_text("lobby · games !1");
    laptop.type_keys("<esc>a");
    phone.wait_for_no_text("games !1");
}

#[test]
fn a_keyword_of_the_settings_rings_as_ones_name_does_and_only_while_one_looks_elsewhere() {
    let server = ServerProcess::start(None, &[]);
    let (ana_home, bob_home) = (Home::of("ana"), Home::of("bob"));
    let settings = ana_home.path().join(".config/hubbub");
    std::fs::create_dir_all(&settings).expect("a directory");
    let keywords = "keywords = [\"release day\"]\n";
    std::fs::write(settings.join("client.toml"), keywords).expect("the settings");
    let (ana, bob) = (at(&server, &ana_home, "Ana"), at(&server, &bob_home, "Bob"));
    bob.type_keys("release day is near<ret>");
    ana.wait_for_text("release day is near");
    ana.look_elsewhere();
    bob.type_keys("prerelease day<ret>Release day!<ret>");
    let notice = b"\x07\x1b]9;hubbub: Bob in lobby: Release day!\x1b\\";
    let bytes = ana.wait_for_bytes("a notice", |bytes| has(bytes, notice));
    let notices = bytes.windows(4).filter(|bytes| *bytes == b"\x1b]9;").count();
    assert_eq!(notices, 1, "{}", ana.recorded_text());
}
