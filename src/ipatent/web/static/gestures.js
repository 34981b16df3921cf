// Wheel, drag, pinch and double-click over a frame, told as "pan" and "zoom".

const SLIP = 4; // pixels that a click may move

/**
 * @typedef {import("./stage.js").Place} Place
 *
 * @param {HTMLElement} frame
 * @param {object} told
 * @param {(dx: number, dy: number, event: PointerEvent) => void} told.pan
 * @param {(factor: number, at: Place) => void} told.zoom
 * @param {(at: Place) => void} told.twice
 * @param {() => boolean} told.isFitted then a wheel turned away scrolls the page, as does one finger
 * @param {(event: {clientX: number, clientY: number}) => Place} told.placeOf
 */
export function listenForGestures(frame, { pan, zoom, twice, isFitted, placeOf }) {
  /** @type {Map<number, Place>} */
  const held = new Map();
  let moved = false;
  let start = { x: 0, y: 0 };

  frame.addEventListener("pointerdown", (event) => {
    if (event.button || of(event)?.closest(".spot-card, button, input")) return;
    held.set(event.pointerId, placeOf(event));
    if (held.size > 1) return;
    moved = false;
    start = placeOf(event);
  });

  frame.addEventListener("pointermove", (event) => {
    const before = held.get(event.pointerId);
    if (!before) return;
    const now = placeOf(event);
    if (!moved && held.size === 1 && Math.hypot(now.x - start.x, now.y - start.y) < SLIP) return;
    moved = true;
    if (!frame.hasPointerCapture(event.pointerId)) frame.setPointerCapture(event.pointerId);
    held.set(event.pointerId, now);
    const other = [...held].find(([id]) => id !== event.pointerId)?.[1];
    if (!other) return pan(now.x - before.x, now.y - before.y, event);
    const apart = (/** @type {Place} */ one) => Math.max(Math.hypot(one.x - other.x, one.y - other.y), 1);
    zoom(apart(now) / apart(before), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
    pan((now.x - before.x) / 2, (now.y - before.y) / 2, event);
  });

  for (const name of ["pointerup", "pointercancel"]) {
    frame.addEventListener(name, (event) => {
      held.delete(/** @type {PointerEvent} */ (event).pointerId);
      // The click that ends a drag comes first.
      if (!held.size) setTimeout(() => (moved = false));
    });
  }
  frame.addEventListener(
    "click",
    (event) => {
      if (!moved) return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
  // Two fingers are ours; one may scroll the page while the whole picture is seen.
  frame.addEventListener("touchmove", (event) => event.touches.length > 1 && event.preventDefault(), {
    passive: false,
  });
  frame.addEventListener("dragstart", (event) => event.preventDefault());
  frame.addEventListener("dblclick", (event) => {
    if (!of(event)?.closest("a, button, input, .spot-card")) twice(placeOf(event));
  });
  frame.addEventListener(
    "wheel",
    (event) => {
      const card = of(event)?.closest(".spot-card");
      if (card && card.scrollHeight > card.clientHeight && !event.ctrlKey) return;
      if (isFitted() && event.deltaY > 0 && !event.ctrlKey) return;
      event.preventDefault();
      const lines = event.deltaMode ? 30 : 1;
      zoom(Math.exp((-event.deltaY * lines) / (event.ctrlKey ? 100 : 500)), placeOf(event));
    },
    { passive: false },
  );
}

/** @param {Event} event */
function of(event) {
  return event.target instanceof Element ? event.target : null;
}
