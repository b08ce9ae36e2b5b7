"""Makes wheels from Python packages that Debian ships.

`pip install -r requirements.txt` needs wheels, and a machine without internet has none. Debian's packages hold the
same pure Python code, laid out as setuptools leaves it (a package folder beside an .egg-info folder). This script packs
such a folder into a wheel that pip takes for the real one.

    make_wheels.py EXTRACTED_ROOT WHEEL_FOLDER
"""

import base64
import hashlib
import pathlib
import sys
import zipfile

# Debian's packaging tool moves unconditional requirements into the Debian package's own dependencies and deletes them
# from the Python metadata, so they are named again here, as the projects declare them.
REQUIRES = {
    "uvicorn": ["asgiref (>=3.4.0)", "click (>=7.0)", "h11 (>=0.8)"],
}


def metadata(info: pathlib.Path, name: str) -> str:
    """The METADATA file: the headers of PKG-INFO, the lost requirements, then the description."""
    headers, blank, body = (info / "PKG-INFO").read_text(encoding="utf-8").partition("\n\n")
    # A requirement without its extra's declaration would not be valid, and nobody here installs extras.
    kept = [line for line in headers.split("\n") if not line.startswith(("Requires-Dist:", "Provides-Extra:"))]
    kept += [f"Requires-Dist: {requirement}" for requirement in REQUIRES.get(name, [])]
    return "\n".join(kept) + blank + body


def header(text: str, field: str) -> str:
    for line in text.split("\n"):
        if line.startswith(field + ":"):
            return line.split(":", 1)[1].strip()
    raise SystemExit(f"PKG-INFO has no {field}")


def make_wheel(info: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    packed = (info / "PKG-INFO").read_text(encoding="utf-8")
    name, version = header(packed, "Name"), header(packed, "Version")
    dist_info = f"{name}-{version}.dist-info"
    files: dict[str, bytes] = {}
    for top in (info / "top_level.txt").read_text().split():
        package = info.parent / top
        members = sorted(package.rglob("*")) if package.is_dir() else [package.with_suffix(".py")]
        for member in members:
            if member.is_file() and "__pycache__" not in member.parts:
                files[member.relative_to(info.parent).as_posix()] = member.read_bytes()
    files[f"{dist_info}/METADATA"] = metadata(info, name).encode()
    files[f"{dist_info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: docktutor\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    for extra in ("entry_points.txt", "top_level.txt"):
        if (info / extra).is_file():
            files[f"{dist_info}/{extra}"] = (info / extra).read_bytes()
    record = []
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record.append(f"{path},sha256={digest},{len(data)}")
    record.append(f"{dist_info}/RECORD,,")
    files[f"{dist_info}/RECORD"] = ("\n".join(record) + "\n").encode()

    wheel = folder / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            # A fixed date keeps the wheel's bytes the same from one build to the next.
            entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return wheel


def main() -> None:
    root, folder = map(pathlib.Path, sys.argv[1:3])
    folder.mkdir(parents=True, exist_ok=True)
    infos = sorted(root.glob("usr/lib/python3/dist-packages/*.egg-info"))
    if not infos:
        raise SystemExit(f"no Python packages below {root}")
    for info in infos:
        print(make_wheel(info, folder).name)


if __name__ == "__main__":
    main()
