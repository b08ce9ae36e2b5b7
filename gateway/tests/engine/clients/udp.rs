//! A published UDP port carries datagrams, for two learners at the same number.

use crate::common::{in_world, until};

const ECHO: &str = "$s=IO::Socket::INET->new(Proto=>q(udp),LocalPort=>53) or die; while($s->recv($m,99)){$s->send(qq($m $ENV{SAY}))}";
const ASK: &str = "$s=IO::Socket::INET->new(Proto=>q(udp),PeerAddr=>q(127.0.0.1:5353)); $SIG{ALRM}=sub{exit 1}; alarm 1; $s->send(q(hi)); $s->recv($m,99); print $m";

#[tokio::test]
async fn datagrams_reach_the_own_container() {
    in_world(async |world| {
        for side in [&world.alice, &world.bob] {
            let scope = world.scope(side);
            let label = format!("docktutor.instance={}", world.instance);
            let network = scope.network_id();
            let run = format!(
                "run -d --label {label} --network {network} {} sleep 600",
                world.image
            );
            let desk = world.raw.docker(&run).await.ok();
            scope.set_workbench(Some(desk.clone()));
            let say = format!("SAY={}", side.name);
            let serve = [
                "run",
                "-d",
                "--name",
                "dns",
                "-p",
                "5353:53/udp",
                "-e",
                &say,
                "debian:12",
                "perl",
                "-MIO::Socket::INET",
                "-e",
                ECHO,
            ];
            side.docker_with(&serve, b"").await.ok();
            assert_eq!(side.docker("port dns").await.ok(), "53/udp -> 0.0.0.0:5353");
            let ask = ["exec", &desk, "perl", "-MIO::Socket::INET", "-e", ASK];
            until("the datagram comes back", async || {
                world.raw.docker_with(&ask, b"").await.out == format!("hi {}", side.name)
            })
            .await;
        }
    })
    .await;
}
