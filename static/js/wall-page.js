// A page whose wall goes on as one scrolls.
import "./wall-change.js";
import "./wall-more.js";
