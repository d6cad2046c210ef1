// A page whose wall goes on as one scrolls, and is found again where it was left.
import "./wall-change.js";
import "./wall-more.js";
import "./wall-return.js";
