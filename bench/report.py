"""What the part 'peers' found: tables to look at, bench/results.json, and from that file alone bench/results.svg,
bench/RESULTS and the small table of README."""
import json, math, re, sys, textwrap
from xml.sax.saxutils import escape

from harness import HERE, TOP

HEADINGS = {"create": "creating", "validate": "validating, each with a key of its own",
            "auth": "asking at /auth", "token": "asking for a client's token, one of 1,024",
            "pipelined": "creating in batches of 16"}
LEVELS = "1", "32", "256", "1000"
MARKER = "HOW FAST IT IS"
SMALL = {"create": ("jwtd-2", "nginx", "flask"), "auth": ("jwtd-2", "nginx")}             # of README

def cell(value, width):
    """A figure with as many decimals as it needs to tell, right-aligned."""
    if value is None:
        return "-".rjust(width)
    return f"{value:,.{0 if value >= 100 else 1 if value >= 10 else 2}f}".rjust(width)

# ---- to look at

def show(found):
    print(f"  {'':27}{'conns':>6}{'us':>8}{'req/s':>10}{'p50 ms':>9}{'p99 ms':>9}{'p99.9':>9}{'MB':>7}")
    for name, servers in found["figures"].items():
        print(f"  {HEADINGS[name]}")
        for key, levels in servers.items():
            for connections, row in sorted(levels.items(), key=lambda level: int(level[0])):
                print(f"    {found['titles'][key]:25}{connections:>6}{cell(row['us'], 8)}{row['rate']:10,.0f}"
                      f"{cell(row['p50'], 9)}{cell(row['p99'], 9)}{cell(row['p999'], 9)}{cell(row['memory'] / 1024, 7)}")

# ---- bench/RESULTS

def wrapped(text, first="", rest=""):
    return textwrap.wrap(text, 80, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)

def origin(found):
    machine = f"{found['processor']}, {found['cores']} cores, {found['kernel']}, {found['compiler']}"
    versions = ", ".join(f"{name} {number}" for name, number in found["versions"].items() if number)
    left_out = ", ".join(found["titles"][key] for key in found["left_out"])
    return wrapped(f"Medians of {found['rounds']} rounds, in turn (a third of them for 1, 256 and 1,000 connections), "
                   f"{found['date']}, {machine}. ./jwtd of {found['binary'] // 1024} KB; {versions}."
                   + f" Left out: {left_out}." * bool(left_out))

def table(found):
    """Lines of at most 80 columns: CPU at each number of connections; at 32 the rest."""
    lines = ["                           CPU of a request in us          with 32 of them:",
             f"connections            {'1':>12}{'32':>7}{'256':>7}{'1,000':>7}{'requests/s':>12}{'p99 ms':>7}{'MB':>5}"]
    for name, servers in found["figures"].items():
        lines += ["", HEADINGS[name]]
        for key, levels in servers.items():
            row = levels["32"]
            each = "".join(cell(levels.get(level, {}).get("us"), 7) for level in LEVELS)
            lines.append(f"  {found['titles'][key]:26}{each}{row['rate']:12,.0f}{cell(row['p99'], 7)}"
                         f"{cell(row['memory'] / 1024, 5)}")
    return lines

def short(title):
    return re.split(", | [(]", title)[0]

def fraction(ratio):
    return f"{ratio:.2f}" if ratio > 0.5 else f"1/{1 / ratio:.1f}"

def against(found):
    """What jwtd's CPU is of each other's."""
    lines = ["jwtd's CPU against that of each other: medians of the rounds' ratios"]
    for name, ours in found["ratios"].items():
        for key, theirs in ours.items():
            each = ", ".join(f"{short(found['titles'][other])} {fraction(ratio)}" for other, ratio in theirs.items())
            lines += wrapped(f"{short(HEADINGS[name])}, {found['titles'][key].split(', ')[1]}: {each}", "  ", "    ")
    return lines

def whole(found):
    """bench/RESULTS."""
    head = ["The benchmark's results", "", *wrapped("'make bench' writes this file, and 'bench/run draw' writes it once more "
            "from bench/results.json. Each server has two workers, processes or threads, unless it says one. The floor is "
            "a bare epoll loop (bench/floor.c). bench/results.svg is the picture."), ""]
    more = [line for part, lines in (("guarded", guarded_whole), ("workers", workers_whole)) if part in found
            for line in [*lines(found[part]), ""]]
    return "\n".join([*head, *table(found), "", *against(found), "", *more, *origin(found), ""])

# ---- the part 'guarded'

GUARDED_LEVELS = "1", "8", "32"

def both(row):
    """A proxy's CPU, and jwtd's if it is asked: hardly ever, where verdicts are kept."""
    asked = row["jwtd"] is not None and row["jwtd"] >= 0.5
    return (f"{row['proxy']:.0f}" + (f"+{row['jwtd']:.0f}" if asked else "")).rjust(9)

def guarded(found):
    """Lines of at most 80 columns."""
    lines = ["                           CPU of a request in us, proxy+jwtd   with 32 of them:",
             f"connections                   {'1':>9}{'8':>9}{'32':>9}{'requests/s':>13}{'p99 ms':>9}"]
    for heading, rows in found["titles"]:
        measured = [(title, found["figures"][key]) for key, title in rows if key in found["figures"]]
        lines += ["", heading] * bool(measured)
        for title, levels in measured:
            each = "".join(both(levels[level]) if level in levels else " " * 9 for level in GUARDED_LEVELS)
            row = levels["32"]
            lines.append(f"  {title:28}{each}{row['rate']:13,.0f}{cell(row['p99'], 9)}")
    return lines

def guarded_whole(found):
    """Of bench/RESULTS."""
    return [*wrapped("What it costs to guard something. The proxies are configured as contrib/ has it, and give a constant "
                     "themselves. 'alone' is the same without a question. HAProxy's own check is of signature and exp "
                     f"alone. Medians of {found['rounds']} rounds (half of them for 1 and for 8 connections)."), "", *guarded(found)]

# ---- the part 'workers'

def workers(found):
    """Lines of at most 80 columns: for each setting a line for each number of workers."""
    lines = [f"{'':36}{'workers':>8}{'CPU us':>9}{'of jwtd':>9}{'requests/s':>12}{'p99 ms':>8}"]
    for key, title in found["titles"]:
        for count, row in found["figures"].get(key, {}).items():
            lines.append(f"{title:36}{count:>8}{cell(row['us'], 9)}{cell(row['jwtd'], 9)}{row['rate']:12,.0f}{cell(row['p99'], 8)}")
            title = ""
    return lines

def workers_whole(found):
    """Of bench/RESULTS."""
    return [*wrapped(f"How many workers: all {found['processors']} processors of this machine, and half of them, which is the "
                     "default. The load generator has the same processors; in batches of 16 it needs the least of them. CPU "
                     f"is that of nginx and jwtd. Medians of {found['rounds']} rounds."), "", *workers(found)]

# ---- README

def small(found):
    """What README shows: at 32 connections alone, without those that few would compare."""
    lines = [f"{'':30}{'CPU of one in us':>18}{'requests/s':>12}{'p99 in ms':>11}{'MB':>6}"]
    for name, keys in SMALL.items():
        lines.append(HEADINGS[name])
        for key in (key for key in keys if key in found["figures"][name]):
            row = found["figures"][name][key].get("32")
            lines.append(f"  {found['titles'][key]:28}{cell(row['us'], 18)}{row['rate']:12,.0f}{cell(row['p99'], 11)}"
                         f"{cell(row['memory'] / 1024, 6)}")
    return lines + ["", *wrapped(f"Written by 'make bench': two workers each, 32 connections, medians of {found['rounds']} "
                                 f"rounds, {found['date']}, {found['processor']}, {found['cores']} cores."
                                 + guard_costs(found.get("guarded", {}).get("figures", {})))]

def guard_costs(figures):
    """What README says of it; nothing, where not all of it was measured."""
    keys = [f"{proxy}-{how}" for proxy, other in (("nginx", "cached"), ("haproxy", "own")) for how in ("alone", "unix-1", other)]
    if not all(key in figures for key in keys):
        return ""
    alone, asked, kept, bare, lua, own = (figures[key]["32"]["us"] for key in keys)
    return (f" A guard costs nginx and jwtd {asked - alone:.0f} us a request, {kept - alone:.0f} with contrib/nginx-cached.conf, HAProxy and "
            f"jwtd {lua - bare:.0f}. HAProxy's own jwt_verify costs {own - bare:.0f}: better where a signature is all, and an exp that you compare. "
            "It knows nothing taken back and, up to 2.6, no lists (aud, groups).")

def readme(text, found):
    """README with what stands from the marker to the next heading made anew, or None where it has no marker."""
    before, marker, after = text.partition(MARKER + "\n")
    lines = after.split("\n")
    end = next((i for i, line in enumerate(lines) if i and line and line == line.upper() and line[0].isalpha()), None)
    if not marker or end is None:
        return None
    return before + marker + "\n".join(["", *small(found), "", *lines[end:]])

# ---- the picture

STYLE = """text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.head { font-weight: 600 } .small { font-size: 11px; fill: #59636e }
.ours { fill: #0969da } .other { fill: #818b98 } .grid { stroke: #d1d9e0 } .back { fill: #fff }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc } .small { fill: #9198a1 }
.ours { fill: #4493f7 } .other { fill: #656c76 } .grid { stroke: #3d444d }
.back { fill: #0d1117 } }"""
WIDTH, LEFT, RIGHT, STEP = 760, 210, 690, 22

def picture(found):
    """Horizontal bars on a log scale, one for each server and question, the cheapest first."""
    bars = {name: sorted((levels["32"]["us"], key) for key, levels in servers.items())
            for name, servers in found["figures"].items()}
    least, most = (f(us for rows in bars.values() for us, _ in rows) for f in (min, max))
    ticks = [step * 10 ** power for power in range(-2, 6) for step in (1, 2, 5)]
    low, high = max(t for t in ticks if t <= least / 1.5), min(t for t in ticks if t >= most)
    ticks = [t for t in ticks if low <= t <= high]
    body, y = [], 52

    def at(us):
        return LEFT + (RIGHT - LEFT) * math.log(us / low) / math.log(high / low)

    for name, rows in bars.items():
        body.append(f'<text class="head" x="16" y="{y + 15}">{escape(HEADINGS[name])}</text>')
        y += STEP + 2
        body += [f'<path class="grid" d="M{at(t):.1f} {y - 2}v{len(rows) * STEP + 2}"/>' for t in ticks]
        for us, key in rows:
            body.append(f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(found["titles"][key])}</text>'
                        f'<rect class="{"ours" if key.startswith("jwtd") else "other"}" x="{LEFT}" y="{y + 1}" '
                        f'width="{at(us) - LEFT:.1f}" height="16" rx="2"/>'
                        f'<text x="{at(us) + 6:.1f}" y="{y + 13}">{cell(us, 0)}</text>')
            y += STEP
        y += 10
    axis = "".join(f'<text class="small" x="{at(t):.1f}" y="{y + 4}" text-anchor="middle">{t:g}</text>' for t in ticks)
    note = ", ".join((found["date"], found["processor"], f"{found['cores']} cores", found["kernel"],
                      f"medians of {found['rounds']} rounds"))
    size = f'viewBox="0 0 {WIDTH} {y + 40}" width="{WIDTH}" height="{y + 40}"'
    return (f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">\n'
            f"<title>CPU of one request in microseconds, log scale</title>\n<style>\n{STYLE}\n</style>\n"
            f'<rect class="back" width="100%" height="100%"/>\n'
            f'<text class="head" x="16" y="24">CPU of one request: user and system time, microseconds, log scale</text>'
            f'<text class="small" x="16" y="42">32 keep-alive connections; less is better</text>\n' + "\n".join(body) +
            f'\n{axis}\n<text class="small" x="16" y="{y + 28}">{escape(note)}</text>\n</svg>\n')

# ---- the files

def save(found):
    with open(f"{HERE}/results.json", "w") as f:
        json.dump(found, f, indent=1)
        f.write("\n")

def kept(*parts):
    """What is there of these parts."""
    with open(f"{HERE}/results.json") as f:
        return {part: found for part, found in json.load(f).items() if not parts or part in parts}

def keep(part, found):
    """What another part than 'peers' has found; that one's stays as it was."""
    save({**kept(), part: found})

def draw():
    """All that is made from bench/results.json."""
    with open(f"{HERE}/results.json") as f:
        found = json.load(f)
    with open(f"{HERE}/results.svg", "w") as f:
        f.write(picture(found))
    with open(f"{HERE}/RESULTS", "w") as f:
        f.write(whole(found))
    with open(f"{TOP}/README") as f:
        text = readme(f.read(), found)
    if text is None:
        sys.exit(f"README has no line \"{MARKER}\" with a heading after it: its table is left as it is")
    with open(f"{TOP}/README", "w") as f:
        f.write(text)
    print("  written: bench/results.svg, bench/RESULTS and the table of README, from bench/results.json")
