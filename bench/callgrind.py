"""Instructions of one request by valgrind's callgrind, and what they are spent on."""
import collections, os, re, subprocess, tempfile

from harness import TOP

def callgrind(command, drive):
    """Runs the server as long as drive(process) sends requests. Returns what callgrind wrote."""
    with tempfile.NamedTemporaryFile("r") as out:
        process = subprocess.Popen(["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out.name}",
                                    "--compress-strings=no", "--compress-pos=no", *command],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            drive(process)
        finally:
            process.terminate()
            process.communicate()
        with open(out.name) as f:
            return f.read()

def per_request(few, many, requests):
    """Of the counters of two runs, what one request adds to each."""
    return [{k: (b[k] - a[k]) / requests for k in b if b[k] != a[k]} for a, b in zip(few, many)]

def parse(text):
    """The format of callgrind's files, positions and names not compressed. Returns counters: the whole, functions
    alone, functions with what they call, lines."""
    whole, own, with_calls, lines = (collections.Counter() for _ in range(4))
    function, file, called = "?", "?", False
    for line in text.splitlines():
        if m := re.match(r"(fl|fi|fe|fn)=(.*)", line):
            if m[1] == "fn":
                function = m[2].split("'")[0]
            else:
                file = os.path.basename(m[2])
        elif line.startswith("calls="):
            called = True
        elif m := re.match(r"(\d+) (\d+)$", line):
            cost = int(m[2])
            with_calls[function] += cost
            if not called:
                whole[""] += cost
                own[function] += cost
                lines[f"{file}:{m[1]}"] += cost
            called = False
    return whole, own, with_calls, lines

def source(place):
    name, number = place.split(":")
    try:
        with open(f"{TOP}/{name}") as f:
            return f.read().splitlines()[int(number) - 1].strip()
    except (OSError, IndexError):
        return ""

def report(name, counters):
    """What a request's instructions are spent on."""
    whole, own, with_calls, lines = counters
    total = whole[""]
    print(f"{name}: {total:.0f} instructions a request")
    def costliest(counter, title, text=lambda key: key):
        print(f"  {title}")
        for key, cost in sorted(counter.items(), key=lambda x: -x[1])[:25]:
            print(f"  {cost:9.1f} {100 * cost / total:5.1f} %  {text(key)}")
    costliest(own, "functions alone")
    costliest(with_calls, "functions with what they call")
    costliest(lines, "lines", lambda place: f"{place:22} {source(place)}")
