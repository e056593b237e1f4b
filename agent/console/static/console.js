// Small comforts for staff; every page works without them.
"use strict";

// Tell the server which zone to write times in; it cannot know otherwise.
{
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  const secure = location.protocol === "https:" ? "; Secure" : "";
  if (!document.cookie.split("; ").includes(`zone=${encodeURIComponent(zone)}`)) {
    document.cookie = `zone=${encodeURIComponent(zone)}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  }
}

// The demonstration's clock runs many times as fast as the wall's.
function tick() {
  const clock = document.querySelector(".demo-clock"); // another one after a break
  if (clock === null) return;
  const { origin, wall, speed, zone } = clock.dataset;
  const words = new Intl.DateTimeFormat("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit", timeZone: zone });
  const now = Number(origin) + (Date.now() - Number(wall)) * Number(speed);
  clock.querySelector("b").textContent = words.format(now).replace(",", "");
}
tick();
setInterval(tick, 500);

// On a phone the tabs scroll: begin with the one that is open.
const tabs = document.querySelector(".top nav");
const tab = tabs?.querySelector("[aria-current]");
if (tab) tabs.scrollLeft = tab.offsetLeft - tabs.clientWidth / 2 + tab.offsetWidth / 2;

// A browser allows six streams to one place: a tab that nobody looks at gives its own back, and catches up later.
let live = null;

// A stream that breaks off for longer than a page takes to change is said to be lost; what was missed is fetched after.
const PATIENCE_MS = 1500;
const lost = document.getElementById("lost");
let patience = null;
document.addEventListener("htmx:sseError", () => {
  patience ??= setTimeout(() => {
    lost.hidden = false;
    lost.textContent = lost.dataset.words;
  }, PATIENCE_MS);
});
function found() {
  clearTimeout(patience);
  patience = null;
  lost.hidden = true;
  lost.textContent = "";
}
document.addEventListener("htmx:sseOpen", (event) => {
  live = event.detail.source;
  const wasLost = !lost.hidden;
  found();
  if (wasLost) htmx.trigger(document.body, "refresh");
});

document.addEventListener("visibilitychange", () => {
  if (live === null) return;
  if (document.hidden) {
    live.close();
    found();
  } else if (live.readyState === EventSource.CLOSED) {
    live.onerror(new Event("error"));
    htmx.trigger(document.body, "refresh");
  }
});

// A panel closes on Escape and on a click elsewhere.
const panels = () => document.querySelectorAll("details.opens[open]");
document.addEventListener("click", (event) => {
  for (const panel of panels()) {
    if (!panel.contains(event.target)) panel.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const panel of panels()) {
    panel.open = false;
    panel.querySelector("summary").focus();
  }
});

// A form is sent once, however often somebody clicks.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});
