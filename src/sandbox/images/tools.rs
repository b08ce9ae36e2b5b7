//! The Docker command line and the Compose plugin that this machine has, for the workbench.
//!
//! A program is taken only when it runs in a container: an ELF file for the engine's processor that needs nothing, or
//! nothing but the C library. The recipe tries them once more before it keeps them.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::UNIX_EPOCH;

/// The oldest command line that is taken from this machine.
const OLDEST_DOCKER: u64 = 23;

/// What this machine has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostTools {
    /// The Docker command line.
    pub docker: Option<PathBuf>,
    /// The Compose plugin.
    pub compose: Option<PathBuf>,
}

impl HostTools {
    /// Looks for both; `downloads` is where our own set-up puts a plugin.
    pub fn find(downloads: &Path, architecture: &str) -> Self {
        let fits = |path: &PathBuf| runs_in_container(path, architecture);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let usual = ["/usr/local/bin", "/usr/bin"].map(PathBuf::from);
        let docker = std::env::split_paths(&path)
            .chain(usual)
            .map(|folder| folder.join("docker"))
            .filter(fits)
            .find(|program| {
                version_of(program, &["--version"]).is_some_and(|major| major >= OLDEST_DOCKER)
            });
        let compose = plugin_folders(downloads)
            .into_iter()
            .map(|folder| folder.join("docker-compose"))
            .filter(fits)
            .find(|program| {
                version_of(program, &["version", "--short"]).is_some_and(|major| major >= 2)
            });
        Self { docker, compose }
    }

    /// Changes when one of the files does. Their size and date stand for their content, which is a hundred megabytes.
    pub(super) fn fingerprint(&self) -> String {
        let one = |path: &Option<PathBuf>| {
            let metadata = path.as_ref().and_then(|path| std::fs::metadata(path).ok());
            metadata.map_or_else(String::new, |metadata| {
                let changed = metadata
                    .modified()
                    .ok()
                    .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
                format!("{} {:?}", metadata.len(), changed)
            })
        };
        format!("{}\n{}", one(&self.docker), one(&self.compose))
    }

    /// Adds the folder `tools` to a build context; it is there even when it is empty.
    pub(super) fn write_context<W: Write>(
        &self,
        archive: &mut tar::Builder<W>,
    ) -> std::io::Result<()> {
        for folder in ["tools/", "tools/bin/", "tools/lib/docker/cli-plugins/"] {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(tar::EntryType::Directory);
            header.set_mode(0o755);
            header.set_size(0);
            archive.append_data(&mut header, folder, std::io::empty())?;
        }
        let programs = [
            ("tools/bin/docker", &self.docker),
            ("tools/lib/docker/cli-plugins/docker-compose", &self.compose),
        ];
        for (name, program) in programs {
            if let Some(program) = program {
                let file = std::fs::File::open(program)?;
                let mut header = tar::Header::new_gnu();
                header.set_mode(0o755);
                header.set_size(file.metadata()?.len());
                archive.append_data(&mut header, name, file)?;
            }
        }
        Ok(())
    }
}

/// Where the Docker command line looks for plugins, and where our own set-up puts one: in the default data folder,
/// whichever one is used later.
fn plugin_folders(downloads: &Path) -> Vec<PathBuf> {
    let usual = crate::data::default_data_dir().join("images");
    let mut folders = vec![downloads.to_owned(), usual];
    let config = std::env::var_os("DOCKER_CONFIG")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".docker")));
    folders.extend(config.map(|config| config.join("cli-plugins")));
    for prefix in [
        "/usr/local/lib",
        "/usr/local/libexec",
        "/usr/lib",
        "/usr/libexec",
    ] {
        folders.push(Path::new(prefix).join("docker/cli-plugins"));
    }
    folders
}

/// The first number that a program prints as its version.
fn version_of(program: &Path, arguments: &[&str]) -> Option<u64> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    first_number(&String::from_utf8_lossy(&output.stdout))
}

fn first_number(text: &str) -> Option<u64> {
    text.split(|letter: char| !letter.is_ascii_digit())
        .find(|part| !part.is_empty())?
        .parse()
        .ok()
}

fn runs_in_container(path: &PathBuf, architecture: &str) -> bool {
    let mut head = [0; 20];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok()
        && machine_of(&head).is_some_and(|machine| machine == architecture)
        && needs_only_libc(path)
}

/// The processor that an ELF file is for, as engines name it.
fn machine_of(head: &[u8; 20]) -> Option<&'static str> {
    if !head.starts_with(b"\x7fELF") {
        return None;
    }
    match u16::from_le_bytes([head[18], head[19]]) {
        62 => Some("x86_64"),
        183 => Some("aarch64"),
        _ => None,
    }
}

/// Whether a program is linked statically, or against nothing that a Debian root file system lacks.
fn needs_only_libc(path: &Path) -> bool {
    let Ok(output) = Command::new("ldd").arg(path).output() else {
        return false;
    };
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    only_libc(&text)
}

/// The same, from what `ldd` prints.
fn only_libc(ldd: &str) -> bool {
    const KNOWN: [&str; 6] = [
        "linux-vdso",
        "ld-linux",
        "libc.so",
        "libpthread.so",
        "libresolv.so",
        "libdl.so",
    ];
    ldd.contains("not a dynamic executable")
        || ldd.contains("statically linked")
        || ldd.lines().all(|line| {
            let library = line.split_whitespace().next().unwrap_or_default();
            let name = library.rsplit('/').next().unwrap_or_default();
            KNOWN.iter().any(|known| name.starts_with(known))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_programs_print() {
        assert_eq!(
            first_number("Docker version 28.2.2, build e6534b4"),
            Some(28)
        );
        assert_eq!(first_number("v2.40.3\n"), Some(2));
        assert_eq!(first_number("podman"), None);
    }

    #[test]
    fn programs_for_other_systems_are_left_out() {
        let mut head = *b"\x7fELF................";
        head[18..].copy_from_slice(&62_u16.to_le_bytes());
        assert_eq!(machine_of(&head), Some("x86_64"));
        head[18..].copy_from_slice(&183_u16.to_le_bytes());
        assert_eq!(machine_of(&head), Some("aarch64"));
        // A program of macOS, and a script.
        assert_eq!(machine_of(b"\xcf\xfa\xed\xfe................"), None);
        assert_eq!(machine_of(b"#!/bin/sh\nexec podma"), None);
    }

    #[test]
    fn libraries_that_debian_lacks_rule_a_program_out() {
        assert!(only_libc("\tnot a dynamic executable\n"));
        assert!(only_libc("\tstatically linked\n"));
        let libc = "\tlinux-vdso.so.1 (0x1)\n\tlibc.so.6 => /lib/libc.so.6 (0x2)\n\t/lib64/ld-linux-x86-64.so.2 (0x3)\n";
        assert!(only_libc(libc));
        assert!(!only_libc(&format!(
            "{libc}\tlibssl.so.3 => /lib/libssl.so.3 (0x4)\n"
        )));
    }

    #[test]
    fn the_context_has_the_folder_even_without_tools() {
        let mut archive = tar::Builder::new(Vec::new());
        HostTools::default().write_context(&mut archive).unwrap();
        let bytes = archive.into_inner().unwrap();
        let names: Vec<String> = tar::Archive::new(&*bytes)
            .entries()
            .unwrap()
            .map(|entry| entry.unwrap().path().unwrap().display().to_string())
            .collect();
        assert!(
            names.iter().any(|name| name.starts_with("tools")),
            "{names:?}"
        );
    }
}
