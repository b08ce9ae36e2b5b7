//! Moves bytes between a published port and a container's address.

use super::netns::Bound;
use crate::scope::{Inner, lock};
use crate::upstream::Call;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio_util::sync::CancellationToken;

/// Connections that one published port has open at a time.
const CONNECTIONS: usize = 256;
/// Senders of datagrams that one published port remembers.
const SESSIONS: usize = 256;
/// A sender of datagrams is forgotten after this silence.
const SILENCE: Duration = Duration::from_secs(60);
/// How long a container may take to accept.
const CONNECT: Duration = Duration::from_secs(10);

/// Where connections go: a container, whose address is looked up each time because it changes.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) scope: Weak<Inner>,
    /// Real name of the container.
    pub(crate) owner: String,
    pub(crate) port: u16,
}

impl Target {
    pub(crate) async fn address(&self) -> Option<SocketAddr> {
        let scope = self.scope.upgrade()?;
        let id = scope.state().containers.get(&self.owner)?.id.clone()?;
        let container = scope
            .shared
            .upstream
            .json(Call::get(format!("/containers/{id}/json")))
            .await
            .ok()?;
        let networks = container["NetworkSettings"]["Networks"].as_object()?;
        let ip: IpAddr = networks
            .values()
            .find_map(|network| network["IPAddress"].as_str()?.parse().ok())?;
        Some(SocketAddr::new(ip, self.port))
    }
}

/// Serves a bound socket until it is told to stop.
pub(crate) fn serve(socket: Bound, target: Target, stop: CancellationToken) -> io::Result<()> {
    match socket {
        Bound::Tcp(listener) => {
            let listener = TcpListener::from_std(listener)?;
            tokio::spawn(async move {
                stop.run_until_cancelled(accept(listener, target, stop.clone()))
                    .await
            });
        }
        Bound::Udp(socket) => {
            let socket = Arc::new(UdpSocket::from_std(socket)?);
            tokio::spawn(async move {
                stop.run_until_cancelled(datagrams(socket, target, stop.clone()))
                    .await
            });
        }
    }
    Ok(())
}

async fn accept(listener: TcpListener, target: Target, stop: CancellationToken) {
    let room = Arc::new(tokio::sync::Semaphore::new(CONNECTIONS));
    loop {
        let Ok((mut client, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Ok(permit) = room.clone().try_acquire_owned() else {
            continue;
        };
        let (target, stop) = (target.clone(), stop.clone());
        tokio::spawn(async move {
            let _permit = permit;
            let pass = async {
                let address = target.address().await?;
                let mut container = tokio::time::timeout(CONNECT, TcpStream::connect(address))
                    .await
                    .ok()?
                    .ok()?;
                // Either side may break off at any time; both are closed then.
                tokio::io::copy_bidirectional(&mut client, &mut container)
                    .await
                    .ok()
            };
            stop.run_until_cancelled(pass).await;
        });
    }
}

async fn datagrams(socket: Arc<UdpSocket>, target: Target, stop: CancellationToken) {
    let sessions: Arc<Mutex<HashMap<SocketAddr, Arc<UdpSocket>>>> = Arc::default();
    let mut buffer = vec![0u8; 65536];
    loop {
        let Ok((length, sender)) = socket.recv_from(&mut buffer).await else {
            continue;
        };
        let known = lock(&sessions).get(&sender).cloned();
        let session = match known {
            Some(session) => session,
            None if lock(&sessions).len() >= SESSIONS => continue,
            None => {
                let Some(address) = target.address().await else {
                    continue;
                };
                let Ok(fresh) = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await else {
                    continue;
                };
                if fresh.connect(address).await.is_err() {
                    continue;
                }
                let fresh = Arc::new(fresh);
                lock(&sessions).insert(sender, fresh.clone());
                let (socket, sessions, stop) = (socket.clone(), sessions.clone(), stop.clone());
                let answering = fresh.clone();
                tokio::spawn(async move {
                    stop.run_until_cancelled(answers(&socket, sender, &answering))
                        .await;
                    lock(&sessions).remove(&sender);
                });
                fresh
            }
        };
        // A datagram may be lost; that is what datagrams are like.
        let _ = session.send(&buffer[..length]).await;
    }
}

async fn answers(socket: &UdpSocket, sender: SocketAddr, session: &UdpSocket) {
    let mut buffer = vec![0u8; 65536];
    while let Ok(Ok(length)) = tokio::time::timeout(SILENCE, session.recv(&mut buffer)).await {
        if socket.send_to(&buffer[..length], sender).await.is_err() {
            return;
        }
    }
}
