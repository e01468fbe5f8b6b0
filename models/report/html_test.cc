#include "models/report/html.h"

#include <gtest/gtest.h>

namespace aislewatch::report {
namespace {

TEST(EscapeHtmlTest, LeavesNoCharacterThatCouldBeMarkup) {
  EXPECT_EQ(EscapeHtml("<script>alert('1' & \"2\")</script>"),
            "&lt;script&gt;alert(&#39;1&#39; &amp; &quot;2&quot;)&lt;/script&gt;");
  EXPECT_EQ(EscapeHtml("&lt;"), "&amp;lt;");
}

TEST(EscapeHtmlTest, KeepsTextOfEveryLanguage) {
  EXPECT_EQ(EscapeHtml("Überwachung 監視 \U0001F6D2\n\tx"), "Überwachung 監視 \U0001F6D2\n\tx");
}

TEST(EscapeHtmlTest, ReplacesWhatIsNoUtf8) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(EscapeHtml("a\xFFz"), "a" + bad + "z");
  EXPECT_EQ(EscapeHtml("\xC3"), bad);                                // cut off
  EXPECT_EQ(EscapeHtml("\xC0\xBC"), bad + bad);                      // "<", overlong
  EXPECT_EQ(EscapeHtml("\xE0\x80\xBC"), bad + bad + bad);            // the same in three bytes
  EXPECT_EQ(EscapeHtml("\xED\xA0\x80"), bad + bad + bad);            // a surrogate
  EXPECT_EQ(EscapeHtml("\xF4\x90\x80\x80"), bad + bad + bad + bad);  // above U+10FFFF
  EXPECT_EQ(EscapeHtml(absl::string_view("a\0b\x1B", 4)), "a" + bad + "b" + bad);
  // A lead byte does not swallow the quote behind it.
  EXPECT_EQ(EscapeHtml("\xE4\""), bad + "&quot;");
}

TEST(ElementTest, EscapesContentAndAttributes) {
  EXPECT_EQ(Element("td", {{"title", "\"><b>"}}, {"a < b"}).markup(),
            "<td title=\"&quot;&gt;&lt;b&gt;\">a &lt; b</td>\n");
}

TEST(ElementTest, NestsWithoutEscapingTwice) {
  EXPECT_EQ(Element("p", {"1 & ", Element("b", {"<2>"})}).markup(),
            "<p>1 &amp; <b>&lt;2&gt;</b>\n</p>\n");
}

TEST(ElementTest, KnowsWhatHasNoClosingTag) {
  EXPECT_EQ(Element("img", {{"alt", "x"}}).markup(), "<img alt=\"x\">");
  EXPECT_EQ(Element("td", Attributes{}).markup(), "<td></td>\n");
}

}  // namespace
}  // namespace aislewatch::report
