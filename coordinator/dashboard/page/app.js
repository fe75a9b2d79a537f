"use strict";
// What comes from /events goes into charts.js and tables.js; runs to compare come when asked for.

const returnChart = timeChart("return-chart", [
  line("return", 0, { borderWidth: 2.2 }),
  line("_high", 0, { borderWidth: 0, fill: "+1", backgroundColor: PALETTE[0] + "33" }),
  line("_low", 0, { borderWidth: 0 }),
  line("target", 4, { borderDash: [2, 3], borderWidth: 1.4 }),
]);
const updatesChart = timeChart("updates-chart", [line("updates", 2)], { beginAtZero: true });
const framesChart = timeChart("frames-chart", [line("environment", 0), line("trained", 1)], { beginAtZero: true });
const lossChart = timeChart("loss-chart", [line("loss", 3)]);
const queueChart = timeChart("queue-chart", [line("in the queue", 0), line("under way", 1)], { beginAtZero: true });
const lagChart = barChart("lag-chart");
const losses = new Map();  // name to points
paint();

function addReturn(seconds, mean, deviation) {
  if (mean === null) return;
  const [curve, high, low] = returnChart.data.datasets;
  addPoint(curve, seconds, mean);
  if (deviation === null) return;
  addPoint(high, seconds, mean + deviation);
  addPoint(low, seconds, mean - deviation);
}

function showLag(lag) {
  const total = lag.counts.reduce((a, b) => a + b, 0);
  let last = lag.counts.length - 1;
  while (last > 3 && lag.counts[last] === 0) --last;
  const labels = lag.counts.map((_, i) => {
    if (i >= lag.bounds.length) return `> ${lag.bounds[i - 1]}`;
    const from = i ? lag.bounds[i - 1] + 1 : 0;
    return from >= lag.bounds[i] ? `${lag.bounds[i]}` : `${from}–${lag.bounds[i]}`;
  });
  lagChart.data.labels = labels.slice(0, last + 1);
  lagChart.data.datasets[0].data = lag.counts.slice(0, last + 1).map((n) => (total ? (100 * n) / total : 0));
  lagChart.update();
}

function addLosses(view) {
  const pick = $("loss-pick");
  for (const [name, value] of Object.entries(view.statistics)) {
    if (!losses.has(name)) {
      losses.set(name, line(name, 3));
      pick.append(element("option", { value: name }, name));
      const better = (text) => (text === "loss" ? 3 : text === "policy_loss" ? 2 : text.endsWith("loss") ? 1 : 0);
      if (losses.size === 1 || better(name) > better(pick.value)) pick.value = name;
    }
    addPoint(losses.get(name), view.seconds, value);
  }
  showLoss();
}

function showLoss() {
  const chosen = losses.get($("loss-pick").value);
  if (chosen) lossChart.data.datasets = [chosen];
  lossChart.update();
}
$("loss-pick").addEventListener("change", showLoss);

function showHeader(view) {
  document.title = `${view.name} · Drover`;
  $("name").textContent = view.name;
  $("what").textContent = `${view.environment} · ${view.algorithm} · ${view.topology}`;
  $("state").textContent = view.end_reason ? `${view.state}: ${view.end_reason.replace("_", " ")}` : view.state;
  const share = Math.min(1, view.frames / view.max_frames);
  $("progress").style.width = `${100 * share}%`;
  const left = view.rates.frames > 0 ? (view.max_frames - view.frames) / view.rates.frames : NaN;
  const live = view.members.filter((member) => member[0] === "actor" && member[3]).length;
  $("progress-text").textContent = `${number(view.frames)} of ${number(view.max_frames)} frames · ` +
    `${duration(view.seconds)} so far, at most ${duration(left)} left · ${live} of ${view.actors} actors`;
  $("bottleneck-name").textContent = view.bottleneck.name;
  $("bottleneck-why").textContent = view.bottleneck.why || "not known yet";
  $("bottleneck-setting").textContent = view.bottleneck.setting ? `What moves it: ${view.bottleneck.setting.replaceAll("`", "")}.` : "";
}

function show(view) {
  showHeader(view);
  showTiles(view);
  showThreads(view.threads);
  showMembers(view.members);
  showWaits(view.waits);
  showEvents(view.events);
  showReplayTables(view.tables);
  showLag(view.lag);
  if (view.seconds > 0) {
    addReturn(view.seconds, view.return, view.return_std);
    addPoint(framesChart.data.datasets[0], view.seconds, view.rates.frames);
    addPoint(framesChart.data.datasets[1], view.seconds, view.rates.trained);
    addPoint(updatesChart.data.datasets[0], view.seconds, view.rates.updates);
    addQueue(view);
    addLosses(view);
  }
  const target = returnChart.data.datasets[3];
  target.hidden = view.target === null;
  target.data = target.hidden ? [] : [{ x: 0, y: view.target }, { x: view.seconds, y: view.target }];
  returnChart.update();
  framesChart.update();
  updatesChart.update();
  queueChart.update();
}

function addQueue(view) {
  const [first, second] = queueChart.data.datasets;
  if (view.tables.length) {
    $("queue-title").textContent = "Replay";
    first.label = "items";
    second.label = "";
    second.hidden = true;
    addPoint(first, view.seconds, view.tables.reduce((sum, table) => sum + table.size, 0));
    return;
  }
  $("queue-title").textContent = `Queue: unrolls, of at most ${number(view.queue_capacity)}`;
  addPoint(first, view.seconds, view.queued);
  addPoint(second, view.seconds, view.credits);
}

async function json(path) {
  const reply = await fetch(path);
  if (!reply.ok) throw new Error(`${path}: ${reply.status}`);
  return reply.json();
}

async function compare(name, wanted) {
  const sets = returnChart.data.datasets;
  returnChart.data.datasets = sets.filter((set) => set.label !== name);
  if (wanted) {
    const points = (await json(`/api/curve?run=${encodeURIComponent(name)}`)).filter((p) => p[2] !== null);
    const other = line(name, 1 + returnChart.data.datasets.length, { borderDash: [5, 3] });
    for (const [seconds, , mean] of points) addPoint(other, seconds, mean);
    returnChart.data.datasets.push(other);
  }
  returnChart.update();
}

async function showRuns() {
  const runs = await json("/api/runs");
  fillTable($("past"), ["run", "ended", "return", "frames", "seconds", "frames/s"], runs.map((run) => {
    const summary = run.summary || {};
    const box = element("input", { type: "checkbox", disabled: run.current, checked: run.current });
    box.addEventListener("change", () => compare(run.name, box.checked));
    const end = run.current ? "this one" : (summary.end_reason || "no summary").replace("_", " ");
    return { cells: [element("label", {}, box, ` ${run.name}`), end, summary.mean_return ?? "–", summary.frames ?? "–",
      summary.seconds ?? "–", summary.frames_per_second ?? "–"] };
  }));
}

async function start() {
  const reply = await fetch("/api/config");
  $("config-text").textContent = reply.ok ? await reply.text() : "";
  let before = [0, 0, 0];  // seconds, trained frames, updates
  for (const [seconds, , mean, deviation, frames, trained, updates] of await json("/api/curve")) {
    if (!(seconds > before[0])) continue;
    const rate = (total, i) => (total - before[i]) / (seconds - before[0]);
    addReturn(seconds, mean, deviation);
    addPoint(framesChart.data.datasets[0], seconds, frames);
    addPoint(framesChart.data.datasets[1], seconds, rate(trained, 1));
    addPoint(updatesChart.data.datasets[0], seconds, rate(updates, 2));
    before = [seconds, trained, updates];
  }
  await showRuns();
  const events = new EventSource("/events");
  events.onmessage = (message) => {
    $("link").hidden = true;
    show(JSON.parse(message.data));
  };
  events.onerror = () => { $("link").hidden = false; };
}
start();
