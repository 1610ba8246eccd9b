
"use strict";
const root = document.body.dataset.root;
const list = document.getElementById("entries");
const live = document.getElementById("live");
const said = document.getElementById("said");
let last = Number(list.dataset.last);
let busy = false;
let again = false;

async function more() {
  again = true;
  if (busy) return;
  busy = true;
  while (again) {
    again = false;
    const answer = await fetch(root + "/dashboard/requests?since=" + last);
    if (!answer.ok) break;
    last = Number(answer.headers.get("x-last"));
    list.insertAdjacentHTML("afterbegin", await answer.text());
    while (list.children.length > 200) list.lastElementChild.remove();
  }
  busy = false;
}

const stream = new EventSource(root + "/journal/stream?since=" + last);
stream.onopen = () => { live.textContent = "Live: new requests appear at the top."; };
stream.onerror = () => { live.textContent = "Not connected; trying again."; };
for (const kind of ["entry", "gap"]) stream.addEventListener(kind, more);

for (const button of document.querySelectorAll("button.copy")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      said.textContent = button.getAttribute("aria-label").replace("Copy", "Copied");
    } catch {
      getSelection().selectAllChildren(button.previousElementSibling);
      said.textContent = "Selected; copy it with the keyboard.";
    }
  });
}
