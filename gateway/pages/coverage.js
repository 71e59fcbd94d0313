"use strict";
(() => {
  const form = document.getElementById("filters");
  const map = document.getElementById("map");
  const reasons = document.getElementById("reasons");
  const danish = new Intl.Collator("da", { numeric: true });

  const valueOf = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value ?? cell.textContent.trim();
  };
  const sortable = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const before = head.getAttribute("aria-sort");
        // Of counts the largest are wanted first.
        const up = before ? before === "descending" : !head.classList.contains("number");
        heads.forEach((each) => each.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => {
          const [one, other] = [valueOf(a, column), valueOf(b, column)];
          const numbers = one !== "" && other !== "" && !Number.isNaN(Number(one)) && !Number.isNaN(Number(other));
          const order = numbers ? Number(one) - Number(other) : danish.compare(one, other);
          return up ? order : -order;
        });
        table.tBodies[0].append(...rows);
      });
    });
  };

  const fits = (status, wanted) => wanted === "" || (wanted === "open" ? status !== "covered" : status === wanted);
  const filter = () => {
    const asked = new FormData(form);
    const kommune = asked.get("kommune").trim().toLocaleLowerCase("da");
    const [name, status] = [asked.get("name"), asked.get("status")];
    let shown = 0;
    for (const row of map.tBodies[0].rows) {
      const named = row.cells[0].textContent.toLocaleLowerCase("da").includes(kommune);
      let hits = 0;
      for (const cell of row.querySelectorAll("td[data-status]")) {
        const here = name === "" || cell.dataset.name === name;
        const hit = here && fits(cell.dataset.status, status);
        cell.toggleAttribute("data-out", !hit);
        hits += hit;
      }
      row.hidden = !named || hits === 0;
      shown += named ? hits : 0;
    }
    for (const row of reasons ? reasons.tBodies[0].rows : []) {
      const named = row.dataset.kommune.toLocaleLowerCase("da").includes(kommune);
      row.hidden = !named || (name !== "" && row.dataset.name !== name) || !fits(row.dataset.status, status);
    }
    document.getElementById("shown").textContent = `${shown} pladser vist`;
  };

  [map, reasons].filter(Boolean).forEach(sortable);
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  form.hidden = false;
  filter();
})();
