"""What test/demands and test/credentials need: jwtd at a unix socket, tokens, requests, a reader of claims."""
import base64, hashlib, hmac, json, os, random, re, socket, subprocess, sys, tempfile, time

JWTD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "./jwtd")
KEY = "".join(random.Random(1).choices("0123456789abcdef", k=128)).encode()
REALM = 'Bearer realm="jwtd"'
count = {"passed": 0, "failed": 0}

def check(ok, *what):
    count["passed" if ok else "failed"] += 1
    if not ok and count["failed"] <= 30:
        print(f"FAILED test/{os.path.basename(sys.argv[0])}:", *what, sep="\n    ", flush=True)

def finish():
    print(f"{count['passed']} passed, {count['failed']} failed, 0 skipped")
    return count["failed"] > 0

# ---- claims

class Number(str):
    """As the token writes it."""

def loads(text):
    return json.loads(text, parse_int=Number, parse_float=Number)

MISSING = object()

def claim(claims, name):
    if name[0] != "/":
        return claims.get(name, MISSING)
    for token in name[1:].split("/"):
        token = token.replace("~1", "/").replace("~0", "~")
        if isinstance(claims, dict):
            claims = claims.get(token, MISSING)
        elif isinstance(claims, list) and re.fullmatch("0|[1-9][0-9]*", token) and int(token) < len(claims):
            claims = claims[int(token)]
        else:
            return MISSING
    return claims

# ---- jwtd

def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

def signed(claims, key=KEY):
    text = f'{b64(b"""{"alg":"HS512"}""")}.{b64(claims.encode())}'
    return f"{text}.{b64(hmac.new(key, text.encode(), hashlib.sha512).digest())}"

def token(members, key=KEY):
    """Of the members of its claims, as JSON."""
    return signed(f'{{{members}{"," if members else ""}"exp":253402300799}}', key)

class Jwtd:
    """with Jwtd(option...) as jwtd: one with one worker, at a unix socket."""
    def __init__(self, *options):
        self.folder = tempfile.TemporaryDirectory()
        self.path, key = f"{self.folder.name}/socket", f"{self.folder.name}/key"
        with open(key, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as f:
            f.write(KEY)
        self.log = open(f"{self.folder.name}/log", "w+")
        self.process = subprocess.Popen([JWTD, "--listen", f"unix:{self.path}", "--key-file", key, "--workers", "1",
                                         *options], stderr=self.log)
        while not os.path.exists(self.path):
            if self.process.poll() is not None:
                sys.exit(f"jwtd does not start: {self.said()}")
            time.sleep(0.01)
        self.socket = None

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.socket:
            self.socket.close()
        self.process.terminate()
        check(self.process.wait() == 0, "jwtd stops")
        self.log.close()
        self.folder.cleanup()

    def answers(self, requests):
        """(status, challenge) for each, all sent at once; what the end of a connection left over is sent again. The last
        answer is in self.head and self.body, too."""
        got = []
        while len(got) < len(requests):
            if self.socket is None:
                self.socket, self.rest = socket.socket(socket.AF_UNIX), b""
                self.socket.connect(self.path)
            try:
                self.socket.sendall(b"".join(requests[len(got):]))
            except (BrokenPipeError, ConnectionResetError):
                pass
            self.read(got, len(requests))
        return got

    def read(self, got, n):
        before, ends = len(got), False
        while len(got) < n and not ends:
            try:
                data = self.socket.recv(1 << 16)
            except ConnectionResetError:
                data = b""
            self.rest, ends = self.rest + data, not data
            while (end := self.rest.find(b"\r\n\r\n")) >= 0 and not ends:
                head = self.rest[:end]
                challenge = re.search(rb"\r\nWWW-Authenticate: (.*)", head)
                body = re.search(rb"\r\nContent-Length: (\d+)", head)
                self.head, self.body = head.decode(), self.rest[end + 4:end + 4 + int(body[1])]
                self.rest = self.rest[end + 4 + int(body[1]):]  # which comes with the head
                got.append((int(head[9:12]), challenge and challenge[1].rstrip(b"\r").decode()))
                ends = b"\r\nConnection: close" in head
        if ends:
            self.socket.close()
            self.socket = None
            if len(got) == before:
                raise ConnectionError("no answer at all")

def request(target, token=None, fields=b""):
    target = target if isinstance(target, bytes) else target.encode("latin-1")
    shown = b"Authorization: Bearer " + token.encode() + b"\r\n" if token else b""
    return b"GET " + target + b" HTTP/1.1\r\nHost: a\r\n" + shown + fields + b"\r\n"

def asked(jwtd, rows, many=100):
    """Each row with the answer to its first member, a request."""
    for i in range(0, len(rows), many):
        some = rows[i:i + many]
        yield from zip(jwtd.answers([row[0] for row in some]), some)
