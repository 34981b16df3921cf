import { keep, taken } from "./kept.js";
import { decimal, say, sayCount } from "./messages.js";
import { notice } from "./notice.js";

// A picture chosen, dropped or pasted is sent at once; the answer is an ordinary page.
export function listenForPictures() {
  const form = document.getElementById("search-form");
  const input = document.getElementById("file");
  const pictureForm = document.getElementById("picture-form");
  const drop = document.getElementById("drop");

  function send(files) {
    const file = [...files].find((one) => one.type.startsWith("image/")) ?? files[0];
    const most = Number(form.dataset.maxBytes);
    if (file.size > most) {
      input.value = "";
      const size = decimal(file.size / 1e6, 1);
      notice(say("%(name)s has %(size)s MB; the limit is %(most)s MB. Save it smaller.", { name: file.name, size, most: decimal(most / 1e6, 1) }));
      return;
    }
    const transfer = new DataTransfer();
    transfer.items.add(file);
    input.files = transfer.files;
    const others = files.length - 1;
    if (others) {
      const left = sayCount(
        "Only one picture can be searched at a time: this is %(name)s; the other file was left out.",
        "Only one picture can be searched at a time: this is %(name)s; %(number)s other files were left out.",
        others,
        { name: file.name },
      );
      keep("notice", left);
    }
    notice(say("Sending the picture…"), 0);
    for (const name of ["q", "w", "k"]) {
      pictureForm.elements[name].value = form.elements[name]?.value ?? "";
    }
    pictureForm.submit();
  }

  input.addEventListener("change", () => {
    if (input.files.length) send(input.files);
  });
  addEventListener("paste", (event) => {
    const files = event.clipboardData?.files;
    if (!files?.length) return;
    event.preventDefault();
    send(files);
  });

  let depth = 0;
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    depth += 1;
    drop.hidden = false;
  });
  addEventListener("dragleave", (event) => {
    if (!carriesFiles(event)) return;
    depth = Math.max(0, depth - 1);
    drop.hidden = depth === 0;
  });
  addEventListener("dragover", (event) => {
    if (carriesFiles(event)) event.preventDefault();
  });
  addEventListener("drop", (event) => {
    depth = 0;
    drop.hidden = true;
    if (!carriesFiles(event)) return;
    event.preventDefault();
    if (event.dataTransfer.files.length) send(event.dataTransfer.files);
    else notice(say("That was no file. Drop a picture file, or copy the picture and paste it."));
  });
  addEventListener("pageshow", () => {
    input.value = "";
    const said = taken("notice");
    notice(said, said ? 12 : 0);
  });
}
