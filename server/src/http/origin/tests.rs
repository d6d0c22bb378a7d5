//! Origins of friends, of strangers, and of those who would like to be taken for friends.

use super::*;

const AFAR: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn headers(host: &str, origins: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.append(HOST, host.parse().unwrap());
    for origin in origins {
        headers.append(ORIGIN, HeaderValue::from_bytes(origin.as_bytes()).unwrap());
    }
    headers
}

/// What a hub with friends says.
fn check(host: &str, origin: &str, peer: IpAddr) -> Result<(), Stranger> {
    friendly().check(&headers(host, &[origin]), peer)
}

fn friendly() -> Origins {
    let allowed = ["https://friend.example", "http://team.friend.example:8443"];
    Origins::new(allowed.map(|origin| origin.parse().unwrap()).to_vec())
}

#[test]
fn the_hubs_own_page_may_use_it() {
    for (host, origin) in [
        ("chat.example", "https://chat.example"),
        ("chat.example", "http://chat.example"),
        ("chat.example:443", "https://chat.example"),
        ("chat.example:8080", "http://chat.example:8080"),
        ("CHAT.example:8080", "http://chat.EXAMPLE:8080"),
        ("192.168.1.20:8080", "http://192.168.1.20:8080"),
        ("[fe80::1]:8080", "http://[fe80::1]:8080"),
        ("[FE80:0::1]:8080", "http://[fe80::1]:8080"),
        ("xn--bcher-kva.example", "https://xn--bcher-kva.example"),
    ] {
        assert_eq!(check(host, origin, AFAR), Ok(()), "{origin} at {host}");
    }
}

#[test]
fn a_page_of_another_site_may_not() {
    for origin in [
        "null",
        "",
        "*",
        "https://evil.example",
        "https://chat.example.evil.example",
        "https://evil-chat.example",
        "https://chat.example.",
        "https://chat.example:8443",
        "http://chat.example:443",
        "https://chat.example:0443x",
        "https://chat.example:",
        "https://chat.example:0",
        "https://chat.example:65536",
        "https://chat.example/",
        "https://chat.example@evil.example",
        "https://evil.example@chat.example",
        "https://evil.example#chat.example",
        "https://chat.example\\evil.example",
        "https://chat.example evil.example",
        "https://chat.example, https://evil.example",
        "HTTPS://chat.example",
        "ftp://chat.example",
        "file://",
        "https://",
        "chat.example",
        "https://ch\u{430}t.example",
        "https://xn--cht-5cd.example",
        "https://[chat.example]",
        "https://[::1",
    ] {
        assert_eq!(check("chat.example", origin, AFAR), Err(Stranger::Elsewhere), "{origin}");
    }
}

#[test]
fn several_origins_are_none_even_if_each_is_right() {
    let own = "https://chat.example";
    let twice = headers("chat.example", &[own, own]);
    assert_eq!(Origins::default().check(&twice, AFAR), Err(Stranger::Elsewhere));
    assert_eq!(friendly().allowed(&headers("chat.example", &["https://friend.example"; 2])), None);
}

#[test]
fn several_hosts_are_none_even_if_each_is_right() {
    let mut headers = headers("chat.example", &["https://chat.example"]);
    headers.append(HOST, "chat.example".parse().unwrap());
    assert_eq!(Origins::default().check(&headers, AFAR), Err(Stranger::Elsewhere));
}

#[test]
fn who_says_no_origin_is_no_browser() {
    assert_eq!(Origins::default().check(&headers("anything at all", &[]), HERE), Ok(()));
    assert_eq!(Origins::default().check(&HeaderMap::new(), AFAR), Ok(()));
}

#[test]
fn only_just_the_origins_that_are_listed_are_allowed() {
    assert_eq!(check("127.0.0.1:8080", "https://friend.example", HERE), Ok(()));
    assert_eq!(check("chat.example", "https://FRIEND.example:443", AFAR), Ok(()));
    for origin in [
        "http://friend.example",
        "https://friend.example:8443",
        "https://team.friend.example",
        "https://other.friend.example",
        "https://friend.example.evil.example",
    ] {
        assert_eq!(check("chat.example", origin, AFAR), Err(Stranger::Elsewhere), "{origin}");
        assert_eq!(friendly().allowed(&headers("chat.example", &[origin])), None, "{origin}");
    }
    let listed = headers("chat.example", &["http://team.friend.example:8443"]);
    assert_eq!(friendly().allowed(&listed).unwrap(), "http://team.friend.example:8443");
}

#[test]
fn this_machine_has_no_names_but_those_that_no_name_server_gives() {
    for host in ["localhost:8080", "hub.localhost:8080", "127.0.0.1:8080", "[::1]:8080"] {
        assert_eq!(check(host, &format!("http://{host}"), HERE), Ok(()), "{host}");
    }
    let mapped = "::ffff:127.0.0.1".parse().unwrap();
    for host in ["evil.example:8080", "localhost.evil.example", "notlocalhost", "localhost."] {
        let origin = format!("http://{host}");
        assert_eq!(check(host, &origin, HERE), Err(Stranger::UnknownName), "{host}");
        assert_eq!(check(host, &origin, mapped), Err(Stranger::UnknownName), "{host}");
        assert_eq!(check(host, &origin, AFAR), Ok(()), "{host}");
    }
}

#[test]
fn a_host_that_is_listed_is_one_of_this_machines_names() {
    assert_eq!(check("friend.example:9090", "http://friend.example:9090", HERE), Ok(()));
}

#[test]
fn a_host_is_printed_only_if_it_is_one() {
    let printed = |host: &str| printable_host(&headers(host, &[])).map(str::to_owned);
    assert_eq!(printed("chat.example:8080").as_deref(), Some("chat.example:8080"));
    for host in ["", "a b", "chat.example/x", "';rm -rf ~;'", "<b>", "a:b"] {
        assert_eq!(printed(host), None, "{host}");
    }
}

#[test]
fn whoever_reads_over_this_machine_calls_it_by_a_name_that_is_known() {
    let read = |host: &str, peer| friendly().check_host(&headers(host, &[]), peer);
    for host in ["localhost:8080", "app.localhost", "127.0.0.1", "[::1]:8080", "FRIEND.example"] {
        assert_eq!(read(host, HERE), Ok(()), "{host}");
    }
    for host in ["evil.example", "evil.example:8080", "evil!.example", "", "a.localhost.evil"] {
        assert_eq!(read(host, HERE), Err(Stranger::UnknownName), "{host}");
        assert_eq!(read(host, AFAR), Ok(()), "{host}: a name of the hub's that it need not know");
    }
    assert_eq!(friendly().check_host(&HeaderMap::new(), HERE), Ok(()), "no browser");
}
