// Put at the end of a made-up run's page by test_report_html.c: works its controls and writes into the title what holds.
const found = [];
const say = (name, holds) => found.push(`${name} ${holds ? "yes" : "NO"}`);

const table = document.querySelector("table.sortable"), heads = table.querySelectorAll("thead button");
const column = (i) => [...table.tBodies[0].rows].map((row) => row.cells[i].dataset.v);
// Six numbers in order, words after them.
const sorted = (values, sign) => {
  const numbers = values.filter((v) => v !== undefined).map(Number);
  return numbers.length === 6 && numbers.every((n, i) => !i || sign * (n - numbers[i - 1]) >= 0) &&
    values.slice(6).every((v) => v === undefined);
};
say("sorted-at-first", sorted(column(1), 1));
heads[4].click();
say("best-psnr-first", sorted(column(4), -1));
heads[4].click();
say("turned-round", sorted(column(4), 1));
say("aria-sort", table.querySelectorAll("th")[4].getAttribute("aria-sort") === "ascending");
heads[0].click();
say("by-name", table.tBodies[0].rows[1].textContent.startsWith("black"));

// Columns: at first those that fit, then those that are chosen.
const box = document.querySelector(".summary .scroll"), choices = [...document.querySelectorAll(".columns")][0].querySelectorAll("input");
const fits = () => box.scrollWidth <= box.clientWidth;
const psnr = () => [...table.rows].filter((row) => row.cells[4].offsetParent).length;
say("columns-fit", choices.length > 5 && (fits() || [...choices].slice(1).every((choice) => !choice.checked)));
if (!choices[3].checked) choices[3].click();
say("column-chosen", psnr() === table.rows.length);
choices[3].click();
say("column-left-out", psnr() === 0 && table.rows[0].cells[1].offsetParent !== null);
choices[3].click();

const filter = document.getElementById("filter");
const visible = () => [...table.tBodies[0].rows].filter((row) => row.offsetParent).length;
const type = (text) => { filter.value = text; filter.dispatchEvent(new Event("input")); };
type("LAMA");
say("filtered", visible() === 1 && document.getElementById("found").textContent === "1 of 8");
type("");
say("unfiltered", visible() === 8);

const viewer = document.querySelector(".viewer"), slider = viewer.querySelector("input[type=range]");
slider.value = "20";
slider.dispatchEvent(new Event("input"));
say("slides", getComputedStyle(viewer.querySelector(".b")).clipPath.includes("20%"));
document.querySelectorAll(".thumb")[3].click();
say("compares", viewer.querySelector(".tag.l").textContent === "truth" && viewer.querySelector(".tag.r").textContent === "glcic");
say("has-the-picture", document.querySelector(`${viewer.querySelector(".b use").getAttribute("href")} image`) !== null);

// The map of where LPIPS comes from stands in both lists.
const right = viewer.querySelector(".right-choice");
right.selectedIndex = [...right.options].findIndex((option) => option.text === "map of glcic");
right.dispatchEvent(new Event("change"));
say("maps", viewer.querySelector(".b use").getAttribute("href").endsWith("h") && viewer.querySelector(".legend").offsetParent !== null &&
  document.querySelector(`${viewer.querySelector(".b use").getAttribute("href")} image`) !== null);

// Every number: words filter, headings sort.
const numbers = document.querySelector("#numbers details"), rows = numbers.querySelector("input.rows");
numbers.open = true;
const left = () => [...numbers.querySelectorAll("tbody tr")].filter((row) => row.offsetParent);
rows.value = "lama PSNR seam";
rows.dispatchEvent(new Event("input"));
say("rows-filtered", left().length === 2 && left().every((row) => row.cells[0].textContent === "lama-fourier" && row.cells[3].textContent === "seam"));
rows.value = "";
rows.dispatchEvent(new Event("input"));
numbers.querySelectorAll("thead button")[4].click();
const means = left().map((row) => row.cells[4].dataset.v).filter((v) => v !== undefined).map(Number);
say("rows-sorted", means.length > 50 && means.every((v, i) => !i || v >= means[i - 1]));

// A chart of one drawing a metric.
const album = [...document.querySelectorAll("figure[data-pages]")].find((figure) => figure.querySelectorAll("option").length > 3);
const pages = () => [...album.querySelectorAll("[data-page]")].filter((page) => page.offsetParent).map((page) => page.dataset.page);
const list = album.querySelector("select");
list.selectedIndex = 1;
list.dispatchEvent(new Event("change"));
say("pages", pages().length === 1 && pages()[0] === list.value);

// What a screen reader and a keyboard need.
const named = (element) => (element.getAttribute("aria-label") || element.textContent || element.labels?.[0]?.textContent || "").trim() !== "";
say("controls-are-named", [...document.querySelectorAll("button, a[href], input, select")].every((element) =>
  named(element) || [...(element.labels || [])].some((label) => label.textContent.trim())));
say("ids-are-one", new Set([...document.querySelectorAll("[id]")].map((e) => e.id)).size === document.querySelectorAll("[id]").length);
say("headings-in-order", [...document.querySelectorAll("h1, h2, h3, h4")].every((h, i, all) => !i || Number(h.tagName[1]) - Number(all[i - 1].tagName[1]) <= 1));
say("tables-have-heads", [...document.querySelectorAll("table")].every((t) => t.caption && [...t.querySelectorAll("th")].every((th) => th.scope) &&
  [...t.tBodies[0].rows].every((row) => row.cells.length === t.tHead.rows[0].cells.length)));
say("pictures-are-named", [...document.querySelectorAll("svg")].every((svg) => svg.closest("[aria-hidden=true]") || svg.getAttribute("aria-label")));
say("boxes-that-scroll-take-focus", [...document.querySelectorAll(".scroll")].every((box) => box.tabIndex === 0 && box.getAttribute("aria-label")));
say("focus-shows", (() => { filter.focus(); return document.activeElement === filter; })());

// Contrast of every text with what is behind it (WCAG 2.2: 4.5, large or bold 3), in this theme and in the other.
const rgb = (text) => { const n = text.match(/[\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
const luminance = (c) => c.slice(0, 3).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const ground = (element) => {
  for (let e = element; e; e = e.parentElement) {
    const colour = rgb(getComputedStyle(e).backgroundColor);
    if (colour[3] > 0.5) return colour;
  }
  return [255, 255, 255, 1];
};
const faint = () => {
  const bad = [], walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || !element.checkVisibility({ visibilityProperty: true }) || element.closest(".stage, .vh, script")) continue;
    const style = getComputedStyle(element), svg = element.closest("svg");
    const front = luminance(rgb(svg ? style.fill : style.color)), back = luminance(ground(svg ?? element));
    const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
    if (ratio < 4.5) bad.push(`${node.textContent.trim().slice(0, 20)} ${ratio.toFixed(2)}`);
  }
  return bad;
};
let bad = faint();
say(`contrast${bad.length ? ` (${bad.slice(0, 3)})` : ""}`, bad.length === 0);

const shown = (selector) => [...document.querySelector(".charts").querySelectorAll(selector)].filter((e) => e.offsetParent).length;
const full = shown(".r-full"), sides = shown(".r-sides");
document.querySelector(".charts [value=sides]").click();
say("region", full > 5 && sides === 0 && shown(".r-full") === 0 && shown(".r-sides") === full);

const before = getComputedStyle(document.body).backgroundColor;
document.getElementById("theme").click();
say("theme", getComputedStyle(document.body).backgroundColor !== before);
bad = faint();
say(`contrast-in-the-other-theme${bad.length ? ` (${bad.slice(0, 3)})` : ""}`, bad.length === 0);
say("names-stay-text", window.hurt === undefined && document.scripts.length === 2);
say("not-too-wide", document.documentElement.scrollWidth <= innerWidth);

// A name is whole wherever it stands, of 25 letters and of 61; page.c has the classes.
const whole = (name, classes, long, before) => {
  document.documentElement.style.setProperty("--letters", long.length);
  document.body.className = classes;
  document.querySelectorAll("bdi").forEach((e) => { if (e.textContent === before) e.textContent = long; });
  document.querySelectorAll(".tag").forEach((e) => { e.textContent = long; });
  const its = [...document.querySelectorAll("bdi, .other, .tag")].filter((e) => e.textContent.includes(long) && e.checkVisibility());
  const cut = its.filter((e) => e.clientWidth && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 2));
  const rows = [...document.querySelectorAll(".row")].filter((e) => e.checkVisibility()).map((e) => [e, e.getBoundingClientRect()]);
  const over = rows.filter(([e, box]) => [...e.querySelectorAll("bdi")].some((n) => n.getBoundingClientRect().bottom > box.bottom + 1));
  say(`${name}${cut.length ? ` (${cut.length} of ${its.length}: ${cut.map((e) => e.closest("[class]:not(bdi, .name, .other)").className)})` : ""}`,
    its.length > 20 && its.some((e) => e.closest(".ends")) && its.some((e) => e.closest("th")) &&
    its.some((e) => e.className === "other") && !cut.length && !over.length);
};
whole("names-are-whole", "long", "lama-fourier@ngf32b6+hold", "glcic");
whole("names-of-61-letters-too", "long longer longest", "another-name-of-exactly-sixty-one-letters-or-something-nearby", "lama-fourier@ngf32b6+hold");
say("still-not-too-wide", document.documentElement.scrollWidth <= innerWidth);
say("nothing-fetched", performance.getEntriesByType("resource").every((entry) => entry.name.startsWith("data:")));
say("end", true);
document.title = `FOUND ${innerWidth} px: ${found.join("; ")}`;
parent.postMessage(document.title, "*");
