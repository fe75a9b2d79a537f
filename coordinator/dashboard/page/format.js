"use strict";
// Numbers and elements for people. Text always goes in as text: what a peer calls itself is never HTML.

const $ = (id) => document.getElementById(id);

function element(tag, attributes = {}, ...children) {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...children);
  return made;
}

// "1,234", "12.3", "0.0123", "1.2 M", "1 G": three digits or so.
function number(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1e9) return (value / 1e9).toLocaleString("en", { maximumSignificantDigits: 4 }) + " G";
  if (size >= 1e6) return (value / 1e6).toLocaleString("en", { maximumSignificantDigits: 4 }) + " M";
  if (size >= 100) return Math.round(value).toLocaleString("en");
  return value.toLocaleString("en", { maximumSignificantDigits: 3 });
}

// "0:07", "12:34", "3:04:05"
function duration(seconds) {
  if (!(seconds >= 0) || !Number.isFinite(seconds)) return "–";
  const whole = Math.floor(seconds);
  const two = (n) => String(n).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const dark = matchMedia("(prefers-color-scheme: dark)");

// Distinct on light and dark, also to most who see colours otherwise.
const PALETTE = ["#0f9b8e", "#e08a00", "#5b7fe0", "#d14d72", "#7a9a2f", "#9a6bd1", "#3aa0c9", "#b3703a"];
