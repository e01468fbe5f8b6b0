#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/report/confusion_matrix.h"
#include "models/report/group_table.h"
#include "models/report/mistakes.h"
#include "models/report/testing/page_parts.h"

namespace aislewatch::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(ConfusionMatrixTest, HasEveryCountWithItsShareOfTheRow) {
  const std::string html =
      Draw(ConfusionMatrix{"By <kind>", {"a", "b<"}, {"judged a", "judged b"}, {{3, 1}, {-1, 0}}})
          .markup();
  EXPECT_THAT(html, HasSubstr("<caption>By &lt;kind&gt;</caption>"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"col\">judged b</th>"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\">b&lt;</th>"));
  EXPECT_THAT(html, HasSubstr("3<span>75 %</span>"));
  EXPECT_THAT(html, HasSubstr("1<span>25 %</span>"));
  // A row of nothing, and a cell that cannot be.
  EXPECT_THAT(html, HasSubstr("0<span>0 %</span>"));
  EXPECT_THAT(html, HasSubstr("–"));
}

TEST(MistakesTest, AreCardsThatSayHowManyThereAre) {
  const std::string html = Unbroken(
      MistakeCards({{Picture("jpeg", "a frame"), "<1>.mp4", {"why", "where"}}, {{}, "2.mp4", {}}},
                   30)
          .markup());
  EXPECT_EQ(CountOf(html, "class=\"card\""), 2);
  EXPECT_EQ(CountOf(html, "<img"), 1);
  EXPECT_THAT(html, HasSubstr("2 of 30, worst first."));
  EXPECT_THAT(html, HasSubstr("<h4>&lt;1&gt;.mp4</h4><p>why</p><p>where</p>"));
  EXPECT_EQ(Unbroken(MistakeCards({}, 0).markup()), "<p>None.</p>");
}

TEST(GroupTableTest, MeasuresEachGroupByItself) {
  const Table table = GroupTable({"By block", "block", {"1", "2", "3"}, "clips", "fights"},
                                 {{0, 0.9f, true, true},
                                  {0, 0.2f, false, false},
                                  {1, 0.6f, false, true},
                                  {1, 0.3f, true, false}});
  ASSERT_EQ(table.rows.size(), 3u);
  const auto texts = [&](size_t row) {
    std::vector<std::string> cells;
    for (const Html& cell : table.rows[row]) cells.push_back(cell.markup());
    return cells;
  };
  EXPECT_THAT(texts(0), ElementsAre("1", "2", "1", "1.000", "1 of 1", "0 of 1", "1.000", "1.000"));
  EXPECT_THAT(texts(1), ElementsAre("2", "2", "1", "0.000", "0 of 1", "1 of 1", "0.000", "0.500"));
  EXPECT_THAT(texts(2), ElementsAre("3", "0", "0", "–", "–", "–", "–", "–"));
}

TEST(BlocksOfNeighboursTest, CutEachClassIntoRuns) {
  EXPECT_THAT(BlocksOfNeighbours({"a", "a", "a", "a", "b", "b", "b"}, 2),
              ElementsAre(0, 0, 1, 1, 0, 0, 1));
  EXPECT_THAT(BlocksOfNeighbours({}, 2), IsEmpty());
  // More blocks than clips leave some empty.
  EXPECT_THAT(BlocksOfNeighbours({"a"}, 5), ElementsAre(0));
}

TEST(PagePartsTest, ASectionEndsWhereItEnds) {
  std::string page = Section("One", {"first"}).markup();
  page += Section("Two", {"second"}).markup();
  EXPECT_THAT(SectionOf(page, "One"), HasSubstr("first"));
  EXPECT_THAT(SectionOf(page, "One"), Not(HasSubstr("second")));
  EXPECT_EQ(SectionOf(page, "Three"), "");
}

}  // namespace
}  // namespace aislewatch::report
