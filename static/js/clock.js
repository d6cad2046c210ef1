// Counts the seconds on running tiles and draws their bars.
import { bind, fill } from "./bind.js";

const MOST = 0.95;
const LONG = 120;

bind("[data-elapsed]", (tile) => {
  const born = performance.now() - Number(tile.dataset.elapsed) * 1000;
  const typical = Number(tile.dataset.typical);
  const number = tile.querySelector(".elapsed");
  const bar = tile.querySelector(".progress");
  const tick = () => {
    if (!tile.isConnected) return clearInterval(timer);
    const seconds = Math.floor((performance.now() - born) / 1000);
    const late = seconds > typical * 1.25 + 1;
    number.textContent = words(number.dataset, seconds);
    bar.style.setProperty("--done", Math.min(MOST, (seconds + 1) / typical));
    tile.classList.toggle("late", late);
    tile.querySelector(".of-typical").hidden = late;
    tile.querySelector(".of-late").hidden = !late;
  };
  const timer = setInterval(tick, 1000);
  tick();
});

function words({ seconds, minutes }, passed) {
  return passed < LONG ? fill(seconds, { time: passed }) : fill(minutes, { time: Math.floor(passed / 60) });
}
