// Passkeys: the browser asks the device, and a form sends what it answered.

function toBytes(text) {
  const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function toText(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function readOptions({ publicKey }) {
  const read = { ...publicKey, challenge: toBytes(publicKey.challenge) };
  if (read.user) read.user = { ...read.user, id: toBytes(read.user.id) };
  for (const list of ["allowCredentials", "excludeCredentials"]) {
    if (read[list]) read[list] = read[list].map((one) => ({ ...one, id: toBytes(one.id) }));
  }
  return { publicKey: read };
}

function writeCredential(credential) {
  const response = {};
  for (const name of [
    "clientDataJSON",
    "attestationObject",
    "authenticatorData",
    "signature",
    "userHandle",
  ]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  if (credential.response.getTransports) {
    response.transports = credential.response.getTransports();
  }
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  });
}

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const response = await fetch(form.dataset.optionsFrom, {
    headers: { Accept: "application/json" },
  });
  if (!response.ok) throw new Error(`Status ${response.status}`);
  return (await response.json()).request_options;
}

function inWords(error) {
  if (error.name === "NotAllowedError" || error.name === "AbortError") {
    return "No passkey was used. Press the button to try again, or use another way.";
  }
  if (error.name === "InvalidStateError") {
    return "This device has a passkey for this account already. Use another device.";
  }
  if (error.name === "SecurityError") {
    return "Passkeys work only where the address has a name and begins with https.";
  }
  return "That did not work. Load the page again and try once more, or use another way.";
}

function say(form, text) {
  const said = document.createElement("p");
  said.className = "govuk-error-message";
  said.role = "alert";
  said.textContent = text;
  const button = form.querySelector("[type=submit]");
  (button.closest(".govuk-button-group") ?? button).before(said);
}

function offer(form) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    form.querySelector("[role=alert]")?.remove();
    try {
      const options = readOptions(await optionsOf(form));
      const credential = await navigator.credentials[form.dataset.passkey](options);
      form.elements.credential.value = writeCredential(credential);
      form.submit();
    } catch (error) {
      say(form, inWords(error));
    }
  });
}

export function offerPasskeys() {
  if (!window.PublicKeyCredential) return;
  document.querySelectorAll("form[data-passkey]").forEach(offer);
  document.querySelector("[data-no-passkeys]")?.remove();
}
