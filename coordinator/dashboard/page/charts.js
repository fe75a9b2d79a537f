"use strict";
// The curves: Chart.js with our colours, over time in seconds since the first step.

const MOST_POINTS = 800;
Chart.defaults.animation = false;
Chart.defaults.font.family = "system-ui, sans-serif";
Chart.defaults.maintainAspectRatio = false;
const charts = [];

function line(label, index, more = {}) {
  return { label, data: [], borderColor: PALETTE[index % PALETTE.length], backgroundColor: PALETTE[index % PALETTE.length],
    borderWidth: 1.8, pointRadius: 0, ...more };
}

function axis(title) {
  return { title: { display: Boolean(title), text: title }, grid: {}, ticks: { maxTicksLimit: 6 } };
}

function timeChart(id, datasets, y = {}) {
  const chart = new Chart($(id), {
    type: "line",
    data: { datasets },
    options: {
      parsing: false, normalized: true, interaction: { mode: "nearest", axis: "x", intersect: false },
      scales: {
        x: { type: "linear", ...axis(""), ticks: { maxTicksLimit: 8, precision: 0, callback: (value) => duration(value) } },
        y: { ...axis(""), ticks: { maxTicksLimit: 6, callback: (value) => number(value) }, ...y },
      },
      plugins: {
        legend: { labels: { boxWidth: 10, boxHeight: 10, filter: (item) => !item.text.startsWith("_") } },
        tooltip: { filter: (item) => !item.dataset.label.startsWith("_"),
          callbacks: { title: (items) => (items.length ? duration(items[0].parsed.x) : ""),
            label: (item) => ` ${item.dataset.label}: ${number(item.parsed.y)}` } },
      },
    },
  });
  charts.push(chart);
  return chart;
}

function barChart(id) {
  const chart = new Chart($(id), {
    type: "bar",
    data: { labels: [], datasets: [{ data: [], backgroundColor: PALETTE[0] }] },
    options: {
      scales: { x: axis(""), y: { ...axis(""), beginAtZero: true, ticks: { callback: (value) => `${value} %` } } },
      plugins: { legend: { display: false }, tooltip: { callbacks: { label: (item) => ` ${number(item.parsed.y)} %` } } },
    },
  });
  charts.push(chart);
  return chart;
}

// Time never goes back within one curve: a learner that resumed says so by an earlier second.
function addPoint(dataset, x, y) {
  const data = dataset.data;
  while (data.length && data[data.length - 1].x >= x) data.pop();
  data.push({ x, y });
  if (data.length > MOST_POINTS) dataset.data = data.filter((_, i) => i % 2 === 0 || i > MOST_POINTS - 100);
}

function paint() {
  for (const chart of charts) {
    for (const scale of Object.values(chart.options.scales)) {
      scale.grid.color = color("--grid");
      scale.ticks.color = color("--muted");
    }
    if (chart.options.plugins.legend.labels) chart.options.plugins.legend.labels.color = color("--text");
    chart.update();
  }
}
dark.addEventListener("change", paint);
