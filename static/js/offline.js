// A request that found no server says so, and says that nothing is lost.
import { say } from "./toast.js";

const tell = (name) => say(document.querySelector("[data-toasts]").dataset[name], { error: true });

document.addEventListener("htmx:sendError", () => tell("offline"));
document.addEventListener("htmx:responseError", () => tell("trouble"));
