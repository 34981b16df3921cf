// Points drawn by Plotly, flat as SVG or deep with WebGL; drawings lie on the flat points when they are far enough apart.
//
// Plotly comes from this server and runs without compiling code or writing styles (see `map_plotly.py`).
import { layThumbnails } from "./map_thumbnails.js";

/**
 * @typedef {object} Scene
 * @property {2 | 3 | number} dims
 * @property {number[][]} at
 * @property {number[]} look place in `looks` of each point
 * @property {{symbol: string, colour: string}[]} looks
 * @property {boolean[]} shown
 * @property {boolean[]} picked
 * @property {string[]} thumbnails
 * @property {boolean} fit whether the whole is to be seen
 *
 * @typedef {object} Told
 * @property {(at: number, place: {x: number, y: number}) => void} hover
 * @property {(at: number, event: MouseEvent | undefined) => void} open
 * @property {(picked: number[], adds: boolean) => void} pick
 */

const FAINT = 0.16;
const EYE = { x: 1.25, y: 1.25, z: 0.75 };

export function hasDepth() {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("webgl2") ?? canvas.getContext("webgl");
  /** @type {any} */ (context)?.getExtension("WEBGL_lose_context")?.loseContext();
  return Boolean(context);
}

/** @param {HTMLElement} map */
async function load({ dataset }) {
  for (const id of (dataset.styles ?? "").split(" ")) {
    const held = document.createElement("template");
    held.id = id;
    held.className = "no-inline-styles";
    document.body.append(held);
  }
  await new Promise((ready, failed) => {
    const script = document.createElement("script");
    script.src = dataset.plotly ?? "";
    script.addEventListener("load", ready);
    script.addEventListener("error", failed);
    document.head.append(script);
  });
  return /** @type {any} */ (window).Plotly;
}

/**
 * @param {HTMLElement} map
 * @param {Told} told
 */
export async function createPlot(map, told) {
  const Plotly = await load(map);
  const place = /** @type {any} */ (document.getElementById("map-plot"));
  const frame = /** @type {HTMLElement} */ (place.parentElement);
  const thumbnails = layThumbnails(frame);
  /** @type {Scene} */
  let scene;
  let mode = "pan";
  let adds = false;
  let draws = false; // an outline, by hand
  let bound = false;
  let revision = 0;
  let drawings = 0;
  let pointer = { x: 0, y: 0 };
  /** @type {{x: number[], y: number[]}} */
  let whole = { x: [-1, 1], y: [-1, 1] };

  frame.addEventListener(
    "pointermove",
    (event) => {
      const box = frame.getBoundingClientRect();
      pointer = { x: event.clientX - box.left, y: event.clientY - box.top };
    },
    true,
  );
  place.addEventListener(
    "pointerdown",
    (/** @type {PointerEvent} */ event) => {
      adds = event.shiftKey;
      draws = true;
    },
    true,
  );
  frame.addEventListener("pointerleave", () => told.hover(-1, pointer));

  /** @param {Scene} now */
  function draw(now) {
    scene = now;
    if (now.fit) revision += 1;
    const deep = now.dims === 3;
    const style = getComputedStyle(map);
    const ink = { line: style.getPropertyValue("--map-ink"), grid: style.getPropertyValue("--map-grid") };
    const layout = {
      uirevision: revision,
      // What is picked is told by the table; Plotly is not to remember it, nor its outline.
      selectionrevision: (drawings += 1),
      showlegend: false,
      hovermode: "closest",
      margin: { l: 0, r: 0, t: 0, b: 0 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      dragmode: deep ? "turntable" : mode,
      selections: [],
      ...(deep ? depth(colourOf(ink.grid)) : plane(now)),
    };
    const drawn = Plotly.react(place, traces(now, deep, colourOf(ink.line)), layout, {
      displayModeBar: false,
      scrollZoom: true,
      responsive: true,
      doubleClick: false,
      showTips: false,
    });
    drawn.then(() => {
      if (!bound) bind();
      bound = true;
      showThumbnails();
    });
  }

  // A colour that Plotly reads, whatever the style sheet says.
  /** @param {string} value */
  function colourOf(value) {
    const probe = document.createElement("span");
    probe.style.color = value;
    map.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  }

  /** @param {Scene} now */
  function plane(now) {
    if (now.fit) {
      const seen = now.at.filter((_, at) => now.shown[at]);
      whole = fitted(seen.length ? seen : [[-1, -1], [1, 1]], place.clientWidth / Math.max(place.clientHeight, 1));
    }
    const axis = { visible: false, zeroline: false, showgrid: false, fixedrange: false };
    return {
      xaxis: { ...axis, range: whole.x.slice(), constrain: "range" },
      yaxis: { ...axis, range: whole.y.slice(), scaleanchor: "x", constrain: "range" },
    };
  }

  function bind() {
    place.on("plotly_hover", ({ points }) => told.hover(points[0].customdata, pointer));
    place.on("plotly_unhover", () => told.hover(-1, pointer));
    place.on("plotly_click", ({ points, event }) => told.open(points[0].customdata, event));
    place.on("plotly_selected", (chosen) => {
      // It is also told when an outline is taken away by drawing anew.
      if (!chosen || !draws) return;
      draws = false;
      // Told after Plotly has finished with the gesture; drawing in the midst of it leaves its outline.
      setTimeout(() => told.pick(chosen.points.map((point) => point.customdata), adds));
    });
    place.on("plotly_relayouting", (changed) => showThumbnails(changed));
    place.on("plotly_relayout", () => showThumbnails());
    place.on("plotly_afterplot", () => showThumbnails());
    place.on("plotly_doubleclick", () => zoom("fit"));
  }

  /** @param {Record<string, number>} [moved] ranges while the plane is being moved */
  function showThumbnails(moved = {}) {
    const full = place._fullLayout;
    if (scene.dims === 3 || !full?.xaxis) return thumbnails([]);
    const range = (/** @type {string} */ axis) => [
      moved[`${axis}.range[0]`] ?? full[axis].range[0],
      moved[`${axis}.range[1]`] ?? full[axis].range[1],
    ];
    const [x0, x1] = range("xaxis");
    const [y0, y1] = range("yaxis");
    const { clientWidth: wide, clientHeight: high } = place;
    const inside = scene.at.flatMap(([x, y], at) => {
      const left = ((x - x0) / (x1 - x0)) * wide;
      const top = ((y1 - y) / (y1 - y0)) * high;
      const seen = scene.shown[at] && left > -40 && left < wide + 40 && top > -40 && top < high + 40;
      return seen ? [{ x: left, y: top, source: scene.thumbnails[at], colour: scene.looks[scene.look[at]].colour, faint: false, at }] : [];
    });
    const some = scene.picked.some(Boolean);
    for (const one of inside) one.faint = some && !scene.picked[one.at];
    const closer = (whole.x[1] - whole.x[0]) / (x1 - x0);
    thumbnails(inside, closer, { wide, high });
  }

  /** @param {string} kind */
  function zoom(kind) {
    const full = place._fullLayout;
    const factor = kind === "in" ? 1 / 1.5 : 1.5;
    if (scene.dims === 3) {
      const eye = kind === "fit" ? EYE : scaled(full.scene.camera.eye, factor);
      Plotly.relayout(place, { "scene.camera": { ...(kind === "fit" ? {} : full.scene.camera), eye } });
      return;
    }
    if (kind === "fit") {
      scene = { ...scene, fit: true };
      draw(scene);
      return;
    }
    /** @param {number[]} range */
    const about = ([a, b]) => [(a + b) / 2 - ((b - a) / 2) * factor, (a + b) / 2 + ((b - a) / 2) * factor];
    Plotly.relayout(place, { "xaxis.range": about(full.xaxis.range), "yaxis.range": about(full.yaxis.range) });
  }

  return {
    draw,
    zoom,
    /** @param {string} name */
    drag(name) {
      mode = name;
      if (scene.dims !== 3) Plotly.relayout(place, { dragmode: name });
    },
  };
}

/** @param {{x: number, y: number, z: number}} eye @param {number} factor */
function scaled({ x, y, z }, factor) {
  return { x: x * factor, y: y * factor, z: z * factor };
}

/**
 * Ranges that show all places with some room around them, true to scale in a frame so wide to so high.
 * @param {number[][]} at
 * @param {number} wide
 */
function fitted(at, wide) {
  const ends = [0, 1].map((axis) => {
    const values = at.map((place) => place[axis]);
    return [Math.min(...values), Math.max(...values)];
  });
  const middle = ends.map(([low, high]) => (low + high) / 2);
  const high = Math.max(ends[1][1] - ends[1][0], (ends[0][1] - ends[0][0]) / wide, 1e-3) * 1.12;
  return {
    x: [middle[0] - (high * wide) / 2, middle[0] + (high * wide) / 2],
    y: [middle[1] - high / 2, middle[1] + high / 2],
  };
}

/** @param {string} grid */
function depth(grid) {
  const axis = { title: { text: "" }, showticklabels: false, ticks: "", showbackground: false, showspikes: false };
  const lines = { ...axis, gridcolor: grid, zeroline: false, linecolor: grid };
  return {
    scene: { xaxis: lines, yaxis: lines, zaxis: lines, aspectmode: "cube", camera: { eye: EYE } },
  };
}

/**
 * One trace for each look.
 * @param {Scene} now
 * @param {boolean} deep
 * @param {string} line
 */
function traces({ at, look, looks, shown, picked }, deep, line) {
  const some = picked.some(Boolean);
  const count = shown.filter(Boolean).length;
  const size = count > 1500 ? 6 : count > 700 ? 8 : 10;
  return looks.map(({ symbol, colour }, number) => {
    const own = look.flatMap((one, place) => (one === number && shown[place] ? [place] : []));
    const [x, y, z] = [0, 1, 2].map((axis) => own.map((place) => at[place][axis] ?? 0));
    const open = symbol.endsWith("-open");
    const common = { mode: "markers", customdata: own, hoverinfo: "none", visible: own.length > 0 };
    if (deep) {
      const faded = own.map((place) => (some && !picked[place] ? faint(colour) : colour));
      return { ...common, type: "scatter3d", x, y, z, marker: { symbol, size: size / 2, color: faded, line: { width: 0 } } };
    }
    return {
      ...common,
      type: "scatter",
      x,
      y,
      cliponaxis: true,
      marker: { symbol, size, color: colour, opacity: 1, line: { width: open ? 2 : 1, color: open ? colour : line } },
      selectedpoints: some ? own.flatMap((place, order) => (picked[place] ? [order] : [])) : null,
      selected: { marker: { opacity: 1, size: size + 2 } },
      unselected: { marker: { opacity: FAINT } },
    };
  });
}

/** @param {string} colour */
function faint(colour) {
  const [red, green, blue] = colour.match(/[\d.]+/g) ?? [];
  return `rgba(${red},${green},${blue},${FAINT})`;
}
