//! What this machine is, and where its programs are.

use std::path::{Path, PathBuf};

use super::Problem;

/// Where system programs are that an ordinary user's PATH may leave out.
const SYSTEM_FOLDERS: [&str; 5] = [
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
];

/// The path of a program: on PATH, or in one of the usual folders for system programs.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(SYSTEM_FOLDERS.iter().map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|program| is_executable(program))
}

/// PATH for a program that starts others: ours, and the usual folders for system programs after it.
pub fn program_path() -> std::ffi::OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(SYSTEM_FOLDERS.iter().map(PathBuf::from));
    std::env::join_paths(folders).unwrap_or(path)
}

fn is_executable(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

/// Whether we are root.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The family of this system, as far as installing packages goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distribution {
    /// Debian, Ubuntu and what is made of them.
    Debian,
    /// Fedora, CentOS, RHEL and what is made of them.
    Fedora,
    /// Arch and what is made of it.
    Arch,
    /// Alpine.
    Alpine,
    /// openSUSE and SLES.
    Suse,
    /// macOS.
    MacOs,
    /// Another one.
    Other,
}

impl Distribution {
    /// The one that this process runs on.
    pub fn of_this_machine() -> Self {
        if cfg!(target_os = "macos") {
            return Self::MacOs;
        }
        Self::parse(&std::fs::read_to_string("/etc/os-release").unwrap_or_default())
    }

    /// From the text of `/etc/os-release`.
    fn parse(os_release: &str) -> Self {
        let field = |name: &str| {
            os_release
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
                .map(|value| value.trim_matches('"').to_owned())
                .unwrap_or_default()
        };
        let names = format!("{} {}", field("ID"), field("ID_LIKE"));
        for name in names.split_whitespace() {
            match name {
                "debian" | "ubuntu" => return Self::Debian,
                "fedora" | "rhel" | "centos" => return Self::Fedora,
                "arch" => return Self::Arch,
                "alpine" => return Self::Alpine,
                "suse" | "opensuse" | "sles" => return Self::Suse,
                _ => {}
            }
        }
        Self::Other
    }

    /// What installs an engine here.
    pub fn install_engine(self) -> &'static str {
        match self {
            Self::Debian => "Install one: sudo apt install docker.io.",
            Self::Fedora => {
                "Install one: sudo dnf install moby-engine, then sudo systemctl start docker."
            }
            Self::Arch => "Install one: sudo pacman -S docker, then sudo systemctl start docker.",
            Self::Alpine => "Install one: sudo apk add docker, then sudo rc-service docker start.",
            Self::Suse => {
                "Install one: sudo zypper install docker, then sudo systemctl start docker."
            }
            Self::MacOs => "Install Docker Desktop, Colima or Podman, and start it.",
            Self::Other => "Install one as Docker's own page \"Install Docker Engine\" says.",
        }
    }
}

/// No engine answers and none can be started.
pub(super) fn no_engine(distribution: &Distribution, tried: &[String]) -> Problem {
    // A socket with nothing behind it says more than "there is none".
    let dead = tried
        .iter()
        .find(|line| !line.starts_with("There is no socket"));
    Problem::new(
        match dead {
            Some(line) => format!("No Docker Engine answers. {line}"),
            None => "There is no Docker Engine on this machine.".to_owned(),
        },
        distribution.install_engine(),
    )
}

/// An engine is installed, but it does not run, and only root may start one.
pub(super) fn engine_sleeps(dockerd: &Path) -> Problem {
    Problem::new(
        format!(
            "A Docker Engine is installed ({}), but it does not run.",
            dockerd.display()
        ),
        "Start it: sudo systemctl start docker. Or run Docktutor as root, which then starts one of its own.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distributions_are_told_by_family() {
        let of = Distribution::parse;
        assert_eq!(of("NAME=\"x\"\nID=debian\n"), Distribution::Debian);
        assert_eq!(
            of("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"),
            Distribution::Debian
        );
        assert_eq!(
            of("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n"),
            Distribution::Fedora
        );
        assert_eq!(
            of("ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n"),
            Distribution::Suse
        );
        assert_eq!(of(""), Distribution::Other);
    }

    #[test]
    fn a_dead_socket_is_named_before_the_missing_ones() {
        let tried = [
            "There is no socket at /a.".to_owned(),
            "The socket /b takes no connections.".to_owned(),
        ];
        let problem = no_engine(&Distribution::Debian, &tried);
        assert_eq!(
            problem.message,
            "No Docker Engine answers. The socket /b takes no connections."
        );
        assert!(problem.next.contains("apt install docker.io"));
    }

    #[test]
    fn programs_are_found_by_name() {
        assert!(find_program("sh").is_some());
        assert_eq!(find_program("no-such-program-anywhere"), None);
    }

    #[test]
    fn what_is_started_finds_system_programs_too() {
        let path = program_path();
        let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
        assert!(folders.contains(&PathBuf::from("/usr/sbin")), "{folders:?}");
    }
}
