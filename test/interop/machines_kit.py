"""What test/interop/machines needs: jwtd with clients, a wire that is looked at, programs that ask for tokens."""
import base64, contextlib, hashlib, json, os, secrets, shutil, signal, socket, subprocess, sys, threading
from collections import namedtuple
from proxies_kit import *

HERE = os.path.dirname(os.path.abspath(__file__))
MODULES = f"{TOP}/build/machines"       # what npm installs
JWTD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else f"{TOP}/jwtd")
PORT, WIRE = 5000, 5001
ISSUER = f"http://127.0.0.1:{WIRE}"     # clients reach jwtd over the wire
KEY = secrets.token_hex(64)

def same(what, got, expected):
    check(got == expected, what, f"got {got!r}", f"expected {expected!r}")

def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

# ---- jwtd, and its clients file

def jwtd(*more):
    return Program([JWTD, "--workers", "2", "--listen", f"127.0.0.1:{PORT}", "--key-file", f"{DIR}/key",
                    "--clients-file", f"{DIR}/clients", "--audience", "app", "--audience", "metrics",
                    "--claim-header", "X-Auth-Subject=sub", *more], [PORT])

def digest(secret):
    return hashlib.sha512(secret.encode()).hexdigest()

def replace(name, text):
    """Readers see the old file or the new one."""
    os.rename(write(f"{name}.new", text, 0o600), f"{DIR}/{name}")

def write_clients(entries):
    replace("clients", json.dumps({"clients": list(entries)}))

def reload(server):
    """Until it is logged."""
    before = server.said().count("reloaded: ")
    os.kill(server.pid, signal.SIGHUP)
    until(lambda: server.said().count("reloaded: ") > before, server.said)

def made_client(id, *options):
    """What 'jwtd client' makes: secret, entry."""
    file = f"{DIR}/secret-{id}"
    said = subprocess.run([JWTD, "client", id, "--secret-file", file, *options], capture_output=True, text=True)
    same(f"jwtd client {id}", (said.returncode, said.stderr), (0, ""))
    with open(file) as f:
        return f.read().rstrip("\n"), json.loads(said.stdout)

# ---- the wire

Message = namedtuple("Message", "start fields body length")
Request = namedtuple("Request", "method target fields body status")

class Wire:
    """Passes on what clients say to jwtd, and remembers it."""
    def __init__(self):
        self.said, self.listener = [], socket.create_server(("127.0.0.1", WIRE), backlog=256)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            peer, _ = self.listener.accept()
            try:
                behind = connect(PORT)
            except OSError:
                peer.close()
                continue
            for s in peer, behind:
                s.settimeout(None)
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            there, back = bytearray(), bytearray()
            self.said.append((there, back))
            for way in (peer, behind, there), (behind, peer, back):
                threading.Thread(target=self.pass_on, args=way, daemon=True).start()

    @staticmethod
    def pass_on(source, sink, seen):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                seen += data
                sink.sendall(data)
        for s in source, sink:
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)

    def take(self):
        """The requests that were answered since the last look."""
        requests = []
        for there, back in self.said:
            while (asked := message(there)) and (answer := message(back)):
                method, target, _ = asked.start.split(" ")
                requests.append(Request(method, target, asked.fields, asked.body, int(answer.start.split(" ")[1])))
                del there[:asked.length], back[:answer.length]
        return requests

def message(data):
    """The first one of these bytes; None: it is not whole yet."""
    head, end, rest = bytes(data).partition(b"\r\n\r\n")
    start, *lines = head.decode().split("\r\n")
    fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    size = int(fields.get("content-length", 0))
    if not end or len(rest) < size:
        return None
    return Message(start, fields, rest[:size].decode(), len(head) + 4 + size)

# ---- those who ask: each reads questions and writes answers, a line of JSON each

class Asker:
    """The first line it writes says what it is."""
    def __init__(self, command, cwd=HERE):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=cwd,
                                        env={**os.environ, "HOME": DIR})
        self.name = self.process.stdout.readline().rstrip("\n")

    def ask(self, question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        same(f"{self.name} ends", self.process.wait(PATIENCE), 0)

def curl(*options):
    """Status, fields, body of what it gets."""
    said = subprocess.run(["curl", "-sSi", *options], capture_output=True)
    check(said.returncode == 0, "curl", options, said.stderr)
    head, _, body = said.stdout.decode().partition("\r\n\r\n")
    start, *lines = head.split("\r\n")
    return int(start.split()[1]), {n.lower(): v for n, _, v in (line.partition(": ") for line in lines)}, body

class Curl:
    name = "curl"

    def ask(self, q):
        shown = (["-u", f"{q['id']}:{q['secret']}"] if q["way"] == "-u" else
                 ["-d", f"client_id={q['id']}", "--data-urlencode", f"client_secret={q['secret']}"])
        wished = [(name, q[name]) for name in ("scope", "audience") if q.get(name)]
        wished += [("resource", value) for value in q.get("resource", ())]
        asked = [part for name, value in wished for part in ("--data-urlencode", f"{name}={value}")]
        status, _, body = curl(f"{q['issuer']}/token", "-d", "grant_type=client_credentials", *shown, *asked)
        token = json.loads(body)
        if status != 200:
            return token
        used = curl("-H", f"Authorization: Bearer {token['access_token']}", q["auth"])
        answer = {"token": token, "auth": used[0], "subject": used[1].get("x-auth-subject")}
        if q.get("introspects"):
            status, _, body = curl(f"{q['issuer']}/introspect", *shown, "-d", f"token={token['access_token']}")
            answer = {**answer, "introspection": json.loads(body)} if status == 200 else json.loads(body)
        return answer

    def stop(self):
        pass

def install_from_npm():
    """Before the network is left; what fails is skipped then."""
    os.makedirs(MODULES, exist_ok=True)
    for name in "package.json", "package-lock.json":
        shutil.copy(f"{HERE}/oauth/{name}", MODULES)
    with contextlib.suppress(OSError):
        subprocess.run("npm ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error".split(),
                       cwd=MODULES, timeout=120, stdout=subprocess.DEVNULL)

def build_in_go():
    """Debian's modules lie where GOPATH has them. False: not here."""
    environment = {**os.environ, "GO111MODULE": "off", "GOFLAGS": "", "GOPATH": "/usr/share/gocode",
                   "GOCACHE": f"{DIR}/go"}
    try:
        said = subprocess.run(["go", "build", "-o", f"{DIR}/machines", f"{HERE}/machines.go"], env=environment)
    except FileNotFoundError:
        return False
    return said.returncode == 0

def start_askers():
    askers = {}
    if shutil.which("curl"):
        askers["curl"] = Curl()
    else:
        skip("curl (apt-get install curl)")
    if os.path.exists(f"{MODULES}/node_modules/simple-oauth2"):
        shutil.copy(f"{HERE}/machines.mjs", MODULES)
        askers["node"] = Asker(["node", "--no-warnings", "machines.mjs"], MODULES)
    else:
        skip("openid-client, oauth4webapi, simple-oauth2 (needs node 20 or newer, and npm that reaches its registry)")
    found = subprocess.run([sys.executable, "-c", "import authlib, requests_oauthlib"], stderr=subprocess.DEVNULL)
    if found.returncode == 0:
        askers["python"] = Asker([sys.executable, "machines.py"])
    else:
        skip("Authlib, requests-oauthlib (apt-get install python3-authlib python3-requests-oauthlib)")
    if os.path.exists("/usr/share/gocode/src/golang.org/x/oauth2") and build_in_go():
        askers["go"] = Asker([f"{DIR}/machines"])
    else:
        skip("golang.org/x/oauth2 (apt-get install golang-go golang-golang-x-oauth2-dev gcc libc6-dev)")
    return askers

