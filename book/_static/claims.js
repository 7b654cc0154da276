// The scorecard: a search box above its table, links that copy themselves, and a fold that opens where a link leads into it.
// Without JavaScript all claims stand in the table, links are links, and folds open by hand.

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const section = target?.closest("section");
  const fold = target?.closest("details") ?? section?.querySelector(":scope > details");
  if (!fold || fold.open) return;
  fold.open = true;
  target.scrollIntoView();
}

function addSearch(card) {
  const box = document.createElement("input");
  box.type = "search";
  box.placeholder = "Search the claims";
  box.setAttribute("aria-label", box.placeholder);
  box.className = "ws-search";
  box.addEventListener("input", () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of card.querySelectorAll("tbody tr")) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  });
  card.querySelector("table").before(box);
}

async function copyLink(event) {
  const link = event.currentTarget;
  try {
    await navigator.clipboard.writeText(link.href);
  } catch {
    return; // no clipboard, as in a page that is opened from a file: the link still leads to its place
  }
  link.classList.add("ws-copied");
  setTimeout(() => link.classList.remove("ws-copied"), 1500);
}

const card = document.querySelector(".ws-scorecard");
if (card) {
  addSearch(card);
  for (const link of document.querySelectorAll(".ws-anchor")) link.addEventListener("click", copyLink);
  addEventListener("hashchange", openTarget);
  openTarget();
}
