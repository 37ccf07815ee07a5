"""What every part of test/attacks uses: rows, network namespaces, jwtd, the two tools of load, raw requests."""
import contextlib, ctypes, json, os, re, select, socket, subprocess, time
from compat import HERE, b64, count

TOOLS = os.path.join(HERE, "attacks.d")
CLEAN = {n: v for n, v in os.environ.items()
         if not n.startswith(("JWTD_", "LISTEN_", "CREDENTIALS_", "NOTIFY_", "WATCHDOG_"))}
CPUS = sorted(os.sched_getaffinity(0))
# Attackers would be elsewhere, with processors of their own. Without root, nice(1) says no and goes on.
GOES_FIRST = ("nice", "-n", "-5")
SECOND = 1.0            # an honest client waits no longer, whatever goes on
SHORT = 0.25            # of the time without a processor: what fails then, on a busy machine, is measured once more
RING = 64               # keys: as many as there may be

class Settings:
    """What the command line said, and a folder of our own."""
    jwtd = long = only = seed = tmp = None
    own_net = False

def wanted(name):
    """Whether --only lets a row through, or one below it: names are paths, and @LIMIT is their last part."""
    paths = [(name.replace("@", "/") + "/", only.replace("@", "/") + "/") for only in Settings.only]
    return not paths or any(a.startswith(b) or b.startswith(a) for a, b in paths)

def row(name, good, *figures):
    count["passed" if good else "failed"] += 1
    print(f"{'ok    ' if good else 'FAILED'} test/attacks: {name}: {'; '.join(filter(None, figures))}", flush=True)

def bounds(name, *figures):
    """A row of figures, each (what, figure, the most it may be, unit): one that is above fails it."""
    said = [f"{what} {figure:.4g}{unit} ({'at most' if figure <= most else 'ABOVE'} {most:.4g})"
            for what, figure, most, unit in figures]
    row(name, all(figure <= most for _, figure, most, _ in figures), *said)

# ---- network namespaces: traffic of others is neither counted nor in the way

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000

def sysctl(name, value):
    with contextlib.suppress(OSError), open("/proc/sys/" + name, "w", encoding="ascii") as f:
        f.write(str(value))

def enter_own_net():
    """Goes into a new namespace with a loopback device. false: may not."""
    if LIBC.unshare(CLONE_NEWNET) != 0:
        return False
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    sysctl("net/ipv4/ip_local_port_range", "10000 65000")
    sysctl("net/core/somaxconn", 4096)
    Settings.own_net = True
    return True

@contextlib.contextmanager
def inside(net=None):
    """Within it, sockets and programs are in that namespace (an open file), or in a new one; gives that file."""
    with open("/proc/thread-self/ns/net", "rb") as home:
        if (LIBC.setns(net.fileno(), CLONE_NEWNET) if net else LIBC.unshare(CLONE_NEWNET)) != 0:
            raise OSError(ctypes.get_errno(), "a network namespace")
        try:
            yield net or open("/proc/thread-self/ns/net", "rb")
        finally:
            LIBC.setns(home.fileno(), CLONE_NEWNET)

def tcp_memory():
    """KB that the kernel holds for TCP, everybody's. The least of half a second: what others do passes."""
    least = None
    for _ in range(10):
        with open("/proc/net/sockstat", encoding="ascii") as f:
            pages = int(re.search(r"^TCP:.* mem (\d+)", f.read(), re.M)[1])
        least = pages if least is None else min(least, pages)
        time.sleep(0.05)
    return least * os.sysconf("SC_PAGE_SIZE") // 1024

def port_memory(port):
    """KB that the kernel holds for the connections of that port of ours, orphans with them, and their number."""
    text = subprocess.run(["ss", "-tanmHO", "exclude", "listening", f"sport = :{port}"], capture_output=True, text=True,
                          check=True).stdout
    rows = re.findall(r"skmem:\(r(\d+),rb\d+,t\d+,tb\d+,f(\d+),w(\d+)", text)
    return sum(int(n) for r in rows for n in r) // 1024, len(rows)

# ---- jwtd

def ring_file():
    """64 keys without a kid, so that a token without one is tried by each."""
    path = f"{Settings.tmp}/ring"
    if not os.path.exists(path):
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as f:
            json.dump({"keys": [{"kty": "oct", "k": b64(os.urandom(64))} for _ in range(RING)]}, f)
    return path

class Jwtd:
    """One that serves. Its log is a file, so that nothing has to read it."""
    count = 0

    def __init__(self, *options, listen=("127.0.0.1:0",), key=None, program=None, environment=None, runner=()):
        Jwtd.count += 1
        self.log = f"{Settings.tmp}/log-{Jwtd.count}"
        listens = [word for address in listen for word in ("--listen", address)]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [*GOES_FIRST, *runner, program or Settings.jwtd, *listens, *(key or ("--key-file", ring_file())),
                 *options],
                stdin=subprocess.DEVNULL, stderr=log, env={**CLEAN, **(environment or {})})
        self.pid = self.process.pid
        deadline = time.monotonic() + 20
        while not self.serves() and self.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        if not self.serves():
            self.kill()
            raise RuntimeError(f"jwtd {' '.join(options)} does not serve: {self.said().strip()}")
        ports = re.findall(r"listening on (?:\S+:)?(\d+)$", self.said(), re.M)
        self.ports = [int(p) for p in ports]
        self.port = self.ports[0] if ports else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def waited(self):
        """Seconds that a thread has waited for a processor, which is not jwtd's fault: the one that waited longest."""
        most = 0
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            with contextlib.suppress(OSError), open(f"/proc/{self.pid}/task/{thread}/schedstat", encoding="ascii") as f:
                most = max(most, int(f.read().split()[1]) / 1e9)
        return most

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def serves(self):
        """The line of its start that says how much it may take; None: it is not there yet."""
        return re.search(r"^.* workers?; at most .*$", self.said(), re.M)

    def kill(self):
        with contextlib.suppress(OSError):
            self.process.kill()
        self.process.wait()

    def stop(self):
        """Asks it to stop, as an init system does. What is wrong with how it ended; "" where nothing is."""
        alive = self.process.poll() is None
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()
            return "jwtd does not stop"
        if not alive or self.process.returncode != 0:
            return f"jwtd ended {'' if alive else 'by itself '}with {self.process.returncode}: {self.said()[-300:]}"
        return ""

# ---- load

def build_tools():
    for name in ("attacker", "honest"):
        subprocess.run(["cc", "-O2", "-std=c11", "-D_GNU_SOURCE", "-pthread", "-Wall", "-Wextra", "-Werror",
                        "-o", f"{Settings.tmp}/{name}", f"{TOOLS}/{name}.c"], check=True)

def tool(name, cpu, nice, *arguments):
    """The attackers have one processor, honest clients another where there is one, and these go before all: what is
    measured is jwtd, not how they wait for a processor. jwtd itself has all of them."""
    command = ["taskset", "-c", cpu, "nice", "-n", nice, f"{Settings.tmp}/{name}", *arguments]
    return subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL)

class Attack:
    """Connections that behave as they are told, until the end of the `with`."""

    def __init__(self, port, connections, behaviours, pause=100, seed=0):
        self.connections, self.did = connections, {}
        self.process = tool("attacker", CPUS[0], 0, port, connections, pause, seed)
        for b in behaviours:
            self.process.stdin.write(b.line())
        self.process.stdin.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def ready(self, seconds=20):
        """Whether all its connections came to be."""
        return bool(select.select([self.process.stdout], [], [], seconds)[0]) and \
            self.process.stdout.readline() == b"ready\n"

    def end(self):
        self.process.terminate()
        self.did = json.loads(self.process.stdout.read().splitlines()[-1])
        self.process.wait()

class Behaviour:
    """What test/attacks.d/attacker.c has a connection do: see there."""

    def __init__(self, name, first=b"", tick=b"", every=0, life=0, rcvbuf=0, flags="-"):
        self.name, self.first, self.tick = name, first, tick
        self.numbers, self.flags = (every, life, rcvbuf), flags

    def line(self):
        head = [self.name, len(self.first), len(self.tick), *self.numbers, self.flags]
        return " ".join(map(str, head)).encode() + b"\n" + self.first + self.tick

class Honest:
    """Honest clients of each kind ("new:100", "keep:50", ...) for so many seconds."""

    def __init__(self, port, seconds, *kinds, request, upload):
        self.process = tool("honest", CPUS[-1], -10, port, seconds, request.decode(), upload.decode(), *kinds)

    def end(self):
        return [json.loads(line) for line in self.process.communicate()[0].splitlines()]

def ms(seconds):
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.2f} ms"

def judge(clients, scarce=False):
    """What honest clients waited at the longest, and what is wrong with it: "" where nothing is. scarce: 503 is not."""
    wrong, said = [], []
    for c in clients:
        again = "".join(f", {c[what]} {what}" for what in ("reopened", "resent") if c[what])
        said.append(f"{c['kind']} {ms(c['slowest'])} ({c['asked']} asked{again})")
        if scarce and c["full"]:
            said[-1] += f", {c['full']} had 503, which is not judged here"
        if c["lost"] > (c["full"] if scarce else 0):
            wrong.append(f"{c['kind']} LOST {c['lost']} of {c['asked']} ({c['why']})")
        elif c["slowest"] > SECOND:
            wrong.append(f"{c['kind']} WAITED {c['slowest']:.2f} s")
        elif not c["asked"]:
            wrong.append(f"{c['kind']} NEVER ASKED")
    return ", ".join(said), ", ".join(wrong)

# ---- raw requests

def post(body, target=b"/", fields=b"Host: localhost\r\nContent-Type: application/json\r\n", announced=None):
    length = len(body) if announced is None else announced
    return b"POST %s HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n" % (target, fields, length) + body

def get(target, fields=b"Host: localhost\r\n"):
    return b"GET %s HTTP/1.1\r\n%s\r\n" % (target, fields)

HEALTH, METRICS = get(b"/healthz"), get(b"/metrics")
UPLOAD = post(b'{"user_data":"' + b"a" * 20000 + b'"}')

def answer(s, request, seconds=3):
    """Sends a request and reads until the answer is whole: its status and its body. 0: none came."""
    s.settimeout(seconds)
    have = b""
    try:
        s.sendall(request)
        while True:
            more = s.recv(65536)
            have += more
            head, end, body = have.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
            if not more or (end and length and len(body) >= int(length[1])):
                break
    except OSError:
        pass
    status = re.match(rb"HTTP/1\.1 (\d{3})", have)
    return (int(status[1]) if status else 0), have.partition(b"\r\n\r\n")[2].decode("utf-8", "replace")

def ask(address, request, family=socket.AF_INET):
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.settimeout(3)
        try:
            s.connect(address)
        except OSError:
            return 0, ""
        return answer(s, request)
