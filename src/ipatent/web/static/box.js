// Drawing the part to search with, on the picture shown large: by mouse, pen, finger, keys or numbers.
import { prepareDraw } from "./asking.js";

const HANDLES = [[0, 0], [0.5, 0], [1, 0], [1, 0.5], [1, 1], [0.5, 1], [0, 1], [0, 0.5]];
const REACH = 14; // pixels of the screen within which a handle is grasped
const FINGER_REACH = 24;
const FIELDS = ["x", "y", "width", "height"];
const SVG = "http://www.w3.org/2000/svg";

const within = (value, least, most) => Math.round(Math.min(most, Math.max(least, value)));

// Wires the buttons of the query pictures; on a page opened with #draw the last picture is opened at once.
export function prepareBox() {
  prepareDraw(open);
  // The figure page links here with this mark; going back to the results must not open it again.
  const cards = document.querySelectorAll(".asked");
  if (location.hash !== "#draw" || !cards.length) return;
  history.replaceState(null, "", location.pathname + location.search);
  open(cards[cards.length - 1]);
}

/** @param {HTMLElement} card the query picture whose part is to be drawn */
export function open(card) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("draw-template"));
  const dialog = template.content.firstElementChild.cloneNode(true);
  const form = dialog.querySelector("form");
  const canvas = dialog.querySelector(".canvas");
  const rectangle = canvas.querySelector(".box");
  const handles = canvas.querySelector(".handles");
  const preview = dialog.querySelector(".preview");
  const width = Number(card.dataset.width);
  const height = Number(card.dataset.height);
  let box = card.dataset.box ? card.dataset.box.split(",").map(Number) : [0, 0, width, height];
  let act = null; // what the pointer does: takes the place of the pointer, returns the box

  for (const svg of [canvas, preview]) {
    const image = svg.querySelector("image");
    image.setAttribute("href", card.dataset.url);
    image.setAttribute("width", width);
    image.setAttribute("height", height);
    image.setAttribute("preserveAspectRatio", "none");
  }
  canvas.setAttribute("viewBox", `0 0 ${width} ${height}`);
  form.elements.place.value = card.dataset.place;
  for (const _ of HANDLES) handles.append(document.createElementNS(SVG, "rect"));

  const unit = () => 1 / (canvas.getScreenCTM()?.a || 1); // pixels of the picture in one of the screen

  function show(besides = null) {
    FIELDS.forEach((name, place) => {
      rectangle.setAttribute(name, box[place]);
      if (form.elements[name] !== besides) form.elements[name].value = box[place];
    });
    const size = 10 * unit();
    HANDLES.forEach(([right, down], place) => {
      const handle = handles.children[place];
      handle.setAttribute("x", box[0] + right * box[2] - size / 2);
      handle.setAttribute("y", box[1] + down * box[3] - size / 2);
      handle.setAttribute("width", size);
      handle.setAttribute("height", size);
      handle.setAttribute("stroke-width", size / 6);
    });
    preview.setAttribute("viewBox", box.join(" "));
  }

  // Two opposite corners as a box inside the picture, at least one pixel large.
  function between([x, y], [toX, toY]) {
    const left = within(Math.min(x, toX), 0, width - 1);
    const top = within(Math.min(y, toY), 0, height - 1);
    return [left, top, within(Math.max(x, toX), left + 1, width) - left, within(Math.max(y, toY), top + 1, height) - top];
  }

  function moved([x, y, wide, high], right, down) {
    return [within(x + right, 0, width - wide), within(y + down, 0, height - high), wide, high];
  }

  function resized([x, y, wide, high], right, down) {
    return [x, y, within(wide + right, 1, width - x), within(high + down, 1, height - y)];
  }

  function pointOf(event) {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(canvas.getScreenCTM().inverse());
    return [point.x, point.y];
  }

  function grasped([x, y], reach) {
    const distances = HANDLES.map(([right, down]) => Math.hypot(box[0] + right * box[2] - x, box[1] + down * box[3] - y));
    const nearest = distances.indexOf(Math.min(...distances));
    return distances[nearest] <= reach * unit() ? HANDLES[nearest] : null;
  }

  function begin(start, event) {
    const before = box;
    const [x, y, wide, high] = box;
    const handle = grasped(start, event.pointerType === "touch" ? FINGER_REACH : REACH);
    if (handle) {
      const [right, down] = handle;
      const fixed = [right === 0 ? x + wide : x, down === 0 ? y + high : y];
      const far = [right === 0 ? x : x + wide, down === 0 ? y : y + high];
      return ([toX, toY]) => between(fixed, [right === 0.5 ? far[0] : toX, down === 0.5 ? far[1] : toY]);
    }
    const inside = start[0] > x && start[0] < x + wide && start[1] > y && start[1] < y + high;
    const isWhole = wide === width && high === height;
    if (inside && !isWhole) return ([toX, toY]) => moved(before, toX - start[0], toY - start[1]);
    return (to) => {
      const drawn = between(start, to);
      return drawn[2] >= 3 && drawn[3] >= 3 ? drawn : before; // a mere click draws nothing
    };
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    act = begin(pointOf(event), event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!act) return;
    box = act(pointOf(event));
    show();
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (act = null));

  canvas.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 10 : 1;
    const way = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (way) {
      box = (event.ctrlKey || event.altKey ? resized : moved)(box, ...way);
      show();
    } else if (event.key === "Enter") form.requestSubmit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  form.addEventListener("input", (event) => {
    const [x, y, wide, high] = FIELDS.map((name) => Number(form.elements[name].value) || 0);
    const left = within(x, 0, width - 1);
    const top = within(y, 0, height - 1);
    box = [left, top, within(wide, 1, width - left), within(high, 1, height - top)];
    show(event.target);
  });
  form.addEventListener("change", () => show());
  dialog.querySelector(".leave").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    card.querySelector(".draw-box")?.focus();
  });
  const follow = () => show();
  addEventListener("resize", follow);
  dialog.addEventListener("close", () => removeEventListener("resize", follow));

  document.body.append(dialog);
  dialog.showModal();
  show();
  canvas.focus({ preventScroll: true });
}
