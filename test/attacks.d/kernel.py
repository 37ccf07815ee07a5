"""What the kernel holds for connections that never read, and how long a worker is busy before it sees others."""
import contextlib, os, random, re, socket, threading, time
from common import (HEALTH, METRICS, SECOND, SHORT, UPLOAD, Attack, Behaviour, Honest, Jwtd, Settings, bounds,
                    judge, port_memory, post, row, tcp_memory, wanted)
from compat import skip
from room import AUTH, LARGE, UNREAD, stream

# ---- memory

HELD = 400                              # KB that a connection which never reads may cost
GONE = 15                               # seconds until nothing is left of it
# KB that may differ from the start: twice what the kernel keeps at hand for a processor (SK_MEMORY_PCPU_RESERVE).
AT_HAND = 2 * 1024 * (os.cpu_count() or 1)

# Some are 50 connections and not 200: without a bound, all would take most of what a host has for its TCP (tcp_mem).
NEVER_READ = {
    "metrics": (200, Behaviour("metrics", METRICS * 1000, rcvbuf=UNREAD, flags="o")),
    "taken-wholly": (200, Behaviour("wholly", HEALTH * 400, rcvbuf=UNREAD, flags="o")),  # 60 KB of small answers
    "one-large-each": (200, Behaviour("large", LARGE, rcvbuf=UNREAD, flags="o")),
    "sends-on": (50, Behaviour("sends", tick=stream(METRICS), rcvbuf=UNREAD, flags="eo")),       # nor does jwtd read
}
ENDED = {"metrics": 50, "taken-wholly": 50, "one-large-each": 50}
QUICK = ("metrics", "taken-wholly")

class Held:
    """One jwtd, and connections that never read from it."""

    def __init__(self, name, connections, behaviour, *options):
        self.name, self.connections, self.peak, self.seconds, self.since = name, connections, 0, None, None
        self.jwtd = Jwtd("--grace", "1", *options)
        self.attack = Attack(self.jwtd.port, connections, [behaviour])

    def look(self):
        """The most that was seen while they lived; when it was gone."""
        kb, count = port_memory(self.jwtd.port)
        if self.since is None:
            self.peak = max(self.peak, kb)
        elif kb == 0 and count == 0 and self.seconds is None:
            self.seconds = time.monotonic() - self.since

    def report(self, within):
        left = port_memory(self.jwtd.port)
        if self.peak < self.connections:
            row(self.name, False, f"{self.peak} KB for {self.connections} connections: they hold nothing")
        elif self.seconds is None:
            row(self.name, False, f"{self.peak / self.connections:.0f} KB a connection (at most {HELD})",
                f"{within} s later {left[0]} KB for {left[1]} of {self.connections} are STILL THERE (none may be)")
        else:
            bounds(self.name, (f"each of {self.connections} connections", self.peak / self.connections, HELD, " KB"),
                   ("gone after", self.seconds, within, " s"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.attack.__exit__()
        self.jwtd.__exit__()

def memory():
    """All at once, as most of the time is waited. In the quick one --request-timeout says when they are given up."""
    timeout, within = (10, GONE) if Settings.long else (3, GONE - 7)
    rows = [(f"memory/{name}", n, b, False) for name, (n, b) in NEVER_READ.items()]
    rows += [(f"memory/{name}/jwtd-ended", n, NEVER_READ[name][1], True) for name, n in ENDED.items()]
    rows = [r for r in rows if wanted(r[0]) and (Settings.long or Settings.only or r[0].split("/")[1] in QUICK)]
    if not rows:
        return
    if not Settings.own_net:
        skip("memory/: wants a network namespace of its own (root)")
        return
    before = tcp_memory()
    with contextlib.ExitStack() as stack:
        held = [(stack.enter_context(Held(name, n, behaviour, "--request-timeout", str(timeout))), ends)
                for name, n, behaviour, ends in rows]
        up = all([h.attack.ready() for h, _ in held])
        end = time.monotonic() + 1.5
        while time.monotonic() < end:
            for h, _ in held:
                h.look()
            time.sleep(0.1)
        most = tcp_memory() - before
        wrong = "; ".join(filter(None, (h.jwtd.stop() for h, ends in held if ends)))
        for h, _ in held:
            h.since = time.monotonic()
        while time.monotonic() < held[0][0].since + within and any(h.seconds is None for h, _ in held):
            for h, _ in held:
                h.look()
            time.sleep(0.1)
        for h, _ in held:
            h.report(within)
        start_line(max(h.peak / h.connections for h, _ in held), held[0][0].jwtd)
        row("memory/jwtd-ends-while-they-live", up and not wrong, wrong or "with 0, in time")
        while (left := tcp_memory() - before) > AT_HAND and time.monotonic() < held[0][0].since + within + 1:
            pass
    bounds("memory/sockstat", (f"all TCP grew by {most} KB; {within} s later that is", left, AT_HAND, " KB"))

def start_line(peak, jwtd):
    """The line of the start says what the kernel may hold: no less than was seen, at 4,096 connections."""
    said = re.search(r"(\d+) MB in the kernel", jwtd.serves()[0])
    seen = peak * 4096 / 1024
    row("memory/start-line", said and int(said[1]) >= seen,
        f"{said[0] if said else 'nothing of the kernel'} is said; {seen:.0f} MB would be as was seen (no more may be)")

# ---- a worker's turn

WATCHDOG = 10                           # seconds, as contrib/systemd has it
GAP = 1.0                               # seconds between two signs of life, at the most: it gives two a second

def dear():
    """A body whose member names are as dear to compare as was found: long, alike, and spelt in two ways."""
    def name(i):
        return b"".join(random.Random(i).choices((b"/", b"\\/"), k=330)) + b"%02x" % i
    names = b",".join(b'"%s":0' % name(i) for i in range(120, 0, -1))
    return post(b"{" + names[:63_000].rpartition(b",")[0] + b',"token":"a.b.c"}', b"/v1/verify")

TURNS = {"auth-128": (128, AUTH), "auth-512": (512, AUTH), "verify-128": (128, dear())}

class Life:
    """Listens for WATCHDOG=1."""

    def __init__(self):
        self.path = f"{Settings.tmp}/notify-{time.monotonic_ns()}"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.signs = []
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            if b"WATCHDOG=1" in self.socket.recv(4096):
                self.signs.append(time.monotonic())

    def longest(self, begin):
        """The longest time without a sign, from `begin` to now."""
        times = [begin, *(t for t in list(self.signs) if t > begin), time.monotonic()]
        return max(b - a for a, b in zip(times, times[1:]))

def turn(name, connections, request, seconds, again=True):
    life = Life()
    environment = {"NOTIFY_SOCKET": life.path, "WATCHDOG_USEC": str(WATCHDOG * 1000000)}
    options = ("--workers", "1", "--max-body", "2000000", "--body-buffers", "200", "--grace", "0")
    with Jwtd(*options, environment=environment) as jwtd:
        begin = time.monotonic()
        time.sleep(2.2)
        quiet = life.longest(begin)
        with Attack(jwtd.port, connections, [Behaviour(name, tick=stream(request), flags="re")]) as attack:
            up = attack.ready()
            time.sleep(0.5)
            begin, waited = time.monotonic(), jwtd.waited()
            seen = Honest(jwtd.port, seconds, "new:100", "keep:50", request=HEALTH, upload=UPLOAD).end()
            gap, waited = life.longest(begin), jwtd.waited() - waited
            attack.end()
    said, wrong = judge(seen)
    good = up and not wrong and gap <= GAP
    if not good and again and waited > SHORT * seconds:
        turn(name, connections, request, seconds, again=False)
        return
    row(f"turn/{name}", good, "" if up else "the attack did not come to be", wrong,
        said + f" (at most {SECOND:.0f} s)",
        f"{'NO ' if gap > GAP else ''}WATCHDOG=1 within {gap:.2f} s (at most {GAP}; {quiet:.2f} s undisturbed)",
        f"{attack.did['sent'] / 1e6:.0f} MB sent; jwtd was without a processor for {waited:.1f} of {seconds} s")

def run():
    memory()
    for name, (connections, request) in TURNS.items():
        if wanted(f"turn/{name}") and (Settings.long or Settings.only or name == "auth-128"):
            turn(name, connections, request, 8 if Settings.long else 4)
