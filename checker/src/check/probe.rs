//! The probe: a short-lived container beside the server's, which asks it for a page until it answers.

use crate::engine::Output;

/// Asks with curl until an answer comes or the time is over, then prints all of it in hexadecimal digits, because a
/// container's log keeps text only. Arguments: URL, seconds, most bytes of the body, and headers with `-H` before each.
pub(crate) const SCRIPT: &str = r#"
command -v curl >/dev/null 2>&1 || { echo "nocurl"; exit 0; }
dir=$(mktemp -d) && cd "$dir" || { echo "nodir"; exit 0; }
url=$1
most=$3
end=$(($(date +%s) + $2))
shift 3
while :; do
  left=$((end - $(date +%s)))
  [ "$left" -gt 5 ] && left=5
  [ "$left" -lt 1 ] && left=1
  : >head; : >body; echo 28 >code
  { curl -sS -g --noproxy '*' -A docktutor -D head --max-time "$left" "$@" -- "$url" 2>/dev/null; echo $? >code; } | head -c "$most" >body
  code=$(cat code)
  # 23: the body is longer than we want, so curl could not write all of it.
  if [ -s head ] && { [ "$code" = 0 ] || [ "$code" = 23 ]; }; then break; fi
  if [ "$(date +%s)" -ge "$end" ]; then echo "none $code"; exit 0; fi
  sleep 0.1
done
echo "head"
od -An -v -tx1 head
echo "body"
od -An -v -tx1 body
echo "done"
"#;

/// The most bytes of a body that are looked at.
pub(crate) const MOST_BODY: usize = 64 * 1024;

/// What the server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The values of a header.
    pub(crate) fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// What the probe came back with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Answer(Answer),
    /// No answer in time; curl's last exit code.
    None {
        curl: u32,
    },
    /// The probe itself did not work.
    Broken {
        why: String,
    },
}

/// The arguments of the shell that runs [`SCRIPT`].
pub(crate) fn command(url: &str, seconds: u64, headers: &[&str]) -> Vec<String> {
    let fixed = [
        "-c",
        SCRIPT,
        "probe",
        url,
        &seconds.to_string(),
        &MOST_BODY.to_string(),
    ]
    .map(str::to_owned);
    let headers = headers
        .iter()
        .flat_map(|header| ["-H".to_owned(), (*header).to_owned()]);
    fixed.into_iter().chain(headers).collect()
}

/// Reads what the probe printed.
pub(crate) fn parse(output: &Output) -> Outcome {
    let text = String::from_utf8_lossy(&output.stdout);
    let broken = |why: &str| Outcome::Broken {
        why: why.to_owned(),
    };
    let text = text.trim();
    if let Some(code) = text.strip_prefix("none ") {
        return match code.parse() {
            Ok(curl) => Outcome::None { curl },
            Err(_) => broken("the probe printed no exit code"),
        };
    }
    match text {
        "nocurl" => return broken("the probe's image has no curl"),
        "nodir" => return broken("the probe cannot write to its temporary folder"),
        _ => {}
    }
    let parts = text
        .strip_prefix("head")
        .and_then(|rest| rest.strip_suffix("done"))
        .and_then(|rest| rest.split_once("body"));
    let Some((head, body)) = parts else {
        let seen = crate::assert::one_line(&output.text());
        return broken(&format!("the probe printed: {seen}"));
    };
    let (Some(head), Some(body)) = (from_hex(head), from_hex(body)) else {
        return broken("the probe's digits are damaged");
    };
    match parse_head(&String::from_utf8_lossy(&head)) {
        Some((status, headers)) => Outcome::Answer(Answer {
            status,
            headers,
            body,
        }),
        None => broken("the answer has no status line"),
    }
}

/// The last head is the answer's own; `100 Continue` and its like stand before it.
fn parse_head(text: &str) -> Option<(u16, Vec<(String, String)>)> {
    let text = text.replace("\r\n", "\n");
    let head = text
        .split("\n\n")
        .filter(|head| head.starts_with("HTTP/"))
        .last()?;
    let mut lines = head.lines();
    let status = lines.next()?.split_whitespace().nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect();
    Some((status, headers))
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    digits
        .split_whitespace()
        .map(|byte| u8::from_str_radix(byte, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(text: &str) -> Output {
        Output {
            stdout: text.as_bytes().to_vec(),
            stderr: Vec::new(),
        }
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!(" {byte:02x}")).collect()
    }

    #[test]
    fn an_answer_of_any_bytes_comes_through() {
        let head = hex(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nX-A: 1\r\nx-a: 2: 3\r\n\r\n",
        );
        let body = hex(&[0, 255, b'\n', 0xea]);
        let text = format!("head\n{head}\nbody\n{body}\ndone\n");
        let Outcome::Answer(answer) = parse(&output(&text)) else {
            panic!("no answer")
        };
        assert_eq!(answer.status, 404);
        assert_eq!(answer.header("X-a").collect::<Vec<_>>(), ["1", "2: 3"]);
        assert_eq!(answer.body, [0, 255, b'\n', 0xea]);
    }

    #[test]
    fn an_empty_body_is_an_answer() {
        let head = hex(b"HTTP/1.0 204 No Content\r\n\r\n");
        let text = format!("head\n{head}\nbody\ndone\n");
        let Outcome::Answer(answer) = parse(&output(&text)) else {
            panic!("no answer")
        };
        assert_eq!((answer.status, answer.body.len()), (204, 0));
    }

    #[test]
    fn no_answer_and_a_broken_probe_are_different() {
        assert_eq!(parse(&output("none 7\n")), Outcome::None { curl: 7 });
        for text in [
            "",
            "nocurl\n",
            "head\n zz\nbody\ndone\n",
            "head\n 41\nbody\ndone\n",
            "sh: od: not found\n",
        ] {
            assert!(
                matches!(parse(&output(text)), Outcome::Broken { .. }),
                "{text}"
            );
        }
    }
}
