// The pages work without this file; it makes them quicker to use.
import { enhanceForms } from "./forms.js";
import { enhanceUpload } from "./upload.js";
import { linkFaces } from "./faces.js";
import { followAlbum } from "./album.js";
import { localTimes } from "./times.js";

function enhance() {
  enhanceUpload(document);
  linkFaces(document);
  localTimes(document);
  followAlbum(document);
  document.getElementById("summary")?.focus();
}

enhanceForms(enhance);
enhance();
