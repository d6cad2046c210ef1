// The gallery and the trash: selecting, doing things to many, and staying light however far one scrolls.
import "./gallery-select.js";
import "./gallery-act.js";
import "./gallery-release.js";
import "./gallery-place.js";
