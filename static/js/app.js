// Makes pages quicker and forms kinder. Every page works without it.
import {
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  ServiceNavigation,
  SkipLink,
  createAll,
} from "govuk-frontend";
import { DatePicker } from "@ministryofjustice/frontend";
import { writeMinutes } from "./minutes.js";
import { offerPasskeys } from "./passkeys.js";
import { watchSession } from "./session.js";

const COMPONENTS = [
  Button,
  CharacterCount,
  Checkboxes,
  DatePicker,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  ServiceNavigation,
  SkipLink,
];

// Forms with text that was not saved.
const unsaved = new Set();

function enhance(scope) {
  for (const component of COMPONENTS) createAll(component, undefined, { scope });
  const hasErrors = scope.querySelector(".govuk-error-summary");
  for (const form of scope.querySelectorAll("form[data-warn-unsaved]")) {
    if (hasErrors) unsaved.add(form);
    form.addEventListener("input", () => unsaved.add(form));
    form.addEventListener("submit", () => unsaved.delete(form));
  }
}

document.body.classList.add("js-enabled", "govuk-frontend-supported");
// Live minutes save themselves, and know what is not saved.
const live = document.querySelector("form[data-save]");
live?.removeAttribute("data-warn-unsaved");
enhance(document.body);
if (live) writeMinutes(live);
offerPasskeys();
const session = document.getElementById("session");
if (session) watchSession(session);

// What htmx puts into a page is enhanced like the page itself.
document.body.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) enhance(event.detail.elt);
});

// Leaving a page with text that was not saved asks first.
window.addEventListener("beforeunload", (event) => {
  if ([...unsaved].some((form) => form.isConnected)) event.preventDefault();
});

// Nor does the part of a page that holds such text give way to another unasked.
document.body.addEventListener("htmx:confirm", (event) => {
  const { elt, target } = event.detail;
  const isLost = (form) => target?.contains(form) && !form.contains(elt);
  if (![...unsaved].some(isLost)) return;
  if (window.confirm("What you typed is not saved. Leave it?")) unsaved.clear();
  else event.preventDefault();
});

// What htmx could not send says so beside its button, and counts as not saved.
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.body.addEventListener(failure, (event) => {
    const form = event.detail.elt.closest("form[data-warn-unsaved]");
    if (form) unsaved.add(form);
    document.getElementById("failed")?.remove();
    const said = document.createElement("p");
    said.id = "failed";
    said.className = "govuk-error-message";
    said.role = "alert";
    said.textContent =
      event.detail.xhr?.status === 401
        ? "You are signed out. What you typed is still here: sign in in another tab, " +
          "then come back and press the button again."
        : "That did not work. Check your connection and try again. " +
          "If it still fails, copy what you typed and load the page again.";
    (form ?? document.getElementById("messages")).append(said);
    said.scrollIntoView({ block: "nearest" });
  });
}

// A list that cannot be filtered so shows why on its own page, beside the fields.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 422 && event.detail.requestConfig.verb === "get") {
    event.detail.shouldSwap = false;
    window.location.assign(event.detail.pathInfo.finalRequestPath);
  }
});

// What a radio hides is not sent: something else was chosen after it was typed.
document.addEventListener("formdata", (event) => {
  const hidden = ".govuk-radios__conditional--hidden [name]";
  for (const field of event.target.querySelectorAll(hidden)) {
    event.formData.delete(field.name);
  }
});
