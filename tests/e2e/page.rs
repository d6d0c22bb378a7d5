//! The page at `/` in a real browser: the real hub, real keys, what is really seen.

use std::path::Path;

use protocol::{ClientFrame, MessageText, RoomName, client};
use server::{Config, Storage};
use tests::{
    Launch, PATIENCE, ServerProcess, TestClient, TestServer,
    browser::{Browser, ENTER, Installed},
    fresh_id, run_to_end,
};

/// What a visitor pastes who would like to be more than that.
const MARKUP: &str = "<img src=x onerror=\"window.pwned=1\"><b>bold</b><svg onload=\"pwned=1\">";
/// What of it would be an element, if it were not a text.
const MADE: &str = "document.querySelectorAll('img, b, i, svg, script:not([src])').length";
/// What has the shape of a connection and never becomes one.
pub(crate) const DEAD_SOCKET: &str =
    "(window.real = WebSocket, window.WebSocket = class extends EventTarget {
    static OPEN = 1;
    constructor() { super(); setTimeout(() => this.dispatchEvent(new CloseEvent('close')), 10); }
    close() {}
})";

/// Opens the page as somebody who got a link, and gives a name.
pub(crate) fn enter(browser: &Browser, server: &str, name: &str) {
    browser.open(&format!("http://{server}/"));
    browser.wait_for("the question for the name", "document.querySelector('#entry[open]')", &[]);
    browser.keys("#entry-name", &format!("{name}{ENTER}"));
}

pub(crate) fn enter_live(browser: &Browser, server: &str, name: &str) {
    enter(browser, server, name);
    wait_live(browser);
}

pub(crate) fn wait_live(browser: &Browser) {
    browser.wait_for_text("#status", "live");
    browser.wait_for_text("#room", "lobby");
}

pub(crate) fn say(browser: &Browser, text: &str) {
    browser.keys("#draft", &format!("{text}{ENTER}"));
}

/// Waits until these are the messages that can be seen, in this order, and none is on its way.
pub(crate) fn wait_for_messages(browser: &Browser, texts: &[&str]) {
    let wanted = serde_json::to_string(texts).expect("JSON");
    let condition = "JSON.stringify([...document.querySelectorAll('#log .said .body')]\
        .map((said) => said.textContent)) === arguments[0]\
        && !document.querySelector('#log .pending')";
    browser.wait_for(&format!("the messages {wanted}"), condition, &[&wanted]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_friend_with_a_link_is_in_by_a_name_and_talks_both_ways() {
    let Some(installed) = Installed::find() else { return };
    let server = TestServer::in_memory();
    let mut bob = server.guest("Bob").await;
    bob.join("lobby").await;
    let browser = Browser::start(&installed);
    enter(&browser, &server.address().to_string(), "bob");
    browser.wait_for_text("#entry-error", "taken");
    let suggested = browser.eval("document.getElementById('entry-name').value", &[]);
    assert_eq!(suggested, "bob2");
    browser.clear("#entry-name");
    browser.keys("#entry-name", &format!("Ana{ENTER}"));
    wait_live(&browser);
    browser.wait_for_text("#people-list", "Bob");

    say(&browser, "hello from a browser");
    let said = bob.event_saying("hello from a browser").await;
    assert_eq!(said.from.as_str(), "Ana");
    bob.say_acked("lobby", "hello, Ana").await;
    wait_for_messages(&browser, &["hello from a browser", "hello, Ana"]);

    let seq = said.seq.get();
    bob.say_acked("lobby", "a slip").await;
    bob.edit_acked("lobby", seq + 1, "hello, dear Ana").await;
    bob.delete_acked("lobby", seq + 2).await;
    wait_for_messages(&browser, &["hello from a browser", "hello, dear Ana"]);
    browser.wait_for_text("#log .mark", "edited");
    browser.wait_for_text("#log .gone", "deleted");
    let page = bob.history("lobby", None, 10).await;
    assert_eq!(page.events[0].id, said.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_and_escape_codes_are_text_wherever_they_are_put() {
    let Some(installed) = Installed::find() else { return };
    let server = TestServer::in_memory();
    let mut bob = server.guest("Bob").await;
    bob.join("lobby").await;
    let browser = Browser::start(&installed);
    enter(&browser, &server.address().to_string(), "<b>Eve</b>");
    browser.wait_for_text("#entry-error", "A name");
    browser.clear("#entry-name");
    browser.keys("#entry-name", &format!("Ana{ENTER}"));
    wait_live(&browser);

    say(&browser, MARKUP);
    bob.event_saying(MARKUP).await;
    bob.say_acked("lobby", MARKUP).await;
    wait_for_messages(&browser, &[MARKUP, MARKUP]);
    // No keyboard types an escape character; a clipboard has them.
    let paste = "document.getElementById('draft').value = '\\u001b[31mred\\u202etxt'";
    browser.eval(paste, &[]);
    browser.keys("#draft", ENTER);
    browser.wait_for_text("#log .said", "<U+001B>[31mred<U+202E>txt");
    bob.event_saying("<U+001B>[31mred\u{202e}txt").await;

    say(&browser, &format!("/topic {MARKUP}"));
    browser.wait_for_text("#topic", MARKUP);
    say(&browser, &format!("/join {MARKUP}"));
    browser.wait_for_text("#notice", "room");
    browser.clear("#draft");
    let nobody = "<i>nobody</i>";
    say(&browser, &format!("/msg {nobody} {MARKUP}"));
    browser.wait_for_text("#notice", "name");
    assert_eq!(browser.eval(MADE, &[]), 0);
    assert!(browser.eval("window.pwned", &[]).is_null());
    let links = "a https://example.org/a_(b). javascript:alert(1) http://x@y/";
    bob.say_acked("lobby", links).await;
    // Where a link hides where it goes, that is told.
    browser.wait_for_text("#log .said", &format!("{links} [to y]"));
    let links = browser.eval(
        "[...document.querySelectorAll('#log a')].map((a) => `${a.href} ${a.rel}`).join()",
        &[],
    );
    let rel = "noopener noreferrer";
    assert_eq!(links, format!("https://example.org/a_(b) {rel},http://x@y/ {rel}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_while_the_hub_is_dead_is_sent_once_and_what_was_missed_is_there() {
    let Some(installed) = Installed::find() else { return };
    let home = tempfile::tempdir().expect("a directory");
    let mut server = ServerProcess::launch(Launch::new(Some(home.path()), &[]).quiet());
    let browser = Browser::start(&installed);
    enter_live(&browser, &server.address().to_string(), "Ana");
    say(&browser, "before");
    wait_for_messages(&browser, &["before"]);

    browser.eval(DEAD_SOCKET, &[]);
    server.kill();
    browser.wait_for_text("#status", "offline");
    say(&browser, "meanwhile");
    say(&browser, "and more");
    browser.wait_for_text("#log .pending", "meanwhile (waits for the connection)");
    server.restart();
    let mut bob = TestClient::guest(server.address(), "Bob").await;
    bob.join("lobby").await;
    bob.say_acked("lobby", "missed").await;
    // What is written is kept by the browser, not only by its tab.
    let first = browser.tab();
    browser.new_tab();
    browser.open(&format!("http://{}/", server.address()));
    let all = ["before", "missed", "meanwhile", "and more"];
    wait_for_messages(&browser, &all);
    browser.switch_to(&first);
    browser.eval("window.WebSocket = window.real", &[]);
    wait_for_messages(&browser, &all);
    assert_eq!(said(&mut bob).await, all);
}

/// All that was said in the lobby.
async fn said(client: &mut TestClient) -> Vec<String> {
    let page = client.history("lobby", None, 100).await;
    let texts = page.events.iter().filter_map(|event| event.text.as_ref());
    texts.map(|text| text.as_str().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unread_elsewhere_is_counted_at_the_room_and_in_the_title() {
    let Some(installed) = Installed::find() else { return };
    let server = TestServer::in_memory();
    let browser = Browser::start(&installed);
    enter_live(&browser, &server.address().to_string(), "Ana");
    say(&browser, "/join games");
    browser.wait_for_text("#room", "games");
    browser.click("[data-go=lobby]");
    browser.wait_for_text("#room", "lobby");
    let mut bob = server.guest("Bob").await;
    bob.join("games").await;
    bob.say_acked("games", "your move").await;
    bob.say_acked("games", "Ana?").await;
    browser.wait_for_text("[data-go=games] .count", "2");
    browser.wait_for("the title", "document.title === '(2) lobby · Hubbub'", &[]);
    say(&browser, "/msg Bob just between us");
    bob.event_saying("just between us").await;
    browser.click("[data-go=games]");
    wait_for_messages(&browser, &["your move", "Ana?"]);
    browser.wait_for_text("#log .unread", "unread");
    browser.wait_for("the title", "document.title === 'games · Hubbub'", &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_announcement_is_told_apart_from_messages_in_whatever_room_one_is() {
    let Some(installed) = Installed::find() else { return };
    let home = tempfile::tempdir().expect("a directory");
    let server = ServerProcess::launch(Launch::new(Some(home.path()), &[]));
    let browser = Browser::start(&installed);
    enter_live(&browser, &server.address().to_string(), "Ana");
    say(&browser, "/join games");
    browser.wait_for_text("#room", "games");
    let mut bob = TestClient::person(server.address(), "Bob", 1).await;
    bob.join("games").await;
    appoint(home.path(), "Bob");
    announce(&mut bob, "Restart at noon", None).await;
    browser.wait_for_text("#log .announcement", "Announcement by Bob");
    browser.wait_for_text("#log .announcement", "Restart at noon");
    announce(&mut bob, "Only for players", Some("games")).await;
    browser.wait_for_text("#log .announcement", "Only for players");
    browser.click("[data-go=lobby]");
    browser.wait_for_text("#room", "lobby");
    let announcements = browser.texts("#log .announcement .said");
    assert_eq!(announcements, ["Restart at noon"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_with_a_password_asks_for_it_until_it_is_right() {
    let Some(installed) = Installed::find() else { return };
    let mut config = Config::new(Storage::Memory);
    config.password = Some("open sesame".to_owned());
    let server = TestServer::with(config);
    let browser = Browser::start(&installed);
    enter(&browser, &server.address().to_string(), "Ana");
    let asks = "document.getElementById('entry-secret').offsetHeight > 0";
    browser.wait_for("the question for the password", asks, &[]);
    browser.keys("#entry-password", &format!("open barley{ENTER}"));
    browser.wait_for_text("#entry-error", "not the password");
    browser.clear("#entry-password");
    browser.keys("#entry-password", &format!("open sesame{ENTER}"));
    wait_live(&browser);
    let kept = browser.eval("JSON.stringify(localStorage)", &[]).to_string();
    assert!(!kept.contains("sesame"), "{kept}");
    // The help is closed and what is typed next is there.
    say(&browser, "/help");
    browser.click("#help button");
    say(&browser, "typed right after");
    wait_for_messages(&browser, &["typed right after"]);
}

pub(crate) fn appoint(data: &Path, name: &str) {
    let data = data.to_str().expect("UTF-8");
    let arguments = ["operator", name, "--data", data];
    let done = run_to_end("hubbub-server", &arguments, data.as_ref(), PATIENCE);
    assert_eq!(done.code, Some(0), "{done:?}");
}

pub(crate) async fn announce(operator: &mut TestClient, text: &str, room: Option<&str>) {
    let (id, text) = (fresh_id(), MessageText::parse(text).expect("a text"));
    let room = room.map(|room| RoomName::parse(room).expect("a room"));
    let announce = client::Announce { id: id.clone(), text, room };
    operator.send(&ClientFrame::Announce(announce)).await;
    operator.ack(&id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_are_one_person_and_a_phone_has_room_for_all_that_matters() {
    let Some(installed) = Installed::find() else { return };
    let server = TestServer::in_memory();
    let mut bob = server.guest("Bob").await;
    bob.join("lobby").await;
    let browser = Browser::start(&installed);
    enter_live(&browser, &server.address().to_string(), "Ana");
    let first = browser.tab();
    browser.new_tab();
    browser.open(&format!("http://{}/", server.address()));
    wait_live(&browser);
    say(&browser, "from the second tab");
    bob.event_saying("from the second tab").await;
    browser.wait_for(
        "two people",
        "document.getElementById('people-count').textContent \
        === '2 here'",
        &[],
    );
    browser.switch_to(&first);
    wait_for_messages(&browser, &["from the second tab"]);
    assert_eq!(browser.texts("#people-list .name"), ["Ana", "Bob"]);

    bob.say_acked("lobby", &"a long line without any spaces".replace(' ', "_").repeat(9)).await;
    browser.wait_for_text("#log", "without_any");
    browser.resize(320, 568, true);
    let fits = "document.documentElement.scrollWidth <= 320 && (() => {
        const { left, right, bottom } = document.getElementById('composer').getBoundingClientRect();
        return left >= 0 && right <= 320 && bottom <= 568 && bottom > 480;
    })()";
    browser.wait_for("a page that fits", fits, &[]);
    let size = "parseFloat(getComputedStyle(document.getElementById('draft')).fontSize) >= 16";
    assert_eq!(browser.eval(size, &[]), true);
    browser.click("#people-button");
    browser.wait_for("the people", "document.querySelector('#people').offsetWidth > 0", &[]);
    browser.click("[data-person=Bob]");
    browser.wait_for_text("#room", "@Bob");
    say(&browser, "only for you");
    bob.event_saying("only for you").await;
    browser.wait_for("a page that fits", fits, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn older_messages_come_by_scrolling_up_under_eyes_that_stay_where_they_are() {
    let Some(installed) = Installed::find() else { return };
    let server = TestServer::with(Config::new(Storage::Memory).with_rate(0));
    let mut bob = server.guest("Bob").await;
    bob.join("lobby").await;
    for number in 1..=120 {
        bob.say("lobby", &format!("line {number}")).await;
    }
    bob.event_saying("line 120").await;
    let browser = Browser::start(&installed);
    enter_live(&browser, &server.address().to_string(), "Ana");
    browser.wait_for_text("#log", "line 120");
    // The nearest message below the upper edge, and how far below.
    let place = "(() => { const log = document.getElementById('log');
        const row = [...log.querySelectorAll('article')].find((row) =>
            row.offsetTop >= log.scrollTop);
        return `${row.textContent.match(/line \\d+/)[0]} ${row.offsetTop - log.scrollTop}`; })()";
    browser.eval("document.getElementById('log').scrollTop = 300", &[]);
    let before = browser.eval(place, &[]);
    browser.wait_for_text("#log", "line 21");
    assert_eq!(browser.eval(place, &[]), before);
    browser.eval("document.getElementById('log').scrollTop = 0", &[]);
    browser.wait_for_text("#log .note", "Here it began.");
    let lines = browser.eval("document.querySelectorAll('#log article').length", &[]);
    assert_eq!(lines, 120);
}

#[test]
fn no_process_of_a_browser_is_left() {
    let Some(installed) = Installed::find() else { return };
    let browser = Browser::start(&installed);
    let profile = browser.profile().to_owned();
    assert!(is_in_use(&profile), "the browser runs");
    drop(browser);
    assert!(!is_in_use(&profile), "a browser is left");
}

/// Whether a process was started with this path.
fn is_in_use(path: &Path) -> bool {
    let path = path.to_str().expect("UTF-8");
    let entries = std::fs::read_dir("/proc").expect("processes").flatten();
    let lines = entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    lines.into_iter().any(|line| String::from_utf8_lossy(&line).contains(path))
}
