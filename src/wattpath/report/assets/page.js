"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const settings = {responsive: true, displaylogo: false, modeBarButtonsToRemove: ["lasso2d", "select2d"]};

for (const [name, figure] of Object.entries(data.figures)) {
  Plotly.newPlot(name, figure.data, figure.layout, settings);
}

// A week of the year, supply stacked against the load, of the plan that is chosen.
const plan = document.getElementById("operation-plan");
const week = document.getElementById("operation-week");
const start = new Date(Date.UTC(2025, 0, 1));

function operation() {
  const year = data.operation.plans[plan.value];
  const first = 24 * Math.min(358, 7 * Number(week.value));
  const last = first + 168;
  const hours = Array.from({length: 168}, (_, i) => first + i);
  const days = hours.map((hour) => hour / 24);
  const traces = [];
  for (const series of year.supply) {
    const part = series.values.slice(first, last);
    for (const sign of [1, -1]) {
      const values = part.map((value) => sign * value > 0 ? value : 0);
      if (!values.some((value) => value !== 0)) continue;
      traces.push({x: days, y: values, type: "scatter", mode: "lines",
        name: sign > 0 ? series.name : series.name + ", charging",
        stackgroup: sign > 0 ? "out" : "in", line: {width: 0.5, color: series.colour},
        hovertemplate: "%{y:,.4~g} " + data.operation.unit});
    }
  }
  for (const [name, values, dash] of [["facility load", year.load, "solid"], ["IT load", year.it, "dot"]]) {
    traces.push({x: days, y: values.slice(first, last), type: "scatter", mode: "lines", name: name,
      line: {color: "#16191d", width: 2, dash: dash}, hovertemplate: "%{y:,.4~g} " + data.operation.unit});
  }
  const ticks = days.filter((_, i) => i % 24 === 0);
  const names = ticks.map((day) => new Date(start.getTime() + 864e5 * day)
    .toLocaleDateString("en-GB", {day: "numeric", month: "short", timeZone: "UTC"}));
  const layout = structuredClone(data.operation.layout);
  layout.xaxis.tickvals = ticks;
  layout.xaxis.ticktext = names;
  document.getElementById("operation-label").textContent = "week from " + names[0];
  Plotly.react("operation", traces, layout, settings);
}

if (plan) {
  plan.addEventListener("change", operation);
  week.addEventListener("input", operation);
  for (const button of document.querySelectorAll("button[data-week]")) {
    button.addEventListener("click", () => { week.value = button.dataset.week; operation(); });
  }
  operation();
}

addEventListener("beforeprint", () => {
  for (const figure of document.querySelectorAll(".figure")) Plotly.Plots.resize(figure);
});
document.documentElement.dataset.ready = "yes";
