"use strict";
// Copy buttons for ids: without scripts there are none, and nothing is missing.
document.querySelectorAll("code[data-copy]").forEach(function (code) {
  if (!navigator.clipboard && !document.execCommand) return;
  var button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "copy";
  button.setAttribute("aria-label", "Copy " + code.textContent);
  button.addEventListener("click", function () {
    copy(code).then(function () {
      button.textContent = "copied";
      document.getElementById("copied").textContent = "Copied " + code.textContent;
      setTimeout(function () { button.textContent = "copy"; }, 2000);
    }, function () { button.textContent = "not copied"; });
  });
  code.after(button);
});

// The selection works in pages that are opened from a file, where the clipboard may
// wait for a permission that nobody is asked for; it shows what was copied, too.
function copy(code) {
  var range = document.createRange();
  range.selectNodeContents(code);
  var selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  if (document.execCommand && document.execCommand("copy")) return Promise.resolve();
  if (navigator.clipboard) return navigator.clipboard.writeText(code.textContent);
  return Promise.reject(new Error("not copied"));
}
