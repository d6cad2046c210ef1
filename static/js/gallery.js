// The gallery and the trash: selecting, and doing things to many.
import "./wall-change.js";
import "./wall-more.js";
import "./gallery-select.js";
import "./gallery-act.js";
import "./gallery-place.js";
