//! A real browser without a screen: Chromium, driven by WebDriver (the W3C recommendation) over
//! HTTP to chromedriver.

use std::{
    env,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::PATIENCE;

/// When set, nothing may be left out.
const SKIP_NOTHING: &str = "HUBBUB_SKIP_NOTHING";
/// What Chromium is called where.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];
/// Runs without a screen, as root too, and talks to nobody but the hub.
const FLAGS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1280,800",
];
/// The key by which WebDriver marks an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// What tells `keys` to press Enter.
pub const ENTER: &str = "\u{e007}";

/// Where it is, if a browser and its driver are installed.
#[derive(Debug)]
pub struct Installed {
    browser: PathBuf,
    driver: PathBuf,
}

impl Installed {
    /// Looks for a browser. Without one, says that a test is left out.
    pub fn find() -> Option<Self> {
        let browser = BROWSERS.into_iter().find_map(installed);
        if let (Some(browser), Some(driver)) = (browser, installed("chromedriver")) {
            return Some(Self { browser, driver });
        }
        assert!(env::var_os(SKIP_NOTHING).is_none(), "there is no chromium with chromedriver here");
        // Not captured as the output of a test is: it is to be seen.
        let _ = writeln!(
            io::stderr(),
            "SKIPPED: a test wants a browser, and chromium or chromedriver is not installed here"
        );
        None
    }
}

fn installed(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|directory| directory.join(name)).find(|file| file.is_file())
}

/// A browser with at least one tab. Gone when dropped, with all its processes.
#[derive(Debug)]
pub struct Browser {
    driver: Child,
    address: SocketAddr,
    session: String,
    profile: TempDir,
}

/// How often chromedriver is started, at most, until it has a port.
const STARTS_MAX: usize = 5;

impl Browser {
    /// Starts one that has never been anywhere.
    pub fn start(installed: &Installed) -> Self {
        let mut started = (0..STARTS_MAX).filter_map(|_| start_driver(&installed.driver));
        let (driver, port) = started.next().expect("chromedriver says its port");
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let profile = tempfile::tempdir().expect("a directory");
        let mut browser = Self { driver, address, session: String::new(), profile };
        browser.session = browser.begin(&installed.browser);
        browser
    }

    fn begin(&self, program: &Path) -> String {
        let profile = format!("--user-data-dir={}", self.profile.path().display());
        let arguments: Vec<&str> = FLAGS.into_iter().chain([profile.as_str()]).collect();
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "binary": program, "args": arguments },
            "timeouts": { "script": PATIENCE.as_millis() },
        } } });
        let answer = self.request("POST", "/session", &wanted);
        answer["sessionId"].as_str().expect("a session").to_owned()
    }

    /// Goes to an address in this tab, and waits until the page is there.
    pub fn open(&self, url: &str) {
        self.command("url", &json!({ "url": url }));
    }

    /// Opens another tab, which is this one from now on; says what it is called.
    pub fn new_tab(&self) -> String {
        let answer = self.command("window/new", &json!({ "type": "tab" }));
        let tab = answer["handle"].as_str().expect("a tab").to_owned();
        self.switch_to(&tab);
        tab
    }

    /// What this tab is called.
    pub fn tab(&self) -> String {
        let answer = self.ask("window");
        answer.as_str().expect("a tab").to_owned()
    }

    /// Where it keeps what it remembers.
    pub fn profile(&self) -> &Path {
        self.profile.path()
    }

    /// Goes on in that tab.
    pub fn switch_to(&self, tab: &str) {
        self.command("window", &json!({ "handle": tab }));
    }

    /// Types into the element that matches.
    pub fn keys(&self, selector: &str, text: &str) {
        let element = self.element(selector);
        self.command(&format!("element/{element}/value"), &json!({ "text": text }));
    }

    /// Clicks the element that matches.
    pub fn click(&self, selector: &str) {
        loop {
            let element = self.element(selector);
            let path = format!("/session/{}/element/{element}/click", self.session);
            let answer = self.answer("POST", &path, &json!({}));
            // Drawn again between the look and the click: there is a new one.
            if answer["error"] != "stale element reference" {
                return checked(&path, &answer);
            }
        }
    }

    /// Empties the field that matches.
    pub fn clear(&self, selector: &str) {
        let element = self.element(selector);
        self.command(&format!("element/{element}/clear"), &json!({}));
    }

    fn element(&self, selector: &str) -> String {
        let by = json!({ "using": "css selector", "value": selector });
        let answer = self.command("element", &by);
        answer[ELEMENT].as_str().expect("an element").to_owned()
    }

    /// What a piece of script makes of its arguments.
    pub fn eval(&self, expression: &str, arguments: &[&str]) -> Value {
        let script = format!("return ({expression});");
        self.command("execute/sync", &json!({ "script": script, "args": arguments }))
    }

    /// Waits until an expression is true in this tab.
    pub fn wait_for(&self, what: &str, expression: &str, arguments: &[&str]) {
        // Looks again and again in the page itself: its last argument ends the wait.
        let script = format!(
            "const done = arguments[arguments.length - 1];\
             const given = arguments;\
             const look = function () {{ return ({expression}); }};\
             const end = Date.now() + {};\
             const timer = setInterval(() => {{\
               const found = Boolean(look.apply(null, given));\
               if (found || Date.now() > end) {{ clearInterval(timer); done(found); }}\
             }}, 20);",
            PATIENCE.as_millis() / 2,
        );
        let body = json!({ "script": script, "args": arguments });
        let found = self.command("execute/async", &body);
        assert_eq!(found, Value::Bool(true), "waited for {what}; the page: {}", self.text());
    }

    /// Waits until a text is in what matches.
    pub fn wait_for_text(&self, selector: &str, text: &str) {
        let condition = "[...document.querySelectorAll(arguments[0])]\
            .some((found) => found.textContent.includes(arguments[1]))";
        self.wait_for(&format!("{text:?} in {selector}"), condition, &[selector, text]);
    }

    /// The texts of all elements that match.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let found = self.eval(
            "[...document.querySelectorAll(arguments[0])].map((found) => found.textContent)",
            &[selector],
        );
        let texts = found.as_array().expect("a list").iter();
        texts.map(|text| text.as_str().expect("a text").to_owned()).collect()
    }

    /// All that can be read in this tab.
    pub fn text(&self) -> String {
        self.eval("document.body.innerText", &[]).as_str().unwrap_or_default().to_owned()
    }

    /// Makes the page believe that it is on a screen of this size, of a phone perhaps.
    pub fn resize(&self, width: u32, height: u32, is_phone: bool) {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": is_phone,
        });
        self.cdp("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Makes the page believe that its reader likes it dark, or light.
    pub fn prefer(&self, scheme: &str) {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.cdp("Emulation.setEmulatedMedia", &json!({ "features": [feature] }));
    }

    /// Runs a piece of script in every page from now on, before the page's own.
    pub fn before_pages(&self, script: &str) {
        self.cdp("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": script }));
    }

    fn cdp(&self, command: &str, parameters: &Value) {
        self.command("goog/cdp/execute", &json!({ "cmd": command, "params": parameters }));
    }

    /// What can be seen in this tab, as PNG.
    pub fn picture(&self) -> Vec<u8> {
        let answer = self.ask("screenshot");
        BASE64_STANDARD.decode(answer.as_str().expect("base64")).expect("base64")
    }

    fn command(&self, path: &str, body: &Value) -> Value {
        self.request("POST", &format!("/session/{}/{path}", self.session), body)
    }

    fn ask(&self, path: &str) -> Value {
        self.request("GET", &format!("/session/{}/{path}", self.session), &Value::Null)
    }

    fn request(&self, method: &str, path: &str, body: &Value) -> Value {
        let value = self.answer(method, path, body);
        checked(path, &value);
        value
    }

    fn answer(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = exchange(self.address, method, path, body).expect("talk to chromedriver");
        answer.get("value").cloned().unwrap_or_default()
    }
}

fn checked(path: &str, value: &Value) {
    assert!(value.get("error").is_none(), "{path}: {} {}", value["error"], value["message"]);
}

impl Drop for Browser {
    fn drop(&mut self) {
        let session = format!("/session/{}", self.session);
        // It may be gone; a test's last word must not be this.
        let _ = exchange(self.address, "DELETE", &session, &Value::Null);
        if let Some(group) = i32::try_from(self.driver.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.driver.wait();
    }
}

/// Starts chromedriver, and returns it with its port. None if it has ended: it takes a free port
/// of one family of addresses, which may be taken in the other.
fn start_driver(program: &Path) -> Option<(Child, u16)> {
    let mut driver = Command::new(program)
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // With the browser: they are ended together, whatever happens.
        .process_group(0)
        .spawn()
        .expect("start chromedriver");
    let stdout = driver.stdout.take().expect("piped");
    let Some(port) = port_told(stdout) else {
        let _ = driver.wait();
        return None;
    };
    Some((driver, port))
}

/// The port that chromedriver says it has taken. The rest is read and forgotten.
fn port_told(stdout: impl io::Read + Send + 'static) -> Option<u16> {
    let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
    let port = lines.by_ref().find_map(|line| {
        let told = line.split_once("started successfully on port ")?.1;
        told.trim_end_matches('.').parse().ok()
    });
    thread::spawn(move || lines.for_each(drop));
    port
}

/// One request, on a connection of its own.
fn exchange(address: SocketAddr, method: &str, path: &str, body: &Value) -> io::Result<Value> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let body = if body.is_null() { String::new() } else { body.to_string() };
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 0 && line != "\r\n" {
        let (name, value) = line.split_once(':').unwrap_or_default();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        line.clear();
    }
    let mut answer = vec![0; length];
    reader.read_exact(&mut answer)?;
    serde_json::from_slice(&answer).map_err(io::Error::other)
}
