// What every page can do.
import "./balance.js";
import "./copy.js";
import "./dialog.js";
import "./installed.js";
import "./menu.js";
import "./offline.js";
import "./reveal-password.js";
import "./shortcuts.js";
import "./theme-switch.js";
import "./toast.js";
