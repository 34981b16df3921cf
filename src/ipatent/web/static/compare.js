// The comparison: several stages that zoom and move together, at one printed scale.
import { listenForGestures } from "./gestures.js";
import { prepareOverlay } from "./overlay.js";
import { makeStage } from "./stage.js";

const STEP = 1.5;
const PAN = 80;
const USUAL_PER_MM = 300 / 25.4;
const ARROWS = { ArrowLeft: [PAN, 0], ArrowRight: [-PAN, 0], ArrowUp: [0, PAN], ArrowDown: [0, -PAN] };

/** @typedef {import("./stage.js").Stage} Stage */

/** @param {HTMLElement} element one pane */
function makePane(element) {
  const frame = /** @type {HTMLElement} */ (element.querySelector(".viewer"));
  const image = /** @type {HTMLElement} */ (frame.querySelector("img"));
  const size = { width: Number(image.getAttribute("width")), height: Number(image.getAttribute("height")) };
  const stage = makeStage(frame, /** @type {HTMLElement} */ (frame.querySelector(".stage")), size, { loose: true });
  return { element, frame, stage, perMm: Number(element.dataset.perMm) || USUAL_PER_MM, inverted: false };
}

/** Sets what "fit" means so that a printed millimetre is equally long on all. @param {Stage[]} stages */
function scaleTogether(stages, /** @type {number[]} */ perMm, /** @type {boolean} */ same) {
  const perPrinted = Math.min(...stages.map((stage, index) => stage.ownFit() * perMm[index]));
  stages.forEach((stage, index) => stage.setFit(same ? perPrinted / perMm[index] : NaN));
}

function prepareCompare(/** @type {HTMLElement} */ root) {
  const panes = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".pane")]).map(makePane);
  const perMm = panes.map((pane) => pane.perMm);
  const asked = new URLSearchParams(location.search);
  const list = (/** @type {string} */ name) => (asked.get(name) ?? "").split(",").map(Number);
  const over = document.getElementById("over");
  const overlay = over && prepareOverlay(over, turn);
  const state = {
    same: asked.get("scale") !== "fit",
    linked: asked.get("linked") !== "0",
    mode: overlay && ["overlay", "blink"].includes(asked.get("mode") ?? "") ? asked.get("mode") ?? "" : "",
  };
  let active = 0;

  const stages = () => (state.mode && overlay ? overlay.stages : panes.map((pane) => pane.stage));
  /** Those that a movement in one pane moves. @param {number} at */
  const moved = (at) => (state.linked || state.mode ? stages() : [stages()[at]]);

  function rescale() {
    scaleTogether(stages(), perMm, state.same);
    for (const stage of stages()) if (stage.isFitted()) stage.fit();
  }
  function fitAll() {
    scaleTogether(stages(), perMm, state.same);
    for (const stage of stages()) stage.fit();
  }

  /** @param {number} index @param {number} degrees */
  function turn(index, degrees) {
    panes[index].stage.turnBy(degrees);
    overlay?.stages[index].turnBy(degrees);
    rescale();
    remember();
  }
  /** @param {number} index */
  function invert(index) {
    const pane = panes[index];
    pane.inverted = !pane.inverted;
    pane.frame.classList.toggle("inverted", pane.inverted);
    pane.element.querySelector(".invert")?.setAttribute("aria-pressed", String(pane.inverted));
    remember();
  }

  panes.forEach((pane, index) => {
    const { stage } = pane;
    listenForGestures(pane.frame, {
      pan: (dx, dy) => moved(index).forEach((one) => one.panBy(dx, dy)),
      zoom: (factor, at) => moved(index).forEach((one) => one.zoomBy(factor, at)),
      twice: (at) => {
        const fitted = stage.isFitted();
        moved(index).forEach((one) => (fitted ? one.zoomBy(2.5, at) : one.fit()));
      },
      isFitted: stage.isFitted,
      placeOf: stage.placeOf,
    });
    for (const name of ["pointerenter", "focusin"]) pane.element.addEventListener(name, () => (active = index));
    pane.element.querySelector(".rotate")?.addEventListener("click", () => turn(index, 90));
    pane.element.querySelector(".invert")?.addEventListener("click", () => invert(index));
  });

  /** @param {string} mode */
  function arrange(mode) {
    state.mode = mode;
    overlay?.show(mode);
    root.classList.toggle("overlaid", Boolean(mode));
    show();
    fitAll();
  }

  function show() {
    const press = (/** @type {Element} */ button, /** @type {boolean} */ on) =>
      button.setAttribute("aria-pressed", String(on));
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-scale]"))) {
      press(button, (button.dataset.scale === "same") === state.same);
    }
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-mode]"))) {
      press(button, button.dataset.mode === state.mode);
    }
    const linked = /** @type {HTMLButtonElement} */ (document.getElementById("linked"));
    press(linked, state.linked);
    linked.hidden = Boolean(state.mode);
  }

  function remember() {
    const address = new URL(location.href);
    const turns = panes.map((pane) => pane.stage.view().turn);
    const values = {
      scale: state.same ? "" : "fit",
      linked: state.linked ? "" : "0",
      mode: state.mode,
      turn: turns.some(Boolean) ? turns.join() : "",
      invert: panes.some((pane) => pane.inverted) ? panes.map((pane) => Number(pane.inverted)).join() : "",
    };
    for (const [name, value] of Object.entries(values)) {
      if (value) address.searchParams.set(name, value);
      else address.searchParams.delete(name);
    }
    history.replaceState(history.state, "", address);
  }

  /** @type {Record<string, () => void>} */
  const actions = {
    "zoom-in": () => moved(active).forEach((one) => one.zoomBy(STEP)),
    "zoom-out": () => moved(active).forEach((one) => one.zoomBy(1 / STEP)),
    "zoom-fit": fitAll,
    linked: () => {
      state.linked = !state.linked;
      show();
      remember();
    },
  };
  for (const [id, action] of Object.entries(actions)) document.getElementById(id)?.addEventListener("click", action);
  const arranged = (/** @type {string} */ mode) => {
    arrange(mode);
    remember();
  };
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-scale], [data-mode]"))) {
    const { scale, mode = "" } = button.dataset;
    button.addEventListener("click", () => {
      if (!scale) return arranged(mode);
      state.same = scale === "same";
      show();
      fitAll();
      remember();
    });
  }

  /** @type {Record<string, () => void>} */
  const keys = {
    "+": actions["zoom-in"],
    "=": actions["zoom-in"],
    "-": actions["zoom-out"],
    0: fitAll,
    r: () => turn(active, 90),
    R: () => turn(active, -90),
    i: () => !state.mode && invert(active),
    l: () => !state.mode && actions.linked(),
    o: () => overlay && arranged(state.mode === "overlay" ? "" : "overlay"),
    b: () => overlay && (state.mode === "blink" ? overlay.exchange() : arranged("blink")),
    Escape: () => state.mode && arranged(""),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest("input, select, textarea") || document.querySelector("dialog[open]")) return;
    const arrow = ARROWS[/** @type {keyof typeof ARROWS} */ (event.key)];
    if (arrow && target.matches(".pane .viewer")) moved(active).forEach((one) => one.panBy(arrow[0], arrow[1]));
    else if (keys[event.key]) keys[event.key]();
    else return;
    event.preventDefault();
  });

  list("turn").forEach((degrees, index) => {
    if (![90, 180, 270].includes(degrees) || !panes[index]) return;
    panes[index].stage.turnBy(degrees);
    overlay?.stages[index].turnBy(degrees);
  });
  list("invert").forEach((on, index) => on === 1 && panes[index] && invert(index));
  arrange(state.mode);
  const watched = new ResizeObserver(rescale);
  for (const frame of [...panes.map((pane) => pane.frame), document.getElementById("over-frame")]) {
    if (frame) watched.observe(frame);
  }
}

const root = document.getElementById("compare");
if (root) prepareCompare(root);
