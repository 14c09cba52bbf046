// The pages work without this file; it makes them quicker to use.

import { followAlbum } from "./album.js";
import { enhanceAlbumUpload } from "./album_upload.js";
import { enhanceCamera } from "./camera.js";
import { rememberChoices } from "./choices.js";
import { offerCopy } from "./copy.js";
import { enhanceCorrection } from "./correction.js";
import { linkFaces } from "./faces.js";
import { enhanceForms } from "./forms.js";
import { localTimes } from "./times.js";
import { enhanceUpload } from "./upload.js";
import { explainInPlace } from "./why.js";
import { enableZoom } from "./zoom.js";

function enhance() {
  rememberChoices(document);
  enhanceUpload(document);
  enhanceAlbumUpload(document);
  enhanceCamera(document);
  enableZoom(document);
  enhanceCorrection(document);
  linkFaces(document);
  explainInPlace(document);
  offerCopy(document);
  localTimes(document);
  followAlbum(document);
  document.getElementById("summary")?.focus();
}

enhanceForms(enhance);
enhance();
