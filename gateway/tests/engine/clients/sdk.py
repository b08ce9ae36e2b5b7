"""Docker's SDK for Python, side by side: each try is run on two engines, and what it gives must be equal."""
import io, json, os, re, socket, sys, tarfile, tempfile, threading, traceback
import docker
from docker.types import Mount, Healthcheck, LogConfig

image, prefix = sys.argv[1], sys.argv[2]
client = docker.from_env(timeout=60)
low = client.api

def tar(**files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name); info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
    return out.getvalue()

def name(text): return f"{prefix}-{text}"

def out(*args, **more):
    """What a container says that ends at once: an engine's `logs --follow` may miss that."""
    c = client.containers.run(*args, detach=True, **more)
    try: c.wait(); return c.logs(stderr=False)
    finally: c.remove()
def run(): return client.containers.run(image, ["sh", "-c", "echo out; sleep 0.2; echo err >&2"], remove=True, stdout=True, stderr=True)
def fails():
    try: client.containers.run(image, ["sh", "-c", "echo err >&2; exit 3"], remove=True)
    except docker.errors.ContainerError as e: return e.exit_status, e.stderr
def detached():
    c = client.containers.run(image, ["sh", "-c", "i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); sleep 0.1; done"], detach=True, name=name("d"), labels={"a": "b"}, environment={"X": "y"}, ports={"80/tcp": 28280}, mem_limit="64m", healthcheck={"test": ["CMD", "true"], "interval": 2*10**9})
    lines = [l for l in c.logs(stream=True, follow=True)]
    code = c.wait(); c.reload()
    got = [lines, code, c.status, c.name, c.labels, c.image.tags[:0], c.attrs["HostConfig"]["PortBindings"]]
    c.remove(); return got
def execs():
    c = client.containers.run(image, ["sleep", "600"], detach=True, name=name("e"))
    try:
        got = [c.exec_run("echo hi"), c.exec_run(["sh", "-c", "echo o; echo e >&2; exit 4"], demux=True), list(c.exec_run("seq 3", stream=True).output), c.exec_run("pwd", workdir="/tmp"), c.exec_run("id -u", user="1000")]
        e = low.exec_create(c.id, ["cat"], stdin=True)
        s = low.exec_start(e["Id"], socket=True); raw = getattr(s, "_sock", s)
        raw.sendall(b"through\n"); raw.shutdown(socket.SHUT_WR)
        data = b""
        while True:
            part = raw.recv(4096)
            if not part: break
            data += part
        s.close()
        got += [data, low.exec_inspect(e["Id"])["ExitCode"], low.exec_inspect(e["Id"])["Running"]]
        e = low.exec_create(c.id, ["sh", "-c", "sleep 0.3; stty size"], tty=True, stdin=True)
        s = low.exec_start(e["Id"], tty=True, socket=True); low.exec_resize(e["Id"], height=33, width=77)
        raw = getattr(s, "_sock", s); data = b""
        while True:
            part = raw.recv(4096)
            if not part: break
            data += part
        s.close(); got.append(data)
        t = c.top(ps_args="-o pid,comm"); got += [t["Titles"], [p[1] for p in t["Processes"]]]
        st = c.stats(stream=False); got += [st["name"].lstrip("/") == c.name, st["pids_stats"]["current"]]
        g = c.stats(stream=True, decode=True); next(g); got.append(next(g)["name"]); g.close()
        c.pause(); c.reload(); got.append(c.status); c.unpause()
        c.rename(name("e2")); c.reload(); got.append(c.name)
        c.update(mem_limit="128m", memswap_limit="256m"); c.restart(timeout=0); c.kill(); got.append(c.wait())
        return got
    finally: c.remove(force=True)
def archives():
    c = client.containers.create(image, "true", name=name("a"))
    try:
        ok = c.put_archive("/tmp", tar(one=b"1", two=b"22"))
        bits, stat = c.get_archive("/tmp/one")
        data = b"".join(bits); got = tarfile.open(fileobj=io.BytesIO(data)).extractfile("one").read()
        diff = sorted((d["Path"], d["Kind"]) for d in c.diff())
        size = sum(1 for _ in c.export(chunk_size=1 << 20)) > 1
        return ok, got, stat["name"], stat["size"], diff, size
    finally: c.remove()
def attach():
    c = client.containers.create(image, "cat", stdin_open=True, name=name("t"))
    try:
        s = c.attach_socket(params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}); c.start()
        raw = getattr(s, "_sock", s); raw.sendall(b"hello\n"); data = b""
        while b"hello" not in data: data += raw.recv(4096)
        s.close(); c.stop(timeout=0)
        return data, c.logs()
    finally: c.remove(force=True)
def tty():
    c = client.containers.create(image, "sh", stdin_open=True, tty=True, name=name("y"))
    try:
        s = c.attach_socket(params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}); c.start(); c.resize(31, 91)
        raw = getattr(s, "_sock", s); raw.sendall(b"stty size; exit 9\n"); data = b""
        while b"31 91" not in data: data += raw.recv(4096)
        return c.wait()
    finally: c.remove(force=True)
def builds():
    d = tempfile.mkdtemp(); open(d + "/Dockerfile", "w").write(f"FROM {image}\nCOPY x /x\nRUN echo {prefix}\nCMD cat /x\n"); open(d + "/x", "w").write("from a path")
    i, log = client.images.build(path=d, tag=name("p") + ":1", rm=True)
    text = [l.get("stream", "") for l in log]
    j, _ = client.images.build(fileobj=io.BytesIO(f"FROM {image}\nRUN echo {prefix} fileobj > /y\n".encode()), tag=name("f"), rm=True, buildargs={"A": "b"}, labels={"l": prefix})
    try: client.images.build(fileobj=io.BytesIO(f"FROM {image}\nRUN echo {prefix}; exit 5\n".encode()), rm=True, forcerm=True); bad = None
    except docker.errors.BuildError as e: bad = e.msg
    return i.tags, [t for t in text if "Step" in t], out(name("p") + ":1"), j.tags, j.labels, bad
def images():
    i = client.images.get(name("p") + ":1")
    got = [i.tag(name("q"), "2"), sorted(client.images.get(name("q") + ":2").tags)]
    data = b"".join(i.save(named=True)); client.images.remove(name("p") + ":1"); client.images.remove(name("q") + ":2")
    got += [[x.tags for x in client.images.load(data)], [h["CreatedBy"] for h in i.history()][:2]]
    got += [sorted(t for x in client.images.list(name=name("*")) for t in x.tags), len(client.images.list(filters={"reference": name("f")}))]
    for bad in (lambda: client.images.get("nothing-here"), lambda: client.images.remove("nothing-here"), lambda: client.containers.get("nothing-here"), lambda: client.volumes.get("nothing-here"), lambda: client.networks.get("nothing-here"), lambda: client.containers.run("UPPER"), lambda: client.containers.run(image, "true", name="b@d")):
        try: bad(); got.append(None)
        except docker.errors.APIError as e: got.append((e.response.status_code, e.explanation))
    got.append([l.get("stream") for l in low.import_image_from_data(tar(z=b"z"), repository=name("i")) and []])
    for t in (name("p") + ":1", name("f") + ":latest", name("i") + ":latest"): client.images.remove(t)
    return got
def networks():
    n = client.networks.create(name("n"), driver="bridge", labels={"k": prefix}, check_duplicate=True)
    a = client.containers.run(image, "sleep 600", detach=True, name=name("na"), network=name("n"))
    b = client.containers.create(image, "sleep 600", name=name("nb")); b.start()
    try:
        n.connect(b, aliases=["bee"]); n.reload()
        got = [sorted(c.name for c in n.containers), a.exec_run("getent hosts bee").exit_code, n.attrs["Labels"], len(client.networks.list(names=[name("n")])), len(client.networks.list(filters={"label": f"k={prefix}"}, greedy=True))]
        n.disconnect(b)
        try: n.remove()
        except docker.errors.APIError as e: got.append((e.response.status_code, re.sub("[0-9a-f]{64}", "ID", e.explanation)))
        return got
    finally:
        a.remove(force=True); b.remove(force=True); n.remove()
def volumes():
    v = client.volumes.create(name("v"), labels={"k": prefix})
    client.containers.run(image, "sh -c 'echo kept > /d/f'", remove=True, volumes={v.name: {"bind": "/d", "mode": "rw"}})
    got = [out(image, "cat /m/f", mounts=[Mount("/m", v.name, read_only=True)]), out(image, "cat /m/f", volumes=[f"{v.name}:/m"]), v.attrs["Labels"], [x.name for x in client.volumes.list(filters={"label": f"k={prefix}"})]]
    got.append(client.volumes.prune(filters={"label": f"k={prefix}"})["VolumesDeleted"]); return got
def lowlevel():
    host = low.create_host_config(port_bindings={80: ("127.0.0.1", 28281), "53/udp": 28282}, binds=[f"{name('lv')}:/l"], restart_policy={"Name": "on-failure", "MaximumRetryCount": 2}, tmpfs={"/t": "size=1m"}, init=True, log_config=LogConfig(type="json-file"), ulimits=[docker.types.Ulimit(name="nofile", soft=64, hard=64)], extra_hosts={"box": "10.1.2.3"}, shm_size="32m")
    c = low.create_container(image, ["sleep", "600"], ports=[80, (53, "udp")], host_config=host, name=name("l"), hostname="box2", volumes=["/l"], stop_signal="KILL", environment=["A=b"], networking_config=low.create_networking_config({"bridge": low.create_endpoint_config()}))
    try:
        low.start(c["Id"]); i = low.inspect_container(c["Id"])
        return low.port(c["Id"], 80), sorted(i["NetworkSettings"]["Ports"]), i["Config"]["Hostname"], i["HostConfig"]["RestartPolicy"], i["HostConfig"]["Init"], i["HostConfig"]["ShmSize"], i["HostConfig"]["Ulimits"], i["HostConfig"]["Tmpfs"], [x["Names"] for x in low.containers(all=True, filters={"name": name("l")})], low.wait(c["Id"], condition="not-running", timeout=50) if low.stop(c["Id"]) is None else None
    finally: low.remove_container(c["Id"], force=True, v=True); low.remove_volume(name("lv"))
def commits():
    c = client.containers.run(image, "touch /there", detach=True, name=name("c")); c.wait()
    try:
        i = c.commit(repository=name("k"), tag="1", message="m", author="a", changes='CMD ["ls", "/there"]', conf={"Env": ["Q=r"]})
        got = i.tags, i.attrs["Comment"], i.attrs["Config"]["Env"], out(name("k") + ":1")
        client.images.remove(i.tags[0]); return got
    finally: c.remove()
def events():
    seen = []; e = client.events(decode=True, filters={"container": name("v1"), "type": "container"})
    t = threading.Thread(target=lambda: [seen.append((x["Action"], x["Actor"]["Attributes"]["name"])) or (x["Action"] == "destroy" and e.close()) for x in e]); t.start()
    import time; time.sleep(0.5)
    client.containers.run(image, "true", remove=True, name=name("v1")); t.join(20)
    return seen
def system():
    d = client.df(); return sorted(d), client.ping(), client.version()["ApiVersion"], client.info()["OSType"], client.containers.prune(filters={"label": prefix + "none"}), client.networks.prune(filters={"label": prefix + "none"}), client.images.prune(filters={"label": prefix + "none"})

found = {}
for part in (run, fails, detached, execs, archives, attach, tty, builds, images, networks, volumes, lowlevel, commits, events, system):
    try: found[part.__name__] = json.dumps(part(), sort_keys=True, default=repr)
    except Exception as e: found[part.__name__] = f"{type(e).__name__}: {e} " + traceback.format_exc().splitlines()[-4]
print(json.dumps(found))
