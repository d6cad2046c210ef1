// The gallery and the trash: selecting, and doing things to many.
import "./wall-page.js";
import "./gallery-select.js";
import "./gallery-act.js";
