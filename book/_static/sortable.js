// Tables of class "sortable": every column heading becomes a button that sorts the rows.
// A cell sorts by its data-sort, else by its text; columns of numbers sort as numbers, and
// empty cells stay last. Without JavaScript the table reads as it was written.

function key(row, column) {
  const cell = row.cells[column];
  return cell.dataset.sort ?? cell.textContent.trim();
}

function comparison(rows, column) {
  const filled = rows.map((row) => key(row, column)).filter((text) => text !== "");
  const numeric = filled.every((text) => !Number.isNaN(Number(text)));
  const words = new Intl.Collator("en", { numeric: true });
  return numeric ? (a, b) => Number(a) - Number(b) : words.compare;
}

function sortBy(table, heading) {
  const descending = heading.getAttribute("aria-sort") === "ascending";
  for (const other of table.tHead.rows[0].cells) other.setAttribute("aria-sort", "none");
  heading.setAttribute("aria-sort", descending ? "descending" : "ascending");

  const body = table.tBodies[0];
  const rows = [...body.rows];
  const compare = comparison(rows, heading.cellIndex);
  rows.sort((one, two) => {
    const [a, b] = [key(one, heading.cellIndex), key(two, heading.cellIndex)];
    if (a === "" || b === "") return (a === "") - (b === "");
    return descending ? compare(b, a) : compare(a, b);
  });
  body.append(...rows);
}

for (const table of document.querySelectorAll("table.sortable")) {
  for (const heading of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    heading.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => sortBy(table, heading));
  }
}
