#!/usr/bin/python3
"""jwtd as it serves on the kernel that this runs on: what it has given up, and all that it does under that, each of its
system calls with it. What its filter forbids would end it, so each part begins and ends with the same process.

    inside.py JWTD TOKENS [--seccomp yes|no] [--landlock yes|no]

TOKENS is a folder with keys and tokens of another machine's jwtd, which test/kernels fills. Of our own, under the same
keys, it prints a line "TOKEN KEY TOKEN" each. "FACT" begins a line that is told. Wants root, Python and nothing else.
Ends with the line "N passed, N failed, N skipped"."""
import sys
sys.dont_write_bytecode = True

import argparse, base64, json, os, re, resource, shutil, signal, socket, subprocess, tempfile, threading, time, traceback

parser = argparse.ArgumentParser()
parser.add_argument("jwtd")
parser.add_argument("tokens")
parser.add_argument("--seccomp", choices=("yes", "no"), default="yes")
parser.add_argument("--landlock", choices=("yes", "no"), default="yes")
asked = parser.parse_args()
JWTD, GIVEN = os.path.abspath(asked.jwtd), os.path.abspath(asked.tokens)
USER, GROUP = 65534, 65533
SECRET = "the-service-secret-of-this-test-0123456789"
PATIENCE = 120                          # seconds for any answer: processors are emulated here, on a busy machine
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
BEARER = f"Authorization: Bearer {SECRET}\r\n"
CLIENTS, ROUNDS, DEPTH = 8, 12, 48      # connections at once, and pipelines of so many requests each
ROTATIONS = 12
passed = failed = 0

def check(what, true, *more):
    global passed, failed
    passed, failed = passed + bool(true), failed + (not true)
    if not true:
        print(f"FAILED test/kernels: {what}", *(str(m)[-1500:] for m in more), sep="\n    ", flush=True)
    return bool(true)

def fact(text):
    print(f"FACT {text}", flush=True)

def text(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()

def put(path, content, mode=0o600):
    with open(f"{path}.put", "w", encoding="utf-8") as file:
        file.write(content)
    os.chmod(f"{path}.put", mode)
    os.chown(f"{path}.put", USER, GROUP)
    os.rename(f"{path}.put", path)

def until(true, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < end:
        time.sleep(0.05)
    return found

def command(*arguments, stdin="", user=None):
    return subprocess.run([JWTD, *arguments], input=stdin, capture_output=True, text=True, timeout=PATIENCE, user=user,
                          group=GROUP if user else None, extra_groups=[] if user else None)

# ---- HTTP

class Connection:
    def __init__(self, server, unix=False):
        self.socket, self.rest = socket.socket(socket.AF_UNIX if unix else socket.AF_INET), b""
        self.socket.settimeout(PATIENCE)
        self.socket.connect("run/sock" if unix else ("127.0.0.1", server.port))

    def send(self, data):
        self.socket.sendall(data)

    def next(self):
        """(status, head, body); None at the end."""
        while True:
            head, gap, rest = self.rest.partition(b"\r\n\r\n")
            if gap:
                length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
                n = int(length[1]) if length else 0
                if len(rest) >= n:
                    self.rest = rest[n:]
                    return int(head[9:12]), head.decode(), rest[:n].decode()
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                return None
            self.rest += data

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

def request(method, target, body="", media=JSON, fields=""):
    return (f"{method} {target} HTTP/1.1\r\nHost: a\r\nContent-Type: {media}\r\nContent-Length: {len(body)}\r\n{fields}\r\n"
            f"{body}").encode()

# ---- the server

class Server:
    """jwtd in this folder, with two keys, or with the one given."""
    count = 0

    def __init__(self, *more, keys=("signer", "other"), timeout=PATIENCE):
        Server.count += 1
        self.log, begun = f"log.{Server.count}", time.monotonic()
        files = [word for key in keys for word in ("--key-file", f"keys/{key}")]
        sandbox = "require" if asked.seccomp == asked.landlock == "yes" else "auto"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [JWTD, "serve", *files, "--listen=127.0.0.1:0", "--listen=unix:run/sock,mode=0666", "--access-log",
                 "--service-secret-file=keys/secret", "--clients-file=keys/clients", "--revocation-file=list/revoked",
                 "--issuer=https://jwtd.example", f"--user={USER}:{GROUP}", "--workers=4", "--sandbox", sandbox,
                 f"--request-timeout={timeout}", *more],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        self.pid = self.process.pid
        if not until(lambda: "ready (" in text(self.log) or self.process.poll() is not None) or self.process.poll() is not None:
            raise SystemExit(f"FAILED test/kernels: it does not start: {self.process.poll()}\n{text(self.log)}")
        self.port = int(re.search(r"listening on 127\.0\.0\.1:(\d+)", text(self.log))[1])
        self.ask("GET", "/healthz")
        self.first = time.monotonic() - begun

    def ask(self, *arguments, unix=False, **more):
        with Connection(self, unix) as c:
            c.send(request(*arguments, **more))
            return c.next() or (0, "", "")

    def says(self, pattern, times=1):
        return until(lambda: len(re.findall(pattern, text(self.log), re.M)) >= times or self.process.poll() is not None) and \
            self.process.poll() is None

    def lives(self, after):
        check(f"it lives after {after}", self.process.poll() is None, self.process.poll(), text(self.log))

    def ends(self, by=signal.SIGTERM):
        self.process.send_signal(by)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "it does not end"

def rate(server, metric):
    found = re.search(rf"^{metric} (\S+)$", server.ask("GET", "/metrics")[2], re.M)
    return float(found[1]) if found else None

def status_of(server):
    """Of each thread, what /proc says."""
    folder = f"/proc/{server.pid}/task"
    return {thread: dict(line.split(":\t", 1) for line in text(f"{folder}/{thread}/status").splitlines() if ":\t" in line)
            for thread in sorted(os.listdir(folder), key=int)}

# ---- the parts

def furnish():
    for folder in "keys", "run", "list":
        os.mkdir(folder)
        os.chown(folder, USER, GROUP)
        os.chmod(folder, 0o755)
    for name, key in ("signer", "EdDSA"), ("other", "HS512"):
        put(f"keys/{name}", text(f"{GIVEN}/{key}"))
    put("keys/secret", SECRET)
    made = command("client", "--file=keys/clients", "--secret-file=machine", "--scope=read write", "machine")
    check("a client is made", made.returncode == 0, made)
    os.chown("keys/clients", USER, GROUP)

def both_ways():
    """Tokens of another processor are good here. What is made here the host looks at."""
    for alg in "EdDSA", "HS512", "HS256":
        key = f"{GIVEN}/{alg}"
        came = command("verify", "--key-file", key, stdin=text(f"{GIVEN}/{alg}.token"))
        check(f"a token of another machine, {alg}", came.returncode == 0 and '"of":"the host"' in came.stdout, came)
        token = text(f"{GIVEN}/{alg}.token").strip()
        came = command("verify", "--key-file", key, stdin=token[:-6] + ("AAAAAA" if token[-6:] != "AAAAAA" else "BBBBBB"))
        check(f"another signature, {alg}", came.returncode == 1 and "bad_signature" in came.stderr, came)
        made = command("sign", "--key-file", key, "--claim=of=the guest", "--expires-in=86400")
        check(f"a token is signed, {alg}", made.returncode == 0, made)
        print(f"TOKEN {alg} {made.stdout.strip()}", flush=True)

def given_up(server):
    """What the log says, and what the kernel says of each thread."""
    parts = [("no new privileges", True), ("Landlock", asked.landlock == "yes"), ("seccomp", asked.seccomp == "yes")]
    holds = ", ".join(name for name, has in parts if has)
    lacks = ", ".join(name for name, has in parts if not has)
    line = f"jwtd: sandbox: {holds}" + (f"; not available here: {lacks}" if lacks else "")
    check("the log says what it has given up", line in text(server.log).splitlines(), line, text(server.log))
    fact(line[6:])
    threads = status_of(server)
    check("a thread that accepts, four workers, one that revokes", len(threads) == 6, list(threads))
    for thread, s in threads.items():
        want = {"Seccomp": "2" if asked.seccomp == "yes" else "0", "NoNewPrivs": "1", "Groups": " ",
                "Uid": "\t".join([str(USER)] * 4), "Gid": "\t".join([str(GROUP)] * 4)}
        want |= {f"Cap{which}": "0" * 16 for which in ("Inh", "Prm", "Eff", "Amb")}
        got = {name: s.get(name) for name in want}
        got["Groups"] = got["Groups"] or " "
        check(f"thread {thread}: its user, its powers, its filter", got == want, got, want)
        if asked.seccomp == "yes":
            check(f"thread {thread}: one filter", s.get("Seccomp_filters") == "1", s.get("Seccomp_filters"))
    limits = text(f"/proc/{server.pid}/limits")
    check("no core", re.search(r"^Max core file size +0 +0 ", limits, re.M), limits)
    check("not dumpable: its files in /proc are root's", os.stat(f"/proc/{server.pid}/environ").st_uid == 0)
    check("keys are locked in memory", int(threads[str(server.pid)]["VmLck"].split()[0]) > 0)
    maps = text(f"/proc/{server.pid}/maps")
    check("no memory is both written and executed", not re.search(r"^\S+ .wx", maps, re.M), maps)

def serves(server):
    """Each route, of both kinds of keys. -> a token that is good."""
    status, _, body = server.ask("POST", "/", '{"user_data": "this is test"}', fields=BEARER)
    check("POST /", status == 200 and re.fullmatch(r'\{"JWT Token": "[\w.-]+"\}\n', body, re.A), status, body)
    old, hs512 = text(f"{GIVEN}/HS512.token").strip(), text(f"{GIVEN}/HS512").strip()
    status, _, body = server.ask("GET", "/", json.dumps({"Token": old, "Signing_key": hs512}), unix=True)
    check("GET /", status == 200 and body.endswith('"Signature Verification": true}\n') and '"of": "the host"' in body, body)
    status, _, body = server.ask("POST", "/v1/tokens", '{"claims":{"sub":"a"},"expires_in":3600}', fields=BEARER)
    token = json.loads(body)["access_token"]
    alg = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))["alg"]
    check("POST /v1/tokens", status == 200 and alg == {"signer": "EdDSA", "other": "HS512"}[server.signs], status, body)
    for name, given, want in ("good", token, 200), ("changed", token[:-9] + "AAAAAAAAA", 401), ("of other issuer", old, 401):
        check(f"/auth, {name}", server.ask("GET", "/auth", fields=f"Authorization: Bearer {given}\r\n")[0] == want)
    check("/auth, nothing", server.ask("GET", "/auth")[0] == 401)
    check("/auth, a demand", server.ask("GET", "/auth?sub=b", fields=f"Authorization: Bearer {token}\r\n")[0] == 403)
    status, _, body = server.ask("POST", "/v1/verify", json.dumps({"token": token}))
    check("POST /v1/verify", status == 200 and json.loads(body)["valid"] is True, status, body)
    basic = base64.b64encode(f"machine:{text('machine').strip()}".encode()).decode()
    status, _, body = server.ask("POST", "/token", "grant_type=client_credentials&scope=read", FORM, f"Authorization: Basic {basic}\r\n")
    check("POST /token", status == 200 and json.loads(body)["scope"] == "read", status, body)
    machine = json.loads(body)["access_token"]
    check("POST /token, another secret", server.ask("POST", "/token", "grant_type=client_credentials&client_id=machine&"
                                                    "client_secret=" + "x" * 43, FORM)[0] == 401)
    for name, given in ("the client's", machine), ("the service's", token):
        status, _, body = server.ask("POST", "/introspect", f"token={given}", FORM, BEARER)
        check(f"POST /introspect, {name}", status == 200 and json.loads(body)["active"] is True, status, body)
    check("jwks.json", '"crv":"Ed25519"' in server.ask("GET", "/.well-known/jwks.json")[2])
    check("the metadata", server.ask("GET", "/.well-known/oauth-authorization-server")[0] == 200)
    check("/metrics", (rate(server, "process_resident_memory_bytes") or 0) > 100000)
    check("jwtd health", command("health", f"127.0.0.1:{server.port}").stdout == "ok\n")
    check("jwtd health, of a unix socket", command("health", "unix:run/sock").stdout == "ok\n")
    return token

def load(server, token, meanwhile=lambda: None):
    """Many at once, each answer looked at: pipelines, pieces, large and chunked bodies, answers that wait, connections that
    are cut."""
    wrong, answered, lock = [], [0], threading.Lock()
    large = json.dumps({"user_data": "x" * 40000})
    chunked = (f"POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Type: {JSON}\r\nTransfer-Encoding: chunked\r\n\r\n"
               "5\r\n{\"tok\r\n9\r\nen\":\"a\"}\n\r\n0\r\n\r\n").encode()
    mix = [(request("POST", "/", '{"user_data": 1}', fields=BEARER), 200), (request("GET", "/healthz"), 200),
           (request("GET", "/auth", fields=f"Authorization: Bearer {token}\r\n"), 200),
           (request("POST", "/v1/tokens", "{}", fields=BEARER), 200), (request("GET", "/auth"), 401),
           (request("POST", "/introspect", f"token={token}", FORM, BEARER), 200), (chunked, 200),
           (request("GET", "/nothing"), 404), (request("DELETE", "/"), 405), (request("GET", "/metrics"), 200),
           (request("POST", "/v1/tokens", "{", fields=BEARER), 400)]

    def talk(number):
        try:
            for turn in range(ROUNDS):
                with Connection(server, unix=(number + turn) % 3 == 0) as c:
                    asks = [mix[(number + turn + i) % len(mix)] for i in range(DEPTH)]
                    if turn % 4 == 1:
                        asks[DEPTH // 2] = request("POST", "/", large, fields=BEARER), 200
                    data = b"".join(ask for ask, _ in asks)
                    if turn % 4 == 2:
                        for at in range(0, len(data), 1777):
                            c.send(data[at:at + 1777])
                    else:
                        threading.Thread(target=c.send, args=(data,), daemon=True).start()
                    if turn % 4 == 3:
                        time.sleep(0.2)     # answers wait for us
                    got = [c.next() for _ in asks]
                    bad = [(ask[:60], a and a[0], want) for (ask, want), a in zip(asks, got) if not a or a[0] != want]
                    with lock:
                        answered[0] += len(asks)
                        wrong.extend(bad)
                with Connection(server) as c:       # and half a request, which is left alone
                    c.send(request("POST", "/", large, fields=BEARER)[:20000 * (turn % 2) + 30])
        except OSError as e:
            with lock:
                wrong.append((number, repr(e)))

    threads, begun = [threading.Thread(target=talk, args=(n,)) for n in range(CLIENTS)], time.monotonic()
    for thread in threads:
        thread.start()
    meanwhile()
    for thread in threads:
        thread.join()
    check(f"{answered[0]} requests of {CLIENTS} clients", not wrong and answered[0] == CLIENTS * ROUNDS * DEPTH, wrong[:5])
    server.lives("load")
    return answered[0], time.monotonic() - begun

def signs(server):
    return json.loads(base64.urlsafe_b64decode(json.loads(server.ask("POST", "/v1/tokens", "{}", fields=BEARER)[2])
                                               ["access_token"].split(".")[0] + "=="))

def rotates(server):
    """Keys that change while others ask. What can't be read changes nothing."""
    for turn in range(ROTATIONS):
        os.path.exists("fresh") and os.unlink("fresh")
        alg = "EdDSA" if turn % 2 else "HS512"
        command("keygen", "--alg", alg, "--jwk", "--kid", f"turn-{turn}", "fresh")
        put("keys/signer", text("fresh"))
        server.process.send_signal(signal.SIGHUP)
        check(f"rotation {turn}: the log", server.says(rf'reloaded: 2 keys: "turn-{turn}" \({alg}, signs\)'), text(server.log)[-500:])
        got = signs(server)
        check(f"rotation {turn}: the new key signs", got.get("kid") == f"turn-{turn}" and got["alg"] == alg, got)
    put("keys/signer", "no key")
    server.process.send_signal(signal.SIGHUP)
    check("no key: the old ones stay", server.says("not reloaded, the old keys stay") and
          signs(server)["kid"] == f"turn-{ROTATIONS - 1}")
    put("keys/signer", text("fresh"))
    server.process.send_signal(signal.SIGHUP)
    check("the same key", server.says("read again, nothing changed|reloaded", ROTATIONS + 1))
    server.lives("rotations")

def revoke(server, body):
    return server.ask("POST", "/revoke", body, FORM, BEARER)[0]

def auth(server, token):
    return server.ask("GET", "/auth", fields=f"Authorization: Bearer {token}\r\n")[0]

def make_token(server, **claims):
    return json.loads(server.ask("POST", "/v1/tokens", json.dumps({"claims": claims}), fields=BEARER)[2])["access_token"]

def takes_back(server):
    """-> tokens that are taken back, and those that are not."""
    taken = [make_token(server, sub="t") for _ in range(20)]
    subject, good = make_token(server, sub="subject"), make_token(server, sub="good")
    check("before", [auth(server, t) for t in (*taken, subject, good)] == [200] * 22)
    for token in taken[:10]:
        check("POST /revoke", revoke(server, f"token={token}") == 200 and auth(server, token) == 401)
    with Connection(server) as c:               # in one pipeline: each waits for the disk
        c.send(b"".join(request("POST", "/revoke", f"token={t}", FORM, BEARER) for t in taken[10:19]))
        check("POST /revoke, a pipeline", [c.next()[0] for _ in taken[10:19]] == [200] * 9)
    came = command("revoke", "--revocation-file=list/revoked", taken[19], user=USER)
    check("jwtd revoke", came.returncode == 0, came)
    check("jwtd revoke: the server sees it", until(lambda: auth(server, taken[19]) == 401, 20))
    before, size = os.stat("list/revoked").st_ino, os.stat("list/revoked").st_size
    for _ in range(80):                         # one entry counts of these: the file is written anew
        if revoke(server, "sub=subject") != 200 or os.stat("list/revoked").st_ino != before:
            break
    check("the file is compacted", os.stat("list/revoked").st_ino != before, size, os.stat("list/revoked"))
    check("... with its owner and mode", (os.stat("list/revoked").st_uid, os.stat("list/revoked").st_mode & 0o777) == (USER, 0o600))
    taken.append(subject)
    return taken, good

def held(what, server, taken, good):
    check(f"{what}: what is taken back", [auth(server, t) for t in taken] == [401] * len(taken))
    check(f"{what}: what is not", auth(server, good) == 200)

def overload():
    """More clients than it may have, and such as are slow: it closes, answers 408 and 503, and serves."""
    server = Server("--max-connections=8", "--idle-timeout=2", "--body-buffers=8", timeout=1)
    crowd = [Connection(server) for _ in range(24)]
    for i, c in enumerate(crowd):
        try:
            c.send(request("POST", "/", '{"user_data": "%s"}' % ("x" * 3000), fields=BEARER)[:[0, 40, 2000][i % 3]])
        except OSError:
            pass
    check("a new client in a crowd", all(server.ask("GET", "/healthz")[0] == 200 for _ in range(5)))
    last = Connection(server)
    last.send(b"GET / HT")
    check("half a request", (last.next() or (0,))[0] == 408)
    for c in (*crowd, last):
        c.socket.close()
    crowd = [Connection(server, unix=True) for _ in range(8)]
    check("idle connections end", until(lambda: rate(server, "jwtd_connections") in (1, None), 30))
    for c in crowd:
        c.socket.close()
    server.lives("a crowd")
    check("SIGTERM", server.ends() == 0 and text(server.log).endswith("jwtd: stopped\n"), text(server.log)[-300:])

def stops(server):
    """While a request waits for its end, which it gets."""
    with Connection(server) as half, Connection(server):
        whole = request("POST", "/", '{"user_data": "to the end"}', fields=BEARER)
        half.send(whole[:-5])
        time.sleep(0.5)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        half.send(whole[-5:])
        check("a request at the stop", (half.next() or (0,))[0] == 200)
        check("SIGTERM: status 0", server.process.wait(PATIENCE) == 0 and text(server.log).endswith("jwtd: stopped\n"),
              server.process.poll(), text(server.log)[-300:])
    check("its socket is gone", not os.path.exists("run/sock"))

def main():
    furnish()
    both_ways()
    server = Server()
    server.signs = "signer"
    fact(f"first answer {1000 * server.first:.0f} ms after the start")
    given_up(server)
    fact(f"resident at the start {status_of(server)[str(server.pid)]['VmRSS'].strip()}")
    token = serves(server)
    asked_for, took = load(server, token)
    fact(f"{asked_for} requests, pipelined, in {took:.1f} s with their client")
    stays = command("sign", "--key-file=keys/other", "--issuer=https://jwtd.example", "--expires-in=86400").stdout.strip()
    load(server, stays, lambda: rotates(server))
    taken, good = takes_back(server)
    held("at once", server, taken, good)
    fact(f"resident after that {status_of(server)[str(server.pid)]['VmRSS'].strip()}, "
         f"at most {status_of(server)[str(server.pid)]['VmHWM'].strip()}")
    given_up(server)
    check("kill -9", server.ends(signal.SIGKILL) == -signal.SIGKILL)
    server = Server()
    held("after kill -9", server, taken, good)
    check("POST /revoke, all", revoke(server, "all=true") == 200 and auth(server, good) == 401)
    stops(server)
    for key in "EdDSA", "HS512":
        put(f"keys/{ {'EdDSA': 'signer', 'HS512': 'other'}[key] }", text(f"{GIVEN}/{key}"))
    os.unlink("list/revoked")
    server = Server("--log-format=json", keys=("other", "signer"))
    server.signs = "other"
    serves(server)
    stops_json = server.ends()
    check("HS512 signs; SIGTERM", stops_json == 0, stops_json)
    overload()
    if asked.seccomp == "no" or asked.landlock == "no":
        came = command("check", "--key-file=keys/other", "--listen=127.0.0.1:0", "--sandbox=require")
        check("--sandbox require", came.returncode == 2 and "not available here: " in came.stderr, came)

here = os.getcwd()
folder = tempfile.mkdtemp(prefix="jwtd-kernels-")
os.chmod(folder, 0o755)
os.chdir(folder)
try:
    main()
except (Exception, SystemExit) as e:    # whatever ends it is counted, and what the kernel says of calls that it forbade
    said = [line for line in subprocess.run("dmesg", capture_output=True, text=True).stdout.splitlines() if "type=1326" in line]
    check("it comes to its end", False, f"{type(e).__name__}: {e}", traceback.format_exc(), *said[-1:])
finally:
    os.chdir(here)
    shutil.rmtree(folder)
print(f"{passed} passed, {failed} failed, 0 skipped")
sys.exit(failed > 0)
