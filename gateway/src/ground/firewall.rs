//! A firewall table of our own: from containers of a scope there is no way to other scopes, to the host's own addresses or
//! to the addresses where clouds keep their secrets, and to the internet only where the scope may go there.
//!
//! The engine's own rules keep its bridges apart, and stay as they are; but they say nothing of what goes to the host
//! itself, because that is not forwarded. The table is written anew as a whole, in one step of the kernel's.

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

/// Where clouds answer questions about a machine, keys among them; the first is the whole range of such addresses.
const METADATA: [&str; 3] = ["169.254.0.0/16", "168.63.129.16", "100.100.100.200"];

/// Where `nft` is, also for services whose `PATH` has no folder for administrators.
const FOLDERS: [&str; 4] = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin"];

/// The bridges of all scopes, and whether the internet is open from each.
pub(crate) type Bridges = BTreeMap<String, bool>;

/// The table of one gateway.
pub(crate) struct Firewall {
    table: String,
    means: Result<Means, String>,
    /// What the kernel has: the table's text; and whether somebody was told that it has none.
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Means {
    nft: PathBuf,
    /// The engine's socket. In the network namespace of the process behind it are the bridges; after a restart of the engine
    /// that is another process.
    socket: PathBuf,
}

#[derive(Default)]
struct Held {
    some: bool,
    problem: Option<String>,
}

impl Firewall {
    /// The table of an instance, for the engine behind a socket. `local` says whether this process is root on its host.
    pub(crate) fn new(socket: &Path, instance: &str, local: bool) -> Self {
        let safe = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let instance = if instance.bytes().all(safe) && (1..=40).contains(&instance.len()) {
            instance.to_owned()
        } else {
            crate::names::hash(instance, 16)
        };
        Self {
            table: format!("docktutor_{instance}"),
            means: means(socket, local),
            held: Mutex::default(),
        }
    }

    /// Has the kernel hold exactly the bridges that are listed. What stands in the way is said once, and kept for [`Self::problem`].
    /// For a thread that may wait.
    pub(crate) fn apply(&self, bridges: impl FnOnce() -> Bridges) {
        // Listed under the lock, so that an older list is never the last one.
        let mut held = crate::scope::lock(&self.held);
        let bridges = &bridges();
        if bridges.is_empty() && !held.some && held.problem.is_none() {
            return;
        }
        let done = match &self.means {
            Ok(means) => means.run(&text(&self.table, bridges), bridges),
            Err(why) => Err(why.clone()),
        };
        match done {
            Ok(()) => {
                held.some = !bridges.is_empty();
                if held.problem.take().is_some() {
                    tracing::info!("the firewall's rules hold again");
                }
            }
            Err(why) if held.problem.as_ref() == Some(&why) => {}
            Err(why) => {
                tracing::warn!(
                    "no firewall rules for the sandboxes' networks: {why}. Containers can reach services of the engine's \
                     host, metadata addresses and the internet"
                );
                held.problem = Some(why);
            }
        }
    }

    /// Why there are no rules; nothing where they hold.
    pub(crate) fn problem(&self) -> Option<String> {
        match &self.means {
            Err(why) => Some(why.clone()),
            Ok(_) => crate::scope::lock(&self.held).problem.clone(),
        }
    }
}

/// What the rules can be written with, if they can be.
fn means(socket: &Path, local: bool) -> Result<Means, String> {
    if !local {
        return Err("this process is not root on the engine's host".to_owned());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(FOLDERS.map(PathBuf::from));
    let nft = folders
        .map(|folder| folder.join("nft"))
        .find(|program| program.is_file())
        .ok_or_else(|| "the program nft is missing (the package is called nftables)".to_owned())?;
    Ok(Means {
        nft,
        socket: socket.to_owned(),
    })
}

/// Whoever listens at the socket: the engine, or what starts it, which is in the same namespace.
fn engine(socket: &Path) -> Result<i32, String> {
    UnixStream::connect(socket)
        .and_then(|stream| rustix::net::sockopt::socket_peercred(&stream).map_err(io::Error::from))
        .map(|peer| peer.pid.as_raw_pid())
        .map_err(|error| format!("the engine's process is not known: {error}"))
}

impl Means {
    /// Gives a text to `nft` in the engine's network namespace, and looks whether the bridges are there: rules for
    /// names that nothing has would promise what they do not keep.
    fn run(&self, text: &str, bridges: &Bridges) -> Result<(), String> {
        let namespace = File::open(format!("/proc/{}/ns/net", engine(&self.socket)?))
            .map_err(|error| format!("the engine's network namespace cannot be opened: {error}"))?;
        // A thread of its own enters the namespace and ends; what it starts is there too.
        let work = || {
            move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))
                .map_err(|error| {
                    format!("the engine's network namespace cannot be entered: {error}")
                })?;
            nft(&self.nft, text).map_err(|error| format!("nft: {error}"))?;
            if bridges.is_empty() || bridges.keys().any(|bridge| is_there(bridge)) {
                Ok(())
            } else {
                Err("the engine's bridges are in another network namespace than the process at its socket".to_owned())
            }
        };
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new()
                .name("firewall".to_owned())
                .spawn_scoped(scope, work);
            let thread = thread.map_err(|error| error.to_string())?;
            thread
                .join()
                .unwrap_or_else(|_| Err("the thread for it failed".to_owned()))
        })
    }
}

fn nft(program: &Path, text: &str) -> io::Result<()> {
    let mut child = Command::new(program)
        .args(["-f", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(text.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(
        said.lines().next().unwrap_or("it failed").to_owned(),
    ))
}

fn is_there(interface: &str) -> bool {
    let socket = rustix::net::socket(
        rustix::net::AddressFamily::INET,
        rustix::net::SocketType::DGRAM,
        None,
    );
    socket.is_ok_and(|socket| rustix::net::netdevice::name_to_index(&socket, interface).is_ok())
}

/// The whole table. Made, deleted and made again in one step, which also works where there was none.
fn text(table: &str, bridges: &Bridges) -> String {
    let fresh = format!("add table inet {table}\ndelete table inet {table}\n");
    if bridges.is_empty() {
        return fresh;
    }
    let list = |items: Vec<String>| match items.is_empty() {
        true => String::new(),
        false => format!(" elements = {{ {} }};", items.join(", ")),
    };
    let all = list(
        bridges
            .keys()
            .map(|bridge| format!("\"{bridge}\""))
            .collect(),
    );
    let same = list(
        bridges
            .keys()
            .map(|bridge| format!("\"{bridge}\" . \"{bridge}\""))
            .collect(),
    );
    let closed = bridges.iter().filter(|(_, open)| !**open);
    let closed = list(closed.map(|(bridge, _)| format!("\"{bridge}\"")).collect());
    let metadata = METADATA.join(", ");
    // Containers of one network reach each other; what the host begins is answered; the rest is looked at.
    format!(
        "{fresh}table inet {table} {{
  set scopes {{ type ifname;{all} }}
  set inside {{ type ifname . ifname;{same} }}
  set closed {{ type ifname;{closed} }}
  chain input {{
    type filter hook input priority -10; policy accept;
    iifname @scopes ct state established,related accept
    iifname @scopes drop
  }}
  chain forward {{
    type filter hook forward priority -10; policy accept;
    iifname . oifname @inside accept
    ct state established,related accept
    oifname @scopes drop
    iifname @scopes ip daddr {{ {metadata} }} drop
    iifname @scopes ip6 daddr fd00:ec2::254 drop
    iifname @scopes oifname \"dt-*\" drop
    iifname @closed drop
  }}
}}
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_written_anew_as_a_whole() {
        let none = text("docktutor_x", &Bridges::new());
        assert_eq!(
            none,
            "add table inet docktutor_x\ndelete table inet docktutor_x\n"
        );
        let bridges = Bridges::from([("dt-a".to_owned(), true), ("dt-b".to_owned(), false)]);
        let table = text("docktutor_x", &bridges);
        assert!(
            table.starts_with(&none),
            "whatever was there goes in the same step"
        );
        for line in [
            "set scopes { type ifname; elements = { \"dt-a\", \"dt-b\" }; }",
            "set inside { type ifname . ifname; elements = { \"dt-a\" . \"dt-a\", \"dt-b\" . \"dt-b\" }; }",
            "set closed { type ifname; elements = { \"dt-b\" }; }",
        ] {
            assert!(table.contains(line), "{table}");
        }
        let open = text("x", &Bridges::from([("dt-a".to_owned(), true)]));
        assert!(open.contains("set closed { type ifname; }"), "{open}");
    }

    #[test]
    fn who_may_not_says_why() {
        let firewall = Firewall::new(Path::new("/nonexistent"), "abc", false);
        assert!(
            firewall
                .problem()
                .is_some_and(|why| why.contains("not root"))
        );
        // Said, and nothing else: it is no reason to have no network.
        firewall.apply(|| Bridges::from([("dt-a".to_owned(), true)]));
        let strange = Firewall::new(Path::new("/nonexistent"), "../x y", false);
        assert!(
            strange
                .table
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_')
        );
    }
}
