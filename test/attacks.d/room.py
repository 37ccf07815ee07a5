"""Few never deny the many: one attacker with as many connections as there are, beside honest clients."""
import time
from common import (HEALTH, METRICS, SHORT, UPLOAD, Attack, Behaviour, Honest, Jwtd, Settings, b64, get, judge, ms,
                    post, row, wanted)

LIMITS = (1, 4, 64, 4096)               # --max-connections; the last is the default
HEAVY = LIMITS[2:]                      # of these, what floods is measured alone
BUFFERS = 256                           # --body-buffers
WARM = 0.3                              # seconds until honest clients begin
OLD = 1.2                               # and where everything of the attacker's is to be old by then
SMALL = 1024                            # bytes of a half request that every connection has room for
UNREAD = 2048                           # bytes of receive buffer of who does not read

# ---- what the attackers send

LARGE = post(b'{"user_data":"' + b"a" * 48000 + b'"}')          # answered with 64 KB
TOKEN = ".".join((b64(b'{"alg":"HS512"}'), b64(b'{"x":"' + b"a" * 9100 + b'"}'), b64(b"1" * 64)))      # 12 KB
AUTH = get(b"/auth", b"Host: a\r\nAuthorization: Bearer " + TOKEN.encode() + b"\r\n")
CREATE = post(b'{"user_data":"this is test"}')
TOO_LARGE = post(b"", announced=99_999_999)
LAST = get(b"/healthz", b"Host: a\r\nConnection: close\r\n")
HALF_BODY = post(b"a" * 1100, announced=20_000)                 # above SMALL
CHUNKED = (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
           b"400\r\n" + b"a" * 1024 + b"\r\n")

def stream(request):
    """So many of them that one send takes them by the dozen."""
    return request * (65536 // len(request) + 1)

class Shape:
    """A way to attack: what connections do in turn, or (draw) each as it is drawn when it is made.

    heavy: the limits that are measured alone, as the attack takes much of the machine; the others are all at once."""

    def __init__(self, name, *behaviours, warm=WARM, heavy=(), limits=LIMITS, connections=None, uploads=600, pause=100,
                 draw=False):
        self.name, self.behaviours, self.warm, self.heavy = name, behaviours, warm, heavy
        self.limits, self.connections, self.uploads, self.pause, self.draw = limits, connections, uploads, pause, draw

    def scarce(self, limit):
        """Whether more connections want a full-size buffer than there are, as they send more than 1 KB at once. The
        older gives way to the newer then, and an honest upload, which takes half a second, is soon the older: nobody
        can tell it from them by age. It may have 503."""
        wants = sum(len(b.first) > SMALL or len(b.tick) > SMALL for b in self.behaviours)
        return (self.connections or limit) * wants // len(self.behaviours) > BUFFERS

def one(name, *arguments, **more):
    """A shape of one behaviour."""
    shape = {n: more.pop(n) for n in ("warm", "heavy", "limits", "connections", "uploads", "pause") if n in more}
    return Shape(name, Behaviour(name, *arguments, **more), **shape)

def kept_young(name, every, request=HEALTH, **more):
    """Completes a request and begins the next, over and over: neither idle nor late."""
    return one(name, request + request[:1], request[1:] + request[:1], every, **more)

DRIP = 300                              # milliseconds
HALF = HEALTH[:-2]
FAMILIES = {
    "half": [
        one("old", HALF, warm=OLD),
        one("young", HALF, life=700),
        one("drip", HALF + b"X: ", b"a", DRIP),
        one("drip-body", HALF_BODY, b"a", DRIP, warm=OLD),
        one("drip-chunked", CHUNKED, b"1\r\na\r\n", DRIP, flags="b", warm=OLD),
    ],
    "young": [
        kept_young("600-ms", 600, flags="r"),
        kept_young("200-ms", 200, flags="r", heavy=(4096,)),
        kept_young("unread", 600, METRICS, rcvbuf=UNREAD, warm=OLD),
    ],
    "unread": [
        one("metrics", METRICS * 1000, rcvbuf=UNREAD, warm=OLD),
        one("huge", LARGE * 4, rcvbuf=UNREAD, warm=OLD, heavy=(4096,)),
        one("one-each", LARGE, rcvbuf=UNREAD, warm=OLD),
    ],
    "pipeline": [
        one("healthz", tick=stream(HEALTH), flags="re", heavy=HEAVY),
        one("auth", tick=stream(AUTH), flags="re", heavy=HEAVY),
        one("create", tick=stream(CREATE), flags="re", heavy=HEAVY),
    ],
    # The second is closed by jwtd without a word after two seconds: it comes again by itself.
    "drain": [
        one("413-dripping", TOO_LARGE, b"a", DRIP, flags="rc"),
        one("400-silent", b"G@T /\r\n\r\n", life=2100, flags="rc"),
        one("last-dripping", LAST, b"a", DRIP, flags="rc"),
    ],
    "buffers": [
        one("unread", METRICS * 1000, rcvbuf=UNREAD, limits=(4096,), connections=BUFFERS, uploads=60, warm=OLD),
        one("stalled", HALF_BODY, limits=(4096,), connections=BUFFERS, uploads=60, warm=OLD),
        one("drip-chunked", CHUNKED, b"1\r\na\r\n", DRIP, limits=(4096,), connections=BUFFERS, uploads=60, flags="b",
            warm=OLD),
    ],
    "silent": [
        one("kept", warm=OLD),
        one("400-ms", life=400),
        one("at-once", pause=0, heavy=(4096,)),
    ],
}

ALL = [b for family in FAMILIES.values() for shape in family for b in shape.behaviours]
FLOODS = [b for shape in FAMILIES["pipeline"] for b in shape.behaviours]
FAMILIES["mixed"] = [
    Shape("all", *ALL, heavy=HEAVY),
    Shape("no-floods", *(b for b in ALL if b not in FLOODS), heavy=HEAVY),
    Shape("drawn", *ALL, heavy=HEAVY, draw=True),
]

# What a change may wait for: a shape of each family; of the heavy ones these limits.
QUICK = {"half/old": LIMITS, "half/drip-body": LIMITS, "young/600-ms": LIMITS, "unread/metrics": LIMITS,
         "pipeline/auth": (4096,), "drain/413-dripping": LIMITS, "buffers/unread": LIMITS, "silent/400-ms": LIMITS,
         "mixed/no-floods": (4096,), "mixed/all": (4,)}

# ---- the honest ones

SECONDS = 3.2                           # so that who asks every 3 s asks twice
KEPT = ("new:100", "keep:50", "keep:3000")

def kinds(limit, uploads):
    """An upload takes half a second by itself: on a single connection, others would have to wait for that."""
    return KEPT if limit == 1 else (*KEPT, f"upload:{uploads}")

undisturbed = {}                        # --max-connections: the p99 of those that ask most

def measure(name, shape, limits, again=True):
    """Each limit has a jwtd, an attacker and honest clients of its own, all at once."""
    served, attacks, honest = [], [], []
    try:
        for limit in limits:
            served.append(Jwtd("--max-connections", str(limit), "--grace", "0"))
            if shape is not None:
                attacks.append(Attack(served[-1].port, shape.connections or limit, shape.behaviours, shape.pause,
                                      int(shape.draw)))
        up = [a.ready() for a in attacks]
        time.sleep(shape.warm if shape is not None else 0)
        before = [jwtd.waited() for jwtd in served]
        for limit, jwtd in zip(limits, served):
            honest.append(Honest(jwtd.port, SECONDS, *kinds(limit, shape.uploads if shape is not None else 600),
                                 request=HEALTH, upload=UPLOAD))
        seen = [h.end() for h in honest]
        waited = [jwtd.waited() - b for jwtd, b in zip(served, before)]
        for attack in attacks:
            attack.end()
        ended = [jwtd.stop() for jwtd in served]
    finally:
        for process in attacks + served:
            process.__exit__()
    for i, limit in enumerate(limits):
        good, *figures = verdict(limit, seen[i], attacks[i].did if attacks else None,
                                 shape is not None and shape.scarce(limit), waited[i], ended[i],
                                 "" if not attacks or up[i] else "the attack did not come to be")
        if not good and again and waited[i] > SHORT * SECONDS:
            measure(name, shape, [limit], again=False)
        else:
            row(f"{name}@{limit}", good, *figures)

def verdict(limit, seen, did, scarce, waited, *wrong):
    said, judged = judge(seen, scarce)
    p99 = max(c["p99"] for c in seen if c["kind"] in KEPT[:2])
    if did is None:
        undisturbed[limit] = p99
        attack = f"p99 {ms(p99)}"
    else:
        compared = f" ({p99 / undisturbed[limit]:.1f} x undisturbed)" if limit in undisturbed else ""
        attack = f"p99 {ms(p99)}{compared}; attackers {did['held']} held, {did['made']} made"
        attack += f", {did['sent'] / 1e6:.1f} MB sent"
    attack += f"; jwtd was without a processor for {waited:.1f} of {SECONDS} s"
    wrong = [w for w in (judged, *wrong) if w]
    return not wrong, *wrong, said + " (at most 1 s, none lost)", attack

def limits_of(name, shape):
    limits = shape.limits if Settings.long or Settings.only else QUICK.get(name, ())
    return [limit for limit in limits if limit in shape.limits and wanted(f"room/{name}@{limit}")]

def run():
    if not wanted("room"):
        return
    measure("room/undisturbed", None, LIMITS)
    for family, shapes in FAMILIES.items():
        for shape in shapes:
            limits = limits_of(f"{family}/{shape.name}", shape)
            together = [limit for limit in limits if limit not in shape.heavy]
            for group in [together] * bool(together) + [[limit] for limit in limits if limit in shape.heavy]:
                measure(f"room/{family}/{shape.name}", shape, group)
