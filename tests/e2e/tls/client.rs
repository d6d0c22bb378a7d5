//! `hubbub` at `wss://`: the same chat as without, and a sentence for everything that can be wrong.

use std::path::Path;

use tests::{Certificate, Home, Launch, PATIENCE, ServerProcess, TestTerminal, run_to_end};

use super::process;

/// Where this hub is, with TLS.
fn secure(hub: &ServerProcess) -> String {
    format!("wss://{}", hub.address())
}

/// `hubbub` in a terminal, which trusts this certificate, too.
fn terminal(home: &Home, certificate: &Certificate, address: &str) -> TestTerminal {
    TestTerminal::hubbub(home, &["--tls-ca", &text(&certificate.cert()), address])
}

/// What a shell says that pipes a line into `hubbub` with these arguments.
fn piped(home: &Home, arguments: &str) -> String {
    let script = format!("echo hello | \"$HUBBUB\" {arguments} 2>&1; echo \"exit $?\"");
    let mut terminal = TestTerminal::shell(home, &script);
    terminal.wait_for_exit();
    terminal.recorded_text()
}

/// The sentence with which `hubbub` ends that cannot join.
fn sentence(arguments: &[&str]) -> String {
    let home = Home::of("ana");
    let ended = run_to_end("hubbub", arguments, home.path(), PATIENCE);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    ended.stderr.trim_end().strip_prefix("hubbub: ").unwrap_or_default().to_owned()
}

fn text(path: &Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_joins_talks_and_is_back_after_a_restart() {
    let (certificate, data) = (Certificate::new(), tempfile::tempdir().expect("a directory"));
    let mut hub = process(&certificate, Some(data.path()));
    let ana = terminal(&Home::of("ana"), &certificate, &secure(&hub));
    ana.wait_for_text(" live ");
    ana.wait_for_text(&format!("hubbub {}", secure(&hub)));
    let mut bob = certificate.person(hub.address(), "Bob", 2).await;
    bob.join("lobby").await;
    ana.type_keys("hi Bob<ret>");
    bob.event_saying("hi Bob").await;
    hub.kill();
    ana.wait_for_text("offline since");
    ana.type_keys("are you there?<ret>");
    hub.restart();
    let mut bob = certificate.person(hub.address(), "Bob", 2).await;
    bob.join_after("lobby", Some(0)).await;
    bob.event_saying("are you there?").await;
    bob.say_acked("lobby", "I am").await;
    ana.wait_for_text("I am");
}

#[test]
fn a_line_from_a_pipe_goes_over_tls() {
    let certificate = Certificate::new();
    let hub = process(&certificate, None);
    let home = Home::of("ana");
    let arguments = format!("--tls-ca '{}' {}", text(&certificate.cert()), secure(&hub));
    let said = piped(&home, &arguments);
    assert!(said.contains(" ana: hello\r\nexit 0"), "{said}");
}

#[test]
fn a_certificate_as_openssl_makes_it_is_believed_when_the_user_has_it() {
    let certificate = Certificate::of_authority();
    let hub = process(&certificate, None);
    let home = Home::of("ana");
    let file = text(&certificate.cert());
    let script =
        format!("export HUBBUB_TLS_CA='{file}'; echo hello | \"$HUBBUB\" {}", secure(&hub));
    let mut terminal = TestTerminal::shell(&home, &script);
    assert!(terminal.wait_for_exit().success());
    assert!(terminal.recorded_text().contains(" ana: hello"), "{}", terminal.recorded_text());
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_not_believed() {
    for certificate in [Certificate::new(), Certificate::of_authority()] {
        let hub = process(&certificate, None);
        let address = secure(&hub);
        let wanted = format!(
            "the certificate of {address} is from nobody whom this machine trusts; for a hub with \
             its own certificate: --tls-ca FILE"
        );
        assert_eq!(sentence(&[&address]), wanted);
        let strange = Certificate::new();
        assert_eq!(sentence(&["--tls-ca", &text(&strange.cert()), &address]), wanted);
    }
}

#[test]
fn a_known_hub_whose_certificate_is_not_believed_opens_nothing() {
    let (certificate, home) = (Certificate::new(), Home::of("ana"));
    let hub = process(&certificate, None);
    let address = secure(&hub);
    piped(&home, &format!("--tls-ca '{}' {address}", text(&certificate.cert())));
    let mut terminal = TestTerminal::hubbub(&home, &[&address]);
    assert_eq!(terminal.wait_for_exit().exit_code(), 3);
    assert!(terminal.recorded_text().ends_with("its own certificate: --tls-ca FILE\r\n"));
}

#[test]
fn what_else_is_wrong_with_a_certificate_is_told() {
    for (certificate, wanted) in [
        (Certificate::for_name("ana.example"), "is for another name; use the one that it is for"),
        (
            Certificate::expired(),
            "has expired; whoever runs that hub has to renew it (or is the clock here wrong?)",
        ),
    ] {
        let hub = process(&certificate, None);
        let address = secure(&hub);
        let said = sentence(&["--tls-ca", &text(&certificate.cert()), &address]);
        assert_eq!(said, format!("the certificate of {address} {wanted}"));
    }
}

#[test]
fn who_speaks_tls_and_who_does_not_is_told_with_the_way_in() {
    let hub = ServerProcess::start(None, &[]);
    let address = hub.address();
    let said = sentence(&[&format!("wss://{address}")]);
    assert_eq!(said, format!("{address} speaks no TLS; try: hubbub {address}"));
    let hub = process(&Certificate::new(), None);
    let address = hub.address();
    let said = sentence(&[&address.to_string()]);
    assert_eq!(said, format!("{address} speaks TLS; try: hubbub wss://{address}"));
}

#[test]
fn no_secret_goes_without_tls_to_a_hub_that_had_it_before_the_user_agrees() {
    let (certificate, data) = (Certificate::new(), tempfile::tempdir().expect("a directory"));
    let home = Home::of("ana");
    let mut hub = process(&certificate, Some(data.path()));
    let (plain, with_tls) = (hub.address().to_string(), secure(&hub));
    let mut first = terminal(&home, &certificate, &with_tls);
    first.wait_for_text(" live ");
    first.type_keys("/quit<ret>");
    assert!(first.wait_for_exit().success());
    hub.kill();
    hub.relaunch(Launch::new(Some(data.path()), &[]));
    hub.restart();
    let question = format!("You knew this hub as {with_tls}; here is no TLS. Be ana here? [y/N]");
    let said = piped(&home, &plain);
    assert!(said.contains(&format!("{question}: answer that in a terminal first")), "{said}");
    let mut second = TestTerminal::shell(&home, &format!("TERM=dumb \"$HUBBUB\" {plain}"));
    second
        .wait_for("the question", |screen| screen.contents().replace('\n', "").contains(&question));
    second.type_keys("y<ret>");
    second.wait_for_text("hubbub: live, you are ana in lobby");
    second.type_keys("<c-d>");
    assert!(second.wait_for_exit().success());
    let said = piped(&home, &plain);
    assert!(said.contains("exit 0"), "once is enough: {said}");
}
