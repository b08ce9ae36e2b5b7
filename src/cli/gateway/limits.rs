//! Limits as people write them: `memory=512m`, `cpus=1.5`, `containers=5`.

use gateway::Limits;

/// The names of all limits, for messages.
const NAMES: &str = "memory, cpus, pids, containers, networks, volumes, images, archive, disk, registry, internet, builds, build-seconds, execs, \
                     requests-per-second";

/// The usual limits with these in their places; the error is for the one who wrote them.
pub(in crate::cli) fn all(written: &[String]) -> Result<Limits, String> {
    let mut limits = Limits::default();
    for text in written {
        let Some((name, value)) = text.split_once('=') else {
            return Err(format!(
                "a limit is NAME=VALUE, such as memory=512m, not {text:?}"
            ));
        };
        set(&mut limits, name, value)?;
    }
    Ok(limits)
}

fn set(limits: &mut Limits, name: &str, value: &str) -> Result<(), String> {
    let number = || {
        let number: Result<u32, _> = value.parse();
        number.map_err(|_| format!("the limit {name} is a whole number, not {value:?}"))
    };
    match name {
        "memory" => limits.memory = bytes(name, value)?,
        "archive" => limits.archive = bytes(name, value)?,
        "disk" => limits.disk = bytes(name, value)?,
        "registry" => limits.registry = bytes(name, value)?,
        "internet" => {
            limits.internet = match value {
                "on" => true,
                "off" => false,
                _ => return Err(format!("the limit internet is on or off, not {value:?}")),
            };
        }
        "cpus" => limits.nano_cpus = nano_cpus(value)?,
        "pids" => limits.pids = i64::from(number()?),
        "containers" => limits.containers = number()?,
        "networks" => limits.networks = number()?,
        "volumes" => limits.volumes = number()?,
        "images" => limits.images = number()?,
        "builds" => limits.builds = number()?,
        "build-seconds" => limits.build_seconds = u64::from(number()?),
        "execs" => limits.execs = number()?,
        "requests-per-second" => limits.requests_per_second = number()?,
        _ => return Err(format!("there is no limit {name:?}; there are {NAMES}")),
    }
    Ok(())
}

/// Bytes as the Docker command line takes them: a number with b, k, m or g, powers of 1024.
fn bytes(name: &str, value: &str) -> Result<u64, String> {
    let wrong =
        || format!("the limit {name} is a number of bytes such as 512m or 2g, not {value:?}");
    let lower = value.to_ascii_lowercase();
    let digits = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match &lower[digits.len()..] {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        _ => return Err(wrong()),
    };
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    number.checked_mul(1 << shift).ok_or_else(wrong)
}

/// CPUs with up to three places, without the rounding of floating point.
fn nano_cpus(value: &str) -> Result<i64, String> {
    let wrong = || format!("the limit cpus is a number such as 1.5, not {value:?}");
    let (whole, part) = value.split_once('.').unwrap_or((value, "0"));
    if whole.is_empty()
        || part.is_empty()
        || part.len() > 9
        || !(whole.to_owned() + part)
            .bytes()
            .all(|b| b.is_ascii_digit())
    {
        return Err(wrong());
    }
    let nanos: i64 = format!("{part:0<9}").parse().map_err(|_| wrong())?;
    let whole: i64 = whole.parse().map_err(|_| wrong())?;
    whole
        .checked_mul(1_000_000_000)
        .and_then(|whole| whole.checked_add(nanos))
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(written: &[&str]) -> Result<Limits, String> {
        all(&written
            .iter()
            .map(|one| (*one).to_owned())
            .collect::<Vec<_>>())
    }

    #[test]
    fn limits_are_read_as_people_write_them() {
        let read = limits(&[
            "memory=512m",
            "cpus=1.5",
            "pids=64",
            "containers=5",
            "archive=2G",
            "disk=20m",
        ])
        .unwrap();
        assert_eq!((read.memory, read.nano_cpus), (512 << 20, 1_500_000_000));
        assert_eq!((read.pids, read.containers, read.archive), (64, 5, 2 << 30));
        assert_eq!(
            (read.disk, read.volumes),
            (20 << 20, Limits::default().volumes)
        );
        assert_eq!(limits(&["cpus=0.25"]).unwrap().nano_cpus, 250_000_000);
        assert_eq!(limits(&["cpus=2"]).unwrap().nano_cpus, 2_000_000_000);
        assert_eq!(limits(&["memory=1048576"]).unwrap().memory, 1 << 20);
    }

    #[test]
    fn what_is_no_limit_is_said() {
        for (text, says) in [
            ("memory", "NAME=VALUE"),
            ("memory=lots", "512m"),
            ("memory=99999999999999g", "512m"),
            ("cpus=.", "1.5"),
            ("cpus=-1", "1.5"),
            ("containers=-1", "whole number"),
            ("disks=1", "no limit"),
        ] {
            let error = limits(&[text]).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
