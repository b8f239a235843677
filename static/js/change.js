// An action of the live minutes, changed in a dialogue beside the notes.
import { parsed } from "./requests.js";

export function changeActions({ ask, post, put, tell }) {
  const dialog = document.getElementById("change");
  const cards = document.getElementById("live-actions");
  let address = "";

  function show(html) {
    dialog.innerHTML = html;
    // As what htmx puts into a page.
    const detail = { elt: dialog };
    document.body.dispatchEvent(new CustomEvent("htmx:load", { detail }));
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
    dialog.querySelector(".govuk-error-summary")?.focus();
  }

  async function open(link) {
    const answer = await ask(link.href);
    if (answer.status !== 200) {
      window.location.assign(link.href);
      return;
    }
    address = link.getAttribute("href");
    show(answer.text);
  }

  async function save(form) {
    const body = new URLSearchParams(new FormData(form)).toString();
    const answer = await post(form.action, body);
    const said = answer.status === 200 && parsed(answer.text);
    if (said) {
      dialog.close();
      put("live-actions", said.cards);
      tell(said.said);
      comeBack();
    } else if (answer.status === 422) {
      show(answer.text);
    } else {
      form.querySelector("[data-failed]").hidden = false;
    }
  }

  function comeBack() {
    cards.querySelector(`[href="${CSS.escape(address)}"]`)?.focus();
  }

  cards.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-change]");
    const { ctrlKey, metaKey, shiftKey, altKey } = event;
    if (!link || ctrlKey || metaKey || shiftKey || altKey) return;
    event.preventDefault();
    open(link);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target.closest("[data-cancel]")) dialog.close();
  });
  // The form of the notes has no part in it.
  dialog.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    save(event.target);
  });
  dialog.addEventListener("close", () => {
    dialog.replaceChildren();
    comeBack();
  });
}
