"""The part 'workers': how many of them serve best, where jwtd has the machine to itself and where it shares it with a
proxy. What is measured with all processors and with half of them is what the default was chosen by."""
import collections, functools, os, shutil, socket, statistics, subprocess, tempfile, threading, time

import guarded, report
from candidates import KEYS
from contest import PIPELINED
from harness import SCRIPT, TOP, costs, free_port, jwtd, skip, start, stop_all, token

PROCESSORS = len(os.sched_getaffinity(0))
COUNTS = sorted({max(1, PROCESSORS // 2), PROCESSORS})
BUDGET = 50                 # seconds that all rounds may take

# What is asked: of the load, the proxy (or None) and jwtd, with the script and the path that wrk gets.
Asked = collections.namedtuple("Asked", "server guard script path")

def bearer(text):
    return f'wrk.headers["Authorization"] = "Bearer {text}"\n'

def creating(script, folder, workers):
    return Asked(jwtd("--workers", workers), None, script, "/")

def with_keys(folder, workers, keys, *options):
    """A jwtd with these key files, which listens on a socket in the folder, too."""
    port = free_port()
    files = [word for key in keys for word in ("--key-file", key)]
    return start(port, f"{TOP}/jwtd", *files, "--no-issue", "--no-compat", "--workers", workers, "--listen", f"127.0.0.1:{port}",
                 "--listen", f"unix:{folder}/sock-{workers},mode=0666", *guarded.SUBJECT, *options)

def guarding(alg, folder, workers):
    """nginx in front of something, which asks about a token of this algorithm."""
    key = f"{folder}/key"
    os.makedirs(folder, exist_ok=True)
    if not os.path.exists(key):
        subprocess.run([f"{TOP}/jwtd", "keygen", "--alg", alg, key], check=True)
    signed = subprocess.run([f"{TOP}/jwtd", "sign", "--key-file", key, "--claim", "sub=alice"], capture_output=True, text=True, check=True)
    guard = with_keys(folder, workers, [key])
    proxy = guarded.nginx(f"{folder}/nginx-{workers}", f"{folder}/sock-{workers}")
    return Asked(proxy, guard, bearer(signed.stdout.strip()), "/file")

def beside_dear(folder, workers):
    """64 keys, so that a long token which names none of them costs what may be spent on one at the most."""
    files = []
    for i, key in enumerate(KEYS):
        files.append(guarded.write(f"{folder}/keys", str(i), key))
        os.chmod(files[-1], 0o600)
    good = token(KEYS[0], '{"alg":"HS512"}', '{"sub":"alice","exp":4102444800}')
    return Asked(with_keys(folder, workers, files), None, bearer(good), "/auth")

Setting = collections.namedtuple("Setting", "key title connections begin dear")
SETTINGS = [Setting(*row) for row in (
    ("create-32", "alone, creating, 32 connections", 32, functools.partial(creating, SCRIPT), 0),
    ("create-256", "alone, creating, 256 connections", 256, functools.partial(creating, SCRIPT), 0),
    ("batches", "alone, creating in batches of 16", 32, functools.partial(creating, PIPELINED), 0),
    ("nginx-8", "nginx asks /auth, 8 connections", 8, functools.partial(guarding, "HS512"), 0),
    ("nginx-32", "nginx asks /auth, 32 connections", 32, functools.partial(guarding, "HS512"), 0),
    ("eddsa-32", "the same, with tokens of EdDSA", 32, functools.partial(guarding, "EdDSA"), 0),
    ("dear", "/auth, beside 4 that cost the most", 8, functools.partial(beside_dear), 4),
)]

class Dear:
    """with Dear(port, count): so many connections that send nothing but what costs most."""
    def __init__(self, port, count):
        claims = '{"exp":4102444800,"a":"%s"}' % ("b" * 8900)
        text = token("k" * 64, '{"alg":"HS512"}', claims)
        self.request = f"GET /auth HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {text}\r\n\r\n".encode()
        self.port, self.ended = port, False
        self.threads = [threading.Thread(target=self.run) for _ in range(count)]

    def run(self):
        with socket.create_connection(("127.0.0.1", self.port)) as s:
            while not self.ended:
                s.sendall(self.request)
                s.recv(4096)

    def __enter__(self):
        for thread in self.threads:
            thread.start()

    def __exit__(self, *_):
        self.ended = True
        for thread in self.threads:
            thread.join()

def measure(setting, asked):
    servers = [asked.server, asked.guard] if asked.guard else [asked.server]
    with Dear(asked.server.port, setting.dear):
        load, us = costs(servers, setting.connections, asked.script, asked.path)
    # Where dear requests are answered meanwhile, the time is not that of those counted; and wrk takes the wait for a batch for
    # a wait for each.
    return {"us": None if setting.dear else sum(us), "jwtd": None if setting.dear else us[-1], "rate": load.rate,
            "p99": None if asked.script == PIPELINED else load.p99}

def part_workers(o):
    print(f"{' and '.join(map(str, COUNTS))} workers on {PROCESSORS} processors", flush=True)
    if not shutil.which("nginx"):
        skip("workers beside a proxy (needs apt-get install nginx-light)")
    began, rows, rounds, longest = time.monotonic(), collections.defaultdict(list), 0, 0
    with tempfile.TemporaryDirectory(prefix="jwtd-bench-") as folder:
        os.chmod(folder, 0o755)
        entries = [(setting, workers, setting.begin(f"{folder}/{setting.key}", str(workers))) for setting in SETTINGS
                   if shutil.which("nginx") or setting.begin.func is not guarding for workers in COUNTS]
        while rounds == 0 or not o.quick and time.monotonic() - began + longest < BUDGET:
            round_began = time.monotonic()
            for setting, workers, asked in entries:
                rows[setting.key, workers].append(measure(setting, asked))
            rounds, longest = rounds + 1, max(longest, time.monotonic() - round_began)
        stop_all()
    found = {"rounds": rounds, "processors": PROCESSORS, "titles": [[s.key, s.title] for s in SETTINGS], "figures": {}}
    for (key, workers), measured in rows.items():
        found["figures"].setdefault(key, {})[str(workers)] = guarded.medians(measured)
    print("\n".join(report.workers(found)))
    if not o.quick:
        report.keep("workers", found)
        report.draw()
