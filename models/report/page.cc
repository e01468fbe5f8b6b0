#include "models/report/page.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace aislewatch::report {
namespace {

// Colours that two kinds of colour blindness tell apart, at least 4.5:1 against the background.
constexpr absl::string_view kStyle = R"css(
:root { --bg: #fff; --fg: #1b1f24; --muted: #57606a; --line: #d0d7de; --card: #f6f8fa;
  --s0: #0b5cad; --s1: #a8480b; --s2: #5b6670; --heat: 11 92 173; --band: #f6d8c4; }
@media (prefers-color-scheme: dark) { :root { --bg: #14181d; --fg: #e6e9ec; --muted: #a3adb8;
  --line: #3a434d; --card: #1d232a; --s0: #7ab8ff; --s1: #ffab70; --s2: #a9b3bd;
  --heat: 122 184 255; --band: #5a3a26; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--fg); line-height: 1.5;
  font-family: system-ui, sans-serif; overflow-wrap: break-word; }
header, main, footer { max-width: 68rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 1.5rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; border-bottom: 1px solid var(--line); }
h3, h4 { font-size: 1rem; margin: 0 0 .25rem; }
p { max-width: 46rem; margin: .5rem 0; }
.muted, figcaption, caption, footer { color: var(--muted); }
.charts, .cards { display: grid; gap: 1.5rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); }
.cards { grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); gap: 1rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  padding: .75rem; font-size: .9rem; break-inside: avoid; }
.card img, .card .pose { display: block; width: 100%; height: auto; margin-bottom: .5rem;
  border-radius: .25rem; }
.card .pose { max-height: 14rem; background: var(--bg); }
h3.later { margin-top: 1.5rem; }
.card p { margin: .25rem 0; }
figure { margin: 0; break-inside: avoid; }
figcaption { font-size: .9rem; padding-left: .5rem; }
figcaption strong { display: block; color: var(--fg); }
.key { display: inline-block; margin-right: 1rem; }
.key svg { width: 1.75rem; height: .5rem; margin-right: .4rem; vertical-align: middle; }
svg text { fill: var(--muted); font-size: 12px; font-family: inherit; }
.chart { display: block; width: 100%; max-width: 32rem; height: auto; }
.strip { display: block; width: 12rem; height: 1.75rem; background: var(--card); }
.card .strip { width: 100%; background: var(--bg); }
.grid { stroke: var(--line); stroke-width: 1; }
.axis { stroke: var(--muted); stroke-width: 1; }
.chance { stroke: var(--muted); stroke-width: 1; stroke-dasharray: 2 4; }
.threshold { stroke: var(--fg); stroke-width: 1.5; stroke-dasharray: 5 3; }
.line { fill: none; stroke: var(--s0); stroke-width: 2; stroke-linejoin: round; }
.s1 { stroke: var(--s1); stroke-dasharray: 7 3; }
.s2 { stroke: var(--s2); stroke-dasharray: 2 3; }
.s3 { stroke: var(--s0); stroke-dasharray: 10 4 2 4; }
.s4 { stroke: var(--s1); stroke-dasharray: none; }
.s5 { stroke: var(--s2); stroke-dasharray: none; }
.band { fill: var(--band); }
.positive { fill: var(--s1); }
.negative { fill: var(--s0); }
.person { stroke: var(--s0); stroke-width: 3; stroke-linecap: round; }
.person circle { fill: var(--s1); stroke: none; }
.before { opacity: .3; stroke-width: 2; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; margin: .5rem 0; }
caption { text-align: left; padding-bottom: .25rem; }
th, td { padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); text-align: right;
  font-variant-numeric: tabular-nums; vertical-align: top; }
td { white-space: nowrap; }
tbody th { font-weight: inherit; min-width: 9rem; }
tbody th, .words { text-align: left; white-space: normal; }
thead th { font-weight: 600; vertical-align: bottom; }
.matrix td { padding: .6rem 1rem; text-align: center; min-width: 5rem;
  background: rgb(var(--heat) / var(--share)); }
.matrix td span { display: block; font-size: .8rem; }
.matrix th { padding: .6rem 1rem .6rem 0; }
.matrix thead th { padding: .3rem 1rem; text-align: center; }
summary { cursor: pointer; color: var(--s0); padding: .25rem 0; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  padding: .75rem; overflow-x: auto; font-size: .85rem; white-space: pre-wrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
dt { color: var(--muted); } dd { margin: 0; }
footer { padding-top: 2rem; padding-bottom: 2rem; font-size: .85rem; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
@media print {
  :root { --bg: #fff; --fg: #000; --muted: #444; --line: #bbb; --card: #fff; --s0: #0b5cad;
    --s1: #a8480b; --s2: #5b6670; --heat: 11 92 173; --band: #f6d8c4; }
  body { font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  h2, h3, caption { break-after: avoid; } tr, figure { break-inside: avoid; }
  .scroll { overflow: visible; } table { font-size: 7.5pt; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
)css";

// Nothing is fetched and nothing runs, even if markup got in.
constexpr absl::string_view kPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

Html Definition(const std::string& term, const Html& meaning) {
  Html pair = Element("dt", {term});
  pair += Element("dd", {meaning});
  return pair;
}

Html HowItWasMade(const Provenance& provenance) {
  constexpr absl::string_view kIso = "%Y-%m-%dT%H:%M:%SZ";
  Html facts = Definition(
      "Made",
      Element("time", {{"datetime", absl::FormatTime(kIso, provenance.time, absl::UTCTimeZone())}},
              {absl::FormatTime("%Y-%m-%d %H:%M UTC", provenance.time, absl::UTCTimeZone())}));
  facts += Definition("By", absl::StrCat("aislewatch ", provenance.version));
  facts += Definition("Command", Element("code", {provenance.command}));
  facts += Definition("Manifest", Element("code", {provenance.manifest_path}));
  return Section("How it was made",
                 {Element("dl", {facts}),
                  Folded("The model's manifest", Element("pre", {provenance.manifest}))});
}

}  // namespace

Html ToHtml(const Table& table) {
  Html head;
  for (const Table::Column& column : table.columns) {
    Attributes attributes = {{"scope", "col"}};
    if (column.words || head.markup().empty()) attributes.emplace_back("class", "words");
    head += Element("th", attributes, {column.name});
  }
  Html body;
  for (const std::vector<Html>& row : table.rows) {
    Html cells;
    for (size_t i = 0; i < row.size(); ++i) {
      const bool words = i < table.columns.size() && table.columns[i].words;
      cells += i == 0  ? Element("th", {{"scope", "row"}}, {row[i]})
               : words ? Element("td", {{"class", "words"}}, {row[i]})
                       : Element("td", {row[i]});
    }
    body += Element("tr", {cells});
  }
  // A wide table scrolls by itself, by keyboard, too.
  return Element(
      "div",
      {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", table.caption}},
      {Element("table", {Element("caption", {table.caption}),
                         Element("thead", {Element("tr", {head})}), Element("tbody", {body})})});
}

Html Folded(const std::string& summary, const Html& content) {
  return Element("details", {Element("summary", {summary}), content});
}

Html Note(std::initializer_list<Html> content) {
  return Element("p", {{"class", "muted"}}, content);
}

Html Section(const std::string& heading, std::initializer_list<Html> content) {
  Html all = Element("h2", {heading});
  for (const Html& part : content) all += part;
  return Element("section", {all});
}

std::string FigureText(const std::optional<double>& value) {
  return value ? absl::StrFormat("%.3f", *value) : "–";
}

std::string IntervalText(const std::optional<ranking::Interval>& interval) {
  return interval ? absl::StrFormat("%.3f to %.3f", interval->low, interval->high) : "–";
}

Html Picture(absl::string_view jpeg, const std::string& alt) {
  return Element(
      "img",
      {{"alt", alt}, {"src", absl::StrCat("data:image/jpeg;base64,", absl::Base64Escape(jpeg))}});
}

std::string Page(const std::string& title, const std::string& summary, const Html& body,
                 const Provenance& provenance) {
  const Html meta = [&] {
    Html all = Element("meta", {{"charset", "utf-8"}});
    all += Element("meta",
                   {{"http-equiv", "Content-Security-Policy"}, {"content", std::string(kPolicy)}});
    all +=
        Element("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
    all += Element("meta", {{"name", "color-scheme"}, {"content", "light dark"}});
    all += Element("title", {title});
    return all;
  }();
  const Html page = Element(
      "body",
      {Element("header", {Element("h1", {title}), Element("p", {summary})}),
       Element("main", {body, HowItWasMade(provenance)}),
       Element(
           "footer",
           {"This page needs no other file and no network. It says what one model did on one set "
            "of data; other shops, cameras and people give other figures."})});
  return absl::StrCat("<!DOCTYPE html>\n<html lang=\"en\"><head>", meta.markup(), "<style>", kStyle,
                      "</style></head>\n", page.markup(), "</html>\n");
}

}  // namespace aislewatch::report
