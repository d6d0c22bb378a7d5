//! The page at `/` when not all is well: a hub that refuses, is gone or is another one by now, a
//! browser that keeps nothing. What was typed is never lost, and what is lost is told.

use rustix::process::Signal;
use server::{Config, Storage};
use tests::{
    Launch, ServerProcess, TestClient, TestServer,
    browser::{Browser, ENTER, Installed},
    signal,
};

use crate::page::{
    DEAD_SOCKET, announce, appoint, enter, enter_live, say, wait_for_messages, wait_live,
};

/// What is being written.
const DRAFT: &str = "document.getElementById('draft').value";
/// A browser whose storage is full before anything is in it.
const FULL: &str = "Storage.prototype.setItem = () => { throw new DOMException('full'); };";

/// A list of the frames that the page sends.
const SENT: &str = "{
    const { send } = WebSocket.prototype;
    window.sent = [];
    WebSocket.prototype.send = function (frame) {
        window.sent.push(frame);
        send.call(this, frame);
    };
}";

fn wait_for_draft(browser: &Browser, text: &str) {
    browser.wait_for(&format!("the draft {text:?}"), &format!("{DRAFT} === arguments[0]"), &[text]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_the_hub_refuses_is_in_the_draft_again() {
    let Some(installed) = Installed::find() else { return };
    let server = TestServer::in_memory();
    let browser = Browser::start(&installed);
    enter_live(&browser, &server.address().to_string(), "Ana");
    let long = "/topic ".to_owned() + &"x".repeat(301);
    for (command, why) in [
        ("/name System", "reserved"),
        ("/join no room", "A room name is"),
        (&long, "at most 300 bytes"),
    ] {
        say(&browser, command);
        browser.wait_for_text("#notice", why);
        wait_for_draft(&browser, command);
        browser.clear("#draft");
    }
    browser.keys("#join-room", &format!("no room{ENTER}"));
    browser.wait_for_text("#notice", "A room name is");
    let room = "document.getElementById('join-room').value";
    browser.wait_for("the name of the room", &format!("{room} === 'no room'"), &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_the_hub_never_answers_is_in_the_draft_again() {
    let Some(installed) = Installed::find() else { return };
    let mut server = ServerProcess::launch(Launch::new(None, &[]).quiet());
    let browser = Browser::start(&installed);
    enter_live(&browser, &server.address().to_string(), "Ana");
    browser.eval(DEAD_SOCKET, &[]);
    signal(server.id(), Signal::STOP);
    say(&browser, "/name Anna");
    server.kill();
    browser.wait_for_text("#status", "offline");
    wait_for_draft(&browser, "/name Anna");
    browser.clear("#draft");
    say(&browser, "/join games");
    browser.wait_for_text("#notice", "can't be reached");
    wait_for_draft(&browser, "/join games");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_behind_join_goes_along_into_the_room() {
    let Some(installed) = Installed::find() else { return };
    let server = TestServer::in_memory();
    let browser = Browser::start(&installed);
    enter_live(&browser, &server.address().to_string(), "Ana");
    // At once, as nobody types: before the hub can answer.
    let typed = "((draft) => {
        draft.value = '/join games';
        draft.form.requestSubmit();
        draft.value = 'hello, pl';
        draft.dispatchEvent(new Event('input'));
    })(document.getElementById('draft'))";
    browser.eval(typed, &[]);
    browser.wait_for_text("#room", "games");
    wait_for_draft(&browser, "hello, pl");
    browser.click("[data-go=lobby]");
    wait_for_draft(&browser, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_is_set_after_a_reload_is_not_taken_for_an_earlier_one() {
    let Some(installed) = Installed::find() else { return };
    let server = TestServer::in_memory();
    let browser = Browser::start(&installed);
    let url = format!("http://{}/", server.address());
    enter_live(&browser, &server.address().to_string(), "Ana");
    for topic in ["one", "two", "three", "four"] {
        browser.open(&url);
        wait_live(&browser);
        say(&browser, &format!("/topic {topic}"));
        browser.wait_for_text("#topic", topic);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_blanks_is_told_to_be_none() {
    let Some(installed) = Installed::find() else { return };
    let server = TestServer::in_memory();
    let browser = Browser::start(&installed);
    enter(&browser, &server.address().to_string(), "  ");
    browser.wait_for_text("#entry-error", "Type the name");
    browser.keys("#entry-name", &format!("Ana{ENTER}"));
    wait_live(&browser);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_keeps_nothing_is_in_all_the_same_and_says_what_will_be_lost() {
    let Some(installed) = Installed::find() else { return };
    let server = TestServer::with(Config::new(Storage::Memory));
    let browser = Browser::start(&installed);
    browser.before_pages(FULL);
    enter_live(&browser, &server.address().to_string(), "Ana");
    browser.wait_for_text("#notice", "is lost when you close it");
    say(&browser, "hello all the same");
    wait_for_messages(&browser, &["hello all the same"]);
    say(&browser, "/join games");
    browser.wait_for_text("#room", "games");
    assert_eq!(browser.eval("localStorage.length", &[]), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn that_another_hub_is_at_the_address_is_told_and_nothing_of_before_is_sent_to_it() {
    let Some(installed) = Installed::find() else { return };
    let mut server = ServerProcess::launch(Launch::new(None, &[]).quiet());
    let browser = Browser::start(&installed);
    enter_live(&browser, &server.address().to_string(), "Ana");
    say(&browser, "to the first");
    wait_for_messages(&browser, &["to the first"]);
    browser.eval(DEAD_SOCKET, &[]);
    server.kill();
    browser.wait_for_text("#status", "offline");
    say(&browser, "to the first, too");
    server.restart();
    browser.eval("window.WebSocket = window.real", &[]);
    browser.wait_for_text("#log .note", "This is another hub than before");
    browser.wait_for_text("#log .why", "written for another hub");
    say(&browser, "to the second");
    let said = "document.querySelectorAll('#log .message:not(.pending)').length === 1";
    browser.wait_for("one message", said, &[]);
    browser.wait_for_text("#log .message:not(.pending)", "to the second");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_announced_while_the_page_was_closed_is_told_once_when_it_is_open_again() {
    let Some(installed) = Installed::find() else { return };
    let home = tempfile::tempdir().expect("a directory");
    let server = ServerProcess::launch(Launch::new(Some(home.path()), &[]));
    let url = format!("http://{}/", server.address());
    let mut bob = TestClient::person(server.address(), "Bob", 1).await;
    appoint(home.path(), "Bob");
    announce(&mut bob, "before anybody came", None).await;
    let browser = Browser::start(&installed);
    browser.before_pages(SENT);
    enter_live(&browser, &server.address().to_string(), "Ana");
    // The hub knows what was read once it has what was said after that.
    let told = "window.sent.some((frame) => /\"read\".*announcements/.test(frame))";
    browser.wait_for("that the hub is told of what was read", told, &[]);
    say(&browser, "hello");
    wait_for_messages(&browser, &["hello"]);
    browser.open("about:blank");
    announce(&mut bob, "Restart at noon", None).await;
    browser.open(&url);
    wait_live(&browser);
    browser.wait_for_text("#notice", "Announced by Bob while you were away: Restart at noon");
    browser.wait_for_text("#log .announcement", "Restart at noon");
    assert_eq!(browser.texts("#log .announcement .said"), ["Restart at noon"]);
    browser.wait_for("that the hub is told of what was read", told, &[]);
    say(&browser, "noted");
    wait_for_messages(&browser, &["hello", "Restart at noon", "noted"]);
    browser.open(&url);
    wait_live(&browser);
    wait_for_messages(&browser, &["hello", "noted"]);
    assert_eq!(browser.texts("#log .announcement").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_before_the_hub_was_reached_stays() {
    let Some(installed) = Installed::find() else { return };
    let server = TestServer::in_memory();
    let browser = Browser::start(&installed);
    enter_live(&browser, &server.address().to_string(), "Ana");
    browser.before_pages(DEAD_SOCKET);
    browser.open(&format!("http://{}/", server.address()));
    browser.wait_for_text("#status", "offline");
    say(&browser, "hello?");
    browser.wait_for_text("#notice", "can't be reached");
    wait_for_draft(&browser, "hello?");
}
