/* The page is whole without this; with it, tables sort by their heads and the theme can be turned. */
(() => {
  "use strict";
  const root = document.documentElement, button = document.querySelector(".theme");
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const dark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const tell = () => { button.textContent = dark() ? "Light" : "Dark"; button.title = `Switch to the ${dark() ? "light" : "dark"} theme`; };
  button.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; tell(); });
  system.addEventListener("change", tell);
  button.hidden = false;
  tell();

  /* a number is compared as one, anything else as text; what is empty comes last, whichever way */
  const key = cell => cell.dataset.value !== undefined ? Number(cell.dataset.value) : cell.textContent.trim();
  const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
  const sort = (table, column, down) => {
    const rows = [...table.tBodies[0].rows].map(row => ({row, key: key(row.cells[column])}));
    const there = rows.filter(({key}) => key !== ""), empty = rows.filter(({key}) => key === "");
    there.sort((a, b) => (down ? -1 : 1) * compare(a.key, b.key));
    table.tBodies[0].append(...[...there, ...empty].map(({row}) => row));
  };
  document.querySelectorAll("table.sortable").forEach(table => {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      if (!head.textContent) return;                      /* a column of drawings has no order of its own */
      const by = document.createElement("button");
      by.type = "button";
      by.textContent = head.textContent;
      head.replaceChildren(by);
      by.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach(other => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        sort(table, column, down);
      });
    });
  });
})();
