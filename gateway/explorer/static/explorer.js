// What every page can do better with a script; without one everything can be read and sent as well.

for (const advice of document.querySelectorAll("[data-without-script]")) advice.hidden = true;

// Empty fields of a filter stay out of the address.
for (const form of document.querySelectorAll("form[data-tidy]")) {
  form.addEventListener("submit", () => {
    for (const field of form.elements) {
      if (field.name && !field.value) field.disabled = true;
    }
  });
}

// A browser that goes back shows the page as it was sent off: fields are there again.
addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("form[data-tidy] :disabled")) field.disabled = false;
});

// A finding in the text and its line in the table belong together.
for (const mark of document.querySelectorAll("mark[data-mark]")) {
  const line = document.getElementById(`finding-${mark.dataset.mark}`);
  const light = (on) => {
    mark.classList.toggle("lit", on);
    line?.classList.toggle("lit", on);
  };
  for (const name of ["mouseenter", "focusin"]) mark.addEventListener(name, () => light(true));
  for (const name of ["mouseleave", "focusout"]) mark.addEventListener(name, () => light(false));
}

// Leave to see originals ends by itself: so does the page that shows them.
for (const clock of document.querySelectorAll("[data-until]")) {
  const until = Date.parse(clock.dataset.until);
  const tick = () => {
    const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (left > 0) return;
    clearInterval(timer);
    clock.textContent = clock.dataset.over;
    for (const original of document.querySelectorAll(".original")) original.textContent = "…";
    location.reload();
  };
  const timer = setInterval(tick, 1000);
  tick();
}
