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
for (const clock of document.querySelectorAll(".demo-clock")) {
  const { origin, wall, speed, zone } = clock.dataset;
  const words = new Intl.DateTimeFormat("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit", timeZone: zone });
  const tick = () => {
    const now = Number(origin) + (Date.now() - Number(wall)) * Number(speed);
    clock.querySelector("b").textContent = words.format(now).replace(",", "");
  };
  tick();
  setInterval(tick, 500);
}

// On a phone the tabs scroll: begin with the one that is open.
const tabs = document.querySelector(".top nav");
const tab = tabs?.querySelector("[aria-current]");
if (tab) tabs.scrollLeft = tab.offsetLeft - tabs.clientWidth / 2 + tab.offsetWidth / 2;

// A browser allows six streams to one place: a tab that nobody looks at gives its own back, and catches up later.
let live = null;
document.addEventListener("htmx:sseOpen", (event) => {
  live = event.detail.source;
});
document.addEventListener("visibilitychange", () => {
  if (live === null) return;
  if (document.hidden) {
    live.close();
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
