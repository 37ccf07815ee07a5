"""nginx's pool of kept connections, as in contrib/nginx-proxy.conf, beside half requests: no request fails."""
import contextlib, os, shutil, socket, subprocess, time
from authority import BEARER, secret_file
from common import CLEAN, HEALTH, UPLOAD, Attack, Honest, Jwtd, Settings, judge, post, row, wanted
from compat import HERE, free_port, skip
from room import FAMILIES, SECONDS

LIMITS = (64, 4096)
CLIENTS = ("keep:50:4", "new:50")
# What nginx sends again where a kept connection ends without an answer; and what it doesn't: its client gets 502.
FIELDS = b"Host: localhost\r\nContent-Type: application/json\r\n" + BEARER
REQUESTS = {"ask": HEALTH, "create": post(b'{"user_data":"this is test"}', fields=FIELDS)}
CONF = """daemon off; pid {dir}/nginx.pid; error_log {dir}/nginx.log; user root; worker_processes 1;
events {{ worker_connections 1024; }} http {{ access_log off; client_body_temp_path {dir}/nginx; {contrib} }}\n"""

@contextlib.contextmanager
def nginx(port):
    """The port that it listens at, before jwtd."""
    front, folder = free_port(), f"{Settings.tmp}/nginx-{port}"
    os.mkdir(folder)
    with open(f"{HERE}/../contrib/nginx-proxy.conf", encoding="ascii") as f:
        text = f.read()
    for theirs, ours in (("127.0.0.1:5000", f"127.0.0.1:{port}"), ("127.0.0.1:8080", f"127.0.0.1:{front}")):
        assert ours == theirs or text.count(theirs) == 1, f"nginx-proxy.conf has one {theirs}"
        text = text.replace(theirs, ours)
    with open(f"{folder}/conf", "w", encoding="ascii") as f:
        f.write(CONF.format(dir=folder, contrib=text))
    with subprocess.Popen(["nginx", "-e", f"{folder}/nginx.log", "-c", f"{folder}/conf"], env=CLEAN) as process:
        try:
            for _ in range(200):
                with socket.socket() as s:
                    if s.connect_ex(("127.0.0.1", front)) == 0:
                        break
                time.sleep(0.02)
            yield front
        finally:
            process.terminate()

def measure(name, shape, limit):
    """Both kinds of requests at once, half of the clients each."""
    with contextlib.ExitStack() as stack:
        jwtd = stack.enter_context(Jwtd("--max-connections", str(limit), "--service-secret-file", secret_file()))
        front, up = stack.enter_context(nginx(jwtd.port)), True
        if shape is not None:
            attack = stack.enter_context(Attack(jwtd.port, limit, shape.behaviours, shape.pause))
            up = attack.ready()
            time.sleep(shape.warm)
        clients = {what: Honest(front, SECONDS, *CLIENTS, request=r, upload=UPLOAD) for what, r in REQUESTS.items()}
        for what, client in clients.items():
            said, wrong = judge(client.end())
            row(f"pool/{name}/{what}@{limit}", up and not wrong, "" if up else "the attack did not come to be", wrong,
                said + " (at most 1 s, none fails)")

def run():
    if not wanted("pool"):
        return
    if not shutil.which("nginx"):
        skip("pool/ (apt-get install nginx-light)")
        return
    shapes = {"undisturbed": None, **{s.name: s for s in FAMILIES["half"] if s.name in ("old", "young", "drip")}}
    for name, shape in shapes.items():
        for limit in LIMITS:
            if wanted(f"pool/{name}@{limit}") and (Settings.long or Settings.only or (name, limit) == ("old", 64)):
                measure(name, shape, limit)
