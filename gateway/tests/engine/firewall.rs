//! Where containers of a scope can go on the network: each way is tried from a container of the raw engine first, for
//! which it must be open.
//!
//! The engine and these tests are in one network namespace, in which a second one stands for the internet.

use crate::common::{World, in_world};
use crate::side::Side;
use gateway::{Limits, ScopeSpec, Workspace};
use serde_json::json;
use std::process::{Child, Command, Stdio};
use tokio::sync::{Mutex, MutexGuard};

/// Answers everybody at port 39180 with one word.
const SERVER: &str = "use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalPort => 39180, Listen => 9, ReuseAddr => 1) \
    or die $!; $| = 1; print qq(ready\\n); while (my $c = $s->accept) { print $c qq(hello\\n); close $c }";

/// A network namespace behind the host, with an address of the internet and one of cloud metadata; gone when dropped.
struct Outside {
    name: String,
    server: Option<Child>,
    _turn: MutexGuard<'static, ()>,
}

/// Documentation's own range of addresses.
const INTERNET: &str = "203.0.113.2";
/// In the range of metadata addresses, and not the one that this machine's cloud may have.
const METADATA: &str = "169.254.77.77";

fn ip(line: &str) -> bool {
    let run = Command::new("ip")
        .args(line.split(' '))
        .stderr(Stdio::null())
        .status();
    run.is_ok_and(|status| status.success())
}

impl Outside {
    async fn new() -> Self {
        // There is one internet.
        static TURN: Mutex<()> = Mutex::const_new(());
        let turn = TURN.lock().await;
        let name = format!("dtt{}", std::process::id());
        let outside = Self {
            name,
            server: None,
            _turn: turn,
        };
        let (name, here) = (&outside.name, format!("{}h", outside.name));
        for line in [
            format!("netns add {name}"),
            format!("link add {here} type veth peer name eth0 netns {name}"),
            format!("address add 203.0.113.1/24 dev {here}"),
            format!("link set {here} up"),
            format!("-n {name} address add {INTERNET}/24 dev eth0"),
            format!("-n {name} address add {METADATA}/32 dev eth0"),
            format!("-n {name} link set eth0 up"),
            format!("-n {name} route add default via 203.0.113.1"),
            format!("route add {METADATA}/32 via {INTERNET}"),
        ] {
            assert!(ip(&line), "ip {line}");
        }
        outside.serve()
    }

    fn serve(mut self) -> Self {
        let mut server = Command::new("ip")
            .args(["netns", "exec", &self.name, "perl", "-e", SERVER])
            .stdout(Stdio::piped())
            .spawn()
            .expect("perl is installed");
        let mut said = String::new();
        let out = server.stdout.as_mut().expect("a pipe");
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut said).expect("a line");
        self.server = Some(server);
        assert_eq!(said, "ready\n");
        self
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            let _ = server.kill();
            let _ = server.wait();
        }
        // The pair of interfaces and the route go with it.
        ip(&format!("link delete {}h", self.name));
        ip(&format!("netns delete {}", self.name));
    }
}

/// What somebody's container hears at an address: `hello` where it gets through.
async fn hears(side: &Side, more: &[&str], image: &str, address: &str) -> bool {
    let connect = format!(
        "use IO::Socket::INET; my $s = IO::Socket::INET->new(PeerAddr => q({address}), PeerPort => 39180, Timeout => 2) \
         or exit 7; print <$s>"
    );
    let mut arguments = vec!["run", "--rm"];
    arguments.extend(more);
    arguments.extend([image, "perl", "-e", &connect]);
    let ran = side.docker_with(&arguments, b"").await;
    assert!(matches!(ran.code, 0 | 7), "{ran:?}");
    ran.out.trim() == "hello"
}

/// The address that the host has on a network.
async fn gateway_of(world: &World, network: &str) -> String {
    let found = world.raw.get(&format!("/networks/{network}")).await.json();
    let subnet = found["IPAM"]["Config"][0]["Subnet"]
        .as_str()
        .expect("a subnet");
    let base: std::net::Ipv4Addr = subnet
        .split('/')
        .next()
        .and_then(|base| base.parse().ok())
        .expect("an address");
    std::net::Ipv4Addr::from(u32::from(base) + 1).to_string()
}

#[tokio::test]
async fn containers_reach_no_host_no_neighbour_and_no_metadata() {
    in_world(async |world| {
        assert_eq!(world.gateway.firewall_problem(), None);
        let _outside = Outside::new().await;
        let (alice, raw) = (&world.alice, &world.raw);
        // A service of the host: it listens at all of its addresses, those of the bridges included.
        let label = format!("docktutor.instance={}", world.instance);
        let service = [
            "run",
            "-d",
            "--network",
            "host",
            "--label",
            &label,
            &world.image,
            "perl",
            "-e",
            SERVER,
        ];
        raw.docker_with(&service, b"").await.ok();
        let network = format!("raw{}", world.instance);
        let made = json!({ "Name": network, "Labels": { "docktutor.instance": world.instance } });
        raw.post("/networks/create", &made).await;
        let on_network = ["--network", network.as_str()];

        let own = world.scope(alice).network_id();
        let bobs = gateway_of(world, &world.scope(&world.bob).network_id()).await;
        let ways = [
            (
                "the host by the own bridge",
                gateway_of(world, &network).await,
                gateway_of(world, &own).await,
            ),
            ("the host by another's bridge", bobs.clone(), bobs),
            (
                "the host by its outer address",
                "203.0.113.1".to_owned(),
                "203.0.113.1".to_owned(),
            ),
            ("metadata", METADATA.to_owned(), METADATA.to_owned()),
        ];
        for (what, from_raw, from_scope) in ways {
            assert!(
                hears(raw, &on_network, &world.image, &from_raw).await,
                "{what}: open on the raw engine"
            );
            assert!(
                !hears(alice, &[], "debian:12", &from_scope).await,
                "{what}: closed in a scope"
            );
        }
        // A network that is made later has the rules from its first moment.
        alice.docker("network create later").await.ok();
        let filters = format!(
            "/networks?filters={}",
            crate::common::escape(&json!({ "name": ["later."] }).to_string())
        );
        let later = raw.get(&filters).await.json()[0]["Id"]
            .as_str()
            .expect("a network")
            .to_owned();
        let address = gateway_of(world, &later).await;
        assert!(!hears(alice, &["--network", "later"], "debian:12", &address).await);
        // What must be open stays open: the internet, one's own containers, and names.
        assert!(
            hears(alice, &[], "debian:12", INTERNET).await,
            "the internet"
        );
        let run = [
            "run",
            "-d",
            "--name",
            "web",
            "--network",
            "later",
            "debian:12",
            "perl",
            "-e",
            SERVER,
        ];
        alice.docker_with(&run, b"").await.ok();
        crate::common::until("a neighbour answers by name", || async {
            hears(alice, &["--network", "later"], "debian:12", "web").await
        })
        .await;
        // The containers of another scope, by address.
        let id = alice.docker("inspect -f {{.Id}} web").await.ok();
        let web = world.inspect(&id).await["NetworkSettings"]["Networks"].clone();
        let web = web
            .as_object()
            .and_then(|all| all.values().next())
            .expect("a network")["IPAddress"]
            .clone();
        assert!(
            !hears(
                &world.bob,
                &[],
                "debian:12",
                web.as_str().expect("an address")
            )
            .await
        );
    })
    .await;
}

#[tokio::test]
async fn the_internet_is_closed_by_a_switch_and_stays_closed_over_a_restart() {
    in_world(async |world| {
        let _outside = Outside::new().await;
        let closed = || Limits {
            internet: false,
            ..Limits::default()
        };
        let spec = |limits| ScopeSpec {
            name: "alice".to_owned(),
            socket: world.alice.socket.clone(),
            access: gateway::Access::Everybody,
            workspace: Some(Workspace::in_workbench(world.alice.workspace())),
            limits,
        };
        let open = async || hears(&world.alice, &[], "debian:12", INTERNET).await;
        assert!(open().await);
        world
            .gateway
            .open_scope(spec(closed()))
            .await
            .expect("open");
        assert!(!open().await);
        assert!(
            hears(&world.bob, &[], "debian:12", INTERNET).await,
            "another scope's switch is its own"
        );
        // Somebody empties the kernel's tables: the next change puts them back.
        let table = format!("docktutor_{}", world.instance);
        let delete = Command::new("nft")
            .args(["delete", "table", "inet", &table])
            .status();
        assert!(delete.expect("nft is installed").success());
        assert!(open().await, "without the table it is open");
        world.alice.docker("network create any").await.ok();
        assert!(!open().await);
        world
            .gateway
            .open_scope(spec(Limits::default()))
            .await
            .expect("open");
        assert!(open().await);
        world
            .gateway
            .open_scope(spec(closed()))
            .await
            .expect("open");
        // A new gateway holds it before the scope is opened again.
        world
            .alice
            .docker("run -d --name stays debian:12 sleep 1000")
            .await
            .ok();
        world.restart().await;
        let listed = Command::new("nft")
            .args(["list", "set", "inet", &table, "closed"])
            .output()
            .expect("nft");
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        assert!(listed.contains("dt-"), "{listed}");

        for name in ["alice", "bobby"] {
            world.gateway.remove_scope(name).await.expect("removed");
        }
        let gone = Command::new("nft")
            .args(["list", "table", "inet", &table])
            .output()
            .expect("nft");
        assert!(!gone.status.success(), "with the last scope the table goes");
    })
    .await;
}
