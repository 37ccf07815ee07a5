"""Who may create tokens without a secret: SPEC 1.1, form by form, from this host and from its neighbour."""
import contextlib, json, os, re, socket, subprocess
from common import HEALTH, Jwtd, Settings, answer, ask, inside, post, row, sysctl, wanted
from compat import skip

SECRET = "the-service-secret-of-test-attacks-0123456789"
BODIES = {b"/": b'{"user_data":1}', b"/v1/tokens": b"{}"}       # what creates, and a body for it
HERE4 = "127.0.0.1"

# ---- what is sent

LOCAL = b"Host: localhost\r\n"

def create(fields=LOCAL, target=b"/", form=None, version=b"1.1"):
    """A request that creates. form: the target as it is written."""
    fields += b"Content-Type: application/json\r\n"
    return post(BODIES[target], form or target, fields).replace(b"HTTP/1.1", b"HTTP/" + version, 1)

def host(name):
    return b"Host: " + name + b"\r\n"

# An IP address, `localhost`, or a name without a dot.
NEAR = [b"127.0.0.1", b"127.0.0.1:5000", b"127.255.0.9", b"10.1.2.3", b"0.0.0.0", b"[::1]", b"[::1]:5000", b"[::]",
        b"[2001:db8::a]:80", b"[::ffff:127.0.0.1]", b"localhost", b"localhost:5000", b"LocalHost", b"LOCALHOST:80",
        b"jwtd", b"JWTD:80", b"a-b_c", b"x", b"2130706433"]
# A name with a dot: of a page that rebinds it. A dot at the end, an escaped one, what resembles an address: no better.
FAR = [b"rebound.attacker.example", b"Rebound.Attacker.EXAMPLE:5000", b"a.b", b"localhost.", b"localhost.:80", b"jwtd.",
       b"LOCALHOST.", b"localhost.attacker.example", b"127.0.0.1.attacker.example", b"0x7f.0.0.1", b"10.1.2.3a",
       b"a.10.1.2.3", b".localhost", b"localhost%2e", b"a%2eb", b"a%2Eb", b"rebound%2eattacker%2eexample:80",
       b"xn--a.example"]
# Digits and dots that are no address. No page has such a name: a browser takes one that ends in a number for an
# address, or for wrong (WHATWG URL 3.5). So either will do, as long as it is an answer.
DIGITS = [b"127.0.0.1.", b"127.0.0.1.:5000", b"127.1", b"256.1.1.1", b"1.2.3", b"1.2.3.4.5", b"01.2.3.4", b".", b".."]
# Not the form of an authority: refused as that (400), or for the name (403).
BROKEN = [b"[::1", b"::1", b"[::1].attacker.example", b"[::1]a", b"localhost@attacker.example",
          b"attacker.example@localhost", b"localhost,attacker.example", b"localhost attacker.example", b"localhost/",
          b"[v1.a]", b"[fe80::1%25lo]", b"[a.b]", b"localhost:5000:1", b"a.b:80:", b"\xc2\xb7", b"a\xe3\x80\x82b"]

FIELDS = [b"Forwarded", b"X-Forwarded-For", b"X-Real-IP", b"Via"]
VALUES = {b"Forwarded": b"for=127.0.0.1", b"Via": b"1.1 proxy"}
OTHERS = [b"X-Forwarded-Proto", b"X-Forwarded-Host", b"X-Forwarded-Fo", b"X-Forwarded-Fors", b"Forwarde", b"Forwardeds",
          b"X-Real-I", b"X-Real-IPs", b"Vi", b"Viaa", b"X-Via", b"X_Forwarded_For", b"Forwarded-For"]

def forwarded():
    """Every way to write a field that says that a proxy passed it on: (what, fields)."""
    for name in FIELDS:
        value = VALUES.get(name, b"127.0.0.1")
        mixed = bytes(c ^ 0x20 if i % 2 and chr(c).isalpha() else c for i, c in enumerate(name))
        for written in (name, name.lower(), name.upper(), mixed):
            yield written, written + b": " + value + b"\r\n"
        yield name + b", no space", name + b":" + value + b"\r\n"
        yield name + b", empty", name + b":\r\n"
        yield name + b", blank", name + b": \t \r\n"
        yield name + b", twice", (name + b": " + value + b"\r\n") * 2
        yield name + b", empty twice", (name + b":\r\n") * 2
        before = b"".join(b"X-%d: a\r\n" % i for i in range(60))
        yield name + b", far down", before + name.lower() + b": " + value + b"\r\n"

# ---- cases

SHOWN = 8                               # of what is wrong in a row

class Cases:
    """Many requests that make one row."""

    def __init__(self):
        self.asked, self.wrong = 0, []

    def holds(self, what, good):
        self.asked += 1
        if not good:
            self.wrong.append(what)

    def expect(self, what, got, *statuses):
        what = what.decode("latin-1") if isinstance(what, bytes) else what
        self.holds(f"{what}: {got or 'no answer'}, not {' or '.join(map(str, statuses))}", got in statuses)

    def each(self, what, address, statuses, fields=LOCAL, family=socket.AF_INET, **more):
        """The same for each route that creates."""
        for target in BODIES:
            got = ask(address, create(fields, target, **more), family)[0]
            self.expect(what + b" " + target, got, *statuses)

    def report(self, name):
        row(name, not self.wrong and self.asked > 0,
            f"{self.asked - len(self.wrong)} of {self.asked} answers are as SPEC 1.1 says (all must)",
            *self.wrong[:SHOWN], "..." if len(self.wrong) > SHOWN else "")

rows = {}                               # name: the function that fills its cases

def named(name, *arguments):
    def keep(function):
        rows[name] = lambda c, *more: function(c, *more, *arguments)
        return function
    return keep

# ---- this host

@named("host/near", NEAR, (200,))
@named("host/far", FAR, (403,))
@named("host/digits", DIGITS, (200, 400, 403))
@named("host/broken", BROKEN, (400, 403))
def hosts(c, forms, statuses):
    with Jwtd() as jwtd:
        for form in forms:
            c.each(form, (HERE4, jwtd.port), statuses, host(form))

@named("host/none-or-two")
def no_host(c):
    with Jwtd() as jwtd:
        address = (HERE4, jwtd.port)
        c.each(b"none in 1.0", address, (200,), b"", version=b"1.0")
        c.each(b"none in 1.1", address, (400,), b"")
        c.each(b"empty", address, (200,), host(b""))            # RFC 9112 3.2: where there is no authority
        c.each(b"two", address, (400,), LOCAL + LOCAL)
        c.each(b"far in 1.0", address, (403,), host(b"a.b"), version=b"1.0")
        c.each(b"near in 1.0", address, (200,), LOCAL, version=b"1.0")

# RFC 9112 3.2.2: the target's authority counts, whatever Host says.
ABSOLUTE = [(b"http://a.b", LOCAL, 403), (b"http://a.b", b"", 403), (b"HTTP://A.B:80", LOCAL, 403),
            (b"http://127.0.0.1.a.b", LOCAL, 403), (b"http://a%2eb", LOCAL, 403), (b"http://[::1]", LOCAL, 200),
            (b"http://localhost", host(b"a.b"), 200), (b"http://127.0.0.1:5000", host(b"a.b"), 200)]

@named("host/absolute")
def absolute(c):
    with Jwtd() as jwtd:
        for form, there, status in ABSOLUTE:
            for target in BODIES:
                request = create(there, target, form + target, b"1.1" if there else b"1.0")
                c.expect(form + b" beside " + there.strip(), ask((HERE4, jwtd.port), request)[0], status)

@named("fields/forwarded")
def is_forwarded(c):
    with Jwtd() as jwtd:
        address = (HERE4, jwtd.port)
        for what, more in forwarded():
            c.each(what, address, (403,), LOCAL + more)
            c.each(what + b" before Host", address, (403,), more + LOCAL)
            c.each(what + b" in 1.0", address, (403,), more, version=b"1.0")

@named("fields/others")
def others(c):
    with Jwtd() as jwtd:
        for name in OTHERS:
            c.each(name, (HERE4, jwtd.port), (200,), LOCAL + name + b": for=10.0.0.1\r\n")

NAMED = {"Host": r"\bHost\b", "listener": r"(?i)loopback|another host|other hosts",
         "fields": r"(?i)forwarded|x-real-ip|\bvia\b|prox"}

@named("text/compat", b"/", "description")
@named("text/v1", b"/v1/tokens", "detail")
def explained(c, target, member):
    """The refusal's text: what failed, and both ways out."""
    with Jwtd() as jwtd, Jwtd(listen=("0.0.0.0:0",)) as outward:
        answers = {"Host": ask((HERE4, jwtd.port), create(host(b"a.b"), target)),
                   "listener": ask((HERE4, outward.port), create(LOCAL, target)),
                   **{f.decode(): ask((HERE4, jwtd.port), create(LOCAL + f + b": a\r\n", target)) for f in FIELDS}}
    said = {}
    for reason, (status, body) in answers.items():
        with contextlib.suppress(ValueError):
            body = json.loads(body).get(member, "")
        said[reason] = body
        c.expect(reason, status, 403)
        for way in ("--service-secret-file", "--open-issue"):
            c.holds(f"{reason}: no {way} in {body!r}", way in body)
        c.holds(f"{reason}: not named in {body!r}", re.search(NAMED.get(reason, NAMED["fields"]), body))
    c.holds("three reasons, but not three texts", len({said[r] for r in ("Host", "listener", "Via")}) == 3)

@named("listener/unix")
def unix(c):
    path = f"{Settings.tmp}/socket"
    with Jwtd(listen=(f"unix:{path}",)):
        c.each(b"unix", path, (200,), family=socket.AF_UNIX)
        c.each(b"unix, a.b", path, (403,), host(b"a.b"), family=socket.AF_UNIX)
        for name in FIELDS:
            c.each(b"unix, " + name, path, (403,), LOCAL + name + b":\r\n", family=socket.AF_UNIX)

@named("listener/ipv6")
def ipv6(c):
    with Jwtd(listen=("[::1]:0",)) as jwtd:
        address = ("::1", jwtd.port)
        c.each(b"[::1]", address, (200,), family=socket.AF_INET6)
        c.each(b"[::1], a.b", address, (403,), host(b"a.b"), family=socket.AF_INET6)
        c.each(b"[::1], Via", address, (403,), LOCAL + b"via: a\r\n", family=socket.AF_INET6)

# ---- with a secret, and where everybody or nobody may

def secret_file():
    path = f"{Settings.tmp}/secret"
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as f:
        f.write(SECRET)
    return path

BEARER = b"Authorization: Bearer " + SECRET.encode() + b"\r\n"
ODD = [(b"local", LOCAL), (b"a.b", host(b"a.b")), (b"Forwarded", LOCAL + b"Forwarded:\r\n"),
       (b"X-Real-IP", LOCAL + b"X-Real-IP: 1.2.3.4\r\n")]

@named("secret/alone")
@named("secret/open-issue", "--open-issue")
def with_secret(c, *more):
    with Jwtd("--service-secret-file", secret_file(), *more) as jwtd:
        address = (HERE4, jwtd.port)
        for what, there in ODD:
            c.each(what + b", shown", address, (200,), there + BEARER)
            c.each(what + b", not shown", address, (401,), there)
            c.each(what + b", wrong", address, (401,), there + BEARER[:-3] + b"x\r\n")

@named("open-issue")
def open_issue(c):
    with Jwtd("--open-issue") as jwtd:
        for what, there in ODD:
            c.each(what, (HERE4, jwtd.port), (200,), there)

@named("no-issue/alone")
@named("no-issue/secret", "--service-secret-file", secret_file)
@named("no-issue/host", "--host", "localhost")
@named("no-issue/no-compat", "--no-compat")
@named("no-issue/issuer", "--issuer", "https://a.example", "--audience", "b", "--ttl", "9")
def no_issue(c, *more):
    """Nothing is issued, whatever else is set; judging goes on."""
    with Jwtd("--no-issue", *(word() if callable(word) else word for word in more)) as jwtd:
        address = (HERE4, jwtd.port)
        for what, there in ((b"local", LOCAL), (b"secret", LOCAL + BEARER), (b"Via", LOCAL + b"Via: a\r\n")):
            c.each(what, address, (404,), there)
        c.each(b"1.0", address, (404,), LOCAL, version=b"1.0")
        c.expect("/token", ask(address, post(b"grant_type=client_credentials", b"/token"))[0], 404)
        c.expect("/v1/verify", ask(address, post(b'{"token":"a.b.c"}', b"/v1/verify"))[0], 200)
        c.expect("/healthz", ask(address, HEALTH)[0], 200)

@named("no-issue/beside-open-issue")
def neither(c):
    check = [Settings.jwtd, "check", "--demo-key", "--no-issue", "--listen", f"{HERE4}:0"]
    alone = subprocess.run(check, capture_output=True, check=False)
    both = subprocess.run([*check, "--open-issue"], capture_output=True, text=True, check=False)
    c.holds(f"--no-issue alone is refused: {alone.stderr!r}", alone.returncode == 0)
    c.holds(f"both are taken, {both.returncode}", both.returncode == 2)
    c.holds(f"not both are named: {both.stderr!r}", "--no-issue" in both.stderr and "--open-issue" in both.stderr)

# ---- the neighbour

HOST, NEIGHBOUR = "10.99.0.1", "10.99.0.2"

def ip(words):
    subprocess.run(["ip", *words.split()], check=True)

@contextlib.contextmanager
def neighbour():
    """Another host, as it were: one network away, and it takes the way to our 127.0.0.1, which route_localnet opens. As
    kube-proxy sets it (CVE-2020-8558)."""
    with inside() as net:
        pass                            # its own loopback device stays down, lest 127.0.0.1 be its own
    with net:
        ip(f"link add va type veth peer name vb netns /proc/{os.getpid()}/fd/{net.fileno()}")
        ip(f"addr add {HOST}/24 dev va")
        ip("link set va up")
        sysctl("net/ipv4/conf/all/route_localnet", 1)
        with inside(net):
            ip(f"addr add {NEIGHBOUR}/24 dev vb")
            ip("link set vb up")
            sysctl("net/ipv4/conf/all/route_localnet", 1)
            ip(f"route add {HERE4}/32 via {HOST}")
        yield net
        ip("link del va")

@named("neighbour/own-key", None)
@named("neighbour/demo-key", ("--demo-key",))
def to_our_loopback(c, net, key):
    with Jwtd(key=key) as jwtd:
        address = (HERE4, jwtd.port)
        with inside(net):
            c.holds("the neighbour does not reach 127.0.0.1", ask(address, HEALTH)[0] == 200)
            for there in (LOCAL, host(b"127.0.0.1"), host(b"[::1]:80"), b"Host:\r\n"):
                c.each(b"neighbour", address, (403,), there)
        c.each(b"this host", address, (200,))

@named("neighbour/other-listeners")
def other_listeners(c, net):
    with Jwtd(listen=("0.0.0.0:0", f"{HOST}:0", "[::1]:0", f"{HERE4}:0")) as jwtd:
        everywhere, outward, v6, inward = jwtd.ports
        for port in (everywhere, outward):
            with inside(net):
                c.each(b"neighbour", (HOST, port), (403,))
            c.each(b"this host, outward", (HOST, port), (403,))
        c.each(b"this host, 0.0.0.0 by 127.0.0.1", (HERE4, everywhere), (403,))
        c.each(b"this host, [::1] beside them", ("::1", v6), (200,), family=socket.AF_INET6)
        c.each(b"this host, 127.0.0.1 beside them", (HERE4, inward), (200,))
    with Jwtd(listen=("[::]:0",)) as jwtd:
        c.each(b"this host, [::] by [::1]", ("::1", jwtd.port), (403,), family=socket.AF_INET6)

@named("neighbour/own-outward-address")
def outward_address(c, _):
    """Of this host, but no loopback address."""
    with Jwtd() as jwtd, socket.socket() as s:
        s.bind((HOST, 0))
        s.settimeout(3)
        s.connect((HERE4, jwtd.port))
        c.expect(f"{HOST} to {HERE4}", answer(s, create())[0], 403)

@named("neighbour/open-issue", 200, b"", "--open-issue")
@named("neighbour/secret", 200, BEARER, "--service-secret-file", secret_file)
@named("neighbour/no-secret", 401, b"", "--service-secret-file", secret_file)
def let_in(c, net, status, shown, *more):
    with Jwtd(*(word() if callable(word) else word for word in more), listen=("0.0.0.0:0",)) as jwtd, inside(net):
        for what, there in ODD:
            c.each(what, (HOST, jwtd.port), (status,), there + shown)

def fill(name, *more):
    if not wanted(f"authority/{name}"):
        return
    c = Cases()
    try:
        rows[name](c, *more)
    except RuntimeError as e:           # it does not serve
        c.holds(str(e), False)
    c.report(f"authority/{name}")

def run():
    for name in rows:
        if not name.startswith("neighbour/"):
            fill(name)
    far = [name for name in rows if name.startswith("neighbour/") and wanted(f"authority/{name}")]
    if far and not Settings.own_net:
        skip("authority/neighbour: wants network namespaces (root)")
    elif far:
        with neighbour() as net:
            for name in far:
                fill(name, net)
