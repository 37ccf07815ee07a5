"""A thousand connections that draw from all behaviours, beside ten honest clients; and once more under ThreadSanitizer.

What is bounded is the slowest answer, and how much slower than undisturbed most may be. Where pipelines without an end
take all of the processors, answers wait for these: then it is only the slowest."""
import glob, os, re, shutil, subprocess, time
from common import (HEALTH, METRICS, SECOND, UPLOAD, Attack, Behaviour, Honest, Jwtd, Settings, ask, bounds, judge, ms,
                    port_memory, row, wanted)
from compat import HERE, skip
from room import ALL, AUTH, CREATE, FLOODS

CONNECTIONS = 1000                      # as many as jwtd may hold
UNDISTURBED, PACED, FLOODED, SANITIZED = 8, 45, 15, 20          # seconds
HONEST = ("keep:50:5", "new:50:5")
TIMES = 5                               # how much longer 99 of 100 answers may take than undisturbed, before or after
BACK = 15                               # seconds until all is as before

# Pipelines that do not take the processors by themselves: some 2 % of them.
BURSTS = [Behaviour("burst-healthz", tick=HEALTH * 32, every=300, flags="r"),
          Behaviour("burst-create", tick=CREATE * 16, every=300, flags="r"),
          Behaviour("burst-auth", tick=AUTH, every=1000, flags="r")]
WITHOUT_FLOODS = [b for b in ALL if b not in FLOODS] + BURSTS

def connections(jwtd):
    said = re.search(r"^jwtd_connections (\d+)$", ask(("127.0.0.1", jwtd.port), METRICS)[1], re.M)
    return int(said[1]) if said else -1

def resident(jwtd):
    with open(f"/proc/{jwtd.pid}/status", encoding="ascii") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1]) / 1024

def descriptors(jwtd):
    return len(os.listdir(f"/proc/{jwtd.pid}/fd"))

def clients(jwtd, seconds):
    return Honest(jwtd.port, seconds, *HONEST, request=HEALTH, upload=UPLOAD)

def beside(jwtd, name, behaviours, seconds):
    """What the ten wait beside it."""
    waited = jwtd.waited()
    with Attack(jwtd.port, CONNECTIONS, behaviours, seed=Settings.seed) as attack:
        up = attack.ready()
        seen = clients(jwtd, seconds).end()
        attack.end()
    said, wrong = judge(seen)
    row(f"adversary/{name}/waits", up and not wrong, "" if up else "the attack did not come to be", wrong,
        f"{said} (at most {SECOND:.0f} s, none lost)", f"p99 {', '.join(ms(c['p99']) for c in seen)}",
        f"{attack.did['made']} connections made, seed {Settings.seed}",
        f"jwtd was without a processor for {jwtd.waited() - waited:.1f} of {seconds} s")
    return seen

def adversary():
    with Jwtd("--max-connections", str(CONNECTIONS), "--grace", "0") as jwtd:
        before, open_before = clients(jwtd, UNDISTURBED).end(), descriptors(jwtd)
        seen = beside(jwtd, "paced", WITHOUT_FLOODS, PACED)
        time.sleep(1)
        after = clients(jwtd, UNDISTURBED).end()
        for a, b, z in zip(before, seen, after):
            bounds(f"adversary/paced/{b['kind'].split(':')[0]}",
                   *((f"{what} undisturbed {ms(a[what])} before and {ms(z[what])} after, beside it", b[what] * 1000,
                      TIMES * max(a[what], z[what]) * 1000, " ms") for what in ("p99", "median")))
        beside(jwtd, "floods", ALL, FLOODED)
        end = time.monotonic() + BACK
        # It may not have seen yet that the one that asked before is gone.
        while (left := connections(jwtd)) > 1 and time.monotonic() < end:
            time.sleep(0.1)
        most = int(re.search(r"(\d+) MB", jwtd.serves()[0])[1])
        bounds("adversary/afterwards", ("connections, ours with them,", left, 1, ""),
               ("descriptors", descriptors(jwtd), open_before + 1, ""), ("resident", resident(jwtd), most + 2, " MB"),
               ("of the kernel's for others", others(jwtd), 0, " KB"))
        ended = jwtd.stop()
        row("adversary/stop", not ended, ended or "with 0")

def others(jwtd):
    """KB of the kernel's for connections, when nobody is there any more."""
    time.sleep(0.5)
    return port_memory(jwtd.port)[0] if Settings.own_net else 0

# ---- ThreadSanitizer

def tree():
    """The sources that JWTD was made from, if they lie above it; else ours."""
    folder = os.path.dirname(Settings.jwtd)
    while folder != "/" and not os.path.exists(f"{folder}/Makefile"):
        folder = os.path.dirname(folder)
    return folder if folder != "/" else os.path.dirname(HERE)

def sanitized(name):
    if not shutil.which("clang-14"):
        skip(f"{name} (apt-get install --no-install-recommends clang-14 libclang-rt-14-dev llvm-14)")
        return
    made = subprocess.run(["nice", "make", "-s", "-j2", "-C", tree(), "BUILD=build/tsan", "CC=clang-14", "STATIC=",
                           "HARDENING=", "CFLAGS=-g -O1 -fsanitize=thread", "build/tsan/jwtd"],
                          capture_output=True, text=True, check=False)
    if made.returncode != 0:
        row(name, False, f"it does not build: {made.stderr[-500:]}")
        return
    # Where the kernel places memory too much at random, this run-time library gives up: -R.
    may = subprocess.run(["setarch", "-R", "true"], capture_output=True, check=False).returncode == 0
    reports = f"{Settings.tmp}/tsan"
    with Jwtd("--max-connections", str(CONNECTIONS), "--workers", "3", "--grace", "0",
              program=f"{tree()}/build/tsan/jwtd", runner=("setarch", "-R") if may else (),
              environment={"TSAN_OPTIONS": f"log_path={reports} report_thread_leaks=0"}) as jwtd:
        with Attack(jwtd.port, CONNECTIONS, ALL, seed=Settings.seed) as attack:
            up = attack.ready(30)
            seen = clients(jwtd, SANITIZED).end()
            attack.end()
        ended = jwtd.stop()
    said = "".join(open(path, encoding="utf-8", errors="replace").read() for path in glob.glob(reports + ".*"))
    found = len(re.findall("WARNING: ThreadSanitizer", said))
    row(name, up and not ended and not said,
        f"{found} reports (none may be) in {SANITIZED} s, {attack.did['made']} connections made",
        f"{sum(c['asked'] - c['lost'] for c in seen)} honest requests answered, seed {Settings.seed}", ended,
        said[:4000])

def run():
    if not Settings.long and not Settings.only:
        return
    if wanted("adversary/paced"):
        adversary()
    if wanted("adversary/tsan"):
        sanitized("adversary/tsan")
