"""What test/interop/proxies needs: a world of its own, programs, tokens, requests, an application to guard."""
import base64, collections, contextlib, fcntl, hashlib, hmac, http.client, http.server, json, os, re, shutil, socket
import struct, subprocess, sys, threading, time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CONTRIB = f"{TOP}/contrib"
DIR = "/run/test"                       # in the namespace /run is empty, and nobody else's
TCP, UNIX = 5000, "/run/jwtd/jwtd.sock"
PATIENCE = 12                           # seconds that any one request, start or stop may take

# ---- counting

SHOWN = 40
count = collections.Counter(passed=0, failed=0, skipped=0)

def check(ok, *what):
    count["passed" if ok else "failed"] += 1
    if not ok and count["failed"] <= SHOWN:
        print("FAILED", *what, sep="\n    ", flush=True)

def skip(what):
    count["skipped"] += 1
    print("skipped:", what, flush=True)

def finish():
    print("{passed} passed, {failed} failed, {skipped} skipped".format_map(count), flush=True)
    return 1 if count["failed"] else 0

# ---- a world of its own

def isolate(seconds, first=lambda: None):
    """Goes on in new network, mount and process namespaces: the addresses of contrib/ are free, /run is empty, and all
    that was started ends with this process, at the latest after so many seconds. What is to be done `first` needs the
    network outside. False: that is not allowed here."""
    inside = "TEST_INSIDE"
    if os.environ.get(inside) != "1":
        enter = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        if os.getuid() != 0 or not shutil.which("unshare") or subprocess.run(enter + ["true"]).returncode != 0:
            return False
        first()
        os.environ[inside] = "1"
        os.execvp("timeout", ["timeout", "-s", "KILL", str(seconds)] + enter + [sys.executable] + sys.argv)
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    with socket.socket() as s:
        fcntl.ioctl(s, 0x8914, struct.pack("16sH22x", b"lo", 1))        # SIOCSIFFLAGS, IFF_UP
    for folder in (DIR, os.path.dirname(UNIX)):
        os.makedirs(folder)
    return True

def write(name, text, mode=0o644):
    with open(f"{DIR}/{name}", "w", opener=lambda path, flags: os.open(path, flags, mode)) as f:
        f.write(text)
    return f.name

OTHER = re.compile(r"^(.*\n)(\s*)(?:#|--) or: (.*\n)", re.M)

def form_for(name, unix):
    """A file of contrib/ that reaches jwtd by a unix socket, or by TCP: as it stands, or a copy in which each line
    'or: LINE' has taken the place of the line above it."""
    def choose(m):
        return m[0] if ("unix" in m[1]) == unix else m[2] + m[3]
    with open(f"{CONTRIB}/{name}") as f:
        given = f.read()
    text, choices = OTHER.subn(choose, given)
    wrong = r"^[^#\n]*:5000" if unix else r"^[^#\n]*/run/jwtd"
    check(choices > 0 and not re.search(wrong, OTHER.sub(r"\1", text), re.M), f"{name} names one way to jwtd")
    return f"{CONTRIB}/{name}" if text == given else write(name, text)

# ---- programs

class Program:
    """Something started that says in its log, or shows by taking connections, that it is ready."""
    def __init__(self, command, ready):
        self.name = os.path.basename(command[0])
        self.log = f"{DIR}/{self.name}.log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                            env={**os.environ, "HOME": DIR})
        self.pid = self.process.pid
        until(lambda: self.process.poll() is not None or all(map(takes_connections, ready)), self.said)
        if self.process.returncode is not None:
            raise OSError(f"{command} ended: {self.said()}")

    def said(self):
        with open(self.log) as f:
            return f.read()

    def stop(self):
        """Its exit status."""
        self.process.terminate()
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def cpu(self):
        """Seconds of user and system time so far, its children's too."""
        children = map(int, open(f"/proc/{self.pid}/task/{self.pid}/children").read().split())
        stats = (open(f"/proc/{p}/stat").read().rsplit(")", 1)[1].split() for p in (self.pid, *children))
        return sum(int(s[11]) + int(s[12]) for s in stats) / os.sysconf("SC_CLK_TCK")

def until(true, what):
    end = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(what())
        time.sleep(0.02)

def newer_binary(program, path):
    """Makes a program that is this one but for what it calls its version. Returns what this one calls it."""
    version = subprocess.run([program, "version"], capture_output=True, text=True).stdout.split()[-1]
    with open(program, "rb") as f:
        data = f.read()
    check(version.encode() in data, "a program says its version", version)
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o755)) as f:
        f.write(data.replace(version.encode(), b"9" + version[1:].encode()))
    return version

def connect(where):
    """To a port of this host, to a unix socket, or to an address and its port."""
    s = socket.socket(socket.AF_UNIX if isinstance(where, str) else socket.AF_INET)
    s.settimeout(PATIENCE)
    try:
        s.connect(("127.0.0.1", where) if isinstance(where, int) else where)
    except OSError:
        s.close()
        raise
    return s

def takes_connections(where):
    try:
        connect(where).close()
    except OSError:
        return False
    return True

# ---- tokens

def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

def sign(claims, header, key):
    signed = ".".join(b64(json.dumps(part).encode()) for part in (header, claims))
    return f"{signed}.{b64(hmac.new(key.encode(), signed.encode(), hashlib.sha512).digest())}"

# ---- requests

Answer = collections.namedtuple("Answer", "status headers body continued seconds")

class Connection:
    def __init__(self, where):
        self.where, self.socket = where, None

    def ask(self, method, target, headers=(), body=None, chunked=False, expect=False):
        """One request over the connection, which is opened where there is none. With expect, the body follows when
        100 Continue has come; where the final answer comes instead, never."""
        begin = time.monotonic()
        if self.socket is None:
            self.socket = connect(self.where)
        framing = ([] if body is None else [("Transfer-Encoding", "chunked")] if chunked
                   else [("Content-Length", len(body))]) + [("Expect", "100-continue")] * expect
        head = "".join(f"{name}: {value}\r\n" for name, value in (*headers, *framing))
        if body is not None and chunked:
            half = len(body) // 2
            body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:], b""))
        self.socket.sendall(f"{method} {target} HTTP/1.1\r\nHost: test\r\n{head}\r\n".encode() +
                            (b"" if expect else body or b""))
        continued = expect and self.socket.recv(12, socket.MSG_PEEK | socket.MSG_WAITALL) == b"HTTP/1.1 100"
        if continued:
            self.socket.sendall(body)
        answer = http.client.HTTPResponse(self.socket, method=method)
        answer.begin()
        result = Answer(answer.status, answer.headers, answer.read().decode(), continued,
                        time.monotonic() - begin)
        if answer.will_close or expect and not continued:
            self.close()
        return result

    def close(self):
        if self.socket is not None:
            self.socket.close()
            self.socket = None

def ask(where, *request, **how):
    with contextlib.closing(Connection(where)) as c:
        return c.ask(*request, **how)

# ---- the application that is guarded

Seen = collections.namedtuple("Seen", "method path headers body")

class Application(http.server.BaseHTTPRequestHandler):
    """Takes any request, and remembers it in the server's list."""
    protocol_version, disable_nagle_algorithm = "HTTP/1.1", True

    def take(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append(Seen(self.command, self.path, self.headers.items(), body))
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(b"taken")

    def __getattr__(self, name):
        if name.startswith("do_"):
            return self.take
        raise AttributeError(name)

    def log_message(self, *_):
        pass

class Server(http.server.ThreadingHTTPServer):
    """with Server(port) as application: application.seen grows."""
    daemon_threads, request_queue_size = True, 256

    def __init__(self, port):
        super().__init__(("127.0.0.1", port), Application)
        self.seen = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        """A proxy that went away."""

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
