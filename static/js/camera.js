// The live picture: one frame at a time goes to the server, the next one when it is answered.
import { status } from "./forms.js";
import { follow, words } from "./tracks.js";
import { say } from "./words.js";

const LONG_SIDE = 640; // of the frames that are sent; the server takes no larger ones
const PAUSE_WHEN_BUSY = 250;
const BETWEEN_WORDS = 5000; // for screen readers
const SVG = "http://www.w3.org/2000/svg";
const REASONS = ["NotAllowedError", "NotFoundError", "NotReadableError"];

export function enhanceCamera(root) {
  const section = root.querySelector("[data-camera]");
  if (!section) return;
  section.hidden = false;
  if (!navigator.mediaDevices?.getUserMedia) {
    section.querySelector(".buttons").hidden = true;
    return complain(section, say("needs_https"));
  }
  section.querySelector(".start").addEventListener("click", () => start(section));
  section.querySelector(".stop").addEventListener("click", () => stop(section));
  section.querySelector(".keep").addEventListener("click", (event) => keep(event, section));
}

function complain(section, message) {
  const line = section.querySelector(".field-error");
  line.hidden = !message;
  line.textContent = message;
}

async function start(section) {
  complain(section, "");
  const video = section.querySelector("video");
  try {
    const wanted = { video: { width: { ideal: 1280 }, facingMode: "user" } };
    video.srcObject = await navigator.mediaDevices.getUserMedia(wanted);
    await video.play();
  } catch (error) {
    return complain(section, say(REASONS.includes(error.name) ? error.name : "no_camera"));
  }
  [video.width, video.height] = [video.videoWidth, video.videoHeight];
  show(section, true);
  section.querySelector(".keep").focus();
  watch(section, video);
}

function stop(section) {
  release(section.querySelector("video"));
  show(section, false);
  section.querySelector(".start").focus();
}

function release(video) {
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
}

function show(section, running) {
  for (const part of section.querySelectorAll("figure, .pace, .keep, .stop"))
    part.hidden = !running;
  section.querySelector(".start").hidden = running;
}

async function watch(section, video) {
  const stream = video.srcObject;
  const pace = section.querySelector(".pace");
  const boxes = section.querySelector(".boxes");
  let [tracks, answered, told, since] = [[], 0, 0, performance.now()];
  while (video.srcObject === stream && video.isConnected) {
    if (document.hidden) {
      await later(PAUSE_WHEN_BUSY);
      continue;
    }
    const frame = drawn(video, LONG_SIDE);
    const analysis = await ask(section, frame);
    if (!analysis) {
      await later(PAUSE_WHEN_BUSY);
      continue;
    }
    tracks = follow(tracks, analysis.faces);
    paint(boxes, tracks, frame);
    answered += 1;
    const now = performance.now();
    if (now - since < 1000) continue;
    const each = (1000 * answered) / (now - since);
    pace.textContent = say("pace", { count: Math.round(each) });
    section.dataset.pace = each.toFixed(1);
    [answered, since] = [0, now];
    if (now - told < BETWEEN_WORDS) continue;
    told = now;
    status(tracks.length ? tracks.map(words).join("; ") : say("no_face"));
  }
  for (const track of stream.getTracks()) track.stop(); // another page took this one's place
}

// What a frame shows, or null where it was not to be had: the next one may be.
async function ask(section, frame) {
  const body = await new Promise((done) => frame.toBlob(done, "image/jpeg", 0.8));
  const token = section.querySelector("input[name=csrf_token]").value;
  const headers = { "Content-Type": "image/jpeg", "X-CSRFToken": token };
  try {
    const answer = await fetch(section.dataset.camera, { method: "POST", body, headers });
    if (answer.redirected) location.reload(); // no longer signed in
    complain(section, answer.status === 429 ? say("paused") : "");
    return answer.ok ? await answer.json() : null;
  } catch {
    complain(section, say("retrying"));
    return null;
  }
}

function drawn(video, longSide) {
  const scale = Math.min(1, longSide / Math.max(video.videoWidth, video.videoHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function paint(boxes, tracks, frame) {
  boxes.setAttribute("viewBox", `0 0 ${frame.width} ${frame.height}`);
  const size = Math.max(frame.height / 24, (14 * frame.width) / boxes.clientWidth);
  boxes.replaceChildren(...tracks.flatMap((track) => marks(track, frame, size)));
}

function marks(track, frame, size) {
  const { x, y, width, height } = track.box;
  const text = words(track);
  const plate = { width: size * (0.6 * text.length + 0.8), height: size * 1.5 };
  const left = Math.max(0, Math.min(x, frame.width - plate.width));
  const top = y >= plate.height ? y - plate.height : y;
  const label = made("text", { x: left + plate.width / 2, y: top + size * 1.1, "font-size": size });
  label.textContent = text;
  return [
    made("rect", { class: "halo", x, y, width, height }),
    made("rect", { class: "box", x, y, width, height }),
    made("rect", { class: "plate", x: left, y: top, ...plate }),
    label,
  ];
}

function made(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

// The frame on the screen, at the camera's full resolution, goes the way of every photo.
async function keep(event, section) {
  event.preventDefault();
  const video = section.querySelector("video");
  const canvas = drawn(video, Math.max(video.videoWidth, video.videoHeight));
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
  const files = new DataTransfer();
  files.items.add(new File([blob], "camera.jpg", { type: "image/jpeg" }));
  const form = section.querySelector("form");
  form.querySelector("input[type=file]").files = files.files;
  form.requestSubmit(section.querySelector(".keep"));
}

const later = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
