"use strict";
// Tables that can be sorted, claims that can be found, folds that open for a link and for print.
// Order and search stand in the address: #sort=-cases&find=lemma&verdict=STANDS.
const state = () => new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
const remember = (name, value) => {
  const known = state();
  if (value) known.set(name, value); else known.delete(name);
  history.replaceState(null, "", known.size ? `#${known}` : location.pathname + location.search);
};
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells], bodies = [...table.tBodies];
  const home = bodies.map((body) => [...body.rows]);
  const rows = home.flat().filter((row) => !row.matches(".group"));
  const value = (row, i) => row.cells[i].dataset.v ?? row.cells[i].textContent.trim();
  const compare = (a, b) => isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b;
  const mark = (i, order) => heads.forEach((head, j) => {
    if (j === i && order) head.setAttribute("aria-sort", order);
    else head.removeAttribute("aria-sort");
  });
  // Sorted rows stand together, whatever group they are of.
  const sort = (i, down) => {
    const sign = down ? -1 : 1, unknown = (row) => value(row, i) === "";
    const ordered = [...rows].sort((a, b) =>
      unknown(a) - unknown(b) || sign * compare(value(a, i), value(b, i)));
    bodies[0].append(...ordered);
    table.classList.add("sorted");
    mark(i, down ? "descending" : "ascending");
  };
  const unsort = () => {
    bodies.forEach((body, j) => body.append(...home[j]));
    table.classList.remove("sorted");
    mark(-1);
  };
  const fromAddress = () => {
    const [, minus, key] = (state().get("sort") ?? "").match(/^(-?)([\w-]+)$/) ?? [];
    const i = heads.findIndex((head) => head.dataset.key === key);
    if (key && i >= 0) sort(i, minus === "-");
  };
  heads.forEach((head, i) => head.querySelector("button")?.addEventListener("click", () => {
    const before = head.getAttribute("aria-sort");
    if (before === "descending" && bodies.length > 1) {
      unsort();
      return remember("sort", "");
    }
    sort(i, before === "ascending");
    remember("sort", `${before === "ascending" ? "-" : ""}${head.dataset.key}`);
  }));
  addEventListener("hashchange", fromAddress);
  fromAddress();
}
const tools = document.querySelector("form.tools");
if (tools) {
  const { find, verdict, unfold, shown } = tools.elements;
  const rows = [...document.querySelectorAll("table.claims tbody tr:not(.group)")];
  const groups = [...document.querySelectorAll("table.claims tbody")].map((body) =>
    [body.querySelector(".group"), [...body.querySelectorAll("tr:not(.group)")]]);
  const hide = (element, hidden) => element?.classList.toggle("out", hidden);
  const fits = (row, parts) => {
    const text = row.cells[0].textContent.toLowerCase();
    return parts.every((part) => text.includes(part)) &&
      (!verdict.value || row.cells[1].textContent.trim() === verdict.value);
  };
  const filter = () => {
    const parts = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kept = rows.filter((row) => fits(row, parts)), anchors = new Set();
    for (const row of rows) hide(row, !kept.includes(row));
    for (const [head, own] of groups) hide(head, own.every((row) => row.matches(".out")));
    for (const row of kept) anchors.add(row.cells[0].querySelector("a").hash.slice(1));
    for (const part of document.querySelectorAll("article.folded")) hide(part, !anchors.has(part.id));
    for (const paper of document.querySelectorAll("details.paper:has(article.folded)")) {
      hide(paper, !paper.querySelector("article:not(.out)"));
    }
    const all = kept.length === rows.length;
    shown.value = all ? "" : kept.length ? `${kept.length} of ${rows.length}` : "no claim";
  };
  const fromAddress = () => {
    find.value = state().get("find") ?? "";
    verdict.value = state().get("verdict") ?? "";
    filter();
  };
  tools.hidden = false;
  tools.addEventListener("submit", (event) => event.preventDefault());
  for (const field of [find, verdict]) field.addEventListener("input", () => {
    remember(field.name, field.value);
    filter();
  });
  unfold.addEventListener("click", () => {
    const open = unfold.textContent === "Unfold all";
    for (const part of document.querySelectorAll("details.paper, .folded > details")) {
      part.open = open;
    }
    unfold.textContent = open ? "Fold all" : "Unfold all";
  });
  addEventListener("hashchange", fromAddress);
  fromAddress();
}
// A link to a folded section unfolds it, and what it is folded in.
const reveal = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  const own = target.matches("details") ? target : target.querySelector(":scope > details");
  if (own) own.open = true;
  for (let part = target; part; part = part.parentElement) {
    if (part.matches("details")) part.open = true;
  }
  target.scrollIntoView();
};
addEventListener("hashchange", reveal);
reveal();
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details.inprint")) folded.open = true;
});
