"use strict";
// Sortable tables: a button in each column head, the order in the address (#sort=cases or
// #sort=-cases), evidence unfolded for print.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  const value = (row, i) => row.cells[i].dataset.v ?? row.cells[i].textContent.trim();
  const compare = (a, b) => isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b;
  const sort = (i, down) => {
    const rows = [...body.rows], sign = down ? -1 : 1;
    const unknown = (row) => value(row, i) === "";
    rows.sort((a, b) => unknown(a) - unknown(b) || sign * compare(value(a, i), value(b, i)));
    body.append(...rows);
    heads.forEach((head, j) => j === i
      ? head.setAttribute("aria-sort", down ? "descending" : "ascending")
      : head.removeAttribute("aria-sort"));
  };
  const fromAddress = () => {
    const [, minus, key] = location.hash.match(/^#sort=(-?)([\w-]+)$/) ?? [];
    const i = heads.findIndex((head) => head.dataset.key === key);
    if (key && i >= 0) sort(i, minus === "-");
  };
  heads.forEach((head, i) => head.querySelector("button")?.addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    sort(i, down);
    history.replaceState(null, "", `#sort=${down ? "-" : ""}${head.dataset.key}`);
  }));
  addEventListener("hashchange", fromAddress);
  fromAddress();
}
// A link to a folded section unfolds it.
const unfold = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const folded = target?.querySelector(":scope > details");
  if (folded) folded.open = true;
};
addEventListener("hashchange", unfold);
unfold();
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details.inprint")) folded.open = true;
});
