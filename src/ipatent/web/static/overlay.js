// Two figures in one place: in red and blue, or one after the other.
import { listenForGestures } from "./gestures.js";
import { makeStage } from "./stage.js";

const TURN_TAKING = 700; // milliseconds; slower than anything that could be called flashing
const NUDGE = 2;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @typedef {import("./stage.js").Stage} Stage
 *
 * @param {HTMLElement} over the section that holds it all
 * @param {(index: number, degrees: number) => void} turn
 */
export function prepareOverlay(over, turn) {
  const frame = /** @type {HTMLElement} */ (over.querySelector(".viewer"));
  const layers = /** @type {HTMLElement[]} */ ([...over.querySelectorAll(".layer")]);
  const mix = /** @type {HTMLInputElement} */ (over.querySelector("#mix"));
  const blinking = /** @type {HTMLElement} */ (over.querySelector("#blinking"));
  const swap = /** @type {HTMLElement} */ (over.querySelector("#swap"));
  const stages = layers.map((layer) => {
    const image = /** @type {HTMLImageElement} */ (layer.querySelector("img"));
    const size = { width: Number(image.getAttribute("width")), height: Number(image.getAttribute("height")) };
    return makeStage(frame, layer, size, { loose: true });
  });
  const second = stages[1];
  let timer = 0;
  let shown = 0;

  listenForGestures(frame, {
    pan: (dx, dy, event) => (event.shiftKey ? second.panBy(dx, dy) : stages.forEach((one) => one.panBy(dx, dy))),
    zoom: (factor, at) => stages.forEach((one) => one.zoomBy(factor, at)),
    twice: (at) => {
      if (stages[0].isFitted()) stages.forEach((one) => one.zoomBy(2.5, at));
      else stages.forEach((one) => one.fit());
    },
    isFitted: () => stages.every((one) => one.isFitted()),
    placeOf: stages[0].placeOf,
  });

  function balance() {
    const share = Number(mix.value) / 100;
    layers[0].style.opacity = String(Math.min(1, 2 - 2 * share));
    layers[1].style.opacity = String(Math.min(1, 2 * share));
  }
  mix.addEventListener("input", balance);

  /** @param {number} which */
  function showOnly(which) {
    shown = which;
    layers.forEach((layer, index) => layer.classList.toggle("off", index !== which));
    over.querySelectorAll(".key").forEach((key, index) => key.classList.toggle("off", index !== which));
  }

  /** @param {boolean} going */
  function blink(going) {
    clearInterval(timer);
    timer = going ? setInterval(() => showOnly(1 - shown), TURN_TAKING) : 0;
    blinking.setAttribute("aria-pressed", String(going));
    blinking.textContent = (going ? blinking.dataset.pause : blinking.dataset.go) ?? "";
  }
  blinking.addEventListener("click", () => blink(!timer));
  const exchange = () => {
    blink(false);
    showOnly(1 - shown);
  };
  swap.addEventListener("click", exchange);

  /** @param {number} x @param {number} y */
  const nudge = (x, y) => second.panBy(x * NUDGE, y * NUDGE);
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (over.querySelectorAll("button"))) {
    const { move, grow, turn: which } = button.dataset;
    if (button.id === "mirror") {
      button.addEventListener("click", () => {
        const on = layers[1].classList.toggle("mirrored");
        button.setAttribute("aria-pressed", String(on));
      });
    }
    if (move) {
      const [x, y] = move.split(",").map(Number);
      button.addEventListener("click", () => nudge(x, y));
    }
    if (grow) {
      // About its own middle, so that it stays where it was laid.
      button.addEventListener("click", () => second.zoomBy(Number(grow), second.view()));
    }
    if (which) button.addEventListener("click", () => turn(Number(which), 90));
  }
  over.addEventListener("keydown", (event) => {
    const arrow = ARROWS[/** @type {keyof typeof ARROWS} */ (event.key)];
    if (!arrow || event.target instanceof HTMLInputElement) return;
    if (event.shiftKey) nudge(arrow[0], arrow[1]);
    else if (event.target === frame) stages.forEach((one) => one.panBy(-arrow[0] * 80, -arrow[1] * 80));
    else return;
    event.preventDefault();
  });

  return {
    stages,
    exchange,
    /** @param {string} mode "overlay", "blink", or empty for neither */
    show(mode) {
      over.hidden = !mode;
      over.classList.toggle("blink", mode === "blink");
      blinking.hidden = swap.hidden = mode !== "blink";
      /** @type {HTMLElement} */ (mix.parentElement).hidden = mode === "blink";
      if (mode === "blink") {
        layers.forEach((layer) => (layer.style.opacity = ""));
        showOnly(0);
        blink(!matchMedia("(prefers-reduced-motion: reduce)").matches);
      } else {
        blink(false);
        for (const one of [...layers, ...over.querySelectorAll(".key")]) one.classList.remove("off");
        balance();
      }
    },
  };
}
