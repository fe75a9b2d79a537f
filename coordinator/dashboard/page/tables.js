"use strict";
// Everything that is no curve: tiles, bars, tables, events.

function fillTable(table, heads, rows) {
  const cell = (tag, value) => {
    if (value instanceof Node) return element(tag, {}, value);
    const numeric = typeof value === "number";
    return element(tag, { className: numeric ? "number" : "" }, numeric ? number(value) : value);
  };
  const first = rows.length ? rows[0].cells : [];
  const head = element("tr", {}, ...heads.map((text, i) =>
    element("th", { className: typeof first[i] === "number" ? "number" : "" }, text)));
  table.replaceChildren(head, ...rows.map((row) =>
    element("tr", { className: row.className || "" }, ...row.cells.map((value) => cell("td", value)))));
}

function showTiles(view) {
  const tiles = [
    [number(view.return), view.target === null ? "return" : `return, target ${number(view.target)}`],
    [number(view.rates.frames), "environment frames/s"],
    [number(view.rates.trained), "trained frames/s"],
    [number(view.rates.updates), "updates/s"],
    [number(view.lag_mean), `policy lag, at most ${number(view.lag_max)}`],
    [number(view.episodes), "episodes"],
  ];
  if (view.tables.length) {
    tiles.push([number(view.tables.reduce((sum, table) => sum + table.size, 0)), "items in replay"]);
    tiles.push([number(view.rates.samples_per_insert), "samples per insert"]);
  }
  if (view.dropped + view.rejected) tiles.push([number(view.dropped + view.rejected), "unrolls dropped or rejected"]);
  $("tiles").replaceChildren(...tiles.map(([value, label]) =>
    element("div", { className: "tile" }, element("b", {}, value), element("span", {}, label))));
}

// One colour a part, the same in each bar; waiting is pale.
const partColors = new Map();
function partColor(name) {
  if (name.startsWith("wait")) return "transparent";
  if (!partColors.has(name)) partColors.set(name, PALETTE[partColors.size % PALETTE.length]);
  return partColors.get(name);
}

function showThreads(threads) {
  $("threads").replaceChildren(...threads.flatMap((thread) => {
    const bar = element("div", { className: "bar" });
    for (const [name, share] of thread.parts) {
      if (share < 0.005) continue;
      const percent = Math.round(100 * share);
      const part = element("div", { title: `${name}: ${percent} %`, className: name.startsWith("wait") ? "wait" : "" },
        share > 0.12 ? `${name} ${percent} %` : "");
      part.style.width = `${100 * share}%`;
      part.style.background = partColor(name);
      bar.append(part);
    }
    return [element("div", { className: "muted" }, thread.who), bar];
  }), element("div", { className: "legend" }, ...[...partColors].map(([name, fill]) => {
    const box = element("i");
    box.style.background = fill;
    return element("span", {}, box, name);
  })));
}

const MOST_ROWS = 200;
function showMembers(members) {
  const live = members.filter((member) => member[3]).length;
  const hidden = members.length > MOST_ROWS ? `, the first ${MOST_ROWS} shown` : "";
  $("process-count").textContent = `${live} alive of ${members.length}${hidden}`;
  fillTable($("members"), ["process", "host", "state", "age", "heard of", "version", "per second", "memory, MiB", "cores", "pid"],
    members.slice(0, MOST_ROWS).map(([role, index, host, alive, age, seen, version, rate, memory, cores, pid]) => ({
      className: alive ? "" : "gone",
      cells: [element("span", { className: alive ? "dot" : "dot gone" }, `${role} ${index}`), host || "–",
        alive ? "alive" : "gone", duration(age), `${number(seen)} s ago`, version, rate, memory, cores.toFixed(2), String(pid)],
    })));
}

function showWaits(waits) {
  fillTable($("waits"), ["who", "waits for", "since, s"],
    waits.map((wait) => ({ cells: [wait.who, wait.on, wait.seconds] })));
  if (!waits.length) $("waits").replaceChildren(element("tr", {}, element("td", {}, "nobody, right now")));
}

function showEvents(events) {
  $("events").replaceChildren(...[...events].reverse().map((event) =>
    element("li", { className: event.kind },
      element("time", {}, new Date(event.time * 1000).toLocaleTimeString("en-GB")),
      element("b", {}, event.kind), element("span", {}, event.text))));
}

function showReplayTables(tables) {
  const holder = $("tables");
  if (!tables.length) return holder.replaceChildren();
  const table = element("table");
  fillTable(table, ["table", "items", "of", "inserts/s", "held back, s", "samples/s", "held back, s"],
    tables.map((t) => ({ cells: [`${t.name} ${t.shard}`, t.size, t.capacity, t.inserts, t.insert_blocked, t.samples, t.sample_blocked] })));
  holder.className = "scroll";
  return holder.replaceChildren(table);
}
