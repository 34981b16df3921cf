// Drawing the part to search with, by mouse, pen or finger, on the picture shown large.
export function prepareBox() {
  const picture = document.getElementById("query-picture");
  if (!picture) return;
  const width = Number(picture.dataset.width);
  const height = Number(picture.dataset.height);
  const field = document.getElementById("box");
  const template = document.getElementById("box-template");
  const dialog = template.content.firstElementChild.cloneNode(true);
  document.body.append(dialog);
  const svg = dialog.querySelector("svg");
  const rectangle = dialog.querySelector("rect");
  const form = document.getElementById("search-form");
  const search = dialog.querySelector("button[value=search]");
  const hint = dialog.querySelector(".hint");
  let start = null;
  let drawn = null; // written to the field only when the dialog is left with "Search this part"

  function show(box) {
    rectangle.toggleAttribute("hidden", !box);
    search.disabled = !box;
    hint.classList.toggle("done", Boolean(box)); // keeps its place: the picture must not move under the pen
    if (!box) return;
    ["x", "y", "width", "height"].forEach((name, place) => rectangle.setAttribute(name, box[place]));
  }

  function pointOf(event) {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [Math.round(Math.min(width, Math.max(0, point.x))), Math.round(Math.min(height, Math.max(0, point.y)))];
  }

  function boxTo([x, y]) {
    return [Math.min(start[0], x), Math.min(start[1], y), Math.abs(x - start[0]), Math.abs(y - start[1])];
  }

  const now = () => (/^\s*\d+(\s*,\s*\d+){3}\s*$/.test(field.value) ? field.value.split(",").map(Number) : null);

  svg.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    svg.setPointerCapture(event.pointerId);
    start = pointOf(event);
  });
  svg.addEventListener("pointermove", (event) => {
    if (start) show(boxTo(pointOf(event)));
  });
  svg.addEventListener("pointerup", (event) => {
    if (!start) return;
    const box = boxTo(pointOf(event));
    start = null;
    if (box[2] >= 2 && box[3] >= 2) drawn = box;
    show(drawn);
  });
  svg.addEventListener("pointercancel", () => {
    start = null;
    show(drawn);
  });
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "search" || !drawn) return;
    field.value = drawn.join(",");
    form.requestSubmit();
  });

  function open() {
    start = null;
    drawn = now();
    show(drawn);
    dialog.returnValue = ""; // Esc leaves it as it was
    dialog.showModal();
  }
  document.getElementById("draw-box").addEventListener("click", open);
  picture.querySelector("svg").addEventListener("click", open);
  // The figure page links here with this mark; going back to the results must not open it again.
  if (location.hash === "#draw") {
    history.replaceState(null, "", location.pathname + location.search);
    open();
  }
}
