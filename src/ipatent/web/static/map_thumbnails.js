// Drawings laid on the points of the flat map, best rank first, where they do not cover each other.

/**
 * @typedef {object} Thumbnail
 * @property {number} x in pixels of the frame
 * @property {number} y
 * @property {string} source
 * @property {string} colour
 * @property {boolean} faint
 */

const CLOSER = 1.7; // from this enlargement on
const FEW = 30; // or where no more points are in view
const SMALLEST = 44;
const LARGEST = 120;
const MOST = 150;

/** @param {HTMLElement} frame */
export function layThumbnails(frame) {
  const layer = document.createElement("div");
  layer.className = "map-thumbnails";
  layer.setAttribute("aria-hidden", "true");
  frame.append(layer);
  /** @type {Map<string, HTMLImageElement>} */
  const laid = new Map();

  /**
   * @param {Thumbnail[]} points by rank
   * @param {number} [closer] how much the map is enlarged
   * @param {{wide: number, high: number}} [size] of the frame
   */
  return function show(points, closer = 1, size = { wide: 1, high: 1 }) {
    const chosen = closer >= CLOSER || points.length <= FEW ? placed(points, size) : [];
    /** @type {Set<string>} */
    const kept = new Set();
    for (const { x, y, source, colour, faint, side } of chosen) {
      kept.add(source);
      let image = laid.get(source);
      if (!image) {
        image = document.createElement("img");
        image.alt = "";
        image.decoding = "async";
        image.src = source;
        layer.append(image);
        laid.set(source, image);
      }
      image.style.width = image.style.height = `${side}px`;
      image.style.translate = `${x - side / 2}px ${y - side / 2}px`;
      image.style.borderColor = colour;
      image.classList.toggle("faint", faint);
    }
    for (const [source, image] of laid) {
      if (kept.has(source)) continue;
      image.remove();
      laid.delete(source);
    }
    layer.dataset.count = String(chosen.length);
  };
}

/**
 * @param {Thumbnail[]} points
 * @param {{wide: number, high: number}} size
 */
function placed(points, { wide, high }) {
  const room = Math.sqrt((wide * high) / Math.max(points.length, 1));
  const side = Math.round(Math.min(Math.max(room * 0.6, SMALLEST), LARGEST));
  /** @type {(Thumbnail & {side: number})[]} */
  const chosen = [];
  const sources = new Set();
  for (const point of points) {
    if (chosen.length === MOST) break;
    const covers = chosen.some((one) => Math.abs(one.x - point.x) < side * 0.9 && Math.abs(one.y - point.y) < side * 0.9);
    if (covers || sources.has(point.source)) continue;
    sources.add(point.source);
    chosen.push({ ...point, side });
  }
  return chosen;
}
