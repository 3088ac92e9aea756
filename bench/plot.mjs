// Speed against ratio, as an SVG: one panel for each input, one line for each engine, one point for each level.

/** @import { ThroughputRow } from "./report.mjs" */

/** Sizes in user units, which are pixels unless the picture is scaled. */
const PANEL = { width: 420, height: 340 };
const MARGIN = { left: 56, right: 16, top: 36, bottom: 48 };
const LEGEND_LINE = 18;

/** Distinct for the colour-blind too (Okabe and Ito), and by their marks where there is no colour. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999"];

/**
 * @param {readonly ThroughputRow[]} all of one case, of one or several inputs, at several levels; those that find no
 *   matches are left out, for they lie so far off that the others would stand in one place
 * @param {string} title
 * @returns {string} an SVG document
 */
export function plot(all, title) {
  const rows = all.filter((row) => row.level === null || row.level > 0);
  const inputs = [...new Set(rows.map((row) => row.input))];
  const engines = [...new Set(rows.map((row) => row.engine))];
  const width = inputs.length * (PANEL.width + MARGIN.left + MARGIN.right);
  const legendTop = MARGIN.top + PANEL.height + MARGIN.bottom;
  const columns = Math.max(1, Math.floor(width / 180));
  const height = legendTop + Math.ceil(engines.length / columns) * LEGEND_LINE + 10;
  const panels = inputs.map((input, index) => {
    const left = index * (PANEL.width + MARGIN.left + MARGIN.right) + MARGIN.left;
    const own = rows.filter((row) => row.input === input);
    return `<g transform="translate(${left} ${MARGIN.top})">\n${panel(own, input, engines)}\n</g>`;
  });
  const legend = engines.map((engine, index) => {
    const x = MARGIN.left + (index % columns) * 180;
    const y = legendTop + Math.floor(index / columns) * LEGEND_LINE;
    return `<circle cx="${x}" cy="${y}" r="4" fill="${colour(index)}"/><text x="${x + 10}" y="${y + 4}">${escaped(engine)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="11" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...panels,
    ...legend,
    "</svg>",
    "",
  ].join("\n");
}

/**
 * @param {readonly ThroughputRow[]} rows of one input
 * @param {string} input
 * @param {readonly string[]} engines all of the picture: an engine has one colour in every panel
 * @returns {string}
 */
function panel(rows, input, engines) {
  const ratios = rows.map(ratio);
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)];
  const margin = Math.max((most - least) * 0.06, 0.001);
  const across = linear(least - margin, most + margin, 0, PANEL.width);
  const speeds = rows.map((row) => row.mbps.median);
  const [bottom, top] = [Math.min(...speeds) / 1.25, Math.max(...speeds) * 1.25];
  const up = linear(Math.log(bottom), Math.log(top), PANEL.height, 0);
  const y = (/** @type {number} */ speed) => up(Math.log(speed));
  const parts = [
    `<rect width="${PANEL.width}" height="${PANEL.height}" fill="none" stroke="#cccccc"/>`,
    `<text x="${PANEL.width / 2}" y="-12" text-anchor="middle" font-size="13">${escaped(input)}</text>`,
    `<text x="${PANEL.width / 2}" y="${PANEL.height + 36}" text-anchor="middle">output / input: smaller is better</text>`,
    `<text transform="translate(-42 ${PANEL.height / 2}) rotate(-90)" text-anchor="middle">MB/s (10^6 bytes of input)</text>`,
    ...linearTicks(least - margin, most + margin).map(
      (tick) =>
        `<path d="M${at(across(tick))} 0V${PANEL.height}" stroke="#eeeeee"/>` +
        `<text x="${at(across(tick))}" y="${PANEL.height + 16}" text-anchor="middle">${tick.toFixed(3)}</text>`,
    ),
    ...logarithmicTicks(bottom, top).map(
      (tick) =>
        `<path d="M0 ${at(y(tick))}H${PANEL.width}" stroke="#eeeeee"/>` +
        `<text x="-6" y="${at(y(tick) + 4)}" text-anchor="end">${tick}</text>`,
    ),
  ];
  for (const [index, engine] of engines.entries()) {
    const own = rows.filter((row) => row.engine === engine).sort((a, b) => (a.level ?? 0) - (b.level ?? 0));
    if (own.length === 0) continue;
    const points = own.map((row) => ({
      x: at(across(ratio(row))),
      y: at(y(row.mbps.median)),
      level: row.level,
    }));
    const line = points.map((point) => `${point.x},${point.y}`).join(" ");
    parts.push(`<polyline points="${line}" fill="none" stroke="${colour(index)}" stroke-opacity="0.5"/>`);
    for (const point of points)
      parts.push(
        `<circle cx="${point.x}" cy="${point.y}" r="3" fill="${colour(index)}"/>` +
          `<text x="${point.x + 5}" y="${point.y - 4}" fill="${colour(index)}" font-size="9">${point.level ?? ""}</text>`,
      );
  }
  return parts.join("\n");
}

/**
 * @param {ThroughputRow} row
 * @returns {number} output by input
 */
function ratio(row) {
  return row.outputBytes / row.inputBytes;
}

/**
 * @param {number} fromLow
 * @param {number} fromHigh
 * @param {number} toLow
 * @param {number} toHigh
 * @returns {(value: number) => number}
 */
function linear(fromLow, fromHigh, toLow, toHigh) {
  return (value) => toLow + ((value - fromLow) / (fromHigh - fromLow)) * (toHigh - toLow);
}

/**
 * @param {number} low
 * @param {number} high
 * @returns {number[]} some five round numbers between them
 */
function linearTicks(low, high) {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const ticks = [];
  for (let i = Math.ceil(low / step); i * step <= high; i++) ticks.push(i * step);
  return ticks;
}

/**
 * @param {number} low above 0
 * @param {number} high
 * @returns {number[]} 1, 2 and 5 times the powers of ten between them
 */
function logarithmicTicks(low, high) {
  const ticks = [];
  for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10) {
    for (const factor of [1, 2, 5]) {
      const tick = Number((factor * power).toPrecision(1));
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}

/**
 * @param {number} value
 * @returns {number} with a tenth of a pixel
 */
function at(value) {
  return Math.round(value * 10) / 10;
}

/**
 * @param {number} index
 * @returns {string}
 */
function colour(index) {
  return COLOURS[index % COLOURS.length] ?? "#000000";
}

/**
 * @param {string} text
 * @returns {string}
 */
function escaped(text) {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
