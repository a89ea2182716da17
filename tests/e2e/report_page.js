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

const shown = (selector) => [...document.querySelector(".charts").querySelectorAll(selector)].filter((e) => e.offsetParent).length;
const full = shown(".r-full"), sides = shown(".r-sides");
document.querySelector(".charts [value=sides]").click();
say("region", full > 5 && sides === 0 && shown(".r-full") === 0 && shown(".r-sides") === full);

const ground = getComputedStyle(document.body).backgroundColor;
document.getElementById("theme").click();
say("theme", getComputedStyle(document.body).backgroundColor !== ground);
say("names-stay-text", window.hurt === undefined && document.scripts.length === 2);
say("not-too-wide", document.documentElement.scrollWidth <= innerWidth);
say("nothing-fetched", performance.getEntriesByType("resource").every((entry) => entry.name.startsWith("data:")));
say("end", true);
document.title = `FOUND ${innerWidth} px: ${found.join("; ")}`;
parent.postMessage(document.title, "*");
