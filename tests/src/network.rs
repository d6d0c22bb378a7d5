//! Tests of the default port and of the local network, each in a network of its own.
//!
//! Where the system lets anybody make a network namespace (Linux with `unshare` and `ip`), the
//! test runs itself again inside one, where port 8080 is free and there is a LAN. Elsewhere such
//! tests wait for each other, and one that finds port 8080 taken fails and says so.

use std::{
    any::type_name,
    fs::File,
    net::{Ipv4Addr, TcpListener},
    process::{Command, Stdio},
    sync::OnceLock,
};

/// Where a hub listens that was told nothing.
pub const DEFAULT_PORT_ADDRESS: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, protocol::DEFAULT_PORT);
/// This machine's address on the LAN of its own network.
pub const LAN_ADDRESS: &str = "192.168.77.1";

/// Set in the process inside the namespace.
const INSIDE: &str = "HUBBUB_TEST_OWN_NETWORK";
/// Makes loopback work and adds a LAN of two ends, then becomes the test.
const SET_UP: &str = "ip link set lo up && ip link add lan0 type veth peer name lan1 \
    && ip addr add 192.168.77.1/24 dev lan0 && ip link set lan0 up && ip link set lan1 up \
    && exec \"$0\" \"$@\"";

/// Runs `body`, the body of `test`, where the default port is its own. The argument of `body`
/// says whether there is a LAN, too.
pub fn in_own_network<T: Fn()>(_test: T, body: impl FnOnce(bool)) {
    if std::env::var_os(INSIDE).is_some() {
        body(true);
    } else if can_unshare() {
        run_inside(type_name::<T>());
    } else {
        let _serial = hold_default_port();
        body(false);
    }
}

/// `type_name` of a test is `e2e::module::test`; libtest calls it `module::test`.
fn run_inside(type_name: &str) {
    let (_, name) = type_name.split_once("::").expect("a path");
    let mut command = Command::new("unshare");
    command.args(["-rn", "sh", "-c", SET_UP]).arg(std::env::current_exe().expect("own path"));
    command.args(["--exact", name, "--nocapture"]).env(INSIDE, "1");
    let output = command.output().expect("run unshare");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    let ran = output.status.success() && stdout.contains("1 passed");
    assert!(ran, "in its own network:\n{stdout}\n{stderr}");
}

fn can_unshare() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| {
        let mut command = Command::new("unshare");
        command.args(["-rn", "sh", "-c", SET_UP, "true"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    })
}

/// One test at a time, over all processes of this machine, and nobody else on the port.
fn hold_default_port() -> File {
    let lock = File::create(std::env::temp_dir().join("hubbub-test-port.lock")).expect("lock file");
    lock.lock().expect("lock");
    if let Err(why) = TcpListener::bind(DEFAULT_PORT_ADDRESS) {
        panic!("port 8080 is taken by another program ({why}); stop it, this test needs the port");
    }
    lock
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_port_and_the_lan_are_the_tests_own() {
        in_own_network(the_default_port_and_the_lan_are_the_tests_own, |has_lan| {
            TcpListener::bind(DEFAULT_PORT_ADDRESS).expect("the port is free");
            if has_lan {
                TcpListener::bind((LAN_ADDRESS, 0)).expect("an address of this machine");
            }
        });
    }

    #[test]
    #[should_panic(expected = "in its own network")]
    fn a_test_that_does_not_run_inside_has_failed() {
        run_inside("tests::network::tests::there_is_no_such_test");
    }
}
