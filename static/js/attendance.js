// Who is here, marked at a press beside the notes.

const BUTTON = "button[name=attend]";

export function markAttendance(form, { post, save, tell }) {
  const place = document.getElementById("live-attendance");
  let marked = Promise.resolve();

  // The number of whom and what is said of them; the version behind it changes.
  const said = (button) => button.value.split(":").slice(0, 2).join(":");
  const find = (what) => [...place.querySelectorAll(BUTTON)].find((b) => said(b) === what);

  async function mark(what) {
    const button = find(what);
    if (!button) return;
    const body = new URLSearchParams({ attend: button.value }).toString();
    save({ finished: false });
    const answer = await post(form.dataset.attendance, body);
    if ([200, 422].includes(answer.status)) put(answer.text);
    else tell("That was not recorded. Press it again in a moment.");
  }

  // The list stands still and the focus stays where it is: pressing again says the same.
  function put(html) {
    const { activeElement: held } = document;
    const isHeld = place.contains(held);
    const key = isHeld && held.matches(BUTTON) ? said(held) : "";
    const { scrollX, scrollY } = window;
    place.innerHTML = html;
    if (isHeld) {
      const same =
        find(key) ?? place.querySelector("[data-said]") ?? place.querySelector("summary");
      same.focus({ preventScroll: true });
    }
    window.scrollTo({ left: scrollX, top: scrollY, behavior: "instant" });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest(BUTTON);
    if (!button) return;
    event.preventDefault();
    const what = said(button);
    marked = marked.then(() => mark(what));
  });
}
