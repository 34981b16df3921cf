// A picture in a frame, zoomed, moved and turned. Places are CSS pixels from the frame's middle, so
// that turning and linking several frames need no knowledge of their sizes.

/**
 * @typedef {{x: number, y: number}} Place
 * @typedef {{width: number, height: number}} Size
 * @typedef {{scale: number, x: number, y: number, turn: number}} View
 *   `scale` is CSS pixels per picture pixel, `x`, `y` the picture's middle, `turn` clockwise degrees.
 */

const MARGIN = 10; // as in viewer.css
const LARGEST = 16;
const GENTLE = 2; // from this enlargement on, pixels are shown as squares instead of smeared

/** @param {Size} size @param {number} turn @returns {Size} the size of the turned picture */
export function turnedSize(size, turn) {
  return turn % 180 ? { width: size.height, height: size.width } : size;
}

/** @param {Size} frame @param {Size} size @param {number} turn @returns {number} the scale that shows all */
export function fittingScale(frame, size, turn) {
  const { width, height } = turnedSize(size, turn);
  const [w, h] = [frame.width - 2 * MARGIN, frame.height - 2 * MARGIN];
  return Math.max(Math.min(w / width, h / height), 0.001);
}

/** @param {Place} place @param {number} degrees @returns {Place} */
export function turnedPlace({ x, y }, degrees) {
  switch (((degrees % 360) + 360) % 360) {
    case 90:
      return { x: -y, y: x };
    case 180:
      return { x: -x, y: -y };
    case 270:
      return { x: y, y: -x };
    default:
      return { x, y };
  }
}

/** @param {View} view @param {number} factor @param {Place} at stays where it is @returns {View} */
export function zoomedView(view, factor, at) {
  return {
    ...view,
    scale: view.scale * factor,
    x: at.x - (at.x - view.x) * factor,
    y: at.y - (at.y - view.y) * factor,
  };
}

/**
 * The stage of one picture.
 *
 * @param {HTMLElement} frame clips and stays
 * @param {HTMLElement} stage holds the picture and what lies over it
 * @param {Size} size of the picture in its own pixels
 * @param {{loose?: boolean, changed?: (view: View, fitted: boolean) => void}} [options]
 *   `loose` lets a picture be moved about that is smaller than its frame.
 */
export function makeStage(frame, stage, size, { loose = false, changed = () => {} } = {}) {
  /** @type {View} */
  let view = { scale: 1, x: 0, y: 0, turn: 0 };
  let fitted = true;
  let full = NaN; // the scale that "fit" means, where the frame's own size does not say

  const room = () => ({ width: frame.clientWidth, height: frame.clientHeight });
  const fitScale = () => (full > 0 ? full : fittingScale(room(), size, view.turn));

  function draw() {
    const { scale, turn } = view;
    const [w, h] = [size.width * scale, size.height * scale];
    const outer = turnedSize({ width: w, height: h }, turn);
    const around = room();
    const grain = devicePixelRatio || 1;
    const whole = (/** @type {number} */ value) => Math.round(value * grain) / grain;
    const left = whole(around.width / 2 + view.x - outer.width / 2);
    const top = whole(around.height / 2 + view.y - outer.height / 2);
    const [x, y] = { 0: [0, 0], 90: [h, 0], 180: [w, h], 270: [0, w] }[turn] ?? [0, 0];
    frame.dataset.ready = "";
    stage.style.width = `${w}px`;
    stage.style.height = `${h}px`;
    // The style sheet puts the stage at the margin; staying there, nothing shifts when this begins.
    stage.style.transform = `translate(${left + x - MARGIN}px, ${top + y - MARGIN}px) rotate(${turn}deg)`;
    stage.classList.toggle("large", scale * grain >= GENTLE);
    frame.classList.toggle("zoomed", !fitted);
    changed(view, fitted);
  }

  /** @param {View} next */
  function bounded(next) {
    const { width, height } = turnedSize({ width: size.width * next.scale, height: size.height * next.scale }, next.turn);
    const around = room();
    // Any point of the picture may be brought to the middle.
    const within = (/** @type {number} */ at, /** @type {number} */ length, /** @type {number} */ space) => {
      const most = Math.max(length, space) / 2;
      return Math.max(-most, Math.min(most, at));
    };
    return { ...next, x: within(next.x, width, around.width), y: within(next.y, height, around.height) };
  }

  function fit() {
    fitted = true;
    view = { scale: fitScale(), x: 0, y: 0, turn: view.turn };
    draw();
  }

  /** @param {number} factor @param {Place} [at] */
  function zoomBy(factor, at = { x: 0, y: 0 }) {
    const least = loose ? fitScale() / 4 : fitScale();
    const scale = Math.max(least, Math.min(Math.max(LARGEST, least), view.scale * factor));
    if (!loose && scale <= least * 1.01) return fit();
    fitted = false;
    view = bounded(zoomedView(view, scale / view.scale, at));
    draw();
  }

  /** @param {number} dx @param {number} dy */
  function panBy(dx, dy) {
    if (fitted && !loose) return;
    fitted = false;
    view = bounded({ ...view, x: view.x + dx, y: view.y + dy });
    draw();
  }

  /** @param {number} degrees */
  function turnBy(degrees) {
    const turn = (((view.turn + degrees) % 360) + 360) % 360;
    view = { ...view, ...turnedPlace(view, degrees), turn };
    if (fitted) fit();
    else draw();
  }

  /**
   * Brings a part of the picture to the middle, as large as fits but at most `most`.
   * @param {{x: number, y: number, width: number, height: number}} box in picture pixels
   * @param {number} most
   */
  function show(box, most = 1) {
    const scale = Math.max(fitScale(), Math.min(most, fittingScale(room(), box, view.turn) * 0.9));
    const middle = { x: box.x + box.width / 2 - size.width / 2, y: box.y + box.height / 2 - size.height / 2 };
    const at = turnedPlace(middle, view.turn);
    fitted = false;
    view = bounded({ ...view, scale, x: -at.x * scale, y: -at.y * scale });
    draw();
  }

  new ResizeObserver(() => (fitted ? fit() : draw())).observe(frame);

  return {
    fit,
    zoomBy,
    panBy,
    turnBy,
    show,
    view: () => view,
    isFitted: () => fitted,
    /** The scale that would fit the frame. */
    ownFit: () => fittingScale(room(), size, view.turn),
    /** What "fit" is to mean from now on; NaN for the frame's own. @param {number} scale */
    setFit: (scale) => (full = scale),
    /** A pointer's place in the frame. @param {{clientX: number, clientY: number}} event @returns {Place} */
    placeOf: (event) => {
      const around = frame.getBoundingClientRect();
      return {
        x: event.clientX - around.left - around.width / 2,
        y: event.clientY - around.top - around.height / 2,
      };
    },
  };
}

/** @typedef {ReturnType<typeof makeStage>} Stage */
