"""What test/interop/machines asks without a stock client: many wrong secrets, and clients that change under load."""
import bisect, json, os, random, re, secrets, signal, string, threading, time
from base64 import b64encode
from collections import Counter
from urllib.parse import quote_plus
from machines_kit import *

def token_request(id, secret, basic, keep=True):
    """POST /token as bytes."""
    form, shown = "grant_type=client_credentials", ""
    if basic:
        pair = f"{quote_plus(id)}:{quote_plus(secret)}"
        shown = f"Authorization: Basic {b64encode(pair.encode()).decode()}\r\n"
    else:
        form += f"&client_id={quote_plus(id)}&client_secret={quote_plus(secret)}"
    return (f"POST /token HTTP/1.1\r\nHost: test\r\n{shown}Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(form)}\r\n\r\n{form}").encode()

DATE = re.compile(rb"\r\nDate: [^\r]*", re.I)

class Peer:
    """A connection that is kept."""
    def __init__(self):
        self.socket, self.rest = connect(PORT), b""

    def send(self, data):
        self.socket.sendall(data)

    def take(self):
        """The next answer: status, the bytes of its head but for the date, body."""
        while (end := self.rest.find(b"\r\n\r\n")) < 0:
            self.more()
        head = self.rest[:end]
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        while len(self.rest) < end + 4 + length:
            self.more()
        body, self.rest = self.rest[end + 4:end + 4 + length], self.rest[end + 4 + length:]
        return int(head[9:12]), DATE.sub(b"", head), body

    def more(self):
        data = self.socket.recv(1 << 20)
        if not data:
            raise ConnectionError(f"closed behind {self.rest[:200]}")
        self.rest += data

    def ask(self, data):
        self.send(data)
        return self.take()

# ---- many wrong secrets

WRONG, PEERS, AT_ONCE = 100_000, 8, 50

def near(secret, other):
    """Secrets that almost fit."""
    swapped = (secret[:i] + chr(ord(c) ^ bit) + secret[i + 1:] for i, c in enumerate(secret) for bit in (1, 2, 4, 32))
    yield from (s for s in swapped if s.isprintable())
    yield from (secret[:n] for n in range(len(secret)))
    yield from (secret + c for c in string.printable)
    yield from (secret * 2, secret[::-1], secret.swapcase(), other, digest(secret), digest(digest(secret)), "x" * 2000)

def wrong_requests(id, secret, other):
    """By Basic and in the form, for a client that there is and for one that there isn't."""
    tries = [s for s in near(secret, other) if s != secret]
    for n in range(WRONG):
        wrong = tries[n // 4 % len(tries)] if n < 8 * len(tries) else secrets.token_urlsafe(32)
        yield token_request(*((id, wrong) if n & 1 else (f"{id}x", secret if n % 3 else wrong)), basic=n & 2)

def check_wrong_secrets():
    (secret, entry), (other, second) = made_client("strong"), made_client("other")
    write_clients([entry, second])
    with jwtd() as server:
        until(lambda: re.search(r"\b[0-9]+ workers", server.said()), server.said)
        peers, answers, said = [Peer() for _ in range(PEERS)], Counter(), len(server.said())
        requests = list(wrong_requests("strong", secret, other))
        begin = time.monotonic()
        for start in range(0, WRONG, PEERS * AT_ONCE):
            batches = [requests[i:i + AT_ONCE] for i in range(start, min(start + PEERS * AT_ONCE, WRONG), AT_ONCE)]
            for peer, batch in zip(peers, batches):
                peer.send(b"".join(batch))
            for peer, batch in zip(peers, batches):
                answers.update(peer.take() for _ in batch)
        seconds = time.monotonic() - begin
        grown = len(server.said()) - said
        print(f"{WRONG} wrong secrets over {PEERS} connections: {seconds:.1f} s, {WRONG / seconds:.0f}/s; the log grew by "
              f"{grown} bytes", flush=True)
        check(seconds < 60, "time for the wrong secrets", seconds)
        statuses = Counter()
        for (status, _, _), n in answers.items():
            statuses[status] += n
        same("answers to wrong secrets", statuses, {401: WRONG})
        check(len(answers) == 1, "all the same bytes", answers)
        check(grown < 1000, "the log stays small", server.said()[:500])
        same("the right one, afterwards", peers[0].ask(token_request("strong", secret, True))[0], 200)
        counted = ask(PORT, "GET", "/metrics").body
        check(f'jwtd_requests_total{{route="/token",status="401"}} {WRONG}\n' in counted, "they are counted", counted)

# ---- clients that change under load

CHANGES, LOADERS = 500, 4
SECRETS = [secrets.token_urlsafe(32) for _ in range(CHANGES + 3)]

def generation(g):
    """Keys and clients: each token says in four places of which it is. That of `reload` has its number of clients."""
    limits = {"scope": f"g{g}", "aud": audience(g), "expires_in": 1000 + g, "claims": {"g": g}, "kid": f"k{g}"}
    entries = [
        {"client_id": "steady", "secret_sha512": digest(SECRETS[-1]), **limits},
        {"client_id": "turning", "secret_sha512": digest(SECRETS[g]), **limits},
        {"client_id": "rotating", "secret_sha512": [digest(SECRETS[g]), digest(SECRETS[g + 1])], **limits},
    ]
    if g % 2 == 0:
        entries.append({"client_id": "even", "secret_sha512": digest(SECRETS[-1]), **limits})
    random.Random(g).shuffle(entries)
    entries += [{"client_id": f"filler{i}", "secret_sha512": digest(f"{i}")} for i in range(fillers(g))]
    k = b64(f"{KEY}{g}".encode())
    return {"keys": [{"kty": "oct", "k": k, "kid": f"k{g}"}]}, entries

def audience(g):
    return f"a{g % 16}"

def fillers(g):
    return 20 + g % 50

def size(g):
    return 3 + (g % 2 == 0) + fillers(g)

def let_in(g, id, x):
    """Whether generation g has this client with the secret x."""
    return {"steady": True, "even": g % 2 == 0, "turning": x == g, "rotating": x in (g, g + 1)}[id]

def seen_in(answer):
    """The generation of a token; None: a refusal; anything else is neither."""
    status, _, body = answer
    if status == 401:
        return None
    body = json.loads(body)
    header, claims = (json.loads(unb64(part)) for part in body["access_token"].split(".")[:2])
    g = claims["g"]
    lives = claims["exp"] - claims["iat"]
    whole = (header["kid"], claims["scope"], body["scope"], claims["aud"], lives, body["expires_in"])
    return g if whole == (f"k{g}", f"g{g}", f"g{g}", audience(g), 1000 + g, 1000 + g) else (whole, claims)

class Load:
    """Asks, and writes down when: start, end, id, secret, what came."""
    def __init__(self):
        self.now, self.stopped, self.asked, self.faults = 0, False, [], []
        self.threads = [threading.Thread(target=self.run, args=(n,)) for n in range(LOADERS)]

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        self.stopped = True
        for t in self.threads:
            t.join()

    def run(self, n):
        choose = random.Random(n)
        try:
            peer = Peer()
            while not self.stopped:
                id = choose.choice(("steady", "even", "turning", "rotating"))
                x = max(0, self.now + choose.choice((-1, 0, 0, 0, 1)))
                secret = SECRETS[x] if id in ("turning", "rotating") else SECRETS[-1]
                start = time.monotonic()
                answer = peer.ask(token_request(id, secret, basic=choose.random() < 0.5))
                self.asked.append((start, time.monotonic(), id, x, seen_in(answer)))
        except Exception as e:
            self.faults.append(repr(e))

    def wait(self, each):
        """Until each has asked so often on average."""
        enough = len(self.asked) + each * LOADERS
        deadline = time.monotonic() + PATIENCE
        while len(self.asked) < enough and not self.faults and time.monotonic() < deadline:
            time.sleep(0.0005)

def write_generation(g):
    keys, entries = generation(g)
    replace("ring", json.dumps(keys))
    write_clients(entries)

def judge(asked, written, logged):
    """What was answered by a generation that could not be in use, or by none. A generation is in use from when its files
    are written at the earliest until the next one is logged at the latest."""
    wrong, counts = [], Counter()
    for start, end, id, x, seen in asked:
        may = range(max(0, bisect.bisect_left(logged, start) - 1), bisect.bisect_right(written, end))
        right = {g if let_in(g, id, x) else None for g in may}
        counts[id, seen is None, len(may)] += 1
        if seen not in right:
            wrong.append((id, x, seen, may))
    return wrong, counts

def change(server, log, g):
    """When it was written, and when it was logged."""
    log.read()
    written, said = time.monotonic(), ""
    write_generation(g)
    os.kill(server.pid, signal.SIGHUP)
    while not re.search(rf"reloaded: .*\b{size(g)} clients\n", said) and time.monotonic() < written + PATIENCE:
        said += log.read()
        time.sleep(0.0005)
    return written, time.monotonic()

def check_changes():
    write_generation(0)
    command = [JWTD, "--workers", "2", "--listen", f"127.0.0.1:{PORT}", "--key-file", f"{DIR}/ring",
               "--clients-file", f"{DIR}/clients",
               *(part for g in range(16) for part in ("--audience", audience(g)))]
    begin = time.monotonic()
    written, logged = [begin], [begin]
    with Program(command, [PORT]) as server, open(server.log) as log, Load() as load:
        for g in range(1, CHANGES + 1):
            for times, when in zip((written, logged), change(server, log, g)):
                times.append(when)
            load.now = g
            load.wait(3)
        last = re.search(r"^jwtd_key_ring_generation (\d+)$", ask(PORT, "GET", "/metrics").body, re.M)[1]
        said = server.said()
    same("generation, and reloads that failed", (int(last), said.count("not reloaded")), (CHANGES + 1, 0))
    wrong, counts = judge(load.asked, written, logged)
    sure = sum(n for (_, _, may), n in counts.items() if may == 1)
    print(f"{CHANGES} changes of keys and clients in {logged[-1] - begin:.1f} s, {len(load.asked)} requests, {sure} of them "
          "while but one generation could be in use", flush=True)
    check(not wrong and not load.faults, "answers under load", *wrong[:5], *load.faults)
    for id in "steady", "even", "turning", "rotating":
        check(counts[id, False, 1] > 100, f"{id}: was let in", counts)
        check(id == "steady" or counts[id, True, 1] > 100, f"{id}: was refused", counts)
