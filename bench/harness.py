"""What every part of the benchmark uses: verdicts, servers, readings from /proc, load by wrk."""
import base64, collections, hashlib, hmac, json, os, re, shutil, socket, subprocess, sys, tempfile, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(HERE)
BUILD = f"{TOP}/build/bench"
KEY = ("a9ddbcaba8c0ac1a0a812dc0c2f08514b23f2db0a68343cb8199ebb38a6d91e4"
       "ebfb378e22ad39c2d01d0b4ec9c34aa91056862ddace3fbbd6852ee60c36acbf")
CREATE = (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 29\r\n\r\n"
          b'{"user_data": "this is test"}')
SCRIPT = """wrk.method = "POST"; wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"user_data": "this is test"}'\n"""

# ---- verdicts

results = {"passed": 0, "failed": 0, "skipped": 0}

def promise(what, figure, limit, unit=""):
    """One figure and what it may be at the most."""
    good = figure <= limit
    results["passed" if good else "failed"] += 1
    print(f"  {'ok    ' if good else 'MISSED'} {what}: {figure:.5g}{unit} (at most {limit:.5g}{unit})", flush=True)

def skip(what):
    results["skipped"] += 1
    print(f"skipped: {what}", flush=True)

# ---- servers

Server = collections.namedtuple("Server", "port pid")
started = []

def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]

def exchange(s, request=CREATE):
    """One request on a connection: the answer's head and body."""
    s.sendall(request)
    answer = b""
    while True:
        piece = s.recv(65536)
        if not piece:
            raise OSError("the connection ended")
        answer += piece
        head, end, body = answer.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        if end and (not length or len(body) >= int(length[1])):
            return head, body

def ask(port, request=CREATE):
    """The same on a connection of its own."""
    with socket.create_connection(("127.0.0.1", port), 1) as s:
        return exchange(s, request)

def answers(port):
    try:
        return bool(ask(port))
    except OSError:
        return False

def start(port, *command, **options):
    """Starts a server that is to listen at the port; comes back when it answers there."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    started.append(process)
    for _ in range(200):
        if answers(port):
            return Server(port, process.pid)
        if process.poll() is not None:
            break
        time.sleep(0.05)
    sys.exit(f"{command[0]} does not answer")

def jwtd(*options, wrapper=()):
    if not os.access(f"{TOP}/jwtd", os.X_OK):
        sys.exit("there is no ./jwtd to measure: make")
    port = free_port()
    return start(port, *wrapper, f"{TOP}/jwtd", "--demo-key", "--listen", f"127.0.0.1:{port}", *options)

def sign_token():
    """A token of a usual size that has an expiry, as /auth wants it."""
    return subprocess.run([f"{TOP}/jwtd", "sign", "--demo-key", "--claim", "sub=alice"], capture_output=True, text=True,
                          check=True).stdout.strip()

def nginx(workers=2):
    """nginx answering a constant as long as jwtd's answer; at /auth, an empty one."""
    if not shutil.which("nginx"):
        return None
    port, folder = free_port(), f"{BUILD}/nginx-{workers}"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/nginx.conf", "w") as f:
        f.write(f"worker_processes {workers}; daemon off; pid nginx.pid; error_log stderr crit;\n"
                "events { worker_connections 4096; }\n"
                "http { access_log off; keepalive_requests 1000000000;\n"
                f"server {{ listen 127.0.0.1:{port} reuseport backlog=4096; location / {{ default_type application/json;\n"
                f"add_header Cache-Control no-store; return 200 '{'x' * 293}'; }}\n"
                "location /auth { return 200; } } }\n")
    return start(port, "nginx", "-p", folder, "-e", "stderr", "-c", f"{folder}/nginx.conf")

def stop_all():
    for process in started:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    started.clear()

# ---- tokens

def encoded(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()

def signature(key, signed):
    return hmac.digest(key.encode(), signed.encode(), hashlib.sha512)

def token(key, header, claims):
    signed = f"{encoded(header.encode())}.{encoded(claims.encode())}"
    return f"{signed}.{encoded(signature(key, signed))}"

# ---- clients

def write_clients(path, count=1024, more={}):
    """A clients file, and what POST /token takes of one client of it: the field, the form. `more`: of each entry."""
    secrets = {f"m{i:04}": encoded(hashlib.sha256(b"%d" % i).digest()) for i in range(count)}
    entries = [{"client_id": id, "secret_sha512": hashlib.sha512(secret.encode()).hexdigest(),
                "scope": "metrics.read metrics.write", "aud": "metrics", "expires_in": 600, **more}
               for id, secret in secrets.items()]
    with open(path, "w") as f:
        json.dump({"clients": entries}, f)
    shown = base64.b64encode(f"m0700:{secrets['m0700']}".encode()).decode()
    return f"Authorization: Basic {shown}", "grant_type=client_credentials&scope=metrics.read"

# ---- readings

def words(path):
    with open(path) as f:
        return f.read().split()

def status(pid, name):
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(rf"{name}:\s+(\d+)", f.read())[1])

def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))

def threads(pid):
    return [f"/proc/{pid}/task/{thread}" for thread in os.listdir(f"/proc/{pid}/task")]

def family(pid):
    """The process and all that came from it."""
    children = [int(child) for thread in threads(pid) for child in words(f"{thread}/children")]
    return [pid] + [process for child in children for process in family(child)]

def cpu(pid):
    """Microseconds of user and system time so far, of all threads of the process and of its children.
    The scheduler's own account is in nanoseconds; where the kernel keeps none, clock ticks must do."""
    try:
        return sum(int(words(f"{thread}/schedstat")[0]) for p in family(pid) for thread in threads(p)) / 1000
    except FileNotFoundError:
        ticks = 0
        for p in family(pid):
            with open(f"/proc/{p}/stat") as f:
                ticks += sum(int(field) for field in f.read().rsplit(")", 1)[1].split()[11:13])
        return ticks * 1e6 / os.sysconf("SC_CLK_TCK")

def memory(pid):
    """Resident KB of a server. Pages of files, which its processes share, count once."""
    rows = [[status(p, f"Rss{kind}") for kind in ("Anon", "Shmem", "File")] for p in family(pid)]
    return sum(anonymous + shared for anonymous, shared, _ in rows) + max(file for _, _, file in rows)

def settle(pid):
    """Waits until a server has worked off what wrk left behind."""
    before = cpu(pid)
    for _ in range(100):
        time.sleep(0.03)
        now = cpu(pid)
        if now - before < 1000:
            return
        before = now

# ---- load

# times in milliseconds, as wrk corrects them for what a late answer held up; memory in KB while under load
Load = collections.namedtuple("Load", "requests rate p50 p99 p999 memory")
DONE = """
done = function(summary, latency)
	local e = summary.errors
	io.write(string.format('\\n{"requests": %d, "rate": %f, "p50": %f, "p99": %f, "p999": %f, "bad": %d}\\n',
		summary.requests, summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000,
		latency:percentile(99) / 1000, latency:percentile(99.9) / 1000, e.status))
end
"""

def wrk(server, seconds, connections, script=SCRIPT, path="/"):
    """Load from one thread. Ends the benchmark where a request is refused."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as f:
        f.write(script + DONE)
        f.flush()
        process = subprocess.Popen(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", f.name,
                                    f"http://127.0.0.1:{server.port}{path}"], stdout=subprocess.PIPE, text=True)
        resident = []
        late = threading.Timer(seconds * 0.8, lambda: resident.append(memory(server.pid)))
        late.start()
        text = process.communicate()[0]
        late.join()
    said = re.search(r"^\{.*\}$", text, re.M)
    figures = json.loads(said[0]) if said else {"requests": 0}
    if figures["requests"] == 0 or figures.pop("bad"):
        sys.exit(f"bad answers:\n{text}")
    return Load(memory=resident[0], **figures)

def costs(servers, connections, script, path):
    """A second's load on the first of the servers, and the CPU in us that one request took of each."""
    for server in servers:
        settle(server.pid)
    before = [cpu(server.pid) for server in servers]
    load = wrk(servers[0], 1, connections, script, path)
    return load, [(cpu(server.pid) - b) / load.requests for server, b in zip(servers, before)]
