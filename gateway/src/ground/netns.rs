//! Sockets in the network namespace of another process.

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::os::fd::AsFd;

/// A bound socket, ready for the runtime.
pub(crate) enum Bound {
    Tcp(TcpListener),
    Udp(UdpSocket),
}

/// Binds 127.0.0.1 at each port in the namespace of a process. Only that namespace can reach the sockets.
///
/// A thread of its own enters the namespace and ends: a thread of the runtime could not come back.
pub(crate) fn bind(pid: u32, ports: Vec<(String, u16)>) -> Vec<io::Result<Bound>> {
    if pid == std::process::id() {
        let bound = ports.iter();
        return bound
            .map(|(protocol, port)| bind_here(protocol, *port))
            .collect();
    }
    let count = ports.len();
    let failed = |error: &io::Error| {
        (0..count)
            .map(|_| Err(io::Error::new(error.kind(), error.to_string())))
            .collect()
    };
    let namespace = match File::open(format!("/proc/{pid}/ns/net")) {
        Ok(namespace) => namespace,
        Err(error) => return failed(&error),
    };
    let thread = std::thread::Builder::new()
        .name("netns".to_owned())
        .spawn(move || {
            if let Err(error) =
                move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))
            {
                let error = io::Error::from(error);
                return ports
                    .iter()
                    .map(|_| Err(io::Error::new(error.kind(), error.to_string())))
                    .collect();
            }
            ports
                .iter()
                .map(|(protocol, port)| bind_here(protocol, *port))
                .collect()
        });
    match thread.map(std::thread::JoinHandle::join) {
        Ok(Ok(bound)) => bound,
        Ok(Err(_)) => failed(&io::Error::other("the binding thread failed")),
        Err(error) => failed(&error),
    }
}

fn bind_here(protocol: &str, port: u16) -> io::Result<Bound> {
    let address = (Ipv4Addr::LOCALHOST, port);
    if protocol == "udp" {
        let socket = UdpSocket::bind(address)?;
        socket.set_nonblocking(true)?;
        Ok(Bound::Udp(socket))
    } else {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(Bound::Tcp(listener))
    }
}
