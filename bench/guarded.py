"""The part 'guarded': what it costs that a proxy asks jwtd about each request. The proxies are configured by the files of
contrib/, but that they give a constant themselves where the application would stand."""
import collections, functools, os, pwd, re, shutil, statistics, subprocess, sys, tempfile, time

import report
from harness import KEY, TOP, ask, costs, free_port, jwtd, sign_token, skip, start, stop_all, token

LEVELS = 1, 8               # connections, by turns, besides the 32 of each round
BUDGET = 130                # seconds that all rounds may take
CONSTANT = "x" * 43         # as long as what nginx has at hand
SUBJECT = "--claim-header", "X-Auth-Subject=sub", "--claim-header", "X-Auth-Groups=groups,optional"

# ---- jwtd, in four ways

Way = collections.namedtuple("Way", "title unix workers")
WAYS = {f"{where}-{workers}": Way(f"{title}, {workers} worker{'s' * (workers > 1)}", where == "unix", workers)
        for where, title in (("tcp", "TCP"), ("unix", "unix")) for workers in (1, 2)}

def jwtd_at(folder, key):
    """A server, and where it listens: a port of this host, or a path."""
    way = WAYS[key]
    more = ["--listen", f"unix:{folder}/{key},mode=0666"] if way.unix else []
    server = jwtd("--workers", str(way.workers), *SUBJECT, *more)
    return server, f"{folder}/{key}" if way.unix else server.port

# ---- files of contrib/, changed for what is measured

OTHER = re.compile(r"^(.*\n)(\s*)(?:#|--) or: (.*\n)", re.M)

def given(name, unix=False):
    """The file as it stands, or in its other form, in which each line 'or: LINE' takes the place of the line above it."""
    with open(f"{TOP}/contrib/{name}") as f:
        return OTHER.sub(lambda m: m[2] + m[3] if ("unix" in m[3]) == unix else m[1], f.read())

def changed(text, *changes):
    """What must stand there, and what takes its place."""
    for old, new in changes:
        if old not in text:
            sys.exit(f"a file of contrib/ has no {old!r} any more: bench/guarded.py wants it")
        text = text.replace(old, new)
    return text

def reach(text, where):
    """jwtd listens there, and not where contrib/ has it."""
    if isinstance(where, str):
        return changed(text, ("/run/jwtd/jwtd.sock", where))
    return changed(text, ("127.0.0.1:5000", f"127.0.0.1:{where}"))

def without(text, pattern):
    """Without what the pattern finds."""
    shorter, n = re.subn(pattern, "", text, flags=re.M)
    if n == 0:
        sys.exit(f"a file of contrib/ has nothing like {pattern!r} any more: bench/guarded.py wants it")
    return shorter

def write(folder, name, text):
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/{name}", "w") as f:
        f.write(text)
    return f.name

# ---- the proxies: each is started in a folder, and asks jwtd `where`, or nobody

def nginx(folder, where, file="nginx-auth_request.conf"):
    port = free_port()
    text = given(file, isinstance(where, str) or where is None)
    text = changed(text, ("listen 127.0.0.1:8081;", f"listen 127.0.0.1:{port};"),
                   ("proxy_pass http://127.0.0.1:3000;", "empty_gif;"))
    text = without(text, r"^\s*auth_request /.*;\n") if where is None else reach(text, where)
    text = text.replace("/run/nginx-jwtd", f"{folder}/verdicts")
    main = write(folder, "nginx.conf", f"user {pwd.getpwuid(os.geteuid()).pw_name}; worker_processes 2; daemon off; pid nginx.pid;\n"
                 "error_log stderr crit; events { worker_connections 4096; }\n"
                 f"http {{ access_log off; keepalive_requests 1000000000;\n{text}}}\n")
    return start(port, "nginx", "-p", folder, "-e", "stderr", "-c", main)

# As HAProxy's manual has it for jwt_verify, and what that leaves to do: the converter looks at the signature alone.
OWN = f"""
	http-request set-var(txn.bearer) http_auth_bearer
	http-request set-var(txn.jwt_alg) var(txn.bearer),jwt_header_query('$.alg')
	http-request set-var(txn.jwt_exp) var(txn.bearer),jwt_payload_query('$.exp','int')
	http-request set-var(txn.now) date()
	http-request deny deny_status 401 unless {{ var(txn.jwt_alg) -m str HS512 }}
	http-request deny deny_status 401 unless {{ var(txn.bearer),jwt_verify(txn.jwt_alg,"{KEY}") -m int 1 }}
	http-request deny deny_status 401 unless {{ var(txn.jwt_exp),sub(txn.now) -m int gt 0 }}
	http-request set-var(txn.jwtd_subject) var(txn.bearer),jwt_payload_query('$.sub')
"""

def haproxy(folder, where, own=False):
    port = free_port()
    text = given("haproxy.cfg", isinstance(where, str))
    text = without(text, r"^frontend tokens\n[^#]*?^backend jwtd\n(.*\n)*?(?=^frontend guarded$)")
    text = without(text, r"^backend application\n(.*\n)*")
    text = changed(text, ("bind 127.0.0.1:8081", f"bind 127.0.0.1:{port}\n\ttimeout http-keep-alive 30s"),
                   ("default_backend application", f"http-request return status 200 content-type text/plain string {CONSTANT}"))
    script = f"{folder}/auth.lua"
    if where is None:
        text = without(text, r"^.*(lua-load|var\(txn\.jwtd_(status|challenge|groups)\)).*\n")
        text = changed(text, ("\thttp-request lua.jwtd\n", OWN if own else ""))
    else:
        write(folder, "auth.lua", reach(given("auth.lua", isinstance(where, str)), where))
        text = changed(text, ("/etc/haproxy/auth.lua", script))
    return start(port, "haproxy", "-db", "-q", "-f", write(folder, "haproxy.cfg", text))

def caddy(folder, where):
    port = free_port()
    text = given("Caddyfile", isinstance(where, str))
    text = without(text, r"^http://:8080 \{\n(.*\n)*?\}\n")
    text = without(text, r"^\tforward_auth .*\{\n(.*\n)*?\t\}\n") if where is None else reach(text, where)
    text = changed(text, ("http://:8081", f"http://:{port}"), ("\treverse_proxy 127.0.0.1:3000 {\n", f"\trespond {CONSTANT} 200\n\tunused {{\n"))
    text = without(text, r"^\tunused \{\n(.*\n)*?\t\}\n")
    file = write(folder, "Caddyfile", "{\n\tadmin off\n}\n" + text)
    return start(port, "caddy", "run", "--adapter", "caddyfile", "--config", file, env={**os.environ, "GOMAXPROCS": "2", "HOME": folder})

Setup = collections.namedtuple("Setup", "key title start way")          # way: how it reaches jwtd, "" where it does not
Proxy = collections.namedtuple("Proxy", "title program package start ways others")
PROXIES = (
    Proxy("nginx", "nginx", "nginx-light", nginx, WAYS,
          [("cached", "verdicts kept for 1 s", functools.partial(nginx, file="nginx-cached.conf"), "unix-1")]),
    Proxy("HAProxy", "haproxy", "haproxy", haproxy, WAYS,
          [("own", "its own jwt_verify", functools.partial(haproxy, own=True), "")]),
    Proxy("Caddy", "caddy", "caddy", caddy, ("tcp-1", "unix-1"), []),
)

def setups_of(proxy):
    yield Setup(f"{proxy.program}-alone", "alone", proxy.start, "")
    for key in proxy.ways:
        yield Setup(f"{proxy.program}-{key}", f"asks jwtd: {WAYS[key].title}", proxy.start, key)
    for key, title, begin, way in proxy.others:
        yield Setup(f"{proxy.program}-{key}", title, begin, way)

# ---- who gets in

def request(authorization):
    return f"GET /file HTTP/1.1\r\nHost: localhost\r\n{authorization}\r\n".encode()

def check(setup, server):
    """A figure of what lets everybody in, or nobody, would be none."""
    good = sign_token()
    late = token(KEY, '{"alg":"HS512"}', '{"sub":"alice","exp":%d}' % (time.time() - 5))
    cases = {"good": good, "none": None, "of another key": token(KEY[::-1], '{"alg":"HS512"}', '{"sub":"alice","exp":4102444800}'),
             "expired": late, "not signed": token("", '{"alg":"none"}', '{"sub":"alice","exp":4102444800}')}
    for _ in range(2):                      # the second time, a verdict may be one that was kept
        for name, shown in cases.items():
            head, body = ask(server.port, request(f"Authorization: Bearer {shown}\r\n" if shown else ""))
            status = int(head.split()[1])
            right = (status, len(body)) == (200, 43) if name == "good" or setup.title == "alone" else status in (401, 403)
            if not right:
                sys.exit(f"{setup.key}: who shows a token that is {name} gets {head.decode()}")

# ---- rounds

def measure(setup, server, guard, bearer, connections):
    """CPU of one request: the proxy's, and jwtd's."""
    load, us = costs([server, guard] if guard else [server], connections, bearer, "/file")
    return {"proxy": us[0], "jwtd": us[1] if guard else None, "us": sum(us), "rate": load.rate, "p50": load.p50, "p99": load.p99}

def start_all(folder):
    """What is measured: the setup, the proxy, the jwtd that it asks."""
    guards = {key: jwtd_at(folder, key) for key in WAYS}
    entries = []
    for proxy in PROXIES:
        if not shutil.which(proxy.program):
            skip(f"{proxy.title} (needs apt-get install {proxy.package})")
            continue
        for setup in setups_of(proxy):
            guard, where = guards.get(setup.way, (None, None))
            server = setup.start(f"{folder}/{setup.key}", where)
            check(setup, server)
            entries.append((setup, server, guard))
    return entries

def medians(rows):
    return {what: None if one is None else round(statistics.median(row[what] for row in rows), 3)
            for what, one in rows[0].items()}

def titles():
    """What the table shows, in order: a heading, and the keys with their titles below it."""
    return [[proxy.title, [[setup.key, setup.title] for setup in setups_of(proxy)]] for proxy in PROXIES]

def part_guarded(o):
    print("CPU of one request to what a proxy guards, in us: the proxy's and jwtd's", flush=True)
    began, rows, rounds, longest = time.monotonic(), collections.defaultdict(list), 0, 0
    bearer = f'wrk.headers["Authorization"] = "Bearer {sign_token()}"\n'
    with tempfile.TemporaryDirectory(prefix="jwtd-bench-") as folder:
        os.chmod(folder, 0o755)
        entries = start_all(folder)
        while rounds == 0 or not o.quick and (rounds < len(LEVELS) or time.monotonic() - began + longest < BUDGET):
            round_began = time.monotonic()
            for connections in (32,) if o.quick else (32, LEVELS[rounds % len(LEVELS)]):
                for setup, server, guard in entries:
                    rows[setup.key, connections].append(measure(setup, server, guard, bearer, connections))
            rounds, longest = rounds + 1, max(longest, time.monotonic() - round_began)
        stop_all()
    found = {"rounds": rounds, "titles": titles(), "figures": {}}
    for (key, connections), measured in rows.items():
        found["figures"].setdefault(key, {})[str(connections)] = medians(measured)
    print("\n".join(report.guarded(found)))
    if not o.quick:
        report.keep("guarded", found)
        report.draw()
