// Keeps a page fresh, for who has asked for it. Everything works without.
"use strict";

const live = document.getElementById("live");
const key = "sparkbridge-refresh";
const every = 10_000;

// busy: whoever is reading or writing there is not to be disturbed.
const busy = (part) => document.hidden || part.contains(document.activeElement) || part.querySelector("details[open]");

async function refresh() {
  const part = document.getElementById("live");
  if (busy(part)) return;
  const resp = await fetch(location.href, { credentials: "same-origin" });
  if (resp.redirected || resp.status === 401) return location.reload(); // signed out
  if (!resp.ok) return;
  const fresh = new DOMParser().parseFromString(await resp.text(), "text/html").getElementById("live");
  if (fresh && fresh.innerHTML !== part.innerHTML && !busy(part)) part.replaceWith(fresh);
}

if (live) {
  const button = document.createElement("button");
  let on = sessionStorage.getItem(key) === "on";
  const show = () => button.setAttribute("aria-pressed", String(on));
  button.type = "button";
  button.className = "quiet refresh";
  button.textContent = "Keep this page fresh";
  button.addEventListener("click", () => {
    on = !on;
    sessionStorage.setItem(key, on ? "on" : "off");
    show();
  });
  show();
  document.querySelector("header nav").after(button);
  setInterval(() => { if (on) refresh().catch(() => {}); }, every);
}
