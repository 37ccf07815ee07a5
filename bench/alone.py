"""The parts in which jwtd is not compared by CPU: start close half idle slow soak. bench/run says what each is."""
import concurrent.futures, itertools, random, selectors, shutil, socket, statistics, subprocess, sys, tempfile, threading, time

from harness import (CREATE, SCRIPT, TOP, descriptors, exchange, free_port, jwtd, nginx, promise, sign_token, skip,
                     started, status, stop_all, wrk)

SECRET = "a-secret-of-forty-characters-as-it-seems"
CLOSE = SCRIPT + 'wrk.headers["Connection"] = "close"\n'

def first_answer(port):
    """Milliseconds from starting jwtd to its first created token; resident memory in MB then."""
    begin = time.perf_counter()
    process = subprocess.Popen([f"{TOP}/jwtd", "--demo-key", "--workers", "2", "--listen", f"127.0.0.1:{port}"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    started.append(process)
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as s:
                exchange(s)
            break
        except ConnectionRefusedError:
            pass
    took = (time.perf_counter() - begin) * 1000
    resident = status(process.pid, "VmRSS") / 1024
    stop_all()
    return took, resident

def part_start(o):
    print("starting", flush=True)
    with open(f"{TOP}/jwtd", "rb") as f:
        size = len(f.read())
    times = [first_answer(free_port()) for _ in range(11)]
    # The fastest: what others on this machine make it wait is not ours.
    print(f"  exec to the first answer, median of 11: {statistics.median(t for t, _ in times):.2f} ms")
    promise("the fastest of them", min(t for t, _ in times), 5, " ms")
    promise("resident memory then", max(r for _, r in times), 1.5, " MB")
    if size < 400000:
        promise("size of the binary", size / 1024, 160, " KB")
    else:
        skip(f"size of the binary: {size} bytes, and no promise with this C library (make release)")

def half_load(port, token, rate):
    """Milliseconds within which 99 of 100 questions at /auth are answered when so many a second are asked."""
    with tempfile.NamedTemporaryFile("r") as log:
        subprocess.run(["h2load", "--h1", "-D", "3", "-c", "32", "-t", "1", f"--rps={max(1, int(rate / 32))}",
                        f"--log-file={log.name}", "-H", f"Authorization: Bearer {token}", f"http://127.0.0.1:{port}/auth"],
                       capture_output=True, check=True)
        rows = [line.split() for line in log]
    times = sorted(int(row[2]) for row in rows if row[1] == "200")
    if len(times) < len(rows) or not times:
        sys.exit(f"{len(rows) - len(times)} of {len(rows)} questions at half load were not answered with 200")
    print(f"  half load: {len(times) / 3:.0f}/s")
    return times[len(times) * 99 // 100] / 1000

def part_half(o):
    print("/auth at half load", flush=True)
    if not shutil.which("h2load"):
        return skip("half load (needs h2load, of nghttp2-client)")
    server = jwtd("--workers", "2")
    token = sign_token()
    full = wrk(server, 1 if o.quick else 3, 32, f'wrk.headers["Authorization"] = "Bearer {token}"', "/auth").rate
    promise("99th percentile at half load", half_load(server.port, token, full / 2), 1, " ms")
    stop_all()

def part_close(o):
    print("a connection for each request", flush=True)
    constant, ours = nginx(), jwtd("--workers", "2")
    if not constant:
        return skip("a connection for each request (needs nginx)")
    rates = []
    for _ in range(2 if o.quick else 5):
        rates.append([wrk(server, 1 if o.quick else 3, 32, CLOSE).rate for server in (constant, ours)])
    print(f"  nginx {statistics.median(r[0] for r in rates):.0f}/s, "
          f"jwtd {statistics.median(r[1] for r in rates):.0f}/s")
    promise("nginx's rate against ours", statistics.median(a / b for a, b in rates), 1.0)
    stop_all()

def part_idle(o):
    count = 10000
    print(f"{count} idle connections", flush=True)
    port, pid = jwtd("--workers", "2", "--max-connections", "12000", "--idle-timeout", "600")
    sockets = []
    for i in range(200):
        sockets.append(socket.create_connection(("127.0.0.1", port)))
        exchange(sockets[-1])
    before = status(pid, "VmRSS")
    for i in range(count):
        sockets.append(socket.create_connection(("127.0.0.1", port)))
        exchange(sockets[-1])
    each = (status(pid, "VmRSS") - before) * 1024 / count
    times = []
    for _ in range(100):
        begin = time.perf_counter()
        with socket.create_connection(("127.0.0.1", port)) as s:
            exchange(s)
        times.append((time.perf_counter() - begin) * 1000)
    for s in random.sample(sockets, 500):
        exchange(s)
    promise("resident memory of each", each, 256, " bytes")
    promise("slowest of 100 new requests meanwhile", max(times), 10, " ms")
    for s in sockets:
        s.close()
    stop_all()

def slow_clients(port, count, limit):
    """That many at once, each sending a byte a second until jwtd cuts it off: the seconds after which each was cut."""
    selector, open_since, cut = selectors.DefaultSelector(), {}, []
    for _ in range(count):
        s = socket.create_connection(("127.0.0.1", port))
        s.setblocking(False)
        selector.register(s, selectors.EVENT_READ)
        open_since[s] = time.monotonic()
        s.send(CREATE[:1])
    sent, tick = 1, time.monotonic()
    while open_since and time.monotonic() - tick < 3 * limit:
        for key, _ in selector.select(0.1):
            s = key.fileobj
            try:
                ended = s.recv(4096) == b""
            except OSError:
                ended = True
            if ended:
                selector.unregister(s)
                s.close()
                cut.append(time.monotonic() - open_since.pop(s))
        if time.monotonic() - tick > sent:
            for s in open_since:
                try:
                    s.send(CREATE[sent:sent + 1])
                except OSError:
                    pass            # it was cut: the selector will tell
            sent += 1
    return cut

def part_slow(o):
    count, limit, rounds = 1000, 5, 5
    print(f"{count} clients that send a byte a second, a request may take {limit} s; {rounds} rounds", flush=True)
    server = jwtd("--workers", "2", "--request-timeout", str(limit))
    cut, turns = [], []
    with concurrent.futures.ThreadPoolExecutor() as clients:
        for _ in range(rounds):
            alone = wrk(server, 2, 8).p99
            cuts = clients.submit(slow_clients, server.port, count, limit)
            time.sleep(0.5)
            beside = wrk(server, 2, 8).p99
            cut += cuts.result()
            turns.append((alone, beside))
    print("  99th percentile of the others, alone and beside them: " +
          ", ".join(f"{alone:.2f} {beside:.2f}" for alone, beside in turns) + " ms")
    promise("slow clients that were not cut", rounds * count - len(cut), 0)
    promise("the last one was cut", max(cut, default=99), limit + 1, " s")
    promise("the first one was cut, before its time", limit - min(cut, default=0), 0.1, " s")
    promise("99th percentile against an undisturbed one, median", statistics.median(b / a for a, b in turns), 5)
    stop_all()

def revoke_until(port, done, kept):
    """Takes one token after the other back on one connection: how many. What has ended is not kept: it is answered at
    once, and the next one asked for as much later as the disk would have taken."""
    form = "jti=%d&exp=" + ("253402300799" if kept else "1")
    with socket.create_connection(("127.0.0.1", port)) as s:
        for i in itertools.count():
            if done.is_set():
                return i
            body = form % random.randrange(10 ** 9)
            head, _ = exchange(s, f"POST /revoke HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
                                  f"Authorization: Bearer {SECRET}\r\n"
                                  f"Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}".encode())
            if b" 200 " not in head[:16]:
                sys.exit(f"a revocation was answered with {head!r}")
            if not kept:
                time.sleep(0.05)

def part_revoking(o):
    delay, clients, rounds = 50, 2, 9 if o.quick else 15
    print(f"/auth while {clients} clients take tokens back, and the disk needs {delay} ms; {rounds} rounds", flush=True)
    if not shutil.which("strace") or not shutil.which("h2load"):
        return skip("/auth beside revocations (needs strace, and h2load of nghttp2-client)")
    slow = ("strace", "-D", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync",
            "-e", f"inject=fdatasync:delay_enter={delay * 1000}")
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor() as pool:
        with open(f"{folder}/secret", "w") as f:
            f.write(SECRET)
        server = jwtd("--workers", "2", "--revocation-file", f"{folder}/revoked",
                      "--service-secret-file", f"{folder}/secret", wrapper=slow)
        token, done = sign_token(), threading.Event()
        bearer = f'wrk.headers["Authorization"] = "Bearer {token}"\n'
        full = wrk(server, 1 if o.quick else 3, 32, bearer, "/auth").rate
        def turn(kept):
            """99th percentiles of /auth, at half load and at full load, and how many revocations there were."""
            done.clear()
            revoking = [pool.submit(revoke_until, server.port, done, kept) for _ in range(clients)]
            times = half_load(server.port, token, full / 2), wrk(server, 2, 64, bearer, "/auth").p99
            done.set()
            return *times, sum(r.result() for r in revoking)
        turn(True)                      # the list has entries from here on: a look at it costs the same in each turn
        turns = []
        for _ in range(rounds):
            first = random.random() < 0.5
            pair = {first: turn(first), not first: turn(not first)}
            turns.append((pair[False], pair[True]))
    print(f"  {sum(b[2] for _, b in turns)} were taken back, and {sum(a[2] for a, _ in turns)} had ended")
    for k, load in enumerate(("half", "full")):
        print(f"  99th percentiles at {load} load, without syncs and with: " +
              ", ".join(f"{a[k]:.2f} {b[k]:.2f}" for a, b in turns) + " ms")
        promise(f"with syncs against without, {load} load, median", statistics.median(b[k] / a[k] for a, b in turns), 1.2)
    stop_all()

def drop_at_random(port, count):
    """Opens connections, sends part of a request or of several, sometimes reads, and drops them."""
    rng = random.Random(1)
    for i in range(count):
        s = socket.create_connection(("127.0.0.1", port))
        data = CREATE * rng.choice((1, 1, 1, 3))
        s.send(data[:rng.randrange(len(data) + 1)])
        if rng.random() < 0.2:
            s.setblocking(False)
            try:
                s.recv(100)
            except OSError:
                pass                # nothing there yet
        if rng.random() < 0.5:      # a reset, not an orderly end
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        s.close()

def first_thousand(port):
    """A thousand connections at once, each with half a request: where the server stalls for a moment on a
    busy machine, as many may come together later, and memory that they once touched stays."""
    sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(1000)]
    for s in sockets:
        s.send(CREATE[:len(CREATE) // 2])
    time.sleep(0.5)
    for s in sockets:
        s.close()

def part_soak(o):
    requests, drops = (100_000, 10_000) if o.quick else (1_000_000, 100_000)
    print(f"{requests} requests, {drops} connections dropped at random points", flush=True)
    server = port, pid = jwtd("--workers", "2")
    wrk(server, 1, 64)
    first_thousand(port)
    drop_at_random(port, 1000)
    time.sleep(0.5)
    rss, fds, total = status(pid, "VmRSS"), descriptors(pid), 0
    while total < requests:
        total += wrk(server, 3, 64).requests
    drop_at_random(port, drops)
    time.sleep(3)
    promise("resident memory that it grew by", status(pid, "VmRSS") - rss, 64, " KB")
    promise("descriptors that it kept", descriptors(pid) - fds, 0)
    stop_all()

