"""Two real runs, one of them with certificates, watched as people do: in a browser, by Prometheus, by Grafana's
queries, in a terminal."""

import json
import os
import pathlib
import re
import shutil
import signal
import ssl
import subprocess
import sys
import time
import unittest
import urllib.request

from playwright.sync_api import sync_playwright

sys.dont_write_bytecode = True
sys.path.insert(0, "deploy/grafana")
import dashboard  # noqa: E402  (pylint: disable=wrong-import-position)

LIMIT = 60
SCRATCH = pathlib.Path(os.environ["TEST_TMPDIR"])
PICTURES = pathlib.Path(os.environ.get("TEST_UNDECLARED_OUTPUTS_DIR", SCRATCH))
BROWSER = "/usr/bin/chromium"
CERTS = SCRATCH / "certs"
GUARDED = "pendulum"  # the run with certificates: its pages are HTTPS and ask for a token

# Out of reach: they run until they are stopped. A slow environment leaves the machine some time.
RUNS = {
    "catch": ["catch_impala", "--actors=2", "--set", "target.return=2", "--set", "environment_options.step_seconds=0.002"],
    "pendulum": ["pendulum_td3", "--actors=1", "--set", "target.return=1", "--set", "environment_options.step_seconds=0.005"],
}


def wait_for(what, condition):
    """The first true value of condition(), which may fail at first."""
    deadline = time.monotonic() + LIMIT
    while True:
        try:
            value = condition()
            if value:
                return value
            problem = "still not"
        except (OSError, ValueError, KeyError, subprocess.CalledProcessError) as error:
            problem = error
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: {problem}")
        time.sleep(0.2)


def make_certificates():
    """An authority, and certificates with the names that browsers and deploy/prometheus look for."""
    for words in (["init", CERTS], ["issue", CERTS, "--host", "127.0.0.1", "--host", "drover"]):
        subprocess.run(["cli/drover", "certs", *words], check=True, stdout=subprocess.DEVNULL, timeout=LIMIT)


def viewers_token():
    """What lets a person see the guarded run."""
    return (CERTS / "viewer" / "token").read_text(encoding="ascii").strip()


def get(url):
    """A page's text, for who has the token and believes the authority."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {viewers_token()}"})
    with urllib.request.urlopen(request, timeout=10, context=ssl.create_default_context(cafile=CERTS / "ca.pem")) as reply:
        return reply.read().decode()


class Run:
    """A run that goes on until stop()."""

    def __init__(self, name, words):
        self.directory = SCRATCH / "runs" / name
        config = f"configs/{words[0]}.textproto"
        command = ["cli/drover", "train", config, "--max_frames=1000000000", "--set", "evaluation.episodes=1", f"--run_dir={self.directory}", *words[1:]]
        self.output = open(SCRATCH / f"{name}.out", "w+", encoding="utf-8")  # pylint: disable=consider-using-with
        environment = {**os.environ, **({"DROVER_CERTS": str(CERTS)} if name == GUARDED else {})}
        self.process = subprocess.Popen(command, env=environment, stdout=self.output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        self.url = ""

    def find(self):
        """Its dashboard, as `drover train` prints it; it has trained then."""
        text = lambda: pathlib.Path(self.output.name).read_text(encoding="utf-8")
        self.url = wait_for(f"dashboard of {self.directory}: {text()}", lambda: re.search(r"^dashboard: (http\S+)$", text(), re.M))[1]
        wait_for("training", lambda: self.view()["updates"] > 0 and self.view()["episodes"] > 0)

    def view(self):
        """What the page shows."""
        return json.loads(get(self.url + "/api/status"))

    def stop(self):
        """Ends it as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.output.close()


class MonitoringTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        (SCRATCH / "runs").mkdir()
        make_certificates()
        cls.runs = {name: Run(name, words) for name, words in RUNS.items()}
        try:
            for run in cls.runs.values():
                run.find()
        except BaseException:
            cls.tearDownClass()
            raise

    @classmethod
    def tearDownClass(cls):
        for run in cls.runs.values():
            run.stop()

    def page(self, browser, errors, **options):
        """The first run's dashboard in a new window."""
        page = browser.new_page(**options)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None)
        page.set_default_timeout(LIMIT * 1000)
        page.goto(self.runs["catch"].url)
        page.wait_for_function("() => document.querySelectorAll('#members tr').length > 3")
        # Other tests run beside this one: for a moment something else may be slowest.
        page.wait_for_function("() => document.getElementById('bottleneck-name').textContent === 'environment'")
        return page

    def test_page_is_live(self):
        errors = []
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
            wide = self.page(browser, errors, viewport={"width": 1280, "height": 900}, color_scheme="light")
            before = wide.text_content("#progress-text")
            wide.wait_for_function("(text) => document.getElementById('progress-text').textContent !== text", arg=before)
            wide.wait_for_function("() => document.getElementById('bottleneck-setting').textContent.includes('actors.count')")
            for text in ("catch_impala", "Catch-v0 · impala · impala", "running"):
                self.assertIn(text, wide.text_content("header"))
            processes = wide.text_content("#members")
            for name in ("learner 0", "actor 0", "actor 1", "alive"):
                self.assertIn(name, processes)
            self.assertIn("joined", wide.text_content("#events"))
            self.assertIn("environment", wide.text_content("#threads"))
            wide.click("#config summary")
            self.assertIn("Catch-v0", wide.text_content("#config-text"))
            # Curves have points, and another run's lies beside ours when it is ticked.
            wide.wait_for_function("() => returnChart.data.datasets[0].data.length > 2 && framesChart.data.datasets[1].data.length > 1")
            wide.wait_for_function("() => lossChart.data.datasets[0].data.length > 1 && lagChart.data.datasets[0].data.some((n) => n > 0)")
            wide.click("#past label:has-text('pendulum')")
            wide.wait_for_function("() => returnChart.data.datasets.some((set) => set.label === 'pendulum' && set.data.length)")
            wide.click("#past label:has-text('pendulum')")
            wide.click("#config summary")
            wide.evaluate("scrollTo(0, 0)")
            wide.screenshot(path=PICTURES / "dashboard.png", full_page=True)

            dark = self.page(browser, errors, viewport={"width": 1280, "height": 900}, color_scheme="dark")
            background = dark.evaluate("getComputedStyle(document.body).backgroundColor")
            self.assertNotEqual(background, wide.evaluate("getComputedStyle(document.body).backgroundColor"))
            dark.screenshot(path=PICTURES / "dashboard_dark.png", full_page=True)

            phone = self.page(browser, errors, viewport={"width": 360, "height": 740}, device_scale_factor=2, is_mobile=True, ignore_https_errors=True)
            width = phone.evaluate("document.documentElement.scrollWidth")
            self.assertLessEqual(width, 360, "a phone would scroll sideways")
            phone.screenshot(path=PICTURES / "dashboard_phone.png", full_page=True)

            # Over HTTPS, by the form: a person has told the browser to go on.
            self.assertTrue(self.runs["pendulum"].url.startswith("https://"))
            phone.goto(self.runs["pendulum"].url)
            phone.fill("input[name=token]", viewers_token())
            phone.click("button")
            phone.wait_for_function("() => document.querySelectorAll('#tables tr').length > 1")
            self.assertIn("samples per insert", phone.text_content("#tiles"))
            self.assertLessEqual(phone.evaluate("document.documentElement.scrollWidth"), 360)
            phone.screenshot(path=PICTURES / "dashboard_replay.png", full_page=True)
            browser.close()
        self.assertEqual(errors, [])

    def test_top_says_the_same(self):
        command = ["cli/drover", "top", self.runs["catch"].directory]
        top = lambda: subprocess.run(command, check=True, timeout=LIMIT, text=True, stdout=subprocess.PIPE).stdout
        for words in ("slowest  environment: ", "what moves it: ", "actor 1", "learner 0 train", "joined", self.runs["catch"].url):
            try:
                wait_for(words, lambda words=words: words in top())
            except AssertionError as error:
                self.fail(f"{error}\n{top()}")

    def test_metrics_follow_the_conventions(self):
        for name, run in self.runs.items():
            with self.subTest(name):
                checked = subprocess.run(["promtool", "check", "metrics"], input=get(run.url + "/metrics"), text=True, check=False,
                                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT)
                self.assertEqual((checked.returncode, checked.stdout), (0, ""))

    def test_configuration_and_rules(self):
        for words in (["check", "config", "deploy/prometheus/prometheus.yml"], ["test", "rules", "deploy/prometheus/rules_test.yml"]):
            checked = subprocess.run(["promtool", *words], check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT)
            self.assertEqual(checked.returncode, 0, checked.stdout)

    def test_each_query_of_grafanas_dashboard_has_data(self):
        text = pathlib.Path("deploy/grafana/dashboard.json").read_text(encoding="utf-8")
        self.assertEqual(text, dashboard.text(), "run deploy/grafana/dashboard.py again")
        queries = {target["expr"] for panel in json.loads(text)["panels"] for target in panel.get("targets", [])}
        self.assertGreater(len(queries), 25)
        with Prometheus(self.runs) as prometheus:
            missing = set(queries)

            def all_there():
                missing.difference_update([query for query in missing if prometheus.ask(query.replace("$run", ".*"))])
                return not missing

            try:
                wait_for("data", all_there)
            except AssertionError:
                self.fail("no data: " + "\n".join(sorted(missing)))
            self.assertEqual({run["metric"]["run"] for run in prometheus.ask("drover_run_info")}, set(self.runs))


class Prometheus:
    """A real one, which scrapes the runs each second."""

    def __init__(self, runs):
        directory = SCRATCH / "prometheus"
        shutil.copytree("deploy/prometheus", directory, copy_function=shutil.copyfile)
        config = directory / "prometheus.yml"
        text = re.sub(r"_interval: \d+s", "_interval: 1s", config.read_text(encoding="utf-8"))
        # The lines that are there for runs with certificates; a target's own label says who has none.
        text = re.sub(r"# (scheme|tls_config|authorization):", r"\1:", text).replace("/etc/drover", str(CERTS))
        config.write_text(text, encoding="utf-8")
        targets = []
        for name, run in runs.items():
            scheme, address = run.url.split("://")
            targets.append({"targets": [address], "labels": {"run": name, "__scheme__": scheme}})
        (directory / "targets" / "local.json").write_text(json.dumps(targets), encoding="utf-8")
        self.log = open(SCRATCH / "prometheus.log", "w+", encoding="utf-8")  # pylint: disable=consider-using-with
        command = ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={directory / 'data'}", "--web.listen-address=127.0.0.1:0"]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT)
        self.url = ""

    def __enter__(self):
        log = lambda: pathlib.Path(self.log.name).read_text(encoding="utf-8")
        self.url = "http://" + wait_for("Prometheus", lambda: re.search(r'Listening on" address=(\S+)', log()))[1]
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def ask(self, query):
        """What the query says now."""
        url = f"{self.url}/api/v1/query?" + urllib.parse.urlencode({"query": query})
        return json.loads(get(url))["data"]["result"]


if __name__ == "__main__":
    unittest.main()
