//! Many scopes in one gateway: 100 of them with 3 containers each (made, not started), beside the first one while it was
//! alone. The gateway is a process of its own, this program once more, and holds nothing but itself.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use docktutor::data::instance_id;
use gateway::{Access, Catalogue, CatalogueImage, Config, Gateway, Limits, ScopeSpec};

use crate::common::engine;
use crate::common::home::Home;
use crate::{compare, course_image, memory, row, scope};

const SCOPES: usize = 100;
const CONTAINERS: usize = 3;
/// Containers that are made at the same time; an engine has room for no more.
const AT_ONCE: usize = 4;
const ROUNDS: usize = 20;
const RESETS: usize = 5;
/// The word by which this program knows that it is to hold scopes.
const HOLD: &str = "--hold-scopes";

pub(crate) fn measure() {
    let home = Home::new();
    let image = course_image("busybox");
    let mut holder = Holder::start(&home, &image);

    let mut open_alone = vec![holder.tell("open", 0)];
    let mut reset_alone = Vec::new();
    for _ in 0..RESETS {
        fill(&holder, &image, 0..1);
        reset_alone.push(holder.tell("reset", 0));
    }
    fill(&holder, &image, 0..1);
    let first = holder.socket(0);
    let (mut list_alone, mut ps_alone) = (lists(&first), commands(&first));
    let alone = memory::kibibytes(holder.child.id(), "VmRSS:");

    let mut opened: Vec<Duration> = (1..SCOPES).map(|n| holder.tell("open", n)).collect();
    // The first few are as alone as the first one.
    open_alone.extend(opened.drain(..RESETS));
    let mut open_among = opened.split_off(opened.len() - RESETS);
    fill(&holder, &image, 1..SCOPES);
    let (mut list_among, mut ps_among) = (lists(&first), commands(&first));
    for number in 0..SCOPES {
        lists(&holder.socket(number));
    }
    let among = memory::kibibytes(holder.child.id(), "VmRSS:");
    let mut reset_among = Vec::new();
    for number in 0..RESETS {
        reset_among.push(holder.tell("reset", number));
    }

    row(
        "gateway memory, 100 scopes of 3 containers : 1",
        &memory::mebibytes(among),
        &memory::mebibytes(alone),
        &format!("{:.4}", f64::from(among) / f64::from(alone)),
        "below 50 MiB",
    );
    let aim = "at most 2";
    let what = "docker ps -a, in 1 of 100 scopes : alone";
    compare(what, &mut ps_among, &mut ps_alone, aim);
    let what = "GET /containers/json?all=1, in 1 of 100 : alone";
    compare(what, &mut list_among, &mut list_alone, "");
    let what = "opening a scope, the last of 100 : the first";
    compare(what, &mut open_among, &mut open_alone, "");
    let what = "resetting a scope, 1 of 100 : alone";
    compare(what, &mut reset_among, &mut reset_alone, "");
    holder.end();
}

/// Makes containers in scopes, a few at a time.
fn fill(holder: &Holder, image: &str, scopes: std::ops::Range<usize>) {
    let sockets: Vec<PathBuf> = scopes.map(|number| holder.socket(number)).collect();
    std::thread::scope(|threads| {
        for part in 0..AT_ONCE {
            let sockets = sockets.iter().skip(part).step_by(AT_ONCE);
            threads.spawn(|| {
                for socket in sockets {
                    (0..CONTAINERS).for_each(|_| drop(scope::create(socket, image)));
                }
            });
        }
    });
}

fn lists(socket: &Path) -> Vec<Duration> {
    times(|| {
        drop(scope::ask(
            socket,
            "GET",
            "/v1.41/containers/json?all=1",
            "",
        ))
    })
}

fn commands(socket: &Path) -> Vec<Duration> {
    times(|| scope::ps(socket, &["--all"]))
}

fn times(work: impl Fn()) -> Vec<Duration> {
    let time = || {
        let started = Instant::now();
        work();
        started.elapsed()
    };
    (0..ROUNDS).map(|_| time()).collect()
}

/// The process that holds the gateway; killed when dropped, and what it made is then found by `docktutor uninstall`.
struct Holder {
    child: Child,
    /// Nothing once it shall end.
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    sockets: PathBuf,
}

impl Holder {
    fn start(home: &Home, image: &str) -> Holder {
        let data = home.data();
        let instance = instance_id(&data).expect("an id");
        let sockets = home.beside("sockets");
        std::fs::create_dir(&sockets).expect("a folder");
        let id = engine::get(&format!("/images/{image}/json"))["Id"]
            .as_str()
            .expect("an id")
            .to_owned();
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .arg(HOLD)
            .args([&data.join("gateway"), &engine::socket(), &sockets])
            .args([instance.as_str(), image, &id])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it can be started");
        Holder {
            orders: child.stdin.take(),
            answers: BufReader::new(child.stdout.take().expect("a pipe")),
            child,
            sockets,
        }
    }

    fn socket(&self, number: usize) -> PathBuf {
        self.sockets.join(name(number))
    }

    /// Has something done and gives back how long it took.
    fn tell(&mut self, order: &str, number: usize) -> Duration {
        let orders = self.orders.as_mut().expect("it runs");
        writeln!(orders, "{order} {number}").expect("it listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("it answers");
        let nanoseconds = answer.trim().parse();
        Duration::from_nanos(nanoseconds.unwrap_or_else(|_| panic!("{order} {number}: {answer:?}")))
    }

    fn end(mut self) {
        self.tell("end", 0);
        self.orders = None;
        assert!(self.child.wait().expect("it ends").success());
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn name(number: usize) -> String {
    format!("scope{number}")
}

/// Whether this process was started to hold scopes.
pub(crate) fn is_holder() -> bool {
    std::env::args().nth(1).as_deref() == Some(HOLD)
}

/// Opens and resets scopes as the lines on its input say, each answered with the nanoseconds that it took.
#[expect(
    clippy::print_stdout,
    reason = "this is how the other process is answered"
)]
pub(crate) fn hold() {
    let arguments: Vec<String> = std::env::args().skip(2).collect();
    let [folder, upstream, sockets, instance, image, id] = arguments.as_slice() else {
        panic!("{arguments:?}");
    };
    let known = CatalogueImage {
        id: id.clone(),
        stand_in: false,
        listed: true,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let gateway = Gateway::open(Config {
            upstream: upstream.into(),
            local: true,
            runtime: None,
            folder: folder.into(),
            instance: instance.clone(),
        })
        .await
        .expect("a gateway");
        gateway.set_catalogue(Catalogue([(image.clone(), known)].into()));
        for line in std::io::stdin().lines() {
            let line = line.expect("a line");
            let (order, number) = line.split_once(' ').expect("two words");
            let name = name(number.parse().expect("a number"));
            let started = Instant::now();
            match order {
                "open" => {
                    let spec = ScopeSpec {
                        socket: Path::new(sockets).join(&name),
                        name,
                        access: Access::Owner,
                        workspace: None,
                        limits: Limits::default(),
                    };
                    gateway.open_scope(spec).await.expect("a scope");
                }
                "reset" => gateway.reset_scope(&name).await.expect("a reset"),
                _ => end(&gateway).await,
            }
            println!("{}", started.elapsed().as_nanos());
        }
    });
}

/// Removes all scopes, a few at a time.
async fn end(gateway: &Gateway) {
    let names = gateway.scopes();
    for some in names.chunks(AT_ONCE) {
        let removed = some.iter().map(|name| gateway.remove_scope(name));
        for result in futures_util::future::join_all(removed).await {
            result.expect("a removed scope");
        }
    }
    gateway.shutdown().await;
}
