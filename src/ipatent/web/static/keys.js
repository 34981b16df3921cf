// Keys for people who search all day; "?" lists them.
export function listenForKeys() {
  const help = document.getElementById("help");
  const field = document.getElementById("q");
  document.getElementById("show-help").addEventListener("click", () => help.showModal());

  const cards = [...document.querySelectorAll(".hit")];
  const placeOf = (element) => cards.findIndex((card) => card.contains(element));

  function go(place) {
    const card = cards[Math.max(0, Math.min(cards.length - 1, place))];
    card?.querySelector("a").focus();
    card?.scrollIntoView({ block: "nearest" });
  }

  function columns() {
    const top = cards[0]?.offsetTop;
    const first = cards.findIndex((card) => card.offsetTop !== top);
    return first < 0 ? cards.length : first;
  }

  function follow(id) {
    const link = document.getElementById(id);
    link?.click();
    return Boolean(link);
  }

  const actions = {
    "/": () => {
      field.focus();
      field.select();
      return true;
    },
    "?": () => {
      help.showModal();
      return true;
    },
    j: (at) => (cards.length ? (go(at + 1), true) : false),
    k: (at) => (cards.length ? (go(at - 1), true) : false),
    ArrowRight: (at) => (at >= 0 ? (go(at + 1), true) : !cards.length && follow("next")),
    ArrowLeft: (at) => (at >= 0 ? (go(at - 1), true) : !cards.length && follow("previous")),
    ArrowDown: (at) => (at >= 0 ? (go(at + columns()), true) : false),
    ArrowUp: (at) => (at >= 0 ? (go(at - columns()), true) : false),
    m: (at) => {
      const link = at >= 0 ? cards[at].querySelector(".more") : document.getElementById("more");
      link?.click();
      return Boolean(link);
    },
  };

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || help.open) return;
    const target = event.target;
    if (document.querySelector("dialog[open]")) return;
    if (target.closest("input, select, textarea")) {
      if (event.key === "Escape") target.blur();
      return;
    }
    // Inside the viewer the arrows move over an enlarged drawing.
    if (target.closest("#viewer.zoomed") && event.key.startsWith("Arrow")) return;
    if (actions[event.key]?.(placeOf(target))) event.preventDefault();
  });
}
