import { listenForKeys } from "./keys.js";
import { listenForPictures } from "./upload.js";
import { prepareForm } from "./form.js";
import { prepareBack } from "./back.js";
import { prepareBox } from "./box.js";
import { prepareTray } from "./tray.js";

const root = document.documentElement;

document.getElementById("theme").addEventListener("click", () => {
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try {
    localStorage.setItem("theme", root.dataset.theme);
  } catch {
    // Storage may be forbidden; the choice then holds for this page.
  }
});

prepareForm();
listenForPictures();
listenForKeys();
prepareBack();
prepareBox();
prepareTray();
