//! What an engine leaves outside its data folder, and taking it away.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bollard::models::Network;
use tokio::time::timeout;

use super::launch::Layout;
use super::private::{end_engine, running};
use super::{Origin, bridge, connect, firewall, processes};

/// The interfaces of the engine's networks.
pub(super) async fn bridges_of(docker: &bollard::Docker) -> Vec<String> {
    let listed = timeout(Duration::from_secs(5), docker.list_networks(None)).await;
    let Ok(Ok(networks)) = listed else {
        return Vec::new();
    };
    networks
        .iter()
        .filter(|network| network.driver.as_deref() == Some("bridge"))
        .filter_map(interface)
        .collect()
}

fn interface(network: &Network) -> Option<String> {
    let named = network
        .options
        .as_ref()
        .and_then(|options| options.get("com.docker.network.bridge.name"));
    match (named, network.id.as_deref()) {
        (Some(name), _) => Some(name.clone()),
        (None, Some(id)) => Some(format!("br-{}", id.get(..12)?)),
        (None, None) => None,
    }
}

/// Takes away what an engine that has ended leaves outside its data folder: mounts, interfaces and their firewall
/// rules, the runtime folder. It makes all of them again at its next start.
pub(super) async fn clean_up(layout: &Layout, mut bridges: Vec<String>) {
    unmount_below(&layout.runtime);
    unmount_below(&layout.data_root());
    if !bridges.contains(&layout.bridge) {
        bridges.push(layout.bridge.clone());
    }
    for name in &bridges {
        bridge::remove(name).await;
    }
    firewall::forget(&bridges).await;
    remove_file(&layout.pid_file());
    if let Err(error) = std::fs::remove_dir_all(&layout.runtime)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "the runtime folder could not be removed");
    }
}

/// Stops this instance's private engine, whoever started it, and removes all that it has. Returns what was removed.
pub async fn sweep_private(data: &Path, instance: &str) -> Vec<String> {
    let layout = Layout::new(data, instance);
    let mut removed = Vec::new();
    if running(&layout).is_some() {
        let bridges = match connect::connect(&layout.socket(), Origin::Private).await {
            Ok(engine) => bridges_of(&engine.docker).await,
            Err(_) => Vec::new(),
        };
        end_engine(&layout).await;
        clean_up(&layout, bridges).await;
        removed.push("the private engine".to_owned());
    } else if layout.folder.exists() || layout.runtime.exists() || bridge::exists(&layout.bridge) {
        processes::end_parts_of(&layout.exec_root()).await;
        clean_up(&layout, Vec::new()).await;
    }
    for mount in unmount_below(data) {
        removed.push(format!("the mount {}", mount.display()));
    }
    let groups = cgroups(&layout.cgroup_parent());
    if groups.iter().filter(|folder| remove_cgroup(folder)).count() > 0 {
        removed.push(format!("the control group {}", layout.cgroup_parent()));
    }
    removed
}

/// The control groups of this name, one for each hierarchy.
fn cgroups(name: &str) -> Vec<PathBuf> {
    let root = Path::new("/sys/fs/cgroup");
    let hierarchies = std::fs::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    std::iter::once(root.to_owned())
        .chain(hierarchies)
        .map(|at| at.join(name))
        .filter(|at| at.is_dir())
        .collect()
}

/// Removes a control group and those in it, innermost first. The kernel refuses while a process is in one.
fn remove_cgroup(folder: &Path) -> bool {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_cgroup(&entry.path());
        }
    }
    std::fs::remove_dir(folder).is_ok()
}

/// Unmounts everything that is mounted below a folder, innermost first, and says what.
pub(super) fn unmount_below(folder: &Path) -> Vec<PathBuf> {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let table = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let mut points: Vec<PathBuf> = mount_points(&table)
        .filter(|point| point.starts_with(&folder))
        .collect();
    points.reverse();
    points.retain(|point| {
        // Detached rather than refused where a dying process still looks into it.
        let result = rustix::mount::unmount(point, rustix::mount::UnmountFlags::DETACH);
        result
            .inspect_err(
                |error| tracing::warn!(%error, point = %point.display(), "could not be unmounted"),
            )
            .is_ok()
    });
    points
}

/// The mount points of a `mountinfo` table, in the order in which they were mounted. Blanks in it are octal escapes.
fn mount_points(table: &str) -> impl Iterator<Item = PathBuf> {
    table
        .lines()
        .filter_map(|line| line.split(' ').nth(4))
        .map(|point| {
            PathBuf::from(
                point
                    .replace("\\040", " ")
                    .replace("\\011", "\t")
                    .replace("\\134", "\\"),
            )
        })
}

pub(super) fn remove_file(path: &Path) {
    if let Err(error) = std::fs::remove_file(path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(%error, path = %path.display(), "could not be removed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_points_are_read_with_their_blanks() {
        let table = "22 1 254:0 / / rw - ext4 /dev/vda rw\n30 22 0:5 / /data/a\\040b/merged rw shared:1 - overlay o rw\n";
        assert_eq!(
            mount_points(table).collect::<Vec<_>>(),
            [PathBuf::from("/"), PathBuf::from("/data/a b/merged")]
        );
    }

    #[test]
    fn a_network_without_a_named_bridge_has_one_by_its_id() {
        let mut network = Network {
            id: Some("0123456789abcdef".to_owned()),
            ..Network::default()
        };
        assert_eq!(interface(&network).unwrap(), "br-0123456789ab");
        let options = [(
            "com.docker.network.bridge.name".to_owned(),
            "dt-x".to_owned(),
        )];
        network.options = Some(options.into_iter().collect());
        assert_eq!(interface(&network).unwrap(), "dt-x");
    }
}
