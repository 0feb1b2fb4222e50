// Plots are drawn from the table that stands behind them, so that both always say the same.
// <th data-plot="line|dashed|goal|bar|stack"> makes a column a series; <td data-value="12.5"> gives the number behind
// what is printed; <tr data-now> is where we stand. Colours come from the theme; svg; no animation.
(function () {
  "use strict";
  var COLOURS = ["c1", "c2", "c3", "c4", "c5"];
  function token(name) { return getComputedStyle(document.documentElement).getPropertyValue("--jx-" + name).trim(); }
  function axis(more) {
    return Object.assign({ axisLine: { lineStyle: { color: token("line-2") } }, axisTick: { show: false },
      splitLine: { lineStyle: { color: token("line") } }, axisLabel: { color: token("text-2"), fontSize: 12 },
      nameTextStyle: { color: token("text-2") } }, more);
  }
  function value(cell) {
    var text = cell.dataset.value !== undefined ? cell.dataset.value : cell.textContent.replace(/,/g, "").trim();
    return text === "" || isNaN(text) ? null : Number(text);
  }
  function series(head, column, rows, colour) {
    var kind = head.dataset.plot, name = head.textContent.trim(), bars = kind === "bar" || kind === "stack";
    var one = { name: name, type: bars ? "bar" : "line", symbol: "none", itemStyle: { color: colour }, barMaxWidth: 28,
      data: rows.map(function (row) { return value(row.cells[column]); }) };
    if (kind === "stack") { one.stack = "all"; }
    if (!bars) {
      one.lineStyle = { color: colour, width: kind === "line" ? 2.5 : 1.75, type: kind === "dashed" ? "dashed" : "solid" };
      // what is forecast ends below its line, so that it does not lie on the goal that it runs up to
      one.endLabel = { show: true, formatter: name, color: colour, offset: [0, kind === "dashed" ? 10 : -9] };
      // what ends today is named before its end: after it the forecast goes on
      if (kind === "line" && one.data[one.data.length - 1] === null) {
        one.endLabel.align = "right";
        one.endLabel.offset = [-14, -10];
      }
      one.labelLayout = { moveOverlap: "shiftY" };
    }
    return one;
  }
  function draw(figure) {
    var table = figure.querySelector("table"), plot = figure.querySelector(".jx-plot"), rows = Array.from(table.tBodies[0].rows);
    var heads = Array.from(table.tHead.rows[0].cells), used = 0;
    function colour(kind) {   // a forecast keeps the colour of the line it goes on from
      if (kind === "goal") { return "text-2"; }
      return kind === "dashed" && used ? COLOURS[used - 1] : COLOURS[used++ % COLOURS.length];
    }
    var all = heads.map(function (head, column) {
      return head.dataset.plot ? series(head, column, rows, token(colour(head.dataset.plot))) : null;
    }).filter(Boolean);
    var now = rows.find(function (row) { return row.hasAttribute("data-now"); }), bars = all.some(function (one) { return one.type === "bar"; });
    if (now && all.length) {
      all[0].markLine = { symbol: "none", silent: true, lineStyle: { color: token("zhu"), type: "solid" },
        label: { formatter: "现在", color: token("zhu") }, data: [{ xAxis: now.cells[0].textContent.trim() }] };
    }
    plot.hidden = false;
    figure.querySelector("details").open = false;
    var chart = echarts.init(plot, null, { renderer: "svg" });
    chart.setOption({ animation: false, textStyle: { fontFamily: token("sans"), color: token("text-2") },
      grid: { left: 64, right: bars ? 16 : 92, top: bars ? 40 : 28, bottom: 28 }, legend: { show: bars, top: 0, right: 16, itemWidth: 12, itemHeight: 12, textStyle: { color: token("text-2") } },
      tooltip: { trigger: "axis", confine: true },
      xAxis: axis({ type: "category", boundaryGap: bars, splitLine: { show: false }, data: rows.map(function (row) { return row.cells[0].textContent.trim(); }) }),
      yAxis: axis({ type: "value", name: figure.dataset.unit, min: 0 }), series: all });
    addEventListener("resize", function () { chart.resize(); });
  }
  document.addEventListener("DOMContentLoaded", function () { document.querySelectorAll("[data-figure]").forEach(draw); });
})();
