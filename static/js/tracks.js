import { say } from "./words.js";

// Faces of one frame are those of the frame before where their boxes overlap; what is shown of
// them moves smoothly, as single frames are noisy.

const SAME = 0.3; // least intersection over union
const BOX_WEIGHT = 0.6; // of the new frame
const ANSWER_WEIGHT = 0.15;
const LOST_AFTER = 3; // frames without the face

export function follow(tracks, faces) {
  const free = new Set(tracks);
  const followed = faces.map((face) => {
    const before = nearest(free, face.box);
    free.delete(before);
    return before ? blended(before, face) : begun(face);
  });
  for (const track of free) {
    if (track.missed + 1 < LOST_AFTER) followed.push({ ...track, missed: track.missed + 1 });
  }
  return followed;
}

export function words(track) {
  const gender = say(track.female >= 0.5 ? "female" : "male");
  return `${track.years === null ? likeliest(track.buckets) : Math.round(track.years)} ${gender}`;
}

function likeliest(buckets) {
  return Object.entries(buckets).reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

function begun({ box, age, gender }) {
  return {
    box,
    years: age.years,
    buckets: age.distribution,
    female: gender.female,
    missed: 0,
  };
}

function blended(track, face) {
  const fresh = begun(face);
  const box = mixed(track.box, fresh.box, BOX_WEIGHT);
  const years =
    track.years === null || fresh.years === null
      ? fresh.years
      : mix(track.years, fresh.years, ANSWER_WEIGHT);
  const buckets = mixed(track.buckets, fresh.buckets, ANSWER_WEIGHT);
  return { box, years, buckets, female: mix(track.female, fresh.female, ANSWER_WEIGHT), missed: 0 };
}

const mix = (before, now, weight) => before + weight * (now - before);

function mixed(before, now, weight) {
  return Object.fromEntries(
    Object.keys(now).map((key) => [key, mix(before[key], now[key], weight)]),
  );
}

function nearest(tracks, box) {
  let [best, most] = [undefined, SAME];
  for (const track of tracks) {
    const shared = overlap(track.box, box);
    if (shared > most) [best, most] = [track, shared];
  }
  return best;
}

function overlap(one, other) {
  const width = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const height = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  const shared = Math.max(width, 0) * Math.max(height, 0);
  return shared / (one.width * one.height + other.width * other.height - shared);
}
