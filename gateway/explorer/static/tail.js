// Asks for what is new every two seconds, for as long as the page may, and puts it on top.

const EVERY_MS = 2000;
const MOST_ROWS = 500;
const table = document.getElementById("tail");
const state = document.getElementById("live");
const button = document.getElementById("pause");
const body = table.tBodies[0];
let at = table.dataset.at;
let running = true;
let over = false;

function say() {
  state.classList.toggle("running", running && !over);
  state.textContent = over ? state.dataset.over : running ? state.dataset.running : state.dataset.paused;
  button.textContent = running ? button.dataset.stop : button.dataset.go;
}

function cell(line, text, name) {
  const made = line.insertCell();
  made.textContent = text;
  if (name) made.className = name;
  return made;
}

function line(row) {
  const made = document.createElement("tr");
  made.className = "fresh";
  const link = document.createElement("a");
  link.href = table.dataset.exchange + encodeURIComponent(row.call_id);
  link.textContent = row.opened;
  cell(made, "", "when").append(link);
  const outcome = document.createElement("span");
  outcome.className = `outcome ${row.outcome}`;
  outcome.textContent = row.outcome_word;
  cell(made, "").append(outcome);
  cell(made, row.who);
  cell(made, row.model);
  cell(made, row.rule, "rule");
  cell(made, row.findings);
  cell(made, row.tokens, "num");
  cell(made, row.duration, "num");
  return made;
}

async function ask() {
  const query = `at=${encodeURIComponent(at)}&ticket=${encodeURIComponent(table.dataset.ticket)}`;
  const answer = await fetch(`${table.dataset.news}&${query}`, { headers: { accept: "application/json" }, redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function round() {
  if (running && !document.hidden) {
    try {
      const news = await ask();
      for (const row of news.rows) body.prepend(line(row));
      while (body.rows.length > MOST_ROWS) body.deleteRow(-1);
      at = news.next;
    } catch {
      over = true;
      button.hidden = true;
      say();
      return;
    }
  }
  setTimeout(round, EVERY_MS);
}

button.hidden = false;
button.addEventListener("click", () => {
  running = !running;
  say();
});
say();
setTimeout(round, EVERY_MS);
