// Enlarging the drawing: keys, buttons, click and wheel; dragging and scrolling move over it.
export function prepareViewer() {
  const viewer = document.getElementById("viewer");
  if (!viewer) return;
  const drawing = document.getElementById("drawing");
  const natural = Number(drawing.getAttribute("width"));
  let zoom = 0; // 0 fits the drawing to the window

  const fitted = () => {
    const [w, h] = [viewer.clientWidth, viewer.clientHeight];
    return Math.min(w / natural, h / Number(drawing.getAttribute("height")), 1);
  };

  function set(next, at) {
    const before = zoom || fitted();
    zoom = next <= fitted() * 1.01 ? 0 : Math.min(4, next);
    viewer.classList.toggle("zoomed", zoom > 0);
    const [x, y] = at ?? [viewer.clientWidth / 2, viewer.clientHeight / 2];
    const [left, top] = [viewer.scrollLeft, viewer.scrollTop];
    drawing.style.width = zoom ? `${natural * zoom}px` : "";
    if (!zoom) return;
    const ratio = zoom / before;
    viewer.scrollTo((left + x) * ratio - x, (top + y) * ratio - y);
  }

  const larger = (at) => set((zoom || fitted()) * 1.5, at);
  const smaller = (at) => set((zoom || fitted()) / 1.5, at);
  document.getElementById("zoom-in").addEventListener("click", () => larger());
  document.getElementById("zoom-out").addEventListener("click", () => smaller());
  document.getElementById("zoom-fit").addEventListener("click", () => set(0));

  let held = null;
  let moved = false;
  viewer.addEventListener("pointerdown", (event) => {
    if (event.button || event.pointerType === "touch") return;
    held = [event.clientX, event.clientY, viewer.scrollLeft, viewer.scrollTop];
    moved = false;
  });
  addEventListener("pointermove", (event) => {
    if (!held) return;
    const [dx, dy] = [event.clientX - held[0], event.clientY - held[1]];
    if (Math.hypot(dx, dy) > 4) moved = true;
    if (zoom) viewer.scrollTo(held[2] - dx, held[3] - dy);
  });
  addEventListener("pointerup", () => (held = null));
  viewer.addEventListener("click", (event) => {
    if (moved) return;
    const frame = viewer.getBoundingClientRect();
    const at = [event.clientX - frame.left, event.clientY - frame.top];
    set(zoom ? 0 : Math.max(1, fitted() * 2), at);
  });
  drawing.addEventListener("dragstart", (event) => event.preventDefault());
  viewer.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      const frame = viewer.getBoundingClientRect();
      set((zoom || fitted()) * Math.exp(-event.deltaY / 300), [event.clientX - frame.left, event.clientY - frame.top]);
    },
    { passive: false },
  );
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select")) return;
    if (document.querySelector("dialog[open]")) return;
    const action = { "+": larger, "=": larger, "-": smaller, 0: () => set(0) }[event.key];
    if (action) {
      event.preventDefault();
      action();
    }
  });
}
