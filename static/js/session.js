// Says two minutes before it that a session ends, and what to do when it has ended.
//
// When it ends the server alone knows: work in another tab counts too. Asking is no
// sign that somebody is there. Nothing typed is touched, and the focus stays where it is.
import { parsed } from "./requests.js";

const WARN_MS = 120_000;
const WARNED_EVERY_MS = 15_000;
const AGAIN_MS = 10_000;
const SELDOM_MS = 60_000;
const STANDS_MS = 30_000;

export function watchSession(place) {
  const { ask: address, account } = place.dataset;
  const banner = place.querySelector("section");
  const text = place.querySelector(".app-session__text");
  const stay = place.querySelector(".app-session__stay");
  const signIn = place.querySelector(".app-session__in");
  const status = place.querySelector("[role=status]");
  let state = ""; // "warned", "over", "other" or "back" while the banner says so
  let end = ""; // as the server last said it
  let token = "";
  let timer = 0;
  let askedAt = Date.now();
  let isAsking = false;
  let held = null; // what had the focus before the button took it

  async function ask(options = {}) {
    if (isAsking) return;
    isAsking = true;
    askedAt = Date.now();
    clearTimeout(timer);
    try {
      const headers = { "HX-Request": "true", ...options.headers };
      const answer = await fetch(address, {
        ...options,
        headers,
        cache: "no-store",
        redirect: "manual",
      });
      const told = answer.ok && parsed(await answer.text());
      if (told) hear(told);
      else if (answer.status === 401 || answer.status === 0) sayOver();
      else later(AGAIN_MS);
    } catch {
      later(AGAIN_MS);
    } finally {
      isAsking = false;
    }
  }

  function later(pause) {
    clearTimeout(timer);
    timer = setTimeout(ask, Math.max(pause, 1000));
  }

  function hear(told) {
    if (String(told.account) !== account) return sayOther();
    ({ token } = told);
    for (const input of document.getElementsByName("csrfmiddlewaretoken")) {
      input.value = token;
    }
    end = told.at;
    const left = told.left * 1000;
    if (left > WARN_MS) {
      later(left - WARN_MS);
      if (state === "over" || state === "other") sayBack();
      else if (state === "warned") hide();
    } else {
      later(Math.min(left + 1000, WARNED_EVERY_MS));
      const words = `You will be signed out at ${told.at} because ${told.why}.`;
      const rest = told.can_stay ? "" : " Save what you are writing, then sign in again.";
      show("warned", words + rest, told.can_stay ? stay : null);
    }
  }

  function sayOver() {
    const when = state === "warned" ? `were signed out at ${end}` : "are signed out";
    const rest = "What you typed stays on this page. Sign in, then come back and save it.";
    show("over", `You ${when}. ${rest}`, signIn);
  }

  function sayOther() {
    const words =
      "Somebody else is signed in in this browser now. What you typed on this page is " +
      "not saved, and cannot be saved by them: copy it, or sign in again yourself.";
    show("other", words, null);
  }

  function sayBack() {
    const words =
      "You are signed in again. What you typed is still here: press the button again " +
      "to save it.";
    show("back", words, null);
    setTimeout(() => state === "back" && hide(), STANDS_MS);
  }

  // Announced when it is new, not while it stands.
  function show(what, words, offered) {
    if (state === what) return;
    letGo();
    state = what;
    text.textContent = words;
    for (const offer of [stay, signIn]) offer.hidden = offer !== offered;
    banner.hidden = false;
    status.textContent = words;
  }

  function hide(words = "") {
    letGo();
    state = "";
    banner.hidden = true;
    status.textContent = words;
  }

  // Whoever pressed the button goes on where they were.
  function letGo() {
    if (banner.contains(document.activeElement)) held?.focus({ preventScroll: true });
  }
  banner.addEventListener("focusin", ({ relatedTarget }) => {
    if (relatedTarget && !banner.contains(relatedTarget)) held = relatedTarget;
  });

  stay.addEventListener("click", async () => {
    await ask({ method: "POST", headers: { "X-CSRFToken": token } });
    if (state === "") status.textContent = "You stay signed in.";
  });

  // Timers stand still while a computer sleeps.
  function lookAgain() {
    const isSeldom = Date.now() - askedAt > SELDOM_MS;
    if (!document.hidden && (state || isSeldom)) ask();
  }
  document.addEventListener("visibilitychange", lookAgain);
  for (const name of ["focus", "online", "pageshow"]) {
    window.addEventListener(name, lookAgain);
  }

  later(Number(place.dataset.left) * 1000 - WARN_MS);
}
