import { addressOf } from "./asking.js";
import { taken } from "./kept.js";
import { decimal, say, sayCount } from "./messages.js";
import { notice } from "./notice.js";

// Pictures chosen, dropped or pasted are sent at once; the answer is an ordinary page.
export function listenForPictures() {
  const form = document.getElementById("search-form");
  const input = document.getElementById("file");
  const pictureForm = document.getElementById("picture-form");
  const drop = document.getElementById("drop");

  function send(files) {
    const all = [...files];
    const most = Number(form.dataset.maxBytes);
    const size = all.reduce((sum, file) => sum + file.size, 0);
    if (size > most) {
      input.value = "";
      const said = { name: all[0].name, size: decimal(size / 1e6, 1), most: decimal(most / 1e6, 1) };
      notice(
        all.length > 1
          ? say("The files have %(size)s MB together; the limit is %(most)s MB. Send fewer at a time.", said)
          : say("%(name)s has %(size)s MB; the limit is %(most)s MB. Save it smaller.", said),
      );
      return;
    }
    if (input.files !== files) {
      const transfer = new DataTransfer();
      for (const file of all) transfer.items.add(file);
      input.files = transfer.files;
    }
    notice(sayCount("Sending the picture…", "Sending %(number)s pictures…", all.length), 0);
    pictureForm.elements.to.value = addressOf(form).split("?")[1];
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
  addEventListener("pageshow", (event) => {
    input.value = "";
    const said = taken("notice");
    // A page that the browser kept may still say that a picture is being sent; a new one has news of its own.
    if (said || event.persisted) notice(said, said ? 12 : 0);
  });
}
