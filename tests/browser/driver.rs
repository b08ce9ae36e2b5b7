//! A small WebDriver client: exactly the commands that these tests need, over one HTTP request each.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::{PATIENCE, http, until};

/// The key under which WebDriver hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Chromium with a fresh profile; both it and its driver end when this is dropped.
#[derive(Debug)]
pub(crate) struct Browser {
    driver: Child,
    address: SocketAddr,
    session: String,
    profile: TempDir,
}

/// An element of the page.
#[derive(Clone, Debug)]
pub(crate) struct Element(String);

impl Browser {
    pub(crate) async fn start() -> Browser {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed");
        let mut lines = BufReader::new(driver.stdout.take().expect("a pipe"));
        let port = loop {
            let mut line = String::new();
            let read = lines
                .read_line(&mut line)
                .expect("chromedriver prints its port");
            assert!(
                read > 0,
                "chromedriver has ended without a word about its port"
            );
            let number = line
                .rsplit_once("successfully on port ")
                .and_then(|(_, rest)| rest.trim().trim_end_matches('.').parse().ok());
            if let Some(port) = number {
                break port;
            }
        };
        // What it prints later must not fill the pipe.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        let profile = tempfile::Builder::new()
            .prefix("docktutor-chromium-")
            .tempdir()
            .expect("a folder");
        let mut browser = Browser {
            driver,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            session: String::new(),
            profile,
        };
        browser.begin().await;
        // The browser's own first page is none of ours.
        browser.open("about:blank").await;
        browser.console().await;
        browser.requests().await;
        browser
    }

    async fn begin(&mut self) {
        let profile = format!("--user-data-dir={}", self.profile.path().display());
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--force-device-scale-factor=1",
            "--window-size=1440,900",
            &profile,
        ];
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        } } });
        let answer = self
            .send("POST", "/session", &capabilities)
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        self.session = answer["sessionId"].as_str().expect("a session").to_owned();
    }

    /// A command of this session; an `Err` is WebDriver's own error text.
    async fn command(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        self.send(method, &format!("/session/{}{path}", self.session), body)
            .await
    }

    async fn send(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let host = self.address.to_string();
        let stream = tokio::net::TcpStream::connect(self.address)
            .await
            .expect("chromedriver listens");
        let body = if method == "GET" {
            String::new()
        } else {
            body.to_string()
        };
        let headers = [
            ("host", host.as_str()),
            ("content-type", "application/json"),
        ];
        let answer = http::send(stream, method, path, &headers, body).await;
        let value: Value =
            serde_json::from_slice(&answer.body).map_err(|error| error.to_string())?;
        match value["value"]["error"].as_str() {
            Some(error) => Err(format!("{error}: {}", value["value"]["message"])),
            None => Ok(value["value"].clone()),
        }
    }

    pub(crate) async fn open(&self, url: &str) {
        self.command("POST", "/url", &json!({ "url": url }))
            .await
            .unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    pub(crate) async fn reload(&self) {
        self.command("POST", "/refresh", &json!({}))
            .await
            .unwrap_or_else(|error| panic!("{error}"));
    }

    /// Runs a function body in the page.
    pub(crate) async fn script(&self, body: &str, arguments: Value) -> Value {
        self.try_script(body, arguments)
            .await
            .unwrap_or_else(|error| panic!("{body}: {error}"))
    }

    async fn try_script(&self, body: &str, arguments: Value) -> Result<Value, String> {
        self.command(
            "POST",
            "/execute/sync",
            &json!({ "script": body, "args": arguments }),
        )
        .await
    }

    /// A command of the DevTools protocol.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.command(
            "POST",
            "/goog/cdp/execute",
            &json!({ "cmd": command, "params": parameters }),
        )
        .await
        .unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// Waits for the first element that matches and is shown.
    pub(crate) async fn find(&self, selector: &str) -> Element {
        until(&format!("an element {selector}"), || async {
            let found = self
                .command(
                    "POST",
                    "/element",
                    &json!({ "using": "css selector", "value": selector }),
                )
                .await
                .ok()?;
            let element = Element(found[ELEMENT].as_str()?.to_owned());
            let shown = self
                .command(
                    "GET",
                    &format!("/element/{}/displayed", element.0),
                    &Value::Null,
                )
                .await
                .ok()?;
            (shown == true).then_some(element)
        })
        .await
    }

    /// Clicks as soon as the element can be clicked: it may still move or be covered.
    pub(crate) async fn click(&self, selector: &str) {
        until(&format!("{selector} to be clickable"), || async {
            let element = self.find(selector).await;
            self.command("POST", &format!("/element/{}/click", element.0), &json!({}))
                .await
                .ok()
        })
        .await;
    }

    /// Types into whatever has the focus (`\u{e007}` is Enter).
    pub(crate) async fn type_keys(&self, text: &str) {
        let actions: Vec<Value> = text
            .chars()
            .flat_map(|key| {
                [
                    json!({ "type": "keyDown", "value": key }),
                    json!({ "type": "keyUp", "value": key }),
                ]
            })
            .collect();
        self.press(actions).await;
    }

    /// Holds one key down while another is pressed.
    pub(crate) async fn chord(&self, held: char, key: char) {
        self.press(vec![
            json!({ "type": "keyDown", "value": held }),
            json!({ "type": "keyDown", "value": key }),
            json!({ "type": "keyUp", "value": key }),
            json!({ "type": "keyUp", "value": held }),
        ])
        .await;
    }

    async fn press(&self, actions: Vec<Value>) {
        let body = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] });
        self.command("POST", "/actions", &body)
            .await
            .unwrap_or_else(|error| panic!("keys: {error}"));
    }

    /// Text of the first match, as it is shown; `None` where there is none.
    pub(crate) async fn text(&self, selector: &str) -> Option<String> {
        let script = "const found = document.querySelector(arguments[0]); return found === null ? null : found.innerText;";
        let text = self.try_script(script, json!([selector])).await.ok()?;
        text.as_str().map(str::to_owned)
    }

    /// Waits until the text of the first match holds `wanted`; the whole text.
    pub(crate) async fn wait_for_text(&self, selector: &str, wanted: &str) -> String {
        let last = std::cell::RefCell::new(String::new());
        let deadline = std::time::Instant::now() + PATIENCE;
        loop {
            if let Some(text) = self.text(selector).await {
                if text.contains(wanted) {
                    return text;
                }
                last.replace(text);
            }
            assert!(
                std::time::Instant::now() < deadline,
                "{selector} does not show {wanted:?}, but {:?}",
                last.borrow()
            );
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// How many elements match.
    pub(crate) async fn count(&self, selector: &str) -> u64 {
        let script = "return document.querySelectorAll(arguments[0]).length";
        self.script(script, json!([selector]))
            .await
            .as_u64()
            .unwrap_or(0)
    }

    /// Entries of the console since the last call: `SEVERE` and the like, with the text.
    pub(crate) async fn console(&self) -> Vec<(String, String)> {
        let entries = self.log("browser").await;
        let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
        entries
            .iter()
            .map(|entry| (text(&entry["level"]), text(&entry["message"])))
            .collect()
    }

    /// Addresses of all requests since the last call.
    pub(crate) async fn requests(&self) -> Vec<String> {
        let entries = self.log("performance").await;
        entries
            .iter()
            .filter_map(|entry| serde_json::from_str::<Value>(entry["message"].as_str()?).ok())
            .filter(|entry| {
                matches!(
                    entry["message"]["method"].as_str(),
                    Some("Network.requestWillBeSent" | "Network.webSocketCreated")
                )
            })
            .filter_map(|entry| {
                let parameters = &entry["message"]["params"];
                parameters["request"]["url"]
                    .as_str()
                    .or(parameters["url"].as_str())
                    .map(str::to_owned)
            })
            .collect()
    }

    async fn log(&self, kind: &str) -> Vec<Value> {
        let entries = self
            .command("POST", "/se/log", &json!({ "type": kind }))
            .await;
        entries
            .unwrap_or_else(|error| panic!("{error}"))
            .as_array()
            .cloned()
            .unwrap_or_default()
    }

    /// What the window shows, as PNG.
    pub(crate) async fn screenshot(&self) -> Vec<u8> {
        let answer = self
            .devtools("Page.captureScreenshot", json!({ "format": "png" }))
            .await;
        decode_base64(answer["data"].as_str().expect("a picture"))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver takes Chromium down when the session is deleted; nothing here may wait for an async runtime.
        let request = format!(
            "DELETE /session/{} HTTP/1.1\r\nHost: {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            self.session, self.address
        );
        if let Ok(mut stream) = TcpStream::connect(self.address) {
            let _ = stream.set_read_timeout(Some(PATIENCE));
            let _ = stream.write_all(request.as_bytes());
            // The first bytes of the answer come when the browser is down.
            let _ = stream.read(&mut [0; 64]);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        // A browser that did not listen holds its profile in its arguments, and so do its helpers.
        for pid in processes_with(&self.profile.path().to_string_lossy()) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}

fn processes_with(argument: &str) -> Vec<rustix::process::Pid> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter(|entry| {
            let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains(argument)
        })
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(rustix::process::Pid::from_raw)
        .collect()
}

fn decode_base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let mut bits = 0u32;
    let mut count = 0;
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).expect("one byte"));
        }
    }
    bytes
}
