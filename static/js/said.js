// What is said when something could not be saved.

const TROUBLES = {
  away:
    "Not saved: the connection is gone. Your text is still here, and saving goes " +
    "on by itself.",
  forbidden:
    "Not saved: your account may not write these minutes. Your text is still here.",
  "signed out": "You are signed out. Your text is still here. Sign in in ",
};

export function troubleSaid(why, signIn) {
  const said = paragraph(TROUBLES[why]);
  if (why === "signed out") {
    const link = linkTo(signIn, "another tab (opens in a new tab)");
    link.target = "_blank";
    said.append(link, ", and it will be saved.");
  }
  return said;
}

export function quarrelSaid(isOwn) {
  const said = paragraph(
    isOwn
      ? "Not saved: you changed this text on another page too. It is still here. "
      : "Not saved: somebody else changed this text too. Yours is still here. ",
  );
  said.append(linkTo("#theirs", "Compare the two texts below and choose"), ".");
  return said;
}

export function refusalSaid(sentences) {
  const words = sentences.map((words) => words.replace(/\.$/, "")).join(". ");
  const said = paragraph(`Not saved: ${words}. Your text is still here.`);
  said.dataset.liveError = "";
  return said;
}

export function choiceSaid(choice, isOwn) {
  if (choice === "both") {
    return "Both texts are in the field. Take out what is not wanted.";
  }
  if (isOwn) return `What ${choice === "mine" ? "is on this page" : "was saved"} is kept.`;
  return choice === "mine" ? "Yours is kept." : "Theirs is kept.";
}

function paragraph(words) {
  const said = document.createElement("p");
  said.className = "govuk-error-message";
  said.textContent = words;
  return said;
}

function linkTo(address, words) {
  const link = document.createElement("a");
  link.className = "govuk-link";
  link.href = address;
  link.textContent = words;
  return link;
}
