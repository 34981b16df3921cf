// Reference numerals on the drawing and the list of components: pointing at one shows the other.

const GAP = 12;

/**
 * @param {HTMLElement} viewer
 * @param {import("./stage.js").Stage} stage
 */
export function prepareSpots(viewer, stage) {
  const spots = /** @type {SVGAElement[]} */ ([...viewer.querySelectorAll("a.spot")]);
  const entries = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".component[data-numeral]")]);
  const card = /** @type {HTMLElement} */ (document.getElementById("spot-card"));
  if (!card) return { place: () => {}, clear: () => false };
  const numeralOf = (/** @type {Element} */ element) => element.getAttribute("data-numeral") ?? "";
  const entryOf = (/** @type {string} */ numeral) => entries.find((entry) => numeralOf(entry) === numeral);
  let pinned = "";
  /** @type {SVGAElement | null} */
  let shownAt = null;
  let leaving = 0;

  for (const spot of spots) {
    // The card says it better than the browser's own tooltip.
    const title = spot.querySelector("title");
    spot.setAttribute("aria-label", title?.textContent ?? "");
    title?.remove();
  }

  /** @param {string} numeral */
  function light(numeral) {
    for (const spot of spots) spot.classList.toggle("lit", numeralOf(spot) === numeral);
    for (const entry of entries) entry.classList.toggle("lit", numeralOf(entry) === numeral);
  }

  function rest() {
    clearTimeout(leaving);
    light(pinned);
    const pin = shownAt && numeralOf(shownAt) === pinned ? shownAt : spots.find((s) => numeralOf(s) === pinned);
    if (pinned && pin) open(pin);
    else close();
  }

  function restSoon() {
    clearTimeout(leaving);
    leaving = setTimeout(rest, 250);
  }

  /** @param {SVGAElement} spot */
  function open(spot) {
    const numeral = numeralOf(spot);
    const entry = entryOf(numeral);
    if (!entry) return close();
    if (shownAt !== spot || card.hidden) {
      const wanted = /** @type {HTMLElement} */ (card.querySelector(".card-name"));
      wanted.replaceChildren(...(entry.querySelector("summary, .name")?.cloneNode(true).childNodes ?? []));
      const passages = [...entry.querySelectorAll("details > p:not(.seek)")].slice(0, 1).map((one) => one.cloneNode(true));
      /** @type {HTMLElement} */ (card.querySelector(".card-passages")).replaceChildren(...passages);
      /** @type {HTMLAnchorElement} */ (card.querySelector(".card-link")).href = `#${entry.id}`;
    }
    shownAt = spot;
    card.hidden = false;
    place();
  }

  function close() {
    card.hidden = true;
    shownAt = null;
  }

  function place() {
    if (!shownAt || card.hidden) return;
    const frame = viewer.getBoundingClientRect();
    const at = shownAt.getBoundingClientRect();
    const gone = at.right < frame.left || at.left > frame.right || at.bottom < frame.top || at.top > frame.bottom;
    card.classList.toggle("away", gone);
    const docked = viewer.clientWidth < 560;
    card.classList.toggle("docked", docked);
    if (docked) {
      card.style.left = card.style.top = "";
      // Never over the numeral that it speaks of.
      card.classList.toggle("above", at.top + at.height / 2 > frame.top + frame.height / 2);
      return;
    }
    const [left, top] = free(at, frame);
    card.style.left = `${left}px`;
    card.style.top = `${top}px`;
  }

  /**
   * The place beside the numeral, or in a corner, where the card hides the fewest other numerals.
   * @param {DOMRect} at @param {DOMRect} frame @returns {[number, number]} within the viewer
   */
  function free(at, frame) {
    const [w, h] = [card.offsetWidth, card.offsetHeight];
    const [x, y] = [at.left - frame.left, at.top - frame.top];
    const [right, below] = [viewer.clientWidth - w - 8, viewer.clientHeight - h - 8];
    const middle = Math.max(8, Math.min(below, y + at.height / 2 - h / 2));
    const centre = Math.max(8, Math.min(right, x + at.width / 2 - w / 2));
    /** @type {[number, number][]} */
    const beside = [
      [x + at.width + GAP, middle],
      [x - w - GAP, middle],
    ];
    // Outwards there is mostly less of the drawing.
    if (x + at.width / 2 < viewer.clientWidth / 2) beside.reverse();
    /** @type {[number, number][]} */
    const places = [
      ...beside,
      [centre, y + at.height + GAP],
      [centre, y - h - GAP],
      [right, 8],
      [8, 8],
      [right, below],
      [8, below],
    ];
    const others = spots.map((spot) => spot.getBoundingClientRect());
    const hidden = (/** @type {[number, number]} */ [left, top]) =>
      others.filter(
        (o) =>
          o.left - frame.left < left + w &&
          o.right - frame.left > left &&
          o.top - frame.top < top + h &&
          o.bottom - frame.top > top,
      ).length;
    const inside = places.filter(([left, top]) => left >= 8 && top >= 8 && left <= right && top <= below);
    const counted = inside.map((one) => ({ one, count: hidden(one) }));
    counted.sort((a, b) => a.count - b.count);
    return counted[0]?.one ?? [8, 8];
  }

  /** Scrolls the list only, never the page. @param {string} numeral */
  function reveal(numeral) {
    const entry = entryOf(numeral);
    const panel = entry?.closest(".facts");
    if (!entry || !panel || panel.scrollHeight <= panel.clientHeight + 1) return;
    const [inner, outer] = [entry.getBoundingClientRect(), panel.getBoundingClientRect()];
    if (inner.top < outer.top + 8) panel.scrollTop += inner.top - outer.top - 40;
    else if (inner.bottom > outer.bottom - 8) {
      panel.scrollTop += Math.min(inner.top - outer.top - 40, inner.bottom - outer.bottom + 40);
    }
  }

  /** @param {string} numeral @param {boolean} [kept] keep it in the address */
  function pin(numeral, kept = true) {
    const before = pinned;
    pinned = numeral;
    for (const spot of spots) {
      if (numeral && numeralOf(spot) === numeral) spot.setAttribute("aria-current", "true");
      else spot.removeAttribute("aria-current");
    }
    for (const one of new Set([before, numeral])) {
      const details = entryOf(one)?.querySelector("details");
      if (details) details.open = one === numeral;
    }
    const entry = entryOf(numeral);
    if (kept) history.replaceState(history.state, "", entry ? `#${entry.id}` : location.pathname + location.search);
  }

  for (const spot of spots) {
    const point = () => {
      clearTimeout(leaving);
      light(numeralOf(spot));
      open(spot);
      reveal(numeralOf(spot));
    };
    spot.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && point());
    spot.addEventListener("pointerleave", restSoon);
    spot.addEventListener("focus", () => spot.matches(":focus-visible") && (bring(spot), point()));
    spot.addEventListener("blur", restSoon);
    spot.addEventListener("click", (event) => {
      event.preventDefault();
      const again = pinned === numeralOf(spot) && shownAt === spot;
      pin(again ? "" : numeralOf(spot));
      if (again) rest();
      else point();
    });
  }

  /** @param {SVGAElement} spot */
  function isSeen(spot) {
    const [at, frame] = [spot.getBoundingClientRect(), viewer.getBoundingClientRect()];
    return at.left >= frame.left && at.right <= frame.right && at.top >= frame.top && at.bottom <= frame.bottom;
  }

  /** A focused numeral must be seen. @param {SVGAElement} spot */
  function bring(spot) {
    if (!isSeen(spot)) stage.show(boxOf(spot), stage.view().scale);
  }

  for (const entry of entries) {
    const numeral = numeralOf(entry);
    const point = () => {
      clearTimeout(leaving);
      light(numeral);
    };
    entry.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && point());
    entry.addEventListener("pointerleave", restSoon);
    entry.addEventListener("focusin", point);
    entry.addEventListener("focusout", restSoon);
    entry.querySelector("summary")?.addEventListener("click", () => {
      const opening = !entry.querySelector("details")?.open;
      // The browser opens or closes it itself, after this.
      setTimeout(() => {
        if (opening) pin(numeral);
        else if (pinned === numeral) pin("");
        rest();
      });
    });
    entry.querySelector(".to-spot")?.addEventListener("click", (event) => {
      const all = spots.filter((one) => numeralOf(one) === numeral);
      const at = all.findIndex((one) => one === shownAt);
      // The one in sight was found already.
      const spot = all[at >= 0 && !isSeen(all[at]) ? at : (at + 1) % all.length];
      if (!spot || viewer.classList.contains("bare")) return;
      event.preventDefault();
      pin(numeral);
      stage.show(boxOf(spot), Math.max(1, stage.view().scale));
      light(numeral);
      open(spot);
      viewer.scrollIntoView({ block: "nearest" });
    });
  }

  card.addEventListener("pointerenter", () => clearTimeout(leaving));
  card.addEventListener("pointerleave", restSoon);
  card.querySelector(".card-link")?.addEventListener("click", () => {
    if (shownAt) pin(numeralOf(shownAt), false);
  });
  viewer.addEventListener("click", (event) => {
    if (event.target instanceof Element && !event.target.closest("a, button, .spot-card")) clear();
  });

  /** Takes the card and the pin away; whether there was one. */
  function clear() {
    const there = Boolean(pinned) || !card.hidden;
    if (pinned) pin("");
    light("");
    close();
    return there;
  }

  function pinFromAddress() {
    const entry = entries.find((one) => `#${one.id}` === decodeURIComponent(location.hash));
    if (!entry) return;
    pin(numeralOf(entry), false);
    rest();
  }
  addEventListener("hashchange", pinFromAddress);
  pinFromAddress();
  return { place, clear };
}

/** @param {Element} element one with `data-box` @returns {{x: number, y: number, width: number, height: number}} */
export function boxOf(element) {
  const [x, y, width, height] = (element.getAttribute("data-box") ?? "0,0,1,1").split(",").map(Number);
  return { x, y, width, height };
}
