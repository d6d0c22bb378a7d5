//! What is at `/`: for a browser a page that is a client of its own, for everything else the ways
//! to join, as text.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{
        HeaderMap, HeaderName, HeaderValue,
        header::{
            ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse as _, Response},
    routing::get,
};
use protocol::PATH;

use super::{Doors, origin::printable_host};

/// The page itself.
const INDEX: &str = include_str!("page/index.html");
/// What a page may do: nothing but what is from here, and no script or style within it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";
const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// A file of the page: its path, its type, its text.
type File = (&'static str, &'static str, &'static str);

const FILES: [File; 14] = [
    ("/page/page.css", STYLE, include_str!("page/page.css")),
    ("/page/page.js", SCRIPT, include_str!("page/page.js")),
    ("/page/changes.js", SCRIPT, include_str!("page/changes.js")),
    ("/page/commands.js", SCRIPT, include_str!("page/commands.js")),
    ("/page/draft.js", SCRIPT, include_str!("page/draft.js")),
    ("/page/log.js", SCRIPT, include_str!("page/log.js")),
    ("/page/outbox.js", SCRIPT, include_str!("page/outbox.js")),
    ("/page/reading.js", SCRIPT, include_str!("page/reading.js")),
    ("/page/rows.js", SCRIPT, include_str!("page/rows.js")),
    ("/page/state.js", SCRIPT, include_str!("page/state.js")),
    ("/page/store.js", SCRIPT, include_str!("page/store.js")),
    ("/page/text.js", SCRIPT, include_str!("page/text.js")),
    ("/page/view.js", SCRIPT, include_str!("page/view.js")),
    ("/page/wire.js", SCRIPT, include_str!("page/wire.js")),
];

/// `/`, and the files of the page if there is to be one.
pub(super) fn paths(has_page: bool) -> Router<Arc<Doors>> {
    let top = Router::new().route("/", get(welcome));
    if !has_page {
        return top;
    }
    FILES.into_iter().fold(top, |paths, (path, kind, text)| {
        paths.route(path, get(move || async move { file(kind, text) }))
    })
}

async fn welcome(State(doors): State<Arc<Doors>>, headers: HeaderMap) -> Response {
    let site = &doors.site;
    let mut response = if site.has_page && wants_html(&headers) {
        file(HTML, INDEX)
    } else {
        ways_to_join(printable_host(&headers), site.is_tls, site.has_page).into_response()
    };
    response.headers_mut().append(VARY, HeaderValue::from(ACCEPT));
    response
}

fn file(kind: &'static str, text: &'static str) -> Response {
    let headers: [(HeaderName, &str); 5] = [
        (CONTENT_TYPE, kind),
        // A new hub has a new page.
        (CACHE_CONTROL, "no-cache"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    (headers, text).into_response()
}

/// Whether HTML is asked for by its name: programs that take anything get text.
fn wants_html(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|kind| {
        let kind = kind.split(';').next().unwrap_or_default();
        kind.trim().eq_ignore_ascii_case("text/html")
    })
}

/// What to type to join the hub at this address, as the one who asks calls it.
fn ways_to_join(host: Option<&str>, is_tls: bool, has_page: bool) -> String {
    let host = host.unwrap_or("this.address:port");
    let (http, ws) = if is_tls { ("https", "wss") } else { ("http", "ws") };
    let address = if is_tls { format!("wss://{host}") } else { host.to_owned() };
    let browser =
        if has_page { format!("  {http}://{host}/ in a browser\n") } else { String::new() };
    format!(
        "This is a Hubbub hub: a group chat. To join it:\n\
         \n  hubbub {address}\n\
         {browser}  websocat '{ws}://{host}{PATH}?name=YOU'\n\
         \nTo read along:\n\
         \n  curl -N {http}://{host}/rooms/lobby/events\n\
         \nPrograms connect by WebSocket to {PATH} (subprotocol {}).\n",
        protocol::SUBPROTOCOL
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(value: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, value.parse().unwrap());
        wants_html(&headers)
    }

    #[test]
    fn only_who_names_html_gets_the_page() {
        assert!(accepts("text/html,application/xhtml+xml,*/*;q=0.8"));
        assert!(accepts("application/xml, Text/HTML;q=0.9"));
        for other in ["*/*", "text/*", "text/plain", "application/json", "text/htmlx", ""] {
            assert!(!accepts(other), "{other}");
        }
        assert!(!wants_html(&HeaderMap::new()));
    }

    #[test]
    fn the_ways_to_join_name_the_address_that_was_asked() {
        let text = ways_to_join(Some("chat.example:8080"), false, true);
        for line in [
            "  hubbub chat.example:8080\n",
            "  http://chat.example:8080/ in a browser\n",
            "  websocat 'ws://chat.example:8080/ws?name=YOU'\n",
            "  curl -N http://chat.example:8080/rooms/lobby/events\n",
        ] {
            assert!(text.contains(line), "{line:?} in {text}");
        }
        let text = ways_to_join(Some("chat.example"), true, false);
        assert!(text.contains("  hubbub wss://chat.example\n"), "{text}");
        assert!(text.contains("'wss://chat.example/ws?name=YOU'"), "{text}");
        assert!(!text.contains("browser"), "{text}");
    }

    #[test]
    fn nothing_in_the_page_makes_elements_of_text_or_scripts_of_attributes() {
        let doors = [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "Function(",
            "setHTML",
            "DOMParser",
            "srcdoc",
            "javascript:",
            "createContextual",
            "style=",
            "<style",
            "import(",
        ];
        for (path, _, text) in FILES.into_iter().chain([("/", HTML, INDEX)]) {
            for door in doors {
                assert!(!text.contains(door), "{path} has {door}");
            }
            for word in text.split(|c: char| c.is_whitespace() || c == '<') {
                let name = word.split('=').next().unwrap_or_default();
                let is_handler = word.contains('=') && name.len() > 2 && name.starts_with("on");
                assert!(!is_handler, "{path} has {word}");
            }
            assert!(path == "/" || !text.contains(".on"), "{path} sets a handler by its name");
        }
        let scripts = INDEX.matches("<script").count();
        assert_eq!(scripts, INDEX.matches("<script type=\"module\" src=\"/page/").count());
    }

    #[test]
    fn every_file_that_the_page_names_is_there() {
        for (path, _, text) in FILES.into_iter().chain([("/", HTML, INDEX)]) {
            let named = text.split(['"', '\'']).filter_map(|part| {
                let of_module = part.strip_prefix("./").filter(|_| path != "/");
                of_module
                    .map(|name| format!("/page/{name}"))
                    .or_else(|| part.starts_with("/page/").then(|| part.to_owned()))
            });
            for name in named {
                assert!(FILES.iter().any(|(path, ..)| *path == name), "{path} names {name}");
            }
        }
    }

    #[test]
    fn the_files_of_the_page_keep_the_rules_of_sources() {
        for (path, _, text) in FILES {
            assert!(text.starts_with("// ") || text.starts_with("/* "), "{path}: what for?");
            assert!(text.lines().count() <= 400, "{path} is too long");
            let long = text.lines().find(|line| line.chars().count() > 100);
            assert_eq!(long, None, "{path}");
        }
    }

    /// The least contrast of a text with what is behind it (WCAG 2.2, success criterion 1.4.3).
    const CONTRAST_MIN: f64 = 4.5;

    #[test]
    fn every_colour_of_a_text_can_be_read_on_every_ground_in_light_and_in_dark() {
        let style = include_str!("page/page.css");
        let schemes: Vec<&str> = style.split(":root {").skip(1).collect();
        assert_eq!(schemes.len(), 2, "light and dark");
        for scheme in schemes {
            let scheme = scheme.split('}').next().unwrap();
            for text in colours_of_text(style) {
                let grounds: &[&str] = if text == "on-accent" {
                    &["accent"]
                } else {
                    &["paper", "side", "mine", "call"]
                };
                for ground in grounds {
                    let contrast = contrast(colour(scheme, text), colour(scheme, ground));
                    assert!(contrast >= CONTRAST_MIN, "{text} on {ground}: {contrast:.2}");
                }
            }
        }
    }

    /// All that a text is coloured with; that there is no colour without a name is a rule, too.
    fn colours_of_text(style: &str) -> Vec<&str> {
        let rules = style.split(['{', ';']).map(str::trim);
        let colours = rules.filter_map(|rule| rule.strip_prefix("color:")).map(str::trim);
        let named = colours.filter(|colour| *colour != "inherit").map(|colour| {
            let name = colour.strip_prefix("var(--").and_then(|name| name.strip_suffix(')'));
            name.unwrap_or_else(|| panic!("{colour} has no name"))
        });
        named.collect()
    }

    /// The red, green and blue of a colour, each of 0 to 1.
    fn colour(scheme: &str, name: &str) -> [f64; 3] {
        let (_, rest) = scheme.split_once(&format!("--{name}: #")).expect(name);
        [0, 2, 4].map(|at| f64::from(u8::from_str_radix(&rest[at..at + 2], 16).unwrap()) / 255.0)
    }

    /// From 1, the same, to 21, black on white (WCAG 2.2, "contrast ratio").
    fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    fn luminance(colour: [f64; 3]) -> f64 {
        let [red, green, blue] = colour.map(|part| {
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}
