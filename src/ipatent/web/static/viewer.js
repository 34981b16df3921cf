// The figure page: the drawing's stage, its buttons and keys, and its state in the address.
import { listenForGestures } from "./gestures.js";
import { boxOf, prepareSpots } from "./spots.js";
import { makeStage } from "./stage.js";

const STEP = 1.5;
const PAN = 80;
const ARROWS = { ArrowLeft: [PAN, 0], ArrowRight: [-PAN, 0], ArrowUp: [0, PAN], ArrowDown: [0, -PAN] };

function prepareViewer() {
  const viewer = document.getElementById("viewer");
  const frame = /** @type {HTMLElement | null} */ (viewer?.querySelector(".stage"));
  const drawing = document.getElementById("drawing");
  if (!viewer || !frame || !drawing) return;
  const asked = new URLSearchParams(location.search);
  const state = {
    turn: { 90: 90, 180: 180, 270: 270 }[asked.get("turn") ?? ""] ?? 0,
    invert: asked.get("invert") === "1",
    spots: asked.get("spots") !== "0",
  };
  const size = { width: Number(drawing.getAttribute("width")), height: Number(drawing.getAttribute("height")) };
  /** @type {ReturnType<typeof prepareSpots> | null} */
  let spots = null;
  const shown = document.getElementById("zoom-shown");
  const stage = makeStage(viewer, frame, size, {
    changed: (view) => {
      if (shown) shown.textContent = `${Math.round(view.scale * 100)} %`;
      spots?.place();
    },
  });
  stage.turnBy(state.turn);
  spots = prepareSpots(viewer, stage);
  listenForGestures(viewer, {
    pan: stage.panBy,
    zoom: stage.zoomBy,
    twice: (at) => (stage.isFitted() ? stage.zoomBy(Math.max(1 / stage.view().scale, 2.5), at) : stage.fit()),
    isFitted: stage.isFitted,
    placeOf: stage.placeOf,
  });

  const press = (/** @type {string} */ id, /** @type {boolean} */ on) =>
    document.getElementById(id)?.setAttribute("aria-pressed", String(on));

  function apply() {
    viewer?.classList.toggle("inverted", state.invert);
    viewer?.classList.toggle("bare", !state.spots);
    press("invert", state.invert);
    press("spots", state.spots);
    if (!state.spots) spots?.clear();
  }

  /** Reloading keeps the state; leafing on keeps what is not of this drawing alone. */
  function remember() {
    const address = new URL(location.href);
    write(address, { turn: state.turn ? String(state.turn) : "", ...carried() });
    history.replaceState(history.state, "", address);
    carry();
  }
  const carried = () => ({ invert: state.invert ? "1" : "", spots: state.spots ? "" : "0" });
  function carry() {
    for (const link of document.querySelectorAll("a.carries")) {
      const address = new URL(link.getAttribute("href") ?? "", location.href);
      write(address, carried());
      link.setAttribute("href", address.pathname + address.search);
    }
  }

  const outlined = viewer.querySelector(".outline.this");
  /** @type {Record<string, () => void>} */
  const actions = {
    "zoom-in": () => stage.zoomBy(STEP),
    "zoom-out": () => stage.zoomBy(1 / STEP),
    "zoom-fit": () => stage.fit(),
    rotate: () => turn(90),
    "rotate-back": () => turn(-90),
    invert: () => change("invert"),
    spots: () => change("spots"),
    "to-figure": () => outlined && stage.show(boxOf(outlined), 2),
  };
  /** @param {number} degrees */
  function turn(degrees) {
    stage.turnBy(degrees);
    state.turn = stage.view().turn;
    remember();
  }
  /** @param {"invert" | "spots"} name */
  function change(name) {
    state[name] = !state[name];
    apply();
    remember();
  }
  for (const [id, action] of Object.entries(actions)) document.getElementById(id)?.addEventListener("click", action);

  /** @type {Record<string, string>} */
  const keys = { "+": "zoom-in", "=": "zoom-in", "-": "zoom-out", 0: "zoom-fit", r: "rotate", R: "rotate-back" };
  Object.assign(keys, { i: "invert", h: "spots", f: "to-figure" });
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest("input, select, textarea") || document.querySelector("dialog[open]")) return;
    const arrow = ARROWS[/** @type {keyof typeof ARROWS} */ (event.key)];
    if (arrow && target.closest("#viewer.zoomed")) stage.panBy(arrow[0], arrow[1]);
    else if (event.key === "Escape" && spots?.clear()) viewer.focus({ preventScroll: true });
    else if (event.key === "s") document.getElementById("sheet-switch")?.click();
    else if (actions[keys[event.key]]) actions[keys[event.key]]();
    else return;
    event.preventDefault();
  });

  apply();
  carry();
}

/** @param {URL} address @param {Record<string, string>} values empty ones are left out */
function write(address, values) {
  for (const [name, value] of Object.entries(values)) {
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
}

prepareViewer();
