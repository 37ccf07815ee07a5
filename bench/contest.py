"""The part 'peers': jwtd, the floor, and others that create the same tokens, in turn, round after round."""
import base64, collections, functools, json, os, platform, re, secrets, shutil, statistics, subprocess, time

import report
from harness import (BUILD, HERE, KEY, SCRIPT, TOP, ask, costs, free_port, jwtd, nginx, promise, sign_token,
                     signature, skip, start, stop_all, token, write_clients, wrk)

LEVELS = 1, 256, 1000       # connections, besides the 32 at which everything is compared
CLIENTS = f"{BUILD}/clients.json"
DEPTH = 16                  # requests in one batch, pipelined
QUESTIONS = 512             # tokens to validate, each with a key of its own: more than jwtd could keep states of

# ---- contestants: each starts a server and returns it, or returns None where something it needs is missing

def peer(*command, **options):
    port = free_port()
    words = [word.replace("{port}", str(port)) for word in command]
    return start(port, *words, env={**os.environ, "BENCH_KEY": KEY, "GOMAXPROCS": "2", "BENCH_CLIENTS": CLIENTS}, **options)

def works(*command, seconds=30, **options):
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              timeout=seconds, **options).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False

def compiled(source, *libraries):
    """The program made of a file of ours."""
    program = f"{BUILD}/{os.path.basename(source)[:-2]}"
    subprocess.run([os.environ.get("CC", "cc"), "-O2", "-std=c11", "-D_GNU_SOURCE", "-o", program, f"{HERE}/{source}",
                    *libraries], check=True)
    return program

def floor(body=293):
    return peer(compiled("floor.c"), "{port}", str(body))

def microhttpd():
    flags = "pkg-config", "--cflags", "--libs", "libmicrohttpd", "libjwt", "jansson"
    if works(*flags):
        libraries = subprocess.run(flags, capture_output=True, text=True).stdout.split()
        return peer(compiled("peers/microhttpd.c", *libraries), "{port}", "2")

def go():
    environment = {**os.environ, "GOCACHE": f"{BUILD}/go", "GOPROXY": "off", "GOFLAGS": "", "CGO_ENABLED": "0"}
    if works("go", "build", "-o", f"{BUILD}/gohttp", ".", cwd=f"{HERE}/peers/go", env=environment, seconds=60):
        return peer(f"{BUILD}/gohttp", "{port}")

def node():
    if works("node", "-e", "process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)"):
        return peer("node", f"{HERE}/peers/node_http.mjs", "{port}", "2")

def fastify():
    folder = f"{BUILD}/fastify"
    os.makedirs(folder, exist_ok=True)
    wanted = [shutil.copy(f"{HERE}/peers/{name}", folder) for name in ("package-lock.json", "package.json", "fastify.mjs")]
    installed = f"{folder}/node_modules/.package-lock.json"
    fresh = os.path.exists(installed) and os.path.getmtime(installed) > os.path.getmtime(f"{HERE}/peers/package-lock.json")
    install = "npm ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error"
    if works("node", "--version") and (fresh or works(*install.split(), cwd=folder)):
        return peer("node", wanted[-1], "{port}", "2")

def flask():
    if works("/usr/bin/python3", "-c", "import flask_restful, gunicorn"):
        return peer("/usr/bin/python3", "-B", "-m", "gunicorn", "-w", "2", "-k", "gthread", "--threads", "16", "--backlog", "4096", "-b", "127.0.0.1:{port}",
                    "flask_app:app", cwd=f"{HERE}/peers")

Contestant = collections.namedtuple("Contestant", "key title start install")
CONTESTANTS = [Contestant(*row) for row in (
    ("jwtd-2", "jwtd, 2 workers", functools.partial(jwtd, "--workers", "2"), ""),
    ("jwtd-1", "jwtd, 1 worker", functools.partial(jwtd, "--workers", "1"), ""),
    ("floor", "the floor (1 thread)", floor, ""),
    ("nginx", "nginx, a constant", nginx, "apt-get install nginx-light"),
    ("nginx-1", "one nginx worker", functools.partial(nginx, 1), "apt-get install nginx-light"),
    ("microhttpd", "libmicrohttpd, libjwt", microhttpd,
     "apt-get install libmicrohttpd-dev libjwt-dev libjansson-dev pkg-config"),
    ("go", "Go net/http", go, "apt-get install golang-go"),
    ("node", "node:http, node:crypto", node, "node 20 or newer: nodejs of Debian 13, or nodejs.org"),
    ("fastify", "fastify, fast-jwt", fastify, "node 20 or newer, and npm that reaches its registry"),
    ("flask", "Flask-RESTful, gunicorn", flask, "apt-get install python3-flask-restful gunicorn"),
)]
TITLES = {contestant.key: contestant.title for contestant in CONTESTANTS}

PYTHON_PACKAGE = "from importlib.metadata import version; print(version('%s'))"
VERSIONS = {
    "jwtd": (f"{TOP}/jwtd", "version"), "nginx": ("nginx", "-v"),
    "libmicrohttpd": ("pkg-config", "--modversion", "libmicrohttpd"), "libjwt": ("pkg-config", "--modversion", "libjwt"),
    "Go": ("go", "version"), "node": ("node", "--version"),
    "fastify": ("sed", "-n", 's/"fastify"://p', f"{HERE}/peers/package.json"),
    "fast-jwt": ("sed", "-n", 's/"fast-jwt"://p', f"{HERE}/peers/package.json"),
    "Flask-RESTful": ("/usr/bin/python3", "-c", PYTHON_PACKAGE % "Flask-RESTful"),
    "gunicorn": ("/usr/bin/python3", "-c", PYTHON_PACKAGE % "gunicorn"), "wrk": ("wrk", "-v"),
}

def version(*command):
    try:
        run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except OSError:
        return None
    number = re.search(r"\d+(\.\d+)+", run.stdout + run.stderr)
    return number and number[0]

# ---- what is asked

def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

def genuine(answer):
    """Whether an answer bears the token that was asked for, signed with the demo key."""
    signed, _, mac = json.loads(answer)["JWT Token"].rpartition(".")
    header, claims = (json.loads(decoded(part)) for part in signed.split("."))
    date = time.strftime("%Y-%m-%d", time.gmtime(claims["iat"]))
    return (header == {"typ": "JWT", "alg": "HS512"} and abs(claims["iat"] - time.time()) < 5
            and set(claims) == {"iat", "jti", "payload"} and re.fullmatch("[0-9a-f]{32}", claims["jti"])
            and claims["payload"] == {"data": "this is test", "date": date} and decoded(mac) == signature(KEY, signed))

def question():
    """What GET / takes: a token of the usual claims, and the key it was signed with, used nowhere else."""
    key, payload = secrets.token_hex(64), {"data": "this is test", "date": "2022-11-17"}
    parts = {"typ": "JWT", "alg": "HS512"}, {"iat": 1668664446, "jti": secrets.token_hex(16), "payload": payload}
    texts = (json.dumps(part, separators=(",", ":")) for part in parts)
    return json.dumps({"Token": token(key, *texts), "Signing_key": key})

def rotating(bodies):
    return ("local bodies, requests, at = {" + ",".join(f"'{body}'" for body in bodies) + "}, {}, 0\n"
            'function init() for i, body in ipairs(bodies) do requests[i] = wrk.format("GET", "/", '
            '{["Content-Type"] = "application/json"}, body) end end\n'
            "function request() at = at % #requests + 1; return requests[at] end\n")

PIPELINED = SCRIPT + f"""local batch
function init() batch = string.rep(wrk.format(), {DEPTH}) end
function request() return batch end
"""

# script, path, who is asked
Operation = collections.namedtuple("Operation", "script path keys")

def granting(field, form):
    name, value = field.split(": ")
    return (f'wrk.method = "POST"; wrk.body = "{form}"; wrk.headers["{name}"] = "{value}"\n'
            'wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"\n')

def operations(token, grant):
    return {
        "create": Operation(SCRIPT, "/", [contestant.key for contestant in CONTESTANTS]),
        "validate": Operation(rotating(question() for _ in range(QUESTIONS)), "/", ["jwtd-2", "jwtd-1", "floor"]),
        "auth": Operation(f'wrk.headers["Authorization"] = "Bearer {token}"', "/auth", ["jwtd-2", "jwtd-1", "floor", "nginx", "nginx-1"]),
        "token": Operation(granting(*grant), "/token", ["jwtd-2", "jwtd-1", "go", "node"]),
        "pipelined": Operation(PIPELINED, "/", ["jwtd-2", "jwtd-1", "nginx"]),
    }

def granted(server, grant):
    """Whether a client gets a token of its own there, signed with the demo key."""
    head = (f"POST /token HTTP/1.1\r\nHost: localhost\r\n{grant[0]}\r\nContent-Length: {len(grant[1])}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n\r\n")
    answer = json.loads(ask(server.port, (head + grant[1]).encode())[1])
    signed, _, mac = answer["access_token"].rpartition(".")
    claims = json.loads(decoded(signed.split(".")[1]))
    return (decoded(mac) == signature(KEY, signed) and claims["exp"] - claims["iat"] == answer["expires_in"] == 600
            and list(claims) == ["sub", "client_id", "aud", "scope", "iat", "exp", "jti"]
            and claims["scope"] == answer["scope"] == "metrics.read")

def start_all(grant):
    """Servers by key; by (operation, key) those that answer this alone: the floor with answers as long as jwtd's, and
    jwtd with clients, who alone may create then."""
    servers = {}
    for contestant in CONTESTANTS:
        if server := contestant.start():
            servers[contestant.key] = server
            body = ask(server.port)[1]
            if contestant.key not in ("floor", "nginx", "nginx-1") and not genuine(body):
                raise SystemExit(f"{contestant.title}: not the token that was asked for: {body}")
        else:
            skip(f"{contestant.title} (needs {contestant.install})")
    body = question().encode()
    head = f"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    answer = ask(servers["jwtd-1"].port, head.encode() + body)[1]
    if not answer.endswith(b'"Signature Verification": true}\n'):
        raise SystemExit(f"jwtd: not valid: {answer}")
    servers["token", "jwtd-2"], servers["token", "jwtd-1"] = (
        jwtd("--workers", workers, "--clients-file", CLIENTS) for workers in "21")
    for key in ("token", "jwtd-2"), ("token", "jwtd-1"), "go", "node":
        if key in servers and not granted(servers[key], grant):
            raise SystemExit(f"{key}: not the token of the client")
    return {**servers, ("validate", "floor"): floor(len(answer)), ("auth", "floor"): floor(0)}

# ---- rounds

def measure(server, operation, connections):
    load, (us,) = costs([server], connections, operation.script, operation.path)
    row = {"us": us, **load._asdict()}
    del row["requests"]
    if operation.script == PIPELINED:       # wrk takes the wait for a batch for a wait for each: no latency there
        row.update(p50=None, p99=None, p999=None)
    return row

def cells_of(asked, level):
    """One round: everything at 32 connections; then at another number, if any, what is to be compared there."""
    cells = [(name, key, 32) for name, operation in asked.items() for key in operation.keys]
    if level:
        cells += [("create", key, level) for key in asked["create"].keys]
        cells += [("validate", "jwtd-2", level), ("auth", "jwtd-2", level)]
    return cells

def run_rounds(began, budget, asked, servers, levels):
    """Rows by (operation, key, connections). Rounds are added while the time allows another one."""
    rows, longest, rounds = collections.defaultdict(list), 0, 0
    while rounds == 0 or time.monotonic() - began + longest < budget:
        round_began = time.monotonic()
        for name, key, connections in cells_of(asked, levels[rounds % len(levels)]):
            if server := servers.get((name, key)) or servers.get(key):
                rows[name, key, connections].append(measure(server, asked[name], connections))
        rounds, longest = rounds + 1, max(longest, time.monotonic() - round_began)
        said = ", ".join(f"{key} {rows['create', key, 32][-1]['us']:.1f}" for key in TITLES if key in servers)
        print(f"  round {rounds}, {time.monotonic() - began:.0f} s: {said}", flush=True)
    return rows, rounds

# what, whose CPU against whose, at the most: issue 8
TARGETS = (
    ("create", "jwtd-2", "nginx", 0.85), ("create", "jwtd-1", "nginx", 0.75), ("create", "jwtd-1", "floor", 1.25),
    ("create", "jwtd-2", "flask", 1 / 35), ("create", "jwtd-2", "node", 1 / 8), ("create", "jwtd-2", "go", 1 / 4),
    ("validate", "jwtd-1", "floor", 1.35), ("auth", "jwtd-1", "floor", 1.25), ("auth", "jwtd-2", "nginx", 0.8),
)

def ratios_of(rows):
    """jwtd's CPU against each other's, by operation, by key of ours and of theirs: medians of the rounds' ratios."""
    ratios = {}
    for name, theirs, connections in rows:
        for ours in ("jwtd-2", "jwtd-1"):
            if connections == 32 and not theirs.startswith("jwtd"):
                pairs = zip(rows[name, ours, 32], rows[name, theirs, 32])
                ratio = statistics.median(a["us"] / b["us"] for a, b in pairs)
                ratios.setdefault(name, {}).setdefault(ours, {})[theirs] = round(ratio, 4)
    return ratios

def judge(ratios):
    for name, ours, theirs, limit in TARGETS:
        if theirs in ratios[name][ours]:
            promise(f"{name}: CPU of {TITLES[ours]}, against {TITLES[theirs]}", ratios[name][ours][theirs], limit)

def machine():
    with open("/proc/cpuinfo") as f:
        model = re.search(r"model name\s*: (.*)", f.read())
    compiler = subprocess.run([os.environ.get("CC", "cc"), "--version"], capture_output=True, text=True).stdout.split("\n")[0]
    return {"date": time.strftime("%Y-%m-%d", time.gmtime()), "processor": model[1] if model else platform.machine(),
            "cores": len(os.sched_getaffinity(0)), "kernel": "Linux " + re.match(r"[\d.]*\d", platform.release())[0],
            "compiler": compiler, "binary": os.path.getsize(f"{TOP}/jwtd"),
            "versions": {name: version(*command) for name, command in VERSIONS.items()}}

def medians(rows):
    figures = {}
    for (name, key, connections), measured in rows.items():
        figures.setdefault(name, {}).setdefault(key, {})[str(connections)] = {
            what: None if one is None else round(statistics.median(row[what] for row in measured), 3)
            for what, one in measured[0].items()}
    return figures

def part_peers(o):
    print("CPU of one request in us; each server has two workers, processes or threads, unless it says one", flush=True)
    began = time.monotonic()
    os.makedirs(BUILD, exist_ok=True)
    grant = write_clients(CLIENTS)
    asked, servers = operations(sign_token(), grant), start_all(grant)
    for key in {"node", "fastify"} & set(servers):      # their compilers want to see some thousand requests first
        wrk(servers[key], 1, 32)
    rows, rounds = run_rounds(began, 50 if o.quick else 280, asked, servers, (None,) if o.quick else LEVELS)
    stop_all()
    found = {**machine(), "rounds": rounds, "titles": TITLES, "left_out": [key for key in TITLES if key not in servers],
             "ratios": ratios_of(rows), "figures": medians(rows)}
    report.show(found)
    judge(found["ratios"])
    if not o.quick:
        report.save({**report.kept("guarded", "workers"), **found})
        report.draw()

def part_draw(o):
    report.draw()
