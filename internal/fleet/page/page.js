"use strict";
// Filter and sort: without scripts the table shows every org, the worst first.
(function () {
  var form = document.getElementById("filter");
  var body = document.querySelector("#orgs tbody");
  var rows = Array.prototype.slice.call(body.rows);
  var status = document.getElementById("shown");
  form.hidden = false;

  function filter() {
    var words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    var verdict = form.elements.verdict.value;
    var shown = 0;
    rows.forEach(function (row) {
      var text = row.textContent.toLowerCase();
      var fits = (!verdict || row.dataset.verdict === verdict) && words.every(function (w) { return text.indexOf(w) >= 0; });
      row.hidden = !fits;
      document.getElementById("report-" + row.dataset.org).hidden = !fits;
      if (fits) shown++;
    });
    status.textContent = shown + " of " + rows.length + " shown";
  }
  form.addEventListener("input", filter);
  form.addEventListener("submit", function (event) { event.preventDefault(); });

  Array.prototype.forEach.call(document.querySelectorAll("#orgs thead th"), function (head, column) {
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.textContent = "";
    head.appendChild(button);
    button.addEventListener("click", function () {
      var down = head.getAttribute("aria-sort") === "ascending";
      Array.prototype.forEach.call(head.parentNode.cells, function (other) { other.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      rows.sort(function (a, b) {
        var x = a.cells[column], y = b.cells[column];
        var order = (x.dataset.sort || x.textContent).localeCompare(y.dataset.sort || y.textContent, "en", { numeric: true });
        return down ? -order : order;
      });
      rows.forEach(function (row) { body.appendChild(row); });
    });
  });

  // A link to a report opens it, also in browsers that do not do that themselves.
  function open() {
    var target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.parentNode || target.parentNode.tagName !== "DETAILS") return;
    target.parentNode.open = true;
    target.scrollIntoView();
  }
  addEventListener("hashchange", open);
  open();
})();
